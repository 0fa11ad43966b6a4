"""python -m cs231n_utils.get_datasets: fetch CIFAR-10 into datasets/, as get_datasets.sh does where
there is a bash. Complete.

The archive grows as cifar-10-python.tar.gz.part, and a cut connection goes on where it stopped. It
is opened only when its size and sha256 are right, and the folder gets its name as the very last
step, together with SHA256SUMS, the list that load_cifar10 asks for.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import re
import shutil
import sys
import tarfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from cs231n_utils.data import DATASETS

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
SIZE = 170498071
SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
NAME = "cifar-10-batches-py"
BATCHES = (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch")
_SUMS = "SHA256SUMS"
_PIECE = 1 << 18
_SECONDS = 60.0  # without a byte
_IN_THE_WAY, _NO_NETWORK, _WRONG_BYTES, _CANNOT_WRITE, _INTERRUPTED = 1, 4, 5, 6, 130


class Failed(Exception):
    """The data set cannot be put into place; the text says what to do."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Source:
    """Where the archive is, and what it must be: its size in bytes, and its sha256."""

    url: str = URL
    size: int = SIZE
    sha256: str = SHA256


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status, which is that of get_datasets.sh."""
    options = _parser().parse_args(arguments)
    source = Source(options.url, options.size, options.sha256)
    try:
        _get(source, options.dir)
    except Failed as failed:
        print(f"get_datasets: {failed}", file=sys.stderr)
        return failed.status
    except OSError as error:
        print(
            f"get_datasets: cannot write to {options.dir} ({error.strerror}): is the disk full, or"
            " the folder read-only? Make room and run it again; what has arrived is kept.",
            file=sys.stderr,
        )
        return _CANNOT_WRITE
    except KeyboardInterrupt:
        print(
            "get_datasets: interrupted; what has arrived is kept. Run it again to go on.",
            file=sys.stderr,
        )
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cs231n_utils.get_datasets",
        description=(
            f"Fetch CIFAR-10 (170 MB; 190 MB more once it is unpacked) into datasets/{NAME}. A"
            " second run does nothing. After an interruption, run it again: it goes on where it"
            " stopped."
        ),
        epilog=(
            "Exit status: 0 the data set is in place; 1 something is in the way, or the archive"
            " holds something else; 2 wrong usage; 4 no network, or the server refused; 5 the"
            " archive has the wrong size or sha256, and was removed; 6 cannot write; 130"
            " interrupted."
        ),
    )
    parser.add_argument(
        "--dir", type=Path, default=DATASETS, help="put it into DIR (default: %(default)s)"
    )
    parser.add_argument(
        "--url", type=_address, default=URL, help="fetch from a mirror, https:// or http://"
    )
    parser.add_argument(
        "--size", type=_bytes, default=SIZE, metavar="BYTES", help="expect another size, and"
    )
    parser.add_argument(
        "--sha256", type=_digest, default=SHA256, metavar="HEX", help="another sha256"
    )
    return parser


def _address(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise argparse.ArgumentTypeError(f"{text!r} does not start with https:// or http://")
    return text


def _bytes(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of bytes")
    return int(text)


def _digest(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not 64 of the digits 0-9 and a-f")
    return text


def _get(source: Source, folder: Path) -> None:
    target, part = folder / NAME, folder / "cifar-10-python.tar.gz.part"
    folder.mkdir(parents=True, exist_ok=True)
    if (target / _SUMS).is_file():
        if _sums(target) == (target / _SUMS).read_text(encoding="utf-8").replace(" *", "  "):
            _say(f"{target} is complete; nothing to do.")
            return
        _say(f"{target} is damaged; it is removed and fetched again.")
        shutil.rmtree(target)
    elif target.exists():
        raise Failed(
            _IN_THE_WAY,
            f"{target} is not from this program: it has no {_SUMS}. Move it away, then run this"
            " again.",
        )
    _say(f"fetching {source.url} ({source.size} bytes, {_size(part)} already here)")
    _download(source, part)
    _require("size", str(_size(part)), str(source.size), source, part)
    _require("sha256", _sha256(part), source.sha256, source, part)
    _say("size and sha256 are right; unpacking")
    _unpack(part, folder)
    part.unlink()
    _say(f"done: {target}")


def _download(source: Source, part: Path) -> None:
    """Fetch until all is there. It ends, since each further attempt needs new bytes from the one
    before, and starting afresh is allowed once.
    """
    restarted = False
    while (before := _size(part)) < source.size:
        try:
            resumed = _fetch(source, part, before)
            reason = "the server sends no more"
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError) as error:
            resumed, reason = True, str(error)
        after = _size(part)
        if not resumed and not restarted:
            _say("the server cannot go on in the middle; starting from the beginning.")
            restarted = True
        elif not resumed or after <= before:
            raise Failed(
                _NO_NETWORK,
                f"nothing more arrives from {source.url} ({reason}). {after} of"
                f" {source.size} bytes are kept. Check the network and run it again, or name a"
                " mirror with --url.",
            )
        elif after < source.size:
            _say(f"the connection was cut at {after} of {source.size} bytes; going on.")


def _fetch(source: Source, part: Path, start: int) -> bool:
    """One attempt, going on after `start` bytes; whether the server could do that."""
    request = urllib.request.Request(source.url)
    if start:
        request.add_header("Range", f"bytes={start}-")
    with urllib.request.urlopen(request, timeout=_SECONDS) as reply:
        resumed = not start or reply.status == http.HTTPStatus.PARTIAL_CONTENT
        with part.open("ab" if resumed else "wb") as file:
            # One byte more than expected tells a file that is too long.
            room = source.size + 1 - file.tell()
            while room > 0 and (piece := _piece(reply, min(room, _PIECE))):
                file.write(piece)
                room -= len(piece)
    return resumed


def _piece(reply: http.client.HTTPResponse, most: int) -> bytes:
    """The next bytes of a reply; b"" at its end, and where the connection was cut."""
    try:
        return reply.read1(most)
    except (OSError, http.client.HTTPException):
        return b""


def _require(what: str, found: str, expected: str, source: Source, part: Path) -> None:
    if found != expected:
        more = " or more" if what == "size" and int(found) > int(expected) else ""
        part.unlink()
        raise Failed(
            _WRONG_BYTES,
            f"the archive from {source.url} has {what} {found}{more}; expected {expected}. It was"
            " removed. Run it again, or name a mirror with --url.",
        )


def _unpack(part: Path, folder: Path) -> None:
    unpacking = folder / "cifar-10-unpacking"
    shutil.rmtree(unpacking, ignore_errors=True)  # left by a run that was killed
    unpacking.mkdir()
    try:
        with tarfile.open(part) as archive:
            for member in archive:
                last = member.name.rpartition("/")[2]
                if member.isfile() and member.name == f"{NAME}/{last}":
                    content = archive.extractfile(member)
                    assert content is not None  # an ordinary file has one
                    with content, (unpacking / last).open("wb") as file:
                        shutil.copyfileobj(content, file)
        missing = [name for name in BATCHES if not (unpacking / name).is_file()]
        if missing:
            raise Failed(
                _IN_THE_WAY,
                f"the archive lacks files of {NAME} ({', '.join(missing)}). Is it the python"
                " version?",
            )
        (unpacking / _SUMS).write_text(_sums(unpacking), encoding="utf-8", newline="\n")
        unpacking.rename(folder / NAME)
    except tarfile.TarError as error:
        raise Failed(_IN_THE_WAY, f"the archive cannot be unpacked: {error}.") from error
    finally:
        shutil.rmtree(unpacking, ignore_errors=True)


def _sums(folder: Path) -> str:
    """The sha256 of each batch, as the program sha256sum writes them; "" if one is not there."""
    if not all((folder / name).is_file() for name in BATCHES):
        return ""
    return "".join(f"{_sha256(folder / name)}  {name}\n" for name in BATCHES)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _say(text: str) -> None:
    print(f"get_datasets: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
