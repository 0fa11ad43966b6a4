"""Hidden checks of the softmax loss: those of every linear loss, and stability."""

import numpy as np
import pytest

from grader.checks.student import Student
from grader.topics.linear_losses import LinearLossChecks, VectorizedChecks, problem
from grader.topics.softmax import reference

# exp overflows beyond 709, and vanishes below -745. float32 numbers of this size are 6e-5 apart.
OFFSET = 1000.0
OFFSET_TOLERANCE = 1e-3


class StabilityChecks(LinearLossChecks):
    """Checks of a softmax loss: besides those of every linear loss, scores that exp cannot take."""

    @pytest.mark.needs_any("loss", "gradient")
    def test_shift(self, student: Student, rng: np.random.Generator) -> None:
        """Nothing changes when all scores of an example move by 1000."""
        W, X, y = problem(rng, 4, 5, 4)
        ordinary = (W, X, y, 0.0)
        # The last feature adds the same to every score of its example.
        W = np.vstack([W, np.full((1, 4), OFFSET)])
        whole, by_row = np.ones(len(X)), np.linspace(0, 1, len(X))
        moved = [np.column_stack([X, offset]) for offset in (whole, by_row, -whole, -by_row)]
        self.expect_right(
            student,
            ordinary,
            [(W, X, y, 0.0) for X in moved],
            ["Subtract each example's own largest score before exp."] * len(moved),
            tolerance=OFFSET_TOLERANCE,
        )

    @pytest.mark.needs_any("loss", "gradient")
    def test_hopeless(self, student: Student, rng: np.random.Generator) -> None:
        """The loss is finite and right where the right class is hopeless."""
        W, X, y = problem(rng, 4, 5, 4)
        ordinary = (W, X, y, 0.0)
        W = np.vstack([W, np.zeros((1, 4))])
        X = np.column_stack([X, np.zeros(len(X))])
        # One wrong score of the first example is about 2000 higher.
        W[-1, (y[0] + 1) % 4], X[0, -1] = 40.0, 50.0
        self.expect_right(
            student,
            ordinary,
            [(W, X, y, 0.0)],
            [
                "log(exp(s)) is s: simplify the formula on paper, so that the log of a "
                "vanishing probability is never taken. It is -inf, and 0 times that is NaN."
            ],
        )


class TestSoftmaxLossNaive(StabilityChecks):
    exercise = "softmax_loss_naive"
    points = {
        "shapes": 1,
        "loss": 2,
        "penalty": 1,
        "gradient": 1,
        "penalty_gradient": 1,
        "analytic": 1,
        "sizes": 1,
        "inputs": 1,
        "shift": 1,
        "hopeless": 1,
    }
    reference = staticmethod(reference.softmax_loss_vectorized)  # the same function, and quicker


class TestSoftmaxLossVectorized(StabilityChecks, VectorizedChecks):
    exercise = "softmax_loss_vectorized"
    points = {
        "shapes": 0.5,
        "loss": 1,
        "penalty": 1,
        "gradient": 1,
        "penalty_gradient": 1,
        "analytic": 1,
        "sizes": 1,
        "inputs": 0.5,
        "shift": 1,
        "hopeless": 1,
        "vectorized": 2,
    }
    most_rounds = 3.3
    reference = staticmethod(reference.softmax_loss_vectorized)
