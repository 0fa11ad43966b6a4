"""What grading one submission found: frozen data, scoring, and its JSON form. No I/O, imports
nothing of ours.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
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


# Students of these names have their results in a folder of another name: no name at all; hidden
# files, as temporary ones are; files of ours beside the folders, those to come included; digests of
# ours; what no file system takes.
_NOT_A_FOLDER = re.compile(
    r"|\..*|(gradebook\.db|grades\.|index\.html|class\.html).*|.*\.(csv|db|html|json|tmp)"
    r"|student-[0-9a-f]{64}|.*[/\0\ud800-\udfff].*",
    re.DOTALL | re.IGNORECASE,
)
_MAX_FOLDER = 255  # bytes of a name that file systems take


def folder_of(student: str) -> str:
    """The name of the folder of a student's results: the student's own name, or a digest of it
    where no folder can have it.

    Two students never have one folder: a name that looks like a digest is replaced by its own
    digest. (File systems that take two spellings for one name, such as Ann and ann, are noticed
    when the results are written.)
    """
    name = student.encode(errors="surrogatepass")
    if len(name) > _MAX_FOLDER or _NOT_A_FOLDER.fullmatch(student):
        return f"student-{hashlib.sha256(name).hexdigest()}"
    return student


NOT_TRIED = "Not tried: "  # how the message begins where a check builds on one that is not passed


@dataclass(frozen=True)
class ErrorMap:
    """Where an array of a student's is wrong, and in which way: no number of it, neither found nor
    expected.

    label : what the check calls the array, such as "dW"
    rows : a text for each row, with a character for each entry: "." right, "+" too far from 0, "-"
        too close to 0, "0" is 0 and should not be, "x" has the opposite sign; an array of one
        dimension is one row
    """

    label: str
    rows: tuple[str, ...]


@dataclass(frozen=True)
class LossCurve:
    """The losses that training or descent asked the grader for, in order.

    asked : how many there were; `losses` may be the first of them only
    """

    losses: tuple[float, ...]
    asked: int


@dataclass(frozen=True)
class Check:
    """One property of one exercise.

    name : identifier, such as "penalty_gradient"
    title : the sentence a student reads
    points, max_points : earned and possible; a failed check may keep part of its points
    message : what a student reads when it is not passed
    detail : what staff read when it could not be judged; never shown to students
    seed : the seed of the check's random inputs, enough to repeat it
    mistake : the name of the known mistake that explains the failure, for the class view; "" where
        none does
    hint : the end of the message that says what to look at, where that is known
    picture : what the feedback page draws beside the message
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
    hint: str = ""
    picture: ErrorMap | LossCurve | None = None

    @property
    def tried(self) -> bool:
        """False when it waits for a check that it builds on."""
        return not self.message.startswith(NOT_TRIED)

    @property
    def finding(self) -> str:
        """The message without the hint at its end."""
        return (
            self.message[: -len(self.hint)].rstrip()
            if self.hint and self.message.endswith(self.hint)
            else self.message
        )


@dataclass(frozen=True)
class ExerciseReport:
    """All checks of one exercise, in order.

    key : stands for all that decided it, files and checks; another one means that it must be graded
        again
    seconds : that grading it took, by the clock, in the pass that finished it; no two gradings take
        the same, and it decides nothing
    """

    name: str
    notebook: str
    checks: tuple[Check, ...]
    key: str = ""
    seconds: float = field(default=0.0, compare=False)

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> float:
        return sum(check.max_points for check in self.checks)

    @property
    def judged(self) -> bool:
        """False when a check could not be judged: the points are then a lower bound."""
        return all(check.verdict is not Verdict.NOT_JUDGED for check in self.checks)


@dataclass(frozen=True)
class Report:
    """The result of one submission.

    level : sandbox level the checks ran at ("A"; "" where nothing ran)
    notes : sentences for the student about the submission as a whole, such as ignored files
    seconds : that the submission held a grading process, by the clock, in all passes
    """

    student: str
    level: str
    exercises: tuple[ExerciseReport, ...]
    notes: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def score(self) -> float:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def max_score(self) -> float:
        return sum(exercise.max_points for exercise in self.exercises)

    @property
    def status(self) -> str:
        """ "graded", or "not_judged" when some check waits for staff."""
        return "graded" if all(exercise.judged for exercise in self.exercises) else "not_judged"

    def exercise(self, name: str) -> ExerciseReport:
        return next(exercise for exercise in self.exercises if exercise.name == name)

    def points_only(self) -> Report:
        """The same with one check an exercise and no text: what a table of 10,000 students can
        hold.
        """
        return replace(
            self,
            notes=(),
            exercises=tuple(
                replace(
                    exercise,
                    key="",
                    checks=(
                        Check(
                            "all",
                            "",
                            Verdict.PASSED if exercise.judged else Verdict.NOT_JUDGED,
                            exercise.points,
                            exercise.max_points,
                        ),
                    ),
                )
                for exercise in self.exercises
            ),
        )

    def to_dict(self) -> dict:
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
    def from_dict(data: dict) -> Report:
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
        )


def _plain(check: Check) -> dict:
    return {
        **vars(check),
        "verdict": check.verdict.value,
        "picture": check.picture and vars(check.picture),
    }


def _check(plain: dict) -> Check:
    return Check(
        **{**plain, "verdict": Verdict(plain["verdict"]), "picture": _picture(plain.get("picture"))}
    )


def _picture(plain: dict | None) -> ErrorMap | LossCurve | None:
    if plain is None:
        return None
    if "rows" in plain:
        return ErrorMap(plain["label"], tuple(plain["rows"]))
    return LossCurve(tuple(plain["losses"]), plain["asked"])


def format_points(points: float) -> str:
    """Points as people write them, without float noise: 3, 2.5, 2.33."""
    return f"{points:.2f}".rstrip("0").rstrip(".")
