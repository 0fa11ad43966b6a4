"""Known mistakes in minibatch SGD. A wrong `train` is a method, a function of (self, ...).

Wrong implementations take `random` in the place of numpy.random, so that they can be given the
draws of a student.
"""

import re
from dataclasses import replace
from functools import partial

import numpy as np

from grader.checks.callbacks import EndOfRecord
from grader.checks.misconception import Misconception, Raised

CHANCE = 1e-9  # less than this is no chance


def training(
    name,
    *,
    draw=lambda random, n, size: random.choice(n, size),
    labels=lambda random, batch: batch,
    start=0.001,
    restart=False,
    every=1,
    regs=lambda reg: reg,
    step=lambda rate, dW, W, reg: W - rate * dW,
    iterations=lambda n: n,
    result=lambda history: history,
):
    """A train method with one of its parts replaced."""

    def train(
        self,
        X,
        y,
        learning_rate=1e-3,
        reg=1e-5,
        num_iters=100,
        batch_size=200,
        verbose=False,
        random=np.random,
    ):
        if self.W is None or restart:
            self.W = start * random.randn(X.shape[1], np.max(y) + 1)
        history = []
        for it in range(iterations(num_iters)):
            batch = draw(random, len(X), batch_size)
            loss, dW = self.loss(X[batch], y[labels(random, batch)], regs(reg))
            if it % every == 0:
                history.append(loss)
            self.W = step(learning_rate, dW, self.W, reg)
        return result(history)

    train.__name__ = name
    return train


def from_features(
    self,
    X,
    y,
    learning_rate=1e-3,
    reg=1e-5,
    num_iters=100,
    batch_size=200,
    verbose=False,
    random=np.random,
):
    choose = training("train", draw=lambda random, n, size: random.choice(X.shape[1], size))
    return choose(self, X, y, learning_rate, reg, num_iters, batch_size, verbose, random)


def same_batch(
    self,
    X,
    y,
    learning_rate=1e-3,
    reg=1e-5,
    num_iters=100,
    batch_size=200,
    verbose=False,
    random=np.random,
):
    batch = random.choice(len(X), batch_size)
    again = training("train", draw=lambda random, n, size: batch)
    return again(self, X, y, learning_rate, reg, num_iters, batch_size, verbose, random)


def local_weights(
    self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
):
    if self.W is None:
        self.W = 0.001 * np.random.randn(X.shape[1], np.max(y) + 1)
    W, history = self.W, []
    for _ in range(num_iters):
        batch = np.random.choice(len(X), batch_size)
        loss, dW = self.loss(X[batch], y[batch], reg)
        history.append(loss)
        W = W - learning_rate * dW
    return history


def sliced(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
    starts = (k * batch_size for k in range(num_iters))
    choose = training("train", draw=lambda random, n, size: (next(starts) + np.arange(size)) % n)
    return choose(self, X, y, learning_rate, reg, num_iters, batch_size, verbose)


def decaying(
    self,
    X,
    y,
    learning_rate=1e-3,
    reg=1e-5,
    num_iters=100,
    batch_size=200,
    verbose=False,
    random=np.random,
):
    rates = (learning_rate * 0.95**k for k in range(num_iters))
    shrinking = training("train", step=lambda rate, dW, W, reg: W - next(rates) * dW)
    return shrinking(self, X, y, learning_rate, reg, num_iters, batch_size, verbose, random)


def loss_after_the_step(
    self,
    X,
    y,
    learning_rate=1e-3,
    reg=1e-5,
    num_iters=100,
    batch_size=200,
    verbose=False,
    random=np.random,
):
    history = []
    if self.W is None:
        self.W = 0.001 * random.randn(X.shape[1], np.max(y) + 1)
    for _ in range(num_iters):
        batch = random.choice(len(X), batch_size)
        self.W = self.W - learning_rate * self.loss(X[batch], y[batch], reg)[1]
        history.append(self.loss(X[batch], y[batch], reg)[0])
    return history


# --- what a student has drawn ---


def batches(call):
    """The indices of the rows of each minibatch; without any, or with a row that is not one of X,
    it raises.
    """
    _, loss, X, _ = call.args[:4]
    if not loss.calls:
        raise ValueError("no minibatch tells how it is drawn")
    row = {X[k].tobytes(): k for k in range(len(X))}
    return [np.array([row[each.tobytes()] for each in args[1]], int) for args, _ in loss.calls]


class Drawn:
    """Stands in for numpy.random: draws the first weights and the minibatches again that the
    student has drawn.
    """

    def __init__(self, start, rows):
        self.start, self.rows = start, rows
        self.used = 0

    def randn(self, *shape):
        return self.start / 0.001

    def choice(self, n, size, replace=True):
        if self.used == len(self.rows):
            raise EndOfRecord
        self.used += 1
        found = self.rows[self.used - 1]
        if len(found) != size or found.max(initial=0) >= n:
            raise ValueError("this cannot have been drawn so")
        return found


def with_draws(call):
    loss = call.args[1]
    if not loss.calls:
        return []
    drawn = Drawn(loss.calls[0][0][0], batches(call))
    return [replace(call, kwargs={**call.kwargs, "random": drawn})]


def asked_size(call):
    return call.kwargs.get("batch_size", 200)


def every_row(call):
    n, rows = len(call.args[2]), batches(call)
    return asked_size(call) != n and all(
        np.array_equal(np.sort(each), np.arange(n)) for each in rows
    )


def first_rows(call):
    n, rows = len(call.args[2]), batches(call)
    return (
        not every_row(call)
        and (1 / n) ** sum(map(len, rows)) < CHANCE
        and all(np.array_equal(each, np.arange(len(each)) % n) for each in rows)
    )


def one_batch(call):
    n, (first, *others) = len(call.args[2]), batches(call)
    return (
        not every_row(call)
        and not first_rows(call)
        and (1 / n) ** sum(map(len, others)) < CHANCE
        and all(np.array_equal(each, first) for each in others)
    )


def of_features(call):
    n, d = call.args[2].shape
    rows = np.concatenate(batches(call))
    return (d / n) ** len(rows) < CHANCE and set(rows) == set(range(d)) and not first_rows(call)


def too_large_to_draw(call):
    """By the words of numpy.random and of random; before a single batch is drawn."""
    return (
        asked_size(call) > len(call.args[2])
        and not call.args[1].calls
        and isinstance(call.result, Raised)
        and call.result.type_name == "ValueError"
        and re.search("[Ss]ample (larger )?than population", call.result.text)
    )


def slices(call):
    n, rows = len(call.args[2]), np.concatenate(batches(call))
    return (
        not every_row(call)
        and len(set(rows)) > asked_size(call)
        and (1 / n) ** (len(rows) - 1) < CHANCE
        and np.array_equal(rows, (rows[0] + np.arange(len(rows))) % n)
    )


def sorted_rows(call):
    rows = batches(call)
    return (
        len(rows) >= 10
        and len(set(map(bytes, rows))) > 1
        and all(len(each) >= 4 and np.all(np.diff(each) >= 0) for each in rows)
        and not slices(call)
        and not every_row(call)
    )


def other_labels(call):
    y, (X_batch, y_batch) = call.args[3], call.args[1].calls[0][0][1:3]
    found = y[batches(call)[0]]
    return (
        y_batch.shape == (len(X_batch),)
        and not np.array_equal(found, y_batch)
        and set(y_batch) <= set(y)
    )


def twice(call):
    rows = batches(call)
    return (
        len(rows) == 2 * call.kwargs.get("num_iters", 100)
        and len({bytes(each) for each in rows}) == len(rows) // 2 > 1
        and all(map(np.array_equal, rows[::2], rows[1::2]))
    )


def starts(test):
    """Shows that without weights given, the first ones are like this."""
    return lambda call: call.args[0] is None and test(np.abs(call.args[1].calls[0][0][0]).max())


def own_size(call):
    """Minibatches of a size that is often a default."""
    sizes = {len(rows) for rows in batches(call)}
    return sizes <= {32, 64, 100, 128, 200, 256} - {asked_size(call), len(call.args[2])}


mistake = partial(
    Misconception, exercise="LinearClassifier.train", concept="minibatch gradient descent"
)

NO_UPDATE = "self.W never changes. What becomes of dW, and which W does self.loss use?"

TRAININGS = [
    mistake(
        name="indices of features",
        wrong=from_features,
        hint=(
            "The indices are drawn from the features, so most examples are never seen. "
            "Rows of X are examples."
        ),
        matches=of_features,
    ),
    mistake(
        name="uphill",
        wrong=training("uphill", step=lambda rate, dW, W, reg: W + rate * dW),
        hint="The steps go uphill. The gradient points to where the loss grows.",
    ),
    mistake(
        name="no update",
        wrong=training("no update", step=lambda rate, dW, W, reg: W),
        hint=NO_UPDATE,
    ),
    mistake(
        name="update of a local variable",
        wrong=local_weights,
        hint=NO_UPDATE,
    ),
    mistake(
        name="learning rate of its own",
        wrong=training("fixed rate", step=lambda rate, dW, W, reg: W - 1e-3 * dW),
        hint="The step does not follow learning_rate. Use the argument.",
    ),
    mistake(
        name="learning rate ignored",
        wrong=training("no rate", step=lambda rate, dW, W, reg: W - dW),
        hint="The step is the whole gradient. What scales it?",
    ),
    mistake(
        name="learning rate decays",
        wrong=decaying,
        hint="The steps get smaller than learning_rate says. It stays what it is.",
    ),
    mistake(
        name="W replaced by the step",
        wrong=training("step alone", step=lambda rate, dW, W, reg: -rate * dW),
        hint="The step takes the place of self.W. It is added to it.",
    ),
    mistake(
        name="penalty added to the step",
        wrong=training("weight decay", step=lambda rate, dW, W, reg: W - rate * (dW + 2 * reg * W)),
        hint=(
            "The step has a penalty of its own. The gradient that self.loss returns has it already."
        ),
    ),
    mistake(
        name="signs only",
        wrong=training("signs", step=lambda rate, dW, W, reg: W - rate * np.sign(dW)),
        hint=(
            "The step uses the signs of the gradient, and not its size. "
            "Steep directions call for longer steps."
        ),
    ),
    mistake(
        name="batch size of its own",
        wrong=training("fixed batch", draw=lambda random, n, size: random.choice(n, 256)),
        hint="The minibatches have the same size whatever batch_size is. Use the argument.",
        matches=own_size,
    ),
    mistake(
        name="whole data set",
        wrong=training("full batch", draw=lambda random, n, size: np.arange(n)),
        hint="Every step uses all examples. A minibatch is a small random sample of them.",
        matches=every_row,
    ),
    mistake(
        name="drawn without replacement",
        wrong=training(
            "no replacement", draw=lambda random, n, size: random.choice(n, size, replace=False)
        ),
        hint=(
            "A batch cannot be larger than the data set when no example may come twice. "
            "Draw with replacement."
        ),
        matches=too_large_to_draw,
    ),
    mistake(
        name="first examples only",
        wrong=training("first rows", draw=lambda random, n, size: np.arange(size) % n),
        hint="Each minibatch holds the first examples. The others are never learned from.",
        matches=first_rows,
    ),
    mistake(
        name="slices in order",
        wrong=sliced,
        hint=(
            "The minibatches are slices of the data set, one after the other. Draw each at random."
        ),
        matches=slices,
    ),
    mistake(
        name="same minibatch",
        wrong=same_batch,
        hint="All steps use one minibatch. What belongs inside the loop?",
        matches=one_batch,
    ),
    mistake(
        name="rows in order",
        wrong=training("sorted", draw=lambda random, n, size: np.sort(random.choice(n, size))),
        hint=(
            "The rows of each minibatch come in the order of the data set. "
            "A random draw has no order."
        ),
        matches=sorted_rows,
    ),
    mistake(
        name="labels of other rows",
        wrong=training("other labels", labels=lambda random, batch: random.permutation(batch)),
        hint="The labels belong to other rows than the examples. Draw the indices once, for both.",
        matches=other_labels,
    ),
    mistake(
        name="reg not handed on",
        wrong=training("no reg", regs=lambda reg: 0.0),
        hint="self.loss gets another reg than train was given. Which number does it need?",
    ),
    mistake(
        name="reg of its own",
        wrong=training("default reg", regs=lambda reg: 1e-5),
        hint="self.loss gets another reg than train was given. Which number does it need?",
    ),
    mistake(
        name="weights drawn anew",
        wrong=training("restart", restart=True),
        hint=(
            "Training starts over although self.W is set. "
            "Calling train twice goes on from where it was."
        ),
    ),
    mistake(
        name="large first weights",
        wrong=training("large start", start=1.0),
        hint="The first weights are too large. Small ones give almost equal scores to start from.",
        matches=starts(lambda top: top >= 0.01),
    ),
    mistake(
        name="zero first weights",
        wrong=training("zero start", start=0.0),
        hint="The first weights are 0. Small random ones are asked for.",
        matches=starts(lambda top: top == 0),
    ),
    mistake(
        name="one iteration too few",
        wrong=training("short", iterations=lambda n: max(0, n - 1)),
        hint="There is one iteration too few. Where does the loop begin and end?",
    ),
    mistake(
        name="one iteration too many",
        wrong=training("long", iterations=lambda n: n + 1),
        hint="There is one iteration too many. Where does the loop begin and end?",
    ),
    mistake(
        name="loss after the step",
        wrong=loss_after_the_step,
        hint=(
            "self.loss is evaluated twice in each iteration. "
            "One call before the step gives both the loss and the gradient."
        ),
        matches=twice,
    ),
    mistake(
        name="every tenth loss",
        wrong=training("sparse history", every=10),
        hint="loss_history lacks most of the losses. Every iteration has its entry.",
    ),
    mistake(
        name="last loss only",
        wrong=training("last loss", result=lambda history: history[-1] if history else 0.0),
        hint="A single loss comes back. Every iteration has its entry in loss_history.",
    ),
    mistake(
        name="mean losses",
        wrong=training(
            "means",
            result=lambda history: [float(np.mean(history[: k + 1])) for k in range(len(history))],
        ),
        hint="loss_history holds running means. It holds the loss of each minibatch.",
    ),
    mistake(
        name="nothing returned",
        wrong=training("nothing", result=lambda history: None),
        hint="The loss history does not come back. How does the function end?",
    ),
]
