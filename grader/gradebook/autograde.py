"""nbgrader's `autograde` with hidden checks in the sandbox instead of running notebooks.

`CourseAutograde` accepts every submission of a class, with any notebooks or none, and passes each
notebook on as notebooks.py has repaired it. `HiddenChecks` replaces nbgrader's Execute: no cell of
a submission is run. Each grade cell gets one output, made here. Its text is a plain number, which
nbgrader's SaveAutoGrades reads; its HTML says what the checks found. No cell can say "not judged",
so `MarkNotJudged` writes that through gradebook.py.
"""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import nbformat
import nbgrader.apps.api
import nbgrader.apps.autogradeapp
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from cs231n_utils.exercises import EXERCISES
from grader.course.files import load_rules
from grader.course.final import auto_score, final_of
from grader.gradebook import gradebook
from grader.gradebook.exchange_feedback import SECRET_FILE, submission_secret
from grader.gradebook.notebooks import repair
from grader.gradebook.totals import read_marks, store_grades
from grader.intake import times
from grader.intake.hand_ins import HandIn
from grader.intake.safe_files import Unreadable, read_file
from grader.intake.submission import Submission, read
from grader.report import Check, ExerciseReport, Report, Verdict, format_points
from grader.text import one_line, printable

_grade: Callable[[Submission], Report]  # what `stand_in_for_autograde` was given


def stand_in_for_autograde(grade: Callable[[Submission], Report]) -> None:
    """Have the command line and Formgrader autograde with `CourseAutograde`, for which nbgrader has
    no setting.

    grade : returns the report of a submission; it is passed in because this room must not import
        `grading`
    """
    global _grade
    _grade = grade
    nbgrader.apps.autogradeapp.Autograde = CourseAutograde
    nbgrader.apps.api.Autograde = CourseAutograde
    CourseDirectory.get_existing_timestamp = _existing_timestamp
    nbgrader.apps.api.NbGraderAPI.get_submitted_timestamp = _submitted_timestamp


def _existing_timestamp(coursedir: CourseDirectory, folder: str) -> datetime | None:
    """The hand-in time of a submission, or of the folder that autograding or feedback made of it;
    None if it is not known.

    nbgrader's own function waits when timestamp.txt is a pipe, follows it when it is a link, fails
    when it holds no time, and believes the student. The files in autograded/ and feedback/ are our
    own, and need no seal.
    """
    path, steps = Path(folder), (coursedir.autograded_directory, coursedir.feedback_directory)
    if path not in (
        Path(coursedir.format_path(step, path.parent.name, path.name)) for step in steps
    ):
        return gradebook.handed_in(path)
    try:
        return datetime.strptime(read_file(path, times.TIME_FILE, 100).decode(), times.TIME_FORMAT)
    except (OSError, Unreadable, ValueError):
        return None


def _submitted_timestamp(
    api: nbgrader.apps.api.NbGraderAPI, assignment: str, student: str
) -> datetime | None:
    """The hand-in time of a student. Formgrader calls this for each student on a page of the class,
    and nbgrader's own function could fail or hold up the whole page.
    """
    return gradebook.handed_in(
        Path(api.coursedir.format_path(api.coursedir.submitted_directory, student, assignment))
    )


class CourseAutograde(Autograde):
    """nbgrader's autograde, changed to accept every submission.

    nbgrader's own skips a submission without a notebook, fails on a notebook that is not JSON,
    copies all files, even those behind links, and stops at cells that it does not know.
    """

    def init_notebooks(self) -> None:
        """List all submissions, each with all notebooks of the assignment, whether or not they were
        handed in.
        """
        assignment, pattern = self.coursedir.assignment_id, self.coursedir.notebook_id
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            try:
                names = [notebook.name for notebook in book.find_assignment(assignment).notebooks]
            except MissingEntry as error:
                self.log.error(
                    "The gradebook has no %s. Run `nbgrader generate_assignment %s` first.",
                    assignment,
                    assignment,
                )
                raise NbGraderException(str(error)) from error
        names = fnmatch.filter(names, pattern)
        folders = self._format_source(assignment, self.coursedir.student_id)
        found = sorted(folder for folder in glob.glob(folders) if os.path.isdir(folder))
        # nbgrader cannot handle a line break in a student's name, and terminals would obey the
        # other characters that this finds.
        odd = [folder for folder in found if one_line(folder) != folder]
        for folder in odd:
            self.log.error(
                "%s: not graded; nbgrader cannot take this name. Rename the folder.",
                one_line(folder),
            )
        self.assignments = {
            folder: [f"{folder}/{name}.ipynb" for name in names]
            for folder in found
            if folder not in odd
        }
        if not names or not self.assignments:
            self.log.error(
                "No submissions in %s, or no notebook '%s' in %s.", folders, pattern, assignment
            )
            raise NbGraderException(f"nothing to grade in {folders}")

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Prepare a student's folder in autograded/, with the files that grading uses, and the rows
        in the gradebook.
        """
        source, target = (
            Path(path(assignment_id, student_id))
            for path in (self._format_source, self._format_dest)
        )
        files: dict[str, bytes | None] = {**read(source).files}
        handed_in = gradebook.handed_in(source)
        files[times.TIME_FILE] = (
            handed_in.strftime(times.TIME_FORMAT).encode() if handed_in else None
        )
        files[SECRET_FILE] = submission_secret(source)  # under which feedback is released
        for name, content in files.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            # A file of an earlier run is in the way, since nbgrader makes it read-only.
            (target / name).unlink(missing_ok=True)
            if content is not None:
                (target / name).write_bytes(content)
        if handed_in is None and os.path.lexists(source / times.TIME_FILE):
            self.log.warning(
                "%s: when this was handed in is not known, and nothing is late: its %s was not"
                " written by our `nbgrader collect`.",
                student_id,
                times.TIME_FILE,
            )
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            if self.create_student:
                book.update_or_create_student(student_id)
            submission = book.update_or_create_submission(
                assignment_id, student_id, timestamp=handed_in
            )
            if submission.total_seconds_late > 0:
                self.log.warning("%s is %s seconds late", student_id, submission.total_seconds_late)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Repair, grade and write one notebook. Nothing in it is executed, so it stays in memory
        throughout.
        """
        resources = self.init_single_notebook_resources(notebook_filename)
        where = resources["nbgrader"]
        masters = Path(
            self.coursedir.format_path(self.coursedir.source_directory, ".", where["assignment"])
        )
        master = nbformat.read(masters / f"{where['notebook']}.ipynb", as_version=4)
        notebook, remark = repair(Path(notebook_filename).parent, where["notebook"], master)
        if remark:
            self.log.warning("%s: %s", where["student"], remark)
        self.exporter._preprocessors = []
        for preprocessor in (*self.sanitize_preprocessors, *self.autograde_preprocessors):
            self.exporter.register_preprocessor(preprocessor)
        self.write_single_notebook(*self.exporter.from_notebook_node(notebook, resources))


@dataclass
class _Latest:
    """The submission that was graded last, and the notebooks that have used its report."""

    path: Path
    submission: Submission
    report: Report
    notebooks: set[str] = field(default_factory=set)


_latest: _Latest | None = None


def report_for(path: Path, notebook: str) -> Report:
    """The report of the submission at `path`, which is graded once for all of its notebooks.

    nbgrader calls this for each notebook in turn. When a notebook comes a second time, that is a
    new run, and the submission is graded again: somebody may have corrected the checks while a
    server kept this process running.
    """
    global _latest
    submission = read(path)
    if (
        _latest is None
        or (_latest.path, _latest.submission) != (path, submission)
        or notebook in _latest.notebooks
    ):
        _latest = _Latest(path, submission, _grade(submission))
    _latest.notebooks.add(notebook)
    return _latest.report


class HiddenChecks(NbGraderPreprocessor):
    """Puts the result of the hidden checks into each grade cell, and drops what was in there."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        where = resources["nbgrader"]
        # Preprocessor -> exporter -> converter.
        coursedir: CourseDirectory = self.parent.parent.coursedir
        submitted = coursedir.format_path(
            coursedir.submitted_directory, where["student"], where["assignment"]
        )
        report = report_for(Path(submitted), where["notebook"])
        show_results(nb, report)
        resources["report"] = report
        return nb, resources


def show_results(nb: NotebookNode, report: Report) -> None:
    """Put the result of the hidden checks into each grade cell of a notebook, and drop what was in
    there. A cell whose exercise is not in the report is left without a result.
    """
    exercises = {EXERCISES[exercise.name].grade_id: exercise for exercise in report.exercises}
    notes = report.notes
    for cell in nb.cells:
        if is_grade(cell) and not is_solution(cell) and cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
            if exercise := exercises.get(cell.metadata.nbgrader["grade_id"]):
                cell.outputs.append(_output(exercise, notes))
                notes = ()  # once a notebook is enough


class MarkNotJudged(NbGraderPreprocessor):
    """Stores the scores once more, and marks those that wait for a person as not judged."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as book:
            gradebook.write_scores(book, where["student"], resources["report"], {where["notebook"]})
        return nb, resources


class AssignPenalties(AssignLatePenalties):
    """Takes late penalties off, and writes points that staff have set, by the rules of the course.

    Where course.toml has no due time, nbgrader's own late penalties hold. They are those of the
    whole submission, so each notebook brings them up to date.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        student = resources["nbgrader"]["student"]
        rules = load_rules(course=Path(self.parent.parent.coursedir.root))
        if rules.course.due is None:
            nb, resources = super().preprocess(nb, resources)
        with Gradebook(resources["nbgrader"]["db_url"]) as book:
            marks = read_marks(book, [student])
            grade = final_of(resources["report"], HandIn(student), marks[student], rules)
            store_grades(book, [grade], rules)
        return nb, resources


SettleGrades = MarkNotJudged  # as nbgrader_config.py of earlier versions calls it


def _output(exercise: ExerciseReport, notes: tuple[str, ...]) -> NotebookNode:
    """The only output of a grade cell: the score, for nbgrader, and the messages, for people."""
    score = auto_score(exercise)
    heading = (
        f"{exercise.name}: {format_points(exercise.points)} of {format_points(exercise.max_points)}"
        " points"
    )
    if score is None:
        heading += " so far; not all is graded yet"
    lines = [
        f"<strong>{_html(heading)}</strong>",
        "<ul>",
        *map(_line, exercise.checks),
        "</ul>",
        *(f"<div>{_html(note)}</div>" for note in notes),
    ]
    return new_output(
        "execute_result",
        execution_count=None,
        data={
            # MarkNotJudged marks a score that waits, after nbgrader has read this number.
            "text/plain": f"{score or 0:.9g}",
            # On pages with MathJax, the text of an exception must not be drawn as formulas.
            "text/html": '<div class="tex2jax_ignore">' + "\n".join(lines) + "</div>",
        },
    )


def _line(check: Check) -> str:
    """One check as a list item, with only such tags as nbconvert's `clean_html` lets through."""
    message = "".join(f"<div>{_html(line)}</div>" for line in check.message.splitlines())
    return (
        f"<li><strong>{check.verdict.label}</strong> ({format_points(check.points)} of"
        f" {format_points(check.max_points)}):"
        f" {_html(check.title)}{message if check.verdict is not Verdict.PASSED else ''}</li>"
    )


def _html(text: str) -> str:
    return escape(printable(text))
