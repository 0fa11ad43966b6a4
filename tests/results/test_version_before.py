"""A course in the middle of its term survives a new version: settings, gradebook, results and
secret of the one before are taken as they are.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from markupsafe import escape

from cs231n_utils.exercises import EXERCISES
from grader.__main__ import main
from grader.report import Report
from tests.support.course_copy import copy_course, python_in
from tests.support.in_sandbox import LEVELS, sandbox

BEFORE = Path(__file__).parents[1] / "support" / "version_before"
BY_HAND = """
    SELECT 'points', grade.id, manual_score, extra_credit FROM grade
        WHERE manual_score IS NOT NULL OR extra_credit IS NOT NULL
    UNION SELECT 'comment', comment.id, manual_comment, NULL FROM comment
        WHERE manual_comment IS NOT NULL
    ORDER BY 1, 2
"""


def results_before(to: Path) -> Path:
    """A folder of results as the version before has left it."""
    shutil.copytree(BEFORE / "results", to)
    with closing(sqlite3.connect(to / "gradebook.db")) as book:
        book.executescript((BEFORE / "gradebook.sql").read_text(encoding="utf-8"))
    return to


pytestmark = pytest.mark.slow


def by_hand(results: Path) -> list[tuple]:
    with closing(sqlite3.connect(results / "gradebook.db")) as book:
        return book.execute(BY_HAND).fetchall()


def report(results: Path, student: str) -> Report:
    return Report.from_dict(json.loads((results / student / "report.json").read_bytes()))


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """Today's code with the settings, the secret and the class of before."""
    course = copy_course(tmp_path_factory.mktemp("before") / "course", grader=True)
    shutil.copy(BEFORE / "nbgrader_config.txt", course / "nbgrader_config.py")
    shutil.copy(BEFORE / "course_secret", course / ".course_secret")
    (course / ".course_secret").chmod(0o600)
    shutil.copytree(BEFORE / "submitted", course / "submitted")
    results_before(course / "results").chmod(0o700)
    return course


@pytest.fixture(scope="module")
def graded(course) -> tuple[subprocess.CompletedProcess, Path]:
    """The class graded again by today's code, into the results of before."""
    sandbox(*LEVELS)
    known = {exercise.name for exercise in report(BEFORE / "results", "bob").exercises}
    assert known == set(EXERCISES), (
        "nbgrader adds no cell to a notebook that has submissions: after a change of the exercises,"
        " make tests/support/version_before again"
    )
    done = python_in(course, "-m", "grader", "grade", "submitted", "--out", "results")
    assert done.returncode == 0, done.stderr
    return done, course / "results"


def test_the_class_is_graded_again_and_the_reason_is_said_once(graded):
    done, results = graded
    assert "2 submissions, mean score" in done.stdout
    why = "All 2 are graded again: they were graded by an earlier version of the grader."
    assert done.stderr.count(why) == 1
    assert report(results, "ann").score > 0 and report(results, "bob").score > 0


def test_what_people_wrote_into_the_gradebook_stays(graded, tmp_path):
    before = by_hand(results_before(tmp_path / "results"))
    assert [kind for kind, *_ in before] == ["comment", "points", "points"]
    assert by_hand(graded[1]) == before


def test_inputs_are_drawn_from_the_same_secret(graded, tmp_path):
    def seeds(results: Path) -> dict[tuple[str, str], int]:
        return {
            (exercise.name, check.name): check.seed
            for exercise in report(results, "bob").exercises
            for check in exercise.checks
        }

    before, after = seeds(BEFORE / "results"), seeds(graded[1])
    assert before.keys() & after.keys()
    assert all(after[name] == before[name] for name in before.keys() & after.keys())


def test_pages_are_drawn_from_the_reports_of_before(tmp_path):
    results = results_before(tmp_path / "results")
    results.chmod(0o700)
    assert main(["report", str(results)]) == 0
    assert "2 students" in (results / "class.html").read_text()
    assert "ann" in (results / "index.html").read_text()
    assert "rel_error" in (results / "ann" / "feedback.html").read_text()
    page = (results / "bob" / "feedback.html").read_text()
    checks = [check for one in report(results, "bob").exercises for check in one.checks]
    assert len(checks) > 50 and all(str(escape(check.title)) in page for check in checks)


def test_the_settings_of_before_name_what_is_still_there(course):
    """Each name of ours in them can be imported."""
    program = """
import sys
from traitlets.utils.importstring import import_item
from grader.gradebook.gradebook import course_config

def names(value):
    if isinstance(value, str):
        yield from [value] if value.startswith("grader.") else []
    elif isinstance(value, dict):
        for one in value.values():
            yield from names(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from names(one)

found = list(names(course_config()))
assert len(found) > 8, found
print([import_item(name).__name__ for name in found])
"""
    done = python_in(course, "-c", program)
    assert done.returncode == 0, done.stderr
    assert "HiddenChecks" in done.stdout


def test_nbgrader_runs_with_the_settings_of_before(course):
    done = python_in(course, "-m", "nbgrader", "db", "assignment", "list")
    assert done.returncode == 0, done.stderr
