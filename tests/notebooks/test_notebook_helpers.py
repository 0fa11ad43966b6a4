"""The helpers of notebook cells, in plain Python and in a real kernel."""

import importlib
import math
import shutil
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from cs231n_utils.notebook import describe_losses, live_loss, skip_unfilled
from grader import topics
from grader.paths import COURSE

ROOT = COURSE


class Model:
    """Its k-th loss is 8 / k."""

    def __init__(self):
        self.calls = 0

    def loss(self, X_batch, y_batch, reg):
        self.calls += 1
        return 8 / self.calls, "gradient"


def train(model, steps):
    return [model.loss(None, None, reg=0.0) for _ in range(steps)]


def test_a_stub_is_told_in_one_sentence(capsys):
    with skip_unfilled():
        raise NotImplementedError("svm_loss_naive: write me (2_svm.ipynb, part 2)")
    assert (
        capsys.readouterr().out
        == "Nothing to show yet. svm_loss_naive: write me (2_svm.ipynb, part 2)\n"
    )


def test_other_faults_pass_through():
    with pytest.raises(ZeroDivisionError), skip_unfilled():
        raise ZeroDivisionError


def test_a_stub_without_words_is_told_as_well(capsys):
    with skip_unfilled():
        raise NotImplementedError
    assert capsys.readouterr().out == "A function that is called here is not written yet.\n"


def test_a_part_that_depends_on_a_wrong_function_does_not_run(capsys):
    def softmax_loss_vectorized(W, X, y, reg):
        return 0.0, np.zeros_like(W)

    ran, tracer = [], sys.gettrace()  # there is one where coverage is measured
    for loss in (softmax_loss_vectorized, topics.reference("softmax_loss_vectorized")):
        with skip_unfilled(loss):
            ran.append(loss)
        assert sys.gettrace() is tracer
    assert ran == [topics.reference("softmax_loss_vectorized")]
    assert capsys.readouterr().out == (
        'softmax_loss_vectorized (notebook 3) fails its checks; check("softmax_loss_vectorized")\n'
        "says what to mend.\n"
    )


def test_a_part_that_depends_on_a_stub_does_not_run(capsys):
    stub = importlib.import_module("cs231n_utils.linear_svm").svm_loss_naive
    with skip_unfilled(stub), live_loss(Model()):
        raise AssertionError("This line is not reached.")
    assert capsys.readouterr().out == (
        "Nothing to show yet. svm_loss_naive: write me (2_svm.ipynb, part 2)\n"
    )


def test_a_half_drawn_figure_is_put_away(monkeypatch):
    figures = [1]
    pyplot = SimpleNamespace(get_fignums=lambda: list(figures), close=figures.remove)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
    with skip_unfilled():
        figures.append(2)
        raise NotImplementedError
    assert figures == [1]


def test_losses_are_recorded_and_the_results_unchanged(capsys):
    model = Model()
    with live_loss(model) as losses:
        results = train(model, 4)
    assert losses == [8, 4, pytest.approx(8 / 3), 2]
    assert results[3] == (2, "gradient")
    assert (
        capsys.readouterr().out
        == "Training loss: fell from 8 (first) to 2 (last) in 4 iterations.\n"
    )


def test_the_model_is_as_before_afterwards():
    model = Model()
    with live_loss(model):
        train(model, 1)
    assert "loss" not in vars(model)
    model.loss = own = lambda: (1.0, None)
    with live_loss(model):
        model.loss()
    assert model.loss is own


def test_an_interrupt_keeps_what_there_is(capsys):
    model = Model()
    with pytest.raises(KeyboardInterrupt), live_loss(model):  # noqa: PT012
        train(model, 2)
        raise KeyboardInterrupt
    assert "in 2 iterations" in capsys.readouterr().out
    assert "loss" not in vars(model)


def test_a_stub_in_training_gives_its_sentence_alone(capsys):
    with skip_unfilled(), live_loss(Model()):
        raise NotImplementedError("LinearClassifier.train: write me")
    assert capsys.readouterr().out == "Nothing to show yet. LinearClassifier.train: write me\n"


def test_training_without_a_loss_is_told(capsys):
    with live_loss(Model()):
        pass
    assert "model.loss was never called" in capsys.readouterr().out


def test_a_wrong_result_is_left_to_the_student():
    model = Model()
    model.loss = lambda: None
    with live_loss(model) as losses:
        assert model.loss() is None
    assert losses == []


@pytest.mark.parametrize(
    "losses, words",
    [
        ([2.0, 1.0], "fell from 2 (first) to 1 (last) in 2 iterations."),
        ([1.0, 2.0], "rose from 1 (first) to 2 (last) in 2 iterations."),
        ([1.0], "went from 1 (first) to 1 (last) in 1 iteration."),
        (
            [1.0, 9e9, math.inf, math.nan],
            "starts at 1 and is inf from iteration 2 of 4 on. Try a smaller learning rate.",
        ),
    ],
)
def test_the_curve_in_words(losses, words):
    assert describe_losses(losses) == words


CELLS = [
    (
        "from cs231n_utils.check import check\nfrom cs231n_utils.notebook import live_loss,"
        " skip_unfilled"
    ),
    'check("l2_penalty")',
    'check("l1_penalty")',
    """
class Model:
    calls = 0
    def loss(self):
        self.calls += 1
        return 8 / self.calls, None
model = Model()
with live_loss(model, num_iters=200) as losses:
    for _ in range(200):
        model.loss()
""",
    """
import matplotlib.pyplot as plt
with skip_unfilled():
    fig, ax = plt.subplots()
    raise NotImplementedError("rel_error: write me")
""",
]


@pytest.fixture
def outputs_in_a_kernel(tmp_path):
    """Runs cells beside a copy of the kit; returns the outputs of each."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    shutil.copytree(
        ROOT / "cs231n_utils",
        tmp_path / "cs231n_utils",
        ignore=shutil.ignore_patterns("__pycache__"),
    )

    def run(cells, **options):
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
        )
        nbclient.NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=120,
            **options,
            resources={"metadata": {"path": str(tmp_path)}},
        ).execute()
        return [cell.outputs for cell in notebook.cells]

    return run


def test_in_a_kernel(tmp_path, outputs_in_a_kernel):
    """A table with words and HTML, one curve that is shown once, one sentence; no traceback."""
    file = tmp_path / "cs231n_utils" / "regularization.py"
    file.write_text(file.read_text().replace('raise NotImplementedError("l1_penalty', 'return ("'))
    _, unfilled, wrong, curve, skipped = outputs_in_a_kernel(CELLS)
    assert [output.data["text/plain"] for output in unfilled] == [
        "l2_penalty: write me (4_regularization.ipynb, part 1)"
    ]
    assert [output.output_type for output in wrong] == ["display_data"]
    assert (
        "l1_penalty returned one value, of type str; expected (R, dR)."
        in wrong[0].data["text/html"]
    )
    assert [output.output_type for output in curve] == ["display_data", "stream"]
    assert "image/png" in curve[0].data
    assert 'alt="Training loss: 200 of 200 iterations' in curve[0].data["text/html"]
    assert curve[1].text == "Training loss: fell from 8 (first) to 0.04 (last) in 200 iterations.\n"
    assert [output.text for output in skipped] == ["Nothing to show yet. rel_error: write me\n"]


EDITOR = """
from pathlib import Path
%load_ext cs231n_utils.autoreload
file = Path("cs231n_utils/regularization.py")
stub = file.read_text()
def edit(old, new):
    _ = file.write_text(stub.replace(old, new, 1))
"""
IMPORT = "from cs231n_utils.regularization import l2_penalty"
EDITED = f"{IMPORT}\n{EDITOR}"
CALL = "print(l2_penalty(0))"


def test_an_edited_file_counts_in_the_next_cell_and_a_broken_one_is_told_in_every_cell(
    outputs_in_a_kernel,
):
    outputs = outputs_in_a_kernel(
        [
            EDITED,
            'edit("raise NotImplementedError", "return 1, len")',
            CALL,
            'edit("raise NotImplementedError", "return (22, len")',
            CALL,
            CALL,
            'edit("import numpy", "import nummpy")',
            CALL,
            'edit("raise NotImplementedError", "return 333, len")',
            CALL,
        ]
    )
    said = ["".join(output.text for output in cell) for cell in outputs]
    old_version = (
        "cs231n_utils/regularization.py cannot be imported, so the version before it is still in"
        " use.\n"
    )
    assert said[2] == "(1, 53)\n"
    for cell in (said[4], said[5]):
        assert cell.startswith(
            f"{old_version}SyntaxError: '(' was never closed\nin cs231n_utils/regularization.py,"
            " line 22: "
        )
        assert cell.endswith("\n\n(1, 53)\n")
    assert said[7].startswith(
        f"{old_version}ModuleNotFoundError: No module named 'nummpy'. Did you mean: 'numpy'?\nin"
        " cs231n_utils/"
    )
    assert said[9] == "(333, 53)\n"
    assert not any(output.get("name") == "stderr" for cell in outputs for output in cell)


def test_the_lines_of_an_edited_file_are_those_of_the_file(outputs_in_a_kernel, tmp_path):
    file = tmp_path / "cs231n_utils" / "regularization.py"
    line = file.read_text().splitlines().index("def l2_penalty(W):") + 1
    outputs = outputs_in_a_kernel(
        [
            EDITED,
            "from cs231n_utils.notebook import skip_unfilled",
            'edit("def l2_penalty(W):", "def l2_penalty(W):\\n    return W.size.total")',
            "with skip_unfilled():\n    l2_penalty(file)",
        ]
    )
    (said,) = (output.text for output in outputs[-1])
    assert f"in cs231n_utils/regularization.py, line {line + 1}: return W.size.total" in said


def test_a_file_that_was_broken_before_its_first_import_is_told_in_three_lines(
    outputs_in_a_kernel,
):
    edits = [
        'edit("raise NotImplementedError", "return (22, len")',
        'edit("import numpy", "import nummpy")',
        'edit("import numpy as np", "1 / 0")',
        'edit("def l2_penalty", "def l22_penalty")',
    ]
    cells = [EDITOR, *(cell for edit in edits for cell in (edit, IMPORT)), "1 / 0"]
    outputs = outputs_in_a_kernel(cells, allow_errors=True)
    told = [cell[-1].traceback for cell in outputs[2:-1:2]]
    assert [lines[0].partition(":")[0] for lines in told] == [
        "SyntaxError",
        "ModuleNotFoundError",
        "ZeroDivisionError",
        "ImportError",
    ]
    for lines in told:
        assert len(lines) <= 3
        assert lines[-1] == (
            "cs231n_utils/regularization.py cannot be imported: mend it, save it, and run this cell"
            " again."
        )
    assert "Traceback" in "".join(outputs[-1][-1].traceback)  # a fault of the cell's own


# Beside right functions and stubs: one that raises, and one whose result nothing can be made of.
FAULTY = [
    """
from pathlib import Path
import numpy as np
from cs231n_utils import plots
from cs231n_utils.notebook import skip_unfilled
%load_ext cs231n_utils.autoreload
def edit(module, name, body):
    file = Path(f"cs231n_utils/{module}.py")
    stub = f'raise NotImplementedError("{name}: '
    before, after = file.read_text().split(stub, 1)
    file.write_text(before + body + after.partition(")")[2].partition(")")[2])
edit("regularization", "l2_penalty", "return np.sum(W**2), 2 * w")
edit("regularization", "l1_penalty", "return None")
edit("regularization", "elastic_net_penalty",
     "return np.sum(beta * W**2 + np.abs(W)), 2 * beta * W + np.sign(W)")
from cs231n_utils.regularization import elastic_net_penalty, l1_penalty, l2_penalty
def size(W):
    return l1_penalty(W)[0]
""",
    """
with skip_unfilled():
    l2_penalty(np.ones(3))
""",
    """
with skip_unfilled():
    fig, ax = plots.new_axes("a", "b", "c")
    ax.plot([size(np.ones(3))])
""",
    """
with skip_unfilled():
    elastic_net_penalty(None, 1.0)
""",
    """
with skip_unfilled():
    fig, ax = plots.new_axes("a", "b", "c")
    ax.set(title_of_ours="no such property")
""",
]


def test_a_students_fault_in_a_cell_takes_three_lines_and_one_of_ours_stays_loud(
    outputs_in_a_kernel,
):
    _, raises, unusable, innocent, ours = outputs_in_a_kernel(FAULTY, allow_errors=True)
    assert [output.text.splitlines() for output in raises] == [
        [
            "NameError: name 'w' is not defined",
            "in cs231n_utils/regularization.py, line 22: return np.sum(W**2), 2 * w",
            'l2_penalty (notebook 4) fails its checks; check("l2_penalty") says what to mend.',
        ]
    ]
    assert [output.text.splitlines() for output in unusable] == [
        [
            "TypeError: 'NoneType' object is not subscriptable",
            "in this cell, line 3: ax.plot([size(np.ones(3))])",
            'l1_penalty (notebook 4) fails its checks; check("l1_penalty") says what to mend.',
        ]
    ]
    assert [output.text.splitlines()[::2] for output in innocent] == [
        [
            "TypeError: unsupported operand type(s) for ** or pow(): 'NoneType' and 'int'",
            "The checks find no fault in the functions of this cell; look at that line.",
        ]
    ]
    assert ours[-1].output_type == "error"
