"""Does the fast path give the same reports as plain pytest, for all of `tests/submissions/`?

Plain is pytest's own protocol, with a session and a sandbox for each submission, and a new box for
each exercise. Fast is how `grade` grades. Limits on time are short, so that cases that never end
take a second. A case that differs is graded once more in the fast way, which tells a case whose
report changes from run to run from a difference between the two ways.

    python -m benchmarks.fast_path [--processes 2] [CASE ...]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.measuring import with_one_blas_thread
from grader.intake.submission import Submission
from grader.kit import release
from grader.sandbox import connection
from tests.grading import test_fast_path
from tests.support import attack_cases
from tests.support.downloads import taken

CHUNK = 10  # submissions a task


def compare(some: Sequence[Submission]) -> list[tuple[str, bool, bool]]:
    """(student, the same, the same from run to run) for each."""
    connection.CPU_LIMIT, connection.WALL_LIMIT = 0.5, 3.0
    rows = []
    for one, fast in zip(
        some, test_fast_path.grade_batch(some, test_fast_path.SECRET), strict=True
    ):
        same = fast == test_fast_path.plain(one)
        steady = same or [fast] == test_fast_path.grade_batch([one], test_fast_path.SECRET)
        rows.append((one.student, same, steady))
    return rows


def corpus(folder: Path, names: Sequence[str]) -> list[Submission]:
    kit = {
        name: content
        for name, content in release.kit_files().items()
        if not name.startswith("datasets/")
    }
    folder.mkdir()
    for case in attack_cases.load_cases():
        if not names or case.name in names:
            attack_cases.write(case, folder, kit)
    return taken(folder)


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Whether the fast path reports what the plain one reports."
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=2,
        metavar="N",
        help="processes side by side (default: %(default)s)",
    )
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", help="names of the corpus (default: all)"
    )
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="fast-path-") as scratch,
        ProcessPoolExecutor(options.processes) as pool,
    ):
        all_of_them = corpus(Path(scratch) / "submitted", options.cases)
        chunks = [all_of_them[start : start + CHUNK] for start in range(0, len(all_of_them), CHUNK)]
        rows = [row for rows in pool.map(compare, chunks) for row in rows]
    for student, same, steady in rows:
        if not same:
            print(f"{student}: other reports{'' if steady else ', and others from run to run'}")
    print(
        f"{len(rows)} submissions: {sum(same for _, same, _ in rows)} with the same report both"
        " ways."
    )
    if not all(same for _, same, _ in rows):
        raise SystemExit(1)


if __name__ == "__main__":
    with_one_blas_thread()
    main()
