"""The pages that people read: one for each student, and an overview of the class. Self-contained
HTML, no network.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.pages import pictures
from grader.paths import TEMPLATES
from grader.report import Check, ExerciseReport, Report, Verdict, folder_of, format_points
from grader.text import printable


def _folder_link(student: str) -> str:
    """A folder's name in a link; also of a name that is not UTF-8."""
    return quote(os.fsencode(folder_of(student)), safe="")


def _about(message: str, exercise: str) -> str:
    """A message that stands below the name of its exercise."""
    return message.removeprefix(f"{exercise}: ")


_templates = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_templates.filters.update(
    points=format_points,
    printable=printable,
    folder_link=_folder_link,
    about=_about,
    svg=pictures.svg,
    sentence=pictures.sentence,
    legend=pictures.legend,
)
_templates.globals.update(assignment=ASSIGNMENT.replace("_", " "), max_score=MAX_SCORE)


@dataclass(frozen=True)
class _Next:
    """What a student does best next: see to the first check that is not passed, in `file`; `then`,
    the exercises after it.
    """

    exercise: ExerciseReport
    check: Check
    file: str
    then: list[ExerciseReport]


def _next(report: Report) -> _Next | None:
    missed = [
        (exercise, check)
        for exercise in report.exercises
        for check in exercise.checks
        if check.verdict is Verdict.FAILED and check.tried
    ]
    if not missed:
        return None
    (first, check), *rest = missed
    then = {exercise.name: exercise for exercise, _ in rest if exercise is not first}
    return _Next(first, check, EXERCISES[first.name].file, list(then.values()))


def _hinge(report: Report) -> tuple[str, str] | None:
    """The exercise and check beside which the hinge is drawn: the first wrong SVM loss."""
    return next(
        (
            (exercise.name, check.name)
            for exercise in report.exercises
            if exercise.name.startswith("svm_")
            for check in exercise.checks
            if check.name == "loss" and check.verdict is Verdict.FAILED and check.tried
        ),
        None,
    )


def student_page(report: Report) -> str:
    """The feedback page of one student: what to do next, and every check with its points, message
    and picture.
    """
    notebooks = [
        (notebook, [exercise for exercise in report.exercises if exercise.notebook == notebook])
        for notebook in NOTEBOOKS
    ]
    return render(
        "feedback.html",
        report=report,
        next=_next(report),
        hinge=_hinge(report),
        notebooks=[(name, exercises) for name, exercises in notebooks if exercises],
    )


def class_page(reports: Sequence[Report]) -> str:
    """The overview of a class: one row a student, with links to the feedback pages."""
    rows = [
        (report, {exercise.name: exercise for exercise in report.exercises}) for report in reports
    ]
    return render(
        "index.html",
        rows=rows,
        exercises=list(EXERCISES.values()),
        levels=sorted({report.level for report in reports if report.level}),
    )


def render(template: str, **values: object) -> str:
    """A page from one of the templates; all texts are escaped."""
    return _templates.get_template(template).render(**values)
