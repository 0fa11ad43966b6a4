"""Takes in a download: a zip or a folder, as a platform hands it out or as somebody arranged it.

The folder that holds the students is found through folders and archives around it, the platform
that it came from is recognized there, and each student's part is read when its turn comes. Every
entry ends as a record: taken, or not and why.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TypeVar, overload

from cs231n_utils.exercises import ASSIGNMENT
from grader.faults import WrongUsage
from grader.intake import archives, reading
from grader.intake.entries import Clock, Entry, Layout
from grader.intake.file_status import Status, of_file, of_parts
from grader.intake.finding import NotTaken
from grader.intake.hand_ins import HandIn
from grader.intake.layouts import find_layout, unpacked
from grader.intake.records import Records
from grader.intake.safe_files import Unreadable
from grader.intake.submission import Submission, as_text
from grader.intake.trees import Kind, Node, OnDisk
from grader.temporary import Rows
from grader.text import legible

T = TypeVar("T")
EXPECTED = (
    f"a download of a learning platform, or a folder with <student>/{ASSIGNMENT}/, <student>.zip or"
    " <student>.tar.gz, whose names do not begin with a dot"
)


class SubmissionsNotFound(WrongUsage):
    """There are no submissions; the text says what was looked for."""


@dataclass(slots=True)
class Student:
    """What one student handed in, to be read while the download is open.

    It can be pickled, unless it lies in a zip; then it can be read in another process.

    attempts : the last one counts
    packed : the status of the download, if that is one file
    notes : what `read` has found for staff
    hand_ins : one record for each entry of the student's in the download; complete after `read`
    done : is called with the student when its turn is over
    """

    student: str
    attempts: Sequence[Entry]
    hand_ins: list[HandIn]
    packed: Status | None = None
    notes: tuple[str, ...] = ()
    done: Callable[[Student], None] | None = field(default=None, compare=False, repr=False)

    def __reduce__(self) -> tuple[type[Student], tuple[object, ...]]:
        what = (self.student, self.attempts, self.hand_ins, self.packed, self.notes)
        return Student, what  # `done` stays with the download

    @property
    def hand_in(self) -> HandIn:
        """The record that counts."""
        return self.hand_ins[0]

    @property
    def is_on_disk(self) -> bool:
        """Whether any process of this machine can read it, by the paths of files and folders."""
        return all(isinstance(part.node, OnDisk) for one in self.attempts for part in one.parts)

    def status(self) -> Status | None:
        """What the file system says of all that `read` reads; None if that is not known, or if
        there are several attempts.
        """
        if len(self.attempts) != 1:
            return None
        (entry,) = self.attempts
        return self.packed or of_parts(entry.parts, entry.is_sure)

    def take_as_read(self, notes: Sequence[str]) -> None:
        """Complete the record as `read` did in an earlier run, when it found these notes."""
        self.hand_ins[0] = replace(self.hand_in, note=_joined(self.hand_in.note, *notes))

    def read(self) -> Submission:
        """Read the files that grading uses, of the last attempt that has any. Raises NotTaken."""
        done, entry = self._last(
            lambda entry: reading.read(self.student, entry.parts, entry.is_sure)
        )
        self.take_as_read(done.notes)
        self.notes = done.notes
        self.hand_ins += [
            replace(_superseded(entry.hand_in, why), source=_below(entry, name))
            for name, why in done.beside
        ]
        return done.submission

    def forget(self) -> None:
        """End the student's turn: the download keeps the records, and what only `read` needs goes.
        In a large class, it would take most of the memory.
        """
        for part in (part for entry in self.attempts for part in entry.parts):
            part.node.forget()
        self.attempts = ()
        if self.done:
            self.done(self)

    def whole_kit(self) -> dict[str, bytes | Unreadable]:
        """Read all files of the kit, notebooks included, likewise: path in the kit -> content, or
        why it cannot be read. Raises NotTaken.
        """
        (files, notes), _ = self._last(lambda entry: reading.whole_kit(entry.parts, entry.is_sure))
        self.hand_ins[0] = replace(self.hand_in, note=_joined(self.hand_in.note, *notes[:5]))
        return files

    def _last(self, read: Callable[[Entry], T]) -> tuple[T, Entry]:
        """What `read` makes of the last attempt of which it makes anything. Raises NotTaken."""
        refused: list[HandIn] = []
        for k in reversed(range(len(self.attempts))):
            entry = self.attempts[k]
            try:
                done = read(entry)
            except NotTaken as why:
                note = _joined(entry.hand_in.note, str(why))
                refused.append(replace(entry.hand_in, taken=False, note=note))
                continue
            later = f"A later attempt counts: {entry.hand_in.source}."
            earlier = [
                _superseded(one.hand_in, _joined(one.hand_in.note, later))
                for one in self.attempts[:k]
            ]
            self.hand_ins = [self._taken(entry, k), *earlier, *refused]
            return done, entry
        self.hand_ins = refused
        raise NotTaken(refused[0].note)

    def _taken(self, entry: Entry, k: int) -> HandIn:
        several = len(self.attempts)
        attempt = ""
        if several > 1:
            which = "the last" if k == several - 1 else f"number {k + 1}"
            attempt = f"Of {several} attempts, {which} counts."
        return replace(entry.hand_in, note=_joined(attempt, entry.hand_in.note))


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _below(entry: Entry, name: str) -> str:
    source = entry.hand_in.source
    return as_text(name) if len(entry.parts) > 1 else f"{source}/{as_text(name)}"


def _superseded(hand_in: HandIn, why: str) -> HandIn:
    return replace(hand_in, taken=False, superseded=True, note=why)


class Students(Sequence[Student]):
    """The students of a download, sorted by name. Each is made anew whenever somebody looks at it,
    and its records are kept in a temporary file, so that a large class takes little memory.
    """

    def __init__(
        self,
        names: Sequence[str],
        attempts: Callable[[int], Sequence[Entry]],
        forget: Callable[[int], None],
        packed: Status | None,
    ) -> None:
        """
        attempts : by the student's place among the names; none after `forget`
        packed : as for Student
        """
        self._names, self._attempts, self._forget = names, attempts, forget
        self._packed = packed
        self._records = Records()

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, where: int) -> Student: ...
    @overload
    def __getitem__(self, where: slice) -> Sequence[Student]: ...
    def __getitem__(self, where: int | slice) -> Student | Sequence[Student]:
        places = range(len(self))[where]
        return self._student(places) if isinstance(places, int) else [*map(self._student, places)]

    def _student(self, place: int) -> Student:
        attempts = self._attempts(place)
        hand_ins = [attempts[-1].hand_in] if attempts else [*self._records.of(place)]
        return Student(
            self._names[place], attempts, hand_ins, self._packed, done=partial(self._end, place)
        )

    def _end(self, place: int, student: Student) -> None:
        self._records.keep(place, student.hand_ins)
        self._forget(place)

    def hand_ins(self) -> Iterator[HandIn]:
        """The records of all students; as far as they are known, of those who had no turn."""
        following = 0
        for place, records in self._records.by_place():
            for one in range(following, place):
                yield from self._student(one).hand_ins
            yield from records
            following = place + 1
        for one in range(following, len(self)):
            yield from self._student(one).hand_ins

    @property
    def number_of_records(self) -> int:
        """How many `hand_ins` gives."""
        return len(self._records.all) + len(self) - self._records.places


@dataclass
class Download:
    """What is in a download.

    platform : from which it seems to be
    students : sorted by name
    not_taken : entries of which nothing can be read, and why
    known : (name, what it is) of the platform's own files
    """

    platform: str
    students: Students
    not_taken: list[HandIn]
    known: list[tuple[str, str]]

    @property
    def hand_ins(self) -> Sequence[HandIn]:
        """A record for each entry; complete when the turns of all students are over."""
        return Rows(
            lambda: self.students.number_of_records + len(self.not_taken),
            lambda: chain(self.students.hand_ins(), self.not_taken),
        )


@contextmanager
def open_download(
    path: Path,
    clock: Clock | None = None,
    without: Path | None = None,
    with_time: Callable[[HandIn], HandIn] = lambda hand_in: hand_in,
) -> Iterator[Download]:
    """Open a download. Its students can be read until it is closed. Raises SubmissionsNotFound.

    without : a folder that does not count as an entry, although it may lie in there
    with_time : gives a record the time that is known from elsewhere
    """
    packed = of_file(path) if path.is_file() else None
    with ExitStack() as opened:
        root = _root(path, opened)
        above = (path.name.removesuffix(archives.suffix(path.name)) or path.resolve().name,)
        entries = [node for node in root.listing() if not _leads_to(without, path, node)]
        layout, platform = find_layout(root, entries, above, clock or Clock(), opened)
        download = _download(layout, platform, path, packed, with_time)
        # Only the students hold what is theirs, until it is read: of a zip, the download itself
        # would hold its whole table of contents.
        del root, entries, layout
        yield download


def _leads_to(place: Path | None, path: Path, node: Node) -> bool:
    """Whether an entry of the folder `path` is this place, or a folder around it."""
    if place is None or not (node.kind is Kind.LINK or node.name in place.parts):
        return False  # without asking the file system
    return (path / node.name).resolve() in (place, *place.parents)


def _root(path: Path, opened: ExitStack) -> Node:
    if path.is_dir():
        # Absolute, because nbgrader changes the working directory while it makes the gradebook.
        return OnDisk(Path(os.path.abspath(path)))
    suffix = archives.suffix(path.name)
    if not path.is_file() or suffix.lower() != ".zip":
        what = f"is {suffix}" if suffix and path.is_file() else "is not a folder, nor a zip"
        help_ = " Unpack it, and give the folder." if suffix and path.is_file() else ""
        raise SubmissionsNotFound(f"{path} {what}.{help_} Expected {EXPECTED}.")
    try:
        return unpacked(path.name, opened.enter_context(open(path, "rb")))
    except Exception as error:  # hostile bytes can raise many kinds
        raise SubmissionsNotFound(
            f"{path} cannot be read ({legible(str(error))}). Download it again."
        ) from error


def _download(
    layout: Layout,
    platform: str,
    path: Path,
    packed: Status | None,
    with_time: Callable[[HandIn], HandIn],
) -> Download:
    attempts: dict[str, list[Entry]] = {}
    not_taken = []
    for entry in layout.entries:
        if entry.hand_in.taken:
            attempts.setdefault(entry.hand_in.student, []).append(entry)
        else:
            not_taken.append(entry.hand_in)
    later = layout.later
    if later and later.students:
        students = Students(
            later.students,
            lambda place: (_timed(later.entry(place), with_time),),
            lambda place: None,
            packed,
        )
    elif attempts:
        students = _of_entries(attempts, packed, with_time)
    else:
        names = ", ".join(legible(one.source) for one in not_taken[:5]) or "nothing"
        more = f" and {len(not_taken) - 5} more" if len(not_taken) > 5 else ""
        why = f" {legible(not_taken[0].note, 200)}" if not_taken else ""
        raise SubmissionsNotFound(
            f"No submissions in {path} (found: {names}{more}).{why} Expected {EXPECTED}."
        )
    return Download(platform, students, not_taken, layout.known)


def _timed(entry: Entry, with_time: Callable[[HandIn], HandIn]) -> Entry:
    hand_in = with_time(entry.hand_in)
    return entry if hand_in is entry.hand_in else replace(entry, hand_in=hand_in)


def _of_entries(
    attempts: dict[str, list[Entry]], packed: Status | None, with_time: Callable[[HandIn], HandIn]
) -> Students:
    """The students of a layout whose entries are there, each until the student's turn is over."""
    names = sorted(attempts)
    left = [
        [_timed(entry, with_time) for entry in sorted(attempts[name], key=_when)] for name in names
    ]
    return Students(names, left.__getitem__, lambda place: left[place].clear(), packed)


def _when(entry: Entry) -> datetime:
    """For sorting attempts; those without a time keep their order, before all others."""
    return entry.hand_in.handed_in or datetime.min.replace(tzinfo=UTC)
