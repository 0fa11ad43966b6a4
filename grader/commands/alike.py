"""`alike`: which submissions are more alike than the exercise explains."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from grader.paths import ALIKE_PAGE, ALIKE_TABLE
from grader.text import count_of, one_line


def add_commands(commands: Any) -> None:
    """Add `alike` to the command line."""
    alike = commands.add_parser(
        "alike",
        help="list submissions that are more alike than the exercise explains",
        description=(
            "Compare the functions of all submissions, without names, comments and layout, and list"
            " the pairs that are more alike than the exercise and the class explain. A likeness is"
            " a question, not a verdict. Nothing is executed."
        ),
        epilog="DIR gets alike.html, with the functions side by side, and alike.csv.",
    )
    alike.add_argument("submitted", type=Path, metavar="DOWNLOAD", help="as for `grade`")
    alike.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where page and table go"
    )
    alike.set_defaults(run=_alike)


def _alike(options: argparse.Namespace) -> None:
    from grader.intake import hand_ins
    from grader.intake.download import open_download
    from grader.results import alike

    with open_download(options.submitted, without=options.out.resolve()) as download:
        done = alike.write(download.students, options.out)
    for line in hand_ins.remarks(download.hand_ins, download.known):
        print(line, file=sys.stderr)
    if done.pairs:
        print("score  functions  students")
    for pair in done.pairs:
        names = f"{one_line(pair.one)}, {one_line(pair.other)}"
        print(f"{pair.score:5.1f}  {len(pair.functions):9}  {names}")
    if done.left_out:
        some = hand_ins.some(list(dict.fromkeys(student for student, _ in done.left_out)))
        print(f"Not compared, or in part: {some}. The page says why.", file=sys.stderr)
    count = len(done.pairs) + done.more
    pairs = f"{count or 'No'} {'pair is' if count == 1 else 'pairs are'} more alike"
    print(
        f"{count_of(done.submissions, 'submission')}. {pairs} than the exercise explains."
        f" A likeness is a question, not a verdict. Page: {options.out / ALIKE_PAGE}."
        f" Table: {options.out / ALIKE_TABLE}."
    )
