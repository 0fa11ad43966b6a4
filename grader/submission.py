"""A submission, folder or zip, read into memory: an allow-list of files with caps, no links, nothing executed.

Only what grading needs is read: the student's modules in `cs231n_utils/` and `best_model.npz`. Given helpers are not
taken from the student; the grader puts its own copies beside the student's files. What was passed over is said in notes.
"""

from __future__ import annotations

import difflib
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cs231n_utils.exercises import ASSIGNMENT, MODULES

PACKAGE = "cs231n_utils"
MODEL_FILE = "best_model.npz"
MAX_FILE = 2 << 20  # bytes; a student module has about 10 kB
MAX_FILES = 200  # files that are read
MAX_ENTRIES = 20_000  # files and folders that are looked at
STUDENT_MODULES = frozenset(f"{PACKAGE}/{module}.py" for module in MODULES)
MASTER = Path(__file__).resolve().parent.parent / PACKAGE


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    files : relative name (with "/") -> content, of the files that grading uses
    notes : sentences for the student: what is missing, what was passed over and why
    """

    student: str
    files: dict[str, bytes]
    notes: tuple[str, ...] = ()


class SubmissionsNotFound(Exception):
    """The folder holds no submissions; the text says what was looked for."""


def given_files() -> dict[str, bytes]:
    """The helper modules of `cs231n_utils` that students get complete, from our own copy."""
    return {f"{PACKAGE}/{path.name}": path.read_bytes() for path in sorted(MASTER.glob("*.py"))
            if f"{PACKAGE}/{path.name}" not in STUDENT_MODULES}


def find(folder: Path) -> list[Path]:
    """Paths of all submissions in a folder, by student: `<student>/loss_and_optimization/` and `<student>.zip`."""
    if not folder.is_dir():
        raise SubmissionsNotFound(f"{folder} is not a folder. Give the folder that holds <student>/{ASSIGNMENT}/ "
                                  "or <student>.zip.")
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".zip" and path.is_file():
            found.setdefault(path.stem, path)
        elif (path / ASSIGNMENT).is_dir():
            found[path.name] = path / ASSIGNMENT
    if not found:
        names = ", ".join(path.name for path in sorted(folder.iterdir())[:5]) or "nothing"
        raise SubmissionsNotFound(f"No submissions in {folder} (found: {names}). Expected <student>/{ASSIGNMENT}/ "
                                  "or <student>.zip.")
    return [found[student] for student in sorted(found)]


def read(path: Path) -> Submission:
    """Read one submission, as `find` gave it. Never raises for what a student may hand in: the notes say what is wrong."""
    notes: list[str] = []
    if path.suffix == ".zip":
        student, entries = path.stem, _zip_entries(path, notes)
    else:
        student, entries = path.parent.name, _folder_entries(path, notes)
    files = dict(entries)
    notes += _missing(files)
    return Submission(student, files, tuple(notes))


def _folder_entries(root: Path, notes: list[str]) -> Iterator[tuple[str, bytes]]:
    looked_at = taken = 0
    for folder, folders, names in os.walk(root):  # does not follow links
        looked_at += len(folders) + len(names)
        if looked_at > MAX_ENTRIES:
            notes.append(f"Only the first {MAX_ENTRIES} files were looked at.")
            return
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            relative = path.relative_to(root).as_posix()
            if not _wanted(relative, notes):
                continue
            status = os.lstat(path)
            if not stat.S_ISREG(status.st_mode):
                notes.append(f"{_show(relative)} is not an ordinary file (a link or a device), and was ignored.")
            elif _fits(relative, status.st_size, taken, notes):
                taken += 1
                try:
                    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
                    with open(descriptor, "rb") as file:
                        yield relative, file.read(MAX_FILE)
                except OSError as error:
                    notes.append(f"{_show(relative)} cannot be read ({error.strerror}), and was ignored.")


def _zip_entries(path: Path, notes: list[str]) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist()[:MAX_ENTRIES] if not member.is_dir()]
            prefix = _common_prefix([member.filename for member in members])
            taken = 0
            for member in members:
                if not member.filename.startswith(prefix):
                    continue
                relative = member.filename[len(prefix):]
                if not _wanted(relative, notes):
                    continue
                if stat.S_ISLNK(member.external_attr >> 16):
                    notes.append(f"{_show(relative)} is a link, and was ignored.")
                elif _fits(relative, member.file_size, taken, notes):
                    taken += 1
                    with archive.open(member) as file:
                        yield relative, file.read(MAX_FILE)  # capped here, too: the size above is only a claim
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zipfile.LargeZipFile):
        notes.append(f"{_show(path.name)} is not a readable zip file. Zip the folder {ASSIGNMENT} again and hand it in.")


def _common_prefix(names: list[str]) -> str:
    """The folder inside a zip that holds `cs231n_utils/` (people zip the kit's folder, or its contents)."""
    candidates = {name[: -len(f"{PACKAGE}/{module}.py")] for name in names for module in MODULES
                  if name.endswith(f"{PACKAGE}/{module}.py")}
    return min((prefix for prefix in candidates if prefix == "" or prefix.endswith("/")), key=len, default="")


def _wanted(relative: str, notes: list[str]) -> bool:
    """Whether grading uses this file: the model, and Python files of the package that are not given."""
    if relative == MODEL_FILE:
        return True
    parts = PurePosixPath(relative).parts
    if len(parts) < 2 or parts[0] != PACKAGE or not relative.endswith(".py") or parts[1] == "visible_checks":
        return False
    if ".." in parts or len(parts) > 4 or not all(part.isprintable() for part in parts):
        notes.append(f"{_show(relative)} has a name that is not accepted, and was ignored.")
        return False
    return not (MASTER / PurePosixPath(*parts[1:])).exists() or relative in STUDENT_MODULES


def _fits(relative: str, size: int, taken: int, notes: list[str]) -> bool:
    if size > MAX_FILE:
        notes.append(f"{_show(relative)} has {size} bytes, more than {MAX_FILE}, and was ignored.")
    elif taken >= MAX_FILES:
        notes.append(f"{_show(relative)} is beyond the first {MAX_FILES} files, and was ignored.")
    else:
        return True
    return False


def _missing(files: dict[str, bytes]) -> list[str]:
    notes = []
    for name in sorted(STUDENT_MODULES - files.keys()):
        near = difflib.get_close_matches(name, files.keys() - STUDENT_MODULES, n=1)
        found = f" (found: {near[0]}; rename it and hand in again)" if near else ""
        notes.append(f"There is no {name}{found}.")
    return notes


def _show(name: str) -> str:
    """A file name fit for a message: printable and short."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:80])
