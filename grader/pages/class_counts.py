"""Counts what the class page says of a class, student by student, so that nobody has to be kept in
memory but those whom the page names.
"""

from __future__ import annotations

import heapq
import statistics
from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from cs231n_utils.exercises import EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.course.final import Final, Status
from grader.diagnosis import hints
from grader.intake.hand_ins import First
from grader.pages.class_rows import OUTCOMES, Row, Unjudged

STEP = 5  # width of a bar of the histogram, in points
NAMES = 200  # names in a list of students
LOWEST, SLOWEST = 20, 10  # students in a table


@dataclass(frozen=True)
class Mistake:
    """A known mistake in a class. Exercises in which it has the same hint share one entry.

    hint, concept : from the bank of mistakes; "" for a name that is not in the bank any more
    students : how many students make it, each counted once
    exercises : exercise -> how many students make it there
    """

    name: str
    hint: str
    concept: str
    students: int
    exercises: Mapping[str, int]


@dataclass(frozen=True)
class Failing:
    """Students whose submissions fail as programs in the same way and in the same exercises.

    kind : one of the values of FAULTS
    message : what the first of the students reads
    """

    kind: str
    exercises: tuple[str, ...]
    message: str
    students: First[str] = field(default_factory=lambda: First(NAMES))


@dataclass
class Cause:
    """Checks that were not judged for the same reason.

    line : the last line of their details, which they share
    first : one of them, with the whole detail
    checks : how many they are
    """

    line: str
    first: Unjudged
    checks: int = 0
    students: First[str] = field(default_factory=lambda: First(NAMES))


class Counts:
    """What is known of the class so far.

    nothing, stuck : who may need help: who have no points at all, and who have points in the first
        notebook only. Exercises that could not be judged or were not graded put nobody there.
    """

    def __init__(self) -> None:
        self.students = 0
        self.scores = array("d")  # with what staff have set
        self.levels: Counter[str] = Counter()
        self.in_part = self.waiting = self.mistaken = self.faulty = 0
        self.nothing: First[str] = First(NAMES)
        self.stuck: First[str] = First(NAMES)
        self.held = array("d")  # seconds, of those whose time is known
        self.statuses: Counter[Status] = Counter()
        self.totals = array("d")  # of those who are graded
        self.special: First[Final] = First(NAMES)
        self._low: list[tuple[float, str, Row]] = []
        self._slow: list[tuple[float, int, Row]] = []
        self._outcomes: Counter[tuple[str, str]] = Counter()
        self._points: dict[str, Counter[float]] = defaultdict(Counter)
        self._mistakes: Counter[tuple[str, str, str]] = Counter()
        self._where: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
        self._failing: dict[tuple[str, tuple[str, ...]], Failing] = {}
        self._causes: dict[str, Cause] = {}
        self._banks = {name: {one.name: one for one in hints.bank(name)} for name in EXERCISES}

    def add(self, row: Row | None, grade: Final | None = None) -> None:
        """Count the next student, in alphabetical order, of those who are on the page.

        row : None if there is no report
        grade : None if the final grade is not known
        """
        if row:
            self._add_row(row, {**row.points, **(grade.points if grade else {})})
        if grade:
            self.statuses[grade.status] += 1
            if grade.status is Status.GRADED and grade.total is not None:
                self.totals.append(grade.total)
            if _is_special(grade):
                self.special.append(grade)

    def _add_row(self, row: Row, points: Mapping[str, float]) -> None:
        self.students += 1
        self.scores.append(round(sum(points.values()), 6))
        self.levels[row.level or "none"] += 1
        self.in_part += row.max_score < MAX_SCORE
        self.waiting += bool(row.unjudged)
        self.mistaken += bool(row.mistakes)
        self.faulty += bool(row.faults)
        self._outcomes.update(row.outcomes.items())
        for name, some in points.items():
            self._points[name][some] += 1
        self._add_mistakes(row)
        self._add_in_need(row)
        self._add_faults(row)
        for check in row.unjudged:
            self._add_unjudged(check)
        if row.held and row.slowest:
            self.held.append(row.held)
            _push(self._slow, (row.held, -self.students, row), SLOWEST)

    def _add_mistakes(self, row: Row) -> None:
        """A student who makes two at once is counted for both."""
        made: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for exercise, names in row.mistakes:
            known = self._banks[exercise]
            for name in [names] if names in known else names.split(" + "):
                entry = known.get(name)
                made[name, entry.hint if entry else "", entry.concept if entry else ""].add(
                    exercise
                )
        for what, exercises in made.items():
            self._mistakes[what] += 1
            self._where[what].update(exercises)

    def _add_in_need(self, row: Row) -> None:
        later = [name for name in row.outcomes if EXERCISES[name].notebook != NOTEBOOKS[0]]
        missed = bool(later) and all(row.outcomes[name] == "none" for name in later)
        if missed and all(outcome == "none" for outcome in row.outcomes.values()):
            self.nothing.append(row.student)
        elif missed:
            self.stuck.append(row.student)
        elif row.score < row.max_score / 2:
            self._low.append((row.score, row.student, row))
            if len(self._low) > 4 * LOWEST:
                self._low = heapq.nsmallest(LOWEST, self._low)

    def _add_faults(self, row: Row) -> None:
        for kind in dict.fromkeys(fault.kind for fault in row.faults):
            faults = [fault for fault in row.faults if fault.kind == kind]
            key = kind, tuple(dict.fromkeys(fault.exercise for fault in faults))
            if key not in self._failing:
                self._failing[key] = Failing(*key, faults[0].message)
            self._failing[key].students.append(row.student)

    def _add_unjudged(self, check: Unjudged) -> None:
        lines = check.detail.strip().splitlines()
        line = lines[-1] if lines else "no detail was recorded"
        cause = self._causes.setdefault(line, Cause(line, check))
        cause.checks += 1
        cause.students.append_new(check.student)

    # --- the whole class --------------------------------------------------------------------------

    @property
    def median(self) -> float:
        return statistics.median(self.scores)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The lower and the upper quartile."""
        if len(self.scores) == 1:
            return self.scores[0], self.scores[0]
        lower, _, upper = statistics.quantiles(self.scores, n=4, method="inclusive")
        return lower, upper

    @property
    def bins(self) -> list[tuple[float, float, int]]:
        """(from, to, number of students) of each bar; `to` itself counts in the last one."""
        last = -(-MAX_SCORE // STEP) - 1
        counts = Counter(min(int(score // STEP), last) for score in self.scores)
        return [(STEP * k, STEP * (k + 1), counts[k]) for k in range(last + 1)]

    @property
    def outcomes(self) -> dict[str, dict[str, int]]:
        """Exercise -> outcome -> number of students, for the exercises that were graded."""
        graded = {name for name, _ in self._outcomes}
        return {
            name: {outcome: self._outcomes[name, outcome] for outcome in OUTCOMES}
            for name in EXERCISES
            if name in graded
        }

    def mean_points(self, name: str) -> float:
        """The mean of an exercise; exact, and then rounded once, whatever the order of students."""
        points = self._points[name]
        whole = sum((Fraction(some) * count for some, count in points.items()), Fraction())
        return float(whole) / points.total()

    @property
    def mistakes(self) -> list[Mistake]:
        """The known mistakes that were made, the most frequent first."""
        found = [
            Mistake(
                *what,
                count,
                {name: self._where[what][name] for name in EXERCISES if name in self._where[what]},
            )
            for what, count in self._mistakes.items()
        ]
        return sorted(found, key=lambda mistake: (-mistake.students, mistake.name, mistake.hint))

    @property
    def low(self) -> list[Row]:
        """The lowest scores among those who are neither in `nothing` nor in `stuck`."""
        return [row for *_, row in heapq.nsmallest(LOWEST, self._low)]

    @property
    def failing(self) -> list[Failing]:
        """How submissions fail as programs, the most frequent way first."""
        return sorted(
            self._failing.values(),
            key=lambda failing: (-len(failing.students), failing.kind, failing.exercises),
        )

    @property
    def slow(self) -> list[Row]:
        """The submissions that took longest."""
        return [row for *_, row in sorted(self._slow, key=lambda one: one[:2], reverse=True)]

    @property
    def causes(self) -> list[Cause]:
        """Why checks were not judged, the most frequent reason first."""
        return sorted(self._causes.values(), key=lambda cause: (-cause.checks, cause.line))


def _push(heap: list[tuple[float, int, Row]], item: tuple[float, int, Row], most: int) -> None:
    """Add an item to a heap of the largest ones; of equal ones, the first stays."""
    if len(heap) < most:
        heapq.heappush(heap, item)
    else:
        heapq.heappushpop(heap, item)


def _is_special(grade: Final) -> bool:
    """Whether dates or people have made a grade another one than the checks have."""
    return bool(
        grade.late.days
        or grade.late.is_extended
        or grade.set_by_staff
        or grade.status in (Status.EXCUSED, Status.MISSING)
    )
