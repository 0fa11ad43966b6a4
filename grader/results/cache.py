"""Which earlier results are still good: those of the same files, graded by the same checks with the
same secret.
"""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Iterable

import numpy as np

from grader.intake.submission import Submission
from grader.paths import COURSE
from grader.report import Report

# A score, beside what is handed in.
_DECIDES = ("grader/**/*.py", "grader/**/*.npz", "cs231n_utils/**/*.py", "datasets/*.npz")


@functools.cache
def version() -> str:
    """A digest of the checks: of our code and data, of Python and of numpy."""
    digest = hashlib.sha256(f"{sys.version}\0{np.__version__}".encode())
    for path in sorted(path for pattern in _DECIDES for path in COURSE.glob(pattern)):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(COURSE)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def key(submission: Submission, secret: str, level: str) -> str:
    """A digest of all that decides a score; of what was handed in, it takes in what grading reads
    and says about it.
    """
    told = "\0".join((version(), secret, level, submission.student, *submission.notes))
    digest = hashlib.sha256(told.encode("utf-8", "surrogateescape"))
    for name, content in sorted(submission.files.items()):
        digest.update(f"\0{name}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return digest.hexdigest()[:32]


def is_current(report: Report, key: str, exercises: Iterable[str]) -> bool:
    """Whether a report has the result of each of these exercises for this key, with nothing left to
    be judged.
    """
    return {
        exercise.name for exercise in report.exercises if exercise.key == key and exercise.judged
    }.issuperset(exercises)
