"""The gradebook: reports go into nbgrader's database here, and nowhere else.

nbgrader does what it can do: its `generate_assignment` registers notebooks and cells, its `Gradebook` stores rows, its
`AssignLatePenalties` takes points off. Ours are the automatic scores and the mark "a person must look at this".
Manual scores, extra credit and comments belong to staff and are never touched.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import alembic.config
import nbformat
import nbgrader.api
import nbgrader.dbutil
from alembic.script import ScriptDirectory
from nbgrader.api import Assignment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader.report import ExerciseReport, Report

COURSE = Path(__file__).resolve().parent.parent  # the course root, which holds nbgrader_config.py

# nbgrader tells about every file it copies; of its log, what matters here are errors.
_quiet = logging.getLogger("grader.nbgrader")
_quiet.setLevel(logging.ERROR)


def ask_alembic_in_process() -> None:
    """Have nbgrader ask the alembic library, not the program, for the schema version of a new gradebook.

    The program is looked up on PATH, so that a new gradebook fails outside an activated environment; and it takes 3 s.
    """
    nbgrader.api.get_alembic_version = _schema_version


def _schema_version() -> str | None:
    settings = alembic.config.Config()
    settings.set_main_option("script_location", nbgrader.dbutil.ALEMBIC_DIR)
    return ScriptDirectory.from_config(settings).get_current_head()


def course_config(course: Path = COURSE) -> Config:
    """The settings in the course's nbgrader_config.py."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()


def generate_assignment(course: Path, into: Path, db_url: str | None = None) -> Path:
    """Run nbgrader's own generate_assignment on `course`, with `into` as the folder that it writes to.

    db_url : the database that learns the notebooks and cells, or None for no database

    Returns the folder of the generated notebooks.
    """
    ask_alembic_in_process()
    course, into = course.resolve(), into.resolve()  # nbgrader changes the working directory
    config = course_config(course)
    config.GenerateAssignment.post_convert_hook = None  # what goes beside the notebooks is not asked for here
    source = course / config.CourseDirectory.source_directory
    config.CourseDirectory.merge(dict(
        root=str(into), source_directory=str(source), assignment_id=ASSIGNMENT, db_url=db_url or "sqlite://"))
    config.SaveCells.enabled = db_url is not None
    GenerateAssignment(coursedir=CourseDirectory(config=config), config=config, log=_quiet, force=True,
                       no_database=db_url is None).start()
    return into / "release" / ASSIGNMENT


def open_gradebook(database: Path | str, course: Path = COURSE) -> Gradebook:
    """Open nbgrader's gradebook, made if it is new, with the course's assignment, notebooks and cells in it.

    database : path of an SQLite file, or any database URL that nbgrader takes

    Use the result in a `with` statement, which closes it.
    """
    # Another writer, such as Formgrader, may hold the file for longer than SQLite's own 5 seconds.
    url = database if isinstance(database, str) else f"sqlite:///{database.resolve()}?timeout=60"
    with tempfile.TemporaryDirectory() as scratch:
        if isinstance(database, Path) and not database.exists():  # whole or not at all, whenever this is stopped
            new = database.resolve().with_name(f".{database.name}.new")
            new.unlink(missing_ok=True)
            generate_assignment(course, Path(scratch), f"sqlite:///{new}")
            new.replace(database)
        else:
            generate_assignment(course, Path(scratch), url)
    return Gradebook(url, course_config(course).CourseDirectory.course_id)


def write(book: Gradebook, reports: Iterable[Report], timestamps: Mapping[str, datetime] | None = None,
          course: Path = COURSE) -> None:
    """Store the scores of `reports` in one transaction: all of them, or none.

    timestamps : when each student handed in, where known; the course's late penalties follow from it

    Written answers stay with staff: automatic grading reads no notebook, so a new one waits for a manual grade.
    """
    late: list[Report] = []
    with _one_transaction(book):
        for report in reports:
            student = report.student
            handed_in = {"timestamp": timestamps[student]} if timestamps and student in timestamps else {}
            book.update_or_create_student(student)
            submission = book.update_or_create_submission(ASSIGNMENT, student, **handed_in)
            write_scores(book, student, report)
            if submission.total_seconds_late > 0 or any(nb.late_submission_penalty for nb in submission.notebooks):
                late.append(report)
    for report in late:
        notebooks = {exercise.notebook for exercise in report.exercises}
        assign_late_penalties(book, report.student, notebooks, course_config(course))


# A student may have written the file: nbgrader's parser would take a path for the name of a time zone, and open it.
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?( ?([A-Za-z]+(/[A-Za-z_]+)*|[+-]?\d{1,4}))?")


def handed_in(submission: Path) -> datetime | None:
    """When a folder was collected: the time in the timestamp.txt that `nbgrader collect` puts into it, if it is one."""
    try:
        descriptor = os.open(submission / "timestamp.txt", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, encoding="ascii") as file:
            text = file.read(100).strip()
            return parse_utc(text) if _TIME.fullmatch(text) else None
    except (OSError, ValueError, OverflowError):
        return None


@contextmanager
def _one_transaction(book: Gradebook) -> Iterator[None]:
    """Commit once at the end; nbgrader commits after each row, and SQLite waits for the disk each time."""
    book.db.commit = book.db.flush
    try:
        with book.db.no_autoflush:  # nbgrader builds a submission row by row, unfit for a flush in between
            yield
    except BaseException:
        book.db.rollback()
        raise
    finally:
        del book.db.commit
    book.db.commit()


def write_scores(book: Gradebook, student: str, report: Report, notebooks: Collection[str] | None = None) -> None:
    """Store the automatic scores of one submission, which must exist; `notebooks` limits it to some of them.

    A score that changes under a manual one asks staff to look again, as in nbgrader.
    """
    exercises = {(exercise.notebook, EXERCISES[exercise.name].grade_id): exercise for exercise in report.exercises}
    for grade in _grades(book, student):
        where = (grade.notebook.name, grade.name)
        if where not in exercises or (notebooks is not None and where[0] not in notebooks):
            continue
        score = auto_score(exercises[where])
        if grade.manual_score is None:
            grade.needs_manual_grade = score is None
        elif score != grade.auto_score:
            grade.needs_manual_grade = True
        grade.auto_score = score
    book.db.commit()


def auto_score(exercise: ExerciseReport) -> float | None:
    """The points as the gradebook keeps them: no float noise, never above the maximum; None when not judged."""
    if not exercise.judged:
        return None
    return round(min(max(exercise.points, 0.0), exercise.max_points), 6)


def assign_late_penalties(book: Gradebook, student: str, notebooks: Iterable[str], config: Config) -> None:
    """Let nbgrader take late penalties off these notebooks, with the plugin that `config` names."""
    for notebook in notebooks:
        AssignLatePenalties(config=config, log=_quiet).preprocess(
            nbformat.v4.new_notebook(),
            {"nbgrader": {"notebook": notebook, "assignment": ASSIGNMENT, "student": student,
                          "db_url": book.engine.url.render_as_string(hide_password=False)}})
    book.db.expire_all()  # they were written through a connection of their own


def _grades(book: Gradebook, student: str) -> Iterable[Grade]:
    """All grades of one submission, by one query; `Gradebook.find_grade` makes three for each of them."""
    return book.db.scalars(
        select(Grade).join(Grade.notebook).join(SubmittedNotebook.assignment).join(SubmittedAssignment.assignment)
        .where(SubmittedAssignment.student_id == student, Assignment.name == ASSIGNMENT)
        .options(joinedload(Grade.cell), joinedload(Grade.notebook).joinedload(SubmittedNotebook.notebook)))


def auto_scores(book: Gradebook) -> dict[str, float]:
    """The sum of the automatic scores of each student who has a submission, without float noise."""
    return {student: round(total, 6) for student, total in book.db.execute(
        select(SubmittedAssignment.student_id, func.coalesce(func.sum(Grade.auto_score), 0.0))
        .join(SubmittedAssignment.assignment).join(SubmittedAssignment.notebooks).join(SubmittedNotebook.grades)
        .where(Assignment.name == ASSIGNMENT).group_by(SubmittedAssignment.student_id))}


def auto_total(report: Report) -> float:
    """What `auto_scores` gives for a report that is in the gradebook."""
    return round(sum(auto_score(exercise) or 0.0 for exercise in report.exercises), 6)
