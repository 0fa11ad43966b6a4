"""Replies in which one field holds what it must not: every field of every kind of message, with
every kind of odd value.

At import, the submission puts a hand on what the box writes. Its function is the reference, or one
that returns other numbers. A field is a path into a decoded message: the reply to requests, the
question of a callback, or the empty reply by which a box shows that it is in sync.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cs231n_utils.exercises import EXERCISES
from grader.grading import discover, one_submission, pool
from grader.intake.submission import Submission, given_files
from grader.report import ExerciseReport, Verdict
from grader.sandbox.launch import Zygote
from tests.support.in_sandbox import reference_files

# By name, the message and the path in it. Replies are a list of (scripted calls, value); of a
# value, 0 is "ok" or "error".
FIELDS: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "all replies": ("replies", ()),
    "the first reply": ("replies", (0,)),
    "the last reply": ("replies", (-1,)),
    "scripted calls": ("replies", (0, 0)),
    "a scripted call": ("replies", (0, 0, 0)),
    "number of a scripted call": ("replies", (0, 0, 0, 0)),
    "arguments of a scripted call": ("replies", (0, 0, 0, 1)),
    "argument of a scripted call": ("replies", (0, 0, 0, 1, 0)),
    "value": ("replies", (0, 1)),
    "kind": ("replies", (0, 1, 0)),
    "result": ("replies", (0, 1, 1)),
    "first of the result": ("replies", (0, 1, 1, 0)),
    "last of the result": ("replies", (0, 1, 1, -1)),
    "deep in the result": ("replies", (0, 1, 1, 0, 0)),
    "deeper in the result": ("replies", (0, 1, 1, 0, 1)),
    "deepest in the result": ("replies", (0, 1, 1, 0, 1, 0)),
    "echo": ("replies", (-1, 1, 2)),
    "echoed arguments": ("replies", (-1, 1, 2, 0)),
    "an echoed argument": ("replies", (-1, 1, 2, 0, 0)),
    "echoed keywords": ("replies", (-1, 1, 2, 1)),
    "events": ("replies", (0, 1, 3)),
    "kind of error": ("errors", (0, 1, 1)),
    "type of error": ("errors", (0, 1, 2)),
    "bases of error": ("errors", (0, 1, 3)),
    "a base of error": ("errors", (0, 1, 3, 0)),
    "text of error": ("errors", (0, 1, 4)),
    "place of error": ("errors", (0, 1, 5)),
    "question": ("question", ()),
    "word of a question": ("question", (0,)),
    "request of a question": ("question", (1,)),
    "call of a question": ("question", (2,)),
    "callback of a question": ("question", (2, 0)),
    "arguments of a question": ("question", (2, 1)),
    "argument of a question": ("question", (2, 1, 0)),
    "calls before a question": ("question", (3,)),
    "in sync": ("sync", ()),
}
VALUES: Mapping[str, str] = {
    "nothing": "MISSING",
    "None": "None",
    "no items": "()",
    "an empty list": "[]",
    "an empty dict": "{}",
    "a number": "7",
    "a negative number": "-1",
    "a truth": "True",
    "a fraction": "0.5",
    "not a number": "float('nan')",
    "a huge number": "10**18",
    "beyond 64 bits": "10**400",
    "text": "'ok'",
    "long text": "'x' * 100_000",
    "bytes": "b'ok'",
    "an array": "np.zeros(2)",
    "an empty array": "np.zeros(0)",
    "an array without dimensions": "np.array(1.0)",
    "a large array": "np.ones((1000, 1000))",
    "an array of NaN": "np.full((3, 2), np.nan)",
    "complex numbers": "np.ones(3, complex)",
    "truths": "np.ones(2, bool)",
    "whole numbers": "np.arange(6).reshape(2, 3)",
    "a scalar": "np.float64(1)",
    "a whole scalar": "np.int8(1)",
    "a subclass of int": "type('I', (int,), {})(1)",
    "a subclass of str": "type('S', (str,), {})('ok')",
    "a subclass of array": (
        "np.zeros(2).view(type('A', (np.ndarray,), {'__eq__': lambda *a: True}))"
    ),
    "a handle": "wire.Handle(10**9)",
    "a value of unknown type": "wire.Encoded(b'C' + bytes(8))",
    "an opaque": "wire.Opaque('x')",
    "a deep tuple": "DEEP",
    "many items": "[0] * 90_000",
    "a pair of arrays": "(np.zeros(2), np.zeros(2))",
    "a dict of arrays": "{'a': np.zeros(2)}",
    "an ok of its own": "('ok', 0.0, ((), {}), 0)",
    "an error of its own": "('error', 'raised', 'ValueError', ('ValueError',), 'x', 'y')",
}
_HAND = """

import io as _io, sys as _sys
import wire
_server = _sys.modules["worker"].Server
MISSING, DEEP = object(), ()
for _ in range(6):
    DEEP = (DEEP,)


def _changed(body, path, value):
    if not path:
        return [] if value is MISSING else value
    if type(body) not in (list, tuple) or not -len(body) <= path[0] < len(body):
        return body
    k = path[0] % len(body)
    if len(path) == 1 and value is MISSING:
        return type(body)([*body[:k], *body[k + 1:]])
    return type(body)([*body[:k], _changed(body[k], path[1:], value), *body[k + 1:]])


def _kind(body):
    if type(body) is tuple:
        return "question"
    if not body:
        return "sync"
    return "errors" if any(value[0] == "error" for _, value in body) else "replies"


if not hasattr(_server, "_real_write"):
    _server._real_write = _server._write

    def _write(self, frame):
        sequence, body = wire.read_frame(_io.BytesIO(frame).read)
        if _kind(body) == {message!r}:
            frame = wire.frame(sequence, _changed(body, {path!r}, {value}))
        self._real_write(frame)

    _server._write = _write


def _wrong(value):
    if isinstance(value, (tuple, list)):
        return type(value)(map(_wrong, value))
    return value * 1.5 + 1 if isinstance(value, (float, np.floating)) or (
        isinstance(value, np.ndarray) and value.dtype.kind == "f") else value


def _badly(function):
    def run(*args, **kwargs):
        if {raises}:
            raise ValueError("no")
        return _wrong(function(*args, **kwargs))
    return run
"""
_WRAP = "\n{name} = _badly({name})\n"


def submission(
    exercise: str,
    right: bool,
    message: str = "none",
    path: tuple[int, ...] = (),
    value: str = "None",
) -> Submission:
    """The exercise, right or wrong, with this value at this place in each message of this kind that
    its box sends.

    For a message of errors, it raises one each time.
    """
    files = reference_files()
    hand = _HAND.format(message=message, path=path, value=value, raises=message == "errors")
    wrap = "" if right and message != "errors" else _WRAP.format(name=exercise)
    files[EXERCISES[exercise].file] += f"import numpy as np\n{hand}{wrap}".encode()
    return Submission("ann", files)


def cases(exercise: str, right: bool) -> Iterator[tuple[str, str, Submission]]:
    """(field, value, submission) for all fields and values."""
    for field, (message, path) in FIELDS.items():
        for value, code in VALUES.items():
            yield field, value, submission(exercise, right, message, path, code)


class Grader:
    """Grades single exercises in one sandbox; a context manager."""

    def __init__(self) -> None:
        self._checks = discover.collect(pool.TOPICS)
        self._zygote = Zygote(files=given_files())

    def __enter__(self) -> Grader:
        self._zygote.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._zygote.stop()

    def report(self, one: Submission, exercise: str) -> ExerciseReport:
        return one_submission.grade_submission(
            one, self._checks, "secret", self._zygote, [exercise]
        ).exercise(exercise)

    def faults(self, one: Submission, exercise: str, base: ExerciseReport) -> list[str]:
        """What must not be: a check that is not judged, or more points than the same function has
        without the odd value.
        """
        found = self.report(one, exercise)
        unjudged = [
            f"{check.name} is not judged: {check.detail}"
            for check in found.checks
            if check.verdict is Verdict.NOT_JUDGED
        ]
        return unjudged + (
            [f"{found.points} points instead of {base.points}"]
            if found.points > base.points
            else []
        )
