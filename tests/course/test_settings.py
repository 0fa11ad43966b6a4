"""course.toml is read, with a sentence for each wrong key and value; extensions keep its layout."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from grader.course import settings
from grader.course.extending import extended, until_of
from grader.course.settings import Course, CourseFileWrong, Late, parse

ZURICH = ZoneInfo("Europe/Zurich")
WHOLE = """
title = "Loss functions and optimization"
timezone = "Europe/Zurich"
due = 2026-11-20T23:59:00

[late]
grace_minutes = 15
percent_a_day = 10
most_percent = 50
cut_off = 2026-11-27
late_days = 2

[late_days]
dee = 0

[extensions]
ann = 2026-11-24
"b o'b@example.org" = 2026-11-22T12:00:00Z

[excused]
cy = "ill"
di = true
ed = false

[handed_in]
fay = 2026-11-20T12:00:00
"""


def at(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=ZURICH)


def test_every_setting_arrives():
    end = (23, 59, 59, 999999)
    assert parse(WHOLE) == Course(
        title="Loss functions and optimization",
        zone=ZURICH,
        due=at(2026, 11, 20, 23, 59),
        late=Late(timedelta(minutes=15), 10, 50, at(2026, 11, 27, *end), 2),
        late_days={"dee": 0},
        extensions={"ann": at(2026, 11, 24, *end), "b o'b@example.org": at(2026, 11, 22, 13)},
        excused={"cy": "ill", "di": ""},
        handed_in={"fay": at(2026, 11, 20, 12)},
    )


def test_an_empty_file_is_a_course_without_dates():
    assert parse("") == Course()


def test_the_form_that_platforms_samples_have_is_taken():
    course = parse(
        'title = "Loss"\ntimezone = "UTC"\ndue = 2026-11-20T23:59:00Z\n\n[late]\n'
        "percent_a_day = 10\n"
    )
    assert course.due == datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
    assert course.late == Late(percent_a_day=10)


def test_a_time_that_the_clocks_show_twice_or_skip_is_the_later_one():
    assert settings.later(datetime(2026, 10, 25, 2, 30), ZURICH).utcoffset() == timedelta(hours=1)
    assert settings.later(datetime(2027, 3, 28, 2, 30), ZURICH) == at(2027, 3, 28, 3, 30)


DUE = 'timezone = "UTC"\ndue = 2026-11-20\n'


@pytest.mark.parametrize(
    "text, key, found, expected",
    [
        ("title\n3", "this is not TOML", "line 1", "percent_a_day = 10"),
        ("tite = 'x'", "tite", "is no setting", "Did you mean title?"),
        ("[late]\npercent = 10", "late.percent", "is no setting", "percent_a_day"),
        ("title = 3", "title", "is 3", "a text in quotes"),
        ("late = 10", "late", "is 10", "a line [late]"),
        ('timezone = "Europe/Zürich"', "timezone", "Europe/Zürich", "IANA"),
        ('timezone = "../etc/passwd"', "timezone", "../etc/passwd", "IANA"),
        ('timezone = "CET5"', "timezone", "CET5", "IANA"),
        ("due = 2026-11-20T23:59:00", "due", "no time zone", "timezone ="),
        ('due = "2026-11-20"', "due", "is '2026-11-20'", "without quotes"),
        ("due = 23:59:00", "due", "datetime.time(23, 59)", "without quotes"),
        ("due = 0026-11-20T23:59:00Z", "due", "in the year 26", "a year of this century"),
        ("[late]\npercent_a_day = true", "late.percent_a_day", "is True", "number from 0 to 100"),
        ("[late]\npercent_a_day = nan", "late.percent_a_day", "is nan", "number from 0 to 100"),
        ("[late]\npercent_a_day = -1", "late.percent_a_day", "is -1", "number from 0 to 100"),
        ("[late]\nmost_percent = 101", "late.most_percent", "is 101", "number from 0 to 100"),
        ("[late]\nlate_days = 1.5", "late.late_days", "is 1.5", "a whole number"),
        ("[late_days]\nann = 'two'", "late_days.ann", "is 'two'", "a whole number"),
        (DUE + "[extensions]\nann = '2026'", "extensions.ann", "is '2026'", "without quotes"),
        (DUE + "[extensions]\nann = 2025-11-24", "extensions.ann", "is 2025", "a time after"),
        ("[extensions]\nann = 2026-11-24T00:00:00Z", "extensions", "without `due`", "due"),
        (DUE + "[late]\ncut_off = 2026-11-19", "late.cut_off", "is 2026-11-19", "a time after"),
        ("[excused]\nann = 3", "excused.ann", "is 3", "a reason in quotes, or true"),
    ],
)
def test_what_is_wrong_is_said_with_file_key_and_next_step(text, key, found, expected):
    with pytest.raises(CourseFileWrong) as caught:
        parse(text, "my/course.toml")
    line, *more = str(caught.value).splitlines()
    assert not more
    assert line.startswith(f"my/course.toml: {key} ") or key == "this is not TOML"
    assert found in line and expected in line


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(CourseFileWrong) as caught:
        parse("titel = 1\n[late]\ngrace_minutes = 'x'\npercent_a_day = 200")
    assert len(str(caught.value).splitlines()) == 3


# --- extensions -----------------------------------------------------------------------------------

HEAD = """# The course in autumn.
timezone = "UTC"
due = 2026-11-20T23:59:00   # a Friday
"""
TABLES = """
[extensions]
# who asked in time
ann = 2026-11-24   # by mail

[late]
percent_a_day = 10
"""


def test_a_new_extension_is_one_new_line_at_the_end_of_its_table():
    new = extended(HEAD + TABLES, "bob", date(2026, 11, 25))
    before = "ann = 2026-11-24   # by mail\n"
    assert new == HEAD + TABLES.replace(before, f"{before}bob = 2026-11-25\n")


def test_a_known_extension_changes_in_its_place_and_keeps_its_comment():
    new = extended(HEAD + TABLES, "ann", datetime(2026, 11, 26, 12))
    assert new == HEAD + TABLES.replace("ann = 2026-11-24 ", "ann = 2026-11-26T12:00:00 ")


@pytest.mark.parametrize("text", [HEAD, HEAD.rstrip("\n"), HEAD + "\n", HEAD.replace("\n", "\r\n")])
def test_a_file_without_the_table_gets_it_at_its_end(text):
    new = extended(text, "ann", date(2026, 11, 24))
    assert new.startswith(text)
    assert list(parse(new).extensions) == ["ann"]
    assert ("\r\n" in text) == ("\r\n" in new) and new.count("\r") == new.count("\n") * (
        "\r" in text
    )


@pytest.mark.parametrize("student", ["ann.li", "a b", 'q"uote', "=1+1", "änn", "back\\slash", "'"])
def test_any_name_of_a_student_can_be_extended_twice(student):
    once = extended(HEAD, student, date(2026, 11, 24))
    twice = extended(once, student, date(2026, 11, 25))
    assert list(parse(twice).extensions) == [student]
    assert len(twice.splitlines()) == len(once.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        DUE + "extensions = { ann = 2026-11-24 }\n",
        DUE + "extensions.ann = 2026-11-24\n",
    ],
)
def test_a_layout_that_is_not_known_is_left_alone_and_the_line_to_write_is_given(text):
    with pytest.raises(CourseFileWrong, match="write into it: bob = 2026-11-25"):
        extended(text, "bob", date(2026, 11, 25))


def test_an_extension_that_ends_before_the_due_time_is_refused():
    with pytest.raises(CourseFileWrong, match=r"extensions\.ann is 2026-11-01"):
        extended(HEAD, "ann", date(2026, 11, 1))


@pytest.mark.parametrize(
    "text, until",
    [
        ("2026-11-24", date(2026, 11, 24)),
        ("2026-11-24 12:00", datetime(2026, 11, 24, 12)),
        ("2026-11-24T12:00:00Z", datetime(2026, 11, 24, 12, tzinfo=UTC)),
    ],
)
def test_a_time_is_taken_as_people_write_it(text, until):
    assert until_of(text) == until


@pytest.mark.parametrize("text", ["", "tomorrow", "24.11.2026", "2026-13-01"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        until_of(text)
