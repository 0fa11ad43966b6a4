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

import numpy as np

from cs231n_utils.exercises import EXERCISES
from grader.sandbox.wire import Rng


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


def explain(call: tuple[str, tuple, dict, object] | None) -> str:
    """The hint for the one known mistake that gives this result for these arguments, or ""."""
    if call is None:
        return ""
    name, args, kwargs, result = call
    if any(callable(value) for value in [*args, *kwargs.values()]):
        return ""  # calls of a callback are judged as they happen; there is no result to compare
    found = {entry.hint for entry in bank(name) if _gives(entry.wrong, args, kwargs, result)}
    return found.pop() if len(found) == 1 else ""


def _gives(wrong: Callable, args: tuple, kwargs: dict, result: object) -> bool:
    if isinstance(wrong, type):
        return False
    args, kwargs = copy.deepcopy((args, kwargs))
    for value in [*args, *kwargs.values()]:
        if isinstance(value, dict) and isinstance(value.get("rng"), Rng):
            value["rng"] = np.random.default_rng(value["rng"].seed)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return same(wrong(*args, **kwargs), result)
    except Exception:  # a wrong implementation may well raise; then it is not what the student returned
        return False


def same(a: object, b: object, rtol: float = 1e-8) -> bool:
    """Whether two results agree in every number: tuples part by part, arrays relative to their largest entry."""
    if isinstance(a, (tuple, list)) or isinstance(b, (tuple, list)):
        return (isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)) and len(a) == len(b)
                and all(same(x, y, rtol) for x, y in zip(a, b, strict=True)))
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype.kind not in "fiu" or b.dtype.kind not in "fiu":
        return False
    if not (np.isfinite(a) == np.isfinite(b)).all():
        return False
    finite = np.isfinite(a)
    a, b = a[finite], b[finite]
    return a.size == 0 or float(np.max(np.abs(a - b))) <= 1e-12 + rtol * float(np.max(np.abs(a)))
