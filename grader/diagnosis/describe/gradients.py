"""Sentences about wrong numerical gradients, relative errors, penalties and descents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grader.diagnosis.describe.call import DescribedCall, own_slope
from grader.diagnosis.describe.differences import (
    Case,
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
    return difference("grad", [Case(found, right)], look)


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
    """What the error looks like, if it does so on a second problem as well.

    One error is a single number, and where x and y are numbers most formulas give the same.
    """
    cases = call.cases("error", ("error",))
    if len(cases) < 2 or call.second is None:
        return ""
    mine, other = _looks(call), _looks(call.second)
    fits = [
        words
        for words, value in mine.items()
        if near(cases[0].found, value) and near(cases[1].found, other[words])
    ]
    if fits:
        return f"It looks like {fits[0]}. Compare it with the formula in the docstring."
    return difference("error", cases)


def _looks(call: DescribedCall) -> dict[str, np.ndarray]:
    """Values that other formulas give for the error, by words for them."""
    x, y = (np.asarray(call.given[name], dtype=float) for name in "xy")
    away, floor = np.abs(x - y), 1e-8
    due = np.maximum(floor, np.abs(x) + np.abs(y))
    looks = {
        "the smallest relative error": (away / due).min(),
        "the relative error of the first entry": (away / due).flat[0],
        "the relative error of the last entry": (away / due).flat[-1],
        "the largest signed error": ((x - y) / due).max(),
        "the largest signed error, with y - x": ((y - x) / due).max(),
        "the largest difference divided by the largest |x| + |y|": away.max() / due.max(),
        "the largest absolute error": away.max(),
        "the mean absolute error": away.mean(),
    }
    below = {
        "": due,
        " relative to |x|": np.abs(x),
        " relative to |y|": np.abs(y),
        " relative to |x + y|": np.abs(x + y),
        " relative to the larger of |x| and |y|": np.maximum(np.abs(x), np.abs(y)),
        " relative to the smaller of |x| and |y|": np.minimum(np.abs(x), np.abs(y)),
    }
    for of, divisor in below.items():
        errors = away / np.maximum(floor, divisor)
        kind = "error" if of else "relative error"
        looks |= {
            f"the mean of the {kind}s{of}": errors.mean(),
            f"the sum of the {kind}s{of}": errors.sum(),
        }
        if of:
            looks |= {
                f"the error{of}": errors.max(),
                f"the error{of}, of the first entry": errors.flat[0],
                f"the error{of}, of the last entry": errors.flat[-1],
            }
    return looks


def penalty(call: DescribedCall) -> str:
    W = call.given["W"]
    parts = call.parts(("R", "dR"), call.right())
    part = call.wrong_part(parts)
    if part is None:
        return ""
    after = call.args_after[0] if call.args_after else W
    if not (isinstance(after, np.ndarray) and np.array_equal(after, W)):
        return (
            "W is changed by the function, before its slope is taken. Is it changed in place, by an"
            " operation such as *=?"
        )
    known = difference(
        call.subject,
        call.cases(
            call.subject, ("R", "dR"), lambda one: {"the number of weights": one.given["W"].size}
        ),
    )
    if not known and call.subject == "dR":
        known = call.agreed(_halves, _some_weights)
    if known or len(parts) < 2:
        return known
    return call.agreed(_other_is_right, _slope_of_penalty)


def _other_is_right(call: DescribedCall) -> str:
    other = "dR" if call.subject == "R" else "R"
    part = call.parts(("R", "dR"), call.right()).get(other)
    return (
        f"{other} is right for the same W, so the two do not belong together: dR is the slope of R."
        if part is not None and part.right
        else ""
    )


def _slope_of_penalty(call: DescribedCall) -> str:
    part = call.parts(("R", "dR"), call.right()).get("dR")
    return "" if part is None else own_slope(call, part.found, "dR", "R")


def _halves(call: DescribedCall) -> str:
    """A sentence if the elastic net's gradient is a wrong mixture of its two halves; or ""."""
    W, beta = call.given["W"], call.given.get("beta")
    part = call.parts(("R", "dR"), call.right()).get("dR")
    if part is None:
        return ""
    dR = part.found
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


def _some_weights(call: DescribedCall) -> str:
    """A sentence if only weights of one sign, or only those that are 0, have a wrong slope."""
    W, part = call.given["W"], call.parts(("R", "dR"), call.right()).get("dR")
    if part is None:
        return ""
    wrong = differs(part.found, part.expected)
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
    return difference("The step away from W", [Case(found - start, -rate * gradient)])
