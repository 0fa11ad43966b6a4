"""Wrong solutions as a first-time student writes them: nothing exotic, and none of them made from
the bank of mistakes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Attempt:
    """mistake : what the student did not see; told : what some message has to say about it"""

    exercise: str
    mistake: str
    told: str
    function: Callable

    @property
    def source(self) -> str:
        """The lines that the student would have written."""
        source = inspect.getsource(self.function)
        # Without the decorator.
        return f"{source[source.index('def ') :]}\n\n{self.exercise} = {self.function.__name__}\n"


ATTEMPTS: list[Attempt] = []


def wrote(exercise: str, mistake: str, told: str) -> Callable[[Callable], Callable]:
    def note(function: Callable) -> Callable:
        ATTEMPTS.append(Attempt(exercise, mistake, told, function))
        return function

    return note


@wrote(
    "eval_numerical_gradient",
    "moves all of x instead of one entry",
    "All entries of x are moved together",
)
def whole_array_moved(f, x, verbose=False, h=1e-5):
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        grad[ix] = (f(x + h) - f(x - h)) / (2 * h)
    return grad


@wrote(
    "svm_loss_naive",
    "the loop over the classes ends one too early",
    "scores without the last class",
)
def one_class_too_few(W, X, y, reg):
    num_train, num_classes = X.shape[0], W.shape[1]
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(num_train):
        scores = X[i].dot(W)
        for j in range(0, num_classes - 1):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    return loss / num_train + reg * np.sum(W * W), dW / num_train + 2 * reg * W


@wrote("svm_loss_naive", "dW = W is no copy", "a second name for W taken for a copy")
def no_copy(W, X, y, reg):
    dW = W
    dW[:] = 0
    loss = 0.0
    for i in range(len(X)):
        scores = X[i].dot(W)
        for j in range(W.shape[1]):
            margin = scores[j] - scores[y[i]] + 1
            if j != y[i] and margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    return loss / len(X) + reg * np.sum(W * W), dW / len(X) + 2 * reg * W


@wrote(
    "svm_loss_naive",
    "the inner loop takes the outer loop's variable",
    "With a single example it raised IndexError",
)
def same_name_twice(W, X, y, reg):
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(X.shape[0]):
        scores = X[i].dot(W)
        label = y[i]
        for i in range(W.shape[1]):
            margin = scores[i] - scores[label] + 1
            if i != label and margin > 0:
                loss += margin
                dW[:, i] += X[i]
                dW[:, label] -= X[i]
    return loss / X.shape[0] + reg * np.sum(W * W), dW / X.shape[0] + 2 * reg * W


@wrote("softmax_loss_naive", "// where / is meant", "is cut to whole numbers")
def whole_division(W, X, y, reg):
    N = X.shape[0]
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(N):
        scores = X[i].dot(W)
        scores = scores - np.max(scores)
        p = np.exp(scores) / np.sum(np.exp(scores))
        loss += np.log(np.sum(np.exp(scores))) - scores[y[i]]
        for j in range(W.shape[1]):
            dW[:, j] += (p[j] - (j == y[i])) * X[i]
    loss = loss // N
    return loss + reg * np.sum(W * W), dW / N + 2 * reg * W


@wrote(
    "softmax_loss_vectorized", "the sum over the classes lost its axis", "has to stand in a column"
)
def row_sums_without_axis(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    scores = scores - np.max(scores, axis=1, keepdims=True)
    p = np.exp(scores) / np.sum(np.exp(scores), axis=1)
    loss = -np.mean(np.log(p[range(N), y]))
    p[range(N), y] -= 1
    return loss + reg * np.sum(W * W), X.T.dot(p) / N + 2 * reg * W


@wrote(
    "softmax_loss_vectorized",
    "1 is subtracted after the division by N",
    "what the 1 of each right class adds is N times too large",
)
def divided_too_early(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    scores = scores - np.max(scores, axis=1, keepdims=True)
    sums = np.sum(np.exp(scores), axis=1)
    loss = np.mean(np.log(sums) - scores[range(N), y])
    dscores = np.exp(scores) / sums.reshape(-1, 1) / N
    dscores[range(N), y] -= 1
    return loss + reg * np.sum(W * W), X.T.dot(dscores) + 2 * reg * W


@wrote("batchnorm_forward", "brackets missing around var + eps", "a small number that is added")
def eps_after_the_root(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "train":
        mean, var = np.mean(x, axis=0), np.var(x, axis=0)
        x_hat = (x - mean) / np.sqrt(var) + eps
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
        return gamma * x_hat + beta, (x_hat, gamma, np.sqrt(var + eps))
    x_hat = (x - running_mean) / np.sqrt(running_var + eps)
    return gamma * x_hat + beta, None


@wrote("l1_penalty", "the slope is set for positive weights only", "dR is 0 for negative weights")
def sign_by_hand(W):
    R = 0.0
    dR = np.zeros(W.shape)
    for ix in np.ndindex(W.shape):
        if W[ix] > 0:
            R += W[ix]
            dR[ix] = 1
        R -= W[ix] if W[ix] < 0 else 0
    return R, dR


@wrote("LinearClassifier.train", "as many classes as the largest label", "C = max(y) + 1")
def one_class_short(
    self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
):
    if self.W is None:
        self.W = 0.001 * np.random.randn(X.shape[1], np.max(y))
    loss_history = []
    for _ in range(num_iters):
        rows = np.random.choice(X.shape[0], batch_size)
        loss, dW = self.loss(X[rows], y[rows], reg)
        loss_history.append(loss)
        self.W = self.W - learning_rate * dW
    return loss_history
