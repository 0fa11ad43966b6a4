"""Known mistakes, as topics list them, and the call of a student's function with which diagnosis
compares them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.checks.callbacks import copied

# Name, args, kwargs, result, and the args as the function left them, if known.
Call = tuple[str, tuple, dict, Any, tuple]
REGULARIZATION = "regularization"  # the idea of mistakes in penalties


@dataclass(frozen=True)
class Raised:
    """Stands for the result of a call that raised an exception. What is told of a student's may be
    invented.
    """

    type_name: str
    text: str


def raised(function: Callable, *args: Any) -> Raised | None:
    """The exception that the function raises; None where it returns."""
    try:
        function(*map(copied, args))
    except Exception as error:
        return Raised(type(error).__name__, str(error))
    return None


@dataclass(frozen=True)
class Misconception:
    """A known wrong implementation of an exercise.

    exercise : the exercise that it is wrong in
    name : short, for the class view
    wrong : a function (or class) that stands in for the student's
    hint : what is seen, and what to look at, without giving the code away
    idea : the idea of the lecture that it belongs to
    shows : for what replaying cannot tell, such as how numbers are drawn, or what is raised:
        whether a call has this mistake
        for certain
    """

    exercise: str
    name: str
    wrong: Callable
    hint: str
    idea: str
    shows: Callable[[Call], bool] | None = None


def never(call: Call) -> bool:
    """`shows` of a mistake that no call shows: the check itself compares calls, or counts steps,
    and names it (`expect`).
    """
    return False
