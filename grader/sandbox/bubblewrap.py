"""The shape of the sandbox: bubblewrap's command line, with a private root that holds Python, numpy and four files of ours.

No network, no /proc, no /home, no /etc, no other process, an empty environment. What stands in the root is read-only, apart
from `SCRATCH`, a file system in memory that vanishes with the sandbox.
"""

from __future__ import annotations

import functools
import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np

from grader.sandbox.zygote import SCRATCH

CODE = "/sandbox"  # our four files, in the sandbox
SCRATCH_SIZE = 128 << 20  # bytes
_NOBODY = 65_534
_ROOT_UIDS = range(64_000, 65_000)  # otherwise unused; a zygote started by root becomes one of them
_SYSTEM_LIBRARIES = tuple(map(Path, ("/lib", "/lib64", "/usr/lib", "/usr/lib64")))  # where the dynamic linker looks


def command(control_fd: int) -> list[str]:
    """Start a zygote in the sandbox, with this descriptor as its control socket."""
    options = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent",
               "--new-session", "--as-pid-1", "--clearenv", "--cap-drop", "ALL"]
    if _can_change_uid():  # a real change, done by the zygote itself, is stronger than a mapped uid
        uid = secrets.choice(_ROOT_UIDS)
        options += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        uid = _NOBODY
        options += ["--unshare-user", "--uid", str(uid), "--gid", str(uid)]
    # One BLAS thread: forking beside busy ones hangs. A fixed hash seed: same submission, same score.
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    if "OPENBLAS_CORETYPE" in os.environ:  # where a machine must pin its BLAS kernel, the sandbox must as well
        environment["OPENBLAS_CORETYPE"] = os.environ["OPENBLAS_CORETYPE"]
    for name, value in environment.items():
        options += ["--setenv", name, value]

    python, site_packages = Path(sys.executable).resolve(), Path(np.__file__).parent.parent
    libraries = [path for path in _SYSTEM_LIBRARIES if path.exists()]
    paths = [*libraries, *sorted(_stdlib()), *_numpy(site_packages), *_python_libraries()]
    readable = dict.fromkeys(path if path.is_dir() else path.parent for path in paths)
    zygote = [str(python), "-s", "-S", "-B", "-X", "utf8", f"{CODE}/zygote.py", str(control_fd), str(uid), str(site_packages),
              CODE, *map(str, readable)]
    return [shutil.which("bwrap") or "bwrap", *options, *_root(python, site_packages, libraries), "--", *zygote]


def _root(python: Path, site_packages: Path, libraries: list[Path]) -> list[str]:
    """Options that build the private root."""
    here = Path(__file__).parent
    binds = {path: path for path in [*libraries, *_stdlib(), *_numpy(site_packages), *_python_libraries(), python]}
    binds |= {path: path for path in map(Path, ("/etc/ld.so.cache", "/etc/alternatives")) if path.exists()}  # for the linker
    binds |= {Path(CODE, name): here / name for name in ("zygote.py", "worker.py", "confine.py", "wire.py")}
    # Installed packages are nobody's business: among them may be this very grader, with its hidden checks.
    hidden = {path for folder in {*libraries, *_stdlib()} if not folder.is_symlink()
              for pattern in ("*-packages", "python3*/*-packages") for path in folder.glob(pattern)}
    options: list[str] = []
    # bubblewrap makes missing parent folders itself, but closed to others (0700): make them first.
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
    options += ["--dir", "/dev"]
    for device in ("/dev/null", "/dev/urandom"):
        options += ["--dev-bind", device, device]
    size = ["--size", str(SCRATCH_SIZE)] if _has_option("--size") else []
    options += ["--perms", "1777", *size, "--tmpfs", SCRATCH, "--chdir", "/"]
    for path in [*sorted(hidden), Path("/")]:
        options += ["--remount-ro", str(path)]
    return options


def _stdlib() -> set[Path]:
    """The standard library of the Python that the environment was made from."""
    base = {"installed_base": sys.base_prefix, "base": sys.base_prefix,
            "installed_platbase": sys.base_exec_prefix, "platbase": sys.base_exec_prefix}
    return {Path(sysconfig.get_path(name, vars=base)).resolve() for name in ("stdlib", "platstdlib")}


def _numpy(site_packages: Path) -> list[Path]:
    return [path for path in (site_packages / "numpy", site_packages / "numpy.libs") if path.exists()]


def _python_libraries() -> list[Path]:
    """libpython, and the libraries beside it, where Python does not live in the system's folders."""
    folder = Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib").resolve()
    if any(folder.is_relative_to(system) for system in _SYSTEM_LIBRARIES):
        return []
    return sorted(folder.glob("lib*.so*"))


def _can_change_uid() -> bool:
    """Whether we are root, and of more than ourselves: in some containers root is the only user there is."""
    ids = Path("/proc/self/uid_map"), Path("/proc/self/gid_map")
    maps = [[tuple(map(int, line.split())) for line in path.read_text().splitlines()] for path in ids]
    return os.getuid() == 0 and all(
        any(first <= _ROOT_UIDS[0] and _ROOT_UIDS[-1] < first + count for first, _, count in lines) for lines in maps)


@functools.cache
def _has_option(name: str) -> bool:
    """Whether the installed bubblewrap knows an option; `--size` came with 0.7."""
    shown = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False)
    return name in shown.stdout + shown.stderr
