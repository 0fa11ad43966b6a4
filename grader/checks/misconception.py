"""Known mistakes, as topics list them, and the recorded call of a student's function that diagnosis
compares with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from grader.checks.callbacks import copied

REGULARIZATION = "regularization"  # the concept of mistakes in penalties


class Call(NamedTuple):
    """A call of a student's function, as a check has seen it.

    name : the exercise
    args, kwargs : the arguments, with a RecordingCallback in the place of each function
    result : what the function returned; Raised if it raised an exception; UNFINISHED if the call
        ended in another way
    args_after : the arguments as the function left them; empty if they are not known
    """

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any
    args_after: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Raised:
    """Stands for the result of a call that raised an exception.

    When student code raised it, name and text may be invented.
    """

    type_name: str
    text: str


def raised(function: Callable[..., object], *args: object) -> Raised | None:
    """The exception that the function raises for copies of these arguments; None if it returns."""
    try:
        function(*map(copied, args))
    except Exception as error:
        return Raised(type(error).__name__, str(error))
    return None


@dataclass(frozen=True, kw_only=True)
class Misconception:
    """A known wrong implementation of an exercise.

    exercise : the exercise in which students make this mistake
    name : a short name for the class page; unique within the exercise
    wrong : a function (or class) that stands in for the student's
    hint : says what the numbers show and where to look, without giving the code away
    concept : the concept of the lecture that it belongs to
    matches : whether a call has this mistake for certain. Only for mistakes that replaying cannot
        recognize, such as how numbers are drawn, or which exception is raised.
    """

    exercise: str
    name: str
    wrong: Callable[..., Any]
    hint: str
    concept: str
    matches: Callable[[Call], bool] | None = None


def never(call: Call) -> bool:
    """`matches` of a mistake that no single call reveals: a check finds it by comparing calls or
    counting steps, and names it itself (the argument `mistake` of `expect`).
    """
    return False
