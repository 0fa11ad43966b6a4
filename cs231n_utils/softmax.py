"""The softmax (cross-entropy) loss and its gradient. You write this file (3_softmax.ipynb)."""

import numpy as np  # noqa: F401  (yours to use)


def softmax_loss_naive(W, X, y, reg):
    """Softmax cross-entropy loss, averaged over the batch, and its gradient; with loops.

    L = 1/N sum_i -log(exp(s_{i,y_i}) / sum_j exp(s_ij)) + reg * sum(W**2),  s = X @ W. There is no
    factor 1/2 on the penalty. Loss and gradient are finite and right for any finite scores: for
    scores of +-10000, and where the right class is hopeless (its probability underflows to 0).

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

    Source: Bridle (1990).
    """
    raise NotImplementedError("softmax_loss_naive: write me (3_softmax.ipynb, part 2)")


def softmax_loss_vectorized(W, X, y, reg):
    """Softmax cross-entropy loss, averaged over the batch, and its gradient; no Python loop over
    the examples.

    The same objective, arguments, results and promises as `softmax_loss_naive`:
    L = 1/N sum_i -log(exp(s_{i,y_i}) / sum_j exp(s_ij)) + reg * sum(W**2),  s = X @ W,
    finite and right for any finite scores.

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

    Source: Bridle (1990).
    """
    raise NotImplementedError("softmax_loss_vectorized: write me (3_softmax.ipynb, part 4)")
