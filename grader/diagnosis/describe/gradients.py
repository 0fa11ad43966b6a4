"""Sentences about wrong numerical gradients, relative errors, penalties and descents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grader.diagnosis.describe.call import DescribedCall, own_slope
from grader.diagnosis.describe.differences import (
    difference,
    differs,
    mixture,
    near,
    numbers,
    phrase,
)
from grader.faults import SandboxFault, StudentFault


def numerical_gradient(call: DescribedCall) -> str:
    if call.subject != "grad":
        return ""  # the check is about the points for which f was called
    x = call.given["x"]
    slopes = [_slope(call.given["f"].calls, x, ix) for ix in np.ndindex(x.shape)]
    if None in slopes:
        return ""
    right = np.array(slopes).reshape(x.shape)
    part = call.wrong_part(call.parts(("grad",), (right,)))
    if part is None:
        return ""
    found = part.found
    sums = {
        "all of x": right.sum(),
        "a whole row of x": right.sum(axis=tuple(range(1, x.ndim)), keepdims=True),
    }
    for which, total in sums.items():
        if near(found, np.broadcast_to(total, x.shape)):
            return (
                f"Each entry is a sum of slopes, as if {which} moved at once. A slope is that of"
                " one entry that moves alone."
            )
    look = {
        "few digits": (
            "Is f asked for on both sides of x, h away from it, with the old value back before the"
            " next entry?"
        )
    }
    return difference("grad", found, right, look=look)


def _slope(
    calls: Sequence[tuple[tuple[Any, ...], float]], x: np.ndarray, ix: tuple[int, ...]
) -> float | None:
    """The slope along one entry of x that follows from the recorded calls of f.

    calls : (arguments, value) of each call
    ix : the index of the entry

    Of the calls at x, and at points that differ from x in this entry alone, the lowest and the
    highest point count. None if there are no two of them.
    """
    values = {}
    for (point, *_), value in calls:
        others = point - x
        step, others[ix] = float(others[ix]), 0.0
        if np.abs(others).max() < 1e-12:
            values[step] = value
    (low, below), (high, above) = (
        min(values.items(), default=(0, 0)),
        max(values.items(), default=(0, 0)),
    )
    return (above - below) / (high - low) if high > low else None


def relative_error(call: DescribedCall) -> str:
    x, y = np.asarray(call.given["x"]), np.asarray(call.given["y"])
    sizes = np.maximum(1e-8, np.abs(x) + np.abs(y))
    errors = np.abs(x - y) / sizes
    part = call.wrong_part(call.parts(("error",), (errors.max(),)))
    if part is None:
        return ""
    seen = {
        "the mean of the relative errors": errors.mean(),
        "the sum of the relative errors": errors.sum(),
        "the smallest relative error": errors.min(),
        "the relative error of the first entry": errors.flat[0],
        "the relative error of the last entry": errors.flat[-1],
        "the largest absolute error": np.abs(x - y).max(),
        "the largest signed error": ((x - y) / sizes).max(),
        "the error relative to |x|": (np.abs(x - y) / np.abs(x)).max(),
        "the error relative to |y|": (np.abs(x - y) / np.abs(y)).max(),
        "the largest difference divided by the largest |x| + |y|": (
            np.abs(x - y).max() / sizes.max()
        ),
    }
    fits = [words for words, value in seen.items() if near(part.found, value)]
    if len(fits) in (1, 2):  # two, because the smallest of a few entries may be the last one, too
        return f"It looks like {' or '.join(fits)}. Compare it with the formula in the docstring."
    return difference("error", part.found, errors.max())


def penalty(call: DescribedCall) -> str:
    W, beta = call.given["W"], call.given.get("beta")
    parts = call.parts(("R", "dR"), call.reference(*call.args))
    part = call.wrong_part(parts)
    if part is None:
        return ""
    after = call.args_after[0] if call.args_after else W
    if not (isinstance(after, np.ndarray) and np.array_equal(after, W)):
        return (
            "W is changed by the function, before its slope is taken. Is it changed in place, by an"
            " operation such as *=?"
        )
    known = difference(call.subject, part.found, part.expected, {"the number of weights": W.size})
    if not known and call.subject == "dR":
        known = _halves(part.found, W, beta) or _some_weights(differs(part.found, part.expected), W)
    if known or len(parts) < 2:
        return known
    other = "dR" if call.subject == "R" else "R"
    if parts[other].right:
        return (
            f"{other} is right for the same W, so the two do not belong together: dR is the slope"
            " of R."
        )
    return own_slope(call, parts["dR"].found, "dR", "R")


def _halves(dR: np.ndarray, W: np.ndarray, beta: float | None) -> str:
    """A sentence if the elastic net's gradient is a wrong mixture of its two halves; otherwise "".

    dR, W : of the same shape
    beta : the weight of the L2 half; None for the other penalties
    """
    factors = None if beta is None else mixture(dR, 2 * beta * W, np.sign(W))
    if beta is None or factors is None:
        return ""
    words = ["weighted by beta" if near(k, beta) else phrase(k, {}) for k in factors]
    if not all(words):
        return (
            "dR is made of the slopes of W**2 and of |W|, but in other proportions. What is"
            " multiplied by beta?"
        )
    return (
        f"In dR, the L2 half is {words[0]} and the L1 half is {words[1]}. Take the slope of each"
        " half of the formula by itself."
    )


def _some_weights(wrong: np.ndarray, W: np.ndarray) -> str:
    """A sentence if only weights of one sign, or only those that are 0, get a wrong slope; or "".

    wrong : boolean, of the shape of W
    """
    for which, words in ((W < 0, "negative"), (W > 0, "positive"), (W == 0, "0")):
        if which.any() and np.array_equal(wrong, which):
            return (
                f"It is wrong just where W is {words}. What is the slope there? A drawing of the"
                " penalty shows it."
            )
        if which.any() and np.array_equal(wrong, ~which):
            return (
                f"It is right only where W is {words}. What is the slope elsewhere? A drawing of"
                " the penalty shows it."
            )
    return ""


def gradient_descent(call: DescribedCall) -> str:
    """A sentence on what one step of the student's descent does.

    The step is taken on a quadratic function made here, because the check's own function gives
    scripted answers.
    """
    if call.subject != "W":
        return ""
    start, rate = call.given["W"], call.given["learning_rate"]
    slopes = np.linspace(0.5, 1.5, start.size).reshape(start.shape)

    def bowl(*args: object) -> tuple[float, np.ndarray]:
        W = numbers(args[0], start.shape) if args else None
        if W is None:
            raise StudentFault("called f with something else than an array of the shape of W.")
        return float(np.sum(slopes * W**2)), 2 * slopes * W

    try:
        result = call.student.call(call.name, bowl, start, rate, 1).result
    except (StudentFault, SandboxFault):
        return ""
    gradient = bowl(start)[1]
    step = replace(call, result=result)
    part = step.wrong_part(step.parts(("W",), (start - rate * gradient,)))
    if part is None:
        return ""
    found = part.found
    if near(found, -rate * gradient):
        return "The step itself comes back, not the point that it leads to."
    if near(found - start, -gradient):
        return "The step is the whole gradient. What makes it smaller?"
    return difference("The step away from W", found - start, -rate * gradient)
