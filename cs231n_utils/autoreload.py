"""%load_ext cs231n_utils.autoreload: an edited file counts from the next cell on; a broken one is
told in one sentence.

IPython's own autoreload does the reloading. When a file cannot be imported it shows two tracebacks
of its own, once, and then goes on with the version before in silence; here every cell says so,
until the file is mended. Complete.
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
    """What %load_ext calls."""
    shell.run_line_magic("load_ext", "autoreload")
    shell.run_line_magic("autoreload", "2 --hide-errors")
    shell.events.register("pre_run_cell", tell_faults)


def tell_faults(_cell: Any) -> None:
    """Print one sentence for each imported file of this folder that could not be imported as it is
    now.
    """
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
    """What goes wrong when the file runs, or "". changed : its time stamp, so that each version is
    tried once.
    """
    linecache.checkcache(str(file))
    spec = importlib.util.spec_from_file_location(f"cs231n_utils.{file.stem}", file)
    assert spec is not None and spec.loader is not None
    try:
        with redirect_stdout(io.StringIO()):  # IPython's reload has printed it already
            # Apart from the module that is in use.
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except (Exception, SystemExit) as error:
        return describe(error)
    return ""
