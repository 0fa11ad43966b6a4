"""What works on this machine and not with the other versions of Python and NumPy that grading may
have.
"""

from __future__ import annotations

import ast
import platform
from collections.abc import Iterator

import numpy as np

from cs231n_utils.advice import encodings, newer_python, old_names
from cs231n_utils.imports.libraries import PYTHON

_MOST = 3  # notes on one file


def notes(file: str, content: bytes) -> list[str]:
    """Sentences on what this machine takes in a Python file, and grading might not.

    file : its name, as the student knows it
    """
    if fault := encodings.fault(content):
        return [f"{file} {fault} Newer versions of Python refuse it as it is."]
    source = content.decode("utf-8", "replace")
    try:
        found = sorted({*_of_python(source), *_of_numpy(source)})
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # importing it has said so already, or it is too large to be looked at
    return [f"{file}, line {line} {sentence}" for line, sentence in found[:_MOST]]


def _of_python(source: str) -> Iterator[tuple[int, str]]:
    oldest = f"{PYTHON[0]}.{PYTHON[1]}"
    for line, sentence in newer_python.of_source(source, PYTHON):
        yield (
            line,
            (
                f"{sentence} Here it runs on Python {platform.python_version()}, but grading may"
                f" run Python {oldest}, and nothing in the file can run there."
            ),
        )


def _of_numpy(source: str) -> Iterator[tuple[int, str]]:
    """Names of NumPy that it has here, and not in every version."""
    tree = ast.parse(source)
    ours = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "numpy"
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
            continue
        if node.value.id in ours and (instead := old_names.in_some_numpy(node.attr)):
            yield (
                node.lineno,
                (
                    f"uses np.{node.attr}, which NumPy {np.__version__} has here, but not every"
                    f" version that grading may have: write {instead}."
                ),
            )
