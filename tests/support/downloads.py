"""Downloads as platforms hand them out, and what is taken of them."""

from pathlib import Path

from grader.intake.download import open_download
from grader.intake.submission import Submission


def taken(download: Path) -> list[Submission]:
    """What everybody handed in, sorted by student."""
    with open_download(download) as found:
        return [student.read() for student in found.students]
