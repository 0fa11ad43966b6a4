"""Exceptions that beginners raise come with a sentence of help."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

import grader.checks.advice as advice_module
from grader.checks.advice import advice
from tests.support.local_student import grade_locally, solution

RAISED = [
    (
        lambda: np.zeros((7, 4)) - np.zeros(7),
        "a row needs 4 numbers, one for each column",
    ),
    (
        lambda: np.zeros((7, 4)) @ np.zeros((7, 4)),
        "as many columns on the left as rows on the right",
    ),
    (
        lambda: np.zeros((7, 4)).dot(np.zeros((7, 4))),
        "as many columns on the left as rows on the right",
    ),
    (lambda: np.zeros((7, 4)) + np.zeros((4, 7)), "are transposes of each other"),
    (lambda: np.zeros((7, 4)) + np.zeros((5, 2)), "axes are compared from the last one backwards"),
    (
        lambda: np.zeros((5, 4)).__setitem__((slice(None), 0), np.zeros(7)),
        "is it a row of the array, or a column?",
    ),
    (
        lambda: np.zeros((7, 4)).__setitem__((range(7), range(4)), 1),
        "Indices that stand together pick pairs",
    ),
    (
        lambda: np.zeros((7, 4)).__setitem__((range(4), range(4)), np.zeros(7)),
        "are not equally many",
    ),
    (lambda: np.zeros((5, 9))[:, 9], "Counting begins at 0."),
    (lambda: np.zeros(7)[0, 1], "fewer axes than there are indices"),
    (lambda: np.zeros(7)[3.0], "Indices are whole numbers"),
    (lambda: np.zeros(7)[np.zeros(5) > 0], "A mask must have the shape"),
    (lambda: np.zeros(7).sum(axis=1), "an array of one axis has axis 0 only"),
    (lambda: (np.zeros(3) > 0) - (np.ones(3) > 0), "Turn the mask into floats first."),
    (lambda: -(np.zeros(3) > 0), "Turn the mask into floats first."),
    (lambda: np.random.randn((2, 3)), "takes the sizes one by one"),
    (lambda: (1.0, 2.0) * 0.5, "gives a tuple of both"),
    (lambda: range(7 / 2), "// divides without a rest"),
    (lambda: np.zeros(3.0), "// divides without a rest"),
    (lambda: np.zeros(3)(1), "entries of an array stand in square ones"),
    (lambda: len[3], "with round ones"),
    (lambda: None + 1, "a function without a return"),
    (lambda: math.exp(np.zeros(3)), "those of NumPy take arrays"),
    (lambda: math.exp(1000.0), "Subtract the largest score first"),
    (lambda: math.log(0.0), "That is the logarithm of 0"),
    (lambda: np.zeros(3, int).__iadd__(0.5), "zeros_like copies the type"),
    (lambda: 1 if np.zeros(3) > 0 else 0, "takes one truth value"),
    (lambda: undefined, "dw and dW are two names"),  # noqa: F821
    (lambda: np.float(3), "NumPy has dropped that name: write float."),  # noqa: NPY001
    (lambda: np.maximums(1), "NumPy has no such function."),
    (lambda: [1].shape, "not an array"),
    (lambda: {}["eps"], "the docstring names its default"),
    (lambda: 1 / 0, "when there is one example"),
    (lambda: [i + 1 for i in 3], "A loop over a count needs range"),
    (lambda: np.random.default_rng(0).randn(3), "standard_normal for randn"),
    (lambda: np.zeros(28).reshape(3, 3), "exactly as many numbers"),
    (lambda: exec("def f(:"), "a bracket, a comma or a colon"),
    (lambda: np.load("weights.npy"), "paths begin at the notebooks"),
    (lambda: exec("if 1:\nx = 1"), "four spaces a level"),
    (
        lambda: exec("def f():\n    for i in []:\n        z = i\n    return z\nf()"),
        "set it before it is used",
    ),
]


@pytest.mark.parametrize("act, help_", RAISED, ids=[help_ for _, help_ in RAISED])
def test_common_exceptions_come_with_help(act, help_):
    def raises(W, X, y, reg):
        return act()

    (report,) = grade_locally([solution("ann", {"svm_loss_naive": raises})], ["svm_loss_naive"])
    assert help_ in report.exercise("svm_loss_naive").checks[0].message


def test_where_shapes_matter_those_of_the_arguments_are_told():
    args = (np.zeros((5, 4)), np.zeros((7, 5)), np.zeros(7, int), 0.1)
    assert advice(
        "svm_loss_naive", "IndexError", "index 5 is out of bounds for axis 1 with size 4", args
    ).endswith(
        "Here W is (5, 4), X is (7, 5) and y is (7,): N = 7 examples, D = 5 features and C = 4"
        " classes."
    )
    assert "Here" not in advice("svm_loss_naive", "NameError", "name 'dw' is not defined", args)
    assert advice(
        "LinearClassifier.predict", "IndexError", "index 5 is out of bounds", args[1:2]
    ).endswith("Here X is (7, 5): N = 7 examples and D = 5 features.")


@pytest.mark.parametrize(
    "type_name, text", [("", ""), ("KeyErrors", "eps"), ("Exception", "not aligned"), ("(", ")")]
)
def test_an_exception_that_nobody_knows_gets_no_help(type_name, text):
    assert advice("svm_loss_naive", type_name, text, ()) == ""


# A construct, its line in Python 3.11, and what 3.11 says of it: the first Python that takes it,
# and what to write instead.
NEWER = [
    ("type Losses = list[float]", "invalid syntax", "3.12", "Leave the word type out"),
    ("type Pair[T] = tuple[T, T]", "invalid syntax", "3.12", "Leave the word type out"),
    ("def first[T](items: list[T]) -> T:", "expected '('", "3.12", "square brackets"),
    ("class Stack[T]:", "invalid syntax", "3.12", "square brackets"),
    ("async def first[T = int](items):", "expected '('", "3.13", "square brackets"),
    (
        'print(f"loss {history["loss"]}")',
        "f-string: unmatched '['",
        "3.12",
        "the other kind of quotes",
    ),
    ('print(f"{"loss"}")', "f-string: expecting '}'", "3.12", "the other kind of quotes"),
    (
        "print(f\"{'\\n'.join(lines)}\")",
        "f-string expression part cannot include a backslash",
        "3.12",
        "a name first",
    ),
    (
        "print(f'{'\\n'.join(lines)}')",
        "unexpected character after line continuation character",
        "3.12",
        "a name first",
    ),
    (
        'print(f"{loss  # of the batch',
        "unterminated string literal (detected at line 1)",
        "3.12",
        "neither end the line",
    ),
    (
        "except ValueError, TypeError:",
        "multiple exception types must be parenthesized",
        "3.14",
        "into brackets",
    ),
    ('name = t"{loss}"', "invalid syntax", "3.14", "Write f in front of the quotes"),
    ("lazy import numpy", "invalid syntax", "3.15", "Leave the word lazy out"),
]


@pytest.mark.parametrize("line, text, first, instead", NEWER, ids=[line for line, *_ in NEWER])
def test_what_a_newer_python_takes_is_told_as_that(monkeypatch, line, text, first, instead):
    monkeypatch.setattr(advice_module, "PYTHON", (3, 10))
    told = advice("svm_loss_naive", "SyntaxError", f"{text}: {line}", ())
    assert (
        told.startswith(f"That needs Python {first} or newer. Grading runs Python ")
        and instead in told
    )


@pytest.mark.parametrize(
    "line, text",
    [
        ("loss = (1, 2", "'(' was never closed"),
        ('print(f"{loss")', "f-string: expecting '}'"),
        ("def f(x)", "expected ':'"),
        (
            "print(f\"{history['loss'}\")",
            "f-string: closing parenthesis '}' does not match opening parenthesis '['",
        ),
        ("type = 3 4", "invalid syntax"),
        ("class A(B:", "invalid syntax"),
        ('x = "abc', "unterminated string literal"),
    ],
)
def test_what_no_python_takes_is_a_slip_and_the_version_is_named(monkeypatch, line, text):
    monkeypatch.setattr(advice_module, "PYTHON", (3, 10))
    told = advice("svm_loss_naive", "SyntaxError", f"{text}: {line}", ())
    assert "a bracket, a comma or a colon" in told
    assert told.endswith(f"Grading runs Python {sys.version_info[0]}.{sys.version_info[1]}.")


def test_what_this_python_takes_is_not_called_newer(monkeypatch):
    monkeypatch.setattr(advice_module, "PYTHON", (3, 12))
    assert "needs Python" not in advice(
        "svm_loss_naive", "SyntaxError", "invalid syntax: type Losses = list[float]", ()
    )


def test_texts_that_patterns_might_be_slow_on_are_answered():
    for piece in ('f"', "f'{", "[", "def a", "type a", ": ", "{}", "t'"):
        for text in (
            "f-string: x: ",
            "invalid syntax: ",
            "unterminated string literal: ",
            "line continuation character: ",
        ):
            assert advice("svm_loss_naive", "SyntaxError", (text + piece * 500)[:500], ())
