"""The class page, by which a teaching assistant prepares the next lecture.

It is one static file, made from the reports of a class.
"""

from __future__ import annotations

import os
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cs231n_utils.exercises import EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.course.final import Final, Status
from grader.diagnosis import hints
from grader.pages import class_figures, class_rows, student_page
from grader.pages.class_rows import OUTCOMES, Damaged, Row, Unjudged
from grader.pages.writing import write_whole
from grader.paths import CLASS_PAGE

_STEP = 5  # width of a bar of the histogram, in points
_ROWS, _MISTAKES = 20, 15  # rows of a table; further ones are folded, or only counted
_NAMES = 200  # names in a list of students
_FEW = 6  # names in a cell of a table; more of them are folded


@dataclass(frozen=True)
class Mistake:
    """A known mistake in a class. Exercises in which it has the same hint share one entry.

    hint, concept : from the bank of mistakes; "" for a name that is not in the bank any more
    students : how many students make it, each counted once
    exercises : exercise -> how many students make it there
    """

    name: str
    hint: str
    concept: str
    students: int
    exercises: Mapping[str, int]


@dataclass(frozen=True)
class Failing:
    """Students whose submissions fail as programs in the same way and in the same exercises.

    kind : one of the values of FAULTS
    message : what the first of the students reads
    """

    kind: str
    exercises: tuple[str, ...]
    message: str
    students: Sequence[str]


@dataclass(frozen=True)
class Cause:
    """Checks that were not judged for the same reason.

    line : the last line of their details, which they share
    detail : the whole detail of one of them
    """

    line: str
    detail: str
    checks: Sequence[Unjudged]
    students: Sequence[str]


def write(
    folder: Path,
    out: Path | None = None,
    rows: Mapping[str, Row] | None = None,
    grades: Sequence[Final] = (),
) -> tuple[Path, int, list[Damaged]]:
    """Write the class page of a folder of results.

    out : the file, or the folder of the file; by default the folder of results
    rows : folder -> row, of reports that need not be read (see `class_rows.read`)
    grades : the final grades of the class

    Returns the path of the page, the number of students on it, and the reports that are damaged.
    Raises ResultsNotFound if there is no report to read.
    """
    all_rows, damaged = class_rows.read(folder, rows)
    out = out or folder / CLASS_PAGE
    if out.is_dir():
        out /= CLASS_PAGE
    out.parent.mkdir(parents=True, exist_ok=True)
    relative = Path(os.path.relpath(folder.resolve(), out.parent.resolve())).as_posix()
    path_prefix = "" if relative == "." else f"{quote(os.fsencode(relative))}/"
    write_whole(out, page(all_rows, damaged, path_prefix, grades))
    return out, len(all_rows), damaged


def page(
    rows: Sequence[Row],
    damaged: Sequence[Damaged] = (),
    path_prefix: str = "",
    grades: Sequence[Final] = (),
) -> str:
    """The class page.

    path_prefix : with what a link from the page to a file in the folder of results begins
    """
    finals = {grade.student: grade.points for grade in grades}
    # With what staff have set, as in the final grades.
    points = {row.student: {**row.points, **finals.get(row.student, {})} for row in rows}
    scores = [round(sum(points[row.student].values()), 6) for row in rows]
    bins = _bins(scores)
    outcomes = _outcomes(rows)
    nothing, stuck, low = _in_need(rows)
    mistakes = _mistakes(rows)
    timed = sorted((row for row in rows if row.held and row.slowest), key=lambda row: -row.held)
    return student_page.render(
        "class.html",
        path_prefix=path_prefix,
        rows=rows,
        damaged=damaged,
        statuses=[(status, sum(grade.status is status for grade in grades)) for status in Status],
        totals=[grade.total for grade in grades if grade.status is Status.GRADED],
        special=[grade for grade in grades if _is_special(grade)],
        exercises=EXERCISES,
        outcomes=OUTCOMES,
        first=NOTEBOOKS[0],
        mean=statistics.fmean(scores),
        median=statistics.median(scores),
        quartiles=_quartiles(scores),
        levels=sorted(Counter(row.level or "none" for row in rows).items()),
        in_part=sum(row.max_score < MAX_SCORE for row in rows),
        waiting=[row for row in rows if row.unjudged],
        bins=bins,
        scores_figure=class_figures.scores(bins, statistics.median(scores)),
        by_exercise=outcomes,
        exercises_figure=class_figures.exercises(_shares(outcomes)),
        mean_points={
            name: statistics.fmean(some[name] for some in points.values() if name in some)
            for name in outcomes
        },
        hardest=min(
            outcomes, key=lambda name: outcomes[name]["full"] / sum(outcomes[name].values())
        ),
        easiest=max(
            outcomes, key=lambda name: outcomes[name]["full"] / sum(outcomes[name].values())
        ),
        mistakes=mistakes,
        mistaken=sum(bool(row.mistakes) for row in rows),
        nothing=nothing,
        stuck=stuck,
        low=low,
        furthest=_furthest,
        faulty=sum(bool(row.faults) for row in rows),
        failing=_failing(rows),
        slow=timed[:10],
        median_seconds=statistics.median(row.held for row in timed) if timed else 0.0,
        causes=_causes(rows),
        max_rows=_ROWS,
        max_mistakes=_MISTAKES,
        max_names=_NAMES,
        few=_FEW,
        share=_share,
        thousands="{:,}".format,
    )


def _is_special(grade: Final) -> bool:
    """Whether dates or people have made a grade another one than the checks have."""
    return bool(
        grade.late.days
        or grade.late.is_extended
        or grade.set_by_staff
        or grade.status in (Status.EXCUSED, Status.MISSING)
    )


def _share(part: float, whole: float) -> str:
    """A share in per cent; 0 % and 100 % are exact, so other shares are never rounded to them."""
    percent = 100 * part / whole if whole else 0.0
    if 0 < percent < 1:
        return "< 1 %"
    return "> 99 %" if 99 < percent < 100 else f"{percent:.0f} %"


def _quartiles(scores: Sequence[float]) -> tuple[float, float]:
    """The lower and the upper quartile."""
    if len(scores) == 1:
        return scores[0], scores[0]
    lower, _, upper = statistics.quantiles(scores, n=4, method="inclusive")
    return lower, upper


def _bins(scores: Sequence[float]) -> list[tuple[float, float, int]]:
    """(from, to, number of students) of each bar; a score of `to` counts in the last bar only."""
    last = -(-MAX_SCORE // _STEP) - 1
    counts = Counter(min(int(score // _STEP), last) for score in scores)
    return [(_STEP * k, _STEP * (k + 1), counts[k]) for k in range(last + 1)]


def _outcomes(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Exercise -> outcome -> number of students, for the exercises that were graded."""
    counts = Counter((name, outcome) for row in rows for name, outcome in row.outcomes.items())
    graded = {name for name, _ in counts}
    return {
        name: {outcome: counts[name, outcome] for outcome in OUTCOMES}
        for name in EXERCISES
        if name in graded
    }


def _shares(outcomes: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, float]]:
    """Exercise -> outcome -> share of the students, 0 to 1."""
    return {
        name: {outcome: count / sum(counts.values()) for outcome, count in counts.items()}
        for name, counts in outcomes.items()
    }


def _mistakes(rows: Sequence[Row]) -> list[Mistake]:
    """The known mistakes that were made, the most frequent first.

    A student who makes two at once is counted for both.
    """
    banks = {name: {entry.name: entry for entry in hints.bank(name)} for name in EXERCISES}
    made: dict[tuple[str, str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        for exercise, names in row.mistakes:
            known = banks[exercise]
            for name in [names] if names in known else names.split(" + "):
                entry = known.get(name)
                made[name, entry.hint if entry else "", entry.concept if entry else ""][
                    exercise
                ].add(row.student)
    found = [
        Mistake(
            *what,
            len(set().union(*where.values())),
            {name: len(where[name]) for name in EXERCISES if name in where},
        )
        for what, where in made.items()
    ]
    return sorted(found, key=lambda mistake: (-mistake.students, mistake.name, mistake.hint))


def _in_need(rows: Sequence[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """The students who may need help, in three lists.

    They have no points at all; points in the first notebook only; or the lowest scores among the
    others. Exercises that could not be judged or were not graded put nobody on the first two lists.
    """
    nothing, stuck, others = [], [], []
    for row in rows:
        later = [name for name in row.outcomes if EXERCISES[name].notebook != NOTEBOOKS[0]]
        missed = bool(later) and all(row.outcomes[name] == "none" for name in later)
        if missed and all(outcome == "none" for outcome in row.outcomes.values()):
            nothing.append(row)
        elif missed:
            stuck.append(row)
        else:
            others.append(row)
    low = sorted(
        (row for row in others if row.score < row.max_score / 2),
        key=lambda row: (row.score, row.student),
    )
    return nothing, stuck, low[:_ROWS]


def _furthest(row: Row) -> str:
    """The last exercise, in the order of the notebooks, in which a student has points."""
    return next((name for name in reversed(EXERCISES) if row.points.get(name)), "")


def _failing(rows: Sequence[Row]) -> list[Failing]:
    """How submissions fail as programs, the most frequent way first."""
    groups: dict[tuple[str, tuple[str, ...]], list[Row]] = defaultdict(list)
    for row in rows:
        for kind in dict.fromkeys(fault.kind for fault in row.faults):
            groups[
                kind,
                tuple(dict.fromkeys(fault.exercise for fault in row.faults if fault.kind == kind)),
            ].append(row)
    found = [
        Failing(
            kind,
            where,
            next(fault.message for fault in some[0].faults if fault.kind == kind),
            [row.student for row in some],
        )
        for (kind, where), some in groups.items()
    ]
    return sorted(
        found, key=lambda failing: (-len(failing.students), failing.kind, failing.exercises)
    )


def _causes(rows: Sequence[Row]) -> list[Cause]:
    """Why checks were not judged, the most frequent reason first."""
    groups: dict[str, list[Unjudged]] = defaultdict(list)
    for check in (check for row in rows for check in row.unjudged):
        lines = check.detail.strip().splitlines()
        groups[lines[-1] if lines else "no detail was recorded"].append(check)
    causes = [
        Cause(
            line, checks[0].detail, checks, list(dict.fromkeys(check.student for check in checks))
        )
        for line, checks in groups.items()
    ]
    return sorted(causes, key=lambda cause: (-len(cause.checks), cause.line))
