"""Names that hide libraries."""

from pathlib import Path


def build(folder: Path) -> None:
    for place in (folder, folder.parent):
        for name in ("numpy.py", "os.py", "random.py", "tqdm.py", "json.py", "struct.py"):
            (place / name).write_text("raise SystemExit('planted')\n")
