"""What a function may cost, judged by the CPU time of the student's box.

The kernel accounts for that time and the grader reads it, so student code can neither fake nor hide
it. It is compared with work that the grader does itself at the same time, so that the verdict is
the same on a slow or a busy machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

import numpy as np

from grader.checks.expect import expect
from grader.checks.student import CallResult, ComputedTooLong, StudentFault, StudentRaised

TRIED_OUT = "gradient tried out"  # the known mistake's name in the banks
SLACK = 0.002  # seconds of CPU that the wire and an import may take
# Seconds of CPU for all requests of one round trip: too few to try out thousands of inputs.
ROUND_TRIP_LIMIT = 0.008
CPU_LIMIT = 1.5  # seconds of CPU; no honest gradient comes near, not even on a slow machine

T = TypeVar("T")


class Attempt(Protocol):
    """Makes a call with these options, and requires its result to be right."""

    def __call__(self, *, cpu_limit: float, timed: bool = False) -> CallResult: ...


def timed(function: Callable[..., T], *args: object) -> tuple[T, float]:
    """What the function returns, and the CPU seconds that it took in this process."""
    start = time.process_time()
    return function(*args), time.process_time() - start


def expect_analytic(label: str, what: str, attempt: Attempt, rounds: int) -> None:
    """Require that a gradient was not computed by trying out its inputs one by one.

    A derived gradient does a fixed amount of work for each of its entries, however many there are.
    One that is tried out (by finite differences or a complex step) evaluates the whole function for
    each entry. The allowance is for the call as a whole, so that work of a fixed size, however
    wasteful, does not fail the check when there are many inputs.

    label : the gradient, such as "dW"
    what : one of the inputs, such as "weight"
    attempt : makes the call with thousands of inputs. The first attempt shares a round trip with
        other requests, and most functions pass there; only if that trip was slow, a second attempt
        is `timed` by itself.
    rounds : the timed call must be done in the time of so many rounds of a Python loop over arrays
    """
    slow = f"{label} takes as long as trying out every {what}"
    try:
        if attempt(cpu_limit=CPU_LIMIT).cpu_seconds <= ROUND_TRIP_LIMIT:
            return
        outcome = attempt(cpu_limit=CPU_LIMIT, timed=True)
    except StudentFault as fault:
        # Earlier checks have shown that small inputs work, so only time or memory can have run out.
        out_of_memory = isinstance(fault, StudentRaised) and "MemoryError" in fault.bases
        expect(
            not (out_of_memory or isinstance(fault, ComputedTooLong)),
            f"{slow}: it {fault}",
            mistake=TRIED_OUT,
            kind=fault.kind,
        )
        raise
    if outcome.cpu_seconds > SLACK:  # measuring a round takes time, and few functions need it
        expect(
            outcome.cpu_seconds <= SLACK + rounds * seconds_per_round(),
            f"{slow}.",
            mistake=TRIED_OUT,
        )


def seconds_per_round() -> float:
    """CPU seconds that one round of a Python loop over arrays takes on this machine now."""
    a, b = np.ones((16, 16)), np.ones((16, 16))
    return min(timed(_add_by_loops, a, b)[1] for _ in range(3)) / a.size


def _add_by_loops(a: np.ndarray, b: np.ndarray) -> None:
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            a[i, j] += b[i, j]
