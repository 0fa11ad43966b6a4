"""Final grades and the gradebook: reads what people have marked, and writes what the course's rules
make of it, such that nbgrader's own sums are our totals.

nbgrader adds up the cells of a submission and takes off the late penalties of its notebooks, which
must not exceed what the notebook has earned. So a penalty is spread over the notebooks by the
points earned. Points that staff set with `override` are written as manual scores.
"""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Integer, Select, bindparam, func, or_, select, type_coerce, update

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader.course.final import Final, Marks, Rules, WrittenAnswer
from grader.gradebook.database import in_one_transaction
from grader.gradebook.people import store_people

_EXERCISES = {(row.notebook, row.grade_id): row.name for row in EXERCISES.values()}
_MANY = 500  # names in a statement; databases take a limited number


class _Place(NamedTuple):
    """Where a cell is; `max_score` is None of one that is not graded."""

    notebook: str
    name: str
    max_score: float | None


# A graded cell of a student: its id, automatic and manual score, extra credit, and whether it waits
# for a mark, as 0 or 1.
_Cell = tuple[str, float | None, float | None, float | None, int]


def read_marks(book: Gradebook, students: Collection[str] | None = None) -> dict[str, Marks]:
    """What the gradebook knows of these students, or of all; those without a submission have no
    entry. It takes four statements, for a class of any size. Raises DatabaseFault.
    """
    found: dict[str, Marks] = {}
    in_one_transaction(book.db, book.engine.url, lambda: found.update(_read_marks(book, students)))
    return found


def _read_marks(book: Gradebook, students: Collection[str] | None) -> dict[str, Marks]:
    # The session's own connection would keep a transaction open while grading goes on.
    with book.engine.connect() as connection:
        places = {cell: _Place(*place) for cell, *place in connection.execute(_places()).all()}
        cells: dict[str, list[_Cell]] = defaultdict(list)
        for row in connection.execute(_of_assignment(_cells(places), students)).all():
            cells[row[0]].append(row[1:])
        comments: dict[str, dict[str, str]] = defaultdict(dict)
        for student, cell, text in connection.execute(_of_assignment(_comments(), students)).all():
            comments[student][cell] = text
        known = connection.execute(
            _of_assignment(
                select(
                    SubmittedAssignment.student_id,
                    SubmittedAssignment.timestamp,
                    func.coalesce(func.sum(SubmittedNotebook.late_submission_penalty), 0.0),
                )
                .select_from(SubmittedNotebook)
                .group_by(SubmittedAssignment.student_id, SubmittedAssignment.timestamp),
                students,
            )
        ).all()

    @functools.cache
    def without_comments(cells: tuple[_Cell, ...]) -> Marks:
        """Shared by all with the same marks, as most of a class are before it is marked."""
        return _marks(cells, places, {})

    found = {}
    for student, handed_in, penalty in known:
        if student in comments:
            marks = _marks(cells[student], places, comments[student])
        else:
            marks = without_comments(tuple(cells[student]))
        if handed_in or penalty:
            time = handed_in.replace(tzinfo=UTC) if handed_in else None
            marks = replace(marks, penalty=round(penalty, 6), handed_in=time)
        found[student] = marks
    return found


def _places() -> Select[Any]:
    """Where each cell of the assignment is: its id, and then as in `_Place`."""
    cells, worth = BaseCell.__table__, GradeCell.__table__
    return (
        select(cells.c.id, Notebook.name, cells.c.name, worth.c.max_score)
        .select_from(cells)
        .join(Notebook, Notebook.id == cells.c.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .outerjoin(worth, worth.c.id == cells.c.id)
        .where(Assignment.name == ASSIGNMENT)
    )


def _cells(places: Mapping[str, _Place]) -> Select[Any]:
    """The written answers of each student, and of the exercises only what people have said."""
    written = [
        cell
        for cell, one in places.items()
        if one.max_score is not None and (one.notebook, one.name) not in _EXERCISES
    ]
    return (
        select(
            SubmittedAssignment.student_id,
            Grade.cell_id,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            # SQLAlchemy looks at each truth value, and takes a number as it is.
            type_coerce(Grade.needs_manual_grade, Integer),
        )
        .select_from(Grade)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .where(
            or_(
                Grade.manual_score.is_not(None),
                Grade.extra_credit.is_not(None),
                Grade.cell_id.in_(written),
            )
        )
    )


def _comments() -> Select[Any]:
    """What people have written to each student about a cell."""
    text = func.coalesce(Comment.manual_comment, Comment.auto_comment, "")
    return (
        select(SubmittedAssignment.student_id, Comment.cell_id, text)
        .select_from(Comment)
        .join(SubmittedNotebook, SubmittedNotebook.id == Comment.notebook_id)
        .where(text != "")
    )


def _of_assignment(query: Select[Any], students: Collection[str] | None) -> Select[Any]:
    """The query, of the assignment's submissions; `SubmittedNotebook` must be in it."""
    query = query.join(
        SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id
    ).join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    query = query.where(Assignment.name == ASSIGNMENT)
    return query if students is None else query.where(SubmittedAssignment.student_id.in_(students))


def _marks(
    cells: Iterable[_Cell], places: Mapping[str, _Place], comments: Mapping[str, str]
) -> Marks:
    """What people have said of a student's work.

    places : of the assignment's cells
    comments : cell -> what a person has written about it
    """
    # A written answer is two cells of one name: one has the points, the other one the comment.
    said = {places[cell][:2]: text for cell, text in comments.items() if cell in places}
    by_hand, second_look, answers = {}, set(), []
    written, extra, unmarked = 0.0, 0.0, 0
    for cell, auto, manual, more, waits in cells:
        place = places.get(cell)
        if place is None or place.max_score is None:
            continue
        extra += more or 0.0
        exercise = _EXERCISES.get(place[:2])
        if exercise is None:
            unmarked += waits
            score = auto if manual is None else manual
            written += score or 0.0
            points, comment = None if waits else score, said.get(place[:2], "")
            answers.append(WrittenAnswer(place.notebook, points, place.max_score, comment))
        elif manual is not None:
            by_hand[exercise] = manual
            if waits:
                second_look.add(exercise)
    return Marks(
        by_hand,
        round(extra, 6),
        round(written, 6),
        unmarked,
        frozenset(second_look),
        answers=tuple(sorted(answers, key=lambda one: one.notebook)),
    )


# --- writing --------------------------------------------------------------------------------------


def store_grades(book: Gradebook, grades: Iterable[Final], rules: Rules) -> None:
    """Write what follows from the rules: the due time, extensions, hand-in times, points that staff
    have set, and late penalties; names and addresses; and a row for each student who handed in
    nothing.

    Where the course has no due time, nbgrader's dates and penalties stay as they are. Raises
    DatabaseFault.
    """
    by_student = {grade.student: grade for grade in grades}
    in_one_transaction(book.db, book.engine.url, lambda: _store(book, by_student, rules))


def _store(book: Gradebook, grades: Mapping[str, Final], rules: Rules) -> None:
    students = list(grades)
    for start in range(0, len(students), _MANY):
        some = {student: grades[student] for student in students[start : start + _MANY]}
        store_people(book, some)
        _set_points(book, some, rules)
        if rules.course.due:
            _set_dates(book, some, rules)
            _set_penalties(book, some)
    if rules.course.due:
        table = Assignment.__table__
        due = _naive(rules.course.due).replace(microsecond=0)  # Formgrader shows the whole of it
        book.db.execute(
            update(table)
            .where(table.c.name == ASSIGNMENT, table.c.duedate.is_distinct_from(due))
            .values(duedate=due)
        )
    book.db.expire_all()


def _set_points(book: Gradebook, grades: Mapping[str, Final], rules: Rules) -> None:
    """Write the points that staff have set as manual scores, and remove those that were taken
    back.
    """
    taken_back = {
        key: points for key, points in rules.overrides.taken_back.items() if key[0] in grades
    }
    students = {grade.student for grade in grades.values() if grade.set_by_staff}
    students |= {student for student, _ in taken_back}
    if not students:
        return
    changed = []
    for cell in book.db.execute(
        _of_assignment(
            select(
                Grade.id,
                SubmittedAssignment.student_id,
                Notebook.name.label("notebook"),
                BaseCell.name,
                Grade.auto_score,
                Grade.manual_score,
                Grade.needs_manual_grade,
            )
            .select_from(Grade)
            .join(BaseCell, BaseCell.id == Grade.cell_id)
            .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id),
            students,
        )
    ):
        exercise = _EXERCISES.get((cell.notebook, cell.name))
        if exercise is None:
            continue
        if entry := grades[cell.student_id].set_by_staff.get(exercise):
            new = entry.points, False
        elif cell.manual_score in taken_back.get((cell.student_id, exercise), ()):
            new = None, cell.auto_score is None
        else:
            continue
        if new != (cell.manual_score, cell.needs_manual_grade):
            changed.append({"key": cell.id, "points": new[0], "waits": new[1]})
    table = Grade.__table__
    if changed:
        book.db.execute(
            update(table)
            .where(table.c.id == bindparam("key"))
            .values(manual_score=bindparam("points"), needs_manual_grade=bindparam("waits")),
            changed,
        )


def _set_dates(book: Gradebook, grades: Mapping[str, Final], rules: Rules) -> None:
    """Write hand-in times and extensions where they differ from what is there."""
    table, changed = SubmittedAssignment.__table__, []
    for row in book.db.execute(
        select(table.c.id, table.c.student_id, table.c.timestamp, table.c.extension)
        .join(Assignment, Assignment.id == table.c.assignment_id)
        .where(Assignment.name == ASSIGNMENT, table.c.student_id.in_(grades))
    ):
        late = grades[row.student_id].late
        # A time of course.toml's own stays there: Formgrader compares this one with that of
        # submitted/, and takes the work for a new one if they differ.
        is_from_staff = row.student_id in rules.course.handed_in
        time = row.timestamp if is_from_staff or not late.handed_in else _naive(late.handed_in)
        extension = _extension(late.due, rules) if late.is_extended else None
        if (time, extension) != (row.timestamp, row.extension):
            changed.append({"key": row.id, "time": time, "more": extension})
    if changed:
        book.db.execute(
            update(table)
            .where(table.c.id == bindparam("key"))
            .values(timestamp=bindparam("time"), extension=bindparam("more")),
            changed,
        )


def _extension(due: datetime | None, rules: Rules) -> timedelta | None:
    """How long after the due time of all others a student's own is."""
    return _naive(due) - _naive(rules.course.due) if due and rules.course.due else None


def _set_penalties(book: Gradebook, grades: Mapping[str, Final]) -> None:
    """Spread each penalty over the student's notebooks by the points earned in them."""
    notebooks: dict[str, list[Any]] = defaultdict(list)
    for row in book.db.execute(
        _of_assignment(
            select(
                SubmittedNotebook.id,
                SubmittedAssignment.student_id,
                SubmittedNotebook.late_submission_penalty.label("penalty"),
                func.coalesce(func.sum(Grade.score), 0.0).label("score"),
            )
            .select_from(SubmittedNotebook)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .group_by(
                SubmittedNotebook.id,
                SubmittedAssignment.student_id,
                SubmittedNotebook.late_submission_penalty,
                Notebook.name,
            )
            .order_by(Notebook.name),  # so that the parts are the same at each run
            grades,
        )
    ):
        notebooks[row.student_id].append(row)
    changed = []
    for student, rows in notebooks.items():
        parts = spread(grades[student].penalty, [row.score for row in rows])
        changed += [
            {"key": row.id, "penalty": part or None}
            for row, part in zip(rows, parts, strict=True)
            if (part or None) != row.penalty
        ]
    if changed:
        table = SubmittedNotebook.__table__
        book.db.execute(
            update(table)
            .where(table.c.id == bindparam("key"))
            .values(late_submission_penalty=bindparam("penalty")),
            changed,
        )


def spread(penalty: float, scores: Sequence[float]) -> list[float]:
    """The parts of a penalty, one for each score and about in proportion to it, none larger than
    its score. They add up to the penalty, or to all scores if that is less.

    Most are whole multiples of 1/64, so that nbgrader's sums carry no float noise.
    """
    scores = [max(0.0, score) for score in scores]
    total = sum(scores)
    if not total or not penalty:
        return [0.0] * len(scores)
    share = min(1.0, penalty / total)
    parts = [math.floor(64 * share * score) / 64 for score in scores]
    rest = min(penalty, total) - sum(parts)
    for k in sorted(range(len(scores)), key=lambda k: parts[k] - scores[k]):  # most room first
        more = min(rest, scores[k] - parts[k])
        parts[k] = round(parts[k] + more, 6)
        rest -= more
    return parts


def _naive(time: datetime) -> datetime:
    """A moment as nbgrader keeps it: in UTC, without saying so."""
    return time.astimezone(UTC).replace(tzinfo=None)
