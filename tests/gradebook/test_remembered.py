"""What nbgrader registers of the assignment is remembered, and no gradebook depends on it."""

import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from sqlalchemy import text

from cs231n_utils.exercises import ASSIGNMENT
from grader.gradebook import gradebook, remembered
from grader.gradebook.gradebook import generate_assignment
from grader.paths import COURSE

pytestmark = pytest.mark.slow

NOTEBOOK = "2_svm"
FILE = ".assignment_cache"


class Course:
    """A course, and how often nbgrader was asked to register its assignment."""

    def __init__(self, folder):
        self.folder, self.asked = folder, 0

    def generate(self, course, into, db_url=None):
        self.asked += 1
        return generate_assignment(course, into, db_url)

    def points(self, database="new.db"):
        """The points of svm_loss_naive in the gradebook, which is made or opened."""
        with gradebook.open_gradebook(self.folder / database, self.folder) as book:
            return book.find_grade_cell("svm_loss_naive", NOTEBOOK, ASSIGNMENT).max_score

    def change_points(self, points):
        path = self.folder / "notebooks" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "svm_loss_naive":
                cell.metadata.nbgrader.points = points
        nbformat.write(notebook, path)


@pytest.fixture
def course(tmp_path, monkeypatch):
    one = Course(tmp_path / "course")
    shutil.copytree(
        COURSE / "notebooks" / ASSIGNMENT,
        one.folder / "notebooks" / ASSIGNMENT,
        ignore=shutil.ignore_patterns("*.npz"),
    )
    shutil.copy(COURSE / "nbgrader_config.py", one.folder)
    monkeypatch.setattr(sys, "path", list(sys.path))  # nbgrader_config.py puts the course there
    monkeypatch.setattr(gradebook, "generate_assignment", one.generate)
    return one


def test_the_next_gradebook_does_not_ask_nbgrader(course):
    points = course.points()
    course.asked = 0
    assert course.points("another.db") == points == course.points("another.db")
    assert course.asked == 0


def test_a_new_gradebook_is_for_its_owners_eyes_only(course):
    course.points()
    assert (course.folder / "new.db").stat().st_mode & 0o777 == 0o600
    assert (course.folder / FILE).stat().st_mode & 0o777 == 0o600


def test_a_copy_is_the_same_gradebook_as_one_that_nbgrader_made(course):
    course.points()
    course.points("copy.db")
    database = f"sqlite:///{course.folder / 'own.db'}"
    (course.folder / "scratch").mkdir()
    with Gradebook(database, "cs231n") as own:
        generate_assignment(course.folder, course.folder / "scratch", database)
        tables = {
            name: own.db.execute(text(f"SELECT count(*) FROM {name}")).scalar()
            for name in ("assignment", "notebook", "base_cell", "source_cell", "course", "grade")
        }
        digest = remembered.rows_of(own)
    with gradebook.open_gradebook(course.folder / "copy.db", course.folder) as book:
        assert remembered.rows_of(book) == digest
        assert tables == {
            name: book.db.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in tables
        }


def test_a_changed_notebook_is_registered_again_in_old_and_new_gradebooks(course):
    assert course.points("old.db") == 11
    course.change_points(7)
    assert course.points("new.db") == 7 == course.points("old.db")


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: b"\xff" + content,
        lambda content: content.partition(b"\n")[0] + b"\nno database",
        lambda content: content.replace(content[65:70], b"00000", 1),
    ],
    ids=["empty", "half", "a bit", "no text", "another database", "other rows"],
)
def test_what_is_damaged_is_made_again(course, damage):
    course.points()
    file = course.folder / FILE
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    course.asked = 0
    assert course.points("another.db") == 11
    assert course.asked == 1
    assert file.read_bytes().partition(b" ")[0] == whole.partition(b" ")[0]


def test_a_gradebook_with_other_cells_is_registered_again(course):
    course.points()
    with Gradebook(f"sqlite:///{course.folder / 'new.db'}", "cs231n") as book:
        book.find_grade_cell("svm_loss_naive", NOTEBOOK, ASSIGNMENT).max_score = 3
        book.db.commit()
    course.asked = 0
    assert course.points() == 11
    assert course.asked == 1


@pytest.mark.parametrize(
    "settings",
    [
        "c.IncludeHeaderFooter.header = 'source/header.ipynb'",
        "c.GenerateAssignment.preprocessors = ['nbgrader.preprocessors.SaveCells']",
    ],
)
def test_settings_that_bring_in_other_files_and_code_are_not_remembered(course, settings):
    with (course.folder / "nbgrader_config.py").open("a") as file:
        file.write(settings + "\n")
    config = gradebook.course_config(course.folder)
    remembered.keep(course.folder, config, remembered.Registered(b"", ""))
    assert not (course.folder / FILE).exists()


def test_a_course_that_nobody_may_write_to_has_its_gradebook(course, monkeypatch, tmp_path):
    def refuse(path, content):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(remembered, "write_private", refuse)
    assert course.points(Path(tmp_path, "elsewhere.db")) == 11
