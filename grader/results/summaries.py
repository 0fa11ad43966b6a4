"""What the tables of a class show of a report, as one text from which both can be made again.

So a run keeps a class of any size on the disk, and not in memory.
"""

from __future__ import annotations

import functools
import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cs231n_utils.exercises import EXERCISES
from grader.course.final import auto_score
from grader.pages import class_rows
from grader.pages.class_rows import Fault, Row, Unjudged
from grader.report import ExerciseReport, Report, points_of_exercise
from grader.results import cache

_PARTS = 4  # where the exercises stand in a summary


@dataclass(frozen=True)
class Summary:
    """A report with points only, and its row of the class page.

    content : a text in JSON; or bytes, of a report that JSON does not give back as it was. The name
        of the student is not in it.
    is_settled : whether all of the report is judged, and of one submission
    """

    content: str | bytes
    is_settled: bool


def summary_of(report: Report, row: Row | None, key: str) -> Summary:
    """The summary of a report.

    row : of the class page; None if the report cannot be one
    key : of the submission, which all of a settled report must have
    """
    points = report.points_only()
    try:
        content: str | bytes = json.dumps(_plain(points, row))
        is_whole = contents(report.student, content) == (points, row)
    except (ValueError, LookupError, TypeError, AttributeError):
        is_whole = False
    if not is_whole:
        content = pickle.dumps((points, row))
    return Summary(content, is_whole and cache.is_current(report, key, EXERCISES))


def contents(student: str, summary: str | bytes) -> tuple[Report, Row | None]:
    """The report and the row of which a summary was made.

    Bytes must come from `summary_of` in this run; a text may be anybody's.
    """
    if isinstance(summary, bytes):
        made: tuple[Report, Row | None] = pickle.loads(summary)
        return made
    parts = json.loads(summary)
    level, _, held, slowest, _, mistakes, faults, unjudged = parts
    report, found = _report(student, parts)
    return report, Row(
        student,
        level,
        sum([one.points for one in found]),
        sum([one.max_points for one in found]),
        {one.name: one.outcome for one in found},
        {one.name: one.points for one in found},
        slowest and tuple(slowest),
        held,
        frozenset((exercise, name) for exercise, name in mistakes),
        tuple(Fault(*fault) for fault in faults),
        tuple(Unjudged(student, *check) for check in unjudged),
    )


def report_of(student: str, summary: str | bytes) -> Report:
    """The report alone, which takes half the time."""
    if isinstance(summary, bytes):
        return contents(student, summary)[0]
    return _report(student, json.loads(summary))[0]


def auto_total(summary: str | bytes) -> float:
    """The sum of the automatic scores that the gradebook has once the report is in it."""
    if isinstance(summary, bytes):
        scores = [auto_score(one) or 0.0 for one in contents("", summary)[0].exercises]
    else:
        scores = [_exercise(*part).auto_score for part in json.loads(summary)[_PARTS]]
    return round(sum(scores), 6)


def _report(student: str, parts: Sequence[Any]) -> tuple[Report, list[_Exercise]]:
    """The report, and what follows from the points of each exercise; `parts` as `_plain` gives
    them.
    """
    level, versions, held = parts[:3]
    found = [_exercise(*part) for part in parts[_PARTS]]
    return Report(student, level, tuple([one.report for one in found]), (), held, versions), found


def _plain(report: Report, row: Row | None) -> list[Any]:
    if row is None:
        raise ValueError("a report that cannot be one")
    return [
        report.level,
        report.versions,
        row.held,
        row.slowest,
        [
            (one.name, one.points)
            if one.judged and one.max_points == EXERCISES[one.name].points
            else (one.name, one.points, one.max_points, one.judged)
            for one in report.exercises
        ],
        sorted(row.mistakes),
        [(fault.kind, fault.exercise, fault.message) for fault in row.faults],
        [(check.exercise, check.title, check.detail) for check in row.unjudged],
    ]


@dataclass(frozen=True)
class _Exercise:
    """What follows from the points of an exercise."""

    name: str
    report: ExerciseReport
    outcome: str
    points: float
    max_points: float
    auto_score: float


@functools.lru_cache(10_000)
def _exercise(
    name: str, points: float, max_points: float | None = None, judged: bool = True
) -> _Exercise:
    """Shared by all students with the same points for an exercise."""
    row = EXERCISES[name]
    one = points_of_exercise(
        name, row.notebook, points, row.points if max_points is None else max_points, judged
    )
    return _Exercise(
        name, one, class_rows.outcome(one), one.points, one.max_points, auto_score(one) or 0.0
    )
