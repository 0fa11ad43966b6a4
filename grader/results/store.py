"""Reads and writes the folder of results: reports, feedback pages, the table, the overview, and a
note on the code and settings that made them. The gradebook has a room of its own.
"""

from __future__ import annotations

import csv
import json
import logging
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cs231n_utils.exercises import EXERCISES
from grader.pages import class_rows, student_page
from grader.pages.writing import write_whole
from grader.paths import FEEDBACK_PAGE, OVERVIEW, REPORT, TABLE
from grader.report import Report, folder_of, format_points
from grader.results import cache
from grader.text import one_line, table_cell

_log = logging.getLogger("grader.results.store")
_LAST_RUN = ".last_run.json"
# The columns of the table that stand before those of the exercises: name, and the cell of a report.
# Reports are `points_only()` here.
COLUMNS: tuple[tuple[str, Callable[[Report], object]], ...] = (
    ("student", lambda report: table_cell(report.student)),
    ("score", lambda report: format_points(report.score)),
    ("max_score", lambda report: format_points(report.max_score)),
    ("status", lambda report: report.status),
    ("sandbox_level", lambda report: report.level),
)


def merge(earlier: Report | None, report: Report) -> Report:
    """A report of some exercises, with all others from an earlier report. The level is the weaker
    one of the two.
    """
    if earlier is None:
        return report
    known = {exercise.name: exercise for exercise in (*earlier.exercises, *report.exercises)}
    exercises = tuple(known[name] for name in EXERCISES if name in known)
    kept = sum(exercise.seconds for exercise in exercises if exercise not in report.exercises)
    return replace(
        report,
        level=max(earlier.level, report.level),
        exercises=exercises,
        seconds=round(report.seconds + kept, 3),
    )


class FolderTaken(Exception):
    """A folder belongs to another student, or another grader writes to it; the text says to whom it
    belongs, and what to do.
    """


@contextmanager
def open_folder(folder: Path) -> Iterator[None]:
    """Make the folder of results, readable for its owner only, and lock it against other graders.

    A folder that exists keeps its mode; a warning is logged if others can look into it. Raises
    FolderTaken while another grader holds the lock, which ends with the process that holds it.
    """
    import fcntl  # not on Windows, where nothing is graded

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (mode := stat.S_IMODE(folder.stat().st_mode)) & 0o077:
        shown = one_line(str(folder))
        _log.warning(
            "%s: other users of this machine can look into it (mode %o), at names, scores and"
            " students' work. To keep them out: chmod 700 %s",
            shown,
            mode,
            shown,
        )
    with open(
        os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+"
    ) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderTaken(
                f"Another grader (process {file.read(20).strip()}) writes to {folder}. Wait until"
                " it has ended, or give --out another folder."
            ) from None
        except OSError as error:
            _log.warning(
                "%s: cannot be locked (%s). Start no other grader with it.", folder, error.strerror
            )
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def load(folder: Path, student: str) -> Report | None:
    """The report that an earlier run wrote for a student; None if it is missing or damaged."""
    report = _read(folder / folder_of(student) / REPORT)
    # Some file systems open the folder of ann for Ann.
    return report if report and report.student == student else None


def _read(path: Path) -> Report | None:
    if not path.is_file():
        return None
    try:
        return Report.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None  # damaged: grading writes it again


def write_student(folder: Path, report: Report) -> None:
    """Write `<student>/feedback.html`, and then `<student>/report.json`, so that a student with a
    report has both.

    Raises FolderTaken if the folder holds another student's results.
    """
    home = folder / folder_of(report.student)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # The same users may look into it as into the folder of results.
        home.mkdir(folder.stat().st_mode & 0o777)
    except FileExistsError:
        there = _read(home / REPORT)
        if there and there.student != report.student:
            raise FolderTaken(
                f"{home} holds the results of {there.student!r}, and {report.student!r} would get"
                " the same folder. Where this file system takes the two names for one, give --out"
                " a folder on another; else move that folder away. Then grade again."
            ) from None
    draw_student(folder, report)
    write_whole(home / REPORT, json.dumps(report.to_dict(), indent=1) + "\n")


def draw_student(folder: Path, report: Report) -> None:
    """Write `<student>/feedback.html`, from the report alone."""
    write_whole(
        folder / folder_of(report.student) / FEEDBACK_PAGE, student_page.student_page(report)
    )


def write_class(folder: Path, reports: Iterable[Report]) -> None:
    """Write `grades.csv` and `index.html`, with students in alphabetical order.

    reports : as `Report.points_only` makes them, so without messages; the reports in the students'
        folders are complete
    """
    ordered = sorted(reports, key=lambda report: report.student)
    path = folder / TABLE
    with open(path.with_suffix(".tmp"), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*(name for name, _ in COLUMNS), *EXERCISES])
        writer.writerows(_row(report) for report in ordered)
    os.replace(path.with_suffix(".tmp"), path)
    write_whole(folder / OVERVIEW, student_page.class_page(ordered))


def draw_again(folder: Path) -> None:
    """Write all feedback pages and `index.html` again, from the reports in the folder.

    Reports that cannot be read are skipped, and their pages stay. Nothing is graded.
    """
    reports = []
    for home in sorted(folder.iterdir()):
        report = _read(home / REPORT)
        if report and class_rows.is_sound(report) and folder_of(report.student) == home.name:
            draw_student(folder, report)
            reports.append(report.points_only())
    reports.sort(key=lambda report: report.student)
    write_whole(folder / OVERVIEW, student_page.class_page(reports))
    remember(folder, replace(last_run(folder), drawn_by=cache.drawing_version()))


# --- what made the results ------------------------------------------------------------------------


@dataclass(frozen=True)
class LastRun:
    """The note that the last run left in a folder of results.

    graded_by : `cache.circumstances` of the last run of all exercises, or else of the first run;
        None if no run has noted them
    drawn_by : `cache.drawing_version` of the code that drew all pages; "" if not all are by the
        same code
    """

    graded_by: dict[str, Any] | None = None
    drawn_by: str = ""


def last_run(folder: Path) -> LastRun:
    """The note in a folder; an empty one if there is none, or if it cannot be read."""
    try:
        data = json.loads((folder / _LAST_RUN).read_text(encoding="utf-8"))
        run = LastRun(data["graded_by"], data["drawn_by"])
    except (OSError, ValueError, LookupError, TypeError):
        return LastRun()
    return run if run.graded_by is None or isinstance(run.graded_by, dict) else LastRun()


def remember(folder: Path, run: LastRun) -> None:
    """Replace the note in a folder."""
    write_whole(folder / _LAST_RUN, json.dumps(asdict(run), indent=1) + "\n")


def _row(report: Report) -> Sequence[object]:
    points = {exercise.name: format_points(exercise.points) for exercise in report.exercises}
    cells = [cell(report) for _, cell in COLUMNS]
    return [*cells, *(points.get(name, "") for name in EXERCISES)]
