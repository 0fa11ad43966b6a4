"""Visible checks of linear_classifier.py, with a loss that records each call that train makes."""

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np

from cs231n_utils import data
from cs231n_utils.advice import model_files
from cs231n_utils.expect import expect, expect_array, expect_close, expect_length
from cs231n_utils.visible_checks.tools import expect_history, expect_unchanged

FULL_POINTS = 0.92  # accuracy on the hidden rows; points fall to 0 at 0.80
N, D, C = 30, 4, 3


def numbered_rows():
    """X (N, D) with i in every entry of row i, and y (N,) with y[i] = i modulo C."""
    return np.repeat(np.arange(float(N))[:, None], D, axis=1), np.arange(N) % C


def recorder(student, W=None):
    """A classifier whose loss is 100, 101, 102, … with a gradient of halves; it keeps its calls."""

    base: Any = student.LinearClassifier

    class Recorder(base):
        def loss(self, X_batch, y_batch, reg):
            self.calls.append((np.array(X_batch), np.array(y_batch), reg, np.array(self.W)))
            return 99.0 + len(self.calls), np.full((D, C), 0.5)

    model = Recorder()
    model.W, model.calls = W, []
    return model


class TestTrain:
    exercise = "LinearClassifier.train"

    def test_history(self, student, rng):
        """loss_history holds the loss of each of num_iters minibatches, each evaluated once."""
        model = recorder(student)
        history = model.train(*numbered_rows(), num_iters=5, batch_size=6)
        expect_history(
            history,
            [100.0, 101.0, 102.0, 103.0, 104.0],
            hint="Call self.loss once in each step, and record what it returns.",
        )

    def test_step(self, student, rng):
        """Each step moves W against the gradient: three steps of 0.1 with a gradient of halves take
        0.15 away.
        """
        model = recorder(student, W=np.full((D, C), 2.0))
        model.train(*numbered_rows(), learning_rate=0.1, num_iters=3, batch_size=6)
        expect_close(
            "self.W",
            model.W,
            np.full((D, C), 1.85),
            hint="An existing self.W is the start; a step is down, learning_rate times gradient.",
        )

    def test_rows_with_labels(self, student, rng):
        """A minibatch holds batch_size rows of X, each with its own label, also when batch_size
        exceeds N.
        """
        for batch_size in (6, 50):
            model = recorder(student)
            model.train(*numbered_rows(), reg=0.25, num_iters=2, batch_size=batch_size)
            for X_batch, y_batch, reg, _ in model.calls:
                expect_array("X_batch", X_batch, (batch_size, D), "(batch_size, D)")
                expect_array("y_batch", y_batch, (batch_size,), "(batch_size,)", kind="i")
                expect(
                    bool((X_batch[:, 0] % C == y_batch).all()),
                    "Some rows of X_batch come with the label of another row; expected rows and"
                    " labels from the same indices.",
                )
                expect_close("reg as given to self.loss", reg, 0.25)

    def test_random_rows(self, student, rng):
        """Minibatches are drawn at random from all rows."""
        trainings = []
        for _ in range(2):
            model = recorder(student)
            model.train(*numbered_rows(), num_iters=60, batch_size=10)
            trainings.append([X_batch[:, 0] for X_batch, *_ in model.calls])
        batches, again = trainings
        seen = len(np.unique(np.concatenate(batches)))
        expect(
            seen == N,
            f"60 minibatches of 10 rows held {seen} different rows of {N}; expected all of them."
            " Draw the indices from 0 to N - 1.",
        )
        expect(
            any(not np.array_equal(batch, batches[0]) for batch in batches),
            "All minibatches are the same; expected a new draw in each step.",
        )
        expect(
            any((np.diff(batch) < 0).any() for batch in batches),
            "The rows of each minibatch come in the order of X; expected a random order.",
        )
        expect(
            not all(map(np.array_equal, batches, again)),
            "Two trainings drew the same minibatches, in the same order; expected others each time."
            " Is a seed set inside train?",
        )

    def test_start(self, student, rng):
        """Without a W it starts from small random numbers of shape (D, C)."""
        model = recorder(student)
        model.train(*numbered_rows(), num_iters=1, batch_size=6)
        expect_length("minibatches that self.loss was asked for", model.calls, 1)
        start = expect_array(
            "self.W at the first loss",
            model.calls[0][3],
            (D, C),
            "(columns of X, largest label + 1)",
        )
        largest = np.abs(start).max()
        expect(
            0.0 < largest < 0.01,
            f"The largest entry of the first W is {largest:.3g}; expected normal numbers "
            "times 0.001.",
        )

    def test_leaves_alone(self, student, rng):
        """X and y stay as they are, and nothing is printed unless verbose is true."""
        X, y = numbered_rows()
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            recorder(student).train(X, y, num_iters=3, batch_size=6)
        expect_unchanged("X", X, numbered_rows()[0])
        expect_unchanged("y", y, numbered_rows()[1])
        expect(
            not printed.getvalue(),
            f"train printed {printed.getvalue()[:60]!r}; expected nothing with verbose=False.",
        )


class TestPredict:
    exercise = "LinearClassifier.predict"

    @staticmethod
    def predict(student, W, X):
        model = student.LinearClassifier()
        model.W = np.array(W)
        return model.predict(np.array(X))

    def test_largest_score(self, student, rng):
        """It gives the class with the largest score of each row."""
        W = [[1.0, 0.0, 2.0], [0.0, 1.0, -2.0]]
        y_pred = self.predict(student, W, [[3.0, 1.0], [0.0, 2.0], [1.0, 0.9], [1.0, 4.0]])
        # The scores are (3, 1, 4), (0, 2, -4), (1, 0.9, 0.2), (1, 4, -6).
        hint = ""
        if np.array_equal(np.ravel(y_pred), [4.0, 2.0, 1.0, 4.0]):
            hint = "The class is the place of the largest score, not the score."
        expect_close(
            "y_pred", y_pred, np.array([2, 1, 0, 1]), like="one class for each row", hint=hint
        )

    def test_negative_scores(self, student, rng):
        """It also does so where all scores are negative."""
        expect_close(
            "y_pred", self.predict(student, [[-3.0, -1.0, -2.0]], [[1.0], [5.0]]), np.array([1, 1])
        )


class TestBestModel:
    exercise = "best_model.npz"

    @staticmethod
    def weights():
        """The array W of the file."""
        path = Path("best_model.npz")
        with path.open("rb") as file:
            fault = model_files.fault(file.read(model_files.NEEDED))
        expect(not fault, f"{path} {fault}")
        try:
            with np.load(path, allow_pickle=False) as arrays:
                names = arrays.files
                W = arrays["W"] if "W" in names else None
        except Exception as error:
            expect(False, f"{path} {model_files.unreadable(str(error))}")
        expect(W is not None, f"{path} {model_files.without_W(names)}")
        return W

    def test_shape(self, student, rng):
        """It holds an array W of 65 rows (pixels and bias) and 10 columns (classes), no NaN."""
        expect_array("W", self.weights(), (65, 10), "(D, C) of the digits")

    def test_accuracy(self, student, rng, say):
        """It is right on 92 % of the validation images."""
        W = expect_array("W", self.weights(), (65, 10), "(D, C) of the digits")
        digits = data.load("digits")
        # Row by row on purpose: predicting a whole batch at once is an exercise.
        rows = zip(digits.X_val, digits.y_val, strict=True)
        accuracy = float(
            np.mean(
                [int(label) == max(range(10), key=(row @ W).__getitem__) for row, label in rows]
            )
        )
        found = (
            f"Validation accuracy {accuracy:.3f}; {FULL_POINTS} is enough for full points, and 0.80"
            " for none."
        )
        expect(
            accuracy >= FULL_POINTS, f"{found} Try other learning rates, reg and more iterations."
        )
        say(f"{found} The graded check uses images that you do not have.")
