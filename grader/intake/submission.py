"""One submission, a folder or an archive, read into memory: an allow-list of files within caps, no
links, nothing executed.

Read is what student code may import or open: the student's modules in `cs231n_utils/`,
`best_model.npz`, and, in any folder, Python files and small data files of the student's own.
Student code imports the files as they were handed in. The kit's own file is used where the student
handed in none, and where the student's is the same. Notes tell the student what was passed over.
Which files those are says `cs231n_utils.hand_in.rules`, by which students pack them; archives.py
reads the archives.
"""

from __future__ import annotations

import functools
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cs231n_utils.advice import encodings, misnamed
from cs231n_utils.exercises import ASSIGNMENT
from cs231n_utils.hand_in import rules
from cs231n_utils.hand_in.rules import (
    MAX_ENTRIES,
    MAX_FILE,
    MAX_FILES,
    MAX_NAME,
    MAX_TOTAL,
    MODEL_FILE,
    PACKAGE,
    STUDENT_MODULES,
)
from grader.intake import archives
from grader.intake.safe_files import Unreadable, open_file, open_folder, open_submission
from grader.paths import COURSE
from grader.text import legible

MAX_NOTES = 20
DATASETS = "datasets"
EXPECTED = (
    f"<student>/{ASSIGNMENT}/, <student>.zip or <student>.tar.gz, with a name that does not begin"
    " with a dot"
)


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    files : relative name (with "/") -> content, of the files that grading uses
    notes : sentences for the student: what is missing, and what was passed over and why
    """

    student: str
    files: dict[str, bytes]
    notes: tuple[str, ...] = ()


class SubmissionsNotFound(Exception):
    """The folder holds no submissions; the text says what was looked for."""


def given_files() -> dict[str, bytes]:
    """The files that students get complete, from our own copy: the helper modules of `cs231n_utils`
    and the digits. Relative name (with "/") -> content.
    """
    paths = [*(COURSE / PACKAGE).rglob("*.py"), *(COURSE / DATASETS).glob("digits.npz*")]
    files = {path.relative_to(COURSE).as_posix(): path.read_bytes() for path in sorted(paths)}
    return {name: content for name, content in files.items() if name not in STUDENT_MODULES}


@functools.cache
def _given() -> Mapping[str, tuple[int, int]]:
    """Name -> (size in bytes, CRC-32), of the given files and of the JSON files in the package."""
    others = {
        f"{PACKAGE}/{path.relative_to(COURSE / PACKAGE).as_posix()}": path.read_bytes()
        for path in (COURSE / PACKAGE).rglob("*.json")
    }
    return {
        name: (len(content), zlib.crc32(content))
        for name, content in {**given_files(), **others}.items()
    }


def find(folder: Path) -> list[Path]:
    """The paths of all submissions in a folder, sorted by student. A submission is a folder
    `<student>/loss_and_optimization/`, or an archive of it.

    Where a student has several, the folder counts, or else the first archive by name. A link is
    listed, so that `read` can say that it is not followed.
    """
    if not folder.is_dir():
        raise SubmissionsNotFound(
            f"{folder} is not a folder. Give the folder that holds {EXPECTED}."
        )
    found: dict[str, Path] = {}
    for path in sorted(path for path in folder.iterdir() if not path.name.startswith(".")):
        if _is_archive(path):
            found.setdefault(student_of(path), path)
        elif _is_folder(path):
            found[student_of(path / ASSIGNMENT)] = path / ASSIGNMENT
    if not found:
        names = ", ".join(legible(name) for name in passed_over(folder, [])[:5]) or "nothing"
        raise SubmissionsNotFound(
            f"No submissions in {folder} (found: {names}). Expected {EXPECTED}."
        )
    return [found[student] for student in sorted(found)]


def passed_over(folder: Path, found: Iterable[Path]) -> list[str]:
    """The names in a folder of submissions that `find` took for no submission.

    Hidden files are not listed, because systems and editors leave some, unless they look like a
    submission.
    """
    taken = {path.relative_to(folder).parts[0] for path in found}
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.name not in taken
        and (
            not path.name.startswith(".")
            or _is_folder(path)
            # A Mac puts a file `._name` beside each file.
            or (_is_archive(path) and not path.name.startswith("._"))
        )
    )


def _is_archive(path: Path) -> bool:
    return bool(archives.suffix(path.name)) and (path.is_file() or path.is_symlink())


def _is_folder(path: Path) -> bool:
    return os.path.lexists(path / ASSIGNMENT)


def student_of(path: Path) -> str:
    """The student's name, from the path alone, as text that databases and pages can hold."""
    suffix = archives.suffix(path.name)
    name = path.name.removesuffix(suffix) if suffix else path.parent.name
    # A backslash is escaped, too, so that no two names become one.
    return os.fsencode(name).replace(b"\\", rb"\x5c").decode("utf-8", "backslashreplace")


def read(path: Path) -> Submission:
    """Read the submission at a path that `find` returned. Never raises for what a student may hand
    in: the notes say what is wrong.
    """
    intake = _Intake()
    is_archive = bool(archives.suffix(path.name))
    try:
        link = next(
            (part for part in ([path] if is_archive else [path.parent, path]) if part.is_symlink()),
            None,
        )
        if link:
            intake.notes.append(
                f"{legible(link.name)} cannot be read: it is a link, which grading never follows. "
                "Hand in the files themselves."
            )
        elif is_archive:
            _read_archive(path, intake)
        else:
            _read_folder(path, intake)
    except (OSError, Unreadable) as error:
        why = getattr(error.__cause__ or error, "strerror", error)  # in the system's words
        intake.notes.append(f"{legible(path.name)} cannot be read ({why}).")
    dropped = len(intake.notes) - MAX_NOTES
    more = [f"{dropped} more files were ignored."] if dropped > 0 else []
    said = (
        *intake.notes[:MAX_NOTES],
        *more,
        *_changed(intake.files),
        *_unreadable(intake.files),
        *_missing(intake),
    )
    return Submission(student_of(path), intake.files, said)


class _Intake:
    """The files taken so far, what is left of the caps, and the notes about the other files."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.notes: list[str] = []
        self.looked_at = 0
        self._reads = 0
        self._room = MAX_TOTAL
        self._compared: set[str] = set()  # given files that were read and found unchanged
        # Libraries that a file beside the notebooks would have hidden.
        self._hidden: set[str] = set()
        self.not_wanted: list[str] = []  # names of the first files that grading does not use

    def pass_over(self, name: str) -> None:
        """Remember the name of a file that grading does not use: it may be a misnamed one."""
        if len(self.not_wanted) < MAX_FILES and len(name) <= MAX_NAME:
            self.not_wanted.append(name)

    def take(
        self, name: str, size: int, content: Callable[[], bytes], checksum: int | None = None
    ) -> None:
        """Take a file if grading uses it and it fits.

        size : bytes
        content : reads it, and never more than MAX_FILE bytes
        checksum : CRC-32, if it is known; by size and checksum a file of the kit that is unchanged
            is passed over without being read
        """
        given = _given().get(name)
        if not rules.wanted(name) or given == (size, checksum):
            return
        if not rules.accepted(name):
            self.pass_over(name)
            self.notes.append(f"{legible(name)} has a name that is not accepted, and was ignored.")
        elif self._reads >= MAX_FILES:
            self.notes.append(
                f"{legible(name)} is beyond the first {MAX_FILES} files, and was ignored."
            )
        elif size > MAX_FILE:
            self.notes.append(
                f"{legible(name)} has {size} bytes, more than {MAX_FILE}, and was ignored."
            )
        elif size > self._room:
            self.notes.append(
                f"{legible(name)} is beyond {MAX_TOTAL} bytes in all, and was ignored."
            )
        elif (hidden := rules.hidden_library(name)) in self._hidden:
            return
        elif hidden:
            self._hidden.add(hidden)
            self.notes.append(
                f"{legible(name)} was ignored: import {hidden} gives the library of that name."
                " Rename the file if your functions need it."
            )
        else:
            # Every file that is read counts, kept or not: each takes time.
            self._reads += 1
            data = content()
            if name in self.files:
                self.notes.append(
                    f"{legible(name)} was handed in more than once: the last one counts."
                )
                self._room += len(self.files.pop(name))
            if given and (
                _identity(data) == given or _identity(data.replace(b"\r\n", b"\n")) == given
            ):
                self._reads -= name not in self._compared
                self._compared.add(name)
                return
            self._room -= len(data)
            self.files[name] = data

    def refuse(self, name: str, why: str) -> None:
        if rules.wanted(name):
            self.notes.append(f"{legible(name)} {why}, and was ignored.")


def _identity(content: bytes) -> tuple[int, int]:
    """Size in bytes, and CRC-32. A student who forges those of a given file has the given file
    used, and gains nothing.
    """
    return len(content), zlib.crc32(content)


# --- folders --------------------------------------------------------------------------------------


def _read_folder(root: Path, intake: _Intake) -> None:
    descriptor = open_submission(root)
    try:
        _take_file(descriptor, MODEL_FILE, MODEL_FILE, intake)
        _walk(descriptor, PACKAGE, f"{PACKAGE}/", intake)
        _walk(descriptor, ".", "", intake)
    finally:
        os.close(descriptor)


def _walk(parent: int, name: str, prefix: str, intake: _Intake) -> None:
    """Take the files of a folder and of the folders in it. Each is opened from its parent, so that
    no link is followed.

    prefix : what its files' names begin with, "" for those beside the notebooks
    """
    try:
        descriptor = open_folder(name, parent)
    except (FileNotFoundError, Unreadable):
        return  # a link, a file, or not there: notes on what is missing come at the end
    try:
        with os.scandir(descriptor) as entries:
            listed = sorted(
                islice(entries, MAX_ENTRIES - intake.looked_at), key=lambda entry: entry.name
            )
        if any(entry.name == rules.ENVIRONMENT for entry in listed):
            return
        intake.looked_at += len(listed)
        if listed and intake.looked_at == MAX_ENTRIES:
            intake.notes.append(
                f"{legible(prefix) or ASSIGNMENT}: only the first {MAX_ENTRIES} files were looked"
                " at."
            )
        for entry in listed:
            below = f"{prefix}{entry.name}"
            if not entry.is_dir(follow_symlinks=False):
                if below != MODEL_FILE:
                    _take_file(descriptor, entry.name, below, intake)
            elif below != PACKAGE and rules.wanted(f"{below}/any.py"):
                _walk(descriptor, entry.name, f"{below}/", intake)
    finally:
        os.close(descriptor)


def _take_file(parent: int, name: str, relative: str, intake: _Intake) -> None:
    if not rules.wanted(relative):
        intake.pass_over(relative)
        return
    try:
        file = open_file(name, parent)
    except FileNotFoundError:
        return
    except Unreadable as why:
        intake.refuse(relative, str(why))
        return
    with file:
        size = os.fstat(file.fileno()).st_size
        intake.take(relative, size, lambda: file.read(size))


# --- archives -------------------------------------------------------------------------------------


def _read_archive(path: Path, intake: _Intake) -> None:
    members = []
    with open_file(path) as file:
        passed_over: list[str] = []

        def wanted(name: str) -> bool:
            if _perhaps_wanted(name):
                return True
            if len(passed_over) < MAX_ENTRIES and f"/{PACKAGE}/" in f"/{name}":
                passed_over.append(name)
            return False

        try:
            for member in archives.members(file, path.name, wanted, _perhaps_essential):
                members.append(member)  # noqa: PERF402  # members before the damage are kept
        # Hostile bytes can raise many kinds; after any of them there is no more to read.
        except Exception as error:
            where = " to its end" if members else ""
            intake.notes.append(
                f"{legible(path.name)} cannot be read{where} ({legible(str(error))}). "
                f"Pack the folder {ASSIGNMENT} again as .zip or .tar.gz, and hand it in."
            )
        names = [member.name for member in members]
        prefix, environments = _common_prefix(names), _environments(names)
        within = [
            (member.name[len(prefix) :], member)
            for member in members
            if member.name.startswith(prefix) and not member.name.startswith(environments)
        ]
        for name, member in sorted(within, key=lambda pair: not rules.essential(pair[0])):
            _take_member(member, name, intake)
        for name in passed_over:
            if name.startswith(prefix):
                intake.pass_over(name[len(prefix) :])


def _take_member(member: archives.Member, name: str, intake: _Intake) -> None:
    if member.problem:
        intake.refuse(name, member.problem)
        return
    try:
        intake.take(name, member.size, member.content, member.checksum)
    except Exception as error:  # as above; encrypted, damaged, or not what the table says
        intake.refuse(name, f"cannot be read from the zip ({legible(str(error))})")


def _perhaps_wanted(name: str) -> bool:
    """Whether a file of an archive may be `rules.wanted`, whatever folders the kit lies in."""
    return name.endswith((".py", *rules.DATA)) and not any(
        folder in rules.JUNK for folder in name.split("/")[:-1]
    )


def _perhaps_essential(name: str) -> bool:
    """Whether a file of an archive may be `rules.essential`, likewise."""
    return f"/{name}".endswith(f"/{MODEL_FILE}") or f"/{PACKAGE}/" in f"/{name}"


def _environments(names: list[str]) -> tuple[str, ...]:
    """The folders inside an archive that are virtual environments."""
    return tuple(
        name.removesuffix(rules.ENVIRONMENT)
        for name in names
        if name.endswith(f"/{rules.ENVIRONMENT}")
    )


def _common_prefix(names: list[str]) -> str:
    """The folder inside an archive that holds `cs231n_utils/`, with a "/" at its end; "" if the
    package is at the top. (People pack the kit's folder, or its contents.)
    """
    candidates = {
        name.removesuffix(module)
        for name in names
        for module in STUDENT_MODULES
        if name.endswith(module)
    }
    return min(
        sorted(prefix for prefix in candidates if prefix == "" or prefix.endswith("/")),
        key=len,
        default="",
    )


# --- notes for the student ------------------------------------------------------------------------


def _changed(files: dict[str, bytes]) -> list[str]:
    """A note if helpers that came with the assignment are not as they were given."""
    names = sorted(files.keys() & _given().keys())
    if not names:
        return []
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return [
        f"Not as it was given: {', '.join(names[:3])}{more}. Your functions import it as you handed"
        " it in."
    ]


def _unreadable(files: dict[str, bytes]) -> list[str]:
    """A note for each Python file of the student's package that is no text in UTF-8."""
    faults = {name: encodings.fault(files[name]) for name in sorted(STUDENT_MODULES & files.keys())}
    return [f"{name} {fault}" for name, fault in faults.items() if fault]


def _missing(intake: _Intake) -> list[str]:
    """A note for each file that is not there, with the one that may be meant to be it."""
    notes = []
    names = {*intake.files, *intake.not_wanted} - STUDENT_MODULES - _given().keys()
    for name in sorted(STUDENT_MODULES - intake.files.keys()):
        near = misnamed.nearest(name, sorted(names))
        found = (
            f" Found: {legible(near)}. {legible(misnamed.next_step(name, near), 200)} Then hand in"
            " again."
            if near
            else ""
        )
        notes.append(f"There is no {name}.{found}")
    return notes
