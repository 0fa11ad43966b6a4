"""The image of the Containerfile: made of what is in the repository, and without the secret."""

import fnmatch
import re
import subprocess

from grader.paths import COURSE, SECRET_FILE

RECIPE = (COURSE / "Containerfile").read_text(encoding="utf-8")
ENTRY = COURSE / "grader" / "kit" / "container" / "entry.sh"


def copied() -> list[str]:
    return [
        name
        for line in re.findall(r"^COPY (.*)$", RECIPE, re.MULTILINE)
        for name in line.split()[:-1]
    ]


def test_what_is_copied_is_in_the_repository():
    assert {"requirements.txt", "notebooks", "datasets", "cs231n_utils", "grader"} <= {*copied()}
    assert [name for name in copied() if not (COURSE / name).exists()] == []


def test_the_secret_gets_into_no_image():
    ignored = (COURSE / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert any(fnmatch.fnmatch(SECRET_FILE.name, pattern) for pattern in ignored)
    assert not [name for name in copied() if name in (".", "./", SECRET_FILE.name)]


def test_the_image_starts_the_script_that_is_in_it():
    (entry,) = re.findall(r'^ENTRYPOINT \["/course/(.*)"\]$', RECIPE, re.MULTILINE)
    assert COURSE / entry == ENTRY
    assert ENTRY.stat().st_mode & 0o111 == 0o111
    subprocess.run(["sh", "-n", ENTRY], check=True)


def test_another_base_can_be_given():
    assert re.search(r"^ARG BASE=\S+\nFROM \$\{BASE\}$", RECIPE, re.MULTILINE)
