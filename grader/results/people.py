"""What hand_ins.csv says of the people in a class, for totals that are made without their
submissions. Hand-in times come from the gradebook, which has all but those that only a student's
side says; so a time in the file is taken for such a claim.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from grader.intake.hand_ins import HandIn, people
from grader.paths import HAND_INS
from grader.text import table_cell


def read_people(folder: Path) -> dict[str, HandIn]:
    """Name, address and the platform's mark of each student in DIR/hand_ins.csv, by the cell that
    holds the student's name (see `text.table_cell`); empty if there is no such file.
    """
    try:
        with open(folder / HAND_INS, newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (FileNotFoundError, UnicodeDecodeError, csv.Error):
        return {}
    records = []
    for row in rows:
        student = row.get("student") or ""
        is_taken = row.get("taken") != "no"
        one = HandIn(
            student,
            row.get("name") or "",
            row.get("email") or "",
            platform_id=row.get("platform_id") or "",
            handed_in=_time(row.get("handed_in") or ""),
            claimed=True,
            late_flag=row.get("late_flag") == "yes" and is_taken,
            source=row.get("source") or "",
            taken=is_taken,
        )
        records.append(one)
    return people(records)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def by_student(people: dict[str, HandIn], students: Iterable[str]) -> dict[str, HandIn]:
    """The same by student, for these students and for all who have no report."""
    left = dict(people)
    known = {}
    for student in students:
        one = left.pop(table_cell(student), HandIn(student))
        known[student] = replace(one, student=student)
    return {**left, **known}
