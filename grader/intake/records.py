"""The records of a download, in a temporary file, so that those of a large class take no memory."""

from __future__ import annotations

import pickle
import weakref
from collections.abc import Iterator, Sequence

from grader.intake.hand_ins import HandIn
from grader.temporary import Rows, advice, open_database, values_of

MANY = 500  # places whose records are in memory at a time
_TABLES = "CREATE TABLE records (place INTEGER PRIMARY KEY, count INTEGER, pickled BLOB);"
_CACHE = 1  # MB
_values = values_of(HandIn)


class Records:
    """Records by their place in the download, which may come in any order.

    The file is closed, and is gone, when nobody refers to this.
    """

    def __init__(self) -> None:
        self._db = open_database(_TABLES, _CACHE)
        weakref.finalize(self, self._db.close)
        self._waiting: dict[int, tuple[HandIn, ...]] = {}  # to be written together

    def keep(self, place: int, records: Sequence[HandIn]) -> None:
        """Keep the records of a place, instead of those that it may have had."""
        self._waiting[place] = tuple(records)
        if len(self._waiting) >= MANY:
            self._write()

    def of(self, place: int) -> tuple[HandIn, ...]:
        """The records of a place."""
        if place in self._waiting:
            return self._waiting[place]
        with advice():
            found = self._db.execute(
                "SELECT pickled FROM records WHERE place = ?", (place,)
            ).fetchone()
        return _unpacked(found[0]) if found else ()

    def by_place(self) -> Iterator[tuple[int, tuple[HandIn, ...]]]:
        """The records of each place, in the order of the places."""
        last = -1
        while some := self._next(last):
            for place, pickled in some:
                yield place, _unpacked(pickled)
            last = some[-1][0]

    @property
    def places(self) -> int:
        """How many places have records."""
        return self._number("count(*)")

    @property
    def all(self) -> Rows[HandIn]:
        """All records, in the order of their places."""
        return Rows(
            lambda: self._number("sum(count)"),
            lambda: (one for _, records in self.by_place() for one in records),
        )

    def _number(self, what: str) -> int:
        self._write()
        with advice():
            return self._db.execute(f"SELECT {what} FROM records").fetchone()[0] or 0

    def _next(self, last: int) -> list[tuple[int, bytes]]:
        self._write()
        with advice():  # each further row is looked for when it is fetched
            return self._db.execute(
                "SELECT place, pickled FROM records WHERE place > ? ORDER BY place LIMIT ?",
                (last, MANY),
            ).fetchall()

    def _write(self) -> None:
        rows = [
            (place, len(records), pickle.dumps([*map(_values, records)]))
            for place, records in self._waiting.items()
        ]
        with advice():
            self._db.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)
        self._waiting.clear()


def _unpacked(pickled: bytes) -> tuple[HandIn, ...]:
    return tuple([HandIn(*values) for values in pickle.loads(pickled)])
