"""What a good answer to each written question contains, from grader/marking.md, for those who mark.

Formgrader shows it below each answer. It is never a part of a notebook: students read feedback that
nbgrader makes of the same notebooks.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from grader.paths import GRADER

_FILE = GRADER / "marking.md"
_QUESTION = re.compile(r"## (\S+)")
_LINE = re.compile(r"- \((\d+(?:\.\d+)?) points?\) (.+)")


@dataclass(frozen=True)
class Line:
    """One part of a good answer, and what it is worth."""

    points: float
    text: str


@functools.cache
def rubric(file: Path = _FILE) -> dict[str, tuple[Line, ...]]:
    """The lines of each question, by the grade_id of its answer. Lines of the file that have
    another form are for people only.
    """
    found: dict[str, tuple[Line, ...]] = {}
    question = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if heading := _QUESTION.fullmatch(line.rstrip()):
            question = heading[1]
            found[question] = ()
        elif (part := _LINE.fullmatch(line.rstrip())) and question:
            found[question] += (Line(float(part[1]), part[2]),)
    return found


def in_markdown(question: str) -> str:
    """The rubric of a question, for a page; "" if there is none."""
    lines = [f"- **{line.points:g}**: {line.text}" for line in rubric().get(question, ())]
    return "\n".join(["**For whoever marks this:**", "", *lines]) if lines else ""


def in_words(question: str) -> str:
    """The rubric of a question, for one cell of a table."""
    return " ".join(f"[{line.points:g}] {line.text}" for line in rubric().get(question, ()))


class ShowRubric(Preprocessor):
    """Shows the rubric below each answer, on Formgrader's page of a submission only."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        if not resources.get("submission_id"):  # feedback for a student
            return nb, resources
        cells = []
        for cell in nb.cells:
            cells.append(cell)
            marks = cell.metadata.get("nbgrader", {})
            text = in_markdown(marks.get("grade_id", "")) if marks.get("solution") else ""
            if text:
                cells.append(new_markdown_cell(text))
        nb.cells = cells
        return nb, resources
