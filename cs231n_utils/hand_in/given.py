"""The list of what came with the assignment: a file that `release` writes into the kit, with the
sha256 of every file and of every cell that is no answer.

So a changed helper travels and an unchanged one need not, and a repair finds the cells that nobody
has edited. Each line is "<sha256>  <name>"; a cell's name is "<notebook>.ipynb#<cell id>".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

NAME = "cs231n_utils/given.sha256"
VERSION_DIGITS = 8


def listing(files: Mapping[str, bytes]) -> bytes:
    """The list for a kit of these files (relative name -> content)."""
    lines = dict(_lines(files))
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(lines.items())).encode()


def read(kit: Path) -> dict[str, str]:
    """Name -> sha256; empty where the kit has no list, as in the course's repository."""
    try:
        lines = (kit / NAME).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    pairs = (line.partition("  ") for line in lines)
    return {name: digest for digest, _, name in pairs if name}


def version(kit: Path) -> str:
    """The first digits of the list's own sha256, by which kits are told apart; "" without one."""
    try:
        return sha256((kit / NAME).read_bytes())[:VERSION_DIGITS]
    except OSError:
        return ""


def is_as_given(name: str, content: bytes, given: Mapping[str, str]) -> bool:
    """Whether a file is as it came, up to Windows' line ends."""
    digests = (sha256(content), sha256(content.replace(b"\r\n", b"\n")))
    return given.get(name) in digests


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def is_answer(cell: Mapping[str, Any]) -> bool:
    """Whether a cell of a notebook is the student's: nbgrader marks it as a solution."""
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("solution"))


def cell_digest(cell: Mapping[str, Any]) -> str:
    """The sha256 of a cell's kind and text, whatever it has put out."""
    return sha256(f"{cell['cell_type']}\n{text(cell)}".encode())


def text(cell: Mapping[str, Any]) -> str:
    """A cell's text, which a notebook holds as one string or as a list of lines."""
    source: str | list[str] = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _lines(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    for name, content in files.items():
        if name == NAME:
            continue
        yield name, sha256(content)
        if name.endswith(".ipynb"):
            for cell in json.loads(content)["cells"]:
                if not is_answer(cell):
                    yield f"{name}#{cell['id']}", cell_digest(cell)
