"""Sentences about a wrong linear loss, from batches of one example.

The gradient of a single example, of shape (D, C), is the outer product of the example (D,) and one
coefficient for each class (C,). The coefficients show which classes are wrong. The gradient of a
batch with more examples than features does not show this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from grader.checks.student import StudentRaised
from grader.diagnosis.describe.call import DescribedCall, Part
from grader.diagnosis.describe.differences import (
    ENOUGH,
    Case,
    difference,
    differs,
    near,
    numbers,
)
from grader.faults import SandboxFault, StudentFault

Parts = list[dict[str, Part]]  # "loss" and "dW" of each example alone


def fails_alone(call: DescribedCall) -> str:
    """A sentence if the function raises an exception for a single example; or ""."""
    try:
        list(call.student.calls(call.name, _alone(call)))
    except StudentRaised as fault:
        return f"With a single example it {fault}" if fault.raised else ""
    except (StudentFault, SandboxFault):
        return ""
    return ""


def loss_alone(call: DescribedCall) -> str:
    """How the losses of single examples differ from the right ones, in both calls; or ""."""
    cases = []
    for one in filter(None, (call, call.second)):
        parts = _parts_alone(one)
        if not parts:
            return ""
        found, right = _of_each(parts, "loss")
        cases.append(Case(found, right, dict(zip("DC", one.args[0].shape, strict=True))))
    if len(cases) < 2 or not cases[0].found.any():
        return ""
    return difference("The loss of a single example", cases).replace(" in every entry", "")


def losses_by_example(call: DescribedCall) -> str:
    """What the losses of single examples tell of that of the batch, or ""."""
    return _by_example(call, "loss", of_losses)


def gradients_by_example(call: DescribedCall) -> str:
    """What the gradients of single examples tell of that of the batch, or ""."""
    return _by_example(call, "dW", of_gradients)


def _alone(call: DescribedCall) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
    W, X, y, _ = call.args
    return [(W, X[i : i + 1], y[i : i + 1], 0.0) for i in range(len(X))]


def _by_example(
    call: DescribedCall, label: str, look: Callable[[DescribedCall, Parts, np.ndarray], str]
) -> str:
    """What `look` says when the function is called for each example alone, or "".

    label : "loss" or "dW", the value of the batch that is looked at
    look : of_losses or of_gradients
    """
    batch = call.parts(("loss", "dW"), call.right()).get(label)
    parts = _parts_alone(call)
    if batch is None or not parts:
        return ""
    return look(call, parts, batch.found) or _probabilities(call, parts)


def _parts_alone(call: DescribedCall) -> Parts:
    """The result for each example alone; empty if one is not of the promised form."""
    alone = _alone(call)
    parts = [
        replace(call, result=result).parts(("loss", "dW"), call.reference(*each))
        for result, each in zip(call.again(alone), alone, strict=False)
    ]
    return parts if len(parts) == len(alone) and all(len(each) == 2 for each in parts) else []


def _of_each(parts: Parts, label: str) -> tuple[np.ndarray, np.ndarray]:
    """A value for each example alone: the student's, and the right ones."""
    return (
        np.array([each[label].found for each in parts]),
        np.array([each[label].expected for each in parts]),
    )


def coefficients(gradients: list[np.ndarray], X: np.ndarray) -> np.ndarray:
    """The coefficient of each example for each class, of shape (N, C).

    gradients : N arrays of shape (D, C), each the gradient of one example alone
    X : (N, D)
    """
    projected: np.ndarray = np.einsum("nd,ndc->nc", X, np.stack(gradients))
    projected /= np.sum(X * X, axis=1)[:, None]
    return projected


def of_losses(call: DescribedCall, parts: Parts, of_batch: np.ndarray) -> str:
    """The `look` of `by_example` for a wrong loss: a sentence, or ""."""
    W, _, y, _ = call.args
    found, right = _of_each(parts, "loss")
    if not found.any():
        return _nothing_alone(call, parts, "loss", of_batch)
    if near(found, right):
        return _put_together("loss", of_batch, found)
    known = _other_scores(call, parts) or _classes_skipped(call, parts)
    wrong = differs(found, right)
    for label, words in ((0, "the first class"), (W.shape[1] - 1, "the last class")):
        labelled = y == label
        if not known and 0 < labelled.sum() < len(y) and np.array_equal(wrong, labelled):
            known = (
                f"The loss is wrong for the examples of {words}, and only for them. What is"
                " different for that class?"
            )
        if not known and 0 < labelled.sum() < len(y) and np.array_equal(wrong, ~labelled):
            known = (
                f"The loss is right for the examples of {words}, and only for them. Is that class"
                " written into the code?"
            )
    return known


def of_gradients(call: DescribedCall, parts: Parts, of_batch: np.ndarray) -> str:
    """The `look` of `by_example` for a wrong gradient: a sentence, or ""."""
    W, X, y, _ = call.args
    found, right = ([getattr(each["dW"], side) for each in parts] for side in ("found", "expected"))
    if not any(dW.any() for dW in found):
        return _nothing_alone(call, parts, "gradient", of_batch)
    if all(map(near, found, right)):
        return _put_together("gradient", of_batch, np.stack(found))
    known = _other_scores(call, parts) or _classes_skipped(call, parts)
    if known or not all(each["loss"].right for each in parts):
        return known  # dW may be the right gradient of a wrong loss
    got, due = coefficients(found, X), coefficients(right, X)
    if not all(near(dW, np.outer(x, s)) for dW, x, s in zip(found, X, got, strict=True)):
        return (
            "With one example, each column of dW is a multiple of that example; yours are not. What"
            " is multiplied by X?"
        )
    wrong, own = differs(got, due), np.arange(W.shape[1]) == y[:, None]  # (N, C)
    idle = (due == 0) & ~own  # (N, C), of the hinge: margins that cost nothing
    if not wrong[~own].any():
        return (
            "What an example adds for its right class is wrong; the other classes are right. How"
            " does the loss depend on its score?"
        )
    if wrong[idle].any() and not wrong[~idle & ~own].any():
        return (
            "Classes whose margin costs nothing get a gradient, too. What is the slope of max(0, m)"
            " where m is negative?"
        )
    if not (wrong & ~own & (np.abs(got) > 1e-9)).any():
        return (
            "Some wrong classes get no gradient, although their scores are in the loss. Which of"
            " them are left out?"
        )
    if not wrong[own].any():
        return (
            "What an example adds for its wrong classes is wrong; the right class is right. How"
            " does the loss depend on their scores?"
        )
    return ""


def _nothing_alone(call: DescribedCall, parts: Parts, what: str, of_batch: np.ndarray) -> str:
    """A sentence if single examples have a loss or a gradient of 0; or "".

    what : "loss" or "gradient"
    of_batch : that of the whole batch
    """
    got = coefficients([each["dW"].found for each in parts], call.given["X"])
    own = np.arange(got.shape[1]) == call.given["y"][:, None]
    if call.name.startswith("softmax") and near(got + own, np.ones(got.shape)):
        return (
            "With a single example every class gets the probability 1: each exp is divided by a sum"
            " over the examples. Which axis holds the classes?"
        )
    if got.any() or not of_batch.any():
        return ""
    W, X, y, _ = call.args
    first = [[0, 1], [0, 2], [2, 1]] if len(X) > 2 else []
    results = call.again([(W, X[rows], y[rows], 0.0) for rows in first])
    values = [numbers(result[0], ()) for result in results if isinstance(result, (tuple, list))]
    known = [value for value in values if value is not None]
    left_out = ""
    if len(known) == 3 and not near(known[1], known[2]):
        left_out = {(True, False): "last", (False, True): "first"}.get(
            (near(known[0], known[1]), near(known[0], known[2])), ""
        )
    if left_out:
        return f"The {left_out} example of a batch adds nothing. Does the loop reach every example?"
    return (
        f"A batch of a single example has {what} 0, and a larger one has not. What is summed or"
        " averaged over the examples?"
    )


def _put_together(what: str, of_batch: np.ndarray, alone: np.ndarray) -> str:
    """A sentence on how the batch goes wrong, although each example alone is right; or "".

    what : "loss" or "gradient"
    of_batch : the student's for the whole batch, a number or (D, C)
    alone : the student's for each example alone, (N,) or (N, D, C)
    """
    sums = {
        "the last example": alone[-1],
        "the first example": alone[0],
        "all examples but the last": alone[:-1].sum(axis=0),
        "all examples but the first": alone[1:].sum(axis=0),
    }
    for which, total in sums.items():
        if any(near(of_batch, total / n) for n in (1, len(alone), len(alone) - 1)):
            return (
                f"Each example alone gives the right {what}, but a batch gives that of {which}. Is"
                " something overwritten, or does a loop end too early?"
            )
    return (
        f"Each example alone gives the right {what}, a batch does not. Is one sum taken over all"
        " examples where each has its own, or is the average taken at the wrong place?"
    )


def _other_scores(call: DescribedCall, parts: Parts) -> str:
    """A sentence if the losses are those of another problem, such as one with turned signs; or "".

    A mistake with an index or a sign makes such a problem of the given one.
    """
    W, X, y, _ = call.args
    C, every = W.shape[1], np.ones(len(X), dtype=bool)
    problems = {
        f"scores without the {words} class. Does the loop over the classes reach it?": (
            y != label,
            np.delete(W, label, axis=1),
            y - (y > label),
        )
        for label, words in ((0, "first"), (C - 1, "last"))
    }
    problems |= {
        f"a W without its {words} row. Is there a reason to leave that feature out?": (
            every,
            W * (np.arange(len(W)) != row)[:, None],
            y,
        )
        for row, words in ((0, "first"), (len(W) - 1, "last"))
    }
    problems["scores with their signs turned round. Which score is subtracted from which?"] = (
        every,
        -W,
        y,
    )
    problems["labels that are 1 too large. Counting begins at 0."] = y < C - 1, W, y + 1
    problems["labels that are 1 too small. Counting begins at 0."] = y > 0, W, y - 1
    for words, (rows, weights, labels) in problems.items():
        which = np.flatnonzero(rows)
        losses = np.array(
            [call.reference(weights, X[i : i + 1], labels[i : i + 1], 0.0)[0] for i in which]
        )
        mine, right = (
            np.array([getattr(parts[i]["loss"], side) for i in which])
            for side in ("found", "expected")
        )
        if len(which) >= ENOUGH and near(mine, losses) and not near(mine, right):
            return f"The result is that of {words}"
    return ""


def _classes_skipped(call: DescribedCall, parts: Parts) -> str:
    """A sentence if all wrong classes after the right one, or all before it, get no gradient."""
    W, X, y, _ = call.args
    got, due = (
        coefficients([getattr(each["dW"], side) for each in parts], X)
        for side in ("found", "expected")
    )
    j, label = np.arange(W.shape[1]), y[:, None]
    for words, after, others in (("after", j > label, j < label), ("before", j < label, j > label)):
        enough = np.count_nonzero(due[after]) >= ENOUGH and others.any()
        if enough and np.max(np.abs(got[after])) < 1e-9 and near(got[others], due[others]):
            return (
                f"Classes {words} the right one get nothing. What does the loop over the classes do"
                " when it comes to that one?"
            )
    return ""


def _probabilities(call: DescribedCall, parts: Parts) -> str:
    """A sentence if the gradient of a softmax is that of probabilities that are right but for one
    factor for each example, and so do not add up to 1; or "".
    """
    if not call.name.startswith("softmax"):
        return ""
    X, y = call.given["X"], call.given["y"]
    own = np.arange(call.given["W"].shape[1]) == y[:, None]  # (N, C)
    found, due = (
        coefficients([getattr(each["dW"], side) for each in parts], X) + own
        for side in ("found", "expected")
    )
    factors = np.sum(found * due, axis=1) / np.sum(due * due, axis=1)
    # One factor for all examples is a factor of dW, and not of the probabilities.
    if near(found, factors[:, None] * due) and np.ptp(factors) > 1e-3:
        return (
            "By dW, the probabilities of an example do not add up to 1. By what is each exp"
            " divided?"
        )
    return ""
