"""Known mistakes that all linear losses share, each as a change to a right loss (W, X, y, reg) ->
(loss, dW).

A mistake is a row (name, wrong, hint, idea, and perhaps shows), made from the right function, so
that the SVM and the softmax loss, naive and vectorized, have it from one place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from grader.checks.misconception import REGULARIZATION, Call, Raised, never, raised
from grader.topics.cost import TRIED_OUT
from grader.topics.gradient_check.reference import eval_numerical_gradient

Row = tuple[str, Callable, str, str] | tuple[str, Callable, str, str, Callable]


def shared(right: Callable) -> list[Row]:
    """The rows of all shared mistakes, made from this right loss."""
    right = _remembering(right)
    return [
        *(
            (name, partial(_penalized, right, penalty), hint, REGULARIZATION)
            for name, penalty, hint in PENALTIES
        ),
        *(
            (name, partial(_changed, right, change), hint, idea)
            for name, change, hint, idea in CHANGES
        ),
        *((name, partial(wrong, right), hint, idea) for name, wrong, hint, idea in WHOLE),
        (
            "arrays squeezed",
            partial(_squeezed, right),
            "Axes of length 1 get lost. A matrix of one row or one column is still a matrix.",
            "scores",
            partial(_lost_axes, right),
        ),
        (
            TRIED_OUT,
            partial(_tried_out, right),
            (
                "Derive the gradient on paper, and compute it from the scores; a numerical gradient"
                " is for checking it."
            ),
            GRADIENT,
            never,
        ),
    ]


def _remembering(right: Callable) -> Callable:
    """The same; computed once for all the mistakes that begin with it, when they are tried on one
    problem.
    """
    last: tuple = ((), ())

    def remembered(W, X, y, reg):
        nonlocal last
        key = (W.shape, X.shape, W.tobytes(), X.tobytes(), y.tobytes(), reg)
        if key != last[0]:
            last = key, right(W, X, y, reg)
        loss, dW = last[1]
        return loss, dW.copy()

    return remembered


def from_scores(
    data: Callable, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
) -> tuple[float, np.ndarray]:
    """A loss with the right average and penalty around data(scores, y) -> (losses (N,), dscores (N,
    C)).
    """
    losses, dscores = data(X @ W, y)
    return np.mean(losses) + reg * np.sum(W**2), X.T @ dscores / len(X) + 2 * reg * W


# --- the penalty: (W, reg, N) -> (its part of the loss, its part of the gradient) ---


def _penalized(right: Callable, penalty: Callable, W, X, y, reg):
    loss, dW = right(W, X, y, 0.0)
    extra_loss, extra_dW = penalty(W, reg, len(X))
    return loss + extra_loss, dW + extra_dW


def _squares(W):
    return np.sum(W**2)


def _without_bias(W, reg, n):
    inner = W.copy()
    inner[-1] = 0
    return reg * _squares(inner), 2 * reg * inner


PENALTIES = [
    (
        "penalty gradient without its 2",
        lambda W, reg, n: (reg * _squares(W), reg * W),
        (
            "The gradient of the penalty is half of what it should be. What is the derivative of a"
            " square?"
        ),
    ),
    (
        "penalty gradient with a quarter of its size",
        lambda W, reg, n: (reg * _squares(W), 0.5 * reg * W),
        (
            "The gradient of the penalty is a quarter of what it should be. Does it belong to the"
            " penalty in your loss?"
        ),
    ),
    (
        "factor 1/2 on the penalty",
        lambda W, reg, n: (0.5 * reg * _squares(W), reg * W),
        (
            "Loss and gradient have a penalty with a factor 1/2. The assignment's penalty has none:"
            " see the docstring."
        ),
    ),
    (
        "factor 1/2 on the penalty's loss only",
        lambda W, reg, n: (0.5 * reg * _squares(W), 2 * reg * W),
        (
            "The penalty in the loss is half of what it should be. This one has no factor 1/2: see"
            " the docstring."
        ),
    ),
    (
        "no penalty in the gradient",
        lambda W, reg, n: (reg * _squares(W), 0),
        (
            "The loss has the penalty, the gradient does not. Every term of the loss has its own"
            " gradient."
        ),
    ),
    (
        "no penalty in the loss",
        lambda W, reg, n: (0, 2 * reg * W),
        (
            "The gradient has the penalty, the loss does not. Which term of the loss does that"
            " gradient belong to?"
        ),
    ),
    (
        "no penalty at all",
        lambda W, reg, n: (0, 0),
        (
            "The result does not depend on reg. The second term of the loss, and its gradient, are"
            " missing."
        ),
    ),
    (
        "penalty without reg",
        lambda W, reg, n: (_squares(W), 2 * reg * W),
        "The whole sum of squares is in the loss, whatever reg is. How is the penalty weighted?",
    ),
    (
        "penalty and its gradient without reg",
        lambda W, reg, n: (_squares(W), 2 * W),
        (
            "The penalty is added with full weight, whatever reg is. How is it weighted in the"
            " formula?"
        ),
    ),
    (
        "penalty gradient summed to one number",
        lambda W, reg, n: (reg * _squares(W), reg * np.sum(W)),
        (
            "The penalty adds the same number to all entries of dW. Its gradient has an entry of"
            " its own for each weight."
        ),
    ),
    (
        "bias left out of the penalty",
        _without_bias,
        (
            "The last row of W is missing from the penalty. In this assignment all of W is"
            " penalized, the bias too."
        ),
    ),
    (
        "penalty divided by N",
        lambda W, reg, n: (reg * _squares(W) / n, 2 * reg * W / n),
        "The penalty is N times too small. Only the data loss is an average over the examples.",
    ),
    (
        "penalty gradient subtracted",
        lambda W, reg, n: (reg * _squares(W), -2 * reg * W),
        "The gradient of the penalty has the wrong sign. Larger weights make the loss larger.",
    ),
    (
        "absolute values in the penalty",
        lambda W, reg, n: (reg * np.sum(np.abs(W)), reg * np.sign(W)),
        "The penalty is the sum of absolute values. This loss takes the L2 penalty: squares.",
    ),
    (
        "penalty gradient without reg",
        lambda W, reg, n: (reg * _squares(W), 2 * W),
        (
            "The gradient of the penalty has its full weight, whatever reg is. The factor of a term"
            " is in its gradient, too."
        ),
    ),
    (
        "penalty gradient divided by N",
        lambda W, reg, n: (reg * _squares(W), 2 * reg * W / n),
        (
            "The gradient of the penalty is N times too small, the penalty in the loss is right. Is"
            " it added before the average?"
        ),
    ),
    (
        "penalty in the loss divided by N",
        lambda W, reg, n: (reg * _squares(W) / n, 2 * reg * W),
        (
            "The penalty in the loss is N times too small, its gradient is right. Is it added"
            " before the average?"
        ),
    ),
    (
        "penalty once for each example",
        lambda W, reg, n: (n * reg * _squares(W), 2 * n * reg * W),
        "The penalty is N times too large. It belongs to the weights, and not to each example.",
    ),
    (
        "penalty gradient with the bias left out",
        lambda W, reg, n: (reg * _squares(W), _without_bias(W, reg, n)[1]),
        (
            "The last row of W is in the penalty, and not in its gradient. In this assignment all"
            " of W is penalized."
        ),
    ),
    (
        "penalty with the square of the sum",
        lambda W, reg, n: (reg * np.sum(W) ** 2, 2 * reg * W),
        "The penalty in the loss is the square of the sum of W. Each weight is squared first.",
    ),
    (
        "length of W as penalty",
        lambda W, reg, n: (reg * np.sqrt(_squares(W)), 2 * reg * W),
        "The penalty in the loss is the length of W. The sum of squares has no root.",
    ),
    (
        "mean of squares as penalty",
        lambda W, reg, n: (reg * np.mean(W**2), 2 * reg * W / W.size),
        "The penalty is the mean of the squares. It is their sum.",
    ),
    (
        "squares in the penalty gradient",
        lambda W, reg, n: (reg * _squares(W), 2 * reg * W**2),
        "The gradient of the penalty holds squares. What is the derivative of a square?",
    ),
    (
        "penalty subtracted",
        lambda W, reg, n: (-reg * _squares(W), -2 * reg * W),
        "The penalty makes the loss smaller. Large weights should cost something.",
    ),
    (
        "reg squared",
        lambda W, reg, n: (reg**2 * _squares(W), 2 * reg**2 * W),
        "The penalty is weighted by the square of reg. Is it multiplied in at two places?",
    ),
]


# --- the data loss and its gradient: (loss, dW, N) -> both, changed; the penalty is right ---


def _changed(right: Callable, change: Callable, W, X, y, reg):
    loss, dW = change(*right(W, X, y, 0.0), len(X))
    return loss + reg * _squares(W), dW + 2 * reg * W


AVERAGE, GRADIENT = "average over the batch", "gradient of the loss"

NO_DATA_GRADIENT = "The data loss adds nothing to dW. Which entries of dW does each example change?"

CHANGES = [
    (
        "loss not averaged",
        lambda loss, dW, n: (loss * n, dW),
        (
            "The data loss is N times too large: a sum over the examples. What turns a sum into an"
            " average?"
        ),
        AVERAGE,
    ),
    (
        "gradient not averaged",
        lambda loss, dW, n: (loss, dW * n),
        (
            "The loss is an average, the gradient is N times too large. What happens to the loss"
            " must happen to its gradient."
        ),
        AVERAGE,
    ),
    (
        "nothing averaged",
        lambda loss, dW, n: (loss * n, dW * n),
        "Loss and gradient are N times too large. L is the mean over the examples, not the sum.",
        AVERAGE,
    ),
    (
        "gradient averaged twice",
        lambda loss, dW, n: (loss, dW / n),
        "The gradient is N times too small. Is it divided by the number of examples at two places?",
        AVERAGE,
    ),
    (
        "loss averaged twice",
        lambda loss, dW, n: (loss / n, dW),
        (
            "The data loss is N times too small. Is it divided by the number of examples at two"
            " places?"
        ),
        AVERAGE,
    ),
    (
        "everything averaged twice",
        lambda loss, dW, n: (loss / n, dW / n),
        (
            "Loss and gradient are N times too small. Are they divided by the number of examples at"
            " two places?"
        ),
        AVERAGE,
    ),
    (
        "gradient twice",
        lambda loss, dW, n: (loss, 2 * dW),
        "The gradient of the data loss is twice too large. Is every example added twice?",
        GRADIENT,
    ),
    (
        "gradient upside down",
        lambda loss, dW, n: (loss, -dW),
        (
            "The gradient of the data loss has the wrong sign: it points downhill. Check it"
            " numerically at a single entry."
        ),
        GRADIENT,
    ),
    ("only the penalty's gradient", lambda loss, dW, n: (loss, 0 * dW), NO_DATA_GRADIENT, GRADIENT),
]


# --- the rest: (right, W, X, y, reg) ---


def _zero_gradient(right, W, X, y, reg):
    return right(W, X, y, reg)[0], np.zeros_like(W)


def _transposed(right, W, X, y, reg):
    loss, dW = right(W, X, y, reg)
    return loss, dW.T


def _classes_from_labels(right, W, X, y, reg):
    seen = np.max(y) + 1
    loss, dW = right(W[:, :seen], X, y, 0.0)
    grown = np.pad(dW, [(0, 0), (0, W.shape[1] - seen)])
    return loss + reg * _squares(W), grown + 2 * reg * W


def _squeezed(right, W, X, y, reg):
    return right(np.squeeze(W), np.squeeze(X), y, reg)


def _lost_axes(right: Callable, call: Call) -> bool:
    """Whether the exception is that of arrays without their axes of length 1; with @, or with dot.

    Its text names sizes, or axes, and other checks have shown before that batches of any other size
    raise nothing.
    """
    W, X, y, reg = call[1]
    return isinstance(call[3], Raised) and call[3] in (
        raised(partial(_squeezed, right), W, X, y, reg),
        raised(np.dot, np.squeeze(X), np.squeeze(W)),
    )


def _tried_out(right, W, X, y, reg):
    def loss(W):
        return right(W, X, y, reg)[0]

    return loss(W), eval_numerical_gradient(loss, W)


def _overwrites_weights(right, W, X, y, reg):
    loss, dW = right(W, X, y, 0.0)
    loss += reg * _squares(W)
    W *= 2 * reg
    dW += W
    return loss, dW


def _over(count):
    """The data loss and its gradient divided by another number, a function of (W, X), than the
    number of examples.
    """

    def wrong(right, W, X, y, reg):
        loss, dW = right(W, X, y, 0.0)
        factor = len(X) / count(W, X)
        return factor * loss + reg * _squares(W), factor * dW + 2 * reg * W

    return wrong


def _first_example(right, W, X, y, reg):
    return right(W, X[:1], y[:1], reg)


def _last_left_out(right, W, X, y, reg):
    if len(X) == 1:
        return reg * _squares(W), 2 * reg * W
    part = (len(X) - 1) / len(X)
    loss, dW = right(W, X[:-1], y[:-1], 0.0)
    return part * loss + reg * _squares(W), part * dW + 2 * reg * W


def _losses(right, W, X, y, reg):
    _, dW = right(W, X, y, reg)
    each = [right(W, X[i : i + 1], y[i : i + 1], 0.0)[0] for i in range(min(len(X), 50))]
    return np.resize(each, len(X)) + reg * _squares(W), dW


def _label_to_the_left(right, W, X, y, reg):
    return right(W, X, (y - 1) % W.shape[1], reg)


WHOLE = [
    (
        "divided by the number of features",
        _over(lambda W, X: X.shape[1]),
        (
            "The sum over the examples is divided by the number of features. Which axis of X counts"
            " the examples?"
        ),
        AVERAGE,
    ),
    (
        "divided by the number of classes",
        _over(lambda W, X: W.shape[1]),
        (
            "The sum over the examples is divided by the number of classes. The average is over the"
            " examples."
        ),
        AVERAGE,
    ),
    (
        "divided by N - 1",
        _over(lambda W, X: len(X) - 1),
        "The sum over the examples is divided by N - 1. How many examples are there?",
        AVERAGE,
    ),
    (
        "first example only",
        _first_example,
        "The result is that of the first example. Does the function end inside the loop?",
        AVERAGE,
    ),
    (
        "last example left out",
        _last_left_out,
        "The last example adds nothing. Where does the loop end?",
        AVERAGE,
    ),
    (
        "a loss for each example",
        _losses,
        (
            "The loss is an array, with an entry for each example. One number is asked for: their"
            " average."
        ),
        AVERAGE,
    ),
    (
        "labels counted from 1",
        _label_to_the_left,
        (
            "The right class is looked up one column too far to the left. Labels count from 0, as"
            " columns do."
        ),
        "scores",
    ),
    (
        "results swapped",
        lambda right, W, X, y, reg: right(W, X, y, reg)[::-1],
        "The gradient comes first, then the loss. See the order in the docstring.",
        GRADIENT,
    ),
    (
        "loss alone",
        lambda right, W, X, y, reg: right(W, X, y, reg)[0],
        "Only the loss comes back. The gradient is asked for, too.",
        GRADIENT,
    ),
    (
        "gradient flattened",
        lambda right, W, X, y, reg: (right(W, X, y, reg)[0], right(W, X, y, reg)[1].ravel()),
        "dW is a flat array. It has the shape of W.",
        GRADIENT,
    ),
    ("gradient left at zero", _zero_gradient, NO_DATA_GRADIENT, GRADIENT),
    (
        "gradient transposed",
        _transposed,
        "dW is transposed. It has the shape of W: features by classes.",
        GRADIENT,
    ),
    (
        "classes counted from the labels",
        _classes_from_labels,
        (
            "Classes that no label of the batch names are left out. The number of classes is in the"
            " shape of W."
        ),
        "scores",
    ),
    (
        "W overwritten",
        _overwrites_weights,
        (
            "The result is right, but W is not what it was. An operation such as *= changes the"
            " array of the caller."
        ),
        "scores",
    ),
]
