"""Reference solution; a student who hands in this file gets full points."""

import numpy as np


def eval_numerical_gradient(f, x, verbose=False, h=1e-5):
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


def rel_error(x, y):
    return np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))


def grad_check_sparse(f, x, analytic_grad, num_checks=10, h=1e-5):
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
