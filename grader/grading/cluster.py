"""Grade on many machines with Dask distributed: each task is a batch of submissions. Only the
command that sends the tasks writes results.

A task carries everything that it needs: machines share only a network and the version of the
grader. Before a Dask worker grades, it shows that it has this version and the run's level of
sandbox. When a Dask worker is lost, Dask gives its tasks to another one. Each task leaves a note at
the scheduler when it begins, and removes it at its end, so that it is known during which task a
Dask worker was lost. After two losses, the submissions of the task are sent one by one; a
submission that loses two more, alone, is set aside.

Reports are validated before they count. A Dask worker whose reports cannot be right gets no more
tasks of the run, as long as there is another one. A Dask worker that is silent, because it was
stopped or cut off, is named and taken for lost.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import platform
import secrets
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from distributed import (
    CancelledError,
    Client,
    Future,
    KilledWorker,
    LocalCluster,
    Security,
    Worker,
    get_client,
    get_worker,
    wait,
)
from distributed.deploy import Cluster
from tqdm import tqdm

from cs231n_utils.exercises import EXERCISES
from grader.faults import ChecksFault, GraderFault
from grader.grading import pool
from grader.grading.pool import Job
from grader.grading.validation import UnsoundReports, sound
from grader.intake.submission import Submission
from grader.report import Report
from grader.results import cache
from grader.sandbox import cgroup
from grader.sandbox.launch import SandboxUnavailable, Zygote
from grader.sandbox.without_bubblewrap import folder_of_a_run
from grader.text import one_line

BATCH = 100  # submissions a task: seconds of work, compared with which sending them takes no time
_TASK_SIZE = 8 << 20  # bytes of submissions a task; Dask warns of more than 10 MB
_IN_FLIGHT = 2  # tasks that a Dask worker has: one that it grades, and one that waits there
_LOSSES = 2  # Dask workers that may be lost during a task; then it is not started again
# Seconds without a heartbeat after which a Dask worker is taken for lost; it sends one every 0.5 to
# 2 s.
_SILENCE = 30.0
_LOOK = 5.0  # seconds between two looks at the heartbeats
_LOST = (CancelledError, OSError, TimeoutError)  # what is raised when the scheduler does not answer

# A Dask worker may have threads, but they share pytest and the folder of sandboxes.
_grading = threading.Lock()


class ClusterFault(GraderFault):
    """The cluster cannot grade; the text says which part of it cannot, and what to do."""


class _WorkersLost(GraderFault):
    """As many Dask workers as a task may lose were lost."""


@dataclass(frozen=True)
class _Task:
    """A job that is sent to a Dask worker.

    name : the key under which the scheduler counts the Dask workers that were lost during it
    version : of the grader that sends it
    """

    name: tuple[str, int]
    job: Job
    secret: str
    exercises: Sequence[str]
    level: str
    version: str


# --- the command ----------------------------------------------------------------------------------


def grade_on_cluster(
    submissions: Iterable[Submission],
    client: Client,
    secret: str,
    exercises: Sequence[str] = tuple(EXERCISES),
    level: str = "A",
    batch: int = BATCH,
    handling: pool.Handling = pool.AS_IT_IS,
) -> Iterator[list[Any]]:
    """Yield the results of submissions, task by task, in the order in which they are done:
    `pool.grade_in_processes` on a cluster.

    level : of the sandbox, for all of them
    batch : the most submissions of a task; they are taken from `submissions` only when a Dask
        worker is free
    handling : only finishes, in this process, because only reports can be validated, and has read
        all submissions, because a Dask worker may have no access to their files

    Raises ClusterFault when a Dask worker is not fit for the run, and when the scheduler is lost.
    """
    with _watched(client):
        yield from _grade_all(submissions, client, secret, exercises, level, batch, handling)


def _grade_all(
    submissions: Iterable[Submission],
    client: Client,
    secret: str,
    exercises: Sequence[str],
    level: str,
    batch: int,
    handling: pool.Handling,
) -> Iterator[list[Any]]:
    run, number = secrets.token_hex(8), count()

    def task(job: Job) -> _Task:
        return _Task((run, next(number)), job, secret, exercises, level, cache.version())

    def finished(one: _Task, reports: Iterable[Report]) -> list[Any]:
        of = {submission.student: submission for submission in one.job.submissions}
        return [handling.finish(of[report.student], report) for report in reports]

    waiting = (task(Job(tuple(some))) for some in _batches(submissions, batch))
    again: deque[_Task] = deque()
    slow: deque[Job] = deque()  # to be finished when all others have been sent
    # Future -> its task, and the Dask workers to which it may go; an empty set means all.
    running: dict[Future, tuple[_Task, frozenset[str]]] = {}
    wrong: set[str] = set()  # Dask workers whose reports could not be right
    with _connected(client):
        _expect_fit(client, level)
    try:
        while True:
            with _connected(client):
                there = frozenset(client.nthreads())
            for future in [
                future for future, (_, chosen) in running.items() if chosen and not chosen & there
            ]:
                again.append(running.pop(future)[0])  # no other worker would get it
                client.cancel([future])
            while len(running) < _IN_FLIGHT * max(1, len(there)) and (
                one := (
                    again.popleft()
                    if again
                    else next(waiting, None) or (task(slow.popleft()) if slow else None)
                )
            ):
                chosen = there - wrong if wrong else frozenset()
                with _connected(client):
                    future = client.submit(
                        _grade_task,
                        one,
                        key=f"grade-{secrets.token_hex(8)}",
                        workers=[*chosen] or None,
                    )
                running[future] = one, chosen
            if not running:
                return
            with _connected(client):
                done = _first_done(client, running)
                if done is None:
                    continue
                one, _ = running.pop(done)
                result = _result(client, one, done)
                if isinstance(result, UnsoundReports):
                    makers = {
                        address
                        for addresses in client.who_has(done).values()
                        for address in addresses
                    }
                    for address in sorted(makers - wrong):
                        _tell(
                            f"The reports of worker {address} cannot be right: {result}. Other"
                            " workers grade what it gets, as long as there are any."
                        )
                    wrong |= makers
            if not isinstance(result, GraderFault):
                whole, late = one.job.sorted_out(result, exercises)
                slow.extend(late)
                yield finished(one, whole)
            elif one.job.is_last_try or (
                len(one.job.submissions) == 1 and isinstance(result, _WorkersLost)
            ):
                submission = one.job.submissions[0]
                aside = pool.set_aside(submission, exercises, result)
                yield [handling.finish(submission, aside)]
            else:
                again.extend(map(task, one.job.retries()))
    except (SandboxUnavailable, GraderFault):  # the run ends, and what is done is kept
        for future in [future for future in running if future.done()]:
            one, _ = running.pop(future)
            with suppress(GraderFault, *_LOST):
                result = _result(client, one, future)
                if not isinstance(result, GraderFault):
                    yield finished(one, one.job.sorted_out(result, exercises)[0])
        raise
    finally:
        with suppress(*_LOST):  # if grading was stopped, nobody needs the tasks that are running
            if client.status == "running":
                client.cancel([*running])
                client.set_metadata(run, None)


def _first_done(client: Client, running: Iterable[Future]) -> Future | None:
    """A task that is done; None if none is done within `_LOOK` seconds."""
    try:
        with client.as_current():
            return next(iter(wait([*running], timeout=_LOOK, return_when="FIRST_COMPLETED").done))
    except TimeoutError:
        return None


def workers(client: Client) -> int:
    """How many worker processes the cluster has now."""
    return len(client.nthreads())


def _batches(submissions: Iterable[Submission], most: int) -> Iterator[list[Submission]]:
    batch: list[Submission] = []
    room = _TASK_SIZE
    for one in submissions:
        size = sum(map(len, one.files.values()))
        if batch and (len(batch) == most or size > room):
            yield batch
            batch, room = [], _TASK_SIZE
        batch.append(one)
        room -= size
    if batch:
        yield batch


def _result(client: Client, task: _Task, future: Future) -> list[Report] | GraderFault:
    """The result of a task. Raises a fault at which another Dask worker would fail as well."""
    try:
        result = future.result(timeout=2 * _SILENCE)
        if isinstance(result, GraderFault):
            return result
        return sound(
            result, task.job.submissions, task.exercises, task.level, whole=task.job.patience.final
        )
    except UnsoundReports as error:
        return error
    except TimeoutError as error:
        if client.status != "running":
            raise
        return GraderFault(
            f"Done, but its worker did not send the result ({type(error).__name__})."
        )
    # Dask's own limit was lower, or it waited behind tasks that lost their worker.
    except KilledWorker as error:
        lost = client.get_metadata(list(task.name), 0)
        return (_WorkersLost if lost == _LOSSES else GraderFault)(
            f"Lost with its workers, by Dask's count: {error}"
        )
    except (ClusterFault, ChecksFault, *_LOST):
        raise
    except Exception as error:
        raise ClusterFault(
            f"The cluster could not run a task ({type(error).__name__}: {error}). Scheduler and"
            " workers need the same version of the grader as this command."
        ) from error


def _tell(text: str) -> None:
    tqdm.write(f"grader: {one_line(text)}", file=sys.stderr)  # beside a progress bar


@contextmanager
def _watched(client: Client) -> Iterator[None]:
    """Watch for Dask workers that fall silent: name them, and have the scheduler give their tasks
    to others.

    The scheduler would wait for five minutes, or however long its own configuration says.
    """
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(client, ended), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join(3 * _LOOK)  # longer than one look takes


def _watch(client: Client, ended: threading.Event) -> None:
    # Address of a Dask worker -> (its last heartbeat by the scheduler's clock, when the command saw
    # it by its own), in seconds.
    heard: dict[str, tuple[float, float]] = {}
    while not ended.wait(_LOOK):
        with suppress(*_LOST):  # the thread that waits for results reports a lost scheduler
            seen = {
                address: worker["last_seen"]
                for address, worker in client.scheduler_info()["workers"].items()
            }
            now = time.monotonic()
            heard = {
                address: heard[address] if heard.get(address, (0, 0))[0] == last else (last, now)
                for address, last in seen.items()
            }
            for address in [
                address for address, (_, since) in heard.items() if now - since > _SILENCE
            ]:
                _tell(
                    f"Worker {address} has been silent for {now - heard[address][1]:.0f} s. Its"
                    " tasks go to other workers."
                )
                client.sync(
                    client.scheduler.restart_workers,
                    workers=[address],
                    timeout=_LOOK,
                    wait_for_workers=False,
                    on_error="return",
                    stimulus_id=f"silent-{secrets.token_hex(8)}",
                )


@contextmanager
def _connected(client: Client) -> Iterator[None]:
    try:
        # Dask would keep what is submitted now for a scheduler that comes back.
        if client.status != "running":
            raise ConnectionError(client.status)
        yield
    except _LOST as error:
        raise ClusterFault(
            f"The scheduler was lost ({type(error).__name__}). What is graded so far is written:"
            " start the cluster again, run the same command, and it goes on from there."
        ) from error


def _expect_fit(client: Client, level: str) -> None:
    """Raise ClusterFault if a Dask worker is not fit for the run. Those that come later, or do not
    answer now, are checked when they get a task.
    """

    async def ask() -> dict[str, str | Exception]:
        return await asyncio.wait_for(
            client.run(_unfit, cache.version(), level, on_error="return"), 2 * _SILENCE
        )

    try:
        answers = client.sync(ask)
    except TimeoutError:  # a silent one is named elsewhere; the others are checked with each task
        return
    if unfit := {
        address: answer
        for address, answer in answers.items()
        if answer and not isinstance(answer, OSError)
    }:
        reasons = " ".join(
            f"{address}: {_told(answer)}" for address, answer in sorted(unfit.items())
        )
        raise ClusterFault(f"{len(unfit)} of {len(answers)} workers cannot grade. {reasons}")


def _told(answer: str | Exception) -> str:
    if isinstance(answer, str):
        return answer
    return (
        f"it has no grader of this version ({type(answer).__name__}: {answer}). Install it there."
    )


# --- a Dask worker --------------------------------------------------------------------------------


def _grade_task(task: _Task) -> list[Report] | GraderFault:
    """Grade a task on a Dask worker. A fault that these submissions cause is returned; a fault of
    the Dask worker is raised, and stops the run.
    """
    with _grading:
        if reason := _unfit(task.version, task.level):
            raise ClusterFault(f"A worker cannot grade. {get_worker().address}: {reason}")
        scheduler, name = get_client(), list(task.name)
        lost = scheduler.get_metadata(name, 0)
        if lost == _LOSSES:
            return _WorkersLost(f"Its worker was lost {lost} times.")
        scheduler.set_metadata(name, lost + 1)
        cgroup.remove_those_left()
        before = tempfile.tempdir
        try:
            with folder_of_a_run() as tempfile.tempdir:
                return pool.grade_batch(
                    task.job.submissions,
                    task.secret,
                    task.exercises,
                    (task.level,),
                    task.job.patience,
                    task.job.before,
                )
        except (SandboxUnavailable, ChecksFault) as error:
            raise ClusterFault(f"A worker cannot grade. {get_worker().address}: {error}") from error
        except Exception as error:
            return GraderFault(f"{type(error).__name__}: {error}")
        finally:
            tempfile.tempdir = before
            # The Dask worker has survived the task; if its result is lost later, the task is not to
            # blame.
            scheduler.set_metadata(name, lost)


@functools.cache
def _unfit(version: str, level: str) -> str:
    """Why this process must not grade a run of this version at this level; "" if it may."""
    if cache.version() != version:
        return (
            f"it is out of date: its checks have version {cache.version()[:12]}, with Python"
            f" {platform.python_version()} and numpy {np.__version__}; expected {version[:12]}."
            " Install there what is installed here, and start it again."
        )
    zygote = Zygote((level,))
    try:
        with zygote:
            return ""
    except SandboxUnavailable:
        return f"it has no sandbox of level {level}, which is this run's: {zygote.missing[level]}"


# --- clusters -------------------------------------------------------------------------------------


@contextmanager
def connect(scheduler: str | None, deployment: str | None, size: int) -> Iterator[Client]:
    """A client of the scheduler at this address, or of a new cluster of `size` Dask workers, which
    ends with the client.

    All other settings, such as TLS certificates and the jobs or pods of Dask workers, are in Dask's
    own configuration.
    """
    what = f"--scheduler {scheduler}" if scheduler else f"--cluster {deployment}"
    with ExitStack() as stack:
        try:
            address = scheduler or stack.enter_context(_start(str(deployment), size))
            client = stack.enter_context(Client(address, set_as_default=False))
        except ModuleNotFoundError as error:
            package = str(error.name).partition(".")[0].replace("_", "-")
            raise ClusterFault(
                f"{what} needs {package}, which is not installed. Install it: pip install {package}"
            ) from error
        except Exception as error:  # of many kinds: Dask, TLS, the batch system
            text = " ".join(str(error).split())
            raise ClusterFault(
                f"{what} did not work ({type(error).__name__}: {text}). Its settings are those of"
                " Dask, in ~/.config/dask/; docs/scaling.md has examples."
            ) from error
        if not workers(client):
            print("Waiting for a worker of the cluster.", file=sys.stderr)
            client.wait_for_workers(1)
        try:
            yield client
        except (ClusterFault, KeyboardInterrupt):
            # Dask logs long messages about an early end.
            logging.getLogger("distributed").setLevel(logging.CRITICAL)
            raise


def _start(deployment: str, size: int) -> Cluster:
    # Encrypted, because whoever can talk to a scheduler can run code there, and without that other
    # users of the machine could.
    if deployment == "local":
        return LocalCluster(
            n_workers=size,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            security=Security.temporary(),
            preload=[__name__],
        )
    if deployment == "slurm":
        from dask_jobqueue import SLURMCluster

        cluster = SLURMCluster(security=Security() if Security().tls_ca_file else None)
        cluster.scale(size)
        return cluster
    from dask_kubernetes.operator import KubeCluster

    return KubeCluster(n_workers=size)


def dask_setup(worker: Worker) -> None:
    """Dask calls this in each Dask worker of a local cluster. Ctrl-C reaches them, too, but only
    the command must react to it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
