"""The sandbox, with real student code in it: what honest code may do, what hostile code cannot
reach, what is our fault.
"""

import contextlib
import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.faults import SandboxFault, SandboxUnavailable, StudentFault
from grader.sandbox import launch, requirements, runtime
from grader.sandbox.inside import confine
from grader.sandbox.launch import Zygote
from tests.support.in_sandbox import LEVELS, ROOT, probe, probes, run, sandbox, student
from tests.support.process_watch import descendants


@pytest.fixture(scope="module", params=LEVELS)
def zygote(request):
    with sandbox(request.param) as started:
        yield started


def processes() -> dict[int, str]:
    """The descendants of this process, by pid."""
    return {pid: Path(f"/proc/{pid}/comm").read_text().strip() for pid in descendants(os.getpid())}


def descriptors() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


# --- honest code ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", probes("honest"))
def test_honest_code_works(zygote, name):
    assert probe(zygote, "honest", name) is not None


def test_a_library_that_is_not_there_fails_where_it_is_used(zygote):
    with pytest.raises(StudentFault) as caught:
        run(zygote, "import scipy\nreturn scipy.special.expit(0)")
    assert str(caught.value) == (
        "raised NotInGrading: scipy.special.expit: grading does not have scipy. It has Python's own"
        " modules and NumPy (gradient_check.py, line 5: return scipy.special.expit(0))."
    )


def test_global_random_numbers_are_the_same_in_every_worker(zygote):
    body = "import random\nreturn [np.random.rand(), random.random(), str({'a', 'b', 'c', 'd'})]"
    assert run(zygote, body) == run(zygote, body)
    with Zygote() as another:
        assert run(zygote, body) == run(another, body)


# --- hostile code ---------------------------------------------------------------------------------


@pytest.mark.skipif(
    os.uname().machine != "x86_64", reason="the probes use the system call numbers of x86_64"
)
@pytest.mark.parametrize("name", probes("reaching"))
def test_what_is_not_on_the_list_is_refused(zygote, name):
    assert probe(zygote, "reaching", name) == []


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86_64")
def test_of_all_system_calls_only_the_listed_ones_are_answered(zygote):
    listed = {number for number, _ in (*confine.ALLOWED.values(), *confine.ALLOWED_SELF.values())}
    listed |= {numbers[0] for numbers, _, _ in confine.ALLOWED_WITH.values()}
    # Uretprobe and uprobe, which end a process that calls them; no filter sees them.
    of_the_kernels_own = {335, 336}
    others = [number for number in range(512) if number not in listed | of_the_kernels_own]
    assert probe(zygote, "reaching", "_answered", others) == []


# What ends a process, or never returns, whatever its arguments are; without a list of reasons it
# could not run at all.
UNTRIED = {"exit", "exit_group", "rt_sigreturn", "restart_syscall"}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86_64")
@pytest.mark.parametrize("name", sorted(confine.ALLOWED.keys() - UNTRIED))
def test_each_listed_system_call_is_answered(zygote, name):
    """No line of the list is dead: the kernel takes the call, and finds fault with its arguments
    only.
    """
    number = confine.ALLOWED[name][0]
    assert probe(zygote, "reaching", "_answered", [number]) == [number]


LOCKED = """
import os, resource, sys
import confine
folder, *readable = sys.argv[1:]
lock = confine.Lock("B", readable)
if os.fork() == 0:
    lock(folder)
    open(readable[-1]).close()
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_a_box_may_be_allowed_to_read_more_files_than_it_may_open(tmp_path):
    """At level B, each library of Python is such a file."""
    readable = [tmp_path / str(k) for k in range(300)]
    for path in readable:
        path.touch()
    environment = {"PYTHONPATH": str(Path(confine.__file__).parent)}
    command = [sys.executable, "-W", "error", "-c", LOCKED, tmp_path, *readable]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_nothing_of_the_machine_is_visible():
    """At level A; at level B it cannot be read, but seen to be there."""
    needed = [Path(np.__file__), Path(os.__file__).resolve(), Path(sys.executable).resolve()]
    paths = [
        ROOT,
        *(ROOT / name for name in ("grader", "grader/topics", "tests", ".git", ".course_secret")),
    ]
    paths += map(
        Path,
        (
            "/etc/passwd",
            "/etc/hostname",
            "/home",
            "/root",
            "/proc",
            "/proc/self/environ",
            "/proc/1/maps",
            "/sys",
            "/tmp",
            "/var",
            "/run",
            "/dev/shm",
            "/dev/tty",
            "/bin/sh",
            "/usr/bin",
            "/usr/share",
        ),
    )
    hidden = [str(path) for path in paths if not any(one.is_relative_to(path) for one in needed)]
    with sandbox("A") as zygote:
        assert probe(zygote, "reaching", "_existing", hidden) == []


def test_files_of_the_machine_cannot_be_read(zygote):
    paths = [
        *(ROOT / "grader" / "topics").rglob("*.py"),
        ROOT / "pyproject.toml",
        *map(Path, ("/etc/passwd", "/proc/self/environ")),
    ]
    assert probe(zygote, "reaching", "_readable", list(map(str, paths))) == []


def test_other_packages_than_numpy_are_not_there(zygote):
    for module in ("pytest", "grader"):
        with pytest.raises(StudentFault, match="raised ModuleNotFoundError"):
            run(zygote, f"import importlib\nimportlib.import_module({module!r})")


def test_installed_packages_other_than_numpy_are_not_visible():
    folders = {str(Path(module.__file__).parent.parent) for module in (np, pytest)}
    folders |= {
        str(path)
        for top in (Path(os.__file__).parent, Path("/usr/lib/python3"))
        for path in top.glob("*-packages")
    }
    with sandbox("A") as zygote:
        assert [
            name
            for name in probe(zygote, "reaching", "_listed", sorted(folders))
            if not name.startswith("numpy")
        ] == []


def test_other_workers_folders_are_out_of_reach(zygote):
    neighbour = student(zygote, "open('secret.txt', 'w').write('x'); import os; return os.getcwd()")
    assert probe(zygote, "reaching", "_a_neighbour", neighbour.rel_error()) == []
    neighbour.close()


def test_there_is_no_environment(zygote):
    assert run(zygote, "import os\nreturn sorted(os.environ)") == ["HOME", "TMPDIR"]


def test_only_the_null_device_and_the_wire_are_open(zygote):
    assert [device for _, device in probe(zygote, "reaching", "_descriptors")] == [
        True,
        True,
        True,
        False,
    ]


def test_no_state_goes_from_worker_to_worker_by_a_shared_descriptor(zygote):
    run(zygote, "import fcntl, os\nreturn fcntl.fcntl(0, fcntl.F_SETFL, os.O_APPEND)")
    assert (
        run(zygote, "import fcntl, os\nreturn bool(fcntl.fcntl(0, fcntl.F_GETFL) & os.O_APPEND)")
        is False
    )


def test_it_is_not_root(zygote):
    assert 0 not in run(
        zygote, "import os\nreturn [os.getuid(), os.geteuid(), os.getgid(), os.getegid()]"
    )


# --- our own faults -------------------------------------------------------------------------------


def test_a_zygote_killed_in_the_middle_is_not_the_students_fault(zygote):
    one = student(zygote, "return 1")
    assert one.rel_error() == 1
    for pid, name in processes().items():
        if name.startswith("python"):
            with contextlib.suppress(ProcessLookupError):  # it has ended with the one before
                os.kill(pid, signal.SIGKILL)
    with pytest.raises(SandboxFault):
        one.rel_error()
    assert one.rel_error() == 1  # in a new sandbox
    one.close()


def test_files_that_cannot_be_loaded_are_our_fault(zygote):
    one = student(zygote, "return 1")
    one._files["a\0b/x.py"] = b""
    with pytest.raises(SandboxFault, match="loading the files"):
        one.rel_error()
    one.close()


def test_nothing_is_left_when_the_sandbox_stops():
    before, opened = processes(), descriptors()
    with Zygote() as started:
        one, two = student(started, "return 1"), student(started, "return 2")
        assert (one.rel_error(), two.rel_error()) == (1, 2)
        assert len(processes()) == len(before) + 4  # bubblewrap, the zygote, two boxes
    one.close()
    two.close()
    assert processes() == before
    assert descriptors() == opened


def test_descriptors_do_not_pile_up(zygote):
    run(zygote, "return 1")
    opened = descriptors()
    for body in ["import os; os._exit(0)", "1 / 0", "return 1"] * 3:
        with contextlib.suppress(StudentFault):
            run(zygote, body)
    assert descriptors() == opened


# --- refusals -------------------------------------------------------------------------------------


def only_root(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(os, "getuid", lambda: 0)
    patch.setattr(runtime, "root_has_other_users", lambda: False)


@pytest.mark.parametrize(
    "change, sentence",
    [
        (lambda patch: patch.setattr("sys.platform", "darwin"), "only on Linux"),
        (lambda patch: patch.setattr("platform.machine", lambda: "riscv64"), "x86_64 and aarch64"),
        (
            lambda patch: patch.setattr("shutil.which", lambda name: None),
            "apt-get install bubblewrap",
        ),
        (lambda patch: patch.setattr(confine, "landlock_abi", lambda: 0), "lsm=landlock"),
        (only_root, "root is the only user"),
    ],
    ids=["platform", "processor", "bubblewrap", "Landlock", "users"],
)
def test_a_machine_without_the_means_is_refused_with_the_remedy(monkeypatch, change, sentence):
    change(monkeypatch)
    with (
        pytest.raises(SandboxUnavailable, match=f"Level A: .*{sentence}.* --unsafe"),
        Zygote(("A",)),
    ):
        pass


def test_an_old_landlock_is_enough_for_level_a_only(monkeypatch):
    monkeypatch.setattr(confine, "landlock_abi", lambda: 2)
    requirements.check("A")
    with pytest.raises(SandboxUnavailable, match=r"version 2\. Linux 6\.2"):
        requirements.check("B")


@pytest.mark.slow
@pytest.mark.parametrize(
    "said, remedy",
    [
        (
            "bwrap: No permissions to create new namespace, because. See <file:///usr/share/doc>.",
            "Switch them on",
        ),
        ("bwrap: setting up uid map: Permission denied", "apparmor_restrict_unprivileged_userns"),
        (
            "bwrap: Creating new namespace failed: Operation not permitted",
            "container with --privileged",
        ),
        ("bwrap: Unknown option --perms", "0.5 or newer"),
        ("PermissionError: /sandbox/wire.py", "chmod"),
        ("", "it gave no reason"),
    ],
)
def test_a_sandbox_that_does_not_start_says_why(monkeypatch, tmp_path, said, remedy):
    fake = tmp_path / "bwrap"
    fake.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    opened = descriptors()
    with pytest.raises(SandboxUnavailable, match=remedy), Zygote(("A",)):
        pass
    assert descriptors() == opened


def test_a_worker_that_cannot_lock_itself_stops_the_run(monkeypatch):
    command = launch.bubblewrap.command

    def with_a_folder_that_is_not_there(control_fd: int) -> list[str]:
        return [*command(control_fd), "/nowhere"]

    monkeypatch.setattr(launch.bubblewrap, "command", with_a_folder_that_is_not_there)
    with pytest.raises(SandboxUnavailable, match="/nowhere"), Zygote(("A",)):
        pass
