"""The wire between the grader and a worker: plain values in, plain values out. Imports nothing of ours.

Both sides speak frames: a header (body length, sequence number) and a body that holds one value. A value is a tag byte and
its payload; arrays travel as raw bytes behind their dtype and shape. There is no pickle and nothing that names code.

The decoder reads what a hostile process may have sent. It therefore accepts exactly the types below, checks every length
against the bytes that are really there before it allocates, and bounds depth and item count. Whatever is off raises
`WireError`; it never raises anything else.

Both grader and worker use this file: the worker's copy may be tampered with by student code, the grader's may not.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

HEADER = struct.Struct("<IQ")  # body length, sequence number
MAX_BODY = 64 << 20  # bytes; the largest honest value, a batch of CIFAR-10, is under 16 MB
MAX_DEPTH = 8
MAX_ITEMS = 100_000  # items of all lists, tuples and dicts in one frame
MAX_NDIM = 8
MAX_TYPE_NAME = 80  # characters
_PIECE = 1 << 16  # bytes; most frames arrive in one piece of this size

# Wire code -> dtype. Only plain numbers: no objects, strings, records or dates.
DTYPES = {code: np.dtype(name) for code, name in enumerate(
    ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"])}
_CODES = {dtype: code for code, dtype in DTYPES.items()}

_I64, _F64, _U32, _U64 = (struct.Struct("<" + code) for code in "qdIQ")
_ARRAY_HEADS = [struct.Struct(f"<BB{ndim}I") for ndim in range(MAX_NDIM + 1)]  # wire code, dimensions, shape


class WireError(Exception):
    """The bytes are not a value of this protocol, or the value has no place in it."""


@dataclass(frozen=True)
class Handle:
    """An object that stays in the worker, such as a cache; the grader only hands it back."""

    id: int


@dataclass(frozen=True)
class Callback:
    """A function that stays in the grader; calling it in the worker sends the arguments across."""

    id: int


@dataclass(frozen=True)
class Rng:
    """A numpy Generator, made anew in the worker from its seed."""

    seed: int


@dataclass(frozen=True)
class Opaque:
    """Stands for a value that cannot cross, by the name of its type, such as "set"."""

    type_name: str


@dataclass(frozen=True)
class Encoded:
    """A value as bytes: how it was when `encoded` saw it, whatever has happened to it since."""

    data: bytes


# --- frames -------------------------------------------------------------------------------------------------------

def frame(sequence: int, value: object) -> bytes:
    """Header and body of one value, ready to be written."""
    parts = [b""]
    _encode(value, parts, 0)
    size = sum(map(len, parts))
    if size > MAX_BODY:
        raise WireError(f"{size} bytes, more than {MAX_BODY}")
    parts[0] = HEADER.pack(size, sequence)
    return b"".join(parts)


def encoded(value: object) -> Encoded:
    """The value as it is now, to be sent later as an item of a list or tuple."""
    parts: list[bytes] = []
    _encode(value, parts, 2)
    return Encoded(b"".join(parts))


def read_frame(read: Callable[[int], bytes]) -> tuple[int, object]:
    """Sequence number and value of the next frame; `read(n)` gives between 1 and n bytes.

    The two sides take turns, so anything behind the frame was not asked for, and is an error.
    """
    data = bytearray()
    while len(data) < HEADER.size:
        data += read(_PIECE)
    length, sequence = HEADER.unpack_from(data)
    if length > MAX_BODY:
        raise WireError(f"{length} bytes, more than {MAX_BODY}")
    end = HEADER.size + length
    while len(data) < end:  # grows with what really arrives, not with what is announced
        data += read(min(end - len(data), 1 << 20))
    if len(data) > end:
        raise WireError("bytes that nobody asked for")
    reader = _Reader(data, HEADER.size)
    value = reader.value(0)
    if reader.position != end:
        raise WireError("bytes are left over behind the value")
    return sequence, value


# --- values to bytes ----------------------------------------------------------------------------------------------

def _encode(value: object, parts: list[bytes], depth: int) -> None:
    """Append the bytes of one value; an unknown type becomes `Opaque`, so that the other side can say what it was."""
    if depth > MAX_DEPTH:
        raise WireError(f"value is nested deeper than {MAX_DEPTH} levels")
    _ENCODERS.get(type(value), _encode_other)(value, parts, depth)


def _encode_int(value: int, parts: list[bytes], depth: int) -> None:
    if -(1 << 63) <= value < 1 << 63:
        parts.append(b"i" + _I64.pack(value))
    else:
        _encode_opaque(Opaque("int beyond 64 bits"), parts, depth)


def _encode_text(value: str, parts: list[bytes], depth: int, tag: bytes = b"s") -> None:
    text = value.encode("utf-8", "replace")
    parts.append(tag + _U32.pack(len(text)) + text)


def _encode_sequence(value: tuple | list, parts: list[bytes], depth: int) -> None:
    parts.append((b"t" if isinstance(value, tuple) else b"l") + _U32.pack(len(value)))
    for item in value:
        _encode(item, parts, depth + 1)


def _encode_dict(value: dict, parts: list[bytes], depth: int) -> None:
    if not all(type(key) is str for key in value):
        return _encode_opaque(Opaque("dict with keys that are not text"), parts, depth)
    parts.append(b"m" + _U32.pack(len(value)))
    for key, item in value.items():
        _encode_text(key, parts, depth + 1)
        _encode(item, parts, depth + 1)


def _encode_array(value: np.ndarray | np.generic, parts: list[bytes], depth: int) -> None:
    array = np.asarray(value)  # a subclass travels as the array that it holds
    code = _CODES.get(array.dtype)
    if code is None:
        array = array.astype(array.dtype.newbyteorder("="))
        code = _CODES.get(array.dtype)
    if code is None:
        return _encode_opaque(Opaque(f"{type(value).__name__} of {array.dtype}"), parts, depth)
    if array.nbytes > MAX_BODY or array.ndim > MAX_NDIM or max(array.shape, default=0) >= 1 << 32:
        raise WireError(f"array of shape {array.shape} is too large to send")
    tag = b"A" if isinstance(value, np.ndarray) else b"G"
    parts.append(tag + _ARRAY_HEADS[array.ndim].pack(code, array.ndim, *array.shape))
    parts.append(array.tobytes())  # C order, whatever the strides


def _encode_opaque(value: Opaque, parts: list[bytes], depth: int) -> None:
    _encode_text(value.type_name[:MAX_TYPE_NAME], parts, depth, b"o")


def _encode_other(value: object, parts: list[bytes], depth: int) -> None:
    if isinstance(value, (np.ndarray, np.generic)):
        _encode_array(value, parts, depth)
    elif isinstance(value, (tuple, list)):  # such as a namedtuple
        _encode_sequence(value, parts, depth)
    elif isinstance(value, dict):
        _encode_dict(value, parts, depth)
    else:
        _encode_opaque(Opaque(type(value).__name__), parts, depth)


_ENCODERS: dict[type, Callable] = {
    type(None): lambda value, parts, depth: parts.append(b"N"),
    bool: lambda value, parts, depth: parts.append(b"T" if value else b"F"),
    int: _encode_int,
    float: lambda value, parts, depth: parts.append(b"d" + _F64.pack(value)),
    str: _encode_text,
    bytes: lambda value, parts, depth: parts.append(b"b" + _U32.pack(len(value)) + value),
    tuple: _encode_sequence,
    list: _encode_sequence,
    dict: _encode_dict,
    np.ndarray: _encode_array,
    Handle: lambda value, parts, depth: parts.append(b"H" + _U64.pack(value.id)),
    Callback: lambda value, parts, depth: parts.append(b"C" + _U64.pack(value.id)),
    Rng: lambda value, parts, depth: parts.append(b"R" + _U64.pack(value.seed)),
    Opaque: _encode_opaque,
    Encoded: lambda value, parts, depth: parts.append(value.data),
}


# --- bytes to values ----------------------------------------------------------------------------------------------

class _Reader:
    """A cursor over bytes that never reads past their end; arrays come out writable and in C order."""

    def __init__(self, data: bytearray, position: int) -> None:
        self.data = data
        self.position = position
        self.end = len(data)
        self.items = 0

    def value(self, depth: int) -> object:
        try:
            read = self._READERS[self.data[self.position]]
        except (IndexError, KeyError):
            raise WireError("a value is missing, or of unknown type") from None
        self.position += 1
        return read(self, depth)

    def number(self, form: struct.Struct) -> Any:
        return form.unpack_from(self.data, self.advance(form.size))[0]

    def advance(self, count: int) -> int:
        """Where the next `count` bytes begin, once it is sure that they are there."""
        start = self.position
        self.position += count
        if self.position > self.end:
            raise WireError("the frame ends in the middle of a value")
        return start

    def count(self, depth: int) -> int:
        """The number of items of a container at this depth."""
        count = self.number(_U32)
        if count and depth >= MAX_DEPTH:
            raise WireError(f"value is nested deeper than {MAX_DEPTH} levels")
        self.items += count
        if self.items > MAX_ITEMS:
            raise WireError(f"more than {MAX_ITEMS} items in one frame")
        return count

    def octets(self, depth: int = 0) -> bytes:
        count = self.number(_U32)
        start = self.advance(count)
        return bytes(self.data[start:start + count])

    def text(self, depth: int = 0) -> str:
        try:
            return self.octets().decode("utf-8")
        except UnicodeDecodeError:
            raise WireError("text is not UTF-8") from None

    def list(self, depth: int) -> list:
        return [self.value(depth + 1) for _ in range(self.count(depth))]

    def mapping(self, depth: int) -> dict:
        result = {}
        for _ in range(self.count(depth)):
            key = self.value(depth + 1)
            if type(key) is not str:
                raise WireError("a key is not text")
            result[key] = self.value(depth + 1)
        return result

    def array(self, depth: int = 0) -> np.ndarray:
        head = self.advance(2)
        code, ndim = self.data[head], self.data[head + 1]
        if code not in DTYPES or ndim > MAX_NDIM:
            raise WireError("unknown dtype, or too many dimensions")
        self.advance(4 * ndim)
        _, _, *shape = _ARRAY_HEADS[ndim].unpack_from(self.data, head)
        dtype = DTYPES[code]
        size = math.prod(shape)  # a Python integer: a huge shape cannot wrap around
        start = self.advance(size * dtype.itemsize)
        try:
            array = np.ndarray(shape, dtype, self.data, start).copy() if size else np.empty(shape, dtype)
        except ValueError:  # a zero-size shape whose other dimensions overflow
            raise WireError(f"impossible shape {shape}") from None
        return array if code else array.view(np.uint8).astype(bool)  # bytes other than 0 and 1 are not booleans

    def scalar(self, depth: int) -> Any:
        array = self.array()
        if array.ndim:
            raise WireError("a scalar with dimensions")
        return array[()]

    def opaque(self, depth: int) -> Opaque:
        return Opaque("".join(letter for letter in self.text()[:MAX_TYPE_NAME] if letter.isprintable()))

    _READERS: dict[int, Callable[[_Reader, int], object]] = {  # noqa: RUF012  (read only)
        ord("N"): lambda self, depth: None,
        ord("T"): lambda self, depth: True,
        ord("F"): lambda self, depth: False,
        ord("i"): lambda self, depth: self.number(_I64),
        ord("d"): lambda self, depth: self.number(_F64),
        ord("s"): text,
        ord("b"): octets,
        ord("t"): lambda self, depth: tuple(self.list(depth)),
        ord("l"): list,
        ord("m"): mapping,
        ord("A"): array,
        ord("G"): scalar,
        ord("H"): lambda self, depth: Handle(self.number(_U64)),
        ord("C"): lambda self, depth: Callback(self.number(_U64)),
        ord("R"): lambda self, depth: Rng(self.number(_U64)),
        ord("o"): opaque,
    }
