"""What the file system says of a student's files, without opening them: if it says the same as
before, they need not be read again.

Whoever writes to a file changes the time of its last change (ctime), which only the system's clock
can set. Two changes within one tick of that clock look alike, so the status of files that have
changed recently proves nothing.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from grader.intake.finding import Part
from grader.intake.safe_files import Unreadable, open_folder
from grader.intake.trees import OnDisk

MAX_ENTRIES = 2_000  # files and folders of a student; of more, nothing is said
MAX_DEPTH = 20  # folders in folders
# Nanoseconds. No file system that is in use has a coarser clock than FAT's two seconds.
GRANULARITY = 2_000_000_000
_NUMBERS = attrgetter("st_mode", "st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns")


@dataclass(frozen=True)
class Status:
    """The status of files.

    digest : of kind, inode, size and times of each
    newest : the latest of their times, in nanoseconds since 1970
    """

    digest: str
    newest: int

    def is_settled(self, now: int) -> bool:
        """Whether a further change would show. That is not known of files that changed less than a
        tick of a coarse clock before `now`, nor of those that come from the future.
        """
        return self.newest < now - GRANULARITY


def settled(status: Status | None) -> Status | None:
    """A status that was taken just now; None where a further change might not show."""
    return status if status and status.is_settled(now()) else None


def now() -> int:
    """Nanoseconds since 1970, by the system's clock."""
    return time.time_ns()


def of_file(path: str | os.PathLike[str]) -> Status | None:
    """The status of one file; None if there is none."""
    try:
        return _status([_line("", os.stat(path))])
    except OSError:
        return None


def of_parts(parts: Sequence[Part], is_sure: bool = True) -> Status | None:
    """The status of all that a student handed in; None if it does not lie on a disk, or is too much
    or too deep.

    is_sure : as for `finding.found`, on which it depends what is read
    """
    lines: list[tuple[str, tuple[int, ...]]] = []
    try:
        for k, part in enumerate(parts):
            if not isinstance(part.node, OnDisk):
                return None
            _add_part(f"{k}/{is_sure}/{part.name}", part.node, lines)
    except (OSError, Unreadable, _TooMuch):
        return None
    return _status(lines)


class _TooMuch(Exception):
    pass


def _add_part(path: str, node: OnDisk, lines: list[tuple[str, tuple[int, ...]]]) -> None:
    if node.is_folder:
        folder = node.descriptor()
        try:
            lines.append(_line(path, os.fstat(folder)))
            _walk(folder, path, lines)
        finally:
            os.close(folder)
        return
    folder = OnDisk(node.top, node.parts[:-1]).descriptor()
    try:
        status = os.stat(node.name, dir_fd=folder, follow_symlinks=False)
    finally:
        os.close(folder)
    lines.append(_line(path, status))


def _walk(folder: int, path: str, lines: list[tuple[str, tuple[int, ...]]], depth: int = 0) -> None:
    names = sorted(os.listdir(folder))
    if depth > MAX_DEPTH or len(lines) + len(names) > MAX_ENTRIES:
        raise _TooMuch
    for name in names:
        below = f"{path}/{name}"
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        lines.append(_line(below, status))
        if stat.S_ISDIR(status.st_mode):
            inner = open_folder(name, folder)
            try:
                _walk(inner, below, lines, depth + 1)
            finally:
                os.close(inner)


def _line(path: str, status: os.stat_result) -> tuple[str, tuple[int, ...]]:
    return path, _NUMBERS(status)


def _status(lines: Sequence[tuple[str, tuple[int, ...]]]) -> Status:
    # In a fifth of the time that `repr` takes, and no two paths are equal, so that equal lines give
    # equal bytes.
    digest = hashlib.sha256(pickle.dumps(lines)).hexdigest()[:32]
    return Status(digest, max([max(times[-2:]) for _, times in lines], default=0))
