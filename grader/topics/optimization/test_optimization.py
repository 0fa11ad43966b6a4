"""Hidden checks of random search and gradient descent: judged on every point at which student code asks for the loss."""

import numpy as np
import pytest

from grader.expect import expect, expect_array, expect_close, expect_history, expect_length, expect_results
from grader.student import Rng

RTOL = 1e-9
MAX_CALLS = 500  # of loss_fn in one search or descent; the checks ask for 8 at most


class Bowl:
    """A convex quadratic loss of W, and every W at which it was asked for."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.curvature = rng.uniform(0.5, 1.5, shape)
        self.bottom = rng.standard_normal(shape)
        self.points: list[np.ndarray] = []

    def asked(self, args: tuple) -> np.ndarray:
        expect(len(args) == 1, f"loss_fn is called with {len(args)} arguments; expected one, W.")
        point = expect_array("the argument of loss_fn", args[0], self.shape, like="the shape of W")
        self.points.append(point)
        expect(len(self.points) <= MAX_CALLS, f"loss_fn is called more than {MAX_CALLS} times. Is there a loop that never ends?")
        return point

    def loss(self, W: np.ndarray) -> float:
        return float(np.sum(self.curvature * (W - self.bottom) ** 2))

    def gradient(self, W: np.ndarray) -> np.ndarray:
        return 2 * self.curvature * (W - self.bottom)


class Told(Bowl):
    """A loss that is told beforehand, whatever W is: the k-th new W that is asked for gets the k-th of these losses."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, ...], losses: list[float]) -> None:
        super().__init__(rng, shape)
        self.told = losses
        self.known: dict[bytes, float] = {}

    def loss(self, W: np.ndarray) -> float:
        return self.known.setdefault(W.tobytes(), self.told[min(len(self.known), len(self.told) - 1)])


class TestRandomSearch:
    exercise = "random_search"
    points = {"best": 1, "draws": 1, "history": 1}

    def search(self, student, bowl: Bowl, num_tries: int, **kwargs: object) -> tuple:
        result = student.random_search(lambda *args: bowl.loss(bowl.asked(args)), bowl.shape, num_tries, **kwargs)
        return expect_results("the function", result, ("best_W", "best_loss", "loss_history"))

    @pytest.mark.parametrize("offset", [0.0, -1000.0, 1e6])
    def test_best(self, student, rng, offset):
        """Returns the weights with the smallest loss of all tries, and that loss."""
        told = [offset + step for step in (0.5, 0.7, 0.2, 0.6, 0.3)]  # the first and the last are neither best nor worst
        bowl = Told(rng, (4, 3), told)
        best_W, best_loss, _ = self.search(student, bowl, len(told), scale=1.0, rng=Rng(int(rng.integers(2**62))))
        expect(len(bowl.points) > 0, "loss_fn is never called.")
        best = min(bowl.points, key=bowl.loss)
        expect_close("best_loss", best_loss, bowl.loss(best), rtol=RTOL, hint="The smallest of all the losses that were seen.")
        expect_close("best_W", best_W, best, rtol=RTOL,
                     hint="The W that gave the smallest loss; is it overwritten by later tries?")

    @pytest.mark.parametrize("given", [{"scale": 1.0}, {}])
    def test_draws(self, student, rng, given):
        """Draws a fresh W for each try: normal numbers times the scale, from the given rng."""
        bowl, seed, tries = Bowl(rng, (20, 14)), int(rng.integers(2**62)), 3
        scale = given.get("scale", 1e-3)
        self.search(student, bowl, tries, **given, rng=Rng(seed))
        drawn, bowl.points = bowl.points, []
        expect(len(drawn) == tries, f"loss_fn is called {len(drawn)} times; expected {tries}, once a try.")
        numbers = np.stack(drawn) / scale
        expect(len({point.tobytes() for point in drawn}) == tries, "some tries are the same; expected a fresh W for each.")
        # 840 numbers: mean and standard deviation are within 6 standard errors for all but one seed in 100 million.
        mean, std = float(numbers.mean()), float(numbers.std())
        expect(abs(mean) < 6 / np.sqrt(numbers.size), f"the entries of W have mean {mean * scale:.3g}; expected about 0.")
        expect(abs(std - 1) < 6 / np.sqrt(2 * numbers.size), f"the entries of W have standard deviation {std * scale:.3g}; "
                                                            f"expected about the scale, {scale:g}.")
        expect(float(np.abs(numbers).max()) > 2.0, "no entry of W is beyond two standard deviations; are they normal numbers?")
        self.search(student, bowl, tries, **given, rng=Rng(seed))
        expect(len(bowl.points) == tries, f"a second search calls loss_fn {len(bowl.points)} times; expected {tries} again.")
        same = all(np.array_equal(a, b) for a, b in zip(drawn, bowl.points, strict=True))
        expect(same, "the same generator gives different draws.", mistake="generator ignored")
        bowl.points = []
        self.search(student, bowl, 1, **given, rng=Rng(seed + 1))
        expect(not any(map(np.array_equal, drawn, bowl.points)), "another generator gives the same draws.",
               mistake="generator ignored")

    @pytest.mark.parametrize("tries", [1, 5])
    def test_history(self, student, rng, tries):
        """loss_history holds the loss of each try, in order; rng may be left out."""
        bowl = Told(rng, (3, 2), [0.5, 0.7, 0.2, 0.6, 0.3])
        history = expect_length("loss_history", self.search(student, bowl, tries, scale=1.0)[2], tries)
        expect_history(history, [bowl.loss(point) for point in bowl.points], RTOL, "The loss of each try, not the best so far.")


class TestGradientDescent:
    exercise = "gradient_descent"
    points = {"steps": 1, "history": 1, "start": 1}
    rate = 0.1

    def descend(self, student, bowl: Bowl, start: np.ndarray, num_iters: int):
        def loss_fn(*args: object) -> tuple[float, np.ndarray]:
            W = bowl.asked(args)
            student.losses.append(bowl.loss(W))
            return student.losses[-1], bowl.gradient(W)

        student.losses = []
        outcome = student.call("gradient_descent", loss_fn, start, self.rate, num_iters, echo=True)
        return expect_results("the function", outcome.result, ("W", "loss_history")), outcome.args

    def path(self, bowl: Bowl, start: np.ndarray, num_iters: int) -> list[np.ndarray]:
        """The points that gradient descent visits, the last one included."""
        points = [start]
        for _ in range(num_iters):
            points.append(points[-1] - self.rate * bowl.gradient(points[-1]))
        return points

    @pytest.mark.parametrize("iters", [8, 1])
    def test_steps(self, student, rng, iters):
        """Each step goes against the gradient at the current point, times the learning rate."""
        bowl, start = Bowl(rng, (4, 3)), rng.standard_normal((4, 3))
        (W, _), _ = self.descend(student, bowl, start, iters)
        path = self.path(bowl, start, iters)
        moved = [W for k, W in enumerate(bowl.points) if k == 0 or not np.array_equal(W, bowl.points[k - 1])]
        expect(len(moved) > 0, "loss_fn is never called.")
        for k, (found, expected) in enumerate(zip(moved, path, strict=False)):
            expect_close(f"W before step {k + 1}", found, expected, rtol=RTOL,
                         hint="A step down: W minus learning_rate times the gradient at this very W.")
        expect_close("W", W, path[-1], rtol=RTOL, hint=f"After {iters} steps.")

    def test_history(self, student, rng):
        """loss_history holds the loss before each step, from one evaluation a step."""
        bowl, start = Bowl(rng, (4, 3)), rng.standard_normal((4, 3))
        (_, history), _ = self.descend(student, bowl, start, 8)
        history = expect_length("loss_history", history, 8)
        expect(len(bowl.points) == 8, f"loss_fn is called {len(bowl.points)} times for 8 steps; expected once a step.")
        losses = [bowl.loss(point) for point in bowl.points]  # also where a wrong step has led
        expect_history(history, losses, RTOL, "The loss before each step.")

    @pytest.mark.needs("history")
    def test_start(self, student, rng):
        """The starting point is left as it was, and no steps give it back."""
        bowl, start = Bowl(rng, (4, 3)), rng.standard_normal((4, 3))
        _, after = self.descend(student, bowl, start, 3)
        expect(len(after) == 4 and isinstance(after[1], np.ndarray) and np.array_equal(after[1], start),
               "the W that was passed in is changed. Work on a copy: W -= ... changes it in place.")
        (W, history), _ = self.descend(student, bowl, start, 0)
        expect_close("W", W, start, hint="With num_iters=0.")
        expect_length("loss_history with num_iters=0", history, 0)
