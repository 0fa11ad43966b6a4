"""The grader's side of the sandbox: start a zygote at the best level, get boxes from it, and end
all of it.

Level A is bubblewrap.py, levels B and C are without_bubblewrap.py; what a box may do is in
inside/confine.py. A level is what a box has shown in probes.py, not what was asked for. What a
box's failure means is told apart in connection.py and in grader/faults.py.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.faults import SandboxFault, SandboxUnavailable, StudentFault
from grader.sandbox import bubblewrap, probes, requirements, runtime
from grader.sandbox.cgroup import ControlGroup
from grader.sandbox.connection import Box, Request, pid_of
from grader.sandbox.inside import wire
from grader.sandbox.inside.zygote import ENDED, FORK, FORKED, GIVE, READY, REAP
from grader.sandbox.without_bubblewrap import Home

__all__ = [
    "SAFE",
    "Box",
    "SandboxFault",
    "SandboxUnavailable",
    "StudentFault",
    "Zygote",
    "find_level",
]

SAFE = ("A", "B")  # the levels that hidden checks may trust
# Seconds for the zygote to start, or to answer; half a second is usual for the one, a millisecond
# for the other.
_LIMIT = 60.0


class Zygote:
    """A source of boxes; a context manager. Starts a new sandbox by itself when one has failed or
    was left unclean.

    levels : those that will do, the best first
    files : that stand in the folder of each box, unless it is given its own
    level : the one that it has; later sandboxes have the same
    missing : why it is not a better one, by level
    """

    def __init__(
        self, levels: Sequence[str] = SAFE, files: Mapping[str, bytes] | None = None
    ) -> None:
        self._levels = levels
        self._files = dict(files or {})
        self._sandbox: _Sandbox | None = None
        self.level = ""
        self.missing: dict[str, str] = {}

    def __enter__(self) -> Zygote:
        for level in self._levels:
            try:
                self._sandbox = _Sandbox(level, self._files)
            except SandboxUnavailable as error:
                self.missing[level] = str(error)
            else:
                self.level = level
                return self
        raise SandboxUnavailable(requirements.nothing_left(self.missing))

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def in_control_group(self) -> bool:
        """Whether the kernel bounds memory and processes of the sandbox as a whole, too."""
        return self._sandbox is not None and self._sandbox.in_control_group

    def fork(self) -> Box:
        """A fresh locked box. Raises SandboxFault when it cannot be had at the second try
        either.
        """
        for last_try in (False, True):
            try:
                if self._sandbox is None or not self._sandbox.running:
                    self._sandbox = _Sandbox(self.level, self._files)
                return self._sandbox.fork()
            except (OSError, SandboxFault, SandboxUnavailable) as error:
                self.stop()
                if last_try:
                    raise SandboxFault(f"no box could be started: {error}") from error
        raise AssertionError("unreachable")

    def stop(self) -> None:
        """End the zygote and every box with it."""
        if self._sandbox is not None:
            self._sandbox.stop()
            self._sandbox = None


def find_level(unsafe: bool = False) -> tuple[str, dict[str, str]]:
    """The best level of this machine, and why it is not a better one, by level.

    Raises SandboxUnavailable, with what is missing, if it is neither A nor B; if `unsafe`, C will
    do.
    """
    with Zygote((*SAFE, "C") if unsafe else SAFE) as zygote:
        return zygote.level, zygote.missing


class _Sandbox:
    """One zygote, from its start to the end of every process of it."""

    def __init__(self, level: str, files: dict[str, bytes]) -> None:
        requirements.check(level)
        self.running = True
        self._home = None if level == "A" else Home()
        self._group: ControlGroup | None = None
        self._zygote: int | None = None  # its pidfd; it takes its boxes with it
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_LIMIT)
        try:
            with theirs:
                fd = theirs.fileno()
                command = self._home.command(fd, level) if self._home else bubblewrap.command(fd)
                self._process = subprocess.Popen(
                    command,
                    pass_fds=(fd,),
                    env=runtime.environment(),
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                )
        except BaseException:
            self._control.close()
            if self._home:
                self._home.remove()
            raise
        try:
            message, self._zygote = self._receive(len(READY))
            if message == READY and self._zygote is not None:
                self._bound(pid_of(self._zygote))
                self._give(files)
                if level in probes.PROMISED:
                    self._probe(probes.PROMISED[level])
                return
            reason = ""
        except (OSError, SandboxFault, StudentFault) as error:
            reason = str(error)
        except BaseException:
            self.stop()
            raise
        raise SandboxUnavailable(requirements.why_not(level, self.stop() or reason))

    @property
    def in_control_group(self) -> bool:
        return self._group is not None and bool(self._group.folders)

    def _bound(self, pid: int) -> None:
        """Let the kernel, should memory run out, end student code first, and bound it as a whole
        where we may.
        """
        with contextlib.suppress(OSError):  # a setuid bubblewrap's processes are not ours
            Path(f"/proc/{pid}/oom_score_adj").write_text("1000")
        self._group = ControlGroup(pid)

    def _give(self, files: dict[str, bytes]) -> None:
        """Files that are the same for all boxes, and so need not cross for each of them."""
        with open(os.memfd_create("files"), "w+b") as memory:
            memory.write(wire.frame(0, files))
            memory.seek(0)
            socket.send_fds(self._control, [GIVE], [memory.fileno()])

    def _probe(self, promised: frozenset[str]) -> None:
        """Raise SandboxFault if a box can do what was promised that it cannot."""
        box = self.fork()
        try:
            _, reply = box.ask(
                [
                    Request(
                        ("load", {"cs231n_utils/probes.py": Path(probes.__file__).read_bytes()})
                    ),
                    Request(
                        ("call", "probes", "not_refused", (str(Path(__file__).resolve()),), {}, {})
                    ),
                ]
            )
        finally:
            box.close()
        kind, found, *rest = reply.value
        if kind != "ok" or type(found) is not list:
            raise SandboxFault(f"the probes failed: {(found, *rest)}")
        if broken := promised.intersection(found):
            raise SandboxFault(f"student code could {', '.join(sorted(broken))}")

    def fork(self) -> Box:
        """A fresh box, locked and empty."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [FORK], [theirs.fileno()])
            message, pidfd = self._receive(FORKED.size)
            if pidfd is None or len(message) != FORKED.size:
                raise SandboxFault("the zygote ended")
            (pid,) = FORKED.unpack(message)
            box = Box(
                ours,
                pidfd,
                functools.partial(self._reap, pid, pidfd),
                self._home.watch() if self._home else None,
            )
        except BaseException:
            ours.close()
            raise
        ours.settimeout(_LIMIT)
        answer = ours.recv(1_000)
        if answer != READY:
            box.close()
            raise SandboxFault(answer.decode(errors="replace") or "a box ended before it was ready")
        ours.setblocking(False)
        return box

    def _reap(self, pid: int, pidfd: int) -> int | None:
        """Kill one box and return its wait status; None when the sandbox is gone."""
        if not self.running:
            return None
        # It has ended by itself; its status is still there to be read.
        with contextlib.suppress(ProcessLookupError):
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
            # What is left of the box's files goes with the sandbox's private file system.
            self.stop()
        return status

    def _receive(self, size: int) -> tuple[bytes, int | None]:
        message, fds, _, _ = socket.recv_fds(self._control, size, 1, socket.MSG_CMSG_CLOEXEC)
        return message, fds[0] if fds else None

    def stop(self) -> str:
        """End every process of the sandbox, and return the last line of what bubblewrap and the
        zygote had to say.
        """
        if not self.running:
            return ""
        self.running = False
        if self._zygote is not None:
            # It may have ended, or (bubblewrap installed setuid) not be ours to signal.
            with contextlib.suppress(OSError):
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
        if self._home is not None:
            self._home.remove()
        if self._group is not None:
            self._group.remove()
        return (said.decode(errors="replace").strip().splitlines() or [""])[-1]
