"""A gradient that is tried out, in whatever way, loses the check that it is derived, and is told
why.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

from grader.grading.pool import grade_batch
from grader.report import Report, Verdict
from tests.support.costly_solutions import TRIED_OUT, handed_in
from tests.support.in_sandbox import LEVELS, sandbox
from tests.support.local_student import SECRET

pytestmark = pytest.mark.slow

LEFT_OUT = [  # they take long, and are like others; `python -m benchmarks.cost` has all
    "svm_loss_naive: one-sided, around a vectorized loss",
    "svm_loss_naive: complex step, around a vectorized loss",
    "svm_loss_vectorized: one-sided, around a vectorized loss",
    "svm_loss_vectorized: stacked, around a vectorized loss",
    "softmax_loss_naive: one-sided, around a vectorized loss",
    "softmax_loss_naive: centred, around a vectorized loss",
    "softmax_loss_vectorized: one-sided, around a vectorized loss",
    "softmax_loss_vectorized: centred, around a vectorized loss",
]
CHOSEN = [name for name in TRIED_OUT if name not in LEFT_OUT]
# What builds on a gradient that is derived.
ALSO = {"svm_loss_vectorized": {"vectorized"}, "softmax_loss_vectorized": {"vectorized"}}


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    sandbox(*LEVELS)
    by_exercise = defaultdict(list)
    for name in CHOSEN:
        exercise, source = TRIED_OUT[name]
        by_exercise[exercise].append(handed_in(name, exercise, source))
    return {
        report.student: report
        for exercise, some in by_exercise.items()
        for report in grade_batch(some, SECRET, [exercise])
    }


@pytest.mark.parametrize("name", CHOSEN)
def test_a_gradient_that_is_tried_out_loses_its_own_check_and_is_told_why(name, reports):
    exercise, _ = TRIED_OUT[name]
    report = reports[name].exercise(exercise)
    failed = {check.name: check for check in report.checks if check.verdict is not Verdict.PASSED}
    assert failed.keys() == {"analytic"} | ALSO.get(exercise, set()), [
        check.message for check in failed.values()
    ]
    analytic = failed.pop("analytic")
    assert (
        analytic.verdict is Verdict.FAILED
        and analytic.points == 0
        and analytic.mistake == "gradient tried out"
    )
    assert "takes as long as trying out every" in analytic.message
    assert "a numerical gradient is for checking it." in analytic.message
    assert all(check.message.startswith("Not tried") for check in failed.values())
