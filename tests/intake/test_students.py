"""The students of a download, one after the other."""

from __future__ import annotations

import pickle
import zipfile
from dataclasses import replace

import pytest

from cs231n_utils.exercises import ASSIGNMENT
from grader.intake import records
from grader.intake.download import open_download
from grader.intake.entries import Entry, Later, Layout
from grader.intake.finding import NotTaken
from grader.intake.hand_ins import HandIn
from grader.intake.records import Records
from grader.intake.trees import Kind, OnDisk

NAMES = ("ann", "bob", "cy")


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        package = tmp_path / name / ASSIGNMENT / "cs231n_utils"
        package.mkdir(parents=True)
        (package / "softmax.py").write_text(f"# {name}\n")
    return tmp_path


def test_a_student_on_a_disk_can_be_sent_to_another_process_and_read_there(folder):
    with open_download(folder) as download:
        sent = [pickle.loads(pickle.dumps(student)) for student in download.students]
        here = [student.read() for student in download.students]
        assert all(student.is_on_disk and student.done is None for student in sent)
    assert [student.read() for student in sent] == here
    assert here[1].files == {"cs231n_utils/softmax.py": b"# bob\n"}


def test_the_records_of_a_download_are_those_that_each_turn_has_ended_with(folder):
    for kit in "12":  # as of several students
        (folder / "bob" / kit / "cs231n_utils").mkdir(parents=True)
        (folder / "bob" / kit / "cs231n_utils" / "softmax.py").touch()
    with open_download(folder) as download:
        before = list(download.hand_ins)
        assert [one.student for one in before] == list(NAMES) and all(one.taken for one in before)
        for student in reversed(download.students):
            if student.student == "bob":
                with pytest.raises(NotTaken):
                    student.read()
            else:
                student.hand_ins = [replace(student.hand_in, note="read"), HandIn("beside")]
            student.forget()
        assert len(download.hand_ins) == 5
        assert [(one.student, one.taken) for one in download.hand_ins] == [
            ("ann", True),
            ("beside", True),
            ("bob", False),
            ("cy", True),
            ("beside", True),
        ]


def test_after_a_turn_only_its_records_are_left(folder, tmp_path_factory):
    packed = tmp_path_factory.mktemp("packed") / "class.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder.rglob("*.py"):
            archive.write(path, path.relative_to(folder))
    for one in (folder, packed):
        with open_download(one) as download:
            student = download.students[1]
            student.read()
            student.hand_ins = [replace(student.hand_in, note="read"), HandIn("beside")]
            student.forget()
            again = download.students[1]
            assert (again.hand_ins, again.attempts) == (student.hand_ins, ())
            assert download.students[0].attempts


def test_a_layout_whose_students_are_neither_all_later_nor_none_is_refused(folder, monkeypatch):
    nodes = {"bob": OnDisk(folder).inner("bob", Kind.FOLDER)}
    later = Later(OnDisk(folder), nodes, lambda student, node: Entry(HandIn(student)))
    layout = Layout([Entry(HandIn("ann"))], later=later)
    monkeypatch.setattr("grader.intake.download.find_layout", lambda *_: (layout, "a platform"))
    with pytest.raises(AssertionError, match="a platform"), open_download(folder):
        pass


def test_records_come_in_the_order_of_their_places_and_the_last_of_a_place_counts(monkeypatch):
    monkeypatch.setattr(records, "MANY", 2)
    kept = Records()
    for place in (4, 0, 3, 1, 4):
        kept.keep(place, [HandIn(f"s{place}", note=str(k)) for k in range(place)])
    kept.keep(3, [HandIn("last")])
    assert [(place, len(some)) for place, some in kept.by_place()] == [
        (0, 0),
        (1, 1),
        (3, 1),
        (4, 4),
    ]
    assert [one.student for one in kept.all] == ["s1", "last", "s4", "s4", "s4", "s4"]
    assert (kept.places, len(kept.all)) == (4, 6)
    assert kept.of(3) == (HandIn("last"),) and kept.of(2) == ()
