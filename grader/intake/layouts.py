"""Finds the folder of a download that holds the students, through the folders and archives around
it, and recognizes the platform that it came from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from typing import IO

from cs231n_utils.hand_in.rules import PACKAGE
from grader.intake import archives, finding, kits
from grader.intake.archives import Member
from grader.intake.entries import Clock, Entry, Layout, Level
from grader.intake.finding import Part
from grader.intake.hand_ins import HandIn
from grader.intake.platforms import FOLDERS, PLATFORMS
from grader.intake.safe_files import Unreadable
from grader.intake.submission import as_text
from grader.intake.trees import InZip, Node, in_archive

MAX_WRAPPED = 4  # folders and archives around the one that holds the students
# What people and programs call a folder of many students.
_CONTAINERS = frozenset(
    (
        "submissions", "submission", "submitted", "collected", "downloads", "download", "students",
        "class", "inbound", "abgaben", "abgabe", "export", "bulk_download",
        "assignments", "homework",
    )
)  # fmt: skip
# Of the zips into which Google Drive splits a download.
_PIECE = re.compile(r"-\d{3}\.zip$", re.IGNORECASE)


def unpacked(name: str, file: IO[bytes]) -> InZip:
    """The folder that a download's zip is, which stays packed."""
    members = archives.zip_members(file, archives.MAX_DOWNLOAD_DIRECTORY, with_folders=True)
    return in_archive(name, members)


def find_layout(
    folder: Node,
    entries: Sequence[Node],
    above: tuple[str, ...],
    clock: Clock,
    opened: ExitStack,
) -> tuple[Layout, str]:
    """What the platform's file finds in the first folder that it recognizes."""
    level = Level(folder, [node for node in entries if not kits.is_litter(node.name)], above)
    for platform in PLATFORMS:
        if platform.recognizes(level):
            return platform.take(level, clock), platform.name
    if _is_one_students(level):
        return _one_student(level), FOLDERS.name
    if len(above) <= MAX_WRAPPED and (inner := _wrapped(level, opened)):
        name = inner.name.removesuffix(archives.suffix(inner.name))
        layout, name_of = find_layout(inner, inner.listing(), (*above, name), clock, opened)
        for node in level.entries:
            if node.name != inner.name and not _PIECE.search(node.name):
                why = f"It lies beside {as_text(inner.name)}, which holds the students."
                layout.refuse(as_text(node.name), why, name_of)
        return layout, name_of
    return FOLDERS.take(level, clock), FOLDERS.name


def _is_one_students(level: Level) -> bool:
    """Whether the download is one student's kit."""
    names = [node.name for node in level.entries]
    if any(node.is_folder and node.name.lower() == PACKAGE for node in level.entries):
        return True
    folders = [node for node in level.entries if node.is_folder or node.is_archive]
    if not folders:
        return any(kits.file_of_kit(name) for name in names)
    return (
        len(folders) == 1
        and folders[0].is_folder
        and kits.is_assignment(folders[0].name)
        and _seems_one_students(folders[0], level)
    )


def _one_student(level: Level) -> Layout:
    student = as_text(kits.plain(level.above[-1]))
    note = "The download is one kit, and is taken for that of a student who is called like it."
    hand_in = HandIn(student, platform=FOLDERS.name, source=student, note=note)
    return Layout([Entry(hand_in, (Part(level.folder, level.folder.name),))])


def _wrapped(level: Level, opened: ExitStack) -> Node | None:
    """The only folder or archive of a folder, if it holds the students and is not one itself."""
    visible = [node for node in level.entries if not node.name.startswith(".")]
    some = [node for node in visible if node.is_folder or node.is_archive]
    if len(some) > 1:
        return _pieces(some, opened)
    if not some:
        return None
    node = some[0]
    if node.is_archive:
        if archives.suffix(node.name).lower() != ".zip":
            return None
        try:
            inner: Node = unpacked(node.name, opened.enter_context(node.open()))
        except Exception:  # hostile bytes; read as a student's, it is said
            return None
    else:
        inner = node
    entries = [one for one in inner.peek() if not kits.is_litter(one.name)]
    within = Level(inner, entries, (*level.above, inner.name))
    if any(platform.recognizes(within) for platform in PLATFORMS):
        return inner
    return None if _seems_one_students(inner, level) else inner


def _pieces(nodes: Sequence[Node], opened: ExitStack) -> Node | None:
    """The zips into which a platform has split a download, as one; None if they are no such."""
    starts = {_PIECE.sub("", node.name) if _PIECE.search(node.name) else None for node in nodes}
    if None in starts or len(starts) > 1:
        return None
    members: list[Member] = []
    try:
        for node in nodes:
            file = opened.enter_context(node.open())
            members += archives.zip_members(file, archives.MAX_DOWNLOAD_DIRECTORY, True)
    except Exception:  # hostile bytes; read as students', it is said
        return None
    return in_archive(next(iter(starts)) or "", members)


def _seems_one_students(node: Node, level: Level) -> bool:
    """Whether a folder is one student's, and not a folder of students."""
    try:
        names = finding.names([Part(node, node.name)])
    except (OSError, Unreadable):
        return True
    kit = kits.locate(names)
    if kit.several:
        return False
    if not kit:
        packed = {name for name in names if archives.suffix(name)}
        others = {
            name
            for name in packed
            if not kits.is_assignment(name.removesuffix(archives.suffix(name)))
        }
        return not others or (len(packed) == 1 and not _is_container(node.name, level))
    path = kit.prefix or f"{next(iter(kit.loose), '').rpartition('/')[0]}/"
    way = [part for part in path.split("/") if part]
    if not way or (len(way) == 1 and kits.is_assignment(way[0])):
        return True
    if len(way) > 1 and kits.is_assignment(way[-1]):
        return False
    entries = [one for one in node.peek() if one.is_folder or one.is_archive]
    visible = [one for one in entries if not kits.is_litter(one.name) and one.name[0] != "."]
    return len(visible) == 1 and not _is_container(node.name, level)


def _is_container(name: str, level: Level) -> bool:
    """Whether a folder is called like a folder of students, or like the zip that it came in."""
    plain = kits.plain(name.removesuffix(archives.suffix(name))).lower()
    return plain in _CONTAINERS or plain in (kits.plain(one).lower() for one in level.above)
