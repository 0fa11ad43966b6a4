"""Submissions are read, and files are staged, in the processes that grade. They are real ones here;
what stands in for grading is in tests/support/grading_processes.py.
"""

from __future__ import annotations

import csv
import errno
import math
import os
import re
import shutil
from concurrent.futures import ALL_COMPLETED
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import Mock

import pytest

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader.checks.session import FIRST_PASS, FULL
from grader.faults import ResultsFault
from grader.grading import class_run, one_class, pool
from grader.intake.students import Student
from grader.paths import HAND_INS, TABLE
from grader.results import store
from tests.support import grading_processes

STUDENTS = ("ann", "bob")


def hand_in(folder, student, text):
    package = folder / "submitted" / student / ASSIGNMENT / "cs231n_utils"
    package.mkdir(parents=True, exist_ok=True)
    (package / "softmax.py").write_text(text)


@pytest.fixture
def class_(tmp_path, monkeypatch):
    """Grades the folder `submitted`, or what else is given, into `out`."""
    monkeypatch.setattr(pool, "_handle", grading_processes.handle)
    monkeypatch.setattr(one_class, "course_secret", lambda: str(tmp_path))
    for student in STUDENTS:
        hand_in(tmp_path, student, f"# {student}\n")
    for kit in "12":  # as of several students
        package = tmp_path / "submitted" / "several" / kit / "cs231n_utils"
        package.mkdir(parents=True)
        (package / "softmax.py").touch()

    def grade(submitted="submitted", exercises=tuple(EXERCISES), force=False, processes=1):
        return one_class.grade_class(
            tmp_path / submitted, tmp_path / "out", processes, exercises, "A", force
        )

    return grade


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def unreadable_here(monkeypatch):
    """The command itself cannot read submissions."""
    monkeypatch.setattr(Student, "read", lambda student: pytest.fail("read by the command"))


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_folders_are_read_by_the_processes_that_grade(class_, out, unreadable_here):
    assert [report.status for report in class_().reports] == ["graded", "graded"]
    rows = {row["student"]: row for row in table(out / HAND_INS)}
    assert {student: row["taken"] for student, row in rows.items()} == {
        "ann": "yes",
        "bob": "yes",
        "several": "no",
    }
    assert rows["several"]["note"].startswith("It holds 2 kits")


def test_whoever_ends_the_process_is_set_aside_without_being_read_by_the_command(
    class_, tmp_path, unreadable_here
):
    hand_in(tmp_path, "always", "")
    statuses = {report.student: report.status for report in class_().reports}
    assert statuses == {"always": "not_judged", "ann": "graded", "bob": "graded"}


def test_whoever_ends_the_process_that_reads_is_set_aside_and_the_others_are_graded(
    class_, tmp_path, unreadable_here
):
    names = [*STUDENTS, "killed", *(f"s{k}" for k in range(6))]  # the first three are one batch
    for student in names:
        hand_in(tmp_path, student, "")
    statuses = {report.student: report.status for report in class_().reports}
    assert statuses == {**dict.fromkeys(names, "graded"), "killed": "not_judged"}


def test_whoever_is_slow_has_one_report_of_both_passes(class_, out, tmp_path, unreadable_here):
    hand_in(tmp_path, "slow", "")
    class_()
    slow = store.load(out, "slow")
    assert slow.seconds == FIRST_PASS.seconds + FULL.seconds
    assert [exercise.name for exercise in slow.exercises] == list(EXERCISES)
    assert class_().unchanged == 3


def test_a_zip_gets_the_results_of_its_folder(class_, out, tmp_path):
    class_()
    names = (TABLE, *(f"{student}/feedback.html" for student in STUDENTS))
    of_folder = {name: (out / name).read_bytes() for name in names}
    shutil.rmtree(out)
    shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "submitted")
    class_("packed.zip")
    assert {name: (out / name).read_bytes() for name in names} == of_folder


def test_without_a_ledger_what_has_not_changed_is_recognized_there(
    class_, out, tmp_path, unreadable_here
):
    class_()
    before = (out / "ann" / "report.json").stat().st_ino
    (out / ".ledger").unlink(missing_ok=True)
    hand_in(tmp_path, "bob", "#\n")
    assert class_().unchanged == 1
    assert (out / "ann" / "report.json").stat().st_ino == before
    assert class_(force=True).unchanged == 0
    assert (out / "ann" / "report.json").stat().st_ino != before


def test_nothing_staged_is_left_by_a_run_and_what_a_killed_one_has_left_is_removed(class_, out):
    class_()
    there = {path.name for path in out.iterdir()}
    with store.open_folder(out) as staging:
        store.stage(staging, b"page", b"report")
        shutil.copytree(out, out.with_name("killed"))
    out = out.with_name("killed").rename(out.with_name("moved"))
    assert {path.name for path in out.iterdir()} > there
    (left,) = (out / ".staged").iterdir()
    os.utime(left, (0, 0))  # a day later it cannot be that of a run that still goes on
    with store.open_folder(out) as staging:
        assert store.stage(staging, b"", b"")
        assert len([*(out / ".staged").iterdir()]) == 1
    assert {path.name for path in out.iterdir()} == there


@pytest.mark.parametrize("lock", [Mock(), Mock(side_effect=OSError(errno.ENOLCK, "No locks"))])
def test_where_locks_do_not_work_a_run_leaves_what_another_one_has_staged(out, monkeypatch, lock):
    monkeypatch.setattr("fcntl.flock", lock)  # some file systems have locks of one machine only
    with store.open_folder(out) as first:
        staged = store.stage(first, b"page", b"report")
        with store.open_folder(out) as second:
            store.stage(second, b"", b"")
        store.write_student(out, "ann", staged)
    assert (out / "ann" / "report.json").read_bytes() == b"report"
    assert not (out / ".staged").exists()


def test_a_students_folder_may_be_a_link_to_another_file_system(out, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    replace = os.replace

    def within_a_folder(path, to):  # which is all that the system can do between two of them
        if os.path.dirname(path) != os.path.dirname(to):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path, None, to)
        replace(path, to)

    monkeypatch.setattr(os, "replace", within_a_folder)
    page = "Grüße\r\n".encode()
    with store.open_folder(out) as staging:
        (out / "ann").symlink_to(elsewhere)
        store.write_student(out, "ann", store.stage(staging, page, b"report"))
        assert not [*staging.iterdir()]
    there = {path.name: path.read_bytes() for path in elsewhere.iterdir()}
    assert there == {"feedback.html": page, "report.json": b"report"}


def test_where_results_cannot_be_written_the_run_ends_and_nobody_is_set_aside(
    class_, out, monkeypatch
):
    monkeypatch.setattr(store, "staging", lambda *_: nullcontext(out / "nowhere"))
    with pytest.raises(ResultsFault, match=r"/nowhere/\w+\.html: No such file .* again"):
        class_()
    assert not [*out.glob("*/report.json")]


def put_unreadable_report(out, student):
    (out / student).mkdir(parents=True)
    (out / student / "report.json").symlink_to("/proc/self/mem")  # its first byte: an I/O error


def test_a_report_that_cannot_be_read_ends_the_run_and_nobody_is_set_aside(class_, out):
    put_unreadable_report(out, "ann")
    with pytest.raises(ResultsFault, match=r"/ann/report\.json: Input/output error\. .* again"):
        class_()
    assert not (out / "bob").exists()


@pytest.mark.parametrize("in_the_way", [".staged", "ann"])
def test_a_file_in_the_place_of_a_folder_ends_the_run_with_what_to_do(
    class_, out, in_the_way, monkeypatch
):
    monkeypatch.setattr(class_run, "_SECONDS", math.nan)  # never: both are written at the end
    out.mkdir(mode=0o700)
    (out / in_the_way).touch()
    with pytest.raises(ResultsFault, match=rf"cannot be written: .*/{in_the_way}\b.* again"):
        class_()
    assert (out / "bob" / "report.json").exists() == (in_the_way == "ann")


def test_what_is_done_when_the_command_is_interrupted_while_it_writes_is_kept(
    class_, out, monkeypatch
):
    monkeypatch.setattr(class_run, "_SECONDS", math.nan)  # never: both are written at the end
    write = store.write_student

    def interrupted(folder, student, *more):
        monkeypatch.setattr(store, "write_student", write)
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "write_student", interrupted)
    with pytest.raises(KeyboardInterrupt):
        class_()
    assert len([*out.glob("*/report.json")]) == 1  # that of the other one


def test_a_full_disk_at_the_end_is_told_with_the_file_and_what_to_do(class_, out):
    out.mkdir(mode=0o700)
    (out / ".hand_ins.csv.tmp").symlink_to("/dev/full")
    with pytest.raises(ResultsFault, match=r"/\.hand_ins\.csv\.tmp: No space left .* again"):
        class_()


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("elsewhere")])
def test_what_cannot_be_a_lock_is_told_with_what_to_do(out, make):
    out.mkdir(mode=0o700)
    make(out / ".lock")
    with pytest.raises(ResultsFault, match=r"/\.lock: .* again"), store.open_folder(out):
        pass


def test_a_link_in_the_place_of_the_staging_folder_is_not_followed(out, tmp_path):
    out.mkdir(mode=0o700)
    (out / ".staged").symlink_to(tmp_path)
    with pytest.raises(ResultsFault, match=r"/\.staged: is a link"), store.open_folder(out):
        pass


def test_a_staged_file_that_is_gone_is_the_one_that_is_named(out):
    with store.open_folder(out) as staging:
        staged = store.stage(staging, b"page", b"report")
        shutil.rmtree(staging)
        with pytest.raises(ResultsFault, match=re.escape(staged)):
            store.write_student(out, "ann", staged)


def test_drawing_again_skips_a_report_that_cannot_be_read(class_, out):
    class_()
    for student in STUDENTS:
        (out / student / "feedback.html").unlink()
    (out / "bob" / "report.json").unlink()
    (out / "bob" / "report.json").symlink_to("/proc/self/mem")
    store.draw_again(out, {}, store.Rules())
    assert [path.parent.name for path in out.glob("*/feedback.html")] == ["ann"]


def test_what_is_done_when_a_fault_ends_the_run_is_kept(class_, out, monkeypatch):
    monkeypatch.setattr(pool, "FIRST_COMPLETED", ALL_COMPLETED)  # so that both come together
    put_unreadable_report(out, "bob")
    with pytest.raises(ResultsFault, match=r"/bob/report\.json: "):
        class_(processes=2)
    assert store.load(out, "ann").status == "graded"


def test_what_is_done_when_the_command_meets_the_fault_is_kept(class_, out, tmp_path):
    put_unreadable_report(out, "bob")
    shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "submitted")
    # The command reads what is packed.
    with pytest.raises(ResultsFault, match=r"/bob/report\.json: "):
        class_("packed.zip")
    assert store.load(out, "ann").status == "graded"
