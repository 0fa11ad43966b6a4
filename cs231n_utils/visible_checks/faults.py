"""Describes a student's fault in one message: what went wrong, in which file, on which line.

Students never see a page of traceback.
"""

from __future__ import annotations

import importlib
import inspect
import linecache
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from cs231n_utils.advice import encodings, exceptions, misnamed
from cs231n_utils.advice.calls import on_exception
from cs231n_utils.exercises import MODULES

CHECKS = Path(__file__).resolve().parent
KIT = CHECKS.parents[1]  # the folder that holds cs231n_utils
# Of cs231n_utils, what is no student's: a traceback's lines there say nothing to them.
MACHINERY = tuple(CHECKS.with_name(name) for name in ("visible_checks", "imports", "advice"))
LONGEST = 600  # characters of an exception's text, which may carry a whole array


class NothingToCheck(Exception):
    """The exercise cannot be checked yet; the message says why in one sentence."""


class NotWritten(NothingToCheck):
    """The function is still the assignment's stub."""


def load(module: str) -> ModuleType:
    """Import a module of cs231n_utils, or say in one sentence why that is not possible."""
    file = f"cs231n_utils/{module}.py"
    # An installed cs231n_utils might have the file, but that one is not the student's.
    path = KIT / file
    if not path.is_file():
        found = misnamed_as(file, KIT)
        raise NothingToCheck(f"{file} does not exist. {found or 'Was it renamed or moved?'}")
    try:
        return importlib.import_module(f"cs231n_utils.{module}")
    # The student needs to hear of any exception, of SystemExit, too.
    except BaseException as error:
        if isinstance(error, (SyntaxError, ValueError)) and (
            fault := encodings.fault(path.read_bytes())
        ):
            raise NothingToCheck(f"{file} {fault}") from None
        raise NothingToCheck(f"{file} cannot be imported. {describe(error)}") from None


def misnamed_as(file: str, folder: Path) -> str:
    """Which file in a folder may be meant to be `file`, and what to do with it, as two sentences;
    "" if none is like it.
    """
    assignments_own = {f"cs231n_utils/{module}.py" for module in MODULES} | {
        path.relative_to(KIT).as_posix() for path in CHECKS.glob("*.py")
    }
    folders = [folder, *(path for path in folder.iterdir() if path.is_dir())]
    folders += [path for path in (folder / "cs231n_utils").glob("*/") if path not in MACHINERY]
    names = [
        path.relative_to(folder).as_posix()
        for place in folders
        for path in sorted(place.iterdir())[:1000]
        if path.is_file()
    ]
    found = misnamed.nearest(file, [name for name in names if name not in assignments_own])
    return f"Found: {found}. {misnamed.next_step(file, found)}" if found else ""


def require_written(module: ModuleType, name: str) -> None:
    """Refuse a function that is missing or still a stub."""
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        raise NothingToCheck(
            f"{_shown(module.__file__ or '')} has no function {name}. Was it renamed or deleted?"
        )
    code = getattr(found, "__code__", None)
    # A function that uses no name but NotImplementedError is safe to call, and raises its own
    # sentence.
    if code is None or code.co_names != ("NotImplementedError",):
        return
    try:
        found(*[None] * len(inspect.signature(found).parameters))
    except NotImplementedError as stub:
        raise NotWritten(str(stub)) from None
    except Exception:  # no stub after all; its checks will show what it is
        return


def describe(error: BaseException) -> str:
    """Type and text of an exception, and the innermost line of student code in its traceback."""
    if isinstance(error, SyntaxError):
        what = f"{type(error).__name__}: {error.msg}"
        advice = _advice(error, exceptions.syntax_error(error))
        return what + _place(error.filename, error.lineno, error.text or "") + _line(advice)
    try:
        text = str(error)
    except Exception:
        text = "(its text cannot be shown)"
    text = _in_the_kit(text)
    if len(text) > LONGEST:
        text = text[:LONGEST] + " …"
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    advice = _line(_advice(error, text) or _about_the_call(error, text))
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = frame.f_code.co_filename
        if _is_students(file):
            return what + _place(file, line, linecache.getline(file, line)) + advice
    return what + advice


def _advice(error: BaseException, text: str) -> str:
    return exceptions.advice(type(error).__name__, text, sys.version_info[:2], "check")


def _in_the_kit(text: str) -> str:
    """A text that names files as seen from the kit's folder."""
    return text.replace(f"{KIT}{os.sep}", "")


def _about_the_call(error: BaseException, text: str) -> str:
    """What to look at after an exception in a call of a student's function; "" if none is known."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if _is_students(frame.f_code.co_filename):  # the outermost one: the exercise's function
            names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
            arguments = {name: frame.f_locals.get(name) for name in names}
            return on_exception(type(error).__name__, text, arguments)
    return ""


def _line(text: str) -> str:
    return f"\n{text}" if text else ""


def _place(file: str | None, line: int | None, source: str) -> str:
    if file is None or not line:
        return ""
    return f"\nin {_shown(file)}, line {line}: {source.strip()}"


def _is_students(file: str) -> bool:
    path = Path(file)
    of_the_checks = any(folder in path.parents for folder in MACHINERY)
    return KIT in path.parents and not of_the_checks and "site-packages" not in path.parts


def _shown(file: str) -> str:
    path = Path(file)
    return path.relative_to(KIT).as_posix() if KIT in path.parents else path.name
