"""What a function may cost, judged from the CPU time of the student's process.

The kernel accounts that time and the grader reads it, so nothing that student code says or hides
enters into it. It is compared with honest work that the grader does itself at the same time, so
that the verdict is the same on a slow or a busy machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from grader.checks.expect import expect
from grader.checks.student import CallResult, ComputedTooLong, StudentFault, StudentRaised

TRIED_OUT = "gradient tried out"  # the known mistake's name in the banks
SLACK = 0.002  # seconds of CPU: what the wire and an import take
# Seconds of CPU of all that checks ask for at one time; nothing is tried out thousands of times in
# that.
TOGETHER = 0.008
CPU_LIMIT = 1.5  # seconds, which nothing honest comes near, on a slow machine either

T = TypeVar("T")


def timed(function: Callable[..., T], *args: object) -> tuple[T, float]:
    """Return what the function returns, and the CPU seconds of this process that it took."""
    start = time.process_time()
    return function(*args), time.process_time() - start


def expect_analytic(label: str, what: str, attempt: Callable[..., CallResult], rounds: int) -> None:
    """Require that a gradient was not computed by trying out its inputs one by one.

    A gradient that is derived does a fixed amount of work for each of its entries, however many
    there are; one that is tried out (finite differences, a complex step) evaluates the whole
    function for each. The allowance is for the call as a whole, so that work of a fixed size,
    however wasteful, is no reason to fail where there are many inputs.

    what : one of the inputs, such as "weight"
    attempt : makes a call with the options that it is given, and requires its result to be right.
        It is made twice at most:
        with thousands of inputs, beside what else is asked for at that time, which is enough for
        most, and `timed`
    rounds : of a plain Python loop over arrays, in the time of which the timed call must be done
    """
    slow = f"{label} takes as long as trying out every {what}"
    try:
        if attempt(cpu_limit=CPU_LIMIT).cpu_seconds <= TOGETHER:
            return
        outcome = attempt(cpu_limit=CPU_LIMIT, timed=True)
    except StudentFault as fault:
        # Only small inputs were asked for before, so this is a matter of cost: time ran out, or
        # memory did.
        out_of_memory = isinstance(fault, StudentRaised) and "MemoryError" in fault.bases
        expect(
            not (out_of_memory or isinstance(fault, ComputedTooLong)),
            f"{slow}: it {fault}",
            mistake=TRIED_OUT,
            kind=fault.kind,
        )
        raise
    if outcome.cpu_seconds > SLACK:  # of most, nothing need be measured
        expect(
            outcome.cpu_seconds <= SLACK + rounds * seconds_per_round(),
            f"{slow}.",
            mistake=TRIED_OUT,
        )


def seconds_per_round() -> float:
    """Return the CPU seconds of one round of a Python loop over the entries of arrays, now and on
    this machine.
    """
    a, b = np.ones((20, 20)), np.ones((20, 20))
    return min(timed(_add_by_loops, a, b)[1] for _ in range(3)) / a.size


def _add_by_loops(a: np.ndarray, b: np.ndarray) -> None:
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            a[i, j] += b[i, j]
