"""The trial of each exercise, and when two outcomes are the same."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy as np

from cs231n_utils.mistakes import callbacks, results
from cs231n_utils.mistakes.results import Observation

# A trial takes the student's module, or anything else that has the functions as attributes.
TRIALS: dict[str, Callable[[Any], Observation]] = {
    "eval_numerical_gradient": lambda kit: callbacks.eval_numerical_gradient(
        kit.eval_numerical_gradient
    ),
    "rel_error": lambda kit: results.rel_error(kit.rel_error),
    "grad_check_sparse": lambda kit: callbacks.grad_check_sparse(kit.grad_check_sparse),
    "svm_loss_naive": lambda kit: results.linear_loss(kit.svm_loss_naive),
    "svm_loss_vectorized": lambda kit: results.linear_loss(kit.svm_loss_vectorized),
    "softmax_loss_naive": lambda kit: results.softmax_loss(kit.softmax_loss_naive),
    "softmax_loss_vectorized": lambda kit: results.softmax_loss(kit.softmax_loss_vectorized),
    "l2_penalty": lambda kit: results.penalty(kit.l2_penalty),
    "l1_penalty": lambda kit: results.penalty(kit.l1_penalty),
    "elastic_net_penalty": lambda kit: results.penalty(kit.elastic_net_penalty, (0.3,), (2.0,)),
    "batchnorm_forward": lambda kit: results.batchnorm_forward(kit.batchnorm_forward),
    "batchnorm_backward": lambda kit: results.batchnorm_backward(
        kit.batchnorm_forward, kit.batchnorm_backward
    ),
    "stochastic_depth_forward": lambda kit: results.stochastic_depth_forward(
        kit.stochastic_depth_forward
    ),
    "stochastic_depth_backward": lambda kit: results.stochastic_depth_backward(
        kit.stochastic_depth_forward, kit.stochastic_depth_backward
    ),
    "random_search": lambda kit: callbacks.random_search(kit.random_search),
    "gradient_descent": lambda kit: callbacks.gradient_descent(kit.gradient_descent),
    "LinearClassifier.train": lambda kit: callbacks.train(kit.LinearClassifier),
    "LinearClassifier.predict": lambda kit: results.predict(kit.LinearClassifier),
}
RTOL, ATOL = 1e-6, 1e-8


def observe(exercise: str, kit: Any) -> Observation:
    """Return the outcome of an exercise's trial.

    Every value is an ndarray of floats, or a word for what is not one.
    """
    np.random.seed(231)  # student code may draw from it; the same code gives the same outcome
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        return {
            part: [_plain(value) for value in values]
            for part, values in TRIALS[exercise](kit).items()
        }


def _plain(value: Any) -> np.ndarray | str:
    try:
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            return array.astype(float)
    except Exception:  # a list of arrays of different shapes, or a type of the student's own
        pass
    return value if type(value) is str else type(value).__name__


def same(values: list[Any], others: list[Any]) -> bool:
    """Whether two parts agree in every value, up to rounding (RTOL and ATOL)."""
    return len(values) == len(others) and all(map(_alike, values, others))


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return isinstance(a, str) and isinstance(b, str) and a == b
    if a.shape != b.shape:
        return False
    finite = np.isfinite(b)
    if finite.all():
        return bool((np.abs(a - b) <= ATOL + RTOL * np.abs(b).max(initial=0.0)).all())
    if not (
        np.array_equal(finite, np.isfinite(a))
        and np.array_equal(a[~finite], b[~finite], equal_nan=True)
    ):
        return False
    scale = np.abs(b[finite]).max(initial=0.0)
    return bool((np.abs(a[finite] - b[finite]) <= ATOL + RTOL * scale).all())
