"""How a student's notebook looks on nbgrader's pages, whatever it holds."""

import base64
import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import nbformat
import pytest
from jinja2 import Environment, FileSystemLoader
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from nbgrader.server_extensions.formgrader import base, handlers

from cs231n_utils.exercises import ASSIGNMENT
from grader.gradebook import notebooks, staff_pages
from grader.gradebook.allowance import MAX_CODE, MAX_PROSE, Allowance
from grader.gradebook.gradebook import COURSE, course_config

pytestmark = pytest.mark.slow

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n and pixels").decode()
MASTER = nbformat.read(COURSE / "notebooks" / ASSIGNMENT / "2_svm.ipynb", as_version=4)
OVERLAY = (
    '<div class="navbar-fixed-top modal panel" id="svm_loss_naive"'
    ' style="position:fixed;top:0">Score: 11 / 11</div>'
)
NAME = """<img src=x onerror=owned()>"'\\${{ 7 * 7 }}&lt;</script>?#%2e"""


def rendered(source, **attachments):
    return staff_pages.safe_markdown({"cell": {"attachments": attachments}}, source)


@pytest.fixture(scope="module")
def exporter():
    """What makes Formgrader's page of a submission."""
    config = course_config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    return HTMLExporter(config=config)


@pytest.fixture
def page_of(exporter, tmp_path):
    """The page of a notebook to which a student has added these cells, and this answer."""

    def make(cells, answer="My answer.", student="ada"):
        theirs = [
            (
                nbformat.from_dict({**cell, "source": answer})
                if cell.metadata.get("nbgrader", {}).get("solution")
                else cell
            )
            for cell in MASTER.cells
        ]
        (tmp_path / "2_svm.ipynb").write_text(
            json.dumps({"nbformat": 4, "cells": [*theirs, *cells]})
        )
        autograded, _ = notebooks.repair(tmp_path, "2_svm", MASTER)
        names = dict.fromkeys(("student", "last_name", "first_name", "notebook_path"), student)
        return exporter.from_notebook_node(
            autograded, {"index": 0, "total": 1, "base_url": "", **names}
        )[0]

    return make


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, attributes))

    def handle_data(self, data):
        self.text += data

    def values(self, attribute):
        return [
            value for _, attributes in self.tags for name, value in attributes if name == attribute
        ]


def test_a_folded_answer_stays_folded():
    page = rendered("<details><summary>Answer</summary>\n\n*Two* lines.\n\n</details>")
    assert "<details><summary>Answer</summary>" in page and "<em>Two</em>" in page


def test_prose_formulas_code_tables_and_links_are_shown():
    page = rendered(
        "# Title\n\n**bold**, $x < y$ and [a link](https://example.org)\n\n"
        "```python\nreturn x < 3\n```\n\n|a|b|\n|-:|-|\n|1|2|\n"
    )
    for part in (
        "<h1>Title</h1>",
        "<strong>bold</strong>",
        "$x &lt; y$",
        '<a href="https://example.org">a link</a>',
        '<span class="k">return</span>',
        "<td",
        "text-align",
    ):
        assert part in page


@pytest.mark.parametrize(
    "source",
    [
        "<script>owned()</script>",
        "<img src=x onerror=owned()>",
        "<svg onload=owned()>",
        "<iframe src=page.html></iframe>",
        "<form action=/api><button>Go</button></form>",
        "<style>*{display:none}</style>",
        "<object data=page.html></object>",
        "[x](javascript:owned())",
        "[x](&#106;avascript:owned())",
        '<a href="data:text/html,owned()">x</a>',
        "[x](page.html)",
        "[x](/formgrader/api)",
        "![x](https://example.org/tracker.png)",
        "![x](/logout)",
        '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
        "# svm_loss_naive",
        '<p id="svm_loss_naive" class="score">x</p>',
    ],
)
def test_nothing_acts_or_leads_into_the_server(source):
    page = rendered(source)
    for live in (
        "<script",
        "<img src",
        "<svg",
        "<iframe",
        "<form",
        "<button",
        "<style",
        "<object",
        "href=",
        "id=",
        'class="score"',
    ):
        assert live not in page


def test_attached_pictures_are_shown_and_other_attachments_are_not():
    assert f"data:image/png;base64,{PNG}" in rendered(
        "![p](attachment:p.png)", **{"p.png": {"image/png": PNG}}
    )
    assert "data:" not in rendered(
        "![p](attachment:p.svg)", **{"p.svg": {"image/svg+xml": "PHN2Zz4="}}
    )


def test_a_cell_that_cannot_be_rendered_shows_its_source():
    page = rendered("![p](attachment:missing.png) <b>")
    assert (
        "it cannot be rendered" in page and "![p](attachment:missing.png) &lt;b&gt;</pre>" in page
    )


# --- how much is rendered -------------------------------------------------------------------------


@pytest.fixture
def given(monkeypatch):
    """What each of the libraries that may take long was given, while the test ran."""
    seen = {"prose": [], "code": [], "colours": []}

    def watch(owner, name, kind, place):
        real = getattr(owner, name)
        monkeypatch.setattr(
            owner, name, lambda *arguments: seen[kind].append(arguments[place]) or real(*arguments)
        )

    watch(staff_pages.MarkdownWithMath, "render", "prose", 1)
    watch(staff_pages, "highlight", "code", 0)
    watch(staff_pages, "ansi2html", "colours", 0)
    return seen


HEAVY = {  # what is said, and the cells
    "prose": (
        "Shown as text:",
        [
            new_markdown_cell(source)
            for source in ("[" * 90_000, "a" + " " * 90_000 + "b", "x <b> " * 1600)
        ],
    ),
    "code": (
        "Shown without colours",
        [new_code_cell(source) for source in ("a\n" + " \n" * 9_000, "**" * 4_000, "." * 90_000)],
    ),
    "colours": (
        "colours are left out",
        [new_code_cell("1", outputs=[new_output("stream", text="\x1b[31ma\x1b[0m" * 3_000)])] * 3,
    ),
    "colours by piece": (
        "colours are left out",
        [new_code_cell("1", outputs=[new_output("stream", text="\x1b[31ma\x1b[0m" * 50)] * 99)],
    ),
}


@pytest.mark.parametrize("kind", HEAVY)
def test_what_takes_long_to_render_is_bounded_for_each_cell_and_for_the_notebook(
    page_of, given, kind
):
    said, cells = HEAVY[kind]
    page = Page(page_of(cells * 9))
    assert max(map(len, given["prose"])) <= MAX_PROSE and max(map(len, given["code"])) <= MAX_CODE
    assert (
        sum(map(len, given["prose"])) <= 50_000 and sum(map(len, given["code"])) <= Allowance().code
    )
    assert sum(text.count("\x1b") for text in given["colours"]) <= Allowance().colours
    assert len(page.tags) < 40_000
    assert said in page.text and "My answer." in page.text


@pytest.mark.parametrize(
    "answer",
    [
        "word " * 200_000,
        "$" + "{" * 900 + "}" * 900 + "$",
        "*" * 20_000,
        "![p](attachment:lost.png)",
    ],
)
def test_a_written_answer_is_there_to_its_last_character(page_of, answer):
    spam = [new_markdown_cell("word " * 1_900)] * 20 + [new_code_cell("")] * 490
    page = Page(page_of(spam, f"{answer} The end."))
    assert f"{answer} The end." in page.text and "cells. 500 of them are shown." in page.text


def test_formulas_beyond_the_bounds_are_left_as_they_were_typed():
    for source in ("$x$ " * 800, "&#36;" + "{" * 300 + "}" * 300 + "&#36;", r"\$\\def\\a{}\$"):
        assert 'class="tex2jax_ignore"' in rendered(source)
    assert "tex2jax_ignore" not in rendered("With $x_i$ and `$\\def$`.")


# --- inside its box -------------------------------------------------------------------------------


def test_nothing_of_a_student_looks_like_or_lies_over_what_is_nbgraders(page_of):
    said = [
        new_output("stream", text=OVERLAY),
        new_output("error", ename=OVERLAY, evalue=OVERLAY, traceback=[OVERLAY]),
    ]
    cells = [
        new_raw_cell(OVERLAY),
        new_markdown_cell(OVERLAY),
        new_code_cell(OVERLAY, outputs=said),
    ]
    ours, theirs = Page(page_of([])), Page(page_of(cells, OVERLAY))
    new = set(theirs.values("id")) - set(ours.values("id"))
    assert all(re.fullmatch(r"cell-id=cell-\d+", name) for name in new)
    assert theirs.values("id").count("svm_loss_naive") == 1
    assert {
        style
        for style in set(theirs.values("style")) - set(ours.values("style"))
        if "contain: paint" not in style
    } <= {"white-space: pre-wrap; overflow-wrap: anywhere"}
    for word in ("navbar-fixed-top", "modal", "panel"):
        assert str(theirs.values("class")).count(word) == str(ours.values("class")).count(word)
    assert theirs.text.count("Score: 11 / 11") >= 5


@pytest.mark.parametrize(
    "show",
    [
        rendered,
        lambda text: rendered("```\n" + text),
        lambda text: rendered(text * 2),
        lambda text: staff_pages.safe_code({}, text),
        lambda text: staff_pages.safe_code({}, text * 2),
        lambda text: staff_pages.safe_colours({}, text),
        staff_pages.safe_html,
    ],
)
def test_every_text_of_a_student_stands_in_a_box_that_it_cannot_leave_or_widen(show):
    page = show("x" * 9_000)
    assert (
        "contain: paint" in page and "overflow: auto" in page and "overflow-wrap: anywhere" in page
    )


# --- names ----------------------------------------------------------------------------------------


def test_a_name_is_text_on_the_page_of_a_submission(page_of):
    page = Page(page_of([], student=NAME))
    assert (
        page.values("onerror") == []
        and NAME in page.text
        and page.values("data-link") == [NAME, NAME]
    )


@pytest.mark.parametrize(
    "template",
    [
        "manage_students_assignments.tpl",
        "manage_students_notebook_submissions.tpl",
        "gradebook_notebook_submissions.tpl",
        "manage_submissions.tpl",
        "gradebook_notebooks.tpl",
    ],
)
def test_a_name_ends_no_text_attribute_or_script_of_formgraders_templates(template):
    environment = Environment(loader=FileSystemLoader([handlers.template_path]))
    handler = SimpleNamespace(settings={"nbgrader_jinja2_env": environment})

    def show(name):
        return staff_pages._render(
            handler, template, base_url="", student_id=name, assignment_id=name, notebook_id=name
        )

    encoded = (
        "%3Cimg src=x onerror=owned()%3E%22%27%5C%24%7B%7B 7 * 7"
        " %7D%7D%26lt;%3C%2Fscript%3E%3F%23%252e"
    )
    assert staff_pages.in_template(NAME) == encoded
    assert show(NAME) == show("a student").replace("a student", encoded)
    assert staff_pages.in_template("Zoë O-Brien 李_1.b") == "Zoë O-Brien 李_1.b"


def test_formgrader_gets_our_templates_and_sends_its_data_as_data(monkeypatch):
    headers = {}
    monkeypatch.setattr(base.BaseHandler, "render", base.BaseHandler.render)
    monkeypatch.setattr(base.BaseHandler, "set_default_headers", lambda handler: None)
    monkeypatch.setattr(base.BaseApiHandler, "set_default_headers", None, raising=False)
    monkeypatch.setattr(
        base.BaseApiHandler,
        "set_header",
        lambda handler, name, value: headers.update({name: value}),
    )
    staff_pages.mend_formgrader()
    base.BaseApiHandler.__new__(base.BaseApiHandler).set_default_headers()
    assert base.BaseHandler.render is staff_pages._render
    assert headers == {
        "Content-Type": "text/plain; charset=UTF-8",
        "X-Content-Type-Options": "nosniff",
    }
