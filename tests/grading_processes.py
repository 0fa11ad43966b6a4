"""What stands in for grading in the processes of the pool: some students' submissions end the process."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from grader.report import Report


def grade_paths(paths: list[Path], secret: str, exercises: object, level: str) -> list[Report]:
    """Kills its process for "always"; for "once", the first time; raises for "raises"."""
    names = [path.parent.name for path in paths]
    for path, name in zip(paths, names, strict=True):
        mark = path.parent / "tried"
        if name == "always" or (name == "once" and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "raises":
            raise RuntimeError("a fault of ours")
    return [Report(name, level, ()) for name in names]
