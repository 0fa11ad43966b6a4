"""The notebooks: their form, and what a student sees with everything written, and with nothing
written.
"""

from __future__ import annotations

import ast
import copy
import functools
import re
import shutil
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient
from nbformat import NotebookNode

from cs231n_utils import export
from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE, MODULES, NOTEBOOKS
from grader.paths import COURSE
from tests.support import lab
from tests.support.drawing_lines import drawing_lines

ROOT = COURSE
SOURCE = ROOT / "notebooks" / ASSIGNMENT
QUESTION_POINTS = 2
MOST_DRAWING = 10  # code lines of a notebook
PICTURE, SENTENCE = "image/png", {"text/html", "text/plain"}
MAGICS = {"%load_ext cs231n_utils.autoreload"}
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


def parsed(cell: NotebookNode) -> ast.Module:
    return ast.parse(TransformerManager().transform_cell(cell.source))


# ---- Form


@every_notebook
def test_is_a_valid_notebook_without_outputs_or_traces_of_whoever_ran_it(name):
    notebook = read(name)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"nbgrader"}, cell.id
    for cell in code_cells(notebook):
        assert cell.outputs == [] and cell.execution_count is None, cell.id


@every_notebook
def test_cell_ids_are_words_that_stay_the_same(name):
    ids = [cell.id for cell in read(name).cells]
    assert len(set(ids)) == len(ids)
    for cell_id in ids:
        assert re.fullmatch(r"[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*", cell_id)
        assert not re.fullmatch(r"[0-9a-f]{8}(-?[0-9a-f]{4,}){0,4}", cell_id), (
            "an id that an editor drew at random"
        )


@every_notebook
def test_each_exercise_has_one_locked_grade_cell_that_runs_its_check(name):
    cells = [cell for cell in code_cells(read(name)) if "nbgrader" in cell.metadata]
    rows = [row for row in EXERCISES.values() if row.notebook == name]
    assert [cell.metadata.nbgrader for cell in cells] == [
        {
            "cell_type": "code",
            "grade": True,
            "grade_id": row.grade_id,
            "locked": True,
            "points": row.points,
            "schema_version": 3,
            "solution": False,
            "task": False,
        }
        for row in rows
    ]
    assert [cell.source for cell in cells] == [f'check("{row.name}")' for row in rows]


@every_notebook
def test_one_written_question_is_graded_by_hand(name):
    cells = [
        cell
        for cell in read(name).cells
        if cell.cell_type == "markdown" and "nbgrader" in cell.metadata
    ]
    assert [cell.metadata.nbgrader for cell in cells] == [
        {
            "cell_type": "markdown",
            "grade": True,
            "grade_id": f"{name}_question",
            "locked": False,
            "points": QUESTION_POINTS,
            "schema_version": 3,
            "solution": True,
            "task": False,
        }
    ]


def test_all_points_together_are_those_of_the_exercises_and_of_the_questions():
    grades = [
        cell.metadata.nbgrader
        for name in NOTEBOOKS
        for cell in read(name).cells
        if "nbgrader" in cell.metadata
    ]
    assert sum(grade.points for grade in grades) == MAX_SCORE + QUESTION_POINTS * len(NOTEBOOKS)


@every_notebook
def test_imports_stand_in_one_code_cell_and_magics_only_reload_edited_files(name):
    guard, first, *others = code_cells(read(name))
    assert guard.id == "needs-its-kit"
    assert {line for line in first.source.splitlines() if line.startswith(("%", "!"))} == MAGICS
    for cell in others:
        assert not re.search(r"^\s*[%!]", cell.source, re.MULTILINE), cell.id
        assert not any(
            isinstance(node, (ast.Import, ast.ImportFrom)) for node in ast.walk(parsed(cell))
        ), cell.id
    for cell in (guard, first, *others):
        assert not re.search(r"sys\.path|get_ipython|os\.system|subprocess", cell.source), cell.id


def test_a_notebook_without_its_kit_says_in_one_sentence_what_to_do(tmp_path):
    guards = {code_cells(read(name))[0].source for name in NOTEBOOKS}
    assert len(guards) == 1
    [guard] = guards
    assert len(ast.parse(guard).body) == 2
    # Without site, no installed cs231n_utils is found either.
    done = subprocess.run(
        [sys.executable, "-IS", "-c", guard],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    last = done.stderr.splitlines()[-1]
    assert last.startswith("AssertionError: This notebook needs the files that it came with: ")
    assert last.count(".zip") == 1 and last.endswith("README.md.")


@every_notebook
def test_headings_go_down_one_level_at_a_time(name):
    prose = "\n".join(
        re.sub(r"^```.*?^```", "", cell.source, flags=re.MULTILINE | re.DOTALL)
        for cell in read(name).cells
        if cell.cell_type == "markdown"
    )
    levels = [len(signs) for signs in re.findall(r"^(#+) ", prose, re.MULTILINE)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert [b for a, b in pairwise(levels) if b > a + 1] == []


@every_notebook
def test_every_column_of_a_table_has_a_heading_in_words(name):
    """JupyterLab hides formulas from screen readers."""
    for cell in read(name).cells:
        for row in re.findall(r"^\|(.+)\|\n\|[-:| ]+\|$", cell.source, re.MULTILINE):
            assert all(re.search(r"\w", re.sub(r"\$.*?\$", "", one)) for one in row.split("|")), row


@every_notebook
def test_a_picture_comes_with_its_sentence_and_its_words(name):
    """By plots.show or interactive: nothing else shows an image."""
    for cell in code_cells(read(name)):
        tree = parsed(cell)
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not names & {"plt", "matplotlib", "display", "Image"}, cell.id
        used = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        assert not any(re.search(r"\.(show|savefig)$", one) for one in {*used} - {"plots.show"}), (
            cell.id
        )
    for cell in read(name).cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"!\[\s*\]\(|<img\b(?![^>]*\balt=)", cell.source), cell.id


@every_notebook
def test_ideas_stand_in_the_cells_and_the_drawing_in_plots(name):
    drawing = {cell.id: len(drawing_lines(cell.source)) for cell in code_cells(read(name))}
    assert sum(drawing.values()) <= MOST_DRAWING, {k: n for k, n in drawing.items() if n}


@every_notebook
def test_a_stub_names_the_part_of_the_notebook_that_introduces_it(name):
    notebook = read(name)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    parts = dict(re.findall(r"^## Part (\d+): (.*?)(?=^## |\Z)", prose, re.MULTILINE | re.DOTALL))
    assert list(parts) == [str(k + 1) for k in range(len(parts))]
    stubs_seen = 0
    for module in MODULES:
        stubs = (ROOT / "cs231n_utils" / f"{module}.py").read_text(encoding="utf-8")
        for exercise, of_notebook, part in re.findall(
            r'"([\w.]+): write me \((\w+)\.ipynb, part (\d+)\)"', stubs
        ):
            if of_notebook == name:
                assert re.search(rf"`{re.escape(exercise)}\b", parts.get(part, "")), (
                    f"part {part} does not name {exercise}"
                )
                stubs_seen += 1
    assert stubs_seen


def test_the_first_check_comes_soon_and_is_of_a_short_function():
    cells = code_cells(read(NOTEBOOKS[0]))
    place, first = next((k, cell) for k, cell in enumerate(cells) if "nbgrader" in cell.metadata)
    exercise = first.metadata.nbgrader.grade_id
    assert [cell.id for cell in cells[:place]] == ["needs-its-kit", "setup", "rel-error-examples"]
    assert EXERCISES[exercise].points == min(
        EXERCISES[name].points for name in exercises_of(NOTEBOOKS[0])
    )


@every_notebook
def test_no_cell_needs_a_name_that_only_an_unfinished_exercise_would_have_set(name):
    always: set[str] = set()  # set outside every `with skip_unfilled():`
    skipped: set[str] = set()  # set inside one only
    for cell in code_cells(read(name)):
        tree = parsed(cell)
        inside = {
            id(node)
            for block in ast.walk(tree)
            if is_skip_unfilled(block)
            for node in ast.walk(block)
        }
        stored = [
            (set_here, id(node) in inside)
            for node in ast.walk(tree)
            for set_here in names_set_by(node)
        ]
        loaded = {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        assert not (loaded - {set_here for set_here, _ in stored}) & (skipped - always), cell.id
        skipped |= {set_here for set_here, in_block in stored if in_block}
        always |= {set_here for set_here, in_block in stored if not in_block}


def names_set_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    return (
        [node.name]
        if isinstance(node, ast.FunctionDef)
        else [node.arg]
        if isinstance(node, ast.arg)
        else []
    )


def is_skip_unfilled(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and ast.unparse(node.items[0].context_expr).startswith(
        "skip_unfilled("
    )


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
            for width in (1200, 480):
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
