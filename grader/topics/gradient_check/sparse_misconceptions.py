"""Known mistakes in the gradient check at random entries.

Wrong implementations take an argument `random` instead of using numpy.random, so that a replay can
give them the draws of a student.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from grader.checks.misconception import Call, Misconception

NUMERICAL_GRADIENT = "numerical gradient"  # the concept

Function = Callable[[np.ndarray], float]
Entry = tuple[int, ...]  # the index of an entry of x


class Drawn:
    """Stands in for numpy.random: draws the entries again that the student has drawn, and the
    index 0 after them, because a wrong implementation may draw more of them than it uses.
    """

    def __init__(self, entries: list[Entry]) -> None:
        self.numbers = [k for ix in entries for k in ix]
        self.used = 0

    def randint(self, size: int) -> int:
        self.used += 1
        return self.numbers[self.used - 1] if self.used <= len(self.numbers) else 0


Random = ModuleType | Drawn  # numpy.random, or what stands in for it


def drawn(x: np.ndarray, num_checks: int, random: Random) -> list[Entry]:
    return [tuple(random.randint(size) for size in x.shape) for _ in range(num_checks)]


def in_order(x: np.ndarray, num_checks: int, random: Random = np.random) -> list[Entry]:
    every = list(np.ndindex(x.shape))
    return [every[k % x.size] for k in range(num_checks)]


def drawn_once(x: np.ndarray, num_checks: int, random: Random) -> list[Entry]:
    return drawn(x, 1, random) * num_checks


def ten_only(x: np.ndarray, num_checks: int, random: Random) -> list[Entry]:
    return drawn(x, 10, random)


def relative(numerical: float, analytic: float) -> float:
    return abs(numerical - analytic) / max(1e-8, abs(numerical) + abs(analytic))


def centred(value: Callable[[float], float], h: float) -> float:
    return (value(h) - value(-h)) / (2 * h)


def sparse(
    f: Function,
    x: np.ndarray,
    analytic_grad: np.ndarray,
    num_checks: int = 10,
    h: float = 1e-5,
    random: Random = np.random,
    *,
    entries: Callable[[np.ndarray, int, Random], list[Entry]] = drawn,
    slope: Callable[[Callable[[float], float], float], float] = centred,
    error: Callable[[float, float], float] = relative,
    result: Callable[[list[float]], Any] = np.array,
) -> Any:
    """grad_check_sparse with one of its parts replaced.

    entries : takes x, num_checks and random; returns the index of the entry for each check
    slope : takes value and h, where value(step) is f at x with the entry moved by the step
    error : takes the numerical and the analytic slope
    result : takes the list of errors; returns what grad_check_sparse returns
    """

    def value(step: float) -> float:
        moved = x.copy()
        moved[ix] += step
        return f(moved)

    errors = []
    for ix in entries(x, num_checks, random):
        errors.append(error(slope(value, h), analytic_grad[ix]))
    return result(errors)


def sparse_not_restored(
    f: Function,
    x: np.ndarray,
    analytic_grad: np.ndarray,
    num_checks: int = 10,
    h: float = 1e-5,
    random: Random = np.random,
) -> np.ndarray:
    errors = []
    for ix in drawn(x, num_checks, random):
        x[ix] += h
        above = f(x)
        x[ix] -= 2 * h
        errors.append(relative((above - f(x)) / (2 * h), analytic_grad[ix]))
    return np.array(errors)


def sparse_moved_up(
    f: Function,
    x: np.ndarray,
    analytic_grad: np.ndarray,
    num_checks: int = 10,
    h: float = 1e-5,
    random: Random = np.random,
) -> np.ndarray:
    errors = []
    for ix in drawn(x, num_checks, random):
        before = f(x)
        x[ix] += h
        errors.append(relative((f(x) - before) / h, analytic_grad[ix]))
    return np.array(errors)


def seen(call: Call) -> list[Entry] | None:
    """The entries that a call has checked, in order; None if its points do not show them.

    The two points of a check differ from each other in one entry, even if x was not restored.
    A call may evaluate f at x first: once for all of its (one-sided) checks, or needlessly.
    """
    f, x = call.args[:2]
    num_checks = call.args[3] if len(call.args) > 3 else call.kwargs.get("num_checks", 10)
    points = [args[0] for args, _ in f.calls]
    if len(points) == 2 * num_checks + 1 and np.array_equal(points[0], x):
        points = points[1:]
    pairs = list(zip(points[::2], points[1::2], strict=False))
    if len(points) == num_checks + 1:
        pairs = [(points[0], point) for point in points[1:]]
    moved = [np.argwhere(a != b) for a, b in pairs]
    return (
        [tuple(map(int, where[0])) for where in moved]
        if moved and all(len(where) == 1 for where in moved)
        else None
    )


def with_draws(call: Call) -> list[Call]:
    """A list with the call, changed so that a replay draws the entries that the student drew; an
    empty list if the points do not show them.
    """
    entries = seen(call)
    if entries is None:
        return []
    return [call._replace(kwargs={**call.kwargs, "random": Drawn(entries)})]


def always(choice: Callable[[np.ndarray, list[Entry]], list[Entry]]) -> Callable[[Call], bool]:
    """Whether a call has chosen its entries in this way.

    choice : takes x and the entries of the call; returns the entries that the mistake would choose
    24 entries drawn at random equal those with a probability below 1e-7.
    """

    def matches(call: Call) -> bool:
        x, found = call.args[1], seen(call)
        return x.size > 1 and found is not None and len(found) >= 24 and found == choice(x, found)

    return matches


mistake = partial(Misconception, exercise="grad_check_sparse", concept=NUMERICAL_GRADIENT)

CHECKS = [
    mistake(
        name="forward difference",
        wrong=partial(sparse, slope=lambda value, h: (value(h) - value(0)) / h),
        hint=(
            "The slope is taken on one side of x. "
            "Use the difference around x, as in eval_numerical_gradient."
        ),
    ),
    mistake(
        name="backward difference",
        wrong=partial(sparse, slope=lambda value, h: (value(0) - value(-h)) / h),
        hint=(
            "The slope is taken below x only. "
            "Use the difference around x, as in eval_numerical_gradient."
        ),
    ),
    mistake(
        name="divided by h",
        wrong=partial(sparse, slope=lambda value, h: (value(h) - value(-h)) / h),
        hint="The numerical slope is twice too large. How far apart are the two points?",
    ),
    mistake(
        name="not divided by the distance",
        wrong=partial(sparse, slope=lambda value, h: value(h) - value(-h)),
        hint=(
            "The numerical slope is the difference of the two values. "
            "A slope is a difference over a distance."
        ),
    ),
    mistake(
        name="upside down",
        wrong=partial(sparse, slope=lambda value, h: (value(-h) - value(h)) / (2 * h)),
        hint=(
            "The numerical slope has the wrong sign. "
            "Which of the two values comes first in the difference?"
        ),
    ),
    mistake(
        name="step of its own",
        wrong=partial(sparse, slope=lambda value, h: centred(value, 1e-4)),
        hint="The step does not follow h. Use the argument, not a number of your own.",
    ),
    mistake(
        name="entries in order",
        wrong=partial(sparse, entries=in_order),
        hint="The entries are always the first ones. A mistake in the others would never be found.",
        matches=always(lambda x, found: in_order(x, len(found))),
    ),
    mistake(
        name="one entry again and again",
        wrong=partial(sparse, entries=drawn_once),
        hint="The same entry is checked each time. Draw a new one for each check.",
        matches=always(lambda x, found: found[:1] * len(found)),
    ),
    mistake(
        name="number of checks of its own",
        wrong=partial(sparse, entries=ten_only),
        hint="There are always 10 checks. Their number is num_checks.",
    ),
    mistake(
        name="no guard against 0",
        wrong=partial(sparse, error=lambda n, a: abs(n - a) / (abs(n) + abs(a))),
        hint=(
            "Where both gradients are 0 the error is NaN. What should the smallest denominator be?"
        ),
    ),
    mistake(
        name="relative to one side",
        wrong=partial(sparse, error=lambda n, a: abs(n - a) / max(1e-8, abs(n))),
        hint=(
            "The error is relative to the numerical slope alone. The denominator holds both sizes."
        ),
    ),
    mistake(
        name="relative to the larger one",
        wrong=partial(sparse, error=lambda n, a: abs(n - a) / max(1e-8, abs(n), abs(a))),
        hint=(
            "The error is relative to the larger of the two. "
            "Here the denominator is the sum of both sizes."
        ),
    ),
    mistake(
        name="absolute error",
        wrong=partial(sparse, error=lambda n, a: abs(n - a)),
        hint="This is the absolute error. Relative to what size is it large or small?",
    ),
    mistake(
        name="signed error",
        wrong=partial(sparse, error=lambda n, a: (n - a) / max(1e-8, abs(n) + abs(a))),
        hint="Some errors are negative. What is missing around the difference?",
    ),
    mistake(
        name="x not restored",
        wrong=sparse_not_restored,
        hint="An entry that was moved stays moved. Every slope belongs to the same x.",
    ),
    mistake(
        name="moved up, never back",
        wrong=sparse_moved_up,
        hint="An entry that was moved stays moved. Every slope belongs to the same x.",
    ),
    mistake(
        name="largest error only",
        wrong=partial(sparse, result=max),
        hint="Only one number comes back. Return the error of each check.",
    ),
    mistake(
        name="mean error only",
        wrong=partial(sparse, result=np.mean),
        hint="Only one number comes back. Return the error of each check.",
    ),
    mistake(
        name="errors in order of size",
        wrong=partial(sparse, result=np.sort),
        hint="The errors are sorted. They belong in the order in which the entries are drawn.",
    ),
]
