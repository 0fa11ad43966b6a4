"""The hidden checks are fair: right solutions get all points, however they are written; the
untouched kit gets none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from cs231n_utils.exercises import EXERCISES, MAX_SCORE
from grader.grading.pool import grade_batch
from grader.intake.submission import COURSE, STUDENT_MODULES, Submission
from grader.report import Report, Verdict
from tests.support.in_sandbox import LEVELS, sandbox
from tests.support.local_student import (
    REFERENCE,
    REFERENCE_FILES,
    SECRET,
    grade_locally,
    model_file,
    solution,
    trained_weights,
)
from tests.support.right_solutions import PAIRS, RIGHT, RIGHT_MODELS, noisy

STUBS = {name: (COURSE / name).read_bytes() for name in STUDENT_MODULES}
NAMES = [f"student {number}" for number in range(20)]

NOISE = b"""
import sys, warnings
print("importing")
print("nothing is wrong", file=sys.stderr)
warnings.warn("just so you know", RuntimeWarning)
"""


def not_passed(report: Report) -> list[str]:
    return [
        f"{exercise.name}: {check.name}: {check.verdict.value}: {check.message}"
        for exercise in report.exercises
        for check in exercise.checks
        if check.verdict is not Verdict.PASSED
    ]


@pytest.fixture(scope="module")
def references() -> list[Report]:
    """The reference, handed in by many students: each has other inputs."""
    return grade_locally([solution(name) for name in NAMES])


def test_the_reference_gets_every_point_whoever_hands_it_in(references):
    for report in references:
        assert not_passed(report) == []
        assert (report.score, report.max_score, report.status) == (MAX_SCORE, MAX_SCORE, "graded")


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_points_of_the_checks_add_up(exercise, references):
    assert references[0].exercise(exercise).max_points == EXERCISES[exercise].points
    assert all(check.max_points > 0 for check in references[0].exercise(exercise).checks)


def test_every_check_has_its_own_title_and_seed(references):
    for exercise in references[0].exercises:
        titles = [check.title for check in exercise.checks]
        assert len(set(titles)) == len(titles)
        assert all(title.endswith(".") for title in titles)
    seeds = [
        check.seed
        for report in references
        for exercise in report.exercises
        for check in exercise.checks
    ]
    assert len(set(seeds)) == len(seeds)


def test_the_same_submission_gets_the_same_report(references):
    assert grade_locally([solution(NAMES[0])])[0] == references[0]


DIFFERENT = [
    *((function.__name__, {exercise: function}) for exercise, function in RIGHT),
    *((" and ".join(function.__name__ for function in pair.values()), pair) for pair in PAIRS),
    (
        "noisy losses",
        {
            name: noisy(getattr(REFERENCE[EXERCISES[name].module], name))
            for name in ("svm_loss_naive", "softmax_loss_naive", "l1_penalty", "batchnorm_forward")
        },
    ),
]


@pytest.mark.parametrize(
    "functions", [functions for _, functions in DIFFERENT], ids=[name for name, _ in DIFFERENT]
)
def test_a_right_solution_may_look_different(functions):
    handed_in = [solution(name, functions) for name in NAMES[:3]]
    for report in grade_locally(handed_in, list(functions)):
        assert not_passed(report) == []


@pytest.mark.parametrize("saved", RIGHT_MODELS, ids=lambda saved: saved.__name__)
def test_right_weights_may_be_saved_in_another_form(saved):
    handed_in = [solution(name, model=model_file(saved(trained_weights()))) for name in NAMES[:3]]
    for report in grade_locally(handed_in, ["best_model.npz"]):
        assert not_passed(report) == []


def test_right_solutions_of_every_exercise_are_known():
    known = {exercise for exercise, _ in RIGHT} | {"best_model.npz" for _ in RIGHT_MODELS}
    missing = set(EXERCISES) - known
    assert not missing, (
        f"write a right function of {missing}, with @right, in tests/support/right_solutions.py"
    )


def forward_with(factor: Callable[[], float]) -> Callable:
    """stochastic_depth_forward with this factor on the branch in test mode."""

    def stochastic_depth_forward(x, residual, sd_param):
        if sd_param["mode"] != "test":
            return REFERENCE["regularization"].stochastic_depth_forward(x, residual, sd_param)
        return x + factor() * residual, factor()

    return stochastic_depth_forward


@pytest.mark.parametrize(
    "exercises",
    [["stochastic_depth_forward", "stochastic_depth_backward"], ["stochastic_depth_backward"]],
)
def test_a_wrong_forward_pass_is_charged_once(exercises):
    (report,) = grade_locally(
        [solution("ann", {"stochastic_depth_forward": forward_with(lambda: 1.0)})], exercises
    )
    assert not_passed(report) == [] or report.exercise("stochastic_depth_forward").points == 1
    assert (
        report.exercise("stochastic_depth_backward").points
        == EXERCISES["stochastic_depth_backward"].points
    )


@pytest.mark.parametrize("factor", [1.0, 0.0, 1e-6, -1.0])
def test_a_forward_pass_that_is_wrong_for_the_backward_checks_alone_gains_nothing(factor):
    calls = iter([0.7, 0.7, 0.25, 0.25])  # what its own checks want
    functions = {
        "stochastic_depth_forward": forward_with(lambda: next(calls, factor)),
        "stochastic_depth_backward": lambda dout, cache: (dout, cache * dout),
    }
    (report,) = grade_locally(
        [solution("ann", functions)], ["stochastic_depth_forward", "stochastic_depth_backward"]
    )
    assert (
        report.exercise("stochastic_depth_forward").points
        == EXERCISES["stochastic_depth_forward"].points
    )
    failed = {
        check.name
        for check in report.exercise("stochastic_depth_backward").checks
        if check.verdict is Verdict.FAILED
    }
    assert failed == {"test"}


@pytest.mark.parametrize(
    "name, points", [("batchnorm_forward", 2.8), ("stochastic_depth_forward", 1.8)]
)
def test_who_lets_an_unknown_mode_pass_keeps_most_points(name, points):
    right = getattr(REFERENCE["regularization"], name)

    def lenient(*args):
        with contextlib.suppress(ValueError):
            return right(*args)
        return args[0], None

    exercise = grade_locally([solution("lenient", {name: lenient})], [name])[0].exercise(name)
    assert exercise.points == points
    assert [check.name for check in exercise.checks if "no ValueError" in check.message] == ["test"]


# --- the same through files and the sandbox ---


def windows(source: bytes) -> bytes:
    """As an editor on Windows may save it."""
    return b"\xef\xbb\xbf" + source.replace(b"\n", b"\r\n")


def with_helper(files: dict[str, bytes]) -> dict[str, bytes]:
    """Losses that live in a module of the student's own."""
    moved = {
        "cs231n_utils/my_losses.py": files["cs231n_utils/softmax.py"],
        "cs231n_utils/softmax.py": (
            b"from .my_losses import softmax_loss_naive, softmax_loss_vectorized\n"
        ),
    }
    return {**files, **moved}


FILES = {
    "reference": REFERENCE_FILES,
    "windows": {name: windows(content) for name, content in REFERENCE_FILES.items()},
    "noise and helper": with_helper(
        {name: NOISE + content for name, content in REFERENCE_FILES.items()}
    ),
}


@pytest.fixture(scope="module")
def sandboxed() -> dict[str, Report]:
    """Reports by name of the files above, and of the untouched kit."""
    sandbox(*LEVELS)
    handed_in = [
        Submission(name, {**files, "best_model.npz": model_file()}) for name, files in FILES.items()
    ]
    return {
        report.student: report
        for report in grade_batch([*handed_in, Submission("untouched", STUBS)], SECRET)
    }


@pytest.mark.parametrize("name", FILES)
def test_right_files_get_every_point_in_the_sandbox(name, sandboxed):
    assert not_passed(sandboxed[name]) == []
    assert sandboxed[name].score == MAX_SCORE


def test_the_untouched_kit_gets_nothing_and_says_where_to_start(sandboxed):
    report = sandboxed["untouched"]
    assert (report.score, report.status) == (0, "graded")
    for exercise in report.exercises:
        assert exercise.points == 0
        first = exercise.checks[0].message
        assert "write me" in first or "is missing" in first
