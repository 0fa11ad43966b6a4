"""The comparisons of hidden checks: those of the kit, except that no number of a hidden answer
enters a message.

What a message cannot say well, a picture can: where an array is wrong, and how the losses of a
training went.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import numpy as np

from cs231n_utils.expect import (
    Mismatch,
    expect_array,
    expect_length,
    expect_number,
    expect_results,
)
from cs231n_utils.expect import expect_close as _expect_close
from grader.report import ErrorMap, LossCurve

__all__ = [
    "Diagnosed",
    "Mismatch",
    "expect",
    "expect_array",
    "expect_close",
    "expect_history",
    "expect_length",
    "expect_number",
    "expect_results",
    "picture_of",
]

MAX_SIDE = 12  # rows and columns of an array that is drawn
CURVE = (4, 50)  # fewer losses make no curve; more than this show nothing new


class Diagnosed(Mismatch):
    """A check has found a known mistake by itself, and needs no comparison with wrong
    implementations.

    mistake : its name in the bank; the hint stands there, and not in the message
    """

    def __init__(self, message: str, mistake: str) -> None:
        super().__init__(message)
        self.mistake = mistake


class _WrongEntries(Mismatch):
    """Some entries of an array are wrong."""

    def __init__(self, message: str, picture: ErrorMap | None) -> None:
        super().__init__(message)
        self.picture = picture


def expect(condition: bool, message: str, mistake: str = "") -> None:
    """Raise Mismatch with the message unless the condition holds.

    mistake : the name of the known mistake, where nothing else can break the condition
    """
    if not condition:
        raise Diagnosed(message, mistake) if mistake else Mismatch(message)


def expect_close(label: str, value: object, expected: float | np.ndarray, **how: Any) -> None:
    """As the kit's, without the numbers, and with a map of the entries that are wrong."""
    try:
        _expect_close(label, value, expected, reveal=False, **how)
    except Mismatch as mismatch:
        if mismatch.wrong is None:
            raise
        raise _WrongEntries(
            str(mismatch), _error_map(label, value, expected, mismatch.wrong)
        ) from None


def expect_history(history: list, losses: list[float], rtol: float, hint: str) -> None:
    """Require each item to equal the loss at its place: beside a huge loss, all others would be
    close to anything.
    """
    expect(
        len(history) == len(losses),
        f"loss_history has {len(history)} items for {len(losses)} losses that were asked for.",
    )
    for k, (item, loss) in enumerate(zip(history, losses, strict=True)):
        expect_close(f"loss_history[{k}]", item, loss, rtol=rtol, hint=hint)


def picture_of(failure: AssertionError, losses: Sequence[float]) -> ErrorMap | LossCurve | None:
    """What to draw beside the message of a failure; `losses` are those that student code asked for
    in this check.
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
