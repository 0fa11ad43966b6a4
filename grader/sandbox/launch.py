"""The grader's side of the sandbox: start a zygote at the best level, get boxes from it, and end
everything.

Level A is in bubblewrap.py, levels B and C are in without_bubblewrap.py; inside/confine.py lists
what a box may do. A sandbox has a level only if a box has shown it with probes.py. connection.py
and grader/faults.py tell apart what the failure of a box means.
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
from grader.sandbox.inside import to_box
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
# Seconds for the zygote to start, which usually takes 0.5 s, or to answer, which takes about 1 ms.
_LIMIT = 60.0


class Zygote:
    """A source of boxes, to be used as a context manager. It starts a new sandbox whenever the old
    one has failed, or could not be cleaned.

    levels : acceptable levels, the best first
    files : name -> content, of files in the folder of each box; a student's own take precedence
    level : the level of the sandbox; later sandboxes have the same
    missing : level -> why this machine does not have it, for the better levels
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
        """Whether a control group also bounds memory and processes of the sandbox as a whole."""
        return self._sandbox is not None and self._sandbox.in_control_group

    def fork(self) -> Box:
        """A new locked box. Raises SandboxFault when a second try fails, too."""
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
    """The best level of this machine; and, for each better level, why the machine does not have it.

    Raises SandboxUnavailable, which names what is missing, if neither A nor B is to be had; with
    `unsafe`, C is accepted.
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
        self._control, zygote_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_LIMIT)
        try:
            with zygote_end:
                fd = zygote_end.fileno()
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
        """Have the kernel kill student code first if memory runs out, and put it into a control
        group where we may.
        """
        with contextlib.suppress(OSError):  # the processes of a setuid bubblewrap are root's
            Path(f"/proc/{pid}/oom_score_adj").write_text("1000")
        self._group = ControlGroup(pid)

    def _give(self, files: dict[str, bytes]) -> None:
        """Give the zygote the files that are the same for all boxes, once for all of them."""
        with open(os.memfd_create("files"), "w+b") as memory:
            memory.write(to_box.frame(0, files))
            memory.seek(0)
            socket.send_fds(self._control, [GIVE], [memory.fileno()])

    def _probe(self, promised: frozenset[str]) -> None:
        """Raise SandboxFault if a box can do something that its level promises to rule out."""
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
        """A new box, locked and empty."""
        grader_end, box_end = socket.socketpair()
        try:
            with box_end:
                socket.send_fds(self._control, [FORK], [box_end.fileno()])
            message, pidfd = self._receive(FORKED.size)
            if pidfd is None or len(message) != FORKED.size:
                raise SandboxFault("the zygote ended")
            (pid,) = FORKED.unpack(message)
            box = Box(
                grader_end,
                pidfd,
                functools.partial(self._reap, pid, pidfd),
                self._home.watch() if self._home else None,
            )
        except BaseException:
            grader_end.close()
            raise
        grader_end.settimeout(_LIMIT)
        answer = grader_end.recv(1_000)
        if answer != READY:
            box.close()
            raise SandboxFault(answer.decode(errors="replace") or "a box ended before it was ready")
        grader_end.setblocking(False)
        return box

    def _reap(self, pid: int, pidfd: int) -> int | None:
        """Kill one box and return its wait status; None when the sandbox is gone."""
        if not self.running:
            return None
        # If it has ended by itself, its status can still be read.
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
        status: int
        status, clean = ENDED.unpack(message)
        if not clean:
            # Files are left of the box; they vanish with the sandbox's private file system.
            self.stop()
        return status

    def _receive(self, size: int) -> tuple[bytes, int | None]:
        message, fds, _, _ = socket.recv_fds(self._control, size, 1, socket.MSG_CMSG_CLOEXEC)
        return message, fds[0] if fds else None

    def stop(self) -> str:
        """End every process of the sandbox, and return the last line that bubblewrap or the zygote
        wrote to standard error.
        """
        if not self.running:
            return ""
        self.running = False
        if self._zygote is not None:
            # It may have ended, or (bubblewrap installed setuid) belong to root.
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
