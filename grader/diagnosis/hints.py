"""Name a known mistake: a known wrong implementation has the same effect as the student's function.

The bank of mistakes is `topics/<module>/misconceptions.py`. Its functions run here, in the grader,
on the inputs of the check that failed. Student code runs once more, on a second problem, which a
mistake must fit as well (`second_problem.py`). If an exercise takes a callback, a wrong
implementation gets the student's answers as long as it calls at the same points
(`checks/callbacks.py`). If it draws at random, it gets the numbers that the student has drawn.

Beside MISCONCEPTIONS, a module of misconceptions may have two dictionaries by exercise:

    RIGHT    a right implementation instead of the reference, because it can be given the student's
             draws, or is faster
    REPLAYS  a function from a call to the calls that are replayed in its place, such as one with
             the student's draws
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
from grader.diagnosis.combined_mistakes import pairs_of_mistakes
from grader.diagnosis.replay import Effect, Evidence, ReplayableCall, same


@dataclass(frozen=True)
class Explanation:
    """The known mistake in a call, or two independent ones, with their names joined by " + "."""

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


def explain(
    call: Call | None,
    other_calls: Sequence[Call] = (),
    again: Callable[[Call], Call | None] | None = None,
) -> Explanation | None:
    """The known mistake in a call; None if no mistake fits, or several that differ.

    If no single mistake fits, two together may, each with its own effect on the result.

    other_calls : further calls of the function in the same check, which a single mistake must fit,
        too. Without a `call`, it must fit these, if any of them is wrong.
    again : makes the student's call once more, on a second problem of another size, which the
        mistakes must fit as well; None for a call that cannot be made, and without it
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if call is None:
            wrong = [
                one
                for one in other_calls
                if not ReplayableCall(one).is_reproduced_by(_right(one.name))
            ]
            return _only(_fitting(bank(wrong[0].name), other_calls)) if wrong else None
        entries = [entry for entry in bank(call.name) if entry.matches is None]
        for replayable in _replays(call):
            right = replayable.effect_of(_right(call.name))
            if replayable.had(right):  # what is wrong, if anything, is not in the result
                break
            tried = [(entry, replayable.effect_of(entry.wrong)) for entry in entries]
            evidence = replayable.evidence(right)
            if evidence is Evidence.NONE:
                break
            found = [entry for entry, effect in tried if replayable.had(effect)]
            if evidence is Evidence.OVERFLOW:
                ordinary = replayable.with_ordinary_numbers()
                right = ordinary.effect_of(_right(call.name))
                found = [one for one in found if same(ordinary.effect_of(one.wrong), right)]
            if found:
                found = _fitting(found, other_calls)
                return _only(_fitting(found, _second(call, again)) if found else [])
            if pairs := _two(right, tried, call.result):
                second = _second(call, again)
                return next((two.explanation for two in pairs if two.fits(second)), None)
        return _only(entry for entry in bank(call.name) if _matches(entry, call))


def _fitting(entries: Iterable[Misconception], calls: Sequence[Call]) -> list[Misconception]:
    """The mistakes that have the same effect in all of these calls."""
    replayable = [ReplayableCall(one) for one in calls]
    return [
        entry
        for entry in entries
        if entry.matches is None and all(one.is_reproduced_by(entry.wrong) for one in replayable)
    ]


def _second(call: Call, again: Callable[[Call], Call | None] | None) -> list[Call]:
    """The student's call on a second problem; empty if there is none for this exercise."""
    second = again(call) if again else None
    return [second] if second else []


def _replays(call: Call) -> list[ReplayableCall]:
    """The calls to replay for this one; empty for files and for non-numeric callback arguments."""
    if EXERCISES[call.name].file == call.name:
        return []
    others = getattr(topics.misconceptions(call.name), "REPLAYS", {}).get(call.name)
    try:
        return [ReplayableCall(one) for one in (others(call) if others else [call])]
    except Exception:
        return []


def _only(found: Iterable[Misconception]) -> Explanation | None:
    """The explanation that these mistakes share; None if their hints differ, or there are none."""
    found = list(found)
    if len({entry.hint for entry in found}) != 1:
        return None
    return Explanation(found[0].name, found[0].hint, found[0].concept)


def _matches(entry: Misconception, call: Call) -> bool:
    try:
        return entry.matches is not None and bool(entry.matches(call))
    except Exception:  # what a student returned may have any form
        return False


def _right(name: str) -> Callable[..., Any]:
    """The implementation to compare with: one that takes the student's draws, or the reference."""
    others: dict[str, Callable[..., Any]] = getattr(topics.misconceptions(name), "RIGHT", {})
    return others.get(name) or topics.reference(name)


@dataclass(frozen=True)
class _Pair:
    """Two independent mistakes that make a result together."""

    first: Misconception
    second: Misconception

    @property
    def explanation(self) -> Explanation:
        first, second = self.first, self.second
        return Explanation(
            f"{first.name} + {second.name}", f"{first.hint} {second.hint}", first.concept
        )

    def fits(self, calls: Sequence[Call]) -> bool:
        """Whether the two make the result of each of these calls, too."""
        for call in calls:
            replayable = ReplayableCall(call)
            effects = [
                replayable.effect_of(function)
                for function in (_right(call.name), self.first.wrong, self.second.wrong)
            ]
            right, *wrong = [effect[0] for effect in effects if effect is not None]
            if len(wrong) < 2 or not pairs_of_mistakes(right, call.result, wrong):
                return False
        return True


def _two(
    right: Effect | None, tried: Sequence[tuple[Misconception, Effect | None]], result: Any
) -> list[_Pair]:
    """The pairs of independent mistakes that make this result, if all have the same two hints.

    Two mistakes are independent if they change different parts of the result, or if one is in the
    penalty and the other is not.
    """
    if right is None:
        return []
    ran = [(entry, effect[0]) for entry, effect in tried if effect is not None]
    found: dict[frozenset[str], list[_Pair]] = {}
    for a, b, apart in pairs_of_mistakes(right[0], result, [wrong for _, wrong in ran]):
        first, second = ran[a][0], ran[b][0]
        if apart or (first.concept == REGULARIZATION) != (second.concept == REGULARIZATION):
            found.setdefault(frozenset((first.hint, second.hint)), []).append(_Pair(first, second))
    return next(iter(found.values())) if len(found) == 1 else []
