"""Grade many submissions: batches of them in worker processes, each with its own pytest session and zygote."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import pytest

from cs231n_utils.exercises import EXERCISES
from grader.plugin import Grading
from grader.report import Check, ExerciseReport, Report, Verdict
from grader.sandbox.launch import SandboxUnavailable, check_available
from grader.seeds import course_secret
from grader.submission import Submission, read

TOPICS = Path(__file__).parent / "topics"
_BATCH = 16  # submissions that share a pytest session and a zygote; small enough for a lively progress bar
_RETRIES = 2  # of a batch whose process died; each retry takes its submissions one by one
_PYTEST = ["--import-mode=importlib", "--assert=plain", "--capture=no", "-c", os.devnull, f"--rootdir={TOPICS}",
           "--disable-plugin-autoload", *(f"-pno:{name}" for name in (
               "cacheprovider", "terminal", "logging", "warnings", "faulthandler", "unraisableexception", "threadexception",
               "junitxml", "doctest", "stepwise", "pastebin", "debugging", "nose"))]


class GraderFault(Exception):
    """The grader itself failed: the hidden checks could not be collected or run."""


def grade_batch(submissions: Sequence[Submission], secret: str, exercises: Sequence[str] = tuple(EXERCISES)) -> list[Report]:
    """Grade a few submissions in this process. Raises SandboxUnavailable or GraderFault when it cannot."""
    check_available()
    reports: list[Report] = []
    failures: list[BaseException] = []

    class Watch:
        """Keeps the exception that ended the session; pytest only tells an exit status."""

        def pytest_internalerror(self, excinfo: pytest.ExceptionInfo) -> None:
            failures.append(excinfo.value)

        def pytest_collectreport(self, report: pytest.CollectReport) -> None:
            if report.failed:
                failures.append(GraderFault(str(report.longrepr)))

    status = pytest.main([*_PYTEST, str(TOPICS)], plugins=[Grading(submissions, secret, reports.append, exercises), Watch()])
    if failures and isinstance(failures[0], SandboxUnavailable):
        raise failures[0]
    if failures or len(reports) != len(submissions):
        raise GraderFault(f"hidden checks did not run (pytest status {int(status)}): {failures[:1]}") from (failures or [None])[0]
    return reports


def grade_one(submission: Submission, exercises: Sequence[str] = tuple(EXERCISES)) -> Report:
    """Grade a single submission with the course's secret."""
    return grade_batch([submission], course_secret(), exercises)[0]


def grade(paths: Sequence[Path], workers: int, secret: str, exercises: Sequence[str] = tuple(EXERCISES)) -> Iterator[Report]:
    """Reports of the submissions at these paths, in the order in which they are done."""
    size = max(1, min(_BATCH, -(-len(paths) // (4 * workers))))
    todo = [(0, list(paths[k:k + size])) for k in range(0, len(paths), size)]
    while todo:  # again only when a process has died
        died = []
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            running = {pool.submit(_grade_paths, batch, secret, exercises): (tries, batch) for tries, batch in todo}
            while running:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    tries, batch = running.pop(future)
                    try:
                        yield from future.result()
                    except BrokenProcessPool:
                        if tries < _RETRIES:
                            died += [(tries + 1, [path]) for path in batch]
                        else:
                            yield from (_set_aside(path, exercises) for path in batch)
        todo = died


def _set_aside(path: Path, exercises: Sequence[str]) -> Report:
    """The report of a submission whose grading process keeps dying: nothing judged, nothing lost."""
    text = "Not judged, and it costs you nothing: staff will look at it. (The grading process ended.)"
    return Report(read(path).student, "", tuple(
        ExerciseReport(name, EXERCISES[name].notebook, (
            Check("all", "All checks of this exercise", Verdict.NOT_JUDGED, 0, EXERCISES[name].points, text),))
        for name in exercises))


def _grade_paths(paths: list[Path], secret: str, exercises: Sequence[str]) -> list[Report]:
    return grade_batch([read(path) for path in paths], secret, exercises)
