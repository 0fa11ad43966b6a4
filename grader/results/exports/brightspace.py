"""Brightspace: the grades CSV.

Ids have a "#" before them, and each row ends in one. Source: community.d2l.com/brightspace, article
3538.
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

_IDS = ("OrgDefinedId", "Username")
_NAMES = ("First Name", "Last Name")
_ITEM = re.compile(r"(?P<title>.*\S) Points Grade(?: ?<(?P<about>.*)>)?", re.DOTALL | re.IGNORECASE)
_MAXIMUM = re.compile(r"MaxPoints: ?(\d+(?:[.,]\d+)?)", re.IGNORECASE)


def _recognizes(sheet: Sheet) -> bool:
    ids = headers_in(sheet, _IDS)
    is_marked = bool(sheet.rows) and all("#" in row for row in sheet.rows)
    return bool(ids) and (is_marked or bool(headers_in(sheet, ["End-of-Line Indicator"])))


def _contents(sheet: Sheet) -> Contents:
    ids, names = headers_in(sheet, _IDS), headers_in(sheet, _NAMES)
    columns, others = [], []
    for k, name in enumerate(sheet.header):
        if found := _ITEM.fullmatch(name):
            most = _MAXIMUM.search(found["about"] or "")
            columns.append(Column(k, name, found["title"], number(most[1]) if most else None))
        elif k not in (*ids, *names, len(sheet.header) - 1):
            others.append(Column(k, name, name))
    people = [
        Person(
            k,
            whole_name(row[j] for j in sorted(names, key=lambda j: sheet.header[j].casefold())),
            ids=tuple(row[j].removeprefix("#") for j in ids if row[j]),
            email=email_of(row),
        )
        for k, row in enumerate(sheet.rows)
        if any(row[j] for j in ids)
    ]
    numbers = [row[column.index] for row in sheet.rows for column in columns]
    return Contents(people, columns, others, decimal_mark(sheet, numbers))


PLATFORM = Platform(
    "brightspace",
    "Brightspace",
    _recognizes,
    _contents,
    missing_column=(
        "Expected one called `<item> Points Grade`. Export the grades again, with “Points grade”"
        " and this item chosen."
    ),
)
