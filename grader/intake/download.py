"""Takes in a download: a zip or a folder, as a platform hands it out or as somebody arranged it.

The folder that holds the students is found through folders and archives around it, the platform
that it came from is recognized there, and each student's part is read when its turn comes. Every
entry ends as a record: taken, or not and why.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from cs231n_utils.exercises import ASSIGNMENT
from grader.faults import WrongUsage
from grader.intake import archives
from grader.intake.entries import Clock, Entry, Layout
from grader.intake.file_status import Status, of_file
from grader.intake.hand_ins import HandIn
from grader.intake.layouts import find_layout, unpacked
from grader.intake.students import Students
from grader.intake.trees import Kind, Node, OnDisk
from grader.temporary import Rows
from grader.text import legible

EXPECTED = (
    f"a download of a learning platform, or a folder with <student>/{ASSIGNMENT}/, <student>.zip or"
    " <student>.tar.gz, whose names do not begin with a dot"
)


class SubmissionsNotFound(WrongUsage):
    """There are no submissions; the text says what was looked for."""


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
        assert not attempts, f"{platform}: the students of a layout are all `later`, or none is"
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
