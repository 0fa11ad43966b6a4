"""The content of the course: references, hidden checks and known mistakes, in one folder for each
module of `cs231n_utils`.

May import `checks`, and nothing else of the grader. None of it is ever shipped. A folder has the
name of its module, and holds

    reference.py        right implementations: a student who hands in this file gets full points
    test_<module>.py    the hidden checks, as pytest collects them
    misconceptions.py   MISCONCEPTIONS, and for some exercises RIGHT and REPLAYS, which
                        diagnosis/hints.py explains

Several folders share linear_losses.py, linear_misconceptions.py and cost.py. Everything else finds
references and misconceptions through the two functions here.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

from cs231n_utils.exercises import EXERCISES


@functools.cache
def reference(exercise: str) -> Callable[..., Any]:
    """The right implementation of an exercise: a function, or a method of LinearClassifier."""
    found: Any = importlib.import_module(f"{__name__}.{EXERCISES[exercise].module}.reference")
    for name in exercise.split("."):
        found = getattr(found, name)
    return cast(Callable[..., Any], found)


@functools.cache
def misconceptions(exercise: str) -> ModuleType:
    """The module that holds the known mistakes in an exercise."""
    return importlib.import_module(f"{__name__}.{EXERCISES[exercise].module}.misconceptions")
