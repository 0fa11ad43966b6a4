"""The local derivatives that stand in the graph of batch normalization, against numerical ones."""

import numpy as np
import pytest

from cs231n_utils.plots import graph, showing

N, EPS, GAMMA, BETA, H, ROW = 5, 0.1, 1.7, -0.4, 1e-6, 2
X = np.array([0.3, -1.2, 2.0, 0.7, -0.4])
MEAN = X.mean()
A = X - MEAN
VARIANCE = np.mean(A**2)
S = np.sqrt(VARIANCE + EPS)
X_HAT = A / S

# From the value where an arrow begins to the value where it ends, all others being constants.
STEPS = {
    ("x", "mean"): (lambda x_i: np.mean(np.where(np.arange(N) == ROW, x_i, X)), X[ROW]),
    ("x", "deviation"): (lambda x_i: x_i - MEAN, X[ROW]),
    ("mean", "deviation"): (lambda mean: X[ROW] - mean, MEAN),
    ("deviation", "variance"): (
        lambda a_i: np.mean(np.where(np.arange(N) == ROW, a_i, A) ** 2),
        A[ROW],
    ),
    ("variance", "spread"): (lambda variance: np.sqrt(variance + EPS), VARIANCE),
    ("deviation", "normalized"): (lambda a_i: a_i / S, A[ROW]),
    ("spread", "normalized"): (lambda s: A[ROW] / s, S),
    ("normalized", "out"): (lambda x_hat: GAMMA * x_hat + BETA, X_HAT[ROW]),
    ("scale", "out"): (lambda gamma: gamma * X_HAT[ROW] + BETA, GAMMA),
    ("shift", "out"): (lambda beta: GAMMA * X_HAT[ROW] + beta, BETA),
}
WRITTEN = {
    "$1$": 1,
    "$-1$": -1,
    "$1/N$": 1 / N,
    "$1/s$": 1 / S,
    "$2a_i/N$": 2 * A[ROW] / N,
    "$1/(2s)$": 1 / (2 * S),
    "$-a_i/s^2$": -A[ROW] / S**2,
    r"$\gamma$": GAMMA,
    r"$\hat x_i$": X_HAT[ROW],
}


@pytest.mark.parametrize("arrow", graph._ARROWS, ids=lambda arrow: f"{arrow.start}, {arrow.end}")
def test_a_local_derivative_is_the_numerical_one(arrow):
    step, at = STEPS[arrow.start, arrow.end]
    numerical = (step(at + H) - step(at - H)) / (2 * H)
    assert WRITTEN[arrow.derivative] == pytest.approx(numerical, rel=1e-7)


def test_the_picture_has_every_arrow_once_and_names_its_paths():
    assert {(arrow.start, arrow.end) for arrow in graph._ARROWS} == set(STEPS)
    assert len(graph._ARROWS) == len(STEPS) == graph.BATCHNORM_IN_WORDS.count("[")
    fig = graph.batchnorm_graph()
    assert "Drawn: direct, through the mean, through the variance." in showing.in_words(fig)
