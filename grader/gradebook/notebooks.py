"""Repairing students' notebooks for nbgrader and staff: the result is valid, harmless, and has
every graded cell of the master copy.

No score comes from a notebook, since the functions in `cs231n_utils/` are scored. So a notebook may
hold anything. `repair` returns one that has each graded cell of the master once, as it was handed
out; the student's own cells are around them, as far as they can be read, and the answers to the
written questions are in them.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.gradebook.allowance import Allowance
from grader.gradebook.safe_display import (
    MAX_SOURCE,
    as_text,
    safe_attachments,
    safe_outputs,
    safe_prose,
    safe_text,
)
from grader.intake.safe_files import Unreadable, read_file

MAX_BYTES = 10 << 20  # of a file; with all its plots, a notebook of this course has about 1 MB
# Later cells are left out, unless they may hold an answer. The course's longest notebook has about
# 50.
MAX_CELLS = 500
_KINDS = ("code", "markdown", "raw")


@dataclass(frozen=True)
class _StudentCell:
    """A student's cell, rebuilt from its harmless parts, with the two names by which it may be
    recognized as one of the master's.
    """

    cell: NotebookNode
    grade_id: Any
    id: Any


def repair(folder: Path, name: str, master: NotebookNode) -> tuple[NotebookNode, str]:
    """The repaired notebook `name` of the submission in `folder`, and a remark on what was wrong,
    or "". Never raises for what a student may hand in.
    """
    file = f"{name}.ipynb"
    content: bytes | Unreadable | None
    try:
        content = read_file(folder, file, MAX_BYTES)
    except FileNotFoundError:
        content = None
    except Unreadable as error:
        content = error
    return repaired(content, name, master)


def repaired(
    content: bytes | Unreadable | None, name: str, master: NotebookNode
) -> tuple[NotebookNode, str]:
    """As `repair`, of the content of a notebook, or of the reason why it cannot be read.

    An answer that cannot be found waits for a person; that of a notebook which was not handed in,
    with None as its content, is no answer, as in nbgrader.
    """
    file = f"{name}.ipynb"
    try:
        if content is None:
            cells = deepcopy(master.cells)
            remark = (
                f"There is no {file} in what was handed in. What follows is the notebook as it was"
                " handed out."
            )
        elif isinstance(content, Unreadable):
            raise content
        else:
            cells, restored = _mend(_cells(content, master), master)
            remark = (
                f"{file} has cells that were missing or changed, and were put back:"
                f" {', '.join(restored)}."
                if restored
                else ""
            )
    except Unreadable as why:
        cells = [_in_place(cell, None) for cell in master.cells]
        remark = (
            f"{file} {why}. What follows is the notebook as it was handed out; staff will look for"
            " your answer."
        )
    if remark:
        remark += " Your functions are graded all the same: they are in cs231n_utils."
        cells.insert(0, new_markdown_cell(f"**{remark}**", id="about-this-notebook"))
    return new_notebook(cells=cells, metadata=deepcopy(master.metadata)), remark


# --- reading --------------------------------------------------------------------------------------


def _cells(content: bytes, master: NotebookNode) -> list[_StudentCell]:
    if not content.strip():
        raise Unreadable("is empty")
    try:
        # As an int, a number of a million digits would take minutes.
        data = json.loads(content, parse_int=float)
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(
            "is damaged: it is not JSON, the form in which notebooks are saved"
        ) from error
    if (
        not isinstance(data, dict)
        or data.get("nbformat") != 4
        or not isinstance(data.get("cells"), list)
    ):
        raise Unreadable("is not a notebook of format 4, the one that JupyterLab saves")
    raws = [
        raw for raw in data["cells"] if isinstance(raw, dict) and raw.get("cell_type") in _KINDS
    ]
    answers = [cell for cell in master.cells if _is_answer(cell)]
    is_answer = [_may_be_one_of(answers, raw) for raw in raws]
    # Answers come first, so that the limits leave room for them, whatever else the notebook holds.
    kept = sorted(range(len(raws)), key=lambda k: not is_answer[k])[:MAX_CELLS]
    allowance = Allowance()
    read = {k: _read_cell(raws[k], k, is_answer[k], allowance) for k in kept}
    cells = [read[k] for k in sorted(kept)]
    if len(kept) < len(raws):
        cells.append(
            _StudentCell(
                new_markdown_cell(
                    f"**The notebook has {len(raws)} cells. {len(kept)} of them are shown.**",
                    id="about-cells-left-out",
                ),
                None,
                None,
            )
        )
    return cells


def _may_be_one_of(master_cells: list[NotebookNode], raw: dict[str, Any]) -> bool:
    """Whether a student's cell is recognized as one of these, by its grade_id or, if that is lost,
    by its id.
    """
    return any(
        raw.get("id") == cell.id or _grade_id(raw) == cell.metadata.nbgrader.grade_id
        for cell in master_cells
    )


def _grade_id(raw: dict[str, Any]) -> Any:
    metadata = raw.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return marks.get("grade_id") if isinstance(marks, dict) else None


def _read_cell(
    raw: dict[str, Any], number: int, is_answer: bool, allowance: Allowance
) -> _StudentCell:
    """The cell, rebuilt from its harmless parts. An answer keeps all of its text. A raw cell
    becomes prose, because nbgrader would show it as HTML.
    """
    source = safe_text(raw.get("source"), None if is_answer else MAX_SOURCE)
    if raw["cell_type"] == "code":
        cell = new_code_cell(source, id=f"cell-{number}")
        cell.outputs = safe_outputs(raw.get("outputs"), allowance)
    else:
        prose = (
            safe_prose(source, allowance)
            if raw["cell_type"] == "markdown"
            else as_text(source, "it is a raw cell")
        )
        cell = new_markdown_cell(prose, id=f"cell-{number}")
        if raw.get("attachments"):
            cell.attachments = safe_attachments(raw["attachments"], allowance)
    return _StudentCell(cell, _grade_id(raw), raw.get("id"))


# --- repairing ------------------------------------------------------------------------------------


def _mend(
    student_cells: list[_StudentCell], master: NotebookNode
) -> tuple[list[NotebookNode], list[str]]:
    """The student's cells, with the master's graded cells in their places; and the names of those
    that were put back.

    A graded cell is recognized by its grade_id or, if that is lost, by the id that every cell has.
    A missing one is put behind the graded cell before it. A cell that a student wrote in place of
    a graded one stays beside it, as an ordinary cell.
    """
    # The master's cells that come after each of the student's; the first list comes before all.
    places: list[list[NotebookNode]] = [[] for _ in range(len(student_cells) + 1)]
    stands_for_itself = set(range(1, len(places)))
    restored = []
    place = 0
    for master_cell in filter(_is_graded, master.cells):
        grade_id = master_cell.metadata.nbgrader.grade_id
        found = [
            k
            for k, student_cell in enumerate(student_cells, start=1)
            if student_cell.grade_id == grade_id or student_cell.id == master_cell.id
        ]
        # Of several copies of an answer's cell, one that was written in counts; of a check's cell,
        # one that is unchanged.
        found.sort(
            key=lambda k: (
                (student_cells[k - 1].cell.source == master_cell.source) == _is_answer(master_cell)
            )
        )
        place = found[0] if found else place
        match = student_cells[place - 1].cell if found else None
        master_cell = _in_place(master_cell, match)
        places[place].append(master_cell)
        if match is not None and match.source == master_cell.source:
            stands_for_itself.discard(place)
        if match is None or (match.source, match.cell_type) != (
            master_cell.source,
            master_cell.cell_type,
        ):
            restored.append(grade_id)
    cells = list(places[0])
    for k, student_cell in enumerate(student_cells, start=1):
        cells += [*places[k], student_cell.cell] if k in stands_for_itself else places[k]
    return cells, restored


def _in_place(master_cell: NotebookNode, match: NotebookNode | None) -> NotebookNode:
    """The master's cell for the place of the student's, or of none: as it was handed out, except
    that an answer is the student's.
    """
    cell = deepcopy(master_cell)
    if not _is_answer(master_cell):
        return cell
    if match is None:  # nbgrader has staff look at an answer that is not what was handed out
        cell.source = (
            "*The answer was not found in the notebook that was handed in. Staff will look for it.*"
        )
    else:
        cell.source = match.source
        cell.update({key: match[key] for key in ("attachments",) if key in match})
    return cell


def _is_graded(cell: NotebookNode) -> bool:
    return "nbgrader" in cell.metadata


def _is_answer(cell: NotebookNode) -> bool:
    return _is_graded(cell) and bool(cell.metadata.nbgrader.solution)
