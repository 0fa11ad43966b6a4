"""Hidden checks of the multiclass SVM loss."""

from grader.topics.linear_losses import LinearLossChecks, VectorizedChecks
from grader.topics.linear_svm import reference


class TestSvmLossNaive(LinearLossChecks):
    exercise = "svm_loss_naive"
    points = {
        "shapes": 1,
        "loss": 2,
        "penalty": 1,
        "gradient": 2,
        "penalty_gradient": 2,
        "analytic": 1,
        "sizes": 1,
        "inputs": 1,
    }
    reference = staticmethod(reference.svm_loss_vectorized)  # the same function, and quicker


class TestSvmLossVectorized(VectorizedChecks):
    exercise = "svm_loss_vectorized"
    points = {
        "shapes": 1,
        "loss": 1,
        "penalty": 1,
        "gradient": 1,
        "penalty_gradient": 1,
        "analytic": 1,
        "sizes": 1,
        "inputs": 1,
        "vectorized": 3,
    }
    most_rounds = 2.0
    reference = staticmethod(reference.svm_loss_vectorized)
