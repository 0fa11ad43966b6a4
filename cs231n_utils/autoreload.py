"""%load_ext cs231n_utils.autoreload: load edited files again, and explain broken ones. Complete.

IPython's own autoreload does the reloading, before each cell. When a file cannot be imported,
IPython shows two tracebacks once, and then silently goes on with the version before. This
extension says so in one sentence in every cell, until the file is mended. Where there is no version
before, the cell that imports the file ends in three lines in the place of a traceback.
"""

from __future__ import annotations

import importlib.util
import io
import linecache
import sys
import traceback
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from IPython.core.error import UsageError

from cs231n_utils.exercises import MODULES
from cs231n_utils.visible_checks.faults import describe

PACKAGE = Path(__file__).resolve().parent


def load_ipython_extension(shell: Any) -> None:
    """Register the extension; %load_ext calls this."""
    shell.run_line_magic("load_ext", "autoreload")
    try:
        # In full: IPython 9 otherwise loads a changed function alone, and from then on names lines
        # of its file by their distance from the function's first one.
        shell.run_line_magic("autoreload", "2 --hide-errors --full")
    except UsageError:  # before IPython 9, which knows no other way
        shell.run_line_magic("autoreload", "2 --hide-errors")
    shell.events.register("pre_run_cell", tell_faults)
    shell.set_custom_exc((Exception,), tell_exception)


def tell_exception(
    shell: Any,
    kind: type[Exception],
    error: Exception,
    trace: TracebackType | None,
    tb_offset: int | None = None,
) -> None:
    """Show an exception that ended a cell: in three lines at most if a file of the student's cannot
    be imported, else as IPython does.
    """
    if file := _not_imported(error):
        next_step = f"{file} cannot be imported: mend it, save it, and run this cell again."
        shell._showtraceback(kind, error, [*describe(error).splitlines()[:2], next_step])
    else:
        exception = kind, error, trace
        shell.showtraceback(exception, tb_offset=tb_offset, running_compiled_code=True)


def _not_imported(error: Exception) -> str:
    """The student's file that an import has failed on, as in "cs231n_utils/softmax.py"; "" if the
    exception comes from somewhere else.
    """
    running = [
        frame.f_code.co_filename
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_name == "<module>"
    ]
    at = error.filename if isinstance(error, SyntaxError) else None
    without = error.path if isinstance(error, ImportError) else None
    files = {str(PACKAGE / f"{module}.py"): f"cs231n_utils/{module}.py" for module in MODULES}
    return next((files[path] for path in (at, without, *running[::-1]) if path in files), "")


def tell_faults(_cell: Any) -> None:
    """Print one sentence for each imported file of this folder that can no longer be imported."""
    for file in sorted(PACKAGE.glob("*.py")):
        if f"cs231n_utils.{file.stem}" in sys.modules and (
            fault := _fault(file, file.stat().st_mtime_ns)
        ):
            print(
                f"cs231n_utils/{file.name} cannot be imported, so the version before it is still in"
                f" use.\n{fault}\n"
            )


@cache
def _fault(file: Path, changed: int) -> str:
    """Say what goes wrong when the file is imported, or return "".

    changed : the file's modification time in nanoseconds, so that each version is tried only once
    """
    linecache.checkcache(str(file))
    spec = importlib.util.spec_from_file_location(f"cs231n_utils.{file.stem}", file)
    assert spec is not None and spec.loader is not None
    try:
        with redirect_stdout(io.StringIO()):  # IPython's reload has printed it already
            # Into a module of its own: the one in use stays as it is.
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except (Exception, SystemExit) as error:
        return describe(error)
    return ""
