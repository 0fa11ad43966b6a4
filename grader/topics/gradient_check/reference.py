"""Reference solution; a student who hands in this file gets full points."""

from collections.abc import Callable

import numpy as np


def eval_numerical_gradient(
    f: Callable[[np.ndarray], float], x: np.ndarray, verbose: bool = False, h: float = 1e-5
) -> np.ndarray:
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        old = x[ix]
        x[ix] = old + h
        above = f(x)
        x[ix] = old - h
        below = f(x)
        x[ix] = old  # the next entry's slope is taken at the same point
        grad[ix] = (above - below) / (2 * h)
        if verbose:
            print(ix, grad[ix])
    return grad


def rel_error(x: float | np.ndarray, y: float | np.ndarray) -> float:
    error: float = np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))
    return error


def grad_check_sparse(
    f: Callable[[np.ndarray], float],
    x: np.ndarray,
    analytic_grad: np.ndarray,
    num_checks: int = 10,
    h: float = 1e-5,
) -> np.ndarray:
    errors = np.zeros(num_checks)
    for k in range(num_checks):
        ix = tuple(np.random.randint(size) for size in x.shape)
        old = x[ix]
        x[ix] = old + h
        above = f(x)
        x[ix] = old - h
        below = f(x)
        x[ix] = old
        numerical = (above - below) / (2 * h)
        analytic = analytic_grad[ix]
        errors[k] = abs(numerical - analytic) / max(1e-8, abs(numerical) + abs(analytic))
        print(f"numerical: {numerical:f} analytic: {analytic:f}, relative error: {errors[k]:e}")
    return errors
