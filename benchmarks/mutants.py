"""The gate: no small mistake in a reference passes the hidden checks of its exercise.

Every mutant of every reference function (see `mutation.py`) is checked as a student's solution
would be, in this process: the hidden checks, the `Student` they are given and the wire format are
the real ones. A mutant is killed when a check fails for every student who hands it in. One that
survives is a hole in the checks, unless it is listed below with the reason why it may survive: most
of these do what the exercise promises. The exit status is 1 when another mutant survives, or when
one on the list does not.

    python -m benchmarks.mutants [--exercise NAME] [--seeds 3]
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.in_process import run_checks
from benchmarks.mutation import Mutant, mutants
from cs231n_utils.exercises import EXERCISES
from grader.checks.session import Session
from grader.checks.student import Student
from tests.support import local_student

MUTATED = [name for name in EXERCISES if not name.endswith(".npz")]  # a trained model has no code
# What a forward pass remembers is free, and is judged by what the backward pass makes of it.
ALSO_JUDGED_BY = {
    "batchnorm_forward": "batchnorm_backward",
    "stochastic_depth_forward": "stochastic_depth_backward",
}
# Of all loops in all checks of an exercise, which take the references a few thousand; more is
# endless.
MAX_ROUNDS = 100_000


@dataclass(frozen=True)
class Allowed:
    """Mutants that may survive: in this line of the reference, the first text of a pair is replaced
    by the second.
    """

    reason: str
    line: str
    changes: Sequence[tuple[str, str]]

    def lines(self) -> Iterable[tuple[str, str]]:
        """(before, after), as a `Mutant` has them."""
        return [
            (_normal(self.line), _normal(self.line.replace(old, new))) for old, new in self.changes
        ]


def _normal(line: str) -> str:
    """The line, which may begin a block, as this Python's `ast.unparse` writes it."""
    return ast.unparse(ast.parse(line + " pass" * line.endswith(":"))).splitlines()[0]


PRINTS = "What is printed is free."
ONE_SIZE = "X has as many rows as y has labels."
OVERWRITTEN = "Every entry is overwritten."
SYMMETRIC = "|a - b| is |b - a|, and max(a, b) is max(b, a)."
FLOATS = "Arrays are of floats; 0 and 1 are the same numbers in any type."
FINITE = (
    "Losses are finite, so that the first is below infinity. This is how the lecture writes it."
)

GATE = 'gate = float(sd_param["rng"].random() < survival_prob)'
TRAIN = (
    "def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200,"
    " verbose=False):"
)

ALLOWED: dict[str, list[Allowed]] = {
    "eval_numerical_gradient": [
        Allowed(
            PRINTS, "def eval_numerical_gradient(f, x, verbose=False, h=1e-5):", [("False", "True")]
        ),
        Allowed(OVERWRITTEN, "grad = np.zeros_like(x)", [("zeros", "ones")]),
        Allowed(
            "x and grad have one shape.",
            "for ix in np.ndindex(x.shape):",
            [("x.shape", "grad.shape")],
        ),
    ],
    "rel_error": [
        Allowed(
            SYMMETRIC,
            "error = np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))",
            [("x - y", "y - x"), ("1e-8, np.abs(x) + np.abs(y)", "np.abs(x) + np.abs(y), 1e-8")],
        ),
    ],
    "grad_check_sparse": [
        Allowed(OVERWRITTEN, "errors = np.zeros(num_checks)", [("zeros", "ones")]),
        Allowed(
            "x and analytic_grad have one shape.",
            "ix = tuple(np.random.randint(size) for size in x.shape)",
            [("x.shape", "analytic_grad.shape")],
        ),
        Allowed(
            SYMMETRIC,
            "errors[k] = abs(numerical - analytic) / max(1e-8, abs(numerical) + abs(analytic))",
            [
                ("numerical - analytic", "analytic - numerical"),
                ("1e-8, abs(numerical) + abs(analytic)", "abs(numerical) + abs(analytic), 1e-8"),
            ],
        ),
    ],
    "svm_loss_naive": [
        Allowed(ONE_SIZE, "N, C = X.shape[0], W.shape[1]", [("X", "y")]),
        Allowed(
            "At a kink, either slope is a subgradient; checks stay away from kinks.",
            "if margin > 0:",
            [(">", ">=")],
        ),
    ],
    "svm_loss_vectorized": [
        Allowed(ONE_SIZE, "N = X.shape[0]", [("X", "y")]),
        Allowed(
            SYMMETRIC,
            "margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)",
            [
                (
                    "0, scores - scores[rows, y][:, None] + 1",
                    "scores - scores[rows, y][:, None] + 1, 0",
                )
            ],
        ),
        Allowed(
            FLOATS,
            "dscores = (margins > 0).astype(X.dtype)",
            [("X", name) for name in ("W", "y", "rows", "scores", "margins")],
        ),
    ],
    "softmax_loss_naive": [Allowed(ONE_SIZE, "N, C = X.shape[0], W.shape[1]", [("X", "y")])],
    "softmax_loss_vectorized": [Allowed(ONE_SIZE, "N = X.shape[0]", [("X", "y")])],
    "batchnorm_forward": [
        Allowed(
            FLOATS,
            f'{name} = bn_param.get("{name}", np.zeros(x.shape[1], dtype=x.dtype))',
            [
                (", dtype=x.dtype", dtype)
                for dtype in ("", *(f", dtype={other}.dtype" for other in arrays))
            ],
        )
        for name, arrays in (
            ("running_mean", ("gamma", "beta")),
            ("running_var", ("gamma", "beta", "running_mean")),
        )
    ],
    "stochastic_depth_forward": [
        Allowed(FLOATS, GATE, [("float", "")]),
        Allowed("A draw hits a given number once in 10**16.", GATE, [("<", "<=")]),
    ],
    "random_search": [
        Allowed(
            "Without rng, where the numbers come from is free.",
            "rng = np.random.default_rng()",
            [("np.random.default_rng()", "np.random")],
        ),
        Allowed(
            FINITE,
            "if best_W is None or loss < best_loss:",
            [
                ("best_W is None or ", ""),
                *(
                    ("best_W", name)
                    for name in (
                        "loss_fn",
                        "shape",
                        "num_tries",
                        "scale",
                        "rng",
                        "_",
                        "best_loss",
                        "loss_history",
                        "W",
                        "loss",
                    )
                ),
            ],
        ),
        Allowed(
            "Of equal losses, either is the smallest.",
            "if best_W is None or loss < best_loss:",
            [("<", "<=")],
        ),
    ],
    "LinearClassifier.train": [
        Allowed(PRINTS, TRAIN, [("False", "True")]),
        Allowed(
            "Not judged: it takes 100 evaluations of the loss to see, three times as many as all"
            " other checks of training.",
            TRAIN,
            [("=100", "=101"), ("=100", "=99"), ("=100", "=200")],
        ),
        Allowed(
            "self.W belongs to the model.",
            "self.W = self.W - learning_rate * dW",
            [("= self.W -", "-=")],
        ),
    ],
}


@dataclass(frozen=True)
class Survivor:
    """A mutant with which this student keeps all points; `crash` is the exception of a check, which
    is a fault of ours.
    """

    mutant: Mutant
    student: str
    crash: str = ""


@dataclass(frozen=True)
class MutationResult:
    """What became of the mutants of an exercise.

    allowed : survivors with the reason why they may
    holes : survivors without one
    gone : what is listed as allowed and did not survive
    """

    mutants: int
    allowed: tuple[tuple[Survivor, str], ...]
    holes: tuple[Survivor, ...]
    gone: tuple[tuple[str, str], ...]

    @property
    def killed(self) -> int:
        return self.mutants - len(self.allowed) - len(self.holes)


def examine(exercise: str, students: Sequence[str]) -> MutationResult:
    """Judge all mutants of the reference's function."""
    every = list(mutants(definition(exercise)))
    survivors = [survivor for mutant in every if (survivor := judge(exercise, mutant, students))]
    reasons = {
        lines: entry.reason for entry in ALLOWED.get(exercise, ()) for lines in entry.lines()
    }
    known = {(each.mutant.before, each.mutant.after) for each in survivors} & reasons.keys()
    listed = [
        each
        for each in survivors
        if (each.mutant.before, each.mutant.after) in known and not each.crash
    ]
    return MutationResult(
        len(every),
        tuple((each, reasons[each.mutant.before, each.mutant.after]) for each in listed),
        tuple(each for each in survivors if each not in listed),
        tuple(reasons.keys() - known),
    )


def judge(exercise: str, mutant: Mutant, students: Sequence[str]) -> Survivor | None:
    """Run the hidden checks for each student until one fails; None when it does for all of them."""
    for name in students:
        try:
            for judged in filter(None, (exercise, ALSO_JUDGED_BY.get(exercise))):
                files: dict[str, Any] = {
                    **local_student.REFERENCE_FILES,
                    exercise: compiled(exercise, mutant.source),
                }
                zygote: Any = local_student.LocalZygote()
                with contextlib.closing(Session(zygote, files)) as session:
                    run_checks(judged, Student(files, session.ask), name)
        except AssertionError:
            continue
        except Exception as error:
            return Survivor(mutant, name, f"{type(error).__name__}: {error}")
        return Survivor(mutant, name)
    return None


def definition(exercise: str) -> ast.FunctionDef:
    """The function or method of the reference, without annotations, which change no result."""
    source = ast.parse(local_student.REFERENCE_FILES[EXERCISES[exercise].file])
    tree = ast.fix_missing_locations(_WithoutAnnotations().visit(source))
    name = exercise.rpartition(".")[2]
    return next(
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name
    )


class _WithoutAnnotations(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return ast.Assign([node.target], node.value or ast.Constant(None))


class Endless(Exception):
    """Raised inside a mutant whose loops do not end."""


def compiled(exercise: str, source: str) -> Callable:
    """The function, in a copy of the reference's module, with its rounds counted."""
    rounds = 0

    def count_round() -> None:
        nonlocal rounds
        rounds += 1
        if rounds > MAX_ROUNDS:
            raise Endless

    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.While)):
            node.body[:0] = ast.parse("count_round()").body
    namespace = {
        **vars(local_student.REFERENCE[EXERCISES[exercise].module]),
        "count_round": count_round,
    }
    exec(compile(tree, f"<a mutant of {exercise}>", "exec"), namespace)
    return namespace[exercise.rpartition(".")[2]]


def show(survivor: Survivor, comment: str) -> None:
    print(f"    - {survivor.mutant.before}\n    + {survivor.mutant.after}\n      {comment}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--exercise", choices=MUTATED, help="only this one")
    parser.add_argument(
        "--seeds",
        type=int,
        default=3,
        help="students who hand each mutant in, each with inputs of their own",
    )
    options = parser.parse_args(arguments)
    students = [f"student {number}" for number in range(options.seeds)]
    outcomes, started = [], time.perf_counter()
    for exercise in [options.exercise] if options.exercise else MUTATED:
        outcome = examine(exercise, students)
        outcomes.append(outcome)
        print(
            f"{exercise:26} {outcome.mutants:5} mutants, {outcome.killed:5} killed"
            f" ({outcome.killed / outcome.mutants:.1%}), {len(outcome.allowed):3} allowed,"
            f" {len(outcome.holes):3} holes",
            flush=True,
        )
        for survivor, reason in outcome.allowed:
            show(survivor, reason)
        for survivor in outcome.holes:
            show(survivor, f"A HOLE: all points for {survivor.student}. {survivor.crash}")
        for before, after in outcome.gone:
            print(f"    LISTED, and no survivor: {before}  ->  {after}")
    count, killed = (
        sum(getattr(each, column) for each in outcomes) for column in ("mutants", "killed")
    )
    holes = sum(len(each.holes) for each in outcomes)
    print(
        f"{count} mutants, {killed} killed ({killed / count:.2%}), {count - killed - holes}"
        f" allowed, {holes} holes; {time.perf_counter() - started:.0f} s, {options.seeds} students."
    )
    return int(any(outcome.holes or outcome.gone for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
