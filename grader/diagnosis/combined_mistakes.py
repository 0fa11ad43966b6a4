"""Two independent mistakes in one result: their effects add up.

The effect of a mistake is what it adds to the right result. A mistake in the loss and one in its
gradient, or mistakes in different terms of one formula, do not meet, so both show whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

MIN_NUMBERS = 12  # in a result that is taken apart; a few numbers have many explanations
RTOL = 1e-8  # of the largest number of each part


def pairs(right: Any, student: Any, wrong: Sequence[Any]) -> list[tuple[int, int, bool]]:
    """The numbers of all pairs of wrong results whose effects add up to the student's, and whether
    these are in different parts.

    Results are tuples of numbers and float arrays; others, and those that are not finite, are left
    out.
    """
    origin = _parts(right)
    if origin is None:
        return []
    shapes = [part.shape for part in origin]

    def row(result: Any) -> np.ndarray | None:
        parts = _parts(result)
        if parts is None or [part.shape for part in parts] != shapes:
            return None
        flat = np.concatenate([part.ravel() for part in parts])
        return flat if np.isfinite(flat).all() else None

    zero, target = row(right), row(student)
    if zero is None or target is None or target.size < MIN_NUMBERS:
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
    # (wrong results, parts).
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
    if not isinstance(result, (tuple, list)) or len(result) < 2:
        return None
    if not all(isinstance(part, (float, np.floating, np.ndarray)) for part in result):
        return None
    parts = [np.asarray(part) for part in result]
    return parts if all(part.dtype.kind == "f" for part in parts) else None
