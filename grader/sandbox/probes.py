"""Attempts at what a box must not be able to do. They run in a box of their own, before any student
code.

A sandbox is used only after these attempts have failed in it, so that its level is what was shown
and not what was requested. Like everything in the sandbox, this needs the standard library only.
"""

from __future__ import annotations

import ctypes
import os
import resource
import socket
import sys
from collections.abc import Callable
from typing import Any

_PTRACE_SEIZE, _SYS_PTRACE = 0x4206, {"x86_64": 101, "aarch64": 117}
_CLONE_NEWUSER = 0x10000000
# On other systems there is no sandbox, and requirements.py says why.
_libc: Any = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def not_refused(hidden: str) -> list[str]:
    """The names of the attempts that succeeded; `hidden` is the path of a file of the grader."""
    done = []
    for name, attempt in {**_AT_LEVEL_B, **_AT_LEVEL_A}.items():
        try:
            attempt(hidden)
        except OSError:  # the kernel's refusal
            continue
        done.append(name)
    return done


def _refused(condition: bool) -> None:
    """Raise what the kernel raises, for an attempt whose refusal shows in another form."""
    if condition:
        raise PermissionError


def _fork(hidden: str) -> None:
    if os.fork() == 0:
        os._exit(0)


def _write_outside(hidden: str) -> None:
    open(f"{os.path.dirname(os.environ['HOME'])}/{os.getpid()}", "x").close()


def _trace(hidden: str) -> None:
    _refused(_libc.syscall(_SYS_PTRACE[os.uname().machine], _PTRACE_SEIZE, os.getppid(), 0, 0) < 0)


_AT_LEVEL_B: dict[str, Callable[[str], object]] = {
    "read the grader's files": lambda hidden: open(hidden).close(),
    "read the machine's files": lambda hidden: open("/etc/passwd").close(),
    "write outside its folder": _write_outside,
    "be root": lambda hidden: _refused(os.getuid() != 0),
    "see the environment": lambda hidden: _refused(set(os.environ) == {"HOME", "TMPDIR"}),
    "use the network": lambda hidden: socket.socket().close(),
    "start processes": _fork,
    "send signals": lambda hidden: os.kill(os.getppid(), 0),
    "trace processes": _trace,
    "make namespaces": lambda hidden: _refused(_libc.unshare(_CLONE_NEWUSER) < 0),
    "take all memory": lambda hidden: _refused(resource.getrlimit(resource.RLIMIT_AS)[1] > 0),
}
# Only a private root rules these out, which Landlock is not.
_AT_LEVEL_A: dict[str, Callable[[str], object]] = {
    "see that a file exists": os.stat,
    "see other processes": lambda hidden: os.stat("/proc/self"),
}
PROMISED = {"A": frozenset(_AT_LEVEL_B) | frozenset(_AT_LEVEL_A), "B": frozenset(_AT_LEVEL_B)}
