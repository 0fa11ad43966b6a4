"""Student code for the sandbox's tests: a body of rel_error(x, y), or a function of a file in
`probes/`.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from cs231n_utils.exercises import MODULES
from grader.checks.session import Session
from grader.checks.student import Student
from grader.intake.submission import given_files
from grader.paths import COURSE
from grader.sandbox.launch import SAFE, SandboxUnavailable, Zygote

ROOT = COURSE
TOPICS = ROOT / "grader" / "topics"
PROBES = Path(__file__).parent / "probes"
LEVELS = SAFE
_CALL_BY_NAME = "\n\ndef rel_error(name, *args):\n    return globals()[name](*args)\n"


class Alone(Student):
    """A student with a session of its own, asked for one thing at a time."""

    def __init__(self, zygote: Zygote, files: Mapping[str, bytes]) -> None:
        self.session = Session(zygote, files)
        super().__init__(self.session.files, self.session.ask)

    def close(self) -> None:
        self.session.close()


def sandbox(*levels: str) -> Zygote:
    """A sandbox of one of these levels, to be entered; a machine that has none cannot say whether
    the test passes.
    """
    zygote = Zygote(levels)
    try:
        with zygote:
            return zygote
    except SandboxUnavailable as reason:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(reason))


def student(zygote: Zygote, body: str, **more: str) -> Alone:
    """A student whose rel_error(x, y) has this body; `more` are further files of the package, by
    module name.
    """
    lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    return _student(
        zygote,
        {
            "gradient_check": f"import numpy as np\n\ndef rel_error(x=None, y=None):\n{lines}\n",
            **more,
        },
    )


def run(zygote: Zygote, body: str, *args: object) -> object:
    """What rel_error(*args) with this body returns, from a box of its own."""
    return _result(student(zygote, body), *args)


def probes(file: str) -> list[str]:
    """The names of the probes in a file."""
    tree = ast.parse((PROBES / f"{file}.py").read_text(encoding="utf-8"))
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def probe(zygote: Zygote, file: str, name: str, *args: object) -> object:
    """What a probe returns, from a box of its own."""
    source = (PROBES / f"{file}.py").read_text(encoding="utf-8")
    return _result(_student(zygote, {"gradient_check": source + _CALL_BY_NAME}), name, *args)


def reference_files() -> dict[str, bytes]:
    """A submission in which every function is right; without a trained model."""
    return {
        f"cs231n_utils/{name}.py": (TOPICS / name / "reference.py").read_bytes() for name in MODULES
    }


def _student(zygote: Zygote, sources: dict[str, str]) -> Alone:
    return Alone(
        zygote,
        {
            **given_files(),
            **{f"cs231n_utils/{name}.py": text.encode() for name, text in sources.items()},
        },
    )


def _result(one: Alone, *args: object) -> object:
    try:
        return one.rel_error(*args)
    finally:
        one.close()
