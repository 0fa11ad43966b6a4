"""A shortcut past what has not changed: by the status of a student's files and of report.json, the
ledger knows what reading both would give.

Results never depend on it. Of files that have another status, or changed so recently that a change
may not show, it says nothing, and they are read. It says nothing at all if it is lost or damaged,
if it was made by other code, on another machine, in another folder, or with another secret, and if
the clock shows an earlier time than when it was made.

The file holds a line for each student, then one on the run, and a digest of all these lines, which
only the course's secret gives. A run copies it into the table of the class, checks the digest, and
looks at nothing but the copy. It is replaced at the end of a run.
"""

from __future__ import annotations

import hmac
import json
import os
import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grader.intake import file_status
from grader.intake.file_status import Status
from grader.paths import CLASS_PAGE, OVERVIEW, REPORT, TABLE
from grader.results import cache, store
from grader.results.class_table import ClassTable
from grader.results.summaries import Summary

_NAME = ".ledger"
_TABLES = (TABLE, OVERVIEW, CLASS_PAGE)


@dataclass(frozen=True)
class Known:
    """What an earlier run has found out about a student whose files are unchanged.

    notes : what reading the submission has found for staff
    of_files : the status of the files, and the notes, as the ledger has them
    summary : of the report, of which all is judged, with this key
    """

    notes: tuple[str, ...]
    of_files: str
    summary: str


class Ledger:
    """The ledger of a folder of results: reads that of the run before, and writes the next one.

    table : gets what the run before has known
    """

    def __init__(self, folder: Path, secret: str, level: str, table: ClassTable) -> None:
        self._folder, self._secret, self._table = folder, secret.encode(), table
        self._begun = file_status.now()
        self._made_by = _circumstances(folder, level)
        self._tables: list[str] = []  # as `_state_of_tables` gave them
        try:
            self._read()
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            table.forget_before()
        self._before: dict[str, tuple[str, str]] = {}
        self._next: IO[bytes] | None = None
        self._sum = hmac.new(self._secret, digestmod="sha256")

    def _read(self) -> None:
        """Read the whole ledger, or nothing of it. Raises ValueError if it is not to be believed,
        and what damaged text may raise.
        """
        found = hmac.new(self._secret, digestmod="sha256")
        rest: list[bytes] = []  # at the end, the line on the run and the digest

        def students() -> Iterator[tuple[str, str, str]]:
            with open(self._folder / _NAME, "rb") as file:
                for line in file:
                    rest.append(line)
                    if len(rest) > 2:
                        found.update(rest[0])
                        name, files, summary = rest.pop(0).decode().rstrip("\n").split("\t")
                        yield json.loads(name), files, summary

        self._table.note_before(students())
        last, digest = rest
        found.update(last)
        if not hmac.compare_digest(digest, found.hexdigest().encode()):
            raise ValueError("another digest")
        run = json.loads(last)
        if run["made_by"] != self._made_by or run["begun"] > self._begun:
            raise ValueError("other circumstances")
        self._tables = run["tables"]

    # --- students ---------------------------------------------------------------------------------

    def turn_to(self, students: Sequence[str]) -> None:
        """Read at once what the run before has known of the students whose turn is next."""
        self._before = self._table.before(students)

    def known(self, student: str, status: Callable[[], Status | None]) -> Known | None:
        """What is known of one of these students; None unless the files and the report are the
        same.

        status : gives that of the files
        """
        found = self._before.get(student)
        files = status() if found else None
        if found is None or files is None:
            return None
        of_files, summary = found
        digest, digest_of_report, notes = json.loads(of_files)
        of_report = store.status_of_report(self._folder, student)
        if digest != files.digest or of_report is None or digest_of_report != of_report.digest:
            return None
        return Known(tuple(notes), of_files, summary)

    def keep(self, student: str, known: Known) -> None:
        """Take over what is known of a student."""
        self._add(student, known.of_files, known.summary)

    def note(
        self,
        student: str,
        summary: Summary,
        notes: Sequence[str] = (),
        files: Status | None = None,
        of_report: Status | None = None,
    ) -> None:
        """Note what is known of a student.

        summary : of the report
        notes : what reading the submission has found for staff
        files, of_report : the status of the files and of the report that this is of; if one of them
            is not given, both are read again in the next run
        """
        if files and of_report and summary.is_settled:
            of_files = json.dumps([files.digest, of_report.digest, notes])
            self._add(student, of_files, str(summary.content))

    def _add(self, student: str, of_files: str, summary: str) -> None:
        if self._next is None:
            temporary = self._folder / f"{_NAME}.tmp"
            temporary.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            self._next = open(os.open(temporary, flags, 0o600), "wb")  # noqa: SIM115  # see `end`
        self._write(f"{json.dumps(student)}\t{of_files}\t{summary}\n")

    def _write(self, text: str) -> None:
        assert self._next is not None
        content = text.encode()
        self._next.write(content)
        self._sum.update(content)

    # --- the whole class --------------------------------------------------------------------------

    def has_tables(self, shown: str, others: Iterable[str]) -> bool:
        """Whether the tables in the folder are those that this run would write.

        shown : a digest of all that they show of this run
        others : the folders with a report that is not of this run
        """
        return self._state_of_tables(shown, others) == self._tables

    def replace(self, shown: str, others: Iterable[str]) -> None:
        """Replace the ledger of the run before; the tables are written."""
        if self._next is None:
            return
        run = {
            "made_by": self._made_by,
            "begun": self._begun,
            "tables": self._state_of_tables(shown, others),
        }
        self._write(f"{json.dumps(run)}\n")
        with self._next as file:
            file.write(self._sum.hexdigest().encode())
        os.replace(self._folder / f"{_NAME}.tmp", self._folder / _NAME)

    def end(self) -> None:
        """If the run was stopped, the ledger of the run before stays."""
        if self._next:
            with suppress(OSError):  # what could not be written is not missed
                self._next.close()

    def _state_of_tables(self, shown: str, others: Iterable[str]) -> list[str]:
        """Digests of what they show, and of the files."""
        reports = [(home, file_status.of_file(self._folder / home / REPORT)) for home in others]
        files = [file_status.of_file(self._folder / name) for name in _TABLES]
        return [
            cache.digest_of(shown, reports),
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
