"""Times: an offset is an offset in every form, and what cannot be read is never taken for UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import times

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-02 12:00:00 UTC",
        "2026-11-02 12:00:00.000000 UTC",
        "2026-11-02 12:00:00.000000000 Z",
        "2026-11-02T12:00:00Z",
        "2026-11-02 13:00:00 CET",
        "2026-11-02 14:00:00 CEST",
        "2026-11-02 13:00:00 +0100",
        "2026-11-02 13:00:00 +01:00",
        "2026-11-02 13:00:00+01",
        "2026-11-02T13:00:00+01:00",
        "2026-11-02 07:00-05:00",
        "2026-11-02 13:00:00 UTC+1",
        "\ufeff2026-11-02 12:00:00 UTC\r\n",
        "2026-11-02 12:00 GMT",
    ],
)
def test_a_time_with_a_zone_is_that_time(text):
    assert times.parse(text, BERLIN) == times.Time(NOON)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-02 13:00:00",
        "2026-11-02 1300",
        "2026-11-02-13-00-00",
        "20261102130000000",
        "Nov 2, 2026 1:00 PM",
        "Nov 2, 2026 100 PM",
        "Monday, 2 November 2026, 1:00 PM",
        "Montag, 2. November 2026, 13:00",
        "2 November 2026 at 13:00",
        "2 de noviembre de 2026, 13:00",
        "lundi 2 novembre 2026, 13:00",
    ],
)
def test_a_time_without_a_zone_is_in_the_courses_and_this_is_said(text):
    time = times.parse(text, BERLIN)
    assert time.at == NOON
    assert time.note == "The time has no zone; it was read in the course's zone, Europe/Berlin."


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-06-31 13:00 UTC", "2026-11-02", "13:00", "2026-11-02 25:00 UTC",
     "Foo 2, 2026 1:00 PM", "Nov 2, 2026 13:00 PM", "0001-01-01 00:00 +0100",
     "2026-11-02 13:00 +9900",
     "9999-12-31 23:59 -0100"],
)  # fmt: skip
def test_what_is_no_time_is_said_and_is_none(text):
    time = times.parse(text, BERLIN)
    assert time.at is None and time.note


def test_a_zone_that_the_course_has_not_is_not_guessed():
    time = times.parse("2026-11-02 13:00:00 PST", BERLIN)
    assert time == times.Time(
        None,
        "The time “2026-11-02 13:00:00 PST” cannot be read: PST is no zone that Europe/Berlin has.",
    )
    pacific = times.parse("2026-11-02 04:00:00 PST", ZoneInfo("America/Los_Angeles"))
    assert pacific.at == NOON


def test_daylight_saving_counts_by_the_day():
    summer, winter = (times.parse(f"2026-{day} 12:00", BERLIN).at for day in ("10-24", "10-25"))
    assert winter.astimezone(UTC) - summer.astimezone(UTC) == timedelta(hours=25)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_in_any_encoding(encoding):
    assert times.from_file("2026-11-02 13:00:00 CET\n".encode(encoding), BERLIN).at == NOON


def test_a_file_of_bytes_is_said():
    assert times.from_file(b"\xff\xff\xff").note == "timestamp.txt holds no text."


@given(st.text(max_size=60))
def test_no_text_raises_and_what_is_said_can_be_shown(text):
    time = times.parse(text, BERLIN)
    assert time.note.isprintable() and (time.at or time.note)


def test_a_seal_holds_for_one_student_and_one_assignment():
    text = times.as_text(NOON).encode()
    seal = times.seal(text, "secret", "ann", "hw")
    assert times.sealed(text, seal, "secret", "ann", "hw") == NOON
    for other in (("other", "ann", "hw"), ("secret", "ben", "hw"), ("secret", "ann", "hw2")):
        assert times.sealed(text, seal, *other) is None
