"""The autograder for Gradescope: the zip has the layout that Gradescope expects, all that grading
needs, and is for its owner alone.
"""

import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.__main__ import main
from grader.checks.seeds import course_secret
from grader.kit import gradescope
from grader.paths import COURSE
from tests.results.test_gradescope import expect_shape


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("autograder") / "autograder.zip"
    gradescope.write(path)
    return path


@pytest.fixture(scope="module")
def members(archive) -> dict[str, zipfile.ZipInfo]:
    with zipfile.ZipFile(archive) as opened:
        return {member.filename: member for member in opened.infolist()}


def mode(member: zipfile.ZipInfo) -> int:
    return stat.S_IMODE(member.external_attr >> 16)


def unpack(archive: Path, to: Path) -> Path:
    """/autograder as Gradescope lays it out, before a submission is put there."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(to / "source")
    (to / "run_autograder").write_bytes((to / "source" / "run_autograder").read_bytes())
    (to / "run_autograder").chmod(0o755)
    return to


def test_both_scripts_stand_at_the_root_and_can_be_executed(archive, members):
    with zipfile.ZipFile(archive) as opened:
        for name in ("setup.sh", "run_autograder"):
            assert mode(members[name]) == 0o755
            assert opened.read(name).startswith(b"#!/usr/bin/env bash\n")


def test_both_scripts_are_sound_bash():
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", COURSE / "grader" / "kit" / "autograder" / name], check=True)


def test_all_that_grading_needs_is_in_it(archive, members):
    assert {
        "grader/grading/on_gradescope.py",
        "grader/topics/softmax/reference.py",
        "grader/topics/softmax/test_softmax.py",
        "grader/topics/linear_classifier/holdout.npz",
        "cs231n_utils/check.py",
        "datasets/digits.npz",
        "datasets/fashion.npz",
        "requirements.txt",
        "not_judged.json",
        ".course_secret",
    } <= members.keys()
    with zipfile.ZipFile(archive) as opened:
        assert opened.read(".course_secret").decode().strip() == course_secret()
        lines = opened.read("requirements.txt").decode().splitlines()
    ours = (COURSE / "requirements.txt").read_text().splitlines()
    assert set(lines) <= set(ours)
    assert [line.split(">")[0] for line in lines] == ["numpy", "greenlet", "pytest"]


def test_nothing_travels_because_it_lay_in_the_repository(members):
    tops = {name.split("/")[0] for name in members if "/" in name}
    assert tops == {"grader", "cs231n_utils", "datasets"}
    assert not [name for name in members if "__pycache__" in name or name.endswith(".pyc")]
    assert [name for name in members if Path(name).name.startswith(".")] == [".course_secret"]


def test_the_zip_and_the_secret_in_it_are_for_their_owner_alone(archive, members):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert mode(members[".course_secret"]) == 0o600


def test_a_zip_that_everybody_could_read_is_replaced_by_one_that_only_its_owner_can(tmp_path):
    path = tmp_path / "autograder.zip"
    path.write_bytes(b"")
    path.chmod(0o644)
    gradescope.write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["autograder.zip"]


def test_the_same_files_make_the_same_zip(archive, tmp_path):
    gradescope.write(tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_the_command_says_that_it_is_for_staff(tmp_path, capsys):
    assert main(["release", "--gradescope", str(tmp_path / "a.zip")]) == 0
    said = capsys.readouterr().out
    assert "for staff alone (mode 600)" in said and "secret" in said


@pytest.mark.parametrize(
    "arguments, said",
    [
        ([], "expected --out DIR"),
        (["--out", "kit", "--gradescope", "kit/a.zip"], "which students get"),
    ],
)
def test_it_is_never_written_among_what_students_get(
    arguments, said, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["release", *arguments])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def test_whatever_ends_the_program_there_is_a_file_that_says_not_judged(archive, tmp_path):
    folder = unpack(archive, tmp_path)
    (folder / "source" / "python_path").write_text("/bin/false\n")
    done = subprocess.run([folder / "run_autograder"], cwd=tmp_path)
    assert done.returncode == 0
    found = expect_shape(json.loads((folder / "results" / "results.json").read_text()))
    assert "nothing of it is lost" in found["output"]


def test_the_unpacked_zip_runs_without_anything_else_of_the_course(archive, tmp_path):
    """Without metadata it says that it does not know whose submission it is."""
    folder = unpack(archive, tmp_path)
    (folder / "source" / "python_path").write_text(f"{sys.executable}\n")
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [folder / "run_autograder"], cwd="/", env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "submission_metadata.json" in done.stdout
    assert f"{folder}/source/grader/" in done.stdout, "a traceback, of the unpacked package"
    text = (folder / "results" / "results.json").read_text()
    expect_shape(json.loads(text))
    assert "Traceback" not in text and str(folder) not in text
