"""From the outcome of a function to the hint for the mistake in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from cs231n_utils.mistakes.results import Observation
from cs231n_utils.mistakes.trials import TRIALS, observe, same

KNOWN = Path(__file__).with_name("known.json")
MOST = 3  # independent mistakes in one function; beyond, coincidences become likely


@dataclass(frozen=True)
class Mistake:
    """A known mistake: the parts of the outcome that it makes wrong, as they then are, and its
    hint.
    """

    hint: str
    wrong: Observation


@dataclass(frozen=True)
class Known:
    """What is known of one exercise: the outcome of a right function, and the mistakes."""

    right: Observation
    mistakes: tuple[Mistake, ...]


def known(exercise: str, file: Path = KNOWN) -> Known:
    """Read what is known of an exercise."""
    entry = json.loads(file.read_text(encoding="utf-8"))[exercise]
    return Known(
        _outcome(entry["right"]),
        tuple(
            Mistake(mistake["hint"], _outcome(mistake["wrong"])) for mistake in entry["mistakes"]
        ),
    )


def _outcome(parts: dict[str, list[Any]]) -> Observation:
    return {part: list(map(_value, values)) for part, values in parts.items()}


def _value(stored: Any) -> np.ndarray | str:
    """Nested lists as an array; a number that is not finite is stored as "nan", "inf" or "-inf"."""
    try:
        return np.array(stored, dtype=float)
    except ValueError:
        return stored  # a word for what is no number


def hints(exercise: str, kit: Any) -> list[str]:
    """Hints for the mistakes in this exercise's function; none where it is right, unknown, or could
    be several things.

    kit : the student's module, which has the function as an attribute
    """
    return explain(observe(exercise, kit), known(exercise)) if exercise in TRIALS else []


def explain(seen: Observation, known: Known) -> list[str]:
    """The hints that every best explanation of an outcome agrees on.

    An explanation is a set of known mistakes, no two of them in the same part, each of which makes
    all of its parts wrong in just this way. It explains the first wrong part, from which others may
    follow. The best ones leave the fewest wrong parts unexplained, with the fewest mistakes.
    """
    wrong = [part for part, values in known.right.items() if not same(seen[part], values)]
    fitting = [
        mistake
        for mistake in known.mistakes
        if all(part in wrong and same(seen[part], values) for part, values in mistake.wrong.items())
    ]
    explanations: list[tuple[tuple[int, int], list[str]]] = []
    for count in range(1, MOST + 1):
        for several in combinations(fitting, count):
            parts = [part for mistake in several for part in mistake.wrong]
            if len(set(parts)) == len(parts) and wrong[0] in parts:
                in_order = sorted(several, key=lambda mistake: min(map(wrong.index, mistake.wrong)))
                explanations.append(((len(parts), -count), [mistake.hint for mistake in in_order]))
    best = max((quality for quality, _ in explanations), default=None)
    first, *others = [hints for quality, hints in explanations if quality == best] or [[]]
    return list(dict.fromkeys(hint for hint in first if all(hint in hints for hints in others)))
