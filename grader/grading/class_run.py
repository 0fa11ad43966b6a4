"""One run over a class: what is kept, what must be graded, and what is written when."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from tqdm import tqdm

from cs231n_utils.exercises import EXERCISES
from grader.course.final import Final, Marks, Rules, finals, unknown_students
from grader.faults import GraderFault
from grader.grading import pool
from grader.grading.finishing import Awaited, Finished, finish
from grader.grading.writer import Writer
from grader.intake import file_status, hand_ins
from grader.intake.download import Student
from grader.intake.file_status import Status
from grader.intake.finding import NotTaken
from grader.intake.hand_ins import HandIn
from grader.intake.submission import Submission
from grader.pages import class_rows
from grader.pages.writing import write_if_other
from grader.paths import HAND_INS
from grader.report import Report, folder_of
from grader.results import cache, store
from grader.results.changes import Change, write_changes
from grader.results.ledger import Ledger, summary_of

# What is written to the gradebook at once: so many submissions, or those of so many seconds, so
# that a run that is stopped has little to do again.
_TOGETHER = 256
_SECONDS = 1.0


@dataclass
class Graded:
    """The outcome of a run.

    reports : of all students, in alphabetical order, with points only
    unchanged : how many submissions the run before had graded already
    hand_ins : what became of each entry of the download, and who of the roster has none
    known : (name, what it is) of the platform's own files in the download
    grades : the final grades of the class, in alphabetical order
    notes : sentences for staff, about the course's rules and the gradebook
    """

    reports: list[Report] = field(default_factory=list)
    unchanged: int = 0
    changes: list[Change] = field(default_factory=list)
    hand_ins: list[HandIn] = field(default_factory=list)
    known: list[tuple[str, str]] = field(default_factory=list)
    grades: list[Final] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Read:
    """What reading a submission has given: its key, and notes for staff.

    files : their status before; None if a further change might not show
    """

    key: str = ""
    notes: tuple[str, ...] = ()
    files: Status | None = None


class ClassRun:
    """The state of one run: what is being graded, and what is done."""

    def __init__(
        self,
        out: Path,
        opening: Future[Writer],
        exercises: Sequence[str],
        level: str,
        force: bool,
        progress: tqdm,
        rules: Rules,
        secret: str,
    ) -> None:
        self._out, self._opening, self._exercises = out, opening, exercises
        self._level, self._force, self._progress = level, force, progress
        self._rules, self._secret = rules, secret
        self._waiting: list[Finished] = []  # to be written
        self._written = -math.inf  # when something was written last, in seconds
        self.taken: list[str] = []  # the students whose submissions could be read
        self._ledger = Ledger(out, secret, level)
        self._read: dict[str, _Read] = {}  # student -> what was read and is not done yet
        self._has_changed = False
        last, now = store.last_run(out), cache.circumstances(secret, level)
        # Why students who were graded before are graded again; "" if only their files changed.
        self._why = "" if force else cache.difference(last.graded_by, now)
        # Folder of a student -> key of the final grade that is on the page, if this code drew it.
        self._drawn = dict(last.drawn_for) if last.drawn_by == cache.drawing_version() else {}
        self._hand_ins: dict[str, HandIn] = {}
        is_whole = len(exercises) == len(EXERCISES) or last.graded_by is None
        self._last, self._memory = last, store.LastRun(now if is_whole else last.graded_by)
        self.done = Graded()
        # Folder of a student -> row, of the reports that this run has written. The class page reads
        # all other reports, which may be damaged.
        self.rows: dict[str, class_rows.Row] = {}

    def changed(self, students: Iterable[Student]) -> Iterator[Submission]:
        """Yield the submissions that must be graded. Each is read only when it is next."""
        for handed_in in students:
            yield from self._look_at(handed_in)
            handed_in.forget()

    def _look_at(self, handed_in: Student) -> Iterator[Submission]:
        """Yield the submission of a student, if it must be graded."""
        student, files = handed_in.student, handed_in.status()
        known = None if self._force else self._ledger.known(student, files)
        if known:
            handed_in.take_as_read(known.notes)
            self._note(handed_in)
            self._ledger.keep(student)
            self._keep(known.report, known.row)
            return
        files = file_status.settled(files)
        of_report = file_status.settled(self._ledger.status_of_report(student))
        text = store.load_text(self._out, student)
        earlier = store.parse(text)
        # Some file systems open the folder of ann for Ann.
        if earlier and earlier.student != student:
            text, earlier = "", None
        try:
            one = handed_in.read()
        except NotTaken:  # the record says why
            self._progress.update()
            return
        except Exception as error:  # a grader fault; notes report what a student did wrong
            self._note(handed_in)
            nothing = self._awaited(Submission(student, {}), "", text)
            report = pool.set_aside(nothing, self._exercises, error)
            self.take([finish(self._rules, nothing, report)])
            return
        self._note(handed_in)
        key = cache.key(one, self._secret, self._level)
        # What lies beside the kit is found by reading only.
        is_alone = len(handed_in.hand_ins) == 1
        self._read[student] = _Read(key, handed_in.notes, files if is_alone else None)
        if earlier and not self._force and cache.is_current(earlier, key, self._exercises):
            self._keep_read(earlier, of_report)
        else:
            self._say_why(earlier)
            yield self._awaited(one, key, text)

    def _keep_read(self, report: Report, of_report: Status | None) -> None:
        """Keep the report of an earlier run, which has been read."""
        home, points = folder_of(report.student), report.points_only()
        row = class_rows.row(home, report) if class_rows.is_sound(report) else None
        if row:  # the class page reads others again, and says what is wrong
            key = self._read[report.student].key
            self._note_result(report.student, summary_of(report, row, key), of_report)
        self._keep(points, row)

    def _note_result(self, student: str, summary: str, of_report: Status | None) -> None:
        """Have the next run know a result."""
        read = self._read.pop(student, _Read())
        self._ledger.note(student, summary, read.notes, read.files, of_report)

    def _awaited(self, one: Submission, key: str, earlier: str) -> Awaited:
        """A submission that is to be graded.

        earlier : the text of the student's report.json; "" if there is none
        """
        # Nobody waits for the gradebook: a page that lacks marks is drawn again at the end.
        marks = self._opening.result().marks if self._opening.done() else {}
        return Awaited(
            one.student,
            one.files,
            one.notes,
            key=key,
            earlier=earlier,
            hand_in=self._hand_ins[one.student],
            marks=marks.get(one.student, Marks()),
        )

    def _note(self, handed_in: Student) -> None:
        self.taken.append(handed_in.student)
        self._hand_ins[handed_in.student] = handed_in.hand_in

    def _say_why(self, earlier: Report | None) -> None:
        """Say once on the terminal why submissions are graded again that would have been kept."""
        if self._why and earlier and len(earlier.exercises) >= len(self._exercises):
            count = self._progress.total
            who = f"All {count} are" if count > 1 else "The submission is"
            self._progress.write(f"{who} graded again: {self._why}.", file=sys.stderr)
            self._why = ""

    def _keep(self, report: Report, row: class_rows.Row | None) -> None:
        """Keep the report of an earlier run, and add it to the gradebook if it is not in there."""
        writer = self._opening.result()
        if not writer.knows(report):
            _ = writer.marks  # as they were before anything is written
            self._store([report])
        if row:
            self.rows[folder_of(report.student)] = row
        self.done.unchanged += 1
        self._add(report)

    def finish(self, records: list[HandIn]) -> None:
        """Write what concerns the whole class, and note that this code has drawn all pages.

        records : of all entries of the download
        """
        done = self.done
        done.hand_ins = records
        write_if_other(self._out / HAND_INS, hand_ins.table(records))
        if not done.reports:
            return
        writer = self._opening.result()
        self._hand_ins |= hand_ins.people(records)
        done.reports.sort(key=lambda report: report.student)
        done.grades = finals(done.reports, self._hand_ins, writer.marks_now(), self._rules)
        writer.store(done.grades)
        shown = self._draw_what_changed(done.grades)
        if not self._ledger.has_tables(shown, self.rows):
            writer.write_tables(done.reports, done.grades, self.rows)
        write_changes(self._out, done.changes, done.grades)
        done.notes += unknown_students(done.grades, self._rules)
        drawn = dict(sorted(self._drawn.items()))
        memory = replace(self._memory, drawn_by=cache.drawing_version(), drawn_for=drawn)
        if memory != self._last:
            store.remember(self._out, memory)
        self._ledger.replace(shown, self.rows)

    def end(self) -> None:
        """Close what is open, whether the run was finished or not."""
        self._ledger.end()

    def _draw_what_changed(self, grades: Sequence[Final]) -> list[str]:
        """Draw the pages that other code has drawn, or whose grade is another one: marks, dates or
        points that staff set have changed, new points have made staff look again, or nbgrader has
        taken off a penalty of its own.

        Returns digests of the grades.
        """
        keys = []
        for grade in grades:
            home, key = folder_of(grade.student), cache.page_key(grade)
            keys.append(key)
            if grade.score is not None and self._drawn.get(home) != key:
                report = store.load(self._out, grade.student)
                if report:
                    self._before_a_change()
                    store.draw_student(self._out, report, grade)
                    self._drawn[home] = key
        return keys

    def _before_a_change(self) -> None:
        """Before the first page is written: if this run is stopped, the next one draws them all."""
        if not self._has_changed:
            store.remember(self._out, self._memory)
            self._has_changed = True

    def take(self, finished: Sequence[Finished]) -> None:
        """Take what is to be written, and write it once it is much, or some time has passed."""
        self._waiting += finished
        if len(self._waiting) >= _TOGETHER or time.monotonic() - self._written >= _SECONDS:
            self.write()

    def write(self) -> None:
        """Write what waits, first to the gradebook, because the next run takes a student's report
        as a sign that both are written.
        """
        if not self._waiting:
            return
        finished, self._waiting = self._waiting, []
        _ = self._opening.result().marks  # as they were before anything is written
        self._store([one.graded for one in finished])
        for one in finished:
            home = folder_of(one.student)
            self._before_a_change()
            store.write_student(self._out, one.student, one.page, one.text)
            written = self._ledger.status_of_report(one.student)
            self._note_result(one.student, one.summary, written)
            self.done.changes += one.changes
            self._drawn[home] = one.drawn_for
            self.rows[home] = one.row
            self._add(one.report)
        self._written = time.monotonic()

    def _store(self, reports: Sequence[Report]) -> None:
        writer = self._opening.result()
        try:
            writer.write(reports, [self._hand_ins[report.student] for report in reports])
        except GraderFault as error:
            raise GraderFault(
                f"{error} {len(self.done.reports)} submissions are done; run the same command"
                " again, and it goes on from there."
            ) from error

    def _add(self, report: Report) -> None:
        self.done.reports.append(report)
        self._progress.update()
