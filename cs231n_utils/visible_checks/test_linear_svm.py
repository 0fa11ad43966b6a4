"""Visible checks of linear_svm.py: the lecture's three images, and what any loss must fulfil."""

import numpy as np

from cs231n_utils.expect import expect_close
from cs231n_utils.visible_checks.loss_checks import LossChecks, LossFunction, VectorizedLossChecks

# The lecture's scores for a cat, a car and a frog, whose classes are 0, 1 and 2. With X = identity,
# W holds the scores.
SCORES = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
ROW = (
    "Each example's right score is taken from a whole column: one number an example has to stand in"
    " a column of its own, by [:, None] or keepdims=True."
)
MEAN = "The loss of a batch is the mean, not the sum, of the losses of its examples."
RIGHT_CLASS = "The right class itself must not be counted."
# Losses of the three images that tell what is wrong, to six decimals. Where the loss is a sum, that
# is looked at on another problem as well.
WRONG_MEANS = {
    6.266667: RIGHT_CLASS,
    3.233333: ROW,
    4.233333: f"{ROW} {RIGHT_CLASS}",
}
WRONG_SUMS = {15.8: MEAN, 18.8: f"{MEAN} {RIGHT_CLASS}"}


class SvmChecks(LossFunction):
    def test_lecture_examples(self, student, rng):
        """The cat, the car and the frog of the lecture have the losses 2.9, 0 and 12.9."""
        for k, (animal, expected) in enumerate([("cat", 2.9), ("car", 0.0), ("frog", 12.9)]):
            loss = self.loss(student, SCORES[k : k + 1], [[1.0]], [k])
            hint = "Each wrong class adds max(0, its score - score of the right class + 1)."
            if abs(loss - expected - 1) < 1e-9:
                hint = "It is 1 too much: the right class itself must not be counted."
            expect_close(f"the loss of the {animal}", loss, expected, hint=hint)

    def test_lecture_mean(self, student, rng):
        """All three together have the loss (2.9 + 0 + 12.9) / 3 = 5.27."""
        loss = self.loss(student, SCORES, np.eye(3), [0, 1, 2])
        hint = WRONG_MEANS.get(round(loss, 6), "")
        if round(loss, 6) in WRONG_SUMS and self.sums_the_batch(student, rng):
            hint = WRONG_SUMS[round(loss, 6)]
        expect_close("loss", loss, 15.8 / 3, hint=hint)

    def test_zero_weights(self, student, rng):
        """With W = 0 and 10 classes the loss is 9: C - 1 margins of 1."""
        loss = self.loss(
            student, np.zeros((4, 10)), rng.standard_normal((6, 4)), [0, 1, 2, 7, 8, 9]
        )
        expect_close(
            "loss",
            loss,
            9.0,
            hint="All scores are 0, so each of the 9 wrong classes adds max(0, 0 - 0 + 1) = 1.",
        )

    def test_frog_gradient(self, student, rng):
        """For the frog, with x = 1, dW is (1, 1, -2): both wrong classes violate the margin."""
        dW = self.gradient(student, SCORES[2:], [[1.0]], [2])
        expect_close(
            "dW",
            dW,
            np.array([[1.0, 1.0, -2.0]]),
            hint=(
                "A class that violates the margin adds x to its column, and takes it from the right"
                " one's."
            ),
        )


class TestSvmLossNaive(LossChecks, SvmChecks):  # pytest runs the checks of the last base first
    exercise = "svm_loss_naive"


class TestSvmLossVectorized(VectorizedLossChecks, SvmChecks):
    exercise = "svm_loss_vectorized"
    naive = "svm_loss_naive"
