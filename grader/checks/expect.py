"""The comparisons of hidden checks: those of the kit, with messages that give no answer away.

Where a message would need many words, the failure carries a picture for the feedback page: which
entries of an array are wrong, or how the losses of a training went.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import numpy as np

from cs231n_utils.expect import (
    Mismatch,
    described,
    expect_array,
    expect_length,
    expect_number,
    expect_results,
)
from cs231n_utils.expect import expect_close as _expect_close
from grader.faults import Kind
from grader.report import ErrorMap, LossCurve

__all__ = [
    "Diagnosed",
    "Mismatch",
    "described",
    "expect",
    "expect_array",
    "expect_close",
    "expect_few_calls",
    "expect_history",
    "expect_length",
    "expect_number",
    "expect_results",
    "picture_of",
]

MAX_SIDE = 12  # rows and columns of an array that is drawn
CURVE = (4, 50)  # the fewest losses that make a curve, and the most that are drawn


class Diagnosed(Mismatch):
    """A check has found a known mistake by itself; no comparison with wrong implementations is due.

    mistake : the mistake's name in the bank. The bank has its hint, which is not in the message.
    kind : of the failure
    """

    def __init__(self, message: str, mistake: str, kind: Kind = Kind.WRONG) -> None:
        super().__init__(message)
        self.mistake = mistake
        self.kind = kind


class Endless(Mismatch):
    """Student code calls a function over and over."""

    kind = Kind.ENDLESS


class WrongValue(Mismatch):
    """A value is not the right one.

    picture : of the entries of an array that are wrong; None if it would be no help
    explained : the message says already what is the matter, and diagnosis need not describe it
    """

    def __init__(
        self, message: str, subject: str, picture: ErrorMap | None, explained: bool
    ) -> None:
        super().__init__(message, subject)
        self.picture = picture
        self.explained = explained


def expect(condition: bool, message: str, mistake: str = "", kind: Kind = Kind.WRONG) -> None:
    """Raise Mismatch with the message unless the condition holds.

    mistake : the name of the known mistake, if nothing else can break the condition
    kind : of the failure by this mistake
    """
    if not condition:
        raise Diagnosed(message, mistake, kind) if mistake else Mismatch(message)


def expect_few_calls(function: str, count: int, most: int) -> None:
    """Require that student code has called a function, such as "loss_fn", at most so many times."""
    if count > most:
        raise Endless(
            f"{function} is called more than {most} times. Is there a loop that never ends?"
        )


def expect_close(
    label: str,
    value: object,
    expected: float | np.ndarray,
    *,
    subject: str = "",
    explained: bool = False,
    **how: Any,
) -> None:
    """As `expect_close` of the kit, without numbers in the message; wrong entries become a picture.

    subject : what diagnosis is to describe, if that is not the label: "dW" for "dW(reg=0.3)"
    explained : as in WrongValue
    """
    try:
        _expect_close(label, value, expected, reveal=False, **how)
    except Mismatch as mismatch:
        wrong = mismatch.wrong
        picture = None if wrong is None else _error_map(label, value, expected, wrong)
        raise WrongValue(str(mismatch), subject or label, picture, explained) from None


def expect_history(history: list[Any], losses: list[float], rtol: float, hint: str) -> None:
    """Require each item of `loss_history` to equal the loss at its place.

    Items are compared one by one: in one comparison, a single huge loss would make the tolerance of
    all others huge, too.
    """
    expect(
        len(history) == len(losses),
        f"loss_history has {len(history)} items for {len(losses)} losses that were asked for.",
    )
    for k, (item, loss) in enumerate(zip(history, losses, strict=True)):
        expect_close(f"loss_history[{k}]", item, loss, rtol=rtol, hint=hint)


def picture_of(failure: AssertionError, losses: Sequence[float]) -> ErrorMap | LossCurve | None:
    """What the feedback page draws beside the message of a failure, if anything.

    losses : those of all calls of student code in this check
    """
    drawn = list(takewhile(math.isfinite, losses[: CURVE[1]]))
    if len(drawn) >= CURVE[0]:
        return LossCurve(tuple(float(f"{loss:.4g}") for loss in drawn), len(losses))
    return getattr(failure, "picture", None)


def _error_map(label: str, found: Any, expected: Any, wrong: np.ndarray) -> ErrorMap | None:
    if wrong.ndim > 2 or max(wrong.shape) > MAX_SIDE or expected.dtype.kind != "f":
        return None
    signs = np.select(
        [
            ~wrong,
            found == 0,
            np.sign(found) * np.sign(expected) < 0,
            np.abs(found) > np.abs(expected),
        ],
        [".", "0", "x", "+"],
        "-",
    )
    return ErrorMap(label, tuple("".join(row) for row in np.atleast_2d(signs).tolist()))
