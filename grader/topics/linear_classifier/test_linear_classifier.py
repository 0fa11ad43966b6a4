"""Hidden checks of minibatch SGD, prediction and the trained model.

The grader stands in for self.loss, so that the checks see every minibatch.
"""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cs231n_utils import data
from cs231n_utils.advice import model_files
from grader.checks.expect import (
    Mismatch,
    described,
    expect,
    expect_array,
    expect_close,
    expect_few_calls,
    expect_history,
    expect_length,
    expect_number,
)
from grader.checks.student import PartialCredit, ScriptedCallback, Student
from grader.text import folded

RTOL = 1e-5  # float32 keeps 7 digits, and a few steps lose one of them
MAX_CALLS = 500  # of self.loss in one training; the checks ask for 16 at most


class Loss(ScriptedCallback):
    """Stands in for self.loss: keeps (W, indices of the batch's rows, reg) of each call.

    The k-th call gets loss and gradient of the k-th point on the right path from `start`, an array
    of shape (D, C). Each has a random pull, which stands for its batch, so that a step with an old
    gradient shows. A wrong step shows in the next point, and nowhere else.

    n : the number of examples, rows of X
    rate : the learning rate
    heard : the number of calls that are looked at; a check with fewer ignores the later ones
    """

    def __init__(
        self,
        rng: np.random.Generator,
        n: int,
        start: np.ndarray,
        num_iters: int,
        rate: float = 1e-3,
        heard: int = MAX_CALLS + 1,
    ) -> None:
        self.heard = heard
        self.shape = d, c = start.shape
        self.X = rng.standard_normal((n, d))
        # As many examples of each class as can be, the last one among them: labels of other rows
        # are wrong for every draw.
        self.y = rng.permutation((c - 1 - np.arange(n)) % c)
        self.row = {row: k for k, row in enumerate(_keys(self.X))}
        self.calls: list[tuple[np.ndarray, np.ndarray, float]] = []
        self.losses: list[float] = []  # without the pulls, at the W of each call
        answers, W = [], start
        for pull in rng.standard_normal((num_iters + 1, d, c)):
            answers.append((float((W * (W / 2 + pull)).sum()), W + pull))
            W = W - rate * answers[-1][1]
        super().__init__(answers)

    def on_call(self, *args: object) -> None:
        if len(self.calls) == self.heard:
            return
        expect(
            len(args) == 4, "self.loss is called with other arguments than (X_batch, y_batch, reg)."
        )
        W, X, y, reg = args
        W = expect_array("self.W", W, self.shape, like="(D, C) with C = max(y) + 1")
        if not (isinstance(X, np.ndarray) and X.ndim == 2):
            raise Mismatch(
                f"self.loss got {described(X)}; expected X_batch of shape (batch_size, D). Are rows"
                " of X drawn?"
            )
        size = X.shape[0]
        X = expect_array("X_batch", X, (size, self.shape[0]), like="(batch size, D)")
        y = expect_array("y_batch", y, (size,), like="one label a row", kind="i")
        rows = _keys(X)
        expect(self.row.keys() >= set(rows), "X_batch has rows that are not rows of X.")
        indices = np.array([self.row[row] for row in rows], int)
        expect(
            np.array_equal(self.y[indices], y),
            "y_batch does not hold the labels of the rows in X_batch. "
            "Draw the indices once, and use the same ones for X and y.",
        )
        self.calls.append((W, indices, expect_number("reg", reg)))
        expect_few_calls("self.loss", len(self.calls), MAX_CALLS)
        self.losses.append(float((W**2).sum() / 2))


def _keys(X: np.ndarray) -> list[bytes]:
    """A key for each row of X (N, D), equal if rows agree in the single precision that students may
    compute in.
    """
    return [row.tobytes() for row in X.astype(np.float32)]


class TestTrain:
    exercise = "LinearClassifier.train"
    points = {"steps": 2, "batches": 1, "coverage": 1, "history": 1}

    def train(
        self, student: Student, loss: Loss, W: np.ndarray | None, **kwargs: object
    ) -> tuple[Any, ...]:
        """(loss_history, self.W afterwards), of a training that starts from W."""
        student.losses = loss.losses
        return student.classify("train", W, loss.X, loss.y, loss=loss, **kwargs)

    @pytest.mark.parametrize("given, iters", [({"learning_rate": 0.1, "reg": 0.25}, 4), ({}, 2)])
    def test_steps(
        self, student: Student, rng: np.random.Generator, given: dict[str, float], iters: int
    ) -> None:
        """Each step goes against the gradient of its own batch, times the learning rate, and stays
        in self.W.
        """
        W, rate = rng.standard_normal((5, 3)), given.get("learning_rate", 1e-3)
        loss = Loss(rng, 20, W, iters, rate)
        _, after = self.train(student, loss, W, **given, num_iters=iters, batch_size=4)
        expect(
            len(loss.calls) == iters,
            f"self.loss is called {len(loss.calls)} times; expected {iters}, once an iteration.",
        )
        expected = W
        for k, ((found, _, reg), (_, gradient)) in enumerate(
            zip(loss.calls, loss.given, strict=True)
        ):
            expect_close(
                f"self.W in iteration {k + 1}",
                found,
                expected,
                rtol=RTOL,
                hint=(
                    "A step down: W minus learning_rate "
                    "times the gradient; training goes on from self.W when it is set."
                ),
            )
            expect_close("the reg given to self.loss", reg, given.get("reg", 1e-5))
            expected = expected - rate * gradient
        expect_close("self.W after training", after, expected, rtol=RTOL)

    @pytest.mark.parametrize("n, given", [(20, {"batch_size": 1}), (5, {})])
    def test_batches(
        self, student: Student, rng: np.random.Generator, n: int, given: dict[str, int]
    ) -> None:
        """Each minibatch holds batch_size rows of X with their labels, also when that is more than
        there are.
        """
        W, size = rng.standard_normal((3, 2)), given.get("batch_size", 200)
        loss = Loss(rng, n, W, 3)
        self.train(student, loss, W, num_iters=3, **given)
        expect(len(loss.calls) > 0, "self.loss is never called.")
        for _, indices, _ in loss.calls:
            expect(
                len(indices) == size,
                f"a minibatch has {len(indices)} examples; expected batch_size={size} (N={n}).",
            )

    def test_coverage(self, student: Student, rng: np.random.Generator) -> None:
        """The examples are drawn at random from all of X; without weights, training starts from
        small random ones.
        """
        seed = int(rng.integers(2**62))

        def trained(heard: int = MAX_CALLS + 1) -> Loss:
            # With few features, drawing from them, not from the examples, reaches few examples.
            loss = Loss(np.random.default_rng(seed), 20, np.zeros((4, 25)), 16, heard=heard)
            self.train(student, loss, None, num_iters=16, batch_size=15)
            expect(len(loss.calls) > 0, "self.loss is never called.")
            return loss

        # Both trainings get the same arguments, so that only a draw can make a difference.
        loss, again = trained(), trained(heard=2)
        drawn = np.concatenate([indices for _, indices, _ in loss.calls])
        # 240 draws miss one of 20 rows with probability 9e-5; two missed rows have 2e-9.
        reached = len(set(drawn.tolist()))
        expect(reached >= 19, f"240 draws reach {reached} of 20 examples; expected all of them.")
        batches = {tuple(indices) for _, indices, _ in loss.calls}
        expect(len(batches) > 8, "the minibatches repeat. Draw new indices in each iteration.")
        shuffled = any((np.diff(indices) < 0).any() for _, indices, _ in loss.calls)
        expect(shuffled, "the rows of each minibatch come in order; expected a random draw.")
        repeated = all(
            np.array_equal(one, other)
            for (_, one, _), (_, other, _) in zip(loss.calls, again.calls, strict=False)
        )
        expect(
            not repeated,
            "two trainings draw the same minibatches, in the same order. Draw the indices at random"
            " each time: is there a fixed pattern, or a seed that is set inside train?",
        )
        start = loss.calls[0][0] / 0.001
        # 100 numbers: mean and standard deviation are within 6 standard errors for all but one seed
        # in 100 million.
        near = abs(float(start.mean())) < 6 / np.sqrt(start.size) and abs(
            float(start.std()) - 1
        ) < 6 / np.sqrt(2 * start.size)
        expect(near, "the first self.W does not look like 0.001 times standard normal numbers.")

    @pytest.mark.parametrize("iters", [7, 0])
    def test_history(self, student: Student, rng: np.random.Generator, iters: int) -> None:
        """Returns the loss of each minibatch before its step; no iterations give an empty list."""
        W = rng.standard_normal((5, 3))
        loss = Loss(rng, 20, W, iters)
        history, _ = self.train(student, loss, W, num_iters=iters, batch_size=4)
        history = expect_length(
            "loss_history" if iters else "loss_history with num_iters=0", history, iters
        )
        expect_history(
            history,
            [value for value, _ in loss.given],
            RTOL,
            "The loss of each minibatch, in order.",
        )


class TestPredict:
    exercise = "LinearClassifier.predict"
    points = {"labels": 1}

    @pytest.mark.parametrize("n, d, c", [(20, 5, 4), (1, 3, 2), (6, 1, 7)])
    def test_labels(
        self, student: Student, rng: np.random.Generator, n: int, d: int, c: int
    ) -> None:
        """Returns the class with the largest score for each row, as integers."""
        X, W = rng.standard_normal((n, d)), rng.standard_normal((d, c))
        predicted, _ = student.classify("predict", W, X)
        expected = np.argmax(X @ W, axis=1)
        expect_close("y_pred", predicted, expected, hint=outside(predicted, expected.shape, c))


def outside(predicted: object, shape: tuple[int, ...], classes: int) -> str:
    """A hint if some of the predicted labels are no classes at all; otherwise ""."""
    if not isinstance(predicted, np.ndarray) or predicted.shape != shape:
        return ""
    if ((predicted >= 0) & (predicted < classes)).all():
        return ""
    return f"Classes are numbered from 0 to {classes - 1}, and some of these numbers are none."


HOLDOUT = Path(__file__).parent / "holdout.npz"
FULL, NONE = 0.92, 0.80  # accuracy for all points, and for none
LESS_THAN_GUESSED = 0.05  # of ten classes, guessing finds a tenth


@functools.cache
def holdout() -> tuple[np.ndarray, np.ndarray]:
    """The digits that students do not have, as X (N, D), preprocessed like theirs, and y (N,)."""
    with np.load(HOLDOUT, allow_pickle=False) as arrays:
        return data.preprocess(arrays["images"], data.load("digits").mean_image), arrays["labels"]


class TestBestModel:
    exercise = "best_model.npz"
    points = {"accuracy": 4}

    def test_accuracy(self, student: Student) -> None:
        """Accuracy on digits that no student has: all points from 92 %, none at 80 %."""
        X, y = holdout()
        W = student.load_model()
        if isinstance(W, list):
            raise Mismatch(f"the file {model_files.without_W([folded(str(it), 60) for it in W])}")
        W = expect_array("W", W, (X.shape[1], 10), like="(D, C) of the digits")
        accuracy = float(np.mean(np.argmax(X @ W, axis=1) == y))
        if accuracy < FULL:
            raise PartialCredit(
                (accuracy - NONE) / (FULL - NONE),
                f"accuracy is {accuracy:.3f}; full points from {FULL}. "
                + (
                    "Guessing is better than that. Are rows, columns and signs of W as training"
                    " left them?"
                    if accuracy < LESS_THAN_GUESSED
                    else "Try other learning rates and penalties, and choose by the validation"
                    " accuracy."
                ),
            )
