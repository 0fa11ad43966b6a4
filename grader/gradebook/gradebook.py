"""The gradebook: reports go into nbgrader's database here, and nowhere else.

nbgrader does what it can do: its `generate_assignment` registers notebooks and cells, its
`Gradebook` stores rows, its `AssignLatePenalties` takes points off. Ours are the automatic scores
and the mark "a person must look at this". Manual scores, extra credit and comments belong to staff
and are never touched.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import nbgrader.api
import nbgrader.dbutil
from nbgrader.api import Assignment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import URL, ColumnElement, func, select
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from cs231n_utils.exercises import ASSIGNMENT
from grader.checks.seeds import course_secret
from grader.gradebook import remembered
from grader.gradebook.bulk_rows import (
    add_indexes,
    add_submissions,
    update_scores,
    update_times,
)
from grader.gradebook.database import fault, in_one_transaction, url_of
from grader.intake import times
from grader.intake.safe_files import Unreadable, read_file
from grader.intake.times import SEAL_FILE, TIME_FILE, TIME_FORMAT
from grader.pages.writing import write_private
from grader.paths import COURSE, GRADEBOOK
from grader.report import Report

# nbgrader logs every file that it copies; only its errors matter here.
_quiet = logging.getLogger("grader.nbgrader")
_quiet.setLevel(logging.ERROR)


def ask_alembic_in_process() -> None:
    """Have nbgrader ask the alembic library, not the program, for the schema version of a new
    gradebook.

    The program is looked up on PATH, so that a new gradebook fails outside an activated
    environment; and it takes 3 s.
    """
    nbgrader.api.get_alembic_version = _schema_version


def _schema_version() -> str | None:
    # Only here: new gradebooks are copies of one, see `_registered`.
    import alembic.config
    from alembic.script import ScriptDirectory

    settings = alembic.config.Config()
    settings.set_main_option("script_location", nbgrader.dbutil.ALEMBIC_DIR)
    head: str | None = ScriptDirectory.from_config(settings).get_current_head()
    return head


def course_config(course: Path = COURSE) -> Config:
    """The settings in the course's nbgrader_config.py."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()


def generate_assignment(course: Path, into: Path, db_url: str | None = None) -> Path:
    """Run nbgrader's own generate_assignment on `course`, with `into` as the folder that it writes
    to.

    db_url : the database that learns the notebooks and cells, or None for no database

    Returns the folder of the generated notebooks.
    """
    ask_alembic_in_process()
    course, into = course.resolve(), into.resolve()  # nbgrader changes the working directory
    config = course_config(course)
    # The course's hook adds files beside the notebooks, which nobody needs here.
    config.GenerateAssignment.post_convert_hook = None
    source = course / config.CourseDirectory.source_directory
    config.CourseDirectory.merge(
        dict(
            root=str(into),
            source_directory=str(source),
            assignment_id=ASSIGNMENT,
            db_url=db_url or "sqlite://",
        )
    )
    config.SaveCells.enabled = db_url is not None
    GenerateAssignment(
        coursedir=CourseDirectory(config=config),
        config=config,
        log=_quiet,
        force=True,
        no_database=db_url is None,
    ).start()
    return into / "release" / ASSIGNMENT


def database_of(results: Path, course: Path = COURSE) -> Path | str:
    """The database that goes with a folder of results: the folder's own gradebook.db if there is
    one, as `demo` and earlier versions make it; or else the one that nbgrader_config.py names,
    which Formgrader shows.
    """
    own = results / GRADEBOOK
    return own if own.exists() else str(course_config(course).CourseDirectory.db_url)


def autograded_folder(course: Path = COURSE) -> Path:
    """The folder with the notebooks that Formgrader shows."""
    config = course_config(course).CourseDirectory
    root, name = config.get("root", course), config.get("autograded_directory", "autograded")
    return Path(str(root), str(name))


def is_there(database: Path | str) -> bool:
    """Whether a database may hold a gradebook; of a server, nobody knows before it is asked."""
    url = url_of(database)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").exists()


def open_gradebook(database: Path | str, course: Path = COURSE) -> Gradebook:
    """Open nbgrader's gradebook, with the course's assignment, notebooks and cells in it; make it
    if there is none.

    database : path of an SQLite file, or any database URL that nbgrader takes

    Use the result in a `with` statement, which closes it. Raises DatabaseFault.
    """
    ask_alembic_in_process()
    url = url_of(database)
    file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    config = course_config(course)
    try:
        registered = remembered.load(course, config) or _registered(course, config)
        if file and not file.exists():
            with suppress(OSError):  # SQLite meets the same error below, and reports it
                write_private(file, registered.database)
        book = Gradebook(_text(url), config.CourseDirectory.course_id)
        if remembered.rows_of(book) != registered.rows:
            with tempfile.TemporaryDirectory() as scratch:
                generate_assignment(course, Path(scratch), _text(url))
        add_indexes(book.engine)
        return book
    except SQLAlchemyError as error:
        raise fault(
            url,
            error,
            (
                "Check the URL, and that the server runs."
                if file is None
                else "Is the folder there, and are you allowed to write in it?"
            ),
        ) from error


def _registered(course: Path, config: Config) -> remembered.Registered:
    """Have nbgrader register the assignment in a new gradebook, and remember what it has made."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, GRADEBOOK)
        url = f"sqlite:///{file}"
        with Gradebook(url, config.CourseDirectory.course_id) as book:
            generate_assignment(course, Path(scratch), url)
            add_indexes(book.engine)
            rows = remembered.rows_of(book)
        done = remembered.Registered(file.read_bytes(), rows)
    remembered.keep(course, config, done)
    return done


def existing_gradebook(database: Path | str, course: Path = COURSE) -> Gradebook:
    """Open a gradebook that is there already; its notebooks and cells stay as they are. Raises
    DatabaseFault.
    """
    ask_alembic_in_process()
    url = url_of(database)
    try:
        return Gradebook(_text(url), course_config(course).CourseDirectory.course_id)
    except SQLAlchemyError as error:
        raise fault(url, error, "Check the URL, and that the server runs.") from error


def _text(url: URL) -> str:
    """The URL as nbgrader needs it, with the password: never to be shown."""
    return url.render_as_string(hide_password=False)


def write(
    book: Gradebook,
    reports: Iterable[Report],
    timestamps: Mapping[str, datetime] | None = None,
    course: Path = COURSE,
    late_penalties: bool = True,
) -> None:
    """Store the scores of `reports` in one transaction: all of them, or none. Raises DatabaseFault.

    timestamps : when each student handed in, where known
    late_penalties : take off nbgrader's late penalties; False where course.toml has the dates, from
        which they follow (totals.py)

    Written answers stay with staff: automatic grading reads no notebook, so a new one waits for a
    manual grade.
    """
    by_student = {report.student: report for report in reports}
    in_one_transaction(
        book.db,
        book.engine.url,
        lambda: _write(book, by_student, timestamps or {}, course, late_penalties),
    )


def _write(
    book: Gradebook,
    reports: Mapping[str, Report],
    timestamps: Mapping[str, datetime],
    course: Path,
    late_penalties: bool,
) -> None:
    assignment = book.db.execute(
        select(Assignment.id, Assignment.duedate).where(Assignment.name == ASSIGNMENT)
    ).one()
    chosen = (
        SubmittedAssignment.assignment_id == assignment.id
    ) & SubmittedAssignment.student_id.in_(reports)
    known = set(book.db.scalars(select(SubmittedAssignment.student_id).where(chosen)))
    add_submissions(
        book,
        assignment.id,
        {student: reports[student] for student in reports if student not in known},
        timestamps,
    )
    update_scores(book, {student: reports[student] for student in known})
    update_times(
        book,
        assignment.id,
        {student: timestamps[student] for student in known if student in timestamps},
    )
    if not late_penalties:
        return
    penalty = SubmittedAssignment.late_submission_penalty
    _assign_late_penalties(book, chosen if assignment.duedate else chosen & (penalty > 0), course)


def handed_in(submission: Path) -> datetime | None:
    """When a folder was handed in, in UTC, if our collector took it in and noted the time with
    `hand_in_time`; otherwise None.

    Any other timestamp.txt is a student's claim and is ignored. Never raises for what a student may
    have written.
    """
    try:
        text, seal = (read_file(submission, name, 100) for name in (TIME_FILE, SEAL_FILE))
        time = times.sealed(text, seal, course_secret(), submission.parent.name, submission.name)
    except (OSError, Unreadable, ValueError):  # the last: the course's secret is unusable
        return None
    return time.replace(tzinfo=None) if time else None


def hand_in_time(time: datetime, student: str, assignment: str) -> dict[str, bytes]:
    """The files that note in a submission's folder when it was handed in: timestamp.txt, and our
    seal on it. File name -> content.

    The seal is made with the course's secret, so that no student can write one, wherever a folder
    comes from: unpacked by hand, from a learning platform, or from nbgrader's own collector. It
    holds for this student and assignment only.
    """
    text = time.strftime(TIME_FORMAT).encode()
    return {TIME_FILE: text, SEAL_FILE: times.seal(text, course_secret(), student, assignment)}


def write_scores(
    book: Gradebook, student: str, report: Report, notebooks: Collection[str] | None = None
) -> None:
    """Store the automatic scores of one submission, whose rows must exist; of all notebooks, or of
    `notebooks` only.
    """
    update_scores(book, {student: report}, notebooks)
    book.db.commit()


def _assign_late_penalties(book: Gradebook, chosen: ColumnElement[bool], course: Path) -> None:
    """Take late penalties off these submissions, as nbgrader's preprocessor does, with the course's
    plugin.
    """
    book.db.expire_all()  # what was read before the scores were written
    late = [
        submission
        for submission, penalty in book.db.execute(
            select(SubmittedAssignment, SubmittedAssignment.late_submission_penalty).where(chosen)
        )
        if submission.total_seconds_late > 0 or penalty
    ]
    if not late:
        return
    penalties = AssignLatePenalties(config=course_config(course), log=_quiet)
    penalties.init_plugin()
    for submission in late:
        student, seconds = submission.student_id, submission.total_seconds_late
        for notebook in submission.notebooks:
            penalty = (
                penalties.plugin_inst.late_submission_penalty(student, notebook.score, seconds)
                if seconds
                else None
            )
            notebook.late_submission_penalty = (
                None if penalty is None else penalties._check_late_penalty(notebook, penalty)
            )


def auto_scores(book: Gradebook, students: Collection[str] | None = None) -> dict[str, float]:
    """The sum of the automatic scores of each of these students, or of all, who has a submission,
    without float noise. Raises DatabaseFault.
    """
    found: dict[str, float] = {}
    in_one_transaction(book.db, book.engine.url, lambda: found.update(_auto_scores(book, students)))
    return found


def _auto_scores(book: Gradebook, students: Collection[str] | None) -> dict[str, float]:
    query = (
        select(SubmittedAssignment.student_id, func.coalesce(func.sum(Grade.auto_score), 0.0))
        .join(SubmittedAssignment.assignment)
        .join(SubmittedAssignment.notebooks)
        .join(SubmittedNotebook.grades)
        .where(Assignment.name == ASSIGNMENT)
        .group_by(SubmittedAssignment.student_id)
    )
    if students is not None:
        query = query.where(SubmittedAssignment.student_id.in_(students))
    # The session's own connection would keep a transaction open while grading goes on.
    with book.engine.connect() as connection:
        return {student: round(total, 6) for student, total in connection.execute(query).all()}
