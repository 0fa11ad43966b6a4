"""Known mistakes in the multiclass SVM loss; those of every linear loss come from
`linear_misconceptions`.
"""

from functools import partial

import numpy as np

from grader.checks.misconception import Misconception, never
from grader.topics.linear_misconceptions import AVERAGE, GRADIENT, from_scores, shared
from grader.topics.linear_svm import reference

HINGE = "hinge loss"


def hinge(scores, y, delta=1.0):
    """Margins (N, C), 0 in the right class, and which of them are violated (N, C), as numbers."""
    rows = np.arange(len(y))
    margins = np.maximum(0, scores - scores[rows, y][:, None] + delta)
    margins[rows, y] = 0
    return margins, (margins > 0).astype(float)


def with_right_class(dscores, y, value):
    """dscores with this value in the column of each example's right class."""
    dscores[np.arange(len(y)), y] = value
    return dscores


def right_class_counted(scores, y):
    margins, violated = hinge(scores, y)
    return margins.sum(axis=1) + 1, with_right_class(violated, y, -violated.sum(axis=1))


def no_margin(scores, y):
    margins, violated = hinge(scores, y, delta=0.0)
    return margins.sum(axis=1), with_right_class(violated, y, -violated.sum(axis=1))


def tiny_margin(scores, y):
    margins, violated = hinge(scores, y, delta=1e-5)
    return margins.sum(axis=1), with_right_class(violated, y, -violated.sum(axis=1))


def no_maximum(scores, y):
    rows = np.arange(len(y))
    margins = scores - scores[rows, y][:, None] + 1
    margins[rows, y] = 0
    return margins.sum(axis=1), with_right_class(np.ones_like(scores), y, 1 - scores.shape[1])


def worst_class_only(scores, y):
    margins, _ = hinge(scores, y)
    worst = (margins == margins.max(axis=1, keepdims=True)) & (margins > 0)
    return margins.max(axis=1), with_right_class(
        worst.astype(float), y, -worst.any(axis=1).astype(float)
    )


def mean_of_margins(scores, y):
    margins, violated = hinge(scores, y)
    return margins.mean(axis=1), with_right_class(violated, y, -violated.sum(axis=1))


def right_class_added(scores, y):
    margins, violated = hinge(scores, y)
    return margins.sum(axis=1), with_right_class(violated, y, violated.sum(axis=1))


def wrong_classes_subtracted(scores, y):
    margins, violated = hinge(scores, y)
    return margins.sum(axis=1), with_right_class(-violated, y, -violated.sum(axis=1))


def right_class_omitted(scores, y):
    margins, violated = hinge(scores, y)
    return margins.sum(axis=1), violated


def right_class_once(scores, y):
    margins, violated = hinge(scores, y)
    return margins.sum(axis=1), with_right_class(violated, y, -1)


def margins_ignored(scores, y):
    margins, _ = hinge(scores, y)
    return margins.sum(axis=1), with_right_class(np.ones_like(scores), y, 1 - scores.shape[1])


def weighted_by_margin(scores, y):
    margins, _ = hinge(scores, y)
    return margins.sum(axis=1), with_right_class(margins.copy(), y, -margins.sum(axis=1))


def raw_margins(scores, y, delta=1.0):
    """s_j - s_y + delta, and 0 in the right class, (N, C)."""
    return with_right_class(scores - scores[np.arange(len(y)), y][:, None] + delta, y, 0)


def squared(scores, y):
    margins, _ = hinge(scores, y)
    return np.sum(margins**2, axis=1), with_right_class(2 * margins, y, -2 * margins.sum(axis=1))


def squared_loss_only(scores, y):
    margins, violated = hinge(scores, y)
    return np.sum(margins**2, axis=1), with_right_class(violated, y, -violated.sum(axis=1))


def wrong_direction(scores, y):
    turned = np.maximum(0, with_right_class(2 - raw_margins(scores, y), y, 0))
    violated = (turned > 0).astype(float)
    return turned.sum(axis=1), with_right_class(-violated, y, violated.sum(axis=1))


def margin_after_maximum(scores, y):
    worse = np.maximum(0, raw_margins(scores, y, delta=0.0))
    violated = (worse > 0).astype(float)
    return worse.sum(axis=1) + scores.shape[1] - 1, with_right_class(
        violated, y, -violated.sum(axis=1)
    )


def absolute_margins(scores, y):
    margins = raw_margins(scores, y)
    slopes = np.sign(margins)
    return np.abs(margins).sum(axis=1), with_right_class(slopes, y, -slopes.sum(axis=1))


def margins_counted(scores, y):
    _, violated = hinge(scores, y)
    return violated.sum(axis=1), with_right_class(violated, y, -violated.sum(axis=1))


def gradient_without_margin(scores, y):
    margins, _ = hinge(scores, y)
    worse = (raw_margins(scores, y, delta=0.0) > 0).astype(float)
    return margins.sum(axis=1), with_right_class(worse, y, -worse.sum(axis=1))


SCORES = [
    (
        "margins squared",
        squared,
        (
            "The margins are squared. That is another loss, which punishes large margins more; here"
            " they count as they are."
        ),
        HINGE,
    ),
    (
        "margins squared in the loss",
        squared_loss_only,
        "The loss squares the margins, the gradient does not. In this loss they count as they are.",
        HINGE,
    ),
    (
        "margin in the wrong direction",
        wrong_direction,
        (
            "The loss grows when the right class has the larger score. Which score is subtracted"
            " from which?"
        ),
        HINGE,
    ),
    (
        "margin added after the maximum",
        margin_after_maximum,
        "Every wrong class costs at least 1. The 1 belongs inside the maximum with 0.",
        HINGE,
    ),
    (
        "absolute value for the maximum",
        absolute_margins,
        "A class that is far behind costs something, too. What is max(0, m) where m is negative?",
        HINGE,
    ),
    (
        "margins counted",
        margins_counted,
        "The loss counts the margins that are not kept. It adds up by how much they are missed.",
        HINGE,
    ),
    (
        "margin forgotten in the gradient",
        gradient_without_margin,
        (
            "The gradient leaves out classes that are behind by less than 1. They are in the loss,"
            " so they have a gradient."
        ),
        GRADIENT,
    ),
    (
        "right class counted",
        right_class_counted,
        "The loss is 1 too large. The sum runs over the wrong classes only.",
        HINGE,
    ),
    (
        "no margin",
        no_margin,
        (
            "The loss is that of a margin of 0. By how much must the right class win before an"
            " example costs nothing?"
        ),
        HINGE,
    ),
    (
        "tiny margin",
        tiny_margin,
        (
            "The loss is that of a margin of 0.00001. By how much must the right class win before"
            " an example costs nothing?"
        ),
        HINGE,
    ),
    (
        "no maximum with 0",
        no_maximum,
        (
            "Classes that lose by a wide margin make the loss smaller. What does the hinge do with"
            " negative values?"
        ),
        HINGE,
    ),
    (
        "worst class only",
        worst_class_only,
        (
            "Only the largest margin of each example is in the loss. This loss is a sum over all"
            " wrong classes."
        ),
        HINGE,
    ),
    (
        "mean over the classes",
        mean_of_margins,
        "The data loss is C times too small. Sum over the classes, average over the examples.",
        AVERAGE,
    ),
    (
        "right class added",
        right_class_added,
        (
            "The right class gets its gradient with the wrong sign. A higher right score makes the"
            " margin smaller."
        ),
        GRADIENT,
    ),
    (
        "wrong classes subtracted",
        wrong_classes_subtracted,
        (
            "The wrong classes get their gradient with the wrong sign. A higher wrong score makes"
            " the margin larger."
        ),
        GRADIENT,
    ),
    (
        "right class omitted",
        right_class_omitted,
        "The right class gets no gradient. Its score is in every margin of the example.",
        GRADIENT,
    ),
    (
        "right class once an example",
        right_class_once,
        (
            "The right class gets the example once. In how many of the margins that count is its"
            " score?"
        ),
        GRADIENT,
    ),
    (
        "gradient of all margins",
        margins_ignored,
        (
            "Every wrong class gets a gradient, also where its margin adds nothing to the loss."
            " What is the slope of max(0, m) there?"
        ),
        GRADIENT,
    ),
    (
        "gradient weighted by the margin",
        weighted_by_margin,
        "The gradient grows with the margin. What is the slope of max(0, m) where m is positive?",
        GRADIENT,
    ),
]


def assigned(W, X, y, reg):
    dW = np.zeros_like(W)
    for i in range(len(X)):
        scores = X[i] @ W
        for j in range(W.shape[1]):
            if j != y[i] and scores[j] - scores[y[i]] + 1 > 0:
                dW[:, j] += X[i]
                dW[:, y[i]] = -X[i]
    return reference.svm_loss_naive(W, X, y, reg)[0], dW / len(X) + 2 * reg * W


def label_of_another(W, X, y, reg):
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
        Misconception(exercise, *row)
        for exercise in ("svm_loss_naive", "svm_loss_vectorized")
        for row in [
            *shared(reference.svm_loss_vectorized),
            *((name, partial(from_scores, data), hint, idea) for name, data, hint, idea in SCORES),
        ]
    ),
    Misconception(
        "svm_loss_naive",
        "right class assigned",
        assigned,
        "The right class keeps only the last example. Gradients of several examples add up.",
        GRADIENT,
    ),
    Misconception(
        "svm_loss_naive",
        "label of another example",
        label_of_another,
        "The score of the right class is looked up with the label of another example. Which index"
        " counts examples, and which counts classes?",
        HINGE,
    ),
    Misconception(
        "svm_loss_vectorized",
        "explicit loop",
        reference.svm_loss_naive,
        "A loop over the examples does the work. Row i of scores is example i: work on all rows at"
        " once.",
        "vectorization",
        never,
    ),
]
