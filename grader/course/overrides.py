"""Points that staff have set for an exercise, after an appeal say: a log, of which the last line
about a student and an exercise counts.

Each line of the file is an object in JSON. Lines are only added, so that the file also says what
was taken back, when and by whom.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from cs231n_utils.exercises import EXERCISES
from grader.faults import WrongFiles
from grader.paths import OVERRIDES_FILE


class OverridesWrong(WrongFiles):
    """The file of overrides cannot be read; the text says where, and what to do."""


@dataclass(frozen=True)
class Override:
    """One line of the log.

    points : what the exercise is worth for the student; None if an earlier line is taken back
    why : what the student reads, too
    by : who decided it; for staff
    at : when, in ISO format
    """

    student: str
    exercise: str
    points: float | None
    why: str
    by: str
    at: str = ""


@dataclass(frozen=True)
class Overrides:
    """The log, in order."""

    log: tuple[Override, ...] = ()

    def of(self, student: str) -> dict[str, Override]:
        """The overrides of a student that count, by exercise."""
        last = self._last.get(student, {})
        return {name: entry for name, entry in last.items() if entry.points is not None}

    @functools.cached_property
    def taken_back(self) -> Mapping[tuple[str, str], set[float]]:
        """Student and exercise of all that was taken back -> the points that it may have had."""
        found: dict[tuple[str, str], set[float]] = {}
        for entry in self.log:
            if self._last[entry.student][entry.exercise].points is None:
                points = found.setdefault((entry.student, entry.exercise), set())
                points |= {entry.points} - {None}  # type: ignore[arg-type]
        return found

    def students(self) -> set[str]:
        """The students with an override that counts."""
        return {student for student in self._last if self.of(student)}

    @functools.cached_property
    def _last(self) -> Mapping[str, Mapping[str, Override]]:
        found: dict[str, dict[str, Override]] = {}
        for entry in self.log:
            found.setdefault(entry.student, {})[entry.exercise] = entry
        return found


def parse(text: str, file: str = OVERRIDES_FILE) -> Overrides:
    """The log in a text. Raises OverridesWrong."""
    return Overrides(tuple(_entries(text.splitlines(), file)))


def line(entry: Override) -> str:
    """The line of the log for an override, in ASCII."""
    return json.dumps(asdict(entry)) + "\n"


def new(
    student: str, exercise: str, points: float | None, why: str, by: str, at: datetime
) -> Override:
    """An override that somebody asks for now. Raises ValueError, with a sentence, if it cannot be
    one.
    """
    entry = Override(
        student, exercise, points, why.strip(), by.strip(), at.isoformat("T", "seconds")
    )
    if problem := _problem(entry):
        raise ValueError(problem)
    return entry


def _entries(lines: Iterable[str], file: str) -> Iterable[Override]:
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            data: dict[str, Any] = json.loads(text)
            entry = Override(**data)
            problem = _problem(entry)
        except (ValueError, TypeError, RecursionError) as error:
            problem = f"it is no override ({error})"
        if problem:
            raise OverridesWrong(
                f"{file}, line {number}: {problem}. Correct the line or remove it; the command"
                " `override` writes such lines."
            )
        yield entry


def _problem(entry: Override) -> str:
    """Why an entry cannot be one; "" if it can."""
    texts = (entry.student, entry.exercise, entry.why, entry.by, entry.at)
    if not all(isinstance(text, str) for text in texts):
        return "student, exercise, why, by and at must be texts"
    if entry.exercise not in EXERCISES:
        return f"there is no exercise {entry.exercise!r}; expected one of {', '.join(EXERCISES)}"
    most = EXERCISES[entry.exercise].points
    points = entry.points
    if points is not None and not (
        isinstance(points, (int, float)) and not isinstance(points, bool) and 0 <= points <= most
    ):
        return f"{points!r} points for {entry.exercise}; expected a number from 0 to {most}"
    if not (entry.student and entry.why and entry.by):
        return "student, why and by must not be empty"
    return ""
