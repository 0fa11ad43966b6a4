"""Hidden checks of random search and gradient descent, judged by every point at which student code
evaluates the loss.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from grader.checks.expect import (
    expect,
    expect_array,
    expect_close,
    expect_few_calls,
    expect_history,
    expect_length,
    expect_results,
)
from grader.checks.student import Rng, ScriptedCallback, Student

RTOL = 1e-5  # float32 keeps 7 digits, and 8 steps lose one of them
LOSSES = [0.5, 0.7, 0.2, 0.6, 0.3]  # the first and the last try are neither best nor worst
MAX_CALLS = 500  # of loss_fn in one search or descent; the checks ask for 8 at most


class LossFn(ScriptedCallback):
    """A loss function with scripted answers, which keeps every W at which it is called.

    shape : of W
    """

    def __init__(self, shape: tuple[int, ...], answers: Sequence[object]) -> None:
        super().__init__(answers)
        self.shape = shape
        self.points: list[np.ndarray] = []

    def on_call(self, *args: object) -> None:
        expect(len(args) == 1, f"loss_fn is called with {len(args)} arguments; expected one, W.")
        self.points.append(
            expect_array("the argument of loss_fn", args[0], self.shape, like="the shape of W")
        )
        expect_few_calls("loss_fn", len(self.points), MAX_CALLS)


class TestRandomSearch:
    exercise = "random_search"
    points = {"best": 1, "draws": 1, "history": 1}

    def search(self, student: Student, loss_fn: LossFn, **kwargs: object) -> tuple[Any, ...]:
        """(best_W, best_loss, loss_history) of as many tries as there are losses. The k-th W has
        the k-th loss, whatever W is.
        """
        result = student.random_search(loss_fn, loss_fn.shape, len(loss_fn.answers), **kwargs)
        return expect_results("the function", result, ("best_W", "best_loss", "loss_history"))

    # The best try is once in each place, so that always taking the same one fails.
    @pytest.mark.parametrize(
        "place, offset, spread", [(2, 0, 1), (0, -1e3, 1), (1, 1e6, 1e3), (3, -1, 1)]
    )
    def test_best(
        self, student: Student, rng: np.random.Generator, place: int, offset: float, spread: float
    ) -> None:
        """Returns the weights with the smallest loss of all tries, and that loss."""
        losses = [0.4, 0.7, 0.5]  # the first and the last are not the worst
        losses.insert(place, 0.2)
        loss_fn = LossFn((4, 3), (offset + spread * np.array(losses)).tolist())
        best_W, best_loss, _ = self.search(
            student, loss_fn, scale=1.0, rng=Rng(int(rng.integers(2**62)))
        )
        expect(len(loss_fn.points) > 0, "loss_fn is never called.")
        best = int(np.argmin(loss_fn.given))
        expect_close(
            "best_loss",
            best_loss,
            loss_fn.given[best],
            rtol=RTOL,
            hint="The smallest of all the losses that were seen.",
        )
        expect_close(
            "best_W",
            best_W,
            loss_fn.points[best],
            rtol=RTOL,
            hint="The W that gave the smallest loss; is it overwritten by later tries?",
        )

    @pytest.mark.parametrize("given", [{"scale": 1.0}, {}])
    def test_draws(
        self, student: Student, rng: np.random.Generator, given: dict[str, float]
    ) -> None:
        """Draws a fresh W for each try: normal numbers times the scale, from the given rng."""
        seed, scale, tries = int(rng.integers(2**62)), given.get("scale", 1e-3), 3

        def drawn(tries: int, seed: int) -> list[np.ndarray]:
            loss_fn = LossFn((20, 14), LOSSES[:tries])
            self.search(student, loss_fn, **given, rng=Rng(seed))
            return loss_fn.points

        first = drawn(tries, seed)
        expect(
            len(first) == tries,
            f"loss_fn is called {len(first)} times; expected {tries}, once a try.",
        )
        expect(
            len({point.tobytes() for point in first}) == tries,
            "some tries are the same; expected a fresh W for each.",
        )
        numbers = np.stack(first) / scale
        # 840 numbers: mean and standard deviation are within 6 standard errors for all but one seed
        # in 100 million.
        mean, std = float(numbers.mean()), float(numbers.std())
        expect(
            abs(std - 1) < 6 / np.sqrt(2 * numbers.size),
            f"the entries of W have standard deviation {std * scale:.3g}; "
            f"expected about the scale, {scale:g}.",
        )
        expect(
            abs(mean) < 6 * std / np.sqrt(numbers.size),
            f"the entries of W have mean {mean * scale:.3g}; expected about 0.",
        )
        expect(
            float(np.abs(numbers).max()) > 2.0,
            "no entry of W is beyond two standard deviations; are they normal numbers?",
        )
        again = drawn(tries, seed)
        expect(
            len(again) == tries,
            f"a second search calls loss_fn {len(again)} times; expected {tries} again.",
        )
        expect(
            all(map(np.array_equal, first, again)),
            "the same generator gives different draws.",
            mistake="generator ignored",
        )
        expect(
            not any(map(np.array_equal, first, drawn(1, seed + 1))),
            "another generator gives the same draws.",
            mistake="generator ignored",
        )

    @pytest.mark.parametrize("tries", [1, 5])
    def test_history(self, student: Student, rng: np.random.Generator, tries: int) -> None:
        """loss_history holds the loss of each try, in order; rng may be left out."""
        loss_fn = LossFn((3, 2), LOSSES[:tries])
        history = expect_length("loss_history", self.search(student, loss_fn, scale=1.0)[2], tries)
        expect_history(history, loss_fn.given, RTOL, "The loss of each try, not the best so far.")


class Descent(LossFn):
    """The loss function of a descent on a convex quadratic.

    path : the points (4, 3) that gradient descent visits, the last one included. The k-th call gets
        loss and gradient of the k-th of them, so that a wrong step shows in the next point, and
        nowhere else.
    curve : gets the losses at the points of all calls
    """

    def __init__(
        self, rng: np.random.Generator, rate: float, num_iters: int, curve: list[float]
    ) -> None:
        curvature, bottom = rng.uniform(0.5, 1.5, (4, 3)), rng.standard_normal((4, 3))
        self.curvature, self.bottom = curvature, bottom
        self.path = [rng.standard_normal((4, 3))]
        self.curve = curve
        gradients = [2 * curvature * (self.path[0] - bottom)]
        for _ in range(num_iters):
            self.path.append(self.path[-1] - rate * gradients[-1])
            gradients.append(2 * curvature * (self.path[-1] - bottom))
        super().__init__((4, 3), list(zip(map(self.loss, self.path), gradients, strict=True)))

    def loss(self, W: np.ndarray) -> float:
        return float((self.curvature * (W - self.bottom) ** 2).sum())

    def on_call(self, *args: object) -> None:
        super().on_call(*args)
        self.curve.append(self.loss(self.points[-1]))


class TestGradientDescent:
    exercise = "gradient_descent"
    points = {"steps": 1, "history": 1, "start": 1}
    rate = 0.1

    def descend(
        self, student: Student, rng: np.random.Generator, num_iters: int
    ) -> tuple[tuple[Any, ...], tuple[Any, ...], Descent]:
        """(W, loss_history), the arguments as they are afterwards, and the loss function."""
        student.losses = []
        loss_fn = Descent(rng, self.rate, num_iters, student.losses)
        outcome = student.call(
            "gradient_descent", loss_fn, loss_fn.path[0], self.rate, num_iters, echo=True
        )
        return (
            expect_results("the function", outcome.result, ("W", "loss_history")),
            outcome.args,
            loss_fn,
        )

    @pytest.mark.parametrize("iters", [8, 1])
    def test_steps(self, student: Student, rng: np.random.Generator, iters: int) -> None:
        """Each step goes against the gradient at the current point, times the learning rate."""
        (W, _), _, loss_fn = self.descend(student, rng, iters)
        points, path = loss_fn.points, loss_fn.path
        moved = [W for k, W in enumerate(points) if k == 0 or not np.array_equal(W, points[k - 1])]
        expect(len(moved) > 0, "loss_fn is never called.")
        for k, (found, expected) in enumerate(zip(moved, path, strict=False)):
            expect_close(
                f"W before step {k + 1}",
                found,
                expected,
                rtol=RTOL,
                subject="W",
                hint="A step down: W minus learning_rate times the gradient at this very W.",
            )
        expect_close("W", W, path[-1], rtol=RTOL, hint=f"After {iters} steps.")

    def test_history(self, student: Student, rng: np.random.Generator) -> None:
        """loss_history holds the loss before each step, from one evaluation a step."""
        (_, history), _, loss_fn = self.descend(student, rng, 8)
        history = expect_length("loss_history", history, 8)
        expect(
            len(loss_fn.points) == 8,
            f"loss_fn is called {len(loss_fn.points)} times for 8 steps; expected once a step.",
        )
        expect_history(
            history, [loss for loss, _ in loss_fn.given], RTOL, "The loss before each step."
        )

    @pytest.mark.needs("history")
    @pytest.mark.parametrize("iters", [3, 0])
    def test_start(self, student: Student, rng: np.random.Generator, iters: int) -> None:
        """The starting point is left as it was, and no steps give it back."""
        (W, history), after, loss_fn = self.descend(student, rng, iters)
        expect(
            len(after) == 4
            and isinstance(after[1], np.ndarray)
            and np.array_equal(after[1], loss_fn.path[0]),
            "the W that was passed in is changed. Work on a copy: W -= ... changes it in place.",
        )
        if iters == 0:
            expect_close("W", W, loss_fn.path[0], hint="With num_iters=0.")
            expect_length("loss_history with num_iters=0", history, 0)
