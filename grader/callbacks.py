"""Functions that checks hand to student code: recorded while it runs, and replayed for the hints.

Every point at which student code asks for a callback passes through the grader. What was asked and what was answered is
enough to run a known wrong implementation in the student's place: it asks for the same points, or it is another mistake.
The check's own bookkeeping has no part in that.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.sandbox.cubic import Cubic
from grader.sandbox.wire import Opaque, Rng, encoded

UNFINISHED = Opaque("nothing, the call did not end")  # stands for the result of a call that failed in the middle
MAX_ASKED = 256  # exchanges of one call, more than any right solution needs in a check; with more, nothing is replayed
MAX_BYTES = 4 << 20  # of the arguments that are kept
TOLERANCE = 1e-13  # points are the same when they differ by rounding: x + h - 2h + h is x but for its last bits
_NUMBERS = (np.ndarray, np.generic, int, float)
_NO_ANSWER = object()  # the check failed at this very point


class Told:
    """A callback whose answers do not depend on what it is asked for, so that they can be told beforehand.

    answers : in the order of the points that are new; a point that was asked for before has its answer again
    given : the answers of all calls, in order

    The worker is given the answers, which saves a round trip a call, and says with its reply what was asked for. A check
    derives its own, with a `judge` that is called with the arguments of every call, and raises when they are wrong.
    """

    def __init__(self, answers: Sequence) -> None:
        self.answers = list(answers)
        self.given: list = []
        self._known: dict[tuple, Any] = {}  # by point, as the worker tells them apart

    def judge(self, *args: Any) -> None:
        raise NotImplementedError

    def __call__(self, *args: Any) -> Any:
        self.judge(*args)
        answer = self._known.setdefault(_point(args), self.answers[min(len(self._known), len(self.answers) - 1)])
        self.given.append(answer)
        return copied(answer)


class Known:
    """A callback whose answers `cubic` gives: the worker evaluates it, and says with its reply what it was asked for.

    A check derives its own, with a `judge` as in `Told`.
    """

    def __init__(self, cubic: Cubic) -> None:
        self.cubic = cubic

    def judge(self, *args: Any) -> None:
        raise NotImplementedError

    def __call__(self, *args: Any) -> float:
        self.judge(*args)
        return self.cubic(np.asarray(args[0], dtype=float))


class Recorded:
    """A callback that keeps what it was asked for, in order.

    asked : the arguments and the answer of each call
    told : what the worker is told of its answers beforehand
    """

    def __init__(self, callback: Callable) -> None:
        self._callback = callback
        self.told: list | tuple | None = (callback.answers if isinstance(callback, Told) else
                                          (callback.cubic.weights, callback.cubic.sign) if isinstance(callback, Known) else None)
        self._bytes = 0
        self.asked: list[tuple[tuple, Any]] = []

    def __call__(self, *args: Any) -> Any:
        self._bytes += sum(value.nbytes for value in args if isinstance(value, np.ndarray))
        keep = self._bytes <= MAX_BYTES and len(self.asked) <= MAX_ASKED  # one more shows that there are too many
        kept = tuple(value if isinstance(value, _NUMBERS) else Opaque(type(value).__name__) for value in args)
        if keep:
            self.asked.append((kept, _NO_ANSWER))
        answer = self._callback(*args)
        if keep:
            self.asked[-1] = (kept, answer)
        return answer

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for is kept."""
        return self._bytes <= MAX_BYTES and len(self.asked) <= MAX_ASKED


class OtherPoint(Exception):
    """The replayed implementation asks for a point that the student did not ask for."""


class EndOfRecord(Exception):
    """The replayed implementation has asked for, or drawn, all that the student did before the call failed."""


class Tape:
    """The exchanges of one call, ready to be played to many implementations.

    finished : False when the call failed in the middle
    """

    def __init__(self, asked: Sequence[tuple[tuple, Any]], finished: bool) -> None:
        self.answers = [answer for _, answer in asked]
        self.finished = finished
        self._exact: dict[tuple, int | None] = {}  # most points are the same to the last bit, and quickly found
        self._groups: dict[tuple, tuple[np.ndarray, list[int]]] = {}  # by shapes: points as rows, and their numbers
        rows: dict[tuple, list[tuple[np.ndarray, int]]] = {}
        for k, (args, _) in enumerate(asked):
            shapes, row = _flat(args)
            rows.setdefault(shapes, []).append((row, k))
        for shapes, group in rows.items():
            self._groups[shapes] = (np.stack([row for row, _ in group]), [k for _, k in group])
        for k, (args, _) in enumerate(asked):
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
        close = np.abs(matrix - row).max(axis=1, initial=0.0) <= TOLERANCE * max(1.0, float(np.abs(row).max(initial=0.0)))
        return numbers[int(close.argmax())] if close.any() else default


class Replay:
    """Stands in for the callback: answers as it did. Points may come in another order, or more than once."""

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
    return tuple((value.dtype, value.shape, value.tobytes()) if isinstance(value, np.ndarray) else encoded(value).data
                 for value in args)


def _key(args: tuple) -> tuple:
    """The same for points that are the same to the last bit."""
    return tuple((value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value for value in args)


def _flat(args: tuple) -> tuple[tuple, np.ndarray]:
    """The shapes of the arguments, and all of their numbers in one row. What holds no numbers counts by its type."""
    shapes: list[object] = []
    numbers = [np.empty(0)]
    for value in args:
        if isinstance(value, _NUMBERS) and np.asarray(value).dtype.kind in "fiub":
            shapes.append(np.shape(value))
            numbers.append(np.ravel(value).astype(float))
        else:
            shapes.append(value if isinstance(value, Opaque) else Opaque(type(value).__name__))
    return tuple(shapes), np.concatenate(numbers)
