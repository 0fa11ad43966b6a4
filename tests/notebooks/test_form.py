"""The form of the notebooks: cells, ids, grades, headings, tables, pictures, drawing."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from itertools import pairwise

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from cs231n_utils.exercises import EXERCISES, MAX_SCORE, MODULES, NOTEBOOKS
from tests.notebooks.test_notebooks import (
    QUESTION_POINTS,
    ROOT,
    code_cells,
    every_notebook,
    exercises_of,
    read,
)
from tests.support.drawing_lines import drawing_lines

MOST_DRAWING = 10  # code lines of a notebook
MAGICS = {"%load_ext cs231n_utils.autoreload"}


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


def parsed(cell: NotebookNode) -> ast.Module:
    return ast.parse(TransformerManager().transform_cell(cell.source))
