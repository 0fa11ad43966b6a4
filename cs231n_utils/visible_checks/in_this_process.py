"""Runs the checks of one exercise in this process, where no other can be started: in a browser
(Pyodide, JupyterLite), and where the system refuses one.

A loop, a crash or an exit of the student's code then is the notebook's own.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

NOTE = (
    "No other process can be started here, as in a browser, so the checks run in the notebook's"
    " own. A loop that never ends cannot be ended from outside: then restart the kernel."
)
_PACKAGE = "cs231n_utils"
# Of the package, what no student writes, and what is in use while the checks run.
_COMPLETE = frozenset(
    f"{_PACKAGE}.{name}"
    for name in (
        "advice",
        "autoreload",
        "check",
        "data",
        "exercises",
        "expect",
        "imports",
        "interactive",
        "mistakes",
        "notebook",
        "plain_values",
        "plots",
        "visible_checks",
    )
)


def run_here(exercise: str, kit: Path) -> tuple[str, str]:
    """Run the checks on the files as they are now; returns (events, what was printed), as a process
    of its own would have written them.
    """
    from cs231n_utils.visible_checks import runner  # only here, as it changes how imports work

    printed, written = io.StringIO(), io.StringIO()
    with (
        _left_as_it_was(kit),
        redirect_stdout(printed),
        redirect_stderr(printed),
        tempfile.TemporaryDirectory(prefix="check-", ignore_cleanup_errors=True) as folder,
    ):
        runner.run_exercise(exercise, written, Path(folder, "pytest.ini"), alone=False)
    return written.getvalue(), printed.getvalue()


@contextmanager
def _left_as_it_was(kit: Path) -> Iterator[None]:
    """Import the student's files anew inside, and leave everything else as it was before."""
    import numpy as np  # only here: a terminal that starts a process has no need of it

    hooks: list[tuple[Any, str]] = [
        (builtins, "__import__"),
        (importlib, "import_module"),
        (importlib.util, "find_spec"),
        (sys, "dont_write_bytecode"),
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name in hooks]
    environment, paths, draws = dict(os.environ), list(sys.path), np.random.get_state()
    students = _take_students(kit)
    sys.dont_write_bytecode = True
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    importlib.invalidate_caches()
    try:
        yield
    finally:
        _take_students(kit)
        for name, module in students.items():
            _put(name, module)
        for owner, name, value in before:
            setattr(owner, name, value)
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:] = paths
        np.random.set_state(draws)


def _take_students(kit: Path) -> dict[str, ModuleType]:
    """Forget the modules that were imported from the student's files; returns them by name."""
    taken = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not file or name == "__main__" or ".".join(name.split(".")[:2]) in _COMPLETE:
            continue
        path = Path(file).resolve()
        if kit in path.parents and "site-packages" not in path.parts and name != _PACKAGE:
            taken[name] = sys.modules.pop(name)
    return taken


def _put(name: str, module: ModuleType) -> None:
    sys.modules[name] = module
    package, _, last = name.rpartition(".")
    if package in sys.modules:
        setattr(sys.modules[package], last, module)
