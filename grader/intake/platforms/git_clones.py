"""Clones of students' repositories: a folder for each, called after the assignment and the login.

`git` is never run in a student's tree, whose configuration can start programs, so the time of the
last commit is not read; it would be the student's own claim. Source: github/gh-classroom,
cmd/gh-classroom/clone/student-repos.
"""

from __future__ import annotations

from grader.intake import archives, kits
from grader.intake.entries import Clock, Entry, Layout, Level, Platform
from grader.intake.finding import Part
from grader.intake.hand_ins import HandIn
from grader.intake.submission import as_text
from grader.intake.trees import Node

NAME = "git"
_NO_TIME = (
    "When it was handed in is not known: the time of a commit is what the student's computer says,"
    " and git is never run in a student's folder."
)


def _repositories(level: Level) -> list[Node]:
    return [
        node
        for node in level.entries
        if node.is_folder or (node.is_archive and archives.is_read(node.name))
    ]


def _recognizes(level: Level) -> bool:
    some = _repositories(level)
    # A folder of this name may lie in another one of the same name.
    if not some or _name(some[0]).endswith("-submissions"):
        return False
    return (
        _named_so(level) is not None
        or kits.is_assignment(_slug(level, some))
        or any(_is_clone(node) for node in some[:20])
    )


def _is_clone(node: Node) -> bool:
    return node.is_folder and node.entry(".git") is not None


def _named_so(level: Level) -> str | None:
    """The slug, if the folder is called <slug>-submissions."""
    name = kits.plain(level.above[-1]) if level.above else ""
    slug = name.removesuffix("-submissions")
    return slug if slug not in ("", name) else None


def _slug(level: Level, repositories: list[Node]) -> str:
    """What the names of all repositories begin with, without the "-" at its end; "" if they are
    called by the login alone.
    """
    names = [_name(node) for node in repositories]
    slug = _named_so(level)
    if slug is not None:
        return slug if all(name.startswith(f"{slug}-") for name in names) else ""
    words = names[0].split("-")
    for k in range(len(words) - 1, 0, -1):
        slug = "-".join(words[:k])
        if kits.is_assignment(slug) and all(name.startswith(f"{slug}-") for name in names):
            return slug
    return kits.common_start(names, "-") if len(names) > 1 else ""


def _name(node: Node) -> str:
    """A repository's name, without what GitHub's own zips add to it."""
    name = node.name.removesuffix(archives.suffix(node.name)) if node.is_file else node.name
    return kits.plain(name)


def _take(level: Level, clock: Clock) -> Layout:
    found = Layout()
    repositories = _repositories(level)
    slug = _slug(level, repositories)
    for node in repositories:
        student = as_text(_name(node).removeprefix(f"{slug}-") if slug else _name(node))
        hand_in = HandIn(
            student,
            platform=NAME,
            platform_id=student,
            source=as_text(node.name),
            note=_NO_TIME,
        )
        found.entries.append(Entry(hand_in, (Part(node, node.name),), False))
    for node in level.entries:
        if node not in repositories:
            found.refuse(
                as_text(node.name), "It is no folder of a repository. Clone it again.", NAME
            )
    return found


PLATFORM = Platform(NAME, _recognizes, _take)
