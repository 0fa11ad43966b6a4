import numpy as np


def softmax_loss_vectorized(W, X, y, reg):
    scores = X @ W
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    n = np.arange(len(y))
    loss = -np.log(p[n, y]).sum() + reg * np.sum(W**2)
    p[n, y] -= 1
    return loss, X.T @ p + 2 * reg * W
