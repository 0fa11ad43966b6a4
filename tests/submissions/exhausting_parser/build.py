"""100,000 brackets, which are nothing to read."""

from pathlib import Path


def build(folder: Path) -> None:
    with open(folder / "cs231n_utils" / "linear_svm.py", "a") as file:
        file.write("\nx = " + "(" * 100_000 + ")" * 100_000 + "\n")
