"""What is in a hand-in, tried as grading finds it: unpacked into an empty folder beside the given
helpers, and imported there, in a process of its own.

So a module that needs a file outside the kit is named before it costs points. Which functions are
written is asked in the way of `check`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MODULES
from cs231n_utils.hand_in import rules
from cs231n_utils.imports import import_hook, stand_ins
from cs231n_utils.imports.libraries import PICTURES
from cs231n_utils.visible_checks import ahead, endings
from cs231n_utils.visible_checks.faults import (
    KIT,
    NothingToCheck,
    NotWritten,
    load,
    require_written,
)

SECONDS = 30.0  # for all six files, and Python's start
# Packages that have a stand-in with what course files use of them.
_NO_HARM = frozenset(("six", "past", "future", "cs231n", *PICTURES))
_PROGRAM = (
    "import sys; sys.path[0] = sys.argv[1]; from cs231n_utils.hand_in.trying import main;"
    " main(sys.argv[2])"
)


@dataclass(frozen=True)
class Tried:
    """written, not_written : names of exercises; problems : sentences on files that fail"""

    written: tuple[str, ...] = ()
    not_written: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def try_files(files: Mapping[str, bytes], kit: Path) -> Tried:
    """Import the modules of a hand-in beside the helpers of a kit."""
    # A real path, since the one of macOS and Windows leads over a link or an abbreviation.
    with tempfile.TemporaryDirectory(prefix="hand_in-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch).resolve() / ASSIGNMENT
        shutil.copytree(
            kit / rules.PACKAGE,
            folder / rules.PACKAGE,
            symlinks=True,
            ignore=lambda place, names: _not_given(kit, place, names),
        )
        if (kit / "datasets" / "digits.npz").is_file():
            (folder / "datasets").mkdir()
            for path in (kit / "datasets").glob("*.npz*"):
                shutil.copyfile(path, folder / "datasets" / path.name)
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        events = Path(scratch).resolve() / "events"
        events.touch()
        return _run(folder, events)


def _not_given(kit: Path, place: str, names: list[str]) -> list[str]:
    """Of a folder in the package, what is the student's or a tool's."""
    inside = Path(place).relative_to(kit)
    return [
        name
        for name in names
        if (inside / name).as_posix() in rules.STUDENT_MODULES
        or name in rules.JUNK
        or name.startswith(".")
        or (kit / inside / name).is_symlink()
    ]


def _run(folder: Path, events: Path) -> Tried:
    try:
        process = ahead.start(
            _PROGRAM, [str(folder), str(events)], output=subprocess.DEVNULL, folder=folder
        )
    except OSError:
        return Tried(problems=("Nothing was imported, as no process can be started here.",))
    try:
        ended = endings.in_words(process.wait(SECONDS))
    except subprocess.TimeoutExpired:
        ended = f"Importing takes more than {SECONDS:g} seconds. Does a loop never end?"
    finally:
        ahead.kill(process)
    said: dict[str, list[str]] = {}
    for line in events.read_text(encoding="utf-8").splitlines():
        kind, text = json.loads(line)
        said.setdefault(kind, []).append(text)
    problems = said.get("problem", [])
    if "end" not in said:
        problems.append(": ".join((*said.get("importing", [])[-1:], ended)))
    return Tried(
        tuple(said.get("written", [])), tuple(said.get("not written", [])), tuple(problems)
    )


def main(events_path: str) -> None:
    """In the process: import each module, and look for its functions."""
    import_hook.install_in_kit(only_what_grading_has=True)
    with open(events_path, "a", encoding="utf-8") as file:

        def say(kind: str, text: str = "") -> None:
            file.write(json.dumps([kind, text]) + "\n")
            file.flush()

        for name in MODULES:
            path = f"{rules.PACKAGE}/{name}.py"
            if not (KIT / path).is_file():
                continue
            say("importing", path)
            try:
                module = load(name)
            except NothingToCheck as reason:
                say("problem", str(reason))
                continue
            if absent := _absent(module):
                say(
                    "problem",
                    f"{path} imports {', '.join(absent)}, which grading does not have: a function"
                    " that uses it fails there.",
                )
            for exercise in EXERCISES.values():
                if exercise.file == path:
                    say(*_state(module, exercise.name))
        say("end")
    os._exit(0)  # without waiting for threads that the student's code may have left behind


def _absent(module: ModuleType) -> list[str]:
    """What a module imports and grading will not find."""
    names = {stand_ins.absent(value) for value in vars(module).values()} - {""}
    return sorted(name for name in names if name.partition(".")[0] not in _NO_HARM)


def _state(module: ModuleType, exercise: str) -> tuple[str, str]:
    try:
        require_written(module, exercise)
    except NotWritten:
        return "not written", exercise
    except NothingToCheck as reason:
        return "problem", str(reason)
    return "written", exercise
