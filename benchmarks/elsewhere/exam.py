"""One exam in the shape of each tool: the SVM loss, 2 points on tests that students see and 8 on
tests that they do not.

Written as the documentation of each tool recommends: nbgrader's tests are read-only grade cells,
the hidden ones between its markers; otter's are the test cells of a question in an Otter Assign
notebook, with its default settings. The student hands in the notebook, and beside it the module
that it imports.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence

import nbformat
import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_raw_cell

from grader.topics.linear_svm import reference

NAME = "exam"
MODULE = "cs231n_utils/linear_svm.py"
MAXIMUM = 10

RIGHT = inspect.getsource(reference)
WRONG = """import numpy as np


def svm_loss_naive(W, X, y, reg):
    return 0.0, np.zeros_like(W)
"""

_SETUP = "import numpy as np\n\nfrom cs231n_utils.linear_svm import svm_loss_naive"

_W, _X, _Y = (
    np.array([[0.5, -1.0], [2.0, 1.0], [-0.5, 0.0]]),
    np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]]),
    np.array([1, 0]),
)
_LOSS, _DW = reference.svm_loss_naive(_W, _X, _Y, 0.1)
_VISIBLE = f"""from numpy.testing import assert_allclose

W, X, y = np.array({_W.tolist()}), np.array({_X.tolist()}), np.array({_Y.tolist()})
loss, dW = svm_loss_naive(W, X, y, 0.1)
assert abs(loss - {float(_LOSS)!r}) < 1e-8
assert_allclose(dW, np.array({_DW.tolist()}), rtol=1e-6, atol=1e-12)
"""

# The reference under a name of its own, and random inputs as in our own hidden checks.
_REFERENCE = (
    inspect.getsource(reference.svm_loss_naive).rstrip().replace("svm_loss_naive", "expected_svm")
)
_HIDDEN = """{reference}


rng = np.random.default_rng({seed})
for n, d, c in [(7, 5, 4), (12, 3, 6), (1, 3, 2)]:
    W, X, y = rng.standard_normal((d, c)), rng.standard_normal((n, d)), rng.integers(0, c, n)
    for reg in (0.0, 0.3):
        loss, dW = svm_loss_naive(W, X, y, reg)
        {check}
"""
_HIDDEN_LOSS = _HIDDEN.format(
    reference=_REFERENCE, seed=1, check="assert abs(loss - expected_svm(W, X, y, reg)[0]) < 1e-8"
)
_HIDDEN_GRADIENT = "from numpy.testing import assert_allclose\n\n\n" + _HIDDEN.format(
    reference=_REFERENCE,
    seed=2,
    check="assert_allclose(dW, expected_svm(W, X, y, reg)[1], rtol=1e-6, atol=1e-12)",
)

# Name -> (points, code); students do not see those whose name begins with "hidden".
Tests = Mapping[str, tuple[int, str]]
TESTS: Tests = {
    "visible": (2, _VISIBLE),
    "hidden_loss": (4, _HIDDEN_LOSS),
    "hidden_gradient": (4, _HIDDEN_GRADIENT),
}


def nbgrader_source(
    setup: str = _SETUP, tests: Tests = TESTS, before: Sequence[NotebookNode] = ()
) -> str:
    """The instructor's notebook for `nbgrader generate_assignment`; `before` are cells of its own,
    in front of the tests.
    """
    cells = [*before, new_code_cell(setup, id="setup")]
    for name, (points, source) in tests.items():
        test = source
        if name.startswith("hidden"):
            test = (
                f'"""More tests of the {name.removeprefix("hidden_")}."""\n### BEGIN HIDDEN'
                f" TESTS\n{source}### END HIDDEN TESTS"
            )
        tags = {
            "grade": True,
            "solution": False,
            "locked": True,
            "task": False,
            "points": points,
            "grade_id": name,
            "schema_version": 3,
        }
        cells.append(new_code_cell(test, id=name, metadata={"nbgrader": tags}))
    return _text(cells)


def otter_source(
    setup: str = _SETUP, tests: Tests = TESTS, before: Sequence[NotebookNode] = ()
) -> str:
    """The instructor's notebook for `otter assign`, with one question."""
    cells = [
        new_raw_cell("# ASSIGNMENT CONFIG\ngenerate: true\nrun_tests: false\nexport_cell: false"),
        *before,
        new_code_cell(setup),
        new_raw_cell("# BEGIN QUESTION\nname: question"),
        new_raw_cell("# BEGIN TESTS"),
    ]
    for name, (points, test) in tests.items():
        hidden = str(name.startswith("hidden")).lower()
        config = (
            f'""" # BEGIN TEST CONFIG\nhidden: {hidden}\npoints: {points}\n""" # END TEST CONFIG\n'
        )
        cells.append(new_code_cell(config + test))
    return _text([*cells, new_raw_cell("# END TESTS"), new_raw_cell("# END QUESTION")])


def without_tests(notebook: str) -> str:
    """A student's notebook with `pass` in place of every test, for the attack that tries this."""
    changed = nbformat.reads(notebook, as_version=4)
    for cell in changed.cells:
        if cell.cell_type == "code" and "import svm_loss_naive" not in cell.source:
            cell.source = "pass"
    return nbformat.writes(changed)


def _text(cells: list) -> str:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.writes(new_notebook(cells=cells, metadata=kernel))
