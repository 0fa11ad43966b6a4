"""Copies are found, and what the exercise or the class explains is not."""

import csv
import os
import random
import re
from collections.abc import Mapping
from html.parser import HTMLParser

import pytest

from grader import __main__ as command_line
from grader.kit import sample_class
from grader.results import alike, functions
from tests.support.alike_class import made_up_class

SIZE, COPIES = 30, 3


def compared(students: Mapping[str, Mapping[str, bytes]]) -> alike.Comparison:
    return alike.compare({name: functions.find(files) for name, files in students.items()})


def listed(students: Mapping[str, Mapping[str, bytes]]) -> set[frozenset[str]]:
    return {frozenset((pair.one, pair.other)) for pair in compared(students).pairs}


@pytest.fixture(scope="module")
def honest():
    return made_up_class(SIZE, 0)[0]


@pytest.mark.parametrize("own_words", [True, False])
def test_copies_in_disguise_are_found_and_no_others(own_words):
    students, copied = made_up_class(SIZE, COPIES, own_words=own_words)
    assert listed(students) == copied


def test_in_an_honest_class_hardly_a_pair_is_listed(honest):
    assert len(listed(honest)) <= 3  # of 435; about one, by chance


def test_the_order_in_which_students_come_changes_nothing():
    students, _ = made_up_class(12, 2)
    names = sorted(students)
    random.Random(1).shuffle(names)
    assert compared({name: students[name] for name in names}) == compared(students)


def test_kit_and_reference_count_nothing(honest):
    reference = sample_class.reference_files()
    pairs = listed({**honest, "ann": reference, "bob": reference, "cy": {}, "di": {}})
    assert not any(pair & {"ann", "bob", "cy", "di"} for pair in pairs)


def test_short_functions_never_convict_alone(honest):
    short = b"""
def l2_penalty(W):
    return sum(w * w for row in W for w in row), W + W

def l1_penalty(W):
    return sum(abs(w) for row in W for w in row), W / abs(W)

def stochastic_depth_backward(dout, cache):
    return dout + 0, dout * cache
"""
    files = {"cs231n_utils/regularization.py": short}
    assert frozenset(("ann", "bob")) not in listed({**honest, "ann": files, "bob": files})


def test_where_most_have_copied_from_one_they_are_listed(honest):
    files = honest["student0002"]  # who writes some functions as few others do
    others = {name: honest[name] for name in sorted(honest)[4:16]}
    group = [f"copier{k}" for k in range(8)]
    pairs = listed({**others, **dict.fromkeys(group, files)})
    assert {frozenset((group[0], name)) for name in group[1:]} <= pairs


def test_what_a_group_has_in_common_is_listed_for_each_two_of_it(honest):
    files = made_up_class(8, 0, seed=9)[0]["student0004"]
    pairs = listed({**honest, "ann": files, "bob": files, "cy": files})
    assert pairs >= {frozenset(two) for two in (("ann", "bob"), ("ann", "cy"), ("bob", "cy"))}


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_the_smallest_classes_are_compared(size):
    students, _ = made_up_class(size, 0, seed=3)
    assert compared(students).submissions == size


def test_marked_is_what_both_have():
    ours = "def f(a):\n    b = a.mean() + 3\n    return np.cumsum(b)[::2] % 7 - a[1:, None] ** 5\n"
    one, two = (
        {"cs231n_utils/softmax.py": text.encode()}
        for text in (ours, ours.replace("b =", "c =").replace("b)", "c)").replace("mean", "max"))
    )
    sides = [functions.find(files).functions[0] for files in (one, two)]
    found = alike._side_by_side(*sides, 1.0, frozenset())
    for side, function in zip((found.one, found.other), sides, strict=True):
        assert "".join(text for text, _ in side.parts) == function.text
        assert [text for text, same in side.parts if same] == [
            re.search(r"\(\) \+ 3.*", function.text, re.DOTALL)[0][3:]
        ]


HOSTILE = [
    "<script>owned()<",
    "\x1b]0;owned\x07",
    "line\nbreak",
    "=HYPERLINK(1)",
    "\u202egpj.exe",
    "{{ 7 * 7 }}",
]


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = set()
        self.attributes = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_names_and_sources_reach_page_table_and_terminal_as_text(tmp_path, capsys, honest):
    files = dict(honest["student0003"])
    evil = b"    # </code><script>owned()</script> \x1b[2J \xe2\x80\xae {{ 7 * 7 }}\n"
    for name, content in files.items():
        files[name] = re.sub(rb"(def [^\n]*:[^\n]*\n)", lambda found: found[1] + evil, content)
    files["cs231n_utils/large.py"] = b"#" * 300_000
    sample_class.write_class({**dict.fromkeys(HOSTILE, files), **honest}, tmp_path / "in")
    out = tmp_path / "out"
    assert command_line.main(["alike", str(tmp_path / "in"), "--out", str(out)]) == 0

    page = (out / "alike.html").read_bytes().decode()
    said = capsys.readouterr()
    table = (out / "alike.csv").read_bytes().decode()
    for text in (page, said.out, said.err, table):
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e]", text)
    parsed = Tags()
    parsed.feed(page)
    assert not parsed.tags & {"script", "img", "link", "iframe"}
    assert parsed.attributes <= {
        *("lang", "charset", "name", "content", "class", "scope", "href", "id", "open")
    }
    assert "owned()" in page and "{{ 7 * 7 }}" in page and "http" not in page
    rows = list(csv.reader(table.splitlines()))
    assert len(rows) > len(HOSTILE) * (len(HOSTILE) - 1) / 2
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert len(said.out.splitlines()) == 1 + len(rows)
    assert "Not compared, or in part" in said.err and "large.py is beyond" in page


def test_a_link_is_not_followed_and_the_student_is_named(tmp_path, capsys, honest):
    submitted = tmp_path / "in"
    sample_class.write_class({"ann": honest["student0001"]}, submitted)
    os.symlink(submitted / "ann", submitted / "bob")
    assert command_line.main(["alike", str(submitted), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "1 submission. No pairs" in said.out
    assert "bob" in said.err


def test_who_is_refused_only_when_read_is_named(tmp_path, capsys, honest):
    submitted = tmp_path / "in"
    names = ["ann", "several/1", "several/2"]
    sample_class.write_class(dict.fromkeys(names, honest["student0001"]), submitted)
    assert command_line.main(["alike", str(submitted), "--out", str(tmp_path / "out")]) == 0
    assert "Not taken: several: It holds 2 kits" in capsys.readouterr().err


def test_a_folder_without_submissions_is_wrong_usage(tmp_path, capsys):
    assert command_line.main(["alike", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "No submissions in" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
