"""The sizes are changed after the fact."""

from pathlib import Path

from tests.support.attack_cases import hand_in_zip


def build(folder: Path) -> None:
    size = 3_333_333
    archive = hand_in_zip(folder, {"cs231n_utils/zzz.py": b"x" * size})
    archive.write_bytes(archive.read_bytes().replace(size.to_bytes(4, "little"), (9).to_bytes(4, "little")))
