"""A folder or an archive for each student, which is called after the student; among them what
nbgrader and ngshare collect: `<student>/<assignment>/` with `timestamp.txt`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from cs231n_utils.exercises import ASSIGNMENT
from grader.intake import archives, kits, times
from grader.intake.entries import (
    Clock,
    Entry,
    Later,
    Layout,
    Level,
    Platform,
    noted_time,
    sealed_time,
    with_time,
)
from grader.intake.finding import Part, why_not
from grader.intake.hand_ins import HandIn
from grader.intake.submission import as_text
from grader.intake.trees import Kind, Node, OnDisk

NAME, COLLECTED = "folders", "nbgrader"
_HIDDEN = "Its name begins with a dot, so it is hidden. Rename it if it is a student's."
_UNSURE = "It is called like the assignment, so it is not known whose it is."
_NOBODYS = (
    "It lies beside the students' folders, so it is not known whose it is. If it is a student's,"
    " put it into a folder that is called after the student."
)


def _take(level: Level, clock: Clock) -> Layout:
    found = Layout()
    students: dict[str, Node] = {}
    several: dict[str, list[Node]] = {}  # of those who have several
    for node in level.entries:
        name = as_text(node.name)
        if node.name.startswith("."):
            if node.is_folder or node.is_archive:
                found.refuse(name, _HIDDEN, NAME)
        elif node.is_folder or (node.is_archive and archives.is_read(node.name)):
            student, _ = _whose(node)
            first = students.setdefault(student, node)
            if first is not node:
                several.setdefault(student, [first]).append(node)
        elif node.is_file and not (node.is_archive or kits.is_unfinished(node.name)):
            found.refuse(name, _NOBODYS, NAME)
        else:
            found.refuse(name, why_not({node.name: node}), NAME, _stem(node))
    for student in students if several else ():
        if nodes := several.get(student):
            students[student] = _settle(student, nodes, found)
    if isinstance(level.folder, OnDisk):
        found.later = Later(level.folder, students, partial(_entry, clock))
    else:
        found.entries += [_entry(clock, student, node) for student, node in students.items()]
    return found


def _whose(node: Node) -> tuple[str, int]:
    """The student, and the number by which browsers tell downloads of one name apart."""
    stem = node.name.removesuffix("" if node.is_folder else archives.suffix(node.name))
    base, number = _without_number(stem)
    if kits.is_assignment(base):
        base, number = stem, 0  # files that several students may have called alike
    return as_text(base), number


def _without_number(stem: str) -> tuple[str, int]:
    number = kits.version(stem)
    base = stem[: stem.rindex("(")].rstrip() if number else stem
    return (base, number) if base else (stem, 0)


def _stem(node: Node) -> str:
    name = node.name
    while kits.is_unfinished(name):
        name = name.rpartition(".")[0]
    return as_text(name.removesuffix(archives.suffix(name)))


def _settle(student: str, nodes: Sequence[Node], found: Layout) -> Node:
    """Of a student's folder and archives, the folder counts, or else the last by its number; of
    archives of one name and several endings, the first by name.
    """
    counts = max(nodes, key=lambda node: (node.is_folder, _whose(node)[1]))
    for other in nodes:
        if other is not counts:
            found.entries.append(_set_aside(student, other, counts))
    return counts


def _entry(clock: Clock, student: str, node: Node) -> Entry:
    note = _UNSURE if kits.is_assignment(student) else ""
    source = student if node.name == student else as_text(node.name)
    hand_in = HandIn(student, platform=NAME, source=source, note=note)
    if node.is_folder:
        hand_in = _timed(hand_in, node, clock)
    if as_text(node.name).partition(".")[0] != student and _whose(node)[1]:
        hand_in = replace(
            hand_in, note=f"It is called {as_text(node.name)}. {hand_in.note}".strip()
        )
    return Entry(hand_in, (Part(node, node.name),), False)


def _set_aside(student: str, other: Node, counts: Node) -> Entry:
    why = (
        f"{as_text(counts.name)} counts, which is {'a folder' if counts.is_folder else 'the last'}."
    )
    newer = [node.modified() for node in (other, counts)]
    if None not in newer and newer[0] > newer[1]:  # type: ignore[operator]
        why += f" But this one is newer: if it should count, move {as_text(counts.name)} away."
    return Entry(
        HandIn(
            student,
            platform=NAME,
            source=as_text(other.name),
            taken=False,
            note=why,
            superseded=True,
        )
    )


def _timed(hand_in: HandIn, node: Node, clock: Clock) -> HandIn:
    """With the time in nbgrader's `timestamp.txt`: sealed by our collector, or a claim."""
    if isinstance(node, OnDisk):
        home: Node | None = node.inner(ASSIGNMENT, Kind.FOLDER)  # which may not be there
    else:
        home = next((one for one in node.peek() if one.name == ASSIGNMENT and one.is_folder), None)
        node.forget()  # of each student in a large class, it would take most of the memory
    stamp = home.entry(times.TIME_FILE) if home else None
    if home is None or stamp is None or not stamp.is_file:
        return hand_in
    hand_in = replace(hand_in, platform=COLLECTED, platform_id=hand_in.student)
    if sealed := sealed_time(home, node.name, clock):
        return replace(hand_in, handed_in=sealed)
    hand_in = with_time(hand_in, noted_time(stamp, clock), claimed=True)
    if hand_in.handed_in is None:
        return hand_in
    note = f"{times.TIME_FILE} says the time; our collector has not sealed it."
    return replace(hand_in, note=f"{hand_in.note} {note}".strip())


PLATFORM = Platform(NAME, lambda level: True, _take)
