"""A second problem of another size, on which whatever is said of a mistake must hold as well.

A single number resembles many, and a small batch has patterns that come by chance. So a known
mistake is named, and a pattern told, only if the student's function shows it on a second problem of
finite, ordinary numbers, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

MORE = (2, 1, 1)  # by how much N, D and C grow


def second_problem(name: str, args: tuple[Any, ...], seed: int = 0) -> tuple[Any, ...] | None:
    """Arguments of another size for a further call like this one.

    name : the exercise
    args : of the first call; for LinearClassifier.predict they are (W, loss, X)

    None for exercises whose functions get callbacks, draw at random or need what another function
    returned: their calls are long, and nothing of them fits by chance.
    """
    make = _MAKERS.get(name)
    return make(np.random.default_rng(seed), *args) if make else None


def _softmax(rng: np.random.Generator, W: Any, X: Any, y: Any, reg: float) -> tuple[Any, ...]:
    (n, d), c = np.shape(X), np.shape(W)[1]
    n, d, c = max(n, c) + MORE[0], d + MORE[1], c + MORE[2]
    labels = np.arange(n) % c  # each class has an example, also without the first and the last
    return rng.standard_normal((d, c)), rng.standard_normal((n, d)), labels, 1.7 * reg


def _svm(rng: np.random.Generator, W: Any, X: Any, y: Any, reg: float) -> tuple[Any, ...]:
    W, X, y, reg = _softmax(rng, W, X, y, reg)
    ends = [0, len(y) - 1]  # examples with a loss, whatever the margin
    y[ends] = (X[ends] @ W).argmin(axis=1)
    return W, X, y, reg


def _pair(rng: np.random.Generator, x: Any, y: Any) -> tuple[Any, ...]:
    x = rng.uniform(0.5, 2.0, (4, 3)) * rng.choice([-1.0, 1.0], (4, 3))
    return x, x * rng.uniform(0.2, 3.0, x.shape) * np.where(np.arange(12) % 3, 1, -1).reshape(4, 3)


def _penalty(rng: np.random.Generator, W: Any, *beta: float) -> tuple[Any, ...]:
    rows, columns = (*np.shape(W), 1, 1)[:2]
    new = rng.standard_normal((rows + MORE[1], columns + MORE[2]))
    if not np.all(W):  # the call is about the subgradient
        new[0, 0] = 0.0
    return new, *(1.7 * each for each in beta)


def _batchnorm(
    rng: np.random.Generator, x: Any, gamma: Any, beta: Any, bn_param: Mapping[str, Any]
) -> tuple[Any, ...]:
    n, d = np.shape(x)
    n, d = n + MORE[0], d + MORE[1]
    new = {
        key: rng.uniform(0.5, 2.0, d) if isinstance(value, np.ndarray) else value
        for key, value in bn_param.items()
    }
    x = 2 * rng.standard_normal((n, d)) + rng.uniform(1, 2, d)
    return x, rng.uniform(0.5, 2, d), rng.uniform(0.5, 2, d), new


def _depth(
    rng: np.random.Generator, x: Any, residual: Any, sd_param: Mapping[str, Any]
) -> tuple[Any, ...] | None:
    if sd_param.get("mode") != "test":
        return None
    rows, columns = np.shape(x)
    shape = (rows + MORE[0], columns + MORE[1])
    return (
        rng.standard_normal(shape),
        rng.standard_normal(shape),
        {**sd_param, "survival_prob": 0.9 * sd_param["survival_prob"]},
    )


def _scores(rng: np.random.Generator, W: Any, loss: Any, X: Any) -> tuple[Any, ...]:
    (n, d), c = np.shape(X), np.shape(W)[1]
    n, d, c = n + 12, d + MORE[1], c + MORE[2]
    return rng.standard_normal((d, c)), loss, rng.standard_normal((n, d))


_MAKERS: dict[str, Callable[..., tuple[Any, ...] | None]] = {
    "rel_error": _pair,
    "svm_loss_naive": _svm,
    "svm_loss_vectorized": _svm,
    "softmax_loss_naive": _softmax,
    "softmax_loss_vectorized": _softmax,
    "l2_penalty": _penalty,
    "l1_penalty": _penalty,
    "elastic_net_penalty": _penalty,
    "batchnorm_forward": _batchnorm,
    "stochastic_depth_forward": _depth,
    "LinearClassifier.predict": _scores,
}
