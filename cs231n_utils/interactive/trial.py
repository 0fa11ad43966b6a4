"""One sentence for a function that is not written yet, or wrong, before a picture is made of it."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import warnings
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from cs231n_utils.exercises import EXERCISES

# These take long, or need another function as well; no picture depends on what they look at.
_LEFT_OUT = ("test_no_loop", "test_agrees_with_naive")


def trouble(*functions: Callable[..., Any]) -> str | None:
    """Why no picture can be made of these functions: a sentence on the first one that is not
    written yet or fails its visible checks; None if all of them can be used.

    The checks run in this process, on a few numbers each: a few milliseconds for a function.
    """
    for function in functions:
        name = function.__name__
        if name not in EXERCISES:
            continue
        number = EXERCISES[name].notebook.split("_")[0]
        try:
            with _quietly():
                for check in _checks(name):
                    check(SimpleNamespace(**{name: function}), np.random.default_rng(231))
        except NotImplementedError as unfilled:
            return f"Nothing to move yet. {unfilled}"
        except Exception:  # whatever it is, check(name) tells it better
            return (
                f'{name} fails its checks; mend notebook {number} first: check("{name}") says more.'
            )
    return None


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
