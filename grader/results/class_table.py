"""What a run knows of each student of a class, in a temporary file, so that a class of any size
takes no more memory than a small one. Students are read in alphabetical order, some hundreds at a
time.
"""

from __future__ import annotations

import pickle
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from grader.course.final import Final
from grader.intake.hand_ins import HandIn
from grader.pages.class_rows import Row
from grader.report import Report, folder_of
from grader.results.changes import Change
from grader.results.summaries import contents, report_of
from grader.temporary import Rows, advice, open_database, values_of

T = TypeVar("T")
MANY = 500  # students that are in memory at a time
_TABLES = """
CREATE TABLE students (
    name BLOB PRIMARY KEY, home BLOB UNIQUE, taken INTEGER DEFAULT 0, reports INTEGER DEFAULT 0,
    summary BLOB, has_row INTEGER DEFAULT 0, other BLOB, hand_in BLOB
);
CREATE TABLE grades (name BLOB PRIMARY KEY, grade BLOB);
CREATE TABLE drawn (home BLOB PRIMARY KEY, page TEXT);
CREATE TABLE before (name BLOB PRIMARY KEY, files TEXT, summary TEXT);
CREATE TABLE changes (name BLOB, change BLOB);
"""
_CACHE = 8  # MB


@dataclass(frozen=True)
class Student:
    """What is known of a student.

    hand_in : the record that counts; None of somebody whom only the course's rules name
    report, row : None if there is no report of this run; `row` alone if it cannot be on the class
        page
    other : the row of a report that lies in the folder of results, and is not of this run
    grade : None before it is made, and of those who have nothing but `other`
    """

    student: str
    hand_in: HandIn | None
    report: Report | None
    row: Row | None
    other: Row | None
    grade: Final | None


class Unsettled(NamedTuple):
    """What decides the final grade of a student, beside the gradebook and the course's rules.

    hand_in : as of a `Student`
    summary : of the report; None if there is none of this run
    page : which final grade is on the student's page (`cache.page_key`); None if that is not known
    """

    student: str
    hand_in: HandIn | None
    summary: str | bytes | None
    page: str | None


class ClassTable:
    """The table of a run. The file is closed, and is gone, when nobody refers to the table."""

    def __init__(self) -> None:
        self._db = open_database(_TABLES, _CACHE)
        weakref.finalize(self, self._db.close)

    def _do(self, statement: str, *values: object) -> sqlite3.Cursor:
        with advice():
            return self._db.execute(statement, values)

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with advice():  # each further row is looked for when it is fetched
            return self._db.execute(statement, values).fetchall()

    def _one(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        return next(iter(self._all(statement, *values)), None)

    def _number(self, statement: str) -> int:
        found = self._one(statement)
        return int(found[0] or 0) if found else 0

    # --- what happens to a student ----------------------------------------------------------------

    def note_taken(self, student: str) -> None:
        """Note that the submission of a student is to be read, and can be as far as is known."""
        self._do(
            "INSERT INTO students (name, home, taken) VALUES (?, ?, 1)"
            " ON CONFLICT (name) DO UPDATE SET taken = taken + 1",
            _key(student),
            _key(folder_of(student)),
        )

    def forget_taken(self, student: str) -> None:
        """Note that it could not be read after all."""
        self._do("UPDATE students SET taken = taken - 1 WHERE name = ?", _key(student))
        self._do("DELETE FROM students WHERE name = ? AND taken = 0 AND reports = 0", _key(student))

    def note_report(self, student: str, summary: str | bytes, has_row: bool) -> None:
        """Note the report of a student, which is written.

        has_row : whether it can be on the class page as it is
        """
        what = "reports = reports + 1, summary = ?, has_row = ?"
        self._add(student, what, summary, has_row)

    def note_kept(self, known: Iterable[tuple[str, str]]) -> None:
        """Note that submissions could be read, whose reports can be on the class page as they are:
        (student, summary).
        """
        with advice():
            self._db.executemany(
                "INSERT INTO students (name, home, taken, reports, summary, has_row)"
                " VALUES (?, ?, 1, 1, ?, 1) ON CONFLICT (name) DO UPDATE SET taken = taken + 1,"
                " reports = reports + 1, summary = excluded.summary, has_row = 1",
                ((_key(student), _key(folder_of(student)), summary) for student, summary in known),
            )

    def note_people(self, records: Iterable[HandIn]) -> None:
        """Note the record of each, unless another one counts: one that is taken counts before all
        others, and of those that are taken, the last.
        """
        with advice():
            self._db.executemany(
                "INSERT INTO students (name, home, hand_in) VALUES (?1, ?2, ?3)"
                " ON CONFLICT (name) DO UPDATE SET"
                " hand_in = CASE WHEN ?4 THEN ?3 ELSE coalesce(hand_in, ?3) END",
                (
                    (_key(one.student), _key(folder_of(one.student)), _packed(one), one.taken)
                    for one in records
                ),
            )

    def note_name(self, student: str) -> None:
        """Note that somebody belongs to the class, of whom nothing else may be known."""
        self._add(student, "taken = taken")

    def note_other(self, row: Row) -> None:
        """Note a report that is not of this run."""
        self._add(row.student, "other = ?", _packed(row))

    def note_grades(self, grades: Iterable[Final]) -> None:
        with advice():
            self._db.executemany(
                "INSERT OR REPLACE INTO grades VALUES (?, ?)",
                ((_key(grade.student), _packed(grade)) for grade in grades),
            )

    def note_changes(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._do("INSERT INTO changes VALUES (?, ?)", _key(change.student), _packed(change))

    def _add(self, student: str, what: str, *values: object) -> None:
        """Update the line of a student, which is made if there is none."""
        name = _key(student)
        if not self._do(f"UPDATE students SET {what} WHERE name = ?", *values, name).rowcount:
            home = _key(folder_of(student))
            self._do("INSERT INTO students (name, home) VALUES (?, ?)", name, home)
            self._do(f"UPDATE students SET {what} WHERE name = ?", *values, name)

    # --- pages ------------------------------------------------------------------------------------

    def note_drawn(self, pages: Iterable[tuple[str, str]]) -> None:
        """Note which final grades are on pages: (folder of a student, `cache.page_key`)."""
        with advice():
            self._db.executemany(
                "INSERT OR REPLACE INTO drawn VALUES (?, ?)",
                ((_key(home), page) for home, page in pages),
            )

    def all_drawn(self) -> Iterator[tuple[str, str]]:
        """(folder, key), in alphabetical order."""
        for home, page in self._sorted("home", "home, page", "drawn"):
            yield _name(home), page

    # --- the run before ---------------------------------------------------------------------------

    def note_before(self, lines: Iterable[tuple[str, str, str]]) -> None:
        """Note what the run before has known: (student, files, summary)."""
        with advice():
            self._db.executemany(
                "INSERT OR REPLACE INTO before VALUES (?, ?, ?)",
                ((_key(student), files, summary) for student, files, summary in lines),
            )

    def before(self, students: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Student -> (files, summary) of the run before, of some students."""
        names = ", ".join("?" * len(students))
        found = self._all(
            f"SELECT name, files, summary FROM before WHERE name IN ({names})",
            *map(_key, students),
        )
        return {_name(name): (files, summary) for name, files, summary in found}

    def forget_before(self) -> None:
        self._do("DELETE FROM before")

    # --- the whole class --------------------------------------------------------------------------

    @property
    def unequal(self) -> list[str]:
        """The students who have not as many reports as submissions that could be read."""
        return self._names("taken <> reports")

    @property
    def ungraded(self) -> list[str]:
        """The students who have no final grade."""
        return self._names("name NOT IN (SELECT name FROM grades)")

    def _names(self, condition: str) -> list[str]:
        found = self._all(f"SELECT name FROM students WHERE {condition} ORDER BY name")
        return [_name(name) for (name,) in found]

    @property
    def taken(self) -> int:
        """How many submissions could be read."""
        return self._number("SELECT sum(taken) FROM students")

    def has_report(self, student: str) -> bool:
        """Whether there is a report of this run."""
        return bool(self._all("SELECT 1 FROM students WHERE name = ? AND reports", _key(student)))

    def has_row(self, home: str) -> bool:
        """Whether the report in a folder is one of this run that can be on the class page."""
        return bool(self._all("SELECT 1 FROM students WHERE home = ? AND has_row", _key(home)))

    def students(self) -> Iterator[Student]:
        """All that is known, in alphabetical order. What is noted meanwhile may be missed."""
        columns = "name, summary, has_row, other, hand_in, grade"
        for name, summary, has_row, other, hand_in, grade in self._sorted(
            "name", columns, "students LEFT JOIN grades USING (name)"
        ):
            student = _name(name)
            report, row = contents(student, summary) if summary else (None, None)
            yield Student(
                student,
                _unpacked(HandIn, hand_in),
                report,
                row if has_row else None,
                _unpacked(Row, other),
                _unpacked(Final, grade),
            )

    def unsettled(self) -> Iterator[Unsettled]:
        """All of whom a final grade is to be made, in alphabetical order. What is noted meanwhile
        may be missed.
        """
        columns, tables = "name, summary, hand_in, page", "students LEFT JOIN drawn USING (home)"
        for name, summary, hand_in, page in self._sorted("name", columns, tables):
            yield Unsettled(_name(name), _unpacked(HandIn, hand_in), summary, page)

    def summaries(self) -> Iterator[tuple[str, str | bytes]]:
        """The students with a report, and its summary, in alphabetical order."""
        for name, summary in self._sorted("name", "name, summary", "students"):
            if summary:
                yield _name(name), summary

    @property
    def reports(self) -> Rows[Report]:
        """The reports of this run, in alphabetical order, with points only."""
        return Rows(
            lambda: self._number("SELECT sum(reports) FROM students"),
            lambda: (report_of(name, summary) for name, summary in self.summaries()),
        )

    @property
    def grades(self) -> Rows[Final]:
        """The final grades, in alphabetical order."""
        return self._packed(Final, "name", "grade", "grades")

    @property
    def changes(self) -> Rows[Change]:
        """The points that have changed, in the order in which they were noted."""
        return self._packed(Change, "rowid", "change", "changes")

    def changes_with_grades(self) -> Iterator[tuple[Change, Final]]:
        """The points that have changed, in alphabetical order of the students."""
        statement = (
            "SELECT change, grade FROM changes JOIN grades USING (name)"
            " ORDER BY name, changes.rowid"
        )
        with advice():
            for change, grade in self._db.execute(statement):
                yield Change(*pickle.loads(change)), Final(*pickle.loads(grade))

    def _packed(self, kind: type[T], key: str, column: str, table: str) -> Rows[T]:
        """What is packed in a column, in the order of a key."""
        return Rows(
            lambda: self._number(f"SELECT count({column}) FROM {table}"),
            lambda: (
                kind(*pickle.loads(value))
                for _, value in self._sorted(key, f"{key}, {column}", table)
            ),
        )

    def _sorted(self, key: str, columns: str, table: str) -> Iterator[tuple[Any, ...]]:
        """All rows of a table, in the order of a key, which is the first of the columns.

        Some at a time, so that the table may be written to meanwhile.
        """
        some = self._all(f"SELECT {columns} FROM {table} ORDER BY {key} LIMIT {MANY}")
        while some:
            yield from some
            some = self._all(
                f"SELECT {columns} FROM {table} WHERE {key} > ? ORDER BY {key} LIMIT {MANY}",
                some[-1][0],
            )


_VALUES = {kind: values_of(kind) for kind in (HandIn, Row, Final, Change)}


def _packed(one: HandIn | Row | Final | Change) -> bytes:
    return pickle.dumps(_VALUES[type(one)](one))


def _unpacked(kind: type[T], packed: bytes | None) -> T | None:
    return kind(*pickle.loads(packed)) if packed else None


def _key(name: str) -> bytes:
    """A name such that the database sorts it as Python does."""
    return name.encode("utf-8", "surrogatepass")


def _name(key: bytes) -> str:
    return key.decode("utf-8", "surrogatepass")
