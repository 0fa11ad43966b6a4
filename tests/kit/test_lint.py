"""An author's slips are found before a student meets them, each in one sentence that says where,
what, and what next.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader import __main__ as command_line
from grader.faults import Slips
from grader.kit import lint
from grader.kit.slips import Finding, read_files
from grader.paths import COURSE
from tests.support.course_copy import copy_course

ROWS = "cs231n_utils/exercises.py"
STUBS = "cs231n_utils/linear_svm.py"
HIDDEN = "grader/topics/linear_svm/test_linear_svm.py"
SEARCH = "grader/topics/optimization/test_optimization.py"
_before = (COURSE / SEARCH).read_text(encoding="utf-8").partition("class TestRandomSearch")[0]
SEARCH_CLASS = f"{SEARCH}:{_before.count(chr(10)) + 1}"  # with the line where the class begins
SVM, SOFTMAX = (f"notebooks/{ASSIGNMENT}/{name}.ipynb" for name in ("2_svm", "3_softmax"))
VISIBLE = "cs231n_utils/visible_checks/test_linear_svm.py"


class Edit:
    """A slip in the files of a course."""

    def __init__(self, course: Path) -> None:
        self.course = course

    def text(self, file: str, before: str, after: str) -> None:
        path = self.course / file
        source = path.read_text(encoding="utf-8")
        assert before in source
        path.write_text(source.replace(before, after, 1), encoding="utf-8")

    def cell(self, file: str, cell_id: str, /, **marks: object) -> None:
        """Change nbgrader's metadata of a cell; `source` is what it holds."""
        notebook, (cell,) = self._cells(file, cell_id)
        cell["source"] = marks.pop("source", cell["source"])
        cell["metadata"]["nbgrader"].update(marks)
        self._write(file, notebook)

    def move_cell(self, file: str, grade_id: str, to: str | None, keep: bool = False) -> None:
        """Take a cell out of a notebook, and put it into another one, if any."""
        notebook, (cell,) = self._cells(file, grade_id)
        if not keep:
            notebook["cells"].remove(cell)
            self._write(file, notebook)
        if to:
            other = json.loads((self.course / to).read_bytes())
            other["cells"].append(cell)
            self._write(to, other)

    def _cells(self, file: str, grade_id: str) -> tuple[dict, list[dict]]:
        notebook = json.loads((self.course / file).read_bytes())
        return notebook, [
            cell
            for cell in notebook["cells"]
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
        ]

    def _write(self, file: str, notebook: dict) -> None:
        (self.course / file).write_text(json.dumps(notebook), encoding="utf-8")

    def remove(self, name: str) -> None:
        path = self.course / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture(scope="module")
def copied(tmp_path_factory) -> Path:
    return copy_course(tmp_path_factory.mktemp("lint") / "course", grader=True)


@pytest.fixture
def course(copied) -> Iterator[Path]:
    """A course of one's own: what was changed in it is put back."""
    yield copied
    for name in ("cs231n_utils", "notebooks", "grader/topics"):
        shutil.rmtree(copied / name)
        shutil.copytree(COURSE / name, copied / name, ignore=shutil.ignore_patterns("__pycache__"))


# What an author may do, and what is said: a file (where it matters with the line), and sentences.
SLIPS: dict[str, tuple[Callable[[Edit], None], str, str]] = {
    "forgotten grade cell": (
        lambda edit: edit.move_cell(SVM, "svm_loss_naive", None),
        SVM,
        "no cell has the grade_id 'svm_loss_naive', so the points of svm_loss_naive would never"
        " reach the gradebook. Add the grade cell, as docs/writing-an-exercise.md says.",
    ),
    "grade cell in another notebook": (
        lambda edit: edit.move_cell(SVM, "svm_loss_naive", SOFTMAX),
        SVM,
        "There is one in notebooks/loss_and_optimization/3_softmax.ipynb, cell"
        " check-svm_loss_naive: correct the notebook in cs231n_utils/exercises.py:",
    ),
    "two cells with one name": (
        lambda edit: edit.move_cell(SVM, "svm_loss_naive", SVM, keep=True),
        f"{SVM}, cell check-svm_loss_naive",
        "a second cell has the grade_id 'svm_loss_naive', after",
    ),
    "points of a cell": (
        lambda edit: edit.cell(SVM, "svm_loss_naive", points=4),
        f"{SVM}, cell check-svm_loss_naive",
        "the grade cell of svm_loss_naive is worth 4 points; expected 11, as in"
        " cs231n_utils/exercises.py:",
    ),
    "cell that is not locked": (
        lambda edit: edit.cell(SVM, "svm_loss_naive", locked=False),
        f"{SVM}, cell check-svm_loss_naive",
        "locked is False in nbgrader's metadata of the grade cell of svm_loss_naive; expected True",
    ),
    "cell with a solution": (
        lambda edit: edit.cell(SVM, "svm_loss_naive", solution=True),
        f"{SVM}, cell check-svm_loss_naive",
        "solution is True in nbgrader's metadata of the grade cell of svm_loss_naive; expected"
        " False",
    ),
    "cell that checks another exercise": (
        lambda edit: edit.cell(SVM, "svm_loss_naive", source='check("rel_error")'),
        f"{SVM}, cell check-svm_loss_naive",
        'holds \'check("rel_error")\'; expected check("svm_loss_naive").',
    ),
    "grade cell of no exercise": (
        lambda edit: edit.cell(SVM, "svm_loss_naive", grade_id="svm_loss_naiv"),
        f"{SVM}, cell check-svm_loss_naive",
        "the grade cell 'svm_loss_naiv' belongs to no exercise, so its points could never be"
        " earned. Is 'svm_loss_naive' meant? Correct its grade_id, or add the row.",
    ),
    "unknown exercise in a check class": (
        lambda edit: edit.text(HIDDEN, '"svm_loss_naive"', '"svm_los_naive"'),
        f"{HIDDEN}:7",
        "the class TestSvmLossNaive says exercise = 'svm_los_naive', which is no exercise of"
        " cs231n_utils/exercises.py. Is 'svm_loss_naive' meant? Correct the name.",
    ),
    "no check class": (
        lambda edit: edit.text(HIDDEN, "class TestSvmLossNaive", "class SvmLossNaiveChecks"),
        f"{HIDDEN}:7",
        "pytest does not collect the class SvmLossNaiveChecks. Let its name begin with Test.",
    ),
    "checks that do not add up": (
        lambda edit: edit.text(SEARCH, '{"best": 1,', '{"best": 2,'),
        SEARCH_CLASS,
        "the points of the checks of random_search add up to 4; expected 3, as in"
        " cs231n_utils/exercises.py:",
    ),
    "points of a row": (
        lambda edit: edit.text(ROWS, '"5_optimization", 3)', '"5_optimization", 0)'),
        ROWS,
        "random_search is worth 0; expected a number of points above 0.",
    ),
    "points for no check": (
        lambda edit: edit.text(SEARCH, '"draws": 1', '"draw": 1'),
        SEARCH_CLASS,
        "`points` of TestRandomSearch names 'draw', and the class has no test_draw. Is 'draws'"
        " meant? Write the check, or correct the name.",
    ),
    "check without points": (
        lambda edit: edit.text(SEARCH, '"draws": 1, "history": 1', '"history": 2'),
        SEARCH,
        "the check test_draws of random_search has no points. Add 'draws' to `points` in",
    ),
    "check without a title": (
        lambda edit: edit.text(
            SEARCH,
            '"""Returns the weights with the smallest loss of all tries, and that loss."""',
            "",
        ),
        SEARCH,
        "the check test_best of random_search has no docstring; expected the sentence that students"
        " read as its title.",
    ),
    "typo in needs": (
        lambda edit: edit.text(SEARCH, 'needs("history")', 'needs("histroy")'),
        SEARCH,
        "the check test_start of gradient_descent needs 'histroy'; its checks are steps, history,"
        " start. Is 'history' meant? Correct the name.",
    ),
    "typo in the mark": (
        lambda edit: edit.text(SEARCH, 'mark.needs("history")', 'mark.need("history")'),
        SEARCH,
        "the check test_start has the mark 'need', which nothing looks at; known are needs,"
        " needs_any, parametrize. Is 'needs' meant?",
    ),
    "needs in a circle": (
        lambda edit: edit.text(
            SEARCH,
            "    def test_history(self, student: Student, rng: np.random.Generator) -> None:",
            '    @pytest.mark.needs("start")\n    def test_history(self, student, rng):',
        ),
        SEARCH,
        "the check test_history of gradient_descent needs 'start', which does not stand before it"
        " in `points`, so one would wait for the other.",
    ),
    "wrong notebook": (
        lambda edit: edit.text(
            ROWS,
            '"svm_loss_naive", "linear_svm", "2_svm"',
            '"svm_loss_naive", "linear_svm", "3_svm"',
        ),
        ROWS,
        "svm_loss_naive is in the notebook '3_svm', and notebooks/loss_and_optimization has no such"
        " file. Correct the row, or add the notebook.",
    ),
    "notebook of another exercise": (
        lambda edit: edit.text(
            ROWS,
            '"svm_loss_naive", "linear_svm", "2_svm"',
            '"svm_loss_naive", "linear_svm", "3_softmax"',
        ),
        SOFTMAX,
        "There is one in notebooks/loss_and_optimization/2_svm.ipynb, cell check-svm_loss_naive:"
        " correct the notebook in cs231n_utils/exercises.py:",
    ),
    "wrong module": (
        lambda edit: edit.text(
            ROWS, '"svm_loss_naive", "linear_svm"', '"svm_loss_naive", "softmax"'
        ),
        "cs231n_utils/softmax.py",
        "there is no svm_loss_naive; it is in cs231n_utils/linear_svm.py. Correct the module in"
        " cs231n_utils/exercises.py:",
    ),
    "two exercises with one name": (
        lambda edit: edit.text(ROWS, '"svm_loss_vectorized"', '"svm_loss_naive"'),
        ROWS,
        "2 rows have the name 'svm_loss_naive', or one that gives the same grade_id. Give each"
        " exercise a name of its own.",
    ),
    "no topic folder": (
        lambda edit: edit.remove("grader/topics/linear_svm"),
        "grader/topics/linear_svm",
        "there is no such folder; expected the reference, hidden checks and known mistakes of"
        " svm_loss_naive. Make it, as docs/writing-an-exercise.md says.",
    ),
    "topic folder of no exercise": (
        lambda edit: shutil.move(
            edit.course / "grader/topics/linear_svm", edit.course / "grader/topics/linear_svn"
        ),
        "grader/topics/linear_svn",
        "no exercise has the module 'linear_svn'. Is 'linear_svm' meant? Rename the folder, or add"
        " the row.",
    ),
    "no stub": (
        lambda edit: edit.text(STUBS, "def svm_loss_naive(", "def svm_loss_simple("),
        STUBS,
        "there is no svm_loss_naive, the stub that students fill in. Write it: a docstring, and"
        " raise NotImplementedError.",
    ),
    "solved stub": (
        lambda edit: edit.text(
            STUBS, "    raise NotImplementedError", "    return 0.0, W\n    raise E"
        ),
        STUBS,
        "svm_loss_naive is more than its docstring and one raise. A kit ships no solutions: put the"
        " stub back (git checkout).",
    ),
    "no reference": (
        lambda edit: edit.remove("grader/topics/linear_svm/reference.py"),
        "grader/topics/linear_svm/reference.py",
        "is missing; expected a right implementation of svm_loss_naive. Write it.",
    ),
    "reference without the function": (
        lambda edit: edit.text(
            "grader/topics/linear_svm/reference.py", "def svm_loss_naive(", "def naive("
        ),
        "grader/topics/linear_svm/reference.py",
        "there is no svm_loss_naive; expected a right implementation of svm_loss_naive. Write it.",
    ),
    "no misconceptions": (
        lambda edit: edit.remove("grader/topics/linear_svm/misconceptions.py"),
        "grader/topics/linear_svm/misconceptions.py",
        "is missing; expected MISCONCEPTIONS, wrong implementations of svm_loss_naive. Write it.",
    ),
    "no visible check": (
        lambda edit: edit.text(VISIBLE, 'exercise = "svm_loss_naive"', 'exercise = "rel_error"'),
        VISIBLE,
        "there is no visible check of svm_loss_naive. Write one there, in a class with exercise ="
        ' "svm_loss_naive", for check() to run.',
    ),
    "no trial": (
        lambda edit: edit.text(
            "cs231n_utils/mistakes/trials.py", '    "svm_loss_naive":', '    "svm_loss":'
        ),
        "cs231n_utils/mistakes/trials.py",
        "TRIALS has no entry for 'svm_loss_naive', so that check() could not name known mistakes.",
    ),
    "no Python": (
        lambda edit: edit.text(SEARCH, "class TestRandomSearch:", "class TestRandomSearch"),
        SEARCH_CLASS,
        "is no Python: expected ':'. Correct that first.",
    ),
}


def test_a_course_without_slips_has_no_findings(course):
    assert read_files(course) == []


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_the_files_is_one_sentence_with_place_and_next_step(course, slip):
    plant, where, text = SLIPS[slip]
    plant(Edit(course))
    found = read_files(course)
    fitting = [one for one in found if one.where.startswith(where) and text in one.text]
    assert fitting, "\n".join(map(str, found))
    assert re.match(r"[\w/.\-]+(:\d+|, cell \S+)?: ", str(fitting[0]))
    assert str(fitting[0]).rstrip().endswith((".", "?"))


# --- slips that show when our own code runs ---


def run(course: Path, *command: str) -> tuple[int, str]:
    """Status and output of a command of the grader in a copy of the course."""
    done = subprocess.run(
        [sys.executable, "-m", "grader", *command],
        cwd=course,
        env={"PYTHONPATH": str(course), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


RUNNING: dict[str, tuple[Callable[[Edit], None], str]] = {
    "check that the reference fails": (
        lambda edit: edit.text(SEARCH, "loss_fn.given[best],", "1 + loss_fn.given[best],"),
        f"{SEARCH}::TestRandomSearch::test_best: the reference"
        " does not pass this check, but fails it: random_search: best_loss is",
    ),
    "check that raises": (
        lambda edit: edit.text(SEARCH, "losses = [0.4, 0.7, 0.5]", "losses = UNKNOWN"),
        f"{SEARCH}::TestRandomSearch::test_best: the reference"
        " does not pass this check, but it cannot be judged: NameError: name 'UNKNOWN' is not"
        " defined.",
    ),
    "no known mistakes": (
        lambda edit: edit.text(
            "grader/topics/optimization/misconceptions.py",
            "MISCONCEPTIONS = [",
            "MISCONCEPTIONS = []\n_UNUSED = [",
        ),
        "grader/topics/optimization/misconceptions.py: MISCONCEPTIONS has no entry for"
        " 'gradient_descent'; expected wrong implementations",
    ),
    "known mistakes of yesterday": (
        lambda edit: edit.text(
            "cs231n_utils/mistakes/known.json", '{"hint":"', '{"hint":"Really: '
        ),
        "cs231n_utils/mistakes/known.json: is not what the known mistakes do now. Write it again:"
        " python -m grader.kit.known_mistakes",
    ),
    "module that cannot be imported": (
        lambda edit: edit.text(SEARCH, "import numpy as np", "import numpi as np"),
        "The hidden checks cannot be collected",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("slip", RUNNING)
def test_a_slip_that_shows_when_our_code_runs_is_found(course, slip):
    plant, text = RUNNING[slip]
    plant(Edit(course))
    status, output = run(course, "lint")
    assert status == 1 and text in output and "Traceback (most recent call last)" not in output


def test_lint_says_how_many_exercises_it_looked_at(capsys):
    assert command_line.main(["lint"]) == 0
    assert capsys.readouterr().out == f"{len(EXERCISES)} exercises, no findings.\n"


# --- release and grade begin with it ---


@pytest.mark.slow
def test_release_and_grade_refuse_a_course_with_slips(course, tmp_path):
    SLIPS["forgotten grade cell"][0](Edit(course))
    (tmp_path / "submitted" / "ann" / ASSIGNMENT).mkdir(parents=True)
    out = tmp_path / "out"
    for command in (["release"], ["grade", str(tmp_path / "submitted")]):
        status, output = run(course, *command, "--out", str(out))
        assert status == 1 and "no cell has the grade_id 'svm_loss_naive'" in output
        assert "nothing was done" in output and not out.exists()


@pytest.fixture
def memory(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(lint, "MEMORY", tmp_path / "memory")
    return tmp_path / "memory"


def test_what_had_no_findings_is_not_looked_at_again(memory, monkeypatch):
    looked: list[str] = []
    monkeypatch.setattr(lint, "examine", lambda: looked.append("") or [])
    lint.require_none(kit=False)
    lint.require_none(kit=True)
    assert len(looked) == 1
    memory.write_text("other files")
    lint.require_none(kit=False)
    assert len(looked) == 2


def test_a_slip_of_the_kit_alone_stops_release_and_not_grading(memory, monkeypatch):
    monkeypatch.setattr(lint, "examine", lambda: [Finding("a.py:1", "is solved.", kit_only=True)])
    lint.require_none(kit=False)
    with pytest.raises(Slips, match=r"^a.py:1: is solved\.$"):
        lint.require_none(kit=True)
    assert not memory.exists()
