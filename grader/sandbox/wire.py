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

import numpy as np

HEADER = struct.Struct("<IQ")  # body length, sequence number
MAX_BODY = 64 << 20  # bytes; the largest honest value, a batch of CIFAR-10, is under 16 MB
MAX_DEPTH = 8
MAX_ITEMS = 100_000  # items of all lists, tuples and dicts in one frame
MAX_NDIM = 8

# Wire code -> dtype. Only plain numbers: no objects, strings, records or dates.
DTYPES = {code: np.dtype(name) for code, name in enumerate(
    ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"])}
_CODES = {dtype: code for code, dtype in DTYPES.items()}

_I64, _F64, _U32, _U64 = (struct.Struct("<" + code) for code in "qdIQ")


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


_NUMBERED = {b"H": Handle, b"C": Callback, b"R": Rng}


def encode(value: object) -> bytes:
    """Bytes of one value; an unknown type becomes `Opaque`, so that the other side can say what it was."""
    parts: list[bytes] = []
    _encode(value, parts, 0)
    return b"".join(parts)


def _encode(value: object, parts: list[bytes], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise WireError(f"value is nested deeper than {MAX_DEPTH} levels")
    kind = type(value)
    if value is None:
        parts.append(b"N")
    elif kind is bool:
        parts.append(b"T" if value else b"F")
    elif kind is int and -(1 << 63) <= value < 1 << 63:
        parts.append(b"i" + _I64.pack(value))
    elif kind is float:
        parts.append(b"d" + _F64.pack(value))
    elif kind is str:
        text = value.encode("utf-8", "replace")
        parts += (b"s", _U32.pack(len(text)), text)
    elif kind is bytes:
        parts += (b"b", _U32.pack(len(value)), value)
    elif kind is tuple or kind is list:
        parts.append((b"t" if kind is tuple else b"l") + _U32.pack(len(value)))
        for item in value:
            _encode(item, parts, depth + 1)
    elif kind is dict and all(type(key) is str for key in value):
        parts.append(b"m" + _U32.pack(len(value)))
        for key, item in value.items():
            _encode(key, parts, depth + 1)
            _encode(item, parts, depth + 1)
    elif isinstance(value, np.ndarray) and value.dtype.newbyteorder("=") in _CODES:
        _encode_array(b"A", value, parts)
    elif isinstance(value, np.generic) and value.dtype in _CODES:
        _encode_array(b"G", np.asarray(value), parts)
    elif kind in (Handle, Callback, Rng):
        tag = next(tag for tag, cls in _NUMBERED.items() if cls is kind)
        parts.append(tag + _U64.pack(value.id if kind is not Rng else value.seed))
    else:
        name = value.type_name if kind is Opaque else _type_name(value)
        text = name.encode("utf-8", "replace")[:80]
        parts += (b"o", _U32.pack(len(text)), text)


def _encode_array(tag: bytes, value: np.ndarray, parts: list[bytes]) -> None:
    native = np.asarray(value, dtype=value.dtype.newbyteorder("="))
    if native.nbytes > MAX_BODY or native.ndim > MAX_NDIM or max(native.shape, default=0) >= 1 << 32:
        raise WireError(f"array of shape {native.shape} is too large to send")
    parts.append(tag + bytes((_CODES[native.dtype], native.ndim)) + struct.pack(f"<{native.ndim}I", *native.shape))
    parts.append(native.tobytes())  # C order, whatever the strides


def _type_name(value: object) -> str:
    if isinstance(value, (np.ndarray, np.generic)):
        return f"{type(value).__name__} of {value.dtype}"
    return type(value).__name__


def decode(body: bytes) -> object:
    """The one value that these bytes hold; arrays come out writable and in C order."""
    reader = _Reader(body)
    value = reader.value(0)
    if reader.position != len(body):
        raise WireError("bytes are left over behind the value")
    return value


class _Reader:
    """A cursor over a body that never reads past its end."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.position = 0
        self.items = 0

    def take(self, count: int) -> bytes:
        end = self.position + count
        if end > len(self.body):
            raise WireError("the frame ends in the middle of a value")
        piece = self.body[self.position:end]
        self.position = end
        return piece

    def value(self, depth: int) -> object:
        if depth > MAX_DEPTH:
            raise WireError(f"value is nested deeper than {MAX_DEPTH} levels")
        tag = bytes(self.take(1))
        read = self._READERS.get(tag)
        if read is None:
            raise WireError(f"unknown tag {tag!r}")
        return read(self, depth)

    def count(self) -> int:
        count = _U32.unpack(self.take(4))[0]
        self.items += count
        if self.items > MAX_ITEMS:
            raise WireError(f"more than {MAX_ITEMS} items in one frame")
        return count

    def text(self, depth: int = 0) -> str:
        try:
            return bytes(self.take(_U32.unpack(self.take(4))[0])).decode("utf-8")
        except UnicodeDecodeError:
            raise WireError("text is not UTF-8") from None

    def mapping(self, depth: int) -> dict:
        result = {}
        for _ in range(self.count()):
            key = self.value(depth + 1)
            if type(key) is not str:
                raise WireError("a key is not text")
            result[key] = self.value(depth + 1)
        return result

    def array(self) -> np.ndarray:
        code, ndim = self.take(2)
        if code not in DTYPES or ndim > MAX_NDIM:
            raise WireError("unknown dtype, or too many dimensions")
        shape = struct.unpack(f"<{ndim}I", self.take(4 * ndim))
        dtype = DTYPES[code]
        nbytes = math.prod(shape) * dtype.itemsize  # Python integers: a huge shape cannot wrap around
        data = self.take(nbytes)
        try:
            array = np.frombuffer(data, dtype=dtype).reshape(shape).copy()
        except ValueError:  # a zero-size shape whose other dimensions overflow
            raise WireError(f"impossible shape {shape}") from None
        return array if dtype.kind != "b" else array.view(np.uint8) != 0  # bytes other than 0 and 1 are not booleans

    _READERS: dict[bytes, Callable[[_Reader, int], object]] = {
        b"N": lambda self, depth: None,
        b"T": lambda self, depth: True,
        b"F": lambda self, depth: False,
        b"i": lambda self, depth: _I64.unpack(self.take(8))[0],
        b"d": lambda self, depth: _F64.unpack(self.take(8))[0],
        b"s": text,
        b"b": lambda self, depth: bytes(self.take(_U32.unpack(self.take(4))[0])),
        b"t": lambda self, depth: tuple(self.value(depth + 1) for _ in range(self.count())),
        b"l": lambda self, depth: [self.value(depth + 1) for _ in range(self.count())],
        b"m": mapping,
        b"A": lambda self, depth: self.array(),
        b"G": lambda self, depth: self.scalar(),
        b"H": lambda self, depth: Handle(_U64.unpack(self.take(8))[0]),
        b"C": lambda self, depth: Callback(_U64.unpack(self.take(8))[0]),
        b"R": lambda self, depth: Rng(_U64.unpack(self.take(8))[0]),
        b"o": lambda self, depth: Opaque(self.text()),
    }

    def scalar(self) -> np.generic:
        array = self.array()
        if array.ndim:
            raise WireError("a scalar with dimensions")
        return array[()]
