"""Checks that the four loss functions share, and those that the two vectorized ones share."""

from __future__ import annotations

from typing import Any

import numpy as np

from cs231n_utils.expect import expect, expect_array, expect_close, expect_number, expect_results
from cs231n_utils.visible_checks.tools import expect_slope, expect_unchanged, python_steps


def problem(
    rng: np.random.Generator, n: int, d: int, c: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random weights W (D, C), examples X (N, D) and labels y (N,)."""
    return rng.standard_normal((d, c)), rng.standard_normal((n, d)), rng.integers(c, size=n)


class LossFunction:
    """How to call a loss function; a derived class of checks names the `exercise`."""

    exercise: str

    def call(
        self, student: Any, W: Any, X: Any, y: Any, reg: float, name: str = ""
    ) -> tuple[Any, Any]:
        """Call the loss function, or another one by name; require two results of any kind."""
        name = name or self.exercise
        function = getattr(student, name)
        returned = function(np.array(W, dtype=float), np.array(X, dtype=float), np.array(y), reg)
        return expect_results(name, returned, ("loss", "dW"))

    def loss(self, student: Any, W: Any, X: Any, y: Any, reg: float = 0.0, hint: str = "") -> float:
        """The loss alone, so that its checks do not need a right gradient."""
        return expect_number("loss", self.call(student, W, X, y, reg)[0], hint)

    def gradient(
        self, student: Any, W: Any, X: Any, y: Any, reg: float = 0.0, hint: str = ""
    ) -> np.ndarray:
        """The gradient alone, an ndarray of the shape of W, (D, C)."""
        return expect_array(
            "dW", self.call(student, W, X, y, reg)[1], np.shape(W), "the shape of W", hint=hint
        )

    def sums_the_batch(self, student: Any, rng: np.random.Generator) -> bool:
        """Whether the loss of a batch is the sum of the losses of its examples."""
        W, X, y = problem(rng, n=3, d=4, c=5)
        alone = [self.loss(student, W, X[i : i + 1], y[i : i + 1]) for i in range(len(X))]
        return bool(abs(self.loss(student, W, X, y) - sum(alone)) <= 1e-6 * abs(sum(alone)))


class LossChecks(LossFunction):
    """Checks that need no example of their own."""

    def test_shapes(self, student, rng):
        """It returns (loss, dW): one number, and an array of the shape of W."""
        W, X, y = problem(rng, n=4, d=6, c=3)
        self.loss(student, W, X, y)
        self.gradient(student, W, X, y)

    def test_batch(self, student, rng):
        """The loss of a batch is the mean of the losses of its examples (no penalty)."""
        W, X, y = problem(rng, n=4, d=3, c=5)
        alone = [self.loss(student, W, X[i : i + 1], y[i : i + 1]) for i in range(len(X))]
        loss = self.loss(student, W, X, y)
        hint = "Every example counts, and the sum is divided by their number."
        if loss == alone[0]:
            hint = "It is the loss of the first example: does the function return inside the loop?"
        expect_close("the loss of four examples", loss, float(np.mean(alone)), hint=hint)

    def test_gradient(self, student, rng):
        """dW is the slope of the loss (no penalty)."""
        W, X, y = problem(rng, n=5, d=4, c=3)
        dW = self.gradient(student, W, X, y)
        expect_slope(
            "dW",
            dW,
            lambda at: self.loss(student, at, X, y),
            W,
            rng,
            hint=(
                "Write down the derivative of one L_i for one column of W, and compare it with your"
                " code."
            ),
            scales={
                0.0: "dW is 0 everywhere: it is not computed yet.",
                5.0: "dW is N = 5 times too large: the mean over the examples applies to it, too.",
                0.2: "The loss is N = 5 times too large for dW: it is a mean over the examples.",
                -1.0: "The sign is the wrong way round.",
            },
        )

    def test_penalty_in_the_loss(self, student, rng):
        """reg = 0.5 adds half the sum of all squared weights to the loss."""
        W = [[1.0, -2.0], [3.0, 0.5], [0.0, 1.0]]  # squares: 1 + 4 + 9 + 0.25 + 0 + 1 = 15.25
        X, y = [[1.0, 0.0, 2.0], [0.5, -1.0, 0.0]], [0, 1]
        added = self.loss(student, W, X, y, 0.5) - self.loss(student, W, X, y, 0.0)
        hint = (
            "The penalty is reg times the sum of all squared weights: no factor 1/2, not divided by"
            " N."
        )
        if added == 0:
            hint = "reg changes nothing in the loss: the penalty is missing."
        expect_close("What reg = 0.5 adds to the loss", added, 7.625, hint=hint)

    def test_penalty_in_the_gradient(self, student, rng):
        """reg = 0.5 adds exactly W to the gradient, as the derivative of w**2 is 2 w."""
        W = np.array([[1.0, -2.0], [3.0, 0.5], [0.0, 1.0]])
        X, y = [[1.0, 0.0, 2.0], [0.5, -1.0, 0.0]], [0, 1]
        added = self.gradient(student, W, X, y, 0.5) - self.gradient(student, W, X, y, 0.0)
        hint = ""
        if not added.any():
            hint = "reg changes nothing in dW. The penalty has a gradient of its own; add it to dW."
        elif np.allclose(added, W / 2, rtol=0, atol=1e-6):
            hint = "It is half of what it should be. What is the derivative of a square?"
        expect_close("What reg = 0.5 adds to dW", added, W, hint=hint)

    def test_inputs(self, student, rng):
        """W, X and y leave as they came."""
        W, X, y = problem(rng, n=4, d=3, c=3)
        arguments = {"W": W, "X": X, "y": y}
        before = {name: array.copy() for name, array in arguments.items()}
        getattr(student, self.exercise)(W, X, y, 0.1)
        for name, array in arguments.items():
            expect_unchanged(name, array, before[name])


class VectorizedLossChecks(LossChecks):
    """In addition: agreement with the naive function, and no Python loop over the examples."""

    naive: str

    def test_agrees_with_naive(self, student, rng):
        """It gives what your naive function gives."""
        W, X, y = problem(rng, n=30, d=5, c=4)
        naive_loss, naive_dW = self.call(student, W, X, y, 0.1, self.naive)
        naive_loss = expect_number(f"loss of {self.naive}", naive_loss)
        naive_dW = expect_array(f"dW of {self.naive}", naive_dW, W.shape, "the shape of W")
        hint = (
            f"Expected is what your {self.naive} returns: its own checks tell which of the two is"
            " right."
        )
        loss, dW = self.call(student, W, X, y, 0.1)
        expect_close("loss", loss, naive_loss, hint=hint)
        expect_close("dW", dW, naive_dW, hint=hint)

    def test_no_loop(self, student, rng):
        """Ten times the examples cost Python no more steps."""
        function = getattr(student, self.exercise)
        few, many = problem(rng, n=5, d=4, c=3), problem(rng, n=50, d=4, c=3)
        function(*few, 0.1)  # the first call may import something
        steps_few, steps_many = (
            python_steps(function, *few, 0.1),
            python_steps(function, *many, 0.1),
        )
        expect(
            steps_many <= 1.5 * steps_few,
            f"{self.exercise} takes {steps_few} Python steps for 5 examples and {steps_many} for"
            " 50; expected about the same number. Let whole arrays do the work: no for, while or"
            " comprehension over the examples.",
        )

    def test_derived(self, student, rng):
        """dW is derived, and not tried out weight by weight."""
        W, X, y = problem(rng, n=5, d=40, c=3)
        steps = python_steps(getattr(student, self.exercise), W, X, y, 0.1)
        expect(
            steps <= 4 * W.size,  # to try a weight out takes ten steps and more
            f"{self.exercise} takes {steps} Python steps for {W.size} weights; expected fewer than"
            " four for each. Write dW down as a formula of X, y and the scores: to evaluate the"
            " loss beside each weight is eval_numerical_gradient's part, and takes too long here.",
        )
