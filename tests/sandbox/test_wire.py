"""The wire: what goes in comes out, and hostile bytes give a value or a WireError, in bounded
memory.
"""

import tracemalloc
from collections import namedtuple
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.sandbox.inside import wire

deterministic = settings(deadline=None, derandomize=True, max_examples=150, database=None)
hostile = settings(deadline=None, derandomize=True, max_examples=500, database=None)

arrays = hnp.arrays(
    dtype=st.sampled_from(list(wire.DTYPES.values())),
    shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(),
    st.binary(max_size=30),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    arrays,
    arrays.map(lambda array: array.dtype.type(0)),
    st.integers(0, 1 << 63).map(wire.Handle),
    st.integers(0, 1 << 63).map(wire.Callback),
    st.integers(0, 1 << 63).map(wire.Rng),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner, max_size=4
        ),
    ),
    max_leaves=12,
)


def reader(data: bytes, piece: int = 1 << 30):
    """A `read` for read_frame that hands out these bytes in pieces, and then fails like a closed
    socket.
    """
    rest = memoryview(bytes(data))

    def read(count: int) -> bytes:
        nonlocal rest
        if not rest:
            raise EOFError
        taken, rest = rest[: min(count, piece)], rest[min(count, piece) :]
        return bytes(taken)

    return read


def decoded(body: bytes) -> object:
    return wire.read_frame(reader(wire.HEADER.pack(len(body), 7) + body))[1]


def crossed(value: object) -> object:
    sequence, result = wire.read_frame(reader(wire.frame(7, value)))
    assert sequence == 7
    return result


def same(a: object, b: object) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, (np.ndarray, np.generic)):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return a == b or a != a


@deterministic
@given(values)
def test_a_value_comes_out_as_it_went_in(value):
    assert same(crossed(value), value)


@deterministic
@given(values, st.integers(1, 20))
def test_the_size_of_the_pieces_does_not_matter(value, piece):
    frame = wire.frame(3, value)
    assert same(wire.read_frame(reader(frame, piece))[1], value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::-2],
        np.arange(5, dtype=">i4"),
        np.broadcast_to(1.5, (3, 2)),
        np.ma.masked_array([1.0, 2.0], [True, False]),
        np.asfortranarray(np.eye(3)),
    ],
    ids=["transposed", "strided", "big-endian", "stride 0", "masked", "Fortran"],
)
def test_any_layout_arrives_as_a_plain_writable_array(array):
    result = crossed(array)
    assert (
        type(result) is np.ndarray
        and result.flags.writeable
        and result.flags.c_contiguous
        and result.flags.owndata
    )
    np.testing.assert_array_equal(result, np.asarray(array))


def test_subclasses_of_containers_arrive_as_plain_containers():
    result = crossed(namedtuple("Result", "loss dW")(1.0, 2.0))
    assert type(result) is tuple and result == (1.0, 2.0)


@pytest.mark.parametrize(
    "value, name",
    [
        ({1, 2}, "set"),
        (object(), "object"),
        (1 << 64, "int beyond 64 bits"),
        ({1: 2}, "dict with keys that are not text"),
        (np.array(["a"]), "ndarray of <U1"),
        (np.array([None]), "ndarray of object"),
        (np.datetime64("2020"), "datetime64 of datetime64[Y]"),
        ({np.float64(1): 1}, "dict with keys that are not text"),
        (type("X" * 500, (), {})(), "X" * wire.MAX_TYPE_NAME),
    ],
)
def test_what_cannot_cross_is_named(value, name):
    assert crossed(value) == wire.Opaque(name)


def test_a_name_cannot_carry_control_characters():
    assert crossed(wire.Opaque("a\x1b[31m\nb")) == wire.Opaque("a[31mb")


def nested(depth: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        nested(wire.MAX_DEPTH + 1),
        np.broadcast_to(0.0, (1 << 20, 1 << 10)),
        np.empty((1 << 33, 0)),
        np.empty((0,) * (wire.MAX_NDIM + 1)),
        [b"x" * (wire.MAX_BODY // 2)] * 3,
    ],
    ids=["deep", "giant array", "giant dimension", "many dimensions", "giant in all"],
)
def test_too_much_is_refused_by_the_sender(value):
    with pytest.raises(wire.WireError):
        wire.frame(1, value)


def test_as_deep_as_allowed_crosses():
    assert crossed(nested(wire.MAX_DEPTH)) == nested(wire.MAX_DEPTH)


def packed(tag: bytes, count: int) -> bytes:
    return tag + count.to_bytes(4, "little")


def array_header(code: int, *shape: int) -> bytes:
    return b"A" + bytes((code, len(shape))) + b"".join(size.to_bytes(4, "little") for size in shape)


F8 = 11


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"NN",
        b"i123",
        packed(b"s", 1 << 31),
        packed(b"s", 2) + b"\xff\xfe",
        packed(b"l", 1 << 31),
        packed(b"t", 5) + b"N",
        packed(b"m", 1) + b"NN",
        packed(b"l", 1) * 5_000 + b"N",
        packed(b"l", wire.MAX_ITEMS + 1) + b"N" * (wire.MAX_ITEMS + 1),
        array_header(F8, 1 << 31, 1 << 31),
        array_header(F8, *[(1 << 32) - 1] * 8),
        array_header(F8, *[(1 << 32) - 1] * 7, 0),
        array_header(99, 1),
        array_header(F8, *[1] * 20),
        array_header(F8, 3) + bytes(23),
        b"A",
        b"A\x0b",
        b"G" + array_header(F8, 1)[1:] + bytes(8),
    ],
    ids=lambda body: repr(body[:12]),
)
def test_hostile_bodies_are_refused(body):
    with pytest.raises(wire.WireError):
        decoded(body)


def test_an_empty_array_with_a_large_dimension_is_only_an_odd_shape():
    assert decoded(array_header(F8, (1 << 32) - 1, 0)).shape == ((1 << 32) - 1, 0)


def test_booleans_are_0_or_1_whatever_the_bytes():
    assert decoded(array_header(0, 3) + bytes((0, 1, 255))).view(np.uint8).tolist() == [0, 1, 1]


@hostile
@given(st.binary(max_size=300))
def test_random_bytes_give_a_value_or_a_wire_error(body):
    with suppress(wire.WireError):
        decoded(body)


@hostile
@given(values, st.data())
def test_damaged_frames_give_a_value_or_a_wire_error(value, data):
    body = bytearray(wire.frame(1, value)[wire.HEADER.size :])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    with suppress(wire.WireError):
        decoded(bytes(body[:cut]))


def test_an_announced_size_is_not_allocated():
    """A header and a body that promise much, and hold little, cost little memory."""
    tracemalloc.start()
    try:
        for body in (
            packed(b"s", 1 << 31),
            packed(b"l", wire.MAX_ITEMS),
            array_header(F8, 1 << 31, 1 << 20),
        ):
            with pytest.raises(wire.WireError):
                decoded(body)
        with pytest.raises(EOFError):
            wire.read_frame(reader(wire.HEADER.pack(wire.MAX_BODY, 1) + b"N"))
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_body_beyond_the_cap_is_refused_by_its_header():
    with pytest.raises(wire.WireError, match="more than"):
        wire.read_frame(reader(wire.HEADER.pack(wire.MAX_BODY + 1, 1)))


def test_bytes_behind_a_frame_are_refused():
    with pytest.raises(wire.WireError, match="nobody asked for"):
        wire.read_frame(reader(wire.frame(1, None) + wire.frame(2, None)))
