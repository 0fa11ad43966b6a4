"""The gate: no small mistake in a reference keeps all points; and what says so can tell."""

from __future__ import annotations

import ast

import pytest

from benchmarks import mutants as run
from benchmarks.mutants import MUTATED, Allowed, definition, examine, judge
from benchmarks.mutation import Mutant, mutants

STUDENTS = ["a student"]


@pytest.mark.slow
@pytest.mark.parametrize("exercise", MUTATED)
def test_every_mutant_that_changes_behaviour_fails_a_check_of_its_exercise(exercise):
    outcome = examine(exercise, STUDENTS)
    look = f"to see these mutants: python -m benchmarks.mutants --exercise {exercise}"
    assert outcome.killed > 0, look
    assert outcome.holes == (), look
    assert outcome.gone == (), look


# --- mutants ---


def changes(source: str) -> set[tuple[str, str]]:
    """(before, after) of the mutants of a function with this body."""
    function = ast.parse(
        "def f(x, n=2):\n" + "\n".join(f"    {line}" for line in source.splitlines())
    ).body[0]
    return {(mutant.before, mutant.after) for mutant in mutants(function)}


@pytest.mark.parametrize(
    "before, after",
    [
        ("x = x - n", "x = x + n"),
        ("x = x - n", "x = n - x"),
        ("x = x - n", "x = x"),
        ("x = x - n", "x -= n"),
        ("x = x - n", "pass"),
        ("x += n", "x -= n"),
        ("x += n", "x = n"),
        ("x = -n", "x = n"),
        ("x = n % 3", "x = n % 4"),
        ("x = n > 0.5", "x = n > 1.0"),
        ("if x < n:", "if x <= n:"),
        ("if x < n:", "if not x < n:"),
        ("x = x and n", "x = x or n"),
        ("x = x and n", "x = n"),
        ("for k in range(n):", "for k in list(range(n))[1:]:"),
        ("x = [True]", "x = [False]"),
        ("x = x['mode']", "x = x['mode_']"),
        ("x = np.maximum(0, x)", "x = np.minimum(0, x)"),
        ("x = np.maximum(0, x)", "x = np.maximum(x, 0)"),
        ("x = np.abs(x)", "x = x"),
        ("x = x.copy()", "x = x"),
        ("x = x.sum(axis=1)", "x = x.sum(axis=0)"),
        ("x = x.sum(axis=1)", "x = x.sum()"),
        ("x = x.argmax()", "x = x.argmin()"),
        ("x = x @ n.T", "x = x @ n"),
        ("x = x[:, 0]", "x = x[0, :]"),
        ("x = x[:, 0]", "x = x[1:, 0]"),
        ("x = x[:, 0]", "x = x"),
        ("return (x, n)", "return (n, x)"),
    ],
)
def test_a_mutant_is_one_small_mistake(before, after):
    body = "\n    x" if before.endswith(":") else ""
    assert (before, after) in changes(before + body)


def test_a_docstring_is_no_place_for_a_mistake():
    function = ast.parse('def f(x):\n    """Text."""\n    return x').body[0]
    assert all('"""Text."""' in mutant.source for mutant in mutants(function))


def test_defaults_are_mutated_and_the_function_stays_as_it_was():
    function = ast.parse("def f(x, n=2):\n    return x").body[0]
    assert [mutant.source.splitlines()[0] for mutant in mutants(function)][:3] == [
        "def f(x, n=3):",
        "def f(x, n=1):",
        "def f(x, n=4):",
    ]
    assert ast.unparse(function) == "def f(x, n=2):\n    return x"


def test_what_only_prints_is_not_mutated():
    assert changes("if n > 0:\n    print(n + 1)") == changes("pass")


# --- judging ---


def survives(exercise: str, source: str) -> object:
    return judge(exercise, Mutant("", "", source), STUDENTS)


def test_the_reference_survives():
    assert all(survives(exercise, ast.unparse(definition(exercise))) for exercise in MUTATED)


@pytest.mark.parametrize(
    "body", ["return np.sum(W * W), W", "raise KeyError(1)", "while True: pass", "return None"]
)
def test_what_is_wrong_or_raises_or_never_ends_is_killed(body):
    assert survives("l2_penalty", f"def l2_penalty(W):\n    {body}") is None


def test_a_mutant_must_be_killed_whoever_hands_it_in(monkeypatch):
    def checks(exercise, student, name):
        assert name == "lucky"

    monkeypatch.setattr(run, "run_checks", checks)
    right = Mutant("", "", ast.unparse(definition("l2_penalty")))
    assert judge("l2_penalty", right, ["unlucky"]) is None
    assert judge("l2_penalty", right, ["unlucky", "lucky"]).student == "lucky"


def test_a_check_that_crashes_is_a_hole(monkeypatch):
    monkeypatch.setattr(run, "run_checks", lambda *args: 1 / 0)
    outcome = examine("l2_penalty", STUDENTS)
    assert outcome.killed == 0
    assert {hole.crash for hole in outcome.holes} == {"ZeroDivisionError: division by zero"}


def test_a_survivor_that_is_not_listed_is_a_hole_and_a_listed_one_that_is_killed_is_told(
    monkeypatch, capsys
):
    line = "return (np.sum(W * W), 2 * W)"
    monkeypatch.setitem(run.ALLOWED, "l2_penalty", [Allowed("Not so.", line, [("2 * W", "3 * W")])])
    assert examine("l2_penalty", STUDENTS).gone == ((line, "return (np.sum(W * W), 3 * W)"),)
    assert run.main(["--exercise", "l2_penalty", "--seeds", "1"]) == 1
    monkeypatch.setitem(run.ALLOWED, "rel_error", [])
    assert len(examine("rel_error", STUDENTS).holes) == 2
    assert run.main(["--exercise", "rel_error", "--seeds", "1"]) == 1
    assert "A HOLE" in capsys.readouterr().out


def test_a_run_without_holes_ends_well_and_shows_what_survives(capsys):
    assert run.main(["--exercise", "rel_error", "--seeds", "1"]) == 0
    assert "|a - b| is |b - a|" in capsys.readouterr().out
