"""The autograder that staff upload to Gradescope: a zip of all that grades one submission there.

It holds the hidden checks, the references and the course's secret, so it is for staff alone. What
goes in is listed here; nothing travels because it happened to lie in the repository.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.checks.seeds import course_secret
from grader.grading.on_gradescope import NEVER_ENDED
from grader.paths import COURSE, GRADER, SECRET_FILE
from grader.results import gradescope

_SCRIPTS = GRADER / "kit" / "autograder"
# Of requirements.txt, what grading needs; nbgrader and pages stay at home.
_PACKAGES = ("greenlet", "numpy", "pytest")
_SUFFIXES = {".py", ".npz", ".json", ".sha256"}
_EXECUTABLE = ("setup.sh", "run_autograder")


def write(archive: Path) -> int:
    """Write the zip, readable for its owner only, and return the number of files in it. A file that
    is there is replaced.
    """
    files = autograder_files()
    archive.parent.mkdir(parents=True, exist_ok=True)
    # A new file, which has mode 600 from its first byte on, whatever the old one had.
    descriptor, temporary = tempfile.mkstemp(dir=archive.parent, prefix=f".{archive.name}.")
    try:
        with (
            open(descriptor, "w+b") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out,
        ):
            for name, content in files.items():
                # Fixed times: the bytes depend on the files alone.
                member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
                member.create_system = 3  # Unix, where the modes below mean something
                member.compress_type = zipfile.ZIP_DEFLATED
                member.external_attr = (0o100000 | _mode(name)) << 16
                out.writestr(member, content)
        os.replace(temporary, archive)
    except BaseException:
        os.unlink(temporary)
        raise
    return len(files)


def autograder_files() -> Mapping[str, bytes]:
    """The files of the zip: relative names and contents, sorted by name."""
    files = {path.name: path.read_bytes() for path in (_SCRIPTS / name for name in _EXECUTABLE)}
    for top in ("grader", "cs231n_utils", "datasets"):
        files |= {
            path.relative_to(COURSE).as_posix(): path.read_bytes()
            for path in _shipped(COURSE / top)
        }
    files["requirements.txt"] = _requirements().encode()
    files["not_judged.json"] = json.dumps(gradescope.not_judged(NEVER_ENDED), indent=1).encode()
    files[SECRET_FILE.name] = f"{course_secret()}\n".encode()
    return dict(sorted(files.items()))


def _mode(name: str) -> int:
    if name in _EXECUTABLE:
        return 0o755
    return 0o600 if name == SECRET_FILE.name else 0o644


def _shipped(top: Path) -> Iterator[Path]:
    for path in sorted(top.rglob("*")):
        hidden = any(
            part.startswith((".", "__pycache__", "cifar-10"))
            for part in path.relative_to(top).parts
        )
        if path.is_file() and path.suffix in _SUFFIXES and not hidden:
            yield path


def _requirements() -> str:
    lines = (COURSE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return "".join(f"{line}\n" for line in lines if line.startswith(_PACKAGES))
