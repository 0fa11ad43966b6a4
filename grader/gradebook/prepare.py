"""Prepares what Formgrader shows, for a class that `grade` has graded: each student's notebooks,
repaired, with the results of the checks in their grade cells, as `nbgrader autograde` leaves them
in autograded/. Nothing is graded; results come from the reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.utils import compute_checksum, is_grade, is_solution
from sqlalchemy import bindparam, select, update

from cs231n_utils.exercises import ASSIGNMENT, NOTEBOOKS
from grader.faults import GraderFault
from grader.gradebook import gradebook
from grader.gradebook.autograde import show_results
from grader.gradebook.database import DatabaseFault, in_one_transaction
from grader.gradebook.exchange_feedback import SECRET_FILE, is_secret
from grader.gradebook.notebooks import repaired
from grader.intake.finding import NotTaken
from grader.intake.hand_ins import HandIn
from grader.intake.safe_files import Unreadable
from grader.intake.students import Student
from grader.intake.times import TIME_FILE, TIME_FORMAT
from grader.pages.writing import write_whole
from grader.paths import COURSE
from grader.report import Report
from grader.results import store
from grader.text import one_line

_ANSWERS = ".answers.json"  # beside the notebooks: digests of the answers, to see what changed
_AT_ONCE = 100  # students in a transaction


@dataclass
class Prepared:
    """The outcome of a run.

    students : how many can be marked in Formgrader
    blank : how many answers were left as they were handed out, and have 0 points
    changed : (student, question) of answers that were marked before and are other ones now
    not_done : sentences on students whom Formgrader cannot show, with the reason
    remarks : sentences on notebooks that had to be repaired
    """

    students: int = 0
    blank: int = 0
    changed: list[tuple[str, str]] = field(default_factory=list)
    not_done: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Answer:
    """A written answer: its question's grade_id, whether it is blank, and whether it changed since
    the notebooks were prepared before.
    """

    notebook: str
    question: str
    is_blank: bool
    is_new: bool


def prepare(
    students: Iterable[Student], results: Path, url: str | None = None, course: Path = COURSE
) -> Prepared:
    """Prepare the submissions of an open download, whose reports are in `results`. Raises
    GraderFault.
    """
    database = url or gradebook.database_of(results, course)
    done = Prepared()
    try:
        with gradebook.open_gradebook(database, course) as book:
            known = _submissions(book)
            masters = _masters(course)
            folder = gradebook.autograded_folder(course)
            waiting: dict[str, list[_Answer]] = {}
            for one in students:
                student = one.student
                report = store.load(results, student)
                if why := _why_not(student, report, student in known):
                    done.not_done.append(f"{one_line(student)}: {why}")
                    continue
                assert report is not None
                try:
                    files = one.whole_kit()
                except NotTaken as error:
                    done.not_done.append(f"{one_line(student)}: {one_line(str(error))}")
                    continue
                target = folder / student / ASSIGNMENT
                waiting[student] = _write(files, target, report, masters, done)
                _write_beside(files, one.hand_in, target)
                if len(waiting) == _AT_ONCE:
                    _store(book, waiting, done)
                    waiting.clear()
            _store(book, waiting, done)
    except DatabaseFault as error:
        raise GraderFault(str(error)) from error
    return done


def _why_not(student: str, report: Report | None, is_known: bool) -> str:
    """Why Formgrader cannot show a student; "" if it can."""
    if report is None:
        return "no report is in the results; grade first"
    if one_line(student) != student or "/" in student or student in (".", ".."):
        return "nbgrader cannot take this name; rename what was handed in, and grade again"
    return "" if is_known else "the gradebook has no submission; grade first, with the same --db"


def _masters(course: Path) -> dict[str, NotebookNode]:
    """The notebooks as they were handed out, with the checksums that nbgrader gives their cells."""
    source = gradebook.course_config(course).CourseDirectory.source_directory
    masters = {}
    for name in NOTEBOOKS:
        path = course / source / ASSIGNMENT / f"{name}.ipynb"
        masters[name] = nbformat.read(path, as_version=4)
        for cell in masters[name].cells:
            if "nbgrader" in cell.metadata:
                cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
    return masters


def _write(
    files: Mapping[str, bytes | Unreadable],
    target: Path,
    report: Report,
    masters: Mapping[str, NotebookNode],
    done: Prepared,
) -> list[_Answer]:
    """Write a student's notebooks; return the written answers in them."""
    target.mkdir(parents=True, exist_ok=True)
    before, now, answers = _digests(target), {}, []
    for name, master in masters.items():
        notebook, remark = repaired(files.get(f"{name}.ipynb"), name, master)
        if remark:
            done.remarks.append(f"{one_line(report.student)}: {remark}")
        show_results(notebook, report)
        write_whole(target / f"{name}.ipynb", nbformat.v4.writes(notebook) + "\n")
        for cell in filter(_is_answer, notebook.cells):
            question = cell.metadata.nbgrader["grade_id"]
            now[question] = sha256(cell.source.encode(errors="replace")).hexdigest()
            is_blank = is_blank_answer(cell)
            is_new = before.get(question, now[question]) != now[question]
            answers.append(_Answer(name, question, is_blank, is_new))
    write_whole(target / _ANSWERS, json.dumps(now))
    done.students += 1
    done.blank += sum(answer.is_blank for answer in answers)
    return answers


def _write_beside(files: Mapping[str, bytes | Unreadable], hand_in: HandIn, target: Path) -> None:
    """Write when the work was handed in, and under which secret feedback is released."""
    time, secret = hand_in.confirmed, files.get(SECRET_FILE)
    for name, content in {
        TIME_FILE: time.astimezone(UTC).strftime(TIME_FORMAT).encode() if time else None,
        SECRET_FILE: secret if isinstance(secret, bytes) and is_secret(secret) else None,
    }.items():
        (target / name).unlink(missing_ok=True)
        if content is not None:
            (target / name).write_bytes(content)


def _is_answer(cell: NotebookNode) -> bool:
    return bool(is_grade(cell) and is_solution(cell))


def is_blank_answer(cell: NotebookNode) -> bool:
    """Whether an answer is as it was handed out, or holds nothing at all."""
    return not cell.source.strip() or compute_checksum(cell) == cell.metadata.nbgrader["checksum"]


def _digests(target: Path) -> dict[str, str]:
    """The digests of the answers that were prepared before; empty if there are none."""
    with suppress(OSError, ValueError):
        found = json.loads((target / _ANSWERS).read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    return {}


# --- the gradebook --------------------------------------------------------------------------------


def _submissions(book: Gradebook) -> set[str]:
    """The students who have a submission in the gradebook."""
    return set(
        book.db.scalars(
            select(SubmittedAssignment.student_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(Assignment.name == ASSIGNMENT)
        )
    )


def _store(book: Gradebook, answers: Mapping[str, list[_Answer]], done: Prepared) -> None:
    """Give a blank answer 0 points and the comment that there is no response, as nbgrader does, and
    have staff look at an answer again that has changed since it was marked.
    """
    if answers:
        in_one_transaction(book.db, book.engine.url, lambda: _update(book, answers, done))


def _update(book: Gradebook, answers: Mapping[str, list[_Answer]], done: Prepared) -> None:
    by_cell = {
        (student, answer.notebook, answer.question): answer
        for student, some in answers.items()
        for answer in some
    }
    grades, comments = [], []
    for row, answer in _rows(book, Grade, answers, by_cell):
        score = 0.0 if answer.is_blank else None
        if row.manual_score is None:
            waits = score is None
        else:
            waits = row.needs_manual_grade or answer.is_new
            if answer.is_new:
                done.changed.append((row.student_id, answer.question))
        if (score, waits) != (row.auto_score, row.needs_manual_grade):
            grades.append({"key": row.id, "score": score, "waits": waits})
    for row, answer in _rows(book, Comment, answers, by_cell):
        text = "No response." if answer.is_blank else None
        if text != row.auto_comment:
            comments.append({"key": row.id, "text": text})
    table = Grade.__table__
    if grades:
        book.db.execute(
            update(table)
            .where(table.c.id == bindparam("key"))
            .values(auto_score=bindparam("score"), needs_manual_grade=bindparam("waits")),
            grades,
        )
    table = Comment.__table__
    if comments:
        book.db.execute(
            update(table)
            .where(table.c.id == bindparam("key"))
            .values(auto_comment=bindparam("text")),
            comments,
        )


def _rows(
    book: Gradebook,
    of: Any,
    students: Iterable[str],
    by_cell: Mapping[tuple[str, str, str], _Answer],
) -> Iterator[tuple[Any, _Answer]]:
    """The rows of a table about these answers."""
    columns = {
        Grade: (Grade.auto_score, Grade.manual_score, Grade.needs_manual_grade),
        Comment: (Comment.auto_comment,),
    }[of]
    for row in book.db.execute(
        select(
            of.id,
            SubmittedAssignment.student_id,
            Notebook.name.label("notebook"),
            BaseCell.name,
            *columns,
        )
        .select_from(of)
        .join(BaseCell, BaseCell.id == of.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == of.notebook_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == ASSIGNMENT, SubmittedAssignment.student_id.in_(list(students)))
    ):
        if answer := by_cell.get((row.student_id, row.notebook, row.name)):
            yield row, answer
