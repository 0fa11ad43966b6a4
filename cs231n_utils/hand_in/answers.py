"""The five notebooks: what travels of them, and which written questions have an answer.

Pictures and other outputs stay behind. They are most of a notebook's size, the notebook can make
them again, and they may hold the name of a computer's user.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cs231n_utils.hand_in import given

PLACEHOLDER = (
    "*Your answer (double-click here to write):*"  # what stands in an answer's cell at first
)
_LARGE = 2_000_000  # bytes without outputs; the five together have about 100 kB


@dataclass(frozen=True)
class Notebook:
    """A notebook for the hand-in.

    content : the file without outputs; as it is on the disk where it cannot be read
    problem : what is wrong with it, for behind its name; "" if nothing is
    is_answered : whether there is a written answer in it
    """

    content: bytes
    problem: str = ""
    is_answered: bool = False


def read(content: bytes) -> Notebook:
    """A notebook as it travels."""
    try:
        notebook = json.loads(content)
        cells = [*notebook["cells"]]
        answers = [cell for cell in cells if given.is_answer(cell)]
        is_answered = any(_is_answered(cell) for cell in answers)
        for cell in cells:
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
        notebook.get("metadata", {}).pop("widgets", None)
        small = json.dumps(notebook, ensure_ascii=False, indent=1).encode() + b"\n"
    # Whatever a merge, a cloud drive or an editor has made of it: it has no cells to read.
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return Notebook(
            content,
            "cannot be read as a notebook: it is cut off, or a merge left marks in it. Open it in"
            " JupyterLab; if that fails, too, take it from the assignment again, and copy your"
            " answer into it.",
        )
    problem = ""
    if not answers:
        problem = (
            "has no cell for the written answer any more. Take the notebook from the assignment"
            " again, and copy your answer into its last cell but one."
        )
    elif len(small) > _LARGE:
        problem = (
            f"has {len(small) / 1e6:.1f} MB without its outputs: a picture in a text cell is large."
            " Make the picture smaller."
        )
    return Notebook(small, problem, is_answered)


def _is_answered(cell: Mapping[str, Any]) -> bool:
    written = given.text(cell).strip()
    return bool(written or cell.get("attachments")) and written != PLACEHOLDER
