"""Who handed in what, and when: a record for each entry of a download, taken or not."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Generic, TypeVar

from grader.text import one_line, table_cell

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HandIn:
    """One entry of a download, and what became of it.

    student : login or user name where the platform has one, otherwise its id
    platform_id, attachment_id : the platform's own ids, for files that go back to it
    handed_in : with its time zone; None where nobody says it
    late_flag : whether the platform marks the entry as late
    source : the entry's name in the download
    taken : whether it is graded; if not, `note` gives the reason and what would help
    claimed : whether `handed_in` is what the student's side says, and nobody else confirms
    superseded : whether it is not taken because something else of the same student counts
    missing : whether it stands for somebody of the roster who handed in nothing
    unknown : whether there is a roster, and nobody on it has handed this in
    """

    student: str
    name: str = ""
    email: str = ""
    platform: str = ""
    platform_id: str = ""
    attachment_id: str = ""
    handed_in: datetime | None = None
    late_flag: bool = False
    source: str = ""
    taken: bool = True
    note: str = ""
    claimed: bool = False
    superseded: bool = False
    missing: bool = False
    unknown: bool = False

    @property
    def confirmed(self) -> datetime | None:
        """When it was handed in, if anybody but the student's side says so."""
        return None if self.claimed else self.handed_in

    @property
    def is_somebodys(self) -> bool:
        """Whether it is of somebody whose work is taken, or whom the platform or the roster knows
        by a name, an address or an id. An archive of several students is nobody's.
        """
        known = self.taken or self.name or self.email or self.platform_id
        return bool(self.student and known)


def people(hand_ins: Iterable[HandIn]) -> dict[str, HandIn]:
    """Student -> the record that counts, of all who are somebody."""
    found: dict[str, HandIn] = {}
    for one in hand_ins:
        if one.is_somebodys and (one.taken or one.student not in found):
            found[one.student] = one
    return found


# The columns of hand_ins.csv: name, and the cell of a record.
COLUMNS: tuple[tuple[str, Callable[[HandIn], str]], ...] = (
    ("student", lambda one: table_cell(one.student)),
    ("name", lambda one: table_cell(one.name)),
    ("email", lambda one: table_cell(one.email)),
    ("platform", lambda one: one.platform),
    ("platform_id", lambda one: table_cell(one.platform_id)),
    ("attachment_id", lambda one: table_cell(one.attachment_id)),
    ("handed_in", lambda one: one.handed_in.isoformat() if one.handed_in else ""),
    ("late_flag", lambda one: "yes" if one.late_flag else ""),
    ("source", lambda one: table_cell(one.source)),
    ("taken", lambda one: "yes" if one.taken else "no"),
    ("note", lambda one: table_cell(one.note)),
)


def table(hand_ins: Iterable[HandIn]) -> Iterator[str]:
    """The lines of hand_ins.csv."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(name for name, _ in COLUMNS)
    for one in hand_ins:
        yield text.getvalue()
        text.seek(0)
        text.truncate()
        # Most cells are empty, and a large class has many.
        writer.writerow([value and one_line(value) for value in (cell(one) for _, cell in COLUMNS)])
    yield text.getvalue()


# --- what the command line says -------------------------------------------------------------------

MAX_LINES = 40  # of one kind, on a terminal
SOME = 20  # names in a line


def remarks(hand_ins: Sequence[HandIn], known: Sequence[tuple[str, str]]) -> list[str]:
    """A line for each entry that was not taken, and for whatever else staff should know.

    known : (name, what it is) of the platform's own files in the download
    """
    refused: First[HandIn] = First(MAX_LINES)
    notes: dict[str, First[str]] = {}
    unknown, missing = First[str](SOME), First[str](SOME)
    for one in hand_ins:
        if not one.taken and not one.missing:
            refused.append(one)
        if one.taken and one.note:
            notes.setdefault(one.note, First(SOME)).append(one.student)
        if one.unknown:
            unknown.append(one.student)
        if one.missing:
            missing.append(one.student)
    lines = _first((f"Not taken: {_who(one)}: {one_line(one.note)}" for one in refused), refused)
    lines += _first((f"{some(who)}: {one_line(note)}" for note, who in notes.items()), notes)
    if known:
        lines.append("Nobody's work: " + "; ".join(f"{one_line(a)} ({b})" for a, b in known) + ".")
    if unknown:
        lines.append(f"Not on the roster: {some(unknown)}.")
    if missing:
        lines.append(f"On the roster, and handed in nothing: {some(missing)}.")
    return lines


def _who(one: HandIn) -> str:
    source = one_line(one.source)
    return source if one.student in ("", one.source) else f"{source} (of {one_line(one.student)})"


def _first(lines: Iterable[str], of: Sized) -> list[str]:
    """The first lines, one of each; and how many more there would be."""
    more = len(of) - MAX_LINES
    return [*islice(lines, MAX_LINES), *([f"And {more} more."] if more > 0 else [])]


class First(Generic[T]):
    """A list of which only the first items are kept; its length is that of the whole."""

    def __init__(self, most: int) -> None:
        self._most, self._count = most, 0
        self._kept: list[T] = []
        self._last: T | None = None

    def append(self, item: T) -> None:
        self._count += 1
        self._last = item
        if len(self._kept) < self._most:
            self._kept.append(item)

    def append_new(self, item: T) -> None:
        """Add an item, unless it is the one that was added last."""
        if item != self._last:
            self.append(item)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return iter(self._kept)

    def __getitem__(self, where: slice) -> list[T]:
        return self._kept[where]


def some(names: Sequence[str] | First[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - SOME} more" if len(names) > SOME else ""
    return ", ".join(map(one_line, names[:SOME])) + more


def summary(hand_ins: Sequence[HandIn]) -> str:
    """How many entries were taken, and how many not."""
    taken = refused = replaced = missing = unknown = 0
    for one in hand_ins:
        taken += one.taken
        missing += one.missing
        unknown += one.unknown
        if not one.taken and not one.missing:
            refused += 1
            replaced += one.superseded
    parts = [
        f"{taken} taken",
        f"{refused} not taken" + (f" ({replaced} of them replaced)" if replaced else ""),
        *([f"{missing} missing"] if missing else []),
        *([f"{unknown} not on the roster"] if unknown else []),
    ]
    return f"Hand-ins: {', '.join(parts)}."
