"""The comparisons: what passes, and what the sentence says where something does not."""

import numpy as np
import pytest

from cs231n_utils.expect import (
    Mismatch,
    expect,
    expect_array,
    expect_close,
    expect_length,
    expect_number,
    expect_results,
)


def test_condition():
    expect(True, "unused")
    with pytest.raises(Mismatch, match=r"^said$"):
        expect(False, "said")


@pytest.mark.parametrize(
    "value", [2, 2.0, np.float64(2.0), np.float32(2.0), np.int64(2), np.array(2.0)]
)
def test_number_accepts_any_real_scalar(value):
    assert expect_number("loss", value) == 2.0
    assert type(expect_number("loss", value)) is float


@pytest.mark.parametrize(
    "value, found",
    [
        (None, "None"),
        (True, "truth value True"),
        (np.bool_(False), "truth value False"),
        (2j, "complex number 0"),
        (np.array([2.0]), r"array of shape \(1,\)"),
        ("2", "the text '2'"),
        ([2.0], "a list of 1 items"),
        ({}, "of type dict"),
        (np.nan, "nan; expected a finite number"),
        (np.inf, "inf; expected a finite number"),
        (10**400, "inf; expected a finite number"),
    ],
)
def test_number_refuses_everything_else(value, found):
    with pytest.raises(Mismatch, match=found):
        expect_number("loss", value)


@pytest.mark.parametrize(
    "value, found",
    [
        (None, r"dW is None; expected an array of shape \(2, 3\)"),
        (2.0, "the single number 2"),
        (10**400, "an integer of more than 15 digits"),
        ([[1.0, 2.0, 3.0]] * 2, "a list of 2 items"),
        (
            np.ones((3, 2)),
            r"shape \(3, 2\); expected \(2, 3\), the shape of W\. It looks transposed\.",
        ),
        (np.ones((1, 3)), r"shape \(1, 3\); expected \(2, 3\)"),
        (np.ones((2, 3), dtype=int), "holds int64 numbers; expected floats"),
        (np.ones((2, 3), dtype=complex), "holds complex128 numbers"),
        (np.full((2, 3), None), "holds object numbers"),
        (
            np.array([[1.0, np.nan, 0.0], [np.inf, 0.0, 0.0]]),
            r"2 entries of 6 that are not finite \(NaN\)",
        ),
        (
            np.array([[1.0, np.inf, 0.0], [np.inf, 0.0, 0.0]]),
            r"2 entries of 6 that are not finite \(infinite\)",
        ),
    ],
)
def test_array_refuses(value, found):
    with pytest.raises(Mismatch, match=found):
        expect_array("dW", value, (2, 3), "the shape of W")


def test_array_returns_what_passes():
    value = np.ones((2, 3), dtype=np.float32, order="F")
    assert expect_array("dW", value, (2, 3)) is value


def test_close_measures_by_the_largest_expected_entry():
    expected = np.array([1e6, 0.0])
    expect_close("dW", expected + 0.5, expected, rtol=1e-6)
    with pytest.raises(
        Mismatch,
        match=r"in 1 of 2 entries; the largest difference is at \[1\]: found 2, expected 0",
    ):
        expect_close("dW", np.array([1e6, 2.0]), expected, rtol=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1.00001, np.array([1.0]), None])
def test_close_number_refuses(value):
    with pytest.raises(Mismatch):
        expect_close("loss", value, 1.0)


def test_close_never_broadcasts():
    with pytest.raises(Mismatch, match="the single number"):
        expect_close("dW", 1.0, np.ones((2, 2)))


def test_close_requires_integers_where_integers_are_expected():
    expect_close("y_pred", np.array([1, 2], dtype=np.int32), np.array([1, 2]))
    with pytest.raises(Mismatch, match="float64 numbers; expected integers"):
        expect_close("y_pred", np.array([1.0, 2.0]), np.array([1, 2]))


def test_the_hint_is_told_whatever_is_wrong():
    for value in (2.0, np.nan):
        with pytest.raises(Mismatch, match="Try harder"):
            expect_close("loss", value, 1.0, hint="Try harder.")
    for array in (np.array([2.0]), np.array([np.nan])):
        with pytest.raises(Mismatch, match="Try harder"):
            expect_close("dW", array, np.array([1.0]), hint="Try harder.")


def test_length():
    assert expect_length("history", (1.0, 2.0), 2) == [1.0, 2.0]
    assert expect_length("history", np.array([1.0, 2.0]), 2) == [1.0, 2.0]
    with pytest.raises(Mismatch, match="has 1 items; expected 2"):
        expect_length("history", [1.0], 2)
    with pytest.raises(Mismatch, match="the text 'ab'; expected a list"):
        expect_length("history", "ab", 2)


def test_results():
    assert expect_results("f", [1.0, 2.0], ("loss", "dW")) == (1.0, 2.0)
    for value, found in [
        (None, "None"),
        (1.0, "one value, of type float"),
        ((1, 2, 3), "3 values"),
    ]:
        with pytest.raises(Mismatch, match=rf"f returned {found}; expected .*\(loss, dW\)"):
            expect_results("f", value, ("loss", "dW"))
