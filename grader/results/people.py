"""What hand_ins.csv and grades.csv say of the people in a class.

Totals that are made without the submissions need it, and it is where somebody is looked up. Hand-in
times come from the gradebook, which has all but those that only a student's side says; so a time in
hand_ins.csv is taken for such a claim.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from cs231n_utils.exercises import EXERCISES
from grader.intake.hand_ins import HandIn, people
from grader.paths import HAND_INS, TABLE
from grader.text import table_cell


def read_people(folder: Path) -> dict[str, HandIn]:
    """Name, address and the platform's mark of each student in DIR/hand_ins.csv, by the cell that
    holds the student's name (see `text.table_cell`); empty if there is no such file.
    """
    records = []
    for row in _rows(folder / HAND_INS):
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


def _rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table; none if there is no such file, or if it is damaged."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))
    except (FileNotFoundError, UnicodeDecodeError, csv.Error):
        return []


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


# --- looking somebody up --------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """A student of a class.

    student : the cell that holds the name (see `text.table_cell`)
    also : name, address and the platform's id, as far as they are known
    points : exercise -> points, as in the table
    """

    student: str
    also: Sequence[str] = ()
    points: Mapping[str, float] = field(default_factory=dict)


def read_students(folder: Path) -> list[Known]:
    """Everybody in DIR/grades.csv and DIR/hand_ins.csv; nobody if there are no such files."""
    found = {
        student: Known(student, [one.name, one.email, one.platform_id])
        for student, one in read_people(folder).items()
    }
    for row in _rows(folder / TABLE):
        student = row.get("student") or ""
        points = {}
        for exercise in EXERCISES:
            with suppress(ValueError):
                points[exercise] = float(row.get(exercise) or "")
        also = [*(found[student].also if student in found else ())]
        also += [row.get("name") or "", row.get("email") or ""]
        found[student] = Known(student, also, points)
    return [one for student, one in found.items() if student]


def meant(text: str, students: Iterable[Known]) -> str:
    """The student whom a text probably means, by name, address or id; "" if there is none."""
    spellings: dict[str, str] = {}
    for one in students:
        for spelling in (one.student, *one.also, *(also.partition("@")[0] for also in one.also)):
            if spelling:
                spellings.setdefault(spelling.casefold(), one.student)
    near = difflib.get_close_matches(text.casefold(), spellings, 1, cutoff=0.75)
    return spellings[near[0]] if near else ""
