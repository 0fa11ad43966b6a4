"""A mark at the beginning."""

from pathlib import Path


def build(folder: Path) -> None:
    for path in (folder / "cs231n_utils").glob("*.py"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
