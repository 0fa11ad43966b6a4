"""All that a box may do, with the reason for each system call.

A box calls its `Lock` once, after its fork and before it gets any student code. The process cannot
undo it: limits are hard, privileges are gone, and the kernel refuses every call that is not listed.
The layers, outermost first: bubblewrap (namespaces, private read-only root, no network; see
bubblewrap.py), rlimits, no_new_privs, Landlock (files), seccomp (system calls). Level B lacks the
first of them, level C has rlimits only. Runs inside the sandbox: standard library only.
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import signal
import stat
import struct
import sys
from collections.abc import Sequence
from typing import Any

MEMORY = 1 << 30  # bytes of address space; numpy and its BLAS take about 0.2 GB of it
FILE_SIZE = 64 << 20  # bytes of one file; best_model.npz is 5 kB
CPU_SECONDS = 300  # of one box in all; for a single call, the grader's limit is much lower
OPEN_FILES = 64
STACK = 64 << 20

# On other systems there is no sandbox, and requirements.py says why.
_libc: Any = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_prctl_of_libc = _libc and _libc.prctl  # found once, here, and not in each box
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = (
    1,
    4,
    38,
    22,
    2,
)

# name: (x86_64 number, aarch64 number; None where the call does not exist there)
ALLOWED = {
    # the wire, files, standard streams
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "close": (3, 57),
    "close_range": (436, 436),
    "lseek": (8, 62),
    "fsync": (74, 82),
    "ftruncate": (77, 46),
    "dup": (32, 23),
    # import reads source files and folders; Landlock and the private root decide which
    "open": (2, None),
    "openat": (257, 56),
    "stat": (4, None),
    "lstat": (6, None),
    "fstat": (5, 80),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getdents64": (217, 61),
    "getcwd": (79, 17),
    # temporary files, inside the box's own folder
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "umask": (95, 166),
    "chdir": (80, 49),
    # memory: numpy arrays and the Python heap
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "brk": (12, 214),
    # time, randomness, and who am I
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "getrandom": (318, 278),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    # signals to itself, locks, waiting, and the end
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "futex": (202, 98),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "restart_syscall": (219, 128),
    "rseq": (334, 293),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
# Allowed only with this value in the first (0) or second (1) argument.
_TCGETS, _FIOCLEX = 0x5401, 0x5451
_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL, _F_DUPFD_CLOEXEC = 0, 1, 2, 3, 4, 1030
ALLOWED_WITH = {
    "ioctl": ((16, 29), 1, (_TCGETS, _FIOCLEX)),  # isatty() and close-on-exec, what open() asks
    "prlimit64": ((302, 261), 0, (0,)),  # only about itself
    # not F_SETOWN and F_SETSIG, which let the kernel send any signal to any process of the same uid
    "fcntl": ((72, 25), 1, (_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL, _F_DUPFD_CLOEXEC)),
}
# Allowed only about the calling process: abort() must end it, and end nothing else.
ALLOWED_SELF = {"kill": (62, 129), "tgkill": (234, 131)}

_ARCHES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, AUDIT_ARCH_*
_EPERM = 1
_RET_ALLOW, _RET_ERRNO, _RET_KILL = 0x7FFF0000, 0x00050000, 0x80000000
_X32_BIT = 0x40000000  # x86_64 only: the second, rarely audited table of the same calls


class ConfineError(Exception):
    """The kernel refused a layer; the box must not run student code."""


def supported() -> bool:
    """Whether this processor's system calls are listed above."""
    return platform.machine() in _ARCHES


class Lock:
    """Gives up everything except the list above, in the box that calls it.

    It is made in the zygote, which does all that is the same for its boxes.

    level : of the sandbox
    readable : folders and files that may be read
    """

    def __init__(self, level: str, readable: list[str]) -> None:
        self._zygote = os.getpid()
        self._landlock = _Landlock(readable) if level != "C" else None
        if self._landlock:
            _program()  # which is kept

    def __call__(self, writable: str) -> None:
        """Lock this process, which may read and write this folder."""
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # If it ended before the line above, that has no effect.
        if os.getppid() != self._zygote:
            raise ConfineError("the zygote ended")
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _prctl(_PR_SET_DUMPABLE, 0)
        if self._landlock:
            self._landlock.restrict(writable)
        _limit()  # not before: the rules may have more descriptors than a box may open
        if self._landlock:
            _seccomp(filter_program(os.getpid()))


def _prctl(option: int, value: int) -> None:
    if _prctl_of_libc(option, value, 0, 0, 0):
        raise ConfineError("prctl failed")


def _limit() -> None:
    import resource  # not on Windows, where this file must still be importable

    for what, value in [
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_STACK, STACK),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ]:
        resource.setrlimit(what, (value, value))


# --- Landlock -------------------------------------------------------------------------------------

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
# Every file right of ABI 1, 2 (refer), 3 (truncate) and 5 (ioctl on devices): what is handled is
# refused by default.
_FS_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_FS_ALL = (1 << 16) - 1
# In the box's own folder: write, read, list, remove, make folders and files, rename, truncate.
_WRITE_RIGHTS = (
    _WRITE_FILE
    | _READ_FILE
    | _READ_DIR
    | (1 << 4)
    | (1 << 5)
    | (1 << 7)
    | (1 << 8)
    | (1 << 13)
    | (1 << 14)
)


def landlock_abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    version: int = _libc.syscall(_CREATE_RULESET, None, 0, 1)
    return max(0, version)


class _Landlock:
    """The rules for files: those for all boxes are made once."""

    def __init__(self, readable: list[str]) -> None:
        abi = landlock_abi()
        if not abi:
            raise ConfineError("this kernel has no Landlock")
        self._handled = _FS_RIGHTS.get(abi, _FS_ALL)
        net = 3 if abi >= 4 else 0  # TCP bind and connect: handled, never granted
        scoped = 3 if abi >= 6 else 0  # abstract sockets and signals stay inside
        self._attributes = struct.pack("<QQQ", self._handled, net, scoped)[
            : 8 if abi < 4 else 16 if abi < 6 else 24
        ]
        # Their descriptors stay open in the zygote.
        self._files: list[int] = []
        self._rules = [
            *(self._rule(path, _READ_FILE | _READ_DIR) for path in readable),
            self._rule("/dev/null", _READ_FILE | _WRITE_FILE),
            self._rule("/dev/urandom", _READ_FILE),
        ]

    def _rule(self, path: str, rights: int) -> bytes:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        self._files.append(fd)
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= ~_READ_DIR
        return struct.pack("<Qi", rights & self._handled, fd)

    def restrict(self, writable: str) -> None:
        """Restrict this process for good."""
        ruleset = _libc.syscall(_CREATE_RULESET, self._attributes, len(self._attributes), 0)
        if ruleset < 0:
            raise ConfineError("Landlock refused the rule set")
        for rule in (*self._rules, self._rule(writable, _WRITE_RIGHTS)):
            if _libc.syscall(_ADD_RULE, ruleset, 1, rule, 0):
                raise ConfineError("Landlock refused a rule")
        if _libc.syscall(_RESTRICT_SELF, ruleset, 0):
            raise ConfineError("Landlock refused to restrict the box")
        for fd in (ruleset, *self._files):
            os.close(fd)


# --- seccomp --------------------------------------------------------------------------------------


def _bpf(code: int, k: int, jump_true: int = 0, jump_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, jump_true, jump_false, k)


_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NR, _ARCH, _ARGS = 0, 4, 16  # offsets in struct seccomp_data
_ITSELF = 0x7E57_1D1D  # stands for a box's pid; no pid is as large, and no number of a call


def filter_program(pid: int) -> bytes:
    """The BPF program: allow what the tables allow, refuse the rest with EPERM; a foreign
    architecture is killed.
    """
    return _program().replace(_ITSELF.to_bytes(4, "little"), pid.to_bytes(4, "little"))


@functools.cache
def _arch() -> tuple[int, int]:
    return _ARCHES[platform.machine()]


@functools.cache
def _program() -> bytes:
    """The program of every process, with a number in the place of its pid."""
    column, arch = _arch()
    program = [
        _bpf(_LOAD, _ARCH),
        _bpf(_EQUAL, arch, 1, 0),
        _bpf(_RETURN, _RET_KILL),
        _bpf(_LOAD, _NR),
        _bpf(_AT_LEAST, _X32_BIT, 0, 1),
        _bpf(_RETURN, _RET_KILL),
    ]
    program += [
        _allow_with(both[column], argument, values)
        for both, argument, values in ALLOWED_WITH.values()
    ]
    program += [_allow_with(both[column], 0, (_ITSELF,)) for both in ALLOWED_SELF.values()]
    allowed = {both[column] for both in ALLOWED.values()}
    # Numbers from which on a call is allowed, or refused, up to the next of them. The kernel tries
    # the program with every number when a box sets it up, and so it is short for each of them.
    changes = [(0, 0 in allowed)] + [
        (number, number in allowed)
        for number in range(1, max(filter(None, allowed)) + 2)
        if (number in allowed) != (number - 1 in allowed)
    ]
    return b"".join([*program, *_search(changes)])


def _search(changes: Sequence[tuple[int, bool]]) -> list[bytes]:
    """Halve the numbers until one remains of those at which the answer changes."""
    if len(changes) == 1:
        return [_bpf(_RETURN, _RET_ALLOW if changes[0][1] else _RET_ERRNO | _EPERM)]
    half = len(changes) // 2
    lower, upper = _search(changes[:half]), _search(changes[half:])
    return [_bpf(_AT_LEAST, changes[half][0], len(lower), 0), *lower, *upper]


def _allow_with(number: int, argument: int, values: tuple[int, ...]) -> bytes:
    """Allow one call if an argument has one of these values. All 64 bits are compared: the upper
    half must be 0.
    """
    low = _ARGS + 8 * argument
    body = [
        _bpf(_LOAD, low + 4),
        _bpf(_EQUAL, 0, 1, 0),
        _bpf(_RETURN, _RET_ERRNO | _EPERM),
        _bpf(_LOAD, low),
    ]
    for value in values:
        body += [_bpf(_EQUAL, value, 0, 1), _bpf(_RETURN, _RET_ALLOW)]
    body.append(_bpf(_RETURN, _RET_ERRNO | _EPERM))
    return b"".join([_bpf(_EQUAL, number, 0, len(body)), *body])


class _SockFprog(ctypes.Structure):
    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _seccomp(program: bytes) -> None:
    prog = _SockFprog(len(program) // 8, program)
    if _prctl_of_libc(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(prog), 0, 0):
        raise ConfineError("the kernel refused the seccomp filter")
