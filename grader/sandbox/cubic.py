"""A function of which the gradient is known, for checks of numerical gradients. Imports nothing of ours.

The worker evaluates it in the grader's place, since a way to the grader and back costs a hundred times as much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cubic:
    """f(x) = sign * (sum(weights * x**3) + sum(x)**2), for x of the shape of the weights.

    Entries are coupled by the second term: one that is not restored shows in the others.
    """

    weights: np.ndarray
    sign: int

    def __call__(self, x: np.ndarray) -> float:
        return self.sign * float((self.weights * x**3).sum() + x.sum() ** 2)

    def gradient(self, x: np.ndarray) -> np.ndarray:
        return self.sign * (3 * self.weights * x**2 + 2 * x.sum())

    def takes(self, args: tuple) -> bool:
        """Whether these are the arguments of a call that makes sense."""
        return (len(args) == 1 and type(args[0]) is np.ndarray and args[0].shape == self.weights.shape
                and args[0].dtype == self.weights.dtype)
