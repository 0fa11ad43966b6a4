"""Comparisons that fail with full sentences: subject, found, expected, next step.

Every function takes a label (the subject, such as "dW") and raises `Mismatch` when the value is not
what was promised. NaN, infinities, wrong shapes, wrong kinds of numbers and broadcasting scalars
never pass. Values are made plain before they are compared (see plain_values.py), so that a matrix
or a number of a derived type passes like the plain one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cs231n_utils.plain_values import plain

_NOT_FINITE = "Look for a log of 0, a division by 0, or an exp that overflows."


class Mismatch(AssertionError):
    """A value is not what was promised; the message is written for the student.

    subject : the label of the value, such as "dW"; "" if the message is about no single value
    wrong : boolean ndarray, True at each wrong entry of an array of the right shape and type;
        None for any other mismatch
    """

    def __init__(self, message: str, subject: str = "", wrong: np.ndarray | None = None) -> None:
        super().__init__(message)
        self.subject = subject
        self.wrong = wrong


def expect(condition: bool, message: str) -> None:
    """Raise Mismatch with the message unless the condition holds."""
    if not condition:
        raise Mismatch(message)


def expect_array(
    label: str,
    value: object,
    shape: tuple[int, ...],
    like: str = "",
    kind: str = "f",
    hint: str = "",
    finite: bool = True,
) -> np.ndarray:
    """Require an ndarray of exactly this shape whose numbers are all finite; return it.

    like : words for the expected shape, such as "the shape of W"
    kind : "f" for floats, "i" for integers
    hint : what to try where numbers are not finite
    finite : False lets infinite numbers and NaN pass
    """
    value = plain(value)
    if value is None:
        raise Mismatch(
            f"{label} is None; expected an array of shape {shape}. Is it returned at the end?",
            label,
        )
    if not isinstance(value, np.ndarray):
        raise Mismatch(f"{label} is {described(value)}; expected an array of shape {shape}.", label)
    if value.shape != shape:
        hint = " It looks transposed." if value.ndim == 2 and value.shape == shape[::-1] else ""
        of = f", {like}" if like else ""
        raise Mismatch(f"{label} has shape {value.shape}; expected {shape}{of}.{hint}", label)
    kinds = {"f": ("f", "float"), "i": ("iu", "integer")}[kind]
    if value.dtype.kind not in kinds[0]:
        raise Mismatch(f"{label} holds {value.dtype} numbers; expected {kinds[1]}s.", label)
    if finite and not (is_finite := np.isfinite(value)).all():
        bad = value.size - int(is_finite.sum())
        which = "NaN" if np.isnan(value).any() else "infinite"
        raise Mismatch(
            f"{label} has {bad} entries of {value.size} that are not finite ({which}). "
            f"{hint or _NOT_FINITE}",
            label,
        )
    return value


def expect_number(label: str, value: object, hint: str = "", finite: bool = True) -> float:
    """Require one finite real number; return it as a float.

    value : a Python or NumPy scalar, or a 0-d array
    hint : what to try where it is not finite
    finite : False lets infinity and NaN pass
    """
    value = plain(value)
    if value is None:
        raise Mismatch(f"{label} is None; expected a number. Is it returned?", label)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.integer, np.floating)
    ):
        raise Mismatch(f"{label} is {described(value)}; expected a single number.", label)
    try:
        number = float(value)
    except OverflowError:  # an integer of hundreds of digits
        number = np.inf
    if finite and not math.isfinite(number):
        raise Mismatch(
            f"{label} is {number}; expected a finite number. {hint or _NOT_FINITE}", label
        )
    return number


def expect_close(
    label: str,
    value: object,
    expected: float | np.ndarray,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    like: str = "",
    hint: str = "",
    reveal: bool = True,
) -> None:
    """Require value to have the shape of expected, and to equal it up to a tolerance.

    In every entry, |value - expected| <= atol + rtol * max|expected|. The tolerance depends on the
    largest entry, so that an entry that should be 0 need not be exactly 0. With reveal=False the
    message says how many entries are wrong and where the worst one is, but gives no numbers.
    """
    tail = f" {hint}" if hint else ""
    if not isinstance(expected, np.ndarray):
        limit = atol + rtol * _finite(label, abs(float(expected)))
        found = expect_number(label, value, hint)
        if not abs(found - float(expected)) <= limit:
            numbers = f"{found:.6g}; expected {float(expected):.6g}" if reveal else "wrong"
            raise Mismatch(f"{label} is {numbers}.{tail}", label)
        return
    limit = atol + rtol * _finite(label, float(np.abs(expected).max(initial=0.0)))
    kind = "i" if expected.dtype.kind in "iu" else "f"
    array = expect_array(label, value, expected.shape, like, kind, finite=False)
    error = np.abs(array - expected.astype(float, copy=False))
    if error.max(initial=0.0) <= limit:  # NaN and infinity do not come here
        return
    expect_array(label, array, expected.shape, like, kind, hint)
    wrong = ~(error <= limit)  # NaN counts as wrong
    ix = tuple(int(k) for k in np.unravel_index(int(np.argmax(error)), error.shape))
    numbers = f": found {array[ix]:.6g}, expected {expected[ix]:.6g}" if reveal else ""
    raise Mismatch(
        f"{label} is wrong in {int(wrong.sum())} of {wrong.size} entries; the largest difference is"
        f" at [{', '.join(map(str, ix))}]{numbers}.{tail}",
        label,
        wrong,
    )


def _finite(label: str, largest: float) -> float:
    """Return the largest expected size; refuse infinity, beside which every number is close."""
    if not math.isfinite(largest):
        raise Mismatch(
            f"{label} cannot be judged: with the numbers that the function has chosen, the right"
            " value is not finite. Are they far too large?",
            label,
        )
    return largest


def expect_length(label: str, value: object, length: int) -> list[Any]:
    """Require a list or tuple (or one-dimensional array) of this length; return it as a list."""
    value = plain(value)
    if not (
        isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim == 1)
    ):
        raise Mismatch(f"{label} is {described(value)}; expected a list of {length} items.", label)
    if len(value) != length:
        raise Mismatch(f"{label} has {len(value)} items; expected {length}.", label)
    return value.tolist() if isinstance(value, np.ndarray) else list(value)


def expect_results(label: str, value: object, names: tuple[str, ...]) -> tuple[Any, ...]:
    """Require a tuple or list with one value for each name; return the values unchanged."""
    value = plain(value)
    wanted = f"({', '.join(names)})"
    if value is None:
        raise Mismatch(
            f"{label} returned None; expected {wanted}. Does it end with a return?", label
        )
    if not isinstance(value, (list, tuple)):
        raise Mismatch(
            f"{label} returned one value, of type {_type_name(value)}; expected {wanted}.", label
        )
    if len(value) != len(names):
        raise Mismatch(
            f"{label} returned {len(value)} values; expected {len(names)}: {wanted}.", label
        )
    return tuple(value)


def described(value: object) -> str:
    """Words for a value of any kind, such as "an array of shape (3, 2) and type float64"."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    if isinstance(value, (bool, np.bool_)):
        return f"the truth value {bool(value)}"
    if isinstance(value, (complex, np.complexfloating)):
        return f"the complex number {value:.6g}"
    if isinstance(value, int) and abs(value) >= 10**15:
        return "an integer of more than 15 digits"  # formatting it as a float may overflow
    if isinstance(value, (int, float, np.number)):
        return f"the single number {value:.6g}"
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(value)} items"
    return f"of type {_type_name(value)}"


def _type_name(value: object) -> str:
    """The name of the value's type.

    A value that could not be sent over the grader's wire arrives as a stand-in that has only the
    name of its type.
    """
    return str(getattr(value, "type_name", type(value).__name__))
