"""Moodle, “Download all submissions”: a folder for each participant, or flat.

Nothing in it says when somebody handed in; the grading worksheet does. Source: moodle/moodle,
mod/assign/classes/downloader.php, mod/assign/feedback/file/importziplib.php.
"""

from __future__ import annotations

import re

from grader.intake.entries import Clock, Entry, Layout, Level, Platform
from grader.intake.finding import ASK, Part
from grader.intake.hand_ins import HandIn
from grader.intake.submission import as_text
from grader.intake.trees import Node

NAME = "moodle"
# Groups' names may stand before a participant's; versions 3.1 to 4.0 end the folder's name in "_".
_ENTRY = re.compile(
    r"(?P<name>.*)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
)

# What stands for a name where marking is blind, in some languages.
_BLIND = ("participant", "teilnehmer", "partecipante", "deelnemer", "deltager", "deltagare")


def _match(node: Node) -> re.Match[str] | None:
    return _ENTRY.fullmatch(node.name)


def _recognizes(level: Level) -> bool:
    return level.share(_match) > 0.5


def _take(level: Level, clock: Clock) -> Layout:
    found = Layout()
    students: dict[str, list[tuple[str, Node, str]]] = {}
    for node in level.entries:
        match = _match(node)
        if not match:
            found.refuse(
                as_text(node.name),
                "It is not called as Moodle calls submissions, so it is not known whose it is."
                " Download the submissions again.",
                NAME,
            )
        elif match["kind"] != "file":
            why = f"It is a text that was typed in ({match['kind']}), and no file. {ASK}"
            found.refuse(as_text(node.name), why, NAME, match["id"])
        else:
            students.setdefault(match["id"], []).append(
                (match["name"], node, match["file"] or node.name)
            )
    for student, files in students.items():
        name = as_text(files[0][0])
        hand_in = HandIn(
            student,
            name="" if name.lower().startswith(_BLIND) else name,
            platform=NAME,
            platform_id=student,
            source="; ".join(as_text(node.name) for _, node, _ in files),
        )
        parts = tuple(Part(node, file) for _, node, file in files)
        found.entries.append(Entry(hand_in, parts))
    return found


PLATFORM = Platform(NAME, _recognizes, _take)
