"""What staff are told of a filled-in file: a line for each kind of person, and a last one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from grader.results.exports.filling import Filled
from grader.results.exports.grades import Grade
from grader.text import count_of, one_line

MAX_NAMED = 20  # people that are named in one line


def remarks(done: Filled) -> list[str]:
    """Who has no grade in the file, and why; and what else should be looked at."""
    label, found = done.platform.label, done.matches
    names = {grade.student: _called(grade) for grade in found.rows.values()}
    lines = [
        *_by_reason(f"Not written, because {label} would not take it", done.refused, names),
        *_by_reason("Left as it is", done.left, names),
    ]
    for grades, about in (
        (found.by_name, "Found by name alone, so look whether it is them"),
        (found.unclear, "Not written, because the file does not show which row is theirs"),
        (found.nobodys, "In grades.csv, and not in the file"),
    ):
        if grades:
            lines.append(f"{about}: {some(map(_called, grades))}.")
    if found.without_grade:
        people = some(person.called for person in found.without_grade)
        lines.append(f"In the file, and not in grades.csv: {people}.")
    return [*lines, *map(one_line, done.remarks)]


def summary(done: Filled, out: Path) -> str:
    """What was filled in, and where it is."""
    found = done.matches
    excused = f", {done.excused} excused" if done.excused else ""
    unmatched = len(found.nobodys) + len(found.unclear)
    return (
        f"{one_line(str(out))}, for {done.platform.label}: column {one_line(done.column.name)},"
        f" {count_of(done.number, 'grade')}{excused}; {len(done.left)} wait, {len(done.refused)}"
        f" refused, {unmatched} without a row,"
        f" {count_of(len(found.without_grade), 'row')} without a grade."
    )


def _called(grade: Grade) -> str:
    return f"{grade.name} ({grade.student})" if grade.name else grade.student


def _by_reason(about: str, reasons: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    students: dict[str, list[str]] = {}
    for student, why in reasons.items():
        students.setdefault(why, []).append(names[student])
    return [f"{about} ({why}): {some(who)}." for why, who in students.items()]


def some(names: Iterable[str]) -> str:
    """The first names of a list, and how many more there are."""
    known = [one_line(name) for name in names]
    more = f" and {len(known) - MAX_NAMED} more" if len(known) > MAX_NAMED else ""
    return ", ".join(known[:MAX_NAMED]) + more
