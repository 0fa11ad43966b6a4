"""Reads one student's part of a download: the files that grading uses, or all files of the kit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from cs231n_utils.hand_in.rules import JUNK, MAX_FILE, PACKAGE, STUDENT_MODULES
from grader.intake import kits, times
from grader.intake.archives import Member
from grader.intake.finding import Found, Part, found
from grader.intake.safe_files import Tree, Unreadable
from grader.intake.submission import (
    Submission,
    name_in_kit,
    read_folder,
    read_members,
)
from grader.text import legible

MAX_KIT_FILE = 16 << 20  # bytes; of a notebook with many pictures
MAX_KIT = 64 << 20  # bytes of all files of a kit
MAX_KIT_FILES = 1_000


@dataclass(frozen=True)
class Reading:
    """What was read: for grading, and for staff (see `Found`)."""

    submission: Submission
    notes: tuple[str, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()


def read(student: str, parts: Sequence[Part], is_sure: bool = True) -> Reading:
    """Read the files that grading uses. Raises NotTaken.

    is_sure : whether all of it is known to be this student's
    """
    with found(parts, is_sure) as one:
        with _opened(one) as folder:
            if folder is not None:
                read_folder(folder, one.intake, one.kit.package or PACKAGE)
        read_members(one.members, one.kit, one.intake)
        submission = one.intake.submission(student)
        if not STUDENT_MODULES & submission.files.keys():
            why = submission.notes[0] if submission.notes else ""
            one.notes.append(f"Nothing to grade was found in it. {why}".strip())
        return Reading(submission, tuple(one.notes), tuple(one.beside))


@contextmanager
def _opened(one: Found) -> Iterator[int | None]:
    """The kit's folder on the disk, open; None if it lies on none, or cannot be opened."""
    if one.folder is None:
        yield None
        return
    try:
        descriptor = one.folder.descriptor()
    except (OSError, Unreadable) as error:
        one.intake.note_unreadable(one.folder.name, error)
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def whole_kit(
    parts: Sequence[Part], is_sure: bool = True
) -> tuple[dict[str, bytes | Unreadable], list[str]]:
    """All files of the kit, notebooks included: path in the kit -> content, or why it cannot be
    read; and sentences on what was left out. Raises NotTaken.

    Hidden files, installed code and datasets are no part of it, and neither is a `timestamp.txt`
    that the student has packed.
    """
    with found(parts, is_sure, with_notebooks=True) as one:
        tree = Tree(_is_of_kit, MAX_KIT_FILE, MAX_KIT)
        with _opened(one) as folder:
            if folder is not None:
                tree.read(folder)
        for member in one.members:
            name = name_in_kit(member.name, one.kit)
            if name and _is_safe(name) and len(tree.files) < MAX_KIT_FILES:
                _add(member, name, tree)
        notes = one.intake.notes + one.notes
        left_out = {name: Unreadable(why) for name, why in tree.left_out}
        said = [*notes, *(f"{legible(name)} {why}." for name, why in tree.left_out)]
        return {**tree.files, **left_out}, said


def _is_of_kit(path: str, is_folder: bool) -> bool:
    *folders, file = path.split("/")
    names = [*folders, file] if is_folder else folders
    return (
        not any(name in JUNK or name.startswith(".") for name in names)
        and not file.startswith(".")
        and not kits.is_litter(file)
        and path not in (times.TIME_FILE, "datasets")
        and not path.startswith("datasets/")
    )


def _is_safe(name: str) -> bool:
    """Whether a name in an archive can be that of a file below a folder of ours."""
    parts = name.split("/")
    return (
        all(part.strip(" .") and len(part.encode("utf-8", "replace")) < 200 for part in parts)
        and name.isprintable()
        and len(parts) <= 8
        and _is_of_kit(name, False)
    )


def _add(member: Member, name: str, tree: Tree) -> None:
    if member.problem:
        tree.left_out.append((name, member.problem))
        return
    most = min(MAX_KIT_FILE, tree.room)
    try:
        if member.open:
            with member.open() as file:
                content = file.read(most + 1)
        else:
            content = member.content() if member.size <= MAX_FILE else b""
    except Exception as error:  # hostile bytes can raise many kinds
        tree.left_out.append((name, f"cannot be read ({legible(str(error))})"))
        return
    if len(content) > most or (member.size > 0 and not content):
        tree.left_out.append((name, f"has {member.size} bytes, more than can be taken"))
        return
    tree.room -= len(content)
    tree.files[name] = content
