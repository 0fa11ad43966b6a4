"""What notebook 5 tells its reader without a cell that computes it: true with right functions."""

from __future__ import annotations

import ast
import re

import numpy as np
import pytest

from cs231n_utils import data
from grader.topics.linear_classifier.reference import LinearClassifier
from grader.topics.linear_classifier.test_linear_classifier import NONE, holdout
from grader.topics.optimization.reference import gradient_descent
from grader.topics.softmax.reference import softmax_loss_vectorized
from tests.notebooks.test_notebooks import read

SOURCE = {cell.id: cell.source for cell in read("5_optimization").cells}


class Softmax(LinearClassifier):
    def loss(self, X_batch, y_batch, reg):
        return softmax_loss_vectorized(self.W, X_batch, y_batch, reg)


def trained(images: data.Dataset, **settings) -> Softmax:
    model = Softmax()
    model.train(images.X_train, images.y_train, **settings)
    return model


def accuracy(model: Softmax, X: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean(model.predict(X) == y))


def names_set_by(*cells: str) -> dict[str, object]:
    """What the cells define, which use NumPy and each other alone."""
    names: dict[str, object] = {"np": np}
    for cell in cells:
        exec(SOURCE[cell].partition("\nnote = ")[0], names)
    return names


@pytest.mark.parametrize("seed", range(4))
def test_the_settings_that_are_given_earn_nothing(seed):
    assert "a start that earns nothing" in SOURCE["part-9"]
    [given] = re.findall(r"^settings = (\{.*?\})", SOURCE["train-best"], re.MULTILINE)
    np.random.seed(seed)
    assert accuracy(trained(data.load("digits"), **ast.literal_eval(given)), *holdout()) < NONE


def test_the_corner_of_the_grid_is_wrong_about_all_and_one_step_later_right_about_many():
    assert "iteration more, 201" in SOURCE["grid-answer"]
    digits = data.load("digits")
    right = []
    for steps in (200, 201):
        np.random.seed(4)
        corner = trained(digits, learning_rate=3.0, reg=1.0, num_iters=steps, batch_size=100)
        right.append(accuracy(corner, digits.X_val, digits.y_val))
    assert right[0] == 0
    assert right[1] > 0.5


def test_the_first_step_goes_to_the_class_means():
    images = data.load("fashion")
    N, C = len(images.y_train), len(images.class_names)
    W = np.zeros((images.X_train.shape[1], C))
    gradient = softmax_loss_vectorized(W, images.X_train, images.y_train, 0.03)[1]
    for c in range(C):
        of_class = images.X_train[images.y_train == c, :-1]
        np.testing.assert_allclose(
            gradient[:-1, c], -len(of_class) / N * of_class.mean(axis=0), atol=1e-12
        )


def test_momentum_is_the_running_sum_of_gradients():
    names = names_set_by("optimizers")
    seen = []

    def loss_fn(W):
        seen.append(np.sin(W))
        return 0.0, seen[-1].copy()

    W, _ = gradient_descent(names["momentum"](loss_fn, 0.5), np.array([1.0, 2.0]), 0.1, 3)
    # Each gradient counts in full at its own step, by half at the next one, and so on.
    moved = 1.75 * seen[0] + 1.5 * seen[1] + seen[2]
    np.testing.assert_allclose(W, np.array([1.0, 2.0]) - 0.1 * moved)


def test_adam_goes_the_same_way_in_a_valley_100_times_as_steep():
    names = names_set_by("path", "optimizers")
    valley, adam, start = names["valley"], names["adam"], np.array([-2.2, 1.2])
    first, _ = gradient_descent(adam(valley), start, 0.2, 1)
    np.testing.assert_allclose(np.abs(first - start), 0.2)  # as long in each direction
    end, _ = gradient_descent(adam(valley), start, 0.2, 20)
    steep, _ = gradient_descent(adam(lambda w: valley(w, np.array([1.0, 900.0]))), start, 0.2, 20)
    np.testing.assert_allclose(steep, end, rtol=1e-6)
