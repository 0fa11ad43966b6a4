"""What a student sees in the notebooks where functions of theirs are wrong: three lines at most."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cs231n_utils.exercises import EXERCISES, NOTEBOOKS
from grader.kit import sample_class
from tests.notebooks.test_notebooks import code_cells, errors, run

pytestmark = pytest.mark.slow

FUNCTIONS = [row for row in EXERCISES.values() if row.file.endswith(".py")]
MOST_LINES = 3
# What takes the place of a right result, by the kind of fault.
FAULTS = {
    "raises": "raise ValueError('operands could not be broadcast together\\n' * 30)",
    "returns nothing": "return None",
    "wrong shape": "return each_of(result, lambda value: np.ones((2, 3)))",
    "not a number": "return each_of(result, lambda value: np.asarray(value) * np.nan)",
    "wrong value": "return each_of(result, lambda value: 3.0 * np.asarray(value) + 1)",
}
WRAPPER = """

import numpy as np


def each_of(result, change):
    if isinstance(result, (tuple, list)):
        return type(result)(each_of(value, change) for value in result)
    return result if isinstance(result, dict) or result is None else change(result)
"""
WRONG = """

def wrong(right):
    def {short}(*arguments, **named):
        result = right(*arguments, **named)
        {fault}
    return {short}


{name} = wrong({name})
"""


def with_wrong_functions(kit: dict[str, bytes], notebook: str, of: str) -> dict[str, bytes]:
    """The kit with right functions, but for those of a notebook, or of all notebooks before it;
    neighbours are wrong in different ways.
    """
    files = {**kit, **sample_class.reference_files()}
    number = NOTEBOOKS.index(notebook)
    wrong = {notebook} if of == "its own" else set(NOTEBOOKS[:number])
    for k, row in enumerate(row for row in FUNCTIONS if row.notebook in wrong):
        fault = list(FAULTS.values())[(k + number) % len(FAULTS)]
        source = files[row.file].decode()
        if WRAPPER not in source:
            source += WRAPPER
        short = row.name.rpartition(".")[2]
        source += WRONG.format(name=row.name, short=short, fault=fault)
        files[row.file] = source.encode()
    return files


@pytest.mark.parametrize(
    "name, of",
    [
        (name, of)
        for name in NOTEBOOKS
        for of in ("its own", "earlier ones")
        if (name, of) != (NOTEBOOKS[0], "earlier ones")
    ],
)
def test_wrong_functions_are_told_in_three_lines_and_the_notebook_goes_on(
    name, of, kit, tmp_path, monkeypatch
):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    write(with_wrong_functions(kit, name, of), tmp_path)
    notebook = run(tmp_path, name)
    assert errors(notebook) == []
    told = 0
    for cell in code_cells(notebook):
        if cell.source.startswith("check("):
            continue
        said = "".join(
            output.text for output in cell.outputs if output.get("name") in ("stdout", "stderr")
        )
        assert "Traceback" not in said, cell.id
        lines = said.splitlines()
        fails = [k for k, line in enumerate(lines) if ") fails its checks;" in line]
        assert len(fails) <= 1, cell.id
        for k in fails:
            told += 1
            begins = [
                j for j, line in enumerate(lines) if re.match(r"\w+(Error|Exception)\b", line)
            ]
            assert k - min([*begins, k]) < MOST_LINES, cell.id
    assert told


def write(files: dict[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
