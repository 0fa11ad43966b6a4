"""Frames as a hostile box may send them: valid ones that were damaged, and ones as large as the
caps let through.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

import numpy as np

from grader.sandbox.inside import wire

SEQUENCE = 7  # what a box reads in the request that it answers
_FLAT = b"A" + bytes((16 * 11 + 1,))  # an array of float64, of one dimension
WORDS = (
    0,
    1,
    2,
    7,
    255,
    256,
    wire.MAX_ITEMS,
    wire.MAX_ITEMS + 1,
    wire.MAX_BODY,
    wire.MAX_BODY + 1,
    1 << 31,
    (1 << 32) - 1,
)
TAGS = b"NTFidsbtlPSZmAGHo"


def valid_bodies() -> list[bytes]:
    """What honest boxes send, in all types that there are."""
    rng = np.random.default_rng(0)
    W = rng.normal(size=(5, 3))
    arrays = [np.zeros((2, 3), dtype) for dtype in wire.DTYPES.values()]
    replies: list[object] = [
        ("ok", (1.5, W), None, 0),
        ("ok", (np.float64(1.5), wire.Handle(0)), ((W, W, [1, 2], 0.1), {"reg": 0.1}), 12),
        ("ok", [1.0, 2, True, None, "text", b"bytes", -1.5, [[[()]]]], None, 1 << 40),
        ("ok", {"a": W, "b": {"c": []}}, None, 3),
        ("ok", tuple(arrays), None, 0),
        ("ok", [array.dtype.type(1) for array in arrays], None, 0),
        ("ok", (np.zeros((0, 3)), wire.Opaque("set")), None, 0),
        (
            "error",
            "raised",
            "ValueError",
            ("ValueError", "Exception", "BaseException", "object"),
            "shapes (3,2) and (3,2) not aligned",
            "linear_svm.py, line 12: scores = X @ W",
        ),
        ("ok", [(k, np.full(3, k / 2), [1.0] * 12) for k in range(12)], None, 0),
        ("ok", [np.float32(k) for k in range(12)], None, 0),
        ("ok",),
        (),
    ]
    frames: list[object] = [
        *([([], reply)] for reply in replies),
        [([(0, (W,)), (0, (W, W))], replies[0])],
        [([(0, (W,))] * 12, replies[0])],
        [([], replies[0]), ([], replies[1])],
        [],
        ("callback", 0, (0, (W, W)), []),
        ("callback", 0, (0, ()), []),
        ("callback", 1, (1, (W,)), [(0, (W,))]),
        None,
    ]
    return [wire.frame(0, frame)[wire.HEADER.size :] for frame in frames]


def damaged(rng: random.Random, bodies: list[bytes]) -> bytes:
    """A frame that once was valid; its header tells the length of its body more often than not."""
    body = bytearray(rng.choice(bodies))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 4, 8))):
        rng.choice(_DAMAGES)(rng, body, bodies)
    length = (
        len(body)
        if rng.random() < 0.8
        else rng.choice((*WORDS, len(body) + 1, max(len(body) - 1, 0)))
    )
    sequence = SEQUENCE if rng.random() < 0.95 else rng.getrandbits(64)
    return wire.HEADER.pack(length, sequence) + body


def _flip(rng: random.Random, body: bytearray, bodies: list[bytes]) -> None:
    if body:
        body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)


def _set(rng: random.Random, body: bytearray, bodies: list[bytes]) -> None:
    if body:
        body[rng.randrange(len(body))] = rng.choice(
            (0, 1, 127, 128, 255, rng.choice(TAGS), rng.randrange(256))
        )


def _cut(rng: random.Random, body: bytearray, bodies: list[bytes]) -> None:
    start = rng.randrange(len(body) + 1)
    del body[start : rng.choice((len(body), start + rng.randrange(1, 9)))]


def _splice(rng: random.Random, body: bytearray, bodies: list[bytes]) -> None:
    other = rng.choice(bodies)
    start, end = sorted((rng.randrange(len(other) + 1), rng.randrange(len(other) + 1)))
    place = rng.randrange(len(body) + 1)
    body[place : place + rng.choice((0, end - start))] = other[start:end]


def _lie(rng: random.Random, body: bytearray, bodies: list[bytes]) -> None:
    place = rng.randrange(len(body) + 1)
    body[place : place + 4] = struct.pack("<I", rng.choice(WORDS))


def _nest(rng: random.Random, body: bytearray, bodies: list[bytes]) -> None:
    place = rng.randrange(len(body) + 1)
    body[place:place] = b"".join(
        rng.choice((b"l", b"t", b"Z")) + b"\1\0\0\0"
        for _ in range(rng.choice((1, 4, 7, 8, 9, 1000)))
    )


def _reshape(rng: random.Random, body: bytearray, bodies: list[bytes]) -> None:
    sides = [rng.choice((0, 1, 2, 3, *WORDS)) for _ in range(rng.randrange(10))]
    place = rng.randrange(len(body) + 1)
    body[place:place] = (
        rng.choice((b"A", b"G", b"P", b"S"))
        + bytes((16 * rng.randrange(16) + len(sides),))
        + struct.pack(f"<{len(sides)}I", *sides)
    )


def _tags(rng: random.Random, body: bytearray, bodies: list[bytes]) -> None:
    place = rng.randrange(len(body) + 1)
    body[place:place] = bytes(rng.choices(TAGS, k=rng.randrange(1, 12)))


_DAMAGES = (_flip, _set, _cut, _splice, _lie, _nest, _reshape, _tags)


def largest_frames() -> Iterator[Iterator[bytes]]:
    """As large, and as full, as the caps let through; in pieces, so that the memory it takes is the
    decoder's.
    """
    room = wire.MAX_BODY - 16
    for code, dtype in wire.DTYPES.items():
        yield _pieces(b"A" + bytes((16 * code + 1,)), room // dtype.itemsize, bytes(dtype.itemsize))
    for tag in (b"b", b"s", b"o"):
        yield _pieces(tag, room, b"x")
    yield _pieces(b"s", room, "𝄞".encode(), room // 4)  # four bytes in memory for each letter
    for item in (
        b"N",
        b"i\0\0\0\0\0\0\0\1",
        _FLAT + bytes(4),
        b"G\xd0" + bytes(16),
        b"s\x58\2\0\0" + b"x" * 600,
    ):
        yield _pieces(b"l", wire.MAX_ITEMS, item)
    yield _pieces(b"l", wire.MAX_ITEMS, b"N", wire.MAX_ITEMS - 1)
    keys = b"".join(b"s\5\0\0\0%05dN" % k for k in range(wire.MAX_ITEMS))
    yield _pieces(b"m", wire.MAX_ITEMS, keys, 1)
    for tag in (b"P", b"S"):  # lists of floats and of scalars, and arrays without bytes
        yield _pieces(tag + _FLAT[1:], wire.MAX_ITEMS, bytes(8))
    rows, width = struct.pack("<2I", wire.MAX_ITEMS, 80), bytes(8 * 80 * wire.MAX_ITEMS)
    yield _pieces(b"Z", 1, b"S\xb2" + rows[:4] + bytes(4), 1)
    yield _pieces(b"Z", 1, b"S\xb2" + rows + width, 1)


def _pieces(tag: bytes, announced: int, item: bytes, times: int | None = None) -> Iterator[bytes]:
    """A frame with a value of this many items, of which so many really come."""
    times = announced if times is None else times
    head = tag + struct.pack("<I", announced)
    yield wire.HEADER.pack(len(head) + times * len(item), SEQUENCE) + head
    each = max(1, (1 << 20) // len(item))
    for start in range(0, times, each):
        yield item * min(each, times - start)
