"""Known mistakes that all linear losses share, each as a change to a right loss (W, X, y, reg) -> (loss, dW).

A mistake is a row (name, wrong, hint, idea), made from the right function, so that the SVM and the softmax loss, naive
and vectorized, have it from one place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

Row = tuple[str, Callable, str, str]


def shared(right: Callable) -> list[Row]:
    """The rows of all shared mistakes, made from this right loss."""
    return [
        *((name, partial(_penalized, right, penalty), hint, "regularization") for name, penalty, hint in PENALTIES),
        *((name, partial(_changed, right, change), hint, idea) for name, change, hint, idea in CHANGES),
        *((name, partial(wrong, right), hint, idea) for name, wrong, hint, idea in WHOLE),
    ]


def from_scores(data: Callable, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float) -> tuple[float, np.ndarray]:
    """A loss with the right average and penalty around data(scores, y) -> (losses (N,), dscores (N, C))."""
    losses, dscores = data(X @ W, y)
    return np.mean(losses) + reg * np.sum(W**2), X.T @ dscores / len(X) + 2 * reg * W


# --- the penalty: (W, reg, N) -> (its part of the loss, its part of the gradient) ---

def _penalized(right: Callable, penalty: Callable, W, X, y, reg):
    loss, dW = right(W, X, y, 0.0)
    extra_loss, extra_dW = penalty(W, reg, len(X))
    return loss + extra_loss, dW + extra_dW


def _squares(W):
    return np.sum(W**2)


def _without_bias(W, reg, n):
    inner = W.copy()
    inner[-1] = 0
    return reg * _squares(inner), 2 * reg * inner


PENALTIES = [
    ("penalty gradient without its 2", lambda W, reg, n: (reg * _squares(W), reg * W),
     "The gradient of the penalty is half of what it should be. What is the derivative of a square?"),
    ("penalty gradient with a quarter of its size", lambda W, reg, n: (reg * _squares(W), 0.5 * reg * W),
     "The gradient of the penalty is a quarter of what it should be. Does it belong to the penalty in your loss?"),
    ("factor 1/2 on the penalty", lambda W, reg, n: (0.5 * reg * _squares(W), reg * W),
     "Loss and gradient have a penalty with a factor 1/2. The assignment's penalty has none: see the docstring."),
    ("factor 1/2 on the penalty's loss only", lambda W, reg, n: (0.5 * reg * _squares(W), 2 * reg * W),
     "The penalty in the loss is half of what it should be, and the one in the gradient is right. They must belong together."),
    ("no penalty in the gradient", lambda W, reg, n: (reg * _squares(W), 0),
     "The loss has the penalty, the gradient does not. Every term of the loss has its own gradient."),
    ("no penalty in the loss", lambda W, reg, n: (0, 2 * reg * W),
     "The gradient has the penalty, the loss does not. Which term of the loss does that gradient belong to?"),
    ("no penalty at all", lambda W, reg, n: (0, 0),
     "The result does not depend on reg. The second term of the loss, and its gradient, are missing."),
    ("penalty without reg", lambda W, reg, n: (_squares(W), 2 * reg * W),
     "The whole sum of squares is in the loss, whatever reg is. How is the penalty weighted?"),
    ("penalty and its gradient without reg", lambda W, reg, n: (_squares(W), 2 * W),
     "The penalty is added with full weight, whatever reg is. How is it weighted in the formula?"),
    ("penalty gradient summed to one number", lambda W, reg, n: (reg * _squares(W), reg * np.sum(W)),
     "The penalty adds the same number to all entries of dW. Its gradient has an entry of its own for each weight."),
    ("bias left out of the penalty", _without_bias,
     "The last row of W is missing from the penalty. In this assignment all of W is penalized, the bias too."),
    ("penalty divided by N", lambda W, reg, n: (reg * _squares(W) / n, 2 * reg * W / n),
     "The penalty is N times too small. Only the data loss is an average over the examples."),
    ("penalty gradient subtracted", lambda W, reg, n: (reg * _squares(W), -2 * reg * W),
     "The gradient of the penalty has the wrong sign. Larger weights make the loss larger."),
    ("absolute values in the penalty", lambda W, reg, n: (reg * np.sum(np.abs(W)), reg * np.sign(W)),
     "The penalty is the sum of absolute values. This loss takes the L2 penalty: squares."),
]


# --- the data loss and its gradient: (loss, dW, N) -> both, changed; the penalty is right ---

def _changed(right: Callable, change: Callable, W, X, y, reg):
    loss, dW = change(*right(W, X, y, 0.0), len(X))
    return loss + reg * _squares(W), dW + 2 * reg * W


AVERAGE, GRADIENT = "average over the batch", "gradient of the loss"

NO_DATA_GRADIENT = "The data loss adds nothing to dW. Which entries of dW does each example change?"

CHANGES = [
    ("loss not averaged", lambda loss, dW, n: (loss * n, dW),
     "The data loss is N times too large: a sum over the examples. What turns a sum into an average?", AVERAGE),
    ("gradient not averaged", lambda loss, dW, n: (loss, dW * n),
     "The loss is an average, the gradient is N times too large. What happens to the loss must happen to its gradient.", AVERAGE),
    ("nothing averaged", lambda loss, dW, n: (loss * n, dW * n),
     "Loss and gradient are N times too large. L is the mean over the examples, not the sum.", AVERAGE),
    ("gradient averaged twice", lambda loss, dW, n: (loss, dW / n),
     "The gradient is N times too small. Is it divided by the number of examples at two places?", AVERAGE),
    ("gradient upside down", lambda loss, dW, n: (loss, -dW),
     "The gradient of the data loss has the wrong sign: it points downhill. Check it numerically at a single entry.", GRADIENT),
    ("only the penalty's gradient", lambda loss, dW, n: (loss, 0 * dW),
     NO_DATA_GRADIENT, GRADIENT),
]


# --- the rest: (right, W, X, y, reg) ---

def _zero_gradient(right, W, X, y, reg):
    return right(W, X, y, reg)[0], np.zeros_like(W)


def _transposed(right, W, X, y, reg):
    loss, dW = right(W, X, y, reg)
    return loss, dW.T


def _classes_from_labels(right, W, X, y, reg):
    seen = np.max(y) + 1
    loss, dW = right(W[:, :seen], X, y, 0.0)
    grown = np.pad(dW, [(0, 0), (0, W.shape[1] - seen)])
    return loss + reg * _squares(W), grown + 2 * reg * W


def _squeezed(right, W, X, y, reg):
    return right(np.squeeze(W), np.squeeze(X), y, reg)


def _overwrites_weights(right, W, X, y, reg):
    loss, dW = right(W, X, y, 0.0)
    loss += reg * _squares(W)
    W *= 2 * reg
    dW += W
    return loss, dW


WHOLE = [
    ("gradient left at zero", _zero_gradient,
     NO_DATA_GRADIENT, GRADIENT),
    ("gradient transposed", _transposed,
     "dW is transposed. It has the shape of W: features by classes.", GRADIENT),
    ("classes counted from the labels", _classes_from_labels,
     "Classes that no label of the batch names are left out. The number of classes is in the shape of W.", "scores"),
    ("arrays squeezed", _squeezed,
     "Axes of length 1 get lost. One example is still a matrix of one row.", "scores"),
    ("W overwritten", _overwrites_weights,
     "The result is right, but W is not what it was. An operation such as *= changes the array of the caller.", "regularization"),
]
