"""The multiclass SVM loss and its gradient. You write this file (2_svm.ipynb)."""

import numpy as np  # noqa: F401  (yours to use)


def svm_loss_naive(W, X, y, reg):
    """Multiclass hinge loss, averaged over the batch, and its gradient; with loops.

    L = 1/N sum_i sum_{j != y_i} max(0, s_ij - s_{i,y_i} + 1) + reg * sum(W**2),  s = X @ W.
    There is no factor 1/2 on the penalty.

    Parameters
    ----------
    W : float ndarray of shape (D, C), weights; not modified
    X : float ndarray of shape (N, D), one example a row; not modified
    y : integer ndarray of shape (N,), with 0 <= y[i] < C
    reg : float >= 0

    Returns
    -------
    loss : float
    dW : float ndarray of shape (D, C), the gradient of the loss with respect to W

    Source: Weston and Watkins (1999).
    """
    raise NotImplementedError("svm_loss_naive: write me (2_svm.ipynb, part 2)")


def svm_loss_vectorized(W, X, y, reg):
    """Multiclass hinge loss, averaged over the batch, and its gradient; no Python loop over the
    examples.

    The same objective, arguments, results and promises as `svm_loss_naive`:
    L = 1/N sum_i sum_{j != y_i} max(0, s_ij - s_{i,y_i} + 1) + reg * sum(W**2),  s = X @ W.

    Parameters
    ----------
    W : float ndarray of shape (D, C), weights; not modified
    X : float ndarray of shape (N, D), one example a row; not modified
    y : integer ndarray of shape (N,), with 0 <= y[i] < C
    reg : float >= 0

    Returns
    -------
    loss : float
    dW : float ndarray of shape (D, C)

    Source: Weston and Watkins (1999).
    """
    raise NotImplementedError("svm_loss_vectorized: write me (2_svm.ipynb, part 3)")
