"""Writing a file that others may be reading."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write all of a file or nothing, so that a reader never sees half a page."""
    write_parts(path, (text,))


def write_parts(path: Path, parts: Iterable[str]) -> None:
    """The same for a text that would take too much memory in one piece."""
    temporary = os.path.join(path.parent, f".{path.name}.tmp")
    # The text as it is, without a translation of line ends, which takes longer than the rest.
    with open(temporary, "wb") as file:
        file.writelines(part.encode() for part in parts)
    os.replace(temporary, path)


def write_if_other(path: Path, text: str) -> None:
    """Write all of a file, unless that is in there already."""
    try:
        is_there = path.read_bytes() == text.encode()
    except OSError:
        is_there = False
    if not is_there:
        write_whole(path, text)


def write_private(path: Path, content: bytes) -> None:
    """Write all of a file or nothing, for the owner's eyes only."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    os.replace(temporary, path)
