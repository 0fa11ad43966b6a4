"""The notebooks of a submission, for people to read; no score depends on them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from grader.intake import archives
from grader.intake.archives import MAX_FILE, Member
from grader.intake.safe_files import Unreadable, open_file, read_file

MAX_BYTES = 10 << 20  # of a file; with all its plots, a notebook of this course has about 1 MB


def read_notebooks(path: Path, files: Collection[str]) -> dict[str, bytes | Unreadable]:
    """The content of these files in the submission at a path that `submission.find` returned, or
    why it cannot be read. Those that were not handed in have no entry.

    In an archive, the file that lies in the fewest folders counts, and it may have 2 MB.
    """
    if not archives.suffix(path.name):
        return _in_folder(path, files)
    try:
        return _in_archive(path, files)
    except (OSError, Unreadable) as error:
        return dict.fromkeys(files, Unreadable(f"cannot be read: its archive {error}"))


def _in_folder(folder: Path, files: Collection[str]) -> dict[str, bytes | Unreadable]:
    found: dict[str, bytes | Unreadable] = {}
    for file in files:
        try:
            found[file] = read_file(folder, file, MAX_BYTES)
        except FileNotFoundError:
            continue
        except Unreadable as error:
            found[file] = error
    return found


def _in_archive(path: Path, files: Collection[str]) -> dict[str, bytes | Unreadable]:
    def is_wanted(name: str) -> bool:
        *folders, file = name.split("/")
        return file in files and not any(
            part == "__MACOSX" or (part.startswith(".") and part.strip(".")) for part in folders
        )

    best: dict[str, Member] = {}
    with open_file(path) as archive:
        try:
            for member in archives.members(archive, path.name, is_wanted, is_wanted):
                file = member.name.rpartition("/")[2]
                if is_wanted(member.name) and (
                    file not in best or member.name.count("/") < best[file].name.count("/")
                ):
                    best[file] = member
        # Hostile bytes can raise many kinds; what came before the damage counts.
        except Exception as error:
            if not best:
                raise Unreadable(f"is damaged ({type(error).__name__})") from error
        return {file: _content(member) for file, member in best.items()}


def _content(member: Member) -> bytes | Unreadable:
    if member.problem:
        return Unreadable(member.problem)
    if member.size > MAX_FILE:
        return Unreadable(f"has {member.size} bytes, more than {MAX_FILE}")
    try:
        return member.content()
    except Exception as error:  # as above
        return Unreadable(f"cannot be read from its archive ({type(error).__name__})")
