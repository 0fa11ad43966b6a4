"""Filling in gradebook files: the platforms' rules accept them, and nothing but grades changes."""

import csv
import io
import re
from pathlib import Path

import pytest

from grader.course.final import Status
from grader.intake.sheet import read_sheet
from grader.results.exports.filling import NotFilled, fill
from grader.results.exports.grades import Grade
from grader.results.exports.messages import remarks, summary
from tests.support.gradebook_files import (
    BLACKBOARD,
    BRIGHTSPACE,
    CANVAS,
    MOODLE,
    MOODLE_DE,
    canvas_takes,
    moodle_takes,
)

TITLE = "Loss functions"
ENGLISH = ("Identifier", "Grade", "Maximum grade")
GERMAN = ("ID", "Bewertung", "Bestwertung")
LOGINS = ("annli", "bo", "eve")


def graded(*students, totals=("97.5", "88", "0"), **more):
    return [
        Grade(student, total=float(total), max_total=100, **more)
        for student, total in zip(students, totals, strict=False)
    ]


def column_of(content, column):
    return [row[column] for row in read_sheet(content).rows]


def semicolons(text):
    """The table as a program writes it whose language has a decimal comma."""
    out = io.StringIO(newline="")
    rows = csv.reader(io.StringIO(text, newline=""))
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow(re.sub(r"\b(\d+)\.(\d\d)\b", r"\1,\2", cell) for cell in row)
    return out.getvalue()


FILES = {
    "canvas": (CANVAS, ["100.00", "97.5", "88", "0"], 5),
    "canvas with semicolons": (semicolons(CANVAS), ["100,00", "97,5", "88", "0"], 5),
    "brightspace": (BRIGHTSPACE, ["97.5", "88", "0"], 5),
    "brightspace with semicolons": (semicolons(BRIGHTSPACE), ["97,5", "88", "0"], 5),
    "blackboard": (BLACKBOARD, ["97.5", "88", "0"], 3),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("text, expected, column", FILES.values(), ids=FILES)
def test_a_file_is_filled_in_by_logins_in_any_encoding(text, expected, column, encoding):
    content = text.encode(encoding)
    done = fill(content, graded(*LOGINS), TITLE)
    assert column_of(done.content, column) == expected
    assert (done.number, done.matches.nobodys, done.matches.without_grade) == (3, [], [])
    # With the old texts, the file is the old one.
    old = dict(enumerate(column_of(content, column)))
    assert read_sheet(done.content).with_cells(column, old) == content


@pytest.mark.parametrize(
    "text, headers, mark",
    [(MOODLE, ENGLISH, "."), (MOODLE_DE, GERMAN, ",")],
    ids=["english", "german"],
)
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_moodle_takes_all_grades_of_a_worksheet(text, headers, mark, start):
    hand_in = {"platform": "moodle"}
    done = fill((start + text).encode(), graded("1", "2", "3", **hand_in), TITLE)
    assert moodle_takes(done.content, headers, mark) == {"1": 97.5, "2": 88, "3": 0}
    assert remarks(done) == []


@pytest.mark.parametrize("text", [CANVAS, semicolons(CANVAS)], ids=["commas", "semicolons"])
def test_canvas_takes_all_grades_and_no_other_assignment_changes(text):
    done = fill(text.encode(), graded("1001", "1002", "1003", platform="canvas"), TITLE)
    taken = canvas_takes(done.content, "555")
    assert {who: grade.replace(",", ".") for who, grade in taken.items()} == {
        "1001": "97.5",
        "1002": "88",
        "1003": "0",
    }
    assert canvas_takes(done.content, "556") == canvas_takes(text.encode(), "556")


def test_a_worksheet_in_a_language_that_nobody_here_speaks_is_filled_in():
    text = (
        "Auðkenni,Fullt nafn,Kenni,Staða,Einkunn,Hámarkseinkunn,Læst,Breytt (skil),Breytt,Umsögn\n"
        'Þátttakandi 7,Ann Li,77,Skilað,,"50,0",Já,-,-,\n'
        'Þátttakandi 8,Bo Neil,88,Skilað,-,"50,0",Já,-,-,\n'
    )
    done = fill(text.encode(), graded("7", "8", totals=("45.25", "50"), platform="moodle"), TITLE)
    assert column_of(done.content, 4) == ["45,25", "50"]


def test_without_any_decimal_the_language_of_the_headers_decides():
    text = BLACKBOARD.replace("Last Name", "Nachname").replace("First Name", "Vorname")
    text = text.replace("Username", "Benutzername").replace("Total Pts: 100 Score", "100 Punkte")
    done = fill(text.encode("utf-16"), graded("annli"), TITLE)
    assert column_of(done.content, 3)[0] == "97,5"
    done = fill(MOODLE_DE.replace('"100,00"', "100").encode(), graded("1", platform="moodle"))
    assert moodle_takes(done.content, GERMAN, ",") == {"1": 97.5}


def test_a_blind_worksheet_is_filled_in_by_numbers():
    text = (
        "Identifier,Status,Grade,Maximum grade,Grade can be changed\nParticipant 7,New,,100,Yes\n"
    )
    done = fill(text.encode(), graded("7", platform="moodle"), TITLE)
    assert column_of(done.content, 2) == ["97.5"]


def test_what_moodle_would_drop_without_a_word_is_refused_and_named():
    text = MOODLE.replace("100.00,Yes,-,-,\nParticipant 3", "100.00,No,-,-,\nParticipant 3")
    grades = graded("1", "2", "3", totals=("100.25", "88", "100"), platform="moodle")
    done = fill(text.encode(), grades, TITLE)
    assert moodle_takes(done.content, ENGLISH, ".") == {"3": 100}
    assert column_of(done.content, 4) == ["", "", "100"]
    assert {who: why.split(",")[0] for who, why in done.refused.items()} == {
        "1": "100.25 is above the maximum of 100",
        "2": "its grade is locked in Moodle; unlock it",
    }


def test_grades_above_a_smaller_maximum_are_not_said_to_be_written():
    worth = {
        totals: "\n".join(
            fill(MOODLE.replace("100.00,Yes", "90.00,Yes").encode(), grades, TITLE).remarks
        )
        for totals in ("80", "95")
        for grades in [graded("1", totals=(totals,), platform="moodle")]
    }
    written = "They are written as they are."
    assert all(
        "Grades are of 100, and the column's maximum is 90." in one for one in worth.values()
    )
    assert written in worth["80"] and written not in worth["95"]


def test_canvas_takes_more_than_the_maximum():
    done = fill(CANVAS.encode(), graded("annli", totals=("104.5",)), TITLE)
    assert canvas_takes(done.content, "555") == {"1001": "104.5"}


def test_what_waits_stays_as_it_is_and_is_named():
    grades = [
        Grade("annli", status=Status.NOT_JUDGED, max_total=100),
        Grade("bo", status=Status.WAITING, max_total=100),
        Grade("eve", status=Status.MISSING, total=0.0, max_total=100),
    ]
    done = fill(CANVAS.encode(), grades, TITLE)
    assert done.content == CANVAS.encode()
    assert done.left == {
        "annli": "not judged",
        "bo": "waiting for marking",
        "eve": "handed in nothing",
    }
    assert summary(done, Path("x")).endswith(
        "3 wait, 0 refused, 0 without a row, 0 rows without a grade."
    )


def test_a_grade_that_is_there_in_another_form_stays():
    text = CANVAS.replace("Lecture 1,,9.50", "Lecture 1,97.50,9.50")
    assert text != CANVAS
    done = fill(text.encode(), graded("annli"), TITLE)
    assert (done.content, done.number, done.remarks) == (text.encode(), 1, [])
    done = fill(text.encode(), graded("annli", totals=("98",)), TITLE)
    assert canvas_takes(done.content, "555") == {"1001": "98"}
    assert done.remarks == ["1 cell had another grade, which is replaced."]


def test_who_handed_in_nothing_gets_zero_only_if_that_is_asked_for():
    grades = [
        Grade("annli", status=Status.MISSING, total=0.0, max_total=100),
        Grade("bo", status=Status.MISSING, total=0.0, max_total=100, was_refused=True),
    ]
    done = fill(CANVAS.encode(), grades, TITLE, missing_as_zero=True)
    assert canvas_takes(done.content, "555") == {"1001": "0"}
    assert done.left == {"bo": "handed in what could not be taken"}


def test_who_is_excused_is_so_in_canvas_and_left_to_staff_elsewhere():
    grades = [Grade("annli", status=Status.EXCUSED)]
    done = fill(CANVAS.encode(), grades, TITLE)
    assert (canvas_takes(done.content, "555"), done.excused) == ({"1001": "EX"}, 1)
    done = fill(BLACKBOARD.encode(), grades, TITLE)
    assert done.content == BLACKBOARD.encode()
    assert list(done.left) == ["annli"]


# --- the column -----------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["Quiz (556)", "quiz", "QUIZ (556)"])
def test_staff_can_choose_the_column(wanted):
    done = fill(CANVAS.encode(), graded("annli"), TITLE, wanted)
    assert (done.column.name, column_of(done.content, 6)[1]) == ("Quiz (556)", "97.5")
    # The maximum is another one, and there was a grade.
    assert len(done.remarks) == 2


@pytest.mark.parametrize(
    "text, title, wanted, says",
    [
        (CANVAS, "", "", "several columns.*Loss functions.*Quiz.*--column"),
        (CANVAS, "Optimization", "", "Optimization"),
        (CANVAS, TITLE, "Essay", "no column for grades is called 'Essay'.*Quiz"),
        (CANVAS, TITLE, "Current Score", "no column"),
        (CANVAS.replace(" (555)", "").replace(" (556)", ""), TITLE, "", "Make the assignment"),
        (CANVAS.replace("Quiz", "Loss functions"), TITLE, "", "several"),
        (CANVAS.replace("Quiz", "Loss functions"), TITLE, "Loss functions", "several"),
        (BRIGHTSPACE.replace(" Points Grade", ""), TITLE, "", "Points Grade"),
        ("student,points\nann,\n", TITLE, "", "--column"),
        ("colour,points\nred,\n", TITLE, "", "colour, points"),
        (CANVAS.replace("Section", "Group"), "", "", "column"),
    ],
    ids=range(11),
)
def test_a_column_that_is_not_clear_is_asked_for(text, title, wanted, says):
    with pytest.raises(NotFilled, match=says):
        fill(text.encode(), graded("ann", "annli"), title, wanted)


def test_of_several_columns_the_one_with_the_title_of_the_course_is_filled():
    text = CANVAS.replace("Loss functions (555)", "HW 3: loss functions (555)")
    assert fill(text.encode(), graded("annli"), TITLE).column.index == 5


def test_the_only_column_is_filled_and_an_unlike_title_is_said():
    done = fill(BRIGHTSPACE.encode(), graded("annli"), "Optimization")
    assert done.number == 1
    assert "Optimization" in done.remarks[0]


def test_columns_that_blackboard_computes_and_canvas_locks_are_never_filled():
    text = CANVAS.replace("100.00,10.00", "100.00,(read only)")
    assert fill(text.encode(), graded("annli")).column.title == "Loss functions"
    assert fill(BLACKBOARD.encode(), graded("annli")).column.title == "Loss functions"


def test_any_table_with_logins_or_addresses_is_filled_in_a_column_that_staff_name():
    text = "First name;Surname;Email address;Essay (Real);Exam\nAnn;Li;ann@x.edu;-;\nBo;X;b@x;;\n"
    done = fill(text.encode(), graded("a", email="Ann@X.edu"), TITLE, "Essay (Real)")
    assert done.content.decode() == text.replace("edu;-", "edu;97,5")


def test_manual_posting_and_points_possible_are_nobodys_rows():
    text = CANVAS.replace('"Li, Ann"', ',,,,,Manual Posting,,\r\n"Li, Ann"')
    done = fill(text.encode(), graded(*LOGINS), TITLE)
    assert canvas_takes(done.content, "555").keys() == {"1001", "1002", "1003"}
    assert done.matches.without_grade == []


# --- whose row is whose ---------------------------------------------------------------------------


def test_numbers_of_one_platform_find_nobody_on_another():
    """Canvas's user 1 is not Moodle's participant 1."""
    grades = graded("1", platform="canvas", platform_id="1", name="Bo Neil")
    done = fill(MOODLE.encode(), grades, TITLE)
    assert moodle_takes(done.content, ENGLISH, ".") == {"2": 97.5}
    assert len(done.matches.by_name) == 1


def test_an_address_finds_a_row_before_a_name_does():
    grades = graded("x", name="Bo Neil", email="ANN@x.edu")
    done = fill(MOODLE.encode(), grades, TITLE)
    assert moodle_takes(done.content, ENGLISH, ".") == {"1": 97.5}
    assert done.matches.by_name == []


@pytest.mark.parametrize("name", ["Ann Li", "Li, Ann", "li ann"])
def test_a_name_finds_a_row_in_any_order_and_that_is_said(name):
    done = fill(CANVAS.encode(), graded("x", name=name), TITLE)
    assert canvas_takes(done.content, "555") == {"1001": "97.5"}
    assert "by name alone" in remarks(done)[0]


def test_a_name_of_two_people_finds_neither():
    text = MOODLE.replace("Bo Neil", "Ann Li")
    grades = [*graded("x", name="Ann Li"), *graded("y", name="Eve", email="eve@x.edu")]
    done = fill(text.encode(), grades, TITLE)
    assert moodle_takes(done.content, ENGLISH, ".") == {"3": 97.5}
    assert [grade.student for grade in done.matches.unclear] == ["x"]


def test_two_grades_of_one_name_share_no_row():
    grades = [*graded("x", "y", name="Ann Li"), *graded("z", email="bo@x.edu")]
    done = fill(MOODLE.encode(), grades, TITLE)
    assert moodle_takes(done.content, ENGLISH, ".") == {"2": 97.5}
    assert {grade.student for grade in done.matches.unclear} == {"x", "y"}


def test_a_person_in_two_sections_has_the_grade_in_both_rows():
    text = CANVAS + '"Li, Ann",1001,s1,annli,Lecture 2,,,\n'
    done = fill(text.encode(), graded("annli"), TITLE)
    assert column_of(done.content, 5) == ["100.00", "97.5", "", "", "97.5"]


def test_case_and_zeros_that_a_spreadsheet_dropped_find_a_row_last():
    text = BRIGHTSPACE.replace("#s1", "#12").replace("#bo", "#BO")
    done = fill(text.encode(), graded("0012", "bo"), TITLE)
    assert column_of(done.content, 5) == ["97.5", "88", ""]


def test_a_name_that_the_tables_spell_with_an_apostrophe_is_found():
    text = BRIGHTSPACE.replace("#eve", "#=1+1")
    done = fill(text.encode(), graded("'=1+1"), TITLE)
    assert column_of(done.content, 5) == ["", "", "97.5"]
    assert "#=1+1" in done.content.decode()


def test_who_is_unmatched_on_either_side_is_named_and_harmless_on_a_terminal():
    text = CANVAS.replace("Jr.", "\x1b[31mJr.")
    done = fill(text.encode(), graded("annli", "zo\x1b[2Je"), TITLE)
    lines = remarks(done)
    assert lines[0] == "In grades.csv, and not in the file: zo�[2Je."
    assert lines[1].startswith("In the file, and not in grades.csv: ")
    assert "�[31mJr. O'Neil" in lines[1]
    assert "\x1b" not in "".join(lines)


def test_a_file_of_another_course_is_refused():
    with pytest.raises(NotFilled, match=r"nobody in it.*Ann Li.*grades.csv has zoe"):
        fill(CANVAS.encode(), graded("zoe"), TITLE)


def test_a_file_without_names_asks_for_them():
    text = "OrgDefinedId,Loss functions Points Grade,End-of-Line Indicator\n#s1,,#\n"
    with pytest.raises(NotFilled, match="export it again with them"):
        fill(text.encode(), graded("zoe", name="Zoe"), TITLE)
