"""Which submissions are more alike than the exercise explains.

Functions are compared one by one, as sets of fingerprints: each run of a few tokens, without names
and layout (`functions.py`). All runs are taken, and not only those that winnowing (Schleimer,
Wilkerson and Aiken, 2003) would choose, because functions are short. Fingerprints that the kit or
the reference has count nothing. An index from fingerprints to functions gives the likeness of one
function with all others at once.

How alike two functions are says little: some can hardly be written in two ways. What counts is how
few students have one that is as much alike. If r of n students have, the likeness is worth
log(n / r), and less for functions that are short, or alike in part only. The sum over the functions
of two students is their score. What is alike by chance adds up to little, and copies to a lot, even
where each of the functions is common in itself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.intake.finding import NotTaken
from grader.intake.students import Student
from grader.pages import alike_page
from grader.pages.alike_page import LikeFunctions, Pair, Side
from grader.pages.writing import write_whole
from grader.paths import ALIKE_PAGE, ALIKE_TABLE, COURSE, TOPICS
from grader.results import functions
from grader.results.functions import Found, Function, Gram
from grader.results.store import open_folder
from grader.text import legible, table_cell

MAX_PAIRS = 200  # that are listed
_LEAST_GRAMS = 8  # fingerprints that a function must have beside those of kit and reference
_ALIKE, _SAME = 0.45, 0.7  # a likeness below the first is worth nothing; from the second on, all
_GRAMS_A_POINT = 5  # a function is worth at most a point for so many shared fingerprints
_NO_LESS = 0.02  # likenesses that differ by less count as equal
_LEAST_SCORE = 8.0  # of a pair that is listed, in the smallest class
_MOST_LOGS = 2.0  # a score of so many times the logarithm of the number of pairs is always listed
_MAX_SHOWN = 12_000  # characters of a function on the page


@dataclass(frozen=True)
class Comparison:
    """What `compare` found in a class.

    pairs : the highest score first, MAX_PAIRS at most
    more : further pairs, beyond MAX_PAIRS
    submissions : how many were compared
    left_out : student, and a sentence on what was not compared
    """

    pairs: tuple[Pair, ...]
    more: int
    submissions: int
    left_out: tuple[tuple[str, str], ...]


def write(handed_in: Iterable[Student], out: Path) -> Comparison:
    """Compare the submissions of an open download, and write page and table into the folder `out`.

    Raises FolderTaken while another grader writes to `out`.
    """
    students: dict[str, Found] = {}
    for one in handed_in:
        with suppress(NotTaken):  # `grade` says why
            students[one.student] = functions.find(one.read().files)
        one.forget()
    compared = compare(students)
    with open_folder(out):
        write_whole(out / ALIKE_TABLE, _table(compared.pairs))
        write_whole(
            out / ALIKE_PAGE,
            alike_page.page(compared.pairs, compared.more, compared.submissions, compared.left_out),
        )
    return compared


def compare(students: dict[str, Found]) -> Comparison:
    """The pairs of students whose functions are more alike than those of the class explain."""
    names = sorted(students)
    known = known_grams()
    index = _Index([students[name] for name in names], known)
    scores = _scores(index)
    above = np.argwhere(np.triu(scores, 1) > _bound(scores))
    ordered = sorted(above.tolist(), key=lambda pair: (-scores[pair[0], pair[1]], pair))
    pairs = tuple(
        Pair(
            names[one],
            names[other],
            float(scores[one, other]),
            tuple(_side_by_side(*match, known) for match in index.matches(one, other)),
        )
        for one, other in ordered[:MAX_PAIRS]
    )
    left_out = tuple((name, sentence) for name in names for sentence in _left_out(students[name]))
    return Comparison(pairs, max(len(ordered) - MAX_PAIRS, 0), len(names), left_out)


def known_grams() -> frozenset[Gram]:
    """The fingerprints of the kit's functions and of the reference's."""
    paths = [*(COURSE / "cs231n_utils").rglob("*.py"), *TOPICS.glob("*/reference.py")]
    return frozenset(
        gram
        for path in paths
        for function in functions.functions(path.name, path.read_text(encoding="utf-8"))
        for gram in function.grams()
    )


class _Index:
    """The functions of a class by their fingerprints, which are numbers here.

    owners : of each function, the number of the student
    """

    def __init__(self, students: Sequence[Found], known: frozenset[Gram]) -> None:
        numbers: dict[Gram, int] = {}
        self._functions: list[Function] = []
        self._grams: list[np.ndarray] = []  # of each function, without those that are known
        owners: list[int] = []
        for owner, found in enumerate(students):
            for function in found.functions:
                grams = dict.fromkeys(gram for gram in function.grams() if gram not in known)
                if len(grams) >= _LEAST_GRAMS:
                    self._functions.append(function)
                    self._grams.append(
                        np.array([numbers.setdefault(gram, len(numbers)) for gram in grams])
                    )
                    owners.append(owner)
        self.students = len(students)
        self.owners = np.array(owners, dtype=np.intp)
        self.sizes = np.array([len(grams) for grams in self._grams], dtype=np.intp)
        flat = np.concatenate([np.empty(0, np.intp), *self._grams])
        order = np.argsort(flat, kind="stable")
        # Who has fingerprint g stands from self._starts[g] to self._starts[g + 1].
        self._holders = np.repeat(np.arange(len(owners)), self.sizes)[order]
        self._starts = np.searchsorted(flat[order], np.arange(len(numbers) + 1))

    def likeness(self, function: int) -> np.ndarray:
        """The share of its fingerprints that a function has in common with each function, 0 to 1,
        of shape (number of functions,).
        """
        holders = [
            self._holders[self._starts[gram] : self._starts[gram + 1]]
            for gram in self._grams[function]
        ]
        common = np.bincount(np.concatenate(holders), minlength=len(self.sizes))
        return np.asarray(2 * common / (self.sizes + self.sizes[function]))

    def matches(self, one: int, other: int) -> list[tuple[Function, Function, float]]:
        """The functions of two students that are alike, and how much; each in one match at most,
        the most alike first.
        """
        theirs = np.flatnonzero(self.owners == other)
        found = [
            (float(likeness[theirs[k]]), mine, int(theirs[k]))
            for mine in np.flatnonzero(self.owners == one).tolist()
            for likeness in [self.likeness(mine)]
            for k in range(len(theirs))
            if likeness[theirs[k]] > _ALIKE
        ]
        taken: set[int] = set()
        matches = []
        for share, mine, their in sorted(found, key=lambda match: (-match[0], match[1:])):
            if not taken & {mine, their}:
                taken |= {mine, their}
                matches.append((self._functions[mine], self._functions[their], share))
        return matches


def _scores(index: _Index) -> np.ndarray:
    """The score of each pair of students, of shape (students, students)."""
    n = index.students
    scores = np.zeros((n, n))
    for function, owner in enumerate(index.owners):
        best = np.zeros(n)  # of each student, the function that is most alike
        np.maximum.at(best, index.owners, index.likeness(function))
        best[owner] = 0.0
        alike = np.flatnonzero(best > _ALIKE)
        likeness = best[alike]
        rank = len(alike) - np.searchsorted(np.sort(likeness), likeness - _NO_LESS)
        most = index.sizes[function] * likeness / _GRAMS_A_POINT
        part = np.clip((likeness - _ALIKE) / (_SAME - _ALIKE), 0.0, 1.0)
        scores[owner, alike] += part * np.minimum(np.log(n / rank), most)
    # What one of the two has twice, or others have of it, adds to one side only.
    return np.minimum(scores, scores.T)


def _bound(scores: np.ndarray) -> float:
    """The score that about one pair of the class would exceed if all likenesses were by chance.

    The tail is taken for exponential, and its slope from quantiles below it. Those next to the tail
    tell more of a large class; in a small one, a single copy may be among them. Where most have
    copied, no quantile tells, so there is a bound that depends on the number of pairs alone.
    """
    pairs = scores[np.triu_indices(len(scores), 1)]
    if not len(pairs):
        return _LEAST_SCORE
    half, most, nearly_all = np.quantile(pairs, [0.5, 0.9, 0.99], method="lower")
    wide = most + (most - half) * np.log(len(pairs) / 10) / np.log(5)
    near = nearly_all + (nearly_all - most) * np.log(len(pairs) / 100) / np.log(10)
    return float(max(min(wide, near, _MOST_LOGS * np.log(len(pairs))), _LEAST_SCORE))


def _side_by_side(
    one: Function, other: Function, share: float, known: frozenset[Gram]
) -> LikeFunctions:
    common = (set(one.grams()) & set(other.grams())) - known
    return LikeFunctions(_side(one, common), _side(other, common), share)


def _side(function: Function, common: set[Gram]) -> Side:
    """A function, with the places marked that hold these fingerprints."""
    parts: list[tuple[str, bool]] = []
    position = 0
    for start, end in _runs(function, common):
        start, end = min(start, _MAX_SHOWN), min(end, _MAX_SHOWN)
        parts += [(function.text[position:start], False), (function.text[start:end], True)]
        position = end
    parts.append((function.text[position:_MAX_SHOWN], False))
    return Side(
        legible(function.name),
        function.file,
        function.line,
        tuple((text, same) for text, same in parts if text),
        max(len(function.text) - _MAX_SHOWN, 0),
    )


def _runs(function: Function, common: set[Gram]) -> Iterator[tuple[int, int]]:
    """First and last character plus one of each run of tokens that these fingerprints cover."""
    run: tuple[int, int] | None = None
    covered = 0  # tokens up to this one are in a fingerprint
    grams = function.grams()
    for k, (start, end) in enumerate(function.places):
        if k < len(grams) and grams[k] in common:
            covered = k + functions.GRAM
        if k < covered:
            run = (run[0], max(run[1], end)) if run else (start, end)
        elif run:
            yield run
            run = None
    if run:
        yield run


def _left_out(found: Found) -> list[str]:
    return found.left_out if found.functions else [*found.left_out, "no function to compare"]


def _table(pairs: Sequence[Pair]) -> str:
    """The pairs as a CSV file."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["student", "other", "score", "functions", "names"])
    for pair in pairs:
        alike = "; ".join(
            f"{each.one.name} and {each.other.name} {each.share:.0%}" for each in pair.functions
        )
        writer.writerow(
            [
                table_cell(pair.one),
                table_cell(pair.other),
                f"{pair.score:.1f}",
                len(pair.functions),
                table_cell(alike),
            ]
        )
    return file.getvalue()
