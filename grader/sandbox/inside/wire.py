"""The wire between the grader and a box: plain values in, plain values out. The only
module of the project that it imports is plain_values.py.

Both sides speak frames: a header (body length, sequence number) and a body that holds one value.
to_box.py has the bodies that the grader sends, and what follows is about those of a box. A value is
a tag byte and its payload; an array is sent as its dtype, its shape and its raw bytes. In a list,
many numbers of one type, or arrays of one shape, are sent as one array, and many tuples as a table
of columns: the list comes out as it went in. There is no pickle and nothing that names code.

The decoder reads what a hostile process may have sent. It therefore accepts exactly the types
below, checks every length against the bytes that are really there before it allocates, and bounds
depth and item count. Whatever is off raises `WireError`; it never raises anything else.

Both grader and box use this file: the box's copy may be tampered with by student code, the
grader's may not.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Hashable, Sequence
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
MANY = 12  # items of a list; fewer are sent one by one, which costs less
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
_BOOL, _I8, _F8 = (np.dtype(name) for name in ("?", "i8", "f8"))

_F64, _I64, _U32, _U64 = (struct.Struct(f"<{code}") for code in "dqIQ")
# The same with a tag byte in front, as they are written.
_TAG_F64, _TAG_I64, _TAG_U32, _TAG_U64 = (struct.Struct(f"<c{code}") for code in "dqIQ")
# An array begins with its kind, a byte for dtype and number of dimensions, and its sides.
_SIDES = [struct.Struct(f"<{ndim}I") for ndim in range(MAX_NDIM + 1)]
_HEADS = [struct.Struct(f"<cB{ndim}I") for ndim in range(MAX_NDIM + 1)]  # tag, kind, sides
_KINDS = {
    16 * code + ndim: (dtype, dtype.itemsize, _SIDES[ndim].unpack_from, 2 + _SIDES[ndim].size)
    for code, dtype in DTYPES.items()
    for ndim in range(MAX_NDIM + 1)
}


class WireError(Exception):
    """The bytes are no value of this protocol, or this protocol has no form for the value."""


@dataclass(frozen=True)
class Handle:
    """An object that stays in the box, such as a cache; the grader only hands it back."""

    id: int


@dataclass(frozen=True)
class Opaque:
    """Takes the place of a value that cannot be sent; gives the name of its type, such as "set"."""

    type_name: str


class Encoded:
    """A value as bytes, as it was when `encoded` was called, whatever has changed it since."""

    # No dataclass, whose creation takes three times as long: there is one for each reply.
    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


Key = tuple[Hashable, ...]


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


def snapshot(value: Any, depth: int = 4) -> object:
    """The value as it is now, like `encoded`, but such that like values in a list are still sent as
    one array.
    """
    kind = type(value)
    if kind in _UNCHANGING:
        return value
    if kind is np.ndarray and value.dtype in _CODES and value.nbytes <= MAX_BODY:
        return value.copy()
    if kind is tuple and depth < MAX_DEPTH:
        return tuple([snapshot(item, depth + 1) for item in value])
    found = plain(value)
    if type(found) is np.ndarray and found.dtype in _CODES and found.nbytes <= MAX_BODY:
        return found.copy()
    return encoded(found, depth)


def key(args: tuple[object, ...]) -> Key:
    """A key that is the same for arguments that are sent as the same values of the same types.

    args : values from the wire, or a snapshot
    """
    found: list[Any] = []
    for value in args:
        if type(value) is np.ndarray:
            found += (value.dtype, value.shape, value.tobytes())
        elif type(value) in _FLOATS:
            # Its text tells 0.0 from -0.0, and a nan is a nan.
            found += (type(value).__name__, repr(value))
        else:  # a long int or an odd text is another value when it arrives
            found.append(encoded(value, 0).data)
    return tuple(found)


def read_frame(read: Callable[[int], bytes]) -> tuple[int, object]:
    """The sequence number and the value of the next frame; `read(n)` returns from 1 to n bytes."""
    sequence, data = read_body(read)
    value, position = _decode(data, HEADER.size)
    if position != len(data):
        raise WireError("bytes are left over behind the value")
    return sequence, value


def read_body(read: Callable[[int], bytes]) -> tuple[int, bytes]:
    """The sequence number of the next frame, and all of its bytes.

    The two sides take turns, so bytes behind the frame answer no request, and are an error.
    """
    data = read(_PIECE)
    while len(data) < HEADER.size:
        data += read(_PIECE)
    length, sequence = HEADER.unpack_from(data)
    if length > MAX_BODY:
        raise WireError(f"{length} bytes, more than {MAX_BODY}")
    end = HEADER.size + length
    if len(data) < end:
        grown = bytearray(data)
        while len(grown) < end:  # memory grows with the bytes that arrive, not with those announced
            grown += read(min(end - len(grown), 1 << 20))
        data = bytes(grown)
        del grown  # which is as large
    if len(data) > end:
        raise WireError("bytes that nobody asked for")
    return sequence, data


# --- values to bytes ------------------------------------------------------------------------------


def _encode(value: object, parts: list[bytes], depth: int) -> None:
    """Append the bytes of one value. A value of an unknown type is sent as `Opaque`, so that the
    other side can name the type.
    """
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


def _encode_tuple(value: tuple[Any, ...], parts: list[bytes], depth: int) -> None:
    _encode_items(b"t", value, parts, depth)


def _encode_list(value: list[Any], parts: list[bytes], depth: int) -> None:
    if len(value) >= MANY and len(set(map(type, value))) == 1:
        form = _LIST_FORMS.get(type(value[0]))
        if form is not None and form(value, parts, depth):
            return
    _encode_items(b"l", value, parts, depth)


def _encode_items(tag: bytes, value: Sequence[Any], parts: list[bytes], depth: int) -> None:
    if value:
        _require_depth(depth)
    parts.append(_TAG_U32.pack(tag, len(value)))
    depth += 1
    for item in value:
        _ENCODERS.get(type(item), _encode_other)(item, parts, depth)


def _encode_packed(value: list[Any], parts: list[bytes], depth: int) -> bool:
    """Append a list of floats, or of ints, as one array."""
    code, letter = (_CODES[_F8], "d") if type(value[0]) is float else (_CODES[_I8], "q")
    try:
        numbers = struct.pack(f"<{len(value)}{letter}", *value)
    except struct.error:  # an int beyond 64 bits
        return False
    _require_depth(depth)
    parts += (_HEADS[1].pack(b"P", 16 * code + 1, len(value)), numbers)
    return True


def _encode_stack(value: list[Any], parts: list[bytes], depth: int) -> bool:
    """Append a list of arrays of one dtype and shape, or of NumPy's scalars, as one array."""
    dtype, shape = value[0].dtype, value[0].shape
    has_rows = bool(shape) or not isinstance(value[0], np.ndarray)  # one dimension means scalars
    code = _CODES.get(dtype)
    if (
        code is None
        or not has_rows
        or len(shape) >= MAX_NDIM
        or len(value) * value[0].nbytes > MAX_BODY
        or max(shape, default=0) >= 1 << 32
        or any(each.dtype != dtype or each.shape != shape for each in value)
    ):
        return False
    _require_depth(depth)
    ndim = len(shape) + 1
    parts.append(_HEADS[ndim].pack(b"S", 16 * code + ndim, len(value), *shape))
    parts += [each.tobytes() for each in value]
    return True


def _encode_table(value: list[Any], parts: list[bytes], depth: int) -> bool:
    """Append a list of tuples of one length as a list of their first items, one of their second
    items, and so on.
    """
    if not value[0] or len(set(map(len, value))) > 1:
        return False
    _require_depth(depth)
    parts.append(_TAG_U32.pack(b"Z", len(value[0])))
    for column in zip(*value, strict=True):
        _encode_list(list(column), parts, depth + 1)
    return True


def _require_depth(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise WireError(_TOO_DEEP)


def _encode_dict(value: dict[Any, Any], parts: list[bytes], depth: int) -> None:
    if not _TEXT_ONLY.issuperset(map(type, value)):
        _encode_opaque(Opaque("dict with keys that are not text"), parts, depth)
        return
    if value:
        _require_depth(depth)
    parts.append(_TAG_U32.pack(b"m", len(value)))
    depth += 1
    for key, item in value.items():
        _encode_text(key, parts, depth)
        _ENCODERS.get(type(item), _encode_other)(item, parts, depth)


def _encode_array(value: np.ndarray, parts: list[bytes], depth: int) -> None:
    _append_array(b"A", value, parts)


def _encode_scalar(value: np.generic, parts: list[bytes], depth: int) -> None:
    _append_array(b"G", value, parts)


def _append_array(tag: bytes, value: np.ndarray | np.generic, parts: list[bytes]) -> None:
    code = _CODES.get(value.dtype)
    if code is None:
        value = plain(value)
        code = _CODES.get(value.dtype)
        if code is None:
            _encode_opaque(Opaque(f"{type(value).__name__} of {value.dtype}"), parts, 0)
            return
    shape, size = value.shape, value.nbytes
    if size > MAX_BODY or len(shape) > MAX_NDIM or (not size and max(shape) >= 1 << 32):
        raise WireError(f"array of shape {shape} is too large to send")
    ndim = len(shape)
    parts.append(_HEADS[ndim].pack(tag, 16 * code + ndim, *shape))
    parts.append(value.tobytes())  # C order, whatever the strides


def _encode_opaque(value: Opaque, parts: list[bytes], depth: int) -> None:
    _encode_text(value.type_name[:MAX_TYPE_NAME], parts, depth, b"o")


def _encode_other(value: object, parts: list[bytes], depth: int) -> None:
    """Append a value of a derived class, or of a type that has a plain equivalent."""
    found = plain(value)
    if isinstance(found, np.generic):
        _encode_scalar(found, parts, depth)
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
    tuple: _encode_tuple,
    list: _encode_list,
    dict: _encode_dict,
    np.ndarray: _encode_array,
    **{dtype.type: _encode_scalar for dtype in DTYPES.values()},
    Handle: lambda value, parts, depth: parts.append(_TAG_U64.pack(b"H", value.id)),
    Opaque: _encode_opaque,
    Encoded: lambda value, parts, depth: parts.append(value.data),
}


_UNCHANGING = frozenset((type(None), bool, int, float, str, np.float64, Handle))
_FLOATS = frozenset((float, np.float64))
_TEXT_ONLY = frozenset((str,))
_LIST_FORMS: dict[type, Callable[[list[Any], list[bytes], int], bool]] = {
    float: _encode_packed,
    int: _encode_packed,
    tuple: _encode_table,
    np.ndarray: _encode_stack,
    **{dtype.type: _encode_stack for dtype in DTYPES.values()},
}
_TOO_DEEP = f"value is nested deeper than {MAX_DEPTH} levels"


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
    _PACKED,
    _STACK,
    _TABLE,
    _DICT,
    _ARRAY,
    _SCALAR,
    _HANDLE,
    _OPAQUE,
) = b"NTFidsbtlPSZmAGHo"
_TOO_MANY = f"more than {MAX_ITEMS} items in one frame"
_NO_LIST = "a list of no known form"
_CUT = "the frame ends in the middle of a value"


def _decode(data: bytes, start: int) -> tuple[object, int]:
    """The value that begins at `start`, and the index of its end. Never reads past `data`.

    It uses closures over one position, and few calls for each value, because thousands of values
    are decoded for each submission; those that are rare have a function of their own. The rows of a
    stack or a table are counted as items, since they need no bytes.
    """
    at, end, items = start, len(data), 0

    def count(number: int, depth: int) -> None:
        """Refuse so many items of a container at this depth."""
        nonlocal items
        items += number
        if items > MAX_ITEMS:
            raise WireError(_TOO_MANY)
        if depth >= MAX_DEPTH and number:
            raise WireError(_TOO_DEEP)

    def octets() -> bytes:
        nonlocal at
        begin = at + 5
        at = begin + u32(data, at + 1)[0]
        if at > end:
            raise WireError(_CUT)
        return data[begin:at]

    def block() -> np.ndarray:
        """The array at this place, in the memory of `data`."""
        nonlocal at
        dtype, itemsize, sides, head = _KINDS[data[at + 1]]
        shape = sides(data, at + 2)
        # `math.prod` gives a Python integer, which cannot wrap around.
        begin, size = at + head, math.prod(shape) * itemsize
        at = begin + size
        if at > end:
            raise WireError(_CUT)
        try:
            found = np.ndarray(shape, dtype, data, begin) if size else np.empty(shape, dtype)
        except ValueError:  # a zero-size shape whose other dimensions overflow
            raise WireError(f"impossible shape {shape}") from None
        # As booleans, bytes other than 0 and 1 would be undefined, so they become True.
        return found.view(np.uint8).astype(bool) if dtype is _BOOL else found

    def value(depth: int) -> Any:
        nonlocal at, items
        tag = data[at]
        if tag in _SEQUENCES:
            number = u32(data, at + 1)[0]
            at += 5
            items += number
            if items > MAX_ITEMS:
                raise WireError(_TOO_MANY)
            if depth >= MAX_DEPTH and number:
                raise WireError(_TOO_DEEP)
            depth += 1
            found = [value(depth) for _ in range(number)]
            return tuple(found) if tag == _TUPLE else found
        if tag == _TEXT:
            begin = at + 5
            at = begin + u32(data, at + 1)[0]
            if at > end:
                raise WireError(_CUT)
            return data[begin:at].decode()
        if tag == _ARRAY:
            return block().copy()  # writable, in C order, with memory of its own
        if tag == _NONE:
            at += 1
            return None
        if tag == _FLOAT:
            at += 9
            return f64(data, at - 8)[0]
        if tag == _INT:
            at += 9
            return i64(data, at - 8)[0]
        if tag == _DICT:
            number = u32(data, at + 1)[0]
            at += 5
            count(number, depth)
            result = {}
            for _ in range(number):
                if data[at] != _TEXT:
                    raise WireError("a key is not text")
                key = octets().decode()
                result[key] = value(depth + 1)
            return result
        return rare(tag, depth)

    def rare(tag: int, depth: int) -> Any:
        nonlocal at
        if tag == _SCALAR:
            number = block()
            if number.ndim:
                raise WireError("a scalar with dimensions")
            return number[()]
        if tag in (_TRUE, _FALSE):
            at += 1
            return tag == _TRUE
        if tag == _HANDLE:
            at += 9
            return Handle(_U64.unpack_from(data, at - 8)[0])
        if tag in (_PACKED, _STACK):
            rows = block()
            if rows.ndim == 0 or (tag == _PACKED and (rows.ndim, rows.dtype) not in _PACKABLE):
                raise WireError(_NO_LIST)
            count(len(rows), depth)
            if tag == _PACKED:
                return rows.tolist()
            return list(rows) if rows.ndim == 1 else [row.copy() for row in rows]
        if tag == _TABLE:
            number = u32(data, at + 1)[0]
            at += 5
            count(number, depth)
            columns = [value(depth + 1) for _ in range(number)]
            if not columns or not all(type(column) is list for column in columns):
                raise WireError(_NO_LIST)
            count(len(columns[0]), depth)
            try:
                return list(zip(*columns, strict=True))
            except ValueError:
                raise WireError("columns of different lengths") from None
        if tag == _BYTES:
            return octets()
        if tag == _OPAQUE:
            name = octets().decode()[:MAX_TYPE_NAME]
            return Opaque("".join(letter for letter in name if letter.isprintable()))
        raise WireError("a value of unknown type")

    f64, i64, u32 = _F64.unpack_from, _I64.unpack_from, _U32.unpack_from
    try:
        return value(0), at
    except (IndexError, struct.error):
        raise WireError(_CUT) from None
    except KeyError:
        raise WireError("unknown dtype, or too many dimensions") from None
    except UnicodeDecodeError:
        raise WireError("text is not UTF-8") from None
    finally:
        data = b""  # the closures know each other, and would keep it until a collection


_SEQUENCES = frozenset((_TUPLE, _LIST))
_PACKABLE = ((1, _F8), (1, _I8))  # numbers of dimensions, dtypes
