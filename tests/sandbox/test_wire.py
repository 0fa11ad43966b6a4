"""The wire: what goes in comes out, and hostile bytes give a value or a WireError, in bounded
memory.
"""

import math
import struct
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


LAYOUTS = {
    "transposed": np.arange(12.0).reshape(3, 4).T,
    "strided": np.arange(12.0)[::-2],
    "big-endian": np.arange(5, dtype=">i4"),
    "stride 0": np.broadcast_to(1.5, (3, 2)),
    "masked": np.ma.masked_array([1.0, 2.0], [True, False]),
    "Fortran": np.asfortranarray(np.eye(3)),
}


@pytest.mark.parametrize("array", LAYOUTS.values(), ids=LAYOUTS)
def test_any_layout_arrives_as_a_plain_writable_array(array):
    result = crossed(array)
    assert (
        type(result) is np.ndarray
        and result.flags.writeable
        and result.flags.c_contiguous
        and result.flags.owndata
    )
    np.testing.assert_array_equal(result, np.asarray(array))


# Lists of like values, which are sent as one array or as columns.
LIKE = {
    "floats": [0.5, -0.0, math.nan, math.inf, 2.0],
    "ints": [1, -(1 << 63), (1 << 63) - 1, 0, 5],
    "ints beyond 64 bits": [1, 2, 3, 4, 1 << 62],
    "truth values": [True, False, True, True],
    "texts": ["a", "", "ä", "a"],
    "ints and truth values": [1, 2, True, 4],
    "floats and scalars": [1.0, np.float64(2.0), 3.0, 4.0],
    "scalars": [np.float64(value) for value in range(5)],
    "truth scalars": [np.bool_(True), np.bool_(False)] * 2,
    "scalars of different types": [np.float64(1), np.float32(1), np.float64(1), np.float32(1)],
    "arrays": [np.full((2, 3), value, "f4") for value in range(5)],
    "arrays of booleans": [np.array([True, False])] * 4,
    "arrays of different shapes": [np.ones(size) for size in (1, 2, 2, 2)],
    "arrays of different dtypes": [np.ones(2, dtype) for dtype in ("f8", "f8", "i8", "f8")],
    "arrays without dimensions": [np.array(1.5)] * 4,
    "arrays without bytes": [np.empty((0, 3))] * 4,
    "arrays of most dimensions": [np.ones((1,) * wire.MAX_NDIM)] * 4,
    "transposed arrays": [np.arange(6.0).reshape(2, 3).T] * 4,
    "big-endian arrays": [np.arange(3, dtype=">f8")] * 4,
    "pairs": [(k, np.ones(2)) for k in range(5)],
    "pairs of pairs": [((k, 0.5), [k] * wire.MANY) for k in range(5)],
    "tuples of different lengths": [(1,), (1, 2), (1,), (1,)],
    "empty tuples": [(), (), (), ()],
    "lists": [[1.0] * wire.MANY] * 4,
    "dicts": [{"a": 1}, {"b": 2}, {}, {"a": 1}],
}


def native(value):
    """The value with arrays as they arrive."""
    if isinstance(value, np.ndarray):
        return np.ascontiguousarray(value, value.dtype.newbyteorder("=")).reshape(value.shape)
    return type(value)(map(native, value)) if isinstance(value, (tuple, list)) else value


@pytest.mark.parametrize("values", LIKE.values(), ids=LIKE)
def test_like_values_in_a_list_come_out_as_they_went_in(values):
    values = values * wire.MANY
    assert same(crossed(values), native(values))
    assert same(crossed((values, "behind")), (native(values), "behind"))


@deterministic
@given(st.lists(arrays | st.floats() | st.integers(0, 9), min_size=1, max_size=3), st.data())
def test_rows_of_one_layout_come_out_as_they_went_in(row, data):
    rows = [tuple(row) for _ in range(data.draw(st.integers(1, 20)))]
    assert same(crossed([(rows, row), rows]), [(rows, row), rows])


def test_arrays_that_came_as_one_share_no_memory():
    x = np.arange(6.0).reshape(2, 3)
    for found in (crossed([x] * wire.MANY), [each for each, _ in crossed([(x, 1)] * wire.MANY)]):
        for array in found:
            assert array.flags.writeable and array.flags.c_contiguous and array.flags.owndata
            np.testing.assert_array_equal(array, x)
            array[:] = -1


def test_like_values_are_as_deep_as_others():
    for inner in ([1.0] * wire.MANY, [np.ones(2)] * wire.MANY, [()] * wire.MANY):
        with pytest.raises(wire.WireError, match="deeper"):
            wire.frame(1, wrapped(inner, wire.MAX_DEPTH))
        assert same(crossed(wrapped(inner, wire.MAX_DEPTH - 1)), wrapped(inner, wire.MAX_DEPTH - 1))
    with pytest.raises(wire.WireError, match="deeper"):
        wire.frame(1, wrapped([(1,)] * wire.MANY, wire.MAX_DEPTH - 1))


def wrapped(value: object, depth: int) -> object:
    for _ in range(depth):
        value = (value,)
    return value


def test_a_snapshot_is_what_would_have_been_sent():
    inner = [1.0, np.ones(2)]
    matrix = np.ones((2, 2))
    value = (matrix, inner, {"a": inner}, "text", 1, None, {1, 2}, np.float32(1), matrix.T > 0)
    expected = crossed(value)
    taken = wire.snapshot(value)
    matrix[:] = 5
    inner.append(2.0)
    assert same(crossed(taken), expected)


def test_a_snapshot_of_what_cannot_be_sent_is_refused():
    for value in (np.broadcast_to(0.0, (1 << 20, 1 << 10)), wrapped([[]], wire.MAX_DEPTH)):
        with pytest.raises(wire.WireError):
            wire.snapshot((value,))


@deterministic
@given(st.lists(values, max_size=3).map(tuple), st.lists(values, max_size=3).map(tuple))
def test_both_sides_have_the_same_keys(a, b):
    """A point is the same for the box, which has taken a snapshot, and for the grader."""
    odd = [(1 << 80,), (10**5_000,), ("\ud800",)]  # which arrive as something else
    for args in (a, b, (*a, 0.5), (0.0,), (-0.0,), (0,), (np.zeros(1),), (math.nan,), *odd):
        assert wire.key(wire.snapshot(args)) == wire.key(crossed(args))
    assert (wire.key(a) == wire.key(b)) == same(a, b)


def test_a_frame_that_arrives_in_pieces_takes_the_memory_of_its_bytes():
    data = wire.frame(1, bytes(100_000))
    starts = iter(range(0, len(data), 2))
    tracemalloc.start()
    try:
        wire.read_frame(lambda count: data[(start := next(starts)) : start + 2])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * len(data)


def test_points_that_differ_have_different_keys():
    points = [
        *(0, 0.0, -0.0, False, None, "", "0", b"", (), [], {}, np.float64(0), np.float32(0)),
        *(np.zeros(shape, dtype) for shape in [(), (1,), (1, 1), (2,)] for dtype in ("f4", "i4")),
        -np.zeros(1, "f4"),
    ]
    assert len({wire.key((point,)) for point in points}) == len(points)


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


def array(tag: bytes, code: int, *shape: int) -> bytes:
    """An array without its memory."""
    return tag + bytes((16 * code + len(shape),)) + struct.pack(f"<{len(shape)}I", *shape)


I1, F4, F8 = 1, 10, 11
LARGEST = (1 << 32) - 1
PAIR = array(b"P", F8, 2) + bytes(16)
HOSTILE_BODIES = {
    "nothing": b"",
    "an unknown tag": b"x",
    "a callback, which only the grader sends": b"C" + bytes(8),
    "a generator, which only the grader sends": b"R" + bytes(8),
    "a value too many": b"NN",
    "half an int": b"i123",
    "a text that is too long": packed(b"s", 1 << 31),
    "a text beside UTF-8": packed(b"s", 2) + b"\xff\xfe",
    "bytes that are too long": packed(b"b", 5) + bytes(4),
    "too many items": packed(b"l", 1 << 31),
    "more items than a frame has": packed(b"l", wire.MAX_ITEMS + 1) + b"N" * (wire.MAX_ITEMS + 1),
    "fewer items than announced": packed(b"t", 5) + b"N",
    "a key that is none": packed(b"m", 1) + b"NN",
    "a dict without a value": packed(b"m", 1) + packed(b"s", 0),
    "nested too deep": packed(b"l", 1) * 5_000 + b"N",
    "a huge array": array(b"A", F8, 1 << 31, 1 << 31),
    "a huge array of many dimensions": array(b"A", F8, *[LARGEST] * 8),
    "a huge empty array": array(b"A", F8, *[LARGEST] * 7, 0),
    "an unknown dtype": array(b"A", 14, 1) + bytes(8),
    "too many dimensions": array(b"A", F8, *[1] * 9) + bytes(8),
    "an array that is too long": array(b"A", F8, 3) + bytes(23),
    "an array without a kind": b"A",
    "an array without sides": array(b"A", F8, 1)[:2],
    "a scalar with dimensions": array(b"G", F8, 1) + bytes(8),
    "a packed list without dimensions": array(b"P", F8) + bytes(8),
    "a packed list of two dimensions": array(b"P", F8, 1, 1) + bytes(8),
    "a packed list of float32": array(b"P", F4, 2) + bytes(8),
    "a packed list that is too long": array(b"P", F8, 3) + bytes(23),
    "more packed items than a frame has": (
        array(b"P", F8, wire.MAX_ITEMS + 1) + bytes(8 * wire.MAX_ITEMS + 8)
    ),
    "a stack without dimensions": array(b"S", F8) + bytes(8),
    "a stack that is too long": array(b"S", F8, 2, 3) + bytes(47),
    "a stack of many rows without bytes": array(b"S", F8, LARGEST, 0),
    "stacks of many rows in all": packed(b"l", 2) + array(b"S", F8, 60_000, 0) * 2,
    "a table without columns": packed(b"Z", 0),
    "a table with a column that is none": packed(b"Z", 1) + b"N",
    "a table with a column that is a tuple": packed(b"Z", 1) + packed(b"t", 1) + b"N",
    "a table with a column less": packed(b"Z", 2) + PAIR,
    "a table with more columns than a frame has items": packed(b"Z", LARGEST) + PAIR,
    "columns of different lengths": packed(b"Z", 2) + PAIR + packed(b"l", 1) + b"N",
    "tables of many rows in all": (
        packed(b"l", 2) + (packed(b"Z", 1) + array(b"S", I1, 40_000, 0)) * 2
    ),
    "tables nested too deep": packed(b"Z", 1) * 5_000 + PAIR,
    "a packed list too deep": packed(b"t", 1) * wire.MAX_DEPTH + PAIR,
    "a table too deep": packed(b"t", 1) * (wire.MAX_DEPTH - 1) + packed(b"Z", 1) + PAIR,
}


@pytest.mark.parametrize("hostile_body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES)
def test_hostile_bodies_are_refused(hostile_body):
    with pytest.raises(wire.WireError):
        decoded(hostile_body)


def test_an_empty_array_with_a_large_dimension_is_only_an_odd_shape():
    assert decoded(array(b"A", F8, LARGEST, 0)).shape == (LARGEST, 0)


@pytest.mark.parametrize("tag", [b"A", b"S"])
def test_booleans_are_0_or_1_whatever_the_bytes(tag):
    found = decoded(array(tag, 0, 3) + bytes((0, 1, 255)))
    assert np.array(found).view(np.uint8).tolist() == [0, 1, 1]


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
        for name, hostile_body in HOSTILE_BODIES.items():
            if len(hostile_body) < 1000:
                with pytest.raises(wire.WireError):
                    decoded(hostile_body)
                assert tracemalloc.get_traced_memory()[1] < 16 << 20, name
        with pytest.raises(EOFError):
            wire.read_frame(reader(wire.HEADER.pack(wire.MAX_BODY, 1) + b"N"))
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_body_beyond_the_cap_is_refused_by_its_header():
    with pytest.raises(wire.WireError, match="more than"):
        wire.read_frame(reader(wire.HEADER.pack(wire.MAX_BODY + 1, 1)))


def test_bytes_behind_a_frame_are_refused():
    with pytest.raises(wire.WireError, match="nobody asked for"):
        wire.read_frame(reader(wire.frame(1, None) + wire.frame(2, None)))
