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
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from grader.__main__ import main
from grader.course.final import final_of
from grader.grading import pool
from grader.grading.finishing import Awaited, Finished
from grader.grading.pool import Job
from grader.kit import sample_class
from grader.report import Failure, Kind, Report, Verdict
from grader.results import cache
from grader.results.summaries import contents

WAYS = 500  # in which points are taken off

_graded: list[Report] = []  # the one that is graded
_finished: dict[int, Finished] = {}  # way -> the results of the first student with these points


def grade_and_finish(
    grade: object,
    job: Job,
    exercises: Sequence[str],
    finish: Callable[[Any, Report], Finished],
) -> tuple[list[Any], list[Job]]:
    """Stands in for `pool._grade_and_finish`, in a pool process."""
    done: list[Any] = []
    for one in job.submissions:
        if not _graded:
            reference = replace(one, files=sample_class.reference_files())
            _graded.append(pool.grade_one(reference, exercises))
        way = zlib.crc32(one.student.encode()) % WAYS
        if way not in _finished:
            report = replace(_graded[0], student=one.student)
            _finished[way] = finish(one, _with_other_points(report, way))
        done.append(_as_if(_finished[way], one))  # type: ignore[arg-type]
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


def _as_if(done: Finished, one: Awaited) -> Finished:
    """The results of one student as those of another; the course has no rules of its own."""
    student, before = one.student.encode(), done.student.encode()
    report, _ = contents(one.student, done.summary.content)
    return replace(
        done,
        student=one.student,
        drawn_for=cache.page_key(final_of(report, one.hand_in, one.marks)),
        page=done.page.replace(before, student),
        text=done.text.replace(before, student),
    )


if __name__ == "__main__":
    pool._grade_and_finish = grade_and_finish
    sys.exit(main())
