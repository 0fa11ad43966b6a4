"""Sentences about a wrong linear loss (W, X, y, reg) -> (loss, dW).

W (D, C), X (N, D), y (N,); dW has the shape of W. The sentences are about the data loss, the
penalty and unusual batches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from grader.diagnosis.describe.call import DescribedCall, Part, own_slope
from grader.diagnosis.describe.differences import (
    ELSE,
    LOOK,
    difference,
    differs,
    lines,
    mixture,
    near,
    numbers,
    phrase,
    phrases,
)
from grader.diagnosis.describe.examples import by_example, coefficients, of_gradients, of_losses
from grader.faults import SandboxFault, StudentFault

MAX_N = 100  # examples; a check with more of them is about speed
LARGE_SCORE = 700  # exp overflows a little above it
OTHER_SIZES = [(5, 3, 7), (11, 6, 3)]  # (N, D, C)
NOTHING = 1e-12  # what reg adds is less than that, so it adds nothing
NOTHING_ADDED = "reg changes nothing in {}. Is the penalty missing, or multiplied by 0?"
TERM_RTOL = 1e-9
LOOKS_LIKE = (
    "What reg adds to {} looks like {}, times reg. Compare it with the formula of the penalty."
)
TERMS_OF_LOSS: dict[str, Callable[[np.ndarray], float]] = {
    "the sum of |W|": lambda W: float(np.abs(W).sum()),
    "the sum of W": lambda W: float(W.sum()),
    "the square of the sum of W": lambda W: float(W.sum() ** 2),
    "the length of W": lambda W: float(np.linalg.norm(W)),
    "the mean of W**2": lambda W: float(np.mean(W**2)),
}
PENALTY_LOOK = {
    "N times too small": "The penalty is no average: only the data loss is divided by N.",
    "2 * N times too small": (
        "The penalty is no average, and has no factor 1/2: only the data loss is divided by N."
    ),
    "half of what it should be": "This penalty has no factor 1/2.",
}

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
    parts = call.parts(("loss", "dW"), call.reference(*call.args))
    if len(parts) < 2:
        return _other_shape(call.result, W, X)
    loss, dW = parts["loss"], parts["dW"]
    about_gradient = call.subject == "dW"
    if reg:
        return _penalty(call, about_gradient, loss, dW)
    if (dW if about_gradient else loss).right:
        return ""
    if np.max(np.abs(X @ W)) > LARGE_SCORE:
        return (
            "With ordinary scores the result is right; with scores as large as these it is finite,"
            " but wrong. Are scores cut off, or is a small number added before the log?"
        )
    if len(X) == 1 or W.shape[0] == 1 or W.shape[1] == 2 or W.shape[1] > len(X):
        return _edges(call)
    known = _data_gradient(call, dW, loss) if about_gradient else _data_loss(call, loss, dW)
    return known or own_slope(call, dW.found, "dW", "the loss")


def _data_loss(call: DescribedCall, loss: Part, dW: Part) -> str:
    known = (
        difference("loss", loss.found, loss.expected, _sizes(call))
        or _overwritten(call)
        or by_example(call, of_losses, loss.found)
    )
    if known or not dW.right:
        return known
    return (
        "dW is right for the same inputs, so it is not the scores: look at how the loss is put"
        " together."
    )


def _data_gradient(call: DescribedCall, dW: Part, loss: Part) -> str:
    wrong = differs(dW.found, dW.expected)
    known = (
        difference("dW", dW.found, dW.expected, _sizes(call))
        or _two_parts(call, dW.found)
        or _columns_of_labels(wrong, call.given["y"])
        or lines("dW", wrong, ("feature", ""))
        or _overwritten(call)
        or by_example(call, of_gradients, dW.found)
        or lines("dW", wrong, ("", "class"))
        or _rows_do_not_cancel(dW.found)
    )
    if known or not loss.right:
        return known
    return (
        "The loss of the same inputs is right, so dW is not its slope. grad_check_sparse shows"
        " this, too: begin with one example."
    )


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


def _overwritten(call: DescribedCall) -> str:
    """A sentence if the function changes its inputs, which makes all of the rest wrong; or ""."""
    try:
        args_after = call.student.call(call.name, *call.args, echo=True).args
    except (StudentFault, SandboxFault):
        return ""
    for label, before, now in zip("WXy", call.args, args_after, strict=False):
        if not (isinstance(now, np.ndarray) and np.array_equal(before, now)):
            return (
                f"{label} is changed by the function. Is a second name for {label} taken for a"
                " copy, or is it changed by +=?"
            )
    return ""


def _two_parts(call: DescribedCall, dW: np.ndarray) -> str:
    """A sentence if dW is a mixture of the right two parts in wrong proportions; or "".

    One part is what each example adds for its own class, the other what it adds for other classes.
    """
    W, X, y, _ = call.args
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


def _columns_of_labels(wrong: np.ndarray, y: np.ndarray) -> str:
    """A sentence if only classes with examples, or only those without, are wrong; or "".

    wrong : boolean, (D, C)
    """
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


def _rows_do_not_cancel(dW: np.ndarray) -> str:
    """A sentence if the rows of dW (D, C) do not add up to 0, as they should; or "".

    They should because the loss depends on differences of scores only.
    """
    if np.max(np.abs(dW.sum(axis=1))) < 1e-3 * np.max(np.abs(dW)):
        return ""
    return (
        "Each row of dW should add up to 0, because only differences of scores matter; yours do"
        " not. Is a class left out, or counted twice?"
    )


def _penalty(call: DescribedCall, about_gradient: bool, loss: Part, dW: Part) -> str:
    """A sentence on what `reg` adds to the loss or to dW; other checks are about the data loss."""
    return _overwritten(call) or (
        _added_to_gradient(call, loss, dW) if about_gradient else _added_to_loss(call)
    )


def _added_to_gradient(call: DescribedCall, loss: Part, dW: Part) -> str:
    W, X, y, reg = call.args
    (without,) = call.again([(W, X, y, 0.0)]) or [None]
    before = replace(call, result=without).parts(("loss", "dW"), (loss.expected, dW.expected))
    if len(before) < 2:
        return ""
    found, expected = dW.found - before["dW"].found, 2 * reg * W
    terms = {
        "|W|": np.abs(W),
        "the signs of W": np.sign(W),
        "W**2": W**2,
        "one sum of W": np.full(W.shape, W.sum()),
    }
    if np.max(np.abs(found)) < NOTHING:
        return NOTHING_ADDED.format("dW")
    for words, term in terms.items():
        if any(near(found, k * reg * term, TERM_RTOL) for k in (1, 2, 0.5)):
            return LOOKS_LIKE.format("dW", words)
    look = {
        **PENALTY_LOOK,
        "half of what it should be": (
            "This penalty has no factor 1/2. What is the derivative of a square?"
        ),
    }
    label = "What reg adds to dW"
    return difference(label, found, expected, _penalty_sizes(W, X), look) or lines(
        label, differs(found, expected), ("feature", "class")
    )


def _added_to_loss(call: DescribedCall) -> str:
    """What reg adds to the loss is a single number, which resembles many. So nothing is said unless
    it holds for two further problems of other sizes.
    """
    W, X, y, reg = call.args
    rng = np.random.default_rng(0)
    problems = [(W, X, y)] + [
        (rng.standard_normal((d, c)), rng.standard_normal((n, d)), rng.integers(0, c, n))
        for n, d, c in OTHER_SIZES
    ]
    results = call.again([(*problem, each) for problem in problems for each in (0.0, reg)])
    losses = [
        numbers(result[0], ())
        for result in results
        if isinstance(result, (tuple, list)) and len(result) == 2
    ]
    known = np.array([loss for loss in losses if loss is not None])
    if len(known) < 2 * len(problems):
        return ""
    found = known[1::2] - known[::2]  # one for each problem, as all arrays here
    if np.max(np.abs(found)) < NOTHING:
        return NOTHING_ADDED.format("the loss")
    for words, term in TERMS_OF_LOSS.items():
        values = np.array([term(W) for W, _, _ in problems])
        if any(near(found, k * reg * values, TERM_RTOL) for k in (1, 2, 0.5)):
            return LOOKS_LIKE.format("the loss", words)
    factors = found / np.array([reg * np.sum(W**2) for W, _, _ in problems])
    names = [
        phrases(k, _penalty_sizes(W, X)) for k, (W, X, _) in zip(factors, problems, strict=True)
    ]
    for words in names[0]:
        if words != "right" and all(words in others for others in names):
            sign = ", but has the wrong sign" if factors[0] < 0 else ""
            advice = "" if sign else f" {PENALTY_LOOK.get(words, LOOK.get(words, ELSE))}"
            return f"What reg adds to the loss is {words}{sign}.{advice}"
    return ""


def _penalty_sizes(W: np.ndarray, X: np.ndarray) -> dict[str, int]:
    """Letters for the factors of a penalty; 3 to 1000 are for a factor without a name."""
    N, (D, C) = len(X), W.shape
    sizes = {
        "N": N,
        "D": D,
        "C": C,
        "C - 1": C - 1,
        "D * C": D * C,
        "N * C": N * C,
        "N * D": N * D,
        "2 * N": 2 * N,
    }
    return sizes | {str(n): n for n in (3, 5, 10, 20, 50, 100, 1000)}


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
