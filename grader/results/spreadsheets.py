"""Tables as spreadsheets save them: with commas, semicolons or tabs, in several encodings, with
decimal points or commas, and without the zeros at the front of a number.
"""

from __future__ import annotations

import csv
import io
import re

from grader.text import legible, table_cell


class NotATable(Exception):
    """The content of a file is no table; the text says why, and ends with the next step."""


def rows(content: bytes, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a table with their numbers, the header being row 1. Names of columns are in
    lower case. Raises NotATable, also where a column that is needed is missing.
    """
    text = _decoded(content)
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    try:
        header, *found = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except (csv.Error, ValueError) as error:
        raise NotATable(f"this is no table ({error}). Save it as CSV.") from error
    names = [name.strip().lower() for name in header]
    missing = [name for name in needed if name not in names]
    if missing:
        there = ", ".join(legible(name) for name in names[:10])
        raise NotATable(
            f"the column {missing[0]!r} is missing (found: {there}). Add it, or take a table that"
            " the same command gives out."
        )
    return [
        (number, dict(zip(names, [*row, *[""] * (len(names) - len(row))], strict=False)))
        for number, row in enumerate(found, start=2)
    ]


def _decoded(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16, or Windows' own encoding."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def number(text: str) -> float | None:
    """The number in a cell, 0 or more; None if there is none. Raises ValueError for other text."""
    text = text.strip()
    if not text:
        return None
    if re.fullmatch(r"\d{1,4}([.,]\d{1,6})?", text, re.ASCII):
        return float(text.replace(",", "."))
    raise ValueError(text)


def without_zeros(name: str) -> str:
    """A number without the zeros at its front, which spreadsheets drop; any other name as it is."""
    return (name.lstrip("0") or name) if name.isascii() and name.isdigit() else name


def without_apostrophe(text: str) -> str:
    """A text without the apostrophe that keeps a spreadsheet from computing it."""
    is_ours = text.startswith("'") and table_cell(text[1:]) == text
    return text[1:] if is_ours else text
