"""Marks of written answers, from a spreadsheet and into one.

Each row is the answer of one student to one question. Rows with the same answer have the same
group: whoever fills in one of them has marked them all. Blank answers are marked one by one, since
there are many reasons to hand in none. An empty cell changes nothing.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import bindparam, select, update

from cs231n_utils.exercises import ASSIGNMENT
from grader.gradebook import rubric
from grader.gradebook.database import in_one_transaction
from grader.report import format_points
from grader.results import spreadsheets
from grader.text import table_cell

COLUMNS = (
    "question",
    "group",
    "student",
    "points",
    "max_points",
    "comment",
    "answer",
    "for_the_marker",
)
BLANK = "blank"  # the group of those who wrote nothing
_MOST = 5_000  # characters of an answer in the table; spreadsheets take 32,767


class MarksWrong(Exception):
    """A table of marks cannot be taken in; each line of the text says what is wrong, and where."""


@dataclass(frozen=True)
class Answer:
    """A written answer in the gradebook.

    grade, comment_id : ids of its rows; the second is "" if it has none
    points : what a person gave; None if nobody has
    auto : 0 for an answer that was left as it was handed out; None if a person must look
    """

    student: str
    notebook: str
    question: str
    max_points: float
    points: float | None
    auto: float | None
    comment: str
    grade: str
    comment_id: str


@dataclass(frozen=True)
class _Mark:
    """What a row of a table says: points and comment, as far as they are filled in."""

    answer: Answer
    group: str
    points: float | None
    comment: str


@dataclass(frozen=True)
class Taken:
    """The outcome of taking in a table.

    marked : how many answers have other points or another comment than before
    by_group : how many of them were filled in from another row of their group
    waiting : how many answers still wait
    undecided : groups with empty rows and several different marks
    """

    marked: int
    by_group: int
    waiting: int
    undecided: Sequence[str]


def answers(book: Gradebook) -> list[Answer]:
    """All written answers of the assignment."""
    # nbgrader keeps points and comment of an answer under two cells of the same name.
    comments = {
        (row.notebook_id, row.name): row
        for row in book.db.execute(
            select(Comment.id, Comment.notebook_id, BaseCell.name, Comment.manual_comment).join(
                BaseCell, BaseCell.id == Comment.cell_id
            )
        )
    }
    found = []
    for row in book.db.execute(
        select(
            SubmittedAssignment.student_id,
            Notebook.name.label("notebook"),
            GradeCell.name,
            GradeCell.max_score,
            Grade.manual_score,
            Grade.auto_score,
            Grade.id,
            Grade.notebook_id,
        )
        .select_from(Grade)
        .join(GradeCell, GradeCell.id == Grade.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == ASSIGNMENT, GradeCell.cell_type == "markdown")
    ):
        comment = comments.get((row.notebook_id, row.name))
        found.append(
            Answer(
                row.student_id,
                row.notebook,
                row.name,
                row.max_score,
                row.manual_score,
                row.auto_score,
                (comment.manual_comment or "") if comment else "",
                row.id,
                comment.id if comment else "",
            )
        )
    return found


# --- giving out -----------------------------------------------------------------------------------


def table(found: Iterable[Answer], autograded: Path) -> tuple[str, int]:
    """A table to fill in, and how many of its answers are not in `autograded` yet."""
    texts = {answer: _text(answer, autograded) for answer in found}
    groups = {answer: _group(answer, text) for answer, text in texts.items()}
    sizes = Counter((answer.question, group) for answer, group in groups.items())

    def place(answer: Answer) -> tuple[Any, ...]:
        group = groups[answer]
        size = sizes[answer.question, group]
        return answer.question, group == BLANK, -size, group, answer.student

    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    explained: set[str] = set()
    for answer in sorted(texts, key=place):
        text = texts[answer]
        help_ = "" if answer.question in explained else rubric.in_words(answer.question)
        explained.add(answer.question)
        points = _known(answer)
        writer.writerow(
            [
                answer.question,
                groups[answer],
                table_cell(answer.student),
                "" if points is None else format_points(points),
                format_points(answer.max_points),
                _lines(answer.comment),
                "(not prepared yet)" if text is None else _lines(text),
                _lines(help_),
            ]
        )
    return file.getvalue(), sum(text is None for text in texts.values())


def _known(answer: Answer) -> float | None:
    """The points that an answer has already."""
    return answer.auto if answer.points is None else answer.points


def _lines(text: str) -> str:
    """A text of several lines as a cell, of which a spreadsheet computes nothing."""
    return "\n".join(table_cell(line) for line in text[:_MOST].splitlines())


def _text(answer: Answer, autograded: Path) -> str | None:
    """The text of an answer in a prepared notebook; None if there is none."""
    path = autograded / answer.student / ASSIGNMENT / f"{answer.notebook}.ipynb"
    with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            marks = cell["metadata"].get("nbgrader", {})
            if marks.get("grade_id") == answer.question:
                return "".join(cell["source"])
    return None


def _group(answer: Answer, text: str | None) -> str:
    """What all answers of the same words have in common."""
    if text is None:
        return ""
    if answer.auto == 0:
        return BLANK
    return sha256(" ".join(text.split()).casefold().encode(errors="replace")).hexdigest()[:8]


# --- taking in ------------------------------------------------------------------------------------


def take_in(book: Gradebook, content: bytes) -> Taken:
    """Store the marks of a table, all or none. Raises MarksWrong and DatabaseFault."""
    known = answers(book)
    marks = _marks(content, known)
    full, undecided = _spread(marks)
    new = {
        mark.answer: mark
        for mark in full
        if mark.points not in (None, _known(mark.answer))
        or (mark.comment and mark.comment != mark.answer.comment)
    }
    in_one_transaction(book.db, book.engine.url, lambda: _store(book, new.values()))
    filled = {mark.answer for mark in marks if mark.points is not None or mark.comment}
    has = {answer for answer in known if answer.points is not None or answer.auto is not None}
    has |= {mark.answer for mark in full if mark.points is not None}
    return Taken(
        len(new), sum(answer not in filled for answer in new), len(known) - len(has), undecided
    )


def _marks(content: bytes, known: Iterable[Answer]) -> list[_Mark]:
    by_name: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in known:
        name = answer.student
        for spelling in {name, table_cell(name), spreadsheets.without_zeros(name)}:
            by_name[spelling, answer.question].append(answer)
    found, wrong = [], []
    seen: set[Answer] = set()
    try:
        rows = spreadsheets.rows(content, ("student", "question", "points"))
    except spreadsheets.NotATable as error:
        raise MarksWrong(str(error)) from error
    for number, row in rows:
        if not any(value.strip() for value in row.values()):
            continue
        try:
            mark = _mark(row, by_name)
            if mark.answer in seen:
                raise ValueError(f"a second row of {row['student']!r} and {row['question']!r}")
            seen.add(mark.answer)
            found.append(mark)
        except ValueError as problem:
            wrong.append(f"row {number}: {problem}")
    if wrong:
        more = [f"and {len(wrong) - 20} more rows"] if len(wrong) > 20 else []
        raise MarksWrong("\n".join([*wrong[:20], *more, "Nothing was stored. Correct these rows."]))
    return found


def _mark(row: Mapping[str, str], by_name: Mapping[tuple[str, str], list[Answer]]) -> _Mark:
    """What a row says. Raises ValueError, with what is wrong with it."""
    student, question = row["student"].strip(), row["question"].strip()
    matches = by_name.get((student, question)) or by_name.get(
        (spreadsheets.without_zeros(student), question), []
    )
    exact = [answer for answer in matches if answer.student == student] or matches
    if len(exact) != 1:
        which = "several students could be" if exact else "the gradebook has no answer of"
        raise ValueError(f"{which} {student!r} to {question!r}")
    try:
        points = spreadsheets.number(row["points"])
    except ValueError as error:
        raise ValueError(
            f"{str(error)!r} are no points; expected a number such as 1.5, or nothing"
        ) from error
    if points is not None and points > exact[0].max_points:
        raise ValueError(
            f"{points:g} points for {question}, which is worth {exact[0].max_points:g}; extra"
            " credit is given in Formgrader"
        )
    comment = spreadsheets.without_apostrophe(row.get("comment", "").strip())
    return _Mark(exact[0], row.get("group", "").strip(), points, comment)


def _spread(marks: Sequence[_Mark]) -> tuple[list[_Mark], list[str]]:
    """All marks, with empty ones filled in from their group, unless that is the one of blank
    answers; and groups that do not agree.
    """
    filled: Mapping[tuple[str, str], set[tuple[float, str]]] = defaultdict(set)
    for mark in marks:
        if mark.group not in ("", BLANK) and mark.points is not None:
            filled[mark.answer.question, mark.group].add((mark.points, mark.comment))
    done, undecided = [], set()
    for mark in marks:
        found = filled.get((mark.answer.question, mark.group), set())
        if mark.points is None and len({points for points, _ in found}) > 1:
            undecided.add(f"{mark.answer.question} {mark.group}")
        elif mark.points is None and found:
            points, comment = max(found, key=lambda one: len(one[1]))
            mark = replace(mark, points=points, comment=mark.comment or comment)
        done.append(mark)
    return done, sorted(undecided)


def _store(book: Gradebook, marks: Iterable[_Mark]) -> None:
    grades = [
        {"key": mark.answer.grade, "points": mark.points}
        for mark in marks
        if mark.points is not None
    ]
    comments = [
        {"key": mark.answer.comment_id, "text": mark.comment}
        for mark in marks
        if mark.comment and mark.answer.comment_id
    ]
    if grades:
        columns = Grade.__table__
        book.db.execute(
            update(columns)
            .where(columns.c.id == bindparam("key"))
            .values(manual_score=bindparam("points"), needs_manual_grade=False),
            grades,
        )
    if comments:
        columns = Comment.__table__
        book.db.execute(
            update(columns)
            .where(columns.c.id == bindparam("key"))
            .values(manual_comment=bindparam("text")),
            comments,
        )
