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
MOST = 3  # independent mistakes in one function; with more, coincidences become likely


@dataclass(frozen=True)
class KnownMistake:
    """A known mistake: its hint, and the wrong values that it puts into parts of the outcome."""

    hint: str
    wrong: Observation


@dataclass(frozen=True)
class Known:
    """What is known of one exercise: the outcome of a right function, and the mistakes."""

    right: Observation
    mistakes: tuple[KnownMistake, ...]


def known(exercise: str, file: Path = KNOWN) -> Known:
    """Read what is known of an exercise."""
    entry = json.loads(file.read_text(encoding="utf-8"))[exercise]
    return Known(
        _outcome(entry["right"]),
        tuple(
            KnownMistake(mistake["hint"], _outcome(mistake["wrong"]))
            for mistake in entry["mistakes"]
        ),
    )


def _outcome(parts: dict[str, list[Any]]) -> Observation:
    return {part: list(map(_value, values)) for part, values in parts.items()}


def _value(stored: Any) -> np.ndarray | str:
    """Nested lists as an array; a number that is not finite is stored as "nan", "inf" or "-inf"."""
    try:
        return np.array(stored, dtype=float)
    except ValueError:
        return str(stored)  # a word that stands for something that is not a number


def hints(exercise: str, kit: Any) -> list[str]:
    """Hints for the mistakes in this exercise's function.

    There are none where the function is right, where its mistake is unknown, and where its outcome
    has several explanations.

    kit : the student's module, which has the function as an attribute
    """
    return explain(observe(exercise, kit), known(exercise)) if exercise in TRIALS else []


def explain(seen: Observation, known: Known) -> list[str]:
    """The hints on which all best explanations of an outcome agree.

    An explanation is a set of known mistakes that touch different parts of the outcome. Each of its
    mistakes gives exactly the values that were seen, in all the parts that it touches, and one of
    them touches the first wrong part, from which other wrong parts may follow. The best
    explanations leave the fewest wrong parts unexplained, and use the fewest mistakes.
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
