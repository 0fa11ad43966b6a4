"""Canvas, “Download submissions”: a flat zip, with one entry for each file of a student.

The name says nothing reliable but the two ids; the student's own name comes without spaces and
may be that of several people. Source: instructure/canvas-lms, lib/content_zipper.rb.
"""

from __future__ import annotations

import re
from dataclasses import replace

from grader.intake.entries import Clock, Entry, Layout, Level, Platform
from grader.intake.finding import ASK, Part
from grader.intake.hand_ins import HandIn
from grader.intake.submission import as_text
from grader.intake.trees import Node

NAME = "canvas"
_FILE = re.compile(
    r"(?P<late>LATE_)?(?:anon_(?P<anonymous>[^_]+)|(?P<name>.+?)(?P<late_2>_LATE)?_(?P<user>\d+))"
    r"_(?P<attachment>\d+)_(?P<file>.+)",
    re.DOTALL,
)
# Entries that are no files: what Canvas makes of a text that was typed in, of a link and the like.
_NO_FILE = re.compile(
    r"(?P<who>(?:LATE_)?(?:anon_[^_]+|.+?(?:_LATE)?_\d+))(?:_\d+)?"
    r"_(?P<kind>text|link|url|media)\.html?",
    re.DOTALL | re.IGNORECASE,
)
_WHO = re.compile(r"(?:LATE_)?(?:anon_(?P<anonymous>[^_]+)|.+?(?:_LATE)?_(?P<user>\d+))", re.DOTALL)
# A file that was handed in again has a number before its ending.
_AGAIN = re.compile(r"(?P<stem>.+?)-(?P<again>\d{1,3})(?P<suffix>(?:\.tar)?\.[^.]+)", re.DOTALL)


def _match(node: Node) -> re.Match[str] | None:
    # A browser or an instructor may have unpacked what students packed.
    if not (node.is_file or node.is_folder):
        return None
    return _FILE.fullmatch(node.name) or _NO_FILE.fullmatch(node.name)


def _recognizes(level: Level) -> bool:
    return level.share(_match) > 0.5


def _take(level: Level, clock: Clock) -> Layout:
    found = Layout()
    students: dict[str, list[tuple[re.Match[str], Node]]] = {}
    for node in level.entries:
        if (typed := _NO_FILE.fullmatch(node.name)) and (who := _WHO.fullmatch(typed["who"])):
            student = who["user"] or f"anon_{as_text(who['anonymous'])}"
            what = {"text": "a text that was typed in", "media": "a recording"}.get(
                typed["kind"].lower(), "a link"
            )
            found.refuse(as_text(node.name), f"It is {what}, and no file. {ASK}", NAME, student)
        elif match := _FILE.fullmatch(node.name) if node.is_file or node.is_folder else None:
            student = match["user"] or f"anon_{as_text(match['anonymous'])}"
            students.setdefault(student, []).append((match, node))
        else:
            found.refuse(
                as_text(node.name),
                "It is not called as Canvas calls files, so it is not known whose it is. Download"
                " the submissions again, or rename it as Canvas would.",
                NAME,
            )
    for student, files in students.items():
        files.sort(key=lambda pair: _age(pair[0]))
        match = files[-1][0]
        hand_in = HandIn(
            student,
            name=as_text(match["name"] or ""),
            platform=NAME,
            platform_id=student,
            attachment_id=match["attachment"],
            late_flag=any(one["late"] or one["late_2"] for one, _ in files),
            source="; ".join(as_text(node.name) for _, node in files),
        )
        parts = tuple(Part(node, _original(one["file"])) for one, node in files)
        # Of a file that was handed in again the last one counts.
        last = {part.name: part for part in parts}
        if len(last) < len(parts):
            hand_in = replace(hand_in, note="Of files that were handed in again the last count.")
        found.entries.append(Entry(hand_in, tuple(last.values())))
    return found


def _age(match: re.Match[str]) -> tuple[int, int]:
    again = _AGAIN.fullmatch(match["file"])
    return int(again["again"]) if again else 0, int(match["attachment"][:30])


def _original(file: str) -> str:
    """The file's name as the student called it."""
    again = _AGAIN.fullmatch(file)
    return again["stem"] + again["suffix"] if again else file


PLATFORM = Platform(NAME, _recognizes, _take)
