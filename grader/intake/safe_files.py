"""Opening what students wrote: ordinary files and folders only, through no link, and without
waiting for a pipe.

Every step of a path is opened from the folder above it, so that a link which takes the place of a
folder is never followed, whenever it is put there. What a file is and how large it is are asked of
the open file, whose name may mean another one by then.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

MAX_ENTRIES = 2_000  # files and folders of one tree that are looked at
MAX_DEPTH = 8  # folders in folders

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# Without the last, a FIFO would wait for its other end.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NOCTTY | os.O_NONBLOCK


class Unreadable(Exception):
    """A file or folder that cannot be read; the text ends a sentence that begins with its name."""


def open_folder(name: str | Path, parent: int | None = None) -> int:
    """Open a folder inside the open folder `parent`, and return its descriptor. Raises
    FileNotFoundError or Unreadable.
    """
    return _open(name, _FOLDER, parent)


def open_file(name: str, parent: int) -> BinaryIO:
    """Open an ordinary file inside the open folder `parent`. Raises FileNotFoundError or
    Unreadable.
    """
    descriptor = _open(name, _FILE, parent)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable("is not an ordinary file")
    return open(descriptor, "rb")


def _open(name: str | Path, flags: int, parent: int | None) -> int:
    try:
        return os.open(name, flags, dir_fd=parent)
    except FileNotFoundError:
        raise
    except OSError as error:
        why = {errno.ELOOP: "is a link", errno.ENOTDIR: "is not a folder, or a link to one"}.get(
            error.errno or 0
        )
        raise Unreadable(why or f"cannot be read ({error.strerror})") from error


def read(file: BinaryIO, most: int) -> bytes:
    """What an open file holds, if it is `most` bytes or less. Raises Unreadable, before it reads
    where the size says so.
    """
    size = os.fstat(file.fileno()).st_size
    try:
        content = file.read(most + 1) if size <= most else b""
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror})") from error
    if size > most or len(content) > most:
        raise Unreadable(f"has {max(size, len(content))} bytes, more than {most}")
    return content


def read_file(submission: Path, name: str, most: int) -> bytes:
    """What a file holds that lies in a submission's folder, `<student>/<assignment>/`; neither
    folder may be a link.

    Raises FileNotFoundError or Unreadable.
    """
    student = open_folder(submission.parent)
    try:
        folder = open_folder(submission.name, student)
    finally:
        os.close(student)
    try:
        file = open_file(name, folder)
    finally:
        os.close(folder)
    with file:
        return read(file, most)


@dataclass
class Tree:
    """What is read of a folder and of the folders in it: ordinary files of whoever owns the folder,
    as far as caps allow.

    is_wanted : tells of a path in the tree whether it is looked at; the second argument says
        whether it is a folder
    most, room : bytes of one file, and of all files together
    files : path in the tree, with "/" -> content
    left_out : path in the tree, and why it was not read; the second text ends a sentence that
        begins with the first
    changed : when anything of it last changed (nanoseconds since 1970). A file can be rewritten
        without a trace in the folder that holds it, so each file tells for itself.
    """

    is_wanted: Callable[[str, bool], bool]
    most: int
    room: int
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    changed: int = 0
    _looked_at: int = 0

    def read(self, folder: int, inside: str = "") -> None:
        """Read an open folder, whose path in the tree is `inside`, with a "/" at its end. Raises
        OSError or Unreadable.
        """
        top = os.fstat(folder)
        with os.scandir(folder) as found:
            entries = sorted(
                islice(found, MAX_ENTRIES - self._looked_at + 1), key=lambda entry: entry.name
            )
        if self._looked_at + len(entries) > MAX_ENTRIES:
            self.left_out.append(
                (
                    inside or "the folder",
                    (
                        f"holds too many files: what is beyond the first {MAX_ENTRIES} was not"
                        " looked at"
                    ),
                )
            )
            entries.pop()
        self._looked_at += len(entries)
        for entry in entries:
            relative = inside + entry.name
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
                if not self.is_wanted(relative, is_folder):
                    continue
                if not entry.name.isprintable():
                    raise Unreadable("has a name that cannot be shown")
                if is_folder:
                    self._read_folder(entry.name, folder, top, relative)
                else:
                    self.files[relative] = self._read_file(entry.name, folder, top)
            except Unreadable as why:
                self.left_out.append((relative, str(why)))
            except OSError as error:
                self.left_out.append((relative, f"cannot be read ({error.strerror})"))
        self._note_time(os.fstat(folder))

    def _read_folder(self, name: str, parent: int, top: os.stat_result, relative: str) -> None:
        if relative.count("/") >= MAX_DEPTH:
            raise Unreadable(f"lies more than {MAX_DEPTH} folders deep")
        folder = open_folder(name, parent)
        try:
            _check_origin(os.fstat(folder), top)
            self.read(folder, f"{relative}/")
        finally:
            os.close(folder)

    def _read_file(self, name: str, parent: int, top: os.stat_result) -> bytes:
        with open_file(name, parent) as file:
            _check_origin(os.fstat(file.fileno()), top)
            content = read(file, min(self.most, self.room))
            self._note_time(os.fstat(file.fileno()))
        self.room -= len(content)
        return content

    def _note_time(self, status: os.stat_result) -> None:
        self.changed = max(self.changed, status.st_ctime_ns)


def _check_origin(status: os.stat_result, folder: os.stat_result) -> None:
    """Refuse what others own: a hard link is one more name for a file, which whoever made the link
    may be unable to read.
    """
    if status.st_uid != folder.st_uid:
        raise Unreadable(f"belongs to another user (id {status.st_uid})")
    if status.st_dev != folder.st_dev:
        raise Unreadable("lies on another file system")
