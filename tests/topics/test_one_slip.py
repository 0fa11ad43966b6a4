"""One slip costs what it is about: checks that could judge the rest do so, and nothing is lost by
the draw.
"""

from __future__ import annotations

import numpy as np
import pytest

from grader.report import Verdict
from grader.topics.linear_svm import reference as svm
from grader.topics.regularization import reference as regularization
from grader.topics.softmax import reference as softmax
from tests.support.local_student import grade_locally, solution


def lost(functions: dict, *exercises: str, student: str = "ann") -> set[str]:
    """The checks that these functions, beside the reference, do not pass."""
    (report,) = grade_locally([solution(student, functions)], list(exercises or functions))
    return {
        f"{exercise.name} {check.name}" if len(report.exercises) > 1 else check.name
        for exercise in report.exercises
        for check in exercise.checks
        if check.verdict is not Verdict.PASSED
    }


def svm_with(penalty, gradient):
    """The SVM loss with a penalty and its gradient as functions of W and reg."""

    def loss(W, X, y, reg):
        data, dW = svm.svm_loss_vectorized(W, X, y, 0.0)
        return data + penalty(W, reg), dW + gradient(W, reg)

    return loss


def nan_loss(W, X, y, reg):
    return float("nan"), softmax.softmax_loss_vectorized(W, X, y, reg)[1]


def nan_gradient(W, X, y, reg):
    return softmax.softmax_loss_vectorized(W, X, y, reg)[0], np.full_like(W, np.nan)


def test_a_loss_that_is_nan_keeps_the_points_of_a_right_gradient():
    assert lost({"softmax_loss_naive": nan_loss}) == {"loss", "penalty"}


def test_a_gradient_that_is_nan_keeps_the_points_of_a_right_loss():
    assert lost({"softmax_loss_naive": nan_gradient}) == {
        "gradient",
        "penalty_gradient",
        "analytic",
    }


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_a_penalty_without_reg_costs_what_a_missing_one_costs(factor):
    missing = svm_with(lambda W, reg: 0.0, lambda W, reg: 0.0)
    without_reg = svm_with(
        lambda W, reg: factor * np.sum(W**2), lambda W, reg: 2 * factor * W if factor < 2 else W
    )
    for exercise in ("svm_loss_naive", "svm_loss_vectorized"):
        assert (
            lost({exercise: without_reg})
            == lost({exercise: missing})
            == {"penalty", "penalty_gradient"}
        )


def test_a_penalty_without_reg_beside_the_right_one_costs_the_checks_of_the_penalty():
    twice = svm_with(lambda W, reg: (1 + reg) * np.sum(W**2), lambda W, reg: 2 * (1 + reg) * W)
    assert lost({"svm_loss_naive": twice}) == {"penalty", "penalty_gradient"}


def without_ties(W, X, y, reg):
    """The hinge where scores differ, and nothing where they are equal."""
    scores = X @ W
    own = scores[np.arange(len(y)), y][:, None]
    margins = np.where(scores == own, 0.0, np.maximum(0, scores - own + 1))
    dscores = (margins > 0).astype(float)
    dscores[np.arange(len(y)), y] = -dscores.sum(axis=1)
    return margins.sum() / len(y) + reg * np.sum(W * W), X.T @ dscores / len(y) + 2 * reg * W


def test_equal_scores_are_tried_and_cost_one_check():
    assert lost({"svm_loss_naive": without_ties}) == {"sizes"}


def zeros(W, X, y, reg):
    return 0.0, np.zeros_like(W)


def test_zeros_keep_the_point_for_their_shapes_alone():
    assert lost({"svm_loss_vectorized": zeros}) == {
        "loss",
        "penalty",
        "gradient",
        "penalty_gradient",
        "analytic",
        "sizes",
        "inputs",
        "vectorized",
    }


def value_at_x_first(f, x, verbose=False, h=1e-5):
    f(x)
    gradient = np.zeros_like(x)
    for entry in np.ndindex(x.shape):
        before = x[entry]
        x[entry] = before + h
        above = f(x)
        x[entry] = before - h
        gradient[entry] = (above - f(x)) / (2 * h)
        x[entry] = before
    return gradient


def test_the_value_at_x_may_be_computed_before_centred_differences():
    assert lost({"eval_numerical_gradient": value_at_x_first}) == set()


def eps_beside_the_root(x, gamma, beta, bn_param):
    """The reference in test mode; in train mode eps is added to the deviation, and to its cache."""
    out, _ = regularization.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] != "train":
        return out, None
    deviation = x.std(axis=0) + bn_param.get("eps", 1e-5)
    normalized = (x - x.mean(axis=0)) / deviation
    return gamma * normalized + beta, (normalized, gamma, deviation)


def from_that_cache(dout, cache):
    normalized, gamma, deviation = cache
    d = dout * gamma
    inner = d - d.mean(axis=0) - normalized * (d * normalized).mean(axis=0)
    return inner / deviation, (dout * normalized).sum(axis=0), dout.sum(axis=0)


@pytest.mark.parametrize("student", [f"student {k}" for k in range(20)])
def test_eps_beside_the_root_is_charged_once(student):
    found = lost(
        {"batchnorm_forward": eps_beside_the_root, "batchnorm_backward": from_that_cache},
        "batchnorm_forward",
        "batchnorm_backward",
        student=student,
    )
    assert found == {"batchnorm_forward train"}
