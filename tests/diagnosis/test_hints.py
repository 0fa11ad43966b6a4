"""Mistakes that no result shows: what raises, and what a check finds by itself. Named where that is
certain, and only there.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from grader.checks.expect import Diagnosed, Mismatch, expect
from grader.diagnosis import hints
from grader.report import Check, Verdict
from tests.support.local_student import REFERENCE, grade_locally, solution

SVM, SOFTMAX, SEARCH = (REFERENCE[module] for module in ("linear_svm", "softmax", "optimization"))
SQUEEZED, LOOP = "arrays squeezed", "explicit loop"
NO_REPLACEMENT, FEATURES, IGNORED = (
    "drawn without replacement",
    "indices of features",
    "generator ignored",
)
SHOWN: list[tuple[str, str, Callable]] = []


def wrote(exercise: str, named: str = "") -> Callable[[Callable], Callable]:
    """Note a wrong solution, and the known mistake that it is; "" where it is none of them,
    whatever it raises.
    """

    def note(function: Callable) -> Callable:
        SHOWN.append((exercise, named, function))
        return function

    return note


# --- axes that get lost ---


@wrote("svm_loss_vectorized", SQUEEZED)
def squeezed_with_dot(W, X, y, reg):
    W, X = W.squeeze(), X.squeeze()
    scores = X.dot(W)
    rows = np.arange(len(X))
    margins = np.maximum(0, scores - scores[rows, y].reshape(-1, 1) + 1)
    margins[rows, y] = 0
    dscores = (margins > 0).astype(float)
    dscores[rows, y] = -dscores.sum(axis=1)
    return margins.sum() / len(X) + reg * np.sum(W**2), X.T.dot(dscores) / len(X) + 2 * reg * W


@wrote("svm_loss_vectorized", SQUEEZED)
def scores_squeezed(W, X, y, reg):
    rows = np.arange(len(X))
    scores = np.squeeze(X @ W)
    margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)
    margins[rows, y] = 0
    dscores = (margins > 0).astype(float)
    dscores[rows, y] = -dscores.sum(axis=1)
    return margins.sum() / len(X) + reg * np.sum(W**2), X.T @ dscores / len(X) + 2 * reg * W


@wrote("svm_loss_vectorized")
def wide_arrays_turned(W, X, y, reg):
    """Takes the longer side for the examples, and finds out with the first X that is wider than
    long.
    """
    return SVM.svm_loss_vectorized(W, X if X.shape[0] > X.shape[1] else X.T, y, reg)


@wrote("svm_loss_naive")
def wants_a_batch(W, X, y, reg):
    if len(X) == 1:
        raise ValueError("a batch has at least 2 examples")
    return SVM.svm_loss_naive(W, X, y, reg)


@wrote("svm_loss_naive")
def looks_at_the_second_feature(W, X, y, reg):
    loss, dW = SVM.svm_loss_naive(W, X, y, reg)
    return loss + 0 * X[0, 1], dW


@wrote("softmax_loss_vectorized")
def sums_without_their_axis(W, X, y, reg):
    p = np.exp(X @ W) / np.exp(X @ W).sum(axis=1)
    return -np.log(p[np.arange(len(X)), y]).mean(), X.T @ p


@wrote("softmax_loss_vectorized")
def rows_counted_by_the_labels(W, X, y, reg):
    """The scores of as many rows as there are classes: too many rows, or an index beyond the last
    one, where C > N.
    """
    SOFTMAX.softmax_loss_vectorized(W, X[range(W.shape[1])], y[range(W.shape[1])], reg)
    return SOFTMAX.softmax_loss_vectorized(W, X, y, reg)


@wrote("softmax_loss_naive")
def weights_not_turned(W, X, y, reg):
    loss, dW = SOFTMAX.softmax_loss_naive(W, X, y, reg)
    return loss + reg * np.sum(W @ W), dW


@wrote("softmax_loss_naive")
def divides_by_the_other_examples(W, X, y, reg):
    return SOFTMAX.softmax_loss_naive(W, X, y, reg * (len(X) - 1) / (len(X) - 1))


# --- drawing minibatches ---


def train(draw: Callable) -> Callable:
    """A right `train`, but for the indices draw(X, y, batch_size)."""

    def method(
        self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
    ):
        if self.W is None:
            self.W = 0.001 * np.random.randn(X.shape[1], np.max(y) + 1)
        history = []
        for _ in range(num_iters):
            batch = draw(X, y, batch_size)
            loss, dW = self.loss(X[batch], y[batch], reg)
            history.append(loss)
            self.W = self.W - learning_rate * dW
        return history

    method.__name__ = draw.__name__
    return method


def wrote_train(named: str = "") -> Callable[[Callable], Callable]:
    return lambda draw: wrote("LinearClassifier.train", named)(train(draw))


@wrote_train(NO_REPLACEMENT)
def sampled_from_a_list(X, y, batch_size):
    return random.sample(range(len(X)), batch_size)


@wrote_train(NO_REPLACEMENT)
def chosen_by_a_generator(X, y, batch_size):
    return np.random.default_rng().choice(X.shape[0], size=batch_size, replace=False)


@wrote_train()
def refuses_large_batches(X, y, batch_size):
    if batch_size > len(X):
        raise ValueError(f"batch_size is {batch_size}, which is larger than the {len(X)} examples")
    return np.random.choice(len(X), batch_size)


@wrote_train()
def weighted_by_the_labels(X, y, batch_size):
    return np.random.choice(len(X), batch_size, p=y / np.max(y))


@wrote_train(FEATURES)
def whole_numbers_below_the_features(X, y, batch_size):
    return np.random.randint(0, len(X[0]), size=batch_size)


@wrote_train()
def one_row_too_many(X, y, batch_size):
    return np.random.randint(0, len(X) + 1, size=batch_size)


def ends_early(after: int) -> Callable:
    """Right so far, and then an exception: no sign of a loop that is too short."""
    drawn: list[None] = []

    def raises_in_the_middle(X, y, batch_size):
        drawn.append(None)
        return np.random.choice(len(X), batch_size) if len(drawn) % after else X.missing

    return raises_in_the_middle


wrote_train()(ends_early(3))


@wrote_train()
def few_rows(X, y, batch_size):
    return np.random.choice(len(X) // 4 + 1, batch_size)


@wrote_train()
def indices_of_classes(X, y, batch_size):
    return np.random.choice(np.max(y) + 1, batch_size)


# --- checking gradients ---


@wrote("grad_check_sparse")
def loses_its_list(f, x, analytic_grad, num_checks=10, h=1e-5):
    errors = []
    for k in range(num_checks):
        ix = tuple(np.random.randint(size) for size in x.shape)
        step = np.zeros_like(x)
        step[ix] = h
        slope = (f(x + step) - f(x - step)) / (2 * h)
        errors.append(abs(slope - analytic_grad[ix]) / (abs(slope) + abs(analytic_grad[ix])))
        errors = None if k == num_checks - 2 else errors
    return errors


# --- a generator that is given ---


@wrote("random_search", IGNORED)
def half_of_the_noise_from_numpy(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    rng = rng or np.random.default_rng()
    tries = [
        scale * (rng.standard_normal(shape) + np.random.randn(*shape)) / np.sqrt(2)
        for _ in range(num_tries)
    ]
    losses = [loss_fn(W) for W in tries]
    return tries[int(np.argmin(losses))], min(losses), losses


@wrote("random_search", IGNORED)
def a_seed_of_its_own(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    return SEARCH.random_search(loss_fn, shape, num_tries, scale, np.random.default_rng(231))


def tired() -> Callable:
    runs = []

    def a_try_less_each_time(loss_fn, shape, num_tries, scale=1e-3, rng=None):
        runs.append(None)
        return SEARCH.random_search(loss_fn, shape, max(1, num_tries - (len(runs) > 4)), scale, rng)

    return a_try_less_each_time


# What the last call did, and no word on its generator.
wrote("random_search", "one try too few")(tired())


@wrote("stochastic_depth_forward", IGNORED)
def gate_from_numpy(x, residual, sd_param):
    p = sd_param["survival_prob"]
    if sd_param["mode"] not in ("train", "test"):
        raise ValueError("mode")
    gate = float(np.random.rand() < p) if sd_param["mode"] == "train" else p
    return x + gate * residual, gate


@wrote("stochastic_depth_forward")
def gate_of_another_type(x, residual, sd_param):
    return x + (sd_param["rng"].choice(2, p=sd_param["survival_prob"])) * residual, None


# --- loops ---


@wrote("softmax_loss_vectorized", LOOP)
def loop_behind_a_name_of_numpys(W, X, y, reg):
    scores = X @ W
    scores = scores - scores.max(axis=1, keepdims=True)
    p = np.apply_along_axis(lambda row: np.exp(row) / np.sum(np.exp(row)), 1, scores)
    rows = np.arange(len(X))
    loss = np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[rows, y])
    p[rows, y] -= 1
    return loss + reg * np.sum(W**2), X.T @ p / len(X) + 2 * reg * W


def failed(exercise: str, function: Callable, secret: str = "secret") -> list[Check]:
    np.random.seed(0)
    random.seed(0)
    (report,) = grade_locally([solution("ann", {exercise: function})], [exercise], secret)
    return [
        check
        for check in report.exercise(exercise).checks
        if check.verdict is Verdict.FAILED and check.tried
    ]


@pytest.mark.parametrize(
    "exercise, name, function", SHOWN, ids=[function.__name__ for _, _, function in SHOWN]
)
@pytest.mark.parametrize("secret", ["secret", "another"])
def test_it_is_named_if_it_is_known_and_nothing_else_is(exercise, name, function, secret):
    checks = failed(exercise, function, secret)
    assert checks
    assert {check.mistake for check in checks} - {""} == ({name} if name else set())


@pytest.mark.parametrize(
    "exercise, name",
    [
        *(
            (f"{loss}_loss_{way}", SQUEEZED)
            for loss in ("svm", "softmax")
            for way in ("naive", "vectorized")
        ),
        ("svm_loss_vectorized", LOOP),
        ("softmax_loss_vectorized", LOOP),
        ("random_search", IGNORED),
        ("stochastic_depth_forward", IGNORED),
        ("LinearClassifier.train", NO_REPLACEMENT),
        ("LinearClassifier.train", FEATURES),
    ],
)
def test_its_hint_ends_the_message_and_stands_there_once(exercise, name):
    (entry,) = [entry for entry in hints.bank(exercise) if entry.name == name]
    (check,) = [check for check in failed(exercise, entry.wrong) if check.mistake]
    assert check.failure and check.failure.hint == entry.hint
    assert check.message == f"{exercise}: {check.failure.finding} {entry.hint}"
    sentences = check.message.split(". ")
    assert len(set(sentences)) == len(sentences)


def test_a_check_may_name_what_it_has_found():
    expect(True, "all is well", mistake="a name")
    with pytest.raises(Diagnosed, match=r"^not so well$") as caught:
        expect(False, "not so well", mistake="a name")
    assert caught.value.mistake == "a name"
    with pytest.raises(Mismatch) as plain:
        expect(False, "not so well")
    assert not isinstance(plain.value, Diagnosed)


def test_a_name_that_is_not_in_the_bank_is_a_fault_of_ours():
    assert hints.named("random_search", IGNORED).name == IGNORED
    with pytest.raises(ValueError, match="unpack"):
        hints.named("random_search", LOOP)
