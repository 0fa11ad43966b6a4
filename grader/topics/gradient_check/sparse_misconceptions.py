"""Known mistakes in the gradient check at random entries.

Wrong implementations take `random` in the place of numpy.random, so that they can be given the
draws of a student.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from grader.checks.misconception import Misconception

NUMERICAL_GRADIENT = "numerical gradient"  # the concept


def drawn(x, num_checks, random):
    return [tuple(random.randint(size) for size in x.shape) for _ in range(num_checks)]


def in_order(x, num_checks, random):
    return [tuple(np.unravel_index(k % x.size, x.shape)) for k in range(num_checks)]


def drawn_once(x, num_checks, random):
    return drawn(x, 1, random) * num_checks


def ten_only(x, num_checks, random):
    return drawn(x, 10, random)


def relative(numerical, analytic):
    return abs(numerical - analytic) / max(1e-8, abs(numerical) + abs(analytic))


def centred(value, h):
    return (value(h) - value(-h)) / (2 * h)


def sparse(
    f,
    x,
    analytic_grad,
    num_checks=10,
    h=1e-5,
    random=np.random,
    *,
    entries=drawn,
    slope=centred,
    error=relative,
    result=np.array,
):
    """grad_check_sparse with one of its parts replaced."""

    def value(step):
        moved = x.copy()
        moved[ix] += step
        return f(moved)

    errors = []
    for ix in entries(x, num_checks, random):
        errors.append(error(slope(value, h), analytic_grad[ix]))
    return result(errors)


def sparse_not_restored(f, x, analytic_grad, num_checks=10, h=1e-5, random=np.random):
    errors = []
    for ix in drawn(x, num_checks, random):
        x[ix] += h
        above = f(x)
        x[ix] -= 2 * h
        errors.append(relative((above - f(x)) / (2 * h), analytic_grad[ix]))
    return np.array(errors)


def sparse_moved_up(f, x, analytic_grad, num_checks=10, h=1e-5, random=np.random):
    errors = []
    for ix in drawn(x, num_checks, random):
        before = f(x)
        x[ix] += h
        errors.append(relative((f(x) - before) / h, analytic_grad[ix]))
    return np.array(errors)


class Drawn:
    """Stands in for numpy.random: draws the entries again that the student has drawn."""

    def __init__(self, entries):
        self.numbers = [k for ix in entries for k in ix]
        self.used = 0

    def randint(self, size):
        self.used += 1
        # All are drawn before the first is used.
        return self.numbers[self.used - 1] if self.used <= len(self.numbers) else 0


def seen(call):
    """The entries that a call has moved, in order; None where that is not clear.

    The two points of a check differ from each other in one entry, wherever x is. The first of all
    may be x: for all checks, or beside them.
    """
    f, x = call.args[:2]
    num_checks = call.args[3] if len(call.args) > 3 else call.kwargs.get("num_checks", 10)
    points = [args[0] for args, _ in f.calls]
    if len(points) == 2 * num_checks + 1 and np.array_equal(points[0], x):
        points = points[1:]
    pairs = zip(points[::2], points[1::2], strict=False)
    if len(points) == num_checks + 1:
        pairs = [(points[0], point) for point in points[1:]]
    moved = [np.argwhere(a != b) for a, b in pairs]
    return (
        [tuple(map(int, where[0])) for where in moved]
        if moved and all(len(where) == 1 for where in moved)
        else None
    )


def with_draws(call):
    entries = seen(call)
    if entries is None:
        return []
    return [replace(call, kwargs={**call.kwargs, "random": Drawn(entries)})]


def always(choice):
    """Shows that the entries are chosen in this way; 24 random ones look so with a probability
    below 1e-7.
    """

    def matches(call):
        x, found = call.args[1], seen(call)
        return x.size > 1 and len(found) >= 24 and found == choice(x, found)

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
        matches=always(lambda x, found: in_order(x, len(found), None)),
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
