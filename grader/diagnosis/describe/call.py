"""The call that is described: what was given, what came back, and how to ask the student's function
again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader import topics
from grader.checks.student import Student
from grader.diagnosis.describe.differences import near, numbers
from grader.faults import SandboxFault, StudentFault

STEP = 1e-5  # of the slopes along random directions
# Relative errors of a slope; in between, and at kinks, nothing is said.
AGREES, DISAGREES = 1e-4, 1e-2


@dataclass(frozen=True)
class Part:
    """One value of a result, of the promised shape and finite, beside the right one."""

    found: np.ndarray
    expected: np.ndarray

    @property
    def right(self) -> bool:
        return near(self.found, self.expected)


@dataclass(frozen=True)
class DescribedCall:
    """The last call of a check that failed.

    message : what the check says
    given : the arguments by name
    after : the arguments as the function left them; empty where that is not known
    """

    name: str
    message: str
    given: dict[str, Any]
    result: object
    after: tuple
    student: Student

    @property
    def args(self) -> tuple:
        return tuple(self.given.values())

    @property
    def reference(self) -> Callable:
        return topics.reference(self.name)

    def parts(self, labels: Sequence[str], right: Sequence) -> dict[str, Part]:
        """The values of the result that are of the promised form, by label."""
        values = self.result if isinstance(self.result, (tuple, list)) else (self.result,)
        if len(values) < len(labels):
            return {}
        pairs = zip(labels, values, right, strict=False)
        found = [
            (label, numbers(value, np.shape(true)), np.asarray(true, dtype=float))
            for label, value, true in pairs
        ]
        return {label: Part(value, true) for label, value, true in found if value is not None}

    def subject(self, parts: dict[str, Part]) -> str:
        """The wrong part that the message is about, or "": messages begin with their subject."""
        return next(
            (
                label
                for label, part in parts.items()
                if self.message.startswith(f"{label} ") and not part.right
            ),
            "",
        )

    def again(self, many: list[tuple]) -> list:
        """Results of further calls, or none at all: what goes wrong here is not what the check is
        about.
        """
        try:
            return [outcome.result for outcome in self.student.calls(self.name, many)]
        except (StudentFault, SandboxFault):
            return []


def own_slope(call: DescribedCall, gradient: np.ndarray, of: str, value: str) -> str:
    """Whether a gradient by the first argument is the slope of the student's own value, along some
    directions, at least.
    """
    point, *rest = call.args
    directions = np.random.default_rng(0).standard_normal((4, *gradient.shape))
    points = [
        point,
        *(point + sign * STEP * direction for direction in directions for sign in (1, -1)),
    ]
    results = call.again([(each, *rest) for each in points])
    values = [
        numbers(result[0], ()) for result in results if isinstance(result, (tuple, list)) and result
    ]
    known = np.array([value for value in values if value is not None], dtype=float)
    if len(known) < len(points):
        return ""
    here, above, below = known[0], known[1::2], known[2::2]
    slopes, claimed = (
        (above - below) / (2 * STEP),
        np.tensordot(directions, gradient, gradient.ndim),
    )
    # A kink, or noise.
    if np.max(np.abs(above - 2 * here + below)) > STEP * AGREES * np.max(np.abs(slopes)):
        return ""
    error = np.max(np.abs(slopes - claimed)) / np.max(np.abs(slopes))
    if error < AGREES:
        return (
            f"{of} is the slope of {value} as you compute it, so the two belong together: look at"
            f" the formula of {value}."
        )
    if error > DISAGREES:
        return (
            f"{of} is not the slope of {value} as you compute it, either. Get {value} right first,"
            f" then check {of} with grad_check_sparse."
        )
    return ""
