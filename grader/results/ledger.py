"""A shortcut past what has not changed: by the status of a student's files and of report.json, the
ledger knows what reading both would give.

Results never depend on it. Of files that have another status, or changed so recently that a change
may not show, it says nothing, and they are read. It says nothing at all if it is lost or damaged,
if it was made by other code, on another machine, in another folder, or with another secret, and if
the clock shows an earlier time than when it was made.

The file holds a line for each student, then one on the run, and a digest of all these lines, which
only the course's secret gives. It is replaced at the end of a run.
"""

from __future__ import annotations

import functools
import hmac
import json
import os
import platform
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cs231n_utils.exercises import EXERCISES
from grader.intake import file_status
from grader.intake.file_status import Status
from grader.pages import class_rows
from grader.pages.class_rows import Fault, Row
from grader.paths import CLASS_PAGE, OVERVIEW, REPORT, TABLE
from grader.report import ExerciseReport, Report, folder_of, points_of_exercise
from grader.results import cache

_NAME = ".ledger"
_TABLES = (TABLE, OVERVIEW, CLASS_PAGE)
_DIGEST = 64  # characters


@dataclass(frozen=True)
class Known:
    """What an earlier run has found out about a student whose files are unchanged.

    notes : what reading the submission has found for staff
    report : with points only; all of it is judged, with this key
    row : of the class page
    """

    notes: tuple[str, ...]
    report: Report
    row: Row


class Ledger:
    """The ledger of a folder of results: reads that of the run before, and writes the next one."""

    def __init__(self, folder: Path, secret: str, level: str) -> None:
        self._folder, self._secret = folder, secret.encode()
        self._begun = file_status.now()
        self._made_by = _circumstances(folder, level)
        # Name of a student, in JSON -> what is known, in JSON: of the files, and of the report.
        self._lines: dict[str, list[str]] = {}
        self._tables: list[str] = []
        with suppress(OSError, ValueError, LookupError, TypeError):
            self._read()
        self._reports: list[str] = []  # digests of what is known of the reports of this run
        self._next: IO[bytes] | None = None
        self._sum = hmac.new(self._secret, digestmod="sha256")

    def _read(self) -> None:
        """Read the whole ledger, or nothing of it."""
        content = (self._folder / _NAME).read_bytes()
        lines, digest = content[:-_DIGEST], content[-_DIGEST:]
        if not hmac.compare_digest(
            digest, hmac.new(self._secret, lines, "sha256").hexdigest().encode()
        ):
            return
        *students, last = lines.decode("utf-8").split("\n")[:-1]
        run = json.loads(last)
        if run["made_by"] == self._made_by and run["begun"] <= self._begun:
            self._tables = run["tables"]
            self._lines = {name: rest for name, *rest in (line.split("\t") for line in students)}

    # --- students ---------------------------------------------------------------------------------

    def known(self, student: str, files: Status | None) -> Known | None:
        """What is known of a student; None unless these files and the report are the same."""
        line = self._lines.get(json.dumps(student))
        if line is None or files is None:
            return None
        digest, of_report, notes = json.loads(line[0])
        status = self.status_of_report(student)
        if digest != files.digest or status is None or of_report != status.digest:
            return None
        report, row = _from_plain(student, json.loads(line[1]))
        return Known(tuple(notes), report, row)

    def keep(self, student: str) -> None:
        """Take over what is known of a student."""
        name = json.dumps(student)
        self._add(name, *self._lines.pop(name))

    def note(
        self,
        student: str,
        summary: str,
        notes: Sequence[str] = (),
        files: Status | None = None,
        of_report: Status | None = None,
    ) -> None:
        """Note what is known of a student.

        summary : of the report (`summary_of`)
        notes : what reading the submission has found for staff
        files, of_report : the status of the files and of the report that this is of; if one of them
            is not given, both are read again in the next run
        """
        if files and of_report and _is_complete(summary):
            of_files = json.dumps([files.digest, of_report.digest, notes])
            self._add(json.dumps(student), of_files, summary)
        else:
            self._reports.append(cache.digest_of(json.dumps(student), summary))

    def _add(self, name: str, files: str, summary: str) -> None:
        if self._next is None:
            temporary = self._folder / f"{_NAME}.tmp"
            temporary.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            self._next = open(os.open(temporary, flags, 0o600), "wb")  # noqa: SIM115  # see `end`
        self._write(f"{name}\t{files}\t{summary}\n")
        self._reports.append(cache.digest_of(name, summary))

    def _write(self, text: str) -> None:
        assert self._next is not None
        content = text.encode()
        self._next.write(content)
        self._sum.update(content)

    def status_of_report(self, student: str) -> Status | None:
        """The status of a student's report.json; None if there is none."""
        return file_status.of_file(self._folder / folder_of(student) / REPORT)

    # --- the whole class --------------------------------------------------------------------------

    def has_tables(self, shown: object, homes: Collection[str]) -> bool:
        """Whether the tables in the folder are those that this run would write.

        shown : what they show beside the reports
        homes : the folders of the students whose reports this run has read or written
        """
        return self._state_of_tables(shown, homes) == self._tables

    def replace(self, shown: object, homes: Collection[str]) -> None:
        """Replace the ledger of the run before; the tables are written."""
        if self._next is None:
            return
        run = {
            "made_by": self._made_by,
            "begun": self._begun,
            "tables": self._state_of_tables(shown, homes),
        }
        self._write(f"{json.dumps(run)}\n")
        with self._next as file:
            file.write(self._sum.hexdigest().encode())
        os.replace(self._folder / f"{_NAME}.tmp", self._folder / _NAME)

    def end(self) -> None:
        """If the run was stopped, the ledger of the run before stays."""
        if self._next:
            self._next.close()

    def _state_of_tables(self, shown: object, homes: Collection[str]) -> list[str]:
        """Digests of what they show, and of the files."""
        others = [
            (home.name, file_status.of_file(home / REPORT))
            for home in self._folder.iterdir()
            if home.name not in homes and (home / REPORT).exists()
        ]
        files = [file_status.of_file(self._folder / name) for name in _TABLES]
        return [
            cache.digest_of(shown, sorted(self._reports), sorted(others, key=str)),
            *(status.digest if status else "" for status in files),
        ]


def _circumstances(folder: Path, level: str) -> str:
    """A digest of what the ledger holds for beside the files: code, machine, folder, and level."""
    place = folder.stat()
    return cache.digest_of(
        cache.version(),
        cache.drawing_version(),
        sorted(cache.digests(("grader/intake/**/*.py", "grader/results/*.py")).items()),
        level,
        platform.node(),
        _machine_id(),
        (place.st_dev, place.st_ino),
    )


def _machine_id() -> str:
    with suppress(OSError):
        return Path("/etc/machine-id").read_text(encoding="utf-8")
    return ""


# --- reports in short -----------------------------------------------------------------------------


def summary_of(report: Report, row: Row, key: str) -> str:
    """What the tables show of a report, in one line: in JSON if the report can be made of it again.

    key : of the submission, which all of the report must have
    """
    points = report.points_only()
    summary = json.dumps(_plain(points, row))
    if cache.is_current(report, key, EXERCISES) and _from_plain(
        report.student, json.loads(summary)
    ) == (points, row):
        return summary
    return repr((points, row))


def _is_complete(summary: str) -> bool:
    return summary.startswith("[")


def _plain(report: Report, row: Row) -> list[Any]:
    """A report with points only, and its row, as plain data."""
    return [
        report.level,
        report.versions,
        row.held,
        row.slowest,
        [(one.name, one.points) for one in report.exercises],
        sorted(row.mistakes),
        [(fault.kind, fault.exercise, fault.message) for fault in row.faults],
    ]


def _from_plain(student: str, plain: Sequence[Any]) -> tuple[Report, Row]:
    """The inverse of `_plain`, for reports of which all is judged."""
    level, versions, held, slowest, parts, mistakes, faults = plain
    found = _points(tuple(map(tuple, parts)))
    return Report(student, level, found.exercises, (), held, versions), Row(
        student,
        level,
        found.score,
        found.max_score,
        found.outcomes,
        found.points,
        slowest and tuple(slowest),
        held,
        frozenset((exercise, name) for exercise, name in mistakes),
        tuple(Fault(*fault) for fault in faults),
        (),
    )


@dataclass(frozen=True)
class _Points:
    """What follows from the points of a student."""

    exercises: tuple[ExerciseReport, ...]
    score: float
    max_score: float
    outcomes: Mapping[str, str]
    points: Mapping[str, float]


@functools.lru_cache(10_000)
def _points(parts: tuple[tuple[str, float], ...]) -> _Points:
    """Of (exercise, points). Students with the same points share all of it."""
    exercises = tuple(
        points_of_exercise(name, EXERCISES[name].notebook, points, EXERCISES[name].points)
        for name, points in parts
    )
    return _Points(
        exercises,
        sum(one.points for one in exercises),
        sum(one.max_points for one in exercises),
        {one.name: class_rows.outcome(one) for one in exercises},
        dict(parts),
    )
