"""What benchmarks share: wall and CPU seconds of commands, and a class of right submissions."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.kit import sample_class
from grader.paths import COURSE


@dataclass(frozen=True)
class Cost:
    """Seconds of wall time, and CPU seconds of all processes that took part."""

    wall: float
    cpu: float

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.wall - other.wall, self.cpu - other.cpu)

    def __truediv__(self, count: float) -> Cost:
        return Cost(self.wall / count, self.cpu / count)


def spent() -> Cost:
    """The cost so far of this process and of its descendants that have ended; take differences."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Cost(time.perf_counter(), sum(usage.ru_utime + usage.ru_stime for usage in usages))


def environment(**more: str) -> dict[str, str]:
    """Of a command: this Python's programs first, our course to be imported, one BLAS thread as in
    the sandbox; and more.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {
        **os.environ,
        "PATH": path,
        "PYTHONPATH": str(COURSE),
        "OPENBLAS_NUM_THREADS": "1",
        **more,
    }


def run(command: Sequence[str], cwd: Path, **more: str) -> Cost:
    """What a command and all its descendants cost; `more` goes into its environment. The benchmark
    ends if it fails.
    """
    before = spent()
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    cost = spent() - before
    if done.returncode:
        raise SystemExit(
            f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
    return cost


def grade_command(submitted: Path, out: Path, *more: str) -> list[str]:
    book = f"sqlite:///{out.resolve()}/gradebook.db"  # and not that of the course
    command = [sys.executable, "-m", "grader", "grade", str(submitted), "--out", str(out)]
    return [*command, "--db", book, *more]


def hand_in(count: int, submitted: Path, beside: Mapping[str, bytes] | None = None) -> None:
    """A class in which everybody has it all right, and no two have the same files; `beside` is
    handed in with them.
    """
    files = sample_class.reference_files()
    for k in range(count):
        mine = {
            name: content + f"\n# {k}\n".encode() if name.endswith(".py") else content
            for name, content in files.items()
        }
        sample_class.write_class({f"student{k:05}": {**(beside or {}), **mine}}, submitted)


def with_one_blas_thread() -> None:
    """Restart this program with one BLAS thread, as in a box, unless it has one already.

    NumPy reads the number of threads when it is loaded.
    """
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        os.execve(
            sys.executable,
            [sys.executable, *sys.orig_argv[1:]],
            {**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
