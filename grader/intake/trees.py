"""A download as a tree, on a disk or in a zip, which is listed and opened only where it is looked
at. Nothing is unpacked, and no link is followed below the download itself.
"""

from __future__ import annotations

import io
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import IO

from grader.intake import archives
from grader.intake.archives import Member
from grader.intake.safe_files import Unreadable, open_file, open_folder

MAX_LISTED = 200_000  # entries of one folder


class Kind(Enum):
    """What an entry of a folder is. OTHER: a device, a pipe, or what must not be read."""

    FOLDER = "folder"
    FILE = "file"
    LINK = "link"
    OTHER = "other"


class Node(ABC):
    """An entry of a download.

    name : as it is on the disk or in the archive; bytes that are not UTF-8 are escaped
    """

    __slots__ = ()
    name: str
    kind: Kind

    @abstractmethod
    def listing(self) -> Sequence[Node]:
        """The entries of a folder, sorted by name. Raises OSError or Unreadable."""

    @abstractmethod
    def open(self) -> IO[bytes]:
        """Open a file, to be read at any place. Raises OSError, Unreadable, or for a file in a zip
        whatever hostile bytes make a library raise.
        """

    def peek(self) -> Sequence[Node]:
        """The entries of a folder; none if it is no folder, or if it cannot be listed."""
        try:
            return self.listing() if self.is_folder else ()
        except (OSError, Unreadable):
            return ()

    def entry(self, name: str) -> Node | None:
        """The entry of a folder that has this name, in capitals or not; None if it cannot be
        listed.
        """
        return next((node for node in self.peek() if node.name.lower() == name.lower()), None)

    @abstractmethod
    def forget(self) -> None:
        """Let go of the listing, which is made again when it is asked for."""

    def modified(self) -> float | None:
        """When a file, or the list of a folder's entries, was last changed, in seconds since 1970;
        None if that is not known.
        """
        return None

    def read(self, most: int) -> bytes:
        """The first `most` bytes of a file. Raises what `open` raises."""
        with self.open() as file:
            return file.read(most)

    @property
    def is_folder(self) -> bool:
        return self.kind is Kind.FOLDER

    @property
    def is_file(self) -> bool:
        return self.kind is Kind.FILE

    @property
    def is_archive(self) -> bool:
        """Whether it is a file that is called like an archive, of a kind that is read or not."""
        return self.is_file and bool(archives.suffix(self.name))


@dataclass(frozen=True, slots=True)
class OnDisk(Node):
    """A file or folder on a disk. Whatever lies below `top` is opened step by step from there.

    There is one for each student of a large class, so it is small.

    top : the download, which may be a link
    parts : the names on the way from `top` to here
    """

    top: Path
    parts: tuple[str, ...] = ()
    kind: Kind = Kind.FOLDER
    _entries: Sequence[Node] | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:  # type: ignore[override]  # read only, as the field is
        return self.parts[-1] if self.parts else self.top.name

    def inner(self, name: str, kind: Kind) -> OnDisk:
        """An entry of this folder."""
        return OnDisk(self.top, (*self.parts, name), kind)

    def descriptor(self) -> int:
        """An open folder. Raises FileNotFoundError or Unreadable."""
        here = os.open(self.top, os.O_RDONLY | os.O_DIRECTORY)
        for name in self.parts:
            above = here
            try:
                here = open_folder(name, above)
            finally:
                os.close(above)
        return here

    def _scanned(self, name: str | None = None) -> list[OnDisk]:
        """The entries of a folder, or those of one name, in capitals or not, sorted by name."""
        folder = self.descriptor()
        try:
            with os.scandir(folder) as found:
                entries = [
                    self.inner(entry.name, _kind(entry))
                    for entry in islice(found, MAX_LISTED)
                    if name is None or entry.name.lower() == name
                ]
        finally:
            os.close(folder)
        entries.sort(key=lambda entry: entry.parts[-1])
        return entries

    def listing(self) -> Sequence[Node]:
        if self._entries is None:
            object.__setattr__(self, "_entries", self._scanned())
        return self._entries or ()

    def entry(self, name: str) -> Node | None:
        if self._entries is not None:
            # `slots=True` makes the class anew, and a plain `super()` would mean the first one.
            return super(OnDisk, self).entry(name)
        try:
            return next(iter(self._scanned(name.lower()) if self.is_folder else ()), None)
        except (OSError, Unreadable):
            return None

    def forget(self) -> None:
        object.__setattr__(self, "_entries", None)

    def status(self) -> os.stat_result:
        """Of a folder. Raises OSError or Unreadable."""
        folder = self.descriptor()
        try:
            return os.fstat(folder)
        finally:
            os.close(folder)

    def modified(self) -> float | None:
        try:
            folder = OnDisk(self.top, self.parts[:-1]).descriptor()
        except (OSError, Unreadable):
            return None
        try:
            return os.stat(self.name, dir_fd=folder, follow_symlinks=False).st_mtime
        except OSError:
            return None
        finally:
            os.close(folder)

    def open(self) -> IO[bytes]:
        if not self.parts:
            return open(self.top, "rb")
        folder = OnDisk(self.top, self.parts[:-1]).descriptor()
        try:
            return open_file(self.parts[-1], folder)
        finally:
            os.close(folder)


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return Kind.LINK
    if entry.is_dir(follow_symlinks=False):
        return Kind.FOLDER
    return Kind.FILE if entry.is_file(follow_symlinks=False) else Kind.OTHER


@dataclass(frozen=True)
class InZip(Node):
    """A file or folder in a zip, or in a tar.

    name : of the file or folder alone
    members : of a folder, all that is in it: (path from here, member)
    member : of a file
    """

    name: str
    members: Sequence[tuple[str, Member]] = ()
    member: Member | None = None

    @property
    def kind(self) -> Kind:  # type: ignore[override]
        if self.member is None:
            return Kind.FOLDER
        if self.member.problem:
            return Kind.LINK if self.member.problem == "is a link" else Kind.OTHER
        return Kind.FILE

    @cached_property
    def _entries(self) -> Sequence[Node]:
        folders: dict[str, list[tuple[str, Member]]] = {}
        files: dict[str, Member] = {}
        for path, member in self.members:
            # Some tools begin names with "./" or "/"; two slashes are one.
            first, slash, rest = path.lstrip("/").removeprefix("./").partition("/")
            if slash:
                inside = folders.setdefault(first, [])
                if rest:
                    inside.append((rest, member))
            elif first:
                files[first] = member  # of several with one name the last counts
        nodes = [InZip(name, inside) for name, inside in folders.items()]
        nodes += [InZip(name, (), member) for name, member in files.items()]
        return sorted(nodes, key=lambda node: node.name)

    def listing(self) -> Sequence[Node]:
        return self._entries

    def forget(self) -> None:
        vars(self).pop("_entries", None)

    def open(self) -> IO[bytes]:
        if self.member is None or self.member.problem:
            raise Unreadable(self.member.problem if self.member else "is a folder")
        if self.member.open is None:
            return io.BytesIO(self.member.content())
        return archives.copied(self.member)

    def read(self, most: int) -> bytes:
        if self.member is None or self.member.open is None:
            return super().read(most)
        with self.member.open() as file:  # not the whole of it, as `open` does
            return file.read(most)


def in_archive(name: str, members: Iterable[Member]) -> InZip:
    """The folder that an archive is."""
    return InZip(name, [(member.name, member) for member in members])
