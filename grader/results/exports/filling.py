"""Fills in a gradebook file that a platform exported, and says what staff should know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.final import Status
from grader.intake.sheet import Sheet, SheetUnusable, read_sheet
from grader.pages.writing import write_private
from grader.report import format_points
from grader.results.exports import PLATFORMS
from grader.results.exports.contents import Column, Contents, Person, Platform, number
from grader.results.exports.grades import Grade
from grader.results.exports.matching import Matches, match
from grader.text import count_of, legible

MAX_BYTES = 64 << 20


class NotFilled(Exception):
    """A file cannot be filled in; the text says why, and what to do."""


@dataclass
class Filled:
    """A filled-in file.

    content : its bytes
    number : how many rows got a grade
    excused : how many rows got the platform's mark for who is excused
    above_maximum : how many of `refused` are for their points
    left : student -> why the cell is as it was
    refused : student -> why the platform would not take the grade
    remarks : sentences for staff
    """

    content: bytes
    platform: Platform
    column: Column
    matches: Matches
    people: Mapping[int, Person]
    number: int = 0
    excused: int = 0
    above_maximum: int = 0
    left: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def fill(
    content: bytes,
    grades: Sequence[Grade],
    title: str = "",
    column: str = "",
    missing_as_zero: bool = False,
) -> Filled:
    """Fill in a file. Nothing but cells of grades changes. Raises NotFilled.

    title : the assignment's, to find its column among several
    column : the name of the column, if staff give one
    missing_as_zero : whether who handed in nothing gets 0
    """
    try:
        sheet = read_sheet(content)
    except SheetUnusable as error:
        raise NotFilled(f"it {error}.") from error
    platform = _platform(sheet)
    contents = platform.contents(sheet)
    chosen = _chosen(platform, contents, title, column)
    matches = match(contents.people, grades, platform.name)
    if not matches.rows:
        raise NotFilled(_nobody(contents, grades))
    done = Filled(b"", platform, chosen, matches, {one.row: one for one in contents.people})
    values = {}
    for row, grade in matches.rows.items():
        value = _value(done, done.people[row], grade, missing_as_zero)
        old = sheet.rows[row][chosen.index]
        # The same number in another form, such as 97.50, stays.
        if value is not None and (number(old) is None or number(old) != number(value)):
            values[row] = value.replace(".", contents.mark)
    done.content = sheet.with_cells(chosen.index, values)
    done.remarks = _remarks(done, sheet, values, title, column)
    if matches.nobodys and _is_nameless(contents):
        done.remarks.append(_WITH_NAMES)
    return done


def filled_name(file: Path) -> Path:
    """Where the filled-in file is written: beside the one that was exported, which stays."""
    return file.with_name(f"{file.stem}-graded{file.suffix}")


def read_file(file: Path) -> bytes:
    """The content of a gradebook file. Raises OSError or NotFilled."""
    with open(file, "rb") as opened:
        content = opened.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise NotFilled(f"it has more than {MAX_BYTES >> 20} MB, and is no gradebook.")
    return content


def write_filled(done: Filled, file: Path) -> Path:
    """Write the filled-in file, for its owner's eyes only; returns where it is."""
    out = filled_name(file)
    write_private(out, done.content)
    return out


def _platform(sheet: Sheet) -> Platform:
    found = next((one for one in PLATFORMS if one.recognizes(sheet)), None)
    if found:
        return found
    names = ", ".join(legible(name, 30) for name in sheet.header[:6])
    raise NotFilled(
        f"it is no gradebook that is known (its columns: {names}). Expected the file that Canvas,"
        " Moodle (the grading worksheet), Brightspace or Blackboard exports, or a table with a"
        " column of logins, ids or e-mail addresses. Export it again, and leave it as it is."
    )


def _nobody(contents: Contents, grades: Sequence[Grade]) -> str:
    there = ", ".join(legible(one.called, 40) for one in contents.people[:3])
    ours = ", ".join(legible(one.name or one.student, 40) for one in grades[:3])
    return (
        f"nobody in it is in grades.csv. The file has {there or 'nobody'}; grades.csv has {ours}."
        f" {_WITH_NAMES if _is_nameless(contents) else 'Look whether it is the same course.'}"
    )


_WITH_NAMES = (
    "The file has neither names nor addresses: export it again with them, or grade with --roster"
    " and a file that has them and the ids."
)


def _is_nameless(contents: Contents) -> bool:
    return not any(one.name or one.email for one in contents.people)


# --- the column -----------------------------------------------------------------------------------


def _chosen(platform: Platform, contents: Contents, title: str, wanted: str) -> Column:
    if wanted:
        return _named(platform, contents, wanted)
    if not contents.columns:
        there = ": " + _list(contents.others) if contents.others else ""
        raise NotFilled(
            f"it is a file of {platform.label}, and has no column that is known to be for"
            f" grades{there}. {platform.missing_column}"
        )
    if len(contents.columns) == 1:
        return contents.columns[0]
    for is_it in (_is_same, _is_part):
        found = [one for one in contents.columns if title and is_it(one.title, title)]
        if len(found) == 1:
            return found[0]
    raise NotFilled(
        f"it has several columns for grades: {_list(contents.columns)}."
        + (
            f" Not exactly one is called {legible(title)!r}, the title in course.toml."
            if title
            else ""
        )
        + " Say which one with --column."
    )


def _named(platform: Platform, contents: Contents, wanted: str) -> Column:
    columns = [*contents.columns, *contents.others]
    tries = (
        [one for one in columns if one.name == wanted.strip()],
        [one for one in columns if _is_same(one.name, wanted)],
        [one for one in columns if _is_same(one.title, wanted)],
    )
    found = {one.index: one for one in next(filter(None, tries), [])}
    if len(found) == 1:
        return next(iter(found.values()))
    problem = "several columns are called" if found else "no column for grades is called"
    raise NotFilled(
        f"{problem} {legible(wanted)!r}. It has {_list(columns) or 'none'}."
        + (" Give one of these to --column." if columns else f" {platform.missing_column}")
    )


def _list(columns: Sequence[Column]) -> str:
    names = [repr(legible(one.name)) for one in columns[:20]]
    return ", ".join(names) + (f" and {len(columns) - 20} more" if len(columns) > 20 else "")


def _is_same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def _is_part(one: str, other: str) -> bool:
    first, second = (" ".join(text.casefold().split()) for text in (one, other))
    return bool(first and second) and (first in second or second in first)


# --- the cells ------------------------------------------------------------------------------------


def _value(done: Filled, person: Person, grade: Grade, missing_as_zero: bool) -> str | None:
    """What the cell of a person becomes; None if it stays."""
    student, total = grade.student, grade.total
    if grade.status == Status.EXCUSED:
        if done.platform.excused:
            done.excused += 1
            return done.platform.excused
        done.left[student] = f"excused; {done.platform.label} is told so by hand"
        return None
    if grade.status == Status.MISSING:
        if grade.was_refused:
            done.left[student] = "handed in what could not be taken"
            return None
        if not missing_as_zero:
            done.left[student] = "handed in nothing"
            return None
        total = 0.0
    elif grade.status != Status.GRADED or total is None:
        done.left[student] = grade.status
        return None
    if person.locked:
        done.refused[student] = f"{person.locked}; unlock it, and export the file again"
        return None
    maximum = done.column.maximum
    if done.platform.drops_above_maximum and maximum is not None and total > maximum + 1e-9:
        done.above_maximum += 1
        done.refused[student] = (
            f"{format_points(total)} is above the maximum of {format_points(maximum)}, and"
            f" {done.platform.label} drops such a grade without a word; raise the maximum there,"
            " and export the file again"
        )
        return None
    done.number += 1
    return format_points(total)


def _remarks(
    done: Filled, sheet: Sheet, values: Mapping[int, str], title: str, column: str
) -> list[str]:
    remarks = []
    worth = {grade.max_total for grade in done.matches.rows.values() if grade.total is not None}
    maximum = done.column.maximum
    if maximum is not None and worth and max(worth) > 0 and {maximum} != worth:
        as_they_are = "" if done.above_maximum else " They are written as they are."
        remarks.append(
            f"Grades are of {format_points(max(worth))}, and the column's maximum is"
            f" {format_points(maximum)}.{as_they_are} If that is a slip, correct the maximum in"
            f" {done.platform.label}, and export the file again."
        )
    is_titled = done.column.title != done.column.name  # Moodle's says “Grade”
    if title and not column and is_titled and not _is_part(done.column.title, title):
        remarks.append(
            f"The only column for grades is {legible(done.column.name)!r}, and course.toml has the"
            f" title {legible(title)!r}. If it is another assignment's, do not upload this."
        )
    if unlike := [
        row
        for row, value in values.items()
        if sheet.rows[row][done.column.index] not in ("", "-", value)
    ]:
        remarks.append(f"{count_of(len(unlike), 'cell')} had another grade, which is replaced.")
    if Status.WAITING in done.left.values():
        remarks.append(
            "Written answers wait: mark them, or leave them out, with `grade` or `report`"
            " --without-written; then export again."
        )
    return remarks
