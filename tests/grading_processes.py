"""What stands in for grading in the processes of the pool: some students' submissions end the process."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from cs231n_utils.exercises import EXERCISES
from grader.report import ExerciseReport, Report
from grader.session import Patience
from grader.submission import Submission


def grade_batch(submissions: list[Submission], secret: str, exercises: list[str], levels: tuple[str, ...], patience: Patience,
                before: tuple[Report, ...]) -> list[Report]:
    """Kills its process for "always"; for "once", the first time; raises for "raises". The secret names a folder for marks.

    "slow" takes more than a first pass has time for, and has one exercise done by then.
    """
    for one in submissions:
        mark = Path(secret, one.student)
        if one.student == "always" or (one.student == "once" and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if one.student == "raises":
            raise RuntimeError("a fault of ours")
    found = tuple(ExerciseReport(name, EXERCISES[name].notebook, ()) for name in exercises)
    return [Report(one.student, levels[0], found[:1] if one.student == "slow" and not patience.final else found,
                   seconds=patience.seconds + sum(report.seconds for report in before)) for one in submissions]
