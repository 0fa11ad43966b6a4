"""Grades and pages that go back through nbgrader: its exchange, and its command `export`."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import sys

import pytest
from nbgrader.apps.exportapp import ExportApp
from nbgrader.auth import Authenticator
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory

from cs231n_utils.exercises import ASSIGNMENT, MAX_SCORE, NOTEBOOKS
from grader.__main__ import main
from grader.checks.seeds import course_secret
from grader.course.final import Rules
from grader.course.settings import parse
from grader.gradebook import exchange_feedback, export_plugin, gradebook
from grader.gradebook.exchange_feedback import lay_pages
from grader.gradebook.prepare import prepare
from grader.intake.download import open_download
from grader.intake.entries import Clock
from grader.kit import release
from tests.support.course_copy import copy_course, made_up_report, write_student
from tests.support.gradebook_files import CANVAS, MOODLE, canvas_takes, moodle_takes, results

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Cell is missing an id")]
QUIET = logging.getLogger("tests.giving_back")
QUIET.setLevel(logging.ERROR)
ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    before = list(sys.path)
    course = copy_course(tmp_path_factory.mktemp("course"))
    release.release(tmp_path_factory.mktemp("out"), course)
    yield course
    sys.path[:] = before  # nbgrader_config.py of the copy has put itself there


@pytest.fixture
def root(released, tmp_path):
    root = shutil.copytree(released, tmp_path / "course")
    yield root
    sys.path[:] = [entry for entry in sys.path if entry != str(root)]


def graded(root, *reports):
    """What `grade` leaves: pages, reports and a gradebook."""
    for report in reports:
        write_student(root / "results", report)
    with gradebook.open_gradebook(root / "gradebook.db", root) as book:
        gradebook.write(book, reports, course=root)


@pytest.fixture
def exchange(root, tmp_path):
    """Runs the steps of nbgrader's exchange, for staff and for the one student of this machine."""
    config = gradebook.course_config(root)
    config.CourseDirectory.assignment_id = ASSIGNMENT
    for setting, name in {"root": "exchange", "cache": "cache", "assignment_dir": "home"}.items():
        (tmp_path / name).mkdir()
        config.Exchange[setting] = str(tmp_path / name)

    def run(step):
        one = getattr(ExchangeFactory(config=config), step)
        one(
            coursedir=CourseDirectory(config=config), authenticator=Authenticator(), log=QUIET
        ).start()

    for step in ("ReleaseAssignment", "FetchAssignment", "Submit", "Collect"):
        run(step)
    # Somebody whose work came in another way.
    shutil.copytree(root / "release" / ASSIGNMENT, root / "submitted" / "zoe" / ASSIGNMENT)
    graded(root, made_up_report(ME, 0.5), made_up_report("zoe"))
    with open_download(root / "submitted", Clock(secret=course_secret())) as download:
        prepare(download.students, root / "results", course=root)
    return run


def fetched(tmp_path):
    return {page.stem: page for page in (tmp_path / "home").rglob("feedback/**/*.html")}


def test_the_pages_of_grading_reach_the_student_through_the_exchange(exchange, root, tmp_path):
    umask = os.umask(0o077)
    try:
        laid = lay_pages(root / "results", root)
    finally:
        os.umask(umask)
    assert laid.students == 1
    assert laid.left_out == {
        "zoe": "not handed in with `nbgrader submit` (no submission_secret.txt)"
    }
    exchange("ReleaseFeedback")
    exchange("FetchFeedback")
    pages = fetched(tmp_path)
    ours = (root / "results" / ME / "feedback.html").read_bytes()
    assert pages.keys() == set(NOTEBOOKS)
    assert {page.read_bytes() for page in pages.values()} == {ours}
    outbound = list((tmp_path / "exchange" / "cs231n" / "feedback").iterdir())
    assert len(outbound) == len(NOTEBOOKS)
    assert all(page.stat().st_mode & 0o004 for page in outbound)


def test_nbgraders_own_pages_of_a_graded_class_reach_the_student(exchange, root, tmp_path):
    config = gradebook.course_config(root)
    config.CourseDirectory.assignment_id = ASSIGNMENT
    config.CourseDirectory.student_id = ME
    GenerateFeedback(coursedir=CourseDirectory(config=config), config=config, log=QUIET).start()
    exchange("ReleaseFeedback")
    exchange("FetchFeedback")
    pages = fetched(tmp_path)
    assert pages.keys() == set(NOTEBOOKS)
    # What the checks said stands in the notebook.
    assert "Try X.T." in pages["2_svm"].read_text()


def test_who_has_no_page_yet_is_named(exchange, root):
    (root / "results" / ME / "feedback.html").unlink()
    laid = lay_pages(root / "results", root)
    assert laid.students == 0
    assert "grade first" in laid.left_out[ME]


def test_the_command_says_whose_pages_can_be_released(capsys, monkeypatch):
    laid = exchange_feedback.Laid(2, {"zoe\x1b": "no secret"})
    monkeypatch.setattr(exchange_feedback, "lay_pages", lambda results: laid)
    assert main(["feedback", "--results", "results"]) == 0
    said = capsys.readouterr()
    assert "No page of zoe�: no secret." in said.err
    assert "2 students lie in nbgrader's feedback/, 1 left out. Release them: nbgrader" in said.out
    laid.students, laid.left_out = 0, {}
    assert main(["feedback", "--results", "results"]) == 2
    assert "Run `prepare` first" in capsys.readouterr().err


# --- nbgrader export ------------------------------------------------------------------------------


def export(root, file, *more, rules=None, monkeypatch=None):
    """Run `nbgrader export` in the course with our plugin."""
    if monkeypatch:
        monkeypatch.setattr(export_plugin, "load_rules", lambda: rules)
    app = ExportApp()
    app.initialize(
        [
            "--exporter=grader.gradebook.export_plugin.PlatformExport",
            f"--to={file}",
            f"--CourseDirectory.root={root}",
            f"--db=sqlite:///{root / 'gradebook.db'}",
            "--course=cs231n",
            *more,
        ]
    )
    app.start()


def mark_all(root, student):
    with gradebook.existing_gradebook(root / "gradebook.db") as book:
        for notebook in book.find_submission(ASSIGNMENT, student).notebooks:
            question = book.find_grade(
                f"{notebook.name}_question", notebook.name, ASSIGNMENT, student
            )
            question.manual_score, question.needs_manual_grade = 1.5, False
            if notebook.name == "2_svm":
                notebook.late_submission_penalty = 3.0
        book.db.commit()


def test_nbgraders_export_fills_in_a_file_with_nbgraders_totals(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    graded(root, *map(made_up_report, ("annli", "bo", "eve")))
    mark_all(root, "annli")
    mark_all(root, "eve")
    file = tmp_path / "canvas.csv"
    file.write_text(CANVAS)
    rules = Rules(parse('title = "Loss functions"\n[excused]\neve = "ill"\n'))
    export(root, file, rules=rules, monkeypatch=monkeypatch)
    # Bo's written answers wait.
    assert canvas_takes((tmp_path / "canvas-graded.csv").read_bytes(), "555") == {
        "1001": f"{MAX_SCORE + 5 * 1.5 - 3:g}",
        "1003": "EX",
    }


def test_nbgraders_export_finds_people_by_the_ids_of_their_hand_ins(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    graded(root, made_up_report("annli"))
    mark_all(root, "annli")
    (tmp_path / "moodle.csv").write_text(MOODLE)
    ids = results(tmp_path / "results", {}, ("annli,,,moodle,2,,,,x,yes,",))
    export(
        root,
        tmp_path / "moodle.csv",
        f"--PlatformExport.results={ids}",
        rules=Rules(),
        monkeypatch=monkeypatch,
    )
    headers = ("Identifier", "Grade", "Maximum grade")
    filled = (tmp_path / "moodle-graded.csv").read_bytes()
    assert moodle_takes(filled, headers, ".") == {"2": MAX_SCORE + 5 * 1.5 - 3}


def test_nbgraders_export_says_why_it_cannot_fill_in_a_file(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    graded(root, made_up_report("annli"))
    with pytest.raises(SystemExit, match="No such file"):
        export(root, tmp_path / "nothing.csv")
    (tmp_path / "canvas.csv").write_text(CANVAS)
    with pytest.raises(SystemExit, match="several columns"):
        export(root, tmp_path / "canvas.csv", rules=Rules(), monkeypatch=monkeypatch)
