"""Writes a download in the layout of nbgrader's `submitted/`, with the times of the platform, for
those who go on with nbgrader. nbgrader's own `zip_collect` keeps notebooks only.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cs231n_utils.exercises import ASSIGNMENT
from grader.intake import times
from grader.intake.download import Download, SubmissionsNotFound
from grader.intake.finding import NotTaken
from grader.intake.hand_ins import HandIn
from grader.intake.students import Student
from grader.report import folder_of


@dataclass(frozen=True)
class Collected:
    """How many submissions were written, and who has one already, which stays as it is."""

    written: int
    kept: list[str]


def collect(download: Download, out: Path, secret: str) -> Collected:
    """Write `<student>/<assignment>/` for everybody; the records tell what was not taken.

    A time that a platform says is sealed, so that nbgrader's commands believe it; a claim is not.
    """
    out.mkdir(parents=True, exist_ok=True)
    written, kept = 0, []
    for student in download.students:
        home = out / folder_of(student.student)
        if home.is_symlink() or os.path.lexists(home / ASSIGNMENT):
            kept.append(student.student)
        else:
            written += _collect(student, home, secret)
        student.forget()
    return Collected(written, kept)


def _collect(student: Student, home: Path, secret: str) -> bool:
    """Write one submission; returns whether there is one."""
    try:
        files = student.whole_kit()
    except NotTaken:
        return False
    readable = {name: data for name, data in files.items() if isinstance(data, bytes)}
    _write(home, {**readable, **_stamp(student.hand_in, home.name, secret)})
    if home.name != student.student:
        note = f"{student.hand_in.note} Its folder is {home.name}.".strip()
        student.hand_ins[0] = replace(student.hand_in, note=note)
    return True


def _stamp(hand_in: HandIn, student: str, secret: str) -> dict[str, bytes]:
    if hand_in.handed_in is None:
        return {}
    text = times.as_text(hand_in.handed_in).encode()
    if hand_in.claimed:
        return {times.TIME_FILE: text}
    return {
        times.TIME_FILE: text,
        times.SEAL_FILE: times.seal(text, secret, student, ASSIGNMENT),
    }


def _write(home: Path, files: Mapping[str, bytes]) -> None:
    """Write a submission whole, or not at all."""
    home.mkdir(exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=".collecting-", dir=home))
    try:
        for name, content in files.items():
            path = building / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                continue  # a name that is both a file and a folder in the student's archive
        building.chmod(0o755)
        building.rename(home / ASSIGNMENT)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def refuse_inside(download: Path, out: Path) -> None:
    """Raise SubmissionsNotFound if the copies would lie among what they are copies of."""
    if out.resolve() == download.resolve():
        raise SubmissionsNotFound(
            f"{out} holds the submissions. Give another folder for the copies."
        )
