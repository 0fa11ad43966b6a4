"""What the files of a course say about its exercises, read without executing any of them."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cs231n_utils.exercises import ASSIGNMENT, Exercise

ROWS = "cs231n_utils/exercises.py"
TRIALS = "cs231n_utils/mistakes/trials.py"
VISIBLE = "cs231n_utils/visible_checks"
HIDDEN = "grader/topics"
NOTEBOOKS = f"notebooks/{ASSIGNMENT}"


class UnreadableCourse(Exception):
    """Raised when a file is no Python, or no notebook, so that the course cannot be examined."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where, self.reason = where, reason


@dataclass(frozen=True)
class ExerciseRow:
    """A row of the exercises as it is written, with the line on which it stands."""

    exercise: Exercise
    where: str


@dataclass(frozen=True)
class Checks:
    """A class in a file of checks; `exercise` and `points` may come from its bases."""

    file: str
    node: ast.ClassDef
    exercise: object
    points: Mapping[str, object]
    methods: Mapping[str, tuple[str, ast.FunctionDef]]  # without "test_" -> its file, its code

    @property
    def where(self) -> str:
        return f"{self.file}:{self.node.lineno}"

    @property
    def module(self) -> str:
        return Path(self.file).stem.removeprefix("test_")


@dataclass(frozen=True)
class Cell:
    """A cell that nbgrader's metadata mark; `notebook` is the name of its file without `.ipynb`."""

    notebook: str
    where: str
    marks: Mapping[str, Any]
    source: str


class CourseFiles:
    """Rows, check classes and marked cells of a course. Raises UnreadableCourse."""

    def __init__(self, course: Path) -> None:
        self.course = course
        self.rows = [*self._read_rows()]
        self.hidden = [*self._read_checks(f"{HIDDEN}/*/test_*.py", f"{HIDDEN}/**/*.py")]
        self.visible = [*self._read_checks(f"{VISIBLE}/test_*.py", f"{VISIBLE}/*.py")]
        self.cells = [*self._read_cells()]
        self.trials = self._read_trials()

    def tree(self, file: str) -> ast.Module:
        try:
            return ast.parse((self.course / file).read_bytes())
        except SyntaxError as error:
            raise UnreadableCourse(
                f"{file}:{error.lineno}", f"is no Python: {error.msg}"
            ) from error
        except FileNotFoundError as error:
            raise UnreadableCourse(file, "is missing") from error

    def _read_rows(self) -> Iterator[ExerciseRow]:
        for node in ast.walk(self.tree(ROWS)):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Exercise"):
                continue
            names = ("name", "module", "notebook", "points")
            given = dict(zip(names, node.args, strict=False))
            given |= {word.arg: word.value for word in node.keywords if word.arg}
            values = {name: _literal(value) for name, value in given.items()}
            where = f"{ROWS}:{node.lineno}"
            texts = [values.get(name) for name in names[:3]]
            if not (values.keys() == {*names} and all(isinstance(text, str) for text in texts)):
                raise UnreadableCourse(
                    where,
                    "this row is not a name, a module, a notebook and points, written as literals",
                )
            yield ExerciseRow(Exercise(**values), where)

    def _read_checks(self, pattern: str, bases: str) -> Iterator[Checks]:
        """The classes with checks in the files of one pattern; their bases may stand in others."""
        classes: dict[str, tuple[str, ast.ClassDef]] = {}
        for path in sorted(self.course.glob(bases)):
            file = path.relative_to(self.course).as_posix()
            classes |= {
                node.name: (file, node)
                for node in self.tree(file).body
                if isinstance(node, ast.ClassDef)
            }
        for path in sorted(self.course.glob(pattern)):
            file = path.relative_to(self.course).as_posix()
            for node in self.tree(file).body:
                if isinstance(node, ast.ClassDef):
                    checks = _checks(file, node, {**classes, node.name: (file, node)})
                    if checks.exercise is not None or node.name.startswith("Test"):
                        yield checks

    def _read_cells(self) -> Iterator[Cell]:
        for path in sorted((self.course / NOTEBOOKS).glob("*.ipynb")):
            file = path.relative_to(self.course).as_posix()
            try:
                cells = json.loads(path.read_bytes())["cells"]
            except (ValueError, LookupError, TypeError) as error:
                raise UnreadableCourse(file, f"is no notebook ({type(error).__name__})") from error
            for number, cell in enumerate(cells, 1):
                if "nbgrader" in cell["metadata"]:
                    where = f"{file}, cell {cell.get('id', number)}"
                    marks = cell["metadata"]["nbgrader"] | {"cell_type": cell["cell_type"]}
                    yield Cell(path.stem, where, marks, "".join(cell["source"]))

    def _read_trials(self) -> set[object]:
        for node in self.tree(TRIALS).body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
                return {_literal(key) for key in node.value.keys if key}
        return set()


def _checks(
    file: str, node: ast.ClassDef, classes: Mapping[str, tuple[str, ast.ClassDef]]
) -> Checks:
    """A class with what it inherits from classes of the same folder, the nearest first."""
    exercise: object = None
    points: Mapping[str, object] = {}
    methods: dict[str, tuple[str, ast.FunctionDef]] = {}
    waiting, seen = [(file, node)], set()
    while waiting:
        place, one = waiting.pop(0)
        seen.add(one.name)
        for item in one.body:
            if isinstance(item, ast.FunctionDef) and item.name.startswith("test_"):
                methods.setdefault(item.name.removeprefix("test_"), (place, item))
            elif isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
                value = _literal(item.value)
                if item.targets[0].id == "exercise" and exercise is None:
                    exercise = value
                elif item.targets[0].id == "points" and not points and isinstance(value, dict):
                    points = value
        bases = [base.id for base in one.bases if isinstance(base, ast.Name)]
        waiting += [classes[base] for base in bases if base in classes and base not in seen]
    return Checks(file, node, exercise, points, methods)


def marks(method: ast.FunctionDef) -> Iterator[tuple[str, Sequence[object]]]:
    """The marks of pytest on a method, by name, with their arguments."""
    for node in method.decorator_list:
        call = node if isinstance(node, ast.Call) else None
        target = call.func if call else node
        if isinstance(target, ast.Name) and target.id == "needs":
            name = "needs"
        elif isinstance(target, ast.Attribute) and ast.unparse(target.value) == "pytest.mark":
            name = target.attr
        else:
            continue
        yield name, [_literal(value) for value in call.args] if call else []


def definition(tree: ast.Module, name: str) -> ast.FunctionDef | ast.ClassDef | None:
    """The function or method of a dotted name, at the top of a module; or None."""
    body: list[ast.stmt] = tree.body
    found: ast.FunctionDef | ast.ClassDef | None = None
    for part in name.split("."):
        found = next(
            (
                node
                for node in body
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == part
            ),
            None,
        )
        if found is None:
            return None
        body = found.body
    return found


def is_stub(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether a function is its docstring and one raise."""
    return len(node.body) == 2 and isinstance(node.body[1], ast.Raise)


def _literal(node: ast.expr) -> Any:
    """The value of a literal; None for any other expression."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        return None
