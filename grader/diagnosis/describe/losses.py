"""Sentences about a wrong linear loss (W, X, y, reg) -> (loss, dW).

W (D, C), X (N, D), y (N,); dW has the shape of W. The sentences are about the data loss and
unusual batches; those about the penalty are in `added_penalty.py`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from grader.diagnosis.describe.added_penalty import LABELS, added_to_gradient, added_to_loss
from grader.diagnosis.describe.call import DescribedCall, Part, own_slope
from grader.diagnosis.describe.differences import difference, differs, lines, mixture, phrase
from grader.diagnosis.describe.examples import (
    coefficients,
    fails_alone,
    gradients_by_example,
    loss_alone,
    losses_by_example,
)

MAX_N = 100  # examples; a check with more of them is about speed
LARGE_SCORE = 700  # exp overflows a little above it
# Unusual batches: words for each, (N, D, C), and what to look at. A single example has more classes
# than examples, too, so that comes first.
EDGES = {
    "with more classes than examples": (
        (3, 4, 6),
        "Which index counts examples, and which one classes? Some classes have no example.",
    ),
    "with a single example": (
        (1, 3, 4),
        "Which axis gets lost, or is summed over, when there is one row only?",
    ),
    "with two classes": ((6, 4, 2), "Is a number of classes written into the code?"),
    "with a single feature": ((6, 1, 4), "Which axis gets lost when there is one column only?"),
}


def linear_loss(call: DescribedCall) -> str:
    """One of the four losses: about dW if the check is about it, and about the loss otherwise."""
    W, X, _, reg = call.args
    if len(X) > MAX_N:
        return ""
    parts = call.parts(LABELS, call.right())
    if len(parts) < 2:
        return _other_shape(call.result, W, X)
    loss, dW = parts["loss"], parts["dW"]
    about_gradient = call.subject == "dW"
    if reg:
        return call.overwritten("WXy") or (
            added_to_gradient(call) if about_gradient else added_to_loss(call)
        )
    if (dW if about_gradient else loss).right:
        return ""
    if np.max(np.abs(X @ W)) > LARGE_SCORE:
        return (
            "With ordinary scores the result is right; with scores as large as these it is finite,"
            " but wrong. Are scores cut off, or is a small number added before the log?"
            if _right_with_ordinary_scores(call)
            else ""
        )
    if len(X) == 1 or W.shape[0] == 1 or W.shape[1] == 2 or W.shape[1] > len(X):
        return _edges(call)
    return (_data_gradient if about_gradient else _data_loss)(call)


def _right_with_ordinary_scores(call: DescribedCall) -> bool:
    second = call.second
    return second is not None and all(
        part.right for part in second.parts(LABELS, second.right()).values()
    )


def _data_loss(call: DescribedCall) -> str:
    return (
        difference("loss", call.cases("loss", LABELS, _sizes))
        or call.overwritten("WXy")
        or fails_alone(call)
        or loss_alone(call)
        or call.agreed(losses_by_example, _gradient_is_right, _slope_of_loss)
    )


def _data_gradient(call: DescribedCall) -> str:
    return (
        difference("dW", call.cases("dW", LABELS, _sizes))
        or call.agreed(_two_parts, _one_feature)
        or call.overwritten("WXy")
        or fails_alone(call)
        or call.agreed(
            gradients_by_example,
            _columns_of_labels,
            _one_class,
            _rows_do_not_cancel,
            _loss_is_right,
            _slope_of_loss,
        )
    )


def _gradient(call: DescribedCall) -> Part | None:
    return call.parts(LABELS, call.right()).get("dW")


def _gradient_is_right(call: DescribedCall) -> str:
    dW = _gradient(call)
    return (
        "dW is right for the same inputs, so it is not the scores: look at how the loss is put"
        " together."
        if dW is not None and dW.right
        else ""
    )


def _loss_is_right(call: DescribedCall) -> str:
    loss = call.parts(LABELS, call.right()).get("loss")
    return (
        "The loss of the same inputs is right, so dW is not its slope. grad_check_sparse shows"
        " this, too: begin with one example."
        if loss is not None and loss.right
        else ""
    )


def _slope_of_loss(call: DescribedCall) -> str:
    dW = _gradient(call)
    return "" if dW is None else own_slope(call, dW.found, "dW", "the loss")


def _one_feature(call: DescribedCall) -> str:
    dW = _gradient(call)
    return "" if dW is None else lines("dW", differs(dW.found, dW.expected), ("feature", ""))


def _one_class(call: DescribedCall) -> str:
    dW = _gradient(call)
    return "" if dW is None else lines("dW", differs(dW.found, dW.expected), ("", "class"))


def _sizes(call: DescribedCall) -> dict[str, int]:
    W, X, *_ = call.args
    (N, D), C = X.shape, W.shape[1]
    return {"N": N, "D": D, "C": C, "C - 1": C - 1, "N * C": N * C, "N * D": N * D}


def _other_shape(result: object, W: np.ndarray, X: np.ndarray) -> str:
    """A sentence on what the wrong shape of dW is the shape of; "" unless 1, N, D and C differ."""
    dW = result[1] if isinstance(result, (tuple, list)) and len(result) == 2 else None
    (N, D), C = X.shape, W.shape[1]
    if not isinstance(dW, np.ndarray) or len({1, N, D, C}) < 4:
        return ""
    return {
        (N, C): (
            "That is the shape of the scores: the step from the scores back to W, by way of X, is"
            " missing."
        ),
        (N, D): "That is the shape of X.",
        (N,): "It has one number an example: the examples are to be summed over.",
        (D,): "It has one number a feature: each class has a gradient of its own.",
        (C,): "It has one number a class: each feature has a gradient of its own.",
    }.get(dW.shape, "")


def _two_parts(call: DescribedCall) -> str:
    """A sentence if dW is a mixture of the right two parts in wrong proportions; or "".

    One part is what each example adds for its own class, the other what it adds for other classes.
    """
    W, X, y, _ = call.args
    part = _gradient(call)
    if part is None:
        return ""
    dW = part.found
    alone = [call.reference(W, X[i : i + 1], y[i : i + 1], 0.0)[1] for i in range(len(X))]
    true, own = coefficients(alone, X), np.arange(W.shape[1]) == y[:, None]  # (N, C)
    if call.name.startswith("softmax"):
        words, parts = (
            ("the probabilities add", "the 1 of each right class adds"),
            (
                true + own,
                -1.0 * own,
            ),
        )
    else:
        words, parts = ("the wrong classes add", "the right class adds"), (true * ~own, true * own)
    factors = mixture(dW, *(X.T @ part / len(X) for part in parts))
    if factors is None:
        return ""
    sizes = [phrase(k, _sizes(call)) for k in factors]
    if not all(sizes):
        return (
            f"In dW, what {words[0]} and what {words[1]} do not fit together: one of them has a"
            " factor of its own."
        )
    return (
        f"In dW, what {words[0]} is {sizes[0]}, and what {words[1]} is {sizes[1]}. Take the slope"
        " of the loss for each of the two."
    )


def _columns_of_labels(call: DescribedCall) -> str:
    """A sentence if only classes with examples, or only those without, are wrong; or ""."""
    dW, y = _gradient(call), call.given["y"]
    if dW is None:
        return ""
    wrong = differs(dW.found, dW.expected)  # (D, C)
    present, columns = np.isin(np.arange(wrong.shape[1]), y), np.asarray(wrong.any(axis=0))
    if present.all():
        return ""
    if not columns[~present].any():
        return (
            "dW is wrong only for classes that are the label of some example. What does an example"
            " add to its own label?"
        )
    if not columns[present].any():
        return (
            "dW is wrong only for classes without any example. What do the other examples add"
            " there?"
        )
    return ""


def _rows_do_not_cancel(call: DescribedCall) -> str:
    """A sentence if the rows of dW (D, C) do not add up to 0, as they should; or "".

    They should because the loss depends on differences of scores only.
    """
    part = _gradient(call)
    if part is None or np.max(np.abs(part.found.sum(axis=1))) < 1e-3 * np.max(np.abs(part.found)):
        return ""
    return (
        "Each row of dW should add up to 0, because only differences of scores matter; yours do"
        " not. What does one example add to all classes together?"
    )


def _edges(call: DescribedCall) -> str:
    """A sentence on the unusual batches with which the function goes wrong; or "".

    Ordinary batches are right, because this check is not tried before those for them are passed.
    """
    rng, wrong = np.random.default_rng(0), []
    for words, ((n, d, c), _) in EDGES.items():
        inputs = (
            rng.standard_normal((d, c)),
            rng.standard_normal((n, d)),
            rng.integers(0, c - (c > n), n),
            0.0,
        )
        (result,) = call.again([inputs]) or [None]
        parts = replace(call, result=result).parts(("loss", "dW"), call.reference(*inputs))
        if len(parts) < 2 or not all(part.right for part in parts.values()):
            wrong.append(words)
    if len(wrong) > 1 and wrong[:2] == list(EDGES)[:2]:
        del wrong[1]  # it follows from the one before
    return (
        f"Ordinary batches are right; it goes wrong {' and '.join(wrong)}. {EDGES[wrong[0]][1]}"
        if wrong
        else ""
    )
