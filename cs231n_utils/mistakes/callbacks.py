"""Trials of functions that call other functions: where they call them, and what they return.

The functions that are passed in belong to the trial, so that their right slopes and losses are
known without any student's code. An outcome holds nothing that depends on chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cs231n_utils.mistakes.results import Function, Observation, attempt, numbers, unpack

MOST_CALLS = 500  # a loop that never ends is stopped here


class RecordingCallback(list[np.ndarray]):
    """A callback that keeps a copy of every point at which it is called, in order.

    given : the points themselves, not copied
    """

    def __init__(self, answer: Callable[[np.ndarray], Any]) -> None:
        self._answer = answer
        self.given: list[Any] = []

    def __call__(self, point: Any) -> Any:
        if len(self) == MOST_CALLS:
            raise RuntimeError("called too often")
        self.append(np.array(point, dtype=float))
        self.given.append(point)
        return self._answer(point)


def moves(points: Sequence[np.ndarray], x: np.ndarray, h: float) -> np.ndarray:
    """Return the different points relative to x, in units of h, as an ndarray of shape (n, x.size).

    They are sorted, because their order does not matter.
    """
    offsets = (np.stack(points) - x).reshape(len(points), -1) / h
    return np.unique(np.round(offsets, 6) + 0.0, axis=0)


def reach(points: Sequence[np.ndarray], x: np.ndarray, h: float) -> float:
    """Return log10 of the largest distance from x in any entry, in units of h."""
    with np.errstate(divide="ignore"):
        return round(float(np.log10(np.abs(np.stack(points) - x).max() / h)), 2)


# --- numerical gradients ---


def eval_numerical_gradient(function: Function) -> Observation:
    f, x, h = (
        RecordingCallback(lambda x: float(np.sum(x**3) + np.prod(x))),
        np.array([[1.1, -0.7], [2.3, 1.6]]),
        0.2,
    )
    used = x.copy()
    grad = attempt(function, f, used, h=h)
    far = attempt(reach, f, x, h)

    def rounded() -> bool:
        """Whether entries that should stay are a little off, as they are in single precision."""
        off = np.abs(np.stack(f) - x)
        return bool(((off > 1e-12) & (off < 1e-5 * h)).any())

    return {
        "rounded": [attempt(rounded)],
        "reach": [far],
        "points": [attempt(moves, f, x, h) if far == 0 else "of another step"],
        "gradient": [
            grad if far == 0 else "of another step"
        ],  # a tiny step leaves nothing but rounding errors
        "x afterwards": [(used - x) / h],
    }


def grad_check_sparse(function: Function) -> Observation:
    """With one entry in x, nothing is left to chance; with six, the draw of the entries shows."""
    x, h = np.array([1.5]), 0.1
    f, used = RecordingCallback(lambda x: float(np.sum(x**2))), x.copy()
    errors = attempt(function, f, used, np.array([9.0]), 4, h)
    flat = attempt(function, lambda x: 1.0, x.copy(), np.zeros(1), 3, h)

    def places() -> list[bool]:
        calls = RecordingCallback(lambda x: float(np.sum(x)))
        attempt(function, calls, np.ones((2, 3)), np.ones((2, 3)), 60)
        entries = []
        for above, below in zip(calls[0::2], calls[1::2], strict=True):
            # Unpacking fails where no entry or more than one moved: then nothing can be said.
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

# The best try, the worst one and the last that improves on the try before it are three different
# tries, none of them the first or the last.
LOSSES = [3.0, 1.0, 5.0, 2.0, 4.0]


def random_search(function: Function) -> Observation:
    def scripted(losses: list[float]) -> tuple[list[Any], RecordingCallback]:
        answers = iter(losses)
        calls = RecordingCallback(lambda W: next(answers))
        return (
            unpack(
                attempt(
                    function, calls, (3, 2), len(losses), scale=1.0, rng=np.random.default_rng(1)
                ),
                3,
            ),
            calls,
        )

    def place(W: Any, calls: RecordingCallback) -> list[bool]:
        return [np.array_equal(W, point) for point in calls]

    def spread() -> list[float]:
        # With 10,000 entries, mean, deviation and correlations are known to 0.01. The losses grow,
        # so that the first try is the best one.
        calls = RecordingCallback(lambda W: float(len(calls)))
        attempt(function, calls, (100, 100), 3, scale=10.0, rng=np.random.default_rng(2))
        first, second, third = (point.ravel() for point in calls)
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

    (best_W, best_loss, history), calls = scripted(LOSSES)
    (huge_W, huge_loss, _), huge = scripted([3e6, 2e6])
    return {
        "best W": [attempt(place, best_W, calls)],
        "best loss": [best_loss],
        "best of huge losses": [attempt(place, huge_W, huge), huge_loss],
        "history": [history],
        "arrays": [len(set(map(id, calls.given)))],
        "spread": [attempt(spread)],
        "tries of the same generator": [attempt(repeated)],
    }


CURVATURES = np.array([[1.0, 2.0], [0.5, 3.0]])


def gradient_descent(function: Function) -> Observation:
    """Descent in a bowl that is not equally steep in all directions."""
    bowl = RecordingCallback(lambda W: (float(np.sum(CURVATURES * W**2)), 2 * CURVATURES * W))
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
    """The loss returns the number of its call, and its gradient is constant.

    So the steps do not depend on which rows are drawn.
    """
    X = np.arange(N)[:, None] + 0.01 * np.arange(D)  # (N, D); row i rounds to i
    y = np.arange(N) % C
    slope = numbers((D, C), 1)

    class Recorder(classifier):  # type: ignore[misc]  # a base that a student wrote
        def loss(
            self, X_batch: np.ndarray, y_batch: np.ndarray, reg: float
        ) -> tuple[float, np.ndarray]:
            if len(self.calls) == MOST_CALLS:
                raise RuntimeError("called too often")
            self.calls.append(
                (np.array(self.W), np.rint(X_batch[:, 0]).astype(int), np.array(y_batch), reg)
            )
            return 100.0 + len(self.calls), slope

    def trained(W: np.ndarray | None = None, **options: Any) -> tuple[Any, Any]:
        model = Recorder()
        model.W, model.calls = None if W is None else W.copy(), []
        return model.train(X.copy(), y.copy(), **options), model

    def batches() -> list[bool]:
        _, model = trained(num_iters=60, batch_size=12)
        rows = [batch for _, batch, _, _ in model.calls]
        together = np.concatenate(rows)
        return [
            set(together.tolist()) == set(range(N)),
            together.max() < D,
            (np.diff(together) % N == 1).all(),
            all(np.array_equal(batch, rows[0]) for batch in rows),
            all((np.diff(batch) >= 0).all() for batch in rows),
            all(np.array_equal(batch, np.arange(12)) for batch in rows),
            all(np.array_equal(y_batch, y[batch]) for _, batch, y_batch, _ in model.calls),
        ]

    def sizes(batch_size: int) -> list[int]:
        return [len(rows) for _, rows, _, _ in trained(num_iters=2, batch_size=batch_size)[1].calls]

    def steps(model: Any) -> np.ndarray:
        points = np.stack([*(W for W, *_ in model.calls), model.W])
        moved: np.ndarray = points - points[0]
        return moved[:, 0]  # all rows of W move alike

    W = numbers((D, C), 2)
    history, model = unpack(
        attempt(trained, W, learning_rate=0.5, reg=0.25, num_iters=4, batch_size=4), 2
    )
    long_history, _ = unpack(attempt(trained, W, num_iters=12, batch_size=4), 2)
    first = attempt(lambda: trained(num_iters=1, batch_size=4)[1].calls[0][0])
    return {
        "steps": [attempt(steps, model)],
        "goes on from W": [attempt(lambda: np.array_equal(model.calls[0][0], W))],
        "first weights": [
            attempt(lambda: [reach([first], np.zeros((D, C)), 1.0) > -1.5, first.any()])
        ],
        "reg": [attempt(lambda: [reg for *_, reg in model.calls])],
        "batch sizes": [attempt(sizes, 5), attempt(sizes, 50)],
        "batches": [attempt(batches)],
        "history": [history, long_history],
    }
