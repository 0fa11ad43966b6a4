"""A machine that lacks something: run the grader's command line where the kernel refuses Landlock,
or new namespaces.

    python without.py landlock|namespaces ARGUMENTS...
"""

from __future__ import annotations

import errno
import platform
import sys

from grader.__main__ import main
from grader.sandbox.inside import confine

_CLONE, _UNSHARE = {"x86_64": (56, 272), "aarch64": (220, 97)}[platform.machine()]
_NEW_USER_OR_MOUNTS = 0x10000000 | 0x00020000
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _FIRST_ARGUMENT = 0, 16
_ALLOW = confine._bpf(_RETURN, confine._RET_ALLOW)


def _refuse(code: int) -> bytes:
    return confine._bpf(_RETURN, confine._RET_ERRNO | code)


PROGRAMS = {
    "landlock": [
        confine._bpf(_LOAD, _NUMBER),
        confine._bpf(_EQUAL, confine._CREATE_RULESET, 0, 1),
        _refuse(errno.ENOSYS),
        _ALLOW,
    ],
    "namespaces": [
        confine._bpf(_LOAD, _NUMBER),
        confine._bpf(_EQUAL, _UNSHARE, 3, 0),
        confine._bpf(_EQUAL, _CLONE, 0, 3),
        confine._bpf(_LOAD, _FIRST_ARGUMENT),
        confine._bpf(_ANY_BIT, _NEW_USER_OR_MOUNTS, 0, 1),
        _refuse(errno.EPERM),
        _ALLOW,
    ],
}


def _take_away(what: str) -> None:
    confine._prctl(confine._PR_SET_NO_NEW_PRIVS, 1)
    confine._seccomp(b"".join(PROGRAMS[what]))


if __name__ == "__main__":
    _take_away(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
