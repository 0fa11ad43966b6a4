"""What nbgrader registers of the course's assignment, remembered from one run to the next.

Its `generate_assignment` takes longer than grading a few submissions, and gives the same as before
unless a notebook, the settings or a library has changed. So an empty gradebook that knows the
assignment is kept, for new gradebooks to be copies of it, with a digest of the rows, for old ones
to be compared with. A file that is lost, damaged, or of other circumstances is as good as none.
"""

from __future__ import annotations

import hashlib
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Gradebook,
    GradeCell,
    Notebook,
    SourceCell,
    TaskCell,
)
from sqlalchemy import select
from traitlets.config import Config

from cs231n_utils.exercises import ASSIGNMENT
from grader.pages.writing import write_private
from grader.paths import COURSE
from grader.results.cache import digest_of, digests

_FILE = ".assignment_cache"  # beside nbgrader_config.py
_LIBRARIES = ("nbgrader", "nbconvert", "nbformat", "SQLAlchemy", "alembic")
# With these settings, other files and code than the notebooks decide what is registered.
_UNKNOWN_INPUTS = ("IncludeHeaderFooter", "SaveCells", "CheckCellMetadata")


@dataclass(frozen=True)
class Registered:
    """The assignment as nbgrader has registered it.

    database : an SQLite file with the assignment and no student
    rows : a digest of the assignment's rows, see `rows_of`
    """

    database: bytes
    rows: str


def rows_of(book: Gradebook) -> str:
    """A digest of the assignment, its notebooks and their cells in a gradebook."""
    cells = (
        select(
            Assignment.course_id,
            Notebook.name,
            Notebook.kernelspec,
            BaseCell.name,
            BaseCell.type,
            *(
                column
                for kind in (GradeCell, TaskCell)
                for column in (kind.__table__.c.max_score, kind.__table__.c.cell_type)
            ),
        )
        .select_from(Assignment)
        .join(Notebook, Notebook.assignment_id == Assignment.id)
        .outerjoin(BaseCell.__table__, BaseCell.notebook_id == Notebook.id)
        .outerjoin(GradeCell.__table__, GradeCell.__table__.c.id == BaseCell.__table__.c.id)
        .outerjoin(TaskCell.__table__, TaskCell.__table__.c.id == BaseCell.__table__.c.id)
    )
    sources = (
        select(
            Notebook.name,
            SourceCell.name,
            SourceCell.cell_type,
            SourceCell.locked,
            SourceCell.source,
            SourceCell.checksum,
        )
        .select_from(SourceCell)
        .join(Notebook, Notebook.id == SourceCell.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
    )
    # The session's own connection would keep a transaction open.
    with book.engine.connect() as connection:
        found = [
            sorted(map(repr, connection.execute(query.where(Assignment.name == ASSIGNMENT)).all()))
            for query in (cells, sources)
        ]
    return digest_of(found)


def load(course: Path, config: Config) -> Registered | None:
    """What was remembered under the circumstances of now; None if there is nothing."""
    with suppress(OSError, ValueError):
        head, _, database = (course / _FILE).read_bytes().partition(b"\n")
        key, rows, seal = head.decode().split()
        if key == _key(course, config) and seal == _seal(key, rows, database):
            return Registered(database, rows)
    return None


def keep(course: Path, config: Config, registered: Registered) -> None:
    """Remember it, where the course's folder may be written to."""
    if key := _key(course, config):
        seal = _seal(key, registered.rows, registered.database)
        with suppress(OSError):
            write_private(
                course / _FILE,
                f"{key} {registered.rows} {seal}\n".encode() + registered.database,
            )


def _seal(key: str, rows: str, database: bytes) -> str:
    """By which a file shows that it is whole."""
    return digest_of(key, rows, hashlib.sha256(database).hexdigest())


def _key(course: Path, config: Config) -> str:
    """A digest of all that decides what nbgrader registers; "" where nobody knows all of it."""
    own: dict[str, Any] = dict(config.get("GenerateAssignment", {}))
    own.pop("post_convert_hook", None)  # it is not run
    if own or any(name in config for name in _UNKNOWN_INPUTS):
        return ""
    notebooks = course / str(config.CourseDirectory.source_directory) / ASSIGNMENT
    return digest_of(
        sys.version,
        [version(name) for name in _LIBRARIES],
        repr(config),
        *(
            (path.name, hashlib.sha256(path.read_bytes()).hexdigest())
            for path in (course / "nbgrader_config.py", *sorted(notebooks.glob("*.ipynb")))
        ),
        # Of this grader, wherever the course lies.
        digests((f"{Path(__file__).parent.relative_to(COURSE)}/*.py",)),
    )
