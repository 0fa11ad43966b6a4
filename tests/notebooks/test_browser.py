"""What people see: the notebooks in JupyterLab, Formgrader, nbgrader's feedback and the class page,
in a real browser.

Set SCREENSHOTS to a folder to keep the pictures.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
from nbgrader.api import Gradebook

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.kit import sample_class
from grader.pages import class_page
from grader.results import store
from tests.notebooks.test_notebooks import QUESTION_POINTS
from tests.support import lab
from tests.support.course_copy import copy_course, write_student
from tests.support.made_up_class import made_up_class

pytestmark = pytest.mark.slow

# Three parts, which need nothing of each other's, for as many processes.
in_jupyterlab = pytest.mark.xdist_group("browser, JupyterLab")
in_formgrader = pytest.mark.xdist_group("browser, Formgrader")
CLASS = ("reference", "halves_penalty", "untouched")
HOSTILE = "<img src=x onerror=window.owned=1>&"  # a student's name
HALVED = "The gradient of the penalty is half of what it should be."
# One of each kind is enough to see that they show; test_notebooks.py runs all of them.
SOLVED, UNTOUCHED = "2_svm", "4_regularization"


@pytest.fixture(scope="module")
def chromium():
    with lab.chromium() as context:
        yield context


@pytest.fixture(scope="module")
def course(chromium, kit, tmp_path_factory) -> Path:
    """A course folder: nbgrader's folders, two kits to open, and what a small class handed in."""
    folder = copy_course(tmp_path_factory.mktemp("browser") / "course")
    students = sample_class.sample_class(kit)
    class_ = {student: students[student] for student in CLASS}
    sample_class.write_class({**class_, HOSTILE: with_hostile_cells(kit)}, folder / "submitted")
    solved = {**kit, **sample_class.reference_files()}
    sample_class.write_class({"solved": solved, "untouched": kit}, folder / "kits")
    return folder


@pytest.fixture(scope="module")
def graded(course) -> Path:
    """The course after its instructor has run nbgrader."""
    for command in ("generate_assignment", "autograde", "generate_feedback"):
        subprocess.run(
            [sys.executable, "-m", "nbgrader", command, ASSIGNMENT, "--log-level=ERROR"],
            cwd=course,
            check=True,
        )
    return course


@pytest.fixture(scope="module")
def server(course, tmp_path_factory):
    with lab.server(course, tmp_path_factory.mktemp("jupyter")) as address:
        yield address


@pytest.fixture(scope="module")
def jupyterlab(chromium, server):
    with lab.jupyterlab(chromium, server) as page:
        yield page


@pytest.fixture
def pictures(tmp_path) -> Path:
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def with_hostile_cells(kit: dict[str, bytes]) -> dict[str, bytes]:
    """A kit whose second notebook holds a long word, deep formulas, and images and a diagram from
    another server.
    """
    name = "2_svm.ipynb"
    notebook = nbformat.reads(kit[name].decode(), as_version=4)
    elsewhere = "https://example.org/x.png"
    notebook.cells = [
        nbformat.v4.new_markdown_cell(source)
        for source in (
            "w" * 9_000,
            "$" + "{" * 900 + "x" + "}" * 900 + "$",
            (
                f"![a]({elsewhere}) ![b][c]\n\n[c]: {elsewhere}\n\n<img src='{elsewhere}'> <video"
                f" poster='{elsewhere}'></video>\n\n<div"
                f" style='background:url({elsewhere})'>d</div>\n\n```mermaid\nflowchart TD\n A@{{"
                f' img: "{elsewhere}" }}\n```'
            ),
        )
    ]
    return {**kit, name: nbformat.writes(notebook).encode()}


def run(page, kit: str, name: str, pictures: Path) -> dict[str, lab.Cell]:
    """Cell id -> code cell, of a notebook run from top to bottom."""
    with lab.opened(page, f"kits/{kit}/{ASSIGNMENT}/{name}.ipynb"):
        cells = lab.run_all(page)
        lab.screenshots(page, pictures, f"{kit}-{name}")
    return {cell.id: cell for cell in cells if cell.kind == "code"}


def errors(cells: dict[str, lab.Cell]) -> list[tuple[str, str]]:
    return [
        (cell.id, output["evalue"])
        for cell in cells.values()
        for output in cell.outputs
        if output["output_type"] == "error"
    ]


def exercises(name: str) -> list[str]:
    return [row.name for row in EXERCISES.values() if row.notebook == name]


def check_cell(exercise: str) -> str:
    return f"check-{EXERCISES[exercise].grade_id.replace('.', '-')}"


@in_jupyterlab
def test_solved_notebook_ends_without_error_shows_its_pictures_and_passes_its_checks(
    jupyterlab, pictures
):
    cells = run(jupyterlab, "solved", SOLVED, pictures)
    assert errors(cells) == []
    assert [cell.id for cell in cells.values() if not cell.ran] == []
    assert sum(width > 100 for cell in cells.values() for width in cell.images) >= 5
    for exercise in exercises(SOLVED):
        assert set(cells[check_cell(exercise)].verdicts) == {"pass"}, exercise


@in_jupyterlab
def test_untouched_notebook_says_in_a_sentence_what_is_to_be_written(jupyterlab, pictures):
    cells = run(jupyterlab, "untouched", UNTOUCHED, pictures)
    assert errors(cells) == []
    assert [cell.id for cell in cells.values() if not cell.ran] == []
    assert [cell.id for cell in cells.values() if "Traceback" in cell.text] == []
    assert any(cell.images for cell in cells.values())
    assert any(
        re.search(r"Nothing to show yet\. \S+: write me", cell.text) for cell in cells.values()
    )
    for exercise in exercises(UNTOUCHED):
        said = cells[check_cell(exercise)].text.strip()
        assert re.fullmatch(
            rf"{re.escape(exercise)}: write me \({UNTOUCHED}\.ipynb, part \d+\)", said
        )


@in_jupyterlab
def test_a_picture_moves_with_its_slider_and_hides_the_still_one(course, jupyterlab, pictures):
    folder = f"kits/solved/{ASSIGNMENT}"
    cells = [
        "from cs231n_utils import interactive\nfrom cs231n_utils.linear_svm import svm_loss_naive",
        "interactive.one_example(SVM=svm_loss_naive)",
    ]
    notebook = nbformat.read(course / folder / f"{SOLVED}.ipynb", as_version=4)
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(notebook, course / folder / "moves.ipynb")
    with lab.opened(jupyterlab, f"{folder}/moves.ipynb"):
        lab.run_all(jupyterlab)
        area = jupyterlab.locator(".jp-CodeCell").last
        area.locator("p:visible", has_text="Hinge loss 2.90 = car 2.90").wait_for()
        assert area.locator(".jp-OutputArea-child:visible").count() == 1
        area.get_by_role("slider", name="score of cat").focus()
        jupyterlab.keyboard.press("PageUp")  # half a point more for the cat
        area.locator("p:visible", has_text="Hinge loss 2.40 = car 2.40").wait_for()
        jupyterlab.screenshot(path=pictures / "moved.png")
        assert lab.found_by_axe(jupyterlab, ".jp-OutputArea") == []
        assert "The scores" in area.locator("img:visible").first.get_attribute("alt")


@in_formgrader
def test_formgrader_lists_the_class_with_scores_and_shows_the_checks_of_a_submission(
    chromium, server, graded, pictures
):
    of = MAX_SCORE + QUESTION_POINTS * len(NOTEBOOKS)
    with Gradebook(f"sqlite:///{graded / 'gradebook.db'}", "cs231n") as book:
        scores = {
            student: f"{book.find_submission(ASSIGNMENT, student).score:g} / {of}"
            for student in (*CLASS, HOSTILE)
        }
        naive = book.find_grade("svm_loss_naive", "2_svm", ASSIGNMENT, "halves_penalty").auto_score
    assert (scores["reference"], scores["untouched"]) == (f"{MAX_SCORE} / {of}", f"0 / {of}")

    page = chromium.new_page()
    page.goto(f"{server}/formgrader/manage_submissions/{ASSIGNMENT}")
    page.locator("td.student-id").first.wait_for()
    listed = [page.locator(f"td.{column}").all_inner_texts() for column in ("student-id", "score")]
    page.screenshot(path=pictures / "formgrader-submissions.png")
    assert dict(zip(*listed, strict=True)) == scores

    page.locator("tr", has_text="halves_penalty").locator("td.student-name a").click()
    page.get_by_role("link", name="2_svm").click()
    page.get_by_text(
        f"svm_loss_naive: {naive:g} of {EXERCISES['svm_loss_naive'].points} points"
    ).wait_for()
    page.screenshot(path=pictures / "formgrader-submission.png", full_page=True)
    assert page.get_by_text(HALVED).first.is_visible()
    assert page.locator("input.score").first.get_attribute("placeholder") == f"{naive:g}"
    page.close()


@in_formgrader
def test_no_page_of_formgrader_runs_widens_or_fetches_what_a_student_wrote(
    chromium, server, graded, pictures
):
    with Gradebook(f"sqlite:///{graded / 'gradebook.db'}", "cs231n") as book:
        notebook = book.find_submission_notebook("2_svm", ASSIGNMENT, HOSTILE).id
    name = quote(HOSTILE, safe="")
    page = chromium.new_page()
    asked_for = []
    page.on("request", lambda request: asked_for.append(request.url))
    for k, address in enumerate(
        (
            f"submissions/{notebook}/",
            "manage_students",
            f"manage_students/{name}",
            f"manage_students/{name}/{ASSIGNMENT}",
            f"manage_submissions/{ASSIGNMENT}",
            f"gradebook/{ASSIGNMENT}/2_svm",
            "api/students",
            f"api/submissions/{ASSIGNMENT}",
            f"api/student_submissions/{name}",
        )
    ):
        page.goto(f"{server}/formgrader/{address}", wait_until="networkidle")
        page.screenshot(path=pictures / f"formgrader-hostile-{k}.png")
        assert page.evaluate(
            "[window.owned ?? null, document.querySelectorAll('img[src=x]').length]"
        ) == [None, 0], address
        if not address.startswith("api/"):
            assert (
                page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]
            ), address
    page.close()
    assert asked_for and not [url for url in asked_for if "example.org" in url]


@in_formgrader
def test_jupyterlab_fetches_nothing_for_an_autograded_notebook(
    chromium, graded, jupyterlab, pictures
):
    asked_for = []
    jupyterlab.on("request", lambda request: asked_for.append(request.url))
    with lab.opened(jupyterlab, f"autograded/{HOSTILE}/{ASSIGNMENT}/2_svm.ipynb"):
        jupyterlab.locator("code", has_text="flowchart TD").wait_for()
        lab.screenshots(jupyterlab, pictures, "autograded-hostile")
    assert asked_for and not [url for url in asked_for if "example.org" in url]


@in_formgrader
def test_feedback_page_of_nbgrader_shows_the_messages(chromium, graded, pictures):
    page = chromium.new_page()
    page.goto((graded / "feedback" / "halves_penalty" / ASSIGNMENT / "2_svm.html").as_uri())
    page.screenshot(path=pictures / "nbgrader-feedback.png", full_page=True)
    assert page.get_by_text("The gradient grows by the gradient of the penalty.").first.is_visible()
    assert page.get_by_text(HALVED).first.is_visible()
    page.close()


@pytest.fixture(scope="module")
def page_of_a_thousand(graded_class, tmp_path_factory) -> Path:
    """The class page of 1,000 students."""
    folder = tmp_path_factory.mktemp("thousand")
    samples = [
        store.load(graded_class, path.parent.name)
        for path in sorted(graded_class.glob("*/report.json"))
    ]
    for report in made_up_class(samples, 1000):
        write_student(folder, report)
    return class_page.write(folder)[0]


@pytest.mark.parametrize("width", [1200, 375])
def test_class_page_of_a_thousand_fits_its_window_and_axe_finds_nothing(
    chromium, page_of_a_thousand, pictures, width
):
    page = chromium.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(page_of_a_thousand.as_uri())
    page.screenshot(path=pictures / f"class-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("Array.from(document.images, image => image.naturalWidth > 300)") == [
        True,
        True,
    ]
    assert lab.found_by_axe(page) == []
    page.evaluate(
        "document.querySelectorAll('details').forEach(details => { details.open = true; })"
    )
    assert lab.found_by_axe(page) == []
    page.close()


@pytest.mark.parametrize(
    "path",
    ["index.html", "class.html", "forgets_average/feedback.html", "never_ends/feedback.html"],
)
def test_axe_finds_nothing_on_the_pages_of_the_sample_class(chromium, graded_class, path):
    page = chromium.new_page()
    page.goto((graded_class / path).as_uri())
    assert lab.found_by_axe(page) == []
    page.close()
