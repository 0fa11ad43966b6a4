"""The rows of submissions in nbgrader's tables: makes new ones, and updates the scores in old ones.

nbgrader makes and reads them one by one, which takes longer than the hidden checks; here, a whole
batch takes a few statements.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import count
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Engine, Index, bindparam, insert, select, update
from sqlalchemy.exc import ProgrammingError

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader.course.final import auto_score
from grader.report import ExerciseReport, Report

# nbgrader has none, and reads whole tables for the rows of a submission: with thousands of
# students, that takes most of the time.
_INDEXES = [
    Index("ix_submitted_notebook_assignment_id", SubmittedNotebook.__table__.c.assignment_id),
    Index("ix_grade_notebook_id", Grade.__table__.c.notebook_id),
    Index("ix_comment_notebook_id", Comment.__table__.c.notebook_id),
]


def add_indexes(engine: Engine) -> None:
    """Have the database find the rows of a submission without reading all others."""
    for index in _INDEXES:
        # Where somebody else owns the tables, grading is slower without the indexes, but right.
        with suppress(ProgrammingError):
            index.create(engine, checkfirst=True)


def _ids() -> Iterator[str]:
    """Ids of 32 hexadecimal digits, like nbgrader's, but in the order of time, so that new rows lie
    side by side in the database's file.
    """
    batch = f"{time.time_ns():016x}{secrets.token_hex(5)}"
    return (f"{batch}{k:06x}" for k in count())


def add_submissions(
    book: Gradebook,
    assignment_id: str,
    reports: Mapping[str, Report],
    timestamps: Mapping[str, datetime],
) -> None:
    """Add the rows of new submissions, with their scores; nbgrader's `add_submission` makes the
    same rows one by one.
    """
    if not reports:
        return
    known = set(book.db.scalars(select(Student.id).where(Student.id.in_(reports))))
    cells = book.db.execute(
        select(
            Notebook.id.label("notebook_id"),
            Notebook.name.label("notebook"),
            BaseCell.id,
            BaseCell.name,
            BaseCell.type,
        )
        .outerjoin(BaseCell, BaseCell.notebook_id == Notebook.id)
        .where(Notebook.assignment_id == assignment_id)
    ).all()
    # Once for all students: an attribute of a row costs more than a look into a tuple.
    of_assignment = {cell.notebook_id for cell in cells}
    graded = [
        (cell.notebook_id, cell.id, (cell.notebook, cell.name))
        for cell in cells
        if cell.type in ("GradeCell", "TaskCell")
    ]
    commented = [
        (cell.notebook_id, cell.id) for cell in cells if cell.type in ("SolutionCell", "TaskCell")
    ]
    ids = _ids()
    submissions, notebooks, grades, comments = [], [], [], []
    for student, report in reports.items():
        submission = next(ids)
        submissions.append(
            dict(
                id=submission,
                assignment_id=assignment_id,
                student_id=student,
                timestamp=timestamps.get(student),
            )
        )
        id_of = {notebook: next(ids) for notebook in of_assignment}
        notebooks += [
            dict(id=id_of[notebook], assignment_id=submission, notebook_id=notebook)
            for notebook in id_of
        ]
        exercises = _by_cell(report)
        for notebook, cell_id, name in graded:
            exercise = exercises.get(name)
            score = auto_score(exercise) if exercise else None
            grades.append((next(ids), id_of[notebook], cell_id, score, score is None))
        comments += [(next(ids), id_of[notebook], cell_id) for notebook, cell_id in commented]
    for table, rows in (
        (Student, [{"id": student} for student in reports if student not in known]),
        (SubmittedAssignment, submissions),
        (SubmittedNotebook, notebooks),
    ):
        if rows:
            book.db.execute(insert(table.__table__), rows)
    columns = ("id", "notebook_id", "cell_id", "auto_score", "needs_manual_grade")
    _insert(book, Grade, columns, grades)
    _insert(book, Comment, columns[:3], comments)


def _insert(
    book: Gradebook, table: Any, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> None:
    """Insert many rows of plain values; all other columns are empty.

    SQLAlchemy looks at each value of each row, which takes longer than SQLite. To a server, it
    sends many rows in one statement, which the driver alone would not.
    """
    if not rows:
        return
    if book.engine.dialect.paramstyle == "qmark":
        statement = (
            f"INSERT INTO {table.__tablename__} ({', '.join(columns)})"
            f" VALUES ({', '.join('?' * len(columns))})"
        )
        book.db.connection().exec_driver_sql(statement, [*rows])
    else:
        book.db.execute(
            insert(table.__table__), [dict(zip(columns, row, strict=True)) for row in rows]
        )


def update_times(book: Gradebook, assignment_id: str, timestamps: Mapping[str, datetime]) -> None:
    """Store when these students handed in; their submissions must exist."""
    if timestamps:
        table = SubmittedAssignment.__table__
        book.db.execute(
            update(table)
            .where(
                table.c.assignment_id == assignment_id, table.c.student_id == bindparam("student")
            )
            .values(timestamp=bindparam("time")),
            [{"student": student, "time": time} for student, time in timestamps.items()],
        )


def update_scores(
    book: Gradebook, reports: Mapping[str, Report], notebooks: Collection[str] | None = None
) -> None:
    """Store scores in submissions that exist, of all notebooks or of `notebooks` only.

    If the automatic score changes where a person has graded, staff are asked to look again, as in
    nbgrader.
    """
    if not reports:
        return
    exercises = {student: _by_cell(report) for student, report in reports.items()}
    changed = []
    for grade in book.db.execute(
        select(
            Grade.id,
            Grade.auto_score,
            Grade.manual_score,
            Grade.needs_manual_grade,
            BaseCell.name,
            Notebook.name.label("notebook"),
            SubmittedAssignment.student_id,
        )
        .join(Grade.notebook)
        .join(SubmittedNotebook.assignment)
        .join(SubmittedAssignment.assignment)
        .join(SubmittedNotebook.notebook)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(SubmittedAssignment.student_id.in_(reports), Assignment.name == ASSIGNMENT)
    ):
        exercise = exercises[grade.student_id].get((grade.notebook, grade.name))
        if exercise is None or (notebooks is not None and grade.notebook not in notebooks):
            continue
        score = auto_score(exercise)
        waits = (
            score is None
            if grade.manual_score is None
            else grade.needs_manual_grade or score != grade.auto_score
        )
        if (score, waits) != (grade.auto_score, grade.needs_manual_grade):
            changed.append({"key": grade.id, "score": score, "waits": waits})
    if changed:
        grades = Grade.__table__
        book.db.execute(
            update(grades)
            .where(grades.c.id == bindparam("key"))
            .values(auto_score=bindparam("score"), needs_manual_grade=bindparam("waits")),
            changed,
        )


def _by_cell(report: Report) -> dict[tuple[str, str], ExerciseReport]:
    """The exercises of a report by notebook and grade cell."""
    return {
        (exercise.notebook, EXERCISES[exercise.name].grade_id): exercise
        for exercise in report.exercises
    }
