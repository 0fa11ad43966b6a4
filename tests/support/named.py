"""How the bank of known mistakes names what it is shown: for its own entries, for pairs of them,
and for right solutions.
"""

from __future__ import annotations

import copy
import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from unittest import mock

import numpy as np

from cs231n_utils.exercises import EXERCISES
from grader.checks.misconception import Call, Misconception
from grader.checks.student import Student
from grader.diagnosis import hints
from grader.diagnosis.replay import same
from grader.grading import one_submission
from grader.grading.discover import Case
from grader.report import Report, Verdict
from tests.support.local_student import REFERENCE, grade_locally, mistaken, solution
from tests.support.right_solutions import PAIRS, RIGHT

OUTCOMES = ("itself", "an equivalent", "silent", "another")
NUMBER_OF_RIGHT = 1 + len(RIGHT) + len(PAIRS)  # the reference, and the others


def outcome(entry: Misconception, report: Report) -> str:
    """How the failed checks of a wrong solution name it; one mistake with the same hint is as good
    as another.
    """
    names = {
        check.mistake
        for check in report.exercise(entry.exercise).checks
        if check.verdict is Verdict.FAILED
    } - {""}
    equivalent = {other.name for other in hints.bank(entry.exercise) if other.hint == entry.hint}
    if names - equivalent:
        return "another"
    return "itself" if entry.name in names else "an equivalent" if names else "silent"


def confusion(
    entries: Sequence[Misconception], secrets: Sequence[str]
) -> dict[tuple[str, str], Counter[str]]:
    """How often each entry, by exercise and name, is named in which way; its inputs depend on the
    secret.
    """
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    by_exercise: dict[str, list[Misconception]] = defaultdict(list)
    for entry in entries:
        by_exercise[entry.exercise].append(entry)
    for secret in secrets:
        for exercise, some in by_exercise.items():
            reports = grade_locally([mistaken(entry) for entry in some], [exercise], secret)
            for entry, report in zip(some, reports, strict=True):
                found[exercise, entry.name][outcome(entry, report)] += 1
    return found


def pairs_of(exercise: str, rng: np.random.Generator) -> Counter[str]:
    """How results are named whose loss is one mistake's and whose gradient is another's, each with
    the other part right.
    """
    given = (rng.standard_normal((5, 4)), rng.standard_normal((7, 5)), rng.integers(0, 4, 7), 0.3)
    right = getattr(REFERENCE[EXERCISES[exercise].module], exercise)(*given)
    losses, gradients = [], []
    for entry in hints.bank(exercise):
        try:
            with np.errstate(all="ignore"):
                loss, dW = entry.wrong(*copy.deepcopy(given))
        except Exception:
            continue
        if (
            same(dW, right[1])
            and np.shape(loss) == ()
            and np.isfinite(loss)
            and not same(loss, right[0])
        ):
            losses.append((entry, loss))
        if same(loss, right[0]) and np.shape(dW) == right[1].shape and not same(dW, right[1]):
            gradients.append((entry, dW))
    counts: Counter[str] = Counter()
    for (first, loss), (second, dW) in itertools.product(losses, gradients):
        explanation = hints.explain(Call(exercise, given, {}, (loss, dW)))
        if explanation is None:
            counts["silent"] += 1
        elif explanation.hint in (f"{first.hint} {second.hint}", f"{second.hint} {first.hint}"):
            counts["itself"] += 1
        else:
            (one,) = [entry for entry in hints.bank(exercise) if entry.name == explanation.name]
            counts[
                "an equivalent" if same(one.wrong(*copy.deepcopy(given)), (loss, dW)) else "another"
            ] += 1
    return counts


def hints_for_right_solutions(secrets: Sequence[str]) -> tuple[int, list[str]]:
    """How many checks of right solutions were looked at, and what was wrongly said about them: as
    if each check had failed.
    """
    looked, said = 0, list[str]()
    run = one_submission._run

    def and_explain(case: Case, student: Student, seed: int) -> BaseException | None:
        nonlocal looked
        failure = run(case, student, seed)
        explanation = hints.explain(student.last_call, student.other_calls)
        looked += 1
        if failure is not None or explanation is not None:
            said.append(f"{case.item.nodeid}: {failure or explanation}")
        return failure

    different = [{exercise: function} for exercise, function in RIGHT] + PAIRS
    with mock.patch.object(one_submission, "_run", and_explain):
        for secret in secrets:
            grade_locally([solution("reference")], secret=secret)
            for functions in different:
                grade_locally([solution("different", functions)], list(functions), secret)
    return looked, said
