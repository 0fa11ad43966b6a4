"""Known mistakes in prediction and in the saved model; those in minibatch SGD are in
`training_misconceptions`.

A wrong `predict` is a function of (self, X), used as a method; a wrong model is a function of the
right W.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np

from cs231n_utils import data
from grader.checks.misconception import Call, Misconception
from grader.topics.linear_classifier.training_misconceptions import TRAININGS, training, with_draws

# --- LinearClassifier.predict ---

prediction_mistake = partial(
    Misconception, exercise="LinearClassifier.predict", concept="prediction"
)

PREDICTIONS = [
    prediction_mistake(
        name="score instead of label",
        wrong=lambda self, X: np.max(X @ self.W, axis=1),
        hint="These are the largest scores. Which class has them?",
    ),
    prediction_mistake(
        name="float labels",
        wrong=lambda self, X: np.argmax(X @ self.W, axis=1).astype(float),
        hint="The labels are floats. A label is an index, an integer.",
    ),
    prediction_mistake(
        name="best example of each class",
        wrong=lambda self, X: np.argmax(X @ self.W, axis=0),
        hint="This is the best example for each class. Which axis holds the classes?",
    ),
    prediction_mistake(
        name="index in the whole array",
        wrong=lambda self, X: np.argmax(X @ self.W),
        hint="This is a single index into all scores. Each row has its own largest score.",
    ),
    prediction_mistake(
        name="smallest score",
        wrong=lambda self, X: np.argmin(X @ self.W, axis=1),
        hint="This is the class with the smallest score. The largest one wins.",
    ),
    prediction_mistake(
        name="labels from 1",
        wrong=lambda self, X: np.argmax(X @ self.W, axis=1) + 1,
        hint="The labels are one too large. The first class is number 0.",
    ),
    prediction_mistake(
        name="a row for each class",
        wrong=lambda self, X: np.eye(self.W.shape[1])[np.argmax(X @ self.W, axis=1)],
        hint="Each label is a row of zeros and a one. The number of the class is asked for.",
    ),
    prediction_mistake(
        name="a column of labels",
        wrong=lambda self, X: np.argmax(X @ self.W, axis=1)[:, None],
        hint="The labels stand in a column. They are a plain array of N numbers.",
    ),
    prediction_mistake(
        name="largest size",
        wrong=lambda self, X: np.argmax(np.abs(X @ self.W), axis=1),
        hint=(
            "A very negative score counts like a large one. "
            "The largest score wins, not the largest size."
        ),
    ),
    prediction_mistake(
        name="classes in order",
        wrong=lambda self, X: np.argsort(X @ self.W, axis=1),
        hint=(
            "All classes come back in the order of their scores. "
            "Only the best of each row is asked for."
        ),
    ),
    prediction_mistake(
        name="scores instead of labels",
        wrong=lambda self, X: X @ self.W,
        hint="These are the scores. Which class has the largest one in each row?",
    ),
    prediction_mistake(
        name="nothing returned",
        wrong=lambda self, X: None,
        hint="The labels do not come back. How does the function end?",
    ),
]


# --- best_model.npz ---


@cache
def digits() -> data.Dataset:
    return data.load("digits")


def accuracy(W: np.ndarray) -> float:
    """The share of the students' own training digits that W, of shape (65, 10), gets right."""
    return float(np.mean(np.argmax(digits().X_train @ W, axis=1) == digits().y_train))


def shaped(shape: tuple[int, ...]) -> Callable[[Call], bool]:
    return lambda call: call.result.shape == shape


model_mistake = partial(Misconception, exercise="best_model.npz", concept="model selection")

MODELS = [
    model_mistake(
        name="weights transposed",
        wrong=lambda W: W.T,
        hint="W is transposed. Its rows are features, its columns are classes.",
        matches=shaped((10, 65)),
    ),
    model_mistake(
        name="bias row missing",
        wrong=lambda W: W[:-1],
        hint="W lacks the row of the bias. Save the array that was trained, as it is.",
        matches=shaped((64, 10)),
    ),
    model_mistake(
        name="bias row first",
        wrong=lambda W: np.roll(W, 1, axis=0),
        hint=(
            "The rows of W are shifted by one. "
            "The bias is the last feature of these digits, not the first."
        ),
        matches=lambda call: (
            accuracy(np.roll(call.result, -1, axis=0)) > 0.8 > accuracy(call.result)
        ),
    ),
    model_mistake(
        name="signs flipped",
        wrong=lambda W: -W,
        hint="W gives the right class the smallest score. Do the steps of training go downhill?",
        matches=lambda call: accuracy(-call.result) > 0.8 > accuracy(call.result),
    ),
    model_mistake(
        name="untrained weights",
        wrong=lambda W: 0.001 * np.random.default_rng(0).standard_normal(W.shape),
        hint="The model is as good as guessing. Is it saved after training?",
        matches=lambda call: (
            0.05 < accuracy(call.result) < 0.3
            and not max(accuracy(-call.result), accuracy(np.roll(call.result, -1, axis=0))) > 0.8
        ),
    ),
]

RIGHT = {"LinearClassifier.train": training()}
REPLAYS = {"LinearClassifier.train": with_draws}

MISCONCEPTIONS = [*TRAININGS, *PREDICTIONS, *MODELS]
