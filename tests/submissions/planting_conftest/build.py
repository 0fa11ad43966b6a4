"""Files that pytest would run."""

from pathlib import Path


def build(folder: Path) -> None:
    for place in (folder, folder / "cs231n_utils", folder.parent):
        (place / "conftest.py").write_text("open('/tmp/planted_by_an_attack', 'w')\nraise SystemExit('planted')\n")
