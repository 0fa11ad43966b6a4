"""What a value is worth: the plain number, array or container that stands for a result, however it
is typed.

Visible checks and grading use this one conversion, so that both judge the same. It imports nothing
of ours, and of NumPy and Python's own types it calls the methods of the type itself, never those
that a derived class may have put in their place.
"""

from __future__ import annotations

import array
import sys
from typing import Any

import numpy as np

_PLAIN = frozenset((float, int, bool, str, tuple, list, type(None), np.float64))
_PLAIN_DTYPES = frozenset(map(np.dtype, (np.float64, np.float32, np.int64, np.bool_)))
_WIDE = {
    np.dtype(np.longdouble): np.dtype(np.float64),
    np.dtype(np.clongdouble): np.dtype(np.complex128),
}


def plain(value: Any) -> Any:
    """The value itself, or the plain one that it stands for; what a container holds is left as it
    is.

    Of arrays: matrices, masked and memory-mapped arrays, other derived classes, memory views and
    arrays of Python's `array` become an ndarray; wider floats than 64 bits become float64, complex
    numbers complex128, other byte orders this machine's. Of numbers, containers and texts, derived
    classes become float, int, tuple, list, dict and str; Fraction and Decimal a float.
    """
    # Nearly all are.
    if type(value) in _PLAIN or (type(value) is np.ndarray and value.dtype in _PLAIN_DTYPES):
        return value
    for kind, convert in _CONVERSIONS:
        # An object may claim to be of any class, but not of any type.
        if issubclass(type(value), kind):
            return convert(value)
    # Only where the module is loaded can there be such a value: neither is imported for this.
    for module, name in (("fractions", "Fraction"), ("decimal", "Decimal")):
        if issubclass(type(value), getattr(sys.modules.get(module), name, ())):
            return _plain_fraction(value)
    return value


def _plain_array(value: np.ndarray | np.generic) -> Any:
    found = np.asarray(value)
    dtype = _WIDE.get(found.dtype.newbyteorder("="), found.dtype.newbyteorder("="))
    if dtype != found.dtype:
        with np.errstate(over="ignore"):  # beyond the range of float64 it is infinite
            found = found.astype(dtype)
    return found if isinstance(value, np.ndarray) else found[()]


def _plain_buffer(value: Any) -> Any:
    try:
        return _plain_array(np.asarray(memoryview(value)))
    except ValueError:  # of no numbers, or released
        return value


def _plain_fraction(value: Any) -> Any:
    try:
        return float(value)
    except (OverflowError, ValueError):  # too large, or no number
        return value


def _plain_text(value: str) -> str:
    return str.__getitem__(value, slice(None))


# The first that fits: np.float64 is a float, and np.str_ a str.
_CONVERSIONS: tuple[tuple[Any, Any], ...] = (
    (str, _plain_text),
    ((np.ndarray, np.generic), _plain_array),
    (bool, lambda value: value),
    (float, float.__pos__),
    (int, int.__pos__),
    (tuple, lambda value: tuple(tuple.__iter__(value))),
    (list, lambda value: list(list.__iter__(value))),
    (
        dict,
        lambda value: {
            _plain_text(key) if isinstance(key, str) else key: item
            for key, item in dict.items(value)
        },
    ),
    ((memoryview, array.array), _plain_buffer),
)
