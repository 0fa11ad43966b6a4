"""How a wrong array differs from the right one, in plain words: a common factor, one row.

Only what is certain is said: a sentence needs numbers that agree to `TOLERANCE` of the largest of
them, and enough of them to rule out chance. No number of an answer enters a sentence, only factors
such as N or 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

TOLERANCE = 1e-6
# This many numbers agree on an unknown factor by more than chance; of fewer numbers, only a factor
# that has a name, such as N, is believed.
ENOUGH = 3
# A smaller relative error means that too few digits are right. For fewer than ENOUGH numbers the
# limit is a tenth of it.
FEW_DIGITS = 1e-2

# For the first words of `phrases`: where to look.
LOOK: dict[str, str] = {
    "N times too large": (
        "A mean over the examples is asked for: where is it divided by their number?"
    ),
    "N times too small": "Is it divided by the number of examples twice?",
    "C times too large": "Is something added once for every class that belongs there only once?",
    "C - 1 times too large": (
        "Is something added once for every wrong class that belongs there only once?"
    ),
    "C times too small": "Is a mean taken over the classes? The formula has a sum over them.",
    "D times too small": "Is a mean taken over the features, or over all entries?",
    "the number of weights times too small": "Is a mean taken over them? The formula has a sum.",
    "2 times too large": (
        "Look for a factor 2 that is there twice, or a factor 1/2 that is missing."
    ),
    "half of what it should be": (
        "Look for a factor 2 that is missing, or a factor 1/2 that the formula does not have."
    ),
    "few digits": (
        "Look for a small number that is added, a rounding, or a formula that is only approximately"
        " the same."
    ),
}
ELSE = "Look at what it is multiplied or divided by."


def numbers(value: object, shape: tuple[int, ...]) -> np.ndarray | None:
    """A student's value as an array of floats; None if it is not numeric, not finite, or of a shape
    other than `shape`.
    """
    if not isinstance(value, (int, float, np.number, np.ndarray)):
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "fiu" or array.shape != shape or not np.isfinite(array).all():
        return None
    return array.astype(float)


def near(found: np.ndarray | float, expected: np.ndarray | float, rtol: float = TOLERANCE) -> bool:
    """Whether all entries agree, to `rtol` times the largest expected one."""
    return bool(
        np.max(np.abs(np.subtract(found, expected))) <= 1e-9 + rtol * np.max(np.abs(expected))
    )


def differs(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Which entries are wrong: a boolean array of their shape."""
    return np.asarray(np.abs(found - expected) > 1e-9 + TOLERANCE * np.max(np.abs(expected)))


@dataclass(frozen=True)
class Case:
    """A wrong value beside the right one.

    found, expected : finite floats of the same shape
    sizes : letters and what they stand for, such as {"N": 7}
    """

    found: np.ndarray
    expected: np.ndarray
    sizes: Mapping[str, int] = field(default_factory=dict)


def difference(label: str, cases: Sequence[Case], look: Mapping[str, str] | None = None) -> str:
    """How a value differs from the right one, in one or two sentences; "" if nothing is certain.

    cases : the value in one call or in several, each on another problem. What is said is true of
        all of them.
    look : replaces entries of LOOK
    """
    if not cases or near(cases[0].found, cases[0].expected):
        return ""
    if not any(case.found.any() for case in cases):
        everywhere = " everywhere" if cases[0].found.ndim else ""
        return f"{label} is 0{everywhere}. Is anything added to it, and is it kept?"
    if all(
        any(
            np.array_equal(case.found, cut(case.expected))
            for cut in (np.floor, np.ceil, np.trunc, np.round)
        )
        for case in cases
    ):
        return (
            f"{label} would be right, but is cut to whole numbers. Look for //, int() or an array"
            " of integers."
        )
    look = {**LOOK, **(look or {})}
    return (
        _few_digits(label, cases, look)
        or _factor(label, cases, look)
        or _same(label, cases)
        or _transposed(label, cases[0].found, cases[0].expected)
    )


def lines(label: str, wrong: np.ndarray, axes: tuple[str, str]) -> str:
    """Whether the wrong entries of a matrix lie in a single row or column, as a sentence, or "".

    wrong : boolean, of two dimensions
    axes : what a row and a column are, such as ("feature", "class"); "" for an axis to leave out
    """
    for axis, (line, thing) in enumerate(zip(("row", "column"), axes, strict=True)):
        (where,) = np.nonzero(wrong.any(axis=1 - axis))
        if thing and len(where) == 1 and wrong.shape[axis] > 2:
            which = {0: "the first", wrong.shape[axis] - 1: "the last"}.get(
                int(where[0]), f"number {where[0]} (from 0)"
            )
            return (
                f"{label} is wrong in {which} of its {line}s (a {line} is a {thing}), and right"
                " elsewhere. What is different there?"
            )
    return ""


def factor_of(found: np.ndarray, expected: np.ndarray) -> float | None:
    """k, if found is k * expected in every entry, and k is not 0; None otherwise."""
    k = float(np.vdot(found, expected) / max(np.vdot(expected, expected), 1e-300))
    return k if abs(k) > 1e-9 and near(found, k * expected) else None


def mixture(found: np.ndarray, one: np.ndarray, other: np.ndarray) -> tuple[float, float] | None:
    """(a, b), if found is a * one + b * other in every entry; None otherwise.

    None, too, if one and other are almost multiples of each other.
    """
    parts = np.stack([one.ravel(), other.ravel()])
    gram = parts @ parts.T
    if found.size < 2 + ENOUGH or abs(np.linalg.det(gram)) < 1e-6 * gram[0, 0] * gram[1, 1]:
        return None
    a, b = np.linalg.solve(gram, parts @ found.ravel())
    return (float(a), float(b)) if near(found, a * one + b * other) else None


def phrases(k: float, sizes: Mapping[str, int]) -> list[str]:
    """All words for "k times what it should be", whatever the sign of k; empty if k has no name."""
    if abs(k) < TOLERANCE:
        return ["missing"]
    plain = [
        (1.0, "right" if k > 0 else "of the right size"),
        (2.0, "2 times too large"),
        (0.5, "half of what it should be"),
        (4.0, "4 times too large"),
        (0.25, "a quarter of what it should be"),
    ]
    known = [(float(n), f"{letter} times too large") for letter, n in sizes.items() if n > 1]
    known += [(1 / n, f"{letter} times too small") for letter, n in sizes.items() if n > 1]
    known += [
        (n / (n - 1), f"{letter} / ({letter} - 1) times too large")
        for letter, n in sizes.items()
        if n > 2 and len(letter) == 1
    ]
    return [words for value, words in known + plain if abs(abs(k) - value) <= TOLERANCE * value]


def phrase(k: float, sizes: Mapping[str, int]) -> str:
    """Words for "k times what it should be"; "" if k has no name."""
    return _signed(phrases(k, sizes), k)


def common_phrases(factors: Sequence[float], sizes: Sequence[Mapping[str, int]]) -> list[str]:
    """The words that fit the factors of all calls, each with the sizes of its own call."""
    first, *others = [phrases(k, each) for k, each in zip(factors, sizes, strict=True)]
    if len({k > 0 for k in factors}) > 1:
        return []
    return [words for words in first if all(words in other for other in others)]


def _signed(names: Sequence[str], k: float) -> str:
    words = " or ".join(names)
    return f"{words}, but has the wrong sign" if words and k <= -TOLERANCE else words


def _factor(label: str, cases: Sequence[Case], look: Mapping[str, str]) -> str:
    factors = [factor_of(case.found, case.expected) for case in cases]
    known = [k for k in factors if k is not None]
    if len(known) < len(factors):
        return ""
    k, found, expected = known[0], cases[0].found, cases[0].expected
    every = " in every entry" if found.ndim else ""
    names = common_phrases(known, [case.sizes for case in cases])
    if names:
        turned = "Which term has its sign turned round?"
        # The advice for a factor does not explain a wrong sign, unless the factor is uncertain.
        advice = look.get(names[0]) if k > 0 or len(names) > 1 else None
        return f"{label} is {_signed(names, k)}{every}. {advice or (turned if k < 0 else ELSE)}"
    if found.size < ENOUGH or np.count_nonzero(expected) < ENOUGH:
        return ""
    return f"{label} is right but for one common factor{every}. {ELSE}"


def _same(label: str, cases: Sequence[Case]) -> str:
    if cases[0].found.size < ENOUGH:
        return ""
    amounts = [case.found - case.expected for case in cases]
    if all(near(amount, float(amount.flat[0])) for amount in amounts):
        return (
            f"{label} is off by the same amount in every entry. Where is one number added to all of"
            " them, or missing from all?"
        )
    if all(near(case.found, float(case.found.flat[0])) for case in cases):
        return (
            f"{label} has the same number in every entry. Where is one number taken for an array?"
        )
    return ""


def _transposed(label: str, found: np.ndarray, expected: np.ndarray) -> str:
    if found.ndim != 2 or found.shape[0] != found.shape[1] or not near(found, expected.T):
        return ""
    return f"{label} is transposed. Which axis comes first?"


def _few_digits(label: str, cases: Sequence[Case], look: Mapping[str, str]) -> str:
    limit = FEW_DIGITS if cases[0].found.size >= ENOUGH else FEW_DIGITS / 10
    # On another problem the same small number may weigh more.
    limits = [limit] + [10 * limit] * (len(cases) - 1)
    if not all(
        near(case.found, case.expected, each) for case, each in zip(cases, limits, strict=True)
    ):
        return ""
    found, expected = cases[0].found, cases[0].expected
    digits = int(-np.log10(np.max(np.abs(found - expected)) / np.max(np.abs(expected))))
    return f"{label} is right to about {digits} digits, and not beyond. {look['few digits']}"
