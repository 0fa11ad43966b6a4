"""The contents of a gradebook by names, so that two of them can be compared: nbgrader makes up each
row's id.
"""

from __future__ import annotations

from nbgrader.api import Gradebook
from sqlalchemy import text

_OF_A_STUDENT = """
    FROM {table}
    JOIN base_cell ON base_cell.id = {table}.cell_id
    JOIN submitted_notebook ON submitted_notebook.id = {table}.notebook_id
    JOIN notebook ON notebook.id = submitted_notebook.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
"""
_QUERIES = {
    "course": "SELECT id FROM course",
    "assignment": "SELECT name, duedate, course_id FROM assignment",
    "notebook": (
        "SELECT assignment.name, notebook.name, kernelspec FROM notebook "
        "JOIN assignment ON assignment.id = notebook.assignment_id"
    ),
    "cells": (
        "SELECT notebook.name, base_cell.name, base_cell.type, grade_cells.max_score,"
        " grade_cells.cell_type FROM base_cell JOIN notebook ON notebook.id = base_cell.notebook_id"
        " LEFT JOIN grade_cells ON grade_cells.id = base_cell.id"
    ),
    "source": (
        "SELECT notebook.name, source_cell.name, cell_type, locked, source, checksum FROM"
        " source_cell JOIN notebook ON notebook.id = source_cell.notebook_id"
    ),
    "student": "SELECT id, first_name, last_name, email, lms_user_id FROM student",
    "submission": (
        "SELECT student_id, assignment.name, timestamp, extension FROM submitted_assignment "
        "JOIN assignment ON assignment.id = submitted_assignment.assignment_id"
    ),
    "submitted notebook": (
        "SELECT student_id, notebook.name, flagged, late_submission_penalty FROM submitted_notebook"
        " JOIN notebook ON notebook.id = submitted_notebook.notebook_id JOIN submitted_assignment"
        " ON submitted_assignment.id = submitted_notebook.assignment_id"
    ),
    "grade": (
        "SELECT student_id, notebook.name, base_cell.name, auto_score, manual_score, extra_credit,"
        " needs_manual_grade" + _OF_A_STUDENT.format(table="grade")
    ),
    "comment": (
        "SELECT student_id, notebook.name, base_cell.name, auto_comment, manual_comment"
        + _OF_A_STUDENT.format(table="comment")
    ),
    "schema": "SELECT version_num FROM alembic_version",
}
_TABLES = (
    "grade",
    "comment",
    "submitted_notebook",
    "submitted_assignment",
    "student",
    "base_cell",
    "notebook",
    "assignment",
)


def rows(book: Gradebook) -> dict[str, list[tuple]]:
    """The rows of each table, sorted; of SQLite's, numbers and times become what PostgreSQL
    returns.
    """
    with book.engine.connect() as connection:
        found = {
            name: sorted(
                (tuple(map(_plain, row)) for row in connection.execute(text(query))), key=repr
            )
            for name, query in _QUERIES.items()
        }
        found["count"] = [
            (table, connection.scalar(text(f"SELECT count(*) FROM {table}"))) for table in _TABLES
        ]
    return found


def _plain(value: object) -> object:
    if isinstance(value, (int, float)):
        return round(float(value), 9)  # sums depend on the order of rows
    return value if value is None else str(value).removesuffix(".000000")
