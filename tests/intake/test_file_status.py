"""The status of a student's files is another one after any change to them."""

from __future__ import annotations

import os

import pytest

from grader.intake import file_status
from grader.intake.file_status import GRANULARITY, Status, of_parts
from grader.intake.finding import Part
from grader.intake.trees import OnDisk


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "ann"
    (folder / "kit" / "inner").mkdir(parents=True)
    (folder / "kit" / "a.py").write_text("a = 1\n")
    (folder / "kit" / "inner" / "b.py").write_text("b = 1\n")
    return folder


def status(home, is_sure=True):
    return of_parts([Part(OnDisk(home.parent, (home.name,)), home.name)], is_sure)


def touched(path):
    """A change of the times alone, and back: only the time of change differs."""
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    os.utime(path)
    os.utime(path, ns=times)


CHANGES = {
    "a file is written": lambda home: (home / "kit" / "a.py").write_text("a = 2\n"),
    "a file below is written": lambda home: (home / "kit" / "inner" / "b.py").write_text("b = 2\n"),
    "a file is added": lambda home: (home / "kit" / "inner" / "c.py").touch(),
    "a hidden file is added": lambda home: (home / ".hidden").touch(),
    "a file is removed": lambda home: (home / "kit" / "a.py").unlink(),
    "a file has another name": lambda home: (home / "kit" / "a.py").rename(home / "kit" / "c.py"),
    "a link takes a file's place": lambda home: (
        (home / "kit" / "a.py").unlink(),
        (home / "kit" / "a.py").symlink_to("inner/b.py"),
    ),
    "a file cannot be read any more": lambda home: (home / "kit" / "a.py").chmod(0),
    "times are changed, and set back": lambda home: touched(home / "kit" / "a.py"),
    "a file has a second name elsewhere": lambda home: os.link(
        home / "kit" / "a.py", home.parent / "second"
    ),
}


def test_what_is_unchanged_has_the_same_status(home):
    assert status(home) == status(home) is not None
    (home / "kit" / "a.py").read_text()
    assert status(home) == status(home)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_shows(home, change):
    before = status(home)
    change(home)
    assert status(home) != before


def test_whose_it_is_for_sure_counts_too(home):
    assert status(home, is_sure=True) != status(home, is_sure=False)


def test_nothing_is_said_of_too_many_files_or_of_folders_that_are_too_deep(home, monkeypatch):
    monkeypatch.setattr(file_status, "MAX_ENTRIES", 3)
    assert status(home) is None
    monkeypatch.setattr(file_status, "MAX_ENTRIES", 4)
    assert status(home) is None  # the student's folder itself is one
    monkeypatch.setattr(file_status, "MAX_ENTRIES", 5)
    assert status(home) is not None
    monkeypatch.setattr(file_status, "MAX_DEPTH", 1)
    assert status(home) is None


def test_nothing_is_said_of_what_is_gone_or_is_a_link(home):
    home.rename(home.with_name("bob"))
    assert status(home) is None
    home.symlink_to("bob")
    assert status(home) is None


@pytest.mark.parametrize(
    "age, settled", [(0, False), (GRANULARITY, False), (GRANULARITY + 1, True)]
)
def test_what_changed_within_a_tick_is_not_settled(age, settled):
    assert Status("digest", 10**18).is_settled(10**18 + age) is settled


def test_what_comes_from_the_future_is_not_settled():
    assert not Status("digest", 10**18).is_settled(10**18 - 1)
