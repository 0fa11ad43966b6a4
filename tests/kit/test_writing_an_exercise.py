"""An exercise can be added from docs/writing-an-exercise.md alone: with its pieces of code, a copy
of the course lints, checks, and grades a right and a wrong solution.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import pytest

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader.paths import COURSE
from tests.support.course_copy import copy_course, python_in
from tests.support.in_sandbox import LEVELS, sandbox

pytestmark = pytest.mark.slow

PAGE = (COURSE / "docs" / "writing-an-exercise.md").read_text(encoding="utf-8")
# Where a piece goes into a file that is there already: behind this pattern, between these gaps.
PLACES = {
    "in _ROWS, after svm_loss_vectorized": (r'.*Exercise\("svm_loss_vectorized".*\n', "", ""),
    "in TRIALS": (r"TRIALS: .*\n", "", ""),
    "in ALLOWED": (r"ALLOWED: .*\n", "", ""),
    "before part 3": (r"(?s)\A.*?(?=# --- 3: )", "", "\n\n"),
    "at the end": (r"(?s)\A.*\Z", "\n\n", ""),
}
FOR_TESTS = ("tests", "benchmarks")  # folders of pieces that only the tests need
STUB, REFERENCE = "cs231n_utils/huber.py", "grader/topics/huber/reference.py"
WRONG = """
import numpy as np


def huber_loss(residual, delta):
    return np.sum(residual**2) / 2, residual.copy()
"""


def pieces(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def apply(piece: str, course: Path) -> None:
    """Write a piece of the page into the file that its first line names."""
    first, _, code = piece.partition("\n")
    file, _, place = first.removeprefix("# ").partition(", ")
    path = course / file
    if not place:
        path.parent.mkdir(exist_ok=True)
        path.write_text(code, encoding="utf-8")
        return
    source = path.read_text(encoding="utf-8")
    pattern, before, after = PLACES[place]
    (found,) = re.finditer(pattern, source)
    end = found.end()
    path.write_text(source[:end] + before + code + after + source[end:], encoding="utf-8")


def python(course: Path, *arguments: str) -> tuple[int, str]:
    """The exit status, and all that was said."""
    done = python_in(course, *arguments)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A copy of the course with the exercise of the page."""
    course = copy_course(tmp_path_factory.mktemp("huber") / "course", grader=True)
    for folder in FOR_TESTS:
        shutil.copytree(
            COURSE / folder, course / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for piece in pieces("python"):
        apply(piece, course)
    (course / "grader/topics/huber/__init__.py").touch()
    (cell,) = map(json.loads, pieces("json"))
    path = course / "notebooks" / ASSIGNMENT / "2_svm.ipynb"
    notebook = json.loads(path.read_bytes())
    notebook["cells"].append(cell)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    status, output = python(course, "-m", "grader.kit.known_mistakes")
    assert status == 0, output
    return course


def test_lint_finds_nothing(course):
    assert python(course, "-m", "grader", "lint") == (
        0,
        f"{len(EXERCISES) + 1} exercises, no findings.\n",
    )


@pytest.mark.slow
def test_the_pieces_are_in_the_style_of_the_course(course):
    shutil.copy(COURSE / "pyproject.toml", course)
    changed = ("grader/topics/huber", "cs231n_utils")
    for linter in (["ruff", "check"], ["ruff", "format", "--check"]):
        status, output = python(course, "-m", *linter, *changed, "tests/support", "benchmarks")
        assert status == 0, output
    status, output = python(course, "-m", "mypy", *changed)
    assert status == 0, output


FIRST_LINES = [piece.partition("\n")[0] for piece in pieces("python")]


@pytest.mark.parametrize(
    "piece",
    [line for line in FIRST_LINES if not line.startswith(tuple(f"# {f}/" for f in FOR_TESTS))],
)
def test_no_piece_of_the_page_can_be_left_out(piece, course, tmp_path):
    """Whoever forgets one of them is told: `lint` has a finding, or nothing can be imported."""
    shutil.copytree(course, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    file, _, place = piece.removeprefix("# ").partition(", ")
    path = tmp_path / "course" / file
    if place:
        (code,) = [one for one in pieces("python") if one.startswith(piece + "\n")]
        source = path.read_text(encoding="utf-8")
        assert code.partition("\n")[2] in source
        path.write_text(source.replace(code.partition("\n")[2], ""), encoding="utf-8")
    else:
        path.unlink()
    status, output = python(tmp_path / "course", "-m", "grader", "lint")
    assert status == 1 and "huber" in output


def test_every_mutant_of_the_reference_is_killed_or_listed(course):
    status, output = python(course, "-m", "benchmarks.mutants", "--exercise", "huber_loss")
    assert status == 0, output


def test_the_solutions_for_the_tests_get_the_points_that_they_should(course):
    status, output = python(
        course,
        *("-m", "pytest", "-p", "no:cacheprovider", "-k", "huber or every_exercise"),
        *("tests/topics/test_unknown_mistakes.py", "tests/topics/test_hidden_checks.py"),
    )
    assert status == 0 and "huber_by_cases" not in output, output


def test_a_right_and_a_wrong_solution_are_graded(course, tmp_path):
    sandbox(*LEVELS)
    for student, code in (
        ("ann", (course / REFERENCE).read_text(encoding="utf-8")),
        ("bob", WRONG),
        ("cy", (course / STUB).read_text(encoding="utf-8")),
    ):
        path = tmp_path / "submitted" / student / ASSIGNMENT / STUB
        path.parent.mkdir(parents=True)
        path.write_text(code, encoding="utf-8")
    command = ("grade", str(tmp_path / "submitted"), "--out", str(tmp_path / "out"))
    status, output = python(course, "-m", "grader", *command)
    assert status == 0, output
    with open(tmp_path / "out" / "grades.csv", encoding="utf-8") as file:
        points = {row["student"]: row["huber_loss"] for row in csv.DictReader(file)}
    assert points == {"ann": "4", "bob": "1", "cy": "0"}
    page = (tmp_path / "out" / "bob" / "feedback.html").read_text(encoding="utf-8")
    assert "Large residuals count with their square." in page


@pytest.mark.parametrize(
    "code, says", [(None, "2 of 2 checks pass"), (WRONG, "Large residuals count")]
)
def test_check_runs_the_visible_check_and_names_the_known_mistake(course, tmp_path, code, says):
    shutil.copytree(course / "cs231n_utils", tmp_path / "cs231n_utils")
    (tmp_path / STUB).write_text(code or (course / REFERENCE).read_text(encoding="utf-8"))
    _, output = python(tmp_path, "-m", "cs231n_utils.check", "huber_loss")
    assert says in output
