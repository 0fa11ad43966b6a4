"""`python -m grader export`, from results and an exported file to what an instructor uploads."""

import re
import stat
import zipfile

import pytest

from cs231n_utils.exercises import EXERCISES
from grader.__main__ import main
from grader.results import store
from tests.support.course_copy import made_up_report, write_student
from tests.support.gradebook_files import (
    BRIGHTSPACE,
    CANVAS,
    MOODLE,
    canvas_takes,
    moodle_takes,
    results,
)

GRADES = {
    "1001": ("graded", "97.5"),
    "1002": ("waiting for marking", ""),
    "=1+1": ("graded", "3.25"),
}
CANVAS_IDS = (
    "1001,,,canvas,1001,90001,,,x,yes,",
    "1002,,,canvas,1002,90002,,,x,yes,",
    "'=1+1,,eve@x.edu,canvas,1003,,,,x,yes,",
)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Results of three students with pages, in a working folder of their own."""
    monkeypatch.chdir(tmp_path)
    grades = {student.replace("=", "'="): grade for student, grade in GRADES.items()}
    folder = results(tmp_path / "results", grades, CANVAS_IDS)
    for student in GRADES:
        write_student(folder, made_up_report(student))
    (tmp_path / "course.toml").write_text('title = "Loss functions"\n')
    return tmp_path


def export(course, content, *more, name="grades.csv"):
    (course / name).write_bytes(content.encode())
    return main(["export", name, "--course", "course.toml", *more])


def test_the_filled_in_file_lies_beside_and_the_exported_one_stays(course, capsys):
    assert export(course, CANVAS) == 0
    out = course / "grades-graded.csv"
    assert canvas_takes(out.read_bytes(), "555") == {"1001": "97.5", "1003": "3.25"}
    assert (course / "grades.csv").read_text() == CANVAS
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    said = capsys.readouterr()
    assert "Left as it is (waiting for marking): 1002." in said.err
    assert said.out == (
        "grades-graded.csv, for Canvas: column Loss functions (555), 2 grades; 1 wait, 0 refused,"
        " 0 without a row, 0 rows without a grade.\n"
    )


def test_a_second_export_is_like_the_first(course):
    export(course, CANVAS)
    first = (course / "grades-graded.csv").read_bytes()
    assert main(["export", "grades-graded.csv", "--course", "course.toml"]) == 0
    assert (course / "grades-graded-graded.csv").read_bytes() == first


def test_canvas_takes_the_pages_by_the_ids_of_student_and_attachment(course, capsys):
    assert export(course, CANVAS, "--feedback", "pages.zip") == 0
    with zipfile.ZipFile(course / "pages.zip") as archive:
        names = archive.namelist()
        pages = {name: archive.read(name) for name in names}
    # As Canvas reads a name: the first two parts that are numbers.
    ids = [[part for part in name.split("_") if part.isdigit()][:2] for name in names]
    assert ids == [["1001", "90001"], ["1002", "90002"]]
    assert all(re.fullmatch(r"[a-z]+_\d+_\d+_feedback\.html", name) for name in names)
    assert pages[names[0]] == (course / "results" / "1001" / "feedback.html").read_bytes()
    assert stat.S_IMODE((course / "pages.zip").stat().st_mode) == 0o600
    said = capsys.readouterr()
    assert "No page of '=1+1: hand_ins.csv has no ids of Canvas" in said.err
    assert "pages.zip, for Canvas: 2 feedback pages, 1 left out." in said.out


def test_moodle_takes_the_pages_by_the_numbers_of_participants(course):
    ids = ("1001,,,moodle,1,,,,x,yes,", "1002,,,moodle,2,,,,x,yes,", "'=1+1,,,moodle,3,,,,x,yes,")
    grades = {"1001": ("graded", "97.5"), "1002": ("missing", "0"), "'=1+1": ("graded", "3.25")}
    results(course / "results", grades, ids)
    text = MOODLE.replace("=Eve", "../E_v: e_77_x/")
    assert export(course, text, "--feedback", "pages.zip", "--missing-as-zero") == 0
    filled = (course / "grades-graded.csv").read_bytes()
    headers = ("Identifier", "Grade", "Maximum grade")
    assert moodle_takes(filled, headers, ".") == {"1": 97.5, "2": 0, "3": 3.25}
    with zipfile.ZipFile(course / "pages.zip") as archive:
        folders = [name.split("/") for name in archive.namelist()]
    # As Moodle reads a folder's name: what stands between the first two underscores.
    assert [folder.split("_")[1:] for folder, _ in folders] == [
        [number, "assignsubmission", "file"] for number in "13"
    ]
    assert {file for _, file in folders} == {"feedback.html"}


@pytest.mark.parametrize(
    "content, more, says",
    [
        (BRIGHTSPACE, ["--feedback", "pages.zip"], "Canvas and Moodle only"),
        (CANVAS, ["--column", "Essay"], "no column for grades is called 'Essay'"),
        ("", [], "empty"),
        (CANVAS, ["--results", "elsewhere"], "elsewhere/grades.csv: there is no such table"),
    ],
    ids=["no pages", "column", "empty", "results"],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(course, capsys, content, more, says):
    results(course / "results", {"annli": ("graded", "1")})
    assert export(course, content, *more) == 2
    assert says in capsys.readouterr().err
    assert {path.name for path in course.iterdir()} == {"grades.csv", "results", "course.toml"}


def test_a_file_that_is_not_there_is_named(course, capsys):
    assert main(["export", "nothing.csv", "--course", "course.toml"]) == 1
    assert "nothing.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    "table, says",
    [
        ("student,score\r\nann,3\r\n", "max_total, status, total.*grader report"),
        ("", "no rows.*grader report"),
        ("student,status,total,max_total\r\n\xff,graded,1,100\r\n", "damaged"),
    ],
    ids=["earlier version", "empty", "damaged"],
)
def test_a_table_that_cannot_be_used_is_written_again(course, capsys, table, says):
    (course / "results" / "grades.csv").write_bytes(table.encode("latin-1"))
    assert export(course, CANVAS) == 2
    assert re.search(says, capsys.readouterr().err)


def test_totals_are_those_of_the_table_that_grading_writes(course):
    """The real table, with its apostrophes and columns of exercises."""
    assert EXERCISES
    store.write_class(course / "results", [made_up_report("1001"), made_up_report("=1+1")])
    assert export(course, CANVAS) == 0
    # The written answers wait.
    assert (course / "grades-graded.csv").read_text() == CANVAS
