"""The scores of many solutions under many students' names.

A student's name and the secret decide the inputs of the hidden checks. So a solution that fails for
one name and passes for another has its points by lot.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from unittest import mock

from cs231n_utils.exercises import EXERCISES
from grader.checks import session
from grader.diagnosis import hints
from grader.grading import one_submission
from grader.intake.submission import MODEL_FILE, Submission
from grader.topics.cost import TRIED_OUT
from tests.support.first_time_solutions import ATTEMPTS
from tests.support.local_student import (
    grade_locally,
    mistaken,
    model_file,
    solution,
    trained_weights,
)
from tests.support.right_solutions import PAIRS, RIGHT, RIGHT_MODELS
from tests.support.unknown_mistakes import UNKNOWN
from tests.support.wrong_solutions import WRONG

MEASURED = {"analytic", "vectorized"}  # checks that look at CPU time as well as at numbers


@dataclass(frozen=True)
class Candidate:
    """A solution that is graded under many names.

    source : the list that it is from
    label : exercise and function
    exercises : what is graded
    submission : the reference with these exercises replaced
    """

    source: str
    label: str
    exercises: tuple[str, ...]
    submission: Submission

    @property
    def is_slow(self) -> bool:
        """Whether a grading takes seconds: no box is there to end the call at its CPU limit."""
        return self.label.endswith(f": {TRIED_OUT}")


@functools.cache
def candidates() -> tuple[Candidate, ...]:
    """Every wrong and every right solution that the repository has, in a fixed order."""
    found = [
        Candidate(
            "bank of mistakes", f"{entry.exercise}: {entry.name}", (exercise,), mistaken(entry)
        )
        for exercise in EXERCISES
        for entry in hints.bank(exercise)
    ]
    found += [_one("wrong solutions", exercise, wrong) for exercise, wrong, _ in WRONG]
    found += [
        _one("first-time solutions", attempt.exercise, attempt.function) for attempt in ATTEMPTS
    ]
    found += [_one("unknown mistakes", unknown.exercise, unknown.function) for unknown in UNKNOWN]
    found += [_one("right solutions", exercise, function) for exercise, function in RIGHT]
    found += [_one("right solutions", MODEL_FILE, model) for model in RIGHT_MODELS]
    found += [
        Candidate(
            "right solutions",
            " and ".join(function.__name__ for function in pair.values()),
            tuple(pair),
            solution("", pair),
        )
        for pair in PAIRS
    ]
    return (*found, Candidate("right solutions", "reference", tuple(EXERCISES), solution("")))


def _one(source: str, exercise: str, function: Callable) -> Candidate:
    submission = (
        solution("", model=model_file(function(trained_weights())))
        if exercise == MODEL_FILE
        else solution("", {exercise: function})
    )
    return Candidate(source, f"{exercise}: {function.__name__}", (exercise,), submission)


@dataclass(frozen=True)
class Scores:
    """What one candidate got under all names.

    points : for each exercise and check, points -> under how many names
    totals : score -> under how many names
    """

    candidate: int
    points: dict[tuple[str, str], Counter[float]]
    totals: Counter[float]

    @property
    def differing(self) -> dict[tuple[str, str], Counter[float]]:
        """The checks that do not give the same points under all names."""
        return {check: counts for check, counts in self.points.items() if len(counts) > 1}


def scores(candidate: int, names: Iterable[str]) -> Scores:
    """Grade `candidates()[candidate]` under these names, without hints, which cost no points, and
    without a limit on an exercise's wall time, which a busy machine reaches.
    """
    one = candidates()[candidate]
    points: dict[tuple[str, str], Counter[float]] = {}
    totals: Counter[float] = Counter()
    with (
        mock.patch.object(one_submission, "_explained", return_value=("", "")),
        mock.patch.object(session, "EXERCISE_SECONDS", float("inf")),
    ):
        for report in grade_locally(_under(one, names), one.exercises):
            for exercise in report.exercises:
                for check in exercise.checks:
                    counts = points.setdefault((exercise.name, check.name), Counter())
                    counts[check.points] += 1
            totals[round(report.score, 2)] += 1
    return Scores(candidate, points, totals)


def _under(one: Candidate, names: Iterable[str]) -> Sequence[Submission]:
    return [replace(one.submission, student=name) for name in names]
