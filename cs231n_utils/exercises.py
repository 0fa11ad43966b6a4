"""The exercises of the assignment: one row each, in the order in which students meet them."""

from __future__ import annotations

from dataclasses import dataclass

ASSIGNMENT = "loss_and_optimization"


@dataclass(frozen=True)
class Exercise:
    """One graded function (or file).

    name : what `check()` takes
    module : the file in `cs231n_utils` that holds it, without `.py`
    notebook : the notebook that introduces it, without `.ipynb`
    points : what its hidden checks are worth in total
    """

    name: str
    module: str
    notebook: str
    points: int

    @property
    def grade_id(self) -> str:
        """The name of its nbgrader grade cell, with "-" for ".", which nbgrader does not take."""
        return self.name.replace(".", "-")

    @property
    def file(self) -> str:
        """The file that a student edits or saves."""
        return self.name if self.name.endswith(".npz") else f"cs231n_utils/{self.module}.py"


_ROWS = [
    Exercise("rel_error", "gradient_check", "1_gradient_check", 2),
    Exercise("eval_numerical_gradient", "gradient_check", "1_gradient_check", 6),
    Exercise("grad_check_sparse", "gradient_check", "1_gradient_check", 4),
    Exercise("svm_loss_naive", "linear_svm", "2_svm", 11),
    Exercise("svm_loss_vectorized", "linear_svm", "2_svm", 11),
    Exercise("softmax_loss_naive", "softmax", "3_softmax", 11),
    Exercise("softmax_loss_vectorized", "softmax", "3_softmax", 11),
    Exercise("l2_penalty", "regularization", "4_regularization", 1),
    Exercise("l1_penalty", "regularization", "4_regularization", 2),
    Exercise("elastic_net_penalty", "regularization", "4_regularization", 3),
    Exercise("batchnorm_forward", "regularization", "4_regularization", 3),
    Exercise("batchnorm_backward", "regularization", "4_regularization", 4),
    Exercise("stochastic_depth_forward", "regularization", "4_regularization", 2),
    Exercise("stochastic_depth_backward", "regularization", "4_regularization", 3),
    Exercise("random_search", "optimization", "5_optimization", 3),
    Exercise("gradient_descent", "optimization", "5_optimization", 3),
    Exercise("LinearClassifier.train", "linear_classifier", "5_optimization", 5),
    Exercise("LinearClassifier.predict", "linear_classifier", "5_optimization", 1),
    Exercise("best_model.npz", "linear_classifier", "5_optimization", 4),
]

EXERCISES: dict[str, Exercise] = {row.name: row for row in _ROWS}
NOTEBOOKS: tuple[str, ...] = tuple(dict.fromkeys(row.notebook for row in _ROWS))
MODULES: tuple[str, ...] = tuple(dict.fromkeys(row.module for row in _ROWS))
MAX_SCORE: int = sum(row.points for row in _ROWS)
