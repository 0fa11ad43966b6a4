"""What the file of each platform has to say about a gradebook: its people, its columns for grades,
and what the platform does with a grade. No file of a platform knows another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from grader.intake.sheet import Sheet

# Words in headers of languages that write a decimal comma.
_WITH_COMMA = {
    "nachname", "vorname", "benutzername", "bewertung", "nom", "prénom", "apellidos", "apellido",
    "nombre", "calificación", "cognome", "nome", "valutazione", "achternaam", "voornaam", "cijfer",
    "beoordeling", "sobrenome", "avaliação", "efternavn", "efternamn", "etternavn", "karakter",
    "betyg", "sukunimi", "arvosana", "nazwisko", "ocena", "příjmení", "známka", "фамилия",
    "оценка", "прізвище", "оцінка", "soyadı", "επώνυμο", "βαθμός",
}  # fmt: skip
_NUMBER = re.compile(r"-?\d+(?:([.,])\d+)?")


@dataclass(frozen=True)
class Column:
    """A column that grades can stand in.

    index : its place, from 0
    name : its header
    title : the assignment's title in it
    maximum : the most points of the assignment, where the file says it
    """

    index: int
    name: str
    title: str
    maximum: float | None = None


@dataclass(frozen=True)
class Person:
    """A row of somebody.

    row : its number, below the header, from 0
    own_id : the platform's own id, which its downloads have, too
    ids : logins, numbers of students and the like, which other platforms may have, too
    locked : why the platform would pass over a grade in this row; "" if it takes one
    """

    row: int
    name: str
    own_id: str = ""
    ids: tuple[str, ...] = ()
    email: str = ""
    locked: str = ""

    @property
    def called(self) -> str:
        """The person in a message."""
        return self.name or self.email or next(filter(None, (self.own_id, *self.ids)), "")


@dataclass(frozen=True)
class Contents:
    """What a gradebook file holds.

    columns : those that can be filled
    others : further columns that staff can choose by name
    mark : the decimal mark of its numbers
    """

    people: Sequence[Person]
    columns: Sequence[Column]
    others: Sequence[Column] = ()
    mark: str = "."


@dataclass(frozen=True)
class Platform:
    """A platform, and how its gradebook file is read.

    name : as in hand_ins.csv
    label : as people write it
    drops_above_maximum : whether a grade above the maximum is not taken
    excused : what stands for a grade of a student who is excused; "" if there is nothing
    missing_column : what to do where the file has no column for grades
    feedback_path : (person, id of the attachment) -> the name under which the platform takes back
        a page of this person; "" if it takes none. None if the platform takes no pages at all.
    """

    name: str
    label: str
    recognizes: Callable[[Sheet], bool]
    contents: Callable[[Sheet], Contents]
    drops_above_maximum: bool = False
    excused: str = ""
    missing_column: str = "Make the assignment there, and export the gradebook again."
    feedback_path: Callable[[Person, str], str] | None = None


def number(text: str) -> float | None:
    """A number as a platform writes it, with either decimal mark; None if it is none."""
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def decimal_mark(sheet: Sheet, texts: Iterable[str]) -> str:
    """The decimal mark that these numbers have. Where none has one, the language decides."""
    marks = [found[1] for text in texts if (found := _NUMBER.fullmatch(text)) and found[1]]
    words = {word for name in sheet.header for word in re.findall(r"\w+", name.casefold())}
    # A program writes semicolons where commas stand in numbers.
    is_comma_usual = sheet.delimiter == ";" or bool(words & _WITH_COMMA)
    return max(",." if is_comma_usual else ".,", key=marks.count)


def headers_in(sheet: Sheet, names: Iterable[str]) -> list[int]:
    """The places of the columns that have one of these headers, in any case."""
    known = {name.casefold() for name in names}
    return [k for k, name in enumerate(sheet.header) if name.casefold() in known]


def email_of(row: Iterable[str]) -> str:
    """The first cell that holds an address."""
    return next((cell for cell in row if re.fullmatch(r"[^@\s]+@[^@\s]+", cell)), "")


def whole_name(parts: Iterable[str]) -> str:
    return " ".join(filter(None, parts))
