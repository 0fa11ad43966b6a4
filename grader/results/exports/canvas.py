"""Canvas: the gradebook CSV, and files as comments.

An assignment's column is called `<title> (<id>)`; Canvas makes a new assignment of a title that it
does not know. Source: instructure/canvas-lms, lib/gradebook_importer.rb, lib/gradebook_exporter.rb,
app/models/assignment.rb.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.intake.sheet import Sheet
from grader.results.exports.contents import (
    Column,
    Contents,
    Person,
    Platform,
    decimal_mark,
    email_of,
    number,
)

_ASSIGNMENT = re.compile(r"(?P<title>.*\S) ?\(\d+\)", re.DOTALL)
_POINTS, _READ_ONLY, _SETTING = "Points Possible", "(read only)", "Manual Posting"


def _recognizes(sheet: Sheet) -> bool:
    header = sheet.header
    return len(header) > 3 and "Student" in header[0] and "ID" in header[1] and _last(header) > 1


def _last(header: Sequence[str]) -> int:
    """The place of the last column about the student; -1 if there is none."""
    return next(
        (k for k, name in enumerate(header) if "Section" in name and not _ASSIGNMENT.match(name)),
        -1,
    )


def _contents(sheet: Sheet) -> Contents:
    header, last = sheet.header, _last(sheet.header)
    points = next((row for row in sheet.rows if _POINTS in row[0]), [""] * len(header))
    columns = [
        Column(k, header[k], found["title"], number(points[k]))
        for k in range(last + 1, len(header))
        if (found := _ASSIGNMENT.fullmatch(header[k])) and _READ_ONLY not in points[k]
    ]
    people = [
        Person(k, _name(row[0]), row[1], tuple(filter(None, row[2:last])), email_of(row[2:last]))
        for k, row in enumerate(sheet.rows)
        if any(row[1:last]) and _POINTS not in row[0] and _SETTING not in row
    ]
    numbers = [points[column.index] for column in columns]
    if not any("." in text or "," in text for text in numbers):
        numbers = [text for row in sheet.rows for text in row[last + 1 :]]
    return Contents(people, columns, mark=decimal_mark(sheet, numbers))


def _name(sortable: str) -> str:
    last, comma, first = sortable.partition(", ")
    return f"{first} {last}" if comma else last


def _feedback_path(person: Person, attachment: str) -> str:
    """Canvas takes the first two parts that are numbers for the ids of student and attachment."""
    if not (person.own_id.isascii() and person.own_id.isdigit()):
        return ""
    if not (attachment.isascii() and attachment.isdigit()):
        return ""
    name = re.sub("[^a-z]", "", person.name.lower())[:40] or "student"
    return f"{name}_{person.own_id}_{attachment}_feedback.html"


PLATFORM = Platform(
    "canvas",
    "Canvas",
    _recognizes,
    _contents,
    excused="EX",
    missing_column=(
        "Expected one called `<title> (<number>)`. Make the assignment in Canvas, and export the"
        " gradebook again."
    ),
    feedback_path=_feedback_path,
)
