"""The grader's side of the sandbox: start a zygote under bubblewrap, get workers from it, talk to them with deadlines.

Two kinds of failure, never mixed: `StudentFault` is what the student's code did (raised, crashed, looped, sent garbage)
and costs the check it happened in; `SandboxFault` is ours and costs nobody anything. `SandboxUnavailable` says at start
why this machine cannot judge hidden checks safely, and what to install.
"""

from __future__ import annotations

import itertools
import os
import secrets
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from grader.sandbox import confine, wire
from grader.sandbox.zygote import FORK, READY, REAP

CPU_LIMIT = 3.0  # seconds of the worker's own CPU for one call; honest calls take milliseconds
WALL_LIMIT = 20.0  # seconds for one call, for code that sleeps or for a machine under load
MAX_CALLBACKS = 100_000  # in one call
_START_LIMIT = 60.0  # seconds for a zygote to start; half a second is usual
_ROOT_UID = 64_000  # first of the uids, otherwise unused, that a zygote started by root becomes
_ROOT_UIDS = 1_000


class StudentFault(AssertionError):
    """The student's code did this; the text is written for the student."""


class SandboxFault(Exception):
    """The sandbox failed, through no fault of the student."""


class SandboxUnavailable(Exception):
    """This machine cannot isolate student code well enough; the text says why and what to do."""


class Worker:
    """A connection to one locked process with one student's files; ends with `close`."""

    def __init__(self, zygote: Zygote, connection: socket.socket, pid: int, pidfd: int) -> None:
        self._zygote = zygote
        self._socket = connection
        self._pid = pid  # inside the sandbox's namespace
        self._pidfd = pidfd
        self._clock = _cpu_clock(pidfd)
        self.alive = True

    def cpu_seconds(self) -> float:
        """CPU time that the kernel accounts to the worker; nothing the worker says enters into it."""
        return time.clock_gettime(self._clock)

    def request(self, message: tuple, callbacks: Sequence[Callable] = (), cpu_limit: float = CPU_LIMIT) -> tuple:
        """Send a request, evaluate the callbacks it asks for, and return its reply ("ok" or "error", ...).

        Raises StudentFault when the worker dies, runs out of time or breaks the protocol; it is then closed.
        An exception of a callback passes through: callbacks are checks, and may fail.
        """
        deadline = _Deadline(self, cpu_limit)
        sequence = secrets.randbits(64)  # a reply written ahead of its request cannot know it
        try:
            self._send(sequence, message, deadline)
            for _ in range(MAX_CALLBACKS):
                reply = self._receive(sequence, deadline)
                if not (type(reply) is tuple and reply and type(reply[0]) is str):
                    raise wire.WireError("a reply of no known form")
                if reply[0] != "callback":
                    return reply
                self._send(sequence, self._evaluate(reply, callbacks), deadline)
            raise StudentFault(f"called the function it was given more than {MAX_CALLBACKS} times. Is there a loop that never ends?")
        except wire.WireError as error:
            self.close()
            raise StudentFault(f"sent back something that is not a plain value ({error}).") from None
        except BaseException:
            self.close()
            raise

    def _evaluate(self, reply: tuple, callbacks: Sequence[Callable]) -> tuple:
        if len(reply) != 3 or type(reply[1]) is not int or not 0 <= reply[1] < len(callbacks) or type(reply[2]) is not tuple:
            raise wire.WireError("a callback of no known form")
        return ("value", callbacks[reply[1]](*reply[2]))

    def _send(self, sequence: int, message: object, deadline: _Deadline) -> None:
        body = wire.encode(message)
        view = memoryview(wire.HEADER.pack(len(body), sequence) + body)
        while view:
            deadline.wait(self._socket, select.POLLOUT)
            try:
                view = view[self._socket.send(view):]
            except BlockingIOError:
                continue
            except OSError:
                raise StudentFault(self._obituary()) from None

    def _receive(self, sequence: int, deadline: _Deadline) -> object:
        length, echoed = wire.HEADER.unpack(self._read(wire.HEADER.size, deadline))
        if length > wire.MAX_BODY:
            raise wire.WireError(f"{length} bytes, more than {wire.MAX_BODY}")
        if echoed != sequence:
            raise wire.WireError("a reply to no request")
        return wire.decode(self._read(length, deadline))

    def _read(self, count: int, deadline: _Deadline) -> bytes:
        buffer = bytearray()
        while len(buffer) < count:  # grows with what really arrives, not with what is announced
            deadline.wait(self._socket, select.POLLIN)
            try:
                piece = self._socket.recv(min(count - len(buffer), 1 << 20))
            except BlockingIOError:
                continue
            except OSError:
                piece = b""
            if not piece:
                raise StudentFault(self._obituary())
            buffer += piece
        return bytes(buffer)

    def _obituary(self) -> str:
        status = self.close()
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            name = signal.Signals(number).name
            if number == signal.SIGSEGV:
                return f"crashed the Python process ({name}). Recursion without an end, or ctypes, can do that."
            return f"crashed the Python process ({name})."
        return (f"ended the Python process (exit status {os.waitstatus_to_exitcode(status)}). "
                "A graded function returns its result; it must not call exit().")

    def close(self) -> int:
        """Kill the worker, remove its files, and return its wait status; safe to call twice."""
        if not self.alive:
            return 0
        self.alive = False
        self._socket.close()
        try:
            return self._zygote.reap(self._pid, self._pidfd)
        finally:
            os.close(self._pidfd)


class _Deadline:
    """One total bound for a call: on the worker's CPU time, and a wider one on wall time."""

    def __init__(self, worker: Worker, cpu_limit: float) -> None:
        self._worker = worker
        self._cpu_limit = cpu_limit
        self._cpu_end = worker.cpu_seconds() + cpu_limit
        self._wall_end = time.monotonic() + WALL_LIMIT

    def wait(self, connection: socket.socket, event: int) -> None:
        """Return when the socket is ready (or closed); raise StudentFault when the time is over."""
        poller = select.poll()
        poller.register(connection, event)
        while True:
            wall_left = self._wall_end - time.monotonic()
            if wall_left <= 0:
                raise StudentFault(f"did not return within {WALL_LIMIT:.0f} s. Is there a loop that never ends, or a sleep?")
            if poller.poll(min(wall_left, 0.25) * 1000):
                return
            if self._worker.cpu_seconds() > self._cpu_end:
                raise StudentFault(f"did not return within {self._cpu_limit:.0f} s of computing. "
                                   "Is there a loop that never ends?")


class Zygote:
    """A running sandbox; a context manager. Restarts by itself after a failure of its own."""

    level = "A"

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> Zygote:
        self._start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def fork(self) -> Worker:
        """A fresh locked worker. Raises SandboxFault when it cannot be had at the second try either."""
        for attempt in (1, 2):
            try:
                if self._process is None:
                    self._start()
                return self._fork()
            except (OSError, SandboxFault) as error:
                self.stop()
                if attempt == 2:
                    raise SandboxFault(f"no worker could be started: {error}") from error
        raise AssertionError("unreachable")

    def _fork(self) -> Worker:
        assert self._control is not None
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [FORK], [theirs.fileno()])
        data, fds, _, _ = socket.recv_fds(self._control, 4, 1)
        if len(data) != 4 or len(fds) != 1:
            raise SandboxFault("the zygote ended")
        ours.settimeout(_START_LIMIT)
        if ours.recv(1) != READY:
            raise SandboxFault("a worker could not lock itself")
        ours.setblocking(False)
        return Worker(self, ours, struct.unpack("<i", data)[0], fds[0])

    def reap(self, pid: int, pidfd: int) -> int:
        """Kill one worker by its pidfd and return its wait status (0 when the zygote had to go instead)."""
        try:
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has ended by itself; its status is still there to be read
        try:
            assert self._control is not None
            self._control.send(REAP + struct.pack("<i", pid))
            status = self._control.recv(4)
            return struct.unpack("<i", status)[0]
        except (OSError, struct.error, AssertionError):
            self.stop()  # what it could not clean up goes with its private file system
            return 0

    def _start(self) -> None:
        check_available()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(_START_LIMIT)
        with theirs:
            self._process = subprocess.Popen(
                _command(theirs.fileno()), pass_fds=(theirs.fileno(),), env={}, cwd="/", stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        self._control = ours
        try:
            ready = ours.recv(1)
        except OSError:
            ready = b""
        if ready != READY:
            assert self._process.stderr is not None
            self._process.kill()
            reason = self._process.stderr.read().decode(errors="replace").strip()
            self.stop()
            raise SandboxUnavailable(
                f"The sandbox (level A) did not start: {reason or 'no reason given'}. "
                "Level A needs bubblewrap with user namespaces (or root). On Ubuntu 24.04: "
                "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0.")

    def stop(self) -> None:
        """End the zygote and every worker with it."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
        self._process = self._control = None


def check_available() -> None:
    """Raise SandboxUnavailable unless level A can be tried on this machine."""
    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable("Hidden checks run only on Linux: this machine has no bubblewrap, Landlock and seccomp. "
                                 "Grade on a Linux machine or virtual machine.")
    if not confine.supported():
        raise SandboxUnavailable("Hidden checks run on x86_64 and aarch64 processors only.")
    if shutil.which("bwrap") is None:
        raise SandboxUnavailable("Hidden checks need bubblewrap (command bwrap), and it is not installed. "
                                 "Install it: sudo apt-get install bubblewrap.")
    if not confine.landlock_abi():
        raise SandboxUnavailable("Hidden checks need Landlock, and this kernel has it switched off. "
                                 "Linux 5.13 or newer with lsm=landlock has it.")


_uids = itertools.count()


def _command(control_fd: int) -> list[str]:
    """The bubblewrap command: a private root that holds Python, numpy and this folder's files, read-only."""
    here = Path(__file__).parent
    code = "/sandbox"
    site_packages = Path(np.__file__).parent.parent
    numpy_dirs = [path for path in (site_packages / "numpy", site_packages / "numpy.libs") if path.exists()]
    stdlib = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}
    python = Path(sys.executable).resolve()
    as_root = os.getuid() == 0
    command = [shutil.which("bwrap") or "bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
               "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--clearenv",
               "--setenv", "OPENBLAS_NUM_THREADS", "1", "--setenv", "OMP_NUM_THREADS", "1",
               "--setenv", "PYTHONDONTWRITEBYTECODE", "1"]
    for name in ("OPENBLAS_CORETYPE",):  # where a machine must pin its BLAS kernel, the sandbox must as well
        if name in os.environ:
            command += ["--setenv", name, os.environ[name]]
    if as_root:  # a real uid change, done by the zygote itself, is stronger than a mapped one
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        uid = _ROOT_UID + (os.getpid() * 7 + next(_uids)) % _ROOT_UIDS
    else:
        uid = 65534
        command += ["--unshare-user", "--cap-drop", "ALL", "--uid", str(uid), "--gid", str(uid)]
    binds = {path: path for path in [*_system_libraries(), *stdlib, *numpy_dirs, *_python_libraries(python), python]}
    binds |= {Path(code, name): here / name for name in ("zygote.py", "worker.py", "confine.py", "wire.py")}
    # Shortest first, so that no bind hides an earlier one; bubblewrap's own parent folders would be closed to us (0700).
    for folder in sorted({parent for path in binds for parent in path.parents[:-1]}):
        if not folder.is_symlink():
            command += ["--dir", str(folder)]
    for target, source in sorted(binds.items()):
        if source.is_symlink() and source in _system_libraries():
            command += ["--symlink", os.readlink(source), str(target)]
        else:
            command += ["--ro-bind", str(source), str(target)]
    command += ["--dir", "/dev", "--dev-bind", "/dev/null", "/dev/null", "--dev-bind", "/dev/urandom", "/dev/urandom",
                "--perms", "1777", "--tmpfs", "/scratch", "--remount-ro", "/", "--chdir", "/"]
    readable = sorted({str(path) for path in [*stdlib, *numpy_dirs, *_system_libraries()]} | {code})
    return [*command, "--", str(python), "-I", "-S", f"{code}/zygote.py", str(control_fd), str(uid), str(site_packages),
            *readable]


def _system_libraries() -> list[Path]:
    """The folders in which the dynamic linker looks."""
    return [path for path in map(Path, ("/usr/lib", "/usr/lib64", "/lib", "/lib64")) if path.exists()]


def _python_libraries(python: Path) -> list[Path]:
    """libpython, where Python is not linked statically and does not live in the system's folders."""
    directory = sysconfig.get_config_var("LIBDIR")
    found = list(Path(directory).glob("libpython3*.so*")) if directory else []
    return [path for path in found if not str(path).startswith(("/usr/lib", "/lib"))]


def _cpu_clock(pidfd: int) -> int:
    """The clock id of a process's CPU time, as clock_getcpuclockid(3) makes it from the pid in our namespace."""
    with open(f"/proc/self/fdinfo/{pidfd}") as file:
        pid = next(int(line.split()[1]) for line in file if line.startswith("Pid:"))
    return (~pid << 3) | 2
