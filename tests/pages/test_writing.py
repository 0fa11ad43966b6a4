"""A file that others may be reading is replaced as a whole, and only if it would be another one."""

from __future__ import annotations

import pytest

from grader.pages import writing

PARTS = ("one\n", "zwölf\n")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "table.csv"
    writing.write_if_other(path, lambda: PARTS)
    return path


def test_a_file_that_holds_the_same_is_not_touched(file):
    before = file.stat()
    writing.write_if_other(file, lambda: PARTS)
    assert file.stat() == before


@pytest.mark.parametrize("there", ["", "one\n", "one\nzwölf\n\n", "one\nzwolf\n"])
def test_a_file_that_holds_something_else_is_replaced(file, there):
    file.write_text(there, encoding="utf-8")
    writing.write_if_other(file, lambda: PARTS)
    assert file.read_text(encoding="utf-8") == "".join(PARTS)


@pytest.mark.parametrize("error", [PermissionError, FileNotFoundError, OSError])
def test_a_file_that_cannot_be_read_is_replaced(file, monkeypatch, error):
    def refuse(path, mode):
        if mode == "rb":
            raise error(path)
        return open(path, mode)

    monkeypatch.setattr(writing, "open", refuse, raising=False)
    before = file.stat().st_ino
    writing.write_if_other(file, lambda: PARTS)
    assert file.stat().st_ino != before
    assert file.read_text(encoding="utf-8") == "".join(PARTS)


def test_a_folder_in_its_place_stays(tmp_path):
    (tmp_path / "table.csv").mkdir()
    with pytest.raises(OSError, match=r"table\.csv"):
        writing.write_if_other(tmp_path / "table.csv", lambda: PARTS)
