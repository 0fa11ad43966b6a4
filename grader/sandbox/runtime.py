"""What of this machine a sandbox needs: Python, numpy, the libraries below them, an environment,
and a user to run as.
"""

from __future__ import annotations

import os
import secrets
import sys
import sysconfig
from pathlib import Path

import numpy as np

from cs231n_utils import plain_values
from grader.paths import INSIDE

# Ours.
CODE = (
    *sorted(path for path in INSIDE.glob("*.py") if path.stem != "__init__"),
    Path(plain_values.__file__),
)
PYTHON = Path(sys.executable).resolve()
SITE_PACKAGES = Path(np.__file__).parent.parent
# Where the dynamic linker looks.
_SYSTEM_LIBRARIES = tuple(map(Path, ("/lib", "/lib64", "/usr/lib", "/usr/lib64")))
# Otherwise unused; a zygote started by root becomes one of them.
_OTHER_UIDS = range(64_000, 65_000)


def zygote(
    code: Path | str, control_fd: int, level: str, scratch: Path | str, readable: list[Path]
) -> list[str]:
    """The command that starts a zygote from the folder that holds our code; its own account of the
    arguments is in zygote.py.
    """
    return [
        str(PYTHON),
        "-s",
        "-S",
        "-B",
        "-X",
        "utf8",
        f"{code}/zygote.py",
        str(control_fd),
        level,
        str(worker_uid()),
        str(scratch),
        str(SITE_PACKAGES),
        str(code),
        *map(str, readable),
    ]


def environment() -> dict[str, str]:
    """One BLAS thread: forking beside busy ones hangs. A fixed hash seed: same submission, same
    score.
    """
    fixed = {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }
    # Where a machine must pin its BLAS kernel, the sandbox must as well.
    return fixed | {name: os.environ[name] for name in ("OPENBLAS_CORETYPE",) if name in os.environ}


def worker_uid() -> int:
    """The user that student code runs as: another one if we are root, and else ourselves."""
    return secrets.choice(_OTHER_UIDS) if os.getuid() == 0 else os.getuid()


def root_has_other_users() -> bool:
    """False in those containers where root is the only user there is."""
    maps = [
        [
            tuple(map(int, line.split()))
            for line in Path(f"/proc/self/{kind}").read_text().splitlines()
        ]
        for kind in ("uid_map", "gid_map")
    ]
    return all(
        any(
            first <= _OTHER_UIDS[0] and _OTHER_UIDS[-1] < first + count for first, _, count in lines
        )
        for lines in maps
    )


def libraries() -> list[Path]:
    """The folders of the system's libraries; some are links to others."""
    return [path for path in _SYSTEM_LIBRARIES if path.exists()]


def stdlib() -> list[Path]:
    """The standard library of the Python that the environment was made from."""
    base = {
        "installed_base": sys.base_prefix,
        "base": sys.base_prefix,
        "installed_platbase": sys.base_exec_prefix,
        "platbase": sys.base_exec_prefix,
    }
    return sorted(
        {Path(sysconfig.get_path(name, vars=base)).resolve() for name in ("stdlib", "platstdlib")}
    )


def numpy() -> list[Path]:
    """numpy, and the libraries that its wheel brings."""
    return [
        path for path in (SITE_PACKAGES / "numpy", SITE_PACKAGES / "numpy.libs") if path.exists()
    ]


def python_libraries() -> list[Path]:
    """libpython and the libraries beside it, if Python is not in the system's folders."""
    folder = Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib").resolve()
    if any(folder.is_relative_to(system) for system in _SYSTEM_LIBRARIES):
        return []
    return sorted(folder.glob("lib*.so*"))
