"""The one final grade: its sum, and how far it has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import nbformat
import pytest

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.course import overrides
from grader.course.final import (
    MAX_WRITTEN,
    WRITTEN_POINTS,
    Marks,
    Rules,
    Status,
    final_of,
    finals,
    unknown_students,
)
from grader.course.overrides import Overrides
from grader.course.settings import parse
from grader.intake.hand_ins import HandIn
from grader.paths import COURSE
from tests.support.course_copy import made_up_report

SVM = "svm_loss_naive"
ANN = HandIn("ann", "Ann Li", "ann@example.org", handed_in=datetime(2026, 11, 22, 8, tzinfo=UTC))
MARKED = Marks(written=7.5, extra=1.0, unmarked=0)
LATE = Rules(parse('timezone = "UTC"\ndue = 2026-11-20T23:59:00\n[late]\npercent_a_day = 10'))


def set_to(points: float | None, student: str = "ann", exercise: str = SVM) -> Overrides:
    time = datetime(2026, 11, 24, tzinfo=UTC)
    return Overrides((overrides.new(student, exercise, points, "Appeal.", "Ada", time),))


def test_the_written_questions_are_worth_what_the_rules_say():
    for notebook in NOTEBOOKS:
        path = COURSE / "notebooks" / ASSIGNMENT / f"{notebook}.ipynb"
        points = [
            cell.metadata.nbgrader.points
            for cell in nbformat.read(path, as_version=4).cells
            if "nbgrader" in cell.metadata and cell.metadata.nbgrader.solution
        ]
        assert points == [WRITTEN_POINTS]


@pytest.mark.parametrize(
    "claimed, gradebook, days",
    [
        (datetime(2026, 11, 22, 8, tzinfo=UTC), None, 2),  # nobody says so to gain by it
        (datetime(2026, 11, 20, 8, tzinfo=UTC), None, 0),
        (datetime(2026, 11, 20, 8, tzinfo=UTC), datetime(2026, 11, 21, 8, tzinfo=UTC), 1),
    ],
)
def test_a_time_that_only_the_students_side_says_counts_where_it_is_late(claimed, gradebook, days):
    one = replace(ANN, handed_in=claimed, claimed=True)
    late = final_of(made_up_report("ann"), one, replace(MARKED, handed_in=gradebook), LATE).late
    assert late.days == days
    assert (late.handed_in is None) == (days == 0)


def test_the_total_is_code_written_answers_and_extra_credit_less_the_penalty():
    grade = final_of(made_up_report("ann", share=0.5), ANN, MARKED, LATE)
    assert (grade.score, grade.written, grade.extra) == (0.75 * MAX_SCORE, 7.5, 1.0)
    assert (grade.late.days, grade.penalty) == (2, 20)
    assert grade.total == 0.75 * MAX_SCORE + 7.5 + 1 - 20
    assert (grade.max_total, grade.status) == (MAX_SCORE + MAX_WRITTEN, Status.GRADED)
    assert (grade.name, grade.email) == ("Ann Li", "ann@example.org")


def test_while_answers_are_unmarked_there_is_no_total_unless_they_are_left_out():
    report, waiting = made_up_report("ann"), replace(MARKED, unmarked=1)
    grade = final_of(report, ANN, waiting)
    assert (grade.total, grade.status) == (None, Status.WAITING)
    grade = final_of(report, ANN, waiting, replace(LATE, with_written=False))
    # 10 % a day of 90 points
    assert (grade.total, grade.max_total, grade.penalty) == (MAX_SCORE + 1 - 18, MAX_SCORE, 18)
    assert grade.written is None


NOT_JUDGED = {"not_judged": (SVM,)}
SECOND_LOOK = replace(MARKED, by_hand=MappingProxyType({SVM: 9.0}), second_look=frozenset([SVM]))


@pytest.mark.parametrize(
    "excused, report, marks, status",
    [
        (True, None, MARKED, Status.EXCUSED),
        (True, NOT_JUDGED, Marks(), Status.EXCUSED),
        (False, None, MARKED, Status.MISSING),
        (False, NOT_JUDGED, Marks(), Status.NOT_JUDGED),
        (False, {"exercises": (SVM,)}, MARKED, Status.NOT_JUDGED),
        (False, {}, Marks(), Status.WAITING),
        (False, {}, SECOND_LOOK, Status.WAITING),
        (False, {}, MARKED, Status.GRADED),
        (False, NOT_JUDGED, replace(MARKED, by_hand=MappingProxyType({SVM: 3.0})), Status.GRADED),
    ],
)
def test_the_first_status_that_holds_counts(excused, report, marks, status):
    rules = Rules(parse('[excused]\nann = "ill"')) if excused else Rules()
    graded = None if report is None else made_up_report("ann", **report)
    grade = final_of(graded, ANN, marks, rules)
    assert grade.status is status
    assert (grade.total is not None) == (status in (Status.GRADED, Status.MISSING))


def test_who_handed_in_nothing_has_no_points_and_who_is_excused_no_total():
    grades = finals([], {"ann": ANN}, rules=Rules(parse("[excused]\nbob = true")))
    assert [(grade.student, grade.status, grade.total) for grade in grades] == [
        ("ann", Status.MISSING, 0),
        ("bob", Status.EXCUSED, None),
    ]


def test_points_of_staff_replace_those_of_the_checks_and_those_by_hand():
    report = made_up_report("ann", share=0.0)
    by_hand = replace(MARKED, by_hand=MappingProxyType({SVM: 9.0}))
    assert final_of(report, ANN, by_hand).score == MAX_SCORE / 2 - 5.5 + 9
    grade = final_of(report, ANN, by_hand, Rules(overrides=set_to(11)))
    assert (grade.points[SVM], grade.score) == (11, MAX_SCORE / 2 - 5.5 + 11)
    assert grade.set_by_staff[SVM].why == "Appeal."


def test_points_of_staff_judge_what_could_not_be_judged_and_need_no_second_look():
    report = made_up_report("ann", **NOT_JUDGED)
    assert final_of(report, ANN, SECOND_LOOK, Rules(overrides=set_to(4))).status is Status.GRADED


def test_without_a_due_time_the_gradebooks_own_penalty_counts():
    marks = replace(MARKED, penalty=12.0)
    assert final_of(made_up_report("ann"), ANN, marks).total == MAX_SCORE + 7.5 + 1 - 12
    assert final_of(made_up_report("ann"), ANN, marks, LATE).penalty == 20


def test_a_total_is_never_below_nothing():
    marks = replace(MARKED, written=0.0, extra=-200.0)
    assert final_of(made_up_report("ann"), ANN, marks).total == 0


def test_a_time_in_the_gradebook_counts_where_the_download_has_none():
    marks = replace(MARKED, handed_in=ANN.handed_in)
    assert final_of(made_up_report("ann"), HandIn("ann"), marks, LATE).late.days == 2


def test_names_in_the_rules_without_a_hand_in_are_said_with_the_one_that_was_meant():
    rules = Rules(
        parse(
            'timezone = "UTC"\ndue = 2026-11-20\n[extensions]\nAnn = 2026-11-24\n'
            "[excused]\nzoe = true\nbop = true"
        ),
        set_to(4, "nobody"),
    )
    grades = finals([made_up_report("ann"), made_up_report("bob")], rules=rules)
    names = {grade.student for grade in grades if grade.score is not None}
    assert unknown_students(names.__contains__, lambda: names, rules) == [
        "extensions names Ann, of whom there is no hand-in (did you mean ann?)",
        "overrides names nobody, of whom there is no hand-in",
    ]


def test_every_exercise_has_its_points_in_a_grade():
    grade = final_of(made_up_report("ann", share=0.5), ANN)
    assert grade.points == {name: 0.75 * row.points for name, row in EXERCISES.items()}
