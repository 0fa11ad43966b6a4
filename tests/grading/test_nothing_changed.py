"""A run in which nothing has changed reads nothing and writes nothing; and nothing that has changed
is taken for unchanged.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace

import pytest

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader.faults import GraderFault
from grader.gradebook import gradebook
from grader.gradebook.database import DatabaseFault
from grader.grading import class_run, one_class
from grader.intake import file_status, reading
from grader.results import cache, ledger, store
from tests.grading.test_one_class import (
    STUDENTS,
    class_,  # noqa: F401  # fixtures
    files_are_old,  # noqa: F401
    submitted,  # noqa: F401
)
from tests.support.clocks import MINUTE, later

pytestmark = pytest.mark.slow

FILE = ("bob", ASSIGNMENT, "cs231n_utils", "softmax.py")
EXERCISE = next(iter(EXERCISES))


class Watched:
    """A class of which it is known what a run has looked at."""

    def __init__(self, class_, read):  # noqa: F811
        self.class_, self.out, self.read = class_, class_.out, read
        self.file = class_.submitted.joinpath(*FILE)

    def run(self, **more):
        self.read.clear()
        return self.class_.run(**more)

    def state(self):
        """Which files there are, and when each was written."""
        return {
            str(path.relative_to(self.out)): (path.stat().st_ino, path.stat().st_mtime_ns)
            for path in self.out.rglob("*")
            if path.is_file() and path.name not in (".lock", ".ledger", "gradebook.db")
        }


@pytest.fixture
def watched(class_, monkeypatch):  # noqa: F811
    """A class that has been graded."""
    read, kept = [], []
    real_read, real_parse = reading.read, store.parse

    def note_submission(student, *more):
        read.append(student)
        return real_read(student, *more)

    def note_report(text):
        kept.append(text)
        return real_parse(text)

    monkeypatch.setattr(reading, "read", note_submission)
    monkeypatch.setattr(store, "parse", note_report)
    one = Watched(class_, read)
    one.parsed = kept
    one.first = one.run()
    return one


def tables(done):
    return list(done.reports), list(done.grades)


def test_nothing_is_read_and_nothing_is_written(watched):
    before = watched.state()
    watched.parsed.clear()
    again = watched.run()
    assert (watched.read, watched.parsed, watched.class_.graded) == ([], [], [])
    assert watched.state() == before
    assert again.unchanged == len(STUDENTS)
    assert tables(again) == tables(watched.first)
    assert list(again.hand_ins) == list(watched.first.hand_ins)


def test_a_download_in_one_zip_is_not_read_again_either(watched, tmp_path, monkeypatch):
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", watched.class_.submitted)
    monkeypatch.setattr(watched.class_, "submitted", type(tmp_path)(packed))
    watched.run()
    assert watched.read == list(STUDENTS) and watched.class_.graded == []
    watched.run()
    assert watched.read == []


def rewrite(file):
    """As many bytes, in the same file, with its times set back."""
    status = file.stat()
    file.write_bytes(file.read_bytes().replace(b"bob", b"Bob"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (status.st_ino, status.st_mtime_ns)


def replace_whole(file):
    """Another file of the same size and times, which may get the inode of the first."""
    status, content = file.stat(), file.read_bytes()
    file.unlink()
    file.write_bytes(content.replace(b"bob", b"Bob"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def move_in(file):
    """A file that was written before the run, moved to the place of the first."""
    status, content = file.stat(), file.read_bytes()
    other = file.with_name("other")
    other.write_bytes(content.replace(b"bob", b"Bob"))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(file)


@pytest.mark.parametrize("change", [rewrite, replace_whole, move_in])
def test_a_file_of_the_same_size_whose_times_are_set_back_is_graded(watched, change):
    change(watched.file)
    watched.run()
    assert watched.read == watched.class_.graded == ["bob"]


def test_one_inode_with_another_time_of_change_is_another_file(watched):
    lines = [("softmax.py", (0o100644, 1, 7, 6, 1_000, 1_000))]
    others = [("softmax.py", (0o100644, 1, 7, 6, 1_000, 1_001))]
    assert file_status._status(lines) != file_status._status(others)


def test_what_changed_just_before_a_run_is_read_by_the_next_one_too(watched, monkeypatch):
    watched.file.write_text("# Bob\n")
    changed = watched.file.stat().st_ctime_ns
    # Within the tick in which the file was written, it may be written again.
    monkeypatch.setattr(file_status, "now", lambda: changed + file_status.GRANULARITY)
    watched.run()
    assert watched.class_.graded == ["bob"]
    monkeypatch.setattr(file_status, "now", later)
    watched.run()
    assert watched.read == ["bob"] and watched.class_.graded == []
    watched.run()
    assert watched.read == []


def test_a_clock_that_was_set_back_proves_nothing(watched, monkeypatch):
    monkeypatch.setattr(file_status, "now", lambda: later() - 2 * MINUTE)
    watched.run()
    assert watched.read == list(STUDENTS) and watched.class_.graded == []


def flipped(content):
    """A ledger that says of somebody that an exercise has other points."""
    changed = content.replace(b'"rel_error", 2', b'"rel_error", 1', 1)
    assert changed != content
    return changed


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: content + b"\n",
        lambda content: b"\xff" * len(content),
        lambda content: b"[" * 200_000 + b"\t\t\n" + content,
        flipped,
    ],
    ids=[
        "empty",
        "half",
        "shorter by one byte",
        "longer by one byte",
        "no text",
        "lists in lists",
        "other points",
    ],
)
def test_a_damaged_ledger_is_left_aside(watched, damage):
    file = watched.out / ".ledger"
    file.write_bytes(damage(file.read_bytes()))
    again = watched.run()
    assert watched.read == list(STUDENTS) and watched.class_.graded == []
    assert tables(again) == tables(watched.first)
    watched.run()
    assert watched.read == []


def test_without_a_ledger_everything_is_looked_at_again(watched):
    (watched.out / ".ledger").unlink()
    again = watched.run()
    assert watched.read == list(STUDENTS) and watched.class_.graded == []
    assert tables(again) == tables(watched.first)
    assert list(again.hand_ins) == list(watched.first.hand_ins)


def test_the_ledger_of_another_machine_is_left_aside(watched, monkeypatch):
    monkeypatch.setattr(ledger, "_machine_id", lambda: "another one")
    watched.run()
    assert watched.read == list(STUDENTS) and watched.class_.graded == []


def test_the_ledger_of_another_folder_is_left_aside(watched):
    copied = watched.out.with_name("copied")
    shutil.copytree(watched.out, copied)
    watched.class_.out = copied
    watched.run()
    assert watched.read == list(STUDENTS) and watched.class_.graded == []


@pytest.mark.parametrize("what", ["version", "drawing_version"])
def test_the_ledger_of_other_code_is_left_aside(watched, monkeypatch, what):
    monkeypatch.setattr(cache, what, lambda: "other code")
    watched.run()
    assert watched.read == list(STUDENTS)
    assert watched.class_.graded == (list(STUDENTS) if what == "version" else [])


def test_a_report_that_was_changed_by_hand_is_read(watched):
    file = watched.out / "bob" / "report.json"
    status, text = file.stat(), file.read_text()
    file.write_text(text.replace("Try X.T.", "Try X.Y."))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    watched.run()
    assert watched.read == ["bob"] and watched.class_.graded == []


@pytest.mark.parametrize("name", ["grades.csv", "index.html", "class.html", "hand_ins.csv"])
@pytest.mark.parametrize("change", ["removed", "changed"])
def test_a_table_that_is_gone_or_changed_is_written_again(watched, name, change):
    path = watched.out / name
    before = path.read_text()
    if change == "removed":
        path.unlink()
    else:
        path.write_text(before.replace("bob", "Bob"))
    watched.run()
    assert watched.read == [] and path.read_text() == before


def test_a_report_of_somebody_who_is_not_in_the_download_is_still_on_the_class_page(watched):
    shutil.copytree(watched.out / "bob", watched.out / "dee")
    file = watched.out / "dee" / "report.json"
    report = json.loads(file.read_text())
    file.write_text(json.dumps({**report, "student": "dee"}))
    page = watched.out / "class.html"
    before = page.read_text()
    watched.run()
    assert watched.read == [] and page.read_text() != before
    file.unlink()
    watched.run()
    assert watched.read == [] and page.read_text() == before


def test_a_gradebook_that_was_lost_is_filled_again(watched):
    (watched.out / "gradebook.db").unlink()
    watched.run()
    assert watched.read == []
    with gradebook.open_gradebook(watched.out / "gradebook.db") as book:
        assert gradebook.auto_scores(book).keys() == {*STUDENTS}


@pytest.mark.parametrize("together", [1, 2, 3])
def test_a_gradebook_that_fails_among_unchanged_students_says_how_many_are_done(
    watched, monkeypatch, together
):
    monkeypatch.setattr(class_run, "_TOGETHER", together)
    all_scores = gradebook.auto_scores

    def without_cy(book, students):
        return {name: score for name, score in all_scores(book, students).items() if name != "cy"}

    def fail(*of, **more):
        raise DatabaseFault("The database cannot be used.")

    with monkeypatch.context() as patch:
        patch.setattr(gradebook, "auto_scores", without_cy)
        patch.setattr(gradebook, "write", fail)
        with pytest.raises(GraderFault, match="2 submissions done so far; run the same command"):
            watched.run()
    assert watched.run().unchanged == len(STUDENTS) and watched.read == []


def test_what_is_not_judged_is_read_and_graded_again(watched, monkeypatch):
    made = watched.class_.report

    def not_judged(student, exercises):
        report = made(student, exercises)
        first, *rest = report.exercises
        check = replace(first.checks[0], verdict=one_class.pool.Verdict.NOT_JUDGED, points=0)
        return replace(report, exercises=(replace(first, checks=(check,)), *rest))

    monkeypatch.setattr(watched.class_, "report", not_judged)
    watched.run(force=True)
    watched.run()
    assert watched.read == watched.class_.graded == list(STUDENTS)


def test_a_run_of_one_exercise_knows_what_is_unchanged(watched):
    watched.read.clear()
    watched.class_.run(EXERCISE)
    assert watched.read == [] and watched.class_.graded == []
