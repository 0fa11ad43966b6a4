"""A made-up class in which some students hand in what others have written, in disguise.

Honest students each choose from the solutions that the repository has, right and wrong ones, and
write them with habits of their own; so some share a form by chance. A copier renames what may be
renamed, reorders the functions, lays them out anew, writes other comments, and turns some loops
over `range` into `while`. The same seed makes the same class.
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import random
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from cs231n_utils.exercises import EXERCISES, MODULES
from grader.paths import COURSE, TOPICS
from tests.support.first_time_solutions import ATTEMPTS
from tests.support.right_solutions import RIGHT
from tests.support.unknown_mistakes import UNKNOWN
from tests.support.wrong_solutions import WRONG

Class = dict[str, dict[str, bytes]]  # student -> name of a file -> content
NAMED = [name for name in EXERCISES if not name.endswith(".npz")]


@functools.cache
def forms() -> Mapping[str, list[ast.FunctionDef]]:
    """Exercise -> the ways in which it is written: the reference's, and then all others."""
    found: dict[str, list[ast.FunctionDef]] = defaultdict(list)
    for module in MODULES:
        tree = ast.parse((TOPICS / module / "reference.py").read_text(encoding="utf-8"))
        functions = {
            node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
        }
        for name in NAMED:
            if EXERCISES[name].module == module:
                found[name].append(functions[name.rpartition(".")[2]])
    pairs: list[tuple[str, Callable]] = [
        *RIGHT,
        *((exercise, function) for exercise, function, _ in WRONG),
        *((each.exercise, each.function) for each in ATTEMPTS),
        # Another module adds to the list when it is imported; the class must not depend on that.
        *(
            (each.exercise, each.function)
            for each in UNKNOWN
            if each.function.__module__.endswith(".unknown_mistakes")
        ),
    ]
    for exercise, function in pairs:
        if exercise in found and inspect.isfunction(function) and not function.__closure__:
            tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
            if isinstance(tree.body[0], ast.FunctionDef):
                found[exercise].append(tree.body[0])
    return found


# Ways to write the same, of which each student takes one in each place.
_WAYS = [
    (r"\b(\w)\.shape\[0\]|\blen\((\w)\)", (r"\1\2.shape[0]", r"len(\1\2)")),
    (
        r"np\.sum\((\w) \* \1\)|np\.sum\((\w) \*\* 2\)",
        (
            r"np.sum(\1\2 * \1\2)",
            r"np.sum(\1\2 ** 2)",
            r"(\1\2 ** 2).sum()",
            r"np.sum(np.square(\1\2))",
        ),
    ),
    (r"np\.zeros_like\((\w)\)", (r"np.zeros_like(\1)", r"np.zeros(\1.shape)", r"0 * \1")),
    (r"\bX @ W\b|\bX\.dot\(W\)", ("X @ W", "X.dot(W)", "np.dot(X, W)")),
    (r"\bX\[i\] @ W\b|\bX\[i\]\.dot\(W\)", ("X[i] @ W", "X[i].dot(W)", "np.dot(X[i], W)")),
    (r"\bX\.T @ (\w+)\b", (r"X.T @ \1", r"X.T.dot(\1)", r"np.dot(X.T, \1)")),
    (r"2 \* reg \* W", ("2 * reg * W", "2 * W * reg", "reg * 2 * W")),
    (r"np\.max\((\w+)\)", (r"np.max(\1)", r"\1.max()")),
    (r"(?m)^( +)(\w+) \+= (\w+)$", (r"\1\2 += \3", r"\1\2 = \2 + \3")),
    (
        r"(?m)^( +)return ([^,(]+), ([^,]+ [^,]+)$",
        (r"\1return \2, \3", r"\1grad = \3\n\1return \2, grad"),
    ),
    (r"np\.arange\((\w+)\)", (r"np.arange(\1)", r"range(\1)")),
    (r"(?<![\w.])(\w+) / N\b", (r"\1 / N", r"\1 * (1 / N)", r"1 / N * \1")),
]


def _in_own_words(source: str, chance: random.Random) -> str:
    """The source, with one of the ways chosen in each place."""
    for pattern, ways in _WAYS:

        def choose(found: re.Match[str], ways: tuple[str, ...] = ways) -> str:
            return found.expand(chance.choice(ways))

        source = re.sub(pattern, choose, source)
    return source


def _honest(chance: random.Random, own_words: bool) -> dict[str, ast.FunctionDef]:
    """Exercise -> function, of one student; exercises that were not done are missing."""
    done = {}
    for name, ways in forms().items():
        if chance.random() < 0.06:
            continue
        way = ways[min(int(chance.expovariate(4.0 / len(ways))), len(ways) - 1)]
        function = copy.deepcopy(way)
        function.decorator_list, function.name = [], name.rpartition(".")[2]
        if own_words:
            source = _in_own_words(ast.unparse(function), chance)
            function = ast.parse(source).body[0]  # type: ignore[assignment]
        done[name] = function
    return done


class _Renamed(ast.NodeTransformer):
    """Local names of a function made other ones."""

    def __init__(self, function: ast.FunctionDef, chance: random.Random) -> None:
        local = {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        } | {each.arg for each in function.args.args if each.arg != "self"}
        self._names = {
            name: f"{chance.choice('abcdefgh')}_{k}" for k, name in enumerate(sorted(local))
        }

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg, node.annotation = self._names.get(node.arg, node.arg), None
        return node


class _While(ast.NodeTransformer):
    """Loops `for name in range(end)` without `continue` made `while` loops, some of them."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def visit_For(self, node: ast.For) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        goes_on = any(isinstance(each, ast.Continue) for each in ast.walk(node))
        match node.iter:
            case ast.Call(func=ast.Name(id="range"), args=[end]) if (
                isinstance(node.target, ast.Name) and not goes_on and self._chance.random() < 0.5
            ):
                name = node.target.id
                before = ast.parse(f"{name} = 0").body
                loop = ast.parse(f"while {name} < {ast.unparse(end)}:\n    pass\n").body[0]
                loop.body = [*node.body, *ast.parse(f"{name} += 1").body]  # type: ignore[attr-defined]
                return [*before, loop]
        return node


def _copied(
    functions: Mapping[str, ast.FunctionDef], chance: random.Random
) -> dict[str, ast.FunctionDef]:
    """The same functions in another order, with other names and loops."""
    names = list(functions)
    chance.shuffle(names)
    copied = {}
    for name in names:
        function = copy.deepcopy(functions[name])
        function = _While(chance).visit(_Renamed(function, chance).visit(function))
        copied[name] = ast.fix_missing_locations(function)
    return copied


def _laid_out(function: ast.FunctionDef, chance: random.Random) -> str:
    """The source, with comments and empty lines, brackets around what is returned, and two
    statements on one line here and there.
    """
    lines = []
    for line in ast.unparse(function).splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        if chance.random() < 0.2:
            lines.append(f"{indent}# {chance.choice(('step', 'as in the lecture', 'see above'))}")
        if (found := re.fullmatch(r"( +)return ([^,]+)", line)) and chance.random() < 0.5:
            line = f"{found[1]}return ({found[2]})"
        lines.append(line + chance.choice(("", "", "  # here", ";" if " = " in line else "")))
    return "\n".join(lines)


def _files(functions: Mapping[str, ast.FunctionDef], chance: random.Random) -> dict[str, bytes]:
    """The modules that hold these functions; those without any are as the kit has them."""
    files = {}
    for module in MODULES:
        name = f"cs231n_utils/{module}.py"
        here = [each for each in functions if EXERCISES[each].module == module]
        if not here:
            files[name] = (COURSE / name).read_bytes()
            continue
        parts = [_laid_out(functions[each], chance) for each in here]
        if module == "linear_classifier":
            body = textwrap.indent("\n\n".join(parts), "    ")
            parts = [
                f"class LinearClassifier:\n    def __init__(self):\n        self.W = None\n\n{body}"
            ]
        files[name] = ("import numpy as np\n\n\n" + "\n\n\n".join(parts) + "\n").encode()
    return files


def made_up_class(
    size: int,
    copies: int,
    seed: int = 231,
    only: Iterable[str] | None = None,
    own_words: bool = True,
) -> tuple[Class, set[frozenset[str]]]:
    """`size` submissions, `copies` of which were copied from others; and the copied pairs.

    only : the exercises that are copied; all by default
    own_words : whether honest students write a form each in their own way, or all in the same
    """
    chance = random.Random(seed)
    honest = {f"student{k:04d}": _honest(chance, own_words) for k in range(size - copies)}
    students = {name: _files(functions, chance) for name, functions in honest.items()}
    pairs = set()
    chosen = set(only or NAMED)
    for k, source in enumerate(chance.sample(sorted(honest), copies)):
        name = f"copier{k:04d}"
        own = _honest(chance, own_words)
        taken = _copied({e: f for e, f in honest[source].items() if e in chosen}, chance)
        students[name] = _files(
            {**{e: f for e, f in own.items() if e not in chosen}, **taken}, chance
        )
        pairs.add(frozenset((source, name)))
    return students, pairs
