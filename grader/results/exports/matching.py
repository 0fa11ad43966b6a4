"""Whose row is whose: by ids first, then by address, and by name where nothing else is known."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from grader.results.exports.contents import Person
from grader.results.exports.grades import Grade
from grader.results.spreadsheets import without_zeros
from grader.text import table_cell

# Ids in the downloads of these platforms are numbers of their own, and somebody else's elsewhere.
_OWN_NUMBERS = {"canvas", "moodle", "brightspace"}
# By which texts a row and a grade belong together.
_Step = tuple[Callable[[Person], list[str]], Callable[[Grade], list[str]]]


@dataclass
class Matches:
    """Who is who.

    rows : number of the row -> the grade
    by_name : those found by nothing but a name
    nobodys : grades without a row
    without_grade : people without a grade
    unclear : grades that could stand in several rows, or share one with another grade
    """

    rows: dict[int, Grade] = field(default_factory=dict)
    by_name: list[Grade] = field(default_factory=list)
    nobodys: list[Grade] = field(default_factory=list)
    without_grade: list[Person] = field(default_factory=list)
    unclear: list[Grade] = field(default_factory=list)


def match(people: Sequence[Person], grades: Sequence[Grade], platform: str) -> Matches:
    """Find the rows of these grades in a file of a platform."""
    found = Matches()
    rest_people, rest = list(people), list(grades)
    certain: tuple[_Step, ...] = (
        (lambda one: [_exact(one.own_id)], lambda grade: _own_ids(grade, platform)),
        (lambda one: [*map(_exact, one.ids)], lambda grade: _ids(grade, platform)),
        (lambda one: [_folded(one.email), *map(_folded, one.ids)], _addresses),
        (
            lambda one: [*map(_lenient, one.ids)],
            lambda grade: [*map(_lenient, _ids(grade, platform))],
        ),
    )
    by_name: tuple[_Step, ...] = (
        (lambda one: [_words(one.name)], lambda grade: [_words(grade.name)]),
        (lambda one: [_words(one.name)], lambda grade: [_words(grade.student)]),
    )
    for of_person, of_grade in (*certain, *by_name):
        pairs = _pairs(rest_people, rest, of_person, of_grade, found)
        found.rows |= {person.row: grade for person, grade in pairs}
        if (of_person, of_grade) in by_name:
            found.by_name += [grade for _, grade in pairs]
        taken = {person.row for person, _ in pairs}
        done = {id(grade) for _, grade in pairs} | set(map(id, found.unclear))
        rest_people = [one for one in rest_people if one.row not in taken]
        rest = [grade for grade in rest if id(grade) not in done]
    found.nobodys, found.without_grade = rest, rest_people
    return found


def _pairs(
    people: Sequence[Person],
    grades: Sequence[Grade],
    of_person: Callable[[Person], list[str]],
    of_grade: Callable[[Grade], list[str]],
    found: Matches,
) -> list[tuple[Person, Grade]]:
    """The pairs that one kind of text shows; what it does not decide becomes unclear."""
    rows = _index(people, of_person)
    wanted = [
        (grade, {one.row: one for text in of_grade(grade) for one in rows.get(text, ())})
        for grade in grades
    ]
    claims: dict[int, int] = {}
    for _, candidates in wanted:
        for row in candidates:
            claims[row] = claims.get(row, 0) + 1
    pairs = []
    for grade, candidates in wanted:
        # A person can have a row in each section of a course, with the same id.
        is_one = len({one.own_id or one.ids or str(one.row) for one in candidates.values()}) == 1
        if is_one and all(claims[row] == 1 for row in candidates):
            pairs += [(one, grade) for one in candidates.values()]
        elif candidates:
            found.unclear.append(grade)
    return pairs


def _index(
    people: Iterable[Person], texts_of: Callable[[Person], list[str]]
) -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = {}
    for one in people:
        for text in {*texts_of(one)} - {""}:
            found.setdefault(text, []).append(one)
    return found


def _own_ids(grade: Grade, platform: str) -> list[str]:
    """What the file's platform itself calls the student."""
    if grade.platform in ("", platform):
        return [_exact(grade.platform_id), _exact(grade.student)]
    return []


def _ids(grade: Grade, platform: str) -> list[str]:
    if grade.platform in _OWN_NUMBERS:
        return []
    return [_exact(grade.student), _exact(grade.platform_id)]


def _addresses(grade: Grade) -> list[str]:
    return [_folded(text) for text in (grade.email, grade.student) if "@" in text]


def _exact(text: str) -> str:
    """The text as the tables of results have it, each letter in one form."""
    return unicodedata.normalize("NFC", table_cell(text).lstrip("'"))


def _folded(text: str) -> str:
    return _exact(text).casefold()


def _lenient(text: str) -> str:
    return without_zeros(_folded(text))


def _words(text: str) -> str:
    """The words of a name in one order: platforms write the last name first, or last."""
    return " ".join(sorted(_folded(text).replace(",", " ").split()))
