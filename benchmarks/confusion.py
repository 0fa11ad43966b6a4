"""Are known mistakes named rightly? Each meets the hidden checks, on many random problems.

Each mistake is handed in by a student of its own, in place of the reference's function. Its failed
checks must name it, or a mistake with the same hint, or nothing; naming another one is an error.
The same holds for pairs, the loss of one mistake with the gradient of another. For right solutions,
written in many ways, a hint is looked for at every check, as if it had failed.

    python -m benchmarks.confusion [--problems 50]
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any
from unittest import mock

import numpy as np

from cs231n_utils.exercises import EXERCISES
from grader.diagnosis import hints
from grader.intake.submission import Submission
from tests.support import local_student, named

LOSSES = ("svm_loss_naive", "svm_loss_vectorized", "softmax_loss_naive", "softmax_loss_vectorized")


def all_wrong(number: int) -> Submission:
    """Every exercise has one known mistake."""
    entries = [hints.bank(exercise)[number % len(hints.bank(exercise))] for exercise in EXERCISES]
    files = {
        entry.exercise: entry.wrong for entry in entries if not entry.exercise.endswith(".npz")
    }
    return local_student.solution(
        f"all wrong {number}", files, local_student.mistaken(entries[-1]).files["best_model.npz"]
    )


def cpu_seconds_of_hints(submissions: Sequence[Submission]) -> list[float]:
    """CPU seconds of each search for a hint while these were graded."""
    seconds: list[float] = []
    explain = hints.explain

    def timed(*args: Any) -> hints.Explanation | None:
        start = time.process_time()
        try:
            return explain(*args)
        finally:
            seconds.append(time.process_time() - start)

    with mock.patch.object(hints, "explain", timed):
        local_student.grade_locally(submissions)
    return seconds


def _row(label: str, entries: int, counts: Counter[str]) -> None:
    print(f"{label:28}{entries:10}" + "".join(f"{counts[name]:15}" for name in named.OUTCOMES))


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Are known mistakes named as what they are, and right solutions left alone?"
    )
    parser.add_argument(
        "--problems",
        type=int,
        default=50,
        metavar="N",
        help="random problems for each (default: %(default)s)",
    )
    secrets = [f"secret {k}" for k in range(parser.parse_args().problems)]
    found = named.confusion(
        [entry for exercise in EXERCISES for entry in hints.bank(exercise)], secrets
    )
    print(f"{'':28}{'mistakes':>10}" + "".join(f"{name:>15}" for name in named.OUTCOMES))
    for exercise in EXERCISES:
        mine = [counts for (owner, _), counts in found.items() if owner == exercise]
        _row(exercise, len(mine), sum(mine, Counter()))
    _row("all", len(found), sum(found.values(), Counter()))
    times = max(1, len(secrets) // 10)  # there are many pairs
    for exercise in LOSSES:
        pairs = sum(
            (named.pairs_of(exercise, np.random.default_rng(seed)) for seed in range(times)),
            Counter[str](),
        )
        _row(f"pairs, {exercise}", pairs.total() // times, pairs)
    for outcome in ("silent", "another"):
        print(f"\nNamed as {outcome}:" if outcome == "another" else "\nSilent:")
        for (exercise, name), counts in found.items():
            if counts[outcome]:
                print(f"  {counts[outcome]} of {len(secrets)}: {exercise}: {name}")
    looked, said = named.hints_for_right_solutions(secrets)
    print(
        f"\nRight solutions: {named.NUMBER_OF_RIGHT}, {looked} checks, {len(said)} with a hint.",
        *said,
        sep="\n  ",
    )
    print(
        f"\n{'CPU time of the hints':28}{'looked for':>12}{'ms each':>10}{'longest':>10}"
        f"{'ms a submission':>18}"
    )
    for label, submissions in (
        ("reference", [local_student.solution(f"right {k}") for k in range(20)]),
        ("all exercises wrong", [all_wrong(k) for k in range(20)]),
    ):
        seconds = cpu_seconds_of_hints(submissions)
        print(
            f"{label:28}{len(seconds):12}{1e3 * sum(seconds) / max(1, len(seconds)):10.2f}"
            f"{1e3 * max(seconds, default=0):10.2f}"
            f"{1e3 * sum(seconds) / len(submissions):18.2f}"
        )


if __name__ == "__main__":
    main()
