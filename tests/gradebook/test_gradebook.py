"""Reports reach nbgrader's database, and what staff wrote there stays."""

import os
import shutil
import sys
import threading
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import inspect, text

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.course.final import auto_score
from grader.gradebook import gradebook
from grader.report import Check, ExerciseReport, Verdict
from tests.support.course_copy import copy_course, made_up_report
from tests.support.gradebook_rows import rows


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    before = list(sys.path)
    yield copy_course(tmp_path_factory.mktemp("course"))
    sys.path[:] = before  # nbgrader_config.py of the copy has put itself there


@pytest.fixture(scope="module")
def fresh(course, tmp_path_factory):
    """A new gradebook with the assignment in it, copied for each test."""
    path = tmp_path_factory.mktemp("database") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")  # where nbgrader would look for the program alembic
        gradebook.open_gradebook(path, course).close()
    return path


@pytest.fixture
def book(fresh, tmp_path):
    path = shutil.copy(fresh, tmp_path / "gradebook.db")
    with Gradebook(f"sqlite:///{path}", "cs231n") as book:
        yield book


@pytest.fixture
def write(book, course):
    return lambda *reports, **more: gradebook.write(book, reports, course=course, **more)


def grade(book: Gradebook, name: str, student: str = "ada"):
    """The grade of an exercise, or of the written question of a notebook."""
    if name in EXERCISES:
        return book.find_grade(
            EXERCISES[name].grade_id, EXERCISES[name].notebook, ASSIGNMENT, student
        )
    return book.find_grade(name, name.removesuffix("_question"), ASSIGNMENT, student)


def test_a_new_gradebook_knows_every_exercise_with_its_points(book):
    cells = {
        (notebook.name, cell.name): cell.max_score
        for notebook in book.find_assignment(ASSIGNMENT).notebooks
        for cell in notebook.grade_cells
    }
    assert cells == {
        **{(row.notebook, row.grade_id): row.points for row in EXERCISES.values()},
        **{(notebook, f"{notebook}_question"): 2 for notebook in NOTEBOOKS},
    }


def test_the_gradebook_belongs_to_the_course_of_the_configuration(book):
    assert book.find_assignment(ASSIGNMENT).course_id == "cs231n"


def test_each_score_lands_in_its_cell(book, write):
    write(made_up_report("ada", share=0.5))
    assert {name: grade(book, name).auto_score for name in EXERCISES} == {
        name: 0.75 * row.points for name, row in EXERCISES.items()
    }
    assert book.find_submission(ASSIGNMENT, "ada").score == 0.75 * MAX_SCORE
    assert not any(grade(book, name).needs_manual_grade for name in EXERCISES)


def test_an_exercise_that_was_not_judged_waits_for_a_person(book, write):
    write(made_up_report("ada", not_judged=("svm_loss_naive",)))
    assert (
        grade(book, "svm_loss_naive").auto_score,
        grade(book, "svm_loss_naive").needs_manual_grade,
    ) == (None, True)
    write(made_up_report("ada"))
    assert (
        grade(book, "svm_loss_naive").auto_score,
        grade(book, "svm_loss_naive").needs_manual_grade,
    ) == (11, False)


def test_written_answers_wait_for_a_person(book, write):
    write(made_up_report("ada"))
    answer = grade(book, "2_svm_question")
    assert (answer.auto_score, answer.needs_manual_grade) == (None, True)


def test_scores_carry_no_float_noise_and_stay_within_the_maximum():
    def exercise(points):
        return ExerciseReport(
            "l1_penalty", "4_regularization", (Check("a", "A.", Verdict.PASSED, points, 2.0),)
        )

    assert auto_score(exercise(1.9999999996)) == 2.0
    assert auto_score(exercise(2.0000000004)) == 2.0
    assert auto_score(exercise(2 / 3)) == 0.666667


def test_what_staff_wrote_survives_another_run(book, write):
    write(made_up_report("ada", share=0.5))
    found = grade(book, "svm_loss_naive")
    found.manual_score, found.extra_credit, found.needs_manual_grade = 10.0, 1.5, False
    book.find_comment("2_svm_question", "2_svm", ASSIGNMENT, "ada").manual_comment = "Well said."
    book.db.commit()
    write(made_up_report("ada", share=0.5))
    assert (found.manual_score, found.extra_credit, found.needs_manual_grade) == (10.0, 1.5, False)
    assert book.find_comment("2_svm_question", "2_svm", ASSIGNMENT, "ada").comment == "Well said."


def test_staff_look_again_when_the_score_under_theirs_changes(book, write):
    write(made_up_report("ada", share=0.5))
    found = grade(book, "svm_loss_naive")
    found.manual_score, found.needs_manual_grade = 10.0, False
    book.db.commit()
    write(made_up_report("ada", share=1.0))
    assert (found.score, found.needs_manual_grade) == (10.0, True)


def test_a_report_of_some_exercises_leaves_the_others(book, write):
    write(made_up_report("ada", share=0.5))
    write(made_up_report("ada", exercises=("rel_error",)))
    assert (grade(book, "rel_error").auto_score, grade(book, "svm_loss_naive").auto_score) == (
        2.0,
        8.25,
    )


@pytest.fixture
def late_costs_all(course):
    config = course / "nbgrader_config.py"
    stock = config.read_text()
    config.write_text(stock + 'c.LateSubmissionPlugin.penalty_method = "zero"\n')
    yield
    config.write_text(stock)


def test_a_late_submission_loses_what_the_course_says(book, write, late_costs_all):
    book.update_or_create_assignment(ASSIGNMENT, duedate=datetime(2030, 1, 1, 12))
    write(made_up_report("ada"), timestamps={"ada": datetime(2030, 1, 2)})
    penalties = [
        notebook.late_submission_penalty
        for notebook in book.find_submission(ASSIGNMENT, "ada").notebooks
    ]
    assert sum(penalties) == MAX_SCORE
    write(made_up_report("ada"), timestamps={"ada": datetime(2029, 12, 31)})
    notebooks = book.find_submission(ASSIGNMENT, "ada").notebooks
    assert not any(notebook.late_submission_penalty for notebook in notebooks)


def test_without_a_due_date_earlier_penalties_are_dropped(book, write, late_costs_all):
    book.update_or_create_assignment(ASSIGNMENT, duedate=datetime(2030, 1, 1, 12))
    write(made_up_report("ada"), timestamps={"ada": datetime(2030, 1, 2)})
    book.update_or_create_assignment(ASSIGNMENT, duedate=None)
    write(made_up_report("ada"))
    assert not any(
        notebook.late_submission_penalty
        for notebook in book.find_submission(ASSIGNMENT, "ada").notebooks
    )


def test_a_run_that_breaks_off_leaves_no_half_submission(book, write, monkeypatch):
    monkeypatch.setattr(gradebook, "_assign_late_penalties", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(made_up_report("ada"))
    with pytest.raises(MissingEntry):
        book.find_submission(ASSIGNMENT, "ada")


def write_as_nbgrader(book: Gradebook, course: Path, reports, timestamps) -> None:
    """The same scores by nbgrader's own functions, row by row."""
    for report in reports:
        book.update_or_create_student(report.student)
        handed_in = (
            {"timestamp": timestamps[report.student]} if report.student in timestamps else {}
        )
        book.update_or_create_submission(ASSIGNMENT, report.student, **handed_in)
        for exercise in report.exercises:
            found = grade(book, exercise.name, report.student)
            found.auto_score = auto_score(exercise)
            found.needs_manual_grade = found.auto_score is None
        book.db.commit()
        for notebook in NOTEBOOKS:
            AssignLatePenalties(
                config=gradebook.course_config(course), log=gradebook._quiet
            ).preprocess(
                nbformat.v4.new_notebook(),
                {
                    "nbgrader": {
                        "notebook": notebook,
                        "assignment": ASSIGNMENT,
                        "student": report.student,
                        "db_url": str(book.engine.url),
                    }
                },
            )
        book.db.expire_all()


# SQLAlchemy's remark on how nbgrader builds a submission; nbgrader_config.py says more.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_every_row_is_as_nbgrader_itself_would_write_it(course, fresh, tmp_path, late_costs_all):
    times = {
        "ada": datetime(2030, 1, 2, 3, 4, 5),
        "bob": datetime(2029, 12, 31),
        "dee": datetime(2030, 1, 1, 12, 1),
    }
    batches = [
        # All new.
        ([made_up_report("ada"), made_up_report("bob", 0.3), made_up_report("cy", 0.5)], times),
        # Some new.
        ([made_up_report("cy", not_judged=("svm_loss_naive",)), made_up_report("dee", 0.6)], times),
        # No time, not all exercises.
        ([made_up_report("ada", 0.4), made_up_report("eve", exercises=("rel_error",))], {}),
        # In time.
        (
            [made_up_report("ada", 0.4, exercises=("l1_penalty",)), made_up_report("dee", 0.1)],
            {"ada": times["bob"]},
        ),
    ]
    books = [
        Gradebook(f"sqlite:///{shutil.copy(fresh, tmp_path / name)}", "cs231n")
        for name in ("ours", "nbgrader's")
    ]
    for book in books:
        book.check_course("default_course")  # nbgrader's AssignLatePenalties makes it
        book.update_or_create_assignment(ASSIGNMENT, duedate=datetime(2030, 1, 1, 12))
        book.add_student("bob", first_name="Bob")  # known from the list of the class
    for reports, timestamps in batches:
        gradebook.write(books[0], reports, timestamps, course)
        write_as_nbgrader(books[1], course, reports, timestamps)
        ours, theirs = map(rows, books)
        for name in ours:
            assert ours[name] == theirs[name]
    assert len(ours["submission"]) == 5 and any(
        penalty for *_, penalty in ours["submitted notebook"]
    )
    for book in books:
        book.close()


def test_readers_and_a_person_who_grades_do_not_disturb_the_writer(book, write):
    """As Formgrader does it: through a Gradebook of its own, again and again, to the end."""
    write(made_up_report("ada"))
    read, errors, over = [0], [], threading.Event()

    def browse():
        try:
            while not over.is_set() or read[0] < 5:
                with Gradebook(str(book.engine.url), "cs231n") as other:
                    scores = {
                        row["score"]
                        for row in other.submission_dicts(ASSIGNMENT)
                        if row["student"] != "ada"
                    }
                    assert scores <= {0.75 * MAX_SCORE}, "half a submission"
                    grade(other, "rel_error").manual_score = 0.1 * read[0]
                    other.db.commit()
                read[0] += 1
        except Exception as error:
            errors.append(error)

    reader = threading.Thread(target=browse)
    reader.start()
    try:
        for k in range(20):
            write(made_up_report(f"student{k}", 0.5))
    finally:
        over.set()
        reader.join()
    assert not errors and read[0] >= 5
    assert gradebook.auto_scores(book) == {
        "ada": MAX_SCORE,
        **{f"student{k}": 0.75 * MAX_SCORE for k in range(20)},
    }


@pytest.mark.slow
def test_opening_a_gradebook_again_keeps_its_submissions(fresh, course, tmp_path):
    path = Path(shutil.copy(fresh, tmp_path / "gradebook.db"))
    for share in (0.5, 1.0):
        with gradebook.open_gradebook(path, course) as book:
            gradebook.write(
                book, [made_up_report("ada", share), made_up_report("bob")], course=course
            )
    with gradebook.open_gradebook(path, course) as book:
        assert {
            found.student.id: found.score for found in book.assignment_submissions(ASSIGNMENT)
        } == {"ada": MAX_SCORE, "bob": MAX_SCORE}


NOON = datetime(2026, 11, 23, 12, 0, 0, 250)


def hand_in(folder, files):
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def test_the_time_of_handing_in_is_what_our_collector_sealed(tmp_path):
    folder = hand_in(tmp_path / "ann" / ASSIGNMENT, gradebook.hand_in_time(NOON, "ann", ASSIGNMENT))
    assert gradebook.handed_in(folder) == NOON
    assert (
        gradebook.handed_in(
            shutil.copytree(folder.parent, tmp_path / "elsewhere" / "ann") / ASSIGNMENT
        )
        == NOON
    )


@pytest.mark.parametrize(
    "change",
    [
        {gradebook.SEAL_FILE: None},
        {gradebook.SEAL_FILE: b""},
        {gradebook.SEAL_FILE: b"\xff" * 64},
        {gradebook.TIME_FILE: b"2020-01-01 00:00:00.000000 UTC"},
        {gradebook.TIME_FILE: None},
        gradebook.hand_in_time(NOON, "bob", ASSIGNMENT),
        gradebook.hand_in_time(NOON, "ann", "another_assignment"),
    ],
    ids=[
        "no seal",
        "an empty seal",
        "no text",
        "another time",
        "no time",
        "the seal of another student",
        "of another assignment",
    ],
)
def test_a_time_that_a_student_wrote_decides_nothing(tmp_path, change):
    files = {**gradebook.hand_in_time(NOON, "ann", ASSIGNMENT), **change}
    folder = hand_in(
        tmp_path / "ann" / ASSIGNMENT,
        {name: content for name, content in files.items() if content is not None},
    )
    assert gradebook.handed_in(folder) is None


@pytest.mark.parametrize("name", [gradebook.TIME_FILE, gradebook.SEAL_FILE])
@pytest.mark.parametrize(
    "make",
    [
        lambda path, target: os.mkfifo(path),
        lambda path, target: path.symlink_to(target),
        lambda path, target: path.symlink_to("/dev/zero"),
        lambda path, target: path.mkdir(),
    ],
)
def test_what_stands_for_a_time_is_neither_followed_nor_waited_for(tmp_path, name, make):
    folder = hand_in(tmp_path / "ann" / ASSIGNMENT, gradebook.hand_in_time(NOON, "ann", ASSIGNMENT))
    (folder / name).rename(tmp_path / name)
    make(folder / name, tmp_path / name)
    assert gradebook.handed_in(folder) is None


def test_a_link_to_another_students_folder_has_no_time(tmp_path):
    hand_in(tmp_path / "elsewhere" / ASSIGNMENT, gradebook.hand_in_time(NOON, "ann", ASSIGNMENT))
    (tmp_path / "ann").symlink_to(tmp_path / "elsewhere")
    assert gradebook.handed_in(tmp_path / "ann" / ASSIGNMENT) is None


OF_A_NOTEBOOK = {"ix_grade_notebook_id", "ix_comment_notebook_id"}


def test_an_older_gradebook_gets_the_indexes_that_a_large_class_needs(fresh, course, tmp_path):
    path = Path(shutil.copy(fresh, tmp_path / "gradebook.db"))
    with Gradebook(f"sqlite:///{path}", "cs231n") as book:
        for index in (*OF_A_NOTEBOOK, "ix_submitted_notebook_assignment_id"):
            book.db.execute(text(f"DROP INDEX {index}"))
        book.db.commit()
    with gradebook.open_gradebook(path, course) as book:
        assert {
            index["name"]
            for table in ("grade", "comment")
            for index in inspect(book.engine).get_indexes(table)
        } == OF_A_NOTEBOOK


def test_settings_from_before_there_were_rooms_are_told_what_to_change():
    with pytest.raises(
        ImportError,
        match=r"^nbgrader_config\.py is of an older version .* Gradebook, results and secret stay",
    ):
        exec("from grader.gradebook import ask_alembic_in_process")
