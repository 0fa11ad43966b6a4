"""Wrong results that no known mistake explains: what is said is true of the numbers, helps, and
reveals none of them.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest

from cs231n_utils.exercises import EXERCISES
from grader.checks.callbacks import RecordingCallback
from grader.checks.expect import Mismatch
from grader.checks.misconception import Call
from grader.diagnosis import hints
from grader.diagnosis.describe import DESCRIBERS, describe
from grader.faults import StudentFault
from grader.grading import one_submission
from grader.grading.pool import grade_batch
from grader.intake.submission import Submission
from grader.report import Report, Verdict
from tests.support.first_time_solutions import ATTEMPTS, Attempt
from tests.support.in_sandbox import LEVELS, sandbox
from tests.support.local_student import REFERENCE, REFERENCE_FILES, SECRET, grade_locally, solution
from tests.support.wrong_solutions import WRONG

EACH = pytest.mark.parametrize(
    "k",
    range(len(WRONG)),
    ids=[f"{exercise}-{function.__name__}" for exercise, function, _ in WRONG],
)


def messages(report: Report, exercise: str) -> list[str]:
    return [
        check.message
        for check in report.exercise(exercise).checks
        if check.verdict is not Verdict.PASSED and check.tried
    ]


def all_messages() -> dict[int, list[str]]:
    """The messages that each wrong solution gets, by its place in the table."""
    return {
        k: messages(grade_locally([solution("ann", {exercise: function})], [exercise])[0], exercise)
        for k, (exercise, function, _) in enumerate(WRONG)
    }


@pytest.fixture(scope="module")
def told() -> dict[int, list[str]]:
    return all_messages()


@pytest.fixture(scope="module")
def told_without_hints() -> dict[int, list[str]]:
    """The bank grows: what it knows today is to be described as well, as if it did not."""
    with mock.patch.object(hints, "explain", return_value=None):
        return all_messages()


@EACH
def test_a_message_says_what_is_known(k, told_without_hints):
    assert any(WRONG[k][2] in message for message in told_without_hints[k]), "\n".join(
        told_without_hints[k]
    )


# --- what is never said ---


class Silent(SimpleNamespace):
    """A student who cannot be asked again; holds the last call."""

    def call(self, *args: object, **kwargs: object) -> object:
        raise StudentFault("raised nothing of interest.")

    calls = call


def differentiated(x: np.ndarray) -> tuple[RecordingCallback, np.ndarray]:
    """A function with the calls that a numerical gradient makes of it at x, and x."""
    f = RecordingCallback(lambda x: float(np.sum(x**3)))
    REFERENCE["gradient_check"].eval_numerical_gradient(f, x.copy())
    return f, x


def last_calls(rng: np.random.Generator) -> dict[str, tuple]:
    """Arguments for each exercise that is described, as checks give them."""
    W, X, y = rng.standard_normal((5, 4)), rng.standard_normal((7, 5)), rng.integers(0, 4, 7)
    x, gamma, beta = rng.standard_normal((6, 4)), rng.uniform(0.5, 2, 4), rng.uniform(-1, 1, 4)
    _, cache = REFERENCE["regularization"].batchnorm_forward(x, gamma, beta, {"mode": "train"})
    return {
        "eval_numerical_gradient": differentiated(rng.uniform(0.5, 1.5, (3, 2))),
        "rel_error": (W, W + 0.1 * rng.standard_normal(W.shape)),
        **{
            f"{kind}_loss_{way}": (W, X, y, reg)
            for kind, way, reg in (
                ("svm", "naive", 0.0),
                ("svm", "vectorized", 0.3),
                ("softmax", "naive", 0.3),
                ("softmax", "vectorized", 0.0),
            )
        },
        "l2_penalty": (W,),
        "l1_penalty": (W,),
        "elastic_net_penalty": (W, 0.3),
        "batchnorm_forward": (x, gamma, beta, {"mode": "train"}),
        "batchnorm_backward": (rng.standard_normal((6, 4)), cache),
        "stochastic_depth_forward": (x, 2 * x, {"mode": "test", "survival_prob": 0.7}),
        "stochastic_depth_backward": (x, 0.25),
        "gradient_descent": (lambda W: (float(np.sum(W**2)), 2 * W), W, 0.1, 1),
    }


SUBJECTS = (
    "loss",
    "dW",
    "R",
    "dR",
    "out",
    "dx",
    "dgamma",
    "dbeta",
    "dresidual",
    "grad",
    "error",
    "W",
    "running_mean",
    "running_var",
    "",
)
CHANGES: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "scaled": lambda a, rng: a * rng.uniform(0.1, 5),
    "doubled": lambda a, rng: 2 * a,
    "turned round": lambda a, rng: -a,
    "shifted": lambda a, rng: a + rng.uniform(0.1, 5),
    "noisy": lambda a, rng: a + rng.standard_normal(np.shape(a)),
    "imprecise": lambda a, rng: a * (1 + 1e-4 * rng.standard_normal(np.shape(a))),
    "whole": lambda a, rng: np.floor(a),
    "none left": lambda a, rng: 0 * a,
    "one row": lambda a, rng: np.concatenate([a[:-1], a[-1:] + 1]) if np.ndim(a) else a + 1,
    "huge": lambda a, rng: 1e200 * a,
    "not finite": lambda a, rng: a * np.nan,
}


def parts_of(result: object) -> list[np.ndarray]:
    return [
        np.asarray(part)
        for part in (result if isinstance(result, tuple) else (result,))
        if isinstance(part, (float, np.floating, np.ndarray))
    ]


def changed(result: object, change: Callable, rng: np.random.Generator) -> object:
    if isinstance(result, tuple):
        return tuple(changed(part, change, rng) for part in result)
    return change(result, rng) if isinstance(result, (float, np.floating, np.ndarray)) else result


def described(exercise: str, subject: str, args: tuple, result: object) -> str:
    return describe(subject, Silent(last_call=Call(exercise, args, {}, result)))


def right_result(exercise: str, args: tuple) -> object:
    function = getattr(REFERENCE[EXERCISES[exercise].module], exercise)
    return function(*copy.deepcopy(args))


@pytest.mark.parametrize("exercise", DESCRIBERS)
@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_said_of_what_is_right(exercise, seed):
    args = last_calls(np.random.default_rng(seed))[exercise]
    result = right_result(exercise, args)
    assert [described(exercise, subject, args, result) for subject in SUBJECTS] == [""] * len(
        SUBJECTS
    )


@pytest.mark.parametrize("exercise", DESCRIBERS)
@pytest.mark.parametrize("change", CHANGES)
def test_no_number_of_an_answer_is_said(exercise, change):
    """Beside factors, counts and positions, which are small whole numbers, a sentence has no
    numbers at all.
    """
    for seed in range(3):
        rng = np.random.default_rng(seed)
        args = last_calls(rng)[exercise]
        result = changed(right_result(exercise, args), CHANGES[change], rng)
        for subject in SUBJECTS:
            text = described(exercise, subject, args, result)
            assert set(re.findall(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", text)) <= set("0123456789"), (
                text
            )
            assert not re.search(r"np\.|==|\bdef\b|\breturn\b|NaN|inf\b", text), text


@pytest.mark.parametrize("exercise", DESCRIBERS)
def test_any_value_may_come_back(exercise):
    """A student may return anything; what is no array of the promised form is none of our business
    here.
    """
    args = last_calls(np.random.default_rng(0))[exercise]
    for value in (
        None,
        "text",
        10**400,
        [],
        (),
        (None, None, None),
        (1, 2),
        np.zeros(0),
        np.array("text"),
        1j,
        True,
        {"out": 1},
    ):
        for subject in SUBJECTS:
            assert isinstance(described(exercise, subject, args, value), str)


@EACH
def test_a_known_mistake_is_named_and_not_described(k, told):
    """What is added is short: a hint of the bank, or of two independent mistakes, or one or two
    sentences.
    """
    known = {entry.hint for entry in hints.bank(WRONG[k][0])}
    for message in told[k]:
        assert sum(hint in message for hint in known) <= 2
        assert len(message) < 500


def test_a_fault_of_the_description_costs_nobody_anything():
    student = Silent(
        last_call=Call("l2_penalty", ("no array",), {}, (0.0, np.zeros(2))), other_calls=[]
    )
    with pytest.raises(TypeError):
        describe("R", student)
    mismatch = Mismatch("R is wrong.", "R")
    assert one_submission._explained("l2_penalty", mismatch, "R", student) == ("", "")
    assert describe("R", Silent(last_call=None)) == ""


# --- as a user ---


@pytest.fixture(scope="module")
def first_time() -> dict[str, Report]:
    """The reports of the first-time solutions, each a whole submission with one function of its
    own, from the sandbox.
    """
    sandbox(*LEVELS)
    handed_in = []
    for attempt in ATTEMPTS:
        file = EXERCISES[attempt.exercise].file
        content = REFERENCE_FILES[file] + b"\n\n" + attempt.source.encode()
        handed_in.append(Submission(attempt.function.__name__, {**REFERENCE_FILES, file: content}))
    exercises = list(dict.fromkeys(attempt.exercise for attempt in ATTEMPTS))
    return {report.student: report for report in grade_batch(handed_in, SECRET, exercises)}


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.function.__name__)
def test_a_first_time_student_learns_what_to_look_at(attempt: Attempt, first_time):
    found = messages(first_time[attempt.function.__name__], attempt.exercise)
    assert any(attempt.told in message for message in found), "\n".join(found)
