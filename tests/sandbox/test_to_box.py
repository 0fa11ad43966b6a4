"""What the grader sends: a box gets what was sent, and nothing of it twice."""

import numpy as np
import pytest
from hypothesis import given

from grader.sandbox.inside import to_box, wire
from tests.sandbox.test_wire import LAYOUTS, LIKE, deterministic, native, reader, same, values


def crossed(value: object) -> object:
    sequence, result = to_box.read(reader(to_box.frame(7, value)))
    assert sequence == 7
    return result


@deterministic
@given(values)
def test_a_value_comes_out_as_it_went_in(value):
    assert same(crossed(value), value)


@pytest.mark.parametrize("value", [to_box.Callback(1), to_box.Rng(1 << 62)], ids=repr)
def test_what_only_the_grader_sends_comes_out_as_it_went_in(value):
    assert crossed((value, {"a": value})) == (value, {"a": value})


@pytest.mark.parametrize("values", LIKE.values(), ids=LIKE)
def test_like_values_in_a_list_come_out_as_they_went_in(values):
    assert same(crossed((values, "behind")), (native(values), "behind"))


@pytest.mark.parametrize("array", LAYOUTS.values(), ids=LAYOUTS)
def test_any_layout_arrives_as_a_plain_writable_array(array):
    result = crossed(array)
    flags = result.flags
    assert type(result) is np.ndarray
    assert flags.writeable and flags.c_contiguous and flags.owndata
    np.testing.assert_array_equal(result, np.asarray(array))


@pytest.mark.parametrize("kind", [np.longlong, np.ulonglong, np.intc, np.half, np.longdouble])
def test_a_number_arrives_whatever_its_type_is_called(kind):
    assert crossed(kind(3)) == 3


def test_what_is_sent_twice_arrives_as_two():
    shared = {"x": [np.zeros(2)]}
    first, second = crossed([shared, shared])
    first["x"][0][:] = 1
    first["x"].append(2)
    assert second["x"][0].tolist() == [0, 0] and len(second["x"]) == 1


def test_of_what_cannot_be_sent_the_name_of_the_type_is():
    odd = [..., {1}, {1: 2}, np.array(["a"]), object()]
    assert crossed(odd) == [
        wire.Opaque("ellipsis"),
        wire.Opaque("set"),
        wire.Opaque("dict with keys that are not text"),
        wire.Opaque("ndarray of <U1"),
        wire.Opaque("object"),
    ]


def test_a_tuple_that_looks_like_the_form_of_an_array_is_none():
    assert crossed((..., 0, 11, (1,), bytes(8))) == (
        wire.Opaque("ellipsis"),
        0,
        11,
        (1,),
        bytes(8),
    )


def test_a_frame_that_is_too_large_is_not_sent(monkeypatch):
    monkeypatch.setattr(wire, "MAX_BODY", 1_000)
    to_box.frame(1, np.zeros(100))
    with pytest.raises(wire.WireError, match="more than 1000"):
        to_box.frame(1, np.zeros(125))


def test_the_grader_never_reads_such_a_frame():
    with pytest.raises(wire.WireError):
        wire.read_frame(reader(to_box.frame(1, (True, [(1, ("load", {}))]))))
