"""Folders in folders."""

from pathlib import Path


def build(folder: Path) -> None:
    deep = folder / "cs231n_utils"
    (deep / "loop").symlink_to(deep)
    for _ in range(150):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "x.py").write_text("raise SystemExit\n")
