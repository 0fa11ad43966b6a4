"""All mutants of a function that differ from it by one small change of its syntax tree.

Maintained libraries do not fit here. mutmut and cosmic-ray change a file in place and run a test
command for each mutant, a third of a second each where our checks take milliseconds; their
operators can be called alone, though not as a documented interface, and know none of the mistakes
of array code: another axis, a missing copy, a lost np.maximum, two arrays mixed up.
"""

from __future__ import annotations

import ast
import difflib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# What may stand in place of an operator or a name; each is a mistake that works on the same shapes.
ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Div, ast.Add, ast.Pow),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
SIBLINGS = {
    "max": "min",
    "maximum": "minimum",
    "argmax": "argmin",
    "mean": "sum",
    "sum": "mean",
    "var": "std",
    "sqrt": "square",
    "exp": "expm1",
    "log": "log1p",
    "abs": "negative",
    "sign": "abs",
    "zeros": "ones",
    "zeros_like": "ones_like",
    "randn": "rand",
    "standard_normal": "random",
    "random": "standard_normal",
}


@dataclass(frozen=True)
class Mutant:
    """A changed function.

    before, after : the lines that differ, as `ast.unparse` writes them; what a mutant is known by
    source : of the whole function
    """

    before: str
    after: str
    source: str


def mutants(function: ast.FunctionDef) -> Iterator[Mutant]:
    """All mutants of a function, each once. Its name stays, and so do its docstring and what only
    prints: these are nobody's mistake.
    """
    original = ast.unparse(function)
    names = _names(function)
    seen = {original}
    for place, node in list(_places(function)):
        for variant in itertools.chain.from_iterable(
            operator(node, names) for operator in OPERATORS
        ):
            place(ast.copy_location(variant, node))
            source = ast.unparse(function)
            if source not in seen:
                seen.add(source)
                yield Mutant(*_difference(original, source), source)
        place(node)


def _places(parent: ast.AST) -> Iterator[tuple[Callable[[ast.AST], None], ast.AST]]:
    """Each node below the parent, with what puts another node in its place."""
    for field, value in ast.iter_fields(parent):
        for index, node in enumerate(value if isinstance(value, list) else [value]):
            if (
                not isinstance(node, ast.AST)
                or isinstance(node, (ast.expr_context, ast.JoinedStr))
                or _only_prints(node)
                or _is_text(node)
            ):
                continue

            def place(
                other: ast.AST, field: str = field, value: object = value, index: int = index
            ) -> None:
                if isinstance(value, list):
                    value[index] = other
                else:
                    setattr(parent, field, other)

            yield place, node
            if not isinstance(node, ast.Raise):  # its text is for people
                yield from _places(node)


def _only_prints(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return not node.orelse and all(map(_only_prints, node.body))
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "print"
    )


def _is_text(node: ast.AST) -> bool:
    """Whether it is a docstring."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _names(function: ast.FunctionDef) -> list[str]:
    """The parameters and variables of a function: what can be mixed up."""
    stored = [
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return list(dict.fromkeys([*(argument.arg for argument in function.args.args), *stored]))


def _difference(before: str, after: str) -> tuple[str, str]:
    # After the names of the files.
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0))[2:]
    removed, added = (
        "; ".join(line[1:].strip() for line in lines if line[0] == sign) for sign in "-+"
    )
    return removed, added


# --- operators: what may stand in the place of a node ---


def arithmetic(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """Another operator, one operand alone, the operands in the other order."""
    if isinstance(node, ast.BinOp):
        for other in ARITHMETIC.get(type(node.op), ()):
            yield ast.BinOp(node.left, other(), node.right)
        yield from (node.left, node.right)
        if not isinstance(node.op, (ast.Add, ast.Mult)):
            yield ast.BinOp(node.right, node.op, node.left)
    if isinstance(node, ast.UnaryOp):
        yield node.operand


def assignment(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """Another operator, = for +=, and in place where it was not."""
    if isinstance(node, ast.AugAssign):
        for other in ARITHMETIC.get(type(node.op), ()):
            yield ast.AugAssign(node.target, other(), node.value)
        yield ast.Assign([node.target], node.value)
    match node:
        case ast.Assign([ast.Name() | ast.Attribute() as target], ast.BinOp(left, op, right)) if (
            ast.unparse(target) == ast.unparse(left)
        ):
            yield ast.AugAssign(target, op, right)


def condition(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """Another comparison, `or` for `and`, one half alone; a branch never or always taken, or the
    other one.
    """
    if isinstance(node, ast.Compare):
        for other in COMPARISONS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [other()], node.comparators)
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)
        yield from node.values
    if isinstance(node, ast.If):
        for test in (ast.UnaryOp(ast.Not(), node.test), ast.Constant(True), ast.Constant(False)):
            yield ast.If(test, node.body, node.orelse)


def constant(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """One more, one less, twice as much; the other truth value; another word."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool):
            yield ast.Constant(not value)
        elif isinstance(value, (int, float)):
            yield from map(ast.Constant, (value + 1, value - 1, 2 * value))
        elif isinstance(value, str):
            yield ast.Constant(value + "_")


def loop(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """The first or the last round is left out; `break` for `continue`."""
    if isinstance(node, ast.For):
        for bounds in ("1:", ":-1"):
            rounds = ast.parse(f"list({ast.unparse(node.iter)})[{bounds}]", mode="eval").body
            yield ast.For(node.target, rounds, node.body, node.orelse)
    if isinstance(node, ast.Continue):
        yield ast.Break()


def statement(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """The statement is left out."""
    if isinstance(node, ast.stmt) and not isinstance(node, ast.Pass):
        yield ast.Pass()


def call(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """The argument itself (or the object of a method), an argument left out, two neighbours
    swapped.
    """
    if isinstance(node, ast.Call):
        yield from node.args[:1]
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) != "np":
            yield node.func.value
        for k in range(len(node.args)):
            yield ast.Call(node.func, node.args[:k] + node.args[k + 1 :], node.keywords)
        for k in range(len(node.keywords)):
            yield ast.Call(node.func, node.args, node.keywords[:k] + node.keywords[k + 1 :])
        for args in _swapped(node.args):
            yield ast.Call(node.func, args, node.keywords)


def sibling(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """Another function of the same form; another variable; a matrix not transposed."""
    if isinstance(node, ast.Attribute):
        if node.attr in SIBLINGS:
            yield ast.Attribute(node.value, SIBLINGS[node.attr])
        if node.attr == "T":
            yield node.value
    if isinstance(node, ast.Name):
        if node.id in SIBLINGS:
            yield ast.Name(SIBLINGS[node.id])
        if node.id in names and isinstance(node.ctx, ast.Load):
            yield from (ast.Name(other) for other in names if other != node.id)


def index(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """No index, a slice one shorter, parts of a tuple swapped."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield node.value
    if isinstance(node, ast.Slice):
        yield from (ast.Slice(ast.Constant(1), node.upper), ast.Slice(node.lower, ast.Constant(-1)))
    if isinstance(node, ast.Tuple):
        yield from (ast.Tuple(parts, node.ctx) for parts in _swapped(node.elts))


def _swapped(items: list[ast.expr]) -> Iterator[list[ast.expr]]:
    for k in range(len(items) - 1):
        yield [*items[:k], items[k + 1], items[k], *items[k + 2 :]]


OPERATORS: tuple[Callable[[ast.AST, list[str]], Iterator[ast.AST]], ...] = (
    arithmetic,
    assignment,
    condition,
    constant,
    loop,
    statement,
    call,
    sibling,
    index,
)
