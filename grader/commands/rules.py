"""The rules of final grades, as options name them; and the commands that change them, `extend` and
`override`.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from grader.course import overrides
from grader.course.dates import shown
from grader.course.extending import extended, until_of
from grader.course.files import course_file, load_overrides, load_rules
from grader.course.final import Rules, Standing, Status
from grader.course.settings import parse
from grader.faults import WrongFiles
from grader.intake.hand_ins import some
from grader.pages.writing import write_whole
from grader.paths import OVERRIDES_FILE, TABLE
from grader.report import format_points
from grader.results import store
from grader.results.people import meant, read_students
from grader.text import one_line, table_cell

_AGAIN = "Run `grade` or `report` again to have it on the pages and in the table; nobody is graded."


def of(options: argparse.Namespace) -> Rules:
    """The rules that these options ask for."""
    return load_rules(options.course, with_written=not options.without_written)


def print_notes(standing: Standing, notes: Sequence[str], rules: Rules) -> None:
    """Say how far the final grades have come, and what staff should look at."""
    counts, late = standing.statuses, standing.late
    said = [f"{counts[status]} {status}" for status in Status if counts[status]]
    print(f"Final grades: {', '.join(said)}; {late or 'nobody'} late.")
    if (unknown := standing.without_time) and rules.course.due:
        count = f"{len(unknown)} student{'' if len(unknown) == 1 else 's'}"
        print(
            f"When {count} handed in is not known, so nothing is taken off: {some(unknown)}."
            " For Moodle, give its worksheet as --roster.",
            file=sys.stderr,
        )
    for note in notes[:20]:
        print(f"grader: {one_line(note)}.", file=sys.stderr)
    if len(notes) > 20:
        print(f"grader: and {len(notes) - 20} more names without a hand-in.", file=sys.stderr)


def _results(options: argparse.Namespace) -> Path | None:
    """The folder of results, as far as it is known."""
    if options.results:
        return Path(options.results)
    beside = course_file(options.course).parent
    return next((one for one in (beside, beside / "results") if (one / TABLE).is_file()), None)


def _say_if_unknown(student: str, results: Path | None) -> None:
    """Say so if nobody in the folder of results is called so, with who was perhaps meant."""
    known = read_students(results) if results else []
    if not known or any(one.student in (student, table_cell(student)) for one in known):
        return
    near = meant(student, known)
    print(
        f"grader: {one_line(student)} is not among the students of {one_line(str(results))}"
        f"{f' (did you mean {one_line(near)}?)' if near else ''}. It is written all the same.",
        file=sys.stderr,
    )


def extend(options: argparse.Namespace) -> None:
    file = course_file(options.course)
    try:
        until = until_of(options.until)
    except ValueError:
        raise WrongFiles(
            f"UNTIL is {options.until!r}; expected a day, such as 2026-11-24, or a time, such as"
            " 2026-11-24T12:00. Write it so."
        ) from None
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise WrongFiles(
            f"{file}: there is no such file; expected one with a line `due = …`, which the"
            " extension can move. Write it first (docs/running-a-course.md shows one)."
        ) from None
    except UnicodeDecodeError:
        raise WrongFiles(f"{file}: this is not UTF-8. Save it as UTF-8.") from None
    new = extended(text, options.student, until, str(file))
    _replace(file, new)
    _say_if_unknown(options.student, _results(options))
    end = parse(new).extensions[options.student]
    print(f"{one_line(options.student)} has until {shown(end)}, in {one_line(str(file))}. {_AGAIN}")


def _replace(file: Path, text: str) -> None:
    """Write a file whole; its mode stays, and so do the ends of its lines."""
    temporary = file.with_name(f".{file.name}.tmp")
    temporary.write_bytes(text.encode())
    temporary.chmod(file.stat().st_mode & 0o777)
    os.replace(temporary, file)


def override(options: argparse.Namespace) -> None:
    log = course_file(options.course).with_name(OVERRIDES_FILE)
    known = load_overrides(log)
    before = known.of(options.student).get(options.exercise)
    who = f"{one_line(options.student)}, {options.exercise}"
    if options.remove and before is None:
        raise WrongFiles(
            f"{who}: no points are set, so there is nothing to take back. {OVERRIDES_FILE} has"
            f" {', '.join(sorted(known.students())) or 'nobody'}."
        )
    if options.remove != (options.points is None):
        raise WrongFiles(f"{who}: give either POINTS or --remove.")
    if not options.remove and not (options.why.strip() and options.by.strip()):
        raise WrongFiles(
            f"{who}: --why and --by are missing; the reason stands on the page. Add them."
        )
    try:
        entry = overrides.new(
            options.student,
            options.exercise,
            options.points,
            options.why or "taken back",
            options.by or getpass.getuser(),
            datetime.now(UTC),
        )
    except ValueError as error:
        raise WrongFiles(f"{error}.") from error
    old = log.read_text(encoding="utf-8") if log.exists() else ""
    if old and not old.endswith("\n"):
        old += "\n"
    write_whole(log, old + overrides.line(entry))
    log.chmod(0o600)
    results = _results(options)
    _say_if_unknown(options.student, results)
    old_points = before.points if before else _points(results, options.student, options.exercise)
    was = "" if old_points is None else f" (before: {format_points(old_points)})"
    print(f"{who}: {_now(entry, results)}{was}. {_AGAIN}")


def _points(results: Path | None, student: str, exercise: str) -> float | None:
    """The points of an exercise in the table of the class; None where that is not known."""
    known = {one.student: one for one in read_students(results)} if results else {}
    one = known.get(table_cell(student))
    return one.points.get(exercise) if one else None


def _now(entry: overrides.Override, results: Path | None) -> str:
    """What an exercise is worth from now on."""
    if entry.points is not None:
        return format_points(entry.points)
    report = store.load(results, entry.student) if results else None
    points = [
        f", {format_points(one.points)}"
        for one in (report.exercises if report else ())
        if one.name == entry.exercise
    ]
    return f"the points of the checks{''.join(points)}"
