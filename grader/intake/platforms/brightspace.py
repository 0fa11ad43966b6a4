"""Brightspace, “Download submissions”: a folder for each submission, with ids, name and time in its
name, and `index.html`. Where a student handed in several times, the last counts.
"""

from __future__ import annotations

import re

from grader.intake import times
from grader.intake.entries import Clock, Entry, Layout, Level, Platform, with_time
from grader.intake.finding import Part
from grader.intake.hand_ins import HandIn
from grader.intake.submission import as_text
from grader.intake.trees import Node

NAME = "brightspace"
# Single files, where a download has no folders, have their own name behind the time.
_ENTRY = re.compile(
    r"(?P<user>\d+)-(?P<folder>\d+) - (?P<name>.+?) - (?P<time>(?:(?! - ).)*\d{4}(?:(?! - ).)*)"
    r"(?: - (?P<file>.+))?",
    re.DOTALL,
)
_OWN = ("index.html", "index.htm")


def _match(node: Node) -> re.Match[str] | None:
    return _ENTRY.fullmatch(node.name)


def _recognizes(level: Level) -> bool:
    return level.share(lambda node: _match(node) or node.name.lower() in _OWN) > 0.5 and (
        level.share(_match) > 0
    )


def _take(level: Level, clock: Clock) -> Layout:
    found = Layout()
    groups: dict[tuple[str, str], list[tuple[re.Match[str], Node]]] = {}
    for node in level.entries:
        if match := _match(node):
            groups.setdefault((match["user"], match["time"]), []).append((match, node))
        elif node.name.lower() in _OWN:
            found.known.append((node.name, "Brightspace's own list"))
        else:
            found.refuse(
                as_text(node.name),
                "It is not called as Brightspace calls submissions, so it is not known whose it is."
                " Download the submissions again.",
                NAME,
            )
    for (user, time), several in groups.items():
        match = several[0][0]
        hand_in = HandIn(
            user,
            name=as_text(match["name"]),
            platform=NAME,
            platform_id=user,
            attachment_id=match["folder"],
            source="; ".join(as_text(node.name) for _, node in several),
        )
        parts = tuple(Part(node, one["file"] or node.name) for one, node in several)
        found.entries.append(Entry(with_time(hand_in, times.parse(time, clock.zone)), parts))
    return found


PLATFORM = Platform(NAME, _recognizes, _take)
