"""What stands in nbgrader's `autograde` for running notebooks: hidden checks in the sandbox.

`HiddenChecks` replaces nbgrader's Execute: no cell of a submission is run. Each grade cell gets one output, made here. Its
text is a plain number, which nbgrader's SaveAutoGrades reads; its HTML tells what the checks found. What a cell cannot
say ("not judged", a notebook that is missing) `SettleGrades` writes through `grader.gradebook`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from cs231n_utils.exercises import EXERCISES, NOTEBOOKS
from grader import gradebook
from grader.report import Check, ExerciseReport, Report, Verdict, format_points
from grader.safe_display import drop_active_files
from grader.submission import Submission, read


@dataclass
class _Latest:
    """The submission that was graded last, and the notebooks that its report was used for."""

    path: Path
    submission: Submission
    report: Report
    notebooks: set[str] = field(default_factory=set)


_latest: _Latest | None = None


def report_for(path: Path, notebook: str) -> Report:
    """The report of the submission at `path`, which is graded once for all of its notebooks.

    nbgrader asks for each notebook in turn. A notebook that comes a second time begins a new run: somebody grades the
    same files again, perhaps with corrected checks, from a server that has been running since.
    """
    from grader.runner import grade_one  # the sandbox, which Formgrader's pages never need

    global _latest
    submission = read(path)
    if _latest is None or (_latest.path, _latest.submission) != (path, submission) or notebook in _latest.notebooks:
        _latest = _Latest(path, submission, grade_one(submission))
    _latest.notebooks.add(notebook)
    return _latest.report


class HiddenChecks(NbGraderPreprocessor):
    """Put the result of the hidden checks into each grade cell, in place of what the student's notebook holds there."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        where = resources["nbgrader"]
        report = report_for(_folder("submitted", self, where), where["notebook"])
        drop_active_files(_folder("autograded", self, where))
        exercises = {EXERCISES[exercise.name].grade_id: exercise for exercise in report.exercises}
        notes = report.notes
        for cell in nb.cells:
            if is_grade(cell) and not is_solution(cell) and cell.cell_type == "code":
                cell.execution_count = None
                cell.outputs = [_output(exercises[cell.metadata.nbgrader["grade_id"]], notes)]
                notes = ()  # once a notebook is enough
        resources["report"] = report
        return nb, resources


class SettleGrades(NbGraderPreprocessor):
    """Write what no cell can say: scores that wait for a person, and those of notebooks that were not handed in.

    Stock autograde gives a missing notebook 0; its functions stand in cs231n_utils, so they are graded all the same.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        where = resources["nbgrader"]
        submitted = _folder("submitted", self, where)
        missing = {name for name in NOTEBOOKS if not (submitted / f"{name}.ipynb").exists()}
        with Gradebook(where["db_url"]) as book:
            report = resources["report"]
            gradebook.write_scores(book, where["student"], report, {where["notebook"], *missing})
            gradebook.assign_late_penalties(book, where["student"], missing, self.config)
        return nb, resources


def _folder(step: str, at: NbGraderPreprocessor, where: dict) -> Path:
    """One student's folder of a step such as "submitted"; resources hold the names, the converter knows the course."""
    coursedir: CourseDirectory = at.parent.parent.coursedir  # preprocessor -> exporter -> converter
    return Path(coursedir.format_path(getattr(coursedir, f"{step}_directory"), where["student"], where["assignment"]))


def _output(exercise: ExerciseReport, notes: tuple[str, ...]) -> NotebookNode:
    """The only output of a grade cell: the score for nbgrader's eyes, the messages for people's."""
    score = gradebook.auto_score(exercise)
    heading = f"{exercise.name}: {format_points(exercise.points)} of {format_points(exercise.max_points)} points"
    if score is None:
        heading += " so far; not all is graded yet"
    lines = [f"<strong>{escape(heading)}</strong>", "<ul>", *map(_line, exercise.checks), "</ul>",
             *(f"<div>{escape(note)}</div>" for note in notes)]
    return new_output("execute_result", execution_count=None, data={
        "text/plain": f"{score or 0:.9g}",  # a score that waits is set by SettleGrades, after this number was read
        # MathJax, on the pages that show this, must not read a student's exception text as formulas.
        "text/html": '<div class="tex2jax_ignore">' + "\n".join(lines) + "</div>"})


def _line(check: Check) -> str:
    """One check as a list item; only tags that nbconvert's `clean_html` lets through."""
    message = "".join(f"<div>{escape(line)}</div>" for line in check.message.splitlines())
    return (f"<li><strong>{check.verdict.label}</strong> ({format_points(check.points)} of {format_points(check.max_points)}): "
            f"{escape(check.title)}{message if check.verdict is not Verdict.PASSED else ''}</li>")
