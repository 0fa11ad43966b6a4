"""Grade many submissions: batches of them in processes side by side, each with its own checks and
zygote.
"""

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
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context

from cs231n_utils.exercises import EXERCISES
from grader.checks.seeds import course_secret
from grader.checks.session import FIRST_PASS, FULL, Patience
from grader.faults import ChecksFault, GraderFault
from grader.grading import discover, one_submission
from grader.grading.one_submission import MAX_MESSAGE, NOT_JUDGED
from grader.intake.submission import Submission, given_files
from grader.paths import TOPICS
from grader.report import Check, ExerciseReport, Report, Verdict
from grader.sandbox import cgroup
from grader.sandbox.launch import SAFE, SandboxUnavailable, Zygote, find_level
from grader.sandbox.without_bubblewrap import folder_of_a_run

BATCH = 16  # submissions that travel together; small enough for a lively progress bar
RETRIES = 2  # of a submission whose process died


@dataclass(frozen=True)
class Job:
    """Submissions that are graded together, in one process.

    before : what the first pass has found of a submission that it had no time to finish; then it is
        alone
    tries : how often its process has died
    """

    submissions: tuple[Submission, ...]
    before: tuple[Report, ...] = ()
    tries: int = 0

    @property
    def patience(self) -> Patience:
        return FULL if self.before else FIRST_PASS

    @property
    def is_last_try(self) -> bool:
        return len(self.submissions) == 1 and self.tries == RETRIES

    def retries(self) -> list[Job]:
        """The same submissions one by one, after their process died; none after the last try."""
        return (
            []
            if self.is_last_try
            else [Job((one,), self.before, self.tries + 1) for one in self.submissions]
        )

    def sorted_out(
        self, reports: Sequence[Report], exercises: Sequence[str]
    ) -> tuple[list[Report], list[Job]]:
        """The reports that are whole, and a job for each submission that has exercises left."""
        done = [report for report in reports if len(report.exercises) == len(exercises)]
        late = [
            Job((one,), (report,))
            for one, report in zip(self.submissions, reports, strict=True)
            if len(report.exercises) < len(exercises)
        ]
        return done, late


def grade_batch(
    submissions: Sequence[Submission],
    secret: str,
    exercises: Sequence[str] = tuple(EXERCISES),
    levels: Sequence[str] = SAFE,
    patience: Patience = FULL,
    before: Sequence[Report | None] = (),
) -> list[Report]:
    """Grade a few submissions in this process, in one pass. Raises ChecksFault, SandboxUnavailable
    or GraderFault.

    patience : for each of them; with FIRST_PASS, reports lack the exercises that are to be finished
        another time
    before : what an earlier pass has found, a report for each submission
    """
    checks = discover.collect(TOPICS)
    try:
        with _zygote(levels) as zygote:
            return [
                one_submission.grade_submission(
                    submission, checks, secret, zygote, exercises, patience, earlier
                )
                for submission, earlier in zip(
                    submissions, before or [None] * len(submissions), strict=True
                )
            ]
    except SandboxUnavailable:
        raise
    except Exception as error:
        raise GraderFault(f"Grading ended early ({type(error).__name__}: {error}).") from error


def grade_one(submission: Submission, exercises: Sequence[str] = tuple(EXERCISES)) -> Report:
    """Grade a single submission with the course's secret."""
    return grade_batch([submission], course_secret(), exercises)[0]


def grade_in_processes(
    submissions: Iterable[Submission],
    processes: int,
    secret: str,
    exercises: Sequence[str] = tuple(EXERCISES),
    level: str | None = None,
    batch: int = BATCH,
) -> Iterator[list[Report]]:
    """Reports of the submissions, batches in the order in which they are done; all at one level, by
    default the best.

    batch : how many travel together; they are asked for when there is a process to grade them

    What the first pass has no time for is finished when the rest of the class has been handed to
    the processes, one submission at a time and with full patience: nobody waits for a submission
    that sleeps. Each process has a pool of its own, so that it is known whose submissions a dying
    process had: they are tried again one by one, and one that ends its process every time is set
    aside, not judged. The others never notice.
    """
    level = level or find_level()[0]
    waiting = iter(submissions)
    again: deque[Job] = deque()
    slow: deque[Job] = deque()
    idle: list[ProcessPoolExecutor] = []
    running: dict[Future, tuple[ProcessPoolExecutor, Job]] = {}
    finished: list[list[Report]] = []

    def next_job() -> Job | None:
        if again:
            return again.popleft()
        if some := tuple(islice(waiting, batch)):
            return Job(some)
        return slow.popleft() if slow else None

    cgroup.remove_those_left()
    with folder_of_a_run() as scratch:
        try:
            while True:
                while len(running) < processes and (job := next_job()):
                    pool = idle.pop() if idle else _one_process(scratch)
                    future = pool.submit(
                        grade_batch,
                        job.submissions,
                        secret,
                        exercises,
                        (level,),
                        job.patience,
                        job.before,
                    )
                    running[future] = pool, job
                yield from finished  # only now, so that no process waits while they are written
                if not running:
                    return
                finished = []
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    pool, job = running.pop(future)
                    try:
                        reports = future.result()
                    except (SandboxUnavailable, ChecksFault):
                        raise
                    except Exception as error:
                        pool.shutdown()
                        if job.is_last_try:
                            finished.append([set_aside(job.submissions[0], exercises, error)])
                        again.extend(job.retries())
                    else:
                        idle.append(pool)
                        done, late = job.sorted_out(reports, exercises)
                        finished.append(done)
                        slow.extend(late)
        finally:
            # Stopped in the middle: their reports are not waited for.
            for pool, _ in running.values():
                for process in [*(pool._processes or {}).values()]:
                    process.kill()
            for pool in [*idle, *(pool for pool, _ in running.values())]:
                pool.shutdown(cancel_futures=True)


def _one_process(scratch: str) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=_begin, initargs=(os.getpid(), scratch)
    )


_lasting: ExitStack | None = None  # of a process of the pool: ends its zygote
_lasting_zygote: Zygote | None = None


@contextmanager
def _zygote(levels: Sequence[str]) -> Iterator[Zygote]:
    """A zygote for a batch; in a process of the pool, for all of its batches, which are all of one
    run.
    """
    global _lasting_zygote
    if _lasting is None:
        with Zygote(levels, given_files()) as zygote:
            yield zygote
    else:
        _lasting_zygote = _lasting_zygote or _lasting.enter_context(Zygote(levels, given_files()))
        yield _lasting_zygote


def _begin(parent: int, scratch: str) -> None:
    """Leave nothing when the grade command is stopped or killed; the zygote in turn ends with this
    process.
    """
    global _lasting
    _lasting = ExitStack()
    atexit.register(_lasting.close)
    tempfile.tempdir = scratch
    # Ctrl-C: end at once, without a traceback from each process.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it was gone before that
            os.kill(os.getpid(), signal.SIGKILL)


def set_aside(submission: Submission, exercises: Sequence[str], error: BaseException) -> Report:
    """The report of a submission that cannot be graded: nothing judged, nothing lost."""
    check = Check(
        "all",
        "All checks of this exercise",
        Verdict.NOT_JUDGED,
        0,
        0,
        NOT_JUDGED,
        detail=f"{type(error).__name__}: {error}"[:MAX_MESSAGE],
    )
    return Report(
        submission.student,
        "",
        tuple(
            ExerciseReport(
                name, EXERCISES[name].notebook, (replace(check, max_points=EXERCISES[name].points),)
            )
            for name in exercises
        ),
        submission.notes,
    )
