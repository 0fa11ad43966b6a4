"""Whatever is killed in the middle of grading: a rerun finishes the class, nothing is lost,
doubled, or left running.

The real command grades a class of four, one after the other. Two of them have right answers that
take some computing in each call: the moment to strike is when a box computes and a first
student's results are written, which may be no sooner than for the second of the two. No clock
decides it.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cs231n_utils.exercises import EXERCISES, NOTEBOOKS
from grader.gradebook import gradebook
from grader.kit import sample_class
from grader.paths import COURSE
from tests.sandbox.test_attacks import _orphans_come_here as orphans_come_here
from tests.sandbox.test_attacks import _time_limit as time_limit
from tests.support import process_watch
from tests.support.course_copy import made_up_report, own_gradebook

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="hidden checks are graded on Linux only"
    ),
]

by_command = pytest.mark.xdist_group("killed, commands")
HANGS = 300  # seconds; an end for what would never end, not a measure of speed
SLOW = b"""

_right = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    for _ in range(2_500_000):
        pass
    return _right(W, X, y, reg)
"""
# In order.
WRITTEN = {
    "before": "gradient_check",
    "slow": "linear_svm",
    "slower": "linear_svm",
    "then": "regularization",
}
_GRADES = """
    SELECT submitted_assignment.student_id, notebook.name, base_cell.name,
           auto_score, manual_score, needs_manual_grade
    FROM grade
    JOIN base_cell ON base_cell.id = grade.cell_id
    JOIN notebook ON notebook.id = base_cell.notebook_id
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
"""


@dataclass(frozen=True)
class Results:
    """All that a run leaves: the sorted rows of the gradebook, and files with their contents."""

    submissions: list[str]
    grades: list[tuple]
    files: dict[str, str]


def results(out: Path) -> Results:
    with contextlib.closing(sqlite3.connect(out / "gradebook.db")) as book:
        submissions = [
            student
            for (student,) in book.execute("SELECT student_id FROM submitted_assignment ORDER BY 1")
        ]
        grades = sorted(book.execute(_GRADES), key=repr)
    files = {
        str(path.relative_to(out)): path.read_text()
        for path in out.rglob("*")
        if path.suffix not in (".db", "")
    }
    files.pop("class.html", None)  # shows the times of the reports, and nothing that is not in them
    # Never the same twice.
    files = {name: re.sub(r'(?<="seconds": )[0-9.e-]+', "-", text) for name, text in files.items()}
    return Results(submissions, grades, files)


@pytest.fixture(scope="module")
def class_(kit, tmp_path_factory) -> Path:
    """The submissions."""
    folder = tmp_path_factory.mktemp("killed") / "submitted"
    class_ = {}
    for student, module in WRITTEN.items():  # the rest is untouched, and quickly judged
        file = f"cs231n_utils/{module}.py"
        class_[student] = {
            **kit,
            file: sample_class.reference_files()[file] + (SLOW if module == "linear_svm" else b""),
        }
    sample_class.write_class(class_, folder)
    return folder


@pytest.fixture(scope="module")
def undisturbed(class_, tmp_path_factory) -> Results:
    """What grading the class gives when nothing is killed."""
    out = tmp_path_factory.mktemp("undisturbed")
    with grading(class_, out) as command:
        expect_done(command, out)
    return results(out)


@contextlib.contextmanager
def grading(submitted: Path, out: Path) -> Iterator[subprocess.Popen]:
    """The grade command, under way; leaves when every process that it started has ended."""
    arguments = [
        "grade",
        str(submitted),
        "--out",
        str(out),
        "--processes",
        "1",
        *own_gradebook(out),
    ]
    with orphans_come_here(), time_limit(HANGS), open(f"{out}.log", "a") as log:
        before = set(process_watch.children(os.getpid()))
        command = subprocess.Popen(
            [sys.executable, "-m", "grader", *arguments],
            cwd=COURSE,
            stdout=log,
            stderr=log,
            start_new_session=True,
            # as in a terminal; a test run in the background may have been started deaf to Ctrl-C
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        try:
            yield command
        finally:
            command.kill()
            command.wait()
            while left := set(process_watch.children(os.getpid())) - before:
                # Orphans, which come to us; whoever does not end meets the time limit.
                for pid in left:
                    os.waitpid(pid, 0)


def strike(command: subprocess.Popen, out: Path, find: Callable[[int], list[int]]) -> int:
    """The pid of the process to kill, once a student is done and the next one's box computes."""
    while command.poll() is None:
        busy = any(process_watch.cpu_seconds(pid) > 0.2 for pid in process_watch.boxes(command.pid))
        if busy and any(out.glob("*/report.json")):
            (found,) = find(command.pid)
            return found
        select.select([], [], [], 0.02)
    raise AssertionError("the command ended before anything could be killed")


def expect_done(command: subprocess.Popen, out: Path) -> None:
    assert command.wait() == 0, Path(f"{out}.log").read_text()[-2000:]


def expect_complete(out: Path, undisturbed: Results) -> None:
    found = results(out)
    assert found.submissions == sorted(WRITTEN)
    cells = Counter((student, notebook, cell) for student, notebook, cell, *_ in found.grades)
    assert set(cells.values()) == {1} and len(cells) == len(WRITTEN) * (
        len(EXERCISES) + len(NOTEBOOKS)
    )
    for name, text in undisturbed.files.items():  # one by one, for a readable difference
        assert found.files[name] == text, name
    assert found == undisturbed


@by_command
def test_the_undisturbed_run_is_what_it_should_be(undisturbed):
    points = {
        (student, exercise.name): exercise.points if exercise.module == module else 0
        for student, module in WRITTEN.items()
        for exercise in EXERCISES.values()
    }
    names = {exercise.grade_id: exercise.name for exercise in EXERCISES.values()}
    assert {
        (student, names[cell]): score
        for student, _, cell, score, *_ in undisturbed.grades
        if cell in names
    } == points


@by_command
@pytest.mark.parametrize(
    "find",
    [process_watch.zygotes, process_watch.pools, process_watch.boxes],
    ids=["zygote", "pool process", "box"],
)
def test_a_run_notices_nothing_when_a_process_of_ours_is_killed(
    class_, undisturbed, tmp_path, find
):
    with grading(class_, tmp_path) as command:
        os.kill(strike(command, tmp_path, find), signal.SIGKILL)
        expect_done(command, tmp_path)
    expect_complete(tmp_path, undisturbed)


def to_the_group(pid: int, number: int) -> None:
    """As a terminal does it."""
    os.killpg(pid, number)


@by_command
@pytest.mark.parametrize(
    "send, number",
    [
        (os.kill, signal.SIGKILL),
        (os.kill, signal.SIGTERM),
        (os.kill, signal.SIGINT),
        (to_the_group, signal.SIGINT),
    ],
    ids=["SIGKILL", "SIGTERM", "SIGINT", "Ctrl-C"],
)
def test_a_command_that_is_stopped_leaves_nothing_running_and_a_rerun_finishes(
    class_, undisturbed, tmp_path, send, number
):
    with grading(class_, tmp_path) as command:
        send(strike(command, tmp_path, lambda pid: [pid]), number)
        assert command.wait() != 0
    assert results(tmp_path).submissions in (["before"], ["before", "slow"])
    with grading(class_, tmp_path) as command:
        expect_done(command, tmp_path)
    expect_complete(tmp_path, undisturbed)


# --- the gradebook's writer -----------------------------------------------------------------------

WRITER = """
import os, signal
from pathlib import Path
from tests.support.course_copy import made_up_report
from grader.gradebook import gradebook, remembered
from sqlalchemy import event
from sqlalchemy.engine import Engine

remembered.load = lambda course, config: None  # so that nbgrader registers the assignment
times = 0

@event.listens_for(Engine, "before_cursor_execute")
def kill(connection, cursor, statement, *rest):
    global times
    times += statement.startswith({statement!r})
    if times == {number}:
        os.kill(os.getpid(), signal.SIGKILL)

with gradebook.open_gradebook(Path({path!r})) as book:
    gradebook.write(book, [made_up_report(student) for student in ("ada", "bob")])
"""


def rows(path: Path) -> dict[str, list]:
    """The grades, and how many rows each table has."""
    with contextlib.closing(sqlite3.connect(path)) as book:
        tables = [
            name
            for (name,) in book.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1"
            )
        ]
        counts = [
            (name, *book.execute(f"SELECT count(*) FROM {name}").fetchone()) for name in tables
        ]
        return {"grades": sorted(book.execute(_GRADES), key=repr), "counts": counts}


def write_gradebook(path: Path) -> None:
    with gradebook.open_gradebook(path) as book:
        gradebook.write(book, [made_up_report(student) for student in ("ada", "bob")])


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> dict[str, list]:
    """A gradebook whose writer nobody killed."""
    path = tmp_path_factory.mktemp("written") / "gradebook.db"
    write_gradebook(path)
    return rows(path)


@pytest.mark.xdist_group("killed, writers")
@pytest.mark.parametrize(
    "statement, number",
    [
        ("CREATE TABLE alembic_version", 1),
        ("INSERT INTO course", 1),
        ("INSERT INTO grade_cells", 7),
        ("INSERT INTO grade ", 1),
        ("INSERT INTO comment", 1),
    ],
)
def test_a_gradebook_whose_writer_is_killed_is_complete_after_the_next_one(
    written, tmp_path, statement, number
):
    path = tmp_path / "gradebook.db"
    script = WRITER.format(statement=statement, number=number, path=str(path))
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(COURSE), str(COURSE / "tests")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=tmp_path, check=False
    )
    assert done.returncode == -signal.SIGKILL
    write_gradebook(path)
    assert rows(path) == written
