"""A database in a temporary file, for what a large class would otherwise hold in memory.

The file has no name, so nobody else can open it, and it is gone when the run ends, however that
happens.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar, overload

from grader.faults import GraderFault

T = TypeVar("T")
_SETTINGS = """
PRAGMA journal_mode = OFF;
PRAGMA temp_store = FILE;
PRAGMA cache_size = {};
{}
BEGIN;
"""


def open_database(tables: str, cache: int) -> sqlite3.Connection:
    """A new database, with all that is done to it in one transaction, which never ends.

    tables : statements that make them
    cache : MB of it that are held in memory
    """
    with advice():
        database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        database.executescript(_SETTINGS.format(-1000 * cache, tables))
        return database


class advice:
    """A context in which each fault of the database says what to do."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, where: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise GraderFault(
                f"The table of the class cannot be kept in a temporary file ({error}). Is there"
                " room in its folder? The variable SQLITE_TMPDIR names it, else TMPDIR, else it is"
                " /var/tmp."
            ) from error


def values_of(kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that gives the values of all fields of an object of this dataclass.

    They are pickled, and `kind(*values)` made of them, in less time than the object itself.
    """
    return attrgetter(*(field.name for field in fields(kind)))


class Rows(Sequence[T]):
    """A sequence whose items are read from a table each time that somebody looks at them."""

    def __init__(self, count: Callable[[], int], read: Callable[[], Iterator[T]]) -> None:
        self._count, self._read = count, read

    def __len__(self) -> int:
        return self._count()

    def __iter__(self) -> Iterator[T]:
        return self._read()

    @overload
    def __getitem__(self, where: int) -> T: ...
    @overload
    def __getitem__(self, where: slice) -> Sequence[T]: ...
    def __getitem__(self, where: int | slice) -> T | Sequence[T]:
        return list(self)[where]
