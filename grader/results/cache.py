"""Decides which earlier results are still valid: those of the same files, graded by the same checks
with the same secret; and which pages: those that were drawn by the same code.

A result is a score with its messages, since pages are drawn from reports. It depends on checks,
topics, diagnosis, sandbox, intake, and the files beside student code, but not on pages, gradebook,
kit and command line. Files are compared byte by byte: a comparison that ignores comments would
parse 18,000 lines at every start, which takes 0.3 s.
"""

from __future__ import annotations

import functools
import hashlib
import platform
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from grader.course.final import Final
from grader.intake.submission import Submission
from grader.paths import COURSE
from grader.report import Report

# Which of a submission's files are accepted; whose files they are is in its key.
_TAKES_FILES = ("__init__", "archives", "kits", "safe_files", "submission")
# The files of the project on which a result depends. Tests compare them with what grading imports.
_DECIDES = (
    "grader/[!_]*.py",
    *(f"grader/{room}/**/*.py" for room in ("checks", "diagnosis", "sandbox", "topics")),
    *(f"grader/intake/{name}.py" for name in _TAKES_FILES),
    *(f"grader/grading/{name}.py" for name in ("discover", "one_submission", "pool")),
    "grader/topics/**/*.npz",
    "cs231n_utils/**/*.py",
    "datasets/*.npz",
)
_DECIDES_NOTHING = {"grader/sandbox/doctor.py"}
_DRAWS = (
    "grader/pages/**/*",
    "grader/course/*.py",
    "grader/report.py",
    "grader/text.py",
    "cs231n_utils/exercises.py",
)


@functools.cache
def scoring_files() -> Mapping[str, str]:
    """Digests of the files that decide a result, by their names in the course."""
    files = digests(_DECIDES)
    return {name: digest for name, digest in files.items() if name not in _DECIDES_NOTHING}


def numpy_version() -> str:
    """The version of the NumPy that checks compute with."""
    import numpy as np  # only here: it takes 0.1 s, and most commands compute nothing

    return np.__version__


@functools.cache
def version() -> str:
    """A digest of all that decides a result and is the same for every course: our code and data,
    Python and NumPy.
    """
    return digest_of(sys.version, numpy_version(), *scoring_files().items())


@functools.cache
def drawing_version() -> str:
    """A digest of the code that draws pages."""
    return digest_of(*digests(_DRAWS).items())


def page_key(grade: Final) -> str:
    """A digest of what a feedback page shows of a final grade."""
    return digest_of(grade)[:16]


def digests(patterns: Iterable[str]) -> dict[str, str]:
    """Digests of the files of the course that these patterns match, by their names in it."""
    paths = {path for pattern in patterns for path in COURSE.glob(pattern) if path.is_file()}
    return {
        path.relative_to(COURSE).as_posix(): _file_digest(path)
        for path in sorted(paths)
        if path.suffix != ".pyc"
    }


@functools.cache
def _file_digest(path: Path) -> str:
    """The digest of a file. It is computed once, since several lists hold the same file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest_of(*parts: object) -> str:
    """A digest of plain values, by their `repr`."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def key(submission: Submission, secret: str, level: str) -> str:
    """A digest of all that decides a result; of a submission, these are the files that grading
    reads, and the notes.
    """
    start = "\0".join((version(), secret, level, submission.student, *submission.notes))
    digest = hashlib.sha256(start.encode("utf-8", "surrogateescape"))
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


# --- why everybody is graded again ----------------------------------------------------------------


def circumstances(secret: str, level: str) -> dict[str, Any]:
    """All that decides a result except the submission, as plain data, from which nobody can find
    out the secret.
    """
    return {
        "python": platform.python_version(),
        "numpy": numpy_version(),
        "level": level,
        "secret": digest_of("which secret", secret),
        "files": dict(scoring_files()),
    }


def difference(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> str:
    """In what the circumstances of two runs differ, as the end of a sentence; "" if in nothing."""
    if before is None:
        return "they were graded by an earlier version of the grader"
    names = {"python": "Python", "numpy": "NumPy", "level": "the sandbox's level"}
    found = [
        f"{what} was {before.get(name)} and is {now[name]}"
        for name, what in names.items()
        if before.get(name) != now[name]
    ]
    if before.get("secret") != now["secret"]:
        found.append("the course's secret is another one")
    old, new = before.get("files", {}), now["files"]
    changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    if changed:
        some = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if changed[3:] else "")
        found.append(f"{some} {'has' if len(changed) == 1 else 'have'} changed")
    return "; ".join(found) + " since the last run" if found else ""
