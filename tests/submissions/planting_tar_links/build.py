"""Symbolic and hard links, out of the tar and within it."""

from pathlib import Path

from tests.support.tars import hand_in_tar, member

SYMBOLIC, HARD = b"2", b"1"


def link(name: str, target: str, kind: bytes = SYMBOLIC) -> bytes:
    return member(name, kind=kind, fields={157: target.encode()})


def build(folder: Path) -> None:
    (folder / "cs231n_utils" / "linear_svm.py").unlink()
    neighbour = f"../neighbour_01/{folder.name}"
    hand_in_tar(folder, [
        link("cs231n_utils/linear_svm.py", f"{neighbour}/cs231n_utils/linear_svm.py"),
        link("best_model.npz", f"{neighbour}/best_model.npz", HARD),
        link("cs231n_utils/more.py", "/etc/passwd"),
        link("cs231n_utils/mine", neighbour),
        member("cs231n_utils/mine/planted.py", b"raise SystemExit\n"),
    ])
