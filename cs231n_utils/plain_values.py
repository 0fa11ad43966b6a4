"""Turns a result of any type into the plain number, array or container that it stands for.

Visible checks and grading share this conversion, so that both judge the same values. This file is
also copied into the sandbox, so it imports nothing else of this package. It calls the methods of
Python's and NumPy's own types, never those by which a derived class may have replaced them.
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
    """Return the value, or the plain one that it stands for; items of a container stay as they are.

    Matrices, masked and memory-mapped arrays, other classes derived from ndarray, memory views and
    arrays of Python's `array` become ndarrays of the same shape. Floats of more than 64 bits become
    float64, wider complex numbers complex128, and other byte orders this machine's. Classes derived
    from float, int, tuple, list, dict and str become these; Fraction and Decimal become float.
    """
    # Nearly all values are plain already.
    if type(value) in _PLAIN or (type(value) is np.ndarray and value.dtype in _PLAIN_DTYPES):
        return value
    for kind, convert in _CONVERSIONS:
        # An object can set __class__ and so deceive isinstance; its type cannot lie.
        if issubclass(type(value), kind):
            return convert(value)
    # Such a value exists only where its module is loaded, so neither module is imported for this.
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
    except ValueError:  # it holds no numbers, or was released
        return value


def _plain_fraction(value: Any) -> Any:
    try:
        return float(value)
    except (OverflowError, ValueError):  # too large for a float, or not a number
        return value


def _plain_text(value: str) -> str:
    return str.__getitem__(value, slice(None))


# The first type that fits counts: np.float64 is also a float, and np.str_ also a str.
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
