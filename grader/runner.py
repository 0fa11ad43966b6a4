"""Grade many submissions: batches of them in processes side by side, each with its own pytest session and zygote."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cs231n_utils.exercises import EXERCISES
from grader.plugin import MAX_MESSAGE, NOT_JUDGED, Grading
from grader.report import Check, ExerciseReport, Report, Verdict
from grader.sandbox.launch import SAFE, SandboxUnavailable, find_level
from grader.seeds import course_secret
from grader.submission import Submission, read, student_of

TOPICS = Path(__file__).parent / "topics"
_BATCH = 16  # submissions that share a pytest session and a zygote; small enough for a lively progress bar
_RETRIES = 2  # of a submission whose process died
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


def grade(paths: Sequence[Path], workers: int, secret: str, exercises: Sequence[str] = tuple(EXERCISES),
          level: str | None = None) -> Iterator[Report]:
    """Reports of the submissions at these paths, in the order in which they are done; all at one level, by default the best.

    Each process has a pool of its own, so that it is known whose submissions a dying process had: they are tried again
    one by one, and one that ends its process every time is set aside, not judged. The others never notice.
    """
    size = max(1, min(_BATCH, -(-len(paths) // (4 * workers))))
    todo = deque((list(paths[k:k + size]), 0) for k in range(0, len(paths), size))
    level = level or find_level()[0]
    idle: list[ProcessPoolExecutor] = []
    running: dict[Future, tuple[ProcessPoolExecutor, list[Path], int]] = {}
    with TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True) as scratch:  # gone however the processes end
        os.chmod(scratch, 0o711)  # students' code may be another user's
        try:
            while todo or running:
                while todo and len(running) < workers:
                    batch, tries = todo.popleft()
                    pool = idle.pop() if idle else _one_process(scratch)
                    running[pool.submit(_grade_paths, batch, secret, exercises, level)] = pool, batch, tries
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    pool, batch, tries = running[future]
                    try:
                        reports = future.result()
                    except (SandboxUnavailable, ChecksFault):
                        raise
                    except Exception as error:
                        pool.shutdown()
                        if len(batch) == 1 and tries == _RETRIES:
                            reports = [_set_aside(batch[0], exercises, error)]
                        else:
                            reports = []
                            todo.extend(([path], tries + 1) for path in batch)
                    else:
                        idle.append(pool)
                    del running[future]
                    yield from reports
        finally:
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


def _grade_paths(paths: list[Path], secret: str, exercises: Sequence[str], level: str) -> list[Report]:
    return grade_batch([read(path) for path in paths], secret, exercises, (level,))


def _set_aside(path: Path, exercises: Sequence[str], error: Exception) -> Report:
    """The report of a submission that cannot be graded: nothing judged, nothing lost."""
    check = Check("all", "All checks of this exercise", Verdict.NOT_JUDGED, 0, 0, NOT_JUDGED,
                  detail=f"{type(error).__name__}: {error}"[:MAX_MESSAGE])
    return Report(student_of(path), "", tuple(
        ExerciseReport(name, EXERCISES[name].notebook, (replace(check, max_points=EXERCISES[name].points),))
        for name in exercises))


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
