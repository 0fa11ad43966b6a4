"""Find the processes of a running `python -m grader grade`, told apart by what they do."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


def children(pid: int) -> list[int]:
    """The living children of a process."""
    found: list[int] = []
    with contextlib.suppress(OSError):  # it, or one of its threads, has ended in the meantime
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def descendants(pid: int) -> Iterator[int]:
    """All living processes below one, parents first."""
    for child in children(pid):
        yield child
        yield from descendants(child)


def pools(command: int) -> list[int]:
    """The processes of a grade command that run the hidden checks."""
    return [pid for pid in children(command) if "spawn_main" in told(pid, "cmdline")]


def zygotes(command: int) -> list[int]:
    """The first Python in each sandbox, with or without bubblewrap around it."""
    return [pid for pool in pools(command) for pid in _first_pythons(pool)]


def boxes(command: int) -> list[int]:
    """The processes that run student code."""
    return [box for zygote in zygotes(command) for box in children(zygote)]


def cpu_seconds(pid: int) -> float:
    """What a process has computed since its fork."""
    fields = told(pid, "stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _first_pythons(pid: int) -> Iterator[int]:
    for child in children(pid):
        program, arguments = told(child, "comm"), told(child, "cmdline")
        if program.startswith("python") and "zygote.py" in arguments:
            yield child
        else:
            yield from _first_pythons(child)


def told(pid: int, file: str) -> str:
    """What /proc says; nothing about a process that has ended."""
    try:
        return Path(f"/proc/{pid}/{file}").read_text()
    except OSError:
        return ""
