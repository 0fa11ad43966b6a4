"""The autograder that staff upload to Gradescope: a zip of all that grades one submission there.

It holds the hidden checks, the references and the course's secret, so it is for staff alone. What
goes in is listed here; nothing travels because it happened to lie in the repository.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from grader.checks.seeds import course_secret
from grader.grading.on_gradescope import NEVER_ENDED
from grader.kit import packing
from grader.paths import COURSE, GRADER, SECRET_FILE
from grader.results import gradescope

_SCRIPTS = GRADER / "kit" / "autograder"
# Of requirements.txt, what grading needs; nbgrader and pages stay at home.
_PACKAGES = ("greenlet", "numpy", "pytest")
_SUFFIXES = {".py", ".npz", ".json", ".sha256"}
_EXECUTABLE = ("setup.sh", "run_autograder")
_MODES = {**dict.fromkeys(_EXECUTABLE, 0o755), SECRET_FILE.name: 0o600}


def write(archive: Path) -> int:
    """Write the zip, readable for its owner only, and return the number of files in it. A file that
    is there is replaced.
    """
    files = autograder_files()
    archive.parent.mkdir(parents=True, exist_ok=True)
    # A new file, which has mode 600 from its first byte on, whatever the old one had.
    descriptor, temporary = tempfile.mkstemp(dir=archive.parent, prefix=f".{archive.name}.")
    try:
        with open(descriptor, "w+b") as file:
            packing.write_zip(file, files, _MODES)
        os.replace(temporary, archive)
    except BaseException:
        os.unlink(temporary)
        raise
    return len(files)


def autograder_files() -> Mapping[str, bytes]:
    """The files of the zip: relative names and contents."""
    files = {path.name: path.read_bytes() for path in (_SCRIPTS / name for name in _EXECUTABLE)}
    for top in ("grader", "cs231n_utils", "datasets"):
        files |= dict(packing.shipped(COURSE, top, _SUFFIXES))
    files["requirements.txt"] = packing.requirements(_PACKAGES)
    files["not_judged.json"] = json.dumps(gradescope.not_judged(NEVER_ENDED), indent=1).encode()
    files[SECRET_FILE.name] = f"{course_secret()}\n".encode()
    return files
