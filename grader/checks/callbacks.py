"""Functions that checks hand to student code: recorded while it runs, and replayed for the hints.

The grader learns every point at which student code calls a callback. From these calls and their
answers, a known wrong implementation can be run in the place of the student's function: if it calls
at other points, it is not the student's mistake. Replaying does not involve the check.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.sandbox.inside.to_box import Rng
from grader.sandbox.inside.wire import Opaque, key

# Stands for the result of a call that did not return.
UNFINISHED = Opaque("nothing, the call did not end")
# Calls of one callback that are recorded: more than any right solution makes in a check. A call of
# the student's function with more of them is not replayed.
MAX_CALLS = 256
MAX_BYTES = 4 << 20  # bytes of arguments that are recorded
# Points that differ by less than this count as the same: x + h - 2h + h differs from x by rounding.
TOLERANCE = 1e-13
_NUMBERS = (np.ndarray, np.generic, int, float)
_NO_ANSWER = object()  # the check failed at this very point


class ScriptedCallback:
    """A callback whose answers are precomputed, because they do not depend on its arguments.

    answers : in the order of new points; at a point of an earlier call, its answer is given again
    given : the answers of all calls so far, in order

    The box gets the answers with the request, which saves one round trip for each call; its reply
    lists the calls that were made. The answers are inputs of the student's function like any
    others, so a check must not script what it is going to expect. A check derives a class of its
    own, whose `on_call` gets the arguments of each call, and raises if they are wrong.
    """

    def __init__(self, answers: Sequence[Any]) -> None:
        self.answers = list(answers)
        self.given: list[Any] = []
        # The box compares points by their keys. Of these, which student code may make large, only
        # hashes are kept.
        self._by_point: dict[int, Any] = {}

    def on_call(self, *args: Any) -> None:
        raise NotImplementedError

    def __call__(self, *args: Any) -> Any:
        self.on_call(*args)
        point, known = hash(key(args)), self._by_point
        if point not in known:
            known[point] = self.answers[min(len(known), len(self.answers) - 1)]
        answer = known[point]
        self.given.append(answer)
        return copied(answer)


class RecordingCallback:
    """A callback that records its calls, in order.

    calls : (arguments, answer) of each call
    script : the answers that the box gets beforehand; None if the grader answers each call
    """

    def __init__(self, callback: Callable[..., Any]) -> None:
        self._callback = callback
        self.script = callback.answers if isinstance(callback, ScriptedCallback) else None
        self._bytes = 0
        self.calls: list[tuple[tuple[Any, ...], Any]] = []

    def __call__(self, *args: Any) -> Any:
        kept = []
        for value in args:
            if isinstance(value, np.ndarray):
                self._bytes += value.nbytes
            elif not isinstance(value, _NUMBERS):
                value = Opaque(type(value).__name__)
            kept.append(value)
        keep = self.complete  # records one call more than MAX_CALLS, and is then incomplete
        answer = _NO_ANSWER
        try:
            answer = self._callback(*args)
        finally:
            if keep:
                self.calls.append((tuple(kept), answer))
        return answer

    @property
    def complete(self) -> bool:
        """Whether every call is recorded."""
        return self._bytes <= MAX_BYTES and len(self.calls) <= MAX_CALLS


class OtherPoint(Exception):
    """The replayed implementation calls at a point at which student code did not call."""


class EndOfRecord(Exception):
    """The replayed implementation has come to where the student's call failed.

    It has called at all points, or drawn all numbers, that student code had until then.
    """


class Tape:
    """The recorded calls of a callback, ready to be replayed to many implementations.

    finished : False if the student's function did not return
    """

    def __init__(self, calls: Sequence[tuple[tuple[Any, ...], Any]], finished: bool) -> None:
        self.answers = [answer for _, answer in calls]
        self.finished = finished
        # Most points are found here, because they agree to the last bit.
        self._exact: dict[tuple[Any, ...], int | None] = {}
        # By shapes of the arguments: points as the rows of a matrix, and the index of each call.
        self._groups: dict[tuple[Any, ...], tuple[np.ndarray, list[int]]] = {}
        rows: dict[tuple[Any, ...], list[tuple[np.ndarray, int]]] = {}
        for k, (args, _) in enumerate(calls):
            shapes, row = _flat(args)
            rows.setdefault(shapes, []).append((row, k))
        for shapes, group in rows.items():
            self._groups[shapes] = (np.stack([row for row, _ in group]), [k for _, k in group])
        for k, (args, _) in enumerate(calls):
            self._exact.setdefault(_key(args), self._near(args, k))
        self.points = set(self._exact.values())

    def find(self, args: tuple[Any, ...]) -> int | None:
        """The index of the first call at this point; None if there is none."""
        found = self._exact.get(_key(args))
        return self._near(args) if found is None else found

    def _near(self, args: tuple[Any, ...], default: int | None = None) -> int | None:
        shapes, row = _flat(args)
        if shapes not in self._groups:
            return default
        matrix, numbers = self._groups[shapes]
        close = np.abs(matrix - row).max(axis=1, initial=0.0) <= TOLERANCE * max(
            1.0, float(np.abs(row).max(initial=0.0))
        )
        return numbers[int(close.argmax())] if close.any() else default


class Replay:
    """Stands in for a recorded callback, and gives the recorded answers.

    The replayed implementation may call at the points in another order, or more than once.
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
        """Whether the implementation has called at every recorded point."""
        return self._seen == self._tape.points


def copied(value: Any) -> Any:
    """A copy that shares nothing with the value; as in the box, an Rng becomes a generator."""
    if isinstance(value, float):  # nearly all answers are
        return value
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (tuple, list)):
        return type(value)(map(copied, value))
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return np.random.default_rng(value.seed) if isinstance(value, Rng) else copy.copy(value)


def _key(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """A key that is the same for points that agree to the last bit."""
    return tuple(
        (value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value for value in args
    )


def _flat(args: tuple[Any, ...]) -> tuple[tuple[Any, ...], np.ndarray]:
    """The shapes of the arguments, and all of their numbers in one row, of shape (M,).

    An argument that is no number or array of numbers has the name of its type for a shape.
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
