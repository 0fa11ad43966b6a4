"""What a check is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cs231n_utils.exercises import EXERCISES
from cs231n_utils.plain_values import plain
from cs231n_utils.visible_checks.faults import load


class Student:
    """The student's functions and classes by name: `student.svm_loss_naive(W, X, y, reg)`."""

    def __getattr__(self, name: str) -> Any:
        for exercise in EXERCISES.values():
            if exercise.name.split(".")[0] == name:
                found = getattr(load(exercise.module), name)
                return found if isinstance(found, type) else _asking_plainly(found)
        raise AttributeError(f"there is no exercise {name}")


def _asking_plainly(function: Callable) -> Callable:
    """The student's function; functions among its arguments are asked at plain points, as in
    grading.
    """

    def asked(given: Callable) -> Callable:
        return lambda *points: given(*map(plain, points))

    return lambda *args, **options: function(
        *[asked(arg) if callable(arg) else arg for arg in args], **options
    )


@pytest.fixture
def student() -> Student:
    return Student()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(231)


@pytest.fixture(autouse=True)
def same_numbers_each_time() -> None:
    """Students may draw from np.random; the same code gets the same result each time."""
    np.random.seed(231)


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Something worth knowing about a check that passes."""
    return lambda text: request.node.user_properties.append(("note", text))
