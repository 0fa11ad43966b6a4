"""Run checks side by side, so that their requests to the sandbox share round trips.

A round trip costs more than most calls: two context switches, and cold caches. So each check runs
in a greenlet, a function that can pause half-way. When a check needs the sandbox, it pauses, and
the next check runs until it needs the sandbox, too. When all of them wait, their requests are sent
in one round trip, and each check goes on with its reply. Checks know nothing of this.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

from grader.sandbox.connection import Reply, Request

T = TypeVar("T")


def side_by_side(
    jobs: Sequence[Callable[[Callable[[Request], Reply]], T]],
    ask: Callable[[Sequence[Request]], Sequence[Reply]],
) -> list[T]:
    """What the jobs return, in their order.

    jobs : functions that run side by side; each is given a function that sends one request and
        returns its reply
    ask : sends many requests in one round trip; what it raises ends all jobs, and is raised here
    """
    here = getcurrent()
    running = [greenlet(job) for job in jobs]
    found: list[Any] = []  # of each job the request with which it waits, or what it has returned
    try:
        for job in running:
            job.gr_context = contextvars.copy_context()  # each job has its own NumPy errstate
            found.append(job.switch(here.switch))
        while waiting := [k for k, job in enumerate(running) if not job.dead]:
            alone = [k for k in waiting if found[k].timed]
            for group in [[k for k in waiting if k not in alone], *([k] for k in alone)]:
                replies = ask([found[k] for k in group]) if group else []
                for k, reply in zip(group, replies, strict=True):
                    found[k] = running[k].switch(reply)
    finally:
        for job in running:
            if not job.dead:
                job.throw()  # raises GreenletExit where the job waits
    return found
