"""Who is late, by how much, and what it costs: one table, with daylight saving in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from grader.course.dates import lateness, penalty_of, sentence
from grader.course.settings import Course, parse

ZURICH = ZoneInfo("Europe/Zurich")
# Clocks go back by an hour on Sunday, 25 October 2026, at 3:00.
AUTUMN = parse("""
timezone = "Europe/Zurich"
due = 2026-10-23T23:59:00

[late]
grace_minutes = 15
percent_a_day = 10
most_percent = 50
cut_off = 2026-11-01T23:59:00

[late_days]
rich = 2

[extensions]
ann = 2026-10-25T12:00:00
late = 2026-11-05

[excused]
cy = "ill"

[handed_in]
fay = 2026-10-23T20:00:00
""")


def local(text: str, zone: ZoneInfo = ZURICH) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone)


@pytest.mark.parametrize(
    "student, handed_in, days, penalty",
    [
        ("bob", "10-20 08:00", 0, 0),
        ("bob", "10-23 23:59", 0, 0),
        ("bob", "10-24 00:14", 0, 0),  # grace, to the minute
        ("bob", "10-24 00:14:01", 1, 10),
        ("bob", "10-25 00:14", 1, 10),
        ("bob", "10-25 00:14:01", 2, 20),
        # The second day has 25 hours: it ends when the clocks show the due time again.
        ("bob", "10-26 00:13", 2, 20),
        ("bob", "10-26 00:14:01", 3, 30),
        ("bob", "10-28 12:00", 5, 50),
        ("bob", "10-30 12:00", 7, 50),  # capped
        ("bob", "11-01 23:59", 9, 50),
        ("bob", "11-02 00:30", 10, 80),  # cut off: all 80 points
        ("ann", "10-25 12:15", 0, 0),  # an extension, and grace
        ("ann", "10-25 12:15:01", 1, 10),
        ("ann", "10-26 12:15:01", 2, 20),
        ("late", "11-05 23:59", 0, 0),  # an extension moves the cut-off, too
        ("late", "11-06 00:30", 1, 80),
        ("rich", "10-25 12:00", 2, 0),  # two late days
        ("rich", "10-26 12:00", 3, 10),
        ("fay", "10-30 12:00", 0, 0),  # staff know better
    ],
)
def test_days_and_points(student, handed_in, days, penalty):
    late = lateness(AUTUMN, student, local(handed_in))
    assert (late.days, penalty_of(late, 100, 80)) == (days, penalty)


def test_clocks_that_go_forward_make_a_day_of_23_hours():
    course = parse(
        'timezone = "Europe/Zurich"\ndue = 2026-03-28T12:00:00\n[late]\npercent_a_day = 10'
    )
    due = course.due.astimezone(UTC)
    one_second = timedelta(seconds=1)
    assert lateness(course, "bob", due + timedelta(hours=23)).days == 1
    assert lateness(course, "bob", due + timedelta(hours=23) + one_second).days == 2


def test_a_day_that_ends_when_the_clocks_show_no_such_time_ends_an_hour_later():
    course = parse('timezone = "Europe/Zurich"\ndue = 2026-03-28T02:30:00')
    due = course.due.astimezone(UTC)
    assert lateness(course, "bob", due + timedelta(hours=24)).days == 1
    assert lateness(course, "bob", due + timedelta(hours=24, seconds=1)).days == 2


def test_the_same_moment_in_any_zone_is_equally_late():
    moment = local("10-25 00:14:01")
    zones = [UTC, ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Kathmandu")]
    assert {lateness(AUTUMN, "bob", moment.astimezone(zone)) for zone in zones} == {
        lateness(AUTUMN, "bob", moment)
    }


def test_a_penalty_never_exceeds_what_was_earned():
    late = lateness(AUTUMN, "bob", local("10-28 12:00"))
    assert [penalty_of(late, 100, earned) for earned in (0, 12.5, 80)] == [0, 12.5, 50]
    assert penalty_of(late, 100, -3) == 0


def test_without_dates_nobody_is_late():
    late = lateness(Course(), "bob", local("10-28 12:00"), late_flag=True)
    assert (late.days, penalty_of(late, 100, 80)) == (0, 0)


def test_an_unknown_time_costs_nothing_and_is_said():
    late = lateness(AUTUMN, "bob", None)
    assert (late.days, penalty_of(late, 100, 80)) == (0, 0)
    assert "not known" in sentence(late, AUTUMN, 0, 100)


def test_a_platforms_flag_without_a_time_counts_as_one_day_but_says_nothing_about_an_extension():
    assert lateness(AUTUMN, "bob", None, late_flag=True).days == 1
    assert lateness(AUTUMN, "ann", None, late_flag=True).days == 0
    assert lateness(AUTUMN, "bob", local("10-23 12:00"), late_flag=True).days == 0


@pytest.mark.parametrize("time", [datetime.min, datetime.max, datetime(1970, 1, 1)])
def test_a_time_that_is_nobodys_clock_is_not_known(time):
    assert lateness(AUTUMN, "bob", time.replace(tzinfo=UTC)) == lateness(AUTUMN, "bob", None)


@pytest.mark.parametrize(
    "student, handed_in, says",
    [
        (
            "bob",
            "10-20 08:00",
            "You handed in on 20 October 2026, 08:00 (Europe/Zurich), in time: it was due on 23"
            " October 2026, 23:59 (Europe/Zurich).",
        ),
        (
            "bob",
            "10-24 00:10",
            "You handed in on 24 October 2026, 00:10 (Europe/Zurich), within 15 minutes after the"
            " end, so in time: it was due on 23 October 2026, 23:59 (Europe/Zurich).",
        ),
        (
            "bob",
            "10-24 08:00",
            "You handed in on 24 October 2026, 08:00 (Europe/Zurich), 1 day late: it was due on 23"
            " October 2026, 23:59 (Europe/Zurich). 10 points are taken off: 10 % of 100 points for"
            " each day.",
        ),
        (
            "bob",
            "10-30 12:00",
            "You handed in on 30 October 2026, 12:00 (Europe/Zurich), 7 days late: it was due on 23"
            " October 2026, 23:59 (Europe/Zurich). 50 points are taken off: 10 % of 100 points for"
            " each day, and at most 50 %.",
        ),
        (
            "rich",
            "10-25 12:00",
            "You handed in on 25 October 2026, 12:00 (Europe/Zurich), 2 days late: it was due on 23"
            " October 2026, 23:59 (Europe/Zurich). You use 2 late days, and nothing is taken off.",
        ),
        (
            "ann",
            "10-26 12:00",
            "You handed in on 26 October 2026, 12:00 (Europe/Zurich), 1 day late: your extension"
            " ended on 25 October 2026, 12:00 (Europe/Zurich). 10 points are taken off: 10 % of 100"
            " points for each day.",
        ),
        (
            "bob",
            "11-03 08:00",
            "You handed in on 3 November 2026, 08:00 (Europe/Zurich), and it was due on 23 October"
            " 2026, 23:59 (Europe/Zurich): so late, it gets no points.",
        ),
    ],
)
def test_the_student_reads_one_sentence(student, handed_in, says):
    late = lateness(AUTUMN, student, local(handed_in))
    assert sentence(late, AUTUMN, penalty_of(late, 100, 80), 100) == says
