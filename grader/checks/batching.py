"""Run checks side by side, so that what they ask the sandbox for at the same time crosses together.

A crossing costs more than most calls: both processes wait in turn, and find their caches cold. So
each check runs in a greenlet, which is a function that can stop in the middle. Where it needs the
sandbox, the next check runs up to the same point; when all wait, their requests cross, and each
goes on with its reply. Checks know nothing of it.
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
    """What the jobs return; each is given a function that asks for one reply.

    What `ask` raises ends all jobs, and passes through.
    """
    here = getcurrent()
    running = [greenlet(job) for job in jobs]
    found: list[Any] = []  # the request that a job waits for, or what it has returned
    try:
        for job in running:
            job.gr_context = contextvars.copy_context()  # NumPy's errstate, for one
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
                job.throw()  # ends it where it waits
    return found
