"""Validating reports of other machines before they count: a Dask worker may be broken, or somebody
else's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from cs231n_utils.exercises import EXERCISES
from grader.faults import GraderFault
from grader.intake.submission import Submission
from grader.report import (
    MAX_MESSAGE,
    Check,
    ErrorMap,
    ExerciseReport,
    Failure,
    Kind,
    LossCurve,
    Report,
    Verdict,
)

# Checks of an exercise, notes of a report, rows of a picture; real ones have fewer.
_MAX_PARTS = 100


class UnsoundReports(GraderFault):
    """The reports cannot be right; the text says what is wrong with them."""


def sound(
    reports: object,
    submissions: Sequence[Submission],
    exercises: Sequence[str],
    level: str,
    whole: bool = True,
) -> list[Report]:
    """Return `reports`, in the order of the submissions, if grading these submissions can lead to
    them; otherwise raise UnsoundReports.

    There must be one report of each submission, made at `level`, with these exercises in this
    order; unless they must be `whole`, exercises at the end may be missing. Points are at least 0
    and at most what the exercise is worth, and all values have exactly the types of a report's
    fields.
    """
    try:
        if type(reports) is not list or len(reports) != len(submissions):
            raise UnsoundReports(f"expected a list of {len(submissions)} reports")
        for report in reports:
            _expect_report(report, exercises, level, whole)
        wanted = [one.student for one in submissions]
        by_student = {report.student: report for report in reports}
        _expect(
            by_student.keys() == {*wanted},
            f"these are reports of {sorted(by_student)}, and not of {sorted(wanted)}",
        )
        return [by_student[student] for student in wanted]
    except UnsoundReports as error:
        raise UnsoundReports(str(error)[:MAX_MESSAGE]) from None
    except Exception as error:  # objects of other classes may raise anything
        raise UnsoundReports(f"they cannot be read ({type(error).__name__})") from error


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise UnsoundReports(otherwise)


def _expect_report(report: Report, exercises: Sequence[str], level: str, whole: bool) -> None:
    _expect_record(report, Report)
    _expect_texts(report.student, report.level, report.versions)
    _expect(
        report.level == level,
        f"{report.student!r} was graded at level {report.level!r}; expected {level!r}",
    )
    _expect_tuple(report.notes)
    _expect_texts(*report.notes)
    _expect(type(report.exercises) is tuple, "exercises are no tuple")
    for exercise in report.exercises:
        _expect_record(exercise, ExerciseReport)
        _expect_texts(exercise.name, exercise.notebook, exercise.key)
    names = [exercise.name for exercise in report.exercises]
    expected = exercises if whole else exercises[: len(names)]
    _expect_number(report.seconds, f"the seconds of {report.student!r}")
    _expect(
        names == [*expected],
        f"{report.student!r} has the exercises {names}; expected {[*exercises]}",
    )
    for exercise in report.exercises:
        _expect_exercise(exercise)


def _expect_exercise(exercise: ExerciseReport) -> None:
    row = EXERCISES[exercise.name]
    _expect(
        exercise.notebook == row.notebook,
        f"{exercise.name} is in notebook {exercise.notebook!r}; expected {row.notebook!r}",
    )
    _expect_number(exercise.seconds, f"the seconds of {exercise.name}")
    _expect_tuple(exercise.checks)
    for check in exercise.checks:
        _expect_check(exercise.name, check)
    names = [check.name for check in exercise.checks]
    _expect(len(names) == len({*names}), f"{exercise.name} has a check twice: {names}")
    worth = exercise.max_points
    _expect(
        math.isclose(worth, row.points), f"{exercise.name} is worth {worth}; expected {row.points}"
    )


def _expect_check(exercise: str, check: Check) -> None:
    _expect_record(check, Check)
    _expect_texts(check.name, check.title, check.mistake)
    what = f"{exercise}, {check.name!r}"
    if check.failure is not None:
        _expect_failure(what, check.failure)
    _expect(type(check.verdict) is Verdict, f"{what}: {check.verdict!r} is no verdict")
    _expect_number(check.max_points, f"the worth of {what}")
    _expect_number(check.points, f"the points of {what}", check.max_points)
    certain = {Verdict.PASSED: check.max_points, Verdict.NOT_JUDGED: 0}.get(
        check.verdict, check.points
    )
    _expect(
        check.points == certain,
        f"{what}: {check.verdict.value} with {check.points} of {check.max_points} points",
    )
    _expect(
        type(check.seed) is int and 0 <= check.seed < 2**53, f"{what}: {check.seed!r} is no seed"
    )
    if isinstance(check.picture, LossCurve):
        _expect_record(check.picture, LossCurve)
        _expect_tuple(check.picture.losses)
        _expect(
            all(type(loss) is float and math.isfinite(loss) for loss in check.picture.losses),
            f"{what}: no losses",
        )
        _expect(
            type(check.picture.calls) is int,
            f"{what}: {check.picture.calls!r} is no number of losses",
        )
    elif check.picture is not None:
        _expect_record(check.picture, ErrorMap)
        _expect_tuple(check.picture.rows)
        _expect_texts(check.picture.label, *check.picture.rows)


def _expect_failure(what: str, failure: Failure) -> None:
    _expect_record(failure, Failure)
    _expect(type(failure.kind) is Kind, f"{what}: {failure.kind!r} is no kind of failure")
    _expect_texts(failure.exercise, failure.subject, failure.finding, failure.hint, failure.detail)


def _expect_record(value: object, kind: Any) -> None:
    """Require an instance of exactly this dataclass, with its fields and no others."""
    names = {one.name for one in fields(kind)}
    _expect(
        type(value) is kind and vars(value).keys() == names,
        f"a {type(value).__name__} is no {kind.__name__}",
    )


def _expect_tuple(value: object) -> None:
    _expect(
        type(value) is tuple and len(value) <= _MAX_PARTS,
        f"a {type(value).__name__} where a short tuple belongs",
    )


def _expect_texts(*values: object) -> None:
    for value in values:
        _expect(
            type(value) is str and len(value) <= MAX_MESSAGE,
            f"a {type(value).__name__} where a short text belongs",
        )


def _expect_number(value: Any, what: str, most: float = math.inf) -> None:
    _expect(type(value) in (int, float), f"{what}: a {type(value).__name__} is no number")
    _expect(
        0 <= value <= most and value < math.inf, f"{what}: {value!r} lies outside 0 to {most!r}"
    )
