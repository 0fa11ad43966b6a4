"""check() runs wherever the kit lies, beside whatever files, and without another process."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbgrader.validator import Validator

from cs231n_utils.imports import hidden_modules
from cs231n_utils.visible_checks import endings, launch
from cs231n_utils.visible_checks.launch import run
from cs231n_utils.visible_checks.tools import python_steps
from grader.kit.release import kit_files
from grader.paths import COURSE
from tests.support.in_sandbox import reference_files

NAME = "l2_penalty"
FILE = "cs231n_utils/regularization.py"
RIGHT = "import numpy as np\n\n\ndef l2_penalty(W):\n    return np.vdot(W, W), W + W\n"


def kit_in(folder, code=RIGHT):
    shutil.copytree(
        COURSE / "cs231n_utils",
        folder / "cs231n_utils",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (folder / FILE).write_text(code, encoding="utf-8")
    return folder


@pytest.fixture
def kit(tmp_path):
    return kit_in(tmp_path / "kit")


def python(kit, program, **environment):
    """What a Python started in the kit's folder prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=kit,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )
    return done.stdout + done.stderr


# Folders


@pytest.mark.parametrize(
    "name",
    [
        "loss [1]",
        "a::b",
        "$HOME",
        "${PATH}",
        "Übung 3",
        "50 %d",
        "a]b[",
        'it\'s "me"',
        "x.py",
        "-k",
    ],
)
def test_the_kit_may_lie_in_any_folder(tmp_path, name):
    outcome = run(NAME, 60.0, kit_in(tmp_path / name / "kit"))
    assert outcome.passed, outcome


def test_the_kits_own_folder_may_have_any_name(tmp_path, monkeypatch):
    kit = kit_in(tmp_path / "loss [1]::$HOME ü")
    monkeypatch.chdir(kit)
    assert run(NAME, 60.0, kit).passed


# Scratch files that hide modules

SCRATCH = [
    "random",
    "math",
    "json",
    "types",
    "numpy",
    "copy",
    "typing",
    "token",
    "pytest",
    "string",
]


@pytest.mark.parametrize("module", SCRATCH)
def test_a_scratch_file_is_passed_over_and_named(kit, module):
    (kit / f"{module}.py").write_text("print('scratch')\nx = 1\n")
    outcome = run(NAME, 60.0, kit)
    assert outcome.passed, outcome
    (note,) = outcome.notes
    assert note.startswith(f"{module}.py beside the notebooks hides ")
    assert f" {module}. Rename it" in note


def test_a_folder_that_hides_a_library_is_named(kit):
    (kit / "numpy").mkdir()
    (kit / "numpy" / "__init__.py").touch()
    outcome = run(NAME, 60.0, kit)
    assert outcome.passed
    assert outcome.notes[0].startswith("numpy/ beside the notebooks hides the library numpy.")


@pytest.mark.parametrize("name", ["helper.py", "test.py", "notes.txt", "random.txt", "json"])
def test_other_files_hide_nothing(kit, name):
    (kit / name).write_text("x = 1\n")
    outcome = run(NAME, 60.0, kit)
    assert outcome.passed and outcome.notes == ()


def test_the_students_own_modules_are_imported_as_ever(kit):
    (kit / "random.py").touch()
    (kit / "helper.py").write_text("import random\n\nhalf = random.Random(1).random() / 2\n")
    (kit / FILE).write_text(f"from helper import half\n{RIGHT}")
    assert run(NAME, 60.0, kit).passed


@pytest.mark.parametrize("module", ["random", "argparse", "tempfile", "dataclasses", "numpy"])
def test_the_kit_is_imported_beside_a_scratch_file_without_a_traceback(kit, module):
    (kit / f"{module}.py").write_text("x = 1\n")
    printed = python(kit, f"from cs231n_utils.check import check\ncheck('{NAME}')")
    assert "Traceback" not in printed
    assert f"{module}.py beside the notebooks hides" in printed
    assert "3 of 3 checks pass." in printed


def test_a_hidden_module_that_was_imported_before_is_replaced(kit):
    (kit / "numpy.py").write_text("x = 1\n")
    printed = python(kit, "import numpy\nfrom cs231n_utils import expect\nprint(expect.np.pi)")
    assert "Restart the kernel after renaming numpy.py" in printed and "3.14" in printed


def test_the_course_itself_hides_nothing():
    assert hidden_modules.files() == {}


def test_a_damaged_file_of_the_assignment_is_named(kit):
    (kit / "cs231n_utils" / "expect.py").write_text("x = 1\n")
    assert (
        run(NAME, 60.0, kit).sentence == "l2_penalty: the checks did not run."
        " cs231n_utils/expect.py is not as the assignment has it. Copy it from the assignment"
        " again, and give a file of your own another name."
    )


# No processes, and no threads

WITHOUT = """
    import subprocess, sys, threading
    def refused(*arguments, **options):
        raise OSError(138, "emscripten does not support processes.")
    def no_thread(self):
        raise RuntimeError("can't start new thread")
    subprocess.Popen = refused
    threading.Thread.start = no_thread
    from cs231n_utils.check import check
"""


def test_without_processes_the_checks_run_in_this_one_and_say_so(kit):
    printed = python(kit, f"{WITHOUT}\n    check('{NAME}')")
    assert printed.startswith("No other process can be started here")
    assert "cannot be ended from outside" in printed and "3 of 3 checks pass." in printed


def test_without_processes_an_edited_file_counts_and_the_notebooks_modules_stay(kit):
    printed = python(
        kit,
        f"""{WITHOUT}
    import builtins, os, random
    from pathlib import Path
    from cs231n_utils import regularization
    before = regularization, builtins.__import__, list(sys.path), dict(os.environ)
    check("{NAME}")
    file = Path("{FILE}")
    file.write_text(file.read_text().replace("W + W", "W"))
    check("{NAME}")
    import cs231n_utils.regularization as again
    assert (again, builtins.__import__, sys.path, os.environ) == before
    assert regularization is __import__("cs231n_utils").regularization
    print("left as it was")
    """,
    )
    assert "3 of 3 checks pass." in printed and "1 of 3 checks pass." in printed
    assert "Hint for l2_penalty:" in printed and printed.endswith("left as it was\n")


def test_without_processes_a_broken_file_gets_its_sentence(kit):
    (kit / FILE).write_text("%matplotlib inline\n")
    printed = python(kit, f"{WITHOUT}\n    check('{NAME}')")
    assert "cannot be imported. SyntaxError" in printed and "command of notebooks" in printed
    assert "Traceback" not in printed


# How a process ended


@pytest.mark.parametrize(
    "status, words",
    [
        (3221225477, "access violation"),
        (-1073741819, "access violation"),
        (3221225725, "stack overflow"),
        (3221225495, "no memory was left"),
        (3221225501, "illegal instruction"),
        (3221225781, "a library (DLL) that it needs was not found"),
        (3221226505, "memory was damaged"),
        (3221225786, "stopped by Ctrl-C"),
        (3221220000, "with exit status 0xbfffeaa0"),
        (-9, "SIGKILL"),
        (-63, "signal 63"),
        (3, "exit status 3. Does your code call exit()"),
    ],
)
def test_an_exit_status_is_told_in_words(status, words):
    assert words in endings.in_words(status)


# Lines are counted


def _same(x):
    return x


@pytest.mark.parametrize(
    "loop",
    [
        lambda X: [float(x) for x in X],
        lambda X: sum(x for x in X),
        lambda X: list(map(_same, X)),
        lambda X: {k: 2 * k for k in range(len(X))},
    ],
)
def test_a_loop_of_any_form_takes_more_steps(loop):
    few, many = (python_steps(loop, np.arange(float(n))) for n in (5, 50))
    assert many > 1.5 * few


def test_whole_arrays_take_the_same_steps_on_every_python():
    def vectorized(X):
        scores = X * 2.0
        return scores - scores.max()

    vectorized(np.arange(5.0))
    few, many = (python_steps(vectorized, np.arange(float(n))) for n in (5, 50))
    assert few == many < 50


def test_nothing_asks_for_opcodes():
    """Python 3.12.0 and 3.12.1 trace them differently from all others."""
    for path in Path(launch.__file__).parent.glob("*.py"):
        assert "f_trace_opcodes" not in path.read_text(encoding="utf-8")


# nbgrader validate


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("validate")
    for name, content in kit_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    # Of the notebook, the cells that import and the graded ones: validate runs them all.
    path = folder / "1_gradient_check.ipynb"
    notebook = nbformat.read(path, 4)
    first = next(cell for cell in notebook.cells if cell.get("id") == "setup")
    notebook.cells = [
        first,
        *(
            cell
            for cell in notebook.cells
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
        ),
    ]
    nbformat.write(notebook, path)
    return folder


def validated(folder, monkeypatch):
    # As on a student's machine, where the course is not installed.
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return Validator().validate(str(folder / "1_gradient_check.ipynb"))


@pytest.mark.slow
def test_nbgrader_validate_fails_where_nothing_is_written(assignment, monkeypatch):
    failed = validated(assignment, monkeypatch)["failed"]
    assert [cell["source"] for cell in failed] == [
        'check("rel_error")',
        'check("eval_numerical_gradient")',
        'check("grad_check_sparse")',
    ]
    assert (
        failed[0]["error"].strip().endswith("rel_error: write me (1_gradient_check.ipynb, part 1)")
    )


@pytest.mark.slow
def test_nbgrader_validate_succeeds_where_all_is_right(assignment, monkeypatch):
    file = "cs231n_utils/gradient_check.py"
    stub = (assignment / file).read_bytes()
    try:
        (assignment / file).write_bytes(reference_files()[file])
        assert validated(assignment, monkeypatch) == {}
    finally:
        (assignment / file).write_bytes(stub)
