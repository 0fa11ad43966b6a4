"""An author's slips, each in one sentence, before a student meets them: `python -m grader lint`.

The files of the course are read first, without executing any (slips.py). Then our own code runs:
the hidden checks are collected and grade the reference in the sandbox, and the kit's known mistakes
are compared with the bank (reference_run.py). `release` and `grade` begin with both. They remember
the files that had no findings, so that this takes about 10 ms where nothing has changed.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from grader.faults import Slips
from grader.kit.course_files import NOTEBOOKS
from grader.kit.slips import Finding, read_files
from grader.pages.writing import write_whole
from grader.paths import COURSE
from grader.results import cache

MEMORY = COURSE / ".lint_cache"  # holds the digest of the files that had no findings
_LOOKED_AT = (
    *(f"{top}/**/*.{kind}" for top in ("grader", "cs231n_utils") for kind in ("py", "npz", "json")),
    "datasets/*.npz",
    f"{NOTEBOOKS}/*.ipynb",
)


def require_none(kit: bool) -> None:
    """Raise Slips if this course has findings; those of the kit alone count where `kit` is true."""
    digest = _digest()
    with suppress(OSError):
        if MEMORY.read_text(encoding="utf-8") == digest:
            return
    found = examine()
    if slips := [finding for finding in found if kit or not finding.kit_only]:
        raise Slips("\n".join(map(str, slips)))
    if not found:
        with suppress(OSError):  # a course that only others may write to is looked at every time
            write_whole(MEMORY, digest)


def examine() -> list[Finding]:
    """All findings in this course; its code only runs if its files let it be graded by."""
    # Takes 0.1 s, which `grade` has no use for where nothing has changed.
    from grader.kit.reference_run import run_reference

    found = read_files(COURSE)
    return found + run_reference() if all(finding.kit_only for finding in found) else found


def _digest() -> str:
    """A digest of all that the findings depend on: the project's files, Python and NumPy."""
    return cache.digest_of(sys.version, cache.numpy_version(), *cache.digests(_LOOKED_AT).items())
