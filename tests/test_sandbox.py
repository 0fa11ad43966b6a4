"""The sandbox, with real student code in it: what honest code may do, what hostile code may not, and what ends when."""

import gc
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from in_sandbox import ROOT, run, student

from grader.sandbox import confine, connection, launch
from grader.sandbox.faults import SandboxFault, SandboxUnavailable, StudentFault
from grader.sandbox.launch import Zygote


@pytest.fixture(scope="module")
def zygote():
    with Zygote() as started:
        yield started


def fault(zygote: Zygote, body: str, *args: object) -> str:
    """The message that this body earns."""
    with pytest.raises(StudentFault) as caught:
        run(zygote, body, *args)
    return str(caught.value)


def processes() -> dict[int, str]:
    """The descendants of this process, by pid."""
    found, todo = {}, [os.getpid()]
    while todo:
        pid = todo.pop()
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            todo += (children := [int(child) for child in task.read_text().split()])
            found |= {child: Path(f"/proc/{child}/comm").read_text().strip() for child in children}
    return found


# --- honest code --------------------------------------------------------------------------------------------------

HONEST = {
    "linear algebra": "np.linalg.svd(np.eye(200)); np.linalg.solve(np.eye(3), np.ones(3)); np.linalg.eigh(np.eye(3)); return 1",
    "a large matrix product": "a = np.ones((2000, 2000)); return (a @ a)[0, 0]",
    "lazily loaded numpy": "return [np.fft.fft(np.ones(4))[0].real, np.ma.array([1]).sum(), np.polynomial.Polynomial([1])(0)]",
    "random numbers": "np.random.seed(1); np.random.default_rng(); return [np.random.rand(), np.random.permutation(3)]",
    "einsum": "return np.einsum('ij,jk->ik', np.eye(2), np.eye(2))",
    "the standard library": "import collections, csv, dataclasses, decimal, enum, functools, hashlib, inspect, itertools, json, math\n"
                            "import operator, os, pathlib, pprint, random, re, statistics, string, sys, textwrap, typing\n"
                            "import asyncio, ctypes, logging, multiprocessing, pdb, pickle, sqlite3, subprocess, threading, unittest\n"
                            "return statistics.mean([1, 2])",
    "time": "import time, datetime\ntime.sleep(0.001)\nreturn [time.time(), time.perf_counter(), str(datetime.datetime.now())]",
    "prints": "import sys\nprint('x' * 100_000); print('y', file=sys.stderr, flush=True)\nreturn 1",
    "warnings": "import warnings\nwarnings.warn('careful'); np.float64(1) / np.float64(0)\nreturn 1",
    "its source": "import inspect\nreturn inspect.getsource(rel_error)",
    "a traceback": "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    return traceback.format_exc()",
    "copies": "import copy\nreturn copy.deepcopy({'a': [np.ones(2)]})",
    "temporary files": "import tempfile, os\n"
                       "with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as file:\n"
                       "    file.write(b'x'); open(os.path.join(folder, 'a'), 'w').write('y')\n"
                       "with tempfile.NamedTemporaryFile('w') as file:\n    file.write('z'); file.flush()\n"
                       "    return open(file.name).read()",
    "its own files": "np.savez('w.npz', W=np.eye(2)); np.save('w.npy', np.eye(2)); open('a.txt', 'a').write('é')\n"
                     "import os, shutil\nos.makedirs('d/e', exist_ok=True); os.rename('a.txt', 'd/b.txt'); shutil.rmtree('d')\n"
                     "return np.load('w.npz')['W'] + np.load('w.npy', mmap_mode='r')",
    "given helpers": "from cs231n_utils import data, expect\nreturn 1",
    "pictures": "import matplotlib.pyplot as plt\nfrom IPython.display import display\nplt.rcParams['a'] = 1\n"
                "fig, ax = plt.subplots(); ax.plot([1], [2]); plt.show(); display(fig)\nreturn 1",
    "progress bars": "from tqdm.auto import tqdm, trange\n"
                     "with tqdm(total=3) as bar:\n    bar.update(1)\nreturn [list(tqdm([1, 2])), list(trange(2, desc='d'))]",
    "no input": "try:\n    input()\nexcept EOFError:\n    return 1",
    "a quarter of a gigabyte": "return np.ones(1 << 25).sum()",
}


@pytest.mark.parametrize("body", HONEST.values(), ids=HONEST)
def test_honest_code_works(zygote, body):
    assert run(zygote, body) is not None


def test_a_library_that_is_not_there_is_the_usual_error(zygote):
    assert fault(zygote, "import scipy") == \
        "raised ModuleNotFoundError: No module named 'scipy' (gradient_check.py, line 4: import scipy)."


def test_global_random_numbers_are_the_same_in_every_worker(zygote):
    body = "import random\nreturn [np.random.rand(), random.random(), str({'a', 'b', 'c', 'd'})]"
    assert run(zygote, body) == run(zygote, body)
    with Zygote() as another:
        assert run(zygote, body) == run(another, body)


# --- hostile code: what it must not reach -------------------------------------------------------------------------

def refused(*statements: str) -> str:
    """A body that tries each statement and returns those which did not raise OSError."""
    tries = "".join(f"try:\n    {statement}\n    done.append({statement!r})\nexcept (OSError, ValueError):\n    pass\n" for statement in statements)
    return f"import os, ctypes, signal, socket\nlibc = ctypes.CDLL(None, use_errno=True)\ndone = []\n" \
           f"def syscall(*a):\n    if libc.syscall(*a) < 0:\n        raise OSError(ctypes.get_errno(), '')\n{tries}return done"


def test_nothing_of_the_machine_is_visible(zygote):
    needed = [Path(np.__file__), Path(os.__file__).resolve(), Path(sys.executable).resolve()]
    paths = [ROOT, ROOT / "grader", ROOT / "grader/topics", ROOT / "tests", ROOT / ".git", ROOT / ".course_secret"]
    paths += map(Path, ("/etc/passwd", "/etc/hostname", "/home", "/root", "/proc", "/proc/self/environ", "/proc/1/maps", "/sys", "/tmp",
                        "/var", "/run", "/dev/shm", "/dev/tty", "/bin/sh", "/usr/bin", "/usr/share"))
    hidden = [str(path) for path in paths if not any(one.is_relative_to(path) for one in needed)]
    assert run(zygote, f"import os\nreturn [path for path in {hidden!r} if os.path.lexists(path)]") == []


def test_installed_packages_other_than_numpy_are_not_visible(zygote):
    folders = {str(path.parent) for path in [Path(np.__file__).parent, Path(pytest.__file__).parent]}
    folders |= {str(path) for top in (Path(os.__file__).parent, Path("/usr/lib/python3")) for path in top.glob("*-packages")}
    body = f"""
import os
found = []
for folder in {sorted(folders)!r}:
    try:
        found += os.listdir(folder)
    except OSError:
        pass
    found += [name for name in ("pytest", "pip", "_pytest", "grader") if os.path.lexists(os.path.join(folder, name))]
return sorted(found)
"""
    assert [name for name in run(zygote, body) if not name.startswith("numpy")] == []
    assert fault(zygote, "import pytest").startswith("raised ModuleNotFoundError")
    assert fault(zygote, "import grader").startswith("raised ModuleNotFoundError")


def test_other_workers_folders_are_out_of_reach(zygote):
    neighbour = student(zygote, "open('secret.txt', 'w').write('x'); import os; return os.getcwd()")
    try:
        folder = neighbour.rel_error()
        statements = [f"os.listdir({folder!r})", f"open({folder + '/secret.txt'!r})", "os.listdir('/scratch')", "os.listdir('/')",
                      f"open({folder + '/new'!r}, 'w')", f"os.rmdir({folder!r})", f"os.rename({folder!r}, 'mine')"]
        assert run(zygote, refused(*statements)) == []
    finally:
        neighbour.close()


def test_nothing_is_writable_but_its_own_folder(zygote):
    statements = [f"open({folder + '/x'!r}, 'w')" for folder in ("", "/scratch", "/sandbox", "/usr/lib", "/dev", os.path.dirname(os.__file__),
                                                                 os.path.dirname(np.__file__))]
    statements += ["open('/sandbox/wire.py', 'a')", "open(np.__file__, 'a')", "os.mkdir('/scratch/x')", "os.symlink('/', 'x')",
                   "os.link('/sandbox/wire.py', 'x')", "os.mkfifo('x')", "os.chmod('cs231n_utils', 0o777)", "os.chroot('.')"]
    assert run(zygote, refused(*statements)) == []


def test_there_is_no_environment(zygote):
    assert run(zygote, "import os\nreturn sorted(os.environ)") == ["HOME", "TMPDIR"]


def test_no_descriptor_is_inherited(zygote):
    body = "import os\nfound = []\nfor fd in range(64):\n    try:\n        found.append((fd, os.fstat(fd).st_rdev > 0))\n" \
           "    except OSError:\n        pass\nreturn found"
    descriptors = run(zygote, body)
    assert [fd for fd, _ in descriptors[:3]] == [0, 1, 2] and len(descriptors) == 4 and all(device for _, device in descriptors[:3])


SYSCALLS = {
    "network": ["socket.socket()", "socket.socket(socket.AF_UNIX)", "socket.socketpair()", "socket.socket(socket.AF_NETLINK, 3)"],
    "processes": ["os.fork()", "os.execv('/usr/bin/env', ['env'])", "os.posix_spawn('/bin/true', ['true'], {})", "syscall(435, 0, 0)",
                  "syscall(56, 17, 0, 0, 0, 0)"],
    "signals to others": ["os.kill(1, 0)", "os.kill(-1, signal.SIGTERM)", "os.kill(0, 0)", "os.kill(os.getppid(), signal.SIGKILL)",
                          "os.killpg(0, 0)", "os.pidfd_open(os.getppid())", "syscall(424, 3, 9, 0, 0)"],
    "others' memory": ["syscall(101, 16, os.getppid(), 0, 0)", "syscall(310, os.getppid(), 0, 0, 0, 0, 0)", "syscall(272, 0x10000000)"],
    "signals by way of files": ["__import__('fcntl').fcntl(3, 8, os.getppid())", "__import__('fcntl').fcntl(3, 10, 9)"],
    "limits": ["__import__('resource').prlimit(os.getppid(), 7)", "__import__('resource').setrlimit(9, (-1, -1))",
               "os.setuid(0)", "os.setpriority(0, 0, -1)"],
    "what outlives a process": ["syscall(319, b'x', 0)", "syscall(29, 1, 4096, 0o1600)", "syscall(250, 0, 0, 0)", "syscall(425, 8, 0)",
                                "syscall(321, 0, 0, 0)", "syscall(240, b'/x', 66, 0o600, 0)"],
    "kernel objects": ["syscall(165, b'none', b'/', b'tmpfs', 0, 0)", "syscall(323, 0)", "syscall(298, 0, 0, 0, 0, 0)", "os.eventfd(0)",
                       "os.pipe()", "syscall(157, 22, 0)", "syscall(135, 0xffffffff)"],
}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86_64; the calls by name are tested there")
@pytest.mark.parametrize("statements", SYSCALLS.values(), ids=SYSCALLS)
def test_system_calls_are_refused(zygote, statements):
    statements = [statement for statement in statements if "eventfd" not in statement or hasattr(os, "eventfd")]
    assert run(zygote, refused(*statements)) == []


def test_there_are_no_threads(zygote):
    assert "RuntimeError" in fault(zygote, "import threading\nthreading.Thread(target=print).start()")


def test_it_is_not_root_and_has_no_way_back(zygote):
    uid, effective = run(zygote, "import os\nreturn [os.getuid(), os.geteuid()]")
    assert uid == effective != 0


# --- hostile code: what it must not exhaust, and how it may end ---------------------------------------------------

ENDINGS = {
    "os._exit(0)": ("import os\nos._exit(0)", "ended the Python process (exit status 0)"),
    "an exit status": ("import os\nos._exit(3)", "ended the Python process (exit status 3)"),
    "sys.exit": ("import sys\nsys.exit()", "raised SystemExit"),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", "raised KeyboardInterrupt"),
    "a segmentation fault": ("import ctypes\nctypes.string_at(0)", "crashed the Python process (SIGSEGV)"),
    "abort": ("import os\nos.abort()", "crashed the Python process (SIGABRT)"),
    "SIGKILL": ("import os\nos.kill(os.getpid(), 9)", "ended the Python process (SIGKILL)"),
    "a signal without a name": ("import os\nos.kill(os.getpid(), 40)", "ended the Python process (signal 40)"),
    "endless recursion": ("return rel_error()", "raised RecursionError"),
    "recursion in C": ("import sys\nsys.setrecursionlimit(10**9)\nx, y = [], []\nfor _ in range(10**6):\n    x, y = [x], [y]\nx == y",
                       ("crashed the Python process (SIGSEGV)", "raised RecursionError", "raised MemoryError")),
    "50 GB at once": ("return np.ones(50 * 2**27)", "raised MemoryError: Unable to allocate 50.0 GiB"),
    "50 GB by and by": ("x = []\nwhile True:\n    x.append(bytes(1 << 24))", "raised MemoryError"),
    "a huge file": ("with open('x', 'wb') as file:\n    while True:\n        file.write(bytes(1 << 20))", "raised OSError: [Errno 27]"),
    "many files": ("x = []\nwhile True:\n    x.append(open('/dev/null'))", "raised OSError: [Errno 24]"),
    "a full disk": ("for k in range(99):\n    open(f'{k}', 'wb').write(bytes(1 << 24))", "raised OSError: [Errno 28]"),
    "a closed connection": ("import os\nos.closerange(3, 99)\nwhile True:\n    pass", "closed its connection"),
    "a huge result": ("return np.broadcast_to(0.0, (10**6, 10**6))", "returned something too large or too deeply nested"),
    "a deep result": ("x = []\nfor _ in range(99):\n    x = [x]\nreturn x", "returned something too large or too deeply nested"),
    "a cyclic result": ("x = []\nx.append(x)\nreturn x", "returned something too large or too deeply nested"),
    "an exception that explodes": ("class E(BaseException):\n    def __str__(self):\n        raise self\nraise E", "raised E"),
    "a nasty text": ("raise ValueError('a\\x1b[31m\\n\\n  b' + 'c' * 10**6)", "raised ValueError: a?[31m bccc"),
}


@pytest.mark.parametrize("body, message", ENDINGS.values(), ids=ENDINGS)
def test_each_ending_is_the_students_fault_and_is_named(zygote, body, message):
    text = fault(zygote, body)
    assert text.startswith(message), text
    assert len(text) < 1_000 and text.isprintable() and "/scratch" not in text
    assert run(zygote, "return 1") == 1


def test_a_message_names_files_as_the_student_does(zygote):
    text = fault(zygote, "from cs231n_utils.gradient_check import nothing")
    assert text.startswith("raised ImportError: cannot import name 'nothing' from 'cs231n_utils.gradient_check' "
                           "(cs231n_utils/gradient_check.py) (gradient_check.py, line 4"), text


def test_an_error_at_import_is_told_with_its_line(zygote):
    one = student(zygote, "return 1", gradient_check="def rel_error(:\n")
    try:
        with pytest.raises(StudentFault, match=r"^raised SyntaxError: .* \(gradient_check.py, line 1"):
            one.rel_error(1, 2)
    finally:
        one.close()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(connection, "CPU_LIMIT", 0.3)
    monkeypatch.setattr(connection, "WALL_LIMIT", 1.5)


ENDLESS = {
    "a loop": ("while True:\n    pass", "of computing"),
    "a loop that catches everything": ("while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
                                       "of computing"),
    "a loop in C": ("sum(iter(int, 1))", "of computing"),
    "a sleep": ("import time\ntime.sleep(60)", "or a sleep?"),
    "a sleep that takes no signals": ("import signal, time\nfor k in (2, 15):\n    signal.signal(k, signal.SIG_IGN)\ntime.sleep(60)",
                                      "or a sleep?"),
    "a stop": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", "or a sleep?"),
}


@pytest.mark.parametrize("body, message", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_call_ends(zygote, impatient, body, message):
    assert message in fault(zygote, body)
    assert run(zygote, "return 1") == 1


def test_calls_that_take_long_together_end(zygote, monkeypatch):
    monkeypatch.setattr("grader.student.PATIENCE", 0.5)
    one = student(zygote, "import time\ntime.sleep(0.2)")
    try:
        with pytest.raises(StudentFault, match="or a sleep"):
            for _ in range(10):
                one.rel_error(1, 2)
    finally:
        one.close()


# --- hostile code on the wire -------------------------------------------------------------------------------------

FORGED = {  # what is written to the socket in place of a reply
    "garbage": "b'x' * 99",
    "a huge length": "wire.HEADER.pack(2**32 - 1, 0)",
    "another call's reply": "wire.frame(0, ('ok', 1.0, None, 0))",
    "a reply of no kind": "wire.frame(server_sequence, 7)",
    "a callback that was not offered": "wire.frame(server_sequence, ('callback', 3, ()))",
    "a callback without arguments": "wire.frame(server_sequence, ('callback', 0))",
    "a reply of another length": "wire.frame(server_sequence, ('ok', 1.0))",
    "an error that is not text": "wire.frame(server_sequence, ('error', 1, 2, 3, 4))",
    "two replies": "wire.frame(server_sequence, ('ok', 1.0, None, 0)) * 2",
}
FORGE = """
import os, sys, wire
frame = sys._getframe()
while 'sequence' not in frame.f_locals:
    frame = frame.f_back
server_sequence, fd = frame.f_locals['sequence'], frame.f_locals['self'].fd
os.write(fd, {forged})
while True:
    pass
"""


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_forged_replies_are_the_students_fault(zygote, impatient, forged):
    text = fault(zygote, FORGE.format(forged=forged))
    assert text.startswith("sent back something that is not a plain value"), text


def test_a_reply_sent_ahead_is_refused(zygote, impatient):
    body = FORGE.format(forged="wire.frame(1, ('ok', 0.5, None, 0))").replace("while True:\n    pass", "return 0.25")
    one = student(zygote, body)
    try:
        with pytest.raises(StudentFault, match="a reply to no request|nobody asked for"):
            one.rel_error()
    finally:
        one.close()


def test_a_reply_in_drops_meets_the_total_deadline(zygote, impatient):
    drops = FORGE.format(forged="wire.HEADER.pack(10**6, server_sequence)").replace("    pass", "    os.write(fd, b'x'); time.sleep(0.05)")
    assert "did not return within" in fault(zygote, f"import time\n{drops}")


def test_a_worker_that_never_reads_meets_the_deadline(zygote, impatient):
    large = np.zeros(1 << 20)

    def loss(*args: object) -> np.ndarray:
        return large

    body = "import wire, os, time\n" + FORGE.format(
        forged="wire.frame(server_sequence, ('callback', 0, ()))").replace("    pass", "    time.sleep(1)")
    one = student(zygote, body)
    try:
        with pytest.raises(StudentFault, match="did not return within"):
            one.rel_error(loss)
    finally:
        one.close()


def test_a_callback_without_end_ends(zygote, monkeypatch):
    monkeypatch.setattr(connection, "MAX_CALLBACKS", 50)
    assert "more than 50 times" in fault(zygote, "while True:\n    x(1)", lambda *args: 1.0)


def test_what_a_callback_raises_passes_through(zygote):
    def check(*args: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(zygote, "return x(1)", check)
    assert run(zygote, "return 1") == 1


# --- our own faults -----------------------------------------------------------------------------------------------

def test_a_zygote_killed_in_the_middle_is_not_the_students_fault(zygote):
    one = student(zygote, "return 1")
    try:
        assert one.rel_error() == 1
        for pid, name in processes().items():
            if name.startswith("python"):
                os.kill(pid, signal.SIGKILL)
        with pytest.raises(SandboxFault):
            one.rel_error()
        assert one.rel_error() == 1  # in a new sandbox
    finally:
        one.close()


@pytest.mark.parametrize("mess", [
    "import os\nos.mkdir('closed', 0)\nreturn 1",
    "import os\nfor k in range(40):\n    os.mkdir('deep')\n    os.chdir('deep')\nreturn 1",
    "for k in range(2_000):\n    open(f'{k}', 'w').close()\nreturn 1",
], ids=["a closed folder", "deep folders", "thousands of files"])
def test_whatever_a_worker_leaves_behind_is_gone(zygote, mess):
    assert run(zygote, mess) == 1
    folders = "import os, ctypes\nreturn os.stat('/scratch').st_nlink"
    assert run(zygote, folders) == 3  # ".", ".." and the folder of the worker that looks


def test_files_that_cannot_be_loaded_are_our_fault(zygote):
    one = student(zygote, "return 1")
    one._files["cs231n_utils/gradient_check.py/x.py"] = b""
    try:
        with pytest.raises(SandboxFault, match="loading the files"):
            one.rel_error()
    finally:
        one.close()


def test_nothing_is_left_when_the_sandbox_stops():
    before, descriptors = processes(), len(os.listdir("/proc/self/fd"))
    with Zygote() as started:
        one, two = student(started, "return 1"), student(started, "return 2")
        assert (one.rel_error(), two.rel_error()) == (1, 2)
        assert len(processes()) >= len(before) + 4
    one.close()
    two.close()
    gc.collect()
    assert processes() == before
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_descriptors_do_not_pile_up(zygote, impatient):
    run(zygote, "return 1")
    before = len(os.listdir("/proc/self/fd"))
    for body in ["import os; os._exit(0)", "while True: pass", "return 1"] * 3:
        with pytest.MonkeyPatch.context():
            try:
                run(zygote, body)
            except StudentFault:
                pass
    assert len(os.listdir("/proc/self/fd")) == before


# --- refusals -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("change, sentence", [
    (lambda patch: patch.setattr("sys.platform", "darwin"), "only on Linux"),
    (lambda patch: patch.setattr("platform.machine", lambda: "riscv64"), "x86_64 and aarch64"),
    (lambda patch: patch.setattr("shutil.which", lambda name: None), "apt-get install bubblewrap"),
    (lambda patch: patch.setattr(confine, "landlock_abi", lambda: 0), "lsm=landlock"),
], ids=["platform", "processor", "bubblewrap", "Landlock"])
def test_a_machine_without_the_means_is_refused_with_the_remedy(monkeypatch, change, sentence):
    change(monkeypatch)
    with pytest.raises(SandboxUnavailable, match=sentence):
        launch.check_available()


@pytest.mark.parametrize("said, remedy", [
    ("bwrap: No permissions to create new namespace", "user namespaces"),
    ("bwrap: setting up uid map: Permission denied", "apparmor_restrict_unprivileged_userns"),
    ("bwrap: Unknown option --perms", "0.5 or newer"),
    ("", "no reason given"),
])
def test_a_sandbox_that_does_not_start_says_why(monkeypatch, tmp_path, said, remedy):
    fake = tmp_path / "bwrap"
    fake.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    descriptors = len(os.listdir("/proc/self/fd"))
    with pytest.raises(SandboxUnavailable, match=remedy), Zygote():
        pass
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_a_worker_that_cannot_lock_itself_stops_the_run(monkeypatch):
    command = launch.bubblewrap.command

    def with_a_folder_that_is_not_there(control_fd: int) -> list[str]:
        return [*command(control_fd), "/nowhere"]

    monkeypatch.setattr(launch.bubblewrap, "command", with_a_folder_that_is_not_there)
    with pytest.raises(SandboxUnavailable, match="/nowhere"), Zygote():
        pass
