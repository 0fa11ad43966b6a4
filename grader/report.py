"""What grading one submission has found: frozen data, scoring, and its JSON form.

This file neither reads nor writes files. Of the grader it imports the kinds of failures only.
"""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from grader.faults import Kind

__all__ = [
    "MAX_MESSAGE",
    "Check",
    "ErrorMap",
    "ExerciseReport",
    "Failure",
    "Kind",
    "LossCurve",
    "Report",
    "Verdict",
    "folder_of",
    "format_points",
]


class Verdict(StrEnum):
    """The three possible results of a check."""

    PASSED = "passed"
    FAILED = "failed"  # the student's fault; the message says what to look at
    NOT_JUDGED = "not_judged"  # the grader's fault; costs no points, and staff look at it

    @property
    def label(self) -> str:
        """The words that students read."""
        return {"passed": "passed", "failed": "not yet", "not_judged": "not judged"}[self.value]


# Names of students that cannot be names of folders: the empty name; names of hidden files, as
# temporary files have them; names of files that grading writes beside the folders, or may write in
# a later version; names that look like a digest of `folder_of`; and what no file system takes.
_NOT_A_FOLDER = re.compile(
    r"|\..*|(gradebook\.db|grades\.|index\.html|class\.html).*|.*\.(csv|db|html|json|tmp)"
    r"|student-[0-9a-f]{64}|.*[/\0\ud800-\udfff].*",
    re.DOTALL | re.IGNORECASE,
)
_MAX_FOLDER = 255  # bytes of a name that file systems take
MAX_MESSAGE = 2_000  # characters of what a student or staff read about one check


def folder_of(student: str) -> str:
    """The name of the folder of a student's results: the student's name if possible, else a digest.

    Two students never share a folder: a name that looks like a digest is replaced by its own
    digest. (A file system that takes two spellings for one name, such as Ann and ann, is noticed
    when the results are written.)
    """
    name = student.encode(errors="surrogatepass")
    if len(name) > _MAX_FOLDER or _NOT_A_FOLDER.fullmatch(student):
        return f"student-{hashlib.sha256(name).hexdigest()}"
    return student


@dataclass(frozen=True)
class ErrorMap:
    """Where an array of a student's is wrong, and how; it holds none of the array's numbers.

    label : what the check calls the array, such as "dW"
    rows : one text for each row of the array, with one character for each entry: "." is right, "+"
        is too far from 0, "-" is too close to 0, "0" is 0 and should not be, "x" has the opposite
        sign. An array of one dimension is one row.
    """

    label: str
    rows: tuple[str, ...]


@dataclass(frozen=True)
class LossCurve:
    """The losses that the grader gave to a training or a descent, in order.

    losses : the first of them, or all
    calls : how many there were in all
    """

    losses: tuple[float, ...]
    calls: int


@dataclass(frozen=True)
class Failure:
    """Why a check is not passed. Code decides by `kind` and `subject`; all else is for people.

    exercise : the exercise with which the message begins; "" for a message about no exercise
    subject : the value that the finding is about, such as "dW"; "" if it is about no single value
    finding : what was found, in full sentences
    hint : what to look at; "" where that is not known
    detail : what staff read when a check could not be judged; never shown to students
    """

    kind: Kind
    exercise: str = ""
    subject: str = ""
    finding: str = ""
    hint: str = ""
    detail: str = ""

    @classmethod
    def not_tried(cls, title: str) -> Failure:
        """Of a check that builds on another one; `title` is the title of that one."""
        return cls(
            Kind.NOT_TRIED, finding=f"Not tried: it builds on “{title}”, which is not passed yet."
        )

    @classmethod
    def not_judged(cls, detail: str) -> Failure:
        """Of a check for which the grader failed."""
        return cls(
            Kind.NOT_JUDGED,
            finding="Not judged, and it costs you nothing: staff will look at it.",
            detail=detail,
        )

    @property
    def message(self) -> str:
        """What a student reads where exercise and hint do not stand apart."""
        where = f"{self.exercise}: " if self.exercise else ""
        what_to_do = f" {self.hint}" if self.hint else ""
        return f"{where}{self.finding}{what_to_do}"[:MAX_MESSAGE]


@dataclass(frozen=True)
class Check:
    """One property of one exercise.

    name : identifier, such as "penalty_gradient"
    title : the sentence that a student reads
    points, max_points : earned and possible points; a failed check may keep part of its points
    failure : why it is not passed; None if it is passed
    seed : the seed of the check's random inputs, with which it can be repeated
    mistake : the name of the known mistake that explains the failure, for the class page; "" where
        none does
    picture : what the feedback page draws beside the message
    """

    name: str
    title: str
    verdict: Verdict
    points: float
    max_points: float
    failure: Failure | None = None
    seed: int = 0
    mistake: str = ""
    picture: ErrorMap | LossCurve | None = None

    @property
    def tried(self) -> bool:
        """False if the check waits for another one, on which it builds."""
        return self.failure is None or self.failure.kind is not Kind.NOT_TRIED

    @property
    def message(self) -> str:
        """What a student reads when the check is not passed; "" if it is."""
        return self.failure.message if self.failure else ""

    @property
    def detail(self) -> str:
        """What staff read when the check could not be judged; "" otherwise."""
        return self.failure.detail if self.failure else ""


@dataclass(frozen=True)
class ExerciseReport:
    """All checks of one exercise, in order.

    key : a digest of all that decides the result, files and checks; when it differs, the exercise
        must be graded again
    seconds : wall-clock seconds of the grading pass that finished it. They differ from grading to
        grading, so two reports that differ only in them are equal.
    """

    name: str
    notebook: str
    checks: tuple[Check, ...]
    key: str = ""
    seconds: float = field(default=0.0, compare=False)

    @property
    def points(self) -> float:
        return sum([check.points for check in self.checks])

    @property
    def max_points(self) -> float:
        return sum([check.max_points for check in self.checks])

    @property
    def judged(self) -> bool:
        """False if a check could not be judged: the points are then a lower bound."""
        return Verdict.NOT_JUDGED not in [check.verdict for check in self.checks]


@dataclass(frozen=True)
class Report:
    """The result of one submission.

    level : sandbox level at which the checks ran, such as "A"; "" if nothing ran
    notes : sentences for the student about the submission as a whole, such as ignored files
    seconds : wall-clock seconds that the submission took in a grading process, in all passes
    versions : with what the student's code ran, such as "Python 3.11.7 and NumPy 2.4.6"; "" if
        nothing ran, or if an earlier version wrote the report
    """

    student: str
    level: str
    exercises: tuple[ExerciseReport, ...]
    notes: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)
    versions: str = ""

    @property
    def score(self) -> float:
        return sum([exercise.points for exercise in self.exercises])

    @property
    def max_score(self) -> float:
        return sum([exercise.max_points for exercise in self.exercises])

    @property
    def status(self) -> str:
        """ "graded", or "not_judged" when some check waits for staff."""
        return "graded" if all(exercise.judged for exercise in self.exercises) else "not_judged"

    def exercise(self, name: str) -> ExerciseReport:
        return next(exercise for exercise in self.exercises if exercise.name == name)

    def points_only(self) -> Report:
        """The report with one check for each exercise, no text, and the seconds in all only.

        So a table of 100,000 students fits into memory: equal exercises are one object.
        """
        return replace(
            self,
            notes=(),
            exercises=tuple(
                [
                    points_of_exercise(
                        one.name, one.notebook, one.points, one.max_points, one.judged
                    )
                    for one in self.exercises
                ]
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, with the derived figures beside the stored ones."""
        exercises = [
            {
                **vars(exercise),
                "checks": [_plain(check) for check in exercise.checks],
                "points": exercise.points,
                "max_points": exercise.max_points,
            }
            for exercise in self.exercises
        ]
        return {
            **vars(self),
            "exercises": exercises,
            "score": self.score,
            "max_score": self.max_score,
            "status": self.status,
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Report:
        """The inverse of `to_dict`."""
        exercises = tuple(
            ExerciseReport(
                entry["name"],
                entry["notebook"],
                tuple(map(_check, entry["checks"])),
                entry.get("key", ""),
                entry.get("seconds", 0.0),
            )
            for entry in data["exercises"]
        )
        return Report(
            data["student"],
            data["level"],
            exercises,
            tuple(data["notes"]),
            data.get("seconds", 0.0),
            data.get("versions", ""),
        )


@functools.cache
def points_of_exercise(
    name: str, notebook: str, points: float, max_points: float, judged: bool = True
) -> ExerciseReport:
    """An exercise with one check and no text."""
    verdict = Verdict.PASSED if judged else Verdict.NOT_JUDGED
    return ExerciseReport(name, notebook, (Check("all", "", verdict, points, max_points),))


def _plain(check: Check) -> dict[str, Any]:
    failure = check.failure
    return {
        **vars(check),
        "verdict": check.verdict.value,
        "message": check.message,
        "failure": failure and {**vars(failure), "kind": failure.kind.value},
        "picture": check.picture and vars(check.picture),
    }


def _check(plain: dict[str, Any]) -> Check:
    return Check(
        plain["name"],
        plain["title"],
        Verdict(plain["verdict"]),
        plain["points"],
        plain["max_points"],
        _failure(plain),
        plain.get("seed", 0),
        plain.get("mistake", ""),
        _picture(plain.get("picture")),
    )


def _failure(plain: dict[str, Any]) -> Failure | None:
    if "failure" not in plain:  # written by an earlier version, which kept the message alone
        message, detail = plain.get("message", ""), plain.get("detail", "")
        return Failure(Kind.UNKNOWN, finding=message, detail=detail) if message or detail else None
    failure = plain["failure"]
    return failure and Failure(**{**failure, "kind": Kind(failure["kind"])})


def _picture(plain: dict[str, Any] | None) -> ErrorMap | LossCurve | None:
    if plain is None:
        return None
    if "rows" in plain:
        return ErrorMap(plain["label"], tuple(plain["rows"]))
    calls = plain["calls"] if "calls" in plain else plain["asked"]  # its name in earlier versions
    return LossCurve(tuple(plain["losses"]), calls)


def format_points(points: float) -> str:
    """Points as people write them, without float noise: 3, 2.5, 2.33."""
    return f"{points:.2f}".rstrip("0").rstrip(".")
