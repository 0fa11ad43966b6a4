"""What two arrays of numbers tell about each other, in plain words: a common factor, one row, the
same amount everywhere.

Only what is certain is said: a sentence comes from numbers that agree to `TOLERANCE` of the largest
of them, and from enough of them that chance cannot do it. No number of an answer enters a sentence,
only factors such as N or 2.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

TOLERANCE = 1e-6
# Numbers that agree with one unknown; with fewer, only a factor that has a name is believed.
ENOUGH = 3
# A relative error below this is a matter of digits; a tenth of it, for a single number.
FEW_DIGITS = 1e-2

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
_ELSE = "Look at what it is multiplied or divided by."


def numbers(value: object, shape: tuple[int, ...]) -> np.ndarray | None:
    """A student's value as floats, if it is a number or array of this shape and finite; None if
    not.
    """
    if not isinstance(value, (int, float, np.number, np.ndarray)):
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "fiu" or array.shape != shape or not np.isfinite(array).all():
        return None
    return array.astype(float)


def near(found: np.ndarray | float, expected: np.ndarray | float, rtol: float = TOLERANCE) -> bool:
    """Whether all entries agree, measured against the largest one."""
    return bool(
        np.max(np.abs(np.subtract(found, expected))) <= 1e-9 + rtol * np.max(np.abs(expected))
    )


def differs(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Which entries are wrong."""
    return np.asarray(np.abs(found - expected) > 1e-9 + TOLERANCE * np.max(np.abs(expected)))


def difference(
    label: str,
    found: np.ndarray,
    expected: np.ndarray,
    sizes: Mapping[str, int] | None = None,
    look: Mapping[str, str] | None = None,
) -> str:
    """How found (float, finite) differs from expected, which has its shape; "" where nothing is
    certain.

    sizes : letters and what they stand for, such as N
    look : what to look at for some of the phrases in LOOK, where it is something else than usual
    """
    if near(found, expected):
        return ""
    if not found.any():
        return (
            f"{label} is 0{' everywhere' if found.ndim else ''}. Is anything added to it, and is it"
            " kept?"
        )
    if any(np.array_equal(found, cut(expected)) for cut in (np.floor, np.ceil, np.trunc, np.round)):
        return (
            f"{label} would be right, but is cut to whole numbers. Look for //, int() or an array"
            " of integers."
        )
    look = {**LOOK, **(look or {})}
    return (
        _few_digits(label, found, expected, look)
        or _factor(label, found, expected, sizes or {}, look)
        or _same(label, found, expected)
        or _transposed(label, found, expected)
    )


def lines(label: str, wrong: np.ndarray, axes: tuple[str, str]) -> str:
    """Whether the wrong entries of a matrix lie in a single row or column.

    axes : what a row and a column are, such as ("feature", "class"); "" for one that is not to be
        looked at
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
    """k where found is k * expected in every entry."""
    k = float(np.vdot(found, expected) / max(np.vdot(expected, expected), 1e-300))
    return k if abs(k) > 1e-9 and near(found, k * expected) else None


def mixture(found: np.ndarray, one: np.ndarray, other: np.ndarray) -> tuple[float, float] | None:
    """(a, b) where found is a * one + b * other in every entry; None where it is not, or one and
    other are much alike.
    """
    parts = np.stack([one.ravel(), other.ravel()])
    gram = parts @ parts.T
    if found.size < 2 + ENOUGH or abs(np.linalg.det(gram)) < 1e-6 * gram[0, 0] * gram[1, 1]:
        return None
    a, b = np.linalg.solve(gram, parts @ found.ravel())
    return (float(a), float(b)) if near(found, a * one + b * other) else None


def phrase(k: float, sizes: Mapping[str, int]) -> str:
    """Words for "k times what it should be" where k is a well-known factor, otherwise ""."""
    if abs(k) < TOLERANCE:
        return "missing"
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
    fits = [words for value, words in known + plain if abs(abs(k) - value) <= TOLERANCE * value]
    words = " or ".join(fits)
    return f"{words}, but has the wrong sign" if words and k < 0 else words


def _factor(
    label: str,
    found: np.ndarray,
    expected: np.ndarray,
    sizes: Mapping[str, int],
    look: Mapping[str, str],
) -> str:
    k = factor_of(found, expected)
    if k is None:
        return ""
    words = phrase(k, sizes)
    every = " in every entry" if found.ndim else ""
    if words:
        turned = "Which term has its sign turned round?"
        return f"{label} is {words}{every}. " + look.get(
            words.split(" or ")[0], turned if k < 0 else _ELSE
        )
    if found.size < ENOUGH or np.count_nonzero(expected) < ENOUGH:
        return ""
    return f"{label} is right but for one common factor{every}. {_ELSE}"


def _same(label: str, found: np.ndarray, expected: np.ndarray) -> str:
    if found.size < ENOUGH:
        return ""
    amount = found - expected
    if near(amount, float(amount.flat[0])):
        return (
            f"{label} is off by the same amount in every entry. Where is one number added to all of"
            " them, or missing from all?"
        )
    if near(found, float(found.flat[0])):
        return (
            f"{label} has the same number in every entry. Where is one number taken for an array?"
        )
    return ""


def _transposed(label: str, found: np.ndarray, expected: np.ndarray) -> str:
    if found.ndim != 2 or found.shape[0] != found.shape[1] or not near(found, expected.T):
        return ""
    return f"{label} is transposed. Which axis comes first?"


def _few_digits(
    label: str, found: np.ndarray, expected: np.ndarray, look: Mapping[str, str]
) -> str:
    if not near(found, expected, FEW_DIGITS if found.size >= ENOUGH else FEW_DIGITS / 10):
        return ""
    digits = int(-np.log10(np.max(np.abs(found - expected)) / np.max(np.abs(expected))))
    return f"{label} is right to about {digits} digits, and not beyond. {look['few digits']}"
