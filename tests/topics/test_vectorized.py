"""A loop over the examples loses the points for vectorization, however it hides; whole arrays keep
them.
"""

from __future__ import annotations

import itertools

import pytest

from grader.grading.pool import grade_batch
from grader.report import Report, Verdict
from grader.topics.linear_svm import reference
from tests.support.costly_solutions import HIDINGS, handed_in, hidden_loop
from tests.support.in_sandbox import LEVELS, sandbox
from tests.support.local_student import SECRET, grade_locally, solution

HIDDEN = [
    f"{loss}, {hiding}, {'traced' if traced else 'not traced'}"
    for loss, hiding, traced in itertools.product(("svm", "softmax"), HIDINGS, (True, False))
]


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    sandbox(*LEVELS)
    found = {}
    for loss in ("svm", "softmax"):
        exercise = f"{loss}_loss_vectorized"
        some = [
            handed_in(name, exercise, hidden_loop(loss, hiding, tracing == "traced"))
            for name in HIDDEN
            for of, hiding, tracing in [name.split(", ")]
            if of == loss
        ]
        found.update({report.student: report for report in grade_batch(some, SECRET, [exercise])})
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", HIDDEN)
def test_a_hidden_loop_loses_the_points_for_vectorization_and_no_others(name, reports):
    (exercise,) = reports[name].exercises
    lost = {
        check.name: check.message
        for check in exercise.checks
        if check.verdict is not Verdict.PASSED
    }
    assert lost.keys() == {"vectorized"}, lost
    assert (
        "more Python steps for 20000 examples" if name.endswith(", traced") else "far more CPU time"
    ) in lost["vectorized"]


def in_parts(size: int):
    """The loss of so many examples at a time."""

    def vectorized(W, X, y, reg):
        parts = [
            reference.svm_loss_vectorized(W, X[k : k + size], y[k : k + size], 0.0)
            for k in range(0, len(X), size)
        ]
        weights = [len(X[k : k + size]) / len(X) for k in range(0, len(X), size)]
        loss, dW = (
            sum(weight * part[which] for weight, part in zip(weights, parts, strict=True))
            for which in (0, 1)
        )
        return loss + reg * (W * W).sum(), dW + 2 * reg * W

    return vectorized


def test_a_loop_over_parts_of_the_batch_is_a_loop():
    (report,) = grade_locally(
        [solution("parts", {"svm_loss_vectorized": in_parts(50)})], ["svm_loss_vectorized"]
    )
    assert [
        check.name for check in report.exercises[0].checks if check.verdict is Verdict.FAILED
    ] == ["vectorized"]


def right_for_few(W, X, y, reg):
    """The right function for small batches; of large ones, it takes only the first half."""
    half = slice(None) if len(X) < 1000 else slice(len(X) // 2)
    return reference.svm_loss_vectorized(W, X[half], y[half], reg)


def test_what_is_fast_for_large_batches_must_be_right_for_them():
    (report,) = grade_locally(
        [solution("half", {"svm_loss_vectorized": right_for_few})], ["svm_loss_vectorized"]
    )
    (failed,) = [check for check in report.exercises[0].checks if check.verdict is Verdict.FAILED]
    assert failed.name == "vectorized" and "With N=4000." in failed.message
