"""Numerical gradients, and how to compare them with analytic ones. You write this file
(1_gradient_check.ipynb).
"""

import numpy as np  # noqa: F401  (yours to use)


def rel_error(x, y):
    """Largest relative error between x and y.

    max over entries of  |x - y| / max(1e-8, |x| + |y|).
    0 where both are 0, close to 1 where they have nothing in common; never NaN for finite input.

    Parameters
    ----------
    x, y : numbers, or float ndarrays of one shape

    Returns
    -------
    error : float
    """
    raise NotImplementedError("rel_error: write me (1_gradient_check.ipynb, part 1)")


def eval_numerical_gradient(f, x, verbose=False, h=1e-5):
    """Gradient of f at x by centred differences, one entry of x at a time.

    For every index ix of x:  grad[ix] = (f(x + h e_ix) - f(x - h e_ix)) / (2 h),
    where e_ix is 1 at ix and 0 elsewhere. Exactly two evaluations of f an entry.

    Parameters
    ----------
    f : callable, f(x) -> float, takes an array of the shape of x
    x : float ndarray of any shape; you may change it on the way, but it leaves as it came
    verbose : bool, print each index with its slope
    h : float > 0, the step

    Returns
    -------
    grad : float ndarray of the shape of x
    """
    raise NotImplementedError("eval_numerical_gradient: write me (1_gradient_check.ipynb, part 2)")


def grad_check_sparse(f, x, analytic_grad, num_checks=10, h=1e-5):
    """Compare an analytic gradient with centred differences at a few random entries, and print each
    comparison.

    Draws num_checks random indices of x. At each, with n the centred difference of f and a the
    entry of analytic_grad:  error = |n - a| / max(1e-8, |n| + |a|).

    Parameters
    ----------
    f : callable, f(x) -> float
    x : float ndarray of any shape; leaves as it came
    analytic_grad : float ndarray of the shape of x
    num_checks : int >= 1, indices to draw (an index may be drawn twice)
    h : float > 0, the step

    Returns
    -------
    errors : float ndarray of shape (num_checks,), in the order drawn
    """
    raise NotImplementedError("grad_check_sparse: write me (1_gradient_check.ipynb, part 4)")
