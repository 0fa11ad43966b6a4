"""Grade many submissions: batches of them in processes side by side, each with its own pytest session and zygote."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import pytest

from cs231n_utils.exercises import EXERCISES
from grader.plugin import MAX_MESSAGE, NOT_JUDGED, Grading
from grader.report import Check, ExerciseReport, Report, Verdict
from grader.sandbox import cgroup
from grader.sandbox.launch import SAFE, SandboxUnavailable, find_level
from grader.sandbox.plain import folder_of_a_run
from grader.seeds import course_secret
from grader.submission import Submission

TOPICS = Path(__file__).parent / "topics"
BATCH = 16  # submissions that share a pytest session and a zygote; small enough for a lively progress bar
RETRIES = 2  # of a submission whose process died
_PYTEST = ["--import-mode=importlib", "--assert=plain", "--capture=no", "--noconftest", "-c", os.devnull, f"--rootdir={TOPICS}",
           *(f"-pno:{name}" for name in (
               "cacheprovider", "terminal", "logging", "warnings", "faulthandler", "unraisableexception", "threadexception",
               "junitxml", "doctest", "stepwise", "pastebin", "debugging", "nose"))]


class GraderFault(Exception):
    """The grader itself failed while it graded a submission."""


class ChecksFault(GraderFault):
    """The hidden checks cannot be collected: nothing can be graded."""


def grade_batch(submissions: Sequence[Submission], secret: str, exercises: Sequence[str] = tuple(EXERCISES),
                levels: Sequence[str] = SAFE) -> list[Report]:
    """Grade a few submissions in this process. Raises SandboxUnavailable or GraderFault when it cannot."""
    reports: list[Report] = []
    failures: list[BaseException] = []

    class Watch:
        """Keeps the exception that ended the session; pytest only tells an exit status."""

        def pytest_internalerror(self, excinfo: pytest.ExceptionInfo) -> bool:
            failures.append(excinfo.value)
            return True  # it is told below, and not printed

        def pytest_collectreport(self, report: pytest.CollectReport) -> None:
            if report.failed:
                failures.append(ChecksFault(f"The hidden checks cannot be collected: {report.longrepr}"))

    grading = Grading(submissions, secret, reports.append, exercises, levels)
    with _own_pytest_settings():
        status = pytest.main([*_PYTEST, str(TOPICS)], plugins=[grading, Watch()])
    if failures and isinstance(failures[0], (SandboxUnavailable, ChecksFault)):
        raise failures[0]
    if failures or len(reports) != len(submissions):
        cause = failures[0] if failures else None
        raise GraderFault(f"Grading ended early (pytest status {int(status)}; {type(cause).__name__}: {cause}).") from cause
    return reports


def grade_one(submission: Submission, exercises: Sequence[str] = tuple(EXERCISES)) -> Report:
    """Grade a single submission with the course's secret."""
    return grade_batch([submission], course_secret(), exercises)[0]


def grade(submissions: Iterable[Submission], workers: int, secret: str, exercises: Sequence[str] = tuple(EXERCISES),
          level: str | None = None, batch: int = BATCH) -> Iterator[list[Report]]:
    """Reports of the submissions, batches in the order in which they are done; all at one level, by default the best.

    batch : how many share a pytest session and a zygote; they are asked for when there is a process to grade them

    Each process has a pool of its own, so that it is known whose submissions a dying process had: they are tried again
    one by one, and one that ends its process every time is set aside, not judged. The others never notice.
    """
    level = level or find_level()[0]
    waiting = iter(submissions)
    again: deque[tuple[Submission, int]] = deque()  # with the number of tries
    idle: list[ProcessPoolExecutor] = []
    running: dict[Future, tuple[ProcessPoolExecutor, list[Submission], int]] = {}

    def next_batch() -> tuple[list[Submission], int]:
        if again:
            one, tries = again.popleft()
            return [one], tries
        return list(islice(waiting, batch)), 0

    cgroup.remove_those_left()
    with folder_of_a_run() as scratch:
        try:
            while True:
                while len(running) < workers:
                    some, tries = next_batch()
                    if not some:
                        break
                    pool = idle.pop() if idle else _one_process(scratch)
                    running[pool.submit(grade_batch, some, secret, exercises, (level,))] = pool, some, tries
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    pool, some, tries = running.pop(future)
                    try:
                        reports = future.result()
                    except (SandboxUnavailable, ChecksFault):
                        raise
                    except Exception as error:
                        pool.shutdown()
                        reports = [set_aside(some[0], exercises, error)] if len(some) == 1 and tries == RETRIES else []
                        again.extend((one, tries + 1) for one in some if not reports)
                    else:
                        idle.append(pool)
                    yield reports
        finally:
            for pool, _, _ in running.values():  # stopped in the middle: their reports are not waited for
                for process in [*(pool._processes or {}).values()]:
                    process.kill()
            for pool in [*idle, *(pool for pool, _, _ in running.values())]:
                pool.shutdown(cancel_futures=True)


def _one_process(scratch: str) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin, initargs=(os.getpid(), scratch))


def _begin(parent: int, scratch: str) -> None:
    """Leave nothing when the grade command is stopped or killed; the zygote in turn ends with this process."""
    tempfile.tempdir = scratch
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C: end at once, without a traceback from each process
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it was gone before that
            os.kill(os.getpid(), signal.SIGKILL)


def set_aside(submission: Submission, exercises: Sequence[str], error: BaseException) -> Report:
    """The report of a submission that cannot be graded: nothing judged, nothing lost."""
    check = Check("all", "All checks of this exercise", Verdict.NOT_JUDGED, 0, 0, NOT_JUDGED,
                  detail=f"{type(error).__name__}: {error}"[:MAX_MESSAGE])
    return Report(submission.student, "", tuple(
        ExerciseReport(name, EXERCISES[name].notebook, (replace(check, max_points=EXERCISES[name].points),))
        for name in exercises), submission.notes)


@contextmanager
def _own_pytest_settings() -> Iterator[None]:
    """Keep out what this machine's environment has pytest load or do."""
    kept = {name: os.environ.pop(name, None) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update({name: value for name, value in kept.items() if value is not None})
