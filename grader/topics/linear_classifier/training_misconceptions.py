"""Known mistakes in minibatch SGD. A wrong `train` is a function of (self, ...), used as a method.

Wrong implementations take an argument `random` instead of using numpy.random, so that a replay can
give them the draws of a student. Minibatches are known by the indices of their rows in X.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from grader.checks.callbacks import EndOfRecord
from grader.checks.misconception import Call, Misconception, Raised
from grader.topics.linear_classifier.reference import LinearClassifier

CHANCE = 1e-9  # what is less probable than this was not drawn at random


class Drawn:
    """Stands in for numpy.random: draws the first weights and the minibatches again that the
    student has drawn.

    start : the first weights, of shape (D, C)
    rows : for each minibatch, the indices of its rows in X
    """

    def __init__(self, start: np.ndarray, rows: list[np.ndarray]) -> None:
        self.start, self.rows = start, rows
        self.used = 0

    def randn(self, *shape: int) -> np.ndarray:
        return self.start / 0.001

    def choice(self, n: int, size: int, replace: bool = True) -> np.ndarray:
        if self.used == len(self.rows):
            raise EndOfRecord
        self.used += 1
        found = self.rows[self.used - 1]
        if len(found) != size or found.max(initial=0) >= n:
            raise ValueError("this cannot have been drawn so")
        return found


Random = ModuleType | Drawn  # numpy.random, or what stands in for it


def training(
    *,
    draw: Callable[[Random, np.ndarray, int, int], np.ndarray] = (
        lambda random, X, size, t: random.choice(len(X), size)
    ),
    labels: Callable[[np.ndarray], np.ndarray] = lambda batch: batch,
    start: float = 0.001,
    restart: bool = False,
    every: int = 1,
    regs: Callable[[float], float] = lambda reg: reg,
    step: Callable[[float, np.ndarray, np.ndarray, float], np.ndarray] = (
        lambda rate, dW, W, reg: W - rate * dW
    ),
    decay: float = 1.0,
    iterations: Callable[[int], int] = lambda n: n,
    result: Callable[[list[float]], Any] = lambda history: history,
) -> Callable[..., Any]:
    """A train method with one of its parts replaced.

    draw : takes random, X (N, D), the batch size and the number t of the iteration; returns the
        indices of the minibatch's rows, of shape (batch size,)
    labels : takes these indices; returns those of the labels
    start, restart : the scale of the first weights, and whether they are drawn when self.W is set
    every : the history has the loss of every so many iterations
    regs : takes reg; returns what self.loss is given
    step : takes learning_rate, dW (D, C), W (D, C) and reg; returns the next W
    decay : factor on the learning rate, after each iteration
    iterations : takes num_iters; returns the number of iterations
    result : takes the history; returns what train returns
    """

    def train(
        self: LinearClassifier,
        X: np.ndarray,
        y: np.ndarray,
        learning_rate: float = 1e-3,
        reg: float = 1e-5,
        num_iters: int = 100,
        batch_size: int = 200,
        verbose: bool = False,
        random: Random = np.random,
    ) -> Any:
        W = self.W
        if W is None or restart:
            W = self.W = start * random.randn(X.shape[1], np.max(y) + 1)
        history = []
        for t in range(iterations(num_iters)):
            batch = draw(random, X, batch_size, t)
            loss, dW = self.loss(X[batch], y[labels(batch)], regs(reg))
            if t % every == 0:
                history.append(loss)
            W = self.W = step(learning_rate * decay**t, dW, W, reg)
        return result(history)

    return train


def same_batch(
    self: LinearClassifier,
    X: np.ndarray,
    y: np.ndarray,
    learning_rate: float = 1e-3,
    reg: float = 1e-5,
    num_iters: int = 100,
    batch_size: int = 200,
    verbose: bool = False,
    random: Random = np.random,
) -> Any:
    batch = random.choice(len(X), batch_size)
    again = training(draw=lambda *_: batch)
    return again(self, X, y, learning_rate, reg, num_iters, batch_size, verbose, random)


def local_weights(
    self: LinearClassifier,
    X: np.ndarray,
    y: np.ndarray,
    learning_rate: float = 1e-3,
    reg: float = 1e-5,
    num_iters: int = 100,
    batch_size: int = 200,
    verbose: bool = False,
) -> list[float]:
    if self.W is None:
        self.W = 0.001 * np.random.randn(X.shape[1], np.max(y) + 1)
    W, history = self.W, []
    for _ in range(num_iters):
        batch = np.random.choice(len(X), batch_size)
        loss, dW = self.loss(X[batch], y[batch], reg)
        history.append(loss)
        W = W - learning_rate * dW
    return history


def loss_after_the_step(
    self: LinearClassifier,
    X: np.ndarray,
    y: np.ndarray,
    learning_rate: float = 1e-3,
    reg: float = 1e-5,
    num_iters: int = 100,
    batch_size: int = 200,
    verbose: bool = False,
    random: Random = np.random,
) -> list[float]:
    history = []
    if self.W is None:
        self.W = 0.001 * random.randn(X.shape[1], np.max(y) + 1)
    for _ in range(num_iters):
        batch = random.choice(len(X), batch_size)
        self.W = self.W - learning_rate * self.loss(X[batch], y[batch], reg)[1]
        history.append(self.loss(X[batch], y[batch], reg)[0])
    return history


# --- what a student has drawn: all of these take a recorded call of `train` ---


def batches(call: Call) -> list[np.ndarray]:
    """The row indices of each minibatch, an array of shape (batch size,) each.

    Raises ValueError if there is no minibatch, and KeyError if a row is not one of X.
    """
    _, loss, X, _ = call.args[:4]
    if not loss.calls:
        raise ValueError("no minibatch tells how it is drawn")
    row = {X[k].tobytes(): k for k in range(len(X))}
    return [np.array([row[each.tobytes()] for each in args[1]], int) for args, _ in loss.calls]


def with_draws(call: Call) -> list[Call]:
    """A list with the call, changed so that a replay draws the student's own minibatches and first
    weights; an empty list if the student drew no minibatch.
    """
    loss = call.args[1]
    if not loss.calls:
        return []
    drawn = Drawn(loss.calls[0][0][0], batches(call))
    return [call._replace(kwargs={**call.kwargs, "random": drawn})]


def requested_size(call: Call) -> int:
    size: int = call.kwargs.get("batch_size", 200)
    return size


def all_rows(call: Call) -> bool:
    n, rows = len(call.args[2]), batches(call)
    return all(np.array_equal(np.sort(each), np.arange(n)) for each in rows)


def every_row(call: Call) -> bool:
    """Whether each batch is the whole data set, and a smaller one was asked for.

    Where more rows are asked for than there are, a slice gives the whole data set as well.
    """
    return requested_size(call) < len(call.args[2]) and all_rows(call)


def first_rows(call: Call) -> bool:
    n, rows = len(call.args[2]), batches(call)
    return (
        not all_rows(call)
        and (1 / n) ** sum(map(len, rows)) < CHANCE
        and all(np.array_equal(each, np.arange(len(each)) % n) for each in rows)
    )


def one_batch(call: Call) -> bool:
    n, (first, *others) = len(call.args[2]), batches(call)
    return (
        not all_rows(call)
        and not first_rows(call)
        and (1 / n) ** sum(map(len, others)) < CHANCE
        and all(np.array_equal(each, first) for each in others)
    )


def of_features(call: Call) -> bool:
    n, d = call.args[2].shape
    rows = np.concatenate(batches(call))
    return (d / n) ** len(rows) < CHANCE and set(rows) == set(range(d)) and not first_rows(call)


def too_large_to_draw(call: Call) -> bool:
    """Whether drawing the first batch raised what numpy.random or random raise without replacement
    when the batch is larger than the data set.
    """
    return (
        requested_size(call) > len(call.args[2])
        and not call.args[1].calls
        and isinstance(call.result, Raised)
        and call.result.type_name == "ValueError"
        and re.search("[Ss]ample (larger )?than population", call.result.text) is not None
    )


def slices(call: Call) -> bool:
    n, rows = len(call.args[2]), np.concatenate(batches(call))
    return (
        not all_rows(call)
        and len(set(rows)) > requested_size(call)
        and (1 / n) ** (len(rows) - 1) < CHANCE
        and np.array_equal(rows, (rows[0] + np.arange(len(rows))) % n)
    )


def sorted_rows(call: Call) -> bool:
    rows = batches(call)
    return (
        len(rows) >= 10
        and len(set(map(bytes, rows))) > 1
        and all(len(each) >= 4 and np.all(np.diff(each) >= 0) for each in rows)
        and not slices(call)
        and not all_rows(call)
    )


def other_labels(call: Call) -> bool:
    y, (X_batch, y_batch) = call.args[3], call.args[1].calls[0][0][1:3]
    found = y[batches(call)[0]]
    return (
        y_batch.shape == (len(X_batch),)
        and not np.array_equal(found, y_batch)
        and set(y_batch) <= set(y)
    )


def twice(call: Call) -> bool:
    rows = batches(call)
    return (
        len(rows) == 2 * call.kwargs.get("num_iters", 100)
        and len({bytes(each) for each in rows}) == len(rows) // 2 > 1
        and all(map(np.array_equal, rows[::2], rows[1::2]))
    )


def starts(test: Callable[[float], bool]) -> Callable[[Call], bool]:
    """A `matches` for calls in which W was None: whether the first weights pass the test.

    test : takes the largest absolute value of the first weights
    """
    return lambda call: call.args[0] is None and test(np.abs(call.args[1].calls[0][0][0]).max())


def own_size(call: Call) -> bool:
    """Whether all minibatches have a size that is a usual default, and not `batch_size`."""
    sizes = {len(rows) for rows in batches(call)}
    return sizes <= {32, 64, 100, 128, 200, 256} - {requested_size(call), len(call.args[2])}


mistake = partial(
    Misconception, exercise="LinearClassifier.train", concept="minibatch gradient descent"
)

NO_UPDATE = "self.W never changes. What becomes of dW, and which W does self.loss use?"

TRAININGS = [
    mistake(
        name="indices of features",
        wrong=training(draw=lambda random, X, size, t: random.choice(X.shape[1], size)),
        hint=(
            "The indices are drawn from the features, so most examples are never seen. "
            "Rows of X are examples."
        ),
        matches=of_features,
    ),
    mistake(
        name="uphill",
        wrong=training(step=lambda rate, dW, W, reg: W + rate * dW),
        hint="The steps go uphill. The gradient points to where the loss grows.",
    ),
    mistake(
        name="no update",
        wrong=training(step=lambda rate, dW, W, reg: W),
        hint=NO_UPDATE,
    ),
    mistake(
        name="update of a local variable",
        wrong=local_weights,
        hint=NO_UPDATE,
    ),
    mistake(
        name="learning rate of its own",
        wrong=training(step=lambda rate, dW, W, reg: W - 1e-3 * dW),
        hint="The step does not follow learning_rate. Use the argument.",
    ),
    mistake(
        name="learning rate ignored",
        wrong=training(step=lambda rate, dW, W, reg: W - dW),
        hint="The step is the whole gradient. What scales it?",
    ),
    mistake(
        name="learning rate decays",
        wrong=training(decay=0.95),
        hint="The steps get smaller than learning_rate says. It stays what it is.",
    ),
    mistake(
        name="W replaced by the step",
        wrong=training(step=lambda rate, dW, W, reg: -rate * dW),
        hint="The step takes the place of self.W. It is added to it.",
    ),
    mistake(
        name="penalty added to the step",
        wrong=training(step=lambda rate, dW, W, reg: W - rate * (dW + 2 * reg * W)),
        hint=(
            "The step has a penalty of its own. The gradient that self.loss returns has it already."
        ),
    ),
    mistake(
        name="signs only",
        wrong=training(step=lambda rate, dW, W, reg: W - rate * np.sign(dW)),
        hint=(
            "The step uses the signs of the gradient, and not its size. "
            "Steep directions call for longer steps."
        ),
    ),
    mistake(
        name="batch size of its own",
        wrong=training(draw=lambda random, X, size, t: random.choice(len(X), 256)),
        hint="The minibatches have the same size whatever batch_size is. Use the argument.",
        matches=own_size,
    ),
    mistake(
        name="whole data set",
        wrong=training(draw=lambda random, X, size, t: np.arange(len(X))),
        hint="Every step uses all examples. A minibatch is a small random sample of them.",
        matches=every_row,
    ),
    mistake(
        name="drawn without replacement",
        wrong=training(draw=lambda random, X, size, t: random.choice(len(X), size, replace=False)),
        hint=(
            "A batch cannot be larger than the data set when no example may come twice. "
            "Draw with replacement."
        ),
        matches=too_large_to_draw,
    ),
    mistake(
        name="first examples only",
        wrong=training(draw=lambda random, X, size, t: np.arange(size) % len(X)),
        hint="Each minibatch holds the first examples. The others are never learned from.",
        matches=first_rows,
    ),
    mistake(
        name="slices in order",
        wrong=training(draw=lambda random, X, size, t: (t * size + np.arange(size)) % len(X)),
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
        wrong=training(draw=lambda random, X, size, t: np.sort(random.choice(len(X), size))),
        hint=(
            "The rows of each minibatch come in the order of the data set. "
            "A random draw has no order."
        ),
        matches=sorted_rows,
    ),
    mistake(
        name="labels of other rows",
        wrong=training(labels=np.random.permutation),
        hint="The labels belong to other rows than the examples. Draw the indices once, for both.",
        matches=other_labels,
    ),
    mistake(
        name="reg not handed on",
        wrong=training(regs=lambda reg: 0.0),
        hint="self.loss gets another reg than train was given. Which number does it need?",
    ),
    mistake(
        name="reg of its own",
        wrong=training(regs=lambda reg: 1e-5),
        hint="self.loss gets another reg than train was given. Which number does it need?",
    ),
    mistake(
        name="weights drawn anew",
        wrong=training(restart=True),
        hint=(
            "Training starts over although self.W is set. "
            "Calling train twice goes on from where it was."
        ),
    ),
    mistake(
        name="large first weights",
        wrong=training(start=1.0),
        hint="The first weights are too large. Small ones give almost equal scores to start from.",
        matches=starts(lambda top: top >= 0.01),
    ),
    mistake(
        name="zero first weights",
        wrong=training(start=0.0),
        hint="The first weights are 0. Small random ones are asked for.",
        matches=starts(lambda top: top == 0),
    ),
    mistake(
        name="one iteration too few",
        wrong=training(iterations=lambda n: max(0, n - 1)),
        hint="There is one iteration too few. Where does the loop begin and end?",
    ),
    mistake(
        name="one iteration too many",
        wrong=training(iterations=lambda n: n + 1),
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
        wrong=training(every=10),
        hint="loss_history lacks most of the losses. Every iteration has its entry.",
    ),
    mistake(
        name="last loss only",
        wrong=training(result=lambda history: history[-1] if history else 0.0),
        hint="A single loss comes back. Every iteration has its entry in loss_history.",
    ),
    mistake(
        name="mean losses",
        wrong=training(
            result=lambda history: [float(np.mean(history[: k + 1])) for k in range(len(history))],
        ),
        hint="loss_history holds running means. It holds the loss of each minibatch.",
    ),
    mistake(
        name="nothing returned",
        wrong=training(result=lambda history: None),
        hint="The loss history does not come back. How does the function end?",
    ),
]
