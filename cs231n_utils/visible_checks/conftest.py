"""The fixtures of the visible checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cs231n_utils.exercises import EXERCISES
from cs231n_utils.plain_values import plain
from cs231n_utils.visible_checks.faults import load


class StudentFunctions:
    """The student's functions and classes by name: `student.svm_loss_naive(W, X, y, reg)`."""

    def __getattr__(self, name: str) -> Any:
        for exercise in EXERCISES.values():
            if exercise.name.split(".")[0] == name:
                found = getattr(load(exercise.module), name)
                return found if isinstance(found, type) else _with_plain_callbacks(found)
        raise AttributeError(f"there is no exercise {name}")


def _with_plain_callbacks(function: Callable[..., Any]) -> Callable[..., Any]:
    """The student's function, whose callbacks receive plain values, as they do in grading."""

    def made_plain(callback: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *points: callback(*map(plain, points))

    return lambda *args, **options: function(
        *[made_plain(arg) if callable(arg) else arg for arg in args], **options
    )


@pytest.fixture
def student() -> StudentFunctions:
    return StudentFunctions()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(231)


@pytest.fixture(autouse=True)
def same_numbers_each_time() -> None:
    """Seed np.random, from which students may draw, so that the same code gets the same result."""
    np.random.seed(231)


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """A function that adds a note to a check that passes."""
    return lambda text: request.node.user_properties.append(("note", text))
