"""Which code lines of a notebook draw, where they could show an idea."""

from __future__ import annotations

import ast
import re

# A call of plots.show puts a finished picture into the cell, and is no drawing.
_DRAWS = re.compile(r"\b(ax|axes|fig|plt)\b|\bplots\.(?!show\b)")


def drawing_lines(source: str) -> set[int]:
    """The numbers of the lines of a cell that draw: all lines of each such statement; of a compound
    statement, its first line and what draws inside.
    """
    source = "\n".join("" if line.startswith(("%", "!")) else line for line in source.splitlines())
    found: set[int] = set()
    ahead = list(ast.parse(source).body)
    while ahead:
        statement = ahead.pop()
        text = ast.get_source_segment(source, statement) or ""
        inner = [
            part
            for name in ("body", "orelse", "finalbody", "handlers")
            for part in getattr(statement, name, [])
        ]
        ahead += inner
        if inner:
            if _DRAWS.search(text.split("\n")[0]):
                found.add(statement.lineno)
        elif (
            _DRAWS.search(text)
            and not text.startswith("plots.show(")
            and not isinstance(statement, (ast.Import, ast.ImportFrom))
        ):
            found.update(range(statement.lineno, (statement.end_lineno or 0) + 1))
    return found
