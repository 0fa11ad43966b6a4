"""A plugin for `nbgrader export`: fills in the gradebook file of a platform with the totals of
nbgrader's gradebook, for courses that grade with nbgrader alone.

    nbgrader export --exporter=grader.gradebook.export_plugin.PlatformExport --to=canvas.csv
"""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry, Student
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Unicode

from cs231n_utils.exercises import ASSIGNMENT
from grader.course.files import load_rules
from grader.course.final import Rules, Status
from grader.results.exports import messages
from grader.results.exports.filling import NotFilled, fill, read_file, write_filled
from grader.results.exports.grades import Grade, GradesUnusable, read_hand_ins, with_ids
from grader.text import one_line


class PlatformExport(ExportPlugin):
    """Writes the file that --to names beside it, with grades; see `python -m grader export`."""

    column = Unicode("", help="the column to fill, where there are several").tag(config=True)
    missing_as_zero = Bool(False, help="write 0 for who handed in nothing").tag(config=True)
    results = Unicode(
        "", help="the output folder of `grade`, whose hand_ins.csv has the platform's ids"
    ).tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Fill in the file. Where that cannot be done, the command ends with the reason."""
        if not self.to:
            raise SystemExit("--to is missing: give the gradebook file that the platform exported.")
        file = Path(self.to)
        if self.assignment and ASSIGNMENT not in self.assignment:
            raise SystemExit(f"--assignment: expected {ASSIGNMENT}. Leave the option out.")
        rules = load_rules()
        try:
            hand_ins = read_hand_ins(Path(self.results)) if self.results else {}
            grades = [
                with_ids(grade, hand_ins)
                for grade in grades_of(gradebook, rules)
                if not self.student or grade.student in map(str, self.student)
            ]
            done = fill(
                read_file(file), grades, rules.course.title, self.column, self.missing_as_zero
            )
        except (NotFilled, GradesUnusable) as error:
            raise SystemExit(one_line(f"{file}: {error}")) from error
        except OSError as error:
            raise SystemExit(one_line(f"{error.filename}: {error.strerror}")) from error
        out = write_filled(done, file)
        for line in messages.remarks(done):
            self.log.warning("%s", line)
        self.log.info("%s", messages.summary(done, out))


def grades_of(book: Gradebook, rules: Rules) -> list[Grade]:
    """What nbgrader's own export would say, and what waits for somebody."""
    assignment = book.find_assignment(ASSIGNMENT)
    return [_grade(book, student, assignment.max_score, rules) for student in book.students]


def _grade(book: Gradebook, student: Student, most: float, rules: Rules) -> Grade:
    total = None
    try:
        submission = book.find_submission(ASSIGNMENT, student.id)
    except MissingEntry:
        status = Status.MISSING
    else:
        status = Status.WAITING if submission.needs_manual_grade else Status.GRADED
        total = max(0.0, submission.score - submission.late_submission_penalty)
    if student.id in rules.course.excused:
        status = Status.EXCUSED
    name = " ".join(filter(None, (student.first_name, student.last_name)))
    return Grade(student.id, name, student.email or "", status, total, most)
