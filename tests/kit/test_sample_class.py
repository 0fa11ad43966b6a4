"""The sample class end to end: notebooks and files in, through the sandbox, tables, pages and
nbgrader's gradebook out.
"""

import csv
import json
import shutil

import pytest
from nbgrader.api import Gradebook

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.__main__ import main
from grader.report import Report
from grader.results import store
from tests.support.course_copy import own_gradebook

FULL = {name: row.points for name, row in EXERCISES.items()}


def rows(folder) -> dict[str, dict[str, str]]:
    with open(folder / "grades.csv", newline="", encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def points(folder, student: str) -> dict[str, float]:
    return {name: float(rows(folder)[student][name]) for name in EXERCISES}


def report(folder, student: str) -> Report:
    return Report.from_dict(
        json.loads((folder / student / "report.json").read_text(encoding="utf-8"))
    )


def lost(folder, student: str) -> set[str]:
    """The exercises in which a student lost points."""
    return {name for name, value in points(folder, student).items() if value < FULL[name]}


def messages(folder, student: str, exercise: str) -> str:
    return " ".join(check.message for check in report(folder, student).exercise(exercise).checks)


def test_reference_has_all_points_in_every_exercise(graded_class):
    assert points(graded_class, "reference") == FULL
    assert float(rows(graded_class)["reference"]["score"]) == MAX_SCORE


def test_untouched_kit_has_none_in_any(graded_class):
    assert set(points(graded_class, "untouched").values()) == {0.0}


def test_table_has_the_promised_columns(graded_class):
    header = (graded_class / "grades.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == ",".join([*(name for name, _ in store.COLUMNS), *EXERCISES, "set_by_staff"])
    assert {(row["status"], row["sandbox_level"]) for row in rows(graded_class).values()} <= {
        ("waiting for marking", "A"),
        ("waiting for marking", "B"),
    }


@pytest.mark.parametrize(
    "student, exercises, says",
    [
        ("crashes", {"svm_loss_naive"}, "ended the Python process"),
        ("never_ends", {"gradient_descent"}, "Is there a loop that never ends?"),
        ("wants_51_gb", {"softmax_loss_vectorized"}, "MemoryError"),
        ("renamed_a_file", {"svm_loss_naive", "svm_loss_vectorized"}, "linear_svm.py is missing"),
        ("loops", {"svm_loss_vectorized", "softmax_loss_vectorized"}, "more Python steps"),
    ],
)
def test_one_fault_costs_the_exercise_it_is_in(graded_class, student, exercises, says):
    assert lost(graded_class, student) == exercises
    assert all(says in messages(graded_class, student, exercise) for exercise in exercises)


def test_warnings_and_prints_cost_nothing(graded_class):
    assert lost(graded_class, "prints_and_warns") == set()


def test_patching_numpy_gains_nothing_over_the_same_wrong_functions(graded_class):
    # A zero array has the right shape.
    assert points(graded_class, "patches_numpy")["svm_loss_naive"] <= 1
    assert float(rows(graded_class)["patches_numpy"]["score"]) <= 2


def test_renamed_file_is_named_in_the_notes(graded_class):
    assert any("linearsvm.py" in note for note in report(graded_class, "renamed_a_file").notes)


def test_gradebook_agrees_with_the_table_cell_by_cell(graded_class):
    with Gradebook(f"sqlite:///{graded_class / 'gradebook.db'}", "cs231n") as book:
        for student, row in rows(graded_class).items():
            for name, exercise in EXERCISES.items():
                grade = book.find_grade(exercise.grade_id, exercise.notebook, ASSIGNMENT, student)
                assert (grade.auto_score, grade.max_score) == (float(row[name]), exercise.points), (
                    student,
                    name,
                )
                assert not grade.needs_manual_grade
            for notebook in NOTEBOOKS:  # people grade these
                assert (
                    book.find_grade(f"{notebook}_question", notebook, ASSIGNMENT, student).max_score
                    == 2
                )


def test_every_student_has_a_page_that_the_overview_links_to(graded_class):
    overview = (graded_class / "index.html").read_text(encoding="utf-8")
    for student in rows(graded_class):
        assert f'href="{student}/feedback.html"' in overview
        page = (graded_class / student / "feedback.html").read_text(encoding="utf-8")
        assert "<script" not in page and "http" not in page, "self-contained, nothing active"


def test_the_time_that_a_submission_took_is_recorded(graded_class):
    found = report(graded_class, "reference")
    assert all(exercise.seconds > 0 for exercise in found.exercises)
    # Rounded.
    assert found.seconds >= sum(exercise.seconds for exercise in found.exercises) - 0.001 * len(
        found.exercises
    )


def test_seeds_are_recorded_and_differ_between_students(graded_class):
    seeds = [
        [
            check.seed
            for exercise in report(graded_class, student).exercises
            for check in exercise.checks
        ]
        for student in ("reference", "prints_and_warns")
    ]
    assert 0 not in seeds[0] + seeds[1]
    assert not set(seeds[0]) & set(seeds[1])
    assert len(set(seeds[0])) == len(seeds[0])


def test_one_exercise_can_be_graded_again_and_the_others_stay(graded_class, submitted, tmp_path):
    one, out = tmp_path / "submitted", tmp_path / "results"
    shutil.copytree(submitted / "crashes", one / "crashes")
    command = ["grade", str(one), "--out", str(out), *own_gradebook(out), "--processes", "1"]
    assert main([*command, "--exercise", "l2_penalty"]) == 0
    assert rows(out)["crashes"]["score"] == "1" and rows(out)["crashes"]["svm_loss_naive"] == ""
    assert main([*command, "--exercise", "l1_penalty"]) == 0
    assert rows(out)["crashes"]["score"] == "3"


@pytest.mark.parametrize(
    "arguments", [[], ["grade"], ["grade", ".", "--out", "x", "--processes", "0"], ["frobnicate"]]
)
def test_wrong_usage_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m grader" in capsys.readouterr().err


def test_a_folder_without_submissions_is_wrong_usage(tmp_path, capsys):
    assert main(["grade", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "No submissions in" in capsys.readouterr().err
