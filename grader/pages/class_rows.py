"""What the class page needs of each student's report, read from a folder of results.

A damaged report is listed, and the others are read all the same.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cs231n_utils.exercises import EXERCISES
from grader.faults import WrongUsage
from grader.paths import REPORT
from grader.report import Check, ExerciseReport, Kind, Report, Verdict, folder_of

OUTCOMES = ("full", "part", "none", "not judged")  # of an exercise
# What a submission may do wrong as a program, in the words of the class page.
FAULTS: dict[Kind, str] = {
    Kind.ENDLESS: "does not end",
    Kind.ENDED: "ends or crashes Python",
    Kind.OUT_OF_MEMORY: "asks for too much memory",
    Kind.NOT_PYTHON: "cannot be read as Python",
    Kind.MISSING_FILE: "is missing a file",
}
_WANTED = (
    "Expected the folder that `python -m grader grade DOWNLOAD --out DIR` has written:"
    " DIR/<student>/report.json."
)


class ResultsNotFound(WrongUsage):
    """The folder holds no report that can be read; the text says what to do."""


@dataclass(frozen=True)
class Fault:
    """A check that a submission fails as a program.

    kind : one of the values of FAULTS
    message : what the student reads
    """

    kind: str
    exercise: str
    message: str


@dataclass(frozen=True)
class Unjudged:
    """A check that waits for staff; `detail` says why."""

    student: str
    exercise: str
    title: str
    detail: str


@dataclass(frozen=True)
class Row:
    """One student on the class page. The whole reports of a large class would not fit into memory.

    outcomes : exercise -> one of OUTCOMES, for the exercises that were graded
    points : exercise -> points, for the same exercises
    slowest : the exercise that took longest, and its wall-clock seconds; None if none was graded
    held : wall-clock seconds that the submission took in a grading process, in all passes
    mistakes : (exercise, name) of each known mistake that explains a failed check
    """

    student: str
    level: str
    score: float
    max_score: float
    outcomes: Mapping[str, str]
    points: Mapping[str, float]
    slowest: tuple[str, float] | None
    held: float
    mistakes: frozenset[tuple[str, str]]
    faults: tuple[Fault, ...]
    unjudged: tuple[Unjudged, ...]


@dataclass(frozen=True)
class Damaged:
    """A report that cannot be read."""

    path: str
    reason: str


def read(folder: Path, known: Mapping[str, Row] | None = None) -> tuple[list[Row], list[Damaged]]:
    """The rows of all reports in a folder, in alphabetical order of the students.

    known : folder -> row, of students whose report was written just now and need not be read

    Raises ResultsNotFound if no report can be read.
    """
    if not folder.is_dir():
        found = "is a file" if folder.exists() else "does not exist"
        raise ResultsNotFound(f"{folder} {found}. {_WANTED} Give that folder.")
    known = known or {}
    rows, damaged = list(known.values()), []
    for home in others(folder, known.__contains__):
        one = read_one(folder, home)
        if isinstance(one, Damaged):
            damaged.append(one)
        else:
            rows.append(one)
    if not rows:
        raise none_to_read(folder, damaged)
    return sorted(rows, key=lambda row: row.student), damaged


def none_to_read(folder: Path, damaged: Sequence[Damaged]) -> ResultsNotFound:
    """The fault of a folder that has no other reports than damaged ones."""
    if not damaged:
        return ResultsNotFound(f"No reports in {folder}. {_WANTED} Grade first.")
    return ResultsNotFound(
        f"None of the {len(damaged)} reports in {folder} can be read; {damaged[0].path} "
        f"{damaged[0].reason}. Grade again."
    )


def others(folder: Path, is_known: Callable[[str], bool]) -> list[str]:
    """The folders in a folder of results that have a report and are not known, sorted."""
    with os.scandir(folder) as found:
        return sorted(
            home.name
            for home in found
            if not is_known(home.name) and os.path.lexists(f"{home.path}/{REPORT}")
        )


def read_one(folder: Path, home: str) -> Row | Damaged:
    """The row of the report in one of the folders."""
    try:
        return row(home, _sound(folder / home / REPORT))
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
    except (ValueError, RecursionError) as error:
        reason = f"is no report: {error}"
    except (LookupError, TypeError, AttributeError) as error:
        reason = f"is no report of this version of the grader: {type(error).__name__} {error}"
    return Damaged(f"{home}/{REPORT}", reason)


def _sound(path: Path) -> Report:
    """The report in a file, if it can be one."""
    report = Report.from_dict(json.loads(path.read_text(encoding="utf-8")))
    _expect_sound(report)
    return report


def is_sound(report: Report) -> bool:
    """Whether a report that was read from a file can be one."""
    try:
        _expect_sound(report)
    except (ValueError, TypeError):
        return False
    return True


def _expect_sound(report: Report) -> None:
    if not all(isinstance(text, str) for text in (report.student, report.level)):
        raise TypeError("student and level must be texts")
    if not 0 <= report.seconds < math.inf:
        raise ValueError(f"it took {report.seconds!r} seconds")
    for exercise in report.exercises:
        if exercise.name not in EXERCISES:
            raise ValueError(f"the course has no exercise {exercise.name!r}")
        if not 0 <= exercise.seconds < math.inf:
            raise ValueError(f"{exercise.name} took {exercise.seconds!r} seconds")
        for check in exercise.checks:
            _expect_sound_check(exercise, check)


def _expect_sound_check(exercise: ExerciseReport, check: Check) -> None:
    # A share of points is rounded; NaN fails, too.
    if not 0 <= check.points <= check.max_points + 0.01 < math.inf:
        raise ValueError(
            f"{exercise.name} has {check.points!r} of {check.max_points!r} points for"
            f" {check.name!r}"
        )
    texts = [check.title, check.mistake]
    if check.failure:
        failure = check.failure
        texts += [failure.exercise, failure.subject, failure.finding, failure.hint, failure.detail]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(
            f"title, message, detail and mistake of a check of {exercise.name} must be texts"
        )


def row(home: str, report: Report) -> Row:
    """What the class page needs of the report in the folder `home`.

    Raises ValueError if the folder is not that of the report's student.
    """
    if folder_of(report.student) != home:  # a copied folder would count a student twice
        raise ValueError(f"it is the report of {report.student!r}, whose folder has another name")
    failed = [
        (exercise, check)
        for exercise in report.exercises
        for check in exercise.checks
        if check.verdict is Verdict.FAILED
    ]
    return Row(
        report.student,
        report.level,
        report.score,
        report.max_score,
        {exercise.name: outcome(exercise) for exercise in report.exercises},
        {exercise.name: exercise.points for exercise in report.exercises},
        max(
            ((exercise.name, exercise.seconds) for exercise in report.exercises),
            key=lambda item: item[1],
            default=None,
        ),
        # Reports of earlier versions have no total.
        report.seconds or sum(exercise.seconds for exercise in report.exercises),
        frozenset((exercise.name, check.mistake) for exercise, check in failed if check.mistake),
        tuple(
            Fault(FAULTS[check.failure.kind], exercise.name, check.message)
            for exercise, check in failed
            if check.failure and check.failure.kind in FAULTS
        ),
        tuple(
            Unjudged(report.student, exercise.name, check.title, check.detail)
            for exercise in report.exercises
            for check in exercise.checks
            if check.verdict is Verdict.NOT_JUDGED
        ),
    )


def outcome(exercise: ExerciseReport) -> str:
    """One of OUTCOMES."""
    if not exercise.judged:
        return "not judged"
    if exercise.points >= exercise.max_points - 1e-9:
        return "full"
    return "part" if exercise.points > 0 else "none"
