"""A table whose cells are replaced keeps every other byte."""

import csv
import io
import random

import pytest

from grader.intake.sheet import SheetUnusable, read_sheet

TEXTS = ["", "Ann", "Li, Ann", "a;b", "a\tb", 'the "best"', '"', "two\nlines", "two\r\nlines", "é",
         "=1+1", "O'Neil", " spaces ", "97,5", "#1", 'in "the middle', "’", "\ufeffx"]  # fmt: skip
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8 with a mark": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16 big": "utf-16-be",
    "utf-16 little": "utf-16-le",
    "cp1252": "cp1252",
    "latin-1": "latin-1",
}


def table(chance: random.Random, delimiter: str) -> str:
    """A table whose cells are quoted when they must be, and sometimes when they need not."""
    width = chance.randint(2, 5)
    rows = [delimiter.join(f"h{k}" for k in range(width))]
    for _ in range(chance.randint(1, 6)):
        cells = []
        for _ in range(width):
            text = chance.choice(TEXTS)
            must = any(mark in text for mark in (delimiter, "\n", "\r")) or text[:1] == '"'
            is_quoted = must or chance.random() < 0.3
            cells.append('"' + text.replace('"', '""') + '"' if is_quoted else text)
        rows.append(delimiter.join(cells))
    end = chance.choice(["\n", "\r\n", "\r"])
    return end.join(rows) + chance.choice(["", end, end + end])


def gaps(sheet):
    """The text between the cells: delimiters and line ends."""
    cells = [cell for record in sheet.records for cell in record]
    starts = [0, *(cell.end for cell in cells)]
    ends = [*(cell.start for cell in cells), len(sheet.text)]
    return [sheet.text[start:end] for start, end in zip(starts, ends, strict=True)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_only_the_cells_that_are_replaced_change(encoding, delimiter):
    chance = random.Random(f"{encoding} {delimiter}")
    for _ in range(60):
        content = table(chance, delimiter).encode(encoding, "replace")
        before = read_sheet(content)
        assert before.with_cells(0, {}) == content
        column = chance.randrange(len(before.header))
        values = {k: chance.choice(["97.5", "97,5", "EX"]) for k in range(len(before.rows))}
        after = read_sheet(before.with_cells(column, values))
        assert (after.delimiter, gaps(after)) == (delimiter, gaps(before))
        for row, (old, new) in enumerate(zip(before.records, after.records, strict=True), -1):
            for k, (was, now) in enumerate(zip(old, new, strict=True)):
                raw = after.text[now.start : now.end]
                if k == column and row in values:
                    assert now.text == values[row]
                    assert raw.startswith('"') or not before.text[was.start : was.end].startswith(
                        '"'
                    )
                else:
                    assert raw == before.text[was.start : was.end]


def test_cells_are_those_that_spreadsheets_read():
    chance = random.Random(1)
    for delimiter in ",;\t":
        for _ in range(100):
            text = table(chance, delimiter)
            expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
            found = [[cell.text for cell in record] for record in read_sheet(text.encode()).records]
            assert found == [row for row in expected if any(cell.strip() for cell in row)]


def test_a_row_that_ends_early_is_made_long_enough():
    sheet = read_sheet(b"a;b;c\n1\n2;x;\n")
    assert sheet.with_cells(2, {0: "9", 1: "8"}) == b"a;b;c\n1;;9\n2;x;8\n"


def test_what_stands_before_the_header_stays():
    content = "\ufeffsep=;\r\na;b,c,d,e\r\n1;\r\n".encode()
    sheet = read_sheet(content)
    assert sheet.header == ["a", "b,c,d,e"]
    assert sheet.with_cells(1, {0: "9,5"}) == content.replace(b"1;", b"1;9,5")


@pytest.mark.parametrize(
    "content", [b'a;",";b\n1;2;3\n', b'"a,b,c,d";e\n1;2\n', b'a\tb\t"c,d,e,f"\n\t\t\n']
)
def test_delimiters_in_quotes_are_none(content):
    sheet = read_sheet(content)
    assert sheet.delimiter in (";", "\t")
    assert all(len(record) == len(sheet.header) for record in sheet.records)


def test_bytes_of_no_known_encoding_come_back():
    content = b"a,b\n\x81\x8d\x90,\n"
    assert read_sheet(content).with_cells(1, {0: "1"}) == b"a,b\n\x81\x8d\x90,1\n"


@pytest.mark.parametrize(
    "content, says",
    [
        (b"PK\x03\x04", "workbook"),
        (b"", "empty"),
        (b"\xff\xfea", "UTF-16"),
        (b"a," * 6000, "columns"),
        (b"\r\n \r\n", "empty"),
        (b'a,b\n"1,2\n3,4\n', "never closed"),
    ],
    ids=["workbook", "empty", "half a letter", "wide", "blank", "open quote"],
)
def test_what_is_no_table_is_refused(content, says):
    with pytest.raises(SheetUnusable, match=says):
        read_sheet(content)
