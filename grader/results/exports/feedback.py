"""The zip of feedback pages, as Canvas takes it for files as comments, and Moodle for feedback
files.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.final import Status
from grader.pages import class_rows
from grader.pages.writing import write_private
from grader.paths import FEEDBACK_PAGE
from grader.report import folder_of
from grader.results.exports.filling import Filled, NotFilled
from grader.text import table_cell


@dataclass
class Packed:
    """How many pages are in the zip, and why others are not: student -> reason."""

    number: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


def refuse_without_pages(done: Filled) -> None:
    """Raise NotFilled if the platform takes no pages."""
    if done.platform.feedback_path is None:
        raise NotFilled(
            f"it is a file of {done.platform.label}, and feedback can be packed for Canvas and"
            " Moodle only. Leave --feedback out."
        )


def pack(done: Filled, results: Path, out: Path) -> Packed:
    """Write the pages of all who have a row in the file."""
    packed = Packed()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, page in _pages(done, results, packed):
            if path in archive.NameToInfo:  # a second row of the same person
                continue
            archive.writestr(path, page)
            packed.number += 1
    write_private(out, whole.getvalue())
    return packed


def _pages(done: Filled, results: Path, packed: Packed) -> Iterator[tuple[str, bytes]]:
    """Path in the zip, and page; who has none is noted."""
    assert done.platform.feedback_path
    folders: dict[str, str] | None = None
    for row, grade in done.matches.rows.items():
        student = grade.student
        if grade.status == Status.MISSING and not grade.was_refused:
            continue  # nothing was handed in, so there is nothing to say
        attachment = grade.attachment_id if grade.platform == done.platform.name else ""
        path = done.platform.feedback_path(done.people[row], attachment)
        if not path:
            packed.left_out[student] = (
                f"hand_ins.csv has no ids of {done.platform.label} for what was handed in"
            )
            continue
        folder = folder_of(student)
        if table_cell(student) != student:  # a name that the table spells differently
            if folders is None:
                folders = {
                    table_cell(one.student): folder_of(one.student)
                    for one in class_rows.read(results)[0]
                }
            folder = folders.get(student, folder)
        try:
            yield path, (results / folder / FEEDBACK_PAGE).read_bytes()
        except FileNotFoundError:
            packed.left_out[student] = "there is no feedback page"
