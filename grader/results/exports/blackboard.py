"""Blackboard: the Grade Center's file for working offline, with tabs or commas, often in UTF-16.

A column is called `<title> [Total Pts: 100 Score] |<id>`, the words in the brackets in the user's
language; without its id Blackboard makes a new column of text. Source: library.blackboard.com,
Grade Center.
"""

from __future__ import annotations

import re

from grader.intake.sheet import Sheet
from grader.results.exports.contents import (
    Column,
    Contents,
    Person,
    Platform,
    decimal_mark,
    email_of,
    headers_in,
    number,
    whole_name,
)

_COLUMN = re.compile(r"(?P<title>.*?)\s*(?:\[(?P<about>[^\[\]]*)\])?\s*\|\s*\d+", re.DOTALL)
_MAXIMUM = re.compile(r"\d+(?:[.,]\d+)?")
_IDS = (
    "Username", "User Name", "Student ID", "Benutzername", "Matrikelnummer", "Nom d'utilisateur",
    "Nombre de usuario", "Nome utente", "Nome de usuário", "Gebruikersnaam",
)  # fmt: skip


def _recognizes(sheet: Sheet) -> bool:
    return len(sheet.header) > 2 and any(map(_COLUMN.fullmatch, sheet.header))


def _contents(sheet: Sheet) -> Contents:
    columns, about_people = [], []
    for k, name in enumerate(sheet.header):
        if not (found := _COLUMN.fullmatch(name)):
            about_people.append(k)
            continue
        about = found["about"] or ""
        if "up to" not in about:  # so are the columns called that Blackboard computes
            most = _MAXIMUM.search(about)
            columns.append(Column(k, name, found["title"], number(most[0]) if most else None))
    # In a language that is not known, everything but the name can be an id.
    ids = headers_in(sheet, _IDS) or about_people[2:]
    people = [
        Person(
            k,
            whole_name((row[1], row[0])) if ids != [0] else "",
            ids=tuple(row[j] for j in ids if row[j]),
            email=email_of(row[j] for j in about_people),
        )
        for k, row in enumerate(sheet.rows)
        if any(row[j] for j in ids)
    ]
    numbers = [row[column.index] for row in sheet.rows for column in columns]
    found_in_headers = [
        most[0] for column in columns if (most := _MAXIMUM.search(column.name.rpartition("[")[2]))
    ]
    return Contents(people, columns, mark=decimal_mark(sheet, [*numbers, *found_in_headers]))


PLATFORM = Platform(
    "blackboard",
    "Blackboard",
    _recognizes,
    _contents,
    missing_column=(
        "Expected one called `<title> [Total Pts: … Score] |<number>`. Make the column in"
        " Blackboard, and download the file again, with the full Grade Center."
    ),
)
