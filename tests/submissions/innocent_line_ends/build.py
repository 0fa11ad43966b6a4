"""CRLF."""

from pathlib import Path


def build(folder: Path) -> None:
    for path in (folder / "cs231n_utils").glob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
