"""Slips that the files of a course show: its rows, stubs, topic folders, check classes, grade cells
and visible checks must tell the same story.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from cs231n_utils.exercises import Exercise
from grader.kit.course_files import (
    HIDDEN,
    NOTEBOOKS,
    ROWS,
    TRIALS,
    VISIBLE,
    Cell,
    Checks,
    CourseFiles,
    ExerciseRow,
    UnreadableCourse,
    definition,
    is_stub,
    marks,
)

PAGE = "docs/writing-an-exercise.md"
_GATES = ("needs", "needs_any")
_MARKS = (*_GATES, "parametrize")


@dataclass(frozen=True)
class Finding:
    """A slip.

    where : the file, and if possible the line, the check or the cell
    text : what was found, what is expected, and what to do next
    kit_only : whether grading is right all the same, and only the kit is not
    """

    where: str
    text: str
    kit_only: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


def read_files(course: Path) -> list[Finding]:
    """The findings in the files of a course, in the order of its exercises."""
    try:
        return list(_Slips(CourseFiles(course)).findings())
    except UnreadableCourse as error:
        return [Finding(error.where, f"{error.reason}. Correct that first.")]


class _Slips:
    """The findings in one course."""

    def __init__(self, files: CourseFiles) -> None:
        self._files, self._course = files, files.course
        self._exercises = {row.exercise.name: row.exercise for row in files.rows}

    def findings(self) -> Iterator[Finding]:
        yield from self._in_rows()
        for row in self._files.rows:
            yield from self._in_stub(row)
            yield from self._in_topic(row.exercise)
            yield from self._in_classes(row)
            yield from self._in_notebook(row)
            yield from self._in_visible_checks(row)
        yield from self._in_names()

    def _in_rows(self) -> Iterator[Finding]:
        names = Counter(row.exercise.grade_id for row in self._files.rows)
        for row in self._files.rows:
            exercise = row.exercise
            if names[exercise.grade_id] > 1:
                yield Finding(
                    row.where,
                    f"{names[exercise.grade_id]} rows have the name {exercise.name!r}, or one that"
                    " gives the same grade_id. Give each exercise a name of its own.",
                )
            if not _is_worth(exercise.points):
                yield Finding(
                    row.where,
                    f"{exercise.name} is worth {exercise.points!r}; expected a number of points"
                    " above 0.",
                )
            if not (self._course / NOTEBOOKS / f"{exercise.notebook}.ipynb").is_file():
                yield Finding(
                    row.where,
                    f"{exercise.name} is in the notebook {exercise.notebook!r}, and {NOTEBOOKS} has"
                    f" no such file. Correct the row, or add the notebook.",
                )

    def _in_stub(self, row: ExerciseRow) -> Iterator[Finding]:
        exercise = row.exercise
        file = f"cs231n_utils/{exercise.module}.py"
        if not (self._course / file).is_file():
            yield Finding(
                row.where,
                f"the module of {exercise.name} is {exercise.module!r}, and {file} does not exist."
                " Write the stub there, or correct the row.",
            )
            return
        if exercise.file != file:  # a file that students save has no stub
            return
        node = definition(self._files.tree(file), exercise.name)
        if node is None:
            others = [
                path.stem
                for path in sorted((self._course / "cs231n_utils").glob("*.py"))
                if definition(self._files.tree(f"cs231n_utils/{path.name}"), exercise.name)
            ]
            yield Finding(
                file,
                f"there is no {exercise.name}"
                + (
                    f"; it is in cs231n_utils/{others[0]}.py. Correct the module in {row.where}."
                    if others
                    else ", the stub that students fill in. Write it: a docstring, and raise"
                    " NotImplementedError."
                ),
            )
            return
        where = f"{file}:{node.lineno}"
        if not ast.get_docstring(node):
            yield Finding(
                where,
                f"the stub {exercise.name} has no docstring; expected the promise by which it is"
                " judged, with shapes and errors.",
                kit_only=True,
            )
        elif not is_stub(node):
            yield Finding(
                where,
                f"{exercise.name} is more than its docstring and one raise. A kit ships no"
                " solutions: put the stub back (git checkout).",
                kit_only=True,
            )
        if exercise.name not in self._files.trials:
            yield Finding(
                TRIALS,
                f"TRIALS has no entry for {exercise.name!r}, so that check() could not name known"
                f" mistakes. Add one, as {PAGE} says.",
                kit_only=True,
            )

    def _in_topic(self, exercise: Exercise) -> Iterator[Finding]:
        folder = f"{HIDDEN}/{exercise.module}"
        if not (self._course / folder).is_dir():
            yield Finding(
                folder,
                f"there is no such folder; expected the reference, hidden checks and known mistakes"
                f" of {exercise.name}. Make it, as {PAGE} says.",
            )
            return
        for name, what in (
            ("__init__.py", "an empty file, which makes the folder a package"),
            ("reference.py", f"a right implementation of {exercise.name}"),
            (f"test_{exercise.module}.py", f"the hidden checks of {exercise.name}"),
            ("misconceptions.py", f"MISCONCEPTIONS, wrong implementations of {exercise.name}"),
        ):
            if not (self._course / folder / name).is_file():
                yield Finding(f"{folder}/{name}", f"is missing; expected {what}. Write it.")
            elif (
                name == "reference.py"
                and exercise.file != exercise.name
                and not definition(self._files.tree(f"{folder}/{name}"), exercise.name)
            ):
                yield Finding(
                    f"{folder}/{name}", f"there is no {exercise.name}; expected {what}. Write it."
                )

    def _in_classes(self, row: ExerciseRow) -> Iterator[Finding]:
        exercise = row.exercise
        of_exercise = [checks for checks in self._files.hidden if checks.exercise == exercise.name]
        home = f"{HIDDEN}/{exercise.module}/test_{exercise.module}.py"
        if not of_exercise and (self._course / home).is_file():
            yield Finding(
                home,
                f"no class says exercise = {exercise.name!r}, so everybody would get 0 of its"
                f" {exercise.points} points. Write its checks, or correct the name in its class.",
            )
        for checks in of_exercise:
            if checks.module != exercise.module:
                yield Finding(
                    checks.where,
                    f"the checks of {exercise.name} stand here, and its module is"
                    f" {exercise.module!r}. Correct the module in {row.where}, or move the class to"
                    f" {home}.",
                )
        if len(of_exercise) > 1:
            yield Finding(
                of_exercise[1].where,
                f"{exercise.name} has a second class of checks; the first is"
                f" {of_exercise[0].where}. Expected one: move the checks together, or correct"
                " `exercise`.",
            )
        if of_exercise:
            yield from _in_points(of_exercise[0], exercise, row.where)
            yield from _in_methods(of_exercise[0])

    def _in_notebook(self, row: ExerciseRow) -> Iterator[Finding]:
        exercise = row.exercise
        cells = [
            cell for cell in self._files.cells if cell.marks.get("grade_id") == exercise.grade_id
        ]
        here = [cell for cell in cells if cell.notebook == exercise.notebook]
        file = f"{NOTEBOOKS}/{exercise.notebook}.ipynb"
        if not here and (self._course / file).is_file():
            yield Finding(
                file,
                f"no cell has the grade_id {exercise.grade_id!r}, so the points of {exercise.name}"
                " would never reach the gradebook. "
                + (
                    f"There is one in {cells[0].where}: correct the notebook in {row.where}, or"
                    " move the cell."
                    if cells
                    else f"Add the grade cell, as {PAGE} says."
                ),
            )
        for cell in [*here[1:], *(cell for cell in cells if here and cell not in here)]:
            yield Finding(
                cell.where,
                f"a second cell has the grade_id {exercise.grade_id!r}, after {here[0].where}."
                " Delete one, or give it a name of its own.",
            )
        if here:
            yield from _in_cell(here[0], row)

    def _in_visible_checks(self, row: ExerciseRow) -> Iterator[Finding]:
        exercise = row.exercise
        file = f"{VISIBLE}/test_{exercise.module}.py"
        of_exercise = [checks for checks in self._files.visible if checks.exercise == exercise.name]
        if not any(checks.file == file and checks.methods for checks in of_exercise):
            yield Finding(
                of_exercise[0].where if of_exercise else file,
                f"there is no visible check of {exercise.name}"
                + (f" in {file}. Move" if of_exercise else ". Write")
                + f' one there, in a class with exercise = "{exercise.name}", for check() to run.',
                kit_only=True,
            )

    def _in_names(self) -> Iterator[Finding]:
        """Findings about check classes and grade cells that belong to no exercise."""
        for checks in (*self._files.hidden, *self._files.visible):
            if checks.exercise not in self._exercises:
                yield Finding(
                    checks.where,
                    f"the class {checks.node.name} says exercise = {checks.exercise!r}, which is no"
                    f" exercise of {ROWS}."
                    f"{_meant(checks.exercise, self._exercises)} Correct the name.",
                    kit_only=checks in self._files.visible,
                )
            elif not checks.node.name.startswith("Test"):
                yield Finding(
                    checks.where,
                    f"pytest does not collect the class {checks.node.name}. Let its name begin"
                    " with Test.",
                    kit_only=checks in self._files.visible,
                )
        known = {exercise.grade_id for exercise in self._exercises.values()}
        for cell in self._files.cells:
            name = cell.marks.get("grade_id")
            is_graded = cell.marks["cell_type"] == "code" and cell.marks.get("grade")
            if is_graded and name not in known:
                yield Finding(
                    cell.where,
                    f"the grade cell {name!r} belongs to no exercise, so its points could never be"
                    f" earned.{_meant(name, known)} Correct its grade_id, or add the row.",
                )
        modules = {exercise.module for exercise in self._exercises.values()}
        for path in sorted((self._course / HIDDEN).glob("*/test_*.py")):
            if path.parent.name not in modules:
                yield Finding(
                    f"{HIDDEN}/{path.parent.name}",
                    f"no exercise has the module {path.parent.name!r}."
                    f"{_meant(path.parent.name, modules)} Rename the folder, or add the row.",
                )
            file = path.relative_to(self._course).as_posix()
            for node in self._files.tree(file).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    yield Finding(
                        f"{file}:{node.lineno}",
                        f"{node.name} stands outside of a class, so it belongs to no exercise. Move"
                        " it into the class of its exercise.",
                    )


def _in_cell(cell: Cell, row: ExerciseRow) -> Iterator[Finding]:
    """Findings about one grade cell: nbgrader's metadata on it, and its code."""
    exercise, marks = row.exercise, cell.marks
    if marks.get("points") != exercise.points:
        yield Finding(
            cell.where,
            f"the grade cell of {exercise.name} is worth {marks.get('points')} points; expected"
            f" {exercise.points}, as in {row.where}. Change one of them.",
        )
    wanted = {"cell_type": "code", "grade": True, "locked": True, "solution": False}
    for name, value in wanted.items():
        if marks.get(name) != value:
            yield Finding(
                cell.where,
                f"{name} is {marks.get(name)!r} in nbgrader's metadata of the grade cell of"
                f" {exercise.name}; expected {value!r}, so that students get the cell and cannot"
                " change it. Correct the metadata.",
            )
    if cell.source.strip() not in (f'check("{exercise.name}")', f"check('{exercise.name}')"):
        yield Finding(
            cell.where,
            f"the grade cell of {exercise.name} holds {cell.source.strip()[:60]!r}; expected"
            f' check("{exercise.name}"). Correct the cell.',
            kit_only=True,
        )


def _in_points(checks: Checks, exercise: Exercise, row: str) -> Iterator[Finding]:
    """Findings about `points` of a class: without a check, missing, or with a wrong total."""
    for name in checks.points.keys() - checks.methods.keys():
        yield Finding(
            checks.where,
            f"`points` of {checks.node.name} names {name!r}, and the class has no test_{name}."
            f"{_meant(name, checks.methods)} Write the check, or correct the name.",
        )
    for name in checks.methods.keys() - checks.points.keys():
        file, method = checks.methods[name]
        yield Finding(
            f"{file}:{method.lineno}",
            f"the check test_{name} of {exercise.name} has no points. Add {name!r} to `points` in"
            f" {checks.where}.",
        )
    odd = {name: worth for name, worth in checks.points.items() if not _is_worth(worth)}
    for name, worth in odd.items():
        yield Finding(
            checks.where,
            f"the check {name!r} of {exercise.name} is worth {worth!r}; expected a number of points"
            " above 0.",
        )
    total = sum(worth for worth in checks.points.values() if isinstance(worth, (int, float)))
    if not odd and _is_worth(exercise.points) and abs(total - exercise.points) > 1e-9:
        yield Finding(
            checks.where,
            f"the points of the checks of {exercise.name} add up to {total:g}; expected"
            f" {exercise.points}, as in {row}. Change one of them.",
        )


def _in_methods(checks: Checks) -> Iterator[Finding]:
    """Findings about the check methods of a class: a missing title, a wrong `needs`."""
    order = [name for name in checks.points if name in checks.methods]
    for place, name in enumerate(order):
        file, method = checks.methods[name]
        where = f"{file}:{method.lineno}"
        if not ast.get_docstring(method):
            yield Finding(
                where,
                f"the check test_{name} of {checks.exercise} has no docstring; expected the"
                " sentence that students read as its title. Write it.",
            )
        for mark, needs in marks(method):
            if mark not in _MARKS:
                yield Finding(
                    where,
                    f"the check test_{name} has the mark {mark!r}, which nothing looks at; known"
                    f" are {', '.join(_MARKS)}.{_meant(mark, _MARKS)}",
                )
            for need in needs if mark in _GATES else ():
                if need not in checks.methods:
                    yield Finding(
                        where,
                        f"the check test_{name} of {checks.exercise} needs {need!r}; its checks are"
                        f" {', '.join(order)}.{_meant(need, order)} Correct the name.",
                    )
                elif need not in order[:place]:
                    yield Finding(
                        where,
                        f"the check test_{name} of {checks.exercise} needs {need!r}, which does not"
                        " stand before it in `points`, so one would wait for the other. A check"
                        " builds on those before it: change the order, or what it needs.",
                    )


def _is_worth(points: object) -> bool:
    return type(points) in (int, float) and points > 0  # type: ignore[operator]


def _meant(name: object, known: Sequence[str] | Mapping[str, object] | set[str]) -> str:
    close = get_close_matches(str(name), known, 1)
    return f" Is {close[0]!r} meant?" if close else ""
