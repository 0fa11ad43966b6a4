"""Trials of functions that call others: what they asked for, and what came back; only what chance
does not decide.

The functions that they are given are ours, so their right slopes and losses are known without any
student's code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cs231n_utils.mistakes.results import Observation, attempt, numbers, unpack

MOST_CALLS = 500  # a loop that never ends is stopped here


class Asked(list):
    """Every point at which a function was asked for, in order; the arrays themselves in `given`."""

    def __init__(self, answer: Callable[[np.ndarray], Any]) -> None:
        self._answer = answer
        self.given: list[Any] = []

    def __call__(self, point: Any) -> Any:
        if len(self) == MOST_CALLS:
            raise RuntimeError("asked too often")
        self.append(np.array(point, dtype=float))
        self.given.append(point)
        return self._answer(point)


def moves(asked: Sequence[np.ndarray], x: np.ndarray, h: float) -> np.ndarray:
    """Where the points lie around x, in steps of h; sorted, each once: their order does not matter."""
    return np.unique(np.round((np.stack(asked) - x).reshape(len(asked), -1) / h, 6) + 0.0, axis=0)


def reach(asked: Sequence[np.ndarray], x: np.ndarray, h: float) -> float:
    """How far the farthest point is from x, in powers of 10 of h."""
    with np.errstate(divide="ignore"):
        return round(float(np.log10(np.abs(np.stack(asked) - x).max() / h)), 2)


# --- numerical gradients ---


def eval_numerical_gradient(function: Callable) -> Observation:
    f, x, h = (
        Asked(lambda x: float(np.sum(x**3) + np.prod(x))),
        np.array([[1.1, -0.7], [2.3, 1.6]]),
        0.2,
    )
    used = x.copy()
    grad = attempt(function, f, used, h=h)
    far = attempt(reach, f, x, h)

    def rounded() -> bool:
        """Whether entries that should stay are a little off, as they are in single precision."""
        off = np.abs(np.stack(f) - x)
        return ((off > 1e-12) & (off < 1e-5 * h)).any()

    return {
        "rounded": [attempt(rounded)],
        "reach": [far],
        "points": [attempt(moves, f, x, h) if far == 0 else "of another step"],
        "gradient": [grad if far == 0 else "of another step"],  # what tiny steps give is rounding
        "x afterwards": [(used - x) / h],
    }


def grad_check_sparse(function: Callable) -> Observation:
    """Of an x with one entry nothing is left to chance; an x with six tells how the entries are
    drawn.
    """
    x, h = np.array([1.5]), 0.1
    f, used = Asked(lambda x: float(np.sum(x**2))), x.copy()
    errors = attempt(function, f, used, np.array([9.0]), 4, h)
    flat = attempt(function, lambda x: 1.0, x.copy(), np.zeros(1), 3, h)

    def places() -> list[bool]:
        asked = Asked(lambda x: float(np.sum(x)))
        attempt(function, asked, np.ones((2, 3)), np.ones((2, 3)), 60)
        entries = []
        for above, below in zip(asked[0::2], asked[1::2], strict=True):
            # Where there is none, or are two, nothing can be told.
            (entry,) = np.flatnonzero(np.abs(above - below) > 1e-7)
            entries.append(int(entry))
        return [len(set(entries)) == 1, entries == [k % 6 for k in range(60)]]

    return {
        "reach": [attempt(reach, f, x, h)],
        "points": [attempt(moves, f, x, h)],
        "errors": [errors],
        "errors of zeros": [flat],
        "x afterwards": [(used - x) / h],
        "places": [attempt(places)],
    }


# --- random search and gradient descent ---

# The best try, the worst one and the last improvement are three, none of them at an end.
LOSSES = [3.0, 1.0, 5.0, 2.0, 4.0]


def random_search(function: Callable) -> Observation:
    def scripted(losses: list[float]) -> tuple[list[Any], Asked]:
        answers = iter(losses)
        asked = Asked(lambda W: next(answers))
        return (
            unpack(
                attempt(
                    function, asked, (3, 2), len(losses), scale=1.0, rng=np.random.default_rng(1)
                ),
                3,
            ),
            asked,
        )

    def place(W: Any, asked: Asked) -> list[bool]:
        return [np.array_equal(W, point) for point in asked]

    def spread() -> list[float]:
        # 10,000 entries: mean, deviation and correlations are known to 0.01. The first try is the
        # best one.
        asked = Asked(lambda W: float(len(asked)))
        attempt(function, asked, (100, 100), 3, scale=10.0, rng=np.random.default_rng(2))
        first, second, third = (point.ravel() for point in asked)
        return [
            round(float(value), 1)
            for value in (
                first.mean() / 10,
                first.std() / 10,
                *np.corrcoef([first, second, third])[np.triu_indices(3, 1)],
            )
        ]

    def repeated() -> bool:
        return np.array_equal(scripted(LOSSES)[1], scripted(LOSSES)[1])

    (best_W, best_loss, history), asked = scripted(LOSSES)
    (huge_W, huge_loss, _), huge = scripted([3e6, 2e6])
    return {
        "best W": [attempt(place, best_W, asked)],
        "best loss": [best_loss],
        "best of huge losses": [attempt(place, huge_W, huge), huge_loss],
        "history": [history],
        "arrays": [len(set(map(id, asked.given)))],
        "spread": [attempt(spread)],
        "tries of the same generator": [attempt(repeated)],
    }


CURVATURES = np.array([[1.0, 2.0], [0.5, 3.0]])


def gradient_descent(function: Callable) -> Observation:
    """On a bowl whose sides differ in steepness."""
    bowl = Asked(lambda W: (float(np.sum(CURVATURES * W**2)), 2 * CURVATURES * W))
    start = numbers((2, 2), 1)
    used = start.copy()
    W, history = unpack(attempt(function, bowl, used, 0.125, 4), 2)
    return {
        "points": [attempt(np.stack, bowl)],
        "W": [W],
        "history": [history],
        "start afterwards": [used - start],
    }


# --- minibatch SGD ---

N, D, C = 30, 20, 3


def train(classifier: Any) -> Observation:
    """The loss counts its calls, and its gradient is the same everywhere: no draw of rows changes
    the steps.
    """
    X = np.arange(N)[:, None] + 0.01 * np.arange(D)  # a row tells its number
    y = np.arange(N) % C
    slope = numbers((D, C), 1)

    class Recorder(classifier):
        def loss(self, X_batch, y_batch, reg):
            if len(self.asked) == MOST_CALLS:
                raise RuntimeError("asked too often")
            self.asked.append(
                (np.array(self.W), np.rint(X_batch[:, 0]).astype(int), np.array(y_batch), reg)
            )
            return 100.0 + len(self.asked), slope

    def trained(W=None, **options):
        model = Recorder()
        model.W, model.asked = None if W is None else W.copy(), []
        return model.train(X.copy(), y.copy(), **options), model

    def batches() -> list[bool]:
        _, model = trained(num_iters=60, batch_size=12)
        rows = [batch for _, batch, _, _ in model.asked]
        together = np.concatenate(rows)
        return [
            set(together.tolist()) == set(range(N)),
            together.max() < D,
            (np.diff(together) % N == 1).all(),
            all(np.array_equal(batch, rows[0]) for batch in rows),
            all((np.diff(batch) >= 0).all() for batch in rows),
            all(np.array_equal(batch, np.arange(12)) for batch in rows),
            all(np.array_equal(y_batch, y[batch]) for _, batch, y_batch, _ in model.asked),
        ]

    def sizes(batch_size: int) -> list[int]:
        return [len(rows) for _, rows, _, _ in trained(num_iters=2, batch_size=batch_size)[1].asked]

    def steps(model: Any) -> np.ndarray:
        points = np.stack([*(W for W, *_ in model.asked), model.W])
        return (points - points[0])[:, 0]  # the first row of W tells the rest

    W = numbers((D, C), 2)
    history, model = unpack(
        attempt(trained, W, learning_rate=0.5, reg=0.25, num_iters=4, batch_size=4), 2
    )
    long_history, _ = unpack(attempt(trained, W, num_iters=12, batch_size=4), 2)
    first = attempt(lambda: trained(num_iters=1, batch_size=4)[1].asked[0][0])
    return {
        "steps": [attempt(steps, model)],
        "goes on from W": [attempt(lambda: np.array_equal(model.asked[0][0], W))],
        "first weights": [
            attempt(lambda: [reach([first], np.zeros((D, C)), 1.0) > -1.5, first.any()])
        ],
        "reg": [attempt(lambda: [reg for *_, reg in model.asked])],
        "batch sizes": [attempt(sizes, 5), attempt(sizes, 50)],
        "batches": [attempt(batches)],
        "history": [history, long_history],
    }
