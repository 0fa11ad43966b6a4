"""Stock nbgrader and otter-grader in a virtual environment of their own, from PyPI."""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

# pytest is for our hidden checks, where these tools run them: they are written with its marks. The
# notebooks need matplotlib.
PACKAGES = [
    f"nbgrader=={version('nbgrader')}",
    "otter-grader[grading]==7.0.0",
    *(f"{name}=={version(name)}" for name in ("pytest", "matplotlib")),
]


def add_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--environment",
        type=Path,
        metavar="DIR",
        help="keep the tools' environment there, and use it if it is there (default: thrown away)",
    )


def installed(environment: Path) -> Path:
    """The environment, made unless it is there."""
    programs = environment.resolve() / "bin"
    if not all((programs / name).exists() for name in ("nbgrader", "otter", "pytest")):
        print(f"Installing {' and '.join(PACKAGES)}, which takes a minute or two.", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        subprocess.run(
            [str(programs / "python"), "-m", "pip", "install", "-qq", *PACKAGES], check=True
        )
    return programs.parent


def versions(environment: Path) -> str:
    """What really is in the environment, which may have been there before."""
    code = (
        "from importlib.metadata import version\nprint(*(f'{name} {version(name)}' for name in %r),"
        " sep=', ')"
    )
    return subprocess.run(
        [
            str(environment / "bin" / "python"),
            "-c",
            code % (["nbgrader", "otter-grader", "numpy"],),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
