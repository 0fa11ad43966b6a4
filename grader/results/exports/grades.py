"""What is given back: the totals of grades.csv, with the platforms' ids from hand_ins.csv."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from grader.course.final import Status
from grader.paths import HAND_INS, TABLE
from grader.text import table_cell


class GradesUnusable(Exception):
    """There are no grades to give back; the text says why, and what to do."""


@dataclass(frozen=True)
class Grade:
    """The final grade of a student, and by what platforms know the student.

    student : as in the tables (see `text.table_cell`)
    status : as `Status` has it
    total : None while it is not known
    platform : of the hand-in; "" if it is not known
    was_refused : whether something was handed in that could not be taken
    """

    student: str
    name: str = ""
    email: str = ""
    status: str = Status.GRADED
    total: float | None = None
    max_total: float = 0.0
    platform: str = ""
    platform_id: str = ""
    attachment_id: str = ""
    was_refused: bool = False


def read_grades(folder: Path) -> list[Grade]:
    """The grades in a folder of results. Raises GradesUnusable."""
    rows = _read(folder / TABLE)
    if rows is None:
        raise GradesUnusable(f"{folder / TABLE}: there is no such table. Grade first")
    needed = {"student", "status", "total", "max_total"}
    if not rows or not needed <= rows[0].keys():
        missing = ", ".join(sorted(needed - (rows[0].keys() if rows else set())))
        raise GradesUnusable(
            f"{folder / TABLE}: it has no rows, or no columns {missing}. Write it again: python -m"
            f" grader report {folder}"
        )
    hand_ins = read_hand_ins(folder)
    return [with_ids(_grade(row), hand_ins) for row in rows if row["student"]]


def read_hand_ins(folder: Path) -> dict[str, Mapping[str, str]]:
    """Student -> the row that counts, of those of the student in hand_ins.csv; empty if there is no
    such file. Raises GradesUnusable.
    """
    found: dict[str, Mapping[str, str]] = {}
    for row in _read(folder / HAND_INS) or []:
        student = row.get("student", "")
        known = found.get(student)
        if known is None or row.get("taken") == "yes" or known.get("taken") != "yes":
            found[student] = row
    return found


def with_ids(grade: Grade, hand_ins: Mapping[str, Mapping[str, str]]) -> Grade:
    """The grade with what hand_ins.csv knows of the student."""
    row = hand_ins.get(table_cell(grade.student)) or hand_ins.get(grade.student) or {}
    return replace(
        grade,
        name=grade.name or row.get("name", ""),
        email=grade.email or row.get("email", ""),
        platform=row.get("platform", ""),
        platform_id=row.get("platform_id", ""),
        attachment_id=row.get("attachment_id", ""),
        was_refused=row.get("taken") == "no" and bool(row.get("source")),
    )


def _read(path: Path) -> list[dict[str, str]] | None:
    """The rows of a table of ours; None if there is no such file."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file, restval="", restkey="beyond"))
    except FileNotFoundError:
        return None
    except (UnicodeDecodeError, csv.Error) as error:
        raise GradesUnusable(
            f"{path}: it is damaged, or was saved by another program ({type(error).__name__})."
            " Grade again to have it written anew"
        ) from error
    return rows


def _grade(row: Mapping[str, str]) -> Grade:
    return Grade(
        row["student"],
        row.get("name", ""),
        row.get("email", ""),
        row["status"],
        _points(row["total"]),
        _points(row["max_total"]) or 0.0,
    )


def _points(text: str) -> float | None:
    try:
        points = float(text)
    except ValueError:
        return None
    return points if math.isfinite(points) else None
