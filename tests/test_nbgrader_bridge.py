"""nbgrader's own autograde, with the hidden checks in place of running notebooks."""

import logging
import re
import shutil
import sys
from html.parser import HTMLParser

import nbformat
import pytest
from course_copy import copy_course, made_up_report
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader import apps
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback, NbGraderException
from nbgrader.coursedir import CourseDirectory

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, NOTEBOOKS
from grader import gradebook, nbgrader_bridge, release, runner

# nbgrader gives a cell that it puts back no id; nbformat adds one, with this remark.
pytestmark = pytest.mark.filterwarnings("ignore:Cell is missing an id")

QUIET = logging.getLogger("tests.nbgrader")
QUIET.setLevel(logging.ERROR)
HOSTILE = """<script>window.owned = 1</script> <img src="x" onerror="window.owned = 2"> <iframe src="page.html"></iframe>

[a page](page.html) [a script](javascript:window.owned=3) <a href="data:text/html,x">data</a>
\x1b]0;owned\x07 \x1b[31mred\x1b[0m \u202eowned
"""


class Course:
    """A course in a folder of its own; its hidden checks answer with what `reports` says."""

    def __init__(self, root):
        self.root = root
        self.reports = {}
        self.graded = []
        self.penalty = "none"

    def grade_one(self, submission):
        self.graded.append(submission.student)
        return self.reports[submission.student]

    def submit(self, report, without=()):
        folder = self.root / "submitted" / report.student / ASSIGNMENT
        shutil.copytree(self.root / "release" / ASSIGNMENT, folder)
        for name in without:
            (folder / f"{name}.ipynb").unlink()
        self.reports[report.student] = report
        return folder

    def run(self, converter, notebook="*"):
        config = gradebook.course_config(self.root)
        config.CourseDirectory.notebook_id = notebook
        config.CourseDirectory.assignment_id = ASSIGNMENT
        config.LateSubmissionPlugin.penalty_method = self.penalty
        converter(coursedir=CourseDirectory(config=config), config=config, log=QUIET, force=True).start()

    def autograde(self, notebook="*"):
        self.run(apps.autogradeapp.Autograde, notebook)  # what the command runs

    def book(self):
        return Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "cs231n")

    def notebook(self, student, name="2_svm", step="autograded"):
        return nbformat.read(self.root / step / student / ASSIGNMENT / f"{name}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    before = list(sys.path)
    course = copy_course(tmp_path_factory.mktemp("course"))
    release.release(tmp_path_factory.mktemp("out"), course)
    yield course
    sys.path[:] = before  # nbgrader_config.py of the copy has put itself there


@pytest.fixture
def course(released, tmp_path, monkeypatch):
    """The released course with an empty class."""
    root = shutil.copytree(released, tmp_path / "course")
    course = Course(root)
    monkeypatch.setattr(runner, "grade_one", course.grade_one)
    yield course
    sys.path[:] = [entry for entry in sys.path if entry != str(root)]


class Active(HTMLParser):
    """Everything on a page that could act, or lead to what could."""

    def of(self, page):
        self.found = []
        self.feed(page)
        return self.found

    def handle_starttag(self, tag, attributes):
        if tag in ("iframe", "object", "embed", "form"):
            self.found.append(tag)
        for name, value in attributes:
            if name.startswith("on") or (name in ("href", "src") and re.match("javascript:|data:text|page", value)):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, text):
        if self.cdata_elem == "script" and "owned" in text:
            self.found.append(text)


def scores(book, student):
    return {grade.name: (grade.auto_score, grade.needs_manual_grade)
            for notebook in book.find_submission(ASSIGNMENT, student).notebooks for grade in notebook.grades
            if not grade.name.endswith("_question")}


def cell_of(nb, grade_id):
    return next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def test_autograde_and_grade_agree_cell_by_cell(course, tmp_path):
    reports = [made_up_report("ada", 1.0), made_up_report("bob", 1 / 3, notes=("A note.",)),
               made_up_report("eve", 0.0, not_judged=("svm_loss_naive", "LinearClassifier.train"))]
    course.submit(reports[0])
    course.submit(reports[1], without=("2_svm", "5_optimization"))
    course.submit(reports[2], without=("5_optimization",))
    course.autograde()
    with course.book() as autograded, gradebook.open_gradebook(tmp_path / "grade.db", course.root) as graded:
        gradebook.write(graded, reports, course=course.root)
        for report in reports:
            assert scores(autograded, report.student) == scores(graded, report.student)
        assert scores(graded, "eve")["LinearClassifier-train"] == (None, True)
        assert autograded.find_submission(ASSIGNMENT, "ada").score == 90


def test_the_command_and_formgrader_autograde_by_our_class(course):
    assert apps.api.Autograde is apps.autogradeapp.Autograde is nbgrader_bridge.CourseAutograde


def test_a_student_without_any_notebook_can_be_graded_alone(course):
    course.submit(made_up_report("ada", 0.0), without=NOTEBOOKS)
    course.autograde()
    with course.book() as book:
        assert book.find_submission(ASSIGNMENT, "ada").score == 45


def test_one_notebook_graded_again_leaves_the_others_alone(course):
    course.submit(made_up_report("ada"), without=("5_optimization",))
    course.autograde()
    course.autograde("2_svm")
    with course.book() as book:
        assert book.find_submission(ASSIGNMENT, "ada").score == 90


@pytest.mark.parametrize("submit", [False, True])
def test_nothing_to_grade_is_said_and_not_passed_over(course, submit):
    if submit:
        course.submit(made_up_report("ada"))
    with pytest.raises(NbGraderException):
        course.autograde("6_transformers" if submit else "*")


def test_the_checks_run_once_for_all_notebooks_and_again_in_a_second_run(course):
    course.submit(made_up_report("ada"))
    course.autograde()
    assert course.graded == ["ada"]
    course.reports["ada"] = made_up_report("ada", 0.0)
    course.autograde()
    assert course.graded == ["ada", "ada"]
    with course.book() as book:
        assert book.find_submission(ASSIGNMENT, "ada").score == 45


def test_a_grade_cell_holds_the_score_as_a_number_and_the_messages(course):
    message = "svm_loss_naive: dW has shape (4, 5).\nIt raised ValueError: <script>$x$</script>"
    course.submit(made_up_report("ada", 1 / 3, message=message, notes=("extra.py was ignored.",)))
    course.autograde("2_svm")
    [output] = cell_of(course.notebook("ada"), "svm_loss_naive").outputs
    assert (output.output_type, output.data["text/plain"]) == ("execute_result", "7.333333")
    page = output.data["text/html"]
    assert "svm_loss_naive: dW has shape (4, 5)." in page and "7.33 of 11 points" in page
    assert "&lt;script&gt;" in page and "<script>" not in page and "tex2jax_ignore" in page
    assert "extra.py was ignored." in page


def test_what_a_student_left_in_a_grade_cell_decides_nothing(course):
    folder = course.submit(made_up_report("ada", 0.0))
    nb = nbformat.read(folder / "2_svm.ipynb", as_version=4)
    cell = cell_of(nb, "svm_loss_naive")
    cell.outputs = [new_output("execute_result", data={"text/plain": "11", "text/html": "<b>full marks</b>"}),
                    new_output("stream", name="stderr", text="RuntimeWarning: overflow")]
    cell.metadata.nbgrader["points"] = 1000
    nbformat.write(nb, folder / "2_svm.ipynb")
    course.autograde("2_svm")
    with course.book() as book:
        assert scores(book, "ada")["svm_loss_naive"] == (5.5, False)
    [output] = cell_of(course.notebook("ada"), "svm_loss_naive").outputs
    assert "full marks" not in output.data["text/html"]


def test_a_deleted_grade_cell_comes_back_with_its_score(course):
    folder = course.submit(made_up_report("ada"))
    nb = nbformat.read(folder / "4_regularization.ipynb", as_version=4)
    nb.cells = [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") != "l1_penalty"]
    nbformat.write(nb, folder / "4_regularization.ipynb")
    course.autograde("4_regularization")
    assert cell_of(course.notebook("ada", "4_regularization"), "l1_penalty").outputs[0].data["text/plain"] == "2"
    with course.book() as book:
        assert book.find_grade("l1_penalty", "4_regularization", ASSIGNMENT, "ada").score == 2


def test_late_penalties_take_their_part_of_missing_notebooks_too(course):
    course.penalty = "zero"
    folder = course.submit(made_up_report("ada"), without=("2_svm",))
    (folder / "timestamp.txt").write_text("2030-01-02 00:00:00 UTC")
    with course.book() as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate="2030-01-01 00:00:00 UTC")
    course.autograde()
    with course.book() as book:
        notebooks = book.find_submission(ASSIGNMENT, "ada").notebooks
        assert sum(notebook.late_submission_penalty for notebook in notebooks) == 90


def test_what_staff_wrote_survives_another_autograde(course):
    course.submit(made_up_report("ada", 0.5))
    course.autograde("2_svm")
    with course.book() as book:
        grade = book.find_grade("svm_loss_naive", "2_svm", ASSIGNMENT, "ada")
        grade.manual_score, grade.extra_credit = 10.0, 1.5
        book.db.commit()
    course.autograde("2_svm")
    with course.book() as book:
        grade = book.find_grade("svm_loss_naive", "2_svm", ASSIGNMENT, "ada")
        assert (grade.auto_score, grade.score) == (8.25, 11.5)


def test_the_model_that_a_student_saved_is_not_replaced_by_ours(course):
    (course.submit(made_up_report("ada")) / "best_model.npz").write_bytes(b"the student's")
    (course.root / "notebooks" / ASSIGNMENT / "best_model.npz").write_bytes(b"ours")
    course.autograde("2_svm")
    assert (course.root / "autograded" / "ada" / ASSIGNMENT / "best_model.npz").read_bytes() == b"the student's"


def test_no_markup_of_a_student_acts_on_the_pages_that_staff_open(course):
    student = "<img src=x onerror=owned()>"
    folder = course.submit(made_up_report(student, 0.0, message=HOSTILE, notes=(HOSTILE,)))
    (folder / "page.html").write_text(HOSTILE)
    nb = nbformat.read(folder / "2_svm.ipynb", as_version=4)
    question = next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("solution"))
    question.source = f"My answer. {HOSTILE}"
    nb.cells.insert(0, new_markdown_cell(HOSTILE, metadata={"tags": ['"><script>window.owned = 4</script>']}))
    nb.cells.insert(0, new_code_cell("1", outputs=[
        new_output("display_data", data={"text/html": HOSTILE}),
        new_output("display_data", data={"application/javascript": "window.owned = 5"}),
        new_output("error", ename=HOSTILE, evalue=HOSTILE, traceback=[HOSTILE]),
        new_output("stream", text=HOSTILE)]))
    nbformat.write(nb, folder / "2_svm.ipynb")
    course.autograde("2_svm")
    course.run(GenerateFeedback, "2_svm")
    page = (course.root / "feedback" / student / ASSIGNMENT / "2_svm.html").read_text()
    notebook = (course.root / "autograded" / student / ASSIGNMENT / "2_svm.ipynb").read_text()
    assert "My answer." in page and "&lt;script&gt;window.owned = 1" in page
    assert not Active().of(page)
    assert not any(active in text for text in (page, notebook) for active in ("\x1b]0;", "\\u001b]0;", "\u202e", "\\u202e"))
    assert not list((course.root / "autograded").rglob("*.html"))


def test_every_grade_cell_of_the_masters_is_an_exercise(course):
    course.submit(made_up_report("ada"))
    graded = {cell.metadata.nbgrader["grade_id"] for name in {row.notebook for row in EXERCISES.values()}
              for cell in course.notebook("ada", name, "submitted").cells
              if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code"}
    assert graded == {row.grade_id for row in EXERCISES.values()}
