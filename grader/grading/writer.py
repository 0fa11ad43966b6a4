"""Writes the gradebook, and the tables of a class."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import UTC
from pathlib import Path

from grader.course.final import Final, Marks, Rules
from grader.faults import GraderFault
from grader.intake.hand_ins import HandIn
from grader.pages import class_rows
from grader.report import Report
from grader.results import store


class Writer:
    """Writes the gradebook, the final grades and the class page.

    It is made in a thread of its own, beside the processes that grade: importing nbgrader and
    matplotlib, and opening the gradebook, take three seconds. Raises GraderFault.
    """

    def __init__(self, out: Path, database: Path | str | None, rules: Rules) -> None:
        # First what the command line imports in a thread, and by the same name: then one waits for
        # the other. Two threads that begin at different modules of SQLAlchemy meet half of it.
        from grader.gradebook import gradebook, totals

        self._gradebook, self._totals = gradebook, totals
        from grader.gradebook.database import DatabaseFault
        from grader.pages import class_page

        self._fault, self._class_page = DatabaseFault, class_page
        self._out, self.rules = out, rules
        try:
            self._book = gradebook.open_gradebook(database or gradebook.database_of(out))
        except self._fault as error:
            raise GraderFault(str(error)) from error
        self._book.db.remove()  # this thread's session

    @functools.cached_property
    def _scores(self) -> dict[str, float]:
        """The scores in the gradebook before this run. They are read once, at the first use."""
        return self._gradebook.auto_scores(self._book)

    def knows(self, report: Report) -> bool:
        """Whether the gradebook had the score of this report before the run."""
        return self._scores.get(report.student) == self._gradebook.auto_total(report)

    def write(self, reports: Sequence[Report], hand_ins: Sequence[HandIn]) -> None:
        """Store the scores of reports, with the times at which their submissions were handed in, as
        far as somebody but the student's side says them.
        """
        known = {
            report.student: time.astimezone(UTC).replace(tzinfo=None)
            for report, one in zip(reports, hand_ins, strict=True)
            if (time := one.confirmed)
        }
        try:
            self._gradebook.write(
                self._book, reports, known, late_penalties=self.rules.course.due is None
            )
        except self._fault as error:
            raise GraderFault(str(error)) from error

    @functools.cached_property
    def marks(self) -> dict[str, Marks]:
        """What the gradebook had of each student before this run. It is read once."""
        return self.marks_now()

    def marks_now(self) -> dict[str, Marks]:
        try:
            return self._totals.read_marks(self._book)
        except self._fault as error:
            raise GraderFault(str(error)) from error

    def store(self, grades: Sequence[Final]) -> None:
        """Write the final grades into the gradebook."""
        try:
            self._totals.store_grades(self._book, grades, self.rules)
        except self._fault as error:
            raise GraderFault(str(error)) from error

    def write_tables(
        self, reports: Sequence[Report], grades: Sequence[Final], rows: Mapping[str, class_rows.Row]
    ) -> None:
        """Write the table, the overview, and the class page."""
        store.write_class(self._out, reports, grades)
        self._class_page.write(self._out, rows=rows, grades=grades)

    def close(self) -> None:
        self._book.close()
