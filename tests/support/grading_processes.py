"""What stands in for grading in the processes of the pool: some students' submissions end the
process.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cs231n_utils.exercises import EXERCISES
from grader.checks.session import Patience
from grader.intake import reading
from grader.intake.submission import Submission
from grader.report import Check, ExerciseReport, Report, Verdict

_read = reading.read


def handle(*arguments: object) -> object:
    """Stands in for `pool._handle` in the grading processes, to grade as below."""
    from grader.grading import pool  # the real one: this runs in a process of its own

    pool.grade_batch = grade_batch
    reading.read = read
    return pool._handle(*arguments)


def read(student: str, *more: Any) -> reading.Reading:
    """Kills its process for "killed"; reads what the others handed in."""
    if student == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    return _read(student, *more)


def grade_batch(
    submissions: Sequence[Submission],
    secret: str,
    exercises: Sequence[str],
    levels: tuple[str, ...],
    patience: Patience,
    before: Sequence[Report],
) -> list[Report]:
    """Kills its process for "always"; for "once", the first time; raises for "raises". The others
    have all points.

    "slow" takes more than a first pass has time for, and has one exercise done by then. The secret
    names a folder for marks.
    """
    for one in submissions:
        mark = Path(secret, one.student)
        if one.student == "always" or (one.student == "once" and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if one.student == "raises":
            raise RuntimeError("a fault of ours")
    found = tuple(map(right, exercises))
    return [
        Report(
            one.student,
            levels[0],
            found[:1] if one.student == "slow" and not patience.final else found,
            seconds=patience.seconds + sum(report.seconds for report in before),
        )
        for one in submissions
    ]


def right(exercise: str) -> ExerciseReport:
    row = EXERCISES[exercise]
    return ExerciseReport(
        exercise,
        row.notebook,
        (Check("all", "All is right.", Verdict.PASSED, row.points, row.points),),
    )
