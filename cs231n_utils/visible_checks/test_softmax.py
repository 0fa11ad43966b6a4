"""Visible checks of softmax.py: the lecture's cat, large scores, and what any loss must fulfil."""

import numpy as np

from cs231n_utils.expect import expect_close
from cs231n_utils.visible_checks.loss_checks import LossChecks, LossFunction, VectorizedLossChecks

# The lecture's scores for a picture of a cat, class 0; their probabilities: 0.13, 0.87, 0.00
CAT = [[3.2, 5.1, -1.7]]


class SoftmaxChecks(LossFunction):
    def test_lecture_example(self, student, rng):
        """The cat of the lecture has the loss -ln(0.13) = 2.04."""
        loss = self.loss(student, CAT, [[1.0]], [0])
        hint = (
            "Exponentiate the scores, divide by their sum, take minus the logarithm of the right"
            " class's share."
        )
        if abs(loss - 0.886) < 1e-3:
            hint = "That is the logarithm to base 10; the loss uses the natural one, np.log."
        expect_close("the loss of the cat", loss, 2.0404, rtol=1e-4, hint=hint)

    def test_zero_weights(self, student, rng):
        """With W = 0 and 10 classes the loss is ln(10) = 2.303: each class has probability 1/10."""
        loss = self.loss(
            student, np.zeros((4, 10)), rng.standard_normal((6, 4)), [0, 1, 2, 7, 8, 9]
        )
        hint = "All scores are 0, so every example has the loss -log(1/10)."
        if abs(loss - 6 * 2.302585) < 1e-4 and self.sums_the_batch(student, rng):
            hint = "The loss of a batch is the mean, not the sum, of the losses of its examples."
        elif abs(loss - 1.791759) < 1e-5:
            hint = (
                "That is log(N): each exp is divided by a sum over the 6 examples, where one over"
                " the 10 classes is meant. Which axis holds the classes?"
            )
        expect_close("loss", loss, 2.302585, hint=hint)

    def test_lecture_gradient(self, student, rng):
        """For the cat, with x = 1, dW is (-0.870, 0.869, 0.001): the probabilities, less 1 for the
        right class.
        """
        dW = self.gradient(student, CAT, [[1.0]], [0])
        expect_close(
            "dW",
            dW,
            np.array([[-0.8700, 0.8690, 0.0010]]),
            atol=1e-4,
            hint="The derivative of L_i by a score is its probability, less 1 for the right class.",
        )

    def test_large_scores(self, student, rng):
        """Scores of 1000, or of -1000, change nothing: four equal scores have the loss ln(4) =
        1.386.
        """
        example = [[1000.0] * 4], [[1.0], [-1.0]], [0, 3]
        hint = (
            "Subtract from the scores of each example their own maximum first, and no other:"
            " exp(1000) is too large for a float, and exp(-2000) is 0, whose logarithm is -inf."
        )
        expect_close("loss", self.loss(student, *example, hint=hint), 1.386294)
        self.gradient(student, *example, hint=hint)

    def test_hopeless_class(self, student, rng):
        """Where the right class is 2000 behind, the loss is 2000, not infinite."""
        hint = (
            "The probability is too small for a float, its log is not: log(a / b) = log(a) -"
            " log(b)."
        )
        expect_close(
            "loss",
            self.loss(student, [[0.0, 2000.0, 5.0]], [[1.0]], [0], hint=hint),
            2000.0,
            hint=hint,
        )


class TestSoftmaxLossNaive(
    LossChecks, SoftmaxChecks
):  # pytest runs the checks of the last base first
    exercise = "softmax_loss_naive"


class TestSoftmaxLossVectorized(VectorizedLossChecks, SoftmaxChecks):
    exercise = "softmax_loss_vectorized"
    naive = "softmax_loss_naive"
