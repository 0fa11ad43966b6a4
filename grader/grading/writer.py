"""Writes the gradebook, and the tables of a class."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC
from pathlib import Path

from grader.course.final import Final, Marks, Rules, Standing
from grader.faults import GraderFault
from grader.intake.hand_ins import HandIn
from grader.pages.class_rows import Damaged
from grader.report import Report
from grader.results import store
from grader.results.class_table import ClassTable


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
        from grader.pages.class_counts import Counts

        self._fault, self._class_page, self._counts = DatabaseFault, class_page, Counts
        self._out, self.rules = out, rules
        try:
            self._book = gradebook.open_gradebook(database or gradebook.database_of(out))
        except self._fault as error:
            raise GraderFault(str(error)) from error
        self._book.db.remove()  # this thread's session

    def scores(self, students: Collection[str]) -> dict[str, float]:
        """The scores that the gradebook has of these students."""
        try:
            return self._gradebook.auto_scores(self._book, students)
        except self._fault as error:
            raise GraderFault(str(error)) from error

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

    def marks(self, students: Collection[str]) -> dict[str, Marks]:
        """What the gradebook has of these students."""
        try:
            return self._totals.read_marks(self._book, students)
        except self._fault as error:
            raise GraderFault(str(error)) from error

    def store(self, grades: Sequence[Final]) -> None:
        """Write the final grades into the gradebook."""
        try:
            self._totals.store_grades(self._book, grades, self.rules)
        except self._fault as error:
            raise GraderFault(str(error)) from error

    def write_tables(
        self,
        table: ClassTable,
        standing: Standing,
        levels: Iterable[str],
        damaged: Sequence[Damaged],
    ) -> None:
        """Write the table, the overview, and the class page, while the class is read once.

        standing : of the class's final grades
        levels : of the sandbox, of all reports of the run
        damaged : the reports that cannot be on the class page
        """
        counts = self._counts()

        def rows() -> Iterator[tuple[Final, Report | None]]:
            for one in table.students():
                counts.add(one.row or one.other, one.grade)
                if one.grade:
                    yield one.grade, one.report

        store.write_tables(self._out, rows(), standing.scored, levels)
        self._class_page.draw(self._out, counts, damaged)

    def close(self) -> None:
        self._book.close()
