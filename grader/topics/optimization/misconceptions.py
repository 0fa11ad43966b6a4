"""Known mistakes in gradient descent; those in random search are in `search_misconceptions`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from grader.checks.misconception import Call, Misconception
from grader.topics.optimization.search_misconceptions import SEARCHES, with_draws

LossFn = Callable[[np.ndarray], tuple[float, np.ndarray]]  # W (D, C) -> loss, dW (D, C)
Result = tuple[np.ndarray, list[float]]  # W (D, C), loss_history


def descend(
    loss_fn: LossFn,
    W: np.ndarray,
    learning_rate: float,
    num_iters: int,
    *,
    step: Callable[[float, np.ndarray], float | np.ndarray] = lambda rate, dW: -rate * dW,
) -> Result:
    """gradient_descent with its step replaced.

    step : takes learning_rate and dW (D, C); returns what is added to W
    """
    history = []
    for _ in range(num_iters):
        loss, dW = loss_fn(W)
        history.append(loss)
        W = W + step(learning_rate, dW)
    return W, history


def in_place(loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int) -> Result:
    history = []
    for _ in range(num_iters):
        loss, dW = loss_fn(W)
        history.append(loss)
        W -= learning_rate * dW
    return W, history


def history_after(loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int) -> Result:
    history = []
    for _ in range(num_iters):
        W = W - learning_rate * loss_fn(W)[1]
        history.append(loss_fn(W)[0])
    return W, history


def first_gradient(loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int) -> Result:
    _, dW = loss_fn(W)
    history = []
    for _ in range(num_iters):
        history.append(loss_fn(W)[0])
        W = W - learning_rate * dW
    return W, history


def old_gradient(loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int) -> Result:
    history, old = [], 0 * W
    for _ in range(num_iters):
        loss, dW = loss_fn(W)
        history.append(loss)
        W = W - learning_rate * old
        old = dW
    return W, history


def one_loss_more(loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int) -> Result:
    W, history = descend(loss_fn, W, learning_rate, num_iters)
    return W, [*history, loss_fn(W)[0]]


def best_point(loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int) -> Result:
    points = [W]

    def noted(point: np.ndarray) -> tuple[float, np.ndarray]:
        points.append(point.copy())
        return loss_fn(point)

    _, history = descend(noted, W, learning_rate, num_iters)
    return points[-1], history


def steps(change: int) -> Callable[..., Result]:
    """gradient_descent with `change` steps more than `num_iters`, or fewer if it is negative."""

    def wrong(loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int) -> Result:
        return descend(loss_fn, W, learning_rate, max(0, num_iters + change))

    return wrong


def decaying(loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int) -> Result:
    history = []
    for t in range(num_iters):
        loss, dW = loss_fn(W)
        history.append(loss)
        W = W - learning_rate / (t + 1) * dW
    return W, history


def with_momentum(loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int) -> Result:
    history, velocity = [], 0 * W
    for _ in range(num_iters):
        loss, dW = loss_fn(W)
        history.append(loss)
        velocity = 0.9 * velocity - learning_rate * dW
        W = W + velocity
    return W, history


def start_returned(loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int) -> Result:
    return W, descend(loss_fn, W, learning_rate, num_iters)[1]


def swapped(
    loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int
) -> tuple[list[float], np.ndarray]:
    return descend(loss_fn, W, learning_rate, num_iters)[::-1]


def all_points(
    loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    points = []
    for _ in range(num_iters):
        points.append(W)
        W = W - learning_rate * loss_fn(W)[1]
    return W, points


def last_loss_only(
    loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int
) -> tuple[np.ndarray, float]:
    W, history = descend(loss_fn, W, learning_rate, num_iters)
    return W, history[-1] if history else 0.0


def step_alone(loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int) -> Result:
    history = []
    for _ in range(num_iters):
        loss, dW = loss_fn(W)
        history.append(loss)
        W = -learning_rate * dW
    return W, history


def always_twice(call: Call) -> bool:
    """Whether loss_fn is called twice at each point, and all neighbouring points differ."""
    points = [args[0] for args, _ in call.args[0].calls]
    firsts, seconds = points[::2], points[1::2]
    return (
        len(points) == 2 * call.args[3] > 0
        and all(map(np.array_equal, firsts, seconds))
        and not any(map(np.array_equal, firsts, firsts[1:]))
    )


def gradient_twice(loss_fn: LossFn, W: np.ndarray, learning_rate: float, num_iters: int) -> Result:
    history = []
    for _ in range(num_iters):
        history.append(loss_fn(W)[0])
        W = W - learning_rate * loss_fn(W)[1]
    return W, history


mistake = partial(Misconception, exercise="gradient_descent", concept="gradient descent")

DESCENTS = [
    mistake(
        name="one step too few",
        wrong=steps(-1),
        hint="There is one step too few. Where does the loop begin and end?",
    ),
    mistake(
        name="one step too many",
        wrong=steps(1),
        hint="There is one step too many. Where does the loop begin and end?",
    ),
    mistake(
        name="learning rate decays",
        wrong=decaying,
        hint="The steps get smaller than learning_rate says. It stays what it is.",
    ),
    mistake(
        name="momentum",
        wrong=with_momentum,
        hint=(
            "The steps carry on from the steps before: momentum. "
            "Plain gradient descent uses the gradient at hand alone."
        ),
    ),
    mistake(
        name="twice the step",
        wrong=partial(descend, step=lambda rate, dW: -2 * rate * dW),
        hint=(
            "Each step is twice as long as it should be. "
            "The gradient of the loss is complete: nothing is to be added."
        ),
    ),
    mistake(
        name="signs only",
        wrong=partial(descend, step=lambda rate, dW: -rate * np.sign(dW)),
        hint=(
            "The step uses the signs of the gradient, and not its size. "
            "Steep directions call for longer steps."
        ),
    ),
    mistake(
        name="divided by the learning rate",
        wrong=partial(descend, step=lambda rate, dW: -dW / rate),
        hint="The gradient is divided by the learning rate. A small rate means a small step.",
    ),
    mistake(
        name="W replaced by the step",
        wrong=step_alone,
        hint="The step takes the place of W. It is added to W.",
    ),
    mistake(
        name="start returned",
        wrong=start_returned,
        hint="The starting point comes back. Which W is there after the last step?",
    ),
    mistake(
        name="results swapped",
        wrong=swapped,
        hint="The history comes first, then W. See the order in the docstring.",
    ),
    mistake(
        name="points in the history",
        wrong=all_points,
        hint="loss_history holds weights. It holds numbers, the losses.",
    ),
    mistake(
        name="last loss only",
        wrong=last_loss_only,
        hint="loss_history is a single number. Every step has its entry.",
    ),
    mistake(
        name="two evaluations a step",
        wrong=gradient_twice,
        hint=(
            "The loss and the gradient are evaluated separately, at twice the cost. "
            "One call gives both."
        ),
        matches=always_twice,
    ),
    mistake(
        name="uphill",
        wrong=partial(descend, step=lambda rate, dW: rate * dW),
        hint="The steps go uphill. The gradient points to where the loss grows.",
    ),
    mistake(
        name="learning rate ignored",
        wrong=partial(descend, step=lambda rate, dW: -dW),
        hint="The step is the whole gradient. What scales it?",
    ),
    mistake(
        name="gradient normalized",
        wrong=partial(descend, step=lambda rate, dW: -rate * dW / np.linalg.norm(dW)),
        hint=(
            "Every step has the same length. "
            "Plain gradient descent takes shorter steps where the slope is gentle."
        ),
    ),
    mistake(
        name="no step",
        wrong=partial(descend, step=lambda rate, dW: 0.0),
        hint="W never moves. What becomes of dW?",
    ),
    mistake(
        name="first gradient for all steps",
        wrong=first_gradient,
        hint="All steps use the gradient of the start. It changes along the way.",
    ),
    mistake(
        name="gradient one step late",
        wrong=old_gradient,
        hint="Each step uses the gradient of the point before. Evaluate first, then step.",
    ),
    mistake(
        name="last step left out",
        wrong=best_point,
        hint=(
            "The W that comes back is the last one that was evaluated. "
            "Its own step is still to come."
        ),
    ),
    mistake(
        name="W changed in place",
        wrong=in_place,
        hint=(
            "The starting point of the caller is overwritten. "
            "An operation such as -= changes the array it is given."
        ),
    ),
    mistake(
        name="history after the step",
        wrong=history_after,
        hint="loss_history starts after the first step. The loss before each step is asked for.",
    ),
    mistake(
        name="one loss too many",
        wrong=one_loss_more,
        hint="loss_history has the final loss, too. It holds one loss for each step.",
    ),
]

REPLAYS = {"random_search": with_draws}

MISCONCEPTIONS = [*SEARCHES, *DESCENTS]
