"""A copy of the course to run nbgrader in, and reports made up without running any check."""

import shutil
import subprocess
import sys
from pathlib import Path

from cs231n_utils.exercises import EXERCISES
from grader.pages.student_page import student_page
from grader.paths import COURSE
from grader.report import Check, ExerciseReport, Failure, Kind, Report, Verdict
from grader.results import store

_PARTS = (
    ".devcontainer",
    "nbgrader_config.py",
    "requirements.txt",
    "get_datasets.sh",
    "notebooks",
    "cs231n_utils",
    "datasets",
)


def copy_course(to: Path, grader: bool = False) -> Path:
    """The parts of the repository that nbgrader and `release` read, in a folder of their own; with
    the grader itself, if asked for.
    """
    for name in (*_PARTS, "grader") if grader else _PARTS:
        if (COURSE / name).is_dir():
            shutil.copytree(
                COURSE / name, to / name, ignore=shutil.ignore_patterns("__pycache__", "cifar-10*")
            )
        else:
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(COURSE / name, to / name)
    return to


def own_gradebook(out: Path) -> tuple[str, str]:
    """Options of `grade` and `report`: the gradebook lies in the folder of results, and not where
    nbgrader_config.py says.
    """
    return "--db", f"sqlite:///{out}/gradebook.db"


def write_student(folder: Path, report: Report) -> None:
    """Write the files of a student as grading does."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    page, text = student_page(report).encode(), store.text_of(report).encode()
    with store.staging(folder) as staging:
        store.write_student(folder, report.student, store.stage(staging, page, text))


def made_up_report(
    student: str,
    share: float = 1.0,
    not_judged: tuple[str, ...] = (),
    message: str = "Try X.T.",
    exercises: tuple[str, ...] = tuple(EXERCISES),
    notes: tuple[str, ...] = (),
) -> Report:
    """Two checks for each exercise: the first passes, the second earns a share of its points or was
    not judged.
    """

    failure = Failure(Kind.WRONG, finding=message)

    def checks(name: str) -> tuple[Check, ...]:
        half = EXERCISES[name].points / 2
        if name in not_judged:
            second = Check(
                "second",
                "The second half is right.",
                Verdict.NOT_JUDGED,
                0.0,
                half,
                Failure.not_judged("A box died."),
            )
        elif share == 1.0:
            second = Check("second", "The second half is right.", Verdict.PASSED, half, half)
        else:
            second = Check(
                "second", "The second half is right.", Verdict.FAILED, share * half, half, failure
            )
        return Check("first", "The first half is right.", Verdict.PASSED, half, half), second

    return Report(
        student,
        "A",
        tuple(ExerciseReport(name, EXERCISES[name].notebook, checks(name)) for name in exercises),
        notes,
    )


def python_in(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a copy of the course, with its code and nothing of this environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=course,
        env={"PYTHONPATH": str(course), "PATH": "/usr/bin:/bin", "HOME": str(course)},
        capture_output=True,
        text=True,
        timeout=300,
    )
