"""What a platform's file finds in a download: one entry for each student and attempt, with what is
to be read for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from cs231n_utils.exercises import ASSIGNMENT
from grader.intake import times
from grader.intake.finding import Part
from grader.intake.hand_ins import HandIn
from grader.intake.times import UTC_ZONE, Time
from grader.intake.trees import Node, OnDisk


@dataclass(frozen=True)
class Clock:
    """How times in a download are read.

    zone : the course's, for a time without a zone
    secret : with which our collector seals times
    """

    zone: tzinfo = UTC_ZONE
    secret: str = ""


@dataclass(frozen=True)
class Level:
    """A folder of a download, or an archive, in which students are looked for.

    folder : the folder
    entries : what is in it, without what systems leave behind
    above : the names of the download and of the folders down to this one, without endings of
        archives
    """

    folder: Node
    entries: Sequence[Node]
    above: tuple[str, ...]

    def share(self, matches: Callable[[Node], object]) -> float:
        """The share of entries that match, from 0 to 1."""
        return sum(bool(matches(entry)) for entry in self.entries) / max(1, len(self.entries))


@dataclass(frozen=True, slots=True)
class Entry:
    """What one student handed in at one time.

    hand_in : as far as names and the platform's own files say; `taken` is False where it is clear
        by the name alone that nothing can be read
    parts : what is to be read
    is_sure : whether the platform itself says whose it is, so that several archives in it are all
        one student's
    """

    hand_in: HandIn
    parts: tuple[Part, ...] = ()
    is_sure: bool = True


class Later:
    """Students with one entry each, which lies on a disk, and is made when its turn comes.

    Of a student, only names are held: in a large class, entries would take most of the memory.
    """

    def __init__(
        self, folder: OnDisk, nodes: Mapping[str, Node], entry: Callable[[str, Node], Entry]
    ) -> None:
        """
        folder : in which all entries lie
        nodes : what each student's entry is made of
        entry : makes it
        """
        self.students = sorted(nodes)
        self._folder = OnDisk(folder.top, folder.parts)  # without its listing
        self._entry = entry
        self._names = [nodes[student].name for student in self.students]
        self._kinds = [nodes[student].kind for student in self.students]

    def entry(self, place: int) -> Entry:
        """The entry of the student who has this place among `students`."""
        node = self._folder.inner(self._names[place], self._kinds[place])
        return self._entry(self.students[place], node)


@dataclass
class Layout:
    """All that a platform's file finds.

    entries : in the order in which they count, of one student the last
    known : (name, what it is) of the platform's own files, which are nobody's work
    later : all students, if none of the `entries` is taken
    """

    entries: list[Entry] = field(default_factory=list)
    known: list[tuple[str, str]] = field(default_factory=list)
    later: Later | None = None

    def refuse(self, source: str, why: str, platform: str, student: str = "") -> None:
        """Name an entry that is not taken."""
        self.entries.append(
            Entry(HandIn(student, platform=platform, source=source, taken=False, note=why))
        )


@dataclass(frozen=True)
class Platform:
    """A layout of downloads.

    recognizes : whether a folder has this layout
    take : what is in it
    """

    name: str
    recognizes: Callable[[Level], bool]
    take: Callable[[Level, Clock], Layout]


def with_time(hand_in: HandIn, time: Time, claimed: bool = False) -> HandIn:
    """The record with a time, and with what must be said about it."""
    note = " ".join(filter(None, (hand_in.note, time.note)))
    return replace(hand_in, handed_in=time.at, note=note, claimed=claimed and time.at is not None)


def noted_time(file: Node, clock: Clock) -> Time:
    """The time in a `timestamp.txt`."""
    try:
        return times.from_file(file.read(times.MAX_BYTES), clock.zone)
    except Exception:  # a damaged zip can raise many kinds
        return Time(None, f"{times.TIME_FILE} cannot be read.")


def sealed_time(folder: Node, student: str, clock: Clock) -> datetime | None:
    """The time that our collector has noted and sealed in the folder of an assignment."""
    files = [folder.entry(name) for name in (times.TIME_FILE, times.SEAL_FILE)]
    try:
        text, seal = (file.read(times.MAX_BYTES) for file in files if file and file.is_file)
    except Exception:  # there are not two; or a damaged zip
        return None
    return times.sealed(text, seal, clock.secret, student, ASSIGNMENT) if clock.secret else None
