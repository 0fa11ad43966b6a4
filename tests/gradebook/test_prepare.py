"""What Formgrader shows after `prepare` is what `nbgrader autograde` would have left, and nothing
is graded for it. Marks come from a spreadsheet, too.
"""

from __future__ import annotations

import csv
import io
import logging
import shutil
import sys
from datetime import datetime

import nbformat
import pytest
from nbgrader import apps
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, NOTEBOOKS
from grader.checks.seeds import course_secret
from grader.gradebook import gradebook, marks, rubric
from grader.gradebook.prepare import prepare
from grader.gradebook.totals import read_marks
from grader.grading import pool
from grader.intake.download import open_download
from grader.intake.entries import Clock
from grader.kit import release
from tests.support.course_copy import copy_course, made_up_report, write_student
from tests.support.tars import members

QUIET = logging.getLogger("tests.nbgrader")
QUIET.setLevel(logging.ERROR)
STUB = "*Your answer (double-click here to write):*"


class Course:
    """A course with a class that `grade` has graded, with made-up reports."""

    def __init__(self, root):
        self.root, self.results = root, root / "results"
        self.submitted = root / "submitted"
        self.database = root / "gradebook.db"
        self.reports = {}

    def hand_in(self, student, answer=None, archive="", without=(), **report):
        """Hand in the kit, with the same answer in each notebook."""
        folder = self.submitted / student / ASSIGNMENT
        shutil.copytree(self.root / "release" / ASSIGNMENT, folder)
        for name in NOTEBOOKS:
            path = folder / f"{name}.ipynb"
            if name in without:
                path.unlink()
            elif answer is not None:
                path.write_text(path.read_text().replace(STUB, answer))
        if archive:
            shutil.make_archive(
                self.submitted / student, archive, self.submitted / student, ASSIGNMENT
            )
            shutil.rmtree(self.submitted / student)
        self.reports[student] = made_up_report(student, **report)

    def grade(self):
        self.results.mkdir(exist_ok=True)
        for report in self.reports.values():
            write_student(self.results, report)
        with gradebook.open_gradebook(self.database, self.root) as book:
            gradebook.write(book, self.reports.values(), course=self.root)

    def prepare(self):
        with open_download(self.submitted, Clock(secret=course_secret())) as download:
            return prepare(download.students, self.results, course=self.root)

    def book(self):
        return Gradebook(f"sqlite:///{self.database}", "cs231n")

    def notebook(self, student, name="2_svm"):
        path = self.root / "autograded" / student / ASSIGNMENT / f"{name}.ipynb"
        return nbformat.read(path, as_version=4)

    def grades(self, student):
        with self.book() as book:
            return [
                (found.auto_score, found.needs_manual_grade)
                for name in NOTEBOOKS
                for found in [book.find_grade(f"{name}_question", name, ASSIGNMENT, student)]
            ]


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    before = list(sys.path)
    course = copy_course(tmp_path_factory.mktemp("course"))
    release.release(tmp_path_factory.mktemp("out"), course)
    yield course
    sys.path[:] = before  # nbgrader_config.py of the copy has put itself there


def copied(released, to):
    root = shutil.copytree(released, to / "course")
    (root / "submitted").mkdir()
    yield Course(root)
    sys.path[:] = [entry for entry in sys.path if entry != str(root)]


@pytest.fixture
def course(released, tmp_path):
    yield from copied(released, tmp_path)


def test_a_prepared_notebook_is_the_one_that_autograde_writes(course, monkeypatch):
    course.hand_in("ann", "Because of the kink.", share=0.5, notes=("A note.",))
    course.grade()
    done = course.prepare()
    assert (done.students, done.not_done, done.remarks) == (1, [], [])
    prepared = {name: course.notebook("ann", name) for name in NOTEBOOKS}
    shutil.rmtree(course.root / "autograded")
    monkeypatch.setattr(pool, "grade_one", lambda one: course.reports[one.student])
    config = gradebook.course_config(course.root)
    config.CourseDirectory.assignment_id = ASSIGNMENT
    apps.autogradeapp.Autograde(
        coursedir=CourseDirectory(config=config), config=config, log=QUIET, force=True
    ).start()
    for name in NOTEBOOKS:
        ours, theirs = prepared[name], course.notebook("ann", name)
        assert [dict(cell) for cell in ours.cells] == [dict(cell) for cell in theirs.cells]
        assert (ours.nbformat, ours.nbformat_minor) == (theirs.nbformat, theirs.nbformat_minor)
    assert course.grades("ann") == [(None, True)] * len(NOTEBOOKS)


@pytest.mark.parametrize("archive", ["zip", "gztar"])
def test_an_archive_is_prepared_like_a_folder(course, archive):
    course.hand_in("ann", "The same words.")
    course.hand_in("bob", "The same words.", archive=archive)
    course.grade()
    assert course.prepare().students == 2
    for name in NOTEBOOKS:
        assert [cell.source for cell in course.notebook("ann", name).cells] == [
            cell.source for cell in course.notebook("bob", name).cells
        ]


def test_a_blank_answer_has_no_points_and_one_that_was_written_waits(course):
    course.hand_in("ann", "Because.")
    course.hand_in("bob")
    course.hand_in("cy", " \\n ")
    course.hand_in("di", without=NOTEBOOKS[:1])
    course.grade()
    done = course.prepare()
    assert done.blank == 3 * len(NOTEBOOKS) and len(done.remarks) == 1
    assert course.grades("ann") == [(None, True)] * len(NOTEBOOKS)
    assert course.grades("bob") == course.grades("cy") == [(0.0, False)] * len(NOTEBOOKS)
    with course.book() as book:
        assert read_marks(book)["bob"].unmarked == 0
        comment = book.find_comment("2_svm_question", "2_svm", ASSIGNMENT, "bob")
        assert comment.comment == "No response."


def test_an_answer_that_changed_since_it_was_marked_is_looked_at_again(course):
    course.hand_in("ann", "Because.")
    course.grade()
    course.prepare()
    with course.book() as book:
        for name in NOTEBOOKS:
            found = book.find_grade(f"{name}_question", name, ASSIGNMENT, "ann")
            found.manual_score, found.needs_manual_grade = 1.5, False
        book.db.commit()
    assert course.prepare().changed == []
    assert not any(waits for _, waits in course.grades("ann"))
    path = course.submitted / "ann" / ASSIGNMENT / "2_svm.ipynb"
    path.write_text(path.read_text().replace("Because.", "For another reason."))
    assert course.prepare().changed == [("ann", "2_svm_question")]
    assert [waits for _, waits in course.grades("ann")] == [False, True, False, False, False]


def test_who_cannot_be_prepared_is_named_and_the_others_are(course):
    course.hand_in("ann", "Because.")
    course.hand_in("bob\x1b[31m", "Because.")
    course.grade()
    shutil.copytree(course.submitted / "ann", course.submitted / "late")
    done = course.prepare()
    assert done.students == 1
    assert [sentence.partition(":")[0] for sentence in done.not_done] == ["bob�[31m", "late"]
    assert "grade first" in done.not_done[1]


@pytest.mark.parametrize("name", ["x/2_svm.ipynb", "__MACOSX/2_svm.ipynb", "a/.hidden/2_svm.ipynb"])
def test_a_damaged_archive_or_notebook_stops_nobody(course, name):
    course.hand_in("ann", "Because.")
    course.hand_in("bob", "Because.")
    shutil.rmtree(course.submitted / "bob")
    (course.submitted / "bob.tar").write_bytes(members({name: b"{"}))
    course.grade()
    done = course.prepare()
    assert done.students + len(done.not_done) == 2 and course.notebook("ann")
    if done.not_done:
        assert "bob: It holds no file of the kit" in done.not_done[0]
    else:
        text = "\n".join(cell.source for cell in course.notebook("bob").cells)
        assert "2_svm.ipynb" in text


def test_the_time_of_a_hand_in_and_the_secret_of_feedback_are_passed_on(course):
    course.hand_in("ann", "Because.")
    folder = course.submitted / "ann" / ASSIGNMENT
    time = datetime(2026, 11, 20, 12)
    for name, content in gradebook.hand_in_time(time, "ann", ASSIGNMENT).items():
        (folder / name).write_bytes(content)
    (folder / "submission_secret.txt").write_text("0123456789abcdef" * 4)
    course.grade()
    course.prepare()
    there = course.root / "autograded" / "ann" / ASSIGNMENT
    assert (there / "timestamp.txt").read_text() == "2026-11-20 12:00:00.000000 UTC"
    assert (there / "submission_secret.txt").exists()


# --- the rubric -----------------------------------------------------------------------------------


def test_every_question_has_a_rubric_that_adds_up_to_its_points(course):
    course.hand_in("ann", "Because.")
    course.grade()
    with course.book() as book:
        points = {answer.question: answer.max_points for answer in marks.answers(book)}
    found = rubric.rubric()
    assert {name: sum(line.points for line in lines) for name, lines in found.items()} == points
    assert all(len(line.text) > 20 for lines in found.values() for line in lines)


def test_formgrader_shows_the_rubric_below_the_answer_and_feedback_never_does(course):
    course.hand_in("ann", "Because.")
    course.grade()
    course.prepare()
    notebook = course.notebook("ann")
    words = rubric.rubric()["2_svm_question"][0].text
    shown, _ = rubric.ShowRubric().preprocess(course.notebook("ann"), {"submission_id": "1"})
    sources = [cell.source for cell in shown.cells]
    assert words in sources[sources.index("Because.") + 1]
    assert len(shown.cells) == len(notebook.cells) + 1
    feedback, _ = rubric.ShowRubric().preprocess(course.notebook("ann"), {"nbgrader": {}})
    assert feedback == notebook
    assert words not in "\n".join(cell.source for cell in notebook.cells)


# --- marks in a spreadsheet -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def handed_in(released, tmp_path_factory):
    """Four students, two with the same answers, one without any."""
    yield from map(ready, copied(released, tmp_path_factory.mktemp("marks")))


def ready(course):
    course.hand_in("ann", "Because of the kink.")
    course.hand_in("bob", "because  of the KINK.")
    course.hand_in("=cy", "=HYPERLINK(1)\\n;@x")
    course.hand_in("007")
    course.grade()
    course.prepare()
    return course


@pytest.fixture
def marked(handed_in, tmp_path):
    """The same, with a gradebook of its own."""
    one = Course(handed_in.root)
    one.database = shutil.copy(handed_in.database, tmp_path / "gradebook.db")
    return one


def given_out(course):
    with course.book() as book:
        text, unprepared = marks.table(
            marks.answers(book), gradebook.autograded_folder(course.root)
        )
    assert unprepared == 0
    return text


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def taken(course, content):
    with course.book() as book:
        return marks.take_in(book, content if isinstance(content, bytes) else content.encode())


def scores(course, student):
    with course.book() as book:
        return [
            book.find_grade(f"{name}_question", name, ASSIGNMENT, student).manual_score
            for name in NOTEBOOKS
        ]


def filled(rows, changes, delimiter=","):
    """The rows as a table again, with values for some cells by (student, question number)."""
    file = io.StringIO()
    writer = csv.DictWriter(file, rows[0].keys(), delimiter=delimiter)
    writer.writeheader()
    for row in rows:
        writer.writerow({**row, **changes.get((row["student"], row["question"][0]), {})})
    return file.getvalue()


def test_a_table_has_each_answer_once_with_equal_ones_in_a_group(marked):
    rows = read(given_out(marked))
    assert len(rows) == 4 * len(NOTEBOOKS)
    groups = {(row["student"], row["question"][0]): row["group"] for row in rows}
    assert groups["ann", "2"] == groups["bob", "2"] != groups["'=cy", "2"]
    assert {groups["007", number] for number in "12345"} == {"blank"}
    # The largest group comes first, and blank answers last.
    assert [row["student"] for row in rows[:4]] == ["ann", "bob", "'=cy", "007"]
    assert rows[0]["for_the_marker"].startswith("[0.5] The step crosses a kink")
    assert not any(row["for_the_marker"] for row in rows[1:4])
    assert rows[2]["answer"] == "'=HYPERLINK(1)\n;'@x" and rows[3]["points"] == "0"


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("cp1252", "replace"),
    ],
)
@pytest.mark.parametrize("delimiter, points", [(",", "1.5"), (";", "1,5"), ("\t", "1,5")])
def test_a_table_is_taken_in_as_spreadsheets_save_it(marked, encode, delimiter, points):
    rows = read(given_out(marked))
    one = {"points": points, "comment": "Schön gesagt."}
    content = filled(rows, {("ann", "2"): one, ("'=cy", "2"): {"points": "0"}}, delimiter)
    done = taken(marked, encode(content))
    assert (done.marked, done.by_group, done.undecided) == (3, 1, [])
    assert done.waiting == 3 * len(NOTEBOOKS) - 3
    assert scores(marked, "ann")[1] == scores(marked, "bob")[1] == 1.5
    assert scores(marked, "=cy")[1] == 0 and scores(marked, "007") == [None] * len(NOTEBOOKS)
    with marked.book() as book:
        for student in ("ann", "bob"):
            comment = book.find_comment("2_svm_question", "2_svm", ASSIGNMENT, student)
            assert comment.comment == "Schön gesagt."
    assert taken(marked, encode(content)).marked == 0


def test_what_a_table_gives_out_changes_nothing_when_it_comes_back(marked):
    taken(marked, filled(read(given_out(marked)), {("ann", "2"): {"points": "1.5"}}))
    before = scores(marked, "bob")
    text = given_out(marked)
    assert taken(marked, text).marked == 0 and scores(marked, "bob") == before


def test_blank_answers_are_marked_one_by_one(course):
    for student in ("ann", "bob"):
        course.hand_in(student)
    course.grade()
    course.prepare()
    empty = {"points": "", "comment": ""}
    changes = {
        ("ann", "2"): {"points": "1", "comment": "Told me."},
        ("bob", "2"): empty,
        ("ann", "3"): {"points": "0.5"},
        ("bob", "3"): {"points": "1"},
    }
    done = taken(course, filled(read(given_out(course)), changes))
    assert (done.marked, done.by_group, done.undecided) == (3, 0, [])
    assert scores(course, "ann")[1] == 1 and scores(course, "bob")[1] is None
    with course.book() as book:
        comment = book.find_comment("2_svm_question", "2_svm", ASSIGNMENT, "bob")
        assert comment.manual_comment is None


def test_a_group_with_different_marks_is_left_open(course):
    for student in ("ann", "bob", "dee"):
        course.hand_in(student, "Because of the kink.")
    course.grade()
    course.prepare()
    changes = {("ann", "2"): {"points": "1"}, ("bob", "2"): {"points": "2"}}
    done = taken(course, filled(read(given_out(course)), changes))
    assert len(done.undecided) == 1 and scores(course, "dee")[1] is None


def test_zeros_that_a_spreadsheet_dropped_are_found_again(marked):
    rows = [{**row, "student": row["student"].lstrip("0")} for row in read(given_out(marked))]
    taken(marked, filled(rows, {("7", "2"): {"points": "1"}}))
    assert scores(marked, "007")[1] == 1


@pytest.mark.parametrize(
    "change, says",
    [
        ({"points": "2.5"}, "row 2: 2.5 points for 1_gradient_check_question, which is worth 2"),
        ({"points": "-1"}, "row 2: '-1' are no points"),
        ({"points": "nan"}, "row 2: 'nan' are no points"),
        ({"points": "=1+1"}, "row 2: '=1+1' are no points"),
        ({"student": "nobody"}, "row 2: the gradebook has no answer of 'nobody'"),
        ({"question": "6"}, "row 2: the gradebook has no answer of 'ann' to '6'"),
        ({"student": "bob"}, "row 3: a second row of 'bob'"),
    ],
)
def test_a_table_with_a_wrong_row_is_refused_as_a_whole(marked, change, says):
    rows = read(given_out(marked))
    rows[0] |= change
    with pytest.raises(marks.MarksWrong) as caught:
        taken(marked, filled(rows, {("bob", "2"): {"points": "1"}}))
    assert says in str(caught.value) and "Nothing was stored" in str(caught.value)
    assert scores(marked, "bob") == [None] * len(NOTEBOOKS)


@pytest.mark.parametrize("content", [b"", b"\0\0", b"a,b\n1,2", b"\xff\xfe\x00", b'"' * 200_000])
def test_what_is_no_table_of_marks_is_refused(marked, content):
    with pytest.raises(marks.MarksWrong):
        taken(marked, content)


def test_an_exercise_is_no_question_to_mark(marked):
    assert not {row["question"] for row in read(given_out(marked))} & EXERCISES.keys()
