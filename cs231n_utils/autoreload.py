"""%load_ext cs231n_utils.autoreload: load edited files again, and explain broken ones. Complete.

IPython's own autoreload does the reloading, before each cell. When a file cannot be imported,
IPython shows two tracebacks once, and then silently goes on with the version before. This
extension says so in one sentence in every cell, until the file is mended.
"""

from __future__ import annotations

import importlib.util
import io
import linecache
import sys
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

from cs231n_utils.visible_checks.faults import describe

PACKAGE = Path(__file__).resolve().parent


def load_ipython_extension(shell: Any) -> None:
    """Register the extension; %load_ext calls this."""
    shell.run_line_magic("load_ext", "autoreload")
    shell.run_line_magic("autoreload", "2 --hide-errors")
    shell.events.register("pre_run_cell", tell_faults)


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
