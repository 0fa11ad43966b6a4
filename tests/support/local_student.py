"""Solutions that run in this process and are graded as any other: only the lock-down is missing.

Where a submission has sources, a solution here has functions: `solution("ann", {"rel_error":
my_function})` is the reference with one exercise replaced. The server that answers is the one that
answers in a box, and the grader's end of the connection is the real one, too. But the server runs
in this thread instead of a locked process, which makes hundreds of gradings affordable.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import math
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from unittest import mock

import numpy as np
from greenlet import getcurrent, greenlet

import grader.topics
from cs231n_utils import data
from cs231n_utils.exercises import EXERCISES, MODULES
from grader.checks.misconception import Misconception
from grader.grading import pool
from grader.intake.submission import Submission
from grader.report import Report
from grader.sandbox.connection import Box, Reply, Request
from grader.sandbox.inside import to_box, wire
from grader.sandbox.runtime import CODE

TOPICS = Path(grader.topics.__file__).parent
REFERENCE = {
    module: importlib.import_module(f"grader.topics.{module}.reference") for module in MODULES
}
REFERENCE_FILES = {
    f"cs231n_utils/{module}.py": (TOPICS / module / "reference.py").read_bytes()
    for module in MODULES
}


SECRET = "secret"


@functools.cache
def trained_weights() -> np.ndarray:
    """W (D, C) of a softmax classifier of the digits, trained well enough for all points."""
    digits, rng = data.load("digits"), np.random.default_rng(0)
    W = np.zeros((digits.X_train.shape[1], 10))
    for _ in range(1500):
        batch = rng.integers(0, len(digits.X_train), 200)
        W -= (
            0.5
            * REFERENCE["softmax"].softmax_loss_vectorized(
                W, digits.X_train[batch], digits.y_train[batch], 1e-3
            )[1]
        )
    return W


def model_file(W: np.ndarray | None = None) -> bytes:
    """The content of best_model.npz."""
    buffer = io.BytesIO()
    np.savez(buffer, W=trained_weights() if W is None else W)
    return buffer.getvalue()


def solution(
    student: str, functions: Mapping[str, Callable] | None = None, model: bytes | None = None
) -> Submission:
    """The reference with some exercises replaced; methods of LinearClassifier are functions of
    (self, ...).
    """
    return Submission(
        student, {**REFERENCE_FILES, "best_model.npz": model or model_file(), **(functions or {})}
    )


def mistaken(entry: Misconception) -> Submission:
    """The reference with a wrong implementation in the place of its function."""
    name = f"{entry.exercise}: {entry.name}"
    if entry.exercise.endswith(".npz"):
        return solution(name, model=model_file(entry.wrong(trained_weights())))
    return solution(name, {entry.exercise: entry.wrong})


def grade_locally(
    solutions: Sequence[Submission],
    exercises: Sequence[str] = tuple(EXERCISES),
    secret: str = SECRET,
) -> list[Report]:
    """What grade_batch reports, with every student function run in this process."""
    with mock.patch.object(pool, "Zygote", LocalZygote):
        return pool.grade_batch(solutions, secret, exercises)


class LocalZygote:
    """Has the part of grader.sandbox.launch.Zygote that grading needs, and no process."""

    level = "none"

    def __init__(
        self, levels: Sequence[str] = (), files: Mapping[str, bytes] | None = None
    ) -> None:
        pass

    def __enter__(self) -> LocalZygote:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def fork(self) -> LocalBox:
        return LocalBox()


class LocalBox(Box):
    """A box whose server runs in this thread; its CPU time is that of the whole process."""

    def __init__(self) -> None:
        self._connection = _Connection()
        super().__init__(self._connection, os.pidfd_open(os.getpid()), lambda: 0)

    def ask(
        self, requests: Sequence[Request], reset: bool = False, *limits: object, **named: object
    ) -> list[Reply]:
        """As `Box.ask`, with two differences. Functions are no plain values, so they are handed to
        the server directly. And there are no limits, because nothing here can end a call; its time
        is still measured.
        """
        if requests and requests[0].message[0] == "load":
            self._connection.server.files = requests[0].message[1]
            requests = [requests[0]._replace(message=("load", {}))]
        return super().ask(requests, reset, wall_limit=math.inf, cpu_limit=math.inf)


class _Connection:
    """In the place of the grader's socket: a side that waits for the other lets it run.

    The two take turns, as they do across a socket. With the server in a thread, waking the other
    one for each turn made tests/topics/test_mutants.py take four times as long. So the server is a
    greenlet, which is a function that can stop in the middle.
    """

    def __init__(self) -> None:
        self.server = _LocalServer(self)
        self._running = greenlet(self.server.serve)
        self._to_server = self._to_grader = b""
        self._file = os.open(os.devnull, os.O_RDWR)  # something that is always ready

    def setblocking(self, flag: bool) -> None:
        pass

    def fileno(self) -> int:
        return self._file

    def send(self, data: memoryview) -> int:
        self._to_server += data
        return len(data)

    def recv(self, count: int) -> bytes:
        if not self._to_grader:
            self._running.parent = getcurrent()
            self._running.switch()
        piece, self._to_grader = self._to_grader[:count], self._to_grader[count:]
        return piece

    def close(self) -> None:
        os.close(self._file)
        self._running.parent = getcurrent()
        while self._running:  # student code may catch what ends it
            self._running.throw()

    def read_in_server(self, count: int) -> bytes:
        while not self._to_server:
            self._running.parent.switch()
        piece, self._to_server = self._to_server[:count], self._to_server[count:]
        return piece

    def write_in_server(self, data: bytes) -> None:
        self._to_grader += data


def module_of_a_box(name: str) -> ModuleType:
    """A module that imports what lies beside it in a sandbox by bare names."""
    folders = dict.fromkeys(str(path.parent) for path in CODE)
    with (
        mock.patch.object(sys, "path", [*folders, *sys.path]),
        mock.patch.dict(sys.modules, {"wire": wire, "to_box": to_box}),
    ):
        return importlib.import_module(name)


class _LocalServer(module_of_a_box("worker").Server):
    """The server of a box, without what would change this process: files and modules."""

    files: Mapping[str, Callable | bytes]  # functions by exercise; sources are not looked at

    def __init__(self, connection: _Connection) -> None:
        super().__init__(fd=-1, folder="/there is no such folder")
        self._read, self._write = connection.read_in_server, connection.write_in_server

    def _load(self, files: Mapping[str, bytes]) -> tuple:
        return ("ok", None, None, 0)

    def _forgets(self) -> bool:
        self.kept.clear()
        return True

    def _reply(self, seed: int, request: tuple) -> object:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # free, and this process may have made them errors
            return super()._reply(seed, request)

    def _find(self, module: str, function: str) -> Callable:
        found = self.files.get(function) or getattr(REFERENCE[module], function)
        methods = {
            name.removeprefix(f"{function}."): method
            for name, method in self.files.items()
            if name.startswith(f"{function}.")
        }
        return type(function, (found,), methods) if methods else found

    def _read_npz(self, file: str, name: str) -> tuple:
        with np.load(io.BytesIO(self.files[file]), allow_pickle=False) as arrays:
            return ("ok", arrays[name] if name in arrays.files else sorted(arrays.files), None, 0)
