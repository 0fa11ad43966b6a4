"""Gradescope, “Export Submissions”: a folder for each submission, and `submission_metadata.yml`,
which says whose it is. Several submitters of one submission are a group, and each gets its grade.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import yaml

from grader.intake import times
from grader.intake.entries import Clock, Entry, Layout, Level, Platform, with_time
from grader.intake.finding import Part
from grader.intake.hand_ins import HandIn
from grader.intake.submission import as_text
from grader.intake.trees import Node
from grader.text import legible

NAME = "gradescope"
METADATA = "submission_metadata.yml"
MAX_METADATA = 64 << 20  # bytes; with the results of its own autograder it is long
_SUBMISSION = re.compile(r"submission_(\d+)")
_WANTED = ("submitters", "created_at")


def _folder(node: Node) -> re.Match[str] | None:
    name = node.name if node.is_folder else node.name.partition(".")[0]
    return _SUBMISSION.fullmatch(name)


def _recognizes(level: Level) -> bool:
    has_metadata = any(node.name.lower() == METADATA for node in level.entries)
    return level.share(_folder) > (0 if has_metadata else 0.5)


def _take(level: Level, clock: Clock) -> Layout:
    found = Layout()
    known, problem = {}, f"There is no {METADATA}"
    for node in level.entries:
        if node.name.lower() == METADATA:
            try:
                known, problem = _metadata(node.read(MAX_METADATA)), f"{METADATA} does not name it"
                found.known.append((node.name, "who handed in what, and when"))
            except Exception as error:  # hostile bytes; a damaged zip
                problem = f"{METADATA} cannot be read ({legible(str(error), 60)})"
    seen = set()
    for node in level.entries:
        match = _folder(node)
        if match:
            key = match[0]
            seen.add(key)
            found.entries += _entries(node, key, known.get(key), problem, clock)
        elif node.name.lower() != METADATA:
            found.refuse(
                as_text(node.name),
                "It is no submission_<number>, so it is not known whose it is. Export the"
                " submissions again.",
                NAME,
            )
    for key in sorted(known.keys() - seen):
        for hand_in in _people(known[key]) or [HandIn(key)]:
            why = f"{METADATA} names {key}, and there is no such folder. Export again."
            found.refuse(key, why, NAME, hand_in.student)
    return found


def _entries(node: Node, key: str, record: object, problem: str, clock: Clock) -> list[Entry]:
    base = HandIn(
        key,
        platform=NAME,
        attachment_id=key.removeprefix("submission_"),
        source=as_text(node.name),
    )
    people = _people(record)
    if not people:
        note = f"{problem}, so it is not known whose it is: the folder's name stands for a student."
        return [Entry(replace(base, note=note), (Part(node, node.name),))]
    time = times.Time(None, f"{METADATA} does not say when it was handed in.")
    if isinstance(record, Mapping) and isinstance(record.get(":created_at"), str):
        time = times.parse(record[":created_at"], clock.zone)
    entries = []
    for person in people:
        group = "" if len(people) == 1 else f"A group of {len(people)} handed it in."
        who = replace(
            base,
            student=person.student,
            name=person.name,
            email=person.email,
            platform_id=person.platform_id,
            note=group,
        )
        entries.append(Entry(with_time(who, time), (Part(node, node.name),)))
    return entries


def _people(record: object) -> list[HandIn]:
    """The submitters of one submission: student, name, e-mail and id."""
    submitters = record.get(":submitters") if isinstance(record, Mapping) else None
    found = []
    for one in submitters if isinstance(submitters, list) else []:
        if not isinstance(one, Mapping):
            continue
        name, sid, email = (_text(one.get(f":{key}")) for key in ("name", "sid", "email"))
        if student := email or sid or name:
            found.append(HandIn(student, name, email, platform_id=sid))
    return found


def _text(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return "" if text in ("~", "null") else as_text(text)


def _metadata(content: bytes) -> dict[str, Any]:
    """Submission -> record. All values are text: no tag of YAML's makes an object."""
    text = content.decode("utf-8-sig", "replace")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        data = yaml.load(_without_results(text), loader)
    except yaml.YAMLError:
        data = yaml.load(text, loader)
    return dict(data) if isinstance(data, dict) else {}


def _without_results(text: str) -> str:
    """The text without the results of Gradescope's own autograder, which can be most of it."""
    kept, is_wanted = [], True
    for line in text.splitlines():
        if not line.startswith(" "):
            is_wanted = True
        elif line.startswith("  :"):
            is_wanted = line[3:].partition(":")[0] in _WANTED
        if is_wanted:
            kept.append(line)
    return "\n".join(kept)


PLATFORM = Platform(NAME, _recognizes, _take)
