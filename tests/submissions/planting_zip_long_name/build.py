"""100 letters of 3 bytes each."""

from pathlib import Path

from tests.support.attack_cases import hand_in_zip


def build(folder: Path) -> None:
    name = "\u4e2d" * 100
    hand_in_zip(folder, {f"cs231n_utils/{name}.py": b"x = 1\n"})
