"""Bytes of Latin-1."""

from pathlib import Path


def build(folder: Path) -> None:
    with open(folder / "cs231n_utils" / "linear_svm.py", "ab") as file:
        file.write("\nsize = 'Größe'\n".encode("latin-1"))
