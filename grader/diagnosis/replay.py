"""Repeat a student's call with other implementations, in the grader, and compare what they do."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from grader.checks.callbacks import UNFINISHED, EndOfRecord, RecordingCallback, Replay, Tape, copied
from grader.checks.misconception import Call, Raised
from grader.sandbox.inside.wire import Handle

# What a function returns, and its arguments as it leaves them.
Effect = tuple[Any, tuple]
MAX_LISTED = 1_000  # items of a list that is looked into, more than any check asks for


class ReplayableCall:
    """A recorded call that can be repeated with other implementations."""

    def __init__(self, call: Call) -> None:
        self.name, self.args, self.kwargs = call.name, call.args, call.kwargs
        self.result, self.after = call.result, call.args_after
        recorded = next(
            (
                value
                for value in [*self.args, *self.kwargs.values()]
                if isinstance(value, RecordingCallback)
            ),
            None,
        )
        self.finished = recorded is None or not (
            self.result is UNFINISHED or isinstance(self.result, Raised)
        )
        self.playable = recorded is None or recorded.complete
        self.tape = Tape(recorded.calls if recorded and self.playable else (), self.finished)

    def outcome(self, function: Callable) -> Effect | None:
        """What the function returns, and the arguments as it leaves them.

        None where it fails, or asks for other points than the student; for a call that failed in
        the middle, the result is UNFINISHED when it asks for the same ones up to there.
        """
        if not self.playable:
            return None
        replay = Replay(self.tape)
        args = tuple(
            replay if isinstance(value, RecordingCallback) else copied(value) for value in self.args
        )
        kwargs = {
            key: replay if isinstance(value, RecordingCallback) else copied(value)
            for key, value in self.kwargs.items()
        }
        try:
            result = (_method(function) if "." in self.name else function)(*args, **kwargs)
        except EndOfRecord:
            return None if self.finished or not replay.exhausted else (UNFINISHED, ())
        # A wrong implementation may well raise; then it is not what the student's did.
        except Exception:
            return None
        if not replay.exhausted:
            return None
        return (result if self.finished else UNFINISHED), args

    def gives(self, function: Callable) -> bool:
        """Whether the function does what the student's did."""
        return self.agrees(self.outcome(function))

    def agrees(self, outcome: Effect | None) -> bool:
        """Whether an outcome is the student's."""
        if outcome is None:
            return False
        if not self.finished:
            return True
        result, args = outcome
        left = [
            (mine, theirs)
            for mine, theirs in zip(args, self.after, strict=False)
            if not isinstance(mine, Replay)
        ]
        return same(result, self.result) and (
            not self.after
            or (len(args) == len(self.after) and all(same(mine, theirs) for mine, theirs in left))
        )


def _method(function: Callable) -> Callable:
    """A method of LinearClassifier as a function of its weights and loss: gives its result, and the
    weights afterwards.
    """

    def run(W: Any, loss: Callable, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        model = SimpleNamespace(W=W)
        model.loss = lambda X_batch, y_batch, reg: loss(copied(model.W), X_batch, y_batch, reg)
        return function(model, *args, **kwargs), model.W

    return run


def same(a: Any, b: Any, rtol: float = 1e-8) -> bool:
    """Whether two results agree in every number: tuples part by part, arrays relative to their
    largest entry.
    """
    if isinstance(b, Handle):
        return True  # stays with the student, and differs from solution to solution
    if a is None or b is None or isinstance(a, str) or isinstance(b, str):
        return type(a) is type(b) and a == b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key], rtol) for key in a)
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(same(x, y, rtol) for x, y in zip(a, b, strict=True))
    a, b = _numbers(a), _numbers(b)
    if (
        a is None
        or b is None
        or a.shape != b.shape
        or (a.ndim and (a.dtype.kind == "f") != (b.dtype.kind == "f"))
    ):
        return False
    if a.size == 0:
        return True
    a, b = a.astype(float), b.astype(float)
    with np.errstate(all="ignore"):
        if np.abs(a - b).max() <= 1e-12 + rtol * np.abs(a).max() < np.inf:  # false for NaN
            return True
    finite = np.isfinite(a)
    return (
        not finite.all()
        and np.array_equal(finite, np.isfinite(b))
        and np.array_equal(a[~finite], b[~finite], equal_nan=True)
        and same(a[finite], b[finite], rtol)
    )


def _numbers(value: Any) -> np.ndarray | None:
    """The value as an array of numbers; short lists of numbers count as one."""
    if isinstance(value, (tuple, list)) and not (
        len(value) <= MAX_LISTED
        and all(isinstance(item, (int, float, np.generic)) for item in value)
    ):
        return None
    array = np.asarray(value)
    return array if array.dtype.kind in "fiu" else None
