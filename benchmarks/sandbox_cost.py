"""What the sandbox adds to the cost of a submission: the same checks, through the same pytest
plugin, with and without it.

Without: the server that runs student code in a box runs in the grader's own process instead, as in
many tests, and values still go through the wire's encoder. With: zygote, one locked box a
submission, sockets. Both grade the same submission, the reference, in turn, in this run. CPU is
that of the grader and of all its descendants. What a batch shares, the start of a zygote first of
all, is measured by an empty batch. `floor.py` measures grading without the encoder, too.

    python -m benchmarks.sandbox_cost [--rounds 5] [--batch 16]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
from collections.abc import Callable, Sequence
from unittest import mock

from benchmarks.measuring import Cost, spent, with_one_blas_thread
from cs231n_utils.exercises import MAX_SCORE
from grader.grading import pool
from grader.intake.submission import Submission
from grader.kit import sample_class
from tests.support import local_student

SECRET = "the same for all"


def sandboxed(submissions: Sequence[Submission]) -> list:
    return pool.grade_batch(submissions, SECRET)


def without_sandbox(submissions: Sequence[Submission]) -> list:
    """Grade with a Zygote that starts no process."""
    with mock.patch.object(pool, "Zygote", local_student.LocalZygote):
        return pool.grade_batch(submissions, SECRET)


WAYS: dict[str, Callable[[Sequence[Submission]], list]] = {
    "no isolation": without_sandbox,
    "sandbox": sandboxed,
}


def measure(
    grade: Callable[[Sequence[Submission]], list], submissions: Sequence[Submission]
) -> Cost:
    """What grading these costs, all of which must have all points."""
    before = spent()
    reports = grade(submissions)
    cost = spent() - before
    scores = {report.score for report in reports}
    if len(reports) != len(submissions) or scores - {MAX_SCORE}:
        raise SystemExit(
            f"{len(reports)} reports with scores {sorted(scores)}; expected {len(submissions)} with"
            f" {MAX_SCORE}."
        )
    return cost


def main() -> None:
    parser = argparse.ArgumentParser(
        description="What the sandbox adds to the cost of a submission."
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=5,
        metavar="N",
        help="how often each way (default: %(default)s)",
    )
    parser.add_argument(
        "--batch",
        type=int,
        default=16,
        metavar="N",
        help="submissions a session (default: %(default)s)",
    )
    options = parser.parse_args()
    files = sample_class.reference_files()
    batch = [Submission(f"student{k}", files) for k in range(options.batch)]
    rows: dict[str, list[list[float]]] = {name: [] for name in WAYS}
    with open(os.devnull, "w") as null, contextlib.redirect_stdout(null):
        for grade in WAYS.values():
            measure(grade, batch[:1])  # what is loaded and made once a process
        for _ in range(options.rounds):
            for name, grade in WAYS.items():
                session, all_of_them = measure(grade, []), measure(grade, batch)
                each = (all_of_them - session) / len(batch)
                figures = (
                    session.cpu,
                    session.wall,
                    each.cpu,
                    each.wall,
                    all_of_them.cpu / len(batch),
                )
                rows[name].append([1000 * figure for figure in figures])
    medians = {
        name: [statistics.median(column) for column in zip(*row, strict=True)]
        for name, row in rows.items()
    }
    floor = medians["no isolation"]
    print(
        f"Medians of {options.rounds} rounds of {len(batch)} submissions, in milliseconds; ratios"
        " of CPU to no isolation"
    )
    print(f"{'':28}{'a session':>20}{'a submission':>20}{'':8}{'with its share':>20}")
    print(f"{'':28}" + f"{'CPU':>10}{'wall':>10}" * 2 + f"{'ratio':>8}{'CPU':>12}{'ratio':>8}")
    for name, (session_cpu, session_wall, cpu, wall, shared) in medians.items():
        print(
            f"{name:28}{session_cpu:10.0f}{session_wall:10.0f}{cpu:10.1f}{wall:10.1f}"
            f"{cpu / floor[2]:8.2f}{shared:12.1f}{shared / floor[4]:8.2f}"
        )


if __name__ == "__main__":
    with_one_blas_thread()
    main()
