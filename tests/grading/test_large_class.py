"""A large class takes as much memory as a small one, in a first run and in a rerun; and it gets the
same tables, although only some students are in memory at a time.
"""

from __future__ import annotations

import gc
import tracemalloc
from types import SimpleNamespace

import pytest

from cs231n_utils.exercises import ASSIGNMENT
from grader.faults import GraderFault
from grader.grading import class_run, pool
from grader.grading.class_run import ClassRun
from grader.paths import CLASS_PAGE, OVERVIEW, TABLE
from grader.results import class_table
from grader.results.class_table import ClassTable
from tests.grading.test_one_class import (
    Class,
    class_,  # noqa: F401  # fixtures
    files_are_old,  # noqa: F401
    submitted,  # noqa: F401
)

# Bytes for each further student: what a run has kept when all are graded, which is little more than
# the record of the hand-in; and the most that it has while it makes the tables.
KEPT, AT_MOST = 1_000, 2_000


def hand_in(class_, count):  # noqa: F811
    for k in range(len(class_.points), count):
        name = f"student{k:05}"
        package = class_.submitted / name / ASSIGNMENT / "cs231n_utils"
        package.mkdir(parents=True)
        (package / "softmax.py").write_text("")
        class_.points[name] = k % 7 / 6


def memory(class_, monkeypatch):  # noqa: F811
    """What a run has kept when all are graded, and the most that it has from then on, in bytes."""
    kept = []
    finish = ClassRun.finish

    def watched(run, records):
        gc.collect()
        tracemalloc.reset_peak()
        kept.append(tracemalloc.get_traced_memory()[0])
        finish(run, records)

    gc.collect()
    tracemalloc.start()
    try:
        with monkeypatch.context() as patch:
            patch.setattr(ClassRun, "finish", watched)
            class_.run()
        return kept[0], tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture
def by_few(monkeypatch):
    """So few students at a time that no run of this file has all of them in memory."""
    monkeypatch.setattr(class_run, "time", SimpleNamespace(monotonic=lambda: 0.0))
    monkeypatch.setattr(class_run, "_TOGETHER", 16)
    monkeypatch.setattr(class_table, "MANY", 16)


@pytest.mark.slow
def test_memory_hardly_grows_with_the_class(class_, by_few, monkeypatch):  # noqa: F811
    found = {}
    for count in (3, 100, 300):  # the first one fills caches
        one = Class(class_.submitted.with_name(f"in{count}"), class_.out.with_name(f"out{count}"))
        monkeypatch.setattr(pool, "grade_in_processes", one.grade)
        one.points.clear()
        hand_in(one, count)
        found[count] = [memory(one, monkeypatch) for _ in range(2)]
        assert not one.graded  # in the second run
    for first, further in zip(found[100], found[300], strict=True):
        kept, at_most = ((b - a) / 200 for a, b in zip(first, further, strict=True))
        assert kept < KEPT and at_most < AT_MOST


def test_the_tables_do_not_depend_on_how_many_students_are_in_memory(class_, monkeypatch):  # noqa: F811
    hand_in(class_, 5)
    assert len(class_.points) == 5
    class_.run()
    whole = {name: (class_.out / name).read_bytes() for name in (TABLE, OVERVIEW, CLASS_PAGE)}
    monkeypatch.setattr(class_table, "MANY", 2)
    class_.out = class_.out.with_name("by two")
    done = class_.run()
    assert [grade.student for grade in done.grades] == sorted(class_.points)
    assert {name: (class_.out / name).read_bytes() for name in whole} == whole


def test_nobody_is_without_a_grade_in_the_tables(class_, monkeypatch):  # noqa: F811
    unsettled = ClassTable.unsettled
    monkeypatch.setattr(
        ClassTable,
        "unsettled",
        lambda table: (one for one in unsettled(table) if one.student != "bob"),
    )
    with pytest.raises(GraderFault, match=r"No final grade was made for bob\."):
        class_.run()
    assert not (class_.out / TABLE).exists()
