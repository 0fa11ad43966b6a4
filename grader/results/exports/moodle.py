"""Moodle: the offline grading worksheet, in any language, and feedback files.

The first column holds “Participant 20001” in that language. The worksheet's columns have a fixed
order, so the column of grades is known by the one behind it, which has the same number, the
maximum, in every row. Source: moodle/moodle, mod/assign/gradingtable.php,
mod/assign/feedback/offline/importgradeslib.php and locallib.php, mod/assign/feedback/file/
importziplib.php.
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
    number,
)

_PARTICIPANT = re.compile(r"[^\d@]*[^\W\d][^\d@]*?(\d+)")
# Headers of the grade, where the order does not decide.
_GRADE = {
    "grade", "bewertung", "note", "calificación", "valutazione", "nota", "beoordeling", "cijfer",
    "avaliação", "karakter", "betyg", "arvosana", "ocena", "známka", "оценка", "оцінка", "notu",
    "βαθμός", "成绩", "評点", "성적",
}  # fmt: skip
# What “Grade can be changed” says of a grade that is locked.
_NO = {
    "no", "nein", "non", "não", "nee", "nej", "nei", "ei", "nie", "ne", "nem", "nu", "нет", "ні",
    "hayır", "όχι", "否", "不可", "いいえ", "아니오",
}  # fmt: skip


def _recognizes(sheet: Sheet) -> bool:
    firsts = [row[0] for row in sheet.rows]
    if len(sheet.header) < 4 or not firsts or not all(map(_PARTICIPANT.fullmatch, firsts)):
        return False
    # Logins can look like “ann1”; then they are not all called the same, or there is no maximum.
    stems = {re.sub(r"\d+$", "", text) for text in firsts}
    return len(stems) == 1 and bool(_maxima(sheet) or _named(sheet))


def _maxima(sheet: Sheet) -> list[int]:
    """The places of columns that could hold the maximum."""
    found = []
    for k in range(3, len(sheet.header)):
        values = {row[k] for row in sheet.rows}
        most = number(next(iter(values))) if len(values) == 1 else None
        grades = (row[k - 1] for row in sheet.rows)
        if most and most > 0 and all(one in ("", "-") or number(one) is not None for one in grades):
            found.append(k)
    return found


def _named(sheet: Sheet) -> list[int]:
    return [k for k, name in enumerate(sheet.header) if name.casefold() in _GRADE]


def _contents(sheet: Sheet) -> Contents:
    header, maxima = sheet.header, _maxima(sheet)
    if len(maxima) > 1:
        maxima = [k for k in maxima if k - 1 in _named(sheet)] or maxima
    grades = [k - 1 for k in maxima] or [k for k in _named(sheet) if k > 1]
    maximum = number(sheet.rows[0][maxima[0]]) if len(maxima) == 1 else None
    first = min(grades, default=len(header))
    locks = maxima[0] + 1 if len(maxima) == 1 else len(header)
    return Contents(
        [_person(k, row, first, locks) for k, row in enumerate(sheet.rows)],
        [Column(k, header[k], header[k], maximum) for k in grades],
        [Column(k, name, name) for k, name in enumerate(header) if k > 1],
        decimal_mark(sheet, [row[k] for row in sheet.rows for k in maxima]),
    )


def _person(k: int, row: list[str], grade: int, locks: int) -> Person:
    found = _PARTICIPANT.fullmatch(row[0])
    assert found  # otherwise it is no worksheet
    # A blind worksheet has neither names nor other ids: its second column is the status.
    about = row[1:grade] if grade > 2 else []
    is_locked = locks < len(row) and row[locks].casefold() in _NO
    return Person(
        k,
        about[0] if about else row[0],
        found[1],
        (row[0], *filter(None, about[1:-1])),
        email_of(about),
        "its grade is locked in Moodle" if is_locked else "",
    )


def _feedback_path(person: Person, attachment: str) -> str:
    """Moodle takes what stands between the first two underscores for the number."""
    name = re.sub(r"[^\w '.-]|_", " ", person.name).strip(" .")[:60] or "Participant"
    return f"{name}_{person.own_id}_assignsubmission_file/feedback.html"


PLATFORM = Platform(
    "moodle",
    "Moodle",
    _recognizes,
    _contents,
    drops_above_maximum=True,
    missing_column="Name the column of grades with --column.",
    feedback_path=_feedback_path,
)
