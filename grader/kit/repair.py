"""A repair for kits that students have already: a small zip that replaces given files and given
cells, and touches no function and no answer.

Students put it into their kit's folder and run `python repair.zip`. The program in it is
repair_script.py; which cells nobody has edited it learns from the list that each kit holds
(`cs231n_utils.hand_in.given`), or from the older kit that is named here.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cs231n_utils.exercises import ASSIGNMENT
from cs231n_utils.hand_in import given
from cs231n_utils.hand_in.rules import STUDENT_MODULES
from grader.kit import packing
from grader.kit.release import ReleaseError, kit_files
from grader.paths import COURSE

_SCRIPT = Path(__file__).with_name("repair_script.py")
_MAIN = b"import repair\n\nraise SystemExit(repair.main())\n"


@dataclass(frozen=True)
class Repair:
    """What a repair replaces.

    files, cells : their names; a cell's is "<notebook>.ipynb#<cell id>"
    not_repaired : student modules whose stubs differ; nobody but the student may change them
    """

    archive: Path
    files: tuple[str, ...]
    cells: tuple[str, ...]
    not_repaired: tuple[str, ...]


def repair(
    archive: Path, since: Path | None = None, course: Path = COURSE, kit_url: str | None = None
) -> Repair:
    """Write a repair that makes of an older kit what `release` makes today.

    since : the older kit, folder or zip, so that only what differs goes in; None for everything
    """
    new = kit_files(course, kit_url)
    old = {} if since is None else _read_kit(since)
    files = {
        name: content
        for name, content in new.items()
        if name not in STUDENT_MODULES and not name.endswith(".ipynb") and old.get(name) != content
    }
    cells = [*_cells(new, old)]
    gone = sorted(old.keys() - new.keys() - STUDENT_MODULES)
    gone_cells = [*_gone_cells(new, old)]
    order = {
        name: ids
        for name in new
        if name.endswith(".ipynb") and not _in_order(ids := _ids(new[name]), _ids(old.get(name)))
    }
    if not (files or cells or gone or gone_cells or order):
        raise ReleaseError(f"{since} is the kit as it is today: there is nothing to repair.")
    plan = {
        "version": given.sha256(new[given.NAME])[: given.VERSION_DIGITS],
        "files": {
            name: {"new": given.sha256(content), "old": _sha256(old.get(name))}
            for name, content in files.items()
        },
        "gone": {name: _sha256(old[name]) for name in gone if not name.endswith(".ipynb")},
        "cells": cells,
        "gone cells": gone_cells,
        "order": order,
    }
    packing.write_zip(
        archive,
        {
            "__main__.py": _MAIN,
            "repair.py": _SCRIPT.read_bytes(),
            "given.py": Path(given.__file__).read_bytes(),
            "repair.json": json.dumps(plan, indent=1, ensure_ascii=False).encode(),
            **{f"files/{name}": content for name, content in files.items()},
        },
        {},
    )
    named = [f"{cell['notebook']}#{cell['cell']['id']}" for cell in cells]
    changed = [name for name in sorted(STUDENT_MODULES) if old and old.get(name) != new[name]]
    return Repair(archive, tuple(files), tuple(named), tuple(changed))


def _sha256(content: bytes | None) -> str | None:
    return None if content is None else given.sha256(content)


def _cells(new: Mapping[str, bytes], old: Mapping[str, bytes]) -> Iterator[dict[str, Any]]:
    """The given cells that differ, each with the cell before it in its notebook."""
    for notebook in (name for name in new if name.endswith(".ipynb")):
        before = _given_cells(old.get(notebook))
        previous = None
        for cell in json.loads(new[notebook])["cells"]:
            was = before.get(cell["id"])
            if not given.is_answer(cell) and was != cell:
                yield {
                    "notebook": notebook,
                    "cell": cell,
                    "old": None if was is None else given.cell_digest(was),
                    "after": previous,
                }
            previous = cell["id"]


def _gone_cells(new: Mapping[str, bytes], old: Mapping[str, bytes]) -> Iterator[dict[str, Any]]:
    for notebook in (name for name in new if name.endswith(".ipynb")):
        stays = _given_cells(new[notebook])
        for name, cell in _given_cells(old.get(notebook)).items():
            if name not in stays:
                yield {"notebook": notebook, "id": name, "old": given.cell_digest(cell)}


def _ids(notebook: bytes | None) -> list[str]:
    """The ids of a notebook's cells, in their order."""
    return [] if notebook is None else [cell["id"] for cell in json.loads(notebook)["cells"]]


def _in_order(new: Sequence[str], old: Sequence[str]) -> bool:
    """Whether the cells that both have stand in the same order; False if `old` is not known."""
    return bool(old) and [name for name in new if name in old] == [
        name for name in old if name in new
    ]


def _given_cells(notebook: bytes | None) -> dict[str, Any]:
    """The cells of a notebook that are no answers, by their ids."""
    cells = [] if notebook is None else json.loads(notebook)["cells"]
    return {cell["id"]: cell for cell in cells if not given.is_answer(cell)}


def _read_kit(kit: Path) -> dict[str, bytes]:
    """The files of an older kit, folder or zip, as `release` wrote it."""
    try:
        if kit.is_dir():
            files = {
                path.relative_to(kit).as_posix(): path.read_bytes()
                for path in sorted(kit.rglob("*"))
                if path.is_file() and "__pycache__" not in path.parts
            }
        else:
            with zipfile.ZipFile(kit) as opened:
                files = {
                    name.removeprefix(f"{ASSIGNMENT}/"): opened.read(name)
                    for name in opened.namelist()
                    if not name.endswith("/")
                }
    except (OSError, zipfile.BadZipFile) as error:
        raise ReleaseError(
            f"{kit} cannot be read: {error}. Give a kit, as folder or zip."
        ) from error
    if not files.keys() >= STUDENT_MODULES:
        raise ReleaseError(f"{kit} is not a kit: it has no {min(STUDENT_MODULES - files.keys())}.")
    return files
