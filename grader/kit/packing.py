"""What the kit and the autograder for Gradescope are packed with: files by lists of what may go in,
the lines of requirements.txt that somebody needs, and zips that depend on the files alone.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO

from grader.paths import COURSE


def shipped(course: Path, top: str, suffixes: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Name in the course and content of the files below its folder `top` that have one of these
    suffixes; not what Python, editors and downloads leave behind.
    """
    for path in sorted((course / top).rglob("*")):
        hidden = any(
            part.startswith((".", "__pycache__", "cifar-10"))
            for part in path.relative_to(course / top).parts
        )
        if path.is_file() and path.suffix in suffixes and not hidden:
            yield path.relative_to(course).as_posix(), path.read_bytes()


def requirements(packages: tuple[str, ...], course: Path = COURSE) -> bytes:
    """The lines of requirements.txt on these packages, with the same ranges."""
    lines = (course / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return "".join(f"{line}\n" for line in lines if line.startswith(packages)).encode()


def write_zip(
    file: Path | IO[bytes], files: Mapping[str, bytes], modes: Mapping[str, int], inside: str = ""
) -> None:
    """Write a zip whose bytes depend on the files alone: fixed times, sorted names.

    modes : name -> mode, of the files that are not to have 644
    inside : what all names begin with
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in sorted(files.items()):
            member = zipfile.ZipInfo(f"{inside}{name}", date_time=(1980, 1, 1, 0, 0, 0))
            # Unix, where the permissions below mean something, on every system.
            member.create_system = 3
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = (0o100000 | modes.get(name, 0o644)) << 16
            out.writestr(member, content)
