"""Grade many submissions: batches of them in processes side by side, each with its own checks and zygote."""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from cs231n_utils.exercises import EXERCISES
from grader import plugin
from grader.plugin import MAX_MESSAGE, NOT_JUDGED, ChecksFault, GraderFault
from grader.report import Check, ExerciseReport, Report, Verdict
from grader.sandbox import cgroup
from grader.sandbox.launch import SAFE, SandboxUnavailable, Zygote, find_level
from grader.sandbox.plain import folder_of_a_run
from grader.seeds import course_secret
from grader.submission import Submission, given_files

TOPICS = Path(__file__).parent / "topics"
BATCH = 16  # submissions that travel together; small enough for a lively progress bar
RETRIES = 2  # of a submission whose process died


def grade_batch(submissions: Sequence[Submission], secret: str, exercises: Sequence[str] = tuple(EXERCISES),
                levels: Sequence[str] = SAFE) -> list[Report]:
    """Grade a few submissions in this process. Raises ChecksFault, SandboxUnavailable or GraderFault when it cannot."""
    checks = plugin.collect(TOPICS)
    chosen = {name: checks[name] for name in exercises}
    try:
        with _zygote(levels) as zygote:
            return [plugin.grade(submission, chosen, secret, zygote) for submission in submissions]
    except SandboxUnavailable:
        raise
    except Exception as error:
        raise GraderFault(f"Grading ended early ({type(error).__name__}: {error}).") from error


def grade_one(submission: Submission, exercises: Sequence[str] = tuple(EXERCISES)) -> Report:
    """Grade a single submission with the course's secret."""
    return grade_batch([submission], course_secret(), exercises)[0]


def grade(submissions: Iterable[Submission], workers: int, secret: str, exercises: Sequence[str] = tuple(EXERCISES),
          level: str | None = None, batch: int = BATCH) -> Iterator[list[Report]]:
    """Reports of the submissions, batches in the order in which they are done; all at one level, by default the best.

    batch : how many travel together; they are asked for when there is a process to grade them

    Each process has a pool of its own, so that it is known whose submissions a dying process had: they are tried again
    one by one, and one that ends its process every time is set aside, not judged. The others never notice.
    """
    level = level or find_level()[0]
    waiting = iter(submissions)
    again: deque[tuple[Submission, int]] = deque()  # with the number of tries
    idle: list[ProcessPoolExecutor] = []
    running: dict[Future, tuple[ProcessPoolExecutor, list[Submission], int]] = {}
    finished: list[list[Report]] = []

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
                yield from finished  # only now, so that no process waits while they are written
                if not running:
                    return
                finished = []
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
                    finished.append(reports)
        finally:
            for pool, _, _ in running.values():  # stopped in the middle: their reports are not waited for
                for process in [*(pool._processes or {}).values()]:
                    process.kill()
            for pool in [*idle, *(pool for pool, _, _ in running.values())]:
                pool.shutdown(cancel_futures=True)


def _one_process(scratch: str) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin, initargs=(os.getpid(), scratch))


_lasting: ExitStack | None = None  # of a process of the pool: ends its zygote
_lasting_zygote: Zygote | None = None


@contextmanager
def _zygote(levels: Sequence[str]) -> Iterator[Zygote]:
    """A zygote for a batch; in a process of the pool, for all of its batches, which are all of one run."""
    global _lasting_zygote
    if _lasting is None:
        with Zygote(levels, given_files()) as zygote:
            yield zygote
    else:
        _lasting_zygote = _lasting_zygote or _lasting.enter_context(Zygote(levels, given_files()))
        yield _lasting_zygote


def _begin(parent: int, scratch: str) -> None:
    """Leave nothing when the grade command is stopped or killed; the zygote in turn ends with this process."""
    global _lasting
    _lasting = ExitStack()
    atexit.register(_lasting.close)
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
