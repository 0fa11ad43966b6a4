"""Grade many submissions in a pool of processes; each collects the checks and starts a zygote of
its own.
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
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context
from typing import Any, Protocol

from cs231n_utils.exercises import EXERCISES
from grader.checks.seeds import course_secret
from grader.checks.session import FIRST_PASS, FULL, Patience
from grader.faults import ChecksFault, GraderFault, ResultsFault
from grader.intake.submission import Submission, given_files
from grader.paths import TOPICS
from grader.report import MAX_MESSAGE, Check, ExerciseReport, Failure, Report, Verdict
from grader.sandbox import cgroup
from grader.sandbox.launch import SAFE, SandboxUnavailable, Zygote, find_level
from grader.sandbox.without_bubblewrap import folder_of_a_run

BATCH = 16  # submissions that a process gets at a time; few enough for a lively progress bar
RETRIES = 2  # how often a submission is tried again after its process died


@dataclass(frozen=True)
class Job:
    """Submissions that are graded together, in one process.

    before : the report of the first pass on a submission that it had no time to finish; such a
        submission is alone in its job
    tries : how often a process has died while it had these submissions
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
        """The complete reports, and a job for each submission that has exercises left."""
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

    patience : for each submission; with FIRST_PASS, a report lacks the exercises for which there
        was no time
    before : the report of an earlier pass, or None, for each submission
    """
    # Only where grading is done: the command's own process needs neither, and pytest takes 0.1 s.
    from grader.grading import discover, one_submission

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


class Handling(Protocol):
    """What is done with submissions before and after grading, in the process that grades them."""

    def read(self, one: Submission) -> Any:
        """The submission that is to be graded; whatever else is returned is its result. It is read
        once, even if it is graded in two passes.
        """

    def finish(self, one: Submission, report: Report) -> Any:
        """The result of a submission.

        one : as `read` has given it, or as it was given to `read`, if that has ended the process
        """


class _AsItIs:
    """The result of a submission is its report."""

    def read(self, one: Submission) -> Submission:
        return one

    def finish(self, one: Submission, report: Report) -> Report:
        return report


AS_IT_IS = _AsItIs()


def _handle(
    job: Job, secret: str, exercises: Sequence[str], level: str, handling: Handling
) -> tuple[list[Any], list[Job]]:
    """The results of the submissions of a job, and the jobs that are left of it."""
    read = [handling.read(one) for one in job.submissions]
    results = [one for one in read if not isinstance(one, Submission)]
    job = replace(job, submissions=tuple(one for one in read if isinstance(one, Submission)))
    if not job.submissions:
        return results, []
    reports = grade_batch(job.submissions, secret, exercises, (level,), job.patience, job.before)
    done, late = job.sorted_out(reports, exercises)
    of = {one.student: one for one in job.submissions}
    return results + [handling.finish(of[report.student], report) for report in done], late


def grade_in_processes(
    submissions: Iterable[Submission],
    processes: int,
    secret: str,
    exercises: Sequence[str] = tuple(EXERCISES),
    level: str | None = None,
    batch: int = BATCH,
    handling: Handling = AS_IT_IS,
) -> Iterator[list[Any]]:
    """Yield the results of submissions, batch by batch, in the order in which they are done.

    processes : how many grade side by side
    level : of the sandbox, for all of them; by default the best of this machine
    batch : how many submissions a process gets at a time; they are taken from `submissions` only
        when a process is free
    handling : is called in the process that grades; by default, the results are the reports

    The first pass has little patience, so that nobody waits for a submission that sleeps. What it
    had no time for is finished after the rest of the class has been handed out, one submission at a
    time and with full patience. Each process is an executor of its own, so that it is known which
    submissions a process had when it died: they are tried again one by one, and a submission that
    ends its process every time is set aside as not judged. The others are not affected.
    """
    level = level or find_level()[0]
    waiting = iter(submissions)
    again: deque[Job] = deque()
    slow: deque[Job] = deque()
    idle: list[ProcessPoolExecutor] = []
    running: dict[Future[tuple[list[Any], list[Job]]], tuple[ProcessPoolExecutor, Job]] = {}
    finished: list[list[Any]] = []
    cores = _cores(processes)
    core_of: dict[ProcessPoolExecutor, int] = {}

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
                    if idle:
                        pool = idle.pop()
                    else:
                        core = cores.pop() if cores else None
                        pool = _one_process(scratch, core)
                        if core is not None:
                            core_of[pool] = core
                    future = pool.submit(_handle, job, secret, exercises, level, handling)
                    running[future] = pool, job
                yield from finished  # after the new jobs, so that no process waits for the caller
                if not running:
                    return
                finished = []
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    pool, job = running.pop(future)
                    try:
                        done, late = future.result()
                    except (SandboxUnavailable, ChecksFault, ResultsFault):
                        idle.append(pool)  # it is shut down below
                        raise
                    except Exception as error:
                        pool.shutdown()
                        if pool in core_of:
                            cores.append(core_of.pop(pool))
                        if job.is_last_try:
                            one = job.submissions[0]
                            aside = set_aside(one, exercises, error)
                            finished.append([handling.finish(one, aside)])
                        again.extend(job.retries())
                    else:
                        idle.append(pool)
                        finished.append(done)
                        slow.extend(late)
        except (SandboxUnavailable, GraderFault):  # the run ends, and what is done is kept
            yield from finished
            for future in running:
                if future.done() and not future.exception():
                    yield future.result()[0]
            raise
        finally:
            # If grading was stopped, some processes are still running; nobody needs their reports.
            for pool, _ in running.values():
                for process in [*(pool._processes or {}).values()]:
                    process.kill()
            for pool in [*idle, *(pool for pool, _ in running.values())]:
                pool.shutdown(cancel_futures=True)


def _cores(processes: int) -> list[int]:
    """A core for each process; none where they would have to share one.

    A pool process and its box take turns, so on one core neither has to be woken up on another, and
    both find their memory in its caches: 7 % less CPU time for a submission.
    """
    if not hasattr(os, "sched_getaffinity"):
        return []
    cores = sorted(os.sched_getaffinity(0))
    # Other graders on this machine begin at another core.
    first = os.getpid() % len(cores)
    return [*cores[first:], *cores[:first]][:processes] if processes <= len(cores) else []


def _one_process(scratch: str, core: int | None) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        1,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(os.getpid(), scratch, core),
    )


_lasting: ExitStack | None = None  # in a pool process: ends its zygote at the end of the process
_lasting_zygote: Zygote | None = None


@contextmanager
def _zygote(levels: Sequence[str]) -> Iterator[Zygote]:
    """A zygote for one batch; in a pool process, one zygote for all of its batches."""
    global _lasting_zygote
    if _lasting is None:
        with Zygote(levels, given_files()) as zygote:
            yield zygote
    else:
        _lasting_zygote = _lasting_zygote or _lasting.enter_context(Zygote(levels, given_files()))
        yield _lasting_zygote


def _begin(parent: int, scratch: str, core: int | None) -> None:
    """Prepare a pool process: it ends with the grade command, even if that is killed, and its
    zygote ends with it.

    core : on which it runs, with its zygote and boxes; None for any
    """
    global _lasting
    _lasting = ExitStack()
    atexit.register(_lasting.close)
    tempfile.tempdir = scratch
    if core is not None:
        with suppress(OSError):  # it may have been taken away
            os.sched_setaffinity(0, {core})
    # Ctrl-C ends this process at once, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # the parent has ended before the line above
            os.kill(os.getpid(), signal.SIGKILL)


def set_aside(submission: Submission, exercises: Sequence[str], error: BaseException) -> Report:
    """The report of a submission that cannot be graded: no exercise is judged, no point lost."""
    check = Check(
        "all",
        "All checks of this exercise",
        Verdict.NOT_JUDGED,
        0,
        0,
        Failure.not_judged(f"{type(error).__name__}: {error}"[:MAX_MESSAGE]),
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
