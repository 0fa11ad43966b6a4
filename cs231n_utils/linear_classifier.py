"""A linear classifier trained by minibatch SGD. You write this file (5_optimization.ipynb)."""

import numpy as np  # noqa: F401  (yours to use)


class LinearClassifier:
    """Weights W of shape (D, C), and how to train them; the loss comes from a subclass
    (`LinearSVM`, `Softmax`).
    """

    def __init__(self):
        self.W = None

    def train(
        self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
    ):
        """Minimize self.loss by stochastic gradient descent on minibatches.

        If self.W is None, start from 0.001 times standard normal numbers of shape (D, C), C =
        max(y) + 1; otherwise go on from self.W. Then num_iters times: draw batch_size examples at
        random, rows of X with their labels (with replacement, so that batch_size may exceed N);
        evaluate (loss, dW) = self.loss(X_batch, y_batch, reg) once; record the loss; step self.W <-
        self.W - learning_rate * dW.

        Parameters
        ----------
        X : float ndarray of shape (N, D), one example a row; not modified
        y : integer ndarray of shape (N,), with 0 <= y[i] < C
        learning_rate : float > 0
        reg : float >= 0, handed to self.loss
        num_iters : int >= 0
        batch_size : int >= 1
        verbose : bool, print the loss every 100 iterations; silent otherwise

        Returns
        -------
        loss_history : list of num_iters floats, the loss of each minibatch before its step
        """
        raise NotImplementedError("LinearClassifier.train: write me (5_optimization.ipynb, part 4)")

    def predict(self, X):
        """The class with the largest score X @ self.W, for each row.

        Parameters
        ----------
        X : float ndarray of shape (N, D)

        Returns
        -------
        y_pred : integer ndarray of shape (N,); np.zeros makes floats, which are no labels
        """
        raise NotImplementedError(
            "LinearClassifier.predict: write me (5_optimization.ipynb, part 4)"
        )

    def loss(self, X_batch, y_batch, reg):
        """Loss and gradient on one batch; given by the subclasses in `models.py`, nothing to write
        here.

        Returns
        -------
        loss : float
        dW : float ndarray of shape (D, C)
        """
        raise TypeError(
            "LinearClassifier has no loss of its own: use LinearSVM or Softmax"
            " (cs231n_utils.models)"
        )
