"""The pages that people read: one for each student, and an overview of the class. Self-contained HTML, no network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.report import Report, format_points


def _printable(text: str) -> str:
    """Text from a student's process without control characters, such as terminal escapes."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in text)


_templates = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True,
                         undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_templates.filters.update(points=format_points, printable=_printable)
_templates.globals.update(assignment=ASSIGNMENT.replace("_", " "), max_score=MAX_SCORE)


def student_page(report: Report) -> str:
    """The feedback page of one student: every check, its points, and what to look at next."""
    notebooks = [(notebook, [exercise for exercise in report.exercises if exercise.notebook == notebook])
                 for notebook in NOTEBOOKS]
    return _templates.get_template("feedback.html").render(
        report=report, notebooks=[(name, exercises) for name, exercises in notebooks if exercises])


def class_page(reports: Sequence[Report]) -> str:
    """The overview of a class: one row a student, with links to the feedback pages."""
    rows = [(report, {exercise.name: exercise for exercise in report.exercises}) for report in reports]
    return _templates.get_template("class.html").render(rows=rows, exercises=list(EXERCISES.values()))
