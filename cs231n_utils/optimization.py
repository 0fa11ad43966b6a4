"""Random search and gradient descent. You write this file (5_optimization.ipynb)."""

import numpy as np  # noqa: F401  (yours to use)


def random_search(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    """Draw weights at random and keep the best; the "very bad idea" of the lecture, as a baseline.

    Each try draws a fresh W = scale * (standard normal numbers of the given shape) and evaluates
    loss_fn(W) once.

    Parameters
    ----------
    loss_fn : callable, loss_fn(W) -> float, to be made small
    shape : tuple of ints, the shape of W
    num_tries : int >= 1
    scale : float > 0, the standard deviation of the entries
    rng : numpy.random.Generator to draw from, or None for a fresh one

    Returns
    -------
    best_W : float ndarray of the given shape, the W with the smallest loss
    best_loss : float, its loss
    loss_history : list of num_tries floats, the loss of each try in order
    """
    raise NotImplementedError("random_search: write me (5_optimization.ipynb, part 1)")


def gradient_descent(loss_fn, W, learning_rate, num_iters):
    """Full-batch gradient descent from W.

    Each step evaluates (loss, dW) = loss_fn(W) once, records the loss, then steps: W <- W -
    learning_rate * dW.

    Parameters
    ----------
    loss_fn : callable, loss_fn(W) -> (loss, dW)
    W : float ndarray of any shape, where to start; not modified
    learning_rate : float > 0
    num_iters : int >= 0

    Returns
    -------
    W : float ndarray, the weights after num_iters steps
    loss_history : list of num_iters floats, the loss before each step
    """
    raise NotImplementedError("gradient_descent: write me (5_optimization.ipynb, part 3)")
