"""The known mistakes as numbers, for `check()` in the kit: no code of a right or wrong solution is
in them.

    python -m grader.kit.known_mistakes

writes them where the repository keeps them; `release` computes them again for every kit.
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from cs231n_utils.mistakes.naming import KNOWN
from cs231n_utils.mistakes.results import RAISES, Observation
from cs231n_utils.mistakes.trials import TRIALS, observe, same
from grader import topics
from grader.diagnosis.hints import bank

NAME = "cs231n_utils/mistakes/known.json"  # in the kit
# Of a part's largest number, and at most: rounding differs from machine to machine beyond them.
DIGITS, DECIMALS = 7, 9


@functools.cache
def content() -> bytes:
    """The content of known.json: for each exercise the outcome of a right function, and what each
    mistake changes in it.
    """
    lines = []
    for exercise in TRIALS:
        right = observe(exercise, stand_in(exercise))
        entries = []
        for entry in bank(exercise):
            seen = observe(exercise, stand_in(exercise, entry.wrong))
            wrong = {part: values for part, values in seen.items() if not same(values, right[part])}
            if not _says_nothing(wrong):
                entries.append(_line({"hint": entry.hint, "wrong": _rounded(wrong)}))
        mistakes = ",\n".join(dict.fromkeys(entries))  # some differ in their code only
        lines.append(
            f'{json.dumps(exercise)}: {{"right": {_line(_rounded(right))},\n"mistakes":'
            f" [\n{mistakes}]}}"
        )
    return ("{" + ",\n".join(lines) + "}\n").encode()


def stand_in(exercise: str, function: Callable[..., Any] | None = None) -> Any:
    """The module of the reference, as if a student had written it.

    function : replaces the exercise's own one, if given
    """
    module = inspect.getmodule(topics.reference(exercise))
    functions = dict(vars(module))
    first, *method = exercise.split(".")
    if function is not None:
        functions[first] = (
            type(first, (functions[first],), {method[0]: function}) if method else function
        )
    return SimpleNamespace(**functions)


def _says_nothing(wrong: Observation) -> bool:
    """Whether an outcome names no mistake: nothing is wrong, or the function only raises."""
    return all(
        isinstance(value, str) and value.startswith(RAISES)
        for values in wrong.values()
        for value in values
    )


def _rounded(outcome: Observation) -> dict[str, list[Any]]:
    return {
        part: [value if isinstance(value, str) else _nested(value) for value in values]
        for part, values in outcome.items()
    }


def _nested(array: np.ndarray) -> Any:
    largest = np.abs(array[np.isfinite(array)]).max(initial=0.0)
    decimals = (
        DECIMALS if largest == 0 else min(DECIMALS, DIGITS - 1 - int(np.floor(np.log10(largest))))
    )
    return _words((np.round(array, decimals) + 0.0).tolist())  # + 0.0: no -0.0


def _words(value: Any) -> Any:
    """Nested lists for JSON: texts for infinities and NaN, which JSON lacks, and 1 for 1.0."""
    if isinstance(value, list):
        return [_words(item) for item in value]
    if not np.isfinite(value):
        return str(value)
    return int(value) if value == int(value) else value


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


if __name__ == "__main__":
    KNOWN.write_bytes(content())
