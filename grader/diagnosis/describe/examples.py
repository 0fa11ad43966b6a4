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
from grader.diagnosis.describe.differences import ENOUGH, difference, differs, near
from grader.faults import SandboxFault, StudentFault

Parts = list[dict[str, Part]]  # "loss" and "dW" of each example alone


def by_example(
    call: DescribedCall,
    look: Callable[[DescribedCall, Parts, np.ndarray], str],
    of_batch: np.ndarray,
) -> str:
    """What `look` says when the function is called for each example alone, or "".

    look : of_losses or of_gradients
    of_batch : the loss or the gradient of the whole batch
    """
    W, X, y, _ = call.args
    alone = [(W, X[i : i + 1], y[i : i + 1], 0.0) for i in range(len(X))]
    try:
        results = [found.result for found in call.student.calls(call.name, alone)]
    except StudentRaised as fault:
        return f"With a single example it {fault}" if fault.raised else ""
    except (StudentFault, SandboxFault):
        return ""
    parts = [
        replace(call, result=result).parts(("loss", "dW"), call.reference(*each))
        for result, each in zip(results, alone, strict=True)
    ]
    if any(len(each) < 2 for each in parts):
        return ""
    return look(call, parts, of_batch) or _probabilities(call, parts)


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
    found, right = (
        np.array([getattr(each["loss"], side) for each in parts]) for side in ("found", "expected")
    )
    if not found.any():
        return "A batch of a single example has loss 0. Does the loop reach every example?"
    if near(found, right):
        return _put_together("loss", of_batch, found)
    known = (
        difference("The loss of a single example", found, right, {"C": W.shape[1]}).replace(
            " in every entry", ""
        )
        or _other_scores(call, parts)
        or _classes_skipped(call, parts)
    )
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
        return "A batch of a single example has gradient 0. Does the loop reach every example?"
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
    """A sentence if the gradient of a softmax implies probabilities that do not add up to 1."""
    got = coefficients([each["dW"].found for each in parts], call.given["X"])
    if call.name.startswith("softmax") and np.max(np.abs(got.sum(axis=1))) > 1e-3:
        return (
            "By dW, the probabilities of an example do not add up to 1. By what is each exp"
            " divided?"
        )
    return ""
