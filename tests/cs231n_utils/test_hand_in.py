"""hand_in says what is written and what is missing, and packs what grading reads of a kit."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, NOTEBOOKS
from cs231n_utils.hand_in import __main__ as command
from cs231n_utils.hand_in import answers, given, packing, rules, trying
from grader.__main__ import main as grade_command
from grader.intake import submission
from grader.kit import release, sample_class
from grader.kit.sample_class import reference_files
from tests.support.in_sandbox import ROOT

FUNCTIONS = [row for row in EXERCISES.values() if row.file != row.name]
SVM = "cs231n_utils/linear_svm.py"
ANSWER = "The gradient is the average over the examples."


@pytest.fixture(scope="module")
def kit_files():
    before = list(sys.path)
    files = release.kit_files()
    sys.path[:] = before
    return files


@pytest.fixture
def untouched(kit_files, tmp_path):
    """A kit as students get it, in a folder of the layout that `grade` takes."""
    folder = tmp_path / "ann" / ASSIGNMENT
    for name, content in kit_files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def right(untouched):
    """The same, with everything written and every question answered."""
    for name, content in reference_files().items():
        (untouched / name).write_bytes(content)
    for name in NOTEBOOKS:
        edit_notebook(untouched / f"{name}.ipynb", answer)
    return untouched


def edit_notebook(path: Path, change) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        change(cell)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def answer(cell) -> None:
    if given.is_answer(cell):
        cell["source"] = ["*Your answer:*\n", ANSWER]


def said(kit: Path, capsys) -> str:
    """What hand_in prints about a kit, on one line."""
    assert command.hand_in(kit) == 0
    return " ".join(capsys.readouterr().out.split())


def members(kit: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(kit / packing.ARCHIVE) as opened:
        return {
            name.removeprefix(f"{ASSIGNMENT}/"): opened.read(name) for name in opened.namelist()
        }


def read_by_grading(kit: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files that grading takes of the folder, and of the zip."""
    archive = shutil.copy(kit / packing.ARCHIVE, kit.parent.with_name("bob.zip"))
    return submission.read(kit).files, submission.read(Path(archive)).files


# Three kits


def test_a_right_kit_is_packed_whole_and_small(right, capsys):
    (right / "my_helpers.py").write_text("def one():\n    return 1\n")
    text = said(right, capsys)
    assert f"Written: {len(FUNCTIONS)} of {len(FUNCTIONS)} functions." in text
    assert "Answered: 5 of 5 written questions." in text
    assert "Look at this" not in text
    assert "1 file of your own (my_helpers.py), the model and 5 of 5 notebooks" in text
    assert members(right).keys() == {
        *reference_files(),
        "my_helpers.py",
        *(f"{name}.ipynb" for name in NOTEBOOKS),
    }
    assert (right / packing.ARCHIVE).stat().st_size < 300_000
    folder, archive = read_by_grading(right)
    assert folder == archive


def test_an_untouched_kit_says_what_is_not_written(untouched, capsys):
    text = said(untouched, capsys)
    assert f"Written: 0 of {len(FUNCTIONS)} functions." in text
    assert "Not written yet: rel_error, eval_numerical_gradient, grad_check_sparse in" in text
    assert "Answered: 0 of 5 written questions. No answer yet in 1_gradient_check.ipynb," in text
    assert "There is no best_model.npz yet: 5_optimization.ipynb saves it." in text
    folder, archive = read_by_grading(untouched)
    assert folder == archive


def make_messy(kit: Path) -> None:
    def write(name: str, content: bytes = b"x = 1\n") -> None:
        (kit / name).parent.mkdir(parents=True, exist_ok=True)
        (kit / name).write_bytes(content)

    for environment in (".venv", "env"):
        write(f"{environment}/pyvenv.cfg")
        write(f"{environment}/lib/site.py")
    write("random.py")
    write("my notes.py")
    write("notes.docx")
    write("helpers/a.py")
    write("helpers/b/c/d/too_deep.py")
    write("datasets/mine.csv", b"1,2\n")
    write("datasets/mnist.npz", bytes(rules.MAX_FILE + 1))
    write("datasets/cifar-10-batches-py/data_batch_1")
    write("__pycache__/x.py")
    write(".ipynb_checkpoints/2_svm-checkpoint.ipynb")
    write("3_softmax.ipynb", b"<<<<<<< HEAD\n{}")
    write("best_model.npz", b"\x93NUMPY")
    (kit / "cs231n_utils" / "softmax.py").rename(kit / "cs231n_utils" / "softmax (1).py")
    (kit / "2_svm.ipynb").rename(kit / "2_svm-Copy1.ipynb")
    write(SVM, (kit / SVM).read_text().encode("utf-16"))
    write("cs231n_utils/optimization.py", b"import scipy.optimize\nfrom elsewhere import tools\n")
    with (kit / "cs231n_utils" / "data.py").open("a") as file:
        file.write("# mine\n")
    (kit / "linked.py").symlink_to("helpers/a.py")


def test_a_messy_kit_is_named_file_by_file_and_packed_as_grading_reads_it(right, capsys):
    make_messy(right)
    text = said(right, capsys)
    for sentence in (
        "There is no cs231n_utils/softmax.py. Found: cs231n_utils/softmax (1).py. Rename it",
        "There is no 2_svm.ipynb. Found: 2_svm-Copy1.ipynb. Rename it to 2_svm.ipynb.",
        f"{SVM} is saved as UTF-16; expected UTF-8.",
        "optimization.py imports elsewhere.tools, scipy, which grading does not have",
        "optimization.py has no function random_search.",
        "datasets/mnist.npz has 2.1 MB; grading reads files of up to 2 MB",
        "linked.py is a link, which grading never follows.",
        "'my notes.py' has a name that grading does not accept.",
        "random.py does not travel: import random gives the library of that name.",
        "3_softmax.ipynb cannot be read as a notebook",
        "best_model.npz is one array of np.save, under another name",
        "Not as it was given: cs231n_utils/data.py.",
        ".venv/ (a virtual environment)",
        "env/ (a virtual environment)",
        "notes.docx",
    ):
        assert sentence in text
    own = {"cs231n_utils/data.py", "datasets/mine.csv", "helpers/a.py"}
    assert own <= members(right).keys()
    assert not any(
        word in name for name in members(right) for word in ("env", "mnist", "cifar", "cache")
    )
    folder, archive = read_by_grading(right)
    assert folder == archive


@pytest.mark.slow
def test_a_zip_gets_the_scores_of_its_folder(kit_files, tmp_path):
    class_of = sample_class.sample_class(kit_files)
    students = {name: class_of[name] for name in ("reference", "half_done", "renamed_a_file")}
    sample_class.write_class({**students, "messy": students["reference"]}, tmp_path / "folders")
    make_messy(tmp_path / "folders" / "messy" / ASSIGNMENT)
    (tmp_path / "zips").mkdir()
    for folder in (tmp_path / "folders").iterdir():
        packed = packing.pack(folder / ASSIGNMENT)
        packing.write(packed, tmp_path / "zips" / f"{folder.name}.zip")
    tables = []
    for kind in ("folders", "zips"):
        out = tmp_path / f"results of {kind}"
        assert grade_command(["grade", str(tmp_path / kind), "--out", str(out)]) == 0
        tables.append((out / "grades.csv").read_text())
    assert tables[0] == tables[1]
    assert len(tables[0].splitlines()) == 1 + 4


# What travels


def test_packing_twice_gives_the_same_bytes(right):
    archives = []
    for _ in range(2):
        packing.write(packing.pack(right), right / packing.ARCHIVE)
        archives.append((right / packing.ARCHIVE).read_bytes())
    assert archives[0] == archives[1]


PARTS = st.sampled_from(
    ["a", "b.py", "random", "numpy", ".x", "c d", "cs231n_utils", "__pycache__", "datasets", "é"]
)
ENDS = st.sampled_from(["a.py", "random.py", "x y.py", "t.txt", "w.npz", "n.ipynb", ".h.py", "q"])


@settings(max_examples=40, deadline=None)
@any_of(st.lists(st.tuples(st.lists(PARTS, max_size=4), ENDS), max_size=8))
def test_folder_and_zip_are_the_same_to_grading_whatever_lies_in_the_kit(tmp_path_factory, names):
    kit = tmp_path_factory.mktemp("any") / "ann" / ASSIGNMENT
    (kit / "cs231n_utils").mkdir(parents=True)
    (kit / SVM).write_bytes(b"pass\n")
    for folders, end in names:
        path = kit.joinpath(*folders, end)
        if not any(part.is_file() for part in path.parents) and not path.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(end.encode())
    packing.write(packing.pack(kit), kit / packing.ARCHIVE)
    folder, archive = read_by_grading(kit)
    assert folder == archive


def test_more_files_than_grading_reads_are_named(untouched, capsys):
    for number in range(rules.MAX_FILES):
        (untouched / f"piece_{number:03}.py").touch()
    text = said(untouched, capsys)
    assert f"piece_{rules.MAX_FILES - 1:03}.py is beyond the first {rules.MAX_FILES} files" in text
    folder, archive = read_by_grading(untouched)
    assert folder == archive and len(archive) == rules.MAX_FILES


def test_line_ends_of_windows_change_no_given_file(untouched):
    for path in (untouched / "cs231n_utils").rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    packed = packing.pack(untouched)
    assert packed.files.keys() == rules.STUDENT_MODULES
    assert packed.changed == []


def test_a_folder_that_is_a_link_stays_and_is_named(untouched, tmp_path, capsys):
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "a.py").touch()
    (untouched / "helpers").symlink_to(tmp_path / "far")
    assert "helpers (a link)" in said(untouched, capsys)
    folder, archive = read_by_grading(untouched)
    assert folder == archive


def test_a_second_copy_of_the_kit_stays_and_is_named(untouched, kit_files, capsys):
    shutil.copytree(untouched, untouched / "backup")
    assert "backup/ (another copy of the assignment)" in said(untouched, capsys)
    assert not any("backup" in name for name in members(untouched))


def test_a_kit_without_the_list_packs_its_helpers_too(untouched):
    (untouched / given.NAME).unlink()
    packed = packing.pack(untouched)
    assert rules.STUDENT_MODULES | {"cs231n_utils/data.py"} <= packed.files.keys()


def test_the_list_names_every_given_file_and_every_cell_but_the_answers(kit_files):
    lines = kit_files[given.NAME].decode().splitlines()
    names = {line.partition("  ")[2] for line in lines}
    assert {name for name in names if "#" not in name} == kit_files.keys() - {given.NAME}
    cells = {name.partition("#")[2] for name in names if name.startswith("1_gradient_check.ipynb#")}
    assert "setup" in cells and "written-answer" not in cells


# Notebooks


def test_outputs_stay_and_answers_travel(right, capsys):
    def run(cell):
        if cell["cell_type"] == "code":
            cell["execution_count"] = 3
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 99_999}]

    before = {}
    for name in NOTEBOOKS:
        edit_notebook(right / f"{name}.ipynb", run)
        before[name] = (right / f"{name}.ipynb").read_bytes()
    said(right, capsys)
    for name in NOTEBOOKS:
        notebook = members(right)[f"{name}.ipynb"].decode()
        assert ANSWER in notebook and "xxx" not in notebook
        assert (right / f"{name}.ipynb").read_bytes() == before[name]


def test_every_written_question_begins_with_the_text_that_is_no_answer():
    for name in NOTEBOOKS:
        path = ROOT / "notebooks" / ASSIGNMENT / f"{name}.ipynb"
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert [given.text(cell) for cell in cells if given.is_answer(cell)] == [
            answers.PLACEHOLDER
        ]


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"{}", b'{"cells": 3}', b'{"cells": [3]}', b'{"cells": [{}]}', b"\xff"],
)
def test_a_file_that_is_no_notebook_travels_as_it_is(content):
    book = answers.read(content)
    assert book.content == content and "cannot be read as a notebook" in book.problem


def test_a_notebook_without_its_question_is_named(untouched):
    content = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert "has no cell for the written answer" in answers.read(content.encode()).problem


def test_a_picture_in_the_answer_is_an_answer():
    cell = {
        "cell_type": "markdown",
        "metadata": {"nbgrader": {"solution": True}},
        "source": "",
        "attachments": {"a.png": {}},
    }
    assert answers.read(json.dumps({"cells": [cell]}).encode()).is_answered


# Modules, as grading finds them


def test_a_helper_that_is_not_in_the_kit_is_missed(right, tmp_path):
    files = {"cs231n_utils/softmax.py": b"from my_helpers import rows\n"}
    problem = "cs231n_utils/softmax.py imports my_helpers.rows, which grading does not have"
    assert any(problem in text for text in trying.try_files(files, right).problems)
    files["my_helpers.py"] = b"rows = 3\n"
    assert not any(problem in text for text in trying.try_files(files, right).problems)


def test_a_file_outside_the_kit_is_missed(right, tmp_path):
    (right / "far.npy").write_bytes(b"")
    source = b"open('far.npy')\n"
    tried = trying.try_files({"cs231n_utils/softmax.py": source}, right)
    assert tried.problems[0].startswith(
        "cs231n_utils/softmax.py cannot be imported. FileNotFoundError"
    )


def test_a_module_that_ends_python_is_named_with_what_was_found_before(right):
    files = {
        "cs231n_utils/gradient_check.py": reference_files()["cs231n_utils/gradient_check.py"],
        "cs231n_utils/softmax.py": b"import os\nos._exit(3)\n",
    }
    tried = trying.try_files(files, right)
    assert tried.written == ("rel_error", "eval_numerical_gradient", "grad_check_sparse")
    assert tried.problems[0].startswith("cs231n_utils/softmax.py: Python ended here, with exit")


def test_a_module_that_never_ends_is_stopped(right, monkeypatch):
    monkeypatch.setattr(trying, "SECONDS", 1.0)
    tried = trying.try_files({"cs231n_utils/softmax.py": b"while True:\n    pass\n"}, right)
    assert any("Does a loop never end?" in text for text in tried.problems)


def test_where_no_process_can_be_started_it_packs_all_the_same(right, capsys, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(138, "emscripten does not support processes.")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert "Nothing was imported, as no process can be started here." in said(right, capsys)


@pytest.mark.parametrize(
    "arrays, sentence",
    [
        ({"W": np.zeros((65, 10))}, ""),
        ({"weights": np.zeros(3)}, "has no array W (found: weights)"),
    ],
)
def test_the_models_array_is_looked_for(right, capsys, arrays, sentence):
    np.savez(right / "best_model.npz", **arrays)
    text = said(right, capsys)
    assert sentence in text
    assert ("best_model.npz has" in text) == bool(sentence)


# The command


def test_the_command_works_in_a_kit_by_itself(untouched):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "cs231n_utils.hand_in"],
        cwd=untouched,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.split()[-4:] == ["as", "it", "is:", str(untouched / packing.ARCHIVE)]


def test_a_zip_that_cannot_be_written_is_said_and_leaves_the_old_one(right, capsys, monkeypatch):
    old = right / packing.ARCHIVE
    old.write_bytes(b"old")

    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    assert command.hand_in(right) == 1
    assert "cannot be written (Permission denied)" in capsys.readouterr().out
    assert old.read_bytes() == b"old"
    assert not old.with_name(f"{old.name}.part").exists()


def test_an_empty_folder_is_not_packed(tmp_path, capsys):
    (tmp_path / "cs231n_utils").mkdir()
    assert command.hand_in(tmp_path) == 1
    assert "holds nothing to hand in" in capsys.readouterr().out
