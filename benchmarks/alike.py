"""Does `alike` find copies, does it list others, and how long does it take?

The class is made up (`tests/support/alike_class.py`): honest students write one of the solutions
that the repository has, right and wrong ones, in each exercise; copiers rename, reorder and lay out
anew what another one wrote, with other comments and some other loops. In the second way, honest
students write each solution word by word, so that many share a form; in the third, copiers take
the five longest exercises only. Then the time of the whole command, for a class of 1,000 zips.

    python -m benchmarks.alike [--students 200] [--copies 5] [--seeds 3] [--large 1000]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import zipfile
from pathlib import Path

from benchmarks.measuring import run
from cs231n_utils.exercises import ASSIGNMENT
from grader.paths import ALIKE_TABLE, COURSE
from grader.results import alike, functions
from tests.support.alike_class import Class, made_up_class

LONGEST = (
    "eval_numerical_gradient",
    "svm_loss_naive",
    "svm_loss_vectorized",
    "softmax_loss_naive",
    "softmax_loss_vectorized",
)
WAYS: dict[str, dict] = {
    "in their own words": {},
    "word by word": {"own_words": False},
    "five exercises copied": {"only": LONGEST},
}


def main() -> None:
    parser = argparse.ArgumentParser(description="What `alike` finds, and how long it takes.")
    parser.add_argument("--students", type=int, default=200, metavar="N")
    parser.add_argument("--copies", type=int, default=5, metavar="N")
    parser.add_argument("--seeds", type=int, default=3, metavar="N")
    parser.add_argument("--large", type=int, default=1_000, metavar="N", help="0: no timing")
    arguments = parser.parse_args()
    for way, options in WAYS.items():
        for seed in range(arguments.seeds):
            students, copied = made_up_class(
                arguments.students, arguments.copies, seed=seed, **options
            )
            found = alike.compare({name: functions.find(files) for name, files in students.items()})
            listed = {frozenset((pair.one, pair.other)) for pair in found.pairs}
            print(
                f"{way}, seed {seed}: {len(listed & copied)} of {len(copied)} copies,"
                f" {len(listed - copied)} others; scores"
                f" {', '.join(f'{pair.score:.0f}' for pair in found.pairs)}"
            )
    if arguments.large:
        measure(made_up_class(arguments.large, arguments.copies)[0])


def measure(students: Class) -> None:
    """Print what the command costs for a class of zips."""
    with tempfile.TemporaryDirectory() as folder:
        submitted, out = Path(folder, "submitted"), Path(folder, "out")
        submitted.mkdir()
        for student, files in students.items():
            with zipfile.ZipFile(submitted / f"{student}.zip", "w") as archive:
                for name, content in files.items():
                    archive.writestr(f"{ASSIGNMENT}/{name}", content)
        command = [sys.executable, "-m", "grader", "alike", str(submitted), "--out", str(out)]
        cost = run(command, COURSE)
        pairs = len((out / ALIKE_TABLE).read_text(encoding="utf-8").splitlines()) - 1
    print(
        f"{len(students)} zips: {cost.wall:.1f} s, {cost.cpu:.1f} CPU s; {pairs} pairs are listed."
    )


if __name__ == "__main__":
    main()
