"""What a student wrote reaches a page, a table, a notebook or a terminal as text, and as nothing
else.
"""

import csv
import json
import os
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs231n_utils.exercises import EXERCISES
from grader import __main__ as command_line
from grader.course.final import Standing, Status, finals
from grader.faults import GraderFault
from grader.gradebook import autograde
from grader.grading import one_class
from grader.intake.hand_ins import SOME, First
from grader.kit import sample_class
from grader.pages import class_page, student_page
from grader.report import Check, ExerciseReport, Failure, Kind, Report, Verdict, folder_of
from grader.results import store
from grader.results.changes import Change
from grader.sandbox import launch
from grader.text import one_line
from tests.support.course_copy import made_up_report, write_student

# Markup that leaves a text and an attribute; templates; a terminal's title, screen and colours; an
# arrow that turns the text around; half of a letter; a formula.
HOSTILE = (
    "<script>owned()</script>\"'><img src=x onerror=owned()> {{ 7 * 7 }} {% raw %} &lt;b&gt; "
    "\x1b]0;owned\x07\x1b[2J\x9b31m\0 \u202egnp.exe\u2066 \ud800 \u2028=1+1"
)
NAMES = [
    "<script>owned()<",
    '"><img src=x onerror=owned()>',
    "\x1b]0;owned\x07",
    "line\nbreak\rback\ttab",
    "\u202egpj.exe",
    "not utf-8 \udce9\udcff",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    " =1",
    "\u202e=1",
    "＝1",
    "|cmd",
    ";=1",
    "a;=1",
    "\u200b=1",
    "\ufeff+1",
    "\u2060\xad@1",
    "'=1",
    "\u22121",
    "x" * 255,
    "{{ 7 * 7 }}",
    "javascript:owned()",
    "..%2f..%2fetc",
    "?a=b#c",
    "Zoë 李 می\u200cخواهم",
]
ACTIVE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
SECRETS = ("detail: /srv/course/grader/topics/reference.py", "135797531")


class Page(HTMLParser):
    """The tags of a page, its links, and its text."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.links, self.attributes, self.text = set(), [], set(), ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        self.links += [value for name, value in attributes if name in ("href", "src")]

    def handle_data(self, data):
        self.text += data


def hostile_report(student="ann", verdict=Verdict.FAILED):
    """HOSTILE wherever a student's text may be, and secrets where only staff look."""
    failure = Failure(Kind.RAISED, finding=HOSTILE, detail=SECRETS[0])
    check = Check("one", "A title.", verdict, 0, 1, failure, int(SECRETS[1]))
    exercises = tuple(
        ExerciseReport(name, row.notebook, (check,)) for name, row in EXERCISES.items()
    )
    return Report(student, "A", exercises, (HOSTILE,))


def shown(text):
    """What a page shows of a text."""
    return ACTIVE.sub("�", text)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The output folder of a class of hostile names."""
    folder = tmp_path_factory.mktemp("results")
    reports = [hostile_report(student) for student in NAMES]
    for report in reports:
        write_student(folder, report)
    store.write_class(folder, reports)
    return folder


@pytest.mark.parametrize("student", NAMES)
def test_reports_are_plain_ascii_and_say_the_same_again(written, student):
    text = (written / folder_of(student) / "report.json").read_bytes().decode("ascii")
    assert not ACTIVE.search(text)
    assert store.load(written, student) == hostile_report(student)
    assert json.loads(text)["notes"] == [HOSTILE]


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("student", NAMES)
def test_a_feedback_page_shows_texts_as_texts(student, verdict):
    source = student_page.student_page(hostile_report(student, verdict))
    page = Page(source)
    ours = Page(student_page.student_page(made_up_report("ann", share=0.5, notes=("A note.",))))
    assert page.tags <= ours.tags and page.attributes <= ours.attributes
    assert set(page.links) <= {f"#{exercise}" for exercise in EXERCISES}
    assert shown(student) in page.text and page.text.count(shown(HOSTILE)) >= 1
    assert not ACTIVE.search(source) and source.encode("utf-8")
    assert not any(secret in source for secret in SECRETS)


def test_the_overview_links_to_each_students_page_and_to_nothing_else(written):
    source = (written / "index.html").read_text(encoding="utf-8")
    page = Page(source)
    assert (
        not page.tags & {"script", "img", "b"}
        and "onerror" not in page.attributes
        and not ACTIVE.search(source)
    )
    assert page.links.pop(0) == "class.html"
    assert [unquote_to_bytes(link) for link in page.links] == [
        os.fsencode(f"{folder_of(student)}/feedback.html") for student in sorted(NAMES)
    ]
    assert all(re.fullmatch(r"[\w.~%-]+/feedback\.html", link, re.ASCII) for link in page.links)
    assert all(shown(student) in page.text for student in NAMES)


@pytest.mark.parametrize("verdict", Verdict)
def test_the_class_page_shows_texts_as_texts_and_links_to_students_pages_only(tmp_path, verdict):
    for student in NAMES:
        report = hostile_report(student, verdict)
        failure = Failure(Kind.ENDED, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
        lies = {"failure": failure, "mistake": HOSTILE}
        exercises = [
            replace(one, checks=tuple(replace(check, **lies) for check in one.checks))
            for one in report.exercises
        ]
        write_student(tmp_path, replace(report, level=HOSTILE, exercises=tuple(exercises)))
    broken = tmp_path / HOSTILE.translate({0: None, ord("/"): None, 0xD800: None})
    broken.mkdir()
    (broken / "report.json").touch()
    class_page.write(tmp_path)
    source = (tmp_path / "class.html").read_text(encoding="utf-8")
    page = Page(source)
    images = [link for link in page.links if link.startswith("data:image/svg+xml;base64,")]
    links = [link for link in page.links if link not in images]
    assert (
        len(images) == 2
        and not page.tags & {"script", "b"}
        and "onerror" not in page.attributes
        and not ACTIVE.search(source)
    )
    assert all(
        re.fullmatch(r"[\w.~%-]+/feedback\.html|index\.html|#[a-z]+", link, re.ASCII)
        for link in links
    )
    assert all(
        shown(student).replace("\n", "�").replace("\t", "�") in page.text for student in NAMES
    )
    assert "1 report is missing" in page.text


def first_names(folder):
    """The first column of a table, without its head, as the bytes of the file have it."""
    return [
        row[0]
        for row in csv.reader((folder / "grades.csv").read_bytes().decode("utf-8").splitlines())
    ][1:]


UNSEEN = "".join(
    chr(code)
    for code in range(0x110000)
    if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zs", "Zl", "Zp")
)


def is_computed(part):
    """Whether a spreadsheet may compute a text: it begins with a sign, but for what is not seen."""
    begin = unicodedata.normalize("NFKC", part.lstrip(f'{UNSEEN}"«„�'))[:1]
    return bool(begin) and begin in "=+-@|%\u2010\u2013\u2212"


def test_the_table_has_one_line_a_student_and_no_cell_that_a_spreadsheet_computes(written):
    text = (written / "grades.csv").read_bytes().decode("utf-8")
    assert text.count("\r\n") == text.count("\n") == len(NAMES) + 1 and not ACTIVE.search(
        text.replace("\r\n", "")
    )
    rows = list(csv.reader(text.splitlines()))
    assert {len(row) for row in rows} == {len(store.COLUMNS) + len(EXERCISES) + 1}
    for student, row in zip(sorted(NAMES), rows[1:], strict=True):
        assert row[0].replace("'", "") == one_line(student).replace("'", "")
        assert not any(map(is_computed, re.split("[,;]", row[0])))
        assert all(re.fullmatch(rf"[0-9.]*|{'|'.join(Status)}|A", cell) for cell in row[1:])


@given(
    st.lists(
        st.text(st.sampled_from(UNSEEN + "=+-@|%＝＋－＠﹢⁺−–;,\t'\"«„_.!1aé")),
        unique=True,
        min_size=1,
    )
)
def test_no_name_is_computed_whatever_separates_cells_and_whatever_is_not_seen(
    tmp_path_factory, names
):
    folder = tmp_path_factory.mktemp("results")
    store.write_class(folder, [Report(name, "A", ()) for name in names])
    for cell in first_names(folder):
        assert not any(map(is_computed, [cell, *re.split("[,;\t|]", cell)]))


def test_ordinary_names_are_the_same_in_the_table(tmp_path):
    names = sorted(
        [
            "ann",
            "Smith, Ann",
            "Smith; Ann (id-3)",
            "O'Neil",
            "ann-marie",
            "12-3",
            "a=b",
            "Zoë",
            "李",
            "j.doe@x.org",
        ]
    )
    store.write_class(tmp_path, [Report(name, "A", ()) for name in names])
    assert first_names(tmp_path) == names


def test_a_graded_cell_of_nbgrader_shows_texts_as_texts():
    exercise = hostile_report().exercise("l2_penalty")
    output = autograde._output(exercise, (HOSTILE,))
    page = Page(output.data["text/html"])
    assert page.tags == {"div", "strong", "ul", "li"} and page.attributes == {"class"}
    assert shown(HOSTILE) in page.text.replace("\n", "") and not ACTIVE.search(
        output.data["text/html"]
    )
    assert not any(secret in output.data["text/html"] for secret in SECRETS)
    assert output.data["text/plain"] == "0"


@pytest.fixture
def class_(monkeypatch):
    """Lets `grade` and `demo` find this class graded, without grading it."""

    def of(grade):
        def grade_class(submitted, out, *options, **more):
            reports = grade()
            for report in reports:
                write_student(out, report)
            changes = [Change(report.student, "rel_error", 0, 1) for report in reports]
            points = [report.points_only() for report in reports]
            grades = finals(points)
            waiting = First(SOME)
            for report in points:
                if report.status == "not_judged":
                    waiting.append(report.student)
            return one_class.Graded(
                points,
                0,
                changes,
                grades=grades,
                standing=Standing(grades),
                waiting=waiting,
            )

        monkeypatch.setattr(one_class, "grade_class", grade_class)
        monkeypatch.setattr(launch, "find_level", lambda unsafe: ("A", {}))
        monkeypatch.setattr(sample_class, "write_class", lambda class_, folder: None)

    return of


def printed(capsys, status, *arguments):
    """The lines that a command prints, on either stream."""
    assert command_line.main([str(argument) for argument in arguments]) == status
    text = "".join(capsys.readouterr())
    assert not ACTIVE.search(text) and not any(secret in text for secret in SECRETS)
    return text.splitlines()


@pytest.mark.parametrize("verdict", Verdict)
def test_the_terminal_shows_a_class_as_text(class_, tmp_path, capsys, verdict):
    class_(lambda: [hostile_report(student, verdict) for student in NAMES])
    lines = printed(capsys, 0, "grade", tmp_path, "--out", tmp_path)
    assert len(lines) == 25 + (3 if verdict is Verdict.NOT_JUDGED else 2), (
        "20 changed scores, how many more, and the rest"
    )


@pytest.mark.parametrize("verdict", Verdict)
def test_the_terminal_shows_the_sample_class_as_text_one_line_a_student(
    class_, tmp_path, capsys, verdict
):
    class_(lambda: [hostile_report(student, verdict) for student in NAMES])
    lines = printed(capsys, 0, "demo", "--out", tmp_path)
    assert len(lines) == len(NAMES) + 4
    assert all(any(line.startswith(one_line(student)) for line in lines) for student in NAMES)


def test_the_terminal_shows_what_is_no_submission_as_text(tmp_path, capsys):
    for name in NAMES:
        (tmp_path / name).touch()
    (line,) = printed(capsys, 2, "grade", tmp_path, "--out", tmp_path / "out")
    assert line.startswith("grader: No submissions in ")


@pytest.mark.parametrize("error", [GraderFault(HOSTILE), OSError(5, "Input/output error", HOSTILE)])
def test_the_terminal_shows_what_went_wrong_as_text(class_, tmp_path, capsys, error):
    def fail():
        raise error

    class_(fail)
    (line,) = printed(capsys, 1, "grade", tmp_path, "--out", tmp_path)
    assert line.startswith("grader: ")
