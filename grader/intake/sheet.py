"""A table as a platform exported it, in which single cells can be replaced: every other byte of the
file stays, with its encoding, byte order mark, delimiter, quotes and line ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

_DELIMITERS = ",;\t"
_SEPARATOR = re.compile("sep=(.)", re.IGNORECASE)  # a first line for spreadsheets
_QUOTED = re.compile('"(?:[^"]|"")*"')
_MAX_COLUMNS = 5_000
_BINARY = {
    b"PK\x03\x04": "a workbook or a zip",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
}


class SheetUnusable(Exception):
    """A file cannot be read as a table; the text says why, and what to do."""


@dataclass(frozen=True)
class Cell:
    """A cell: its text without quotes, and where it stands with them in the text of the file."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Sheet:
    """The text of a table, and where its cells are.

    records : the rows with their cells, the header first; neither empty lines nor what stands
        before the header
    """

    text: str
    encoding: str
    delimiter: str
    records: Sequence[Sequence[Cell]]

    @property
    def header(self) -> list[str]:
        return [cell.text.strip() for cell in self.records[0]]

    @cached_property
    def rows(self) -> list[list[str]]:
        """The texts below the header, each row at least as long as the header."""
        width = len(self.records[0])
        return [
            [*(cell.text.strip() for cell in record), *[""] * (width - len(record))]
            for record in self.records[1:]
        ]

    def with_cells(self, column: int, values: Mapping[int, str]) -> bytes:
        """The file with other texts in a column.

        values : number of the row, as in `rows` -> text
        """
        parts, done = [], 0
        for row, value in sorted(values.items()):
            record = self.records[row + 1]
            if column < len(record):
                start, end = record[column].start, record[column].end
                before = ""
            else:  # the row ends early, as some programs write empty cells
                start = end = record[-1].end
                before = self.delimiter * (column - len(record) + 1)
            parts += [self.text[done:start], before, self._quoted(value, self.text[start:end])]
            done = end
        return "".join([*parts, self.text[done:]]).encode(self.encoding, "surrogatepass")

    def _quoted(self, value: str, old: str) -> str:
        """The text in quotes if the old one had some, or if it needs some."""
        if old.startswith('"') or re.search(f'[{self.delimiter}"\r\n]', value):
            return '"' + value.replace('"', '""') + '"'
        return value


def read_sheet(content: bytes) -> Sheet:
    """Read a table in any encoding, with any delimiter. Raises SheetUnusable."""
    for beginning, what in _BINARY.items():
        if content.startswith(beginning):
            raise SheetUnusable(f"is no table, but {what}. Export or save it as CSV")
    text, encoding = _decoded(content)
    start = 1 if text.startswith("\ufeff") else 0
    while text[start : start + 1] in ("\r", "\n"):
        start += 1
    first_line = re.compile("[^\r\n]*").match(text, start)
    separator = _SEPARATOR.fullmatch(first_line[0]) if first_line else None
    if separator and first_line:
        delimiter, start = separator[1], first_line.end()
    else:
        delimiter = max(_DELIMITERS, key=lambda mark: _fits(text, start, mark))
    records = []
    while start < len(text):
        record, start = _record(text, start, delimiter)
        if any(cell.text.strip() for cell in record):
            records.append(record)
    if not records:
        raise SheetUnusable("is no table: it is empty. Export it again")
    if len(records[0]) > _MAX_COLUMNS:
        raise SheetUnusable(
            f"is no table: it has more than {_MAX_COLUMNS} columns. Export it again"
        )
    return Sheet(text, encoding, delimiter, records)


def _decoded(content: bytes) -> tuple[str, str]:
    """The text, and the encoding that gives the same bytes again."""
    little = content[:2] == b"\xff\xfe" or content[1:2] == b"\0"
    if little or content[:2] == b"\xfe\xff" or content[:1] == b"\0":
        encoding = "utf-16-le" if little else "utf-16-be"
        try:
            return content.decode(encoding, "surrogatepass"), encoding
        except UnicodeDecodeError:
            raise SheetUnusable(
                "is no table: it begins like UTF-16, and does not go on so. Export it again"
            ) from None
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    # Any bytes; delimiters and quotes are the same in all encodings of spreadsheets.
    return content.decode("latin-1"), "latin-1"


def _fits(text: str, start: int, delimiter: str) -> tuple[bool, int]:
    """How well a delimiter fits the header: whether quotes are around cells only, and how many
    cells there are.
    """
    try:
        cells, _ = _record(text, start, delimiter)
    except SheetUnusable:
        return False, 0
    raws = (text[cell.start : cell.end] for cell in cells)
    return all(_QUOTED.fullmatch(raw) or '"' not in raw for raw in raws), len(cells)


def _record(text: str, start: int, delimiter: str) -> tuple[list[Cell], int]:
    """The cells of the record that starts here, and where the next one starts."""
    # A quote counts at the start of a cell only, as everywhere.
    pattern = _cell_pattern(delimiter)
    cells = []
    while True:
        found = pattern.match(text, start)
        assert found  # the pattern also matches nothing
        quoted, rest = found["quoted"], found["rest"]
        if quoted is not None and not found["closed"]:
            raise SheetUnusable("is no table: a quote in it is never closed. Export it again")
        value = rest if quoted is None else quoted.replace('""', '"') + rest
        cells.append(Cell(value, start, found.end()))
        start = found.end()
        if text[start : start + 1] != delimiter:
            break
        start += 1
    if text.startswith("\r\n", start):
        return cells, start + 2
    return cells, start + 1


_PATTERNS: dict[str, re.Pattern[str]] = {}


def _cell_pattern(delimiter: str) -> re.Pattern[str]:
    if delimiter not in _PATTERNS:
        rest = f"(?P<rest>[^{re.escape(delimiter)}\r\n]*)"
        _PATTERNS[delimiter] = re.compile(f'(?:"(?P<quoted>(?:[^"]|"")*)(?P<closed>"?))?{rest}')
    return _PATTERNS[delimiter]
