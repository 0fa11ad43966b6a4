"""Sakai, “Download All”: a folder for each student, in which the files have a folder of their own,
beside `timestamp.txt`, which Sakai writes.
"""

from __future__ import annotations

import re
from dataclasses import replace

from grader.intake import times
from grader.intake.entries import Clock, Entry, Layout, Level, Platform, noted_time, with_time
from grader.intake.finding import ASK, Part
from grader.intake.hand_ins import HandIn
from grader.intake.submission import as_text
from grader.intake.trees import Node

NAME = "sakai"
_STUDENT = re.compile(r"(?P<last>[^,]*), ?(?P<first>.*?) ?\((?P<id>[^()]+)\)", re.DOTALL)
_FILES = re.compile(r"submission attachment\(?s?\)?", re.IGNORECASE)
_FEEDBACK = re.compile(r"feedback.*|comments\.txt|.*_submissiontext\.html?", re.IGNORECASE)
_OWN = re.compile(r"grades\.(csv|xlsx?)", re.IGNORECASE)


def _match(node: Node) -> re.Match[str] | None:
    return _STUDENT.fullmatch(node.name) if node.is_folder else None


def _files(node: Node) -> Node | None:
    return next((one for one in node.peek() if _FILES.fullmatch(one.name)), None)


def _recognizes(level: Level) -> bool:
    folders = [node for node in level.entries if node.is_folder]
    if any(_files(node) for node in folders[:20]):
        return True
    students = [node for node in folders if _match(node)]
    return 2 * len(students) > len(folders) and any(
        node.entry(times.TIME_FILE) for node in students[:20]
    )


def _take(level: Level, clock: Clock) -> Layout:
    found = Layout()
    for node in level.entries:
        match = _match(node)
        if match or _files(node):
            found.entries.append(_entry(node, match, clock))
        elif _OWN.fullmatch(node.name):
            found.known.append((node.name, "Sakai's own table of grades"))
        else:
            found.refuse(
                as_text(node.name),
                "It is not called as Sakai calls a student's folder, so it is not known whose it"
                " is. Download the submissions again.",
                NAME,
            )
    return found


def _entry(node: Node, match: re.Match[str] | None, clock: Clock) -> Entry:
    name, student = "", as_text(node.name)  # where marking is anonymous
    if match:
        name = " ".join(filter(None, (match["first"].strip(), match["last"].strip())))
        student = as_text(match["id"])
    hand_in = HandIn(
        student,
        name=as_text(name),
        platform=NAME,
        platform_id=student,
        source=as_text(node.name),
    )
    stamp = node.entry(times.TIME_FILE)
    time = noted_time(stamp, clock) if stamp else times.Time(None, f"No {times.TIME_FILE}.")
    files = _files(node)
    if files and files.is_folder:
        parts = [Part(files, files.name)] if files.peek() else []
    else:
        parts = [
            Part(one, one.name)
            for one in node.peek()
            if one.name.lower() != times.TIME_FILE and not _FEEDBACK.fullmatch(one.name)
        ]
    if not parts:
        why = f"It holds no attached file. {ASK}"
        return Entry(replace(hand_in, taken=False, note=why))
    return Entry(with_time(hand_in, time), tuple(parts))


PLATFORM = Platform(NAME, _recognizes, _take)
