"""Grading on Dask beside grading in local processes, and what is left of a class when parts of a
cluster are killed.

First table: the same submissions, the reference, by one and two local processes and by one and two
Dask workers of this machine. Overhead is Dask's time over that of as many local processes;
efficiency is the time of one process over the time of all, times their number: 1 where twice the
processes take half the time. The start of the cluster has a column of its own.

Second table: the real command grades a class on a scheduler and two Dask workers of this machine.
In one run, a Dask worker that grades is killed with SIGKILL; in another, the scheduler is killed, a
new cluster is started, and the command is run again. The table counts grades in the gradebook: each
submission must have one for each exercise. The exit status is 1 if not.

    python -m benchmarks.cluster [--submissions 200] [--rounds 1]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from cs231n_utils.exercises import EXERCISES, MAX_SCORE
from grader.grading import cluster, pool
from grader.intake.submission import Submission
from grader.kit import sample_class
from grader.paths import COURSE
from grader.report import Report
from grader.sandbox.launch import find_level

_ADDRESS = "tcp://127.0.0.1:18786"
_GRADES = """
    SELECT submitted_assignment.student_id, base_cell.name, auto_score FROM grade
    JOIN base_cell ON base_cell.id = grade.cell_id
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
"""


# --- how fast -------------------------------------------------------------------------------------


def _class(size: int) -> Iterator[Submission]:
    files = sample_class.reference_files()
    return (Submission(f"student{k:05}", files) for k in range(size))


def _seconds(batches: Iterable[list[Report]], size: int) -> float:
    """Seconds that grading takes; everybody must have all points."""
    start = time.perf_counter()
    scores = Counter(report.score for batch in batches for report in batch)
    if scores != {MAX_SCORE: size}:
        raise SystemExit(f"scores {dict(scores)}; expected {size} times {MAX_SCORE}.")
    return time.perf_counter() - start


def compare(size: int, rounds: int) -> None:
    level, _ = find_level()
    seconds: dict[tuple[str, int], list[float]] = {}
    starts: dict[int, list[float]] = {}
    for _ in range(rounds):
        for workers in (1, 2):
            batch = -(-size // (4 * workers))
            local = pool.grade_in_processes(
                _class(size), workers, "secret", level=level, batch=min(pool.BATCH, batch)
            )
            seconds.setdefault(("local", workers), []).append(_seconds(local, size))
            start = time.perf_counter()
            with cluster.connect(None, "local", workers) as client:
                starts.setdefault(workers, []).append(time.perf_counter() - start)
                far = cluster.grade_on_cluster(
                    _class(size), client, "secret", level=level, batch=min(cluster.BATCH, batch)
                )
                seconds.setdefault(("Dask", workers), []).append(_seconds(far, size))
    medians = {way: statistics.median(times) for way, times in seconds.items()}
    print(f"{size} submissions, level {level}, medians of {rounds}")
    print(
        f"{'':8}{'workers':>8}{'seconds':>10}{'a minute':>10}{'overhead':>10}{'efficiency':>12}"
        f"{'start of the cluster':>22}"
    )
    for (way, workers), took in medians.items():
        overhead = f"{took / medians['local', workers] - 1:+.0%}" if way == "Dask" else ""
        start_up = f"{statistics.median(starts[workers]):.1f} s" if way == "Dask" else ""
        print(
            f"{way:8}{workers:8}{took:10.1f}{60 * size / took:10.0f}{overhead:>10}"
            f"{medians[way, 1] / (workers * took):12.2f}{start_up:>22}"
        )


# --- what is killed -------------------------------------------------------------------------------


@dataclass
class Cluster:
    """A scheduler and two Dask workers, each a process of its own."""

    scheduler: psutil.Popen
    workers: list[psutil.Popen]

    def kill_a_worker_that_grades(self) -> None:
        """Kill the worker itself: the process that was started is its nanny, and starts another."""
        for nanny in self.workers:
            for process in nanny.children():
                if any(
                    "bwrap" in child.name() or "zygote" in " ".join(child.cmdline())
                    for child in process.children()
                ):
                    process.kill()
                    return
        raise SystemExit(
            "No Dask worker was grading when one was to be killed; take more submissions."
        )

    def end(self) -> None:
        processes = [
            process
            for started in (*self.workers, self.scheduler)
            if started.is_running()
            for process in (started, *started.children(recursive=True))
        ]
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        for started in (*self.workers, self.scheduler):
            started.wait()


@contextlib.contextmanager
def _cluster(folder: Path) -> Iterator[Cluster]:
    def start(what: str, *arguments: str) -> psutil.Popen:
        with open(folder / "dask.log", "a") as log:
            return psutil.Popen(
                [sys.executable, "-m", "dask", what, *arguments], cwd=COURSE, stdout=log, stderr=log
            )

    scheduler = start(
        "scheduler", "--host", "127.0.0.1", "--port", _ADDRESS.rpartition(":")[2], "--no-dashboard"
    )
    workers = [
        start(
            "worker",
            _ADDRESS,
            "--nthreads",
            "1",
            "--no-dashboard",
            "--local-directory",
            str(folder),
        )
        for _ in range(2)
    ]
    both = Cluster(scheduler, workers)
    try:
        yield both
    finally:
        both.end()


def _command(folder: Path) -> subprocess.Popen:
    arguments = [
        "grade",
        str(folder / "submitted"),
        "--out",
        str(folder / "out"),
        "--db",
        f"sqlite:///{folder.resolve()}/out/gradebook.db",  # and not that of the course
        "--scheduler",
        _ADDRESS,
    ]
    return subprocess.Popen(
        [sys.executable, "-m", "grader", *arguments],
        cwd=COURSE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _until_some_are_done(command: subprocess.Popen, folder: Path, some: int) -> int:
    """Wait for reports of this run; returns how many there are."""
    while (done := sum(1 for _ in folder.glob("out/*/report.json"))) < some:
        if command.poll() is not None:
            raise SystemExit(
                "the command ended before anything could be"
                f" killed:\n{command.communicate()[1][-2000:]}"
            )
        time.sleep(0.02)
    return done


def _told(command: subprocess.Popen) -> tuple[int, str]:
    """Exit status, and the last line of what it said."""
    said = command.communicate()[1]
    return command.returncode, said.strip().splitlines()[-1]


def _row(what: str, folder: Path, size: int, done: int, seconds: float) -> bool:
    with contextlib.closing(sqlite3.connect(folder / "out" / "gradebook.db")) as book:
        rows = [
            (student, cell, score)
            for student, cell, score in book.execute(_GRADES)
            if score is not None
        ]
    graded = Counter((student, cell) for student, cell, _ in rows)
    students = Counter(student for student, _ in graded)
    points = Counter(
        round(sum(score for who, _, score in rows if who == student), 6) for student in students
    )
    doubled = sum(number - 1 for number in graded.values())
    print(
        f"{what:40}{done:12}{len(students):10}{len(rows):9}{doubled:9}{points[MAX_SCORE]:12}{seconds:9.1f}",
        flush=True,
    )
    return (
        len(students) == points[MAX_SCORE] == size
        and len(rows) == size * len(EXERCISES)
        and not doubled
    )


def kill(size: int, scratch: Path) -> bool:
    files = sample_class.reference_files()
    print(f"\n{size} submissions with {len(EXERCISES)} exercises, 2 Dask workers")
    print(
        f"{'killed':40}{'done before':>12}{'students':>10}{'grades':>9}{'doubled':>9}"
        f"{'all points':>12}{'seconds':>9}"
    )
    clean = True
    for what in ("nothing", "a worker", "the scheduler; then the command again"):
        folder = scratch / what.split()[-1]
        sample_class.write_class(
            {f"student{k:05}": files for k in range(size)}, folder / "submitted"
        )
        start, done = time.perf_counter(), 0
        with _cluster(folder) as both, _command(folder) as command:
            if what != "nothing":
                done = _until_some_are_done(command, folder, size // 4)
                both.kill_a_worker_that_grades() if what == "a worker" else both.scheduler.kill()
            status, said = _told(command)
        if what.startswith("the scheduler"):
            clean &= status == 1 and "run the same command" in said
            print(f"    the command said: {said}")
            with _cluster(folder), _command(folder) as command:
                status, said = _told(command)
        if status:
            raise SystemExit(f"the command failed: {said}")
        clean &= _row(what, folder, size, done, time.perf_counter() - start)
    return clean


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Grading on Dask: its cost, and what happens when parts of it are killed."
    )
    parser.add_argument(
        "--submissions",
        type=int,
        default=200,
        metavar="N",
        help="of the class (default: %(default)s)",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=1,
        metavar="N",
        help="of the first table (default: %(default)s)",
    )
    options = parser.parse_args()
    compare(options.submissions, options.rounds)
    with tempfile.TemporaryDirectory() as scratch:
        if not kill(options.submissions, Path(scratch)):
            raise SystemExit("Not every submission has exactly one grade an exercise.")


if __name__ == "__main__":
    # As in the sandbox and in Dask's workers; numpy reads it when it is loaded.
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        os.execve(
            sys.executable,
            [sys.executable, "-m", "benchmarks.cluster", *sys.argv[1:]],
            {**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
    main()
