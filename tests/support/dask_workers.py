"""What tests do to the workers of a Dask cluster; these functions run there."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from distributed import Worker, WorkerPlugin

from grader.checks.session import Patience
from grader.faults import SandboxUnavailable
from grader.grading import cluster, pool
from grader.intake.submission import Submission
from grader.report import Report
from grader.sandbox import launch
from grader.sandbox.without_bubblewrap import folder_of_a_run
from tests.support import grading_processes

_check = launch.requirements.check


class StandIn(WorkerPlugin):
    """Workers, also those that are started in place of lost ones, take `grade_batch` of here for
    the grader's.
    """

    name = "stand-in"

    def setup(self, worker: Worker) -> None:
        self._real = pool.grade_batch
        pool.grade_batch = grade_batch

    def teardown(self, worker: Worker) -> None:
        pool.grade_batch = self._real


def grade_batch(
    submissions: Sequence[Submission],
    secret: str,
    exercises: Sequence[str],
    levels: tuple[str, ...],
    patience: Patience,
    before: Sequence[Report],
) -> object:
    """As in grading_processes.py; leaves a file in the folder `begun`, with the students' names.

    A worker to which `lie` was done returns what it makes of the reports. The first one that gets
    "stops" is stopped there.
    """
    begun = Path(secret, "begun")
    begun.mkdir(exist_ok=True)
    (begun / secrets.token_hex(8)).write_text(" ".join(one.student for one in submissions))
    stopped = Path(secret, "stopped")
    if "stops" in {one.student for one in submissions} and not stopped.exists():
        stopped.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGSTOP)
    return _told(
        grading_processes.grade_batch(submissions, secret, exercises, levels, patience, before)
    )


def _honest(reports: list[Report]) -> list[Report]:
    return reports


_told: Callable[[list[Report]], object] = _honest


def lie(told: Callable[[list[Report]], object]) -> None:
    """From now on, this worker returns what `told` makes of the right reports."""
    global _told
    _told = told


def be_honest() -> None:
    """The inverse of `lie`."""
    lie(_honest)


def lose_sandbox() -> None:
    """From now on, there is no sandbox."""

    def refuse(level: str) -> None:
        raise SandboxUnavailable("bubblewrap is gone.")

    launch.requirements.check = refuse
    cluster._unfit.cache_clear()


def find_sandbox() -> None:
    """The inverse of `lose_sandbox`."""
    launch.requirements.check = _check
    cluster._unfit.cache_clear()


def lose_disk() -> None:
    """From now on, there is no folder for the sandboxes."""

    def refuse() -> None:
        raise OSError("the disk is full")

    cluster.folder_of_a_run = refuse


def find_disk() -> None:
    """The inverse of `lose_disk`."""
    cluster.folder_of_a_run = folder_of_a_run


def pid() -> int:
    return os.getpid()
