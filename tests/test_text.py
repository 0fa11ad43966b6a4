"""Text of students is made safe in one place; pages/test_escaping.py tries what shows it."""

import pytest

from grader import text


def test_printable_text_stays_as_it_is_in_any_script():
    for ordinary in (
        "Zoë 李 می\u200cخواهم 👩\u200d🔬 a\u00a0b",
        "two\nlines\tand a tab",
        "“x” ≤ ∑ σ²",
    ):
        assert text.printable(ordinary) == ordinary
    assert text.printable("".join(map(chr, range(32)))).strip("�") == "\t\n"


@pytest.mark.parametrize(
    "active",
    ["\x1b", "\0", "\x7f", "\x9b", "\u2028", "\u202e", "\u2066", "\ud800", "\ufff9", "\U000e0041"],
)
def test_what_does_something_instead_of_showing_something_is_replaced(active):
    assert text.printable(f"a{active}b") == text.one_line(f"a{active}b") == "a�b"


def test_one_line_has_no_line_breaks():
    assert text.one_line("two\nlines\tand a tab") == "two�lines�and a tab"


def test_a_message_holds_a_name_in_printable_letters_and_not_all_of_a_long_one():
    assert text.legible("Zoë\n\u202e\x1b[2J.py") == "Zoë???[2J.py"
    assert text.legible("x" * 1000) == "x" * 80
    assert text.legible("x" * 1000, 5) == "xxxxx"


def test_folded_text_has_single_spaces_and_no_more_than_was_asked_for():
    assert text.folded("  shapes (2,3)\n\t and\x00 (4,)  ", 500) == "shapes (2,3) and? (4,)"
    assert text.folded("a " * 10**6, 7) == "a a a a"


@pytest.mark.parametrize(
    "name", ["ann", "Smith, Ann", "Smith; Ann (id-3)", "O'Neil", "12-3", "a=b", "j.doe@x.org", "李"]
)
def test_an_ordinary_name_is_the_same_in_a_table(name):
    assert text.table_cell(name) == name


@pytest.mark.parametrize(
    "formula, cell",
    [
        ("=1", "'=1"),
        (" +1", "' +1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\u22121", "'\u22121"),
        ("＝1", "'＝1"),
        ("a;=1", "a;'=1"),
        ("\t=1", "'�=1"),
    ],
)
def test_a_spreadsheet_computes_nothing_of_a_cell(formula, cell):
    assert text.table_cell(formula) == cell


@pytest.mark.parametrize(
    "path, shown",
    [
        ("(/opt/course/lib/python3.11/site-packages/numpy/__init__.py)", "(numpy/__init__.py)"),
        ("/usr/lib/python3.11/random.py, line 3", "random.py, line 3"),
        ("/root/.pyenv/versions/3.13.0/lib/python3.13/json/decoder.py", "json/decoder.py"),
        ("/usr/lib/python3/dist-packages/six.py", "six.py"),
        ("No such file or directory: '/home/ann/data.csv'", "'/home/ann/data.csv'"),
    ],
)
def test_where_python_lies_on_the_machine_that_grades_is_not_said(path, shown):
    told = text.without_places(path)
    assert shown in told and "/lib/" not in told
    assert text.without_places("/" * 10_000) == "/" * 2000


@pytest.mark.parametrize("number, found", [(0, "0 rows"), (1, "1 row"), (2, "2 rows")])
def test_a_number_counts_one_or_several(number, found):
    assert text.count_of(number, "row") == found
