"""What the shapes of a call say of an exception about shapes.

A cause is named only where the sizes of this call leave no other: N, D and C must differ from each
other and from 1. Otherwise only what each shape is the shape of is said, or nothing.
"""

from __future__ import annotations

import re

from cs231n_utils.advice.sizes import MEANINGS, ONE, Sizes

_SHAPE = r"\((\d{1,9}(?:,\s?\d{1,9})*),?\)"
ArrayShape = tuple[int, ...]

# What an array of each shape is, in the exercises of the course.
_IS = {
    "ND": "the shape of X",
    "DN": "the shape of X.T",
    "DC": "the shape of W",
    "CD": "the shape of W.T",
    "NC": "the shape of the scores, one row an example",
    "CN": "the shape of transposed scores",
    "N": "one number an example",
    "D": "one number a feature",
    "C": "one number a class",
}
# Two factors of a matrix product, whichever way they stand, and how they fit. The key has the two
# shapes in letters, each sorted.
_PRODUCTS = {
    frozenset(("DN", "CN")): ("DN", "NC", "the shape of W"),
    frozenset(("DN", "CD")): ("ND", "DC", "the scores"),
    frozenset(("CN", "CD")): ("NC", "CD", "the shape of X"),
}


def advice(text: str, sizes: Sizes) -> str:
    """What the shapes in an exception's text say; "" if that is nothing certain.

    text : of the exception; only sizes in it enter the advice
    """
    shapes = [
        tuple(int(size) for size in found.replace(" ", "").split(","))
        for found in re.findall(_SHAPE, text)
    ]
    if inner := re.search(r"\(size (\d{1,9}) is different from (\d{1,9})\)", text):
        return _inner(int(inner[2]), int(inner[1]), sizes)
    return _written_in(shapes, sizes) or _of_kind(text, shapes, sizes) or _unknown(shapes, sizes)


def _of_kind(text: str, shapes: list[ArrayShape], sizes: Sizes) -> str:
    if "not aligned" in text and len(shapes) == 2:
        return _product(shapes[0], shapes[1], sizes)
    if "indexing arrays could not be broadcast" in text:
        return _indices(shapes, sizes)
    if "broadcast together with shapes" in text and len(shapes) >= 2:
        return _entry_by_entry(shapes[0], shapes[1], len(shapes) > 2, sizes)
    if re.search(r"could not broadcast input array|to indexing result|non-broadcastable", text):
        return _assigned(shapes, "non-broadcastable" in text, sizes) if len(shapes) == 2 else ""
    if index := re.search(
        r"index (-?\d{1,9}) is out of bounds for axis (\d) with size (\d{1,9})", text
    ):
        return _index(int(index[1]), int(index[2]), int(index[3]), sizes)
    if mask := re.search(
        r"along (?:axis|dimension) (\d); (?:size of axis|dimension) is (\d{1,9}) but (?:size of)?"
        r" ?corresponding boolean (?:axis|dimension) is (\d{1,9})",
        text,
    ):
        return _mask(int(mask[1]), int(mask[2]), int(mask[3]), sizes)
    return ""


def _written_in(shapes: list[ArrayShape], sizes: Sizes) -> str:
    """A sentence about a size that the arguments cannot have led to; "" if there is none.

    What a mask has picked may have any size up to that of the array, so only larger sizes count.
    """
    if not {"N", "D"} <= sizes.letters.keys():
        return ""
    for shape in shapes:
        for axis, size in enumerate(shape):
            others = [sizes.letter(other) for k, other in enumerate(shape) if k != axis]
            rest = [value for letter, value in sizes.letters.items() if letter not in others]
            limit = max(rest, default=0)
            if len(shape) == 1:
                limit = max(a * b for a in sizes.letters.values() for b in sizes.letters.values())
            if size > limit and not sizes.known(size):
                return (
                    f"In the shape {shape}, the {size} is no size of this call. Is a number written"
                    " into the code? Sizes come from the shapes of the arguments."
                )
    return ""


def _unknown(shapes: list[ArrayShape], sizes: Sizes) -> str:
    """A sentence about a size that no argument has, and that a mask may have led to; or ""."""
    for shape in shapes if {"N", "D"} <= sizes.letters.keys() else []:
        for size in shape:
            if not sizes.known(size):
                return f"In the shape {shape}, the {size} is no size of this call."
    return ""


def _product(left: ArrayShape, right: ArrayShape, sizes: Sizes) -> str:
    a, b = sizes.in_letters(left), sizes.in_letters(right)
    known = _PRODUCTS.get(frozenset(("".join(sorted(a)), "".join(sorted(b)))))
    if len(left) != 2 or len(right) != 2 or known is None:
        return _ends(left, right, sizes)
    first, second, result = known
    common = first[1]
    if sorted(a) == sorted(first):
        turned = [
            word for word, is_, due in (("left", a, first), ("right", b, second)) if is_ != due
        ]
        way = " and ".join(f"transpose the {word} one" for word in turned)
    else:
        way = "exchange the two"
        wrong = [
            word for word, is_, due in (("left", b, first), ("right", a, second)) if is_ != due
        ]
        way += "".join(f" and transpose the one that is now {word}" for word in wrong)
    return (
        f"The left one is {left}, {_letters(a)}, and the right one {right}, {_letters(b)}. What"
        f" they have in common, {common}, must stand inside: {_letters(first)} times"
        f" {_letters(second)} gives {_letters(first[0] + second[1])}, {result}. So {way}."
    )


def _ends(left: ArrayShape, right: ArrayShape, sizes: Sizes) -> str:
    return _inner(left[-1], right[-2] if len(right) > 1 else right[0], sizes)


def _inner(left: int, right: int, sizes: Sizes) -> str:
    """About a product of which only the sizes that meet inside are known."""
    a, b = sizes.letter(left), sizes.letter(right)
    if not (a and b):
        return _written_in([(left,), (right,)], sizes) or _unknown([(left,), (right,)], sizes)
    fits = {
        ("D", "N"): " If X is one of the two, X.T fits in its place, which is (D, N).",
        ("N", "D"): " If X.T is one of the two, X fits in its place, which is (N, D).",
    }
    return (
        f"The left side ends in {a} = {left} and the right side begins with {b} = {right}; the"
        f" sizes that meet inside a matrix product must be the same.{fits.get((a, b), '')}"
    )


def _entry_by_entry(a: ArrayShape, b: ArrayShape, in_place: bool, sizes: Sizes) -> str:
    flat, matrix = sorted((a, b), key=len)
    if len(flat) == 1 and len(matrix) == 2:
        return _number_a_row(flat, matrix, sizes)
    if len(flat) == len(matrix) == 1 and (both := _two_counts(a, b, sizes)):
        return both
    if len(a) == len(b) == 2 and a == b[::-1]:
        return f"{a} and {b} are transposes of each other: one of the two is the wrong way round."
    return _each(a, b, sizes)


def _number_a_row(flat: ArrayShape, matrix: ArrayShape, sizes: Sizes) -> str:
    """About a matrix and an array of one axis, which stands as a row beside it."""
    (n,), (rows, columns) = flat, matrix
    if n != rows or rows == columns:
        return _each(flat, matrix, sizes)
    letters = sizes.in_letters(matrix)
    row = (
        f"{flat} stands as a row beside {matrix}, and a row needs {columns} numbers, one for each"
        " column."
    )
    if letters == "NC":  # what belongs to an example is the same for all of its scores
        return (
            f"{row} One number for each of the N = {n} examples has to stand in a column, of shape"
            f" ({n}, 1): keepdims=True keeps the axis that is summed over, and [:, None] adds one."
        )
    if letters == "ND" and "X" not in sizes.shapes:
        return (
            f"{row} Over axis 0, a mean or a sum leaves one number a column, ({columns},); over"
            f" axis 1, one number a row, {flat}."
        )
    return (
        f"{row} If one number a row is meant, it has to stand in a column, of shape ({n}, 1), by"
        f" keepdims=True or [:, None]; if one number a column is meant, it comes from axis 0."
    )


def _two_counts(a: ArrayShape, b: ArrayShape, sizes: Sizes) -> str:
    """About two arrays of one axis, such as one number an example and one number a class."""
    first, second = sizes.letter(a[0]), sizes.letter(b[0])
    if not (first and second):
        return ""
    facts = (
        f"{a} is one number for each of the {first} = {a[0]} {MEANINGS[first]}, and {b} one for"
        f" each of the {second} = {b[0]} {MEANINGS[second]}."
    )
    if "N" in (first, second):
        other = first if second == "N" else second
        return (
            f"{facts} If one of them is a sum over an array of shape (N, {other}): axis 0 leaves"
            f" one number a {ONE[other]}, axis 1 one number an example."
        )
    return f"{facts} In an array of the shape of W, a column has D numbers, and a row C."


def _each(a: ArrayShape, b: ArrayShape, sizes: Sizes) -> str:
    """What each of two shapes is the shape of; "" unless both are known."""
    first, second = sizes.in_letters(a), sizes.in_letters(b)
    if not (first in _IS and second in _IS) or first == second:
        return ""
    return (
        f"{a} is {_letters(first)}, {_IS[first]}; {b} is {_letters(second)}, {_IS[second]}. Entry"
        " by entry, axes are compared from the last one backwards: they must be equal, or 1."
    )


def _indices(shapes: list[ArrayShape], sizes: Sizes) -> str:
    if len(shapes) != 2 or any(len(shape) != 1 for shape in shapes):
        return ""
    (a,), (b,) = shapes
    first, second = sizes.letter(a), sizes.letter(b)
    if not (first and second):
        return ""
    return (
        "Indices that stand together pick pairs, so they must have one length. Here one has a place"
        f" for each of the {first} = {a} {MEANINGS[first]}, the other for each of the"
        f" {second} = {b} {MEANINGS[second]}."
    )


def _assigned(shapes: list[ArrayShape], in_place: bool, sizes: Sizes) -> str:
    """About a place on the left of =, and the value that does not fit into it."""
    value, place = shapes[::-1] if in_place else shapes
    first, second = sizes.in_letters(value), sizes.in_letters(place)
    if not (first in _IS and second in _IS) or first == second:
        return ""
    more = {
        frozenset("DC"): " In an array of the shape of W, a column has D numbers, and a row C.",
        frozenset("NC"): " In an array of scores, a column has N numbers, and a row C.",
        frozenset("ND"): " In an array of the shape of X, a column has N numbers, and a row D.",
    }.get(frozenset((first, second)), "")
    return (
        f"The place has the shape {place}, {_IS[second]}, and the value has {value},"
        f" {_IS[first]}.{more}"
    )


def _index(index: int, axis: int, size: int, sizes: Sizes) -> str:
    letters = [letter for letter, each in sizes.letters.items() if each == size]
    if len(letters) != 1 or index < 0:
        return ""
    (letter,) = letters
    to = f", from 0 to {size - 1}" if size > 1 else ""
    places = f"Axis {axis} has {letter} = {size} here: a place for each {ONE[letter]}{to}."
    is_label = letter != "C" and index < sizes.letters.get("C", 0) and index in sizes.counts
    if is_label and "y" in sizes.shapes:
        return f"{places} Is the index a label? Labels count classes."
    if index == size:
        return f"{places} Does something count one too far, or count something else?"
    return f"{places} What does the index count?"


def _mask(axis: int, size: int, mask: int, sizes: Sizes) -> str:
    first, second = sizes.letter(size), sizes.letter(mask)
    if not (first and second):
        return ""
    return (
        f"A mask must have the shape of the array that it picks from. Along axis {axis} the array"
        f" has {first} = {size} places, one for each {ONE[first]}, and the mask has"
        f" {second} = {mask}, one for each {ONE[second]}."
    )


def _letters(letters: str) -> str:
    return f"({', '.join(letters)}{',' if len(letters) == 1 else ''})"
