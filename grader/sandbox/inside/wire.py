"""The wire between the grader and a box: plain values in, plain values out. The only
module of the project that it imports is plain_values.py.

Both sides speak frames: a header (body length, sequence number) and a body that holds one value. A
value is a tag byte and its payload; an array is sent as its dtype, its shape and its raw bytes.
There is no pickle and nothing that names code.

The decoder reads what a hostile process may have sent. It therefore accepts exactly the types
below, checks every length against the bytes that are really there before it allocates, and bounds
depth and item count. Whatever is off raises `WireError`; it never raises anything else.

Both grader and box use this file: the box's copy may be tampered with by student code, the
grader's may not.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

if __package__:
    from cs231n_utils.plain_values import plain
else:  # in the sandbox, where it lies beside this file, and cs231n_utils is the student's
    from plain_values import plain  # type: ignore[no-redef]

HEADER = struct.Struct("<IQ")  # body length, sequence number
MAX_BODY = 64 << 20  # bytes; the largest honest value, a batch of CIFAR-10, is under 16 MB
MAX_DEPTH = 12
MAX_ITEMS = 100_000  # items of all lists, tuples and dicts in one frame
MAX_NDIM = 8
MAX_TYPE_NAME = 80  # characters
_PIECE = 1 << 16  # bytes; most frames arrive in one piece of this size

# Wire code -> dtype. These are plain numbers only: no objects, strings, records or dates.
DTYPES = {
    code: np.dtype(name)
    for code, name in enumerate(
        ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
    )
}
_CODES = {dtype: code for code, dtype in DTYPES.items()}

_F64, _I64, _U32, _U64 = (struct.Struct(f"<{code}") for code in "dqIQ")
# The same with a tag byte in front, as they are written.
_TAG_F64, _TAG_I64, _TAG_U32, _TAG_U64 = (struct.Struct(f"<c{code}") for code in "dqIQ")
# For each number of dimensions: wire code, number of dimensions, shape.
_ARRAY_HEADS = [struct.Struct(f"<BB{ndim}I") for ndim in range(MAX_NDIM + 1)]


class WireError(Exception):
    """The bytes are no value of this protocol, or this protocol has no form for the value."""


@dataclass(frozen=True)
class Handle:
    """An object that stays in the box, such as a cache; the grader only hands it back."""

    id: int


@dataclass(frozen=True)
class Callback:
    """A function that stays in the grader; calling it in the box sends the arguments across."""

    id: int


@dataclass(frozen=True)
class Rng:
    """A numpy Generator that the box makes from this seed."""

    seed: int


@dataclass(frozen=True)
class Opaque:
    """Takes the place of a value that cannot be sent; gives the name of its type, such as "set"."""

    type_name: str


@dataclass(frozen=True)
class Encoded:
    """A value as bytes, as it was when `encoded` was called, whatever has changed it since."""

    data: bytes


# --- frames ---------------------------------------------------------------------------------------


def frame(sequence: int, value: object) -> bytes:
    """Header and body of one value, ready to be written."""
    parts = [b""]
    _encode(value, parts, 0)
    size = sum(map(len, parts))
    if size > MAX_BODY:
        raise WireError(f"{size} bytes, more than {MAX_BODY}")
    parts[0] = HEADER.pack(size, sequence)
    return b"".join(parts)


def encoded(value: object, depth: int = 4) -> Encoded:
    """The value as it is now, to be sent later inside `depth` nested lists or tuples."""
    parts: list[bytes] = []
    _encode(value, parts, depth)
    return Encoded(b"".join(parts))


def read_frame(read: Callable[[int], bytes]) -> tuple[int, object]:
    """The sequence number and the value of the next frame; `read(n)` returns from 1 to n bytes.

    The two sides take turns, so bytes behind the frame answer no request, and are an error.
    """
    data = bytearray()
    while len(data) < HEADER.size:
        data += read(_PIECE)
    length, sequence = HEADER.unpack_from(data)
    if length > MAX_BODY:
        raise WireError(f"{length} bytes, more than {MAX_BODY}")
    end = HEADER.size + length
    while len(data) < end:  # memory grows with the bytes that arrive, not with those announced
        data += read(min(end - len(data), 1 << 20))
    if len(data) > end:
        raise WireError("bytes that nobody asked for")
    value, position = _decode(data, HEADER.size)
    if position != end:
        raise WireError("bytes are left over behind the value")
    return sequence, value


# --- values to bytes ------------------------------------------------------------------------------


def _encode(value: object, parts: list[bytes], depth: int) -> None:
    """Append the bytes of one value. A value of an unknown type is sent as `Opaque`, so that the
    other side can name the type.
    """
    if depth > MAX_DEPTH:
        raise WireError(f"value is nested deeper than {MAX_DEPTH} levels")
    _ENCODERS.get(type(value), _encode_other)(value, parts, depth)


def _encode_int(value: int, parts: list[bytes], depth: int) -> None:
    if -(1 << 63) <= value < 1 << 63:
        parts.append(_TAG_I64.pack(b"i", value))
    else:
        _encode_opaque(Opaque("int beyond 64 bits"), parts, depth)


def _encode_text(value: str, parts: list[bytes], depth: int, tag: bytes = b"s") -> None:
    text = value.encode("utf-8", "replace")
    parts.append(_TAG_U32.pack(tag, len(text)))
    parts.append(text)


def _encode_sequence(value: tuple[Any, ...] | list[Any], parts: list[bytes], depth: int) -> None:
    parts.append(_TAG_U32.pack(b"t" if type(value) is tuple else b"l", len(value)))
    for item in value:
        _encode(item, parts, depth + 1)


def _encode_dict(value: dict[Any, Any], parts: list[bytes], depth: int) -> None:
    if not all(type(key) is str for key in value):
        _encode_opaque(Opaque("dict with keys that are not text"), parts, depth)
        return
    parts.append(_TAG_U32.pack(b"m", len(value)))
    for key, item in value.items():
        _encode_text(key, parts, depth + 1)
        _encode(item, parts, depth + 1)


def _encode_array(value: np.ndarray | np.generic, parts: list[bytes], depth: int) -> None:
    """Append an array or a scalar of NumPy's own types."""
    code = _CODES.get(value.dtype)
    if code is None:
        value = plain(value)
        code = _CODES.get(value.dtype)
    if code is None:
        _encode_opaque(Opaque(f"{type(value).__name__} of {value.dtype}"), parts, depth)
        return
    shape = value.shape
    if value.nbytes > MAX_BODY or len(shape) > MAX_NDIM or (shape and max(shape) >= 1 << 32):
        raise WireError(f"array of shape {shape} is too large to send")
    parts.append(b"A" if isinstance(value, np.ndarray) else b"G")
    parts.append(_ARRAY_HEADS[len(shape)].pack(code, len(shape), *shape))
    parts.append(value.tobytes())  # C order, whatever the strides


def _encode_opaque(value: Opaque, parts: list[bytes], depth: int) -> None:
    _encode_text(value.type_name[:MAX_TYPE_NAME], parts, depth, b"o")


def _encode_other(value: object, parts: list[bytes], depth: int) -> None:
    """Append a value of a derived class, or of a type that has a plain equivalent."""
    found = plain(value)
    if isinstance(found, np.generic):
        _encode_array(found, parts, depth)
    else:
        _ENCODERS.get(type(found), _encode_unknown)(found, parts, depth)


def _encode_unknown(value: object, parts: list[bytes], depth: int) -> None:
    _encode_opaque(Opaque(type(value).__name__), parts, depth)


_ENCODERS: dict[type, Callable[..., Any]] = {
    type(None): lambda value, parts, depth: parts.append(b"N"),
    bool: lambda value, parts, depth: parts.append(b"T" if value else b"F"),
    int: _encode_int,
    float: lambda value, parts, depth: parts.append(_TAG_F64.pack(b"d", value)),
    str: _encode_text,
    bytes: lambda value, parts, depth: parts.append(_TAG_U32.pack(b"b", len(value)) + value),
    tuple: _encode_sequence,
    list: _encode_sequence,
    dict: _encode_dict,
    np.ndarray: _encode_array,
    **{dtype.type: _encode_array for dtype in DTYPES.values()},
    Handle: lambda value, parts, depth: parts.append(_TAG_U64.pack(b"H", value.id)),
    Callback: lambda value, parts, depth: parts.append(_TAG_U64.pack(b"C", value.id)),
    Rng: lambda value, parts, depth: parts.append(_TAG_U64.pack(b"R", value.seed)),
    Opaque: _encode_opaque,
    Encoded: lambda value, parts, depth: parts.append(value.data),
}


# --- bytes to values ------------------------------------------------------------------------------

(
    _NONE,
    _TRUE,
    _FALSE,
    _INT,
    _FLOAT,
    _TEXT,
    _BYTES,
    _TUPLE,
    _LIST,
    _DICT,
    _ARRAY,
    _SCALAR,
    _HANDLE,
    _CALLBACK,
    _RNG,
    _OPAQUE,
) = b"NTFidsbtlmAGHCRo"
_CUT = "the frame ends in the middle of a value"


def _decode(data: bytearray, start: int) -> tuple[object, int]:
    """The value that begins at `start`, and the index of its end. Never reads past `data`.

    It uses closures over one position, and no call for a number, because thousands of values are
    decoded for each submission.
    """
    at, end, items = start, len(data), 0

    def octets() -> bytearray:
        nonlocal at
        begin = at + 4
        at = begin + _U32.unpack_from(data, at)[0]
        if at > end:
            raise WireError(_CUT)
        return data[begin:at]

    def array() -> np.ndarray:
        """The array at this place: writable, in C order, with memory of its own."""
        nonlocal at
        code, ndim = data[at], data[at + 1]
        if code not in DTYPES or ndim > MAX_NDIM:
            raise WireError("unknown dtype, or too many dimensions")
        _, _, *shape = _ARRAY_HEADS[ndim].unpack_from(data, at)
        # `math.prod` gives a Python integer, which cannot wrap around.
        begin, size, dtype = at + 2 + 4 * ndim, math.prod(shape), DTYPES[code]
        at = begin + size * dtype.itemsize
        if at > end:
            raise WireError(_CUT)
        try:
            found = np.ndarray(shape, dtype, data, begin).copy() if size else np.empty(shape, dtype)
        except ValueError:  # a zero-size shape whose other dimensions overflow
            raise WireError(f"impossible shape {shape}") from None
        # As booleans, bytes other than 0 and 1 would be undefined, so they become True.
        return found if code else found.view(np.uint8).astype(bool)

    def container(tag: int, depth: int) -> tuple[Any, ...] | list[Any] | dict[str, Any]:
        nonlocal at, items
        count = _U32.unpack_from(data, at)[0]
        at += 4
        if count and depth >= MAX_DEPTH:
            raise WireError(f"value is nested deeper than {MAX_DEPTH} levels")
        items += count
        if items > MAX_ITEMS:
            raise WireError(f"more than {MAX_ITEMS} items in one frame")
        depth += 1
        if tag == _TUPLE:
            return tuple([value(depth) for _ in range(count)])
        if tag == _LIST:
            return [value(depth) for _ in range(count)]
        result = {}
        for _ in range(count):
            key = value(depth)
            if type(key) is not str:
                raise WireError("a key is not text")
            result[key] = value(depth)
        return result

    def value(depth: int) -> Any:
        nonlocal at
        tag = data[at]
        at += 1
        if tag == _ARRAY:
            return array()
        if tag in (_TUPLE, _LIST, _DICT):
            return container(tag, depth)
        if tag == _TEXT:
            return octets().decode("utf-8")
        if tag == _NONE:
            return None
        if tag in (_TRUE, _FALSE):
            return tag == _TRUE
        if tag == _SCALAR:
            number = array()
            if number.ndim:
                raise WireError("a scalar with dimensions")
            return number[()]
        if tag == _BYTES:
            return bytes(octets())
        if tag == _OPAQUE:
            name = octets().decode("utf-8")[:MAX_TYPE_NAME]
            return Opaque("".join(letter for letter in name if letter.isprintable()))
        at += 8
        if tag == _FLOAT:
            return _F64.unpack_from(data, at - 8)[0]
        if tag == _INT:
            return _I64.unpack_from(data, at - 8)[0]
        kind = _NUMBERED.get(tag)
        if kind is None:
            raise WireError("a value of unknown type")
        return kind(_U64.unpack_from(data, at - 8)[0])

    try:
        return value(0), at
    except (IndexError, struct.error):
        raise WireError(_CUT) from None
    except UnicodeDecodeError:
        raise WireError("text is not UTF-8") from None


_NUMBERED = {_HANDLE: Handle, _CALLBACK: Callback, _RNG: Rng}
