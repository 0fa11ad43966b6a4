"""Writing a file that others may be reading."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write all of a file or nothing, so that a reader never sees half a page."""
    write_parts(path, [text])


def write_new(path: str, content: bytes) -> None:
    """Write a file that nobody reads yet. Raises FileExistsError if there is one."""
    with _of(path), open(path, "xb", buffering=0) as file:
        rest = memoryview(content)
        while rest:
            rest = rest[file.write(rest) :]


def write_parts(path: Path, parts: Iterable[str]) -> None:
    """The same for a text that would take too much memory in one piece."""
    temporary = _beside(path)
    with _of(temporary), open(temporary, "wb") as file:
        file.writelines(part.encode() for part in parts)
    os.replace(temporary, path)


@contextmanager
def _of(path: str | Path) -> Iterator[None]:
    """Have an error name the file, which the errors of a full disk do not."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def _beside(path: Path) -> str:
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.tmp")


def write_if_other(path: Path, parts: Callable[[], Iterable[str]]) -> None:
    """Write all of a file, unless that is in there already. A file that cannot be read is replaced.

    parts : gives the parts of the text, each time that it is called
    """
    if not _holds(path, parts()):
        write_parts(path, parts())


def _holds(path: Path, parts: Iterable[str]) -> bool:
    """Whether there is a file that holds nothing but these parts."""
    try:
        if not path.is_file():  # nobody waits for a pipe
            return False
        with open(path, "rb") as file:
            return all(file.read(len(part)) == part for part in map(str.encode, parts)) and not (
                file.read(1)
            )
    except OSError:
        return False


def write_private(path: Path, content: bytes) -> None:
    """Write all of a file or nothing, for the owner's eyes only."""
    temporary = Path(_beside(path))
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with _of(temporary), open(descriptor, "wb") as file:
        file.write(content)
    os.replace(temporary, path)
