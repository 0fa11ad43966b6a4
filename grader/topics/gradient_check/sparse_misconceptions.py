"""Known mistakes in the gradient check at random entries.

Wrong implementations take `random` in the place of numpy.random, so that they can be given the
draws of a student.
"""

from functools import partial

import numpy as np


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
    f, x = call[1][:2]
    num_checks = call[1][3] if len(call[1]) > 3 else call[2].get("num_checks", 10)
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
    name, args, kwargs, *rest = call
    return [] if entries is None else [(name, args, {**kwargs, "random": Drawn(entries)}, *rest)]


def always(choice):
    """Shows that the entries are chosen in this way; 24 random ones look so with a probability
    below 1e-7.
    """

    def shows(call):
        x, found = call[1][1], seen(call)
        return x.size > 1 and len(found) >= 24 and found == choice(x, found)

    return shows


CHECKS = [
    (
        "forward difference",
        partial(sparse, slope=lambda value, h: (value(h) - value(0)) / h),
        (
            "The slope is taken on one side of x. Use the difference around x, as in"
            " eval_numerical_gradient."
        ),
    ),
    (
        "backward difference",
        partial(sparse, slope=lambda value, h: (value(0) - value(-h)) / h),
        (
            "The slope is taken below x only. Use the difference around x, as in"
            " eval_numerical_gradient."
        ),
    ),
    (
        "divided by h",
        partial(sparse, slope=lambda value, h: (value(h) - value(-h)) / h),
        "The numerical slope is twice too large. How far apart are the two points?",
    ),
    (
        "not divided by the distance",
        partial(sparse, slope=lambda value, h: value(h) - value(-h)),
        (
            "The numerical slope is the difference of the two values. A slope is a difference over"
            " a distance."
        ),
    ),
    (
        "upside down",
        partial(sparse, slope=lambda value, h: (value(-h) - value(h)) / (2 * h)),
        (
            "The numerical slope has the wrong sign. Which of the two values comes first in the"
            " difference?"
        ),
    ),
    (
        "step of its own",
        partial(sparse, slope=lambda value, h: centred(value, 1e-4)),
        "The step does not follow h. Use the argument, not a number of your own.",
    ),
    (
        "entries in order",
        partial(sparse, entries=in_order),
        "The entries are always the first ones. A mistake in the others would never be found.",
        always(lambda x, found: in_order(x, len(found), None)),
    ),
    (
        "one entry again and again",
        partial(sparse, entries=drawn_once),
        "The same entry is checked each time. Draw a new one for each check.",
        always(lambda x, found: found[:1] * len(found)),
    ),
    (
        "number of checks of its own",
        partial(sparse, entries=ten_only),
        "There are always 10 checks. Their number is num_checks.",
    ),
    (
        "no guard against 0",
        partial(sparse, error=lambda n, a: abs(n - a) / (abs(n) + abs(a))),
        "Where both gradients are 0 the error is NaN. What should the smallest denominator be?",
    ),
    (
        "relative to one side",
        partial(sparse, error=lambda n, a: abs(n - a) / max(1e-8, abs(n))),
        "The error is relative to the numerical slope alone. The denominator holds both sizes.",
    ),
    (
        "relative to the larger one",
        partial(sparse, error=lambda n, a: abs(n - a) / max(1e-8, abs(n), abs(a))),
        (
            "The error is relative to the larger of the two. Here the denominator is the sum of"
            " both sizes."
        ),
    ),
    (
        "absolute error",
        partial(sparse, error=lambda n, a: abs(n - a)),
        "This is the absolute error. Relative to what size is it large or small?",
    ),
    (
        "signed error",
        partial(sparse, error=lambda n, a: (n - a) / max(1e-8, abs(n) + abs(a))),
        "Some errors are negative. What is missing around the difference?",
    ),
    (
        "x not restored",
        sparse_not_restored,
        "An entry that was moved stays moved. Every slope belongs to the same x.",
    ),
    (
        "moved up, never back",
        sparse_moved_up,
        "An entry that was moved stays moved. Every slope belongs to the same x.",
    ),
    (
        "largest error only",
        partial(sparse, result=max),
        "Only one number comes back. Return the error of each check.",
    ),
    (
        "mean error only",
        partial(sparse, result=np.mean),
        "Only one number comes back. Return the error of each check.",
    ),
    (
        "errors in order of size",
        partial(sparse, result=np.sort),
        "The errors are sorted. They belong in the order in which the entries are drawn.",
    ),
]
