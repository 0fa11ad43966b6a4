"""The options of commands that make final grades, and the commands `extend` and `override`. What
they ask for is in rules.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cs231n_utils.exercises import EXERCISES
from grader.paths import COURSE_FILE, OVERRIDES_FILE, TABLE


def add_options(command: argparse.ArgumentParser) -> None:
    """The options of a command that makes final grades."""
    add_course(command)
    command.add_argument(
        "--without-written",
        action="store_true",
        help="leave the written questions out of the total, instead of waiting for their marking",
    )
    add_database(command)


def add_course(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--course",
        type=Path,
        metavar="FILE",
        help=(
            f"the course's dates, extensions and excuses (default: {COURSE_FILE} beside"
            " nbgrader_config.py, if there is one)"
        ),
    )


def add_database(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--db",
        metavar="URL",
        help=(
            "database of the gradebook, such as postgresql://host/name (default: the one that"
            " nbgrader_config.py names, or gradebook.db in DIR if that is there)"
        ),
    )


def add_commands(commands: Any) -> None:
    """Add `extend` and `override` to the command line."""
    extend = commands.add_parser(
        "extend",
        help="give a student an extension",
        description=f"Write an extension into {COURSE_FILE}; its comments and layout stay.",
    )
    extend.add_argument("student", metavar="STUDENT")
    extend.add_argument(
        "until",
        metavar="UNTIL",
        help=(
            "2026-11-24 for all of that day, or 2026-11-24T12:00, in the course's time zone unless"
            " it has an offset"
        ),
    )
    add_course(extend)
    _add_results(extend)
    extend.set_defaults(run=_extend)

    override = commands.add_parser(
        "override",
        help="set a student's points for an exercise",
        description=(
            "Set a student's points for an exercise, whatever the checks give now or later. It is"
            f" kept in {OVERRIDES_FILE}, beside {COURSE_FILE}."
        ),
    )
    override.add_argument("student", metavar="STUDENT")
    override.add_argument("exercise", metavar="EXERCISE", choices=list(EXERCISES))
    override.add_argument("points", metavar="POINTS", type=float, nargs="?")
    override.add_argument("--why", default="", help="the reason, which the student reads, too")
    override.add_argument("--by", default="", help="who decided it, for staff")
    override.add_argument(
        "--remove", action="store_true", help="take it back: the points of the checks count again"
    )
    add_course(override)
    _add_results(override)
    override.set_defaults(run=_override)


def _add_results(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--results",
        type=Path,
        metavar="DIR",
        help=(
            "the output folder of `grade`, to look the student up (default: the folder of"
            f" {COURSE_FILE}, or results/ in it, if {TABLE} is there)"
        ),
    )


def _extend(options: argparse.Namespace) -> None:
    from grader.commands import rules

    rules.extend(options)


def _override(options: argparse.Namespace) -> None:
    from grader.commands import rules

    rules.override(options)
