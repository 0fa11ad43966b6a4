"""Trials of functions that return plain results.

A trial calls the function on small inputs and returns an outcome: parts by name, such as "data
loss" and "data gradient", each with one value for each input. Independent mistakes should show in
different parts, so that both can be named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

Observation = dict[str, list[Any]]
Function = Callable[..., Any]  # of a student, or a known mistake
RAISES = "raises"  # the first word of the text that replaces a value where a function raised
REG = 0.3


def attempt(function: Function, *arguments: Any, **options: Any) -> Any:
    """Return what the function returns, or a text that says which type of exception it raised.

    The message of the exception is left out, because it differs between versions of NumPy.
    """
    try:
        with np.errstate(all="ignore"):
            return function(*arguments, **options)
    except BaseException as error:  # a function under trial may do anything; SystemExit, too
        return f"{RAISES} {type(error).__name__}"


def unpack(returned: Any, count: int) -> list[Any]:
    """Return the `count` results of a function; anything else stands for each of the results."""
    return (
        list(returned)
        if isinstance(returned, (tuple, list)) and len(returned) == count
        else [returned] * count
    )


def numbers(shape: tuple[int, ...], start: float) -> np.ndarray:
    """An ndarray of this shape with irregular numbers from -2 to 2.

    They come from no random generator, so that every version of NumPy gives the same ones.
    """
    return np.round(2 * np.sin(2.3 * np.arange(np.prod(shape, dtype=int)) + start), 2).reshape(
        shape
    )


# --- SVM and softmax loss ---

# W (D, C), X (N, D), y (N,): a batch; a single example; more classes than examples, so that some
# classes have no example.
PROBLEMS = [
    (numbers((2, 3), 1), numbers((4, 2), 5), np.array([0, 2, 1, 2])),
    (numbers((3, 2), 2), numbers((1, 3), 4), np.array([0])),
    (numbers((3, 5), 3), numbers((2, 3), 6), np.array([1, 2])),
]
EXTREMES = {
    "large scores": (np.full((1, 3), 1000.0), np.eye(1), np.array([0])),
    "scores far apart": (np.array([[900.0, 901.0], [1.0, 2.0]]), np.eye(2), np.array([0, 1])),
    "hopeless class": (np.array([[1.0, 901.0, 6.0]]), np.eye(1), np.array([0])),
}


def difference(a: Any, b: Any) -> Any:
    """Return a - b, or a text where a call raised (the text of that call) or they do not fit."""
    if isinstance(a, str) or isinstance(b, str):
        return a if isinstance(a, str) else b
    try:
        return np.subtract(a, b)
    except Exception:
        return RAISES


def linear_loss(function: Function) -> Observation:
    """Loss and gradient without penalty, what the penalty adds to both, and whether W changed."""
    seen: Observation = defaultdict(list)
    for W, X, y in PROBLEMS:
        used = W.copy()
        loss, dW = unpack(attempt(function, W.copy(), X.copy(), y.copy(), 0.0), 2)
        penalized_loss, penalized_dW = unpack(attempt(function, used, X.copy(), y.copy(), REG), 2)
        seen["data loss"].append(loss)
        seen["data gradient"].append(dW)
        seen["penalty in the loss"].append(difference(penalized_loss, loss))
        seen["penalty in the gradient"].append(difference(penalized_dW, dW))
        seen["W afterwards"].append(used - W)
    return seen


def softmax_loss(function: Function) -> Observation:
    """The same, and roughly how large the loss is for extreme scores.

    The loss is only compared with a few bounds, so that other mistakes make no difference there.
    """
    seen = linear_loss(function)
    stable = attempt(lambda: all(np.isfinite(loss) for loss in seen["data loss"])) is True
    for part, example in EXTREMES.items():
        loss, _ = unpack(attempt(function, *(array.copy() for array in example), 0.0), 2)
        size = attempt(
            lambda loss=loss: [
                np.isfinite(loss),
                *(np.isfinite(loss) and abs(loss) > s for s in (10, 100, 600)),
            ]
        )
        seen[part].append(size if stable else "never finite")
    return seen


# --- the rest of the plain functions ---


def rel_error(function: Function) -> Observation:
    x, y = numbers((2, 3), 1), numbers((2, 3), 3)
    pairs = [
        (1.0, 3.0),
        (0.01, 0.03),
        (x, y),
        (y, x),
        (x, 1.1 * x),
        (x[0], -2 * x[0]),
        # The largest difference is not the largest error.
        (np.array([1.0, 10.0]), np.array([2.0, 13.0])),
    ]
    zeros = [(np.zeros(2), np.zeros(2)), (np.array([1.0, 0.0]), np.array([1.0, 1e-10]))]
    return {
        "error": [attempt(function, *pair) for pair in pairs],
        "error of zeros": [attempt(function, *pair) for pair in zeros],
    }


def penalty(function: Function, *constants: tuple[float, ...]) -> Observation:
    """R and dR of positive, negative and zero weights.

    constants : tuples of arguments that come after W, such as (beta,); each is tried
    """
    seen: Observation = defaultdict(list)
    for W in (np.array([[1.5, -2.0, 0.25], [0.0, -0.5, 3.0]]), np.array([0.5, -2.5])):
        for more in constants or [()]:
            R, dR = unpack(attempt(function, W.copy(), *more), 2)
            seen["R"].append(R)
            seen["dR"].append(dR)
    return seen


AVERAGES = ("running_mean", "running_var")
GAMMA, BETA = np.array([1.5, 0.5, -2.0]), np.array([0.5, -1.0, 2.0])


def batchnorm_forward(function: Function) -> Observation:
    seen: Observation = defaultdict(list)
    batches = [numbers((4, 3), 1), 3 * numbers((4, 3), 4) + 1]
    for x in batches:
        for options in ({}, {"eps": 0.3}):
            seen["out in train mode"] += unpack(
                attempt(function, x.copy(), GAMMA, BETA, {"mode": "train", **options}), 2
            )[:1]
    for options in ({}, {"momentum": 0.6}):
        bn_param: dict[str, Any] = {"mode": "train", **options}
        for x in batches:
            returned = attempt(function, x.copy(), GAMMA, BETA, bn_param)
            seen["running averages"] += [
                returned if isinstance(returned, str) else bn_param.get(key) for key in AVERAGES
            ]
    kept = {"running_mean": np.array([0.5, 2.0, -1.0]), "running_var": np.array([4.0, 0.5, 1.5])}
    bn_param = {"mode": "test", "eps": 0.1, **{key: value.copy() for key, value in kept.items()}}
    seen["out in test mode"] += unpack(
        attempt(function, batches[0].copy(), GAMMA, BETA, bn_param), 2
    )[:1]
    seen["averages after test mode"] += [
        difference(bn_param.get(key), kept[key]) for key in AVERAGES
    ]
    return seen


def batchnorm_backward(forward: Function, backward: Function) -> Observation:
    """The gradients, computed with the cache of the student's own forward function."""
    seen: Observation = defaultdict(list)
    for n, start in ((4, 1), (6, 2)):
        cache = unpack(
            attempt(
                forward, 10 * numbers((n, 3), start), GAMMA, BETA, {"mode": "train", "eps": 0.0}
            ),
            2,
        )[1]
        results = unpack(attempt(backward, numbers((n, 3), start + 4), cache), 3)
        for name, value in zip(("dx", "dgamma", "dbeta"), results, strict=True):
            seen[name].append(value)
    return seen


BRANCH, SKIP = (
    np.array([[1.0, 2.0, -0.5], [-3.0, 0.25, 4.0]]),
    np.array([[10.0, 20.0, 30.0], [5.0, -8.0, 2.0]]),
)


def depth(forward: Function, mode: str, survival_prob: float, seed: int = 0) -> list[Any]:
    """Return [out, cache] of one layer."""
    sd_param = {"mode": mode, "survival_prob": survival_prob, "rng": np.random.default_rng(seed)}
    return unpack(attempt(forward, SKIP.copy(), BRANCH.copy(), sd_param), 2)


def stochastic_depth_forward(function: Function) -> Observation:
    """In train mode, only what does not depend on how the gate is drawn."""

    def shares(out: Any) -> np.ndarray:
        rounded: np.ndarray = np.round((out - SKIP) / BRANCH, 6)
        return rounded

    def gates() -> list[Any]:
        each = [shares(depth(function, "train", 0.5, seed)[0]) for seed in range(40)]
        within_rows = max(np.ptp(share, axis=1).max() for share in each)
        return [np.min(each), np.max(each), within_rows > 0, max(map(np.ptp, each)) > 0]

    def repeated() -> bool:
        first, second = (
            [depth(function, "train", 0.5, seed)[0] for seed in range(20)] for _ in range(2)
        )
        return np.array_equal(first, second)

    return {
        "certain gates": [
            depth(function, "train", survival_prob)[0] for survival_prob in (1.0, 0.0)
        ],
        "gates": [attempt(gates)],
        "gates of the same generator": [attempt(repeated)],
        "out in test mode": [
            depth(function, "test", survival_prob)[0] for survival_prob in (0.75, 0.25)
        ],
    }


def stochastic_depth_backward(forward: Function, backward: Function) -> Observation:
    """The gradients with the student's own cache: branch kept, branch dropped, and test mode."""
    seen: Observation = defaultdict(list)
    for mode, survival_prob in (("train", 1.0), ("train", 0.0), ("test", 0.25)):
        dx, dresidual = unpack(
            attempt(backward, numbers((2, 3), 1), depth(forward, mode, survival_prob)[1]), 2
        )
        seen["dx"].append(dx)
        seen["dresidual"].append(dresidual)
    return seen


def predict(classifier: type) -> Observation:
    model = classifier()
    model.W = numbers((3, 4), 1)
    batches = [
        attempt(model.predict, numbers((n, 3), start)) for n, start in ((5, 2), (1, 3), (4, 5))
    ]
    return {
        "labels": batches,
        "whole numbers": [attempt(lambda y=y: np.add(y, 0).dtype.kind in "iu") for y in batches],
    }
