"""Known mistakes in the SVM loss; `linear_misconceptions` has those of every linear loss.

Everywhere here scores, margins and dscores have shape (N, C), y and the losses (N,).
"""

from __future__ import annotations

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
from grader.topics.linear_svm import reference

HINGE = "hinge loss"


def hinge(scores: np.ndarray, y: np.ndarray, delta: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The margins max(0, s_j - s_y + delta), 0 in the right class, and 1.0 where they are > 0."""
    rows = np.arange(len(y))
    margins = np.maximum(0, scores - scores[rows, y][:, None] + delta)
    margins[rows, y] = 0
    return margins, (margins > 0).astype(float)


def with_right_class(dscores: np.ndarray, y: np.ndarray, value: float | np.ndarray) -> np.ndarray:
    """Put the value, one or an array of shape (N,), into the right class of each example."""
    dscores[np.arange(len(y)), y] = value
    return dscores


def right_class_counted(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, violated = hinge(scores, y)
    return margins.sum(axis=1) + 1, with_right_class(violated, y, -violated.sum(axis=1))


def no_margin(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, violated = hinge(scores, y, delta=0.0)
    return margins.sum(axis=1), with_right_class(violated, y, -violated.sum(axis=1))


def tiny_margin(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, violated = hinge(scores, y, delta=1e-5)
    return margins.sum(axis=1), with_right_class(violated, y, -violated.sum(axis=1))


def no_maximum(scores: np.ndarray, y: np.ndarray) -> PerExample:
    rows = np.arange(len(y))
    margins = scores - scores[rows, y][:, None] + 1
    margins[rows, y] = 0
    return margins.sum(axis=1), with_right_class(np.ones_like(scores), y, 1 - scores.shape[1])


def worst_class_only(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, _ = hinge(scores, y)
    worst = (margins == margins.max(axis=1, keepdims=True)) & (margins > 0)
    return margins.max(axis=1), with_right_class(
        worst.astype(float), y, -worst.any(axis=1).astype(float)
    )


def mean_of_margins(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, violated = hinge(scores, y)
    return margins.mean(axis=1), with_right_class(violated, y, -violated.sum(axis=1))


def right_class_added(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, violated = hinge(scores, y)
    return margins.sum(axis=1), with_right_class(violated, y, violated.sum(axis=1))


def wrong_classes_subtracted(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, violated = hinge(scores, y)
    return margins.sum(axis=1), with_right_class(-violated, y, -violated.sum(axis=1))


def right_class_omitted(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, violated = hinge(scores, y)
    return margins.sum(axis=1), violated


def right_class_once(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, violated = hinge(scores, y)
    return margins.sum(axis=1), with_right_class(violated, y, -1)


def margins_ignored(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, _ = hinge(scores, y)
    return margins.sum(axis=1), with_right_class(np.ones_like(scores), y, 1 - scores.shape[1])


def weighted_by_margin(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, _ = hinge(scores, y)
    return margins.sum(axis=1), with_right_class(margins.copy(), y, -margins.sum(axis=1))


def raw_margins(scores: np.ndarray, y: np.ndarray, delta: float = 1.0) -> np.ndarray:
    """s_j - s_y + delta, and 0 in the right class."""
    return with_right_class(scores - scores[np.arange(len(y)), y][:, None] + delta, y, 0)


def squared(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, _ = hinge(scores, y)
    return np.sum(margins**2, axis=1), with_right_class(2 * margins, y, -2 * margins.sum(axis=1))


def squared_loss_only(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, violated = hinge(scores, y)
    return np.sum(margins**2, axis=1), with_right_class(violated, y, -violated.sum(axis=1))


def wrong_direction(scores: np.ndarray, y: np.ndarray) -> PerExample:
    turned = np.maximum(0, with_right_class(2 - raw_margins(scores, y), y, 0))
    violated = (turned > 0).astype(float)
    return turned.sum(axis=1), with_right_class(-violated, y, violated.sum(axis=1))


def margin_after_maximum(scores: np.ndarray, y: np.ndarray) -> PerExample:
    worse = np.maximum(0, raw_margins(scores, y, delta=0.0))
    violated = (worse > 0).astype(float)
    return worse.sum(axis=1) + scores.shape[1] - 1, with_right_class(
        violated, y, -violated.sum(axis=1)
    )


def absolute_margins(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins = raw_margins(scores, y)
    slopes = np.sign(margins)
    return np.abs(margins).sum(axis=1), with_right_class(slopes, y, -slopes.sum(axis=1))


def margins_counted(scores: np.ndarray, y: np.ndarray) -> PerExample:
    _, violated = hinge(scores, y)
    return violated.sum(axis=1), with_right_class(violated, y, -violated.sum(axis=1))


def gradient_without_margin(scores: np.ndarray, y: np.ndarray) -> PerExample:
    margins, _ = hinge(scores, y)
    worse = (raw_margins(scores, y, delta=0.0) > 0).astype(float)
    return margins.sum(axis=1), with_right_class(worse, y, -worse.sum(axis=1))


FROM_SCORES = [
    SharedMistake(
        name="margins squared",
        wrong=from_scores(squared),
        hint=(
            "The margins are squared. "
            "That is another loss, which punishes large margins more; here they count as they are."
        ),
        concept=HINGE,
    ),
    SharedMistake(
        name="margins squared in the loss",
        wrong=from_scores(squared_loss_only),
        hint=(
            "The loss squares the margins, the gradient does not. "
            "In this loss they count as they are."
        ),
        concept=HINGE,
    ),
    SharedMistake(
        name="margin in the wrong direction",
        wrong=from_scores(wrong_direction),
        hint=(
            "The loss grows when the right class has the larger score. "
            "Which score is subtracted from which?"
        ),
        concept=HINGE,
    ),
    SharedMistake(
        name="margin added after the maximum",
        wrong=from_scores(margin_after_maximum),
        hint="Every wrong class costs at least 1. The 1 belongs inside the maximum with 0.",
        concept=HINGE,
    ),
    SharedMistake(
        name="absolute value for the maximum",
        wrong=from_scores(absolute_margins),
        hint=(
            "A class that is far behind costs something, too. "
            "What is max(0, m) where m is negative?"
        ),
        concept=HINGE,
    ),
    SharedMistake(
        name="margins counted",
        wrong=from_scores(margins_counted),
        hint=(
            "The loss counts the margins that are not kept. It adds up by how much they are missed."
        ),
        concept=HINGE,
    ),
    SharedMistake(
        name="margin forgotten in the gradient",
        wrong=from_scores(gradient_without_margin),
        hint=(
            "The gradient leaves out classes that are behind by less than 1. "
            "They are in the loss, so they have a gradient."
        ),
        concept=GRADIENT,
    ),
    SharedMistake(
        name="right class counted",
        wrong=from_scores(right_class_counted),
        hint="The loss is 1 too large. The sum runs over the wrong classes only.",
        concept=HINGE,
    ),
    SharedMistake(
        name="no margin",
        wrong=from_scores(no_margin),
        hint=(
            "The loss is that of a margin of 0. "
            "By how much must the right class win before an example costs nothing?"
        ),
        concept=HINGE,
    ),
    SharedMistake(
        name="tiny margin",
        wrong=from_scores(tiny_margin),
        hint=(
            "The loss is that of a margin of 0.00001. "
            "By how much must the right class win before an example costs nothing?"
        ),
        concept=HINGE,
    ),
    SharedMistake(
        name="no maximum with 0",
        wrong=from_scores(no_maximum),
        hint=(
            "Classes that lose by a wide margin make the loss smaller. "
            "What does the hinge do with negative values?"
        ),
        concept=HINGE,
    ),
    SharedMistake(
        name="worst class only",
        wrong=from_scores(worst_class_only),
        hint=(
            "Only the largest margin of each example is in the loss. "
            "This loss is a sum over all wrong classes."
        ),
        concept=HINGE,
    ),
    SharedMistake(
        name="mean over the classes",
        wrong=from_scores(mean_of_margins),
        hint="The data loss is C times too small. Sum over the classes, average over the examples.",
        concept=AVERAGE,
    ),
    SharedMistake(
        name="right class added",
        wrong=from_scores(right_class_added),
        hint=(
            "The right class gets its gradient with the wrong sign. "
            "A higher right score makes the margin smaller."
        ),
        concept=GRADIENT,
    ),
    SharedMistake(
        name="wrong classes subtracted",
        wrong=from_scores(wrong_classes_subtracted),
        hint=(
            "The wrong classes get their gradient with the wrong sign. "
            "A higher wrong score makes the margin larger."
        ),
        concept=GRADIENT,
    ),
    SharedMistake(
        name="right class omitted",
        wrong=from_scores(right_class_omitted),
        hint="The right class gets no gradient. Its score is in every margin of the example.",
        concept=GRADIENT,
    ),
    SharedMistake(
        name="right class once an example",
        wrong=from_scores(right_class_once),
        hint=(
            "The right class gets the example once. "
            "In how many of the margins that count is its score?"
        ),
        concept=GRADIENT,
    ),
    SharedMistake(
        name="gradient of all margins",
        wrong=from_scores(margins_ignored),
        hint=(
            "Every wrong class gets a gradient, also where its margin adds nothing to the loss. "
            "What is the slope of max(0, m) there?"
        ),
        concept=GRADIENT,
    ),
    SharedMistake(
        name="gradient weighted by the margin",
        wrong=from_scores(weighted_by_margin),
        hint=(
            "The gradient grows with the margin. "
            "What is the slope of max(0, m) where m is positive?"
        ),
        concept=GRADIENT,
    ),
]


def assigned(W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float) -> tuple[float, np.ndarray]:
    dW = np.zeros_like(W)
    for i in range(len(X)):
        scores = X[i] @ W
        for j in range(W.shape[1]):
            if j != y[i] and scores[j] - scores[y[i]] + 1 > 0:
                dW[:, j] += X[i]
                dW[:, y[i]] = -X[i]
    return reference.svm_loss_naive(W, X, y, reg)[0], dW / len(X) + 2 * reg * W


def label_of_another(
    W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
) -> tuple[float, np.ndarray]:
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(len(X)):
        scores = X[i] @ W
        for j in range(W.shape[1]):
            margin = scores[j] - scores[y[j]] + 1
            if j != y[i] and margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[j]] -= X[i]
    return loss / len(X) + reg * np.sum(W**2), dW / len(X) + 2 * reg * W


RIGHT = {"svm_loss_naive": reference.svm_loss_vectorized}

MISCONCEPTIONS: list[Misconception] = [
    *(
        entry
        for exercise in ("svm_loss_naive", "svm_loss_vectorized")
        for entry in misconceptions_in(exercise, reference.svm_loss_vectorized, FROM_SCORES)
    ),
    Misconception(
        exercise="svm_loss_naive",
        name="right class assigned",
        wrong=assigned,
        hint="The right class keeps only the last example. Gradients of several examples add up.",
        concept=GRADIENT,
    ),
    Misconception(
        exercise="svm_loss_naive",
        name="label of another example",
        wrong=label_of_another,
        hint=(
            "The score of the right class is looked up with the label of another example. "
            "Which index counts examples, and which counts classes?"
        ),
        concept=HINGE,
    ),
    Misconception(
        exercise="svm_loss_vectorized",
        name="explicit loop",
        wrong=reference.svm_loss_naive,
        hint=(
            "A loop over the examples does the work. "
            "Row i of scores is example i: work on all rows at once."
        ),
        concept="vectorization",
        matches=never,
    ),
]
