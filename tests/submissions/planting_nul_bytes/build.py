"""NUL bytes."""

from pathlib import Path


def build(folder: Path) -> None:
    with open(folder / "cs231n_utils" / "linear_svm.py", "ab") as file:
        file.write(b"\nx = '\0\0'\n")
