"""Times as platforms, file names and `timestamp.txt` give them: with their zone, or not at all.

An offset is an offset in every form. A zone's name is looked up in the course's own zone, because
"CST" is in three continents. What has no zone at all is in the course's zone, which is said; and
what cannot be read is said, and never taken for UTC.
"""

from __future__ import annotations

import hmac
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from grader.text import legible

TIME_FILE = "timestamp.txt"
SEAL_FILE = ".timestamp.hmac"
MAX_BYTES = 200  # of such a file
UTC_ZONE = ZoneInfo("UTC")
# As nbgrader writes times.
TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f UTC"

_ISO = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[T _,]+)(\d\d?)[:.]?(\d\d)(?:[:.](\d\d)(?:[.,](\d+))?)?"
)
_DASHED = re.compile(r"(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)()")
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d*)")
# Nov 20, 2026 1100 AM; Freitag, 20. November 2026, 11:00; 20 de noviembre de 2026 11:00.
_WORDS = re.compile(
    r"(?:[^\d,]+, ?|[^\W\d]+ (?=[^\W\d]+\.? \d|\d))?"
    r"(?:([^\W\d]+)\.? (\d\d?)|(\d\d?)\.? (?:de )?([^\W\d]+)\.?),? (?:de )?(\d{4}),?"
    r" (?:at |um |à )?(\d\d?)[:.h]?(\d\d)(?:[:.](\d\d))?(?: ?([AaPp])\.?[Mm]\.?)?"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+\N{MINUS SIGN}-])(\d\d?)(?::?(\d\d))?(?::?\d\d)?")
# The beginnings of months' names in English, German, French, Spanish, Italian, Portuguese, Dutch.
_MONTHS = (
    "jan ene gen", "feb fév fev", "mar mär mrz maa mrt", "apr avr abr", "may mai mag mei",
    "jun juin giu", "jul juil lug", "aug aoû aou ago", "sep set", "oct okt ott out", "nov",
    "dec dez déc dic",
)  # fmt: skip
_MONTH = {start: k for k, names in enumerate(_MONTHS, 1) for start in names.split()}


@dataclass(frozen=True)
class Time:
    """A time that somebody has written down.

    at : with its zone; None if it cannot be read
    note : what must be said about how it was read; "" if nothing
    """

    at: datetime | None
    note: str = ""


def parse(text: str, zone: tzinfo = UTC_ZONE) -> Time:
    """Read a time in any of the forms that platforms use.

    zone : the course's
    """
    plain = " ".join(text.removeprefix("\ufeff").split()).strip("'\"")
    if not plain:
        return Time(None, "The time is empty.")
    unreadable = Time(None, f"The time “{legible(plain, 60)}” cannot be read.")
    try:
        naive, rest = _split(plain)
        if naive is None:
            return unreadable
        return _in_zone(naive, rest, zone) or Time(
            None,
            f"The time “{legible(plain, 60)}” cannot be read: {legible(rest, 20)} is no zone that"
            f" {_name(zone)} has.",
        )
    except (ValueError, OverflowError):  # the 31st of June, the year 0
        return unreadable


def _split(text: str) -> tuple[datetime | None, str]:
    """The date and time, and what stands behind it."""
    if found := _ISO.match(text) or _DASHED.match(text) or _DIGITS.match(text):
        *parts, fraction = found.groups()
        return _datetime([int(part or 0) for part in parts], fraction), text[found.end() :].strip()
    if found := _WORDS.match(text):
        month, day, day_first, month_last, year, hour, minute, second, half = found.groups()
        named = (month or month_last).lower()
        number = _MONTH.get(named[:4]) or _MONTH.get(named[:3]) or 0
        hours = int(hour)
        if half:
            if not 1 <= hours <= 12:
                raise ValueError(text)
            hours = hours % 12 + 12 * (half in "Pp")
        numbers = [int(year), number, int(day or day_first), hours, int(minute), int(second or 0)]
        return _datetime(numbers, ""), text[found.end() :].strip()
    return None, text


def _datetime(parts: list[int], fraction: str | None) -> datetime:
    return datetime(*parts, microsecond=int((fraction or "")[:6].ljust(6, "0")))  # type: ignore[arg-type, misc]


def _in_zone(naive: datetime, name: str, zone: tzinfo) -> Time | None:
    """The time in the zone or with the offset that stands behind it; None if there is no such."""
    if not name:
        # In the hour that a clock shows twice, the first; a student may be the later one.
        at = naive.replace(tzinfo=zone)
        note = f"The time has no zone; it was read in the course's zone, {_name(zone)}."
        return Time(_checked(at), note)
    if name.upper() in ("UTC", "GMT", "Z", "UT"):
        return Time(_checked(naive.replace(tzinfo=UTC)))
    if offset := _OFFSET.fullmatch(name):
        minutes = 60 * int(offset[2]) + int(offset[3] or 0)
        if minutes > 14 * 60 or int(offset[3] or 0) > 59:
            return None
        shift = timedelta(minutes=minutes if offset[1] == "+" else -minutes)
        return Time(_checked(naive.replace(tzinfo=timezone(shift))))
    shift_of = _zone_names(zone, naive.year)
    if name.upper() in shift_of:
        return Time(_checked(naive.replace(tzinfo=timezone(shift_of[name.upper()], name))))
    return None


def _checked(at: datetime) -> datetime:
    at.astimezone(UTC)  # raises OverflowError at the ends of the calendar
    return at


def _zone_names(zone: tzinfo, year: int) -> dict[str, timedelta]:
    """The names that a zone has in the course of a year, such as CET and CEST, and their offsets
    from UTC.
    """
    found = {}
    for month in range(1, 13):
        at = datetime(year, month, 15, tzinfo=zone)
        name, offset = at.tzname(), at.utcoffset()
        if name and offset is not None:
            found[name.upper()] = offset
    return found


def _name(zone: tzinfo) -> str:
    return getattr(zone, "key", None) or str(zone)


def from_file(content: bytes, zone: tzinfo = UTC_ZONE) -> Time:
    """The time in a `timestamp.txt`, of whatever tool."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return Time(None, f"{TIME_FILE} holds no text.")
    time = parse(text, zone)
    return time if time.at else Time(None, f"{TIME_FILE}: {time.note}")


# --- our collector's seal -------------------------------------------------------------------------


def seal(text: bytes, secret: str, student: str, assignment: str) -> bytes:
    """Our seal on the text of a `timestamp.txt`: nobody can make one without the course's secret,
    and it holds for this student and assignment only.
    """
    what = b"\0".join((b"hand-in time", os.fsencode(student), os.fsencode(assignment), text))
    return hmac.new(secret.encode(), what, "sha256").hexdigest().encode()


def sealed(
    text: bytes, given: bytes, secret: str, student: str, assignment: str
) -> datetime | None:
    """The time in a `timestamp.txt`, if `given` is our seal on it."""
    if not hmac.compare_digest(given, seal(text, secret, student, assignment)):
        return None
    try:
        return datetime.strptime(text.decode(), TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def as_text(time: datetime) -> str:
    """As nbgrader writes times, which are all in UTC."""
    return time.astimezone(UTC).strftime(TIME_FORMAT)
