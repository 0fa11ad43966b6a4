"""What a student's loss function says about the scores of one example."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# f(W, X, y, reg) -> (loss, dW), with W (D, C), X (N, D) and y (N,), as in linear_svm.py
LossFunction = Callable[[np.ndarray, np.ndarray, np.ndarray, float], tuple[float, np.ndarray]]

# With this single feature, the weights of a class are its score.
_ONE = np.ones((1, 1))


def loss_of_scores(loss: LossFunction, scores: np.ndarray, label: int) -> float:
    """The loss of one example with these scores, an ndarray of shape (C,)."""
    return float(loss(scores[None].copy(), _ONE.copy(), np.array([label]), 0.0)[0])


def hinge_terms(svm_loss: LossFunction, scores: np.ndarray, label: int) -> np.ndarray:
    """What each class adds to the SVM loss: (C,), with 0 for the right class.

    The loss is a sum over the wrong classes, so that each one's part is the loss of that class and
    the right one alone.
    """
    return np.array(
        [
            0.0 if k == label else loss_of_scores(svm_loss, scores[[label, k]], 0)
            for k in range(len(scores))
        ]
    )


def probabilities(softmax_loss: LossFunction, scores: np.ndarray) -> np.ndarray:
    """How probable each class is: (C,). If k were the right class, the loss would be -log p_k."""
    losses = [loss_of_scores(softmax_loss, scores, k) for k in range(len(scores))]
    return np.asarray(np.exp(-np.array(losses)))
