"""The figures of README and docs/scaling.md, as one table: start-up, what students wait for, what a
submission costs, and a rerun where nothing changed.

All in one run, with the machine and its load above the table, in Markdown. It takes a few minutes.
Each figure is measured by the module that is named for it, which tells more.

    python -m benchmarks.figures [--class 200] [--runs 5]
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import floor, start_up, students_wait
from benchmarks.measuring import Cost, grade_command, hand_in, run, with_one_blas_thread
from cs231n_utils.exercises import EXERCISES
from grader.intake.submission import Submission
from grader.kit import sample_class
from grader.paths import COURSE
from grader.sandbox.launch import find_level

BATCH = 32  # submissions by which the floor is measured
Row = tuple[str, str, str]  # what, seconds of wall time, CPU seconds


def machine() -> str:
    """The processor, Python and NumPy, and the level of the sandbox."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores of {model}, Python {platform.python_version()}, NumPy {np.__version__},"
        f" sandbox level {find_level()[0]}"
    )


def load() -> str:
    """How many processes wanted to run, on average of the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def starts(runs: int) -> Iterator[Row]:
    for name, cost in start_up.medians(runs).items():
        yield f"`python -m grader` {name}", f"{cost.wall:.2f}", f"{cost.cpu:.2f}"


def checks(runs: int) -> Iterator[Row]:
    with students_wait.solved_kit() as kit:
        right = students_wait.in_notebooks(kit, runs, list(EXERCISES))
        wrong = students_wait.in_notebooks(kit, 1, students_wait.make_mistakes(kit))
    yield "`check(…)`, the first in a notebook", f"{statistics.median(right.first):.2f}", ""
    for what, waits in (("again", right), ("again, with a mistake", wrong)):
        medians = waits.medians()
        slowest = max(medians, key=lambda name: medians[name])
        middle = statistics.median(medians.values())
        yield f"`check(…)` {what}, of all exercises", f"{middle:.2f}", ""
        yield f"`check(…)` {what}, the slowest: {slowest}", f"{medians[slowest]:.2f}", ""


def submissions(count: int, runs: int) -> Iterator[Row]:
    """What a submission costs: in a class of `count`, in the command with one process, and by the
    checks alone.
    """
    with tempfile.TemporaryDirectory(prefix="figures-") as scratch:
        submitted, out = Path(scratch, "submitted"), Path(scratch, "out")
        hand_in(count, submitted)
        whole = run(grade_command(submitted, out), COURSE)
        each = whole / count
        yield f"`grade`, a class of {count}", f"{whole.wall:.1f}", f"{whole.cpu:.1f}"
        yield "a submission in it, with the start-up", f"{each.wall:.3f}", f"{each.cpu:.3f}"
        again = run(grade_command(submitted, out), COURSE)
        yield f"`grade`, nothing changed in {count}", f"{again.wall:.2f}", f"{again.cpu:.2f}"
        files = sample_class.reference_files()
        batch = [Submission(f"student{k}", files) for k in range(BATCH)]
        floor.checks(batch[:2])  # what is loaded and made once a process
        rounds = [_further_and_floor(batch, Path(scratch, "few")) for _ in range(runs)]
    further, alone = (
        Cost(
            statistics.median(cost.wall for cost in each),
            statistics.median(cost.cpu for cost in each),
        )
        for each in zip(*rounds, strict=True)
    )
    yield "each further submission, one process", f"{further.wall:.3f}", f"{further.cpu:.3f}"
    yield "the floor: its checks by plain calls", f"{alone.wall:.3f}", f"{alone.cpu:.3f}"
    yield "times the floor", f"{further.wall / alone.wall:.1f}", f"{further.cpu / alone.cpu:.1f}"


def _further_and_floor(batch: list[Submission], folder: Path) -> tuple[Cost, Cost]:
    folder.mkdir(exist_ok=True)
    many, few = floor.command(folder, floor.FEW + len(batch)), floor.command(folder, floor.FEW)
    return (many - few) / len(batch), floor.checks(batch) / len(batch)


def main() -> None:
    parser = argparse.ArgumentParser(description="The figures of README and docs, as one table.")
    parser.add_argument(
        "--class",
        dest="size",
        type=int,
        default=200,
        metavar="N",
        help="submissions in the class (default: %(default)s)",
    )
    parser.add_argument(
        "--runs",
        type=int,
        default=5,
        metavar="N",
        help="how often what is short is measured (default: %(default)s)",
    )
    options = parser.parse_args()
    before = load()
    rows = [
        *starts(2 * options.runs),
        *checks(max(1, options.runs // 2)),
        *submissions(options.size, options.runs),
    ]
    print(f"{machine()}; load {before} at the start and {load()} at the end.\n")
    print("| | seconds | CPU seconds |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    with_one_blas_thread()
    main()
