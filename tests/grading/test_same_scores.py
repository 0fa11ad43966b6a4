"""Plain `nbgrader autograde` and `python -m grader grade` give the same scores for the same
submissions.
"""

import shutil
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from tests.support.course_copy import copy_course

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def autograded(submitted, tmp_path_factory):
    """A copy of the course after `nbgrader autograde`, as an instructor types it; `grader` and its
    secret are the same.
    """
    course = copy_course(tmp_path_factory.mktemp("autograde") / "course")
    shutil.copytree(submitted, course / "submitted")
    for command in ("generate_assignment", "autograde"):
        subprocess.run(
            [sys.executable, "-m", "nbgrader", command, ASSIGNMENT, "--log-level=ERROR"],
            cwd=course,
            check=True,
        )
    return course


def scores(database) -> dict[tuple[str, str], tuple]:
    """(student, exercise) -> (score, maximum, whether a person must look)"""
    with Gradebook(f"sqlite:///{database}", "cs231n") as book:
        found = {}
        for student in (
            submission.student.id for submission in book.assignment_submissions(ASSIGNMENT)
        ):
            for exercise in EXERCISES.values():
                grade = book.find_grade(exercise.grade_id, exercise.notebook, ASSIGNMENT, student)
                found[student, exercise.name] = (
                    grade.auto_score,
                    grade.max_score,
                    bool(grade.needs_manual_grade),
                )
        return found


def test_autograde_and_grade_agree_in_every_cell_of_the_sample_class(
    autograded, graded_class, submitted
):
    ours = scores(graded_class / "gradebook.db")
    assert len(ours) == len(list(submitted.iterdir())) * len(EXERCISES)
    assert scores(autograded / "gradebook.db") == ours
