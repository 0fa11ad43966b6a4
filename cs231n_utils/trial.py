"""Tries the functions that a picture is made of: one sentence for one that is not written yet, or
wrong, and three lines for what it raises. Complete.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import linecache
import textwrap
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, SimpleNamespace
from typing import Any

import numpy as np

from cs231n_utils.exercises import EXERCISES, MODULES

KIT = Path(__file__).resolve().parents[1]  # the folder that holds cs231n_utils
# These take long, or need another function as well; no picture depends on what they look at.
_LEFT_OUT = ("test_no_loop", "test_agrees_with_naive")


@dataclass(frozen=True)
class _Trial:
    """What came of trying the checks of an exercise.

    version : the function's code, and the files, as they were
    written : False for a stub
    said : why it cannot be used, as a sentence; "" if it can be
    """

    version: Any
    written: bool = True
    said: str = ""


_trials: dict[str, _Trial] = {}  # the last one of each exercise


def trouble(*functions: Callable[..., Any]) -> str:
    """Why no picture can be made of these functions: a sentence on the first one that is not
    written yet or fails its visible checks; "" if all of them can be used.

    The checks run in this process, on a few numbers each: some milliseconds for a function, and
    only once for each version of the files.

    functions : also classes; one that has exercises among its methods stands for these exercises
    """
    trials = (
        _trial(name, student)
        for function in functions
        for name, student in _exercises_in(function).items()
    )
    return next((trial.said for trial in trials if trial.said), "")


def unwritten(stub: NotImplementedError, name: str = "A function that is called here") -> str:
    """What a cell says of a function that is not written yet; the stub names the place to write."""
    return f"Nothing to show yet. {stub}" if str(stub) else f"{name} is not written yet."


def _exercises_in(thing: Any) -> dict[str, SimpleNamespace]:
    """The exercises that a function or class holds, each with what its checks need of a module."""
    if isinstance(thing, type):
        return {
            name: SimpleNamespace(**{base.__name__: base})
            for base in thing.__mro__
            for name in EXERCISES
            if name.startswith(f"{base.__name__}.")
        }
    name = getattr(thing, "__name__", None)
    if name not in EXERCISES or not isinstance(thing, FunctionType):
        return {}
    # What it calls, and what its checks call beside it, such as the forward pass of a layer.
    beside = {other: thing.__globals__.get(other) for other in EXERCISES}
    return {name: SimpleNamespace(**{**beside, name: thing})}


def _trial(name: str, student: SimpleNamespace) -> _Trial:
    version = _code(student, name), _files()
    known = _trials.get(name)
    if known is None or known.version != version:
        known = _trials[name] = _try(name, student, version)
    return known


def _try(name: str, student: SimpleNamespace, version: Any) -> _Trial:
    number = EXERCISES[name].notebook.split("_")[0]
    try:
        with _quietly():
            for check in _checks(name):
                check(student, np.random.default_rng(231))
    except NotImplementedError as unfilled:
        return _Trial(version, False, unwritten(unfilled, name))
    except Exception:  # whatever it is, check(name) tells it better
        said = f'{name} (notebook {number}) fails its checks; check("{name}") says what to mend.'
        return _Trial(version, said=said)
    return _Trial(version)


def _code(student: SimpleNamespace, name: str) -> Any:
    found: Any = student
    for part in name.split("."):
        found = getattr(found, part)
    return getattr(found, "__code__", found)


def _files() -> frozenset[tuple[str, int]]:
    """The Python files of the kit, and when each was changed."""
    return frozenset(
        (str(file), file.stat().st_mtime_ns)
        for folder in (KIT, KIT / "cs231n_utils")
        for file in folder.glob("*.py")
    )


def _checks(exercise: str) -> Iterator[Callable[[Any, np.random.Generator], None]]:
    """The visible checks of an exercise that need nothing but its function and random numbers."""
    module = importlib.import_module(
        f"cs231n_utils.visible_checks.test_{EXERCISES[exercise].module}"
    )
    for suite in vars(module).values():
        if inspect.isclass(suite) and getattr(suite, "exercise", None) == exercise:
            for name, method in inspect.getmembers(suite(), inspect.ismethod):
                takes = [*inspect.signature(method).parameters]
                if (
                    name.startswith("test_")
                    and name not in _LEFT_OUT
                    and takes == ["student", "rng"]
                ):
                    yield method


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without warnings and printed lines, and without a trace in np.random."""
    draws = np.random.get_state()
    try:
        with (
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            np.random.seed(231)
            yield
    finally:
        np.random.set_state(draws)


# --- an exception in a cell -----------------------------------------------------------------------


def told(error: Exception, code: CodeType, namespace: dict[str, Any]) -> str:
    """An exception in at most three lines, if a student's function is behind it: type and text,
    place, next step. "" if nothing points at one.

    code : of the cell, or the part of it, where the exception came out
    namespace : the global names of the notebook
    """
    frames = list(traceback.walk_tb(error.__traceback__))
    known = [(f, line) for f, line in frames if f.f_globals is namespace or _is_students(f.f_code)]
    students = [frame for frame, _ in known if frame.f_globals is not namespace]
    suspects = _exercises_used(code, namespace)
    for frame in students:
        suspects = {**_exercises_used(frame.f_code, frame.f_globals), **suspects}
    said = next(
        (
            trial.said
            for name in EXERCISES  # the earliest first: later ones may only pass its faults on
            if name in suspects and (trial := _trial(name, suspects[name])).written and trial.said
        ),
        "",
    )
    if not said and not (students and known[-1][0] is students[-1]):
        return ""  # the cell's own fault
    in_cell = [each for each in known if each[0].f_code.co_filename == code.co_filename]
    from_cell = known[-1][0].f_globals is namespace
    frame, line = in_cell[-1] if from_cell and in_cell else known[-1]
    place = "this cell" if from_cell else _shown(frame.f_code.co_filename)
    source = linecache.getline(frame.f_code.co_filename, line).strip()
    text = f"{type(error).__name__}: {error}".removesuffix(": ")
    return "\n".join(
        (
            textwrap.shorten(text, 120, placeholder=" …"),
            textwrap.shorten(f"in {place}, line {line}: {source}", 120, placeholder=" …"),
            said or "The checks find no fault in the functions of this cell; look at that line.",
        )
    )


def _exercises_used(code: CodeType, namespace: dict[str, Any]) -> dict[str, SimpleNamespace]:
    """The exercises that code may call, itself or by other functions of the notebook and the kit;
    each with what its checks need of a module.
    """
    found: dict[str, SimpleNamespace] = {}
    seen: set[CodeType] = set()
    ahead = [(code, namespace)]
    while ahead:
        code, names = ahead.pop()
        if code in seen:
            continue
        seen.add(code)
        ahead += [(each, names) for each in code.co_consts if isinstance(each, CodeType)]
        for thing in (names[name] for name in code.co_names if name in names):
            if type(thing).__module__.startswith("cs231n_utils."):
                thing = type(thing)  # a model
            found = {**_exercises_in(thing), **found}  # the nearest counts
            parts = [thing]
            if isinstance(thing, type):
                parts = [part for base in thing.__mro__ for part in vars(base).values()]
            ahead += [
                (part.__code__, part.__globals__)
                for part in parts
                if isinstance(part, FunctionType)
                and part.__module__.split(".")[0] in ("__main__", "cs231n_utils")
            ]
    return found


def _is_students(code: CodeType) -> bool:
    """Whether code is from a file that the student writes: an exercise's, or one of their own."""
    path = Path(code.co_filename)
    return path.parent == KIT or (path.parent == KIT / "cs231n_utils" and path.stem in MODULES)


def _shown(file: str) -> str:
    return Path(file).relative_to(KIT).as_posix()
