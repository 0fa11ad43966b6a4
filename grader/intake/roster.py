"""Who is in the course: a CSV of ours, or the gradebook file that a platform exported.

Says who handed in nothing, who handed in and is not in the course, and whose name differs by case.
Columns are known by their headers, in any order; of a file in another language, by their content.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from itertools import count
from pathlib import Path

from grader.faults import WrongUsage
from grader.intake import times
from grader.intake.hand_ins import HandIn
from grader.intake.records import Records
from grader.intake.sheet import SheetUnusable, read_sheet
from grader.intake.submission import as_text
from grader.text import legible

MAX_BYTES = 64 << 20
_STUDENT = (
    "student", "student_id", "username", "user name", "user", "login", "login id", "login_id",
    "sis login id", "benutzername", "anmeldename", "nom d'utilisateur", "nombre de usuario",
)  # fmt: skip
_NAME = ("name", "full name", "fullname", "vollständiger name", "nom complet", "nombre completo")
_LAST = ("last name", "last_name", "surname", "nachname", "family name", "nom de famille")
_FIRST = ("first name", "first_name", "vorname", "given name", "prénom")
_ID = (
    "id", "ids", "sid", "sis user id", "sis login id", "integration id", "orgdefinedid",
    "student id", "student number", "id number", "id-nummer", "matrikelnummer", "platform_id",
    "username", "user id", "student_id",
)  # fmt: skip
_PARTICIPANT = re.compile(r"\D*?[^\W\d](?:[ _]?)(\d+)")


class RosterUnusable(WrongUsage):
    """The roster cannot be read; the text says why, and what it should be."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the course.

    student : as hand-ins of the platform are called, as far as the file says
    ids : all that may stand for the student
    handed_in : when the file says that the student handed in
    """

    student: str
    name: str = ""
    email: str = ""
    ids: tuple[str, ...] = ()
    handed_in: datetime | None = None


def read(path: Path, zone: tzinfo = times.UTC_ZONE) -> list[Person]:
    """Read a roster. Raises RosterUnusable.

    zone : the course's, for times in a Moodle worksheet
    """
    return people_in(content_of(path), path, zone)


def content_of(path: Path) -> bytes:
    """The content of a roster's file. Raises RosterUnusable."""
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RosterUnusable(f"{path} cannot be read ({error.strerror}).") from error
    if len(content) > MAX_BYTES:
        raise RosterUnusable(f"{path} has more than {MAX_BYTES >> 20} MB, and is no roster.")
    return content


def people_in(content: bytes, path: Path, zone: tzinfo = times.UTC_ZONE) -> list[Person]:
    """The people in the content of a roster's file, which messages call `path`. Raises
    RosterUnusable.
    """
    try:
        sheet = read_sheet(content)
    except SheetUnusable as error:
        raise RosterUnusable(f"{path} {error}. {_EXPECTED}") from error
    header, rows = sheet.header, sheet.rows
    people = _people(header, rows, zone)
    if not people:
        found = ", ".join(legible(name, 30) for name in header[:6])
        raise RosterUnusable(f"{path} names no students (its columns: {found}). {_EXPECTED}")
    return list({person.student: person for person in people}.values())


_EXPECTED = (
    "Expected a CSV with a column student, and any of name, email and id, or the gradebook file"
    " that Canvas, Moodle, Brightspace or Blackboard exported."
)


def _people(header: Sequence[str], rows: Sequence[Sequence[str]], zone: tzinfo) -> list[Person]:
    names = [name.lower().lstrip("\ufeff") for name in header]
    full = [[*row, *[""] * (len(header) - len(row))] for row in rows]
    if names[:1] == ["student"] and "id" in names[1:3]:
        return _of_canvas(names, full)
    # In Moodle's worksheet the first column is “Participant 20001”, in the user's language.
    numbers = [_PARTICIPANT.fullmatch(row[0]) for row in full]
    if full and all(numbers) and names[0] not in _STUDENT:
        return _of_moodle(names, full, zone)
    records = [
        {name: cell.removeprefix("#") for name, cell in zip(names, row, strict=False)}
        for row in full
    ]
    people = []
    for record in records:
        ids = [record.get(name, "") for name in _ID]
        student = _one(record, _STUDENT) or next(filter(None, ids), "") or _email(record)
        if student:
            people.append(_person(student, _full_name(record), _email(record), ids))
    return people


def _person(
    student: str, name: str, email: str, ids: Iterable[str], handed_in: datetime | None = None
) -> Person:
    known = tuple(dict.fromkeys(as_text(one) for one in ids if one))
    return Person(as_text(student), as_text(name), as_text(email), known, handed_in)


def _one(record: Mapping[str, str], names: Iterable[str]) -> str:
    return next((record[name] for name in names if record.get(name)), "")


def _email(record: Mapping[str, str]) -> str:
    return next((cell for name, cell in record.items() if "mail" in name and "@" in cell), "")


def _full_name(record: Mapping[str, str]) -> str:
    whole = _one(record, _NAME)
    parts = (_one(record, _FIRST), _one(record, _LAST))
    return whole or " ".join(filter(None, parts))


def _of_canvas(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Person]:
    """Canvas's own id is the student, as in its downloads. Rows without one hold settings."""
    people = []
    for row in rows:
        record = dict(zip(names, row, strict=False))
        student = record.get("id", "")
        if student and "points possible" not in row[0].lower():
            last, comma, first = row[0].partition(", ")
            name = f"{first} {last}" if comma else last
            ids = [record.get(name, "") for name in _ID]
            email = next((cell for cell in (*ids, *row) if "@" in cell), "")
            people.append(_person(student, name, email, ids))
    return people


def _of_moodle(names: Sequence[str], rows: Sequence[Sequence[str]], zone: tzinfo) -> list[Person]:
    """The participant's number is the student, as in Moodle's downloads. The first column of times
    is that of the submissions.
    """
    parsed = [
        [times.parse(cell, zone).at if cell not in ("", "-") else None for cell in column]
        for column in zip(*rows, strict=True)
    ]
    of_times = next(
        (
            column
            for column, cells in zip(parsed, zip(*rows, strict=True), strict=True)
            if any(column)
            and all(at or cell in ("", "-") for at, cell in zip(column, cells, strict=True))
        ),
        [None] * len(rows),
    )
    people = []
    for row, handed_in in zip(rows, of_times, strict=True):
        record = dict(zip(names, row, strict=False))
        number = re.sub(r"\D", "", row[0])
        ids = [number, row[0], *(record.get(name, "") for name in _ID if name != "id")]
        name = _full_name(record) or row[1]
        people.append(_person(number, name, _email(record), ids, handed_in))
    return people


# --- comparing ------------------------------------------------------------------------------------


class Roster:
    """The people of a course, to be found by whatever a platform says of them.

    people : none if there is no roster; then nobody is unknown or missing
    """

    def __init__(self, people: Sequence[Person] = ()) -> None:
        self._people = people
        self._exact = _index(people, lambda one: map(_composed, (one.student, *one.ids)))
        self._folded = _index(people, lambda one: map(_folded, (one.student, *one.ids)))
        self._emails = _index(people, lambda one: [_folded(one.email)])
        self._names = _index(people, lambda one: [_folded(one.name)])

    def find(self, one: HandIn) -> Person | None:
        """The person who handed this in; None if that is nobody, or not clear."""
        if not self._people:
            return None
        return (
            self._exact.get(_composed(one.student))
            or self._exact.get(_composed(one.platform_id))
            or self._emails.get(_folded(one.email))
            or self._emails.get(_folded(one.student))
            or self._folded.get(_folded(one.student))
            # Brightspace's downloads and Google Drive's say a name only.
            or self._names.get(_folded(one.name))
            or self._names.get(_folded(one.student))
        )

    def with_time(self, one: HandIn) -> HandIn:
        """The record with the time in the roster, where the download says none, as Moodle's."""
        person = None if one.handed_in else self.find(one)
        if person is None or person.handed_in is None:
            return one
        note = f"{one.note} The time is that of the roster's file.".strip()
        return replace(one, handed_in=person.handed_in, note=note)

    def compare(self, hand_ins: Sequence[HandIn]) -> Sequence[HandIn]:
        """The records, with names and e-mails from the roster, and a record for everybody on it who
        handed in nothing.
        """
        if not self._people:
            return hand_ins
        compared, places = Records(), count()
        seen = set()
        for one in hand_ins:
            person = self.find(one)
            if person:
                seen.add(person.student)
            compared.keep(next(places), [_completed(one, person) if person else _unknown(one)])
        for person in self._people:
            if person.student not in seen:
                compared.keep(next(places), [_missing(person)])
        return compared.all


def _composed(text: str) -> str:
    """The text with each letter in one form: a Mac takes "ë" apart."""
    return unicodedata.normalize("NFC", text)


def _folded(text: str) -> str:
    return _composed(text).casefold()


def _index(
    people: Sequence[Person], texts_of: Callable[[Person], Iterable[str]]
) -> dict[str, Person | None]:
    """What may stand for a person -> the person; None for what may stand for several."""
    found: dict[str, Person | None] = {}
    for person in people:
        for text in {*texts_of(person)} - {""}:
            found[text] = person if text not in found else None
    return found


def _unknown(one: HandIn) -> HandIn:
    if not one.student or one.superseded:
        return one
    return replace(one, unknown=True, note=f"{one.note} Not on the roster.".strip())


def _missing(person: Person) -> HandIn:
    return HandIn(
        person.student,
        person.name,
        person.email,
        platform_id=person.ids[0] if person.ids else "",
        taken=False,
        missing=True,
        note="On the roster, and handed in nothing.",
    )


def _completed(one: HandIn, person: Person) -> HandIn:
    note = one.note
    texts = [person.student, *person.ids, person.name, person.email]
    if _composed(one.student) not in map(_composed, texts):
        other = next((text for text in texts if _folded(text) == _folded(one.student)), "")
        if other:
            note = f"{note} The roster spells the name {other}.".strip()
    return replace(one, name=person.name or one.name, email=one.email or person.email, note=note)
