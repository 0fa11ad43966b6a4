"""What people who mark written answers need: `prepare` and `marks`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from grader.commands.options_of_rules import add_course, add_database
from grader.faults import GraderFault, WrongFiles
from grader.text import count_of, one_line


def add_commands(commands: Any) -> None:
    """Add `prepare` and `marks` to the command line."""
    prepare = commands.add_parser(
        "prepare",
        help="prepare what Formgrader shows",
        description=(
            "Prepare the notebooks of a class that `grade` has graded for marking in Formgrader:"
            " repaired, with the results of the checks. Nothing is graded. Answers that were left"
            " blank get 0 points."
        ),
    )
    prepare.add_argument("submitted", type=Path, metavar="SUBMITTED", help="what `grade` was given")
    prepare.add_argument(
        "--results", type=Path, required=True, metavar="DIR", help="the output folder of `grade`"
    )
    add_course(prepare)
    add_database(prepare)
    prepare.set_defaults(run=_prepare)

    marks = commands.add_parser(
        "marks",
        help="mark written answers in a spreadsheet",
        description=(
            "Give out a table of all written answers to fill in, if FILE is not there yet; or else"
            " take in the marks and comments of FILE. Rows of one group have the same answer:"
            " fill in one of them, except for blank answers, which are marked one by one. Empty"
            " cells change nothing."
        ),
    )
    marks.add_argument("file", type=Path, metavar="FILE.csv")
    marks.add_argument(
        "--results",
        type=Path,
        metavar="DIR",
        help="the output folder of `grade`, if the gradebook lies in it",
    )
    add_database(marks)
    marks.set_defaults(run=_marks)


def _prepare(options: argparse.Namespace) -> None:
    from grader.checks.seeds import course_secret
    from grader.course.files import load_rules
    from grader.gradebook.prepare import prepare
    from grader.intake.download import open_download
    from grader.intake.entries import Clock

    clock = Clock(load_rules(options.course).course.zone, course_secret())
    with open_download(options.submitted, clock, options.results.resolve()) as download:
        done = prepare(download.students, options.results, options.db)
    for sentence in done.not_done[:20]:
        print(f"Not prepared: {sentence}.", file=sys.stderr)
    if len(done.not_done) > 20:
        print(f"And {len(done.not_done) - 20} more are not prepared.", file=sys.stderr)
    for sentence in done.remarks[:20]:
        print(one_line(sentence), file=sys.stderr)
    if len(done.remarks) > 20:
        print(f"And {len(done.remarks) - 20} more notebooks were repaired.", file=sys.stderr)
    for student, question in done.changed[:20]:
        print(f"Changed since it was marked: {one_line(student)}, {question}.", file=sys.stderr)
    print(
        f"{count_of(done.students, 'submission')} can be marked in Formgrader;"
        f" {count_of(done.blank, 'blank answer')}, with 0 points."
    )
    if done.not_done:
        print(f"{len(done.not_done)} could not be prepared; they are named above.")


def _marks(options: argparse.Namespace) -> None:
    from grader.gradebook import marks
    from grader.gradebook.database import DatabaseFault
    from grader.gradebook.gradebook import (
        autograded_folder,
        database_of,
        existing_gradebook,
        is_there,
    )

    database = options.db or database_of(options.results or Path())
    file = options.file
    try:
        if not is_there(database):
            raise WrongFiles(
                f"There is no gradebook at {database}; grade first, or name it with --results or"
                " --db."
            )
        with existing_gradebook(database) as book:
            if file.exists():
                taken = marks.take_in(book, file.read_bytes())
            else:
                text, unprepared = marks.table(marks.answers(book), autograded_folder())
    except DatabaseFault as error:
        raise GraderFault(str(error)) from error
    except marks.MarksWrong as error:
        raise WrongFiles(f"{file}: {error}") from error
    if not file.exists():
        _write_private(file, text)
        rows = text.count("\r\n") - 1
        print(
            f"{one_line(str(file))} has {count_of(rows, 'row')}. Fill in points and comments,"
            " and run the same command again."
        )
        if unprepared:
            print(
                "Not in it, because they are not prepared:"
                f" {count_of(unprepared, 'answer')}. Run `prepare`, delete the file, and run this"
                " command again.",
                file=sys.stderr,
            )
        return
    for group in taken.undecided[:20]:
        print(f"Left open, because its rows differ: group {one_line(group)}.", file=sys.stderr)
    print(
        f"{count_of(taken.marked, 'answer')} marked, {taken.by_group} of them by their group;"
        f" {taken.waiting} still wait. Run `grade` or `report` to have the totals in the table and"
        " on the pages."
    )


def _write_private(file: Path, text: str) -> None:
    """Write a table of answers, for the owner's eyes only."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8-sig", newline="") as out:
        out.write(text)
