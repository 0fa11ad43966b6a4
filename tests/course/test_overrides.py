"""Points that staff set: a log of which the last line counts, and which can be taken back."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from cs231n_utils.exercises import EXERCISES
from grader.course import overrides
from grader.course.overrides import Override, Overrides, OverridesWrong, line, parse

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SVM, REL = "svm_loss_naive", "rel_error"


def entry(student="ann", exercise=SVM, points: float | None = 8.0) -> Override:
    return overrides.new(student, exercise, points, "A sign was copied wrongly.", "Ada", NOW)


def test_a_line_comes_back_as_it_was_and_is_ascii_whatever_it_holds():
    hostile = overrides.new('=1+1\x1b[31m\u202e"', REL, 1.5, "Größe\n\u2028", "Ada", NOW)
    text = line(hostile) + line(entry())
    assert text.isascii() and text.count("\n") == 2
    assert parse(text) == Overrides((hostile, entry()))


def test_the_last_line_about_a_student_and_an_exercise_counts():
    log = Overrides((entry(points=5), entry(points=8), entry(exercise=REL, points=1), entry("bob")))
    assert {name: one.points for name, one in log.of("ann").items()} == {SVM: 8, REL: 1}
    assert log.students() == {"ann", "bob"} and log.of("cy") == {}


def test_what_was_taken_back_no_longer_counts_and_is_known_with_all_its_points():
    log = Overrides((entry(points=5), entry(points=8), entry(points=None), entry("bob")))
    assert log.of("ann") == {} and log.students() == {"bob"}
    assert log.taken_back == {("ann", SVM): {5, 8}}
    again = Overrides((*log.log, entry(points=3)))
    assert again.of("ann")[SVM].points == 3 and again.taken_back == {}


@pytest.mark.parametrize("points", [-1, EXERCISES[SVM].points + 0.5, float("nan"), float("inf")])
def test_points_outside_of_what_an_exercise_is_worth_are_refused(points):
    with pytest.raises(ValueError, match="expected a number from 0 to 11"):
        entry(points=points)


def data(**changes) -> str:
    return json.dumps({**json.loads(line(entry())), **changes})


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "3",
        "{}",
        data(exercise="abs_error"),
        data(points=True),
        data(points="8"),
        data(student=""),
        data(student=["ann"]),
        data(more=1),
        "[" * 100_000,
    ],
)
def test_a_line_that_is_none_is_said_with_its_number(text):
    with pytest.raises(OverridesWrong, match=r"^log, line 2: .*Correct the line or remove it"):
        parse(line(entry()) + text, "log")
