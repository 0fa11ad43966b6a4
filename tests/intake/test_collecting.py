"""Writing a download in nbgrader's layout."""

import os

import pytest

from cs231n_utils.exercises import ASSIGNMENT
from grader.__main__ import main
from grader.gradebook import gradebook
from tests.support.downloads import kit, shaped, take_in, unpacked, within, zipped

NOTEBOOK = {"1_gradient_check.ipynb": b"{}"}
PACKED = {
    "HW_ann_attempt_2026-11-20-11-00-00_kit.zip": zipped(
        kit("ann") | NOTEBOOK | {"timestamp.txt": b"2020-01-01 00:00:00 UTC"}
    ),
    "HW_ben_attempt_2026-11-21-11-00-00_kit.rar": b"x",
}


def files(folder) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_notebooks_modules_and_times_are_written(tmp_path, capsys):
    out = tmp_path / "submitted"
    assert main(["collect", str(shaped(PACKED, "zip", tmp_path)), "--out", str(out)]) == 0
    stamp = {gradebook.TIME_FILE, gradebook.SEAL_FILE}
    assert files(out) == {
        f"ann/{ASSIGNMENT}/{name}" for name in (kit("ann") | NOTEBOOK).keys() | stamp
    }
    assert (out / "ann" / ASSIGNMENT / "timestamp.txt").read_text().startswith("2026-11-20 11:00")
    assert gradebook.handed_in(out / "ann" / ASSIGNMENT).hour == 11
    said = capsys.readouterr()
    assert said.out.splitlines()[-2:] == [
        "Hand-ins: 1 taken, 1 not taken.",
        f"Written: 1 submission, to {out}.",
    ]
    assert "HW_ben_attempt_2026-11-21-11-00-00_kit.rar (of ben): " in said.err


def test_what_was_collected_is_taken_in_with_the_sealed_time(tmp_path, monkeypatch):
    out = tmp_path / "submitted"
    main(["collect", str(shaped(PACKED, "folder", tmp_path)), "--out", str(out)])
    again = tmp_path / "again"
    main(["collect", str(out), "--out", str(again)])
    assert files(out) == files(again)
    assert gradebook.handed_in(again / "ann" / ASSIGNMENT)


def test_a_claim_is_not_sealed(tmp_path):
    claim = {**kit("ann"), "timestamp.txt": b"2020-01-01 00:00:00 UTC"}
    path = unpacked(within(f"ann/{ASSIGNMENT}", claim), tmp_path / "claims")
    main(["collect", str(path), "--out", str(tmp_path / "out")])
    home = tmp_path / "out" / "ann" / ASSIGNMENT
    assert (home / "timestamp.txt").read_text().startswith("2020-01-01 00:00")
    assert gradebook.handed_in(home) is None


def test_what_is_there_already_stays_as_it_is_and_is_named(tmp_path, capsys):
    out = unpacked({f"ann/{ASSIGNMENT}/mine.txt": b"x"}, tmp_path / "out")
    assert main(["collect", str(shaped(PACKED, "zip", tmp_path)), "--out", str(out)]) == 0
    assert files(out) == {f"ann/{ASSIGNMENT}/mine.txt"}
    assert "There already, and left as they are: ann." in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["../../evil.py", "/evil.py", "a/../../evil.py", "a\nb.py", ".bashrc"]
)
def test_hostile_names_are_written_nowhere(tmp_path, name):
    archive = zipped({**kit("ann"), name: b"x"}, "")
    path = unpacked({"ann.zip": archive}, tmp_path / "in")
    main(["collect", str(path), "--out", str(tmp_path / "out")])
    assert files(tmp_path / "out") == {f"ann/{ASSIGNMENT}/{module}" for module in kit()}
    assert not list(tmp_path.parent.rglob("evil.py"))


def test_a_student_whose_name_is_no_folder_gets_another_one(tmp_path):
    path = tmp_path / "submission_metadata.yml"
    unpacked(within("submission_1", kit("x")), tmp_path)
    path.write_text("submission_1:\n  :submitters:\n  - :email: ../../x\n")
    assert take_in(tmp_path).whose == {"../../x": "x"}
    main(["collect", str(tmp_path), "--out", str(tmp_path / "out")])
    assert [name[:8] for name in os.listdir(tmp_path / "out")] == ["student-"]


def test_links_are_not_copied(tmp_path):
    path = unpacked(within("ann", kit("ann")), tmp_path / "in")
    (path / "ann" / "1_x.ipynb").symlink_to("/etc/passwd")
    main(["collect", str(path), "--out", str(tmp_path / "out")])
    assert not [name for name in files(tmp_path / "out") if name.endswith(".ipynb")]


def test_copies_never_go_where_the_submissions_are(tmp_path, capsys):
    assert main(["collect", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "Give another folder" in capsys.readouterr().err
