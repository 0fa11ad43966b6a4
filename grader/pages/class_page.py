"""The class page, by which a teaching assistant prepares the next lecture.

It is one static file, made from the reports of a class.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from cs231n_utils.exercises import EXERCISES, NOTEBOOKS
from grader.course.final import Final, Status
from grader.pages import class_figures, class_rows, student_page
from grader.pages.class_counts import LOWEST, NAMES, Counts
from grader.pages.class_rows import OUTCOMES, Damaged, Row
from grader.pages.writing import write_whole
from grader.paths import CLASS_PAGE

_ROWS, _MISTAKES = LOWEST, 15  # rows of a table; further ones are folded, or only counted
_FEW = 6  # names in a cell of a table; more of them are folded


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
    counts = counted(all_rows, grades)
    return draw(folder, counts, damaged, out), counts.students, damaged


def counted(rows: Iterable[Row], grades: Iterable[Final] = ()) -> Counts:
    """The counts of a class."""
    counts = Counts()
    row_of = {row.student: row for row in rows}
    grade_of = {grade.student: grade for grade in grades}
    for student in sorted(row_of.keys() | grade_of.keys()):
        counts.add(row_of.get(student), grade_of.get(student))
    return counts


def draw(
    folder: Path, counts: Counts, damaged: Sequence[Damaged] = (), out: Path | None = None
) -> Path:
    """Write the class page of a folder of results, and return its path.

    out : as for `write`

    Raises ResultsNotFound if nobody's report has been counted.
    """
    if not counts.students:
        raise class_rows.none_to_read(folder, damaged)
    out = out or folder / CLASS_PAGE
    if out.is_dir():
        out /= CLASS_PAGE
    out.parent.mkdir(parents=True, exist_ok=True)
    relative = Path(os.path.relpath(folder.resolve(), out.parent.resolve())).as_posix()
    path_prefix = "" if relative == "." else f"{quote(os.fsencode(relative))}/"
    write_whole(out, page(counts, damaged, path_prefix))
    return out


def page(counts: Counts, damaged: Sequence[Damaged] = (), path_prefix: str = "") -> str:
    """The class page.

    path_prefix : with what a link from the page to a file in the folder of results begins
    """
    outcomes, median, bins = counts.outcomes, counts.median, counts.bins

    def solved(name: str) -> float:
        return outcomes[name]["full"] / sum(outcomes[name].values())

    return student_page.render(
        "class.html",
        path_prefix=path_prefix,
        counts=counts,
        damaged=damaged,
        statuses=[(status, counts.statuses[status]) for status in Status],
        exercises=EXERCISES,
        outcomes=OUTCOMES,
        first=NOTEBOOKS[0],
        mean=statistics.fmean(counts.scores),
        median=median,
        quartiles=counts.quartiles,
        levels=sorted(counts.levels.items()),
        bins=bins,
        scores_figure=class_figures.scores(bins, median),
        by_exercise=outcomes,
        exercises_figure=class_figures.exercises(_shares(outcomes)),
        mean_points={name: counts.mean_points(name) for name in outcomes},
        hardest=min(outcomes, key=solved),
        easiest=max(outcomes, key=solved),
        mistakes=counts.mistakes,
        low=counts.low,
        furthest=_furthest,
        failing=counts.failing,
        slow=counts.slow,
        median_seconds=statistics.median(counts.held) if counts.held else 0.0,
        causes=counts.causes,
        max_rows=_ROWS,
        max_mistakes=_MISTAKES,
        max_names=NAMES,
        few=_FEW,
        share=_share,
        thousands="{:,}".format,
    )


def _share(part: float, whole: float) -> str:
    """A share in per cent; 0 % and 100 % are exact, so other shares are never rounded to them."""
    percent = 100 * part / whole if whole else 0.0
    if 0 < percent < 1:
        return "< 1 %"
    return "> 99 %" if 99 < percent < 100 else f"{percent:.0f} %"


def _shares(outcomes: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, float]]:
    """Exercise -> outcome -> share of the students, 0 to 1."""
    return {
        name: {outcome: count / sum(counts.values()) for outcome, count in counts.items()}
        for name, counts in outcomes.items()
    }


def _furthest(row: Row) -> str:
    """The last exercise, in the order of the notebooks, in which a student has points."""
    return next((name for name in reversed(EXERCISES) if row.points.get(name)), "")
