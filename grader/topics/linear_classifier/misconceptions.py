"""Known mistakes in minibatch SGD, in prediction and in the saved model.

A wrong `train` or `predict` is a method, a function of (self, ...); a wrong model is a function of the right W.
"""

import numpy as np

from grader.hints import Misconception

SGD, PREDICTION, MODEL = "minibatch gradient descent", "prediction", "model selection"


# --- LinearClassifier.train ---

def training(name, *, draw=np.random.choice, labels=lambda batch: batch, start=0.001, restart=False, every=1, reg_factor=1,
             step=lambda rate, dW: -rate * dW):
    """A train method with one of its parts replaced."""

    def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
        if self.W is None or restart:
            self.W = start * np.random.randn(X.shape[1], np.max(y) + 1)
        history = []
        for it in range(num_iters):
            batch = draw(len(X), batch_size)
            loss, dW = self.loss(X[batch], y[labels(batch)], reg_factor * reg)
            if it % every == 0:
                history.append(loss)
            self.W = self.W + step(learning_rate, dW)
        return history

    train.__name__ = name
    return train


def from_features(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
    choose = training("train", draw=lambda n, size: np.random.choice(X.shape[1], size))
    return choose(self, X, y, learning_rate, reg, num_iters, batch_size, verbose)


def same_batch(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
    batch = np.random.choice(len(X), batch_size)
    return training("train", draw=lambda n, size: batch)(self, X, y, learning_rate, reg, num_iters, batch_size, verbose)


def local_weights(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
    if self.W is None:
        self.W = 0.001 * np.random.randn(X.shape[1], np.max(y) + 1)
    W, history = self.W, []
    for _ in range(num_iters):
        batch = np.random.choice(len(X), batch_size)
        loss, dW = self.loss(X[batch], y[batch], reg)
        history.append(loss)
        W = W - learning_rate * dW
    return history


def nothing_returned(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
    training("train")(self, X, y, learning_rate, reg, num_iters, batch_size, verbose)


def shuffled_labels(batch):
    return np.random.permutation(batch)


TRAININGS = [
    ("indices of features", from_features,
     "The indices are drawn from the features, so most examples are never seen. Rows of X are examples."),
    ("uphill", training("uphill", step=lambda rate, dW: rate * dW),
     "The steps go uphill. The gradient points to where the loss grows."),
    ("no update", training("no update", step=lambda rate, dW: 0.0),
     "self.W never changes. What becomes of dW?"),
    ("update of a local variable", local_weights,
     "The steps change a local variable; self.W stays what it was. Which W does self.loss use?"),
    ("learning rate of its own", training("fixed rate", step=lambda rate, dW: -1e-3 * dW),
     "The step does not follow learning_rate. Use the argument."),
    ("batch size of its own", training("fixed batch", draw=lambda n, size: np.random.choice(n, 256)),
     "The minibatches have the same size whatever batch_size is. Use the argument."),
    ("whole data set", training("full batch", draw=lambda n, size: np.arange(n)),
     "Every step uses all examples. A minibatch is a small random sample of them."),
    ("drawn without replacement", training("no replacement", draw=lambda n, size: np.random.choice(n, size, replace=False)),
     "A batch cannot be larger than the data set when no example may come twice. Draw with replacement."),
    ("first examples only", training("first rows", draw=lambda n, size: np.arange(size) % n),
     "Each minibatch holds the first examples. The others are never learned from."),
    ("same minibatch", same_batch,
     "All steps use one minibatch. What belongs inside the loop?"),
    ("rows in order", training("sorted", draw=lambda n, size: np.sort(np.random.choice(n, size))),
     "The rows of each minibatch come in the order of the data set. A random draw has no order."),
    ("labels of other rows", training("other labels", labels=shuffled_labels),
     "The labels belong to other rows than the examples. Draw the indices once, for both."),
    ("reg not handed on", training("no reg", reg_factor=0),
     "self.loss gets another reg than train was given. Which number does it need?"),
    ("weights drawn anew", training("restart", restart=True),
     "Training starts over although self.W is set. Calling train twice goes on from where it was."),
    ("large first weights", training("large start", start=1.0),
     "The first weights are of order 1. Small ones give almost equal scores to start from."),
    ("zero first weights", training("zero start", start=0.0),
     "The first weights are 0. Small random ones are asked for."),
    ("every tenth loss", training("sparse history", every=10),
     "loss_history lacks most of the losses. Every iteration has its entry."),
    ("nothing returned", nothing_returned,
     "The loss history does not come back. How does the function end?"),
]


# --- LinearClassifier.predict ---

PREDICTIONS = [
    ("score instead of label", lambda self, X: np.max(X @ self.W, axis=1),
     "These are the largest scores. Which class has them?"),
    ("float labels", lambda self, X: np.argmax(X @ self.W, axis=1).astype(float),
     "The labels are floats. A label is an index, an integer."),
    ("best example of each class", lambda self, X: np.argmax(X @ self.W, axis=0),
     "This is the best example for each class. Which axis holds the classes?"),
    ("index in the whole array", lambda self, X: np.argmax(X @ self.W),
     "This is a single index into all scores. Each row has its own largest score."),
    ("smallest score", lambda self, X: np.argmin(X @ self.W, axis=1),
     "This is the class with the smallest score. The largest one wins."),
    ("nothing returned", lambda self, X: None,
     "The labels do not come back. How does the function end?"),
]


# --- best_model.npz ---

MODELS = [
    ("weights transposed", lambda W: W.T,
     "W is transposed. Its rows are features, its columns are classes."),
    ("bias row missing", lambda W: W[:-1],
     "W lacks the row of the bias. Save the array that was trained, as it is."),
    ("untrained weights", lambda W: 0.001 * np.random.default_rng(0).standard_normal(W.shape),
     "The model is as good as guessing. Is it saved after training?"),
]

MISCONCEPTIONS: list[Misconception] = [
    *(Misconception("LinearClassifier.train", *row, SGD) for row in TRAININGS),
    *(Misconception("LinearClassifier.predict", *row, PREDICTION) for row in PREDICTIONS),
    *(Misconception("best_model.npz", *row, MODEL) for row in MODELS),
]
