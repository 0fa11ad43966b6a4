"""Processes in which checks run; in a notebook, the next one is started ahead.

Starting Python and importing NumPy and pytest takes longer than most checks. So after a check, and
when a notebook imports `check`, a process is started that imports all that is not the student's,
and waits. It has read no file of the student's, so the next check sees them as they are then. It
runs one check, and ends with the notebook. Where anything else has changed since it was started,
another one is started in its place.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cs231n_utils.exercises import MODULES

# The kit's folder comes first on the path, so that the student's cs231n_utils is checked even where
# another one is installed.
_PROGRAM = (
    "import sys; sys.path[0] = sys.argv[1]; from cs231n_utils.visible_checks.runner import main; "
    "main(sys.argv[2])"
)
# Files of cs231n_utils that a process may import before it knows its check.
IMPORTED = (
    "*.py",
    *(f"{room}/*.*" for room in ("advice", "imports", "mistakes", "visible_checks")),
)
_STUDENTS = frozenset(f"{module}.py" for module in MODULES)


def start(
    program: str,
    arguments: Sequence[str],
    output: int = subprocess.PIPE,
    folder: Path | None = None,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a Python that runs a program with student code in it.

    output : where its streams go, as `subprocess` has it
    folder : where it works; None for here
    stdin : where its standard input comes from
    """
    return subprocess.Popen(
        [sys.executable, "-u", "-c", program, *arguments],
        cwd=folder,
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=_environment(),
        # In a group of its own, it can be killed with its children, and Ctrl-C reaches only us.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "PYTHONWARN"))
    }
    return kept | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",  # no __pycache__ among the student's files
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "OPENBLAS_NUM_THREADS": "1",  # a tenth of a second less to start; the checks are small
        "MPLBACKEND": "Agg",  # a student's module may import pyplot
    }


def kill(process: subprocess.Popen[bytes]) -> None:
    """End the process, if it still runs, with all processes that it started."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False
        )
        process.kill()
    process.wait()


# --- the process of a check -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Waiting:
    """A process that waits for its check; `surroundings` are those in which it was started."""

    process: subprocess.Popen[bytes]
    surroundings: object

    def end(self) -> None:
        kill(self.process)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


_waiting: list[_Waiting] = []  # at most one


def process_for(exercise: str, events: Path, kit: Path) -> subprocess.Popen[bytes]:
    """A process that runs the checks of an exercise: the one that waits, or else a new one. Raises
    OSError where none can be started.

    events : the file to which it writes what happens
    """
    here = _surroundings(kit)
    process = None
    while _waiting:
        one = _waiting.pop()
        if one.surroundings == here and one.process.poll() is None:
            process = one.process
        else:
            one.end()
    process = process or _start(kit, "now")
    assert process.stdin is not None
    with suppress(OSError), process.stdin as pipe:  # it may have ended; its output says why
        pipe.write(json.dumps([exercise, str(events)]).encode() + b"\n")
    return process


def start_next(kit: Path) -> None:
    """Start the process of the next check, unless one waits already."""
    if not _waiting:
        here = _surroundings(kit)
        with suppress(OSError):  # where none can be started, the check says what that means
            _waiting.append(_Waiting(_start(kit, "ahead"), here))


def _start(kit: Path, when: str) -> subprocess.Popen[bytes]:
    return start(_PROGRAM, [str(kit), when], stdin=subprocess.PIPE)


def _surroundings(kit: Path) -> object:
    """All on which it depends what a process has done when it waits: where and how it was started,
    what lies beside the notebooks, and the versions of the files that it has imported.
    """
    with suppress(OSError):
        files = [
            path
            for pattern in IMPORTED
            for path in sorted((kit / "cs231n_utils").glob(pattern))
            if path.name not in _STUDENTS
        ]
        stats = [(str(path), path.stat()) for path in files]
        return (
            os.getpid(),
            sys.executable,
            os.getcwd(),
            _environment(),
            sorted(os.listdir(kit)),
            [(name, stat.st_ino, stat.st_size, stat.st_mtime_ns) for name, stat in stats],
        )
    return object()  # unlike any other


@atexit.register
def _end_waiting() -> None:
    while _waiting:
        _waiting.pop().end()
