"""The kit as a static site that runs in a browser (JupyterLite): Python, NumPy and the checks in
the page itself, without an installation or a server of one's own.

The site loads Python (Pyodide) from a content delivery network, so a reader needs the network; to
build it, JupyterLite must be installed.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from grader.kit.release import ReleaseError, kit_files
from grader.paths import COURSE

_SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "Loss functions and optimization",
        "litePluginSettings": {
            "@jupyterlite/pyodide-kernel-extension:kernel": {
                # Loaded before the first cell: only what a cell imports by itself is found later.
                "loadPyodideOptions": {"packages": ["numpy", "matplotlib", "pytest"]}
            }
        },
    },
}
_MARK = "jupyter-lite.json"  # tells a site from any other folder


def lite(out: Path, course: Path = COURSE, kit_url: str | None = None) -> int:
    """Build the site in the folder `out`; returns how many files of the kit are in it.

    A site of an earlier release in `out` is replaced. `kit_url` is for the README, as in `release`.
    """
    if missing := [name for name in _packages() if importlib.util.find_spec(name) is None]:
        raise ReleaseError(
            f"A site needs JupyterLite, and {' and '.join(missing)} cannot be imported. Install it:"
            " pip install -e '.[lite]'"
        )
    if out.exists():
        if not (out / _MARK).is_file():
            raise ReleaseError(
                f"{out} exists and is no site. Give another --lite, or move it away."
            )
        shutil.rmtree(out)
    # JupyterLite refuses hidden folders, and has no use for this one.
    kit = kit_files(course, kit_url)
    files = {name: content for name, content in kit.items() if not name.startswith(".")}
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in files.items():
            path = Path(scratch, "kit", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        Path(scratch, _MARK).write_text(json.dumps(_SETTINGS, indent=2), encoding="utf-8")
        _build(Path(scratch), out.resolve())
    return len(files)


def _packages() -> tuple[str, ...]:
    return "jupyterlite_core", "jupyterlite_pyodide_kernel"


def _build(source: Path, out: Path) -> None:
    """Run JupyterLite's own command in a folder with the settings and the kit."""
    command = "from jupyterlite_core.app import main; main()"
    options = ["--contents", "kit", "--lite-dir", ".", "--output-dir", str(out), "--no-sourcemaps"]
    done = subprocess.run(
        [sys.executable, "-c", command, "build", *options],
        cwd=source,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode or not (out / _MARK).is_file():
        last = "\n".join((done.stdout + done.stderr).splitlines()[-10:])
        raise ReleaseError(f"JupyterLite could not build the site:\n{last}")
