"""The command `grade` without the work of grading: what the command itself costs, and how many
submissions it can keep up with.

All else is real: reading, processes, gradebook, files, tables. A process grades the reference once,
and takes points off in some hundred ways: each is the report and the files of many students, with
another name.

    python -m benchmarks.stubbed grade DOWNLOAD --out DIR ...
"""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.__main__ import main
from grader.course.final import final_of
from grader.grading import pool
from grader.grading.handling import Changed, Finished, Handling
from grader.grading.pool import Job
from grader.kit import sample_class
from grader.report import Failure, Kind, Report, Verdict
from grader.results import cache, store
from grader.results.summaries import contents

WAYS = 500  # in which points are taken off


@dataclass(frozen=True)
class _Made:
    """The results of the first student with some points, and the contents of the two files."""

    finished: Finished
    page: bytes
    text: bytes


_graded: list[Report] = []  # the one that is graded
_made: dict[int, _Made] = {}  # by the way in which points are taken off


def handle(
    job: Job, secret: str, exercises: Sequence[str], level: str, handling: Handling
) -> tuple[list[Any], list[Job]]:
    """Stands in for `pool._handle`, in a pool process."""
    done: list[Any] = []
    for one in map(handling.read, job.submissions):
        if not isinstance(one, Changed):
            done.append(one)
            continue
        if not _graded:
            reference = replace(one, files=sample_class.reference_files())
            _graded.append(pool.grade_one(reference, exercises))
        way = zlib.crc32(one.student.encode()) % WAYS
        if way not in _made:
            report = replace(_graded[0], student=one.student)
            finished = handling.finish(one, _with_other_points(report, way))
            page, text = (Path(path).read_bytes() for path in store.files_of(finished.staged))
            _made[way] = _Made(finished, page, text)
        done.append(_as_if(_made[way], one, handling.staging))
    return done, []


def _with_other_points(report: Report, way: int) -> Report:
    """A report in which each exercise has passed half of its checks, on average."""
    draw = random.Random(way)
    failure = Failure(Kind.WRONG, finding="It is wrong for the sake of other points.")
    return replace(
        report,
        exercises=tuple(
            replace(
                exercise,
                checks=tuple(
                    check
                    if draw.random() < 0.5
                    else replace(check, verdict=Verdict.FAILED, points=0.0, failure=failure)
                    for check in exercise.checks
                ),
            )
            for exercise in report.exercises
        ),
    )


def _as_if(made: _Made, one: Changed, staging: Path) -> Finished:
    """The results of one student as those of another; the course has no rules of its own."""
    student, before = one.student.encode(), made.finished.student.encode()
    report, _ = contents(one.student, made.finished.summary.content)
    page, text = made.page.replace(before, student), made.text.replace(before, student)
    return replace(
        made.finished,
        student=one.student,
        hand_ins=one.hand_ins,
        of_files=one.of_files,
        drawn_for=cache.page_key(final_of(report, one.hand_ins[0], one.marks)),
        staged=store.stage(staging, page, text),
    )


if __name__ == "__main__":
    pool._handle = handle  # type: ignore[assignment]
    sys.exit(main())
