"""The members of a zip or a tar, in order: name, size, content, and why a member is not an ordinary
file.

Nothing is unpacked to a disk, and the size that an archive claims is not believed before the bytes
are there. Tars are read by the few rules below and not by `tarfile`, which takes extra headers of
any size into memory, seeks wherever a header says, and stops silently at a damaged header.

Sources: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; the GNU tar
manual, "Basic Tar Format".
"""

from __future__ import annotations

import io
import os
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO

from cs231n_utils.hand_in.rules import MAX_FILE, MAX_TOTAL

MAX_DIRECTORY = 4 << 20  # bytes of a zip's table of contents; about 40,000 files
MAX_HEADERS = 16 << 20  # bytes of a tar's headers; from 10,000 to 30,000 files
# Bytes of a tar, unpacked; a kit with CIFAR-10 in it, as both archive and folder, has 360 MB.
MAX_UNPACKED = 512 << 20

MAX_DOWNLOAD_DIRECTORY = 32 << 20  # the same of a whole class's zip; about 300,000 files
IN_MEMORY = 64 << 20  # bytes of an archive inside an archive, before it goes into a temporary file

READ = (".zip", ".tar", ".tar.gz", ".tgz")
# These take much time or memory to unpack, or Python cannot unpack them. They are listed so that
# the student can be told.
NOT_READ = (
    ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".tar.lz", ".tar.z", ".7z", ".rar",
    ".zipx", ".gz", ".bz2", ".xz", ".zst", ".dmg", ".iso", ".cab", ".ace", ".arj", ".lha", ".lzh",
    ".z01", ".001",
)  # fmt: skip
_KNOWN = (*READ, *NOT_READ)
_BLOCK = 512
_PIECE = 1 << 16
_GZIP = b"\x1f\x8b"


class UnreadableArchive(Exception):
    """The archive, or the rest of it, cannot be read; the text says why."""


@dataclass(frozen=True)
class Member:
    """A file in an archive, or a link, a device and the like.

    name : with "/" between folders; bytes that are not UTF-8 are escaped, as in names of files
    size : bytes, as the archive claims
    content : reads at most MAX_FILE bytes of it; may raise any exception
    problem : why it must not be read, as the end of a sentence; "" for an ordinary file
    checksum : CRC-32 of its content, as the archive claims; None where it claims none
    open : opens it, to be read from its begin; None where the archive is no zip
    """

    name: str
    size: int
    content: Callable[[], bytes]
    problem: str = ""
    checksum: int | None = None
    open: Callable[[], IO[bytes]] | None = None


def suffix(name: str) -> str:
    """The ending that makes a file name an archive's, as it is spelled there; "" if none."""
    lowered = name.lower()
    if not lowered.endswith(_KNOWN):  # asked of every file
        return ""
    found = max((known for known in _KNOWN if lowered.endswith(known)), key=len)
    return name[len(name) - len(found) :]


def is_read(name: str) -> bool:
    """Whether a file of this name is an archive of a kind that is read."""
    return suffix(name).lower() in READ


def members(
    file: IO[bytes],
    name: str,
    wanted: Callable[[str], bool],
    essential: Callable[[str], bool],
) -> Iterator[Member]:
    """The members of the archive `file`, which is called `name`.

    wanted : says by its name whether a member's content is needed; a tar keeps no other content
    essential : likewise, for members that have a cap of their own on bytes, since a tar may hold
        them behind many others

    Contents can be read while `file` is open. Where nothing more can be read, this raises
    UnreadableArchive, or whatever else hostile bytes make a library raise; the members before that
    are good.
    """
    kind = suffix(name).lower()
    if kind not in READ:
        raise UnreadableArchive(f"{kind} is not a kind of archive that is accepted")
    if kind == ".zip":
        return zip_members(file, MAX_DIRECTORY)
    return _tar_members(file, wanted, essential)


def copied(member: Member) -> IO[bytes]:
    """An archive that is a member of a zip, as a file that can be read at any place.

    It is held in memory, or, if it is large, in a temporary file without a name. Raises
    UnreadableArchive, or whatever else hostile bytes make a library raise.
    """
    if member.problem or member.open is None:
        raise UnreadableArchive(member.problem or "it lies in an archive that is no zip")
    copy = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # the caller closes it
    try:
        with member.open() as packed:
            shown = member.size  # what it claims; what comes may be more
            while shown <= MAX_UNPACKED and (piece := packed.read(1 << 20)):
                copy.write(piece)
                shown = max(shown, copy.tell())
        if shown > MAX_UNPACKED:
            raise UnreadableArchive(
                f"it has more than {MAX_UNPACKED >> 20} MB; leave datasets/ out"
            )
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return copy


# --- zip ------------------------------------------------------------------------------------------


class _SmallReads:
    """A file that refuses to be read in huge pieces: zipfile reads the whole table of contents at
    once, which may have a million names.
    """

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file, self._most = file, most
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > self._most:
            raise UnreadableArchive("too many files")
        return self._file.read(size)


def zip_members(file: IO[bytes], most: int, with_folders: bool = False) -> Iterator[Member]:
    """The members of a zip.

    most : bytes of its table of contents
    with_folders : also yield its folders; their names end in "/"
    """
    archive = zipfile.ZipFile(_SmallReads(file, most))
    # Each member holds what is its own. The archive would hold all of it, as long as any member is
    # there, and needs none of it.
    infos, archive.filelist, archive.NameToInfo = archive.filelist, [], {}
    for info in infos:
        if info.is_dir() and not with_folders:
            continue
        problem = ""
        if stat.S_ISLNK(info.external_attr >> 16):
            problem = "is a link"
        elif info.flag_bits & 1:
            problem = "cannot be read from the zip (it is encrypted)"
        # Other methods of compression can ask for gigabytes of memory at once.
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            problem = "is compressed in an unusual way"
        yield Member(
            info.filename.replace("\\", "/"),
            info.file_size,
            partial(_unzip, archive, info),
            problem,
            info.CRC,
            partial(archive.open, info),
        )


def _unzip(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as file:
        return file.read(MAX_FILE)  # capped here, too: the size in the table is only a claim


# --- tar ------------------------------------------------------------------------------------------

_ORDINARY = (b"0", b"\0")
_FOLDER, _GNU_SPARSE, _LONG_NAME, _LONG_LINK, _PAX, _PAX_FOR_ALL = (
    b"5",
    b"S",
    b"L",
    b"K",
    b"x",
    b"g",
)
_PROBLEMS = {b"1": "is a link", b"2": "is a link", _GNU_SPARSE: "is stored as a sparse file"}
# Links, devices, folders and FIFOs, which have no content, whatever size they claim.
_NO_CONTENT = (b"1", b"2", b"3", b"4", b"5", b"6")
# "length key=value\n"; the length is that of the whole record.
_PAX_RECORD = re.compile(rb"([1-9]\d{0,7}) ([^=\n]+)=")


@dataclass(frozen=True)
class _Head:
    """What stands before a member's content: its name, the size of the content in bytes, its kind,
    and why it must not be read.
    """

    name: str
    size: int
    kind: bytes
    problem: str


def _tar_members(
    file: IO[bytes], wanted: Callable[[str], bool], essential: Callable[[str], bool]
) -> Iterator[Member]:
    stream = _Stream(file)
    room = {True: MAX_TOTAL, False: MAX_TOTAL}
    while head := _next_head(stream):
        data, problem = b"", head.problem
        if not problem and head.size <= MAX_FILE and wanted(head.name):
            if head.size <= room[essential(head.name)]:
                data = stream.read(head.size)
                room[essential(head.name)] -= head.size
            else:
                problem = f"is beyond {MAX_TOTAL} bytes in all"
        stream.skip(head.size + -head.size % _BLOCK - len(data))
        # The slash is how old tars mark a folder.
        if head.kind != _FOLDER and not head.name.endswith("/"):
            yield Member(head.name, head.size, partial(bytes, data), problem)
    stream.finish()


def _next_head(stream: _Stream) -> _Head | None:
    """The next member's head, put together from its own header and the extra headers before it;
    None at the end, which is a block of zeros.
    """
    extra: dict[str, bytes] = {}
    while any(block := stream.header(_BLOCK)):
        name, size, kind = _parse_header(block)
        if kind in (_PAX, _PAX_FOR_ALL, _LONG_NAME, _LONG_LINK):
            content = stream.header(size)
            if kind == _PAX:
                extra |= _parse_pax(content)
            elif kind == _LONG_NAME:
                extra["path"] = content.partition(b"\0")[0]
            continue
        if extra.get("size", b"%d" % size) != b"%d" % size:
            raise UnreadableArchive("a file has two sizes")
        problem = _PROBLEMS.get(kind, "" if kind in _ORDINARY else "is not an ordinary file")
        if any(key.startswith("GNU.sparse.") for key in extra):
            problem = _PROBLEMS[_GNU_SPARSE]
        more = kind == _GNU_SPARSE and block[482]  # the map of the holes goes on behind the header
        while more:
            more = stream.header(_BLOCK)[504]
        name = extra.get("GNU.sparse.name") or extra.get("path") or name
        text = name.decode("utf-8", "surrogateescape").replace("\\", "/")
        return _Head(text, 0 if kind in _NO_CONTENT else size, kind, problem)
    return None


def _parse_header(block: bytes) -> tuple[bytes, int, bytes]:
    """Name, size and kind in a member's own header."""
    if _number(block[148:156]) != sum(block[:148]) + 8 * ord(" ") + sum(block[156:]):
        raise UnreadableArchive("it is damaged, or no tar")
    size = _number(block[124:136])
    if size is None:
        raise UnreadableArchive("a size is out of range")
    name = block[:100].partition(b"\0")[0]
    folder = block[345:500].partition(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    return (folder + b"/" + name if folder else name), size, block[156:157]


def _number(field: bytes) -> int | None:
    """A number in octal digits; None for GNU's other form, for numbers below 0 and from 8 GB on,
    and for anything else.
    """
    digits = field.strip(b" \0")
    return None if digits.strip(b"01234567") else int(digits or b"0", 8)


def _parse_pax(content: bytes) -> dict[str, bytes]:
    """The records of an extra header."""
    found, start = {}, 0
    while start < len(content):
        record = _PAX_RECORD.match(content, start)
        end = start + int(record[1]) if record else 0
        if not record or not record.end() < end <= len(content) or content[end - 1] != ord("\n"):
            raise UnreadableArchive("an extra header is damaged")
        found[record[2].decode("utf-8", "replace")] = content[record.end() : end - 1]
        start = end
    return found


class _Stream:
    """The unpacked bytes of a tar. All of them together have a cap, and so have those of headers;
    a tar that ends too early is an error.
    """

    def __init__(self, file: IO[bytes]) -> None:
        # A gzip file of any size may unpack to nothing.
        if file.seek(0, os.SEEK_END) > MAX_UNPACKED:
            raise UnreadableArchive(
                f"it has more than {MAX_UNPACKED >> 20} MB; leave datasets/ out"
            )
        file.seek(0)
        start = file.read(len(_GZIP))
        file.seek(0)
        self._file = io.BufferedReader(_Gunzip(file), _PIECE) if start == _GZIP else file
        self._room = MAX_UNPACKED
        self._header_room = MAX_HEADERS

    def header(self, size: int) -> bytes:
        """The next `size` bytes of a header; skips the rest of their last block."""
        self._header_room -= size
        if self._header_room < 0:
            raise UnreadableArchive("too many files")
        content = self.read(size)
        self.skip(-size % _BLOCK)
        return content

    def read(self, size: int) -> bytes:
        self._claim(size)
        return self._next(size)

    def skip(self, size: int) -> None:
        self._claim(size)  # before the first piece, so that what is too large is not begun
        while size > 0:
            size -= len(self._next(min(size, _PIECE)))

    def finish(self) -> None:
        """Read on to the end of the file, where gzip checks a sum of all bytes."""
        while piece := self._file.read(_PIECE):
            self._claim(len(piece))

    def _next(self, size: int) -> bytes:
        content = self._file.read(size)
        if len(content) < size:
            raise UnreadableArchive("its end is missing")
        return content

    def _claim(self, size: int) -> None:
        if size > self._room:
            raise UnreadableArchive(
                f"it holds more than {MAX_UNPACKED >> 20} MB; leave datasets/ out"
            )
        self._room -= size


class _Gunzip(io.RawIOBase):
    """A gzip file, which is unpacked only as far as it is read. (`gzip.GzipFile` goes through
    headers byte by byte, in Python.)
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decoder = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._decoder.eof:
            packed = self._decoder.unconsumed_tail or self._file.read(_PIECE)
            piece = self._decoder.decompress(packed, len(buffer))
            if piece:
                buffer[: len(piece)] = piece
                return len(piece)
            if not packed:
                raise UnreadableArchive("its end is missing")
        return 0
