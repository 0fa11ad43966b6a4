"""Solutions that run in this process, driven through the grader's own machinery: everything but the
sandbox is real.

Where a submission has sources, a solution here has functions: `solution("ann", {"rel_error":
my_function})` is the reference with one exercise replaced. Values cross the real wire format, so
that copies, types and callbacks behave as they do in the sandbox; only the process is ours, which
makes hundreds of gradings affordable.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import random
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from unittest import mock

import numpy as np

import grader.topics
from cs231n_utils import data
from cs231n_utils.exercises import EXERCISES, MODULES
from grader.checks.misconception import Misconception
from grader.grading import pool
from grader.intake.submission import Submission
from grader.report import Report
from grader.sandbox.connection import Reply, Request, replay_to_check
from grader.sandbox.inside import wire

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
    digits, rng = data.load_digits(), np.random.default_rng(0)
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

    def fork(self) -> LocalWorker:
        return LocalWorker()


class LocalWorker:
    """Answers the requests of grader.sandbox.inside.worker by direct calls."""

    def __init__(self) -> None:
        self.alive = True
        self._files: dict = {}
        self._kept: list[object] = []

    def close(self) -> None:
        self.alive = False

    def ask(
        self,
        requests: Sequence[Request],
        reset: bool = False,
        wall_limit: float | None = None,
        cpu_limit: float | None = None,
    ) -> list[Reply]:
        return [self._reply(request) for request in requests]

    def _reply(self, request: Request) -> Reply:
        kind, *rest = request.message
        # Callbacks are checks: what they raise is not the student's exception.
        failed: list[BaseException] = []
        crossing = _Crossing(request.callbacks, self._kept, failed)
        before = time.process_time()
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")  # free, and this process may have made them errors
                random.seed(request.seed)
                np.random.seed(request.seed)
                value = getattr(self, f"_{kind}")(crossing, *rest)
        except Exception as error:
            if failed:
                raise failed[0] from None
            kind = "unwritten" if isinstance(error, NotImplementedError) else "raised"
            bases = tuple(
                base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins"
            )
            value = ("error", kind, type(error).__name__, bases, str(error), "")
        return Reply(value, crossing.scripted_calls, time.process_time() - before)

    def _load(self, crossing: _Crossing, files: dict) -> tuple:
        self._files = files
        return ("ok", None, None, 0)

    def _call(
        self, crossing: _Crossing, module: str, name: str, args: tuple, kwargs: dict, options: dict
    ) -> tuple:
        function = self._files.get(name) or getattr(REFERENCE[module], name)
        crossing.take_scripts(options.get("scripts", ()))
        args, kwargs = crossing.inwards((args, kwargs))
        result, events = (
            _counted(function, args, kwargs)
            if options.get("count")
            else (function(*args, **kwargs), 0)
        )
        keep = options.get("keep")
        if keep is not None and type(result) in (tuple, list) and keep < len(result):
            self._kept.append(result[keep])
            result = (*result[:keep], wire.Handle(len(self._kept) - 1), *result[keep + 1 :])
        return ("ok", _sent(result), _sent((args, kwargs)) if options.get("echo") else None, events)

    def _calls(
        self, crossing: _Crossing, module: str, name: str, many: list[tuple], options: dict
    ) -> tuple:
        replies = [self._call(crossing, module, name, args, {}, options) for args in many]
        if not (options.get("echo") or options.get("count")):
            return ("ok", [result for _, result, _, _ in replies], None, 0)
        return (
            "ok",
            [
                (result, echoed[0] if echoed else (), events)
                for _, result, echoed, events in replies
            ],
            None,
            0,
        )

    def _classify(
        self,
        crossing: _Crossing,
        method: str,
        W: object,
        loss: object,
        args: tuple,
        kwargs: dict,
        scripts: Sequence[tuple],
    ) -> tuple:
        crossing.take_scripts(scripts)
        callback, W, args, kwargs = crossing.inwards((loss, W, args, kwargs))
        own = {
            name.split(".")[1]: value
            for name, value in self._files.items()
            if name.startswith("LinearClassifier.")
        }
        own["loss"] = lambda self, X_batch, y_batch, reg: callback(self.W, X_batch, y_batch, reg)
        model = type("Probe", (REFERENCE["linear_classifier"].LinearClassifier,), own)()
        model.W = W
        result = getattr(model, method)(*args, **kwargs)
        return ("ok", _sent((result, model.W)), None, 0)

    def _read_npz(self, crossing: _Crossing, file: str, name: str) -> tuple:
        with np.load(io.BytesIO(self._files[file]), allow_pickle=False) as arrays:
            return ("ok", arrays[name] if name in arrays.files else sorted(arrays.files), None, 0)


class _Crossing:
    """What the box makes of values from the wire."""

    def __init__(
        self, callbacks: Sequence[Callable], kept: list[object], failed: list[BaseException]
    ) -> None:
        self._callbacks, self._kept, self._failed = callbacks, kept, failed
        self._scripts: dict[int, list] = {}  # callback -> scripted answers that are not given yet
        self.scripted_calls: list[tuple[int, tuple]] = []  # that were answered from them
        self._points: dict[bytes, object] = {}

    def inwards(self, value: object) -> object:
        return self._localize(_sent(value))

    def _localize(self, value: object) -> object:
        if type(value) is wire.Handle:
            return self._kept[value.id]
        if type(value) is wire.Rng:
            return np.random.default_rng(value.seed)
        if type(value) is wire.Callback:
            return lambda *args: self._answer(value.id, args)
        if type(value) in (tuple, list):
            return type(value)(map(self._localize, value))
        if type(value) is dict:
            return {key: self._localize(item) for key, item in value.items()}
        return value

    def take_scripts(self, scripts: Sequence[tuple[int, list]]) -> None:
        self._scripts = {number: list(answers) for number, answers in scripts}

    def _answer(self, number: int, args: tuple) -> object:
        args = _sent(args)  # what cannot cross is the student's exception
        point = wire.frame(number, args)
        if point not in self._points and self._scripts.get(number):
            self._points[point] = self._scripts[number].pop(0)
        if point in self._points:
            self.scripted_calls.append((number, args))
            return _sent(self._points[point])
        calls, self.scripted_calls = self.scripted_calls, []
        try:
            replay_to_check(calls, self._callbacks)
            return _sent(self._callbacks[number](*args))
        except BaseException as error:
            self._failed.append(error)
            raise


def _sent(value: object) -> object:
    """The value as it arrives on the other side."""
    return wire.read_frame(io.BytesIO(wire.frame(0, value)).read)[1]


def _counted(function: Callable, args: tuple, kwargs: dict) -> tuple[object, int]:
    """The result, and the Python-level steps it took, as the box counts them."""
    events = 0

    def trace(frame: object, event: str, arg: object) -> Callable:
        nonlocal events
        events += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = function(*args, **kwargs)
    finally:
        sys.settrace(before)
    return result, events
