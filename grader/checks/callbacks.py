"""Functions that checks hand to student code: recorded while it runs, and replayed for the hints.

The grader hears of every point at which student code calls a callback. The calls and their answers
are enough to run a known wrong implementation in the student's place: it asks for the same points,
or it is another mistake. The check's own bookkeeping has no part in that.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.sandbox.inside.wire import Opaque, Rng, encoded

# Stands for the result of a call that failed in the middle.
UNFINISHED = Opaque("nothing, the call did not end")
# Of one callback, more than any right solution makes in a check; with more, nothing is replayed.
MAX_CALLS = 256
MAX_BYTES = 4 << 20  # of the arguments that are kept
# Points are the same when they differ by rounding: x + h - 2h + h is x but for its last bits.
TOLERANCE = 1e-13
_NUMBERS = (np.ndarray, np.generic, int, float)
_NO_ANSWER = object()  # the check failed at this very point


class ScriptedCallback:
    """A callback whose answers are precomputed, because they do not depend on its arguments.

    answers : in the order of the points that are new; a point that was asked for before has its
        answer again
    given : the answers of all calls, in order

    The box is given the answers with the request, which saves a round trip a call, and its reply
    says which calls were made. The answers are inputs of the student's function like any others: a
    check must not script what it is going to expect. A check derives its own class, whose `on_call`
    hears of the arguments of every call, and raises when they are wrong.
    """

    def __init__(self, answers: Sequence) -> None:
        self.answers = list(answers)
        self.given: list = []
        self._by_point: dict[tuple, Any] = {}  # as the box tells points apart

    def on_call(self, *args: Any) -> None:
        raise NotImplementedError

    def __call__(self, *args: Any) -> Any:
        self.on_call(*args)
        answer = self._by_point.setdefault(
            _point(args), self.answers[min(len(self._by_point), len(self.answers) - 1)]
        )
        self.given.append(answer)
        return copied(answer)


class RecordingCallback:
    """A callback that keeps its calls, in order.

    calls : the arguments and the answer of each
    script : the answers that the box is given beforehand; None where the grader answers each call
    """

    def __init__(self, callback: Callable) -> None:
        self._callback = callback
        self.script = callback.answers if isinstance(callback, ScriptedCallback) else None
        self._bytes = 0
        self.calls: list[tuple[tuple, Any]] = []

    def __call__(self, *args: Any) -> Any:
        self._bytes += sum(value.nbytes for value in args if isinstance(value, np.ndarray))
        keep = self.complete  # one more than MAX_CALLS shows that there are too many
        kept = tuple(
            value if isinstance(value, _NUMBERS) else Opaque(type(value).__name__) for value in args
        )
        if keep:
            self.calls.append((kept, _NO_ANSWER))
        answer = self._callback(*args)
        if keep:
            self.calls[-1] = (kept, answer)
        return answer

    @property
    def complete(self) -> bool:
        """Whether every call is kept."""
        return self._bytes <= MAX_BYTES and len(self.calls) <= MAX_CALLS


class OtherPoint(Exception):
    """The replayed implementation asks for a point that the student did not ask for."""


class EndOfRecord(Exception):
    """The replayed implementation has asked for, or drawn, all that the student did before the call
    failed.
    """


class Tape:
    """The exchanges of one call, ready to be played to many implementations.

    finished : False when the call failed in the middle
    """

    def __init__(self, calls: Sequence[tuple[tuple, Any]], finished: bool) -> None:
        self.answers = [answer for _, answer in calls]
        self.finished = finished
        # Most points are the same to the last bit, and quickly found.
        self._exact: dict[tuple, int | None] = {}
        # By shapes: points as rows, and their numbers.
        self._groups: dict[tuple, tuple[np.ndarray, list[int]]] = {}
        rows: dict[tuple, list[tuple[np.ndarray, int]]] = {}
        for k, (args, _) in enumerate(calls):
            shapes, row = _flat(args)
            rows.setdefault(shapes, []).append((row, k))
        for shapes, group in rows.items():
            self._groups[shapes] = (np.stack([row for row, _ in group]), [k for _, k in group])
        for k, (args, _) in enumerate(calls):
            self._exact.setdefault(_key(args), self._near(args, k))
        self.points = set(self._exact.values())

    def find(self, args: tuple) -> int | None:
        """The number of the first exchange at this point."""
        found = self._exact.get(_key(args))
        return self._near(args) if found is None else found

    def _near(self, args: tuple, default: int | None = None) -> int | None:
        shapes, row = _flat(args)
        if shapes not in self._groups:
            return default
        matrix, numbers = self._groups[shapes]
        close = np.abs(matrix - row).max(axis=1, initial=0.0) <= TOLERANCE * max(
            1.0, float(np.abs(row).max(initial=0.0))
        )
        return numbers[int(close.argmax())] if close.any() else default


class Replay:
    """Stands in for the callback: answers as it did. Points may come in another order, or more than
    once.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._seen: set[int | None] = set()

    def __call__(self, *args: Any) -> Any:
        found = self._tape.find(args)
        if found is not None:
            self._seen.add(found)
            if self._tape.answers[found] is not _NO_ANSWER:
                answer = self._tape.answers[found]
                return copied(answer)
        if not self._tape.finished and self.exhausted:
            raise EndOfRecord
        raise OtherPoint

    @property
    def exhausted(self) -> bool:
        """Whether every point of the record was asked for."""
        return self._seen == self._tape.points


def copied(value: Any) -> Any:
    """The value with arrays and random numbers of its own, as it crosses the wire."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (tuple, list)):
        return type(value)(map(copied, value))
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return np.random.default_rng(value.seed) if isinstance(value, Rng) else copy.copy(value)


def _point(args: tuple) -> tuple:
    """The same for points that cross as the same bytes."""
    return tuple(
        (
            (value.dtype, value.shape, value.tobytes())
            if isinstance(value, np.ndarray)
            else encoded(value, 0).data
        )
        for value in args
    )


def _key(args: tuple) -> tuple:
    """The same for points that are the same to the last bit."""
    return tuple(
        (value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value for value in args
    )


def _flat(args: tuple) -> tuple[tuple, np.ndarray]:
    """The shapes of the arguments, and all of their numbers in one row. What holds no numbers
    counts by its type.
    """
    shapes: list[object] = []
    numbers = [np.empty(0)]
    for value in args:
        if isinstance(value, _NUMBERS) and np.asarray(value).dtype.kind in "fiub":
            shapes.append(np.shape(value))
            numbers.append(np.ravel(value).astype(float))
        else:
            shapes.append(value if isinstance(value, Opaque) else Opaque(type(value).__name__))
    return tuple(shapes), np.concatenate(numbers)
