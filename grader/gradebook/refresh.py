"""The final grades of a folder of results, anew from its reports and the gradebook: after marking,
or after a change of the rules. No submission is read, and nobody is graded.
"""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook

from grader.course.final import Final, Marks, Rules
from grader.faults import GraderFault
from grader.gradebook.database import DatabaseFault
from grader.gradebook.gradebook import database_of, existing_gradebook, is_there
from grader.gradebook.totals import read_marks, store_grades
from grader.results import store


def final_grades(results: Path, url: str | None, rules: Rules) -> list[Final]:
    """The final grades that hold now; nothing is written. Raises GraderFault."""
    try:
        book = _opened(results, url)
        if book is None:
            return store.final_grades(results, {}, rules)
        with book:
            return store.final_grades(results, read_marks(book), rules)
    except DatabaseFault as error:
        raise GraderFault(str(error)) from error


def draw_again(results: Path, url: str | None, rules: Rules) -> list[Final]:
    """Write pages and tables again, and what follows from the rules into the gradebook, if there is
    one; returns the final grades. Raises GraderFault.
    """
    try:
        book = _opened(results, url)
        if book is None:
            return store.draw_again(results, {}, rules)
        with book:
            marks: dict[str, Marks] = read_marks(book)
            grades = store.draw_again(results, marks, rules)
            store_grades(book, grades, rules)
        return grades
    except DatabaseFault as error:
        raise GraderFault(str(error)) from error


def _opened(results: Path, url: str | None) -> Gradebook | None:
    """The gradebook that goes with a folder of results; None if there is none yet."""
    database = url or database_of(results)
    return existing_gradebook(database) if is_there(database) else None
