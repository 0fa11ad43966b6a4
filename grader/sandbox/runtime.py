"""What of this machine a sandbox needs: Python, numpy, the libraries below them, an environment,
and a user to run as.
"""

from __future__ import annotations

import os
import platform
import secrets
import sys
import sysconfig
from pathlib import Path

import numpy as np

from cs231n_utils import imports, plain_values
from grader.paths import INSIDE

# What runs inside the sandbox, of the grader's own files.
CODE = (
    *sorted(path for path in INSIDE.glob("*.py") if path.stem != "__init__"),
    Path(plain_values.__file__),
    *(
        path
        for path in sorted(Path(imports.__file__).parent.glob("*.py"))
        if path.stem not in ("__init__", "hidden_modules")  # intake passes such files over
    ),
)
PYTHON = Path(sys.executable).resolve()
# What runs student code, for people.
VERSIONS = f"Python {platform.python_version()} and NumPy {np.__version__}"
SITE_PACKAGES = Path(np.__file__).parent.parent
# The dynamic linker looks here for libraries.
_SYSTEM_LIBRARIES = tuple(map(Path, ("/lib", "/lib64", "/usr/lib", "/usr/lib64")))
# A zygote started by root becomes one of these users, which nobody else uses.
_OTHER_UIDS = range(64_000, 65_000)


def zygote(
    code: Path | str, control_fd: int, level: str, scratch: Path | str, readable: list[Path]
) -> list[str]:
    """The command that starts a zygote; `code` is the folder that holds zygote.py, which describes
    the other arguments.
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
    """The environment of a zygote. It has one BLAS thread, because a fork beside busy BLAS threads
    hangs, and a fixed hash seed, so that the same submission has the same score.
    """
    fixed = {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }
    # A machine that must choose its BLAS kernel must choose it in the sandbox, too.
    return fixed | {name: os.environ[name] for name in ("OPENBLAS_CORETYPE",) if name in os.environ}


def worker_uid() -> int:
    """The id of the user that student code runs as: this process's, or an unused one for root."""
    return secrets.choice(_OTHER_UIDS) if os.getuid() == 0 else os.getuid()


def root_has_other_users() -> bool:
    """Whether this user namespace has such a user; in some containers root is the only one."""
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
    """The folders of the system's libraries. Some are links to others."""
    return [path for path in _SYSTEM_LIBRARIES if path.exists()]


def stdlib() -> list[Path]:
    """The standard library of the Python on which the virtual environment is based."""
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
    """The folders of numpy and of the libraries that come with its wheel."""
    return [
        path for path in (SITE_PACKAGES / "numpy", SITE_PACKAGES / "numpy.libs") if path.exists()
    ]


def python_libraries() -> list[Path]:
    """libpython and the libraries beside it, if Python is not in the system's folders."""
    folder = Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib").resolve()
    if any(folder.is_relative_to(system) for system in _SYSTEM_LIBRARIES):
        return []
    return sorted(folder.glob("lib*.so*"))
