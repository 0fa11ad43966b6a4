"""A module larger than what is read."""

from pathlib import Path


def build(folder: Path) -> None:
    with open(folder / "cs231n_utils" / "linear_svm.py", "a") as file:
        file.write("# x\n" * 800_000)
