"""Reads and writes the folder of results: reports, feedback pages, the table, the overview, and a
note on the code and settings that made them. The gradebook has a room of its own.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import logging
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cs231n_utils.exercises import EXERCISES
from grader.course.final import Final, Marks, Rules, finals
from grader.course.overrides import Override
from grader.faults import GraderFault, ResultsFault
from grader.intake.file_status import Status, of_file
from grader.pages import class_rows, student_page
from grader.pages.writing import write_if_other, write_new, write_parts, write_whole
from grader.paths import FEEDBACK_PAGE, OVERVIEW, REPORT, TABLE
from grader.report import Report, folder_of, format_points
from grader.results import cache
from grader.results.people import by_student, read_people
from grader.text import one_line, table_cell

_log = logging.getLogger("grader.results.store")
_LAST_RUN, _DRAWN, _STAGED = ".last_run.json", ".drawn_pages", ".staged"
_A_DAY = 24 * 60 * 60.0  # seconds
# The columns of the table that stand before those of the exercises: name, and the cell of a grade.
COLUMNS: tuple[tuple[str, Callable[[Final], object]], ...] = (
    ("student", lambda grade: table_cell(grade.student)),
    ("name", lambda grade: table_cell(grade.name)),
    ("email", lambda grade: table_cell(grade.email)),
    ("handed_in", lambda grade: _time(grade.late.handed_in)),
    ("days_late", lambda grade: grade.late.days if grade.late.due else ""),
    ("status", lambda grade: grade.status),
    ("score", lambda grade: _points(grade.score)),
    ("max_score", lambda grade: _points(grade.max_score)),
    ("written", lambda grade: "" if grade.unmarked else _points(grade.written)),
    ("extra", lambda grade: _points(grade.extra)),
    ("penalty", lambda grade: _points(grade.penalty)),
    ("total", lambda grade: _points(grade.total)),
    ("max_total", lambda grade: grade.max_total),
    ("sandbox_level", lambda grade: grade.level),
)
# And the one that stands behind them.
SET_BY_STAFF = "set_by_staff"


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


class FolderTaken(GraderFault):
    """A folder belongs to another student, or another grader writes to it; the text says to whom it
    belongs, and what to do.
    """


@contextmanager
def results_are(done: str, path: str | Path) -> Iterator[None]:
    """What the file system refuses is a fault of the folder of results, and no student's.

    done : what is done with them: "read" or "written"
    path : where, if the error does not say it
    """
    try:
        yield
    except OSError as error:
        where = error.filename2 or error.filename or path
        raise ResultsFault(
            f"The results cannot be {done}: {where}: {error.strerror}. When they can be, run the"
            " same command again."
        ) from error


@contextmanager
def open_folder(folder: Path) -> Iterator[Path]:
    """Make the folder of results, readable for its owner only, lock it against other graders, and
    give the folder in which this run may stage files.

    A folder that exists keeps its mode; a warning is logged if others can look into it. Raises
    FolderTaken while another grader holds the lock, which ends with the process that holds it.
    """
    import fcntl  # not on Windows, where nothing is graded

    with results_are("written", folder):
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
    with results_are("written", lock := folder / ".lock"):
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "r+b", buffering=0) as file:  # else closing it would write once more
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read(20).decode().strip()
            raise FolderTaken(
                f"Another grader (process {holder}) writes to {folder}. Wait until it has ended,"
                " or give --out another folder."
            ) from None
        except OSError as error:
            _log.warning(
                "%s: cannot be locked (%s). Start no other grader with it.", folder, error.strerror
            )
        with results_are("written", lock):
            file.truncate()
            file.write(f"{os.getpid()}\n".encode())
        with staging(folder) as place:
            yield place


def load(folder: Path, student: str) -> Report | None:
    """The report that an earlier run wrote for a student; None if it is missing or damaged."""
    return load_with_text(folder, student)[1]


def load_with_text(folder: Path, student: str) -> tuple[str, Report | None]:
    """The same, behind the text of its file, which is "" if there is none of this student's.

    Raises ResultsFault if there is a file that cannot be read.
    """
    text = _text(folder / folder_of(student) / REPORT)
    report = parse(text)
    # Some file systems open the folder of ann for Ann.
    return ("", None) if report and report.student != student else (text, report)


def _text(path: Path) -> str:
    with results_are("read", path):
        try:
            return path.read_text(encoding="utf-8") if path.is_file() else ""
        except ValueError:
            return ""


def status_of_report(folder: Path, student: str) -> Status | None:
    """What the file system says of that file; None if there is none."""
    return of_file(f"{folder}/{folder_of(student)}/{REPORT}")


def parse(text: str) -> Report | None:
    """The report in the text of a file; None if it is damaged."""
    try:
        return Report.from_dict(json.loads(text)) if text else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None  # grading writes it again


def text_of(report: Report) -> str:
    """The text of `report.json`."""
    return json.dumps(report.to_dict(), indent=1) + "\n"


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Give a folder of this run's own in a folder of results, in which to stage files.

    What runs that were killed have left there is removed after a day. Until then it could be that
    of a run elsewhere: some file systems give a lock on each machine.
    """
    of_all = folder / _STAGED
    with results_are("written", of_all):
        of_all.mkdir(mode=0o700, exist_ok=True)
        if of_all.is_symlink():  # to a folder, in which nobody would look for students' files
            raise OSError(errno.ELOOP, "is a link, which is not followed", str(of_all))
        for left in of_all.iterdir():
            with suppress(FileNotFoundError):  # another run is just removing it
                if time.time() - left.stat().st_mtime > _A_DAY:
                    shutil.rmtree(left, ignore_errors=True)
        own = Path(tempfile.mkdtemp(dir=of_all))
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)
        with suppress(OSError):  # something else is in there
            of_all.rmdir()


def stage(staging: Path, page: bytes, text: bytes) -> str:
    """Write a student's page and report where `write_student` only has to move them to their place;
    returns their name there. Any process of the run may stage.

    staging : the folder that `open_folder` has given
    page, text : what `student_page` and `text_of` make of the report, in UTF-8

    Raises ResultsFault.
    """
    # Nobody else's, even where a file system takes the names of two students for one.
    name = f"{staging}/{secrets.token_hex(16)}"
    with results_are("written", name):
        for path, content in zip(files_of(name), (page, text), strict=True):
            write_new(path, content)
    return name


def files_of(staged: str) -> tuple[str, str]:
    """The paths of a page and a report that are staged."""
    return f"{staged}.html", f"{staged}.json"


def write_student(folder: Path, student: str, staged: str, has_folder: bool = False) -> None:
    """Put `<student>/feedback.html`, and then `<student>/report.json` in their place, so that a
    student with a report has both.

    staged : the name that `stage` has given
    has_folder : whether it is known that the folder is this student's

    Raises ResultsFault, or FolderTaken if the folder holds another student's results.
    """
    home = f"{folder}/{folder_of(student)}"
    with results_are("written", home):
        if not has_folder:
            try:
                # The same users may look into it as into the folder of results.
                os.mkdir(home, os.stat(folder).st_mode & 0o777)
            except FileExistsError:
                _expect_own(Path(home), student)
        for path, name in zip(files_of(staged), (FEEDBACK_PAGE, REPORT), strict=True):
            _move(path, f"{home}/{name}")


def _move(staged: str, path: str) -> None:
    """Move a file, so that a reader never sees half of it."""
    try:
        os.replace(staged, path)
    except FileNotFoundError as error:
        if not os.path.exists(staged):
            error.filename2 = None  # which is not what is missing
        raise
    except OSError as error:
        if error.errno != errno.EXDEV:  # a student's folder may be a link to another file system
            raise
        write_whole(Path(path), Path(staged).read_bytes().decode())
        os.unlink(staged)


def _expect_own(home: Path, student: str) -> None:
    there = parse(_text(home / REPORT))
    if there and there.student != student:
        raise FolderTaken(
            f"{home} holds the results of {there.student!r}, and {student!r} would get the same"
            " folder. Where this file system takes the two names for one, give --out a folder"
            " on another; else move that folder away. Then grade again."
        )


def draw_student(folder: Path, report: Report, grade: Final | None = None) -> None:
    """Write `<student>/feedback.html`, from the report and the final grade."""
    page = student_page.student_page(report, grade)
    write_whole(folder / folder_of(report.student) / FEEDBACK_PAGE, page)


def write_class(
    folder: Path, reports: Sequence[Report], grades: Sequence[Final] | None = None
) -> None:
    """Write `grades.csv` and `index.html`.

    reports : as `Report.points_only` makes them, so without messages; the reports in the students'
        folders are complete
    grades : the final grades, in the order of the rows; by default, as far as they follow from the
        reports alone
    """
    grades = finals(reports) if grades is None else grades
    of = {report.student: report for report in reports}
    write_tables(
        folder,
        ((grade, of.get(grade.student)) for grade in grades),
        sum(grade.score is not None for grade in grades),
        {report.level for report in reports},
    )


def write_tables(
    folder: Path,
    rows: Iterable[tuple[Final, Report | None]],
    graded: int,
    levels: Iterable[str],
) -> None:
    """Write `grades.csv` and `index.html` of a class of any size, which need not be in memory.

    rows : the final grade of everybody, in the order of the rows, and the report if there is one;
        they are gone through once
    graded : how many grades are of a submission
    levels : of the sandbox, of all reports
    """
    path = folder / TABLE

    def written(writer: Any) -> Iterator[tuple[Final, Report | None]]:
        for grade, report in rows:
            writer.writerow(_row(grade))
            yield grade, report

    with open(path.with_suffix(".tmp"), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*(name for name, _ in COLUMNS), *EXERCISES, SET_BY_STAFF])
        write_parts(
            folder / OVERVIEW,
            student_page.class_page(written(writer), graded, filter(None, levels)),
        )
    os.replace(path.with_suffix(".tmp"), path)


def final_grades(folder: Path, marks: Mapping[str, Marks], rules: Rules) -> list[Final]:
    """The final grades of all students with a sound report in the folder."""
    reports = [report.points_only() for report in _sound(folder)]
    people = by_student(read_people(folder), [report.student for report in reports])
    return finals(reports, people, marks, rules)


def draw_again(folder: Path, marks: Mapping[str, Marks], rules: Rules) -> list[Final]:
    """Write all feedback pages, `grades.csv` and `index.html` again, from the reports in the folder
    and what the gradebook has; returns the final grades.

    Reports that cannot be read are skipped, and their pages stay. Nothing is graded.
    """
    grades = final_grades(folder, marks, rules)
    of = {grade.student: grade for grade in grades}
    reports, drawn = [], []
    for report in _sound(folder):
        grade = of[report.student]
        draw_student(folder, report, grade)
        drawn.append((folder_of(report.student), cache.page_key(grade)))
        reports.append(report.points_only())
    write_class(folder, reports, grades)
    remember_drawn(folder, last_run(folder), lambda: drawn)
    return grades


def _sound(folder: Path) -> Iterator[Report]:
    """The reports in the folder that can be read."""
    for home in sorted(folder.iterdir()):
        try:
            report = parse(_text(home / REPORT))
        except ResultsFault:
            continue
        if report and class_rows.is_sound(report) and folder_of(report.student) == home.name:
            yield report


# --- what made the results ------------------------------------------------------------------------


@dataclass(frozen=True)
class LastRun:
    """The note that the last run left in a folder of results.

    graded_by : `cache.circumstances` of the last run of all exercises, or else of the first run;
        None if no run has noted them
    drawn_by : `cache.drawing_version` of the code that drew all pages; "" if not all are by the
        same code
    drawn_for : a digest of the file that `drawn_pages` reads
    """

    graded_by: dict[str, Any] | None = None
    drawn_by: str = ""
    drawn_for: str = ""


def last_run(folder: Path) -> LastRun:
    """The note in a folder; an empty one if there is none, or if it cannot be read."""
    try:
        data = json.loads((folder / _LAST_RUN).read_text(encoding="utf-8"))
        run = LastRun(data["graded_by"], data["drawn_by"], data.get("drawn_for", ""))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return LastRun()
    return run if isinstance(run.graded_by or {}, dict) else LastRun()


def remember(folder: Path, run: LastRun) -> None:
    """Replace the note in a folder."""
    write_whole(folder / _LAST_RUN, json.dumps(asdict(run), indent=1) + "\n")


def drawn_pages(folder: Path, run: LastRun) -> Iterator[tuple[str, str]]:
    """Which final grades are on the pages in a folder: (folder of a student, `cache.page_key`).

    There are none if this code has not drawn all pages, or if the file is not that of the run.
    """
    path = folder / _DRAWN
    by_this_code = run.drawn_by == cache.drawing_version()
    if not (by_this_code and run.drawn_for and run.drawn_for == _digest_of_file(path)):
        return
    with open(path, encoding="utf-8") as file:
        for line in file:
            page, home = json.loads(line)
            yield home, page


def remember_drawn(
    folder: Path, run: LastRun, pages: Callable[[], Iterable[tuple[str, str]]]
) -> None:
    """Note that this code has drawn all pages of a folder.

    run : the rest of the note
    pages : gives what `drawn_pages` will give, in alphabetical order, each time that it is called
    """
    path = folder / _DRAWN
    write_if_other(path, lambda: (f"{json.dumps([page, home])}\n" for home, page in pages()))
    memory = replace(run, drawn_by=cache.drawing_version(), drawn_for=_digest_of_file(path))
    if memory != last_run(folder):
        remember(folder, memory)


def _digest_of_file(path: Path) -> str:
    """A digest of what is in a file; "" if there is none."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _row(grade: Final) -> Sequence[object]:
    return [
        *(cell(grade) for _, cell in COLUMNS),
        *(_points(grade.points.get(name)) for name in EXERCISES),
        table_cell("; ".join(map(_in_words, grade.set_by_staff.values()))),
    ]


def _points(points: float | None) -> str:
    return "" if points is None else format_points(points)


def _time(time: datetime | None) -> str:
    return time.isoformat(" ", "seconds") if time else ""


def _in_words(entry: Override) -> str:
    return f"{entry.exercise} {_points(entry.points)}: {entry.why} ({entry.by})"
