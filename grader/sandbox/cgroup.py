"""A control group around a zygote and its boxes, where we may make one: it bounds memory and
processes of all of them together.

No promise depends on it, because each box has limits of its own. It also counts what those limits
do not, such as memory that the kernel uses for a box.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

MEMORY = 2 << 30  # bytes
PROCESSES = 64

# Files of cgroup version 2, of version 1, and of both.
_LIMITS = {"memory.max": MEMORY, "memory.limit_in_bytes": MEMORY, "pids.max": PROCESSES}
_ROOT = Path("/sys/fs/cgroup")


class ControlGroup:
    """The control groups of one sandbox, one in each hierarchy that bounds memory or processes;
    none where we have no right to make any.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.folders: list[Path] = []
        for parent in _parents():
            folder = parent / f"grader-{secrets.token_hex(8)}"
            try:
                folder.mkdir()
            except OSError:
                continue
            try:
                for limit in [name for name in _LIMITS if (folder / name).exists()]:
                    (folder / limit).write_text(str(_LIMITS[limit]))
                (folder / "cgroup.procs").write_text(str(pid))
            except OSError:
                _remove(folder)
            else:
                self.folders.append(folder)

    def remove(self) -> None:
        """Remove the groups; the processes in them must have ended."""
        for folder in self.folders:
            _remove(folder)


def remove_those_left() -> None:
    """Remove the groups of runs that were killed. The kernel keeps those that are in use."""
    for parent in _parents():
        for folder in parent.glob("grader-*"):
            _remove(folder)


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _parents() -> Iterator[Path]:
    """The groups, that of this process or its parent, in which a group with bounds on memory or
    processes can be made.
    """
    with contextlib.suppress(OSError):
        for line in _own().splitlines():
            number, controllers, own = line.split(":", 2)
            if number == "0":
                hierarchy = _ROOT / own.lstrip("/")
                for parent in (hierarchy.parent, hierarchy):
                    if (
                        parent.is_relative_to(_ROOT)
                        and _bounds(parent / "cgroup.subtree_control")
                        and os.access(parent, os.W_OK)
                    ):
                        yield parent
                        break
            elif {"memory", "pids"} & set(controllers.split(",")):
                yield _ROOT / controllers / own.lstrip("/")


def _own() -> str:
    return Path("/proc/self/cgroup").read_text()


def _bounds(controllers: Path) -> bool:
    return controllers.is_file() and bool({"memory", "pids"} & set(controllers.read_text().split()))
