"""Pages are drawn from reports: again where asked for, and nothing is graded for it."""

from __future__ import annotations

import json

import pytest

from grader.__main__ import main
from grader.report import Report, folder_of
from grader.results import cache, store
from tests.support.course_copy import made_up_report, write_student

STUDENTS = ("ann", "bob", "../eve")


@pytest.fixture
def results(tmp_path):
    """A folder of results whose pages are none of ours."""
    reports = [made_up_report(student) for student in STUDENTS]
    for report in reports:
        write_student(tmp_path, report)
    store.write_class(tmp_path, reports)
    for page in tmp_path.rglob("*.html"):
        page.write_text("old")
    return tmp_path


def test_report_draws_every_page_again(results):
    reports = {path: path.read_bytes() for path in results.glob("*/report.json")}
    table = (results / "grades.csv").read_bytes()
    assert main(["report", str(results)]) == 0
    for student in STUDENTS:
        assert student in (results / folder_of(student) / "feedback.html").read_text()
        assert student in (results / "index.html").read_text()
    assert "Everything was judged" in (results / "class.html").read_text()
    assert reports == {path: path.read_bytes() for path in results.glob("*/report.json")}
    assert (results / "grades.csv").read_bytes() == table
    assert store.last_run(results).drawn_by == cache.drawing_version()


def test_report_into_a_file_leaves_the_folder_as_it_is(results, tmp_path_factory):
    out = tmp_path_factory.mktemp("elsewhere") / "monday.html"
    assert main(["report", str(results), "--out", str(out)]) == 0
    assert "Everything was judged" in out.read_text()
    assert {page.read_text() for page in results.rglob("*.html")} == {"old"}


def test_report_passes_over_what_is_damaged_and_keeps_its_page(results, capsys):
    (results / "bob" / "report.json").write_text("{")
    assert main(["report", str(results)]) == 0
    assert (results / "bob" / "feedback.html").read_text() == "old"
    assert (results / "ann" / "feedback.html").read_text() != "old"
    assert "bob/report.json" in capsys.readouterr().err


def test_report_waits_for_no_other_grader(results, capsys):
    with store.open_folder(results):
        assert main(["report", str(results)]) == 1
    assert "Another grader" in capsys.readouterr().err
    assert (results / "ann" / "feedback.html").read_text() == "old"


def test_a_report_is_one_piece_of_json_in_ascii(tmp_path):
    report = made_up_report("änn\x1b[31m", share=0.5, message="Grüße \u202e")
    write_student(tmp_path, report)
    text = (tmp_path / folder_of(report.student) / "report.json").read_bytes().decode("ascii")
    assert Report.from_dict(json.loads(text)) == report
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"graded_by": 1, "drawn_by": ""}', "null", "[" * 200_000],
    ids=lambda text: text[:40],
)
def test_a_memory_that_cannot_be_read_is_none(tmp_path, text):
    (tmp_path / ".last_run.json").write_text(text)
    assert store.last_run(tmp_path) == store.LastRun()


def test_a_memory_comes_back(tmp_path):
    run = store.LastRun({"python": "3.11.7", "files": {"a.py": "1"}}, "digest")
    store.remember(tmp_path, run)
    assert store.last_run(tmp_path) == run


def test_which_grades_are_on_the_pages_comes_back(tmp_path):
    pages = [("ann", "one"), ("bob", "other")]
    store.remember_drawn(tmp_path, store.LastRun(), lambda: pages)
    assert list(store.drawn_pages(tmp_path, store.last_run(tmp_path))) == pages


@pytest.mark.parametrize("drawn_for", ["", "another digest"])
def test_without_the_list_of_drawn_pages_nothing_counts_as_drawn(tmp_path, drawn_for):
    run = store.LastRun({}, cache.drawing_version(), drawn_for)
    assert list(store.drawn_pages(tmp_path, run)) == []
