"""The program of the process that `ahead.py` starts: runs the checks of one exercise.

It writes every event at once to a file, as one line of JSON, so that the file is complete up to
the moment of a crash or a kill. The standard streams belong to the student's code: nothing here
reads or writes them.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, Any

from cs231n_utils.advice import every_version
from cs231n_utils.exercises import EXERCISES, Exercise
from cs231n_utils.expect import Mismatch
from cs231n_utils.imports import hidden_modules, import_hook
from cs231n_utils.imports.libraries import CPU_SECONDS, WALL_SECONDS
from cs231n_utils.visible_checks.faults import (
    CHECKS,
    KIT,
    NothingToCheck,
    describe,
    load,
    misnamed_as,
    require_written,
)

# Nobody reads what these plugins would report, and without them pytest starts twice as fast.
UNUSED_PLUGINS = (
    "cacheprovider",
    "terminal",
    "warnings",
    "logging",
    "faulthandler",
    "junitxml",
    "doctest",
    "unittest",
    "pastebin",
    "stepwise",
    "debugging",
    "threadexception",
    "unraisableexception",
)
# The longest time that hints may take; a function that is fast enough for its checks needs a
# hundredth of it.
HINT_SECONDS = 3.0


class Events:
    """Writes the file that `launch.py` reads."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.failures = 0

    def write(self, event: str, text: str = "", **more: Any) -> None:
        self.failures += event == "fail"
        self._file.write(json.dumps({"event": event, "text": text, **more}) + "\n")
        self._file.flush()


def main(when: str) -> None:
    """Run the checks of the exercise that a line on standard input names, with the file for what
    happens.

    when : "ahead" if that line may take long to come, so that there is time to import what most
        checks need; or "now"
    """
    if when == "ahead":
        import_ahead()
    task = sys.stdin.buffer.readline()
    if not task:  # the notebook has ended
        os._exit(0)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)  # for student code that reads
    importlib.invalidate_caches()  # files may have come since Python listed the folders
    name, events_path = json.loads(task)
    with open(events_path, "a", encoding="utf-8") as file:
        run_exercise(name, file, Path(events_path).with_name("pytest.ini"), alone=True)
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # the student's code may have closed or replaced it
            stream.flush()
    os._exit(0)  # without waiting for threads that the student's code may have left behind


def import_ahead() -> None:
    """Import what most checks need and no student writes."""
    import pytest  # noqa: F401

    from cs231n_utils.mistakes import naming  # noqa: F401
    from cs231n_utils.visible_checks import conftest  # noqa: F401


def run_exercise(name: str, file: IO[str], settings: Path, alone: bool) -> None:
    """Run the checks of the exercise `name`, and write what happens to a file.

    settings : where pytest's settings are written
    alone : whether this process may be ended
    """
    import_hook.install_in_kit(only_what_grading_has=True)
    events = Events(file)
    for sentence in hidden_modules.sentences():
        events.write("note", sentence)
    try:
        require_something(EXERCISES[name], events, alone)
    except NothingToCheck as reason:
        events.write("sentence", str(reason))
    else:
        run_checks(EXERCISES[name], events, settings)
        if events.failures:
            name_mistakes(EXERCISES[name], events)
    events.write("end")


def require_something(exercise: Exercise, events: Events, alone: bool) -> None:
    """Raise NothingToCheck when there is no point in running any check."""
    if exercise.file == exercise.name:
        if not Path(exercise.name).is_file():
            found = misnamed_as(exercise.name, Path.cwd())
            raise NothingToCheck(
                f"{exercise.name}: not in this folder yet; {exercise.notebook}.ipynb saves it."
                f" {found}".rstrip()
            )
        return
    events.write("start", f"Importing {exercise.file}")
    with time_limit(exercise.file, events) if alone else nullcontext():
        module = load(exercise.module)
    require_written(module, exercise.name)
    for note in every_version.notes(exercise.file, (KIT / exercise.file).read_bytes()):
        events.write("note", note)


@contextmanager
def time_limit(file: str, events: Events) -> Iterator[None]:
    """End this process, with a sentence, where an import takes longer than grading allows."""
    ended = threading.Event()
    began = (time.process_time(), time.monotonic())

    def watch() -> None:
        while not ended.wait(0.1):
            pictures = import_hook.time_for_pictures.seconds()
            if time.process_time() - began[0] - pictures[0] > CPU_SECONDS:
                limit = f"{CPU_SECONDS:g} seconds of computing"
            elif time.monotonic() - began[1] - pictures[1] > WALL_SECONDS:
                limit = f"{WALL_SECONDS:g} seconds"
            else:
                continue
            events.write(
                "sentence",
                f"{file} cannot be imported: that takes more than {limit}, and no longer may it"
                " take in grading. What trains, waits or never ends belongs into a function, or"
                ' below if __name__ == "__main__":',
            )
            os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def run_checks(exercise: Exercise, events: Events, settings: Path) -> None:
    """Run the pytest checks of one exercise, whatever other tests and settings are near."""
    import pytest  # imported late: it takes longer than all else here, and may not be needed

    from cs231n_utils.visible_checks import conftest

    # Empty settings, instead of those of a project in which the kit may lie.
    settings.write_text("[pytest]\n")

    class Reporter:
        def pytest_collectreport(self, report: Any) -> None:
            if report.failed:
                events.write(
                    "sentence",
                    "The checks themselves cannot be loaded. Copy the folder"
                    " cs231n_utils/visible_checks from the assignment again."
                    f" {report.longreprtext.splitlines()[-1]}",
                )

        def pytest_collection_modifyitems(self, items: list[Any]) -> None:
            items[:] = [item for item in items if item.cls.exercise == exercise.name]
            events.write("plan", titles=[title_of(item) for item in items])

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_setup(self, item: Any) -> None:
            events.write("start", title_of(item))

        @pytest.hookimpl(wrapper=True)
        def pytest_pyfunc_call(self, pyfuncitem: Any) -> Generator[None, object, bool]:
            try:
                yield
            # SystemExit and KeyboardInterrupt in student code cost one check, no more.
            except BaseException as error:
                events.write(*judge(error, exercise))
            else:
                events.write("pass", " ".join(str(text) for _, text in pyfuncitem.user_properties))
            return True

        def pytest_runtest_logreport(self, report: Any) -> None:
            # A fixture failed; a check itself never fails for pytest.
            if report.failed:
                events.write("fail", report.longreprtext.splitlines()[-1])

    pytest.main(
        [
            # By its module's name: in a path, pytest takes [ and :: for parts of a test's name.
            "--pyargs",
            f"{CHECKS.parent.name}.{CHECKS.name}.test_{exercise.module}",
            f"--config-file={settings}",
            f"--rootdir={settings.parent}",  # in the kit's own path, $ would name a variable
            "--noconftest",  # ours is a plugin below; no other one that lies near
            "--assert=plain",
            "--capture=no",
            *(f"-pno:{plugin}" for plugin in UNUSED_PLUGINS),
        ],
        plugins=[Reporter(), conftest],
    )


def name_mistakes(exercise: Exercise, events: Events) -> None:
    """Write a hint for each known mistake that the numbers of the student's function show."""
    from cs231n_utils.mistakes.naming import hints  # only where something failed

    found: list[str] = []

    def look() -> None:
        # Hints are an extra: whatever goes wrong here, such as a damaged file, costs no result.
        with suppress(BaseException):
            found.extend(hints(exercise.name, load(exercise.module)))

    thread = threading.Thread(target=look, daemon=True)
    try:
        thread.start()
    except RuntimeError:  # no threads in a browser
        look()
    else:
        thread.join(HINT_SECONDS)
    for hint in found:
        events.write("hint", hint)


def title_of(item: Any) -> str:
    return inspect.getdoc(item.obj) or item.name


def judge(error: BaseException, exercise: Exercise) -> tuple[str, str]:
    """Verdict and message for a check that ended in this exception."""
    if isinstance(error, Mismatch):
        return "fail", str(error)
    if not isinstance(error, NotImplementedError):
        return "fail", describe(error)
    if str(error).startswith(f"{exercise.name}:"):
        return (
            "fail",
            (
                "The line that raises NotImplementedError is still there; delete"
                f" it.\n{describe(error)}"
            ),
        )
    return "waits", f"Needs another function first. {error}"
