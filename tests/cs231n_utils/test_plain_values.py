"""What a value is worth: the same in the kit, and on the other side of the wire."""

import array
import collections
import decimal
import enum
import fractions
import warnings

import numpy as np
import pytest

from cs231n_utils import expect
from cs231n_utils.plain_values import plain
from tests.sandbox.test_wire import crossed, same


class Colour(enum.IntEnum):
    RED = 3


def derived(base: type) -> type:
    """A class whose own methods raise, whichever is called."""

    def refuse(*args: object, **kwargs: object) -> object:
        raise TypeError("not asked")

    names = (
        "__float__",
        "__int__",
        "__index__",
        "__pos__",
        "__iter__",
        "__len__",
        "__getitem__",
        "__array__",
        "items",
        "__str__",
        "astype",
        "view",
        "__eq__",
        "__hash__",
    )
    return type(
        "Derived",
        (base,),
        {name: refuse for name in names if hasattr(base, name) or name == "__array__"},
    )


X = np.array([[1.0, -2.0, 3.0]])
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # NumPy warns of matrices since 2018
    MATRIX = np.asmatrix(X)
VALUES = {
    "longdouble": (np.longdouble(1.5), np.float64(1.5)),
    "wide array": (X.astype(np.longdouble), X),
    "0-d": (np.array(1.5, np.longdouble), np.array(1.5)),
    "wide complex": (np.clongdouble(1j), np.complex128(1j)),
    "matrix": (MATRIX, X),
    "masked": (np.ma.masked_array(X, X > 2), X),
    "recarray": (X.view(np.recarray), X),
    "big-endian": (X.astype(">f8"), X),
    "float32": (X.astype("f4"), X.astype("f4")),
    "float16": (np.float16(2), np.float16(2)),
    "memory view": (memoryview(X), X),
    "array of Python": (array.array("d", [1, 2]), np.array([1.0, 2.0])),
    "fraction": (fractions.Fraction(1, 2), 0.5),
    "decimal": (decimal.Decimal("0.25"), 0.25),
    "enum": (Colour.RED, 3),
    "derived array": (X.view(derived(np.ndarray)), X),
    "derived float": (derived(float)(2.5), 2.5),
    "derived int": (derived(int)(7), 7),
    "derived text": (derived(str)("ab"), "ab"),
    "text of NumPy": (np.str_("ab"), "ab"),
    "derived tuple": (derived(tuple)((1, 2)), (1, 2)),
    "derived list": (derived(list)([1, 2]), [1, 2]),
    "derived dict": (derived(dict)({"a": 1}), {"a": 1}),
    "named": (collections.namedtuple("Two", "a b")(1, 2.0), (1, 2.0)),
    "ordered": (collections.OrderedDict(a=1, b=2), {"a": 1, "b": 2}),
    "plain": ([1, (2.0, None), {"a": True}], [1, (2.0, None), {"a": True}]),
}


@pytest.mark.parametrize("value, worth", VALUES.values(), ids=VALUES)
def test_it_crosses_the_wire_by_its_value(value, worth):
    assert same(crossed([value]), [worth])


@pytest.mark.parametrize("value, worth", VALUES.values(), ids=VALUES)
def test_the_kit_takes_it_by_the_same_value(value, worth):
    assert same(plain(value), worth)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {1},
        range(3),
        b"ab",
        object(),
        decimal.Decimal("sNaN"),
        np.array([None]),
        fractions.Fraction(10**400),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_no_plain_value_stands_for_is_left_as_it_is(value):
    assert plain(value) is value


def test_a_number_beyond_float64_is_infinite():
    assert plain(np.longdouble("1e4000")) == np.inf


def test_an_object_that_claims_another_class_is_not_taken_for_it():
    class Liar:
        __class__ = float  # type: ignore[assignment]

    liar = Liar()
    assert plain(liar) is liar and crossed(liar).type_name == "Liar"


@pytest.mark.parametrize(
    "value",
    [MATRIX, X.astype(np.longdouble), memoryview(X), X.view(derived(np.ndarray))],
    ids=["matrix", "longdouble", "memory view", "derived"],
)
def test_comparisons_take_what_the_value_is_worth_and_tell_a_mistake_in_a_sentence(value):
    expect.expect_close("dW", value, X)
    with pytest.raises(expect.Mismatch, match=r"^dW is wrong in 3 of 3 entries"):
        expect.expect_close("dW", value, X + 1)
