"""Name a known mistake: does what the student's function returned equal what a known wrong implementation returns?

The bank of mistakes is `topics/<module>/misconceptions.py`. It runs here, in the grader, on the inputs of the check that
failed; student code is not involved any more.
"""

from __future__ import annotations

import copy
import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cs231n_utils.exercises import EXERCISES
from grader.sandbox.wire import Handle, Rng


@dataclass(frozen=True)
class Misconception:
    """A known wrong implementation of an exercise.

    exercise : the exercise that it is wrong in
    name : short, for the class view
    wrong : a function (or class) that stands in for the student's
    hint : what is seen, and what to look at, without giving the code away
    idea : the idea of the lecture that it belongs to
    """

    exercise: str
    name: str
    wrong: Callable
    hint: str
    idea: str


def bank(exercise: str) -> list[Misconception]:
    """All known mistakes of one exercise."""
    module = importlib.import_module(f"grader.topics.{EXERCISES[exercise].module}.misconceptions")
    return [entry for entry in module.MISCONCEPTIONS if entry.exercise == exercise]


def explain(call: tuple[str, tuple, dict, Any, tuple] | None) -> Misconception | None:
    """The one known mistake that has the same effect for these arguments; None if there is none, or several that differ.

    call : name, args, kwargs, result, and the args as the function left them (empty where that is not known)
    """
    if call is None:
        return None
    name, args, kwargs, result, after = call
    if any(callable(value) for value in [*args, *kwargs.values()]):
        return None  # calls of a callback are judged as they happen; there is no result to compare
    reference = importlib.import_module(f"grader.topics.{EXERCISES[name].module}.reference")
    if _gives(getattr(reference, name), args, kwargs, result, after):
        return None  # this call was right; the check is about something else
    found = [entry for entry in bank(name) if _gives(entry.wrong, args, kwargs, result, after)]
    return found[0] if len({entry.hint for entry in found}) == 1 else None  # some mistakes have the same effect and hint


def _gives(function: Callable, args: tuple, kwargs: dict, result: Any, after: tuple) -> bool:
    args, kwargs = copy.deepcopy((args, kwargs))
    for value in [*args, *kwargs.values()]:
        if isinstance(value, dict) and isinstance(value.get("rng"), Rng):
            value["rng"] = np.random.default_rng(value["rng"].seed)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return same(function(*args, **kwargs), result) and (not after or same(args, after))
    except Exception:  # a wrong implementation may well raise; then it is not what the student returned
        return False


def same(a: Any, b: Any, rtol: float = 1e-8) -> bool:
    """Whether two results agree in every number: tuples part by part, arrays relative to their largest entry."""
    if isinstance(b, Handle):
        return True  # stays with the student, and differs from solution to solution
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key], rtol) for key in a)
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    if isinstance(a, (tuple, list)) or isinstance(b, (tuple, list)):
        return (isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)) and len(a) == len(b)
                and all(same(x, y, rtol) for x, y in zip(a, b, strict=True)))
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype.kind not in "fiu" or b.dtype.kind not in "fiu":
        return False
    finite = np.isfinite(a)
    if not (np.array_equal(finite, np.isfinite(b)) and np.array_equal(a[~finite], b[~finite], equal_nan=True)):
        return False
    a, b = a[finite], b[finite]
    return a.size == 0 or float(np.max(np.abs(a - b))) <= 1e-12 + rtol * float(np.max(np.abs(a)))
