"""One submission in Gradescope's layout: graded as the class is, below level B not at all, and out
of reach of student code.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.faults import GraderFault
from grader.grading import on_gradescope, pool
from grader.grading.on_gradescope import METADATA, Submitters, submitters
from grader.intake.platforms import gradescope as export
from grader.intake.submission import Submission
from grader.kit import sample_class
from grader.sandbox import launch
from tests.results.test_gradescope import expect_shape, of_staff, of_students
from tests.support.in_sandbox import sandbox

SECRET = "a secret of sixteen letters or more"
ANN = {"email": "ann@example.edu", "id": 1234, "name": "Ann"}


@pytest.fixture
def autograder(monkeypatch) -> Iterator[Path]:
    """/autograder, open to all users, so that only the sandbox keeps student code out."""
    monkeypatch.setattr(on_gradescope, "_secret", lambda: SECRET)
    folder = Path(tempfile.mkdtemp())
    for name in ("submission", "results", "source"):
        (folder / name).mkdir()
    (folder / "source" / ".course_secret").write_text(SECRET)
    (folder / METADATA).write_text(json.dumps({"users": [ANN]}))
    yield folder
    shutil.rmtree(folder)


def hand_in(folder: Path, files: dict[str, bytes], inside: str = "") -> None:
    for name, content in files.items():
        path = folder / "submission" / inside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777)


def run(folder: Path) -> dict:
    assert on_gradescope.main([str(folder)]) == 0
    return expect_shape(json.loads((folder / "results" / "results.json").read_text()))


# --- who handed in --------------------------------------------------------------------------------


def test_a_group_has_the_inputs_of_its_first_member_in_whatever_order_it_is_listed():
    bob = {"email": "bob@example.edu", "id": 5, "name": "Bob"}
    for users in ([ANN, bob], [bob, ANN]):
        assert submitters(json.dumps({"users": users})) == Submitters(
            "ann@example.edu", ("bob@example.edu",)
        )


@pytest.mark.parametrize(
    "user",
    [
        {"email": "ann@example.edu", "sid": "77", "name": "Ann"},
        {"email": " ann@example.edu\n", "name": "Ann"},
        {"email": "", "sid": "77", "name": "Ann"},
        {"email": None, "sid": "~", "name": "Ann"},
        {"email": "a\\b@example.edu"},
        {"email": "änn@example.edu"},
    ],
)
def test_a_student_has_the_name_that_the_class_has_from_an_export(user):
    (person,) = export._people({":submitters": [{f":{key}": user[key] for key in user}]})
    assert submitters(json.dumps({"users": [user]})).student == person.student


def test_who_has_nothing_but_an_id_is_called_by_it():
    assert submitters('{"users": [{"email": "", "id": 1234, "name": null}]}').student == "1234"


def test_half_a_letter_in_a_name_stops_nothing():
    assert submitters('{"users": [{"email": "a\\ud800@x.edu"}]}').student == "a?@x.edu"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"users": []}', '{"users": null}', '{"users": ["ann"]}', '{"users": [{}]}',
     "[" * 100_000],
)  # fmt: skip
def test_metadata_that_names_nobody_is_a_fault_of_ours(text):
    with pytest.raises(GraderFault, match="an e-mail"):
        submitters(text)


# --- what is graded -------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", ["", "loss_and_optimization", "my work/loss_and_optimization"])
def test_the_kit_is_found_wherever_it_lies(autograder, inside):
    hand_in(autograder, {"cs231n_utils/softmax.py": b"x = 1\n"}, inside)
    found = on_gradescope.read(autograder / "submission", "ann")
    assert found.files == {"cs231n_utils/softmax.py": b"x = 1\n"}


def test_a_link_to_the_autograder_is_not_followed(autograder):
    """A submission that Gradescope takes from a git repository may hold links."""
    hand_in(autograder, {"cs231n_utils/softmax.py": b"x = 1\n"})
    for name in ("secret.txt", "cs231n_utils/linear_svm.py"):
        (autograder / "submission" / name).symlink_to(autograder / "source" / ".course_secret")
    found = on_gradescope.read(autograder / "submission", "ann")
    assert found.files == {"cs231n_utils/softmax.py": b"x = 1\n"}


def test_where_nothing_can_be_graded_the_student_reads_what_to_hand_in(autograder):
    hand_in(autograder, {"essay.pdf": b"%PDF"})
    found = on_gradescope.read(autograder / "submission", "ann")
    assert found.files == {}
    assert "essay.pdf" in found.notes[0]
    assert "Hand in the folder loss_and_optimization, packed as .zip." in found.notes[0]


def test_the_score_is_that_of_the_class(autograder, capsys):
    sandbox("A", "B")
    files = sample_class.reference_files()
    del files["cs231n_utils/softmax.py"]
    hand_in(autograder, files)
    found = run(autograder)
    ((report,),) = pool.grade_in_processes([Submission("ann@example.edu", files, ())], 1, SECRET)
    assert found["score"] == round(report.score, 2) == 68
    assert "There is no cs231n_utils/softmax.py." in found["output"]
    said = capsys.readouterr().out
    assert f"Sandbox level {report.level}" in said and "Student: ann@example.edu" in said


# --- what student code can reach ------------------------------------------------------------------

_HOSTILE = """
import os

def rel_error(x, y):
    said = []
    for folder, _, names in [*os.walk({folder!r}), ({folder!r}, [], [{metadata!r}]),
                             ({folder!r} + "/results", [], ["results.json", "more.json"]),
                             ({folder!r} + "/source", [], [".course_secret"])]:
        for name in names:
            for mode in ("r", "a", "x"):
                try:
                    with open(os.path.join(folder, name), mode) as file:
                        said.append("opened " + (file.read() if mode == "r" else file.name))
                except OSError as error:
                    said.append(type(error).__name__)
    for way in (os.remove, os.mkdir, os.rmdir):
        try:
            way({folder!r} + "/results/results.json")
            said.append("done")
        except OSError as error:
            said.append(type(error).__name__)
    # What has worked comes first, since messages are cut.
    raise ValueError(" ".join(sorted(said, key=lambda one: one.endswith("Error"))))
"""


def test_the_attack_succeeds_where_nothing_stops_it(autograder):
    hand_in(autograder, {})
    (autograder / "results" / "results.json").write_text("{}")
    names: dict = {}
    exec(_HOSTILE.format(folder=str(autograder), metadata=METADATA), names)
    with pytest.raises(ValueError, match=rf"opened .*{SECRET}.*done"):
        names["rel_error"](0, 0)


@pytest.mark.parametrize("level", ["A", "B"])
def test_student_code_reads_and_writes_nothing_of_the_autograder(autograder, level, monkeypatch):
    sandbox(level)
    if level == "B":
        monkeypatch.setenv("PATH", str(autograder))  # which has no bubblewrap
    files = sample_class.reference_files()
    attack = _HOSTILE.format(folder=str(autograder), metadata=METADATA).encode()
    files["cs231n_utils/gradient_check.py"] += attack
    hand_in(autograder, files)
    (autograder / "results" / "results.json").write_text("{}")
    (autograder / "results" / "results.json").chmod(0o666)
    found = run(autograder)
    assert found["extra_data"]["sandbox_level"] == level
    tried = [test for test in found["tests"] if test["name"].startswith("rel_error")]
    assert "Error" in tried[0]["output"] and tried[0]["status"] == "failed"
    text = json.dumps(found)
    assert "opened" not in text and "done" not in text and SECRET not in text
    assert os.listdir(autograder / "results") == ["results.json"]
    assert json.loads((autograder / METADATA).read_text()) == {"users": [ANN]}
    assert (autograder / "source" / ".course_secret").read_text() == SECRET


# --- what cannot be graded ------------------------------------------------------------------------


def test_below_level_b_no_student_code_runs_and_the_student_loses_nothing(
    autograder, monkeypatch, capsys
):
    def never(*arguments: object, **more: object) -> None:
        raise AssertionError("student code would run")

    monkeypatch.setattr(launch.requirements.confine, "landlock_abi", lambda: 0)
    monkeypatch.setattr(pool, "grade_in_processes", never)
    hand_in(autograder, {"cs231n_utils/softmax.py": b""})
    found = run(autograder)
    assert "nothing of it is lost" in found["output"]
    assert of_students(found) == []
    (staff,) = of_staff(found)
    assert "No student code was run" in staff["output"]
    assert "Level A: " in staff["output"] and "Level B: " in staff["output"]
    assert "lsm=landlock" in capsys.readouterr().out
    assert "unsafe" not in str(found)


def test_a_crash_of_the_grader_costs_nothing_and_quotes_nothing(autograder, monkeypatch, capsys):
    def crash(*arguments: object, **more: object) -> None:
        raise RuntimeError("expected 0.125")

    monkeypatch.setattr(pool, "grade_in_processes", crash)
    monkeypatch.setattr(on_gradescope, "_level", lambda: "A")
    hand_in(autograder, {"cs231n_utils/softmax.py": b""})
    found = run(autograder)
    assert "costs you nothing" in found["output"]
    assert "RuntimeError" in of_staff(found)[0]["output"]
    assert "0.125" not in str(found)
    assert "RuntimeError: expected 0.125" in capsys.readouterr().out


def test_without_the_courses_secret_nothing_is_graded_with_a_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr(on_gradescope, "SECRET_FILE", tmp_path / ".course_secret")
    with pytest.raises(GraderFault, match=r"is missing.*--gradescope"):
        on_gradescope._secret()
    assert os.listdir(tmp_path) == []
