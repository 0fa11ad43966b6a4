"""course.toml with one more extension; comments and layout stay as they are."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date, datetime

from grader.course.settings import CourseFileWrong, parse
from grader.paths import COURSE_FILE

_TABLE = "extensions"
_HEADER = re.compile(rf'\s*\[\s*["\']?{_TABLE}["\']?\s*\]\s*(#.*)?$')
_ANY_HEADER = re.compile(r"\s*\[")


def until_of(text: str) -> datetime | date:
    """The time that a person has written, such as "2026-11-24", "2026-11-24 12:00" or
    "2026-11-24T12:00:00+01:00". Raises ValueError.
    """
    text = text.strip()
    return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)


def extended(text: str, student: str, until: datetime | date, file: str = COURSE_FILE) -> str:
    """The text of a course.toml, with an extension of `student` to `until`: a new line at the end
    of the table, or in the place of the student's line.

    Raises CourseFileWrong if the settings are wrong before or after that, or are written in a way
    that this does not know, such as `extensions = {ann = 2026-11-24}`.
    """
    parse(text, file)
    line = f"{_key(student)} = {until.isoformat()}"
    wanted = tomllib.loads(text)
    wanted.setdefault(_TABLE, {})[student] = until
    new = _with_line(text, student, line)
    try:
        is_right = tomllib.loads(new) == wanted
    except tomllib.TOMLDecodeError:
        is_right = False
    if not is_right:
        raise CourseFileWrong(
            f"{file}: the table [{_TABLE}] is not written as a line [{_TABLE}] with a line for each"
            f" student below it. Nothing was changed; write into it: {line}"
        )
    parse(new, file)
    return new


def _with_line(text: str, student: str, line: str) -> str:
    lines = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    start = next((k for k, old in enumerate(lines) if _HEADER.match(old)), None)
    if start is None:
        gap = "" if not text or text.endswith(("\n\n", "\r\n\r\n")) else end
        gap = gap if not text or text.endswith("\n") else gap + end
        return f"{text}{gap}[{_TABLE}]{end}{line}{end}"
    place = start + 1
    for k in range(start + 1, len(lines)):
        if _ANY_HEADER.match(lines[k]):
            break
        if _student_of(lines[k]) == student:
            comment = re.search(r"\s+#.*", lines[k].partition("=")[2])
            lines[k] = f"{line}{comment[0].rstrip() if comment else ''}{end}"
            return "".join(lines)
        if lines[k].strip() and not lines[k].lstrip().startswith("#"):
            place = k + 1
    if lines[place - 1] and not lines[place - 1].endswith("\n"):
        lines[place - 1] += end
    lines.insert(place, line + end)
    return "".join(lines)


def _student_of(line: str) -> str | None:
    """The student of a line `student = time`; None for any other line."""
    try:
        found = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return None
    return next(iter(found), None) if len(found) == 1 else None


def _key(student: str) -> str:
    """A student as a key of TOML: bare where that is possible, else in quotes."""
    return (
        student
        if re.fullmatch(r"[A-Za-z0-9_-]+", student)
        else json.dumps(student, ensure_ascii=False)
    )
