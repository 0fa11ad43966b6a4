"""Known mistakes in the softmax loss; `linear_misconceptions` has those of every linear loss.

Everywhere here scores, probabilities and dscores have shape (N, C), y and the losses (N,).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.checks.misconception import Misconception, never
from grader.topics.linear_misconceptions import (
    AVERAGE,
    GRADIENT,
    PerExample,
    SharedMistake,
    from_scores,
    misconceptions_in,
)
from grader.topics.softmax import reference

CROSS_ENTROPY, STABILITY = "softmax and cross-entropy", "numerical stability"


def probabilities(scores: np.ndarray, shift: str = "rows", axis: int | None = 1) -> np.ndarray:
    """exp(scores - shift) of shape (N, C), normalized along an axis.

    shift : "rows" subtracts the largest score of each example, which is the stable way; "one"
        subtracts the largest score of all, and "none" nothing
    axis : 1 for the classes, 0 for the examples, None for all entries at once
    """
    top = {"rows": scores.max(axis=1, keepdims=True), "one": scores.max(), "none": 0.0}[shift]
    unnormalized = np.exp(scores - top)
    p: np.ndarray = unnormalized / unnormalized.sum(axis=axis, keepdims=True)
    return p


def log_probabilities(scores: np.ndarray) -> np.ndarray:
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return log_p


def chosen(matrix: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The entry of each example's right class in a matrix (N, C), of shape (N,)."""
    entries: np.ndarray = matrix[np.arange(len(y)), y]
    return entries


def one_hot(scores: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A 1 in the right class of each example and 0 elsewhere, of shape (N, C)."""
    hot: np.ndarray = np.eye(scores.shape[1])[y]
    return hot


def from_probabilities(p: np.ndarray, scores: np.ndarray, y: np.ndarray) -> PerExample:
    """The losses (N,) that follow from the probabilities p (N, C), and their gradients (N, C) with
    respect to the scores.
    """
    return -np.log(chosen(p, y)), p - one_hot(scores, y)


def no_shift(scores: np.ndarray, y: np.ndarray) -> PerExample:
    return from_probabilities(probabilities(scores, shift="none"), scores, y)


def one_shift(scores: np.ndarray, y: np.ndarray) -> PerExample:
    return from_probabilities(probabilities(scores, shift="one"), scores, y)


def log_of_probability(scores: np.ndarray, y: np.ndarray) -> PerExample:
    return from_probabilities(probabilities(scores), scores, y)


def guarded_log(scores: np.ndarray, y: np.ndarray) -> PerExample:
    p = probabilities(scores)
    return -np.log(chosen(p, y) + 1e-12), p - one_hot(scores, y)


def over_batch(scores: np.ndarray, y: np.ndarray) -> PerExample:
    return from_probabilities(probabilities(scores, shift="one", axis=None), scores, y)


def over_examples(scores: np.ndarray, y: np.ndarray) -> PerExample:
    return from_probabilities(probabilities(scores, shift="one", axis=0), scores, y)


def mean_probability(scores: np.ndarray, y: np.ndarray) -> PerExample:
    p = probabilities(scores)
    return chosen(p, y), p - one_hot(scores, y)


def raw_score(scores: np.ndarray, y: np.ndarray) -> PerExample:
    return -np.log(chosen(scores, y) / scores.sum(axis=1)), probabilities(scores) - one_hot(
        scores, y
    )


def no_minus(scores: np.ndarray, y: np.ndarray) -> PerExample:
    log_p = log_probabilities(scores)
    return chosen(log_p, y), np.exp(log_p) - one_hot(scores, y)


def times_label(scores: np.ndarray, y: np.ndarray) -> PerExample:
    log_p = log_probabilities(scores)
    return -y * chosen(log_p, y), np.exp(log_p) - one_hot(scores, y)


def right_class_not_subtracted(scores: np.ndarray, y: np.ndarray) -> PerExample:
    log_p = log_probabilities(scores)
    return -chosen(log_p, y), np.exp(log_p)


def right_class_only(scores: np.ndarray, y: np.ndarray) -> PerExample:
    log_p = log_probabilities(scores)
    hot = one_hot(scores, y)
    return -chosen(log_p, y), hot * (np.exp(log_p) - 1)


def derivative_of_probability(scores: np.ndarray, y: np.ndarray) -> PerExample:
    log_p = log_probabilities(scores)
    p = np.exp(log_p)
    return -chosen(log_p, y), chosen(p, y)[:, None] * (p - one_hot(scores, y))


def with_loss(
    loss: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
) -> Callable[[np.ndarray, np.ndarray], PerExample]:
    """The right gradient beside another loss.

    loss : takes the logarithms of the probabilities (N, C), the scores and y; returns the losses
    """

    def wrong(scores: np.ndarray, y: np.ndarray) -> PerExample:
        log_p = log_probabilities(scores)
        return loss(log_p, scores, y), np.exp(log_p) - one_hot(scores, y)

    return wrong


def clipped(scores: np.ndarray, y: np.ndarray) -> PerExample:
    return log_of_probability(np.clip(scores, -500, 500), y)


def averaged_over_classes(scores: np.ndarray, y: np.ndarray) -> PerExample:
    losses, dscores = with_loss(lambda log_p, scores, y: -chosen(log_p, y))(scores, y)
    return losses / scores.shape[1], dscores / scores.shape[1]


def one_subtracted_everywhere(scores: np.ndarray, y: np.ndarray) -> PerExample:
    log_p = log_probabilities(scores)
    return -chosen(log_p, y), np.exp(log_p) - 1


def raw_scores_in_gradient(scores: np.ndarray, y: np.ndarray) -> PerExample:
    return -chosen(log_probabilities(scores), y), scores - one_hot(scores, y)


def not_normalized_gradient(scores: np.ndarray, y: np.ndarray) -> PerExample:
    log_p = log_probabilities(scores)
    return -chosen(log_p, y), np.exp(scores - scores.max(axis=1, keepdims=True)) - one_hot(
        scores, y
    )


FROM_SCORES = [
    SharedMistake(
        name="right score alone",
        wrong=from_scores(with_loss(lambda log_p, scores, y: -chosen(scores, y))),
        hint=(
            "The loss is minus the score of the right class. "
            "The logarithm of the sum over the classes is missing."
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="right score missing",
        wrong=from_scores(
            with_loss(lambda log_p, scores, y: -chosen(log_p, y) + chosen(scores, y))
        ),
        hint="The loss is the same whatever the labels are. Where does the right class enter it?",
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="logarithm to base 10",
        wrong=from_scores(with_loss(lambda log_p, scores, y: -chosen(log_p, y) / np.log(10))),
        hint=(
            "The logarithm has base 10, and exp has not. "
            "They undo each other only with the same base."
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="logarithm to base 2",
        wrong=from_scores(with_loss(lambda log_p, scores, y: -chosen(log_p, y) / np.log(2))),
        hint=(
            "The logarithm has base 2, and exp has not. "
            "They undo each other only with the same base."
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="one minus the probability",
        wrong=from_scores(with_loss(lambda log_p, scores, y: 1 - np.exp(chosen(log_p, y)))),
        hint=(
            "The loss is 1 minus the probability of the right class. "
            "Cross-entropy takes its negative logarithm."
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="squared errors",
        wrong=from_scores(
            with_loss(
                lambda log_p, scores, y: np.sum((np.exp(log_p) - one_hot(scores, y)) ** 2, axis=1)
            )
        ),
        hint=(
            "The loss is a squared error of the probabilities. "
            "Cross-entropy takes the negative logarithm of one of them."
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="all classes in the loss",
        wrong=from_scores(with_loss(lambda log_p, scores, y: -log_p.sum(axis=1))),
        hint=(
            "The logarithms of all classes are in the loss. "
            "Only the right class of each example is."
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="a yes or no for each class",
        wrong=from_scores(
            with_loss(
                lambda log_p, scores, y: (
                    -np.where(
                        one_hot(scores, y) > 0, log_p, np.log1p(-np.exp(np.minimum(log_p, -1e-15)))
                    ).sum(axis=1)
                )
            )
        ),
        hint=(
            "The wrong classes enter the loss with the logarithm of 1 - p. "
            "That is for yes or no questions; here the classes share one distribution."
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="mean over the classes",
        wrong=from_scores(averaged_over_classes),
        hint="Loss and gradient are C times too small. The average is over the examples only.",
        concept=AVERAGE,
    ),
    SharedMistake(
        name="scores clipped",
        wrong=from_scores(clipped),
        hint=(
            "Large scores are cut off, and that changes the probabilities. "
            "What may be subtracted from all scores of an example without changing them?"
        ),
        concept=STABILITY,
    ),
    SharedMistake(
        name="one subtracted from all classes",
        wrong=from_scores(one_subtracted_everywhere),
        hint=(
            "1 is subtracted from the probabilities of all classes. "
            "It belongs to the right class only."
        ),
        concept=GRADIENT,
    ),
    SharedMistake(
        name="scores in the gradient",
        wrong=from_scores(raw_scores_in_gradient),
        hint=(
            "The gradient holds scores where probabilities belong. "
            "What is the derivative of the logarithm of the sum?"
        ),
        concept=GRADIENT,
    ),
    SharedMistake(
        name="gradient not normalized",
        wrong=from_scores(not_normalized_gradient),
        hint=(
            "The gradient holds numbers that do not sum to 1 over the classes. "
            "What turns them into probabilities?"
        ),
        concept=GRADIENT,
    ),
    SharedMistake(
        name="no shift",
        wrong=from_scores(no_shift),
        hint=(
            "exp overflows, or every exp vanishes, when scores are large. What may be "
            "subtracted from all scores of an example without changing its probabilities?"
        ),
        concept=STABILITY,
    ),
    SharedMistake(
        name="one shift for all",
        wrong=from_scores(one_shift),
        hint=(
            "All examples are shifted by the same number, so some of them vanish. "
            "Whose largest score matters to an example?"
        ),
        concept=STABILITY,
    ),
    SharedMistake(
        name="log of a vanishing probability",
        wrong=from_scores(log_of_probability),
        hint=(
            "The loss is infinite where the probability of the right class rounds to 0. "
            "Its logarithm is a finite number: simplify the formula on paper before computing it."
        ),
        concept=STABILITY,
    ),
    SharedMistake(
        name="small number inside the log",
        wrong=from_scores(guarded_log),
        hint=(
            "The loss stops growing near 28: a small number inside the log hides how "
            "wrong the example is. Simplify the logarithm of the quotient on paper."
        ),
        concept=STABILITY,
    ),
    SharedMistake(
        name="normalized over the batch",
        wrong=from_scores(over_batch),
        hint=(
            "The probabilities of the whole batch sum to 1. "
            "Each example has its own distribution over the classes."
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="normalized over the examples",
        wrong=from_scores(over_examples),
        hint=(
            "The probabilities of a class sum to 1 over the examples. Which axis holds the classes?"
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="mean probability",
        wrong=from_scores(mean_probability),
        hint=(
            "The loss is the mean probability of the right class. "
            "Cross-entropy takes its negative logarithm."
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="exp forgotten",
        wrong=from_scores(raw_score),
        hint=(
            "The loss takes the logarithm of raw scores. "
            "Scores are logarithms of unnormalized probabilities."
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="minus sign missing",
        wrong=from_scores(no_minus),
        hint=(
            "The data loss is negative. "
            "A logarithm of a probability is at most 0; a loss is at least 0."
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="multiplied by the label",
        wrong=from_scores(times_label),
        hint=(
            "Each example's loss is multiplied by its label. "
            "A label is a name for a column, not a quantity."
        ),
        concept=CROSS_ENTROPY,
    ),
    SharedMistake(
        name="right class not subtracted",
        wrong=from_scores(right_class_not_subtracted),
        hint=(
            "dW is the same whatever the labels are. Where does the right class enter the gradient?"
        ),
        concept=GRADIENT,
    ),
    SharedMistake(
        name="gradient of the right class only",
        wrong=from_scores(right_class_only),
        hint="Only the right class gets a gradient. The scores of all classes are in the loss.",
        concept=GRADIENT,
    ),
    SharedMistake(
        name="gradient of the probability",
        wrong=from_scores(derivative_of_probability),
        hint="This is the gradient of minus the probability. The logarithm has a derivative, too.",
        concept=GRADIENT,
    ),
]


def assigned(W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float) -> tuple[float, np.ndarray]:
    dW = np.zeros_like(W)
    for i in range(len(X)):
        p = np.exp(log_probabilities(X[i : i + 1] @ W))[0]
        for j in range(W.shape[1]):
            dW[:, j] = (p[j] - (j == y[i])) * X[i]
    return reference.softmax_loss_naive(W, X, y, reg)[0], dW / len(X) + 2 * reg * W


RIGHT = {"softmax_loss_naive": reference.softmax_loss_vectorized}

MISCONCEPTIONS: list[Misconception] = [
    *(
        entry
        for exercise in ("softmax_loss_naive", "softmax_loss_vectorized")
        for entry in misconceptions_in(exercise, reference.softmax_loss_vectorized, FROM_SCORES)
    ),
    Misconception(
        exercise="softmax_loss_naive",
        name="gradient assigned",
        wrong=assigned,
        hint="dW holds the last example only. Gradients of several examples add up.",
        concept=GRADIENT,
    ),
    Misconception(
        exercise="softmax_loss_vectorized",
        name="explicit loop",
        wrong=reference.softmax_loss_naive,
        hint=(
            "A loop over the examples does the work. "
            "Row i of scores is example i: work on all rows at once."
        ),
        concept="vectorization",
        matches=never,
    ),
]
