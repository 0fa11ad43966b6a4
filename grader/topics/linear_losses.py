"""What the four linear losses have in common: their checks, and inputs on which mistakes show.

Inputs: W of order 1, a penalty as large as the data loss, and N, D and C all different, because
penalty bugs hide behind small weights and mixed-up axes behind square arrays. Margins stay away
from the hinge's kinks, where two right answers may differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from grader.checks.expect import expect, expect_array, expect_close, expect_number, expect_results
from grader.checks.student import CallResult
from grader.topics.cost import expect_analytic, seconds_per_round

# (N, D, C): more classes than examples, one feature, two classes, one example. The last ones tell
# mistakes apart the least.
EDGES = [(3, 2, 8), (5, 1, 3), (6, 4, 2), (1, 4, 6), (1, 3, 2)]
BATCHES = [(7, 5, 4), (12, 3, 6)]
KINK = 1e-3  # distance of every margin from 0
# float32 has 7 digits. Scores of 5 to 10 are then off by up to 1e-6, and so are losses and
# gradients, which may be small differences of them.
RTOL = ATOL = 1e-5

# Sizes (N, D, C) for the cost of a gradient, of few examples and many weights, and the rounds of a
# Python loop that a call may take. With the most weights three nested loops take 100,000 to 330,000
# rounds, and 730,000 if the probabilities are computed for each weight again; a gradient that is
# tried out takes 3 to 8 million around a vectorized loss, and more around loops.
FEWER_WEIGHTS, MANY_WEIGHTS = (2, 200, 20), (2, 1_000, 20)
ROUNDS = 1_000_000

# A vectorized function does its Python-level work once, whatever N is: hardly more steps for 20,000
# examples than for 40 (NumPy's own Python code may branch on size). The sandbox counts the steps,
# and student code can switch the counting off; what it cannot fake is its CPU time. The yardstick
# is a round of a plain Python loop over arrays, which the grader times at the same moment. With two
# features and two classes the work on whole arrays is least beside the Python code of a loop: the
# tightest loop over the examples takes 2.6 rounds for each (softmax: 5.2), others 4 and more (7),
# however they are hidden; wasteful vectorized solutions (a tensor of shape (N, D, C), np.add.at)
# take 1.0 to 1.5, and the exponentials of extended precision 2.0. Who takes little time for
# MEDIUM_N examples is not asked for LARGE_N of them.
SMALL_N, MEDIUM_N, LARGE_N, FEW_FEATURES, FEW_CLASSES = 40, 4_000, 20_000, 2, 2
EXTRA_STEPS = 100
FEW_ROUNDS = 1.2  # for each of MEDIUM_N examples: a single measurement needs more distance
TRIES = 5  # of which the fastest counts: a busy machine slows down one or the other
# At a kink of the hinge, two right answers differ by one example of LARGE_N, in any single entry by
# a few 1e-4; an estimate from a part of the examples is further off.
LARGE_RTOL = 1e-3


def draw(
    rng: np.random.Generator, n: int, d: int, c: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W (D, C), X (N, D) and y (N,); where there are more classes than examples, the last class has
    no example.
    """
    return rng.standard_normal((d, c)), rng.standard_normal((n, d)), rng.integers(0, c - (c > n), n)


def problem(
    rng: np.random.Generator, n: int, d: int, c: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
    """Checks of a loss (W, X, y, reg) -> (loss, dW); a subclass names its exercise, points and
    reference.
    """

    exercise: str
    points: dict[str, float]
    reference: Callable

    def evaluate(
        self, student, *problems: tuple, hint: str = ""
    ) -> Iterator[tuple[float, np.ndarray]]:
        """The student's (loss, dW) for each (W, X, y, reg), of the promised form; `hint` for what
        is not finite.
        """
        for (W, *_), outcome in zip(problems, student.calls(self.exercise, problems), strict=True):
            loss, dW = expect_results("the function", outcome.result, ("loss", "dW"))
            yield (
                expect_number("loss", loss, hint),
                expect_array("dW", dW, W.shape, like="the shape of W", hint=hint),
            )

    def test_shapes(self, student, rng):
        """Returns the loss, a number, and dW, an array of the shape of W."""
        next(self.evaluate(student, (*problem(rng, 6, 4, 3), 0.1)))

    @needs("shapes")
    def test_loss(self, student, rng):
        """The data loss is right (reg = 0)."""
        problems = [(*problem(rng, *size), 0.0) for size in BATCHES]
        for given, (loss, _) in zip(problems, self.evaluate(student, *problems), strict=True):
            expect_close("loss", loss, self.reference(*given)[0], rtol=RTOL, atol=ATOL)

    @needs("shapes")
    def test_penalty(self, student, rng):
        """The loss grows by reg * sum(W**2)."""
        (W, X, y), reg = problem(rng, 7, 5, 4), 0.3
        (without, _), (loss, _) = self.evaluate(student, (W, X, y, 0.0), (W, X, y, reg))
        expect_close(
            f"loss(reg={reg}) - loss(reg=0)",
            loss - without,
            reg * float(np.sum(W**2)),
            rtol=RTOL,
            atol=ATOL,
            subject="loss",
        )

    @needs("shapes")
    def test_gradient(self, student, rng):
        """The gradient of the data loss is right (reg = 0)."""
        problems = [(*problem(rng, *size), 0.0) for size in BATCHES]
        for given, (_, dW) in zip(problems, self.evaluate(student, *problems), strict=True):
            expect_close("dW", dW, self.reference(*given)[1], rtol=RTOL, atol=ATOL)

    @needs("shapes")
    def test_penalty_gradient(self, student, rng):
        """The gradient grows by the gradient of the penalty."""
        (W, X, y), reg = problem(rng, 7, 5, 4), 0.3
        (_, without), (_, dW) = self.evaluate(student, (W, X, y, 0.0), (W, X, y, reg))
        expect_close(
            f"dW(reg={reg}) - dW(reg=0)",
            dW - without,
            2 * reg * W,
            rtol=RTOL,
            atol=ATOL,
            subject="dW",
        )

    @needs("gradient")
    def test_analytic(self, student, rng):
        """The gradient is derived, and not tried out weight by weight."""

        def attempt(timed: bool = False, **options: float) -> CallResult:
            W, X, y = draw(rng, *(MANY_WEIGHTS if timed else FEWER_WEIGHTS))
            # Every margin counts: loops have the most to do, and dW is far from 0
            y[:] = np.argmin(X @ W, axis=1)
            outcome = student.call(self.exercise, W, X, y, 0.0, timed=timed, **options)
            _, dW = expect_results("the function", outcome.result, ("loss", "dW"))
            expect_close(
                "dW",
                dW,
                self.reference(W, X, y, 0.0)[1],
                rtol=RTOL,
                atol=ATOL,
                like="the shape of W",
                hint="With D={}, C={}.".format(*W.shape),
            )
            return outcome

        expect_analytic("dW", "weight", attempt, ROUNDS)

    @needs("loss", "gradient")
    def test_sizes(self, student, rng):
        """Loss and gradient are right for one example, two classes, one feature, and C > N."""
        self.expect_right(student, *((*problem(rng, *size), 0.0) for size in EDGES), sizes=True)

    def expect_right(
        self,
        student,
        *problems: tuple,
        hint: str = "",
        sizes: bool = False,
        tolerance: float = RTOL,
    ) -> None:
        """Require loss and gradient to be right; with `sizes`, messages tell the size of the
        problem.
        """
        for given, (loss, dW) in zip(
            problems, self.evaluate(student, *problems, hint=hint), strict=True
        ):
            where = (
                f"With N={given[1].shape[0]}, D={given[0].shape[0]}, C={given[0].shape[1]}."
                if sizes
                else hint
            )
            expected_loss, expected_dW = self.reference(*given)
            expect_close("loss", loss, expected_loss, rtol=tolerance, atol=tolerance, hint=where)
            expect_close("dW", dW, expected_dW, rtol=tolerance, atol=tolerance, hint=where)

    @needs("loss")
    def test_inputs(self, student, rng):
        """W, X and y are left as they were."""
        given = dict(zip("WXy", problem(rng, 7, 5, 4), strict=True))
        outcome = student.call(self.exercise, *given.values(), 0.1, echo=True)
        for label, before, after in zip(given, given.values(), outcome.args, strict=False):
            same = isinstance(after, np.ndarray) and np.array_equal(before, after)
            expect(
                same,
                f"{label} is changed by the function. Work on a copy, or avoid operations in place"
                " such as +=.",
            )


class VectorizedChecks(LinearLossChecks):
    """The same for a function that must not loop over the examples in Python."""

    most_rounds: float  # of a Python loop, in the time of which an example must be done

    @needs("loss", "analytic")
    def test_vectorized(self, student, rng):
        """There is no Python loop over the examples."""
        # No penalty: it has its own checks.
        small = (*draw(rng, SMALL_N, FEW_FEATURES, FEW_CLASSES), 0.0)
        # The first call may do work that is done only once.
        _, least = (
            each.events for each in student.calls(self.exercise, [small, small], count=True)
        )
        quickest_round = math.inf
        for n, rounds in ((MEDIUM_N, FEW_ROUNDS), *((LARGE_N, self.most_rounds),) * TRIES):
            more, seconds = self.cost(student, rng, n, least)
            # The quickest so far: a busy moment of the grader must not make room for a loop.
            quickest_round = min(quickest_round, seconds_per_round())
            if more <= EXTRA_STEPS and seconds <= n * rounds * quickest_round:
                return
            expect(
                more <= EXTRA_STEPS or n < LARGE_N,
                f"takes {more} more Python steps for {n} examples than for {SMALL_N}.",
                mistake="explicit loop",
            )
        # The figures stay out of it: they are others at each grading.
        expect(
            False,
            f"takes far more CPU time for {LARGE_N} examples than operations on whole arrays. Let"
            " whole arrays do the work: row i of a matrix is example i.",
        )

    def cost(self, student, rng, n: int, least: int) -> tuple[int, float]:
        """Python steps beyond the `least` for n new examples, and CPU seconds of the student's
        function.

        Require the result to be right: it is the same function, not a fast one for large batches.
        """
        # What is remembered must not look fast.
        inputs = (*draw(rng, n, FEW_FEATURES, FEW_CLASSES), 0.0)
        outcome = student.call(self.exercise, *inputs, count=True, timed=True)
        expected_loss, expected_dW = self.reference(*inputs)
        loss, dW = expect_results("the function", outcome.result, ("loss", "dW"))
        expect_close("loss", loss, expected_loss, rtol=LARGE_RTOL, hint=f"With N={n}.")
        expect_close("dW", dW, expected_dW, rtol=LARGE_RTOL, hint=f"With N={n}.")
        return outcome.events - least, outcome.cpu_seconds
