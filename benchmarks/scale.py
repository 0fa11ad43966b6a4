"""Time, rate and memory of `grade` from 10 to 10,000 submissions, and of a rerun without changes.

Each class is graded by the real command, with one process a core, into a folder of its own.
Everybody hands in the reference solution, and no two have the same files. "of the line" compares
the time with the straight line through the two smallest classes: above 1, something grows faster
than the class. Memory is read twice a second: "command" is the process that reads, writes and keeps
the gradebook; "in all" adds the pool processes and the sandboxes, with shared pages counted once.

With --stubbed, nobody is graded: pool processes give everybody made-up results, with some hundred
different sets of points (benchmarks/stubbed.py), so that the time is that of the command. Its own
CPU time is given as well: past one submission in that time, more cores do not help. All submissions
are links to the same files.

    python -m benchmarks.scale [--up-to 1000]
    python -m benchmarks.scale --stubbed 100000
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.measuring import environment, grade_command, hand_in, spent
from cs231n_utils.exercises import ASSIGNMENT, MAX_SCORE
from cs231n_utils.hand_in.rules import PACKAGE
from grader.kit import sample_class
from grader.paths import COURSE

SIZES = (10, 100, 1_000, 10_000)
FAR = 1_000_000
_MOST_LINKS = 20_000  # to one file; file systems take a limited number
_LOOK = 0.5  # seconds between two looks at the memory, which takes some milliseconds of CPU


@dataclass(frozen=True)
class Run:
    """Seconds that the command took, peaks of memory in MB, and the command's own CPU seconds."""

    seconds: float
    command: float
    in_all: float
    cpu: float


def grade(submitted: Path, out: Path, program: str = "grader") -> Run:
    before, command, in_all, cpu = spent(), 0.0, 0.0, 0.0
    arguments = grade_command(submitted, out)
    arguments[arguments.index("grader")] = program
    with tempfile.TemporaryFile("w+") as log:
        process = psutil.Popen(arguments, cwd=COURSE, env=environment(), stdout=log, stderr=log)
        while _is_running(process):
            own, *others = _memory(process)
            command, in_all = max(command, own), max(in_all, own + sum(others))
            with suppress(psutil.NoSuchProcess):
                cpu = sum(process.cpu_times()[:2])  # without those of pool processes
        seconds = (spent() - before).wall
        if process.returncode:
            log.seek(0)
            raise SystemExit(f"Grading failed:\n{log.read()[-4000:]}")
    with open(out / "grades.csv", newline="", encoding="utf-8") as file:
        scores = {float(row["score"]) for row in csv.DictReader(file)}
    if program == "grader" and scores != {MAX_SCORE}:
        raise SystemExit(f"Scores {sorted(scores)}; expected {MAX_SCORE} for everybody.")
    return Run(seconds, command, in_all, cpu)


def _is_running(process: psutil.Popen) -> bool:
    """Whether a process runs some time from now; returns at once when it ends."""
    try:
        process.wait(_LOOK)
    except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
        return True
    return False


def _memory(process: psutil.Process) -> list[float]:
    """MB of the process and of each of its descendants."""
    try:
        return [_resident(each) for each in (process, *process.children(recursive=True))]
    except psutil.NoSuchProcess:
        return [0.0]


def _resident(process: psutil.Process) -> float:
    """MB. A page that several processes share counts in parts (PSS), where we may know that."""
    try:
        return process.memory_full_info().pss / 2**20
    except psutil.AccessDenied:
        return process.memory_info().rss / 2**20
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return 0.0


def line(sizes: Sequence[int], seconds: Sequence[float], size: int) -> float:
    """Seconds for `size` submissions on the straight line through the first two sizes."""
    slope = (seconds[1] - seconds[0]) / (sizes[1] - sizes[0])
    return seconds[0] + slope * (size - sizes[0])


def linked(count: int, submitted: Path) -> None:
    """A class of any size that takes hardly any room: links to one submission's files."""
    files = sample_class.reference_files()
    first = submitted
    for k in range(count):
        home = submitted / f"student{k:06}" / ASSIGNMENT
        (home / PACKAGE).mkdir(parents=True)
        if k % _MOST_LINKS == 0:
            first = home
        for name, content in files.items():
            if first == home:
                (home / name).write_bytes(content)
            else:
                os.link(first / name, home / name)


def stubbed(count: int, scratch: Path) -> None:
    """Print what the command itself costs."""
    few = 10
    print(
        f"{'submissions':14}{'time, s':>10}{'a second':>10}{'own CPU, s':>12}{'ms each':>9}"
        f"{'memory, MB':>12}"
    )
    starts: dict[str, float] = {}
    for size in (few, count):
        linked(size, scratch / str(size) / "submitted")
        for what in ("first", "again"):
            run = grade(
                scratch / str(size) / "submitted", scratch / str(size) / "out", "benchmarks.stubbed"
            )
            each = "" if size == few else f"{1e3 * (run.cpu - starts[what]) / size:.2f}"
            starts.setdefault(what, run.cpu)
            print(
                f"{size:<8,}{what:6}{run.seconds:10.1f}{size / run.seconds:10.0f}{run.cpu:12.1f}"
                f"{each:>9}{run.command:12.0f}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Time, rate and memory of grading, from 10 to 10,000 submissions."
    )
    parser.add_argument(
        "--up-to",
        type=int,
        default=1_000,
        metavar="N",
        help="the largest class to grade (default: %(default)s)",
    )
    parser.add_argument(
        "--stubbed",
        type=int,
        metavar="N",
        help="measure the command alone instead, with N submissions that are not graded",
    )
    options = parser.parse_args()
    if options.stubbed:
        with tempfile.TemporaryDirectory(prefix="scale-") as scratch:
            stubbed(options.stubbed, Path(scratch))
        return
    sizes = [size for size in SIZES if size <= options.up_to]
    cores = len(os.sched_getaffinity(0))
    print(
        f"{'':12}{'time':>10}{'a second':>10}{'each further':>14}{'of the':>8}"
        f"{'peak memory, MB':>20}{'nothing changed':>22}"
    )
    print(
        f"{'submissions':12}{'s':>10}{'':10}{'ms':>14}{'line':>8}"
        f"{'command':>10}{'in all':>10}{'s':>10}{'a second':>12}"
    )
    with tempfile.TemporaryDirectory(prefix="scale-") as scratch:
        hand_in(1, Path(scratch, "0", "submitted"))
        # Whatever is slow only the first time.
        grade(Path(scratch, "0", "submitted"), Path(scratch, "0", "out"))
        seconds: list[float] = []
        further = float("nan")  # seconds for each submission more than in the class before
        for k, size in enumerate(sizes):
            folder = Path(scratch, str(size))
            hand_in(size, folder / "submitted")
            run, again = (grade(folder / "submitted", folder / "out") for _ in range(2))
            seconds.append(run.seconds)
            shape = f"{'':22}"
            if k:
                further = (seconds[k] - seconds[k - 1]) / (size - sizes[k - 1])
                shape = f"{1e3 * further:14.1f}{run.seconds / line(sizes, seconds, size):8.2f}"
            print(
                f"{size:<12,}{run.seconds:10.2f}{size / run.seconds:10.2f}{shape}"
                f"{run.command:10.0f}{run.in_all:10.0f}"
                f"{again.seconds:10.2f}{size / again.seconds:12.1f}",
                flush=True,
            )
    print(
        f"\nAt the last rate, {FAR:,} submissions would take {further * FAR / 3600:.1f} h on"
        f" {cores} cores, {further * FAR * cores / 3600:.0f} core hours."
    )


if __name__ == "__main__":
    main()
