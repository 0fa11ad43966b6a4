"""What the four linear losses have in common: their checks, and inputs that reveal mistakes.

The inputs have W of order 1, a penalty as large as the data loss, and N, D and C all different:
wrong penalties hide behind small weights, and swapped axes behind square arrays. Margins stay away
from the hinge's kinks, where two right answers may differ. W has shape (D, C), X (N, D), y (N,).
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from grader.checks.expect import (
    Mismatch,
    expect,
    expect_array,
    expect_close,
    expect_number,
    expect_results,
)
from grader.checks.student import CallResult, Student
from grader.topics.cost import expect_analytic, seconds_per_round

# (N, D, C): more classes than examples, one feature, two classes, one example. The last ones come
# last because they distinguish mistakes the least.
EDGES = [(3, 2, 8), (5, 1, 3), (6, 4, 2), (1, 4, 6), (1, 3, 2)]
BATCHES = [(7, 5, 4), (12, 3, 6)]
KINK = 1e-3  # every margin is at least this far from 0
# No margin is larger. So the right class has a probability of 1e-4 or more, and a small number that
# is added to it in a logarithm makes no difference.
MOST_MARGIN = 7.0
# A penalty that is not multiplied by reg is one of these times sum(W**2), or times W.
UNSCALED = (0.5, 1.0, 2.0)
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
# extended precision 2.0. A function that is quick for MEDIUM_N examples is not tried on LARGE_N;
# there the limit is lower, because a measurement of a millisecond is off by more.
SMALL_N, MEDIUM_N, LARGE_N, FEW_FEATURES, FEW_CLASSES = 40, 4_000, 20_000, 2, 2
EXTRA_STEPS = 100
MEDIUM_LIMIT = 0.6  # of the limit for LARGE_N
# One that is fast enough is enough, because a busy machine slows down some of them.
MEDIUM_TRIES, LARGE_TRIES = 3, 5
# At a kink of the hinge, two right answers differ by one of LARGE_N examples, which is a few 1e-4
# in any entry. An estimate from a part of the examples is further off.
LARGE_RTOL = 1e-3


def draw(
    rng: np.random.Generator, n: int, d: int, c: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W (D, C), X (N, D) and y (N,).

    Every class has an example if there are enough of them; otherwise the last class has none. So a
    function that counts the classes in y is wrong for every draw, or for none.
    """
    y = rng.integers(0, c - (c > n), n)
    if n >= c and not np.bincount(y, minlength=c).all():
        y[rng.permutation(n)[:c]] = np.arange(c)
    return rng.standard_normal((d, c)), rng.standard_normal((n, d)), y


def margins_of(W: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """s_j - s_y + 1 for each example and class, (N, C); 1 for the right class."""
    scores = X @ W
    margins: np.ndarray = scores - scores[np.arange(len(y)), y][:, None] + 1
    return margins


def problem(
    rng: np.random.Generator, n: int, d: int, c: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W (D, C), X (N, D) and y (N,), where the first and the last example add much to the loss, and
    every margin is below MOST_MARGIN and away from the hinge's kinks; only for small N.
    """
    while True:
        W, X, y = draw(rng, n, d, c)
        margins = margins_of(W, X, y)
        for i in {0, n - 1}:
            if np.count_nonzero(margins[i] > 0.5) == 1:  # the right class alone
                X[i], margins[i] = -X[i], 2 - margins[i]
        scale = min(1.0, (MOST_MARGIN - 1) / max(1.0, float(margins.max()) - 1))
        W, margins = scale * W, scale * (margins - 1) + 1
        if np.abs(margins).min() > KINK:
            return W, X, y


def problem_with_positive_scores(
    rng: np.random.Generator, n: int, d: int, c: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A problem whose last feature adds 20 to every score, so that a function which takes the
    logarithm of a score has a finite result.
    """
    W, X, y = problem(rng, n, d - 1, c)
    return np.vstack([W, np.full((1, c), 4.0)]), np.column_stack([X, np.full(n, 5.0)]), y


def problem_with_ties(
    rng: np.random.Generator, n: int, d: int, c: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A problem in which two classes have equal scores; the hinge has no kink there."""
    while True:
        W, X, y = draw(rng, n, d, c)
        W[:, 1] = W[:, 0]
        if np.abs(margins_of(W, X, y)).min() > KINK:
            return W, X, y


Problem = tuple[np.ndarray, np.ndarray, np.ndarray, float]  # W, X, y, reg


PARTS = ("loss", "dW")


def needs(*checks: str) -> pytest.MarkDecorator:
    return pytest.mark.needs(*checks)


class LinearLossChecks:
    """Checks of a loss (W, X, y, reg) -> (loss, dW).

    A subclass gives the name of the exercise, the points of each check, and the right loss.
    """

    exercise: str
    points: dict[str, float]
    reference: Callable[[np.ndarray, np.ndarray, np.ndarray, float], tuple[float, np.ndarray]]

    def evaluate(self, student: Student, *problems: Problem) -> Iterator[dict[str, object]]:
        """The student's loss and dW, of any form, for each (W, X, y, reg)."""
        for outcome in student.calls(self.exercise, problems):
            results = expect_results("the function", outcome.result, PARTS)
            yield dict(zip(PARTS, results, strict=True))

    def expect_penalty(self, student: Student, rng: np.random.Generator, part: str) -> None:
        """Require the loss or dW to grow by the penalty, and to have no penalty where reg is 0."""
        (W, X, y), reg = problem_with_positive_scores(rng, 7, 5, 4), 0.3
        without, value = (
            _of_the_right_form(part, results[part], W)
            for results in self.evaluate(student, (W, X, y, 0.0), (W, X, y, reg))
        )
        expected: Any = {"loss": reg * float(np.sum(W**2)), "dW": 2 * reg * W}[part]
        expect_close(
            f"{part}(reg={reg}) - {part}(reg=0)",
            value - without,
            expected,
            rtol=RTOL,
            atol=ATOL,
            subject=part,
        )
        right: Any = self.reference(W, X, y, 0.0)[PARTS.index(part)]
        excess, penalty = without - right, _unscaled_penalty(part, W)
        limit = ATOL + RTOL * np.abs(right)
        expect(
            bool(np.all(np.abs(excess) <= limit))
            or not any(np.all(np.abs(excess - factor * penalty) <= limit) for factor in UNSCALED),
            f"{part}(reg=0) still has a penalty. reg multiplies all of it.",
        )

    def test_shapes(self, student: Student, rng: np.random.Generator) -> None:
        """Returns the loss, a number, and dW, an array of the shape of W."""
        W, X, y = problem(rng, 6, 4, 3)
        (results,) = self.evaluate(student, (W, X, y, 0.1))
        for part, value in results.items():
            _of_the_right_form(part, value, W, finite=False)

    @needs("shapes")
    def test_loss(self, student: Student, rng: np.random.Generator) -> None:
        """The data loss is right (reg = 0)."""
        # Where the logarithm of a score is finite, a wrong loss shows what it is.
        problems = [
            (*draw_problem(rng, *size), 0.0)
            for size, draw_problem in zip(
                BATCHES, (problem_with_positive_scores, problem), strict=True
            )
        ]
        for given, results in zip(problems, self.evaluate(student, *problems), strict=True):
            loss, _ = self.reference(*given)
            expect_part("loss", results["loss"], loss, given, rtol=RTOL, atol=ATOL)

    @needs("shapes")
    def test_penalty(self, student: Student, rng: np.random.Generator) -> None:
        """The loss grows by reg * sum(W**2)."""
        self.expect_penalty(student, rng, "loss")

    @needs("shapes")
    def test_gradient(self, student: Student, rng: np.random.Generator) -> None:
        """The gradient of the data loss is right (reg = 0)."""
        problems = [(*problem(rng, *size), 0.0) for size in BATCHES]
        for given, results in zip(problems, self.evaluate(student, *problems), strict=True):
            _, dW = self.reference(*given)
            expect_part("dW", results["dW"], dW, given, rtol=RTOL, atol=ATOL)

    @needs("shapes")
    def test_penalty_gradient(self, student: Student, rng: np.random.Generator) -> None:
        """The gradient grows by the gradient of the penalty."""
        self.expect_penalty(student, rng, "dW")

    @needs("gradient")
    def test_analytic(self, student: Student, rng: np.random.Generator) -> None:
        """The gradient is derived, and not tried out weight by weight."""

        def attempt(*, cpu_limit: float, timed: bool = False) -> CallResult:
            W, X, y = draw(rng, *(MANY_WEIGHTS if timed else FEWER_WEIGHTS))
            # Every margin is positive: loops have the most to do, and dW is far from 0. The last
            # class has an example: who counts the classes in y loses no point here.
            lowest = int(np.argmin(X[0] @ W))
            W[:, [lowest, -1]] = W[:, [-1, lowest]]
            y[:] = np.argmin(X @ W, axis=1)
            outcome = student.call(self.exercise, W, X, y, 0.0, timed=timed, cpu_limit=cpu_limit)
            _, dW = expect_results("the function", outcome.result, PARTS)
            given = (W, X, y, 0.0)
            expect_part(
                "dW",
                dW,
                self.reference(*given)[1],
                given,
                rtol=RTOL,
                atol=ATOL,
                like="the shape of W",
                hint="With D={}, C={}.".format(*W.shape),
            )
            return outcome

        expect_analytic("dW", "weight", attempt, ROUNDS)

    @pytest.mark.needs_any("loss", "gradient")
    def test_sizes(self, student: Student, rng: np.random.Generator) -> None:
        """Loss and gradient are right for one example, two classes, one feature, C > N, and equal
        scores.
        """
        problems = [(*problem(rng, *size), 0.0) for size in EDGES]
        where = ["With N={1}, D={0}, C={2}.".format(*W.shape, len(X)) for W, X, _, _ in problems]
        ties = problem_with_ties(rng, 5, 4, 3)
        problems += [(np.zeros_like(ties[0]), *ties[1:], 0.0), (*ties, 0.0)]
        where += ["With W = 0.", "Where two classes have the same scores."]
        # So many margins that one lies between 0 and 1, and others do on both sides of it.
        self.expect_right(student, (*problem(rng, *BATCHES[-1]), 0.0), problems, where)

    def expect_right(
        self,
        student: Student,
        ordinary: Problem,
        problems: Sequence[Problem],
        where: Sequence[str],
        tolerance: float = RTOL,
    ) -> None:
        """Require the loss and dW to be right for each (W, X, y, 0.0).

        Of the two, only what is right for an ordinary problem is judged, because the checks "loss"
        and "gradient" have charged for the other.

        ordinary : a problem without what this check is about
        where : ends the message, for each problem
        """
        evaluated = self.evaluate(student, ordinary, *problems)
        usual, right = next(evaluated), self.reference(*ordinary)
        judged = [
            part
            for part, expected in zip(PARTS, right, strict=True)
            if _is_right(part, usual[part], expected, ordinary)
        ]
        for given, results, hint in zip(problems, evaluated, where, strict=True):
            for part, expected in zip(PARTS, self.reference(*given), strict=True):
                if part in judged or not judged:
                    how: dict[str, Any] = {"rtol": tolerance, "atol": tolerance, "hint": hint}
                    expect_part(part, results[part], expected, given, **how)

    @pytest.mark.needs_any("loss", "gradient")
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


def expect_part(part: str, value: object, expected: Any, given: Problem, **how: Any) -> None:
    """Require the loss or dW to be right where reg is 0.

    A penalty that is not multiplied by reg is no fault here: the checks of the penalty find it.
    """
    try:
        expect_close(part, value, expected, **how)
    except Mismatch:
        penalty = _unscaled_penalty(part, given[0])
        for factor in UNSCALED:
            with contextlib.suppress(Mismatch):
                return expect_close(part, value, expected + factor * penalty, **how)
        raise


def _is_right(part: str, value: object, expected: Any, given: Problem) -> bool:
    with contextlib.suppress(Mismatch):
        expect_part(part, value, expected, given, rtol=RTOL, atol=ATOL)
        return True
    return False


def _unscaled_penalty(part: str, W: np.ndarray) -> Any:
    """sum(W**2) for the loss; W, half of its gradient, for dW."""
    return {"loss": np.sum(W**2), "dW": W}[part]


def _of_the_right_form(part: str, value: object, W: np.ndarray, finite: bool = True) -> np.ndarray:
    """The loss or dW as an array; raises Mismatch if it has another form than promised."""
    if part == "loss":
        return np.asarray(expect_number(part, value, finite=finite))
    return expect_array(part, value, W.shape, like="the shape of W", finite=finite)


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
        for n, rounds in (
            *((MEDIUM_N, MEDIUM_LIMIT * self.most_rounds),) * MEDIUM_TRIES,
            *((LARGE_N, self.most_rounds),) * LARGE_TRIES,
        ):
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
        results = expect_results("the function", outcome.result, PARTS)
        for part, value, right in zip(PARTS, results, self.reference(*inputs), strict=True):
            expect_part(part, value, right, inputs, rtol=LARGE_RTOL, hint=f"With N={n}.")
        return outcome.events - least, outcome.cpu_seconds
