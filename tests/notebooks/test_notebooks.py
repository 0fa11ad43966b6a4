"""The notebooks, run: what a student sees with everything written, with nothing written, and on
exported pages.
"""

from __future__ import annotations

import copy
import functools
import re
import shutil
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from cs231n_utils import export
from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MODULES, NOTEBOOKS
from grader.paths import COURSE
from tests.support import lab

ROOT = COURSE
SOURCE = ROOT / "notebooks" / ASSIGNMENT
QUESTION_POINTS = 2
PICTURE, SENTENCE = "image/png", {"text/html", "text/plain"}
# The last notebook begins with settings that a student has to improve before the model is worth
# its points.
GOOD_SETTINGS = (
    'settings = {"learning_rate": 0.3, "reg": 1e-3, "num_iters": 1500, "batch_size": 200}'
)

every_notebook = pytest.mark.parametrize("name", NOTEBOOKS)


def read(name: str) -> NotebookNode:
    return nbformat.read(SOURCE / f"{name}.ipynb", as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def exercises_of(name: str) -> list[str]:
    return [row.name for row in EXERCISES.values() if row.notebook == name]


# ---- Run from top to bottom


@pytest.fixture(scope="module")
def untouched_kit(tmp_path_factory) -> Path:
    """A folder as a student unpacks it."""
    folder = tmp_path_factory.mktemp("untouched")
    shutil.copytree(
        ROOT / "cs231n_utils", folder / "cs231n_utils", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(
        ROOT / "datasets", folder / "datasets", ignore=shutil.ignore_patterns("cifar-10*")
    )
    for name in NOTEBOOKS:
        shutil.copy(SOURCE / f"{name}.ipynb", folder)
    return folder


@pytest.fixture(scope="module")
def solved_kit(untouched_kit, tmp_path_factory) -> Path:
    """The same folder after a student has written everything, rightly."""
    folder = tmp_path_factory.mktemp("solved") / "kit"
    shutil.copytree(untouched_kit, folder)
    for module in MODULES:
        shutil.copy(
            ROOT / "grader" / "topics" / module / "reference.py",
            folder / "cs231n_utils" / f"{module}.py",
        )
    last = folder / f"{NOTEBOOKS[-1]}.ipynb"
    notebook = nbformat.read(last, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == "train-best")
    cell.source, changed = re.subn(
        r"^settings = .*$", GOOD_SETTINGS, cell.source, flags=re.MULTILINE
    )
    assert changed == 1
    nbformat.write(notebook, last)
    return folder


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    """Threads of OpenBLAS that wait for a busy core would cost more than they save."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")


@functools.cache
def run(kit: Path, name: str) -> NotebookNode:
    """The notebook with its outputs, as a student would see it; run once, so not to be changed."""
    notebook = nbformat.read(kit / f"{name}.ipynb", as_version=4)
    NotebookClient(
        notebook, timeout=300, allow_errors=True, resources={"metadata": {"path": str(kit)}}
    ).execute()
    return notebook


def errors(notebook: NotebookNode) -> list[str]:
    return [
        f"{cell.id}: {output.ename}: {output.evalue}"
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "error"
    ]


def pictures(notebook: NotebookNode) -> list[str]:
    return [
        output.data[PICTURE]
        for cell in code_cells(notebook)
        for output in cell.outputs
        if PICTURE in output.get("data", {})
    ]


def said_by_check(notebook: NotebookNode, exercise: str) -> str:
    """What the check of an exercise shows to whoever sees no table."""
    grade_id = EXERCISES[exercise].grade_id
    (cell,) = (
        cell
        for cell in code_cells(notebook)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )
    (output,) = cell.outputs
    return output.data["text/plain"]


@pytest.mark.slow
@pytest.mark.xdist_group("notebooks, solved")
@every_notebook
def test_with_everything_written_it_passes_its_checks_and_says_what_each_picture_shows(
    name, solved_kit
):
    notebook = run(solved_kit, name)
    assert errors(notebook) == []
    shown = pictures(notebook)
    assert len(shown) >= 5
    assert max(Counter(shown).values()) == 1, "a figure appears twice"
    for cell in code_cells(notebook):
        lines = [
            output.get("name") == "stdout" or {*output.get("data", {})} == SENTENCE
            for output in cell.outputs
        ]
        for k, output in enumerate(cell.outputs):
            if PICTURE in output.get("data", {}):
                assert any(lines[k + 1 : k + 2]), f"{cell.id}: no line under the picture"
                assert re.search(r'<img [^>]*\balt="[^"]{10,}"', output.data["text/html"]), cell.id
        assert not any(
            "Warning" in output.text for output in cell.outputs if output.get("name") == "stderr"
        ), cell.id
        assert cell.execution_count, cell.id
    for exercise in exercises_of(name):
        said = said_by_check(notebook, exercise)
        assert re.match(rf"{re.escape(exercise)}: (\d+) of \1 checks pass\.", said), said


@pytest.mark.slow
@pytest.mark.xdist_group("notebooks, untouched")
@every_notebook
def test_with_nothing_written_it_shows_sentences_and_some_pictures_instead_of_tracebacks(
    name, untouched_kit
):
    notebook = run(untouched_kit, name)
    assert errors(notebook) == []
    assert pictures(notebook)
    said = "".join(
        output.text
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "stream"
    )
    assert "Traceback" not in said
    assert re.search(
        r"^Nothing to show yet\. \S+: write me \(\S+\.ipynb, part \d+\)$", said, re.MULTILINE
    )
    assert all(cell.execution_count for cell in code_cells(notebook))
    for exercise in exercises_of(name):
        said = said_by_check(notebook, exercise)
        if EXERCISES[exercise].file.endswith(".py"):
            assert re.fullmatch(
                rf"{re.escape(exercise)}: write me \({name}\.ipynb, part \d+\)", said
            )
        else:
            assert said == f"{exercise}: not in this folder yet; {name}.ipynb saves it."


# ---- As pages


@pytest.fixture(scope="module")
def kits(solved_kit, untouched_kit) -> dict[str, Path]:
    return {"solved": solved_kit, "untouched": untouched_kit}


@pytest.mark.slow
@pytest.mark.parametrize(
    "state",
    [
        pytest.param(state, marks=pytest.mark.xdist_group(f"notebooks, {state}"))
        for state in ("solved", "untouched")
    ],
)
def test_axe_finds_nothing_on_an_exported_page_and_a_phone_shows_its_whole_width(
    state, kits, tmp_path
):
    pages = []
    for name in NOTEBOOKS:
        pages.append(tmp_path / f"{name}.html")
        notebook = copy.deepcopy(run(kits[state], name))
        pages[-1].write_text(export.as_html(notebook, name), encoding="utf-8")
    found = {}
    with lab.chromium() as context:
        for path in pages:
            for width in (1200, 480) if state == "solved" else (480,):
                page = context.new_page()
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(path.as_uri())
                page.evaluate(
                    "document.querySelectorAll('details').forEach(one => one.open = true)"
                )
                found[path.stem, width] = lab.found_by_axe(page)
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    found[path.stem, width].append(("wider than the window", ""))
                assert page.locator("img").count() >= 1
                page.close()
    assert {where: what for where, what in found.items() if what} == {}
