"""The settings of a course, in course.toml: when the assignment is due, what lateness costs, and
who has an extension or is excused.

    title = "Loss functions and optimization"
    timezone = "Europe/Zurich"      # by its name in the IANA time zone database
    due = 2026-11-20T23:59:00       # in this zone, unless it has an offset, such as Z or +01:00

    [late]
    grace_minutes = 15              # so long after `due`, nobody is late
    percent_a_day = 10              # of the maximum, for each day that has begun
    most_percent = 50               # never more
    cut_off = 2026-11-27T23:59:00   # later hand-ins get no points
    late_days = 2                   # days that each student may be late without a penalty

    [late_days]                     # for whom it is another number
    dee = 0

    [extensions]                    # due for this student; a date alone lasts until its end
    ann = 2026-11-24

    [excused]                       # a reason for staff, or true
    bob = "ill"

    [handed_in]                     # where staff know it better than the download
    cy = 2026-11-20T12:00:00

Each key is optional. A time without an offset that the clocks show twice, or skip, when they change
is taken for the later moment, in favour of the student.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from grader.faults import WrongFiles
from grader.paths import COURSE_FILE

_KEYS = {"title", "timezone", "due", "late", "late_days", "extensions", "excused", "handed_in"}
_LATE_KEYS = {"grace_minutes", "percent_a_day", "most_percent", "cut_off", "late_days"}
_TIME = "a time without quotes, such as 2026-11-20T23:59:00"
YEARS = range(1990, 2200)  # others are slips, and leave no room to count days


class CourseFileWrong(WrongFiles):
    """course.toml cannot be used. Each line of the text names the file, a key, what was found, what
    was expected, and what to do.
    """


@dataclass(frozen=True)
class Late:
    """What lateness costs.

    grace : after the due time, before the first day begins
    percent_a_day : of the maximum, for each day that has begun
    most_percent : the cap, of the maximum
    cut_off : later hand-ins get no points; None if late work always counts
    late_days : days that each student may be late without a penalty
    """

    grace: timedelta = timedelta(0)
    percent_a_day: float = 0.0
    most_percent: float = 100.0
    cut_off: datetime | None = None
    late_days: int = 0


@dataclass(frozen=True)
class Course:
    """The settings of a course. All times have the course's time zone.

    due : None if the course has no date
    late_days, extensions, excused, handed_in : by student; of `excused` the values are reasons, for
        staff only
    """

    title: str = ""
    zone: tzinfo = UTC
    due: datetime | None = None
    late: Late = Late()
    late_days: Mapping[str, int] = field(default_factory=dict)
    extensions: Mapping[str, datetime] = field(default_factory=dict)
    excused: Mapping[str, str] = field(default_factory=dict)
    handed_in: Mapping[str, datetime] = field(default_factory=dict)

    def students(self) -> dict[str, str]:
        """The students that the settings name, each with the table that names them first."""
        tables = ("excused", "handed_in", "late_days", "extensions")
        return {student: table for table in tables for student in getattr(self, table)}


def parse(text: str, file: str = COURSE_FILE) -> Course:
    """The settings in the text of a course.toml; `file` is its name in messages.

    Raises CourseFileWrong, with all that is wrong.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CourseFileWrong(
            f"{file}: this is not TOML: {error}. Expected lines such as `percent_a_day = 10`."
            " Correct that place."
        ) from error
    reader = _Reader(file, data)
    course = reader.course()
    if reader.wrong:
        raise CourseFileWrong("\n".join(reader.wrong))
    return course


def later(local: datetime, zone: tzinfo) -> datetime:
    """A time on the clocks of a zone as a moment; of two possible ones, the later."""
    moments = [local.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    return max(moments, key=lambda moment: moment.astimezone(UTC)).astimezone(UTC).astimezone(zone)


class _Reader:
    """Reads the values one by one, and collects what is wrong with them.

    wrong : sentences for staff
    """

    def __init__(self, file: str, data: Mapping[str, Any]) -> None:
        self.wrong: list[str] = []
        self._file, self._data = file, data
        self._zone: tzinfo = UTC
        self._has_zone = False

    def course(self) -> Course:
        self._expect_keys("", self._data, _KEYS)
        self._zone, self._has_zone = self._read_zone()
        late, days = self._table("late"), self._table("late_days")
        self._expect_keys("late.", late, _LATE_KEYS)
        course = Course(
            title=self._text("title"),
            zone=self._zone,
            due=self._time("due", self._data.get("due")),
            late=Late(
                grace=timedelta(minutes=self._number("late.grace_minutes", late, 0, 7 * 24 * 60)),
                percent_a_day=self._number("late.percent_a_day", late, 0, 100),
                most_percent=self._number("late.most_percent", late, 100, 100),
                cut_off=self._time("late.cut_off", late.get("cut_off")),
                late_days=int(self._number("late.late_days", late, 0, 1000, whole=True)),
            ),
            late_days={
                student: int(self._number(f"late_days.{student}", days, 0, 1000, whole=True))
                for student in days
            },
            extensions=self._times("extensions"),
            excused=self._excuses(),
            handed_in=self._times("handed_in"),
        )
        self._expect_order(course)
        return course

    def _expect_order(self, course: Course) -> None:
        if course.due is None:
            for key in ("late.cut_off", "extensions"):
                table = self._data.get(key.partition(".")[0])
                if (
                    isinstance(table, dict)
                    and (key == "extensions" or "cut_off" in table)
                    and table
                ):
                    self._say(key, "stands without `due`", "a due time that it can move", "Add it")
            return
        if course.late.cut_off and course.late.cut_off < course.due:
            self._say("late.cut_off", f"is {course.late.cut_off}", f"a time after {course.due}")
        for student, until in course.extensions.items():
            if until < course.due:
                self._say(f"extensions.{student}", f"is {until}", f"a time after {course.due}")

    def _say(self, key: str, found: str, expected: str, step: str = "Correct it") -> None:
        self.wrong.append(f"{self._file}: {key} {found}; expected {expected}. {step}.")

    def _expect_keys(self, prefix: str, table: Mapping[str, Any], known: set[str]) -> None:
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                self._say(
                    f"{prefix}{key}",
                    "is no setting",
                    f"one of {', '.join(sorted(known))}",
                    f"Did you mean {near[0]}? Rename or remove it" if near else "Remove it",
                )

    def _read_zone(self) -> tuple[tzinfo, bool]:
        """The zone, and whether the file names one that is known."""
        name = self._text("timezone")
        if not name:
            return UTC, False
        if name == "UTC":  # known without the time zone database
            return UTC, True
        try:
            return ZoneInfo(name), True
        except (LookupError, ValueError, OSError):
            self._say(
                "timezone",
                f"is {name!r}, which this machine does not know",
                'a name of the IANA time zone database, such as "Europe/Zurich"',
                "Correct it, or install the time zones of this machine (the package tzdata)",
            )
            return UTC, True

    def _text(self, key: str) -> str:
        value = self._data.get(key, "")
        if isinstance(value, str):
            return value
        self._say(key, f"is {value!r}", "a text in quotes")
        return ""

    def _table(self, key: str) -> Mapping[str, Any]:
        value = self._data.get(key, {})
        if isinstance(value, dict):
            return value
        self._say(key, f"is {value!r}", f"a table: a line [{key}], and lines below it")
        return {}

    def _number(
        self, key: str, table: Mapping[str, Any], default: float, most: float, whole: bool = False
    ) -> float:
        value = table.get(key.partition(".")[2], default)
        kinds = (int,) if whole else (int, float)
        # NaN fails, too.
        if isinstance(value, kinds) and not isinstance(value, bool) and 0 <= value <= most:
            return value
        self._say(key, f"is {value!r}", f"a {'whole ' if whole else ''}number from 0 to {most:g}")
        return default

    def _times(self, key: str) -> dict[str, datetime]:
        found = {
            student: self._time(f"{key}.{student}", value)
            for student, value in self._table(key).items()
        }
        return {student: time for student, time in found.items() if time}

    def _time(self, key: str, value: Any) -> datetime | None:
        if value is None:
            return None
        if not isinstance(value, date):  # a datetime is a date
            self._say(key, f"is {value!r}", _TIME)
            return None
        if value.year not in YEARS:
            self._say(key, f"is in the year {value.year}", "a year of this century")
            return None
        if not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day, 23, 59, 59, 999999)
        moment: datetime = value
        if moment.tzinfo:
            return moment.astimezone(self._zone)
        if not self._has_zone:
            self._say(
                key,
                f"is {value}, and no time zone is named",
                'a line such as timezone = "Europe/Zurich"',
                "Add it above, or write the time with an offset, such as +01:00",
            )
            return None
        return later(moment, self._zone)

    def _excuses(self) -> dict[str, str]:
        found = {}
        for student, value in self._table("excused").items():
            if isinstance(value, str) or value is True:
                found[student] = value if isinstance(value, str) else ""
            elif value is not False:
                self._say(f"excused.{student}", f"is {value!r}", "a reason in quotes, or true")
        return found
