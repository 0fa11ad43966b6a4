"""One or two sentences of help for the exceptions that beginners raise most often.

Here is what depends on grading: its Python, its libraries and the files that it has. All else is
`cs231n_utils/advice`, which the kit's `check` uses as well.

Type and text of an exception come from the student's process and may be invented. They are only
compared with patterns, and no part of them enters the advice but sizes of arrays.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Sequence
from typing import Any

from cs231n_utils.advice import exceptions
from cs231n_utils.advice.calls import on_exception
from cs231n_utils.exercises import EXERCISES
from grader.paths import COURSE

PYTHON = sys.version_info[:2]  # the sandbox runs the same Python
_RUNS = f"Grading runs Python {PYTHON[0]}.{PYTHON[1]}"

# What only grading knows: patterns for the type and the text of the exception, and the advice.
_OF_GRADING: list[tuple[str, str, str]] = [
    (
        r"\w+",
        r"\bPicture\b",
        (
            "Grading has only a stand-in for picture libraries, which draws nothing. Take it out of"
            " functions that are graded."
        ),
    ),
    (
        "IndentationError|TabError",
        r"",
        (
            "Lines of one block begin in the same column: four spaces a level, and no tabs among"
            " them. Nothing in the file can run before that."
        ),
    ),
    (
        "SyntaxError",
        r"",
        (
            "Often a bracket, a comma or a colon is missing in that line or in the one before."
            f" Nothing in the file can run before that. {_RUNS}."
        ),
    ),
    (
        "ModuleNotFoundError|ImportError",
        r"",
        "Only NumPy and Python's own modules are there, and the files that were handed in.",
    ),
    (
        "FileNotFoundError",
        r"",
        (
            "Grading has the digits and Fashion-MNIST, and of what was handed in Python files and"
            " data (such as .npy, .npz, .csv, .json, .txt) of up to 2 MB; paths begin at the"
            " notebooks."
        ),
    ),
    ("PictureLibraryError", r"", "Take it out of functions that are graded."),
]


def advice(name: str, type_name: str, text: str, args: Sequence[object]) -> str:
    """What to look at after an exception in a student's function; "" if no advice is known.

    name : the exercise
    type_name, text : of the exception
    args : the arguments of the call, whose shapes are looked at
    """
    if of_the_file := exceptions.advice(type_name, text, PYTHON, "Grading"):
        return of_the_file
    for kind, pattern, sentence in _OF_GRADING:
        if re.fullmatch(kind, type_name) and re.search(pattern, text):
            return sentence
    labels = [label for label in _arguments(name) if label != "self"] if args else []
    return on_exception(type_name, text, dict(zip(labels, args, strict=False)))


@functools.cache
def _arguments(name: str) -> list[str]:
    """The names of an exercise's arguments, from the source of the kit's stub."""
    body: Any = ast.parse((COURSE / EXERCISES[name].file).read_text(encoding="utf-8")).body
    for part in name.split("."):
        stub = next(node for node in body if getattr(node, "name", None) == part)
        body = stub.body
    return [argument.arg for argument in stub.args.args]
