"""A folder of Google Drive, downloaded: files called by whoever put them there.

Forms and Classroom put the student's name before or behind " - ", but anybody can rename a file, so
that nothing says for sure whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from grader.intake import archives, kits
from grader.intake.entries import Clock, Entry, Layout, Level, Platform
from grader.intake.finding import Part
from grader.intake.hand_ins import HandIn
from grader.intake.submission import as_text
from grader.intake.trees import Node

NAME = "google drive"
_DOWNLOAD = re.compile(r"drive-download-.*", re.IGNORECASE | re.DOTALL)
_UNSURE = "Whose it is follows from its name on Google Drive alone, which anybody can change."


def _split(node: Node) -> tuple[str, str] | None:
    """The student and the student's file, by the name; None if it has no " - "."""
    suffix = archives.suffix(node.name) if node.is_file else ""
    stem = node.name.removesuffix(suffix)
    if not suffix and node.is_file:
        stem, dot, ending = node.name.rpartition(".")
        suffix = dot + ending
    before, mark, after = stem.rpartition(" - ")
    if not mark:
        return None
    # Forms put the student's name behind that of the file.
    if _is_work(before + suffix) and not _is_work(after + suffix):
        return kits.plain(after), before + suffix
    first, _, rest = stem.partition(" - ")
    return first, rest + suffix


def _is_work(name: str) -> bool:
    stem = name.removesuffix(archives.suffix(name))
    return bool(kits.is_assignment(stem) or kits.file_of_kit(name))


def _recognizes(level: Level) -> bool:
    if any(_DOWNLOAD.fullmatch(node.name) for node in level.entries):
        return False  # its zips, or a folder of this name in another one
    if any(_DOWNLOAD.fullmatch(name) for name in level.above):
        return level.share(lambda node: node.is_file or _split(node)) > 0.5
    return level.share(_is_named_so) > 0.5


def _is_named_so(node: Node) -> bool:
    """Whether one side of " - " is the work, so that the other one is a student."""
    pair = _split(node)
    return pair is not None and _is_work(pair[1])


def _take(level: Level, clock: Clock) -> Layout:
    found = Layout()
    students: dict[str, list[tuple[Node, str]]] = {}
    for node in level.entries:
        if pair := _split(node):
            students.setdefault(as_text(pair[0].strip()), []).append((node, pair[1]))
        elif node.is_folder or node.is_archive:
            stem = node.name.removesuffix(archives.suffix(node.name) if node.is_file else "")
            # With its number: several students may have called their files alike.
            students.setdefault(as_text(stem), []).append((node, node.name))
        else:
            found.refuse(
                as_text(node.name),
                "It is not known whose it is. Put it into a folder that is called after the"
                " student.",
                NAME,
            )
    for student, files in students.items():
        hand_in = HandIn(
            student,
            name=student,
            platform=NAME,
            source="; ".join(_names(node for node, _ in files)),
            note=_UNSURE,
        )
        found.entries.append(Entry(hand_in, tuple(Part(node, file) for node, file in files), False))
    return found


def _names(nodes: Iterable[Node]) -> list[str]:
    return [as_text(node.name) for node in nodes]


PLATFORM = Platform(NAME, _recognizes, _take)
