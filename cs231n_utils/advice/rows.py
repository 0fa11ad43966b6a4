"""One or two sentences for each exception that beginners raise often.

A row is found by the type and the text of the exception. Both may be a student's invention: they
are only compared with patterns, and no part of them enters the advice.
"""

from __future__ import annotations

import re

# Patterns for the type and the text of the exception, whether the shapes of the arguments are
# added, and the advice. The first row that fits counts.
ROWS: list[tuple[str, str, bool, str]] = [
    # shapes
    (
        "ValueError",
        r"not aligned|matmul: Input operand",
        True,
        "A matrix product needs as many columns on the left as rows on the right.",
    ),
    (
        "ValueError",
        (
            r"broadcast together with shapes \((\d+),\d+\) \(\1,\)|together with shapes \((\d+),\)"
            r" \(\2,\d+\)"
        ),
        True,
        (
            "One number a row has to stand in a column of its own before it meets a matrix: see"
            " keepdims, or indexing with None."
        ),
    ),
    (
        "ValueError",
        r"non-broadcastable output operand",
        True,
        (
            "What is changed in place keeps its shape, and the result of this operation has a"
            " larger one."
        ),
    ),
    (
        "ValueError",
        r"boolean array indexing assignment",
        True,
        (
            "A mask on the left of = picks some entries, and the right side must have one value, or"
            " one for each of these. Is the mask missing on the right?"
        ),
    ),
    (
        "ValueError",
        r"could not be broadcast to indexing result",
        True,
        (
            "The places that are picked on the left of = and the values on the right are not"
            " equally many."
        ),
    ),
    (
        "ValueError",
        r"broadcast together with shapes \S+ \S+ \S+",
        True,
        (
            "What is changed in place has the first shape, and what is added has the second. Which"
            " axis is summed over, or which row or column is picked?"
        ),
    ),
    (
        "ValueError",
        r"could not be broadcast together",
        True,
        "Entry by entry, axes are compared from the last one backwards: they must be equal, or 1.",
    ),
    (
        "ValueError",
        r"could not broadcast input array",
        True,
        (
            "The place on the left and the value on the right of = have different shapes: is it a"
            " row of the array, or a column?"
        ),
    ),
    (
        "ValueError",
        r"setting an array element with a sequence",
        True,
        "One place of an array takes one number, and the value on the right of = has several.",
    ),
    (
        "ValueError",
        r"cannot reshape",
        True,
        "A new shape must hold exactly as many numbers as the old one.",
    ),
    (
        "ValueError",
        r"same number of dimensions|dimensions .*must match",
        True,
        "Arrays that are joined must agree in all axes but one.",
    ),
    (
        "ValueError",
        r"truth value of an array",
        False,
        (
            "An if, and, or, max() or min() of Python takes one truth value, not an array of them."
            " NumPy has operations that decide entry by entry."
        ),
    ),
    (
        "ValueError",
        r"math domain error",
        False,
        "That is the logarithm of 0, or the root of a negative number.",
    ),
    (
        "ValueError",
        r"not enough values to unpack|too many values to unpack",
        True,
        (
            "Count the names on the left of =, and what stands on the right. A shape has one number"
            " an axis."
        ),
    ),
    ("ValueError", r"read-only", False, "That array belongs to the caller. Work on a copy."),
    # indices
    (
        "IndexError",
        r"tuple index out of range",
        True,
        "A shape has one number an axis, and this array has fewer axes than that.",
    ),
    (
        "IndexError",
        r"list (assignment )?index out of range",
        False,
        "The list is shorter than that. Counting begins at 0.",
    ),
    (
        "IndexError",
        r"out of bounds",
        True,
        "What does the index count, and what is that axis for? Counting begins at 0.",
    ),
    (
        "IndexError",
        r"too many indices",
        True,
        (
            "The array has fewer axes than there are indices: was it summed over, or is it one row"
            " of a matrix?"
        ),
    ),
    (
        "IndexError",
        r"shape mismatch",
        True,
        (
            "Indices that stand together pick pairs: they must have one length, here one of each"
            " for every example."
        ),
    ),
    (
        "IndexError",
        r"boolean index did not match",
        True,
        "A mask must have the shape of the array that it picks from.",
    ),
    (
        "IndexError",
        r"arrays used as indices|only integers, slices",
        False,
        (
            "Indices are whole numbers: / gives a float even where nothing is left over, and so"
            " does np.zeros."
        ),
    ),
    (
        "IndexError",
        r"invalid index to scalar",
        False,
        "That is a single number already, and has nothing to index.",
    ),
    (
        "AxisError",
        r"",
        True,
        "Axis 0 runs down the rows and axis 1 along them; an array of one axis has axis 0 only.",
    ),
    # types
    (
        "TypeError",
        r"boolean (subtract|negative)",
        False,
        "Truth values cannot be subtracted. Turn the mask into floats first.",
    ),
    (
        "TypeError",
        r"'(tuple|list)' object cannot be interpreted as an integer",
        False,
        (
            "That function takes the sizes one by one, not as a shape: look at its help for the one"
            " that takes a shape."
        ),
    ),
    (
        "TypeError",
        r"cannot be interpreted as an integer|expected a sequence of integers",
        False,
        "A count must be a whole number: // divides without a rest, / gives a float.",
    ),
    (
        "TypeError",
        r"can be converted to Python scalars|only integer scalar arrays",
        False,
        "The functions of math take one number; those of NumPy take arrays.",
    ),
    (
        "TypeError",
        r"data type|cannot be interpreted as a data",
        False,
        "A shape is one argument: a tuple, in brackets of its own.",
    ),
    (
        "TypeError",
        r"'numpy.ndarray' object is not callable",
        False,
        "Round brackets call a function; entries of an array stand in square ones.",
    ),
    (
        "TypeError",
        r"not subscriptable",
        False,
        (
            "Square brackets come after something that has no entries: a number, or a function that"
            " is called with round ones."
        ),
    ),
    (
        "TypeError",
        r"NoneType",
        False,
        "Something is None: a function without a return, or a result that is not set yet.",
    ),
    (
        "TypeError",
        r"positional argument|takes .* argument|unexpected keyword",
        False,
        (
            "Compare the call with the line that begins with def, or with the function's help. The"
            " first line of the exercise stays as it came."
        ),
    ),
    ("TypeError", r"object is not iterable", False, "A loop over a count needs range(...)."),
    (
        "TypeError",
        r"multiply sequence|can only concatenate",
        False,
        (
            "A list, a tuple or a text is no array. A function that returns two values gives a"
            " tuple of both."
        ),
    ),
    (
        "_?UFunc.*Error",
        r"Cannot cast ufunc .* to dtype\('bool'\)",
        False,
        (
            "An array of truth values holds True and False and nothing else. Turn the mask into"
            " floats before numbers are added to it, or subtracted."
        ),
    ),
    (
        "_?UFunc.*Error",
        r"Cannot cast ufunc",
        False,
        (
            "A whole-number array cannot take floats in place. Make it of floats: zeros_like copies"
            " the type, too."
        ),
    ),
    # names
    (
        "UnboundLocalError",
        r"",
        False,
        (
            "A name that a function assigns to is its own from the first line on: set it before it"
            " is used, also where a loop does not run or an if is not met."
        ),
    ),
    ("NameError", r"'np'", False, "import numpy as np is missing at the top of the file."),
    (
        "NameError",
        r"",
        False,
        (
            "Is it spelled as where it was set (dw and dW are two names), and does the function get"
            " it as an argument? Names of a notebook do not reach into a file."
        ),
    ),
    ("AttributeError", r"module 'numpy'", False, "Look the name up: NumPy has no such function."),
    (
        "AttributeError",
        r"NoneType",
        False,
        "Something is None: a function without a return, or a result that is not set yet.",
    ),
    (
        "AttributeError",
        r"'(list|tuple|float|int)' object",
        False,
        "That is a plain Python value, not an array.",
    ),
    (
        "AttributeError",
        r"Generator' object",
        False,
        "The newer generators name things anew: standard_normal for randn, integers for randint.",
    ),
    (
        "KeyError",
        r"(eps|momentum|running_mean|running_var)",
        False,
        "That key may be missing: the docstring names its default.",
    ),
    ("KeyError", r"", False, "Compare the key with the names in the docstring."),
    # numbers
    (
        "OverflowError",
        r"",
        False,
        (
            "exp of a large number is too large for any float. Subtract the largest score first:"
            " nothing else changes."
        ),
    ),
    (
        "ZeroDivisionError|FloatingPointError",
        r"",
        False,
        "What is the divisor when there is one example, or when both values are 0?",
    ),
    ("RecursionError", r"", False, "The function calls itself without an end."),
    (
        "MemoryError",
        r"",
        False,
        (
            "Is there an array with an axis for every example and every feature and every class at"
            " once, or far larger?"
        ),
    ),
    ("AssertionError", r"", False, "That is an assert of your own."),
]


def find(type_name: str, text: str) -> tuple[str, bool] | None:
    """The advice for an exception, and whether the shapes of the arguments help; None for none."""
    for kind, pattern, shapes, sentence in ROWS:
        if re.fullmatch(kind, type_name) and re.search(pattern, text):
            return sentence, shapes
    return None
