"""nbgrader's sums are our totals: penalties, points of staff and dates in its database."""

from __future__ import annotations

import csv
import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin
from sqlalchemy import event

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.course import overrides
from grader.course.final import Marks, Rules, Status, WrittenAnswer, finals
from grader.course.overrides import Overrides
from grader.course.settings import parse
from grader.gradebook import gradebook
from grader.gradebook.totals import read_marks, spread, store_grades
from grader.intake.hand_ins import HandIn
from tests.support.course_copy import copy_course, made_up_report

SVM = "svm_loss_naive"
COURSE_FILE = """
timezone = "Europe/Zurich"
due = 2026-11-20T23:59:00

[late]
percent_a_day = 10
most_percent = 50
cut_off = 2026-12-01

[extensions]
ext = 2026-11-24T12:00:00

[excused]
ill = true
"""
RULES = Rules(parse(COURSE_FILE))
# Student -> hand-in time in UTC, share of the points, points of each written answer.
CLASS = {
    "ann": ("2026-11-20 10:00", 1.0, 2.0),
    "bob": ("2026-11-22 10:00", 0.5, 1.5),
    "cap": ("2026-11-28 10:00", 0.3, 0.25),
    "cut": ("2026-12-03 10:00", 1.0, 2.0),
    "ext": ("2026-11-24 10:00", 0.7, 1.0),
    "ill": ("2026-11-25 10:00", 0.0, 0.0),
    "low": ("2026-11-29 10:00", 0.0, 0.0),
}
REPORTS = [made_up_report(student, share) for student, (_, share, _) in CLASS.items()]
TIMES = {
    student: datetime.fromisoformat(time).replace(tzinfo=UTC)
    for student, (time, *_) in CLASS.items()
}
HAND_INS = {student: HandIn(student, handed_in=time) for student, time in TIMES.items()}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    before = list(sys.path)
    yield copy_course(tmp_path_factory.mktemp("course"))
    sys.path[:] = before  # nbgrader_config.py of the copy has put itself there


@pytest.fixture(scope="module")
def fresh(course, tmp_path_factory):
    """A gradebook with the class in it, copied for each test."""
    path = tmp_path_factory.mktemp("database") / "gradebook.db"
    with gradebook.open_gradebook(path, course) as book:
        naive = {student: time.replace(tzinfo=None) for student, time in TIMES.items()}
        gradebook.write(book, REPORTS, naive, course, late_penalties=False)
    return path


@pytest.fixture
def book(fresh, tmp_path):
    path = shutil.copy(fresh, tmp_path / "gradebook.db")
    with Gradebook(f"sqlite:///{path}", "cs231n") as book:
        yield book


def mark(book, students=CLASS):
    """Mark the written answers of these students, as Formgrader does."""
    for student in students:
        for notebook in NOTEBOOKS:
            found = book.find_grade(f"{notebook}_question", notebook, ASSIGNMENT, student)
            found.manual_score, found.needs_manual_grade = CLASS[student][2], False
    book.db.commit()


def graded(book, rules=RULES, hand_ins=HAND_INS):
    """The final grades that hold now, after they are stored."""
    grades = finals(REPORTS, hand_ins, read_marks(book), rules)
    store_grades(book, grades, rules)
    return {grade.student: grade for grade in grades}


def exported(book, folder) -> dict[str, dict[str, str]]:
    """What `nbgrader export` writes, by student."""
    plugin = CsvExportPlugin(to=str(folder / "export.csv"))
    plugin.export(book)
    with open(folder / "export.csv", newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def expect_same(book, folder, grades):
    rows = exported(book, folder)
    known = {student: grade for student, grade in grades.items() if grade.total is not None}
    assert known
    for student, grade in known.items():
        assert float(rows[student]["score"]) == pytest.approx(grade.total, abs=1e-9), student
        assert float(rows[student]["late_submission_penalty"]) == pytest.approx(grade.penalty)
        assert float(rows[student]["max_score"]) == grade.max_total


def test_the_export_of_nbgrader_has_our_totals(book, tmp_path):
    mark(book)
    grades = graded(book)
    half = MAX_SCORE / 2
    assert {student: (grade.penalty, grade.total) for student, grade in grades.items()} == {
        "ann": (0, MAX_SCORE + 10),
        "bob": (20, 1.5 * half + 7.5 - 20),
        "cap": (50, pytest.approx(1.3 * half + 1.25 - 50)),
        "cut": (MAX_SCORE + 10, 0),
        "ext": (0, pytest.approx(1.7 * half + 5)),
        "ill": (0, None),
        "low": (half, 0),
    }
    expect_same(book, tmp_path, grades)


def test_no_notebook_loses_more_than_it_has_earned(book):
    mark(book)
    graded(book)
    for submission in book.find_assignment(ASSIGNMENT).submissions:
        for notebook in submission.notebooks:
            assert 0 <= (notebook.late_submission_penalty or 0) <= notebook.score


def test_a_change_of_the_rules_changes_the_gradebook_and_back(book, tmp_path):
    mark(book)
    before = graded(book)
    mild = Rules(parse(COURSE_FILE.replace("percent_a_day = 10", "percent_a_day = 1")))
    after = graded(book, mild)
    assert (before["bob"].penalty, after["bob"].penalty) == (20, 2)
    expect_same(book, tmp_path, after)
    assert graded(book) == before
    expect_same(book, tmp_path, before)


def test_dates_are_those_of_the_course(book):
    graded(book)
    assignment = book.find_assignment(ASSIGNMENT)
    assert assignment.duedate == datetime(2026, 11, 20, 22, 59)  # in UTC
    late = {one.student_id: one for one in assignment.submissions}
    assert late["ext"].extension == timedelta(days=3, hours=12, minutes=1)
    assert late["ext"].total_seconds_late == 0 < late["bob"].total_seconds_late
    withdrawn = parse(COURSE_FILE.replace("ext = 2026-11-24T12:00:00", ""))
    graded(book, Rules(withdrawn))
    assert book.find_submission(ASSIGNMENT, "ext").extension is None


def test_without_dates_nbgraders_own_stay(book):
    assignment = book.find_assignment(ASSIGNMENT)
    assignment.duedate = datetime(2026, 11, 1)
    notebook = book.find_submission_notebook("2_svm", ASSIGNMENT, "ann")
    notebook.late_submission_penalty = 3.5
    book.db.commit()
    mark(book)
    grades = graded(book, Rules())
    assert book.find_assignment(ASSIGNMENT).duedate == datetime(2026, 11, 1)
    assert (grades["ann"].penalty, grades["ann"].total) == (3.5, MAX_SCORE + 10 - 3.5)


def test_who_handed_in_nothing_is_listed_by_nbgrader_with_no_points(book, tmp_path):
    mark(book)
    grades = graded(book, hand_ins={**HAND_INS, "none": HandIn("none")})
    assert grades["none"].status is Status.MISSING
    expect_same(book, tmp_path, grades)
    assert exported(book, tmp_path)["none"]["score"] == "0.0"


@pytest.mark.parametrize(
    "name, first, last",
    [
        ("Ann Maria Li", "Ann Maria", "Li"),
        ("Plato", "", "Plato"),
        ("=HYPERLINK(1) -Li", "'=HYPERLINK(1)", "'-Li"),
        ("a\x1b[31m " + "b" * 500, "a�[31m", "b" * 128),
    ],
)
def test_nbgrader_lists_students_by_name_and_address(book, name, first, last):
    known = {"ann": HandIn("ann", name, "ann@x.org"), "none": HandIn("none", name, "n@x.org")}
    graded(book, hand_ins={**HAND_INS, **known})
    for student, one in known.items():
        row = book.find_student(student)
        assert (row.first_name, row.last_name, row.email) == (first, last, one.email)
    assert book.find_student("bob").last_name is None


def test_names_that_staff_have_written_stay(book):
    book.update_or_create_student("ann", first_name="Anna")
    graded(book, hand_ins={**HAND_INS, "ann": HandIn("ann", "Ann Li", "ann@x.org")})
    row = book.find_student("ann")
    assert (row.first_name, row.last_name, row.email) == ("Anna", None, "ann@x.org")


# --- points of staff ------------------------------------------------------------------------------


def with_points(*points: float | None) -> Rules:
    entries = (
        overrides.new("bob", SVM, value, "Appeal.", "Ada", datetime(2026, 11, 24, tzinfo=UTC))
        for value in points
    )
    return replace(RULES, overrides=Overrides(tuple(entries)))


def svm(book):
    book.db.expire_all()
    found = book.find_grade(SVM, "2_svm", ASSIGNMENT, "bob")
    return found.manual_score, found.score, found.needs_manual_grade


def test_points_of_staff_are_kept_through_a_regrade_and_can_be_taken_back(book, tmp_path, course):
    mark(book)
    given = 0.75 * EXERCISES[SVM].points
    rules = with_points(11)
    grades = graded(book, rules)
    assert svm(book) == (11, 11, False)
    expect_same(book, tmp_path, grades)
    # A regrade with other points: nbgrader would ask for a second look.
    gradebook.write(book, [made_up_report("bob", 0.1)], course=course, late_penalties=False)
    grades = graded(book, rules)
    assert svm(book) == (11, 11, False) and grades["bob"].status is Status.GRADED
    gradebook.write(book, [made_up_report("bob", 0.5)], course=course, late_penalties=False)
    grades = graded(book, with_points(11, None))
    assert svm(book) == (None, given, False)
    assert grades["bob"].points[SVM] == given
    expect_same(book, tmp_path, grades)


def test_what_a_person_set_in_formgrader_stays_when_other_points_are_taken_back(book):
    found = book.find_grade(SVM, "2_svm", ASSIGNMENT, "bob")
    found.manual_score, found.needs_manual_grade = 9.0, False
    book.db.commit()
    grades = graded(book, with_points(11, None))
    assert svm(book) == (9, 9, False) and grades["bob"].points[SVM] == 9


# --- marks ----------------------------------------------------------------------------------------


def test_marks_are_read_as_people_left_them(book):
    mark(book, ["ann"])
    found = book.find_grade(SVM, "2_svm", ASSIGNMENT, "bob")
    found.manual_score, found.extra_credit, found.needs_manual_grade = 9.0, 0.5, True
    answer = book.find_grade("2_svm_question", "2_svm", ASSIGNMENT, "bob")
    answer.auto_score, answer.needs_manual_grade = 0.0, False  # as nbgrader marks no answer
    book.find_comment("2_svm_question", "2_svm", ASSIGNMENT, "ann").manual_comment = "Well said."
    book.find_comment("2_svm_question", "2_svm", ASSIGNMENT, "bob").auto_comment = "No response."
    book.db.commit()
    marks = read_marks(book)
    said = {"ann": "Well said.", "bob": "No response."}
    answers = {
        student: tuple(
            WrittenAnswer(name, points[name == "2_svm"], 2.0, text if name == "2_svm" else "")
            for name in NOTEBOOKS
        )
        for student, points, text in (("ann", (2, 2), said["ann"]), ("bob", (None, 0), said["bob"]))
    }
    assert marks["ann"] == Marks(
        written=10, unmarked=0, handed_in=TIMES["ann"], answers=answers["ann"]
    )
    assert marks["bob"] == Marks(
        {SVM: 9.0},
        0.5,
        0.0,
        len(NOTEBOOKS) - 1,
        frozenset([SVM]),
        handed_in=TIMES["bob"],
        answers=answers["bob"],
    )
    assert marks.keys() == CLASS.keys()
    assert read_marks(book, ["bob", "nobody"]) == {"bob": marks["bob"]}


def test_marks_and_grades_take_a_few_statements_for_any_class(book):
    statements = []
    event.listen(book.engine, "before_cursor_execute", lambda *of: statements.append(of[2]))
    graded(book)
    first = len(statements)
    graded(book)
    assert first <= 12 and len(statements) - first <= 10
    assert not [text for text in statements[first:] if text.startswith("UPDATE submitted")]


def test_marks_of_some_students_are_found_without_reading_those_of_all_others(book):
    statements = []
    event.listen(book.engine, "before_cursor_execute", lambda *of: statements.append(of[2:4]))
    read_marks(book, ["ann"])
    plans = [
        step[-1]
        for statement, values in tuple(statements)
        for step in book.db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    ]
    of_students = "grade", "comment", "submitted_assignment", "submitted_notebook"
    assert len(plans) > len(statements) > 0
    assert not [step for step in plans if step in {f"SCAN {table}" for table in of_students}]


POINTS = st.integers(0, 100_000_000).map(lambda number: number / 1e6)


@given(st.lists(POINTS, min_size=1, max_size=6), st.floats(0, 1))
def test_parts_of_a_penalty_add_up_to_it_and_stay_within_the_scores(scores, share):
    penalty = round(share * sum(scores), 6)
    parts = spread(penalty, scores)
    assert sum(parts) == pytest.approx(penalty, abs=1e-9)
    assert all(0 <= part <= score + 1e-5 for part, score in zip(parts, scores, strict=True))


@pytest.mark.parametrize("scores", [[], [0.0, 0.0], [-1.0, 0.0]])
def test_nothing_is_taken_where_nothing_was_earned(scores):
    assert spread(5.0, scores) == [0.0] * len(scores)
