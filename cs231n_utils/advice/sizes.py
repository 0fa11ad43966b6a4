"""The sizes of a call by their letters: N examples, D features and C classes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

MEANINGS = {"N": "examples", "D": "features", "C": "classes"}
ONE = {"N": "example", "D": "feature", "C": "class"}


@dataclass(frozen=True)
class Sizes:
    """What is known of the sizes of a call.

    shapes : of the arrays among the arguments, by the arguments' names
    letters : the sizes that have a letter, such as {"N": 6, "D": 4, "C": 3}
    counts : further numbers that follow from the arguments, such as the number of labels
    """

    shapes: dict[str, tuple[int, ...]]
    letters: dict[str, int]
    counts: frozenset[int]

    @classmethod
    def of(cls, arguments: Mapping[str, object]) -> Sizes:
        """The sizes of a call of a student's function, whose arguments are given by name."""
        arrays = {name: one for name, one in arguments.items() if isinstance(one, np.ndarray)}
        shapes = {name: one.shape for name, one in arrays.items()}
        counts: set[int] = set()
        labels = arrays.get("y")
        if labels is not None and labels.dtype.kind in "iu" and labels.size:
            counts = {len(np.unique(labels)), int(labels.max()), int(labels.max()) + 1}
        return cls(shapes, _letters(arguments, shapes), frozenset(counts))

    def letter(self, size: int) -> str:
        """The letter of a size, if it has just one; 1 has none."""
        found = [letter for letter, each in self.letters.items() if each == size != 1]
        return found[0] if len(found) == 1 else ""

    def in_letters(self, shape: tuple[int, ...]) -> str:
        """A shape in letters, such as "NC"; "" unless each of its sizes has one letter."""
        found = [self.letter(size) for size in shape]
        return "".join(found) if all(found) else ""

    def known(self, size: int) -> bool:
        """Whether a size may come from the arguments, as one of theirs, a product, or one more."""
        every = [*self.letters.values(), *itertools.chain(*self.shapes.values())]
        products = {a * b for a, b in itertools.combinations(every, 2)}
        total = {int(np.prod(every[:3], dtype=int))}
        near = {each + more for each in every for more in (-1, 0, 1)}
        return size in {0, 1} | products | total | near | self.counts

    def meanings(self) -> str:
        """The letters, as "N = 6 examples, D = 4 features and C = 3 classes"."""
        return _listed(
            [
                f"{key} = {size} {ONE[key] if size == 1 else MEANINGS[key]}"
                for key, size in self.letters.items()
            ]
        )

    def described(self) -> str:
        """The shapes, as "Here W is (4, 3) and X is (6, 4): N = 6 examples, …"; "" for none."""
        if not self.shapes:
            return ""
        shapes = _listed([f"{name} is {shape}" for name, shape in self.shapes.items()])
        meanings = self.meanings()
        return f"Here {shapes}{': ' if meanings else ''}{meanings}."


def _letters(
    arguments: Mapping[str, object], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, int]:
    """The letters of the sizes, from the names that the assignment gives its arguments."""
    rows = "X" if "X" in shapes else "x" if {"gamma", "residual"} & set(arguments) else "dout"
    letters: dict[str, int] = {}
    if len(shapes.get(rows, ())) == 2:
        letters = dict(zip("ND", shapes[rows], strict=True))
    weights = shapes.get("W", ())
    if len(weights) == 2 and ("X" in shapes) and letters.get("D", weights[0]) == weights[0]:
        letters |= {"C": weights[1]}
    return letters


def _listed(items: list[str]) -> str:
    *most, last = items or [""]
    return f"{', '.join(most)} and {last}" if most else last
