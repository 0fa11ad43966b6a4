"""Giving grades and feedback back: `export` to a platform, `feedback` to nbgrader's exchange."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cs231n_utils.exercises import ASSIGNMENT
from grader.commands.options_of_rules import add_course
from grader.faults import WrongFiles
from grader.text import count_of, one_line

if TYPE_CHECKING:
    from grader.results.exports.filling import Filled


def add_commands(commands: Any) -> None:
    """Add `export` and `feedback` to the command line."""
    export = commands.add_parser(
        "export",
        help="fill in a platform's gradebook file",
        description=(
            "Fill in the gradebook file that Canvas, Moodle, Brightspace or Blackboard exported,"
            " with the totals of DIR/grades.csv, and write it beside, as FILE with -graded before"
            " its ending. Nothing but cells of grades changes. What is not final stays as it is."
        ),
    )
    export.add_argument("file", type=Path, metavar="FILE", help="as the platform exported it")
    export.add_argument(
        "--results",
        type=Path,
        default=Path("results"),
        metavar="DIR",
        help="the output folder of `grade` (default: %(default)s)",
    )
    export.add_argument(
        "--column",
        default="",
        metavar="NAME",
        help=(
            "the column to fill (default: the one for grades, or of several the one that is called"
            " as the title in course.toml)"
        ),
    )
    export.add_argument(
        "--missing-as-zero",
        action="store_true",
        help="write 0 for who handed in nothing, instead of leaving the cell as it is",
    )
    export.add_argument(
        "--feedback",
        type=Path,
        metavar="OUT.zip",
        help="pack the feedback pages as well, as Canvas or Moodle takes them",
    )
    add_course(export)
    export.set_defaults(run=_export)

    pages = commands.add_parser(
        "feedback",
        help="lay the feedback pages where nbgrader releases them",
        description=(
            "Lay the feedback pages of `grade` into nbgrader's feedback/, for all whom `prepare`"
            " has prepared. Then `nbgrader release_feedback` gives each student their own. It"
            " stands in for `nbgrader generate_feedback`."
        ),
    )
    pages.add_argument(
        "--results", type=Path, required=True, metavar="DIR", help="the output folder of `grade`"
    )
    pages.set_defaults(run=_feedback)


def _export(options: argparse.Namespace) -> None:
    from grader.course.files import load_rules
    from grader.results.exports import feedback, messages
    from grader.results.exports.filling import NotFilled, fill, read_file, write_filled
    from grader.results.exports.grades import GradesUnusable, read_grades

    title = load_rules(options.course).course.title
    try:
        grades = read_grades(options.results)
        done = fill(read_file(options.file), grades, title, options.column, options.missing_as_zero)
        if options.feedback:
            feedback.refuse_without_pages(done)
    except GradesUnusable as error:
        raise WrongFiles(f"{error}.") from error
    except NotFilled as error:
        raise WrongFiles(f"{options.file}: {error}") from error
    out = write_filled(done, options.file)
    for line in messages.remarks(done):
        print(line, file=sys.stderr)
    print(messages.summary(done, out))
    if options.feedback:
        _pack(done, options.results, options.feedback)


def _pack(done: Filled, results: Path, out: Path) -> None:
    from grader.results.exports import feedback

    packed = feedback.pack(done, results, out)
    _print_left_out(packed.left_out)
    print(
        f"{one_line(str(out))}, for {done.platform.label}:"
        f" {count_of(packed.number, 'feedback page')}, {len(packed.left_out)} left out."
    )


def _feedback(options: argparse.Namespace) -> None:
    from grader.gradebook.exchange_feedback import lay_pages

    laid = lay_pages(options.results)
    _print_left_out(laid.left_out)
    if not laid.students and not laid.left_out:
        raise WrongFiles("Nobody is prepared, so there is no page to release. Run `prepare` first.")
    print(
        f"The pages of {count_of(laid.students, 'student')} lie in nbgrader's feedback/,"
        f" {len(laid.left_out)} left out. Release them: nbgrader release_feedback {ASSIGNMENT}"
    )


def _print_left_out(reasons: Mapping[str, str]) -> None:
    from grader.results.exports.messages import MAX_NAMED

    for student, why in list(reasons.items())[:MAX_NAMED]:
        print(f"No page of {one_line(student)}: {one_line(why)}.", file=sys.stderr)
    if len(reasons) > MAX_NAMED:
        print(f"And of {len(reasons) - MAX_NAMED} more.", file=sys.stderr)
