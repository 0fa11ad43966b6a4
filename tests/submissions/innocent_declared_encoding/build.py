"""Latin-1 with a declaration."""

from pathlib import Path


def build(folder: Path) -> None:
    path = folder / "cs231n_utils" / "linear_svm.py"
    path.write_bytes(b"# -*- coding: latin-1 -*-\n" + path.read_bytes() + "\n# Größe\n".encode("latin-1"))
