"""Run the checks of one exercise in a Python process of its own, and collect the results.

So edited files count without restarting the notebook's kernel, and a loop, a crash or an exit in a
student's function ends that process and not the notebook. Results come through a private file;
whatever the student's code prints comes through a pipe and decides nothing.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from cs231n_utils.visible_checks import ahead, endings, in_this_process

KIT = Path(__file__).resolve().parents[2]  # the folder that holds cs231n_utils
# In the text of an ImportError or AttributeError: the file that was looked into.
_OWN_FILE = re.compile(r"(?:from|module) 'cs231n_utils\.(\w+)'")
KEPT_PRINTS = 4000  # bytes; where something failed, the end of the output matters


@dataclass(frozen=True)
class CheckResult:
    """The result of one check.

    verdict : "pass", "fail", "waits" (for another function) or "not run"
    """

    title: str
    verdict: str
    message: str = ""


@dataclass(frozen=True)
class ExerciseResult:
    """All that `check()` has to say about one exercise.

    sentence : why there are no rows, or ""
    printed : the end of what the student's code printed
    interrupted : the user stopped the checks
    hints : for known mistakes in the function, whichever checks fail because of them
    notes : what does not change the results and is worth knowing
    """

    exercise: str
    sentence: str = ""
    rows: tuple[CheckResult, ...] = ()
    printed: str = ""
    interrupted: bool = False
    hints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return (
            not self.sentence
            and bool(self.rows)
            and all(row.verdict == "pass" for row in self.rows)
        )


def run(exercise: str, timeout: float, kit: Path = KIT) -> ExerciseResult:
    """Run the visible checks of an exercise on the files of a kit, for at most timeout seconds.

    Where no process can be started, they run in this one, and no time can be set.
    """
    with tempfile.TemporaryDirectory(prefix="check-", ignore_cleanup_errors=True) as folder:
        events = Path(folder, "events")
        events.touch()
        try:
            process = ahead.process_for(exercise, events, kit)
        except OSError:
            return _without_process(exercise, kit)
        prints = _LastBytes(cast(io.BufferedReader, process.stdout))
        try:
            in_time = _wait(process, prints, timeout)
            interrupted = False
        except KeyboardInterrupt:
            in_time, interrupted = True, True
        finally:
            ahead.kill(process)
        log = _events(events.read_text(encoding="utf-8"))
    if interrupted:
        at = next(
            (entry["text"] for entry in reversed(log) if entry["event"] == "start"),
            "Starting Python",
        )
        return ExerciseResult(
            exercise, f"{exercise}: stopped by you. Running at that moment: {at}", interrupted=True
        )
    death = (
        endings.in_words(process.returncode)
        if in_time
        else (
            f"Still running after {timeout:g} seconds, so it was stopped here. Does a loop never"
            " end?"
        )
    )
    return _gathered(exercise, log, death, prints.text())


def _without_process(exercise: str, kit: Path) -> ExerciseResult:
    print(in_this_process.NOTE)  # before they run: a loop without end leaves nothing else to read
    written, printed = in_this_process.run_here(exercise, kit)
    return _gathered(exercise, _events(written), "The checks ended here.", printed[-KEPT_PRINTS:])


def _events(written: str) -> list[dict[str, Any]]:
    """The complete lines of what `runner.py` wrote."""
    return [json.loads(line) for line in written.splitlines() if line.endswith("}")]


def _wait(process: subprocess.Popen[bytes], prints: _LastBytes, timeout: float) -> bool:
    """Wait for the process in short steps, so that Ctrl-C works; False after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while process.poll() is None:
        if time.monotonic() > deadline:
            return False
        prints.wait_for_end(0.05)
    return True


class _LastBytes:
    """Reads a pipe to its end, and keeps the last KEPT_PRINTS bytes."""

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
        self._thread.join(1)  # at most 1 s: a process left behind may hold the pipe open
        return self._kept.decode("utf-8", "replace")


def _gathered(exercise: str, log: list[dict[str, Any]], death: str, printed: str) -> ExerciseResult:
    """Turn the events into results; `death` is the message for a check that never ended."""
    rows: list[CheckResult] = []
    titles: list[str] = []
    hints: list[str] = []
    running = None
    notes = tuple(entry["text"] for entry in log if entry["event"] == "note")
    for entry in log:
        event = entry["event"]
        if event == "sentence":
            return ExerciseResult(exercise, entry["text"], printed=printed, notes=notes)
        if event == "note":
            continue
        if event == "plan":
            titles, running = entry["titles"], None
        elif event == "start":
            running = entry["text"]
        elif event == "end":
            running = None
        elif event == "hint":
            hints.append(entry["text"])
        elif running is not None:
            rows.append(CheckResult(running, event, entry["text"]))
            running = None
    if running is not None:
        rows.append(CheckResult(running, "fail", death))
    if not rows and not titles:
        last_line = (printed.strip().splitlines() or [death])[-1]
        if damaged := _OWN_FILE.search(last_line):
            last_line = (
                f"cs231n_utils/{damaged[1]}.py is not as the assignment has it. Copy it from the"
                " assignment again, and give a file of your own another name."
            )
        return ExerciseResult(
            exercise,
            f"{exercise}: the checks did not run. {last_line}",
            printed=printed,
            notes=notes,
        )
    rows += [CheckResult(title, "not run") for title in titles[len(rows) :]]
    return ExerciseResult(
        exercise, rows=tuple(rows), printed=printed, hints=tuple(hints), notes=notes
    )
