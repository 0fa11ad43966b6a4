"""The two classifiers of the lecture: your `LinearClassifier` with your vectorized losses.
Complete.
"""

from cs231n_utils.linear_classifier import LinearClassifier
from cs231n_utils.linear_svm import svm_loss_vectorized
from cs231n_utils.softmax import softmax_loss_vectorized


class LinearSVM(LinearClassifier):
    """Linear classifier with the multiclass SVM loss."""

    def loss(self, X_batch, y_batch, reg):
        return svm_loss_vectorized(self.W, X_batch, y_batch, reg)


class Softmax(LinearClassifier):
    """Linear classifier with the softmax (cross-entropy) loss."""

    def loss(self, X_batch, y_batch, reg):
        return softmax_loss_vectorized(self.W, X_batch, y_batch, reg)
