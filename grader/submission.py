"""A submission, folder or zip, read into memory: an allow-list of files with caps, no links, nothing executed.

Only what grading needs is read: the student's modules in `cs231n_utils/`, helper modules of their own beside them, and
`best_model.npz`. Given helpers are not taken from the student; the grader puts its own copies beside the student's files.
What was passed over is said in notes.
"""

from __future__ import annotations

import difflib
import io
import os
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cs231n_utils.exercises import ASSIGNMENT, MODULES

PACKAGE = "cs231n_utils"
MODEL_FILE = "best_model.npz"
MAX_FILE = 2 << 20  # bytes; a student module has about 10 kB, a model for CIFAR-10 250 kB
MAX_TOTAL = 8 << 20  # bytes of all files
MAX_FILES = 100  # files that are read
MAX_ENTRIES = 2_000  # files and folders that are looked at
MAX_DIRECTORY = 4 << 20  # bytes of a zip's table of contents; about 40,000 files
MAX_DEPTH = 3  # folders in folders
MAX_NAME = 120  # bytes; file systems take 255 for each part
MAX_NOTES = 20
STUDENT_MODULES = frozenset(f"{PACKAGE}/{module}.py" for module in MODULES)
MASTER = Path(__file__).resolve().parent.parent / PACKAGE
GIVEN = frozenset(path.stem for path in MASTER.iterdir()) - set(MODULES)  # modules and packages of ours


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
    return {f"{PACKAGE}/{path.relative_to(MASTER).as_posix()}": path.read_bytes() for path in sorted(MASTER.rglob("*.py"))
            if path.relative_to(MASTER).parts[0].removesuffix(".py") in GIVEN}


def find(folder: Path) -> list[Path]:
    """Paths of all submissions in a folder, by student: `<student>/loss_and_optimization/` and `<student>.zip`."""
    if not folder.is_dir():
        raise SubmissionsNotFound(f"{folder} is not a folder. Give the folder that holds <student>/{ASSIGNMENT}/ "
                                  "or <student>.zip.")
    found: dict[str, Path] = {}
    everything = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    for path in everything:
        if _is_zip(path) and path.is_file():
            found.setdefault(path.stem, path)
        elif (path / ASSIGNMENT).is_dir():
            found[path.name] = path / ASSIGNMENT
    if not found:
        names = ", ".join(_show(path.name) for path in everything[:5]) or "nothing"
        raise SubmissionsNotFound(f"No submissions in {folder} (found: {names}). Expected <student>/{ASSIGNMENT}/ "
                                  "or <student>.zip.")
    return [found[student] for student in sorted(found)]


def student_of(path: Path) -> str:
    """Whose submission this is, from its path alone; as text, which databases and pages can hold."""
    name = path.stem if _is_zip(path) else path.parent.name
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def read(path: Path) -> Submission:
    """Read one submission, as `find` gave it. Never raises for what a student may hand in: the notes say what is wrong."""
    intake = _Intake()
    try:
        if _is_zip(path):
            _read_zip(path, intake)
        else:
            _read_folder(path, intake)
    except OSError as error:
        intake.notes.append(f"{_show(path.name)} cannot be read ({error.strerror}).")
    missing = _missing(intake.files)
    dropped = len(intake.notes) - MAX_NOTES
    more = [f"{dropped} more files were ignored."] if dropped > 0 else []
    return Submission(student_of(path), intake.files, (*intake.notes[:MAX_NOTES], *more, *missing))


class _Intake:
    """The files taken so far, the caps on them, and what is to be said about the others."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.notes: list[str] = []
        self.looked_at = 0
        self._room = MAX_TOTAL

    def take(self, name: str, size: int, content: Callable[[], bytes]) -> None:
        """Take a file if grading uses it and it fits; `content` reads it, and never more than MAX_FILE bytes."""
        if not _wanted(name):
            return
        *folders, file = name.split("/")
        if len(name.encode(errors="replace")) > MAX_NAME or len(folders) > MAX_DEPTH or not all(
                part.isidentifier() and part.isprintable() for part in [*folders, file.rpartition(".")[0]]):
            self.notes.append(f"{_show(name)} has a name that is not accepted, and was ignored.")
        elif len(self.files) >= MAX_FILES:
            self.notes.append(f"{_show(name)} is beyond the first {MAX_FILES} files, and was ignored.")
        elif size > MAX_FILE:
            self.notes.append(f"{_show(name)} has {size} bytes, more than {MAX_FILE}, and was ignored.")
        elif size > self._room:
            self.notes.append(f"{_show(name)} is beyond {MAX_TOTAL} bytes in all, and was ignored.")
        else:
            self.files[name] = content()
            self._room -= len(self.files[name])

    def refuse(self, name: str, why: str) -> None:
        if _wanted(name):
            self.notes.append(f"{_show(name)} {why}, and was ignored.")


def _wanted(name: str) -> bool:
    """Whether grading would use a file of this name: the model, and the package's Python files that are not given."""
    if name == MODEL_FILE or name in STUDENT_MODULES:
        return True
    folder, _, rest = name.partition("/")
    return folder == PACKAGE and name.endswith(".py") and rest.partition("/")[0].removesuffix(".py") not in GIVEN


# --- folders ------------------------------------------------------------------------------------------------------

def _read_folder(root: Path, intake: _Intake) -> None:
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _take_file(descriptor, MODEL_FILE, MODEL_FILE, intake)
        _walk(descriptor, PACKAGE, PACKAGE, intake)
    finally:
        os.close(descriptor)


def _walk(parent: int, name: str, relative: str, intake: _Intake) -> None:
    """Take the files of a folder and of the folders in it; each is opened from its parent, so that no link is followed."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    except OSError:
        return  # a link, a file, or unreadable: what is missing is said in the end
    try:
        with os.scandir(descriptor) as entries:
            listed = sorted(islice(entries, MAX_ENTRIES - intake.looked_at), key=lambda entry: entry.name)
        intake.looked_at += len(listed)
        if intake.looked_at == MAX_ENTRIES:
            intake.notes.append(f"{_show(relative)}: only the first {MAX_ENTRIES} files were looked at.")
        for entry in listed:
            below = f"{relative}/{entry.name}"
            if not entry.is_dir(follow_symlinks=False):
                _take_file(descriptor, entry.name, below, intake)
            elif below.count("/") < MAX_DEPTH:
                _walk(descriptor, entry.name, below, intake)
    finally:
        os.close(descriptor)


def _take_file(parent: int, name: str, relative: str, intake: _Intake) -> None:
    if not _wanted(relative):
        return
    try:
        # Without O_NONBLOCK, opening a FIFO would wait for its other end.
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=parent)
    except FileNotFoundError:
        return
    except OSError as error:
        intake.refuse(relative, f"cannot be read ({error.strerror})")
        return
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            intake.take(relative, status.st_size, lambda: file.read(MAX_FILE))
        else:
            intake.refuse(relative, "is not an ordinary file")


# --- zip files ----------------------------------------------------------------------------------------------------

class _SmallReads(io.FileIO):
    """A file that is not read in huge pieces: zipfile takes in the whole table of contents, a million names, at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_DIRECTORY:
            raise zipfile.BadZipFile("too many files")
        return super().read(size)


def _read_zip(path: Path, intake: _Intake) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with _SmallReads(descriptor) as file:
        try:
            archive = zipfile.ZipFile(file)
        except Exception as error:  # many kinds, for what hostile bytes can hold; whichever it is, nothing can be read
            intake.notes.append(f"{_show(path.name)} is not a readable zip file ({_show(str(error))}). "
                                f"Zip the folder {ASSIGNMENT} again and hand it in.")
            return
        members = [(member.filename.replace("\\", "/"), member) for member in archive.infolist() if not member.is_dir()]
        prefix = _common_prefix([name for name, _ in members])
        for name, member in members:
            if name.startswith(prefix):
                _take_member(archive, member, name[len(prefix):], intake)


def _take_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, intake: _Intake) -> None:
    def content() -> bytes:
        with archive.open(member) as file:
            return file.read(MAX_FILE)  # capped here, too: the size in the table is only a claim

    if stat.S_ISLNK(member.external_attr >> 16):
        intake.refuse(name, "is a link")
    elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # the others can ask for gigabytes at once
        intake.refuse(name, "is compressed in an unusual way")
    else:
        try:
            intake.take(name, member.file_size, content)
        except Exception as error:  # as above; encrypted, damaged, or not what the table says
            intake.refuse(name, f"cannot be read from the zip ({_show(str(error))})")


def _common_prefix(names: list[str]) -> str:
    """The folder inside a zip that holds `cs231n_utils/` (people zip the kit's folder, or its contents)."""
    candidates = {name.removesuffix(module) for name in names for module in STUDENT_MODULES if name.endswith(module)}
    return min(sorted(prefix for prefix in candidates if prefix == "" or prefix.endswith("/")), key=len, default="")


# --- what is said to the student ----------------------------------------------------------------------------------

def _missing(files: dict[str, bytes]) -> list[str]:
    notes = []
    for name in sorted(STUDENT_MODULES - files.keys()):
        near = difflib.get_close_matches(name, sorted(files.keys() - STUDENT_MODULES), n=1)
        found = f" (found: {near[0]}; rename it and hand in again)" if near else ""
        notes.append(f"There is no {name}{found}.")
    return notes


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def _show(name: str) -> str:
    """A file name, or what an error says, fit for a message: printable and short."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:80])
