"""Run the checks of one exercise in a fresh Python, and gather what happened.

Fresh, so that edited files count without restarting the notebook's kernel, and so that a loop, a
crash or an exit in a student's function ends that Python and not the notebook. Results come through
a private file; whatever the student's code prints comes through a pipe and decides nothing.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

KIT = Path(__file__).resolve().parents[2]  # the folder that holds cs231n_utils
# In front of the path, so that the caller's cs231n_utils is checked even beside an installed one.
PROGRAM = (
    "import sys; sys.path[0] = sys.argv[1]; from cs231n_utils.visible_checks.runner import main; "
    "main(*sys.argv[2:])"
)
KEPT_PRINTS = 4000  # bytes; the end is what matters when something failed


@dataclass(frozen=True)
class Row:
    """One check.

    verdict : "pass", "fail", "waits" (for another function) or "not run"
    hints : for known mistakes in the function, at the first check that fails
    """

    title: str
    verdict: str
    message: str = ""
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """All that `check()` has to tell about one exercise.

    sentence : why there are no rows, or ""
    printed : the end of what the student's code printed
    interrupted : the user stopped the checks
    """

    exercise: str
    sentence: str = ""
    rows: tuple[Row, ...] = ()
    printed: str = ""
    interrupted: bool = False

    @property
    def passed(self) -> bool:
        return (
            not self.sentence
            and bool(self.rows)
            and all(row.verdict == "pass" for row in self.rows)
        )


def run(exercise: str, timeout: float, kit: Path = KIT) -> Outcome:
    """Run the visible checks of an exercise on the files of a kit, for at most timeout seconds in
    all.
    """
    with tempfile.TemporaryDirectory(prefix="check-", ignore_cleanup_errors=True) as folder:
        events = Path(folder, "events")
        events.touch()
        process = _start(exercise, events, kit)
        prints = _LastBytes(cast(io.BufferedReader, process.stdout))
        try:
            in_time = _wait(process, prints, timeout)
            interrupted = False
        except KeyboardInterrupt:
            in_time, interrupted = True, True
        finally:
            _kill(process)
        log = [
            json.loads(line)
            for line in events.read_text(encoding="utf-8").splitlines()
            if line.endswith("}")
        ]
    if interrupted:
        at = next(
            (entry["text"] for entry in reversed(log) if entry["event"] == "start"),
            "Starting Python",
        )
        return Outcome(
            exercise, f"{exercise}: stopped by you. Running at that moment: {at}", interrupted=True
        )
    death = (
        _last_words(process.returncode)
        if in_time
        else (
            f"Still running after {timeout:g} seconds, so it was stopped here. Does a loop never"
            " end?"
        )
    )
    return _outcome(exercise, log, death, prints.text())


def _start(exercise: str, events: Path, kit: Path) -> subprocess.Popen:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "PYTHONWARN"))
    }
    environment |= {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",  # no __pycache__ among the student's files
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "OPENBLAS_NUM_THREADS": "1",  # a tenth of a second less to start; the checks are small
        "MPLBACKEND": "Agg",  # a student's module may import pyplot
    }
    return subprocess.Popen(
        [sys.executable, "-u", "-c", PROGRAM, str(kit), exercise, str(events)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        # A group of its own: it can be killed with its children, and Ctrl-C reaches us alone.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _wait(process: subprocess.Popen, prints: _LastBytes, timeout: float) -> bool:
    """Wait for the end of the process, in steps that let Ctrl-C through; False if the time is over
    before.
    """
    deadline = time.monotonic() + timeout
    while process.poll() is None:
        if time.monotonic() > deadline:
            return False
        prints.wait_for_end(0.05)
    return True


def _kill(process: subprocess.Popen) -> None:
    """End the process, if it has not ended, with all that it started."""
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


class _LastBytes:
    """Reads a pipe to its end, however much comes, and keeps the last bytes."""

    def __init__(self, pipe: io.BufferedReader) -> None:
        self._pipe = pipe
        self._kept = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._pipe:
            while chunk := self._pipe.read1(65536):
                self._kept = (self._kept + chunk)[-KEPT_PRINTS:]

    def wait_for_end(self, seconds: float) -> None:
        """Return at the end of the pipe, or after the given time."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        else:  # the process closed its output but lives on
            time.sleep(min(seconds, 0.005))

    def text(self) -> str:
        self._thread.join(1)  # not for ever: a process left behind may hold the pipe open
        return self._kept.decode("utf-8", "replace")


def _last_words(status: int) -> str:
    if status < 0:
        name = signal.Signals(-status).name
        return (
            f"Python itself was killed here ({name}). Does it need too much memory, or recurse too"
            " deeply?"
        )
    return (
        f"Python ended here, with exit status {status}. Does your code call exit() or os._exit()?"
    )


def _outcome(exercise: str, log: list[dict], death: str, printed: str) -> Outcome:
    """Turn the events into rows; `death` is the message for a check that never came to an end."""
    rows: list[Row] = []
    titles: list[str] = []
    hints: list[str] = []
    running = None
    for entry in log:
        event = entry["event"]
        if event == "sentence":
            return Outcome(exercise, entry["text"], printed=printed)
        if event == "plan":
            titles, running = entry["titles"], None
        elif event == "start":
            running = entry["text"]
        elif event == "end":
            running = None
        elif event == "hint":
            hints.append(entry["text"])
        elif running is not None:
            rows.append(Row(running, event, entry["text"]))
            running = None
    if running is not None:
        rows.append(Row(running, "fail", death))
    if not rows and not titles:
        last_line = (printed.strip().splitlines() or [death])[-1]
        return Outcome(
            exercise, f"{exercise}: the checks did not run. {last_line}", printed=printed
        )
    failed = next((k for k, row in enumerate(rows) if row.verdict == "fail"), None)
    if failed is not None:  # hints are about the whole function; they are told once
        rows[failed] = replace(rows[failed], hints=tuple(hints))
    rows += [Row(title, "not run") for title in titles[len(rows) :]]
    return Outcome(exercise, rows=tuple(rows), printed=printed)
