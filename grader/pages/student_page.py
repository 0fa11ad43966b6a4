"""The feedback page of a student, and the overview of a class.

Pages are whole in one file and load nothing from elsewhere.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.course.final import MAX_WRITTEN, Final, final_of
from grader.intake.hand_ins import HandIn
from grader.pages import pictures
from grader.paths import TEMPLATES
from grader.report import Check, ExerciseReport, Report, Verdict, folder_of, format_points
from grader.text import printable

_NO_CELL = Markup('<td class="points none">–</td>\n')


def _folder_link(student: str) -> str:
    """The name of a student's folder of results, as a link holds it."""
    return quote(os.fsencode(folder_of(student)), safe="")


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
    svg=pictures.svg,
    sentence=pictures.sentence,
    legend=pictures.legend,
)
_templates.globals.update(
    assignment=ASSIGNMENT.replace("_", " "), max_score=MAX_SCORE, max_written=MAX_WRITTEN
)


@dataclass(frozen=True)
class _Next:
    """What a student is advised to do next.

    check : the first check that was tried and is not passed
    file : where the code of its exercise is
    then : further exercises with such checks, in order
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
    """The names of exercise and check beside which the hinge is drawn, the first wrong SVM loss."""
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


def student_page(report: Report, grade: Final | None = None) -> str:
    """The feedback page of one student: the next step, and each check with points and message.

    grade : the final grade; by default, as far as it follows from the report alone
    """
    grade = grade or final_of(report, HandIn(report.student))
    notebooks = []
    for notebook in NOTEBOOKS:
        exercises = [one for one in report.exercises if one.notebook == notebook]
        points = sum(grade.points.get(one.name, one.points) for one in exercises)
        notebooks.append((notebook, points, exercises))
    return render(
        "feedback.html",
        report=report,
        grade=grade,
        answers=grade.answers,
        next=_next(report),
        hinge=_hinge(report),
        notebooks=[one for one in notebooks if one[-1]],
    )


def class_page(
    rows: Iterable[tuple[Final, Report | None]], graded: int, levels: Iterable[str]
) -> Iterator[str]:
    """The overview of a class, in parts: one row for each grade, with a link to the feedback page
    if there is a report.

    graded : how many grades are of a submission
    levels : of the sandbox, of all reports
    """
    template = _templates.get_template("index.html")
    parts = template.stream(
        rows=((grade, _cells(grade, report)) for grade, report in rows),
        graded=graded,
        exercises=list(EXERCISES.values()),
        levels=sorted(levels),
    )
    parts.enable_buffering(1_000)
    return parts


def _cells(grade: Final, report: Report | None) -> Markup:
    """The cells of the exercises in a row of the overview."""
    graded = {exercise.name: exercise for exercise in report.exercises} if report else {}
    cells = [
        _cell(one.points, one.max_points, one.judged, grade.points[name])
        if (one := graded.get(name))
        else _NO_CELL
        for name in EXERCISES
    ]
    return Markup("".join(cells))  # each of them is escaped


@functools.lru_cache(10_000)
def _cell(points: float, max_points: float, judged: bool, shown: float) -> Markup:
    """The cell of an exercise. Most of a large class are equal.

    points, shown : of the checks, and in the final grade
    """
    look = "full" if shown == max_points else "some" if shown > 0 else "none"
    text = format_points(shown)
    what = Markup("<u>{}</u>").format(text) if shown != points else text + "*" * (not judged)
    return Markup('<td class="points {}">{}</td>\n').format(look, what)


def render(template: str, **values: object) -> str:
    """A page from one of the templates; all texts are escaped."""
    return _templates.get_template(template).render(**values)
