"""Advice on an exception about shapes names a cause only where the sizes of the call prove it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cs231n_utils.advice.calls import on_exception

W, X, S = np.ones((4, 3)), np.ones((6, 4)), np.ones((6, 3))  # (D, C), (N, D) and (N, C)
y = np.array([0, 2, 1, 2, 0, 1])
LOSS = {"W": W, "X": X, "y": y, "reg": 0.1}
x = np.ones((6, 4))
BATCHNORM = {"x": x, "gamma": np.ones(4), "beta": np.ones(4), "bn_param": {}}


def told(act: Callable[[], object], arguments: dict[str, object]) -> str:
    """The advice on the exception that `act` raises."""
    with pytest.raises((ValueError, IndexError, TypeError)) as caught:
        act()
    return on_exception(caught.type.__name__, str(caught.value), arguments)


PROVEN = [
    ("ten classes", lambda: S - np.eye(10)[y], "the 10 is no size of this call"),
    ("a gradient of ten columns", lambda: np.zeros((4, 10)).__iadd__(W), "written into the code"),
    ("pixels of CIFAR", lambda: X.dot(np.ones((3073, 10))), "the 3073 is no size of this call"),
    ("pixels in a product", lambda: X @ np.ones((3073, 10)), "the 3073 is no size of this call"),
    ("a reshape to ten", lambda: np.zeros(6).reshape(6, 10), "the 10 is no size of this call"),
    ("a row for a column", lambda: S - np.ones(6), "keepdims=True keeps the axis"),
    ("X for X.T", lambda: X.dot(S), "(D, N) times (N, C) gives (D, C), the shape of W. So transp"),
    ("X for X.T behind @", lambda: X @ S, "X.T fits in its place"),
    ("W.T with X", lambda: W.T @ X, "X.T fits in its place"),
    ("X.T with W", lambda: X.T @ W, "X fits in its place"),
    ("W before X", lambda: W.dot(X), "gives (N, C), the scores. So exchange the two."),
    ("W.T for W", lambda: X.dot(W.T), "the scores. So transpose the right one."),
    ("scores before X", lambda: S.dot(X), "exchange the two and transpose the one that is now l"),
    ("W.T before X", lambda: W.T.dot(X), "exchange the two and transpose the one that is now r"),
    ("X.T with scores.T", lambda: X.T.dot(S.T), "the shape of W. So transpose the right one."),
    ("the other axis", lambda: np.ones(6).__isub__(S.sum(axis=0)), "leaves one number a class"),
    ("a transposed mask", lambda: S - S.T, "(6, 3) and (3, 6) are transposes of each other"),
    ("scores into dW", lambda: np.zeros((4, 3)).__iadd__(S), "(6, 3) is (N, C), the shape of the"),
    ("a row of W for a column", lambda: W[0].__iadd__(X[0]), "a column has D numbers, and a row C"),
    ("a row set to a column", lambda: W.__setitem__(0, X[0]), "a column has D numbers, and a row"),
    ("a mask of classes", lambda: S[np.ones(3) > 0], "N = 6 places, one for each example"),
    ("pairs of classes", lambda: S[np.arange(3), y], "a place for each of the C = 3 classes"),
    (
        "one class too many",
        lambda: S[:, 3],
        "Axis 1 has C = 3 here: a place for each class, from 0 to 2.",
    ),
    ("a matrix into a row", lambda: np.zeros(3).__iadd__(S), "The place has the shape (3,)"),
]


@pytest.mark.parametrize("act, words", [row[1:] for row in PROVEN], ids=[row[0] for row in PROVEN])
def test_what_the_shapes_prove_is_said_with_the_names_of_the_sizes(act, words):
    advice = told(act, LOSS)
    assert words in advice
    assert "N = 6 examples, D = 4 features and C = 3 classes." in advice


def test_a_label_where_examples_are_counted_is_asked_about():
    for labels in (np.array([0, 2]), np.array([1])):
        few = {"W": W, "X": np.ones((len(labels), 4)), "y": labels}
        advice = told(lambda y=labels: np.ones((y.size, 3))[y], few)
        assert "Labels count classes." in advice


def test_in_batch_normalization_one_number_a_row_is_no_missing_column():
    advice = told(lambda: x - x.mean(axis=1), BATCHNORM)
    assert "Over axis 0, a mean or a sum leaves one number a column, (4,)" in advice
    assert "keepdims" not in advice


@pytest.mark.parametrize(
    "act",
    [
        lambda: np.ones((3, 3)) - np.ones(4),
        lambda: np.ones((3, 3)) @ np.ones((4, 3)),
        lambda: np.ones((3, 3)).dot(np.ones((4, 3))),
        lambda: np.ones(3).__iadd__(np.ones(4)),
        lambda: np.ones((3, 3))[:, 3],
        lambda: np.ones((3, 3))[np.ones(4) > 0],
    ],
)
def test_where_sizes_are_equal_no_letter_is_claimed(act):
    square = {"W": np.ones((3, 3)), "X": np.ones((3, 3)), "y": np.array([0, 1, 2])}
    advice, *_ = told(act, square).split(" Here ")
    for words in ("N =", "C =", "X.T", "transpose", "(N, "):
        assert words not in advice


@pytest.mark.parametrize(
    "act",
    [
        lambda: np.ones(10) - np.ones(6),  # a mask may have picked ten of the 18 scores
        lambda: np.ones((5, 3)) - S,  # or five of the six rows
        lambda: np.ones((6, 2)) - S,  # there may be two different labels in a batch
    ],
)
def test_what_a_mask_may_have_picked_is_not_called_written_into_the_code(act):
    assert "written into" not in told(act, LOSS)


def test_truth_values_are_no_whole_numbers():
    advice = told(lambda: (S > 0).__isub__(1.0), LOSS)
    assert "Turn the mask into floats" in advice and "whole-number" not in advice


@pytest.mark.parametrize("digits", ["9" * 400, "1,", "-1", "٣", "9" * 9])
@pytest.mark.parametrize(
    "text",
    [
        "operands could not be broadcast together with shapes ({0},3) ({0},)",
        "shapes ({0},4) and (6,3) not aligned: 4 (dim 1) != 6 (dim 0)",
        "index {0} is out of bounds for axis 1 with size 3",
        "matmul: Input operand 1 (size {0} is different from 4)",
    ],
)
@pytest.mark.parametrize("type_name", ["ValueError", "IndexError"])
def test_an_invented_text_is_answered(type_name, text, digits):
    advice = on_exception(type_name, text.format(digits), LOSS)
    assert "9" * 10 not in advice and "٣" not in advice
    assert len(advice) < 600


def test_an_exception_that_nobody_knows_has_no_advice():
    assert on_exception("MyError", "shapes (6,3) (6,10)", LOSS) == ""
