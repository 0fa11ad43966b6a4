"""Many small modules."""

from pathlib import Path


def build(folder: Path) -> None:
    for k in range(5_000):
        (folder / "cs231n_utils" / f"zz{k}.py").write_text("x = 1\n")
