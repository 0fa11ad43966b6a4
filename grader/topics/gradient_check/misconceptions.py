"""Known mistakes in numerical gradients and in the relative error; those in the check at random
entries are in `sparse_misconceptions`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from grader.checks.misconception import Misconception
from grader.topics.gradient_check import reference
from grader.topics.gradient_check.sparse_misconceptions import (
    CHECKS,
    NUMERICAL_GRADIENT,
    sparse,
    with_draws,
)

Function = Callable[[np.ndarray], float]

# --- eval_numerical_gradient ---


def differences(
    slope: Callable[[Callable[[float], float], float], float],
    f: Function,
    x: np.ndarray,
    verbose: bool = False,
    h: float = 1e-5,
) -> np.ndarray:
    """A gradient, of the shape of x, whose entries are slope(value, h), where value(step) is f at
    x with this entry moved by the step.
    """
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):

        def value(step: float, ix: tuple[int, ...] = ix) -> float:
            moved = x.copy()
            moved[ix] += step
            return f(moved)

        grad[ix] = slope(value, h)
    return grad


def not_restored(f: Function, x: np.ndarray, verbose: bool = False, h: float = 1e-5) -> np.ndarray:
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        old = x[ix]
        x[ix] = old + h
        above = f(x)
        x[ix] = old - h
        grad[ix] = (above - f(x)) / (2 * h)
    return grad


def flattened(f: Function, x: np.ndarray, verbose: bool = False, h: float = 1e-5) -> np.ndarray:
    return reference.eval_numerical_gradient(f, x, verbose, h).ravel()


def all_moved(f: Function, x: np.ndarray, verbose: bool = False, h: float = 1e-5) -> np.ndarray:
    return np.full_like(x, (f(x + h) - f(x - h)) / (2 * h))


def single_precision(
    f: Function, x: np.ndarray, verbose: bool = False, h: float = 1e-5
) -> np.ndarray:
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        above, below = (x.astype(np.float32) for _ in range(2))
        above[ix] += h
        below[ix] -= h
        grad[ix] = (f(above.astype(float)) - f(below.astype(float))) / (2 * h)
    return grad


def moved_up(f: Function, x: np.ndarray, verbose: bool = False, h: float = 1e-5) -> np.ndarray:
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        before = f(x)
        x[ix] += h
        grad[ix] = (f(x) - before) / h
    return grad


def relative_step(f: Function, x: np.ndarray, verbose: bool = False, h: float = 1e-5) -> np.ndarray:
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[ix] = h * abs(x[ix])
        grad[ix] = (f(x + step) - f(x - step)) / (2 * step[ix])
    return grad


def first_axis(f: Function, x: np.ndarray, verbose: bool = False, h: float = 1e-5) -> np.ndarray:
    grad = np.zeros_like(x)
    for k in range(len(x)):
        step = np.zeros_like(x)
        step.reshape(len(x), -1)[k, 0] = h
        grad += step / h * (f(x + step) - f(x - step)) / (2 * h)
    return grad


def added_up(f: Function, x: np.ndarray, verbose: bool = False, h: float = 1e-5) -> np.ndarray:
    return np.cumsum(reference.eval_numerical_gradient(f, x, verbose, h)).reshape(x.shape)


def one_number(f: Function, x: np.ndarray, verbose: bool = False, h: float = 1e-5) -> float:
    return float(np.sum(reference.eval_numerical_gradient(f, x, verbose, h)))


gradient_mistake = partial(
    Misconception, exercise="eval_numerical_gradient", concept=NUMERICAL_GRADIENT
)

GRADIENTS = [
    gradient_mistake(
        name="forward difference",
        wrong=partial(differences, lambda value, h: (value(h) - value(0)) / h),
        hint=(
            "The slope is taken on one side of x. "
            "Its error shrinks with h; that of a difference around x shrinks with h squared."
        ),
    ),
    gradient_mistake(
        name="backward difference",
        wrong=partial(differences, lambda value, h: (value(0) - value(-h)) / h),
        hint="The slope is taken below x only. A difference around x has a much smaller error.",
    ),
    gradient_mistake(
        name="divided by h",
        wrong=partial(differences, lambda value, h: (value(h) - value(-h)) / h),
        hint="The gradient is twice too large. How far apart are the two points?",
    ),
    gradient_mistake(
        name="step of its own",
        wrong=partial(differences, lambda value, h: (value(1e-5) - value(-1e-5)) / 2e-5),
        hint="The step does not follow h. Use the argument, not a number of your own.",
    ),
    gradient_mistake(
        name="divided by 4 h",
        wrong=partial(differences, lambda value, h: (value(h) - value(-h)) / (4 * h)),
        hint="The gradient is half of what it should be. How far apart are the two points?",
    ),
    gradient_mistake(
        name="not divided by the distance",
        wrong=partial(differences, lambda value, h: value(h) - value(-h)),
        hint="This is the difference of the two values. A slope is a difference over a distance.",
    ),
    gradient_mistake(
        name="distance outside the fraction",
        wrong=partial(differences, lambda value, h: (value(h) - value(-h)) / 2 * h),
        hint="The difference is multiplied by h. Which part of the formula stands below the line?",
    ),
    gradient_mistake(
        name="upside down",
        wrong=partial(differences, lambda value, h: (value(-h) - value(h)) / (2 * h)),
        hint=(
            "The gradient has the wrong sign. "
            "Which of the two values comes first in the difference?"
        ),
    ),
    gradient_mistake(
        name="two steps up",
        wrong=partial(differences, lambda value, h: (value(2 * h) - value(0)) / (2 * h)),
        hint=(
            "Both points lie at x or above it. A difference around x takes one above and one below."
        ),
    ),
    gradient_mistake(
        name="values added",
        wrong=partial(differences, lambda value, h: (value(h) + value(-h)) / (2 * h)),
        hint="The two values are added. A slope comes from their difference.",
    ),
    gradient_mistake(
        name="value instead of slope",
        wrong=partial(differences, lambda value, h: (value(h) + value(-h)) / 2),
        hint="The entries hold the value of f itself. A slope tells how fast the value changes.",
    ),
    gradient_mistake(
        name="step too small",
        wrong=partial(differences, lambda value, h: (value(1e-12) - value(-1e-12)) / 2e-12),
        hint=(
            "The step is so small that rounding drowns the difference. "
            "Use the step that is asked for."
        ),
    ),
    gradient_mistake(
        name="x not restored",
        wrong=not_restored,
        hint=(
            "An entry that was moved stays moved while the next ones are. "
            "Every slope belongs to the same x."
        ),
    ),
    gradient_mistake(
        name="moved up, never back",
        wrong=moved_up,
        hint=(
            "An entry that was moved stays moved while the next ones are. "
            "Every slope belongs to the same x."
        ),
    ),
    gradient_mistake(
        name="step relative to x",
        wrong=relative_step,
        hint="The step grows with the entry. It is h, whatever x is.",
    ),
    gradient_mistake(
        name="first axis only",
        wrong=first_axis,
        hint=(
            "Only the first entry along the other axes is looked at. "
            "The loop has to reach every index of x."
        ),
    ),
    gradient_mistake(
        name="slopes added up",
        wrong=added_up,
        hint=(
            "Each entry of the gradient holds the slopes of the entries before it, too. "
            "What is set, and what is added to?"
        ),
    ),
    gradient_mistake(
        name="one number",
        wrong=one_number,
        hint="A single number comes back. The gradient has an entry for each entry of x.",
    ),
    gradient_mistake(
        name="gradient flattened",
        wrong=flattened,
        hint="The gradient is a flat array. It has the shape of x.",
    ),
    gradient_mistake(
        name="all entries moved at once",
        wrong=all_moved,
        hint=(
            "All entries of x are moved together. "
            "A partial derivative moves one and keeps the others."
        ),
    ),
    gradient_mistake(
        name="single precision",
        wrong=single_precision,
        hint=(
            "The numbers are rounded to 7 digits, and the difference has hardly any left. "
            "Keep float64."
        ),
    ),
]


# --- rel_error ---

error_mistake = partial(Misconception, exercise="rel_error", concept="relative error")

ERRORS = [
    error_mistake(
        name="no guard against 0",
        wrong=lambda x, y: np.max(np.abs(x - y) / (np.abs(x) + np.abs(y))),
        hint="Two zeros give NaN. What should the smallest denominator be?",
    ),
    error_mistake(
        name="guard added",
        wrong=lambda x, y: np.max(np.abs(x - y) / (1e-8 + np.abs(x) + np.abs(y))),
        hint="1e-8 is added to every denominator. It is a lower bound for it.",
    ),
    error_mistake(
        name="larger one as denominator",
        wrong=lambda x, y: np.max(
            np.abs(x - y) / np.maximum(1e-8, np.maximum(np.abs(x), np.abs(y)))
        ),
        hint=(
            "The error is relative to the larger of the two. "
            "Here the denominator is the sum of both sizes."
        ),
    ),
    error_mistake(
        name="x as denominator",
        wrong=lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x))),
        hint="The error is relative to x alone. Swapping x and y must not change it.",
    ),
    error_mistake(
        name="mean instead of the largest",
        wrong=lambda x, y: np.mean(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))),
        hint="The mean of the errors hides a single wrong entry. The largest one is wanted.",
    ),
    error_mistake(
        name="ratio of the norms",
        wrong=lambda x, y: (
            np.linalg.norm(x - y) / np.maximum(1e-8, np.linalg.norm(x) + np.linalg.norm(y))
        ),
        hint="The arrays are compared as a whole. Compare entry by entry, and keep the worst.",
    ),
    error_mistake(
        name="sizes lost in the denominator",
        wrong=lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x + y))),
        hint="The denominator vanishes where x and y have opposite signs. Add their sizes.",
    ),
    error_mistake(
        name="signed difference",
        wrong=lambda x, y: np.max((x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))),
        hint=(
            "Entries in which x is smaller than y count as no error. "
            "What is missing around the difference?"
        ),
    ),
    error_mistake(
        name="absolute error",
        wrong=lambda x, y: np.max(np.abs(x - y)),
        hint="This is the absolute error. Relative to what size is it large or small?",
    ),
    error_mistake(
        name="mean size as denominator",
        wrong=lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-8, (np.abs(x) + np.abs(y)) / 2)),
        hint=(
            "The error is twice too large. "
            "The denominator is the sum of both sizes, not their mean."
        ),
    ),
    error_mistake(
        name="product as denominator",
        wrong=lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x * y))),
        hint="The sizes are multiplied in the denominator. They are added.",
    ),
    error_mistake(
        name="smallest instead of the largest",
        wrong=lambda x, y: np.min(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))),
        hint="The smallest of the errors hides all others. The largest one is wanted.",
    ),
    error_mistake(
        name="sum instead of the largest",
        wrong=lambda x, y: np.sum(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))),
        hint=(
            "The errors are added up, so that larger arrays look worse. The largest one is wanted."
        ),
    ),
    error_mistake(
        name="an error for each entry",
        wrong=lambda x, y: np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)),
        hint="An array of errors comes back. One number is wanted: the worst.",
    ),
    error_mistake(
        name="largest of each before dividing",
        wrong=lambda x, y: np.max(np.abs(x - y)) / max(1e-8, np.max(np.abs(x) + np.abs(y))),
        hint=(
            "The largest difference and the largest size may belong to different entries. "
            "Divide entry by entry first."
        ),
    ),
    error_mistake(
        name="squares",
        wrong=lambda x, y: np.max((x - y) ** 2 / np.maximum(1e-8, np.abs(x) + np.abs(y))),
        hint="The difference is squared. Its absolute value is wanted.",
    ),
    error_mistake(
        name="percent",
        wrong=lambda x, y: 100 * np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))),
        hint="The error is a hundred times too large: a percentage. A plain fraction is wanted.",
    ),
    error_mistake(
        name="guard of another size",
        wrong=lambda x, y: np.max(np.abs(x - y) / np.maximum(1e-6, np.abs(x) + np.abs(y))),
        hint=(
            "Tiny entries are measured against another lower bound than the docstring's. "
            "How small may the denominator get?"
        ),
    ),
    error_mistake(
        name="small entries left out",
        wrong=lambda x, y: np.max(
            np.where(
                np.abs(x) + np.abs(y) < 1e-8,
                0,
                np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)),
            )
        ),
        hint=(
            "Entries below 1e-8 count as equal. They still differ; they are measured against 1e-8."
        ),
    ),
]


RIGHT = {"grad_check_sparse": sparse}
REPLAYS = {"grad_check_sparse": with_draws}

MISCONCEPTIONS = [*GRADIENTS, *ERRORS, *CHECKS]
