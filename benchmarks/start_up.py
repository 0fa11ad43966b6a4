"""How long commands take to start: --help, doctor, and grading one submission, anew and unchanged.

The submission is the reference solution. Each command runs a few times, in turn; figures are
medians. CPU seconds are those of all its processes, and say more on a machine that is busy.

    python -m benchmarks.start_up [--runs 10]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Cost, grade_command, hand_in, run
from grader.paths import COURSE

HELP, DOCTOR, ONE, AGAIN = "--help", "doctor", "grade, one submission", "grade, nothing changed"


def medians(runs: int) -> dict[str, Cost]:
    """Command -> its cost."""
    costs: dict[str, list[Cost]] = {name: [] for name in (HELP, DOCTOR, ONE, AGAIN)}
    with tempfile.TemporaryDirectory(prefix="start-") as scratch:
        submitted = Path(scratch, "submitted")
        hand_in(1, submitted)
        for k in range(-1, runs):
            grade = grade_command(submitted, Path(scratch, str(k)))
            grader = [sys.executable, "-m", "grader"]
            for name, command in {
                HELP: [*grader, "--help"],
                DOCTOR: [*grader, "doctor"],
                ONE: grade,
                AGAIN: grade,
            }.items():
                cost = run(command, COURSE)
                if k >= 0:  # the first of all finds nothing cached
                    costs[name].append(cost)
    return {
        name: Cost(
            statistics.median(cost.wall for cost in each),
            statistics.median(cost.cpu for cost in each),
        )
        for name, each in costs.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="How long commands take to start.")
    parser.add_argument(
        "--runs",
        type=int,
        default=10,
        metavar="N",
        help="how often each is measured (default: %(default)s)",
    )
    print(f"{'':28}{'wall s':>10}{'CPU s':>10}")
    for name, cost in medians(parser.parse_args().runs).items():
        print(f"{name:28}{cost.wall:10.2f}{cost.cpu:10.2f}")


if __name__ == "__main__":
    main()
