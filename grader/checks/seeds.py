"""Seeds of the hidden inputs: random to students, and the same at every grading."""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import secrets
import stat
from pathlib import Path

from grader.faults import GraderFault
from grader.paths import SECRET_FILE

# Of a secret, in characters and in bytes; one that the grader makes has 64 of each.
_MIN_SECRET, _MAX_SECRET = 16, 1_000
_log = logging.getLogger("grader.checks.seeds")
_NEXT = (
    "Put the course's secret there again, or delete it and grade the class again: a new secret"
    " gives new inputs."
)


class SecretUnusable(GraderFault):
    """The file of the course's secret holds no secret; the text says why, and what to do."""


def course_secret(path: Path = SECRET_FILE) -> str:
    """The course's secret, which is made on first use. Whoever knows it can foresee the inputs.

    The file is made readable by its owner only; a warning is logged if others can read it. Raises
    SecretUnusable.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with open(descriptor, "w") as file:
        secret = secrets.token_hex(32)
        file.write(secret + "\n")
    return secret


def _read(path: Path) -> str:
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise SecretUnusable(f"{path} is not an ordinary file, and a link is not followed. {_NEXT}")
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        content = file.read(_MAX_SECRET + 1).strip()
    if not content:
        raise SecretUnusable(f"{path} is empty. {_NEXT}")
    secret = content.decode("utf-8", "replace")
    if len(content) > _MAX_SECRET or not secret.isprintable() or "\ufffd" in secret:
        raise SecretUnusable(
            f"{path} is not one line of text, of {_MAX_SECRET} bytes at most. {_NEXT}"
        )
    if len(secret) < _MIN_SECRET:
        raise SecretUnusable(
            f"{path} has {len(secret)} characters, which one can guess; expected {_MIN_SECRET} or"
            f" more. {_NEXT}"
        )
    if mode & 0o077:
        _warn_once(
            f"{path}: other users of this machine can read the course's secret (mode {mode:o}), and"
            f" foresee all inputs. To keep it: chmod 600 {path}"
        )
    return secret


@functools.cache
def _warn_once(text: str) -> None:  # the secret is read for each submission
    _log.warning(text)


def seed_for(secret: str, student: str, exercise: str, check: str) -> int:
    """The seed of one check's random inputs for one student.

    It is below 2**53, so that it stays exact in readers of JSON that take all numbers for floats.
    """
    digest = hashlib.sha256("\0".join((secret, student, exercise, check)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 11
