"""What the text of a student's file tells about one of its lines: whether an import there may fail,
whether it is a decorator, and which names nothing in the file defines.

Files are read and parsed, and never run. Imports the standard library only.
"""

from __future__ import annotations

import builtins
from typing import Any

_CAUGHT = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
_ENDS = {"exit", "quit", "sys.exit", "os._exit"}


class Source:
    """Questions about one of the student's source files, answered from its syntax tree.

    A file that cannot be read or parsed counts as empty.
    """

    def __init__(self, file: str) -> None:
        import ast  # here: most files never need it

        self._ast = ast
        try:
            with open(file, "rb") as opened:
                self._nodes: list[Any] = list(ast.walk(ast.parse(opened.read())))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            self._nodes = []
        self._prepared = [
            (node.body[0].lineno, node.body[-1].end_lineno)
            for node in self._nodes
            if self._prepares(node)
        ]
        self._decorators = [
            (mark.lineno, mark.end_lineno)
            for node in self._nodes
            for mark in getattr(node, "decorator_list", ())
        ]

    def may_fail(self, line: int) -> bool:
        """Whether an ImportError at this line would be caught, and the file would go on."""
        return any(first <= line <= last for first, last in self._prepared)

    def decorates(self, line: int) -> bool:
        """Whether the line belongs to a decorator."""
        return any(first <= line <= last for first, last in self._decorators)

    def undefined(self) -> set[str]:
        """Names that the file uses and nowhere defines: only `import *` can bring them in."""
        ast, known = self._ast, set(dir(builtins))
        used: set[str] = set()
        for node in self._nodes:
            if isinstance(node, ast.Name):
                (used if isinstance(node.ctx, ast.Load) else known).add(node.id)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                known.add(node.name)
            elif isinstance(node, ast.arg):
                known.add(node.arg)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                known.add(node.name)
            elif isinstance(node, ast.alias):
                known.add(node.asname or node.name.partition(".")[0])
        return used - known

    def _prepares(self, node: Any) -> bool:
        """Whether the node is a `try` or a `with suppress(...)` that survives an ImportError."""
        ast = self._ast
        if isinstance(node, ast.Try):
            return any(
                self._catches(handler.type) and not self._gives_up(handler.body)
                for handler in node.handlers
            )
        if isinstance(node, (ast.With, ast.AsyncWith)):
            calls = [item.context_expr for item in node.items]
            return any(
                isinstance(call, ast.Call)
                and ast.unparse(call.func).endswith("suppress")
                and any(map(self._catches, call.args))
                for call in calls
            )
        return False

    def _catches(self, kind: Any) -> bool:
        """Whether `except kind`, with this expression, catches an ImportError."""
        if isinstance(kind, self._ast.Tuple):
            return any(map(self._catches, kind.elts))
        return kind is None or self._ast.unparse(kind).rpartition(".")[2] in _CAUGHT

    def _gives_up(self, body: list[Any]) -> bool:
        """Whether an `except` block raises, or ends the program."""
        ast = self._ast
        return any(
            isinstance(node, ast.Raise)
            or (
                isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Call)
                and ast.unparse(node.value.func) in _ENDS
            )
            for node in body
        )
