"""Typical faults of beginners, as source text to append to a right file: broadcasting, axis,
transposed, index, dtype, in place. `check` in the kit is to have helpful words for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

_SVM = """\
def svm_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    correct = scores[np.arange(N), y]{column}
    margins = np.maximum(0, scores - correct + 1)
    {excluded}
    loss = np.sum(margins) / N + reg * np.sum(W * W)
    mask = {mask}
    mask[np.arange(N), y] {own} np.sum(mask, axis={axis})
    dW = {product} / N + {penalty}
    return loss, dW
"""
_RIGHT_SVM = {
    "column": "[:, None]",
    "excluded": "margins[np.arange(N), y] = 0",
    "mask": "(margins > 0).astype(float)",
    "own": "-=",
    "axis": "1",
    "product": "X.T.dot(mask)",
    "penalty": "2 * reg * W",
}
_SOFTMAX = """\
def softmax_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    scores = scores - np.max(scores, axis=1, keepdims=True)
    p = np.exp(scores) / {sums}
    loss = -np.sum(np.log({picked})) / N + reg * np.sum(W * W)
    {subtract}
    return loss, X.T.dot(p) / N + 2 * reg * W
"""
_RIGHT_SOFTMAX = {
    "sums": "np.sum(np.exp(scores), axis=1, keepdims=True)",
    "picked": "p[np.arange(N), y]",
    "subtract": "p[np.arange(N), y] -= 1",
}


@dataclass(frozen=True)
class BeginnersFault:
    """A fault of one exercise.

    kind : broadcasting, axis, transposed, index, dtype or in place
    fault : what is wrong, in words
    source : what the student has written, for a file that begins with `import numpy as np`
    """

    name: str
    kind: str
    exercise: str
    fault: str
    source: str


def _svm(name: str, kind: str, fault: str, **instead: str) -> BeginnersFault:
    source = _SVM.format(**{**_RIGHT_SVM, **instead})
    return BeginnersFault(name, kind, "svm_loss_vectorized", fault, source)


def _softmax(name: str, kind: str, fault: str, **instead: str) -> BeginnersFault:
    source = _SOFTMAX.format(**{**_RIGHT_SOFTMAX, **instead})
    return BeginnersFault(name, kind, "softmax_loss_vectorized", fault, source)


BEGINNERS_FAULTS = [
    _svm(
        "column_forgotten",
        "broadcasting",
        "[:, None] is missing behind the scores of the right classes",
        column="",
    ),
    _softmax(
        "keepdims_forgotten",
        "broadcasting",
        "keepdims=True is missing in the sum of the exponentials",
        sums="np.sum(np.exp(scores), axis=1)",
    ),
    _softmax(
        "sum_down_the_examples",
        "axis",
        "the exponentials are summed over axis 0, the examples",
        sums="np.sum(np.exp(scores), axis=0)",
    ),
    _svm(
        "counts_down_the_examples",
        "axis",
        "the classes that pay are counted over axis 0, the examples",
        axis="0",
    ),
    _svm(
        "x_not_transposed",
        "transposed",
        "X @ mask where X.T @ mask is meant",
        product="X.dot(mask)",
    ),
    _svm(
        "gradient_transposed",
        "transposed",
        "mask.T @ X where X.T @ mask is meant: dW is (C, D)",
        product="mask.T.dot(X)",
        penalty="2 * reg * W.T",
    ),
    _softmax(
        "all_pairs_of_rows_and_labels",
        "index",
        "p[:, y] in place of p[np.arange(N), y]",
        picked="p[:, y]",
        subtract="p[:, y] -= 1",
    ),
    _svm(
        "right_class_not_left_out",
        "index",
        "the margin of the right class is not set to 0",
        excluded="pass",
    ),
    BeginnersFault(
        "whole_number_gradient",
        "dtype",
        "svm_loss_naive",
        "dW is an array of integers, into which floats are added",
        dedent("""\
            def svm_loss_naive(W, X, y, reg):
                dW = np.zeros(W.shape, dtype=int)
                loss = 0.0
                for i in range(X.shape[0]):
                    scores = X[i].dot(W)
                    for j in range(W.shape[1]):
                        if j == y[i]:
                            continue
                        margin = scores[j] - scores[y[i]] + 1
                        if margin > 0:
                            loss += margin
                            dW[:, j] += X[i]
                            dW[:, y[i]] -= X[i]
                return loss / X.shape[0] + reg * np.sum(W * W), dW / X.shape[0] + 2 * reg * W
        """),
    ),
    _svm(
        "mask_of_truth_values",
        "dtype",
        "the mask is of truth values, from which numbers are subtracted",
        mask="margins > 0",
    ),
    BeginnersFault(
        "penalty_written_into_w",
        "in place",
        "softmax_loss_naive",
        "W *= 2 * reg changes the caller's W",
        dedent("""\
            def softmax_loss_naive(W, X, y, reg):
                N = X.shape[0]
                loss, dW = 0.0, np.zeros(W.shape)
                for i in range(N):
                    scores = X[i].dot(W)
                    scores -= np.max(scores)
                    p = np.exp(scores) / np.sum(np.exp(scores))
                    loss += np.log(np.sum(np.exp(scores))) - scores[y[i]]
                    for j in range(W.shape[1]):
                        dW[:, j] += (p[j] - (j == y[i])) * X[i] / N
                loss = loss / N + reg * np.sum(W * W)
                W *= 2 * reg
                dW += W
                return loss, dW
        """),
    ),
    BeginnersFault(
        "start_changed",
        "in place",
        "gradient_descent",
        "W -= ... changes the W that was passed in",
        dedent("""\
            def gradient_descent(loss_fn, W, learning_rate, num_iters):
                loss_history = []
                for _ in range(num_iters):
                    loss, dW = loss_fn(W)
                    loss_history.append(loss)
                    W -= learning_rate * dW
                return W, loss_history
        """),
    ),
]
