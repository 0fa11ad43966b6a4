"""The students of a download: each reads what it has handed in when its turn comes, and its records
are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar, overload

from grader.intake import reading
from grader.intake.entries import Entry
from grader.intake.file_status import Status, of_parts
from grader.intake.finding import NotTaken
from grader.intake.hand_ins import HandIn
from grader.intake.records import Records
from grader.intake.safe_files import Unreadable
from grader.intake.submission import Submission, as_text
from grader.intake.trees import OnDisk

T = TypeVar("T")


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
        attempts : by the student's place among the names; nobody asks for them after `forget`
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
        kept = self._records.of(place)
        # With records, the turn is over, and all that `read` has found is in them.
        attempts: Sequence[Entry] = () if kept else self._attempts(place)
        hand_ins = [*kept] or [attempts[-1].hand_in]
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
