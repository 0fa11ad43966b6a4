"""One submission, a folder or an archive, read into memory: an allow-list of files within caps, no
links, nothing executed.

Read is what student code may import or open: the student's modules in `cs231n_utils/`,
`best_model.npz`, and, in any folder, Python files and small data files of the student's own.
Student code imports the files as they were handed in. The kit's own file is used where the student
handed in none, and where the student's is the same. Notes tell the student what was passed over.
archives.py reads the archives.
"""

from __future__ import annotations

import functools
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

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
from grader.intake import archives, kits
from grader.intake.archives import Member
from grader.intake.safe_files import Unreadable, open_file, open_folder, open_submission
from grader.paths import COURSE
from grader.text import legible

MAX_NOTES = 20
DATASETS = "datasets"


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    files : relative name (with "/") -> content, of the files that grading uses
    notes : sentences for the student: what is missing, and what was passed over and why
    """

    student: str
    files: dict[str, bytes]
    notes: tuple[str, ...] = ()


def given_files() -> dict[str, bytes]:
    """The files that students get complete, from our own copy: the helper modules of `cs231n_utils`
    and the embedded data sets. Relative name (with "/") -> content.
    """
    paths = [*(COURSE / PACKAGE).rglob("*.py"), *(COURSE / DATASETS).glob("*.npz*")]
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


def student_of(path: Path) -> str:
    """The student's name, from the path alone, as text that databases and pages can hold."""
    suffix = archives.suffix(path.name)
    return as_text(path.name.removesuffix(suffix) if suffix else path.parent.name)


def as_text(name: str) -> str:
    """A name on a disk or in an archive, as text that databases and pages can hold."""
    if name.isascii() and "\\" not in name:
        return name  # the same object: a large class has many
    try:
        raw = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, as a table of a platform may hold one
        raw = name.encode("utf-8", "backslashreplace")
    # A backslash is escaped, too, so that no two names become one.
    return raw.replace(b"\\", rb"\x5c").decode("utf-8", "backslashreplace")


def read(path: Path) -> Submission:
    """Read the submission in a folder `<student>/<assignment>/`, or in an archive. Never raises for
    what a student may hand in: the notes say what is wrong.
    """
    intake = Intake()
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
            with open_file(path) as file:
                members = list_archive(file, path.name, intake)
                read_members(members, kits.locate(member.name for member in members), intake)
        else:
            descriptor = open_submission(path)
            try:
                read_folder(descriptor, intake)
            finally:
                os.close(descriptor)
    except (OSError, Unreadable) as error:
        intake.note_unreadable(path.name, error)
    return intake.submission(student_of(path))


class Intake:
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
        # Names of the first files that grading does not use, in the kit and in its archive.
        self.not_wanted: list[str] = []
        self.not_listed: list[str] = []

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

    def note_unreadable(self, name: str, error: OSError | Unreadable) -> None:
        why = getattr(error.__cause__ or error, "strerror", error)  # in the system's words
        self.notes.append(f"{legible(name)} cannot be read ({why}).")

    def submission(self, student: str) -> Submission:
        """What was taken, with the notes for the student."""
        dropped = len(self.notes) - MAX_NOTES
        more = [f"{dropped} more files were ignored."] if dropped > 0 else []
        said = (
            *self.notes[:MAX_NOTES],
            *more,
            *_changed(self.files),
            *_unreadable(self.files),
            *_missing(self),
        )
        return Submission(student, self.files, said)

    def refuse(self, name: str, why: str) -> None:
        if rules.wanted(name):
            self.notes.append(f"{legible(name)} {why}, and was ignored.")


def _identity(content: bytes) -> tuple[int, int]:
    """Size in bytes, and CRC-32. A student who forges those of a given file has the given file
    used, and gains nothing.
    """
    return len(content), zlib.crc32(content)


# --- folders --------------------------------------------------------------------------------------


def read_folder(descriptor: int, intake: Intake, package: str = PACKAGE) -> None:
    """Take the files of a kit, whose folder is open.

    package : how its folder `cs231n_utils` is spelled
    """
    _take_file(descriptor, MODEL_FILE, MODEL_FILE, intake)
    _walk(descriptor, package, f"{PACKAGE}/", intake)
    _walk(descriptor, ".", "", intake, package)


def _walk(parent: int, name: str, prefix: str, intake: Intake, package: str = PACKAGE) -> None:
    """Take the files of a folder and of the folders in it. Each is opened from its parent, so that
    no link is followed.

    prefix : what its files' names begin with, "" for those beside the notebooks
    package : the name of a folder beside the notebooks that is not walked
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
            elif below != package and rules.wanted(f"{below}/any.py"):
                _walk(descriptor, entry.name, f"{below}/", intake)
    finally:
        os.close(descriptor)


def _take_file(parent: int, name: str, relative: str, intake: Intake) -> None:
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


def list_archive(
    file: IO[bytes], name: str, intake: Intake, with_notebooks: bool = False
) -> list[Member]:
    """The members of a student's archive, in order, as far as it can be read; notes say why not.
    Their contents can be read while `file` is open.

    with_notebooks : whether notebooks will be read, which grading does not need
    """
    is_wanted = _perhaps_wanted_or_notebook if with_notebooks else _perhaps_wanted
    members: list[Member] = []

    def wanted(name: str) -> bool:
        if is_wanted(name):
            return True
        if len(intake.not_listed) < MAX_ENTRIES and f"/{PACKAGE}/" in f"/{name}".lower():
            intake.not_listed.append(name)
        return False

    try:
        for member in archives.members(file, name, wanted, _perhaps_essential):
            members.append(member)  # noqa: PERF402  # members before the damage are kept
    # Hostile bytes can raise many kinds; after any of them there is no more to read.
    except Exception as error:
        where = " to its end" if members else ""
        intake.notes.append(
            f"{legible(name)} cannot be read{where} ({legible(str(error))}). "
            f"Pack the folder {ASSIGNMENT} again as .zip or .tar.gz, and hand it in."
        )
    return members


def read_members(members: Iterable[Member], kit: kits.Kit, intake: Intake) -> None:
    """Take the files of a kit among the members of an archive."""
    members = list(members)
    environments = _environments(member.name for member in members)
    within = [
        (name, member)
        for member in members
        if not member.name.startswith(environments)
        for name in [name_in_kit(member.name, kit)]
        if name
    ]
    place = {name: k for k, name in enumerate(kit.loose)}
    within.sort(key=lambda pair: (not rules.essential(pair[0]), place.get(pair[1].name, -1)))
    for name, member in within:
        _take_member(member, name, intake)
    for listed in intake.not_listed:
        if name := name_in_kit(listed, kit):
            intake.pass_over(name)


def name_in_kit(name: str, kit: kits.Kit) -> str:
    """The path in the kit of a file in an archive; "" if it is not part of the kit."""
    if name in kit.loose:
        return kit.loose[name]
    if (kit.loose and not kit.package) or not name.startswith(kit.prefix):
        return ""
    inside = name[len(kit.prefix) :]
    first, slash, rest = inside.partition("/")
    return f"{PACKAGE}/{rest}" if slash and first == kit.package else inside


def _take_member(member: archives.Member, name: str, intake: Intake) -> None:
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


def _perhaps_wanted_or_notebook(name: str) -> bool:
    return name.endswith(".ipynb") or _perhaps_wanted(name)


def _perhaps_essential(name: str) -> bool:
    """Whether a file of an archive may be `rules.essential`, likewise."""
    return f"/{name}".endswith(f"/{MODEL_FILE}") or f"/{PACKAGE}/" in f"/{name}"


def _environments(names: Iterable[str]) -> tuple[str, ...]:
    """The folders inside an archive that are virtual environments."""
    return tuple(
        name.removesuffix(rules.ENVIRONMENT)
        for name in names
        if name.endswith(f"/{rules.ENVIRONMENT}")
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


def _missing(intake: Intake) -> list[str]:
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
