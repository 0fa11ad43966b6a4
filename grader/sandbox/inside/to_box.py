"""What the grader sends to a box: values of the types in wire.py, and of two more, written by
Python's marshal, which takes half the time.

Only a box reads these frames. What marshal makes of bytes that a hostile process has written is
undefined, so that nothing a box sends is read in this way.

marshal has no form for arrays, nor for classes such as Handle. In their place stands a tuple that
begins with an ellipsis, which no other tuple does, and the number of its kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# By name: between exercises, a box sees whether a name in this module was bound to something else.
from marshal import dumps, loads
from typing import Any

import numpy as np

if __package__:
    from cs231n_utils.plain_values import plain
    from grader.sandbox.inside import wire
else:  # in the sandbox, where they lie beside this file, and cs231n_utils is the student's
    import wire  # type: ignore[no-redef]
    from plain_values import plain  # type: ignore[no-redef]

# A later version sends an object once that is there twice, and the box would then have one of it:
# what student code does to it in one call would be seen in the next.
_VERSION = 2
# What marshal writes as it is.
_AS_IT_IS = frozenset((type(None), bool, int, float, str, bytes))
_ARRAY, _SCALAR, _HANDLE, _CALLBACK, _RNG, _OPAQUE = range(6)
_CODES = {dtype: code for code, dtype in wire.DTYPES.items()}


@dataclass(frozen=True)
class Callback:
    """A function that stays in the grader; calling it in the box sends the arguments across."""

    id: int


@dataclass(frozen=True)
class Rng:
    """A numpy Generator that the box makes from this seed."""

    seed: int


def frame(sequence: int, value: object) -> bytes:
    """Header and body of one value, ready to be written."""
    body = dumps(_form(value), _VERSION)
    if len(body) > wire.MAX_BODY:
        raise wire.WireError(f"{len(body)} bytes, more than {wire.MAX_BODY}")
    return wire.HEADER.pack(len(body), sequence) + body


def read(read: Callable[[int], bytes]) -> tuple[int, Any]:
    """The sequence number and the value of the next frame; `read` as for `wire.read_frame`."""
    sequence, data = wire.read_body(read)
    return sequence, _value(loads(memoryview(data)[wire.HEADER.size :]))


# --- values to what marshal writes ----------------------------------------------------------------


def _form(value: Any) -> Any:
    return value if type(value) in _AS_IT_IS else _FORMS.get(type(value), _form_of_other)(value)


def _form_of_tuple(value: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple([item if type(item) in _AS_IT_IS else _form(item) for item in value])


def _form_of_list(value: list[Any]) -> list[Any]:
    return [item if type(item) in _AS_IT_IS else _form(item) for item in value]


def _form_of_dict(value: dict[Any, Any]) -> Any:
    if not all(type(key) is str for key in value):
        return _form_of_opaque(wire.Opaque("dict with keys that are not text"))
    return {key: item if type(item) in _AS_IT_IS else _form(item) for key, item in value.items()}


def _form_of_array(value: np.ndarray) -> Any:
    code = _CODES.get(value.dtype)
    if code is None:
        return _form_of_other(value)
    # marshal takes the bytes of an array from its memory, if they lie there in C order.
    data = value if value.flags.c_contiguous else value.tobytes()
    return (..., _ARRAY, code, value.shape, data)


def _form_of_scalar(value: np.generic) -> Any:
    return (..., _SCALAR, _CODES[value.dtype], value.tobytes())


def _form_of_opaque(value: wire.Opaque) -> Any:
    return (..., _OPAQUE, value.type_name)


def _form_of_other(value: Any) -> Any:
    """The form of a value of a derived class, or of a type that has a plain equivalent; of any
    other value, the name of its type is sent.
    """
    found = plain(value)
    if type(found) in _AS_IT_IS:
        return found
    if type(found) is np.ndarray and found.dtype not in _CODES:
        return _form_of_opaque(wire.Opaque(f"ndarray of {found.dtype}"))
    if isinstance(found, np.generic) and found.dtype in _CODES:
        return _form_of_scalar(found)  # of a type with another name, as np.longlong has
    form = _FORMS.get(type(found))
    return form(found) if form else _form_of_opaque(wire.Opaque(type(found).__name__))


_FORMS: dict[type, Callable[[Any], Any]] = {
    tuple: _form_of_tuple,
    list: _form_of_list,
    dict: _form_of_dict,
    np.ndarray: _form_of_array,
    **{dtype.type: _form_of_scalar for dtype in wire.DTYPES.values()},
    wire.Handle: lambda value: (..., _HANDLE, value.id),
    Callback: lambda value: (..., _CALLBACK, value.id),
    Rng: lambda value: (..., _RNG, value.seed),
    wire.Opaque: _form_of_opaque,
}


# --- what marshal has read to values --------------------------------------------------------------


def _value(form: Any) -> Any:
    kind = type(form)
    if kind is tuple:
        if form and form[0] is ...:
            return _MAKERS[form[1]](*form[2:])
        return tuple([item if type(item) in _AS_IT_IS else _value(item) for item in form])
    if kind is list:
        return [item if type(item) in _AS_IT_IS else _value(item) for item in form]
    if kind is dict:
        return {
            key: item if type(item) in _AS_IT_IS else _value(item) for key, item in form.items()
        }
    return form


def _array(code: int, shape: tuple[int, ...], data: bytes) -> np.ndarray:
    """An array that is writable, in C order, with memory of its own."""
    found: np.ndarray = np.ndarray(shape, wire.DTYPES[code], data).copy()
    return found


def _scalar(code: int, data: bytes) -> Any:
    return np.ndarray((), wire.DTYPES[code], data)[()]


_MAKERS: tuple[Callable[..., Any], ...] = (
    _array,
    _scalar,
    wire.Handle,
    Callback,
    Rng,
    wire.Opaque,
)
