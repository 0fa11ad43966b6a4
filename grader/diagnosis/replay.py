"""A student's call, made again with other implementations in the grader: do they do the same?"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from types import SimpleNamespace
from typing import Any

import numpy as np

from grader.checks.callbacks import UNFINISHED, EndOfRecord, RecordingCallback, Replay, Tape, copied
from grader.checks.misconception import Call, Raised
from grader.sandbox.inside.wire import Handle

Effect = tuple[Any, tuple[Any, ...]]  # what a function returns, and its arguments as it leaves them
HUGE = 30.0  # a product of such numbers is beyond what exp can take
MAX_LISTED = 1_000  # items of a list that is compared; no check asks for as many


class Evidence(Enum):
    """What a wrong result can tell about the mistake in it."""

    NUMBERS = "finite numbers are wrong, or some entries are NaN or infinite and others are not"
    OVERFLOW = "only NaN and infinity are wrong, where exp may overflow; ordinary numbers are right"
    NONE = "NaN and infinity instead of all numbers, which many mistakes give"


class ReplayableCall:
    """A recorded call that can be made again with other implementations.

    finished : False if the student's function called a callback and did not return; then its calls
        up to there are all there is to compare
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        values = [*call.args, *call.kwargs.values()]
        recorded = next((one for one in values if isinstance(one, RecordingCallback)), None)
        self.finished = recorded is None or not (
            call.result is UNFINISHED or isinstance(call.result, Raised)
        )
        self._replayable = recorded is None or recorded.complete
        self._tape = Tape(recorded.calls if recorded and self._replayable else (), self.finished)

    def effect_of(self, function: Callable[..., Any]) -> Effect | None:
        """What the function returns, and the arguments as it leaves them.

        None if it fails, or calls a callback at other points than the student's function did. If
        the student's call failed half-way, the result is UNFINISHED, provided that the function
        calls at the same points up to there.
        """
        if not self._replayable:
            return None
        call, replay = self._call, Replay(self._tape)

        def given(value: Any) -> Any:
            return replay if isinstance(value, RecordingCallback) else copied(value)

        args = tuple(map(given, call.args))
        kwargs = {key: given(value) for key, value in call.kwargs.items()}
        try:
            result = (_method(function) if "." in call.name else function)(*args, **kwargs)
        except EndOfRecord:
            return None if self.finished or not replay.exhausted else (UNFINISHED, ())
        # A wrong implementation may well raise; then the student's function is another one.
        except Exception:
            return None
        if not replay.exhausted:
            return None
        return (result if self.finished else UNFINISHED), args

    def is_reproduced_by(self, function: Callable[..., Any]) -> bool:
        """Whether the function, replayed, does the same as the student's function did."""
        return self.had(self.effect_of(function))

    def evidence(self, right: Effect | None) -> Evidence:
        """What the result can tell about the mistake in it.

        right : the effect of a right implementation
        """
        if right is None or not self.finished:
            return Evidence.NUMBERS
        found, expected = _arrays(self._call.result), _arrays(right[0])
        if [one.shape for one in found] != [one.shape for one in expected]:
            return Evidence.NUMBERS
        wrong = [
            value
            for value, true in zip(found, expected, strict=True)
            if not same(value, true) and not np.isfinite(value).all()
        ]
        if not wrong or not all(
            same(value[np.isfinite(value)], true[np.isfinite(value)])
            for value, true in zip(found, expected, strict=True)
        ):
            return Evidence.NUMBERS
        if any(np.abs(one).max(initial=0.0) >= HUGE for one in self._call.args if _is_floats(one)):
            return Evidence.OVERFLOW
        some = any(np.isfinite(value).any() for value in wrong)  # the places tell something
        return Evidence.NUMBERS if some else Evidence.NONE

    def with_ordinary_numbers(self) -> ReplayableCall:
        """The call with all arrays of floats scaled to numbers of order 1."""
        scaled = [
            one / max(1.0, np.abs(one).max(initial=0.0)) if _is_floats(one) else one
            for one in self._call.args
        ]
        return ReplayableCall(self._call._replace(args=tuple(scaled), args_after=()))

    def had(self, effect: Effect | None) -> bool:
        """Whether an effect (see `effect_of`) is that of the student's function."""
        if effect is None:
            return False
        if not self.finished:
            return True
        result, args = effect
        after = self._call.args_after
        return same(result, self._call.result) and (
            not after
            or (
                len(args) == len(after)
                and all(
                    isinstance(replayed, Replay) or same(replayed, recorded)
                    for replayed, recorded in zip(args, after, strict=True)
                )
            )
        )


def _is_floats(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _arrays(value: Any) -> list[np.ndarray]:
    """The numbers and arrays among the results, as arrays of floats."""
    parts = value if isinstance(value, (tuple, list)) else [value]
    return [
        array.astype(float) for array in (_numbers(part) for part in parts) if array is not None
    ]


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """A method of LinearClassifier as a function of its weights, its loss and its arguments.

    The function returns the method's result, and the weights afterwards, of shape (D, C).
    """

    def run(W: Any, loss: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        model = SimpleNamespace(W=W)
        model.loss = lambda X_batch, y_batch, reg: loss(copied(model.W), X_batch, y_batch, reg)
        return function(model, *args, **kwargs), model.W

    return run


def same(a: Any, b: Any, rtol: float = 1e-8) -> bool:
    """Whether two results agree in every number.

    Tuples, lists and dictionaries are compared item by item, arrays relative to their largest
    entry.
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
    """The value as an array of numbers, if it is one, or a number, or a short list of numbers."""
    if isinstance(value, (tuple, list)) and not (
        len(value) <= MAX_LISTED
        and all(isinstance(item, (int, float, np.generic)) for item in value)
    ):
        return None
    array = np.asarray(value)
    return array if array.dtype.kind in "fiu" else None
