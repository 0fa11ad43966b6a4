"""The grader's side of the sandbox: start a zygote under bubblewrap, get workers from it, and end all of it.

What a worker's failure means is told apart in connection.py and faults.py. The shape of the sandbox is in bubblewrap.py,
what a worker may do in confine.py.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys

from grader.sandbox import bubblewrap, confine
from grader.sandbox.connection import Worker
from grader.sandbox.faults import SandboxFault, SandboxUnavailable, StudentFault
from grader.sandbox.zygote import ENDED, FORK, FORKED, READY, REAP

__all__ = ["SandboxFault", "SandboxUnavailable", "StudentFault", "Worker", "Zygote", "check_available"]

_LIMIT = 60.0  # seconds for the zygote to start, or to answer; half a second is usual for the one, a millisecond for the other


class Zygote:
    """A source of workers; a context manager. Starts a new sandbox by itself when one has failed or was left unclean."""

    level = "A"

    def __init__(self) -> None:
        self._sandbox: _Sandbox | None = None

    def __enter__(self) -> Zygote:
        self._sandbox = _Sandbox()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def fork(self) -> Worker:
        """A fresh locked worker. Raises SandboxFault when it cannot be had at the second try either."""
        for last_try in (False, True):
            try:
                if self._sandbox is None or not self._sandbox.running:
                    self._sandbox = _Sandbox()
                return self._sandbox.fork()
            except (OSError, SandboxFault, SandboxUnavailable) as error:
                self.stop()
                if last_try:
                    raise SandboxFault(f"no worker could be started: {error}") from error
        raise AssertionError("unreachable")

    def stop(self) -> None:
        """End the zygote and every worker with it."""
        if self._sandbox is not None:
            self._sandbox.stop()
            self._sandbox = None


class _Sandbox:
    """One run of bubblewrap, from its start to the end of every process in it."""

    def __init__(self) -> None:
        check_available()
        self.running = True
        self._zygote: int | None = None  # its pidfd; as the first process in there, it takes all others with it
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_LIMIT)
        with theirs:
            self._process = subprocess.Popen(
                bubblewrap.command(theirs.fileno()), pass_fds=(theirs.fileno(),), env={}, cwd="/", stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        try:
            message, self._zygote = self._receive(len(READY))
            if message == READY:
                self.fork().close()  # shows that this kernel locks a worker as it should
                return
            reason = ""
        except (OSError, SandboxFault) as error:
            reason = str(error)
        except BaseException:
            self.stop()
            raise
        raise SandboxUnavailable(_why_not(self.stop() or reason))

    def fork(self) -> Worker:
        """A fresh worker, locked and empty."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [FORK], [theirs.fileno()])
            message, pidfd = self._receive(FORKED.size)
            if pidfd is None or len(message) != FORKED.size:
                raise SandboxFault("the zygote ended")
            pid, = FORKED.unpack(message)
            worker = Worker(ours, pidfd, functools.partial(self._reap, pid, pidfd))
        except BaseException:
            ours.close()
            raise
        ours.settimeout(_LIMIT)
        answer = ours.recv(1_000)
        if answer != READY:
            worker.close()
            raise SandboxFault(answer.decode(errors="replace") or "a worker ended before it was ready")
        ours.setblocking(False)
        return worker

    def _reap(self, pid: int, pidfd: int) -> int | None:
        """Kill one worker and return its wait status; None when the sandbox is gone."""
        if not self.running:
            return None
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself; its status is still there to be read
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        try:
            self._control.send(REAP + FORKED.pack(pid))
            message = self._control.recv(ENDED.size)
            if len(message) != ENDED.size:
                raise OSError("the zygote ended")
        except OSError:
            self.stop()
            return None
        status, clean = ENDED.unpack(message)
        if not clean:
            self.stop()  # what is left of the worker's files goes with the sandbox's private file system
        return status

    def _receive(self, size: int) -> tuple[bytes, int | None]:
        message, fds, _, _ = socket.recv_fds(self._control, size, 1, socket.MSG_CMSG_CLOEXEC)
        return message, fds[0] if fds else None

    def stop(self) -> str:
        """End every process in the sandbox, and return the last line of what bubblewrap and the zygote had to say."""
        if not self.running:
            return ""
        self.running = False
        if self._zygote is not None:
            with contextlib.suppress(OSError):  # it may have ended, or (bubblewrap installed setuid) not be ours to signal
                signal.pidfd_send_signal(self._zygote, signal.SIGKILL)
            os.close(self._zygote)
        else:
            self._process.kill()
        self._control.close()
        try:
            _, said = self._process.communicate(timeout=_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            _, said = self._process.communicate()
        return (said.decode(errors="replace").strip().splitlines() or [""])[-1]


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


def _why_not(reason: str) -> str:
    """What bubblewrap or the zygote said, as a sentence with the remedy."""
    said = reason.partition(". See ")[0] or "it gave no reason"
    if "namespace" in said or "uid map" in said:
        return (f"Hidden checks need a sandbox with user namespaces, and this machine refuses them ({said}). Switch them on "
                "(on Ubuntu 24.04: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0); "
                "start a container with --privileged.")
    if "nknown option" in said:
        return f"Hidden checks need bubblewrap 0.5 or newer, and the installed one is older ({said}). Install a newer one."
    if said.startswith("PermissionError"):
        return (f"Hidden checks run as another user than root, who cannot read what is needed ({said}). Make Python, numpy "
                "and the folder grader/sandbox readable for all: chmod -R a+rX.")
    return f"Hidden checks need a sandbox, and it did not start here ({said})."
