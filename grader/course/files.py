"""Finds and reads the files of the rules: course.toml beside nbgrader_config.py, or elsewhere, and
the log of overrides beside it.
"""

from __future__ import annotations

from pathlib import Path

from grader.course import overrides, settings
from grader.course.final import Rules
from grader.course.overrides import Overrides
from grader.course.settings import Course, CourseFileWrong
from grader.paths import COURSE, COURSE_FILE, OVERRIDES_FILE
from grader.text import legible


def course_file(chosen: Path | None = None, course: Path = COURSE) -> Path:
    """The course.toml that is used: the one that was asked for, or else that of the course."""
    return chosen or course / COURSE_FILE


def load_rules(
    chosen: Path | None = None, course: Path = COURSE, with_written: bool = True
) -> Rules:
    """The rules that hold now. Without a course.toml there are no dates, unless one was asked for.

    Raises CourseFileWrong or OverridesWrong.
    """
    file = course_file(chosen, course)
    text = _text(file)
    if text is None and chosen:
        raise CourseFileWrong(
            f"{file}: there is no such file. Expected a course.toml; give another --course, or"
            f" none for {COURSE_FILE} beside nbgrader_config.py."
        )
    return Rules(
        settings.parse(text, str(file)) if text is not None else Course(),
        load_overrides(file),
        with_written,
    )


def load_overrides(file: Path) -> Overrides:
    """The overrides beside a course.toml. Raises OverridesWrong."""
    log = file.with_name(OVERRIDES_FILE)
    return overrides.parse(_text(log) or "", str(log))


def _text(file: Path) -> str | None:
    """The text of a file; None if there is none. Raises CourseFileWrong."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise CourseFileWrong(
            f"{file}: this is not UTF-8 (found: byte {legible(repr(error.object[error.start]))} at"
            f" {error.start}). Save it as UTF-8."
        ) from error
