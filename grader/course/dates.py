"""Who is late, by how much, and what it costs.

A day is a day on the clocks of the course's zone: if the assignment is due at 23:59, each further
day ends at 23:59, also where clocks change in between and the day has 23 or 25 hours. A grace
period comes first: it is added to the due time, and each day ends that much later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from grader.course.settings import YEARS, Course, later

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True)
class Lateness:
    """When a student handed in, and what follows from it.

    handed_in, due : in the course's zone; None where not known, or where the course has no date.
        `due` is the student's own, with an extension.
    days : days that had begun after `due` and grace; 0 if in time
    free : how many of them are late days, without a penalty
    percent : of the maximum, that is taken off
    is_cut_off : handed in so late that nothing counts
    is_in_grace : after `due`, but not late
    is_guessed : the platform calls it late and does not say by how much: counted as one day
    is_extended : the student has an extension
    """

    handed_in: datetime | None = None
    due: datetime | None = None
    days: int = 0
    free: int = 0
    percent: float = 0.0
    is_cut_off: bool = False
    is_in_grace: bool = False
    is_guessed: bool = False
    is_extended: bool = False


def lateness(
    course: Course, student: str, handed_in: datetime | None, late_flag: bool = False
) -> Lateness:
    """How late a student is.

    handed_in : with a time zone; None where nobody says it
    late_flag : whether the platform calls the hand-in late; it decides where the time is not known,
        unless the student has an extension, of which the platform may not know
    """
    handed_in = course.handed_in.get(student, handed_in)
    if handed_in and handed_in.year not in YEARS:  # nobody's clock; it could not be counted with
        handed_in = None
    handed_in = handed_in.astimezone(course.zone) if handed_in else None
    extended = course.extensions.get(student)
    due = extended or course.due
    if due is None:
        return Lateness(handed_in)
    is_guessed = handed_in is None and late_flag and extended is None
    days = _days_late(course, due, handed_in) if handed_in else int(is_guessed)
    is_cut_off = bool(
        handed_in
        and course.late.cut_off
        and _moment(handed_in) > max(_moment(course.late.cut_off), _moment(due) + course.late.grace)
    )
    free = min(days, course.late_days.get(student, course.late.late_days))
    percent = min((days - free) * course.late.percent_a_day, course.late.most_percent)
    return Lateness(
        handed_in,
        due,
        days,
        free,
        100.0 if is_cut_off else percent,
        is_cut_off,
        is_in_grace=bool(not days and handed_in and _moment(handed_in) > _moment(due)),
        is_guessed=is_guessed,
        is_extended=extended is not None,
    )


def penalty_of(late: Lateness, max_total: float, earned: float) -> float:
    """The points that lateness costs: never more than were earned.

    max_total : the maximum, of which `percent` is a part
    """
    earned = max(0.0, earned)
    if late.is_cut_off:
        return earned
    return min(earned, round(late.percent / 100 * max_total, 6))


def _days_late(course: Course, due: datetime, handed_in: datetime) -> int:
    """The days that had begun after the due time and the grace period."""
    clock = due.replace(tzinfo=None)

    def is_in_time(days: int) -> bool:
        end = later(clock + timedelta(days=days), course.zone) if days else due
        return _moment(handed_in) <= _moment(end) + course.late.grace

    days = max(0, (_moment(handed_in) - _moment(due) - course.late.grace).days - 1)
    while not is_in_time(days):
        days += 1
    return days


def _moment(time: datetime) -> datetime:
    """Compared within one zone, times would be compared by what the clocks show."""
    return time.astimezone(UTC)


# --- sentences ------------------------------------------------------------------------------------


def sentence(late: Lateness, course: Course, penalty: float, max_total: float) -> str:
    """What the student reads about the date; "" if there is nothing to say."""
    if late.due is None:
        return f"You handed in on {shown(late.handed_in)}." if late.handed_in else ""
    until = f"{'your extension ended' if late.is_extended else 'it was due'} on {shown(late.due)}"
    if late.is_guessed:
        when = "The learning platform marks your work as late, and does not say by how much"
    elif late.handed_in is None:
        return "It is not known here when you handed in, so nothing is taken off."
    else:
        when = f"You handed in on {shown(late.handed_in)}"
    if late.is_cut_off:
        return f"{when}, and {until}: so late, it gets no points."
    if late.is_in_grace:
        minutes = round(course.late.grace.total_seconds() / 60)
        return f"{when}, within {_count(minutes, 'minute')} after the end, so in time: {until}."
    if not late.days:
        return f"{when}, in time: {until}."
    by = _count(late.days, "day")
    counted = (
        f"{when}; it counts as {by} late" if late.is_guessed else f"{when}, {by} late: {until}"
    )
    return f"{counted}. {_cost(late, course, penalty, max_total)}"


def _cost(late: Lateness, course: Course, penalty: float, max_total: float) -> str:
    if late.free == late.days:
        return f"You use {_count(late.free, 'late day')}, and nothing is taken off."
    used = f"You use {_count(late.free, 'late day')}. " if late.free else ""
    if not late.percent:
        return f"{used}Nothing is taken off."
    counted = late.days - late.free
    rule = f"{course.late.percent_a_day:g} % of {max_total:g} points for each day"
    if counted * course.late.percent_a_day > course.late.most_percent:
        rule += f", and at most {course.late.most_percent:g} %"
    taken = "1 point is" if round(penalty, 2) == 1 else f"{_number(penalty)} points are"
    return f"{used}{taken} taken off: {rule}."


def shown(time: datetime) -> str:
    """A time as people write it, such as "20 November 2026, 23:59 (Europe/Zurich)"."""
    zone = getattr(time.tzinfo, "key", None) or time.tzname()
    return f"{time.day} {_MONTHS[time.month - 1]} {time.year}, {time:%H:%M} ({zone})"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _number(points: float) -> str:
    return f"{points:.2f}".rstrip("0").rstrip(".")
