"""Names and addresses of students in nbgrader's tables, so that its lists show more than ids."""

from __future__ import annotations

from collections.abc import Mapping

from nbgrader.api import Gradebook, Student
from sqlalchemy import bindparam, insert, select, update

from grader.course.final import Final
from grader.text import table_cell

_MOST = 128  # characters; PostgreSQL refuses more


def store_people(book: Gradebook, grades: Mapping[str, Final]) -> None:
    """Make a row for each student who handed in nothing, so that nbgrader lists them, too, and fill
    in names and addresses where the gradebook has none. What staff have written stays.
    """
    wanted = {
        student: _columns(grade)
        for student, grade in grades.items()
        if grade.score is None or grade.name or grade.email
    }
    if not wanted:
        return
    table = Student.__table__
    columns = (table.c.id, table.c.first_name, table.c.last_name, table.c.email)
    known = {row.id: row for row in book.db.execute(select(*columns).where(table.c.id.in_(wanted)))}
    changed = []
    for student, row in known.items():
        old = dict(first_name=row.first_name, last_name=row.last_name, email=row.email)
        new = dict(old)
        if not (row.first_name or row.last_name):
            new |= {key: wanted[student][key] for key in ("first_name", "last_name")}
        if not row.email:
            new["email"] = wanted[student]["email"]
        if new != old:
            changed.append({"key": student, **{f"new_{key}": new[key] for key in new}})
    if changed:
        book.db.execute(
            update(table)
            .where(table.c.id == bindparam("key"))
            .values({key: bindparam(f"new_{key}") for key in ("first_name", "last_name", "email")}),
            changed,
        )
    if missing := [
        {"id": student, **row} for student, row in wanted.items() if student not in known
    ]:
        book.db.execute(insert(table), missing)


def _columns(grade: Final) -> dict[str, str | None]:
    """The columns of a student's row; None for what nobody knows.

    A platform has the name in one piece. Its last word goes where nbgrader looks for the last name:
    both together are the name again. A first name is "" rather than None, which Formgrader writes
    out.
    """
    first, _, last = grade.name.strip().rpartition(" ")
    return {
        "first_name": _cell(first) if last else None,
        "last_name": _cell(last) or None,
        "email": _cell(grade.email) or None,
    }


def _cell(text: str) -> str:
    """Such that a spreadsheet computes nothing of it: `nbgrader export` writes it as it is."""
    return table_cell(text)[:_MOST]
