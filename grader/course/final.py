"""The one final grade of a student: points of the checks, of written answers and of extra credit,
less what lateness costs. nbgrader's sums are the same, since they are kept so (see `gradebook/`).
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cs231n_utils.exercises import EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.course import dates
from grader.course.dates import Lateness
from grader.course.overrides import Override, Overrides
from grader.course.settings import Course
from grader.intake.hand_ins import SOME, First, HandIn
from grader.report import ExerciseReport, Report, Verdict

WRITTEN_POINTS = 2  # of the written question of each notebook
MAX_WRITTEN = WRITTEN_POINTS * len(NOTEBOOKS)


class Status(StrEnum):
    """How far a final grade has come. The first that holds counts."""

    EXCUSED = "excused"
    MISSING = "missing"  # handed in nothing
    # The grader failed at a check, has graded some exercises only, or what was handed in could not
    # be taken.
    NOT_JUDGED = "not judged"
    WAITING = "waiting for marking"
    GRADED = "graded"


@dataclass(frozen=True)
class Rules:
    """What makes a final grade of a score.

    with_written : False if written answers are left out: neither waited for, nor counted
    """

    course: Course = field(default_factory=Course)
    overrides: Overrides = field(default_factory=Overrides)
    with_written: bool = True

    @property
    def max_total(self) -> int:
        return MAX_SCORE + (MAX_WRITTEN if self.with_written else 0)


@dataclass(frozen=True)
class WrittenAnswer:
    """What people have said of a written answer.

    points : None while it waits for a person
    comment : "" if there is none
    """

    notebook: str
    points: float | None
    max_points: float
    comment: str = ""


@dataclass(frozen=True)
class Marks:
    """What the gradebook knows of a student and the checks do not.

    by_hand : exercise -> points, where a person has set them
    extra : extra credit of all cells
    written : points of the written answers, as far as they are marked
    unmarked : how many answers wait
    second_look : exercises with points by hand whose automatic score has changed since
    penalty : what the gradebook takes off already; it counts where the course has no due time
    handed_in : with a time zone
    answers : the written answers, in the order of the notebooks
    """

    by_hand: Mapping[str, float] = field(default_factory=dict)
    extra: float = 0.0
    written: float = 0.0
    unmarked: int = len(NOTEBOOKS)
    second_look: frozenset[str] = frozenset()
    penalty: float = 0.0
    handed_in: datetime | None = None
    answers: tuple[WrittenAnswer, ...] = ()


@dataclass(frozen=True)
class Final:
    """The final grade of one student, with all that it is made of.

    points : exercise -> points, with those that staff have set
    set_by_staff : exercise -> the override that counts
    score, max_score : sum of the exercises, and of what they are worth; None without a hand-in
    written : points of the written answers so far; None where they do not count
    penalty : points taken off
    total : None while it is not known
    about_date : a sentence for the student; "" if there is nothing to say
    answers : the written answers of which people have said anything; none where they do not count
    """

    student: str
    name: str = ""
    email: str = ""
    late: Lateness = field(default_factory=Lateness)
    status: Status = Status.MISSING
    points: Mapping[str, float] = field(default_factory=dict)
    set_by_staff: Mapping[str, Override] = field(default_factory=dict)
    score: float | None = None
    max_score: float | None = None
    written: float | None = None
    extra: float = 0.0
    penalty: float = 0.0
    total: float | None = None
    max_total: int = MAX_SCORE + MAX_WRITTEN
    level: str = ""
    about_date: str = ""
    unmarked: int = 0
    answers: tuple[WrittenAnswer, ...] = ()


def final_of(
    report: Report | None, hand_in: HandIn, marks: Marks = Marks(), rules: Rules = Rules()
) -> Final:
    """The final grade of one student.

    report : None if the student handed in nothing, or nothing that could be taken;
        `Report.points_only` is enough
    """
    student = hand_in.student
    is_excused = student in rules.course.excused
    late = _lateness(hand_in, marks, rules.course)
    known = dict(student=student, name=hand_in.name, email=hand_in.email, max_total=rules.max_total)
    if report is None:
        status = Status.NOT_JUDGED if hand_in.source else Status.MISSING
        return Final(
            **known,  # type: ignore[arg-type]
            status=Status.EXCUSED if is_excused else status,
            total=0.0 if status is Status.MISSING and not is_excused else None,
        )
    overrides = rules.overrides.of(student)
    points, judged, max_score = _sums(report)
    # The gradebook has points of staff for a while after they were taken back.
    by_hand = {
        name: value
        for name, value in marks.by_hand.items()
        if name in points and value not in rules.overrides.taken_back.get((student, name), ())
    }
    points |= by_hand
    points |= {
        name: entry.points
        for name, entry in overrides.items()
        if name in points and entry.points is not None
    }
    judged |= by_hand.keys() | overrides.keys()
    score = round(sum(points.values()), 6)
    written = marks.written if rules.with_written else None
    earned = round(score + (written or 0.0) + marks.extra, 6)
    if is_excused:
        penalty = 0.0
    elif rules.course.due is None:
        penalty = marks.penalty
    else:
        penalty = dates.penalty_of(late, rules.max_total, earned)
    if is_excused:
        status = Status.EXCUSED
    elif not judged.issuperset(EXERCISES) or not points.keys() >= EXERCISES.keys():
        status = Status.NOT_JUDGED
    elif (rules.with_written and marks.unmarked) or (
        marks.second_look & by_hand.keys() - overrides.keys()
    ):
        status = Status.WAITING
    else:
        status = Status.GRADED
    return Final(
        **known,  # type: ignore[arg-type]
        late=late,
        status=status,
        points=points,
        set_by_staff=overrides,
        score=score,
        max_score=max_score,
        written=written,
        extra=marks.extra,
        penalty=penalty,
        total=max(0.0, round(earned - penalty, 6)) if status is Status.GRADED else None,
        level=report.level,
        about_date=(
            "You are excused: this assignment does not count for you."
            if is_excused
            else dates.sentence(late, rules.course, penalty, rules.max_total)
        ),
        unmarked=marks.unmarked if rules.with_written else 0,
        answers=tuple(
            one
            for one in marks.answers
            if rules.with_written and (one.points is not None or one.comment)
        ),
    )


def _sums(report: Report) -> tuple[dict[str, float], set[str], float]:
    """The points of each exercise, the exercises that are judged, and what all are worth.

    As floats, whatever the checks sum up to, so that equal grades have equal digests.
    """
    points, judged, max_score = {}, set(), 0.0
    for one in report.exercises:
        earned, most, is_judged = _of_checks(one)
        points[one.name] = float(earned)
        max_score += most
        if is_judged:
            judged.add(one.name)
    return points, judged, max_score


def _of_checks(exercise: ExerciseReport) -> tuple[float, float, bool]:
    """Points, what the exercise is worth, and whether it is judged."""
    if len(exercise.checks) == 1:  # as in reports with points only; a class has many
        (check,) = exercise.checks
        return check.points, check.max_points, check.verdict is not Verdict.NOT_JUDGED
    return exercise.points, exercise.max_points, exercise.judged


def auto_score(exercise: ExerciseReport) -> float | None:
    """The points as the gradebook keeps them: without float noise, at most the maximum; None if the
    exercise was not judged.
    """
    points, most, is_judged = _of_checks(exercise)
    return round(min(max(points, 0.0), most), 6) if is_judged else None


def _lateness(hand_in: HandIn, marks: Marks, course: Course) -> Lateness:
    """When the work was handed in, and how late that is.

    What only the student's side says counts where it says that the student is late; otherwise
    anybody could be in time.
    """
    late = dates.lateness(
        course, hand_in.student, hand_in.confirmed or marks.handed_in, hand_in.late_flag
    )
    if hand_in.claimed and not late.days:
        claimed = dates.lateness(course, hand_in.student, hand_in.handed_in, hand_in.late_flag)
        return claimed if claimed.days else late
    return late


def finals(
    reports: Iterable[Report],
    hand_ins: Mapping[str, HandIn] | None = None,
    marks: Mapping[str, Marks] | None = None,
    rules: Rules = Rules(),
) -> list[Final]:
    """The final grades of a class, in alphabetical order: of all who have a report or a hand-in, or
    are excused.
    """
    known = {report.student: report for report in reports}
    hand_ins, marks = hand_ins or {}, marks or {}
    students = known.keys() | hand_ins.keys() | rules.course.excused.keys()
    return [
        final_of(
            known.get(student),
            hand_ins.get(student) or HandIn(student),
            marks.get(student, Marks()),
            rules,
        )
        for student in sorted(students)
    ]


class Standing:
    """How far the final grades of a class have come, counted grade by grade.

    late : how many are late, and not excused
    without_time : who handed in, nobody knows when, and so is not late, whatever is due
    scored : how many have a score, the sum of which is `points`
    """

    def __init__(self, grades: Iterable[Final] = ()) -> None:
        self.statuses: Counter[Status] = Counter()
        self.late = self.scored = 0
        self.points = 0.0
        self.without_time: First[str] = First(SOME)
        for grade in grades:
            self.add(grade)

    def add(self, grade: Final) -> None:
        self.statuses[grade.status] += 1
        self.late += grade.late.days > 0 and grade.status is not Status.EXCUSED
        if grade.score is not None:
            self.scored += 1
            self.points += grade.score
        if (
            grade.late.handed_in is None
            and not grade.late.days
            and grade.status not in (Status.EXCUSED, Status.MISSING)
        ):
            self.without_time.append(grade.student)


def unknown_students(
    is_known: Callable[[str], bool], names: Callable[[], Iterable[str]], rules: Rules
) -> list[str]:
    """A sentence for each student whom course.toml or an override names, and who handed in nothing:
    perhaps the name is a slip.

    is_known : whether a student handed in something
    names : gives all who did
    """
    named = rules.course.students()
    named |= dict.fromkeys(rules.overrides.students() - named.keys(), "overrides")
    missing = [student for student in named if not is_known(student)]
    folded = {name.casefold(): name for name in names()} if missing else {}
    meant = {student: _meant(student, folded) for student in missing}
    return [
        f"{named[student]} names {student}, of whom there is no hand-in{meant[student]}"
        for student in sorted(meant)
        if meant[student] or named[student] != "excused"  # who is excused often hands in nothing
    ]


def _meant(student: str, folded: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(student.casefold(), folded, 1, cutoff=0.8)
    return f" (did you mean {folded[near[0]]}?)" if near else ""
