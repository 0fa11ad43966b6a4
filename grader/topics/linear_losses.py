"""What the four linear losses have in common: their checks, and inputs on which mistakes show.

Inputs: W of order 1, a penalty as large as the data loss, and N, D and C all different, because penalty bugs hide behind
small weights and mixed-up axes behind square arrays. Margins stay away from the hinge's kinks, where two right answers
may differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from grader.expect import expect, expect_array, expect_close, expect_number, expect_results

# (N, D, C): more classes than examples, one feature, two classes, one example. The last ones tell mistakes apart the least.
EDGES = [(3, 2, 8), (5, 1, 3), (6, 4, 2), (1, 4, 6), (1, 3, 2)]
BATCHES = [(7, 5, 4), (12, 3, 6)]
KINK = 1e-3  # distance of every margin from 0
RTOL = 1e-6  # float64 solutions agree to about 1e-14; float32 intermediates, which are a mistake, do not

# A vectorized function does its Python-level work once, whatever N is: hardly more steps for 2,000 examples than for 40
# (NumPy's own Python code may branch on size). The worker counts the steps; what student code cannot fake is its CPU
# time, which the kernel accounts and the grader reads. On these sizes a loop takes 60 to 100 times the reference's
# time, and a wasteful vectorized solution (a tensor of shape (N, D, C)) 3 times.
SMALL_N, LARGE_N = 40, 2_000
EXTRA_STEPS = 100
CPU_RATIO, CPU_SLACK = 20.0, 0.002  # CPU_SLACK in seconds: the wire's share


def draw(rng: np.random.Generator, n: int, d: int, c: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W (D, C), X (N, D) and y (N,); where there are more classes than examples, the last class has no example."""
    return rng.standard_normal((d, c)), rng.standard_normal((n, d)), rng.integers(0, c - (c > n), n)


def problem(rng: np.random.Generator, n: int, d: int, c: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same, away from the hinge's kinks; for small N, where such draws are common."""
    while True:
        W, X, y = draw(rng, n, d, c)
        scores = X @ W
        margins = scores - scores[np.arange(n), y][:, None] + 1
        if np.abs(margins).min() > KINK:
            return W, X, y


def needs(*checks: str) -> pytest.MarkDecorator:
    return pytest.mark.needs(*checks)


class LinearLossChecks:
    """Checks of a loss (W, X, y, reg) -> (loss, dW); a subclass names its exercise, points and reference."""

    exercise: str
    points: dict[str, float]
    reference: Callable

    def evaluate(self, student, *problems: tuple, hint: str = "") -> Iterator[tuple[float, np.ndarray]]:
        """The student's (loss, dW) for each (W, X, y, reg), of the promised form; `hint` for what is not finite."""
        for (W, *_), outcome in zip(problems, student.calls(self.exercise, problems), strict=True):
            loss, dW = expect_results("the function", outcome.result, ("loss", "dW"))
            yield expect_number("loss", loss, hint), expect_array("dW", dW, W.shape, like="the shape of W", hint=hint)

    def test_shapes(self, student, rng):
        """Returns the loss, a number, and dW, an array of the shape of W."""
        next(self.evaluate(student, (*problem(rng, 6, 4, 3), 0.1)))

    @needs("shapes")
    def test_loss(self, student, rng):
        """The data loss is right (reg = 0)."""
        problems = [(*problem(rng, *size), 0.0) for size in BATCHES]
        for given, (loss, _) in zip(problems, self.evaluate(student, *problems), strict=True):
            expect_close("loss", loss, self.reference(*given)[0], rtol=RTOL)

    @needs("shapes")
    def test_penalty(self, student, rng):
        """The loss grows by reg * sum(W**2)."""
        (W, X, y), reg = problem(rng, 7, 5, 4), 0.3
        (without, _), (loss, _) = self.evaluate(student, (W, X, y, 0.0), (W, X, y, reg))
        expect_close(f"loss(reg={reg}) - loss(reg=0)", loss - without, reg * float(np.sum(W**2)), rtol=RTOL)

    @needs("shapes")
    def test_gradient(self, student, rng):
        """The gradient of the data loss is right (reg = 0)."""
        problems = [(*problem(rng, *size), 0.0) for size in BATCHES]
        for given, (_, dW) in zip(problems, self.evaluate(student, *problems), strict=True):
            expect_close("dW", dW, self.reference(*given)[1], rtol=RTOL)

    @needs("shapes")
    def test_penalty_gradient(self, student, rng):
        """The gradient grows by the gradient of the penalty."""
        (W, X, y), reg = problem(rng, 7, 5, 4), 0.3
        (_, without), (_, dW) = self.evaluate(student, (W, X, y, 0.0), (W, X, y, reg))
        expect_close(f"dW(reg={reg}) - dW(reg=0)", dW - without, 2 * reg * W, rtol=RTOL)

    @needs("loss", "gradient")
    def test_sizes(self, student, rng):
        """Loss and gradient are right for one example, two classes, one feature, and C > N."""
        self.expect_right(student, *((*problem(rng, *size), 0.0) for size in EDGES), sizes=True)

    def expect_right(self, student, *problems: tuple, hint: str = "", sizes: bool = False) -> None:
        """Require loss and gradient to be right; with `sizes`, messages tell the size of the problem."""
        for given, (loss, dW) in zip(problems, self.evaluate(student, *problems, hint=hint), strict=True):
            where = f"With N={given[1].shape[0]}, D={given[0].shape[0]}, C={given[0].shape[1]}." if sizes else hint
            expected_loss, expected_dW = self.reference(*given)
            expect_close("loss", loss, expected_loss, rtol=RTOL, hint=where)
            expect_close("dW", dW, expected_dW, rtol=RTOL, hint=where)

    @needs("loss")
    def test_inputs(self, student, rng):
        """W, X and y are left as they were."""
        given = dict(zip("WXy", problem(rng, 7, 5, 4), strict=True))
        outcome = student.call(self.exercise, *given.values(), 0.1, echo=True)
        for label, before, after in zip(given, given.values(), outcome.args, strict=False):
            same = isinstance(after, np.ndarray) and np.array_equal(before, after)
            expect(same, f"{label} is changed by the function. Work on a copy, or avoid operations in place such as +=.")


class VectorizedChecks(LinearLossChecks):
    """The same for a function that must not loop over the examples in Python."""

    @needs("loss", "gradient")
    def test_vectorized(self, student, rng):
        """There is no Python loop over the examples."""
        small, large = draw(rng, SMALL_N, 3, 4), draw(rng, LARGE_N, 3, 4)

        # The first call may do work that is done only once. No penalty: it has its own checks.
        counted = [(*inputs, 0.0) for inputs in (small, large, small)]
        _, most, least = (each.events for each in student.calls(self.exercise, counted, count=True))
        more = most - least
        expect(more <= EXTRA_STEPS, f"takes {more} more Python steps for {LARGE_N} examples than for {SMALL_N}.",
               mistake="explicit loop")
        batches = [draw(rng, LARGE_N, 3, 4) for _ in range(2)]  # new ones: what is remembered must not look fast
        calls = [student.call(self.exercise, *batch, 0.0, timed=True) for batch in batches]
        fastest = min(each.cpu_seconds for each in calls)
        expected, seconds = zip(*(_timed(self.reference, *batch, 0.0) for batch in batches), strict=True)
        allowed = CPU_SLACK + CPU_RATIO * min(seconds)
        # The figures stay out of it: they are others at each grading.
        expect(fastest <= allowed, f"takes far more CPU time for {LARGE_N} examples than operations on whole arrays. Let whole "
                                   "arrays do the work: row i of a matrix is example i.")
        for each, right in zip(calls, expected, strict=True):  # the same function, not a fast one for large batches
            loss, dW = expect_results("the function", each.result, ("loss", "dW"))
            expect_close("loss", loss, right[0], rtol=RTOL, hint=f"With N={LARGE_N}.")
            expect_close("dW", dW, right[1], rtol=RTOL, hint=f"With N={LARGE_N}.")


def _timed(function: Callable, *args: object) -> tuple[object, float]:
    """The result, and the CPU seconds that it took."""
    start = time.process_time()
    return function(*args), time.process_time() - start
