"""What a function may cost, judged from the CPU time of the student's process.

The kernel accounts that time and the grader reads it, so nothing that student code says or hides enters into it. It is
compared with honest work that the grader does itself at the same time, so that the verdict is the same on a slow or a
busy machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from grader.expect import expect
from grader.student import Outcome

TRIED_OUT = "gradient tried out"  # the known mistake's name in the banks

# A gradient that is derived does a fixed amount of work for each of its entries, however many there are; one that is tried
# out evaluates the whole function for each. The unit is a round of a Python loop, the slowest honest way to compute an
# entry. With one example and 4,000 weights, three nested loops take 3 to 8 rounds a weight, and a loop that computes the
# probabilities anew for each weight 20. Finite differences, a complex step and all shifts stacked into one array take 60
# and more.
ROUNDS_PER_INPUT = 32
SLACK = 0.001  # seconds of CPU: what the wire takes


def timed(function: Callable, *args: object) -> tuple[object, float]:
    """Return what the function returns, and the CPU seconds of this process that it took."""
    start = time.process_time()
    return function(*args), time.process_time() - start


def expect_analytic(label: str, outcome: Outcome, inputs: int, what: str) -> None:
    """Require that a gradient was not computed by trying out its inputs one by one.

    outcome : of a timed call
    inputs : the number of entries that the gradient has
    what : one of them, such as "weight"
    """
    allowed = SLACK + ROUNDS_PER_INPUT * inputs * _seconds_per_round()
    expect(outcome.cpu_seconds <= allowed, f"{label} takes as long as trying out every {what}.", mistake=TRIED_OUT)


def _seconds_per_round() -> float:
    """Return the CPU seconds of one round of a Python loop over the entries of arrays, now and on this machine."""
    a, b, rounds = np.ones((20, 20)), np.ones((20, 20)), 400
    return min(timed(_add_by_loops, a, b)[1] for _ in range(3)) / rounds


def _add_by_loops(a: np.ndarray, b: np.ndarray) -> None:
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            a[i, j] += b[i, j]
