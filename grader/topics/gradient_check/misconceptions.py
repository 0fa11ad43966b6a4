"""Known mistakes in numerical gradients and their comparison."""

from functools import partial

import numpy as np

from grader.hints import Misconception
from grader.topics.gradient_check import reference

DIFFERENCE, ERROR = "numerical gradient", "relative error"


# --- eval_numerical_gradient ---

def differences(slope, f, x, verbose=False, h=1e-5):
    """A gradient from slope(value, ix, h), where value(step) is f with entry ix moved by the step."""
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):

        def value(step, ix=ix):
            moved = x.copy()
            moved[ix] += step
            return f(moved)

        grad[ix] = slope(value, h)
    return grad


def not_restored(f, x, verbose=False, h=1e-5):
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        old = x[ix]
        x[ix] = old + h
        above = f(x)
        x[ix] = old - h
        grad[ix] = (above - f(x)) / (2 * h)
    return grad


def flattened(f, x, verbose=False, h=1e-5):
    return reference.eval_numerical_gradient(f, x, verbose, h).ravel()


def all_moved(f, x, verbose=False, h=1e-5):
    return np.full_like(x, (f(x + h) - f(x - h)) / (2 * h))


def single_precision(f, x, verbose=False, h=1e-5):
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        above, below = (x.astype(np.float32) for _ in range(2))
        above[ix] += h
        below[ix] -= h
        grad[ix] = (f(above.astype(float)) - f(below.astype(float))) / (2 * h)
    return grad


GRADIENTS = [
    ("forward difference", partial(differences, lambda value, h: (value(h) - value(0)) / h),
     "The slope is taken on one side of x. Its error shrinks with h; that of a difference around x shrinks with h squared."),
    ("backward difference", partial(differences, lambda value, h: (value(0) - value(-h)) / h),
     "The slope is taken below x only. A difference around x has a much smaller error."),
    ("divided by h", partial(differences, lambda value, h: (value(h) - value(-h)) / h),
     "The gradient is twice too large. How far apart are the two points?"),
    ("step of its own", partial(differences, lambda value, h: (value(1e-5) - value(-1e-5)) / 2e-5),
     "The step does not follow h. Use the argument, not a number of your own."),
    ("step too small", partial(differences, lambda value, h: (value(1e-13) - value(-1e-13)) / 2e-13),
     "The step is so small that rounding drowns the difference. Use the step that is asked for."),
    ("x not restored", not_restored,
     "An entry that was moved stays moved while the next ones are. Every slope belongs to the same x."),
    ("gradient flattened", flattened,
     "The gradient is a flat array. It has the shape of x."),
    ("all entries moved at once", all_moved,
     "All entries of x are moved together. A partial derivative moves one and keeps the others."),
    ("single precision", single_precision,
     "The numbers are rounded to 7 digits, and the difference has hardly any left. Keep float64."),
]


# --- rel_error ---

ERRORS = [
    ("no guard against 0", lambda x, y: np.max(np.abs(x - y) / (np.abs(x) + np.abs(y))),
     "Two zeros give NaN. What should the smallest denominator be?"),
    ("guard added", lambda x, y: np.max(np.abs(x - y) / (1e-8 + np.abs(x) + np.abs(y))),
     "1e-8 is added to every denominator. It is a lower bound for it."),
    ("larger one as denominator", lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-8, np.maximum(np.abs(x), np.abs(y)))),
     "The error is relative to the larger of the two. Here the denominator is the sum of both sizes."),
    ("x as denominator", lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x))),
     "The error is relative to x alone. Swapping x and y must not change it."),
    ("mean instead of the largest", lambda x, y: np.mean(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))),
     "The mean of the errors hides a single wrong entry. The largest one is wanted."),
    ("ratio of the norms", lambda x, y: np.linalg.norm(x - y) / max(1e-8, np.linalg.norm(x) + np.linalg.norm(y)),
     "The arrays are compared as a whole. Compare entry by entry, and keep the worst."),
    ("sizes lost in the denominator", lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x + y))),
     "The denominator vanishes where x and y have opposite signs. Add their sizes."),
    ("signed difference", lambda x, y: np.max((x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))),
     "Entries in which x is smaller than y count as no error. What is missing around the difference?"),
    ("absolute error", lambda x, y: np.max(np.abs(x - y)),
     "This is the absolute error. Relative to what size is it large or small?"),
]


# --- grad_check_sparse ---

def drawn(x, num_checks):
    return [tuple(np.random.randint(size) for size in x.shape) for _ in range(num_checks)]


def in_order(x, num_checks):
    return [tuple(np.unravel_index(k % x.size, x.shape)) for k in range(num_checks)]


def drawn_once(x, num_checks):
    return drawn(x, 1) * num_checks


def relative(numerical, analytic):
    return abs(numerical - analytic) / max(1e-8, abs(numerical) + abs(analytic))


def centred(value, h):
    return (value(h) - value(-h)) / (2 * h)


def sparse(f, x, analytic_grad, num_checks=10, h=1e-5, *, entries=drawn, slope=centred, error=relative):
    """grad_check_sparse with one of its parts replaced."""

    def value(step):
        moved = x.copy()
        moved[ix] += step
        return f(moved)

    errors = []
    for ix in entries(x, num_checks):
        errors.append(error(slope(value, h), analytic_grad[ix]))
    return np.array(errors)


def sparse_not_restored(f, x, analytic_grad, num_checks=10, h=1e-5):
    errors = []
    for ix in drawn(x, num_checks):
        x[ix] += h
        above = f(x)
        x[ix] -= 2 * h
        errors.append(relative((above - f(x)) / (2 * h), analytic_grad[ix]))
    return np.array(errors)


def largest_only(f, x, analytic_grad, num_checks=10, h=1e-5):
    return max(sparse(f, x, analytic_grad, num_checks, h))


CHECKS = [
    ("forward difference", partial(sparse, slope=lambda value, h: (value(h) - value(0)) / h),
     "The slope is taken on one side of x. Use the difference around x, as in eval_numerical_gradient."),
    ("divided by h", partial(sparse, slope=lambda value, h: (value(h) - value(-h)) / h),
     "The numerical slope is twice too large. How far apart are the two points?"),
    ("step of its own", partial(sparse, slope=lambda value, h: centred(value, 1e-4)),
     "The step does not follow h. Use the argument, not a number of your own."),
    ("entries in order", partial(sparse, entries=in_order),
     "The entries are always the first ones. A mistake in the others would never be found."),
    ("one entry again and again", partial(sparse, entries=drawn_once),
     "The same entry is checked each time. Draw a new one for each check."),
    ("no guard against 0", partial(sparse, error=lambda n, a: abs(n - a) / (abs(n) + abs(a))),
     "Where both gradients are 0 the error is NaN. What should the smallest denominator be?"),
    ("relative to one side", partial(sparse, error=lambda n, a: abs(n - a) / max(1e-8, abs(n))),
     "The error is relative to the numerical slope alone. The denominator holds both sizes."),
    ("absolute error", partial(sparse, error=lambda n, a: abs(n - a)),
     "This is the absolute error. Relative to what size is it large or small?"),
    ("x not restored", sparse_not_restored,
     "An entry that was moved stays moved. Every slope belongs to the same x."),
    ("largest error only", largest_only,
     "Only one number comes back. Return the error of each check."),
]

MISCONCEPTIONS: list[Misconception] = [
    *(Misconception("eval_numerical_gradient", *row, DIFFERENCE) for row in GRADIENTS),
    *(Misconception("rel_error", *row, ERROR) for row in ERRORS),
    *(Misconception("grad_check_sparse", *row, DIFFERENCE) for row in CHECKS),
]
