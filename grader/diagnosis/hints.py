"""Name a known mistake: does what the student's function returned equal what a known wrong
implementation returns?

The bank of mistakes is `topics/<module>/misconceptions.py`. It runs here, in the grader, on the
inputs of the check that failed; student code is not involved any more. Of an exercise that takes a
callback or draws at random, the bank is played to the points that student code asked for
(`callbacks.py`), with the student's own draws for the random numbers.

A module of misconceptions may hold, beside MISCONCEPTIONS, by exercise:

    RIGHT    a right implementation instead of the reference: it takes draws, or is faster
    REPLAYS  a function that gives the calls to play in the place of a call, such as one with the
    student's draws
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cs231n_utils.exercises import EXERCISES
from grader import topics
from grader.checks.misconception import REGULARIZATION, Call, Misconception
from grader.diagnosis.combined_mistakes import pairs
from grader.diagnosis.replay import Effect, ReplayableCall


@dataclass(frozen=True)
class Explanation:
    """What is said about a call: one mistake, or two, their names joined by " + "."""

    name: str
    hint: str
    concept: str


@functools.cache
def bank(exercise: str) -> tuple[Misconception, ...]:
    """All known mistakes of one exercise."""
    return tuple(
        entry
        for entry in topics.misconceptions(exercise).MISCONCEPTIONS
        if entry.exercise == exercise
    )


def named(exercise: str, name: str) -> Explanation:
    """The known mistake of this name, which a check has found by itself."""
    (entry,) = [entry for entry in bank(exercise) if entry.name == name]
    return Explanation(entry.name, entry.hint, entry.concept)


def explain(call: Call | None, other_calls: Sequence[Call] = ()) -> Explanation | None:
    """The known mistake that has the same effect in this call; None if there is none, or if several
    fit that differ.

    Where no single mistake fits, two may: each with its own effect on the result.

    other_calls : more calls of the function in the same check, which a single mistake must fit,
        too; without a `call`, it must fit these, if any of them is wrong
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if call is None:
            wrong = [one for one in other_calls if not ReplayableCall(one).gives(_right(one.name))]
            return _only(_fitting(bank(wrong[0].name), other_calls)) if wrong else None
        entries = [entry for entry in bank(call.name) if entry.matches is None]
        for played in _replays(call):
            right = played.outcome(_right(call.name))
            if played.agrees(right):  # what is wrong, if anything, is not in the result
                break
            tried = [(entry, played.outcome(entry.wrong)) for entry in entries]
            found = [entry for entry, outcome in tried if played.agrees(outcome)]
            if found:
                return _only(_fitting(found, other_calls))
            two = _two(right, tried, call.result)
            if two:
                return two
        return _only(entry for entry in bank(call.name) if _matches(entry, call))


def _fitting(entries: Iterable[Misconception], calls: Sequence[Call]) -> list[Misconception]:
    """The mistakes that have the same effect in all of these calls."""
    played = [ReplayableCall(one) for one in calls]
    return [
        entry
        for entry in entries
        if entry.matches is None and all(one.gives(entry.wrong) for one in played)
    ]


def _replays(call: Call) -> list[ReplayableCall]:
    """The calls to play in the place of this one; none for a file, and none where student code
    asked for what has no numbers.
    """
    if EXERCISES[call.name].file == call.name:
        return []
    others = getattr(topics.misconceptions(call.name), "REPLAYS", {}).get(call.name)
    try:
        return [ReplayableCall(one) for one in (others(call) if others else [call])]
    except Exception:
        return []


def _only(found: Iterable[Misconception]) -> Explanation | None:
    """The explanation that all of these share, if there is one: some mistakes have the same effect
    and hint.
    """
    found = list(found)
    if len({entry.hint for entry in found}) != 1:
        return None
    return Explanation(found[0].name, found[0].hint, found[0].concept)


def _matches(entry: Misconception, call: Call) -> bool:
    try:
        return entry.matches is not None and bool(entry.matches(call))
    except Exception:  # what a student returned may have any form
        return False


def _right(name: str) -> Callable:
    return getattr(topics.misconceptions(name), "RIGHT", {}).get(name) or topics.reference(name)


def _two(
    right: Effect | None, tried: Sequence[tuple[Misconception, Effect | None]], result: Any
) -> Explanation | None:
    """The two independent mistakes that make this result together; None if there are none, or
    several that differ.

    Independent are mistakes in different parts of the result, or one in the penalty and one in the
    rest.
    """
    if right is None:
        return None
    ran = [(entry, outcome[0]) for entry, outcome in tried if outcome is not None]
    found = {}
    for a, b, apart in pairs(right[0], result, [wrong for _, wrong in ran]):
        first, second = ran[a][0], ran[b][0]
        if apart or (first.concept == REGULARIZATION) != (second.concept == REGULARIZATION):
            found[frozenset((first.hint, second.hint))] = first, second
    if len(found) != 1:
        return None
    ((first, second),) = found.values()
    return Explanation(
        f"{first.name} + {second.name}", f"{first.hint} {second.hint}", first.concept
    )
