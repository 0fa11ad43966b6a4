"""A student's notebook as nbgrader and staff get it: valid, harmless, and with every graded cell of the master copy.

No score comes from a notebook: what is scored are the functions in `cs231n_utils/`. So a notebook may be anything. `take`
gives back one that holds each graded cell of the master once, as it was handed out; around them stand the student's own
cells, as far as they can be read, and in them the answers to the written questions.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from grader.safe_display import safe_attachments, safe_outputs, safe_text

MAX_BYTES = 10 << 20  # of a file; with all its plots, a notebook of this course has about 1 MB
MAX_CELLS = 500  # those behind it are left out; the longest notebook has about 50
_NEW = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


class Unreadable(Exception):
    """A file that cannot be read; the text ends a sentence that begins with its name."""


def take(folder: Path, name: str, master: NotebookNode) -> tuple[NotebookNode, str]:
    """The notebook `name` of the submission in `folder`, mended; and what there is to say about it, or "".

    Raises nothing for what a student may hand in. An answer that cannot be found waits for a person; that of a notebook
    which was not handed in is no answer, as in nbgrader.
    """
    file = f"{name}.ipynb"
    try:
        cells = _cells(read_file(folder, file, MAX_BYTES))
    except FileNotFoundError:
        remark = f"There is no {file} in what was handed in; this is the notebook as it was handed out."
        cells = deepcopy(master.cells)
    except Unreadable as why:
        remark = f"{file} {why}; this is the notebook as it was handed out. If an answer was in it, ask your staff."
        cells = [_answer_lost(cell) if _is_answer(cell) else deepcopy(cell) for cell in master.cells]
    else:
        cells, restored = _mend(cells, master)
        remark = f"{file}: put back as handed out, because missing or changed: {', '.join(restored)}." if restored else ""
    if remark:
        remark += " No points depend on it: the functions in cs231n_utils are graded."
        cells.insert(0, new_markdown_cell(f"**{remark}**", id="about-this-notebook"))
    return new_notebook(cells=cells, metadata=deepcopy(master.metadata)), remark


def read_file(folder: Path, name: str, most: int) -> bytes:
    """What an ordinary file holds. Follows no link and waits for no pipe. Raises FileNotFoundError or Unreadable."""
    try:
        parent = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=parent)
        finally:
            os.close(parent)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unreadable("is a link" if error.errno == errno.ELOOP else f"cannot be read ({error.strerror})") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Unreadable("is not an ordinary file")
    with open(descriptor, "rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise Unreadable(f"has {status.st_size} bytes, more than {most}")
    return content


# --- reading ------------------------------------------------------------------------------------------------------

def _cells(content: bytes) -> list[NotebookNode]:
    """The cells of a notebook, rebuilt from their harmless parts; of the metadata only the `grade_id` stays."""
    if not content.strip():
        raise Unreadable("is empty")
    try:
        data = json.loads(content, parse_int=float)  # an integer of a million digits would take minutes
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable("is damaged: it is not JSON, the form in which notebooks are saved") from error
    if not isinstance(data, dict) or data.get("nbformat") != 4 or not isinstance(data.get("cells"), list):
        raise Unreadable("is not a notebook of format 4, the one that JupyterLab saves")
    return [_cell(cell, number) for number, cell in enumerate(data["cells"][:MAX_CELLS])
            if isinstance(cell, dict) and cell.get("cell_type") in ("code", "markdown", "raw")]


def _cell(raw: dict, number: int) -> NotebookNode:
    cell = _NEW[raw["cell_type"]](safe_text(raw.get("source")), id=f"cell-{number}")
    if cell.cell_type == "code":
        cell.outputs = safe_outputs(raw.get("outputs"))
    elif raw.get("attachments"):
        cell.attachments = safe_attachments(raw["attachments"])
    cell.metadata["claims"] = (_claimed(raw), raw.get("id"))
    return cell


def _claimed(raw: dict) -> Any:
    """The grade_id that a cell says it has; whatever that is."""
    for key in ("metadata", "nbgrader"):
        raw = raw.get(key) if isinstance(raw, dict) else {}
    return raw.get("grade_id") if isinstance(raw, dict) else None


# --- mending ------------------------------------------------------------------------------------------------------

def _mend(cells: list[NotebookNode], master: NotebookNode) -> tuple[list[NotebookNode], list[str]]:
    """The student's cells with the master's graded cells in their places; and the names of those that were put back.

    A graded cell is known by its grade_id, or by the id that notebooks give each cell, should the first be lost. What a
    student wrote in the place of one stays beside it, as a cell like any other.
    """
    claims = [cell.metadata.pop("claims") for cell in cells]
    at: list[list[NotebookNode]] = [[] for _ in range(len(cells) + 1)]  # graded cells, by their place; 0 is the start
    shown: set[int] = set()  # places whose cell is one of ours, or is in one
    restored = []
    place = 0
    for ours in (cell for cell in master.cells if "nbgrader" in cell.metadata):
        grade_id = ours.metadata.nbgrader.grade_id
        found = [k for k, (claimed, cell_id) in enumerate(claims, start=1) if claimed == grade_id or cell_id == ours.id]
        # An answer may have been written into a copy of its cell; a check may have been copied and changed.
        best = [k for k in found if (cells[k - 1].source == ours.source) != _is_answer(ours)] or found
        if found:
            place = best[0]
            theirs = cells[place - 1]
            unchanged = theirs.cell_type == ours.cell_type and (_is_answer(ours) or theirs.source == ours.source)
        if not found or not unchanged:
            restored.append(grade_id)
        if not found:
            cell = _answer_lost(ours) if _is_answer(ours) else deepcopy(ours)
        elif _is_answer(ours):
            cell = deepcopy(ours)
            cell.source = theirs.source
            if theirs.get("attachments"):
                cell.attachments = theirs.attachments
        else:
            cell = deepcopy(ours)
        if found and (_is_answer(ours) or unchanged):
            shown.add(place)
        at[place].append(cell)
    merged = list(at[0])
    for k, cell in enumerate(cells, start=1):
        merged += at[k] if k in shown else [*at[k], cell]
    return merged, restored


def _is_answer(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _answer_lost(cell: NotebookNode) -> NotebookNode:
    """The cell of a written question whose answer is not known. It differs from what was handed out, so staff see it."""
    cell = deepcopy(cell)
    cell.source = "*The answer could not be found in the notebook that was handed in. Staff will look for it.*"
    return cell
