"""What the four linear losses have in common: their checks, and inputs that reveal mistakes.

The inputs have W of order 1, a penalty as large as the data loss, and N, D and C all different:
wrong penalties hide behind small weights, and swapped axes behind square arrays. Margins stay away
from the hinge's kinks, where two right answers may differ. W has shape (D, C), X (N, D), y (N,).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from grader.checks.expect import expect, expect_array, expect_close, expect_number, expect_results
from grader.checks.student import CallResult, Student
from grader.topics.cost import expect_analytic, seconds_per_round

# (N, D, C): more classes than examples, one feature, two classes, one example. The last ones come
# last because they distinguish mistakes the least.
EDGES = [(3, 2, 8), (5, 1, 3), (6, 4, 2), (1, 4, 6), (1, 3, 2)]
BATCHES = [(7, 5, 4), (12, 3, 6)]
KINK = 1e-3  # every margin is at least this far from 0
# float32 has 7 digits, so that scores of 5 to 10 are off by up to 1e-6. So are losses and
# gradients, which may be small differences of scores.
RTOL = ATOL = 1e-5

# Sizes (N, D, C) for the cost of a gradient, with few examples and many weights, and the number of
# rounds of a Python loop whose time a call may take. With the most weights, three nested loops take
# 100,000 to 330,000 rounds, and 730,000 if they compute the probabilities for each weight again. A
# gradient that is tried out takes 3 to 8 million around a vectorized loss, and more around loops.
FEWER_WEIGHTS, MANY_WEIGHTS = (2, 200, 20), (2, 1_000, 20)
ROUNDS = 1_000_000

# A vectorized function does its Python-level work once, whatever N is: it takes hardly more steps
# for 20,000 examples than for 40 (NumPy's own Python code may branch on size). The sandbox counts
# the steps, but student code can switch the counting off; what it cannot fake is its CPU time. The
# yardstick is a round of a plain Python loop over arrays, which the grader times at the same
# moment. With two features and two classes, the work on whole arrays is smallest compared with the
# Python code of a loop. The tightest loop over the examples takes 2.6 rounds for each (softmax:
# 5.2), and others take 4 and more (softmax: 7), however they are hidden. Wasteful vectorized
# solutions (a tensor of shape (N, D, C), np.add.at) take 1.0 to 1.5, and the exponentials of
# extended precision 2.0. A function that is quick for MEDIUM_N examples is not tried on LARGE_N.
SMALL_N, MEDIUM_N, LARGE_N, FEW_FEATURES, FEW_CLASSES = 40, 4_000, 20_000, 2, 2
EXTRA_STEPS = 100
FEW_ROUNDS = 1.2  # for each of MEDIUM_N examples: a single measurement needs more distance
TRIES = 5  # one that is fast enough is enough, because a busy machine slows down some of them
# At a kink of the hinge, two right answers differ by one of LARGE_N examples, which is a few 1e-4
# in any entry. An estimate from a part of the examples is further off.
LARGE_RTOL = 1e-3


def draw(
    rng: np.random.Generator, n: int, d: int, c: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W (D, C), X (N, D) and y (N,).

    The last class has no example if there are more classes than examples.
    """
    return rng.standard_normal((d, c)), rng.standard_normal((n, d)), rng.integers(0, c - (c > n), n)


def problem(
    rng: np.random.Generator, n: int, d: int, c: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw again until every margin is away from the hinge's kinks; only for small N."""
    while True:
        W, X, y = draw(rng, n, d, c)
        scores = X @ W
        margins = scores - scores[np.arange(n), y][:, None] + 1
        if np.abs(margins).min() > KINK:
            return W, X, y


Problem = tuple[np.ndarray, np.ndarray, np.ndarray, float]  # W, X, y, reg


def needs(*checks: str) -> pytest.MarkDecorator:
    return pytest.mark.needs(*checks)


class LinearLossChecks:
    """Checks of a loss (W, X, y, reg) -> (loss, dW).

    A subclass gives the name of the exercise, the points of each check, and the right loss.
    """

    exercise: str
    points: dict[str, float]
    reference: Callable[[np.ndarray, np.ndarray, np.ndarray, float], tuple[float, np.ndarray]]

    def evaluate(
        self, student: Student, *problems: Problem, hint: str = ""
    ) -> Iterator[tuple[float, np.ndarray]]:
        """The student's (loss, dW) for each (W, X, y, reg); raises Mismatch when a result does not
        have the promised form. The hint goes to results that are not finite.
        """
        for (W, *_), outcome in zip(problems, student.calls(self.exercise, problems), strict=True):
            loss, dW = expect_results("the function", outcome.result, ("loss", "dW"))
            yield (
                expect_number("loss", loss, hint),
                expect_array("dW", dW, W.shape, like="the shape of W", hint=hint),
            )

    def test_shapes(self, student: Student, rng: np.random.Generator) -> None:
        """Returns the loss, a number, and dW, an array of the shape of W."""
        next(self.evaluate(student, (*problem(rng, 6, 4, 3), 0.1)))

    @needs("shapes")
    def test_loss(self, student: Student, rng: np.random.Generator) -> None:
        """The data loss is right (reg = 0)."""
        problems = [(*problem(rng, *size), 0.0) for size in BATCHES]
        for given, (loss, _) in zip(problems, self.evaluate(student, *problems), strict=True):
            expect_close("loss", loss, self.reference(*given)[0], rtol=RTOL, atol=ATOL)

    @needs("shapes")
    def test_penalty(self, student: Student, rng: np.random.Generator) -> None:
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
    def test_gradient(self, student: Student, rng: np.random.Generator) -> None:
        """The gradient of the data loss is right (reg = 0)."""
        problems = [(*problem(rng, *size), 0.0) for size in BATCHES]
        for given, (_, dW) in zip(problems, self.evaluate(student, *problems), strict=True):
            expect_close("dW", dW, self.reference(*given)[1], rtol=RTOL, atol=ATOL)

    @needs("shapes")
    def test_penalty_gradient(self, student: Student, rng: np.random.Generator) -> None:
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
    def test_analytic(self, student: Student, rng: np.random.Generator) -> None:
        """The gradient is derived, and not tried out weight by weight."""

        def attempt(*, cpu_limit: float, timed: bool = False) -> CallResult:
            W, X, y = draw(rng, *(MANY_WEIGHTS if timed else FEWER_WEIGHTS))
            # Every margin is positive: loops have the most to do, and dW is far from 0.
            y[:] = np.argmin(X @ W, axis=1)
            outcome = student.call(self.exercise, W, X, y, 0.0, timed=timed, cpu_limit=cpu_limit)
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
    def test_sizes(self, student: Student, rng: np.random.Generator) -> None:
        """Loss and gradient are right for one example, two classes, one feature, and C > N."""
        self.expect_right(student, *((*problem(rng, *size), 0.0) for size in EDGES), sizes=True)

    def expect_right(
        self,
        student: Student,
        *problems: Problem,
        hint: str = "",
        sizes: bool = False,
        tolerance: float = RTOL,
    ) -> None:
        """Require loss and gradient to be right for each (W, X, y, reg).

        hint : ends the messages; with `sizes`, the size of the problem does so instead
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
    def test_inputs(self, student: Student, rng: np.random.Generator) -> None:
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
    """Checks of a loss that must, besides, not loop over the examples in Python."""

    most_rounds: float  # of a Python loop, in the time of which an example must be done

    @needs("loss", "analytic")
    def test_vectorized(self, student: Student, rng: np.random.Generator) -> None:
        """There is no Python loop over the examples."""
        # No penalty: it has its own checks.
        small = (*draw(rng, SMALL_N, FEW_FEATURES, FEW_CLASSES), 0.0)
        # The first call may do work that is done only once, so the second one counts.
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
        # The message has no figures, which would differ from one grading to the next.
        expect(
            False,
            f"takes far more CPU time for {LARGE_N} examples than operations on whole arrays. Let"
            " whole arrays do the work: row i of a matrix is example i.",
        )

    def cost(
        self, student: Student, rng: np.random.Generator, n: int, least: int
    ) -> tuple[int, float]:
        """What n new examples cost the student's function: the Python steps beyond `least`, and the
        CPU seconds.

        Requires the result to be right, so that no other, fast function serves large batches.
        """
        # The examples are new at each call, so that remembering a result gains nothing.
        inputs = (*draw(rng, n, FEW_FEATURES, FEW_CLASSES), 0.0)
        outcome = student.call(self.exercise, *inputs, count=True, timed=True)
        expected_loss, expected_dW = self.reference(*inputs)
        loss, dW = expect_results("the function", outcome.result, ("loss", "dW"))
        expect_close("loss", loss, expected_loss, rtol=LARGE_RTOL, hint=f"With N={n}.")
        expect_close("dW", dW, expected_dW, rtol=LARGE_RTOL, hint=f"With N={n}.")
        return outcome.events - least, outcome.cpu_seconds
