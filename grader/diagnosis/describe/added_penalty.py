"""Sentences about what `reg` adds to a linear loss (W, X, y, reg) -> (loss, dW).

W (D, C), X (N, D), y (N,); dW has the shape of W. The loss should grow by reg * sum(W**2), and dW
by 2 * reg * W.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from grader.diagnosis.describe.call import DescribedCall
from grader.diagnosis.describe.differences import (
    ELSE,
    LOOK,
    Case,
    common_phrases,
    difference,
    differs,
    factor_of,
    lines,
    near,
    numbers,
)

LABELS = ("loss", "dW")
OTHER_SIZES = [(5, 3, 7), (11, 6, 3)]  # (N, D, C)
NOTHING = 1e-12  # what reg adds is less than that, so it adds nothing
NOTHING_ADDED = "reg changes nothing in {}. Is the penalty missing, or multiplied by 0?"
TERM_RTOL = 1e-9
LOOKS_LIKE = (
    "What reg adds to {} looks like {}, times reg{}. Compare it with the formula of the penalty."
)
TERMS_OF_LOSS: dict[str, Callable[[np.ndarray], float]] = {
    "the sum of |W|": lambda W: float(np.abs(W).sum()),
    "the sum of W": lambda W: float(W.sum()),
    "the square of the sum of W": lambda W: float(W.sum() ** 2),
    "the length of W": lambda W: float(np.linalg.norm(W)),
    "the mean of W**2": lambda W: float(np.mean(W**2)),
    "the sum of W**2 without the first row of W": lambda W: float(np.sum(W[1:] ** 2)),
    "the sum of W**2 without the last row of W": lambda W: float(np.sum(W[:-1] ** 2)),
    "the sum of W**2 without the first column of W": lambda W: float(np.sum(W[:, 1:] ** 2)),
    "the sum of W**2 without the last column of W": lambda W: float(np.sum(W[:, :-1] ** 2)),
}
TERMS_OF_DW: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "|W|": np.abs,
    "the signs of W": np.sign,
    "W**2": np.square,
    "one sum of W": lambda W: np.full(W.shape, W.sum()),
}
PENALTY_LOOK = {
    "N times too small": "The penalty is no average: only the data loss is divided by N.",
    "2 * N times too small": (
        "The penalty is no average, and has no factor 1/2: only the data loss is divided by N."
    ),
    "half of what it should be": "This penalty has no factor 1/2.",
}


def added_to_gradient(call: DescribedCall) -> str:
    """A sentence on what reg adds to dW; or ""."""
    cases = [case for case in map(_gradient_added, (call, call.second)) if case is not None]
    if not cases:
        return ""
    if all(np.max(np.abs(case.found)) < NOTHING for case in cases):
        return NOTHING_ADDED.format("dW")
    look = {
        **PENALTY_LOOK,
        "half of what it should be": (
            "This penalty has no factor 1/2. What is the derivative of a square?"
        ),
    }
    return (
        _looks_like(
            "dW",
            [case.found for case in cases],
            {
                words: [case.reg * term(case.weights) for case in cases]
                for words, term in TERMS_OF_DW.items()
            },
            [case.sizes for case in cases],
        )
        or difference("What reg adds to dW", cases, look)
        or call.agreed(_lines_of_penalty)
    )


@dataclass(frozen=True)
class _Added(Case):
    """What reg adds to dW, beside 2 * reg * W."""

    weights: np.ndarray = field(default_factory=lambda: np.empty(0))
    reg: float = 0.0


def _gradient_added(call: DescribedCall | None) -> _Added | None:
    if call is None:
        return None
    W, X, y, reg = call.args
    results = call.again([(W, X, y, 0.0)])
    if not results:
        return None
    before, after = (
        one.parts(LABELS, one.right()).get("dW") for one in (replace(call, result=results[0]), call)
    )
    if before is None or after is None:
        return None
    return _Added(after.found - before.found, 2 * reg * W, _penalty_sizes(W, X), W, reg)


def _lines_of_penalty(call: DescribedCall) -> str:
    added = _gradient_added(call)
    wrong = None if added is None else differs(added.found, added.expected)
    return "" if wrong is None else lines("What reg adds to dW", wrong, ("feature", "class"))


def _looks_like(
    part: str,
    found: Sequence[np.ndarray],
    terms: Mapping[str, Sequence[np.ndarray]],
    sizes: Sequence[Mapping[str, int]],
) -> str:
    """A sentence if what reg adds is another term, or one of its multiples with a name; or "".

    part : what it is added to, "the loss" or "dW"
    found, terms, sizes : in each of the calls
    """
    for words, values in terms.items():
        factors = [factor_of(mine, term) for mine, term in zip(found, values, strict=True)]
        known = [k for k in factors if k is not None and k > 0]
        if len(known) < len(factors) or not all(
            near(mine, k * term, TERM_RTOL)
            for mine, k, term in zip(found, known, values, strict=True)
        ):
            continue
        names = common_phrases(known, sizes)
        if names and names[0] in ("right", "2 times too large", "half of what it should be"):
            return LOOKS_LIKE.format(part, words, "")
        times = [name for name in names if "times too" in name]
        if times:
            return LOOKS_LIKE.format(part, words, f", and {times[0]}")
    return ""


def added_to_loss(call: DescribedCall) -> str:
    """A sentence on what reg adds to the loss; or "".

    That is a single number, which resembles many. So nothing is said unless
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
    sizes = [_penalty_sizes(W, X) for W, X, _ in problems]
    terms = {
        words: [np.array(reg * term(W)) for W, _, _ in problems]
        for words, term in TERMS_OF_LOSS.items()
    }
    if known_term := _looks_like("the loss", list(found), terms, sizes):
        return known_term
    factors = [
        float(each) / (reg * float(np.sum(W**2)))
        for each, (W, *_) in zip(found, problems, strict=True)
    ]
    words = next((name for name in common_phrases(factors, sizes) if name != "right"), "")
    if not words:
        return ""
    sign = ", but has the wrong sign" if factors[0] < 0 else ""
    advice = "" if sign else f" {PENALTY_LOOK.get(words, LOOK.get(words, ELSE))}"
    return f"What reg adds to the loss is {words}{sign}.{advice}"


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
