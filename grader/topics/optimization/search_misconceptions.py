"""Known mistakes in random search: which try is kept, how tries are drawn, what is returned."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from grader.checks.callbacks import EndOfRecord
from grader.checks.misconception import Call, Misconception, never

LossFn = Callable[[np.ndarray], float]
Shape = tuple[int, ...]  # of W
Result = tuple[np.ndarray | None, float, list[float]]  # best_W, best_loss, loss_history


class Drawn:
    """Stands in for a generator: draws the tries again that the student has drawn."""

    def __init__(self, tries: list[np.ndarray], scale: float) -> None:
        self.tries, self.scale = tries, scale
        self.used = 0

    def standard_normal(self, shape: Shape) -> np.ndarray:
        if self.used == len(self.tries):
            raise EndOfRecord
        self.used += 1
        return self.tries[self.used - 1] / self.scale


Generator = np.random.Generator | Drawn
Draw = Callable[[Any, Shape, float], np.ndarray]


def normal(rng: Generator, shape: Shape, scale: float) -> np.ndarray:
    W: np.ndarray = scale * rng.standard_normal(shape)
    return W


def search(
    loss_fn: LossFn,
    shape: Shape,
    num_tries: int,
    scale: float = 1e-3,
    rng: Generator | None = None,
    *,
    tries: Callable[[int], int] = lambda num_tries: num_tries,
    draw: Draw = normal,
    better: Callable[[float, float], bool] = lambda loss, best: loss < best,
    worst: float = np.inf,
    result: Callable[..., Any] = lambda best_W, best_loss, history: (best_W, best_loss, history),
) -> Any:
    """random_search with one of its parts replaced.

    tries : takes num_tries; returns the number of tries
    draw : takes rng, shape and scale; returns a W of this shape
    better : takes the loss of a try and the best before it; returns whether the try is kept
    worst : the loss that the first try has to beat
    result : takes best_W, best_loss and loss_history; returns what random_search returns
    """
    rng = np.random.default_rng() if rng is None else rng
    best_W, best_loss, history = None, worst, []
    for _ in range(tries(num_tries)):
        W = draw(rng, shape, scale)
        loss = loss_fn(W)
        history.append(loss)
        if better(loss, best_loss):
            best_W, best_loss = W, loss
    return result(best_W, best_loss, history)


def improvements(history: list[float]) -> list[float]:
    return [loss for k, loss in enumerate(history) if loss <= min(history[: k + 1])]


def overwritten(
    loss_fn: LossFn, shape: Shape, num_tries: int, scale: float = 1e-3, rng: Generator | None = None
) -> Any:
    buffer = np.zeros(shape)

    def into_buffer(rng: Generator, shape: Shape, scale: float) -> np.ndarray:
        buffer[...] = normal(rng, shape, scale)
        return buffer

    return search(loss_fn, shape, num_tries, scale, rng, draw=into_buffer)


def last_returned(
    loss_fn: LossFn, shape: Shape, num_tries: int, scale: float = 1e-3, rng: Generator | None = None
) -> Any:
    tries = []

    def noted(rng: Generator, shape: Shape, scale: float) -> np.ndarray:
        tries.append(normal(rng, shape, scale))
        return tries[-1]

    _, best_loss, history = search(loss_fn, shape, num_tries, scale, rng, draw=noted)
    return tries[-1], best_loss, history


def drawn_once(
    loss_fn: LossFn, shape: Shape, num_tries: int, scale: float = 1e-3, rng: Generator | None = None
) -> Any:
    rng = np.random.default_rng() if rng is None else rng
    W = normal(rng, shape, scale)
    return search(loss_fn, shape, num_tries, draw=lambda *_: W)


def around_the_best(
    loss_fn: LossFn, shape: Shape, num_tries: int, scale: float = 1e-3, rng: Generator | None = None
) -> Result:
    rng = np.random.default_rng() if rng is None else rng
    best_W, best_loss, history = np.zeros(shape), np.inf, []
    for _ in range(num_tries):
        W = best_W + normal(rng, shape, scale)
        loss = loss_fn(W)
        history.append(loss)
        if loss < best_loss:
            best_W, best_loss = W, loss
    return best_W, best_loss, history


def walk(
    loss_fn: LossFn, shape: Shape, num_tries: int, scale: float = 1e-3, rng: Generator | None = None
) -> Any:
    W: np.ndarray = np.zeros(shape)

    def onwards(rng: Generator, shape: Shape, scale: float) -> np.ndarray:
        nonlocal W
        W = W + normal(rng, shape, scale)
        return W

    return search(loss_fn, shape, num_tries, scale, rng, draw=onwards)


def better_than_the_last(
    loss_fn: LossFn, shape: Shape, num_tries: int, scale: float = 1e-3, rng: Generator | None = None
) -> Any:
    losses = [np.inf]

    def noted(W: np.ndarray) -> float:
        losses.append(loss_fn(W))
        return losses[-1]

    return search(noted, shape, num_tries, scale, rng, better=lambda loss, best: loss < losses[-2])


mistake = partial(Misconception, exercise="random_search", concept="random search")

LAST_TRY = (
    "best_W is the last try, and best_loss belongs to another one. What is kept when a better try"
    " is found: an array of its own, or one that later tries overwrite?"
)

SEARCHES = [
    mistake(
        name="first W kept",
        wrong=partial(search, better=lambda loss, best: best == np.inf),
        hint="best_W is the first try. When does a later one take its place?",
    ),
    mistake(
        name="compared with the last try",
        wrong=better_than_the_last,
        hint="Each try is compared with the one before it. It has to beat the best of all so far.",
    ),
    mistake(
        name="one try too few",
        wrong=partial(search, tries=lambda n: n - 1),
        hint="There is one try too few. Where does the loop begin and end?",
    ),
    mistake(
        name="loss of the last try",
        wrong=partial(search, result=lambda W, loss, history: (W, history[-1], history)),
        hint="best_loss is the loss of the last try. Which one belongs to best_W?",
    ),
    mistake(
        name="mean loss",
        wrong=partial(search, result=lambda W, loss, history: (W, np.mean(history), history)),
        hint="best_loss is the mean of all losses. Which one belongs to best_W?",
    ),
    mistake(
        name="number of the best try",
        wrong=partial(
            search, result=lambda W, loss, history: (int(np.argmin(history)), loss, history)
        ),
        hint="best_W is the number of a try. The weights of that try are asked for.",
    ),
    mistake(
        name="history sorted",
        wrong=partial(search, result=lambda W, loss, history: (W, loss, sorted(history))),
        hint="loss_history is sorted. It holds the losses in the order of the tries.",
    ),
    mistake(
        name="tries added up",
        wrong=walk,
        hint="Each try starts from the one before it: a random walk. Here every W is drawn afresh.",
    ),
    mistake(
        name="scale twice",
        wrong=partial(search, draw=lambda rng, shape, scale: normal(rng, shape, scale**2)),
        hint=(
            "The tries have the square of the scale as standard deviation. "
            "Is it multiplied in at two places?"
        ),
    ),
    mistake(
        name="best W overwritten",
        wrong=overwritten,
        hint=LAST_TRY,
    ),
    mistake(
        name="last W returned",
        wrong=last_returned,
        hint=LAST_TRY,
    ),
    mistake(
        name="largest loss kept",
        wrong=partial(search, better=lambda loss, best: loss > best, worst=-np.inf),
        hint="The try with the largest loss is kept. Small losses are good.",
    ),
    mistake(
        name="best loss starts at 0",
        wrong=partial(search, worst=0.0),
        hint=(
            "No loss above 0 is ever an improvement. What number is every first loss smaller than?"
        ),
    ),
    mistake(
        name="best loss starts at a guess",
        wrong=partial(search, worst=1e5),
        hint=(
            "No loss above 100000 is ever an improvement. "
            "What number is every first loss smaller than?"
        ),
    ),
    mistake(
        name="scale ignored",
        wrong=partial(search, draw=lambda rng, shape, scale: normal(rng, shape, 1.0)),
        hint="The tries have standard deviation 1, whatever the scale is. Where does it enter?",
    ),
    mistake(
        name="scale of its own",
        wrong=partial(search, draw=lambda rng, shape, scale: normal(rng, shape, 1e-3)),
        hint="The tries have standard deviation 0.001, whatever the scale is. Use the argument.",
    ),
    mistake(
        name="scale as a variance",
        wrong=partial(search, draw=lambda rng, shape, scale: normal(rng, shape, np.sqrt(scale))),
        hint="The scale is taken for a variance. It is the standard deviation of the entries.",
    ),
    mistake(
        name="uniform numbers",
        wrong=partial(search, draw=lambda rng, shape, scale: scale * rng.random(shape)),
        hint="The tries are uniform numbers. Normal ones, of both signs, are asked for.",
    ),
    mistake(
        name="generator ignored",
        wrong=partial(
            search, draw=lambda rng, shape, scale: normal(np.random.default_rng(), shape, scale)
        ),
        hint=(
            "The tries do not come from rng alone. "
            "Draw from rng when it is given, and from nothing else."
        ),
        matches=never,
    ),
    mistake(
        name="one draw for all tries",
        wrong=drawn_once,
        hint="All tries are the same W. What belongs inside the loop?",
    ),
    mistake(
        name="search around the best",
        wrong=around_the_best,
        hint=(
            "Each try starts from the best one so far: a local search. "
            "Here every W is drawn afresh."
        ),
    ),
    mistake(
        name="history of the best",
        wrong=partial(
            search, result=lambda W, loss, history: (W, loss, list(np.minimum.accumulate(history)))
        ),
        hint="loss_history holds the best loss so far. The loss of each try is asked for.",
    ),
    mistake(
        name="history of improvements",
        wrong=partial(search, result=lambda W, loss, history: (W, loss, improvements(history))),
        hint="loss_history lacks the tries that were no improvement. Every try has its entry.",
    ),
]


def with_draws(call: Call) -> list[Call]:
    """The calls to be replayed: with the generator that was given, if any, so that its draws show
    whether the student used it; then with a stand-in that draws what the student has drawn.
    """
    names = ("loss_fn", "shape", "num_tries", "scale", "rng")
    given = {"scale": 1e-3, "rng": None, **dict(zip(names, call.args, strict=False)), **call.kwargs}
    drawn = Drawn([points[0] for points, _ in given["loss_fn"].calls], given["scale"])
    return [
        *([call] if given["rng"] is not None else []),
        call._replace(args=(), kwargs={**given, "rng": drawn}),
    ]
