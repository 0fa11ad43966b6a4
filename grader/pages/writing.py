"""Writing a file that others may be reading."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write all of a file or nothing, so that a reader never sees half a page."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """The same for a text that is encoded already."""
    _write(path, (content,))


def write_parts(path: Path, parts: Iterable[str]) -> None:
    """The same for a text that would take too much memory in one piece."""
    # The text as it is, without a translation of line ends, which takes longer than the rest.
    _write(path, (part.encode() for part in parts))


def _write(path: Path, parts: Iterable[bytes]) -> None:
    temporary = os.path.join(path.parent, f".{path.name}.tmp")
    with open(temporary, "wb") as file:
        file.writelines(parts)
    os.replace(temporary, path)


def write_if_other(path: Path, parts: Callable[[], Iterable[str]]) -> None:
    """Write all of a file, unless that is in there already.

    parts : gives the parts of the text, each time that it is called
    """
    wanted = hashlib.sha256()
    for part in parts():
        wanted.update(part.encode())
    try:
        with open(path, "rb") as file:
            is_there = hashlib.file_digest(file, "sha256").digest() == wanted.digest()
    except OSError:
        is_there = False
    if not is_there:
        write_parts(path, parts())


def write_private(path: Path, content: bytes) -> None:
    """Write all of a file or nothing, for the owner's eyes only."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    os.replace(temporary, path)
