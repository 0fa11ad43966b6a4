"""Run checks side by side, so that their requests to the sandbox share round trips.

A round trip costs more than most calls: two context switches, and cold caches. So each check runs
in a greenlet, a function that can pause half-way. When a check needs the sandbox, it pauses, and
the next check runs until it needs the sandbox, too. When all of them wait, their requests are sent
in one round trip, and each check goes on with its reply. Checks know nothing of this.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from greenlet import getcurrent, greenlet

from grader.sandbox.connection import Reply, Request

T = TypeVar("T")


class SideBySide:
    """Runs jobs side by side, and does so again and again for the greenlet that has made it.

    Greenlets of jobs that have returned take later ones: for a new greenlet, Python maps memory and
    the kernel clears it, which takes longer than many a check.
    """

    def __init__(self) -> None:
        self._here = getcurrent()
        self._idle: list[greenlet] = []

    def run(
        self,
        jobs: Sequence[Callable[[Callable[[Request], Reply]], T]],
        ask: Callable[[Sequence[Request]], Sequence[Reply]],
    ) -> list[T]:
        """What the jobs return, in their order.

        jobs : functions that run side by side; each is given a function that sends one request and
            returns its reply
        ask : sends many requests in one round trip; what it raises ends all jobs, and is raised
            here
        """
        found: dict[int, T] = {}
        running: dict[int, greenlet] = {}
        requests: dict[int, Request] = {}  # with which jobs wait

        def job(k: int) -> None:
            result = jobs[k](self._here.switch)
            found[k] = result
            self._idle.append(running.pop(k))

        def go_on(k: int, sent: object) -> None:
            """Let a job run until it sends a request or returns."""
            request = running[k].switch(sent)
            if k in running:
                requests[k] = request
            else:
                requests.pop(k, None)

        try:
            for k in range(len(jobs)):
                running[k] = self._idle.pop() if self._idle else _waiting_for_jobs(self._here)
                # Each job has its own NumPy errstate.
                running[k].gr_context = contextvars.copy_context()
                go_on(k, partial(job, k))
            while requests:
                alone = [k for k in requests if requests[k].timed]
                for group in [[k for k in requests if k not in alone], *([k] for k in alone)]:
                    replies = ask([requests[k] for k in group]) if group else []
                    for k, reply in zip(group, replies, strict=True):
                        go_on(k, reply)
        finally:
            for each in [*running.values()]:
                if not each.dead:
                    each.throw()  # raises GreenletExit where the job waits
        return [found[k] for k in range(len(jobs))]


def _waiting_for_jobs(here: greenlet) -> greenlet:
    """A greenlet that runs each job that it is sent, and goes back to `here` before each."""

    def take_jobs() -> None:
        while True:
            here.switch()()

    new = greenlet(take_jobs)
    new.switch()
    return new
