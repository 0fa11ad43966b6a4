"""Known mistakes in numerical gradients and their comparison."""

from functools import partial

import numpy as np

from grader.checks.misconception import Misconception
from grader.topics.gradient_check import reference
from grader.topics.gradient_check.sparse_misconceptions import CHECKS, sparse, with_draws

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


def moved_up(f, x, verbose=False, h=1e-5):
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        before = f(x)
        x[ix] += h
        grad[ix] = (f(x) - before) / h
    return grad


def relative_step(f, x, verbose=False, h=1e-5):
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[ix] = h * abs(x[ix])
        grad[ix] = (f(x + step) - f(x - step)) / (2 * step[ix])
    return grad


def first_axis(f, x, verbose=False, h=1e-5):
    grad = np.zeros_like(x)
    for k in range(len(x)):
        step = np.zeros_like(x)
        step[(k, *[0] * (x.ndim - 1))] = h
        grad += step / h * (f(x + step) - f(x - step)) / (2 * h)
    return grad


def added_up(f, x, verbose=False, h=1e-5):
    return np.cumsum(reference.eval_numerical_gradient(f, x, verbose, h)).reshape(x.shape)


def one_number(f, x, verbose=False, h=1e-5):
    return np.sum(reference.eval_numerical_gradient(f, x, verbose, h))


GRADIENTS = [
    (
        "forward difference",
        partial(differences, lambda value, h: (value(h) - value(0)) / h),
        (
            "The slope is taken on one side of x. Its error shrinks with h; that of a difference"
            " around x shrinks with h squared."
        ),
    ),
    (
        "backward difference",
        partial(differences, lambda value, h: (value(0) - value(-h)) / h),
        "The slope is taken below x only. A difference around x has a much smaller error.",
    ),
    (
        "divided by h",
        partial(differences, lambda value, h: (value(h) - value(-h)) / h),
        "The gradient is twice too large. How far apart are the two points?",
    ),
    (
        "step of its own",
        partial(differences, lambda value, h: (value(1e-5) - value(-1e-5)) / 2e-5),
        "The step does not follow h. Use the argument, not a number of your own.",
    ),
    (
        "divided by 4 h",
        partial(differences, lambda value, h: (value(h) - value(-h)) / (4 * h)),
        "The gradient is half of what it should be. How far apart are the two points?",
    ),
    (
        "not divided by the distance",
        partial(differences, lambda value, h: value(h) - value(-h)),
        "This is the difference of the two values. A slope is a difference over a distance.",
    ),
    (
        "distance outside the fraction",
        partial(differences, lambda value, h: (value(h) - value(-h)) / 2 * h),
        "The difference is multiplied by h. Which part of the formula stands below the line?",
    ),
    (
        "upside down",
        partial(differences, lambda value, h: (value(-h) - value(h)) / (2 * h)),
        "The gradient has the wrong sign. Which of the two values comes first in the difference?",
    ),
    (
        "two steps up",
        partial(differences, lambda value, h: (value(2 * h) - value(0)) / (2 * h)),
        "Both points lie at x or above it. A difference around x takes one above and one below.",
    ),
    (
        "values added",
        partial(differences, lambda value, h: (value(h) + value(-h)) / (2 * h)),
        "The two values are added. A slope comes from their difference.",
    ),
    (
        "value instead of slope",
        partial(differences, lambda value, h: (value(h) + value(-h)) / 2),
        "The entries hold the value of f itself. A slope tells how fast the value changes.",
    ),
    (
        "step too small",
        partial(differences, lambda value, h: (value(1e-12) - value(-1e-12)) / 2e-12),
        "The step is so small that rounding drowns the difference. Use the step that is asked for.",
    ),
    (
        "x not restored",
        not_restored,
        (
            "An entry that was moved stays moved while the next ones are. Every slope belongs to"
            " the same x."
        ),
    ),
    (
        "moved up, never back",
        moved_up,
        (
            "An entry that was moved stays moved while the next ones are. Every slope belongs to"
            " the same x."
        ),
    ),
    ("step relative to x", relative_step, "The step grows with the entry. It is h, whatever x is."),
    (
        "first axis only",
        first_axis,
        (
            "Only the first entry along the other axes is looked at. The loop has to reach every"
            " index of x."
        ),
    ),
    (
        "slopes added up",
        added_up,
        (
            "Each entry of the gradient holds the slopes of the entries before it, too. What is"
            " set, and what is added to?"
        ),
    ),
    (
        "one number",
        one_number,
        "A single number comes back. The gradient has an entry for each entry of x.",
    ),
    ("gradient flattened", flattened, "The gradient is a flat array. It has the shape of x."),
    (
        "all entries moved at once",
        all_moved,
        "All entries of x are moved together. A partial derivative moves one and keeps the others.",
    ),
    (
        "single precision",
        single_precision,
        (
            "The numbers are rounded to 7 digits, and the difference has hardly any left. Keep"
            " float64."
        ),
    ),
]


# --- rel_error ---

ERRORS = [
    (
        "no guard against 0",
        lambda x, y: np.max(np.abs(x - y) / (np.abs(x) + np.abs(y))),
        "Two zeros give NaN. What should the smallest denominator be?",
    ),
    (
        "guard added",
        lambda x, y: np.max(np.abs(x - y) / (1e-8 + np.abs(x) + np.abs(y))),
        "1e-8 is added to every denominator. It is a lower bound for it.",
    ),
    (
        "larger one as denominator",
        lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-8, np.maximum(np.abs(x), np.abs(y)))),
        (
            "The error is relative to the larger of the two. Here the denominator is the sum of"
            " both sizes."
        ),
    ),
    (
        "x as denominator",
        lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x))),
        "The error is relative to x alone. Swapping x and y must not change it.",
    ),
    (
        "mean instead of the largest",
        lambda x, y: np.mean(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))),
        "The mean of the errors hides a single wrong entry. The largest one is wanted.",
    ),
    (
        "ratio of the norms",
        lambda x, y: np.linalg.norm(x - y) / max(1e-8, np.linalg.norm(x) + np.linalg.norm(y)),
        "The arrays are compared as a whole. Compare entry by entry, and keep the worst.",
    ),
    (
        "sizes lost in the denominator",
        lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x + y))),
        "The denominator vanishes where x and y have opposite signs. Add their sizes.",
    ),
    (
        "signed difference",
        lambda x, y: np.max((x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))),
        (
            "Entries in which x is smaller than y count as no error. What is missing around the"
            " difference?"
        ),
    ),
    (
        "absolute error",
        lambda x, y: np.max(np.abs(x - y)),
        "This is the absolute error. Relative to what size is it large or small?",
    ),
    (
        "mean size as denominator",
        lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-8, (np.abs(x) + np.abs(y)) / 2)),
        "The error is twice too large. The denominator is the sum of both sizes, not their mean.",
    ),
    (
        "product as denominator",
        lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x * y))),
        "The sizes are multiplied in the denominator. They are added.",
    ),
    (
        "smallest instead of the largest",
        lambda x, y: np.min(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))),
        "The smallest of the errors hides all others. The largest one is wanted.",
    ),
    (
        "sum instead of the largest",
        lambda x, y: np.sum(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))),
        "The errors are added up, so that larger arrays look worse. The largest one is wanted.",
    ),
    (
        "an error for each entry",
        lambda x, y: np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)),
        "An array of errors comes back. One number is wanted: the worst.",
    ),
    (
        "largest of each before dividing",
        lambda x, y: np.max(np.abs(x - y)) / max(1e-8, np.max(np.abs(x) + np.abs(y))),
        (
            "The largest difference and the largest size may belong to different entries. Divide"
            " entry by entry first."
        ),
    ),
    (
        "squares",
        lambda x, y: np.max((x - y) ** 2 / np.maximum(1e-8, np.abs(x) + np.abs(y))),
        "The difference is squared. Its absolute value is wanted.",
    ),
    (
        "percent",
        lambda x, y: 100 * np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))),
        "The error is a hundred times too large: a percentage. A plain fraction is wanted.",
    ),
    (
        "guard of another size",
        lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-6, np.abs(x) + np.abs(y))),
        (
            "Tiny entries are measured against another lower bound than the docstring's. How small"
            " may the denominator get?"
        ),
    ),
    (
        "small entries left out",
        lambda x, y: np.max(
            np.where(
                np.abs(x) + np.abs(y) < 1e-8,
                0,
                np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)),
            )
        ),
        "Entries below 1e-8 count as equal. They still differ; they are measured against 1e-8.",
    ),
]


RIGHT = {"grad_check_sparse": sparse}
REPLAYS = {"grad_check_sparse": with_draws}

MISCONCEPTIONS: list[Misconception] = [
    *(Misconception("eval_numerical_gradient", *row, DIFFERENCE) for row in GRADIENTS),
    *(Misconception("rel_error", *row, ERROR) for row in ERRORS),
    *(Misconception("grad_check_sparse", *row[:3], DIFFERENCE, *row[3:]) for row in CHECKS),
]
