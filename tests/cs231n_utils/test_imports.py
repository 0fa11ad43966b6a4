"""Imports never cost what they do not decide, in the kit; and `check` says what grading says."""

import json
import shutil
import subprocess
import sys
import textwrap

import pytest

from cs231n_utils.advice import old_names
from cs231n_utils.imports import libraries, python_2_modules
from cs231n_utils.visible_checks.launch import run
from grader.kit import readme
from grader.paths import COURSE
from grader.sandbox import connection
from tests.support.import_headers import HEADERS, USES
from tests.support.in_sandbox import reference_files

FILE = "cs231n_utils/gradient_check.py"


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """A student's folder in which all is right."""
    folder = tmp_path_factory.mktemp("imports") / "kit"
    shutil.copytree(
        COURSE / "cs231n_utils",
        folder / "cs231n_utils",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for name, content in reference_files().items():
        (folder / name).write_bytes(content)
    return folder


def check(kit, source, timeout=60.0):
    (kit / FILE).write_text(source, encoding="utf-8")
    return run("rel_error", timeout, kit)


def told(outcome):
    """All that is said of what does not pass."""
    return " ".join([outcome.sentence, *(row.message for row in outcome.rows)])


@pytest.mark.parametrize("name", HEADERS)
def test_an_import_that_nothing_uses_costs_nothing(kit, name):
    right = reference_files()[FILE].decode()
    outcome = check(kit, f"{textwrap.dedent(HEADERS[name])}\n{right}")
    assert outcome.passed, told(outcome)


@pytest.mark.parametrize("name", USES)
def test_what_uses_it_fails_there_and_is_told_as_in_grading(kit, name):
    lines, use, sentence = USES[name]
    outcome = check(kit, f"{lines}\n\n\ndef rel_error(x, y):\n    return {use}\n")
    assert not outcome.passed
    assert sentence in told(outcome)


def test_an_installed_library_does_not_reach_the_students_file(kit):
    """pytest is there, as the checks run in it; grading has none."""
    use = "import pytest\n\n\ndef rel_error(x, y):\n    return pytest.approx(0)\n"
    assert "pytest.approx: grading does not have pytest" in told(check(kit, use))


def test_an_import_without_end_is_told_with_the_limit(kit):
    sentence = check(kit, "while True:\n    pass\n").sentence
    begin = f"{FILE} cannot be imported: that takes more than "
    # By the clock where the machine is busy.
    assert sentence.startswith((f"{begin}3 seconds of computing,", f"{begin}10 seconds,"))


def test_grading_has_the_same_limits():
    limits = (libraries.CPU_SECONDS, libraries.WALL_SECONDS)
    assert limits == (connection.CPU_LIMIT, connection.WALL_LIMIT)


def in_a_notebook(kit, source, line):
    """What a line prints in a Python that has imported the kit as a notebook does."""
    (kit / FILE).write_text(source, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", f"from cs231n_utils import gradient_check as g\n{line}"],
        cwd=kit,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout + done.stderr


def test_notebooks_import_the_same_files(kit):
    source = (
        "from past.builtins import xrange\nfrom ..classifiers.softmax import *\n"
        "import no_such_library_anywhere\n"
    )
    seen = in_a_notebook(kit, source, "print(len(g.xrange(3)), g.softmax_loss_naive.__module__)")
    assert seen == "3 cs231n_utils.softmax\n"


def test_installed_libraries_may_be_used_in_notebooks(kit):
    assert in_a_notebook(kit, "import pytest\n", "print(g.pytest.approx(1) == 1)") == "True\n"


def test_a_cell_of_a_notebook_imports_as_ever(kit):
    seen = in_a_notebook(
        kit, "import no_such_library_anywhere\n", "import no_such_library_anywhere"
    )
    assert seen.endswith("ModuleNotFoundError: No module named 'no_such_library_anywhere'\n")


def test_the_promise_stands_in_the_first_notebook_and_in_the_kits_readme(kit):
    path = COURSE / "notebooks" / "loss_and_optimization" / "1_gradient_check.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    (cell,) = [cell for cell in cells if cell.get("id") == "how-it-works"]
    for sentence in (libraries.PROMISE, libraries.LIMITS):
        assert sentence in "".join(cell["source"])
    text = " ".join(readme.text().split())
    assert libraries.LIMITS in text
    assert libraries.PROMISE.partition(": an ")[2] in text.replace("An import", "import")


@pytest.mark.parametrize("name", ["itervalues", "u", "PY3", "string_types", "moves.cPickle"])
def test_names_of_six_are_those_of_six(name):
    six = pytest.importorskip("six")
    real, ours = six, None
    for part in name.split("."):
        real = getattr(real, part)
    *package, last = f"six.{name}".split(".")
    ours = python_2_modules.find(".".join(package), last, None)
    same = ours({1: "a"}) if name == "itervalues" else ours("a") if name == "u" else ours
    expected = real({1: "a"}) if name == "itervalues" else real("a") if name == "u" else real
    assert (list(same) == list(expected)) if name == "itervalues" else same == expected


@pytest.mark.parametrize(
    "type_name, text",
    [
        ("SyntaxError", "invalid syntax: print(x"),
        (
            "SyntaxError",
            "multiple exception types must be parenthesized: except ValueError, KeyError:",
        ),
        ("NameError", "name 'scores' is not defined"),
        ("AttributeError", "module 'numpy' has no attribute 'smu'"),
        ("ValueError", "name 'xrange' is not defined"),
    ],
)
def test_other_faults_are_no_old_names(type_name, text):
    assert old_names.instead(type_name, text) == ""


def test_a_name_that_numpy_1_lacks_gets_one_that_every_version_has():
    text = "module 'numpy' has no attribute 'concat'"
    assert "write np.concatenate" in old_names.instead("AttributeError", text)
