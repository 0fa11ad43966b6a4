"""The page of `alike`: pairs of submissions, with their functions side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.pages import student_page

_SHOWN = 50  # pairs whose functions are shown
_NAMES = 200  # lines of a list


@dataclass(frozen=True)
class Side:
    """One of two functions that are alike.

    file, line : where it begins
    parts : its text in pieces, each with whether it is the same in the other
    cut : characters that are left out at its end
    """

    name: str
    file: str
    line: int
    parts: tuple[tuple[str, bool], ...]
    cut: int


@dataclass(frozen=True)
class LikeFunctions:
    """Two functions that are alike; `share` of what they consist of is in both, 0 to 1."""

    one: Side
    other: Side
    share: float


@dataclass(frozen=True)
class Pair:
    """Two students whose submissions are more alike than the exercise explains.

    score : how surprising that is; 0 for what everybody has in common
    functions : the most alike first
    """

    one: str
    other: str
    score: float
    functions: tuple[LikeFunctions, ...]


def page(
    pairs: Sequence[Pair], more: int, submissions: int, left_out: Sequence[tuple[str, str]]
) -> str:
    """The page of all pairs.

    more : pairs beyond those that are listed
    submissions : how many were compared
    left_out : student, and what was not compared
    """
    return student_page.render(
        "alike.html",
        pairs=pairs,
        more=more,
        submissions=submissions,
        left_out=left_out,
        shown=_SHOWN,
        max_names=_NAMES,
    )
