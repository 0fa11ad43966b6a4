"""The visible checks pass the reference, say one sentence about a stub, and find the mistakes that
students make.
"""

import functools
import importlib
import inspect
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from cs231n_utils.exercises import EXERCISES, MODULES
from cs231n_utils.expect import Mismatch
from cs231n_utils.visible_checks import test_linear_svm
from cs231n_utils.visible_checks.launch import run
from grader.paths import COURSE
from grader.topics.linear_svm.reference import svm_loss_vectorized

ROOT = COURSE
FUNCTIONS = [name for name in EXERCISES if not name.endswith(".npz")]
TIMEOUT = 60.0


def copy_kit(folder: Path, solved: bool) -> Path:
    """What a student has, with the stubs or with the reference in their place."""
    for part in ("cs231n_utils", "datasets"):
        shutil.copytree(
            ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "cifar-10*")
        )
    if solved:
        for module in MODULES:
            shutil.copy(
                ROOT / "grader" / "topics" / module / "reference.py",
                folder / "cs231n_utils" / f"{module}.py",
            )
    return folder


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    return copy_kit(tmp_path_factory.mktemp("solved"), solved=True)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    return copy_kit(tmp_path_factory.mktemp("untouched"), solved=False)


def run_all(names, kit):
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(names, pool.map(lambda name: run(name, TIMEOUT, kit), names), strict=True))


@pytest.mark.slow
def test_the_reference_passes(solved):
    for name, outcome in run_all(FUNCTIONS, solved).items():
        assert outcome.passed and outcome.rows, (name, outcome)


def test_a_stub_gives_its_own_sentence(untouched):
    for name, outcome in run_all(FUNCTIONS, untouched).items():
        assert outcome.sentence.startswith(
            f"{name}: write me ({EXERCISES[name].notebook}.ipynb, part "
        ), outcome
        assert outcome.rows == ()
    assert not list(untouched.rglob("__pycache__"))


def test_every_exercise_has_checks_with_titles_of_their_own():
    found = {}
    for module in MODULES:
        checks = importlib.import_module(f"cs231n_utils.visible_checks.test_{module}")
        for name, cls in inspect.getmembers(checks, inspect.isclass):
            if name.startswith("Test"):
                assert EXERCISES[cls.exercise].module == module
                found[cls.exercise] = [
                    inspect.getdoc(method)
                    for key, method in inspect.getmembers(cls)
                    if key.startswith("test_")
                ]
    assert found.keys() == EXERCISES.keys()
    for name, titles in found.items():
        assert all(titles), name
        assert len(set(titles)) == len(titles), name


# exercise, text of the reference, what a student wrote instead, words of the message that must come
MISTAKES = [
    ("eval_numerical_gradient", "below = f(x)", "below = 0 * f(x)", "divide by the distance"),
    ("eval_numerical_gradient", "x[ix] = old  #", "pass  #", "Put each entry back"),
    (
        "rel_error",
        "np.maximum(1e-8, np.abs(x) + np.abs(y))",
        "(np.abs(x) + np.abs(y))",
        "rel_error of zeros is NaN",
    ),
    ("grad_check_sparse", "np.random.randint(size)", "0 * size", "1 different places"),
    (
        "grad_check_sparse",
        "errors = np.zeros",
        "np.random.seed(0); errors = np.zeros",
        "Two calls looked at the same places",
    ),
    ("svm_loss_naive", "+ 2 * reg * W", "+ reg * W", "half of what it should be"),
    ("svm_loss_naive", "dW / N + 2", "dW + 2", "5 times too large"),
    (
        "svm_loss_naive",
        "reg * np.sum(W * W)",
        "0",
        "What reg = 0.5 adds to the loss is 0; expected 7.625",
    ),
    ("svm_loss_naive", "if j == y[i]:", "if j < 0:", "1 too much"),
    ("svm_loss_naive", "return loss / N", "return loss", "mean, not the sum"),
    (
        "svm_loss_vectorized",
        "scores = X @ W",
        "scores = np.array([x @ W for x in X])",
        "no for, while or",
    ),
    (
        "svm_loss_vectorized",
        "return loss, X.T",
        "return loss, 0 * W.T  # X.T",
        "It looks transposed",
    ),
    ("softmax_loss_naive", "- np.max(scores)", "", "their own maximum"),
    (
        "softmax_loss_vectorized",
        "scores.max(axis=1, keepdims=True)",
        "scores.max()",
        "their own maximum",
    ),
    ("softmax_loss_vectorized", "-log_p[rows, y]", "-np.log(np.exp(log_p[rows, y]))", "log(a / b)"),
    ("l1_penalty", "np.sign(W)", "np.where(W >= 0, 1.0, -1.0)", "at 0 take 0"),
    ("elastic_net_penalty", "2 * beta * W +", "beta * W +", "dR is wrong"),
    ("batchnorm_forward", "x.var(axis=0)", "x.var(axis=0, ddof=1)", "not by N - 1"),
    ("batchnorm_forward", "np.sqrt(var + eps)", "np.sqrt(var) + eps", "Add eps to the variance"),
    ("batchnorm_backward", "dx_hat - dx_hat.mean(axis=0)", "dx_hat", "of a column depends on x"),
    (
        "stochastic_depth_forward",
        'float(sd_param["rng"].random()',
        '(sd_param["rng"].random(x.shape)',
        "whole layer",
    ),
    (
        "stochastic_depth_backward",
        "return dout, cache * dout",
        "return dout, dout",
        "no part in out",
    ),
    ("random_search", "loss < best_loss", "loss > best_loss", "best_loss is"),
    ("gradient_descent", "W -= learning_rate", "W += learning_rate", "goes uphill"),
    ("gradient_descent", "W = W.copy()", "pass", "W was changed"),
    (
        "LinearClassifier.train",
        "np.random.choice(N,",
        "np.random.choice(D,",
        "4 different rows of 30",
    ),
    ("LinearClassifier.train", "y[batch]", "y[:batch_size]", "the label of another row"),
    (
        "LinearClassifier.train",
        "N, D = X.shape",
        "N, D = X.shape; np.random.seed(0)",
        "Two trainings drew the same minibatches",
    ),
    ("LinearClassifier.predict", "np.argmax", "np.max", "expected integers"),
]


@pytest.mark.slow
def test_mistakes_are_found_and_named(solved, tmp_path):
    """Each wrong kit is the solved one with one file changed, all of them checked side by side."""

    def messages(case):
        k, (name, right, wrong, _) = case
        kit = shutil.copytree(solved, tmp_path / str(k))
        file = kit / EXERCISES[name].file
        before, function = file.read_text(), name.split(".")[-1]
        start = before.index(f"def {function}(")
        assert right in before[start:], f"the reference of {name} no longer holds {right!r}"
        file.write_text(before[:start] + before[start:].replace(right, wrong, 1))
        outcome = run(name, TIMEOUT, kit)
        return [
            " ".join([row.message, *outcome.hints]) for row in outcome.rows if row.verdict == "fail"
        ]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for (name, _, wrong, words), found in zip(
            MISTAKES, pool.map(messages, enumerate(MISTAKES)), strict=True
        ):
            assert any(words in message for message in found), (name, wrong, found)


@pytest.mark.parametrize(
    "save, words",
    [
        (None, "not in this folder yet"),
        ({"V": np.zeros((65, 10))}, "has no array W (found: V)"),
        ({"W": np.zeros((64, 10))}, r"W has shape (64, 10); expected (65, 10)"),
        ({"W": np.full((65, 10), np.nan)}, "not finite"),
        ({"W": np.zeros((65, 10))}, "Validation accuracy 0."),
    ],
)
def test_best_model_wrong(solved, tmp_path, monkeypatch, save, words):
    monkeypatch.chdir(tmp_path)
    if save:
        np.savez("best_model.npz", **save)
    outcome = run("best_model.npz", TIMEOUT, solved)
    assert not outcome.passed
    assert words in " ".join([outcome.sentence, *(row.message for row in outcome.rows)])


def test_best_model_right(solved, tmp_path, monkeypatch):
    from cs231n_utils import data

    digits = data.load("digits")
    X, y = digits.X_train, digits.y_train
    # Least squares reach 0.94 here.
    ridge = np.linalg.solve(X.T @ X + np.eye(65), X.T @ np.eye(10)[y])
    monkeypatch.chdir(tmp_path)
    np.savez("best_model.npz", W=ridge)
    outcome = run("best_model.npz", TIMEOUT, solved)
    assert outcome.passed, outcome
    assert "Validation accuracy 0.9" in outcome.rows[1].message


class Scripted:
    """Stands for a student whose svm_loss_vectorized gives what it is told to."""

    def __init__(self, loss):
        self.svm_loss_vectorized = loss


def fixed_advice(function, check_name):
    """The message of one visible check of svm_loss_vectorized for this function."""
    checks = test_linear_svm.TestSvmLossVectorized()
    with pytest.raises(Mismatch) as caught:
        getattr(checks, check_name)(Scripted(function), np.random.default_rng(231))
    return str(caught.value)


def svm(W, X, y, reg, divisor=None, more=0.0, penalty=2.0, sign=1.0):
    loss, dW = svm_loss_vectorized(W, X, y, 0.0)
    N = len(X)
    return loss * N / (divisor or N) + more, sign * dW + penalty * reg * W


@pytest.mark.parametrize(
    "check_name, changes, words",
    [
        ("test_lecture_mean", {"divisor": 1}, "the mean, not the sum"),
        ("test_lecture_mean", {"more": 1.0}, "The right class itself must not be counted."),
        ("test_penalty_in_the_gradient", {"penalty": 0.0}, "add it to dW"),
        ("test_penalty_in_the_gradient", {"penalty": 1.0}, "the derivative of a square"),
        ("test_gradient", {"sign": -1.0}, "The sign is the wrong way round."),
    ],
)
def test_fixed_advice_is_given_where_the_numbers_show_it(check_name, changes, words):
    assert words in fixed_advice(functools.partial(svm, **changes), check_name)


@pytest.mark.parametrize(
    "check_name, changes, words",
    [
        ("test_lecture_mean", {"more": 0.3}, "mean, not the sum"),
        ("test_lecture_mean", {"more": 15.8 * 2 / 3}, "mean, not the sum"),  # 15.8 by chance
        ("test_penalty_in_the_gradient", {"penalty": 3.0}, "add it"),
    ],
)
def test_fixed_advice_is_not_given_elsewhere(check_name, changes, words):
    assert words not in fixed_advice(functools.partial(svm, **changes), check_name)
