"""The hidden checks in the process of the student's functions, the least that grading can cost.

Not a way to grade: a student's function can do here whatever the checks can. `floor.py` compares
our grading with it, and `throughput.py` gives it to the grade cells of other tools, so that they
run the same checks on the same inputs.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib
import io
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from cs231n_utils.exercises import EXERCISES, MODULES
from cs231n_utils.hand_in.rules import MODEL_FILE
from grader.checks.seeds import seed_for
from grader.checks.student import CallResult, Rng, Student, StudentRaised

SECRET = "the same for all"  # in place of a course's secret, from which the inputs are drawn


class DirectStudent:
    """Answers the checks as `grader.checks.student.Student` does, by plain calls.

    It copies only what a check compares later.

    modules : name, as in `Exercise.module` -> the module with the student's functions
    model : the content of best_model.npz
    """

    last_call: object = None  # checks set these for hints, which right answers never need
    other_calls: object = None

    def __init__(self, modules: Mapping[str, ModuleType], model: bytes) -> None:
        self._modules = modules
        self._model = model

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in EXERCISES:
            raise AttributeError(name)
        return lambda *args, **kwargs: self.call(name, *args, **kwargs).result

    def call(
        self,
        name: str,
        /,
        *args: object,
        keep: int | None = None,
        echo: bool = False,
        count: bool = False,
        timed: bool = False,
        cpu_limit: float | None = None,
        **kwargs: object,
    ) -> CallResult:
        function = getattr(self._modules[EXERCISES[name].module], name)
        here = tuple(_here(value, echo) for value in args)
        named = {key: _here(value, echo) for key, value in kwargs.items()}
        started = time.process_time()
        try:
            result, events = (
                _counted(function, here, named) if count else (function(*here, **named), 0)
            )
        except ValueError as error:  # which a check may expect
            raise StudentRaised(f"raised ValueError: {error}", None, ("ValueError",)) from None
        return CallResult(result, here, named, events, time.process_time() - started)

    def calls(
        self,
        name: str,
        many: Iterable[tuple],
        keep: int | None = None,
        echo: bool = False,
        count: bool = False,
    ) -> Iterator[CallResult]:
        return (self.call(name, *args, echo=echo, count=count) for args in many)

    def classify(
        self, method: str, W: object, *args: object, loss: Callable | None = None, **kwargs: object
    ) -> tuple:
        base = self._modules["linear_classifier"].LinearClassifier
        own = {"loss": lambda model, X, y, reg: loss(copy.copy(model.W), X, y, reg)} if loss else {}
        model = type("Probe", (base,), own)()
        model.W = W
        return getattr(model, method)(*args, **kwargs), model.W

    def load_model(self) -> object:
        with np.load(io.BytesIO(self._model), allow_pickle=False) as arrays:
            return arrays["W"]


def _here(value: object, copied: bool) -> object:
    """What the student's function gets for an argument of a check."""
    if type(value) is Rng:
        return np.random.default_rng(value.seed)
    if callable(value):
        # Checks keep the points at which they are called.
        return lambda *args: value(*map(copy.copy, args))
    if type(value) is dict:
        return {key: _here(item, copied) for key, item in value.items()}
    return copy.copy(value) if copied else value


def _counted(function: Callable, args: tuple, kwargs: dict) -> tuple[object, int]:
    """The result, and the Python-level steps that it took."""
    events = 0

    def trace(frame: FrameType, event: str, arg: object) -> Callable:
        nonlocal events
        events += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return function(*args, **kwargs), events
    finally:
        sys.settrace(before)


@dataclass(frozen=True)
class Check:
    """A test method, its name without "test_", and its sets of parameters."""

    owner: type
    name: str
    needs_rng: bool
    cases: tuple[Mapping[str, object], ...]


@functools.cache
def checks() -> Mapping[str, tuple[Check, ...]]:
    """Exercise -> its hidden checks, collected once a process."""
    classes = [
        each
        for module in MODULES
        for each in vars(importlib.import_module(f"grader.topics.{module}.test_{module}")).values()
        if isinstance(each, type) and hasattr(each, "exercise") and hasattr(each, "points")
    ]
    return {
        owner.exercise: tuple(_check(owner, name) for name in owner.points) for owner in classes
    }


def _check(owner: Any, name: str) -> Check:
    method = getattr(owner, f"test_{name}")
    tables = [mark.args for mark in getattr(method, "pytestmark", ()) if mark.name == "parametrize"]
    columns = [[_row(names, values) for values in rows] for names, rows in tables]
    cases = tuple(
        {key: value for row in rows for key, value in row.items()}
        for rows in itertools.product(*columns)
    )
    return Check(
        owner, name, "rng" in method.__code__.co_varnames[: method.__code__.co_argcount], cases
    )


def _row(names: str, values: Any) -> dict[str, object]:
    listed = [name.strip() for name in names.split(",")]
    return dict(zip(listed, values if len(listed) > 1 else [values], strict=True))


def run_checks(exercise: str, student: DirectStudent | Student, name: str = "student") -> int:
    """Run all hidden checks of an exercise; the first that fails raises. Returns how many calls of
    test methods that were.
    """
    done = 0
    # What students print goes nowhere in the sandbox, too.
    with open(os.devnull, "w") as null, contextlib.redirect_stdout(null):
        for check in checks()[exercise]:
            seed = seed_for(SECRET, name, exercise, check.name)
            for number, parameters in enumerate(check.cases):
                random = {"rng": np.random.default_rng(seed + number)} if check.needs_rng else {}
                getattr(check.owner(), f"test_{check.name}")(
                    student=student, **random, **parameters
                )
                done += 1
    return done


def check_here(exercise: str) -> None:
    """For grade cells: run the hidden checks on the functions in this folder's cs231n_utils."""
    modules = {name: importlib.import_module(f"cs231n_utils.{name}") for name in MODULES}
    run_checks(exercise, DirectStudent(modules, Path(MODEL_FILE).read_bytes()))
