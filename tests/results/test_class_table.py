"""The table of a class: a fault of its database says what to do, whenever it comes."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from cs231n_utils.exercises import EXERCISES
from grader.course.final import final_of
from grader.faults import GraderFault
from grader.intake.hand_ins import HandIn
from grader.pages import class_rows
from grader.results import class_table
from grader.results.changes import Change
from grader.results.class_table import ClassTable
from grader.results.summaries import summary_of
from tests.support.course_copy import made_up_report

STUDENTS = ("ann", "bob", "cy", "dan", "eve")
LOOKS = {
    "students": lambda table: list(table.students()),
    "summaries": lambda table: list(table.summaries()),
    "reports": lambda table: list(table.reports),
    "number of reports": lambda table: len(table.reports),
    "grades": lambda table: list(table.grades),
    "changes": lambda table: list(table.changes),
    "changes with grades": lambda table: list(table.changes_with_grades()),
    "unsettled": lambda table: list(table.unsettled()),
    "all drawn": lambda table: list(table.all_drawn()),
    "before": lambda table: table.before(["ann", "nobody"]),
    "unequal": lambda table: table.unequal,
    "ungraded": lambda table: table.ungraded,
    "has report": lambda table: table.has_report("ann"),
    "has row": lambda table: table.has_row("ann"),
}
# Enough for the file to be made, which SQLite puts off.
OPEN_FILES = """
import os
from grader.results.class_table import ClassTable

table = ClassTable()
table.note_before((f"student{k}", "files" * 100, "summary" * 100) for k in range(20_000))
for name in os.listdir("/proc/self/fd"):
    try:
        print(os.readlink(f"/proc/self/fd/{name}"))
    except FileNotFoundError:  # the one that has listed them
        pass
"""


@pytest.fixture
def table(monkeypatch):
    monkeypatch.setattr(class_table, "MANY", 2)
    table = ClassTable()
    for name in STUDENTS:
        report, hand_in = made_up_report(name), HandIn(name)
        table.note_taken(name)
        table.note_report(name, summary_of(report, class_rows.row(name, report), "").content, True)
        table.note_people([hand_in])
        table.note_changes([Change(name, next(iter(EXERCISES)), 0.0, 1.0)])
        table.note_grades([final_of(report, hand_in)])
        table.note_drawn([(name, "page")])
        table.note_before([(name, "files", "summary")])
    table.note_taken("ann")  # handed in twice
    table.note_name("fay")  # and has no grade
    return table


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_fault_in_the_middle_of_a_look_says_what_to_do(table, look):
    whole, faults = look(table), []
    assert whole
    for steps in count(0, 10):
        left = iter(range(steps))
        table._db.set_progress_handler(lambda left=left: next(left, None) is None, 1)
        try:
            assert look(table) == whole
            break
        except GraderFault as error:
            faults.append(str(error))
    says = "The variable SQLITE_TMPDIR names it, else TMPDIR, else it is /var/tmp."
    assert faults and all(says in text for text in faults)


@pytest.mark.parametrize("where", [{"SQLITE_TMPDIR": 1, "TMPDIR": 2}, {"TMPDIR": 1}])
def test_the_file_lies_in_the_folder_that_the_message_names(tmp_path, where):
    """In a process of its own, because SQLite looks at the variables once."""
    folders = {name: str(tmp_path / str(which)) for name, which in where.items()}
    for folder in folders.values():
        os.mkdir(folder)
    done = subprocess.run(
        [sys.executable, "-c", OPEN_FILES],
        env={name: os.environ[name] for name in os.environ if "TMPDIR" not in name} | folders,
        cwd=Path(class_table.__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{tmp_path}/1/" in done.stdout and f"{tmp_path}/2/" not in done.stdout
