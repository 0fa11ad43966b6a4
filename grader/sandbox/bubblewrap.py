"""Level A: bubblewrap's command line, with a private root that holds Python, numpy and our code.

A box sees no network, no /proc, no /home, no /etc, no other process, and an empty environment. The
root is read-only except for `SCRATCH`, a file system in memory that the zygote mounts and that
vanishes with the sandbox.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from grader.sandbox import runtime

_CODE = "/sandbox"
_SCRATCH = "/scratch"  # not /tmp: Python itself may be installed below it


def command(control_fd: int) -> list[str]:
    """The command that starts a zygote under bubblewrap, with this descriptor as control socket."""
    options = [
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--die-with-parent",
        "--new-session",
        "--as-pid-1",
        "--clearenv",
        "--cap-drop",
        "ALL",
    ]
    for name, value in runtime.environment().items():
        options += ["--setenv", name, value]
    # The zygote mounts its scratch file system, takes another uid if it is root, and then has no
    # capability left.
    options += ["--cap-add", "CAP_SYS_ADMIN"]
    options += (
        ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        if os.getuid() == 0
        else ["--unshare-user"]
    )
    paths = [*runtime.libraries(), *runtime.stdlib(), *runtime.numpy(), *runtime.python_libraries()]
    readable = list(dict.fromkeys(path if path.is_dir() else path.parent for path in paths))
    return [
        shutil.which("bwrap") or "bwrap",
        *options,
        *_root(),
        "--",
        *runtime.zygote(_CODE, control_fd, "A", _SCRATCH, readable),
    ]


def _root() -> list[str]:
    """The options of bubblewrap that build the private root."""
    libraries, stdlib = runtime.libraries(), runtime.stdlib()
    binds = {
        path: path
        for path in [
            *libraries,
            *stdlib,
            *runtime.numpy(),
            *runtime.python_libraries(),
            runtime.PYTHON,
        ]
    }
    # The dynamic linker reads these.
    binds |= {
        path: path for path in map(Path, ("/etc/ld.so.cache", "/etc/alternatives")) if path.exists()
    }
    binds |= {Path(_CODE, path.name): path for path in runtime.CODE}
    # Other installed packages stay hidden: this grader, with its hidden checks, may be one of them.
    hidden = {
        path
        for folder in {*libraries, *stdlib}
        if not folder.is_symlink()
        for pattern in ("*-packages", "python3*/*-packages")
        for path in folder.glob(pattern)
    }
    options: list[str] = []
    # bubblewrap would make missing parent folders with mode 0700, so make them before it does.
    for folder in sorted({parent for path in binds for parent in path.parents[:-1]}):
        if not folder.is_symlink():
            options += ["--dir", str(folder)]
    for target in sorted({*binds, *hidden}):  # a folder before what stands in it
        if target in hidden:
            options += ["--tmpfs", str(target)]
        elif target in libraries and target.is_symlink():
            options += ["--symlink", os.readlink(target), str(target)]
        else:
            options += ["--ro-bind", str(binds[target]), str(target)]
    options += ["--dir", "/dev", "--dir", _SCRATCH, "--chdir", "/"]
    for device in ("/dev/null", "/dev/urandom"):
        options += ["--dev-bind", device, device]
    for path in [*sorted(hidden), Path("/")]:
        options += ["--remount-ro", str(path)]
    return options
