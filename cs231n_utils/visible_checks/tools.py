"""Measurements and comparisons that several visible checks share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from cs231n_utils.expect import Mismatch, expect, expect_close, expect_length, expect_number


def directional_derivative(
    f: Callable[[np.ndarray], float], x: np.ndarray, direction: np.ndarray
) -> float:
    """Slope of f at x along a direction, measured by a small step forwards and one backwards.

    For a right gradient, it equals sum(gradient * direction) in any direction.

    x, direction : float ndarrays of one shape
    """
    step = 1e-5 * direction
    return (f(x + step) - f(x - step)) / 2e-5


def expect_slope(
    label: str,
    gradient: np.ndarray,
    f: Callable[[np.ndarray], float],
    x: np.ndarray,
    rng: np.random.Generator,
    hint: str = "",
    scales: dict[float, str] | None = None,
) -> None:
    """Require that the gradient of f at x agrees with slopes of f in three random directions.

    gradient, x : float ndarrays of one shape
    scales : factor -> hint, for gradients that are right but for this factor
    """
    directions = rng.standard_normal((3, *x.shape))
    measured = np.array(
        [
            directional_derivative(lambda at: expect_number("the loss", f(at)), x, direction)
            for direction in directions
        ]
    )
    claimed = np.array([np.sum(gradient * direction) for direction in directions])
    # A centred difference with steps of 1e-5 is off by about 1e-9, a wrong gradient by far more.
    close = 1e-5 * (1e-3 + np.abs(measured).max())
    if np.abs(claimed - measured).max() <= close:
        return
    for factor, why in (scales or {}).items():
        if np.abs(claimed - factor * measured).max() <= close * abs(factor):
            hint = why
    worst = int(np.argmax(np.abs(claimed - measured)))
    raise Mismatch(
        f"{label} is not the slope of its own function: along a random direction, sum({label} *"
        f" direction) is {claimed[worst]:.6g}; expected {measured[worst]:.6g}, the slope measured"
        f" by two small steps. {hint}".rstrip()
    )


def expect_history(value: object, expected: list[float], hint: str = "") -> None:
    """Require a loss_history with these numbers."""
    losses = expect_length("loss_history", value, len(expected))
    found = [expect_number(f"loss_history[{k}]", loss) for k, loss in enumerate(losses)]
    expect_close("loss_history", np.array(found), np.array(expected), hint=hint)


def expect_unchanged(label: str, array: np.ndarray, before: np.ndarray) -> None:
    """Require that a function left its input alone."""
    expect(
        np.array_equal(array, before),
        f"{label} was changed by the function; expected it to stay as it is. Operators such as -="
        " and *= write into the array itself: work on a new array instead.",
    )


def expect_value_error(label: str, call: Callable[[], object], argument: str) -> None:
    """Require a ValueError for an argument that the docstring does not allow."""
    try:
        call()
    except ValueError:
        return
    raise Mismatch(
        f"{label} accepts {argument}; expected a ValueError, as the docstring promises. End the"
        " choice of the mode with an else that raises it."
    )


def python_steps(function: Callable[..., Any], *arguments: Any) -> int:
    """Count the lines and calls that Python executes during a call, as grading does; work inside
    NumPy does not count.
    """
    steps = 0

    def count(frame: Any, event: str, argument: object) -> Any:
        nonlocal steps
        steps += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return steps
