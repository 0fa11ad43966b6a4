"""Whose points a run has changed, as a list from which staff can write to them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course.final import Final
from grader.paths import CHANGES
from grader.report import Report, format_points
from grader.text import table_cell

_COLUMNS = (
    "student",
    "name",
    "email",
    "exercise",
    "before",
    "after",
    "difference",
    "set_by_staff",
    "total",
    "max_total",
)


@dataclass(frozen=True)
class Change:
    """Points of an exercise that differ from those of the run before."""

    student: str
    exercise: str
    before: float
    after: float


def changes(earlier: Report | None, report: Report) -> list[Change]:
    """What differs between two reports of a student, of the exercises that both have judged."""
    before = (
        {exercise.name: exercise.points for exercise in earlier.exercises if exercise.judged}
        if earlier
        else {}
    )
    return [
        Change(report.student, exercise.name, before[exercise.name], exercise.points)
        for exercise in report.exercises
        if exercise.judged
        and exercise.name in before
        and abs(exercise.points - before[exercise.name]) > 1e-9
    ]


def write_changes(folder: Path, found: Iterable[tuple[Change, Final]]) -> None:
    """Write `changes.csv`, a row for each change, with the final grade of the student."""
    path = folder / CHANGES
    with open(path.with_suffix(".tmp"), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows(_row(change, grade) for change, grade in found)
    os.replace(path.with_suffix(".tmp"), path)


def _row(change: Change, grade: Final) -> Sequence[object]:
    by_staff = grade.set_by_staff.get(change.exercise)
    return [
        *map(table_cell, (change.student, grade.name, grade.email)),
        change.exercise,
        format_points(change.before),
        format_points(change.after),
        f"{change.after - change.before:.4g}",
        "" if by_staff is None or by_staff.points is None else format_points(by_staff.points),
        "" if grade.total is None else format_points(grade.total),
        grade.max_total,
    ]
