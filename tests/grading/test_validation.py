"""Reports that come back from another process: what grading gives is let through, and nothing else
is.
"""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from cs231n_utils.exercises import EXERCISES
from grader.grading.one_submission import MAX_MESSAGE
from grader.grading.validation import UnsoundReports, sound
from grader.intake.submission import Submission
from grader.report import Check, ErrorMap, Failure, Kind, LossCurve, Report, Verdict
from tests.support.course_copy import made_up_report

NAMES = ["rel_error", "svm_loss_naive"]
CLASS = [Submission("ann", {}), Submission("bob", {})]


def ann(**changes: object) -> Report:
    return replace(made_up_report("ann", 0.5, exercises=tuple(NAMES)), **changes)


def with_exercise(**changes: object) -> Report:
    first, *others = ann().exercises
    return ann(exercises=(replace(first, **changes), *others))


def with_check(**changes: object) -> Report:
    """The second check, which failed with part of its points, differs."""
    first, second = ann().exercises[0].checks
    return with_exercise(checks=(first, replace(second, **changes)))


BOB = made_up_report("bob", not_judged=("rel_error",), exercises=tuple(NAMES))
FAILURE = Failure(Kind.WRONG, "rel_error", "error", "error is wrong.", "Look.", "No detail.")
HALF = EXERCISES["rel_error"].points / 2


def look_at(*reports: object) -> list[Report]:
    return sound([*reports], CLASS, NAMES, "A")


@pytest.mark.parametrize(
    "report",
    [
        ann(),
        ann(notes=("A note.",)),
        with_exercise(seconds=1.5),
        with_check(verdict=Verdict.FAILED, points=0, seed=2**53 - 1),
        with_check(picture=ErrorMap("dW", ("+.", "x0"))),
        with_check(picture=LossCurve((1.0, 0.5, 0.25, 0.2), 400)),
        with_check(failure=replace(FAILURE, finding="x" * MAX_MESSAGE)),
    ],
)
def test_what_grading_gives_is_let_through_in_any_order(report):
    assert look_at(BOB, report) == look_at(report, BOB) == [report, BOB]


def test_a_first_pass_may_end_before_the_last_exercise():
    some = ann(exercises=ann().exercises[:1])
    assert sound([some, BOB], CLASS, NAMES, "A", whole=False) == [some, BOB]
    with pytest.raises(UnsoundReports):
        sound([ann(exercises=ann().exercises[1:]), BOB], CLASS, NAMES, "A", whole=False)


class Text(str):  # noqa: SLOT000
    """A text that is none of ours."""


class Odd(Report):
    """A report that is none of ours."""


class Raises:
    """Whatever is asked of it, it raises."""

    def __getattribute__(self, name):
        raise RuntimeError(name)


def extra() -> Report:
    report = ann()
    object.__setattr__(report, "more", 1)
    return report


STUDENTS = {
    "missing": [ann()],
    "none": [],
    "twice": [ann(), ann()],
    "foreign": [ann(), replace(BOB, student="eve")],
    "one too many": [ann(), BOB, replace(BOB, student="eve")],
    "doubled": [ann(), BOB, BOB],
}


@pytest.mark.parametrize("reports", STUDENTS.values(), ids=STUDENTS)
def test_each_student_has_one_report_and_nobody_else_has(reports):
    with pytest.raises(UnsoundReports):
        look_at(*reports)


def test_what_is_no_list_of_reports_is_refused():
    for reports in (
        None,
        1,
        "reports",
        (ann(), BOB),
        {},
        np.zeros(2),
        Raises(),
        [1, 2],
        [Raises(), Raises()],
    ):
        with pytest.raises(UnsoundReports):
            sound(reports, CLASS, NAMES, "A")


UNSOUND = {
    "less than no time": ann(seconds=-1.0),
    "another level": ann(level="C"),
    "versions that are no text": ann(versions=Text("Python 3")),
    "a subclass": Odd(*dataclasses.astuple(ann())[:2], ann().exercises),
    "another field": extra(),
    "a name that is no text": ann(student=Text("ann")),
    "a list of exercises": ann(exercises=[]),
    "no exercise": ann(exercises=()),
    "one exercise": ann(exercises=ann().exercises[:1]),
    "another order": ann(exercises=ann().exercises[::-1]),
    "an exercise twice": ann(exercises=ann().exercises[:1] * 2),
    "a foreign exercise": with_exercise(name="hubr_loss"),
    "another notebook": with_exercise(notebook="2_svm "),
    "no checks": with_exercise(checks=()),
    "a check twice": with_exercise(checks=(ann().exercises[0].checks[0],) * 2),
    "a list of checks": with_exercise(checks=[*ann().exercises[0].checks]),
    "1,000 notes": ann(notes=("A note.",) * 1_000),
    "a note that is a number": ann(notes=(1,)),
    "a key that is a number": with_exercise(key=1),
    "a check that is none": with_exercise(checks=(1, 2)),
    **{
        f"points {value!r}": with_check(points=value)
        for value in (
            -1,
            76_000_000,
            HALF + 1e-6,
            math.nan,
            math.inf,
            -math.inf,
            10**400,
            True,
            "1",
            None,
            1j,
            np.float64(0),
            np.zeros(2),
        )
    },
    **{
        f"worth {value!r}": with_check(max_points=value)
        for value in (0, HALF + 1, math.nan, math.inf, -1, "1", np.float64(HALF))
    },
    **{
        f"seconds {value!r}": with_exercise(seconds=value)
        for value in (-1.0, math.nan, math.inf, "1", None)
    },
    **{f"verdict {value!r}": with_check(verdict=value) for value in ("failed", "perfect", None)},
    **{f"seed {value!r}": with_check(seed=value) for value in (-1, 2**53, 1.0, None)},
    "passed with part": with_check(verdict=Verdict.PASSED),
    "not judged with part": with_check(verdict=Verdict.NOT_JUDGED),
    **{
        f"{field} {type(value).__name__} of {len(value)}": with_check(**{field: value})
        for field in ("name", "title", "mistake")
        for value in ("x" * (MAX_MESSAGE + 1), b"bytes", Text("text"), ["x"])
    },
    **{
        f"{field} {type(value).__name__} of {len(value)} in a failure": with_check(
            failure=replace(FAILURE, **{field: value})
        )
        for field in ("exercise", "subject", "finding", "hint", "detail")
        for value in ("x" * (MAX_MESSAGE + 1), b"bytes", Text("text"), ["x"])
    },
    **{
        f"failure {value!r:.40}": with_check(failure=value)
        for value in ("wrong", {}, replace(FAILURE, kind="wrong"), replace(FAILURE, kind=None))
    },
    **{
        f"picture {value!r:.40}": with_check(picture=value)
        for value in (
            1,
            "dW",
            ErrorMap("dW", ["+"]),
            ErrorMap(1, ("+",)),
            ErrorMap("dW", ("+",) * 1_000),
            ErrorMap("dW", ("+" * 10_000,)),
            LossCurve((1.0, math.nan), 2),
            LossCurve((1.0,) * 1_000, 2),
            LossCurve((1.0, "2"), 2),
            LossCurve((1.0,), 1.0),
        )
    },
}


@pytest.mark.parametrize("report", UNSOUND.values(), ids=UNSOUND)
def test_what_grading_cannot_give_is_refused(report):
    with pytest.raises(UnsoundReports) as told:
        look_at(report, BOB)
    assert 0 < len(str(told.value)) <= MAX_MESSAGE


def test_every_field_of_a_report_is_looked_at():
    """A new field needs a rule in `grader.grading.validation`, and its name here."""
    assert {one.name for one in dataclasses.fields(Check)} == {
        "name",
        "title",
        "verdict",
        "points",
        "max_points",
        "failure",
        "seed",
        "mistake",
        "picture",
    }
    assert {one.name for one in dataclasses.fields(Failure)} == {
        "kind",
        "exercise",
        "subject",
        "finding",
        "hint",
        "detail",
    }
    assert {one.name for one in dataclasses.fields(ann().exercises[0])} == {
        "name",
        "notebook",
        "checks",
        "key",
        "seconds",
    }
    assert {one.name for one in dataclasses.fields(Report)} == {
        "student",
        "level",
        "exercises",
        "notes",
        "seconds",
        "versions",
    }


def test_what_the_grader_reports_of_a_class_is_let_through(graded_class):
    reports = [
        Report.from_dict(json.loads(path.read_text()))
        for path in graded_class.glob("*/report.json")
    ]
    class_ = [Submission(report.student, {}) for report in reports]
    assert len(reports) > 10 and sound(reports, class_, [*EXERCISES], reports[0].level) == reports
