"""Names and addresses come from hand_ins.csv where totals are made without the submissions."""

from __future__ import annotations

import csv

from grader.course.final import Rules, Status
from grader.course.settings import parse
from grader.results import store
from grader.results.people import by_student, read_people
from grader.text import table_cell
from tests.support.course_copy import made_up_report, write_student

LATE = Rules(parse('timezone = "UTC"\ndue = 2026-11-20\n[late]\npercent_a_day = 10'))


def write(folder, *rows):
    with open(folder / "hand_ins.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["student", "name", "email", "handed_in", "late_flag", "taken"])
        writer.writerows([table_cell(row[0]), *row[1:]] for row in rows)


def test_names_and_marks_of_lateness_reach_the_table_and_who_is_missing_has_a_row(tmp_path):
    for student in ("ann", "=1+1"):
        write_student(tmp_path, made_up_report(student))
    write(
        tmp_path,
        ("ann", "Ann Li", "ann@example.org", "", "", "yes"),
        ("=1+1", "Eve", "", "", "yes", "yes"),
        ("=1+1", "Eve", "", "", "", "no"),
        ("cy", "Cy Unseen", "cy@example.org", "", "", "no"),
    )
    grades = {grade.student: grade for grade in store.draw_again(tmp_path, {}, LATE)}
    assert (grades["ann"].name, grades["ann"].email) == ("Ann Li", "ann@example.org")
    assert (grades["=1+1"].name, grades["=1+1"].late.days, grades["=1+1"].penalty) == ("Eve", 1, 10)
    assert (grades["cy"].status, grades["cy"].name) == (Status.MISSING, "Cy Unseen")
    assert grades.keys() == {"ann", "=1+1", "cy"}
    with open(tmp_path / "grades.csv", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["cy"]["status"] == "missing" and rows["cy"]["score"] == ""
    assert "marks your work as late" in (tmp_path / "=1+1" / "feedback.html").read_text()


def test_without_the_file_everybody_has_a_name_only(tmp_path):
    assert read_people(tmp_path) == {}
    assert [one.student for one in by_student({}, ["ann", "bob"]).values()] == ["ann", "bob"]
    (tmp_path / "hand_ins.csv").write_bytes(b"\xff\xfe\x00")
    assert read_people(tmp_path) == {}
