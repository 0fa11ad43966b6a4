"""What of a kit travels, and why the rest stays: the files that grading would read, as
`rules.py` says, and the five notebooks.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from cs231n_utils.advice import misnamed
from cs231n_utils.exercises import ASSIGNMENT, NOTEBOOKS
from cs231n_utils.hand_in import answers, given, rules

ARCHIVE = f"{ASSIGNMENT}.zip"
_EXERCISES = f"{rules.PACKAGE}/exercises.py"  # tells a copy of the kit from any other folder


@dataclass
class Packed:
    """What travels of a kit, and what there is to say about the rest.

    files : relative name (with "/") -> content, in the order in which grading reads them
    notebooks : name of the file -> what is in it
    changed : names of files that came with the assignment and are not as they came
    missing : sentences on what belongs into a hand-in and is not there
    problems : name of a file or folder -> a sentence on why it does not travel, though grading
        reads files of its kind
    left : names that stay, of files that grading does not read; a folder's ends with "/"
    """

    files: dict[str, bytes] = field(default_factory=dict)
    notebooks: dict[str, answers.Notebook] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def own(self) -> list[str]:
        """The student's files beside modules and model."""
        expected = rules.STUDENT_MODULES | {rules.MODEL_FILE}
        return sorted(self.files.keys() - expected)


def pack(kit: Path) -> Packed:
    """Look through a kit, and read what travels."""
    packed = Packed()
    came = given.read(kit)
    room, hidden = rules.MAX_TOTAL, set[str]()
    for name, path in _paths(kit, came, packed):
        problem = _problem(name, path, hidden, room, len(packed.files))
        if problem:
            packed.problems[name] = problem
            continue
        if rules.hidden_library(name):
            continue  # of a folder whose first file was named already
        content = _read(path, name, packed)
        if content is None:
            continue
        if name not in rules.STUDENT_MODULES and name in came:
            if given.is_as_given(name, content, came):
                continue
            packed.changed.append(name)
        room -= len(content)
        packed.files[name] = content
    _add_notebooks(kit, packed)
    _name_missing(packed, came)
    return packed


def write(packed: Packed, archive: Path) -> None:
    """Write the hand-in; a zip that is there already stays whole until the new one is."""
    files = {**packed.files, **{name: book.content for name, book in packed.notebooks.items()}}
    unfinished = archive.with_name(f"{archive.name}.part")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as out:
            for name, content in sorted(files.items()):
                member = zipfile.ZipInfo(f"{ASSIGNMENT}/{name}", date_time=(1980, 1, 1, 0, 0, 0))
                member.external_attr = 0o100644 << 16
                out.writestr(member, content, zipfile.ZIP_DEFLATED)
        unfinished.replace(archive)
    finally:
        unfinished.unlink(missing_ok=True)


# --- the files that grading would read ------------------------------------------------------------


def _paths(kit: Path, came: Mapping[str, str], packed: Packed) -> Iterator[tuple[str, Path]]:
    """Name and path of the files that are wanted: the model, then the package, then the others."""
    looked_at = 0

    def walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
        nonlocal looked_at
        try:
            with os.scandir(folder) as entries:
                listed = sorted(
                    islice(entries, rules.MAX_ENTRIES - looked_at), key=lambda entry: entry.name
                )
        except OSError:
            packed.problems[prefix] = f"{prefix} cannot be opened, so nothing of it travels."
            return
        if any(entry.name == rules.ENVIRONMENT for entry in listed):
            packed.left.append(f"{prefix} (a virtual environment)")
            return
        looked_at += len(listed)
        if listed and looked_at == rules.MAX_ENTRIES:
            packed.problems[prefix] = (
                f"{prefix or 'The folder'}: only the first {rules.MAX_ENTRIES} files are looked at,"
                " as grading does. Move data sets and the like out of this folder."
            )
        for entry in listed:
            name = f"{prefix}{entry.name}"
            if not entry.is_dir(follow_symlinks=False):
                if rules.wanted(name) and name != rules.MODEL_FILE:
                    yield name, Path(entry.path)
                elif _is_worth_naming(name, came):
                    packed.left.append(f"{name} (a link)" if entry.is_symlink() else name)
            elif name == rules.PACKAGE:
                continue
            elif not rules.wanted(f"{name}/any.py"):
                if not entry.name.startswith((".", "__")):
                    packed.left.append(f"{name}/")
                elif (Path(entry.path) / rules.ENVIRONMENT).is_file():
                    packed.left.append(f"{name}/ (a virtual environment)")
            elif (Path(entry.path) / "repair.json").is_file():
                packed.left.append(f"{name}/ (a repair)")
            elif (Path(entry.path) / _EXERCISES).is_file():
                packed.left.append(f"{name}/ (another copy of the assignment)")
            else:
                yield from walk(Path(entry.path), f"{name}/")

    if os.path.lexists(kit / rules.MODEL_FILE):
        yield rules.MODEL_FILE, kit / rules.MODEL_FILE
    yield from walk(kit / rules.PACKAGE, f"{rules.PACKAGE}/")
    yield from walk(kit, "")


def _is_worth_naming(name: str, came: Mapping[str, str]) -> bool:
    """Whether a student might miss this file in the hand-in."""
    last = name.rpartition("/")[2]
    return (
        name not in came
        and name
        not in (given.NAME, rules.MODEL_FILE, ARCHIVE, f"{ARCHIVE}.part", *_notebook_files())
        and not last.startswith(".")
        and not last.endswith((".pyc", "~"))
        and not (name.startswith("before_repair_") and name.endswith(".zip"))
    )


def _problem(name: str, path: Path, hidden: set[str], room: int, taken: int) -> str:
    """Why a file that grading would look at does not travel, as a sentence; "" if it does, or if
    its folder was named already.

    hidden : libraries for which a file was named; room : bytes that are left
    """
    if path.is_symlink():
        return f"{name} is a link, which grading never follows. Put the file itself in its place."
    if not path.is_file():
        return f"{name} is no ordinary file, so it does not travel."
    if not rules.accepted(name):
        return (
            f"{name!a} has a name that grading does not accept. Rename it: letters, digits and"
            " underscores, and no dot in a folder's name."
        )
    size = path.stat().st_size
    if taken >= rules.MAX_FILES:
        return f"{name} is beyond the first {rules.MAX_FILES} files, which are all that is read."
    if size > rules.MAX_FILE:
        return (
            f"{name} has {size / 1e6:.1f} MB; grading reads files of up to"
            f" {rules.MAX_FILE >> 20} MB, so it does not travel."
        )
    if size > room:
        return f"{name} is beyond {rules.MAX_TOTAL >> 20} MB in all, so it does not travel."
    library = rules.hidden_library(name)
    if library and library not in hidden:
        hidden.add(library)
        return (
            f"{name} does not travel: import {library} gives the library of that name. Rename the"
            " file if your functions need it."
        )
    return ""


def _read(path: Path, name: str, packed: Packed) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        packed.problems[name] = f"{name} cannot be read ({error.strerror}), so it does not travel."
        return None


# --- notebooks, and what is missing ---------------------------------------------------------------


def _notebook_files() -> list[str]:
    return [f"{name}.ipynb" for name in NOTEBOOKS]


def _add_notebooks(kit: Path, packed: Packed) -> None:
    for name in _notebook_files():
        if (kit / name).is_file() and (content := _read(kit / name, name, packed)) is not None:
            packed.notebooks[name] = answers.read(content)


def _name_missing(packed: Packed, came: Mapping[str, str]) -> None:
    """A sentence for each file that belongs into a hand-in and is not there, with the one that may
    be meant to be it.
    """
    expected = [*sorted(rules.STUDENT_MODULES), rules.MODEL_FILE, *_notebook_files()]
    there = packed.files.keys() | packed.notebooks.keys()
    others = {*packed.own, *packed.left, *packed.problems} - came.keys()
    others -= {name for name in others if name.endswith((")", "/"))}
    for name in expected:
        if name in there or name in packed.problems:
            continue
        found = misnamed.nearest(name, sorted(others))
        packed.problems.pop(found, None)  # one sentence is enough
        if found and not name.endswith(".ipynb"):
            packed.missing.append(
                f"There is no {name}. Found: {found}. {misnamed.next_step(name, found)}"
            )
        elif found:
            packed.missing.append(f"There is no {name}. Found: {found}. Rename it to {name}.")
        elif name == rules.MODEL_FILE:
            packed.missing.append(f"There is no {name} yet: {NOTEBOOKS[-1]}.ipynb saves it.")
        else:
            packed.missing.append(f"There is no {name}. Take it from the assignment again.")
