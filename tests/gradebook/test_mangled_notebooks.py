"""Whatever happened to a student's notebooks: the scores are those of the functions, and the class
is graded to its end.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from nbgrader.utils import determine_grade

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, NOTEBOOKS
from grader.__main__ import main
from grader.gradebook import notebooks
from grader.kit import sample_class
from grader.paths import COURSE
from tests.support.course_copy import copy_course, own_gradebook

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="hidden checks are graded on Linux only"
    ),
]

ANSWER = "The margin, and nothing else, decides."
MASTERS = {
    name: nbformat.read(COURSE / "notebooks" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
    for name in NOTEBOOKS
}
STUB = "*Your answer (double-click here to write):*"
BOMB = (
    b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": '
    + b"[" * 5_000_000
    + b"]" * 5_000_000
    + b"}"
)


# --- what may happen to a notebook ----------------------------------------------------------------


def marks(cell: dict) -> dict:
    return cell["metadata"].get("nbgrader", {})


def graded(nb: dict) -> list[dict]:
    return [cell for cell in nb["cells"] if marks(cell).get("grade")]


def answer(nb: dict) -> dict:
    return next(cell for cell in graded(nb) if marks(cell)["solution"])


def written(path: Path, change: Callable[[dict], Any] = lambda nb: None) -> None:
    """Write an answer into the notebook at `path`, as a student does, and then change it."""
    nb = json.loads(path.read_text(encoding="utf-8"))
    answer(nb)["source"] = [ANSWER]
    path.write_text(json.dumps(change(nb) or nb), encoding="utf-8")


def lose(nb: dict) -> None:
    nb["cells"] = [
        cell for cell in nb["cells"] if not marks(cell).get("grade") or cell is answer(nb)
    ]


def lose_metadata(nb: dict) -> None:
    for cell in nb["cells"]:
        cell["metadata"] = {}


def duplicate(nb: dict) -> None:
    nb["cells"] = [
        copy
        for cell in nb["cells"]
        for copy in (cell, dict(cell, source=[*cell["source"], "# mine"]))
    ]


def copy_before_answering(nb: dict) -> None:
    cell = answer(nb)
    nb["cells"] += [dict(cell, source=STUB), dict(cell, source="")]
    nb["cells"].insert(0, dict(cell, source=[STUB]))


def repoint(nb: dict) -> None:
    checks = [cell for cell in graded(nb) if cell is not answer(nb)]
    ids = [marks(cell)["grade_id"] for cell in checks]
    for cell, other in zip(checks, ids[1:] + ids[:1], strict=True):
        marks(cell)["grade_id"] = other


def relabel(nb: dict) -> None:
    for cell in graded(nb):
        marks(cell).update(
            points=1000,
            solution=not marks(cell)["solution"],
            locked=not marks(cell)["locked"],
            checksum="0",
        )


def retype(nb: dict) -> None:
    for cell in graded(nb):
        cell["cell_type"] = "markdown" if cell["cell_type"] == "code" else "raw"


def invent(nb: dict) -> None:
    for new in (
        "svm_loss_easy",
        "",
        "svm_loss_naive ",
        "x" * 5000,
        EXERCISES["l1_penalty"].grade_id,
    ):
        made_up = dict(marks(graded(nb)[0]), grade_id=new, points=50)
        nb["cells"].append(dict(graded(nb)[0], id="new", metadata={"nbgrader": made_up}))


def forge(nb: dict) -> None:
    for cell in graded(nb):
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "metadata": {},
                    "data": {"text/plain": "11"},
                },
                {"output_type": "stream", "name": "stderr", "text": "11"},
                {"output_type": "error", "ename": "E", "evalue": "11", "traceback": ["11"]},
            ]


def odd_metadata(nb: dict) -> None:
    *checks, last = graded(nb)
    marks(last).update(points=None, schema_version="new", task=[], grade="yes")
    for cell, odd in zip(
        checks, [7, None, ["grade_id"], {"grade_id": {"a": 1}, "points": []}] * 3, strict=False
    ):
        cell["metadata"] = {"nbgrader": odd, "tags": 7}
    nb["metadata"] = {
        "kernelspec": {"name": ["python"]},
        "language_info": 7,
        "widgets": {"state": "none"},
    }


def odd_cells(nb: dict) -> None:
    nb["cells"] += [
        None,
        7,
        "cell",
        [],
        {},
        {"cell_type": "code"},
        {"cell_type": ["code"]},
        {"cell_type": "magic"},
        {"cell_type": "code", "source": {"a": 1}, "outputs": {"b": 2}, "execution_count": "many"},
        {"cell_type": "markdown", "source": [1, 2], "attachments": [3]},
        {
            "cell_type": "code",
            "source": "\ud800\0\x1b[2J",
            "outputs": [7, {"output_type": "stream", "text": 7}],
        },
    ]


def lose_cell_ids(nb: dict) -> None:
    for cell in nb["cells"]:
        del cell["id"]


def same_cell_ids(nb: dict) -> None:
    for cell in nb["cells"]:
        cell["id"] = "same"


def answer_lost(nb: dict) -> None:
    nb["cells"].remove(answer(nb))


KEPT: dict[str, Callable[[dict], Any]] = {  # the student's answer is found
    "lost": lose,
    "lost_metadata": lose_metadata,
    "duplicated": duplicate,
    "copied_before_answering": copy_before_answering,
    "repointed": repoint,
    "relabelled": relabel,
    "retyped": retype,
    "invented": invent,
    "forged": forge,
    "odd_metadata": odd_metadata,
    "odd_cells": odd_cells,
    "no_cell_ids": lose_cell_ids,
    "same_cell_ids": same_cell_ids,
}
# It is a notebook, without what can be taken for an answer.
LOST: dict[str, Callable[[dict], Any]] = {
    "answer_lost": answer_lost,
    "no_cells": lambda nb: dict(nb, cells=[]),
    "other_cells": lambda nb: dict(nb, cells=[7, {}]),
}


def is_link(path: Path) -> None:
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


def is_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "2_svm.ipynb").write_text("{}")


def is_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def is_huge(path: Path) -> None:
    os.truncate(path, 1 << 40)


def bytes_of(content: bytes) -> Callable[[Path], Any]:
    return lambda path: path.write_bytes(content)


# What the student is told, and what was done.
UNREADABLE: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "cut_off": ("is damaged", lambda path: os.truncate(path, 2000)),
    "conflict": ("is damaged", lambda path: path.write_text("<<<<<<< HEAD\n" + path.read_text())),
    "nul_bytes": (
        "is damaged",
        lambda path: path.write_bytes(path.read_bytes().replace(b"cell", b"\0\0")),
    ),
    "no_utf8": ("is damaged", bytes_of(b'{"cells": "\xff\xfe\xc3"}')),
    "deep": ("is damaged", bytes_of(BOMB)),
    "empty": ("is empty", bytes_of(b"")),
    "spaces": ("is empty", bytes_of(b" \n")),
    "a_list": ("is not a notebook of format 4", bytes_of(b"[]")),
    "a_number": ("is not a notebook of format 4", bytes_of(b"9" * 1_000_000)),
    "other_json": (
        "is not a notebook of format 4",
        bytes_of(b'{"nbformat": 4, "cells": {"a": 1}}'),
    ),
    "format_3": (
        "is not a notebook of format 4",
        bytes_of(b'{"nbformat": 3, "worksheets": [{"cells": []}]}'),
    ),
    "format_9": (
        "is not a notebook of format 4",
        lambda path: written(path, lambda nb: nb.update(nbformat=9)),
    ),
    "huge": ("has 1099511627776 bytes", is_huge),
    "link": ("is a link", is_link),
    "folder": ("is not an ordinary file", is_folder),
    "pipe": ("is not an ordinary file", is_pipe),
}


def mangle(kind: str, path: Path) -> None:
    if kind in UNREADABLE:
        written(path)
        UNREADABLE[kind][1](path)
    elif kind == "missing":
        path.unlink()
    else:
        written(path, {**KEPT, **LOST, "whole": lambda nb: None}[kind])


# --- one notebook ---------------------------------------------------------------------------------


@pytest.fixture
def mangled(tmp_path):
    """The notebook 4_regularization, which has the most graded cells, after something happened to
    it.
    """

    def of(kind: str):
        shutil.copy(COURSE / "notebooks" / ASSIGNMENT / "4_regularization.ipynb", tmp_path)
        mangle(kind, tmp_path / "4_regularization.ipynb")
        return notebooks.repair(tmp_path, "4_regularization", MASTERS["4_regularization"])

    return of


def agrees_with_the_master(nb, name="4_regularization") -> bool:
    """Valid, and each graded cell is there once, as it was handed out but for the answer's text."""
    nbformat.validate(nb)
    ours, theirs = (
        [
            dict(cell, attachments={}, source="" if marks(cell)["solution"] else cell.source)
            for cell in book.cells
            if "nbgrader" in cell.metadata
        ]
        for book in (MASTERS[name], nb)
    )
    return sorted(ours, key=lambda cell: cell["id"]) == sorted(theirs, key=lambda cell: cell["id"])


def test_a_notebook_that_nothing_happened_to_keeps_its_cells(mangled):
    nb, remark = mangled("whole")
    assert remark == "" and agrees_with_the_master(nb)
    assert [cell.source for cell in nb.cells] == [
        ANSWER if cell.source == STUB else cell.source for cell in MASTERS["4_regularization"].cells
    ]


@pytest.mark.parametrize("kind", KEPT)
def test_graded_cells_are_the_masters_and_the_answer_is_the_students(mangled, kind):
    nb, remark = mangled(kind)
    assert agrees_with_the_master(nb)
    assert ANSWER in answer(nb).source
    assert ("put back" in remark) == (kind in ("lost", "retyped"))


@pytest.mark.parametrize("kind", LOST)
def test_an_answer_that_is_not_found_is_looked_for_by_staff(mangled, kind):
    nb, remark = mangled(kind)
    assert agrees_with_the_master(nb)
    assert "Staff will look for it" in answer(nb).source and "4_regularization_question" in remark


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_notebook_that_cannot_be_read_is_replaced_and_the_student_is_told(mangled, kind):
    nb, remark = mangled(kind)
    assert agrees_with_the_master(nb)
    assert "Staff will look for it" in answer(nb).source
    assert (
        remark.startswith(f"4_regularization.ipynb {UNREADABLE[kind][0]}")
        and remark in nb.cells[0].source
    )
    assert [cell.source for cell in nb.cells[1:] if cell.source != answer(nb).source] == [
        cell.source for cell in MASTERS["4_regularization"].cells if cell.source != STUB
    ]


def test_a_notebook_that_is_missing_has_no_answer(mangled):
    nb, remark = mangled("missing")
    assert agrees_with_the_master(nb)
    assert answer(nb).source == STUB and "There is no 4_regularization.ipynb" in remark


def test_what_a_student_wrote_into_a_graded_cell_stays_beside_it(mangled):
    nb, _ = mangled("duplicated")
    sources = [cell.source for cell in nb.cells]
    assert sources.count('check("l1_penalty")') == 1
    assert sources[sources.index('check("l1_penalty")') + 1] == 'check("l1_penalty")# mine'


def test_cells_beyond_the_first_500_are_left_out(tmp_path):
    many = [{"cell_type": "markdown", "metadata": {}, "source": "x"}] * 100_000
    (tmp_path / "2_svm.ipynb").write_text(json.dumps({"nbformat": 4, "cells": many}))
    nb, _ = notebooks.repair(tmp_path, "2_svm", MASTERS["2_svm"])
    assert len(nb.cells) < notebooks.MAX_CELLS + 10


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["code", "2_svm_question"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "cell_type",
                    "source",
                    "metadata",
                    "nbgrader",
                    "grade_id",
                    "outputs",
                    "output_type",
                    "data",
                    "text",
                    "text/plain",
                    "image/png",
                    "attachments",
                    "id",
                    "traceback",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
_CELL = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw"])},
    optional={
        "source": _JSON,
        "metadata": (
            _JSON
            | st.fixed_dictionaries(
                {
                    "nbgrader": st.fixed_dictionaries(
                        {
                            "grade_id": (
                                st.sampled_from(
                                    ["svm_loss_naive", "svm_loss_vectorized", "2_svm_question"]
                                )
                                | _JSON
                            )
                        }
                    )
                }
            )
        ),
        "outputs": st.lists(
            st.fixed_dictionaries(
                {
                    "output_type": st.sampled_from(
                        ["stream", "error", "display_data", "execute_result"]
                    )
                },
                optional={"text": _JSON, "data": _JSON, "traceback": _JSON},
            )
        ),
        "attachments": _JSON,
        "id": _JSON | st.sampled_from(["check-svm_loss_naive", "written-answer"]),
    },
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(_CELL | _JSON, max_size=6))
def test_any_cells_become_a_valid_notebook_with_each_graded_cell_once(tmp_path_factory, cells):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "2_svm.ipynb").write_text(json.dumps({"nbformat": 4, "cells": cells}))
    nb, _ = notebooks.repair(folder, "2_svm", MASTERS["2_svm"])
    assert agrees_with_the_master(nb, "2_svm")
    nbformat.writes(nb).encode("utf-8")


# --- a class, by the command that instructors type ------------------------------------------------

KINDS = [*UNREADABLE, "missing", *LOST, *KEPT]
STUDENTS = [
    *(f"unreadable_{k}" for k in range(len(UNREADABLE) // 5 + 1)),
    "Zoë O'Brien",
    "wild [a-z]*",
    "=1+1",
    "<b>",
]
# Five kinds a student.
PLACES = {kind: (STUDENTS[k // 5], NOTEBOOKS[k % 5]) for k, kind in enumerate(KINDS)}


@pytest.fixture(scope="module")
def course(kit, tmp_path_factory):
    """A course after generate_assignment, autograde and generate_feedback; in svm_loss_* everybody
    has 0 points.
    """
    root = copy_course(tmp_path_factory.mktemp("mangled") / "course")
    submitted = root / "submitted"
    files = {
        **kit,
        **sample_class.reference_files(),
        "cs231n_utils/linear_svm.py": kit["cs231n_utils/linear_svm.py"],
    }
    sample_class.write_class(
        dict.fromkeys([*STUDENTS, "no_notebooks", "linked", "line\nbreak", "\x1b[2J"], files),
        submitted,
    )
    for student in STUDENTS:
        for name in NOTEBOOKS:
            kind = next(
                (kind for kind, place in PLACES.items() if place == (student, name)), "whole"
            )
            mangle(kind, submitted / student / ASSIGNMENT / f"{name}.ipynb")
    for name in NOTEBOOKS:
        mangle("missing", submitted / "no_notebooks" / ASSIGNMENT / f"{name}.ipynb")
    (submitted / "linked" / ASSIGNMENT).rename(root / "elsewhere")
    (submitted / "linked" / ASSIGNMENT).symlink_to(root / "elsewhere")
    odd = submitted / "unreadable_0" / ASSIGNMENT
    os.mkfifo(odd / "pipe.txt")
    os.mkfifo(odd / "timestamp.txt")
    (odd / "zero.csv").symlink_to("/dev/zero")
    (odd / "neighbour.py").symlink_to(
        submitted / "no_notebooks" / ASSIGNMENT / "cs231n_utils" / "softmax.py"
    )
    (odd / "page.html").write_text("<script>1</script>")
    (submitted / "no_notebooks" / ASSIGNMENT / "timestamp.txt").write_text(
        "the day before yesterday"
    )
    logs = []
    for command in (
        ["generate_assignment"],
        ["autograde"],
        ["generate_feedback", "--student=unreadable_*"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command, ASSIGNMENT],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        logs.append(done.stderr)
        assert done.returncode == 0, done.stderr[-3000:]
    return root, logs[1]


@pytest.fixture(scope="module")
def by_grade(course, tmp_path_factory):
    """The points that `python -m grader grade` gives, by student."""
    out = tmp_path_factory.mktemp("by_grade")
    assert (
        main(["grade", str(course[0] / "submitted"), "--out", str(out), *own_gradebook(out)]) == 0
    )
    return {
        path.parent.name: {
            row["name"]: row["points"] for row in json.loads(path.read_text())["exercises"]
        }
        for path in out.glob("*/report.json")
    }


@pytest.fixture(scope="module")
def rows(course):
    """student -> grade_id -> (automatic score, whether a person must look)"""
    with Gradebook(f"sqlite:///{course[0] / 'gradebook.db'}", "cs231n") as book:
        return {
            submission.student.id: {
                grade.name: (grade.auto_score, bool(grade.needs_manual_grade))
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in book.assignment_submissions(ASSIGNMENT)
        }


def test_everybody_has_the_scores_that_grade_gives(rows, by_grade):
    assert set(rows) == {*STUDENTS, "no_notebooks", "linked"}
    # `grade` does not take a link, and names it; nbgrader has it as a submission.
    assert "linked" not in by_grade
    expected = {"linked": dict.fromkeys(EXERCISES, 0.0), **by_grade}
    for student, grades in rows.items():
        assert {name: grades[row.grade_id] for name, row in EXERCISES.items()} == {
            name: (points, False) for name, points in expected[student].items()
        }, student
    right = sum(row.points for row in EXERCISES.values() if row.module != "linear_svm")
    assert {student: sum(expected[student].values()) for student in rows} == dict.fromkeys(
        rows, right
    ) | {"linked": 0}


@pytest.mark.parametrize("kind", KINDS)
def test_written_answers_wait_for_staff_where_there_may_be_one(rows, kind):
    student, name = PLACES[kind]
    assert rows[student][f"{name}_question"] == ((0, False) if kind == "missing" else (None, True))


@pytest.mark.parametrize("kind", KINDS)
def test_what_staff_see_is_valid_and_carries_our_scores(course, by_grade, kind):
    student, name = PLACES[kind]
    nb = nbformat.read(
        course[0] / "autograded" / student / ASSIGNMENT / f"{name}.ipynb", as_version=4
    )
    nbformat.validate(nb)
    found = {
        marks(cell)["grade_id"]: determine_grade(cell)[0]
        for cell in graded(nb)
        if not marks(cell)["solution"]
    }
    assert found == {
        row.grade_id: by_grade[student][row.name]
        for row in EXERCISES.values()
        if row.notebook == name
    }


@pytest.mark.parametrize("kind", UNREADABLE)
def test_the_feedback_page_says_which_notebook_could_not_be_read(course, kind):
    student, name = PLACES[kind]
    page = (course[0] / "feedback" / student / ASSIGNMENT / f"{name}.html").read_text(
        encoding="utf-8"
    )
    assert f"{name}.ipynb {UNREADABLE[kind][0]}" in page
    assert f"{student}: {name}.ipynb {UNREADABLE[kind][0]}" in course[1]


def test_links_and_pipes_are_not_followed_into_what_staff_and_students_get(course):
    for step in ("autograded", "feedback"):
        names = {path.name for path in (course[0] / step / "unreadable_0").rglob("*")}
        assert "2_svm.ipynb" in names or "2_svm.html" in names
        assert not names & {"pipe.txt", "timestamp.txt", "zero.csv", "neighbour.py", "page.html"}


def test_nothing_that_was_handed_in_is_changed(course):
    hidden = (course[0] / "submitted").glob(f"*/{ASSIGNMENT}/.*")
    assert {path.name for path in hidden} <= {".devcontainer"}  # the kit's own
    assert (
        course[0] / "submitted" / PLACES["empty"][0] / ASSIGNMENT / f"{PLACES['empty'][1]}.ipynb"
    ).read_bytes() == b""


def test_a_folder_name_that_nbgrader_cannot_take_is_named_and_stops_nobody(course):
    log = course[1]
    assert "line�break" in log and "�[2J" in log and "Rename the folder." in log
    assert "\x1b[2J" not in log
