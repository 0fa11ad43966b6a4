"""nbgrader's own autograde, with the hidden checks in place of running notebooks."""

import logging
import os
import pwd
import re
import shutil
import sys
from datetime import datetime
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader import apps
from nbgrader.api import Gradebook
from nbgrader.auth import Authenticator
from nbgrader.converters import GenerateFeedback, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.course import overrides
from grader.gradebook import autograde, gradebook
from grader.grading import pool
from grader.kit import release
from tests.support.course_copy import copy_course, made_up_report

# nbgrader gives a cell that it puts back no id; nbformat adds one, with this remark.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Cell is missing an id")]

QUIET = logging.getLogger("tests.nbgrader")
QUIET.setLevel(logging.ERROR)
HOSTILE = """<script>window.owned = 1</script> <img src="x" onerror="window.owned = 2">
<iframe src="page.html"></iframe>

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
        self.watch = lambda submission: None

    def grade_one(self, submission):
        self.graded.append(submission.student)
        self.watch(submission)
        return self.reports[submission.student]

    def submit(self, report, without=()):
        folder = self.root / "submitted" / report.student / ASSIGNMENT
        shutil.copytree(self.root / "release" / ASSIGNMENT, folder)
        for name in without:
            (folder / f"{name}.ipynb").unlink()
        self.reports[report.student] = report
        return folder

    def config(self):
        config = gradebook.course_config(self.root)
        config.CourseDirectory.assignment_id = ASSIGNMENT
        config.LateSubmissionPlugin.penalty_method = self.penalty
        return config

    def run(self, converter, notebook="*"):
        config = self.config()
        config.CourseDirectory.notebook_id = notebook
        converter(
            coursedir=CourseDirectory(config=config), config=config, log=QUIET, force=True
        ).start()

    def autograde(self, notebook="*"):
        self.run(apps.autogradeapp.Autograde, notebook)  # what the command runs

    def book(self):
        return Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "cs231n")

    def notebook(self, student, name="2_svm", step="autograded"):
        return nbformat.read(
            self.root / step / student / ASSIGNMENT / f"{name}.ipynb", as_version=4
        )


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
    monkeypatch.setattr(pool, "grade_one", course.grade_one)
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
            if name.startswith("on") or (
                name in ("href", "src") and re.match("javascript:|data:text|page", value)
            ):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, text):
        if self.cdata_elem == "script" and "owned" in text:
            self.found.append(text)


def scores(book, student):
    return {
        grade.name: (grade.auto_score, grade.needs_manual_grade)
        for notebook in book.find_submission(ASSIGNMENT, student).notebooks
        for grade in notebook.grades
        if not grade.name.endswith("_question")
    }


def cell_of(nb, grade_id):
    return next(
        cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def test_autograde_and_grade_agree_cell_by_cell(course, tmp_path):
    reports = [
        made_up_report("ada", 1.0),
        made_up_report("bob", 1 / 3, notes=("A note.",)),
        made_up_report("eve", 0.0, not_judged=("svm_loss_naive", "LinearClassifier.train")),
    ]
    course.submit(reports[0])
    course.submit(reports[1], without=("2_svm", "5_optimization"))
    course.submit(reports[2], without=("5_optimization",))
    course.autograde()
    with (
        course.book() as autograded,
        gradebook.open_gradebook(tmp_path / "grade.db", course.root) as graded,
    ):
        gradebook.write(graded, reports, course=course.root)
        for report in reports:
            assert scores(autograded, report.student) == scores(graded, report.student)
        assert scores(graded, "eve")["LinearClassifier-train"] == (None, True)
        assert autograded.find_submission(ASSIGNMENT, "ada").score == MAX_SCORE


def test_the_command_and_formgrader_autograde_by_our_class(course):
    assert apps.api.Autograde is apps.autogradeapp.Autograde is autograde.CourseAutograde


def test_a_student_without_any_notebook_can_be_graded_alone(course):
    course.submit(made_up_report("ada", 0.0), without=NOTEBOOKS)
    course.autograde()
    with course.book() as book:
        assert book.find_submission(ASSIGNMENT, "ada").score == MAX_SCORE / 2


def test_one_notebook_graded_again_leaves_the_others_alone(course):
    course.submit(made_up_report("ada"), without=("5_optimization",))
    course.autograde()
    course.autograde("2_svm")
    with course.book() as book:
        assert book.find_submission(ASSIGNMENT, "ada").score == MAX_SCORE


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
        assert book.find_submission(ASSIGNMENT, "ada").score == MAX_SCORE / 2


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
    cell.outputs = [
        new_output("execute_result", data={"text/plain": "11", "text/html": "<b>full marks</b>"}),
        new_output("stream", name="stderr", text="RuntimeWarning: overflow"),
    ]
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
    nb.cells = [
        cell
        for cell in nb.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") != "l1_penalty"
    ]
    nbformat.write(nb, folder / "4_regularization.ipynb")
    course.autograde("4_regularization")
    assert (
        cell_of(course.notebook("ada", "4_regularization"), "l1_penalty")
        .outputs[0]
        .data["text/plain"]
        == "2"
    )
    with course.book() as book:
        assert book.find_grade("l1_penalty", "4_regularization", ASSIGNMENT, "ada").score == 2


def test_late_penalties_take_their_part_of_missing_notebooks_too(course):
    course.penalty = "zero"
    folder = course.submit(made_up_report("ada"), without=("2_svm",))
    for name, content in gradebook.hand_in_time(datetime(2030, 1, 2), "ada", ASSIGNMENT).items():
        (folder / name).write_bytes(content)
    with course.book() as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate="2030-01-01 00:00:00 UTC")
    course.autograde()
    with course.book() as book:
        notebooks = book.find_submission(ASSIGNMENT, "ada").notebooks
        assert sum(notebook.late_submission_penalty for notebook in notebooks) == MAX_SCORE


def test_penalties_and_points_of_staff_follow_from_the_rules_of_the_course(course):
    folder = course.submit(made_up_report("ada"))
    for name, content in gradebook.hand_in_time(datetime(2030, 1, 2), "ada", ASSIGNMENT).items():
        (folder / name).write_bytes(content)
    course.penalty = "zero"  # nbgrader's own, which no longer decides
    (course.root / "course.toml").write_text(
        'timezone = "UTC"\ndue = 2029-12-31T12:00:00\n[late]\npercent_a_day = 10\n'
    )
    when = datetime(2030, 1, 3)
    entry = overrides.new("ada", "svm_loss_naive", 5, "Appeal.", "Ada", when)
    (course.root / "overrides.jsonl").write_text(overrides.line(entry))
    course.autograde()
    with course.book() as book:
        submission = book.find_submission(ASSIGNMENT, "ada")
        assert submission.late_submission_penalty == 20
        assert submission.score == MAX_SCORE - EXERCISES["svm_loss_naive"].points + 5
        assert submission.assignment.duedate == datetime(2029, 12, 31, 12)


def test_a_time_that_the_student_wrote_makes_nobody_late_or_early(course):
    folder = course.submit(made_up_report("ada"))
    (folder / "timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    course.autograde()
    with course.book() as book:
        assert book.find_submission(ASSIGNMENT, "ada").timestamp is None
    for name, content in gradebook.hand_in_time(datetime(2030, 1, 2), "ada", ASSIGNMENT).items():
        (folder / name).write_bytes(content)
    course.autograde()
    with course.book() as book:
        assert book.find_submission(ASSIGNMENT, "ada").timestamp == datetime(2030, 1, 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_text("the day before yesterday"),
        lambda path: path.write_bytes(b"\xff"),
        os.mkfifo,
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.mkdir(),
    ],
    ids=["words", "bytes", "pipe", "device", "folder"],
)
def test_formgraders_page_of_the_class_shows_everybody_whatever_stands_for_a_time(course, make):
    for student in ("ada", "bob", "zoe"):
        course.submit(made_up_report(student))
    for name, content in gradebook.hand_in_time(datetime(2030, 1, 2), "zoe", ASSIGNMENT).items():
        (course.root / "submitted" / "zoe" / ASSIGNMENT / name).write_bytes(content)
    course.autograde()
    make(course.root / "submitted" / "bob" / ASSIGNMENT / "timestamp.txt")
    api = apps.api.NbGraderAPI(CourseDirectory(config=course.config()), config=course.config())
    rows = {
        row["student"]: (row["autograded"], row["timestamp"])
        for row in api.get_submissions(ASSIGNMENT)
    }
    assert rows == {"ada": (True, None), "bob": (True, None), "zoe": (True, "2030-01-02T00:00:00")}


def test_a_class_goes_through_the_exchange_and_back(course, tmp_path):
    """The honest student's feedback arrives, beside one whose hand-in leads to what only staff may
    read.
    """
    config, student = course.config(), pwd.getpwuid(os.getuid()).pw_name
    for setting, name in {"root": "exchange", "cache": "cache", "assignment_dir": "home"}.items():
        (tmp_path / name).mkdir()
        config.Exchange[setting] = str(tmp_path / name)

    def exchange(step):
        one = getattr(ExchangeFactory(config=config), step)
        one(
            coursedir=CourseDirectory(config=config), authenticator=Authenticator(), log=QUIET
        ).start()

    for step in ("ReleaseAssignment", "FetchAssignment", "Submit"):
        exchange(step)
    (course.root / "secret.txt").write_text("what only staff may read")
    inbound = tmp_path / "exchange" / "cs231n" / "inbound"
    config.ExchangeCollect.check_owner = False  # the machine's users are not the tests' to make
    hostile = inbound / f"eve+{ASSIGNMENT}+2020-01-01 00:00:00.000000 UTC+x"
    (hostile / "cs231n_utils").mkdir(parents=True)
    for name in ("cs231n_utils/linear_svm.py", "2_svm.ipynb", "submission_secret.txt"):
        (hostile / name).symlink_to(course.root / "secret.txt")
    os.mkfifo(hostile / "timestamp.txt")
    (inbound / f"zoe+{ASSIGNMENT}+no time").mkdir()
    exchange("Collect")
    course.reports = {student: made_up_report(student), "eve": made_up_report("eve", 0.0)}
    course.autograde()
    course.run(GenerateFeedback)
    exchange("ReleaseFeedback")
    exchange("FetchFeedback")
    fetched = sorted((tmp_path / "home").rglob("feedback/**/*.html"))
    assert [page.name for page in fetched] == [f"{name}.html" for name in NOTEBOOKS]
    assert (
        fetched[1].read_text()
        == (course.root / "feedback" / student / ASSIGNMENT / "2_svm.html").read_text()
    )
    assert len(list((tmp_path / "exchange" / "cs231n" / "feedback").iterdir())) == len(NOTEBOOKS)
    for step in ("submitted", "autograded", "feedback"):
        assert {path.name for path in (course.root / step).iterdir()} == {student, "eve"}
        assert not [
            path
            for path in (course.root / step).rglob("*")
            if path.is_file() and b"staff may read" in path.read_bytes()
        ]


def test_a_folder_of_links_from_an_earlier_collect_is_read_by_nobody(course, tmp_path):
    """Neither the student's folder, nor the assignment's in it, nor what they hold may lead
    elsewhere.
    """
    elsewhere = course.submit(made_up_report("elsewhere")).parent.rename(tmp_path / "elsewhere")
    submitted = course.root / "submitted"
    (submitted / "ann").symlink_to(elsewhere)
    (submitted / "bob").mkdir()
    (submitted / "bob" / ASSIGNMENT).symlink_to(elsewhere / ASSIGNMENT)
    (submitted / "cy" / ASSIGNMENT).mkdir(parents=True)
    for path in (elsewhere / ASSIGNMENT).iterdir():
        (submitted / "cy" / ASSIGNMENT / path.name).symlink_to(path)
    seen = {}
    course.reports = {name: made_up_report(name, 0.0) for name in ("ann", "bob", "cy")}
    course.watch = lambda submission: seen.update({submission.student: submission.files})
    course.autograde()
    assert seen == {"ann": {}, "bob": {}, "cy": {}}
    for student in seen:
        assert "2_svm.ipynb is" in course.notebook(student).cells[0].source


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
    assert (
        course.root / "autograded" / "ada" / ASSIGNMENT / "best_model.npz"
    ).read_bytes() == b"the student's"


def test_no_markup_of_a_student_acts_on_the_pages_that_staff_open(course):
    student = "<img src=x onerror=owned()>"
    folder = course.submit(made_up_report(student, 0.0, message=HOSTILE, notes=(HOSTILE,)))
    (folder / "page.html").write_text(HOSTILE)
    nb = nbformat.read(folder / "2_svm.ipynb", as_version=4)
    question = next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("solution"))
    question.source = f"My answer. {HOSTILE}"
    nb.cells.insert(
        0, new_markdown_cell(HOSTILE, metadata={"tags": ['"><script>window.owned = 4</script>']})
    )
    nb.cells.insert(
        0,
        new_code_cell(
            "1",
            outputs=[
                new_output("display_data", data={"text/html": HOSTILE}),
                new_output("display_data", data={"application/javascript": "window.owned = 5"}),
                new_output("error", ename=HOSTILE, evalue=HOSTILE, traceback=[HOSTILE]),
                new_output("stream", text=HOSTILE),
            ],
        ),
    )
    nbformat.write(nb, folder / "2_svm.ipynb")
    course.autograde("2_svm")
    course.run(GenerateFeedback, "2_svm")
    page = (course.root / "feedback" / student / ASSIGNMENT / "2_svm.html").read_text()
    notebook = (course.root / "autograded" / student / ASSIGNMENT / "2_svm.ipynb").read_text()
    assert "My answer." in page and "&lt;script&gt;window.owned = 1" in page
    assert not Active().of(page)
    assert not any(
        active in text
        for text in (page, notebook)
        for active in ("\x1b]0;", "\\u001b]0;", "\u202e", "\\u202e")
    )
    assert not list((course.root / "autograded").rglob("*.html"))


def test_every_grade_cell_of_the_masters_is_an_exercise(course):
    course.submit(made_up_report("ada"))
    graded = {
        cell.metadata.nbgrader["grade_id"]
        for name in {row.notebook for row in EXERCISES.values()}
        for cell in course.notebook("ada", name, "submitted").cells
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code"
    }
    assert graded == {row.grade_id for row in EXERCISES.values()}
