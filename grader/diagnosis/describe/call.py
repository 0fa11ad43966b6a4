"""The call that is described: its arguments, its result, and further calls of the function."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from grader import topics
from grader.checks.student import Student
from grader.diagnosis.describe.differences import Case, near, numbers
from grader.diagnosis.second_problem import second_problem
from grader.faults import SandboxFault, StudentFault
from grader.sandbox.inside.wire import Handle

STEP = 1e-5  # by which W moves along a random direction, to measure a slope
# Relative errors of a slope: below the first it is right, above the second it is wrong. In between,
# and at kinks, nothing is said.
AGREES, DISAGREES = 1e-4, 1e-2


@dataclass(frozen=True)
class Part:
    """One value of a result, which is finite and of the promised shape, beside the right value."""

    found: np.ndarray
    expected: np.ndarray

    @property
    def right(self) -> bool:
        return near(self.found, self.expected)


@dataclass(frozen=True)
class DescribedCall:
    """The last call of a check that failed.

    name : the exercise
    subject : the value that the check is about, such as "dW"; "" if it is about no single value
    given : the arguments by name
    args_after : the arguments as the function left them; empty if they are not known
    """

    name: str
    subject: str
    given: dict[str, Any]
    result: object
    args_after: tuple[Any, ...]
    student: Student

    @property
    def args(self) -> tuple[Any, ...]:
        return tuple(self.given.values())

    @property
    def reference(self) -> Callable[..., Any]:
        return topics.reference(self.name)

    def parts(self, labels: Sequence[str], right: Sequence[Any]) -> dict[str, Part]:
        """The values of the result that are finite and of the shape of the right ones, by label."""
        values = self.result if isinstance(self.result, (tuple, list)) else (self.result,)
        if len(values) < len(labels):
            return {}
        pairs = zip(labels, values, right, strict=False)
        found = [
            (label, numbers(value, np.shape(true)), np.asarray(true, dtype=float))
            for label, value, true in pairs
        ]
        return {label: Part(value, true) for label, value, true in found if value is not None}

    def wrong_part(self, parts: dict[str, Part]) -> Part | None:
        """The part that the check is about, if it is among the parts, and wrong."""
        part = parts.get(self.subject)
        return None if part is None or part.right else part

    @cached_property
    def second(self) -> DescribedCall | None:
        """The same call on a second problem of another size; None if that fails, or there is none
        for this exercise.
        """
        args = second_problem(self.name, self.args)
        results = self.again([args]) if args else []
        if not (args and results):
            return None
        given = dict(zip(self.given, args, strict=True))
        return replace(self, given=given, result=results[0], args_after=())

    def agreed(self, *looks: Callable[[DescribedCall], str]) -> str:
        """The first sentence that is said of this call and of the second one alike; or "".

        A pattern of a few numbers may have come by chance; it does not come twice.
        """
        for look in looks:
            said = look(self)
            if said and self.second is not None and look(self.second) == said:
                return said
        return ""

    def cases(
        self,
        label: str,
        labels: Sequence[str],
        sizes: Callable[[DescribedCall], Mapping[str, int]] = lambda call: {},
    ) -> list[Case]:
        """A value of the result beside the right one, here and in the second call.

        Empty if a single number is known from this call alone, which resembles many others.

        label : of the value; `labels` are those of the first values of the result
        sizes : letters and what they stand for in a call
        """
        found = []
        for call in filter(None, (self, self.second)):
            part = call.parts(labels, call.right()).get(label)
            if part is not None:
                found.append(Case(part.found, part.expected, sizes(call)))
        return found if len(found) == 2 or (found and found[0].found.ndim) else []

    def right(self) -> tuple[Any, ...]:
        """The values of the right result."""
        result = self.reference(*copy.deepcopy(self.args))
        return result if isinstance(result, tuple) else (result,)

    def overwritten(self, labels: Sequence[str]) -> str:
        """A sentence if the function changes its inputs, which makes all else wrong; or "".

        labels : of the arguments, in their order
        """
        try:
            args_after = self.student.call(self.name, *self.args, echo=True).args
        except (StudentFault, SandboxFault):
            return ""
        for label, before, now in zip(labels, self.args, args_after, strict=False):
            if not (isinstance(now, np.ndarray) and np.array_equal(before, now)):
                return (
                    f"{label} is changed by the function. Is a second name for {label} taken for a"
                    " copy, or is it changed by +=?"
                )
        return ""

    def again(self, many: list[tuple[Any, ...]]) -> list[Any]:
        """The results of further calls; an empty list if anything goes wrong with one of them."""
        parts = self.result if isinstance(self.result, (tuple, list)) else ()
        kept = next((k for k, part in enumerate(parts) if isinstance(part, Handle)), None)
        try:
            return [found.result for found in self.student.calls(self.name, many, keep=kept)]
        except (StudentFault, SandboxFault):
            return []


def own_slope(call: DescribedCall, gradient: np.ndarray, of: str, value: str) -> str:
    """Whether a gradient is the slope of the student's own value, as a sentence; "" if unclear.

    The value is the first result, and the gradient is with respect to the first argument. The slope
    is measured along a few random directions.

    gradient : as the student's function returned it, of the shape of the first argument
    of, value : words for the gradient and for the value, such as "dW" and "the loss"
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
    if not slopes.any():
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
