"""Every kind of member that is no file, and some that nobody knows."""

from pathlib import Path

from tests.support.tars import hand_in_tar, member


def build(folder: Path) -> None:
    devices = [member(f"cs231n_utils/device_{kind}.py", kind=kind.encode(), size=9) for kind in "346"]
    hand_in_tar(folder, devices + [member(f"cs231n_utils/other_{kind}.py", b"x = 1\n", kind.encode()) for kind in "789AZ"])
