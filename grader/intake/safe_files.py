"""Opening files that students could have put there: ordinary files and folders only, through no
link, and without waiting for the other end of a pipe.

Each folder of a path is opened from the folder above it, so that a link is never followed, even if
it takes the place of a folder at the last moment. The kind and the size are read from the open file
and not by its name, under which another file may lie by then.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BufferedReader
from itertools import islice
from pathlib import Path

MAX_ENTRIES = 2_000  # files and folders of one tree that are looked at
MAX_DEPTH = 8  # folders in folders

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# Without O_NONBLOCK, opening a FIFO would wait for its other end.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NOCTTY | os.O_NONBLOCK


class Unreadable(Exception):
    """A file or folder that cannot be read; the text ends a sentence that begins with its name."""


def open_folder(name: str | Path, parent: int | None = None) -> int:
    """Open a folder inside the open folder `parent`, or by its path, and return its descriptor.
    Raises FileNotFoundError or Unreadable.
    """
    return _open(name, _FOLDER, parent)


def open_submission(submission: Path) -> int:
    """Open a submission's folder, `<student>/<assignment>/`, and return its descriptor; neither of
    the two may be a link.

    Raises FileNotFoundError or Unreadable.
    """
    student = open_folder(submission.parent)
    try:
        return open_folder(submission.name, student)
    finally:
        os.close(student)


def open_file(name: str | Path, parent: int | None = None) -> BufferedReader:
    """Open an ordinary file inside the open folder `parent`, or by its path. Raises
    FileNotFoundError or Unreadable.
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


def read(file: BufferedReader, most: int) -> bytes:
    """The content of an open file, if it is `most` bytes or less; otherwise raises Unreadable,
    without reading it where its size is known.
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
    """The content of a file in a submission's folder, if it is `most` bytes or less.

    Raises FileNotFoundError or Unreadable.
    """
    folder = open_submission(submission)
    try:
        file = open_file(name, folder)
    finally:
        os.close(folder)
    with file:
        return read(file, most)


@dataclass
class Tree:
    """The ordinary files in a folder and in the folders below it that belong to the folder's owner,
    as far as caps allow.

    is_wanted : says of a path in the tree whether it is looked at; its second argument says whether
        the path is a folder
    most : bytes of one file
    room : bytes of all files together
    files : path in the tree, with "/" -> content
    left_out : (path in the tree, why it was not read); the reason ends a sentence that begins with
        the path
    changed : when anything in the tree last changed, in nanoseconds since 1970. A file can be
        rewritten without a trace in its folder, so the times of all files count.
    """

    is_wanted: Callable[[str, bool], bool]
    most: int
    room: int
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    changed: int = 0
    _looked_at: int = 0

    def read(self, folder: int, inside: str = "") -> None:
        """Read an open folder; `inside` is its path in the tree, with a "/" at its end. Raises
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
                    f"holds too many files: what is beyond the first {MAX_ENTRIES} was not looked"
                    " at",
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
    """Refuse a file of another user: a hard link is a second name for a file, and whoever made the
    link may have no right to read it.
    """
    if status.st_uid != folder.st_uid:
        raise Unreadable(f"belongs to another user (id {status.st_uid})")
    if status.st_dev != folder.st_dev:
        raise Unreadable("lies on another file system")
