"""What the documentation names is there."""

import ast
import re
import shlex

import pytest

from grader import __main__ as command_line
from grader.course import settings
from tests.support.in_sandbox import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def names_of_tests(path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }


def test_every_promise_names_a_test_that_exists():
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
    assert len(named) > 20
    assert [
        f"{file}::{name}" for file, name in named if name not in names_of_tests(ROOT / file) | {""}
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page):
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_benchmark_that_is_named_exists(page):
    named = re.findall(r"python -m (benchmarks\.\w+)", page.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / f"{name.replace('.', '/')}.py").exists()] == []


@pytest.mark.parametrize("page", ["README.md", "docs/running-a-course.md"])
def test_every_command_that_is_shown_is_one(page):
    blocks = re.findall(r"```\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    for line in lines:
        if line.startswith("python -m grader "):
            arguments = shlex.split(line, comments=True)[3:]
            assert command_line._parser().parse_args(arguments).run, line


def test_the_course_file_that_is_shown_can_be_read():
    text = (ROOT / "docs" / "running-a-course.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    course = settings.parse(shown)
    assert course.due and course.students() == {
        "ann": "extensions",
        "bob": "excused",
        "cy": "handed_in",
        "dee": "late_days",
    }
