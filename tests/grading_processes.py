"""What stands in for grading in the processes of the pool: some students' submissions end the process."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from grader.report import Report
from grader.submission import Submission


def grade_batch(submissions: list[Submission], secret: str, exercises: object, levels: tuple[str, ...]) -> list[Report]:
    """Kills its process for "always"; for "once", the first time; raises for "raises". The secret names a folder for marks."""
    for one in submissions:
        mark = Path(secret, one.student)
        if one.student == "always" or (one.student == "once" and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if one.student == "raises":
            raise RuntimeError("a fault of ours")
    return [Report(one.student, levels[0], ()) for one in submissions]
