"""Known mistakes in prediction and in the saved model; those in minibatch SGD are in
`training_misconceptions`.

A wrong `predict` is a method, a function of (self, ...); a wrong model is a function of the right
W.
"""

import functools

import numpy as np

from cs231n_utils import data
from grader.checks.misconception import Misconception
from grader.topics.linear_classifier.training_misconceptions import TRAININGS, training, with_draws

SGD, PREDICTION, MODEL = "minibatch gradient descent", "prediction", "model selection"


# --- LinearClassifier.predict ---

PREDICTIONS = [
    (
        "score instead of label",
        lambda self, X: np.max(X @ self.W, axis=1),
        "These are the largest scores. Which class has them?",
    ),
    (
        "float labels",
        lambda self, X: np.argmax(X @ self.W, axis=1).astype(float),
        "The labels are floats. A label is an index, an integer.",
    ),
    (
        "best example of each class",
        lambda self, X: np.argmax(X @ self.W, axis=0),
        "This is the best example for each class. Which axis holds the classes?",
    ),
    (
        "index in the whole array",
        lambda self, X: np.argmax(X @ self.W),
        "This is a single index into all scores. Each row has its own largest score.",
    ),
    (
        "smallest score",
        lambda self, X: np.argmin(X @ self.W, axis=1),
        "This is the class with the smallest score. The largest one wins.",
    ),
    (
        "labels from 1",
        lambda self, X: np.argmax(X @ self.W, axis=1) + 1,
        "The labels are one too large. The first class is number 0.",
    ),
    (
        "a row for each class",
        lambda self, X: np.eye(self.W.shape[1])[np.argmax(X @ self.W, axis=1)],
        "Each label is a row of zeros and a one. The number of the class is asked for.",
    ),
    (
        "a column of labels",
        lambda self, X: np.argmax(X @ self.W, axis=1)[:, None],
        "The labels stand in a column. They are a plain array of N numbers.",
    ),
    (
        "largest size",
        lambda self, X: np.argmax(np.abs(X @ self.W), axis=1),
        (
            "A very negative score counts like a large one. The largest score wins, not the largest"
            " size."
        ),
    ),
    (
        "classes in order",
        lambda self, X: np.argsort(X @ self.W, axis=1),
        (
            "All classes come back in the order of their scores. Only the best of each row is asked"
            " for."
        ),
    ),
    (
        "scores instead of labels",
        lambda self, X: X @ self.W,
        "These are the scores. Which class has the largest one in each row?",
    ),
    (
        "nothing returned",
        lambda self, X: None,
        "The labels do not come back. How does the function end?",
    ),
]


# --- best_model.npz ---


@functools.cache
def digits():
    return data.load_digits()


def accuracy(W):
    """On the students' own training digits."""
    return np.mean(np.argmax(digits().X_train @ W, axis=1) == digits().y_train)


def shaped(shape):
    return lambda call: call[3].shape == shape


MODELS = [
    (
        "weights transposed",
        lambda W: W.T,
        "W is transposed. Its rows are features, its columns are classes.",
        shaped((10, 65)),
    ),
    (
        "bias row missing",
        lambda W: W[:-1],
        "W lacks the row of the bias. Save the array that was trained, as it is.",
        shaped((64, 10)),
    ),
    (
        "bias row first",
        lambda W: np.roll(W, 1, axis=0),
        (
            "The rows of W are shifted by one. The bias is the last feature of these digits, not"
            " the first."
        ),
        lambda call: accuracy(np.roll(call[3], -1, axis=0)) > 0.8 > accuracy(call[3]),
    ),
    (
        "signs flipped",
        lambda W: -W,
        "W gives the right class the smallest score. Do the steps of training go downhill?",
        lambda call: accuracy(-call[3]) > 0.8 > accuracy(call[3]),
    ),
    (
        "untrained weights",
        lambda W: 0.001 * np.random.default_rng(0).standard_normal(W.shape),
        "The model is as good as guessing. Is it saved after training?",
        lambda call: (
            accuracy(call[3]) < 0.3
            and not max(accuracy(-call[3]), accuracy(np.roll(call[3], -1, axis=0))) > 0.8
        ),
    ),
]

RIGHT = {"LinearClassifier.train": training("right")}
REPLAYS = {"LinearClassifier.train": with_draws}

MISCONCEPTIONS: list[Misconception] = [
    *(Misconception("LinearClassifier.train", *row[:3], SGD, *row[3:]) for row in TRAININGS),
    *(Misconception("LinearClassifier.predict", *row, PREDICTION) for row in PREDICTIONS),
    *(Misconception("best_model.npz", *row[:3], MODEL, *row[3:]) for row in MODELS),
]
