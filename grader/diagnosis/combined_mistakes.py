"""Two independent mistakes in one result, found because their effects add up.

The effect of a mistake is the difference between its result and the right one. If one mistake is in
the loss and the other in its gradient, or if they are in different terms of a sum, the effect of
both is the sum of their effects.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

MIN_NUMBERS = 12  # of a result; a few numbers are a sum of effects by coincidence
RTOL = 1e-8  # of the largest number of each part


def pairs_of_mistakes(
    right: Any, student: Any, wrong: Sequence[Any]
) -> list[tuple[int, int, bool]]:
    """The pairs of wrong results whose effects add up to that of the student's result.

    right, student, wrong : results, which are tuples of numbers and float arrays; those of another
        form, and those with numbers that are not finite, take no part. A student's result of zeros
        alone is explained by no pair, because many mistakes give it.

    Returns (index of one in `wrong`, index of the other, whether they change different parts).
    """
    origin = _parts(right)
    if origin is None:
        return []
    shapes = [part.shape for part in origin]

    def row(result: Any) -> np.ndarray | None:
        """All numbers of a result, one after the other, of shape (M,)."""
        parts = _parts(result)
        if parts is None or [part.shape for part in parts] != shapes:
            return None
        flat = np.concatenate([part.ravel() for part in parts])
        return flat if np.isfinite(flat).all() else None

    zero, target = row(right), row(student)
    if zero is None or target is None or target.size < MIN_NUMBERS or not target.any():
        return []
    rows = [(k, flat) for k, flat in enumerate(map(row, wrong)) if flat is not None]
    if not rows:
        return []
    numbers, matrix = [k for k, _ in rows], np.stack([flat for _, flat in rows]) - zero
    bounds = np.cumsum([0, *(part.size for part in origin)])
    largest = np.maximum(np.abs(zero), np.abs(target))
    limit = np.concatenate(
        [
            np.full(b - a, 1e-12 + RTOL * largest[a:b].max(initial=0.0))
            for a, b in itertools.pairwise(bounds)
        ]
    )
    # Shape (wrong results, parts): which parts each of them changes.
    wrong_parts = np.logical_or.reduceat(np.abs(matrix) > limit, bounds[:-1], axis=1)
    has_effect = wrong_parts.any(axis=1)
    rest = target - zero - matrix
    return [
        (numbers[a], numbers[b], not (wrong_parts[a] & wrong_parts[b]).any())
        for a in np.flatnonzero(has_effect)
        for b in np.flatnonzero(has_effect & (np.abs(matrix - rest[a]) <= limit).all(axis=1))
        if a < b
    ]


def _parts(result: Any) -> list[np.ndarray] | None:
    """A result as float arrays.

    None unless it is a tuple or a list of at least two floats or float arrays.
    """
    if not isinstance(result, (tuple, list)) or len(result) < 2:
        return None
    if not all(isinstance(part, (float, np.floating, np.ndarray)) for part in result):
        return None
    parts = [np.asarray(part) for part in result]
    return parts if all(part.dtype.kind == "f" for part in parts) else None
