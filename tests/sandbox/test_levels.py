"""The levels of the sandbox: the best one is taken, it is what probes have shown, and it stands
with every grade.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader.__main__ import main
from grader.faults import SandboxFault, SandboxUnavailable
from grader.kit import sample_class
from grader.paths import COURSE
from grader.report import Report
from grader.results import store
from grader.sandbox import cgroup, launch, probes, without_bubblewrap
from grader.sandbox.cgroup import ControlGroup
from grader.sandbox.launch import Zygote, find_level
from tests.support.course_copy import own_gradebook
from tests.support.in_sandbox import ROOT, run, sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="hidden checks are graded on Linux only"
    ),
]


@pytest.fixture
def no_bubblewrap(monkeypatch, tmp_path):
    sandbox("B")
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture(scope="module")
def one_submission(kit, tmp_path_factory) -> Path:
    submitted = tmp_path_factory.mktemp("class") / "submitted"
    sample_class.write_class({"ann": {**kit, **sample_class.reference_files()}}, submitted)
    return submitted


def run_without(what: str, *arguments: object) -> subprocess.CompletedProcess:
    """The grader's command line on a machine without Landlock or without namespaces."""
    return subprocess.run(
        [sys.executable, COURSE / "tests" / "support" / "without.py", what, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


# --- which level ----------------------------------------------------------------------------------


def test_the_best_level_is_taken():
    sandbox("A")
    assert find_level() == ("A", {})


def test_without_bubblewrap_it_is_level_b(no_bubblewrap):
    level, missing = find_level()
    assert level == "B" and "apt-get install bubblewrap" in missing["A"]


def test_level_c_is_never_taken_unasked(no_bubblewrap, monkeypatch):
    monkeypatch.setattr(launch.requirements.confine, "landlock_abi", lambda: 0)
    with pytest.raises(SandboxUnavailable, match=r"Level A: .* Level B: .*lsm=landlock.* --unsafe"):
        find_level()
    assert find_level(unsafe=True)[0] == "C"


def test_a_sandbox_that_does_not_hold_is_not_used(monkeypatch, tmp_path):
    probe = tmp_path / "probes.py"
    probe.write_text(
        "def not_refused(hidden):\n    return ['use the network', 'something that nobody"
        " promised']\n"
    )
    monkeypatch.setattr(probes, "__file__", str(probe))
    with pytest.raises(SandboxUnavailable, match="student code could use the network"), Zygote():
        pass


def test_a_probe_that_fails_in_another_way_is_no_proof(monkeypatch, tmp_path):
    probe = tmp_path / "probes.py"
    probe.write_text("def not_refused(hidden):\n    raise NameError('a mistake of ours')\n")
    monkeypatch.setattr(probes, "__file__", str(probe))
    with pytest.raises(SandboxUnavailable, match="the probes failed"), Zygote():
        pass


def test_the_probes_succeed_where_nothing_stops_them(tmp_path):
    code = (
        f"import sys; sys.path.insert(0, {str(Path(probes.__file__).parent)!r}); import probes; "
        "import json; print(json.dumps(probes.not_refused(probes.__file__)))"
    )
    environment = {**os.environ, "HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, check=True
    )
    of_some_machines = {"be root", "trace processes", "make namespaces"}
    assert {*json.loads(done.stdout), *of_some_machines} == probes.PROMISED["A"]


def test_the_level_stays_the_same_when_a_sandbox_is_started_again(no_bubblewrap, monkeypatch):
    with Zygote() as zygote:
        monkeypatch.undo()  # bubblewrap is back
        zygote.stop()
        zygote.fork().close()
        assert zygote.level == "B" and zygote._sandbox._home is not None


# --- level B --------------------------------------------------------------------------------------


def test_level_b_is_refused_where_the_grader_could_be_read(monkeypatch):
    with pytest.raises(SandboxUnavailable, match="which student code must be able to read"):
        without_bubblewrap._refuse_if_readable(ROOT / "grader", [ROOT])
    without_bubblewrap._refuse_if_readable(ROOT / "grader", [ROOT / "tests"])


def test_level_b_is_refused_where_students_user_cannot_get_at_python(tmp_path):
    closed = tmp_path / "closed"
    (closed / "lib").mkdir(parents=True)
    closed.chmod(0o700)
    with pytest.raises(
        SandboxUnavailable,
        match=f"only root may enter .*, and student code, .* needs {closed / 'lib'}",
    ):
        without_bubblewrap._refuse_if_closed(closed / "lib")


def test_its_folder_is_gone_whatever_is_in_it():
    home = without_bubblewrap.Home()
    closed = home._scratch / "closed"
    (closed / "in" / "it").mkdir(parents=True)
    closed.chmod(0o300)
    home.remove()
    assert not home._folder.exists()


def test_what_a_killed_run_has_left_goes_with_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "grader-run-old" / "deep").mkdir(parents=True)
    (tmp_path / "somebody-elses").mkdir()
    with without_bubblewrap.folder_of_a_run() as one, without_bubblewrap.folder_of_a_run() as two:
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
            [Path(one).name, Path(two).name, "somebody-elses"]
        )
    assert [path.name for path in tmp_path.iterdir()] == ["somebody-elses"]


@pytest.mark.parametrize("moment", ["made", "opened"])
def test_a_new_folder_that_another_run_takes_for_an_old_one_is_made_again(
    tmp_path, monkeypatch, moment
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    module, name = {"made": (tempfile, "mkdtemp"), "opened": (os, "open")}[moment]
    real, taken = getattr(module, name), []

    def take_the_first(*args, **options):
        result = real(*args, **options)
        if not taken:
            taken.extend(tmp_path.iterdir())
            taken[0].rmdir()
        return result

    monkeypatch.setattr(module, name, take_the_first)
    with without_bubblewrap.folder_of_a_run() as ours:
        assert list(tmp_path.iterdir()) == [Path(ours)]
        assert Path(ours) not in taken


DELETED = """
import os, time
files = []
for k in range(2):
    files.append(open("x", "wb"))
    os.unlink("x")
    files[k].write(bytes(32 << 20))
    files[k].flush()
time.sleep(10)
"""


def test_deleted_files_that_are_open_count_at_level_b(monkeypatch):
    monkeypatch.setattr(without_bubblewrap, "_LOST", 48 << 20)
    with sandbox("B") as zygote, pytest.raises(SandboxFault, match="deleted"):
        run(zygote, DELETED)


def test_files_that_vanish_do_not_hide_the_others(tmp_path, monkeypatch):
    """As while student code makes and deletes files as fast as it can."""
    for name in "abc":
        (tmp_path / name).write_bytes(bytes(8192))
    real = os.scandir

    class Listing:
        def __init__(self, folder):
            self.entries = list(real(folder))

        def __enter__(self):
            os.unlink(self.entries[0].path)
            return iter(self.entries)

        def __exit__(self, *exc):
            pass

    monkeypatch.setattr(os, "scandir", Listing)
    assert len(list(without_bubblewrap._sizes(str(tmp_path)))) == 2


def test_what_is_not_ours_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    os.mkfifo(tmp_path / "grader-run-fifo")
    old = tmp_path / "grader-run-old"
    old.mkdir()
    if os.getuid() == 0:
        other = tmp_path / "grader-run-other"
        other.mkdir()
        os.chown(other, 12345, 12345)
    with without_bubblewrap.folder_of_a_run():
        assert not old.exists()
        assert (tmp_path / "grader-run-fifo").exists()
        assert os.getuid() or other.exists()


def test_another_copy_of_the_grader_that_could_be_read_refuses_level_b(tmp_path):
    (tmp_path / "lib" / "site-packages" / "grader" / "topics").mkdir(parents=True)
    with pytest.raises(SandboxUnavailable, match="which student code must be able to read"):
        without_bubblewrap._refuse_if_readable(ROOT / "grader", [tmp_path / "lib"])


# --- what people read -----------------------------------------------------------------------------


def test_the_doctor_at_level_a(capsys):
    sandbox("A")
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("This machine grades at level A.\n")
    assert f"{len(probes.PROMISED['A'])} probes in a box: all refused" in said


def test_the_doctor_at_level_b(no_bubblewrap, capsys):
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("This machine grades at level B.\n")
    assert "A  no " in said and "Install it: sudo apt-get install bubblewrap." in said
    assert "B  yes" in said and f"{len(probes.PROMISED['B'])} probes in a box: all refused" in said


def test_the_doctor_where_namespaces_are_refused():
    sandbox("B")
    said = run_without("namespaces", "doctor").stdout
    assert said.startswith("This machine grades at level B.\n")
    assert "A  no " in said and "this machine refuses user namespaces" in said


def test_the_doctor_at_level_c():
    sandbox("B")
    said = run_without("landlock", "doctor").stdout
    assert said.startswith("This machine grades at level C only, and only if told so: --unsafe.\n")
    assert "A  no " in said and "B  no " in said and "C  yes" in said and "lsm=landlock" in said


def test_at_level_c_nothing_is_graded_unless_told_so(one_submission, tmp_path):
    sandbox("B")
    grade = [
        "grade",
        one_submission,
        "--out",
        tmp_path / "out",
        "--exercise",
        "rel_error",
        "--processes",
        "1",
        *own_gradebook(tmp_path / "out"),
    ]
    refused = run_without("landlock", *grade)
    assert refused.returncode == 1 and "--unsafe" in refused.stderr
    assert not (tmp_path / "out").exists()
    done = run_without("landlock", *grade, "--unsafe")
    assert done.returncode == 0, done.stderr
    assert "Sandbox level C: limits on time and memory only" in done.stderr
    assert row(tmp_path / "out")["sandbox_level"] == "C"
    assert row(tmp_path / "out")["score"] == "2"


def test_the_level_stands_with_every_grade(one_submission, tmp_path, no_bubblewrap, capsys):
    out = tmp_path / "out"
    assert (
        main(
            [
                "grade",
                str(one_submission),
                "--out",
                str(out),
                "--exercise",
                "rel_error",
                "--processes",
                "1",
                *own_gradebook(out),
            ]
        )
        == 0
    )
    assert "Sandbox level B" in capsys.readouterr().err
    assert row(out)["sandbox_level"] == "B"
    assert json.loads((out / "ann" / "report.json").read_text())["level"] == "B"
    assert "Sandbox level B." in (out / "index.html").read_text()


def test_of_two_gradings_the_weaker_level_counts():
    assert store.merge(Report("ann", "B", ()), Report("ann", "A", ())).level == "B"
    assert store.merge(Report("ann", "A", ()), Report("ann", "B", ())).level == "B"


def row(out: Path) -> dict[str, str]:
    with open(out / "grades.csv", newline="", encoding="utf-8") as file:
        return next(csv.DictReader(file))


# --- control groups -------------------------------------------------------------------------------


@pytest.fixture
def groups(monkeypatch, tmp_path) -> Path:
    """A folder in the place of /sys/fs/cgroup."""
    monkeypatch.setattr(cgroup, "_ROOT", tmp_path)
    return tmp_path


def own_groups(monkeypatch, text: str) -> None:
    monkeypatch.setattr(cgroup, "_own", lambda: text)


@pytest.mark.parametrize(
    "own, controllers, where",
    [
        (
            "0::/user/app/session\n",
            {"user/app": "cpu memory pids", "user/app/session": ""},
            "user/app",
        ),
        ("0::/\n", {"": "memory"}, ""),
        ("8:pids:/\n4:memory:/ours\n1:cpu:/\n", {"pids": "", "memory/ours": ""}, "memory/ours"),
    ],
    ids=["version 2", "at the root", "version 1"],
)
def test_a_group_is_made_where_memory_can_be_bounded(groups, monkeypatch, own, controllers, where):
    own_groups(monkeypatch, own)
    for folder, text in controllers.items():
        (groups / folder).mkdir(parents=True, exist_ok=True)
        (groups / folder / "cgroup.subtree_control").write_text(text)
    made = ControlGroup(4711).folders
    assert groups / where in {folder.parent for folder in made}
    assert all((folder / "cgroup.procs").read_text() == "4711" for folder in made)


@pytest.mark.parametrize("own", ["", "0::/elsewhere\n", "0::/\n", "3:cpuset:/\n"])
def test_where_no_group_can_be_made_there_is_none(groups, monkeypatch, own):
    own_groups(monkeypatch, own)
    assert ControlGroup(4711).folders == []
    assert list(groups.iterdir()) == []


def test_a_group_of_this_machine_ends_with_its_processes():
    with sandbox("A", "B") as zygote:
        group = zygote._sandbox._group
        member = Path(f"/proc/{group.pid}/cgroup").read_text()
        assert all(folder.name in member for folder in group.folders)
        bounds = {
            path.name: path.read_text().strip()
            for folder in group.folders
            for path in folder.glob("*.max")
        }
        assert bounds.get("pids.max", "64") == "64" and bounds.get(
            "memory.max", str(2 << 30)
        ) == str(2 << 30)
    assert not any(folder.exists() for folder in group.folders)
