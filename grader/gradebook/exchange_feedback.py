"""Releasing feedback through nbgrader's exchange: generated pages go where each student finds their
own. The pages are nbgrader's, of each notebook, or those of `grade`.
"""

from __future__ import annotations

import glob
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from cs231n_utils.exercises import ASSIGNMENT, NOTEBOOKS
from grader.gradebook.gradebook import autograded_folder, course_config
from grader.intake.safe_files import Unreadable, read_file
from grader.pages.writing import write_whole
from grader.paths import COURSE, FEEDBACK_PAGE
from grader.report import folder_of
from grader.text import one_line

# Written by `nbgrader submit`; the name of a student's page follows from it.
SECRET_FILE = "submission_secret.txt"
_SECRET = re.compile(rb"[0-9A-Za-z_-]{32,200}")  # nbgrader's have 128 hexadecimal digits


def submission_secret(folder: Path) -> bytes | None:
    """The secret that `nbgrader submit` made for a submission; None if there is none, or none that
    can be nbgrader's.
    """
    try:
        secret = read_file(folder, SECRET_FILE, 200)
    except (OSError, Unreadable):
        return None
    return secret if is_secret(secret) else None


def is_secret(content: bytes) -> bool:
    """Whether this can be a secret that `nbgrader submit` made."""
    return bool(_SECRET.fullmatch(content))


@dataclass
class Laid:
    """Whose pages lie where release_feedback takes them, and whose do not, for which reason."""

    students: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


def lay_pages(results: Path, course: Path = COURSE) -> Laid:
    """Write the feedback pages in `results` into nbgrader's feedback/, for all whom `prepare` has
    prepared. Students fetch pages under the names of their notebooks only, so each name gets the
    whole page.
    """
    laid = Laid()
    prepared = autograded_folder(course)
    feedback = prepared.with_name(
        str(course_config(course).CourseDirectory.get("feedback_directory", "feedback"))
    )
    for folder in sorted(prepared.glob(f"*/{ASSIGNMENT}")):
        student = folder.parent.name
        secret = submission_secret(folder)
        if secret is None:
            laid.left_out[student] = f"not handed in with `nbgrader submit` (no {SECRET_FILE})"
            continue
        try:
            page = (results / folder_of(student) / FEEDBACK_PAGE).read_text(encoding="utf-8")
        except FileNotFoundError:
            laid.left_out[student] = f"{results} has no feedback page; grade first"
            continue
        target = feedback / student / ASSIGNMENT
        target.mkdir(parents=True, exist_ok=True)
        for name in NOTEBOOKS:
            write_whole(target / f"{name}.html", page)
            # release_feedback keeps the mode, and students have to read their page.
            (target / f"{name}.html").chmod(0o644)
        (target / SECRET_FILE).write_bytes(secret)
        laid.students += 1
    return laid


class CourseReleaseFeedback(ExchangeReleaseFeedback):
    """nbgrader's release_feedback, except that one student without a time or a secret does not stop
    the release to the students after them.
    """

    def copy_files(self) -> None:
        excluded = self.coursedir.student_id_exclude.split(",")
        for folder in sorted(map(Path, glob.glob(self.src_path))):
            student = folder.parent.name
            if student in excluded:
                continue
            secret = submission_secret(folder)
            if secret is None:
                self.log.error(
                    "%s: feedback was not released, because %s holds no valid %s. Autograde and"
                    " generate feedback with --force; where there is none in what was handed in"
                    " either, hand the pages over yourself.",
                    one_line(student),
                    one_line(str(folder)),
                    SECRET_FILE,
                )
                continue
            for page in sorted(folder.glob("*.html")):
                self._release(page, notebook_hash(secret=secret.decode(), notebook_id=page.stem))
            self.log.info("Feedback released to %s", one_line(student))

    def _release(self, page: Path, name: str) -> None:
        target = Path(self.dest_path, f"{name}.html")
        # A student may be fetching the page that this replaces.
        scratch = target.with_name(f"{name}-tmp.html")
        shutil.copy(page, scratch)
        scratch.replace(target)
