"""What grading one submission found: frozen data, scoring, and its JSON form. No I/O, imports nothing of ours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import Enum


class Verdict(str, Enum):
    """The three outcomes of a check."""

    PASSED = "passed"
    FAILED = "failed"  # the student's fault; the message says what to look at
    NOT_JUDGED = "not_judged"  # our fault; never costs points, and staff look at it

    @property
    def label(self) -> str:
        """The word that students read."""
        return {"passed": "passed", "failed": "not yet", "not_judged": "not judged"}[self.value]


_OURS = ("gradebook.db", "grades.", "index.html")  # how the names of what else stands in the folder of results begin
_MAX_FOLDER = 255  # bytes of a name that file systems take


def folder_of(student: str) -> str:
    """The name of the folder of a student's results: theirs, or a digest of it where it is too long, or a name of ours."""
    name = student.encode(errors="backslashreplace")
    if len(name) > _MAX_FOLDER or student.startswith(_OURS):
        return f"student-{hashlib.sha256(name).hexdigest()[:16]}"
    return student


@dataclass(frozen=True)
class Check:
    """One property of one exercise.

    name : identifier, such as "penalty_gradient"
    title : the sentence a student reads
    points, max_points : earned and possible; a failed check may keep part of its points
    message : what a student reads when it is not passed
    detail : what staff read when it could not be judged; never shown to students
    seed : the seed of the check's random inputs, enough to repeat it
    mistake : the name of the known mistake that explains the failure, for the class view; "" where none does
    """

    name: str
    title: str
    verdict: Verdict
    points: float
    max_points: float
    message: str = ""
    seed: int = 0
    detail: str = ""
    mistake: str = ""


@dataclass(frozen=True)
class ExerciseReport:
    """All checks of one exercise, in order.

    key : stands for all that decided it, files and checks; another one means that it must be graded again
    """

    name: str
    notebook: str
    checks: tuple[Check, ...]
    key: str = ""

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> float:
        return sum(check.max_points for check in self.checks)

    @property
    def judged(self) -> bool:
        """False when a check could not be judged: the points are then a lower bound, and not final."""
        return all(check.verdict is not Verdict.NOT_JUDGED for check in self.checks)


@dataclass(frozen=True)
class Report:
    """The result of one submission.

    level : sandbox level the checks ran at ("A"; "" where nothing ran)
    notes : sentences for the student about the submission as a whole, such as ignored files
    """

    student: str
    level: str
    exercises: tuple[ExerciseReport, ...]
    notes: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def max_score(self) -> float:
        return sum(exercise.max_points for exercise in self.exercises)

    @property
    def status(self) -> str:
        """"graded", or "not_judged" when some check waits for staff."""
        return "graded" if all(exercise.judged for exercise in self.exercises) else "not_judged"

    def exercise(self, name: str) -> ExerciseReport:
        return next(exercise for exercise in self.exercises if exercise.name == name)

    def points_only(self) -> Report:
        """The same with one check an exercise and no text: what a table of 10,000 students can hold."""
        return replace(self, notes=(), exercises=tuple(
            replace(exercise, key="", checks=(Check("all", "", Verdict.PASSED if exercise.judged else Verdict.NOT_JUDGED,
                                                    exercise.points, exercise.max_points),))
            for exercise in self.exercises))

    def to_dict(self) -> dict:
        """Plain data for JSON, with the derived figures beside the stored ones."""
        exercises = [{**vars(exercise), "checks": [{**vars(check), "verdict": check.verdict.value} for check in exercise.checks],
                      "points": exercise.points, "max_points": exercise.max_points} for exercise in self.exercises]
        return {**vars(self), "exercises": exercises, "score": self.score, "max_score": self.max_score, "status": self.status}

    @staticmethod
    def from_dict(data: dict) -> Report:
        """The inverse of `to_dict`."""
        exercises = tuple(
            ExerciseReport(entry["name"], entry["notebook"], tuple(
                Check(**{**plain, "verdict": Verdict(plain["verdict"])}) for plain in entry["checks"]), entry.get("key", ""))
            for entry in data["exercises"])
        return Report(data["student"], data["level"], exercises, tuple(data["notes"]))



def format_points(points: float) -> str:
    """Points as people write them, without float noise: 3, 2.5, 2.33."""
    return f"{points:.2f}".rstrip("0").rstrip(".")
