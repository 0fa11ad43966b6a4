"""Any other table with a row for each student, such as Moodle's gradebook or a spreadsheet of the
department's: the column to fill is named by staff.
"""

from __future__ import annotations

from grader.intake.sheet import Sheet
from grader.results.exports.contents import (
    Column,
    Contents,
    Person,
    Platform,
    decimal_mark,
    email_of,
    headers_in,
    whole_name,
)

_IDS = (
    "student", "student_id", "student id", "sid", "username", "user name", "login", "id",
    "id number", "student number", "display id", "benutzername", "anmeldename", "id-nummer",
    "matrikelnummer", "nom d'utilisateur", "numéro d'identification", "nombre de usuario",
    "número de id", "nome utente", "codice identificativo",
)  # fmt: skip
_WHOLE = ("name", "full name", "vollständiger name", "nom complet", "nombre completo")
_FIRST = ("first name", "vorname", "prénom", "nombre", "nome")
_LAST = ("last name", "surname", "nachname", "nom", "nom de famille", "apellido(s)", "cognome")


def _recognizes(sheet: Sheet) -> bool:
    is_known = bool(headers_in(sheet, _IDS)) or any(map(email_of, sheet.rows))
    return len(sheet.header) > 1 and is_known


def _contents(sheet: Sheet) -> Contents:
    ids = headers_in(sheet, _IDS)
    names = headers_in(sheet, _WHOLE)[:1]
    names = names or headers_in(sheet, _FIRST)[:1] + headers_in(sheet, _LAST)[:1]
    people = [
        Person(
            k,
            whole_name(row[j] for j in names),
            ids=tuple(row[j] for j in ids if row[j]),
            email=email_of(row),
        )
        for k, row in enumerate(sheet.rows)
        if any(row[j] for j in ids) or email_of(row)
    ]
    others = [
        Column(k, name, name) for k, name in enumerate(sheet.header) if k not in (*ids, *names)
    ]
    cells = (cell for row in sheet.rows for cell in row)
    return Contents(people, [], others, decimal_mark(sheet, cells))


PLATFORM = Platform(
    "other",
    "another program",
    _recognizes,
    _contents,
    missing_column="Name the column of grades with --column.",
)
