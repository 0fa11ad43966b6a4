"""Several faults at once that no known mistake explains: what is said is true of the numbers on
every draw, and what would only fit by chance is not said.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest

from grader.checks.misconception import Call
from grader.diagnosis import hints
from grader.diagnosis.second_problem import second_problem
from grader.report import Verdict
from tests.support.beginners_faults import BEGINNERS_FAULTS
from tests.support.local_student import REFERENCE, grade_locally, model_file, solution
from tests.support.local_student import trained_weights as trained
from tests.support.more_unknown_mistakes import UNKNOWN

NAMES = ("ann", "bob", "cyd")
FUNCTIONS = {one.function.__name__: (one.exercise, one.function) for one in UNKNOWN}


def _function_of(source: str, name: str):
    names = {"np": np}
    exec(source, names)
    return names[name]


FUNCTIONS |= {
    one.name: (one.exercise, _function_of(one.source, one.exercise)) for one in BEGINNERS_FAULTS
}


@functools.cache
def messages(function_name: str, student: str) -> str:
    """All messages that the wrong solution gets when a student of this name hands it in."""
    exercise, function = FUNCTIONS[function_name]
    handed_in = (
        solution(student, model=model_file(function(trained())))
        if exercise == "best_model.npz"
        else solution(student, {exercise: function})
    )
    (report,) = grade_locally([handed_in], [exercise])
    checks = report.exercise(exercise).checks
    return "\n".join(
        check.message for check in checks if check.verdict is not Verdict.PASSED and check.tried
    )


SAID = [
    ("mean_over_the_size_of_the_sum", "the mean of the errors relative to |x + y|"),
    ("last_of_signed_sum", "the error relative to |x + y|, of the last entry"),
    ("mean_relative_to_x", "the mean of the errors relative to |x|"),
    ("absolute_penalty_for_each_example", "the sum of |W|, times reg, and N times too large"),
    ("absolute_penalty_for_each_example", "the signs of W, times reg, and N times too large"),
    ("columns_of_all_labels", "The loss of a single example is C times too small."),
    ("length_of_the_exps", "the probabilities of an example do not add up to 1"),
    ("length_of_the_exps", "What reg adds to dW has the same number in every entry."),
    ("two_at_the_label", "the sum of W**2 without the first row of W, times reg"),
    ("averaged_over_features", "The loss of a single example is D times too small."),
    ("from_class_one", "The result is that of scores without the first class."),
    ("breaks_at_the_right_class", "Classes after the right one get nothing."),
    (
        "sum_down_the_examples",
        "every class gets the probability 1: each exp is divided by a sum ov",
    ),
    ("one_branch_for_both_modes", "normalized by mean and variance of this very batch"),
    ("exchanged_parameters", "The first running_mean is the batch's own."),
    ("multiplied_by_std", "Is it a mean over the batch?"),
    ("turned_and_scaled", "The skip path is open whatever the gate is."),
    ("gate_on_everything", "x is lost where the branch is dropped"),
    ("worst_of_unscaled_tries", "expected about the scale"),
    ("absolute_scores_counted_from_one", "Classes are numbered from 0 to 3"),
    ("shifted_classes", "Guessing is better than that."),
    ("ten_classes_and_squared_differences", "the 10 is no size of this call"),
    ("x_not_transposed", "(D, N) times (N, C) gives (D, C), the shape of W"),
    ("column_forgotten", "has to stand in a column, of shape (6, 1)"),
    ("counts_down_the_examples", "axis 0 leaves one number a class, axis 1 one number an example"),
    ("mask_of_truth_values", "Turn the mask into floats"),
]
NOT_SAID = [
    ("mean_over_the_size_of_the_sum", "2 times too large"),
    ("clipped_at_one_without_gradient", "the first class"),
    ("columns_of_all_labels", "a quarter"),
    ("two_at_the_label", "By what is each exp divided?"),
    ("halved_with_two_at_the_label", "By what is each exp divided?"),
    ("sigmoids", "By what is each exp divided?"),
    ("sum_down_the_examples", "Does the loop reach every example?"),
    ("gate_on_everything", "differs between entries"),
    ("everything_scaled", "differs between entries"),
    ("worst_of_unscaled_tries", "have mean"),
    ("absolute_scores_counted_from_one", "not the score"),
    ("first_rows_and_whole_gradient", "Every step uses all examples"),
    ("shifted_classes", "as good as guessing"),
    ("multiplied_by_std", "divided by the number of examples twice"),
    ("mask_of_truth_values", "whole-number"),
]


@pytest.mark.parametrize("student", NAMES)
@pytest.mark.parametrize("name, words", SAID, ids=[f"{name}: {words[:30]}" for name, words in SAID])
def test_several_faults_are_told_by_what_the_numbers_show(name, words, student):
    assert words in messages(name, student)


@pytest.mark.parametrize("student", NAMES)
@pytest.mark.parametrize("name, words", NOT_SAID, ids=[name for name, _ in NOT_SAID])
def test_what_fits_by_chance_is_not_said(name, words, student):
    assert words not in messages(name, student)


# --- the second problem ---

W, X, y = np.ones((5, 4)), np.ones((7, 5)), np.zeros(7, int)
CALLS = {
    "svm_loss_naive": (W, X, y, 0.3),
    "softmax_loss_vectorized": (W, X, y, 0.0),
    "rel_error": (1.0, 3.0),
    "l2_penalty": (W,),
    "elastic_net_penalty": (W, 0.3),
    "batchnorm_forward": (X, np.ones(5), np.ones(5), {"mode": "train"}),
    "LinearClassifier.predict": (W, None, X),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_second_problem_has_another_size_and_ordinary_numbers(name):
    args = CALLS[name]
    second = second_problem(name, args)
    assert len(second) == len(args)
    for before, now in zip(args, second, strict=True):
        if isinstance(before, np.ndarray):
            assert now.ndim == before.ndim and now.shape != before.shape
        if isinstance(now, np.ndarray):
            assert np.isfinite(now).all() and now.any()
    sizes = {size for one in second if isinstance(one, np.ndarray) for size in one.shape}
    assert 1 not in sizes


def test_exercises_with_callbacks_have_no_second_problem():
    assert second_problem("gradient_descent", (None, W, 0.1, 3)) is None
    assert second_problem("best_model.npz", ()) is None


def test_a_mistake_that_does_not_fit_on_the_second_problem_is_not_named():
    right = REFERENCE["gradient_check"].rel_error

    def half(x, y):
        return right(x, y) / 2

    def call(*args):
        return Call("rel_error", args, {}, half(*args))

    first = call(
        np.array([1.0, 1.0]), np.array([3.0, 1.0])
    )  # the mean of two, or half of the largest
    assert hints.explain(first) is not None
    assert hints.explain(first, (), lambda one: call(*second_problem(one.name, one.args))) is None


def test_two_mistakes_together_must_fit_on_the_second_problem_as_well():
    svm = REFERENCE["linear_svm"].svm_loss_vectorized

    def wrong(W, X, y, reg, penalty):
        loss, dW = svm(W, X, y, 0.0)
        return loss + 1 + penalty * reg * np.sum(W**2), dW + 2 * penalty * reg * W

    rng = np.random.default_rng(0)
    args = (rng.standard_normal((5, 4)), rng.standard_normal((7, 5)), rng.integers(0, 4, 7), 0.3)
    first = Call("svm_loss_vectorized", args, {}, wrong(*args, 0.5))
    assert hints.explain(first) is not None

    def again(penalty):
        args = second_problem(first.name, first.args)
        return lambda one: Call(one.name, args, {}, wrong(*args, penalty))

    assert hints.explain(first, (), again(0.5)) == hints.explain(first)
    assert hints.explain(first, (), again(0.4)) is None
