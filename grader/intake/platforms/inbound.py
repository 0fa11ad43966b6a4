"""nbgrader's exchange, the folder `inbound`, before it is collected.

The student's side writes the time in the folder's name, and `timestamp.txt`, too: both are claims.
The time at which the file system noted the folder is nobody's claim, but a copy of the exchange has
another one. It is believed where the folder still belongs to another user, as no copy does.
Source: jupyter/nbgrader, nbgrader/exchange/default/submit.py.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from grader.intake import kits, times
from grader.intake.entries import Clock, Entry, Layout, Level, Platform, with_time
from grader.intake.finding import Part
from grader.intake.hand_ins import HandIn
from grader.intake.safe_files import Unreadable
from grader.intake.submission import as_text
from grader.intake.trees import Node, OnDisk

NAME = "nbgrader"
_ENTRY = re.compile(
    r"(?P<user>.+?)\+(?P<assignment>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d[ T_]\d\d[^+]*?"
    r"(?:[+-]\d\d:?\d\d)?)(?:\+(?P<random>[^+]*))?",
    re.DOTALL,
)
_MOMENT = timedelta(seconds=60)  # that copying a submission may take


def _match(node: Node) -> re.Match[str] | None:
    name = node.name if node.is_folder else node.name.removesuffix(".zip")
    return _ENTRY.fullmatch(name)


def _recognizes(level: Level) -> bool:
    return level.share(_match) > 0.5


def _take(level: Level, clock: Clock) -> Layout:
    found = Layout()
    matches = [(node, _match(node)) for node in level.entries]
    names = {match["assignment"] for _, match in matches if match}
    ours = {name for name in names if kits.is_assignment(name)} or names
    for node, match in matches:
        if not match:
            found.refuse(
                as_text(node.name),
                "It is not called <user>+<assignment>+<time>, so it is not known whose it is.",
                NAME,
            )
            continue
        student = as_text(match["user"])
        if match["assignment"] not in ours:
            why = f"It belongs to another assignment, {as_text(match['assignment'])}."
            found.refuse(as_text(node.name), why, NAME, student)
            continue
        hand_in = HandIn(student, platform=NAME, platform_id=student, source=as_text(node.name))
        claim = times.parse(match["time"].replace("_", ":"), clock.zone)
        found.entries.append(Entry(_with_time(hand_in, node, claim), (Part(node, node.name),)))
    found.entries.sort(key=lambda entry: _order(entry.hand_in))
    return found


def _order(hand_in: HandIn) -> datetime:
    return hand_in.handed_in or datetime.min.replace(tzinfo=UTC)


def _with_time(hand_in: HandIn, node: Node, claim: times.Time) -> HandIn:
    noted = _noted(node)
    if noted is None:
        hand_in = with_time(hand_in, claim, claimed=True)
        why = "The time is the one in the folder's name, which the student's side wrote."
        return replace(hand_in, note=f"{hand_in.note} {why}".strip()) if claim.at else hand_in
    note = ""
    if claim.at is None or abs(noted - claim.at) > _MOMENT:
        said = times.as_text(claim.at) if claim.at else "no time"
        note = (
            "The file system noted the time; the folder's name, which the student's side wrote,"
            f" says {said}."
        )
    return with_time(hand_in, times.Time(noted, note))


def _noted(node: Node) -> datetime | None:
    """When the file system noted the folder; None where that may be the time of a copy."""
    if not isinstance(node, OnDisk) or not node.is_folder:
        return None
    try:
        status = node.status()
    except (OSError, Unreadable):
        return None
    if status.st_uid == os.getuid():
        return None
    return datetime.fromtimestamp(status.st_ctime, UTC)


PLATFORM = Platform(NAME, _recognizes, _take)
