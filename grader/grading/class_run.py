"""One run over a class: what is kept, what must be graded, and what is written when.

What is known of the students lies in a table on the disk, so a run takes as much memory for a large
class as for a small one.
"""

from __future__ import annotations

import functools
import hashlib
import math
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from tqdm import tqdm

from cs231n_utils.exercises import EXERCISES
from grader.course.final import Final, Marks, Standing, final_of, unknown_students
from grader.faults import GraderFault
from grader.grading.handling import Awaited, Finished, Handling, Kept, Known, Outcome, Refused
from grader.grading.writer import Writer
from grader.intake import hand_ins
from grader.intake.file_status import Status
from grader.intake.hand_ins import First, HandIn
from grader.intake.students import Student
from grader.intake.submission import Submission
from grader.pages import class_rows
from grader.pages.class_rows import Damaged, Row
from grader.pages.writing import write_if_other
from grader.paths import HAND_INS
from grader.report import Report, folder_of
from grader.results import cache, class_table, store
from grader.results.changes import Change, write_changes
from grader.results.class_table import ClassTable
from grader.results.ledger import Ledger
from grader.results.summaries import auto_total, report_of
from grader.text import count_of

# What is written to the gradebook at once: so many submissions, or those of so many seconds, so
# that a run that is stopped has little to do again.
_TOGETHER = 256
_SECONDS = 1.0
_AS_BEFORE = (
    "grades.csv and the pages of the class are those of the run before; run the same command again."
)


@dataclass
class Graded:
    """The outcome of a run.

    reports : of all students, in alphabetical order, with points only
    unchanged : how many submissions the run before had graded already
    hand_ins : what became of each entry of the download, and who of the roster has none
    known : (name, what it is) of the platform's own files in the download
    grades : the final grades of the class, in alphabetical order
    standing : how far they have come
    waiting : the students of whom not all is judged
    notes : sentences for staff, about the course's rules and the gradebook
    """

    reports: Sequence[Report] = ()
    unchanged: int = 0
    changes: Sequence[Change] = ()
    hand_ins: Sequence[HandIn] = ()
    known: list[tuple[str, str]] = field(default_factory=list)
    grades: Sequence[Final] = ()
    standing: Standing = field(default_factory=Standing)
    waiting: First[str] = field(default_factory=lambda: First(hand_ins.SOME))
    notes: list[str] = field(default_factory=list)


class _Before:
    """What the gradebook had of some students when their turn came."""

    def __init__(self, opening: Future[Writer], students: Sequence[str]) -> None:
        self._opening, self._students = opening, students

    @functools.cached_property
    def scores(self) -> dict[str, float]:
        return self._opening.result().scores(self._students)

    @functools.cached_property
    def _marks(self) -> dict[str, Marks]:
        # Who has no submission there has no marks: in a first run, that is everybody.
        return self._opening.result().marks(self.scores) if self.scores else {}

    def marks(self, student: str) -> Marks:
        """As far as they are known: nobody waits for the gradebook, because a page that lacks marks
        is drawn again at the end.
        """
        return self._marks.get(student, Marks()) if self._opening.done() else Marks()


class ClassRun:
    """The state of one run: what is being graded, and what is done."""

    def __init__(
        self, handling: Handling, opening: Future[Writer], progress: tqdm, reads_here: bool
    ) -> None:
        """
        reads_here : whether submissions are read in this process, because those that grade may have
            no access to their files
        """
        self._handling, self._reads_here = handling, reads_here
        self._out, self._rules, self._force = handling.folder, handling.rules, handling.force
        self._opening, self._progress = opening, progress
        self._waiting: list[Outcome] = []  # to be written
        self._written = -math.inf  # when something was written last, in seconds
        self.table = ClassTable()
        out, secret, level = self._out, handling.secret, handling.level
        self._ledger = Ledger(out, secret, level, self.table)
        self._before = _Before(opening, ())
        self._kept: list[tuple[str, str]] = []  # known to the ledger, and not noted yet
        self._given: dict[str, Student] = {}  # those whose outcome is not there yet
        self._has_changed = False
        last, now = store.last_run(out), cache.circumstances(secret, level)
        # Why students who were graded before are graded again; "" if only their files changed.
        self._why = "" if self._force else cache.difference(last.graded_by, now)
        self.table.note_drawn(store.drawn_pages(out, last))
        is_whole = len(handling.exercises) == len(EXERCISES) or last.graded_by is None
        self._memory = store.LastRun(now if is_whole else last.graded_by)
        self.done = Graded(self.table.reports, changes=self.table.changes, grades=self.table.grades)

    def changed(self, students: Iterable[Student]) -> Iterator[Submission]:
        """Yield the submissions that may have changed. Each is looked at only when it is next."""
        left = iter(students)
        while some := [*islice(left, _TOGETHER)]:
            names = [one.student for one in some]
            self._before = _Before(self._opening, names)
            if not self._force:
                self._ledger.turn_to(names)
            for handed_in in some:
                yield from self._look_at(handed_in)
            self._note_kept()

    def _look_at(self, handed_in: Student) -> Iterator[Submission]:
        """Yield the submission of a student, if it may have changed."""
        student = handed_in.student
        if self._is_known(handed_in):
            return
        self.table.note_taken(student)
        self._given[student] = handed_in
        awaited = Awaited(student, {}, handed_in=handed_in, marks=self._marks(student))
        if handed_in.is_on_disk and not self._reads_here:
            yield awaited
            return
        one = self._handling.read(awaited)
        if isinstance(one, Submission):
            yield one
        else:
            self.take([one])

    def _is_known(self, handed_in: Student) -> bool:
        """Whether the ledger knows that nothing has changed; if so, the report is kept."""
        student = handed_in.student
        known = None if self._force else self._ledger.known(student, handed_in.status)
        if known:
            if known.notes:
                handed_in.take_as_read(known.notes)
            self._ledger.keep(student, known)
            self._have_score(student, known.summary, handed_in.hand_in)
            self._kept.append((student, known.summary))
            self._progress.update()
            handed_in.forget()
        return bool(known)

    def _marks(self, student: str) -> Marks:
        with self._to_go_on():
            return self._before.marks(student)

    def _say_why(self, graded: Iterable[Finished]) -> None:
        """Say once on the terminal why submissions are graded again that would have been kept."""
        if self._why and any(one.was_complete for one in graded):
            count = self._progress.total
            who = f"All {count} are" if count > 1 else "The submission is"
            self._progress.write(f"{who} graded again: {self._why}.", file=sys.stderr)
            self._why = ""

    def _have_score(self, student: str, summary: str | bytes, hand_in: HandIn) -> None:
        """Add the report of an earlier run to the gradebook, if it is not in there."""
        with self._to_go_on():
            if self._before.scores.get(student) != auto_total(summary):
                self._opening.result().write([report_of(student, summary)], [hand_in])

    def _note_kept(self) -> None:
        """Note the reports that the ledger has known."""
        kept, self._kept = self._kept, []
        self.done.unchanged += len(kept)
        self.table.note_kept(kept)

    def take(self, outcomes: Sequence[Outcome]) -> None:
        """Take what is to be written, and write it once it is much, or some time has passed."""
        self._waiting += outcomes
        if len(self._waiting) >= _TOGETHER or time.monotonic() - self._written >= _SECONDS:
            self.write()

    def write(self) -> None:
        """Write what waits, first to the gradebook, because the next run takes a student's report
        as a sign that both are written.
        """
        if not self._waiting:
            return
        outcomes, self._waiting = self._waiting, []
        for one in outcomes:
            if handed_in := self._given.pop(one.student, None):
                handed_in.hand_ins = [*one.hand_ins]
                handed_in.forget()
            if isinstance(one, Refused):
                self.table.forget_taken(one.student)
                self._progress.update()
        self._write_kept([one for one in outcomes if isinstance(one, Kept)])
        self._write_finished([one for one in outcomes if isinstance(one, Finished)])
        self._written = time.monotonic()

    def _write_kept(self, kept: Sequence[Kept]) -> None:
        """Add the reports of an earlier run to the gradebook, if they are not in there."""
        if not kept:
            return
        with self._to_go_on():
            before = self._opening.result().scores([one.student for one in kept])
        self._store(
            [one for one in kept if before.get(one.student) != auto_total(one.summary.content)]
        )
        for one in kept:
            if one.has_row:
                self._note(one, one.of_report)
            self.done.unchanged += 1
            self._add(one.student, one.summary.content, one.has_row)

    def _write_finished(self, finished: Sequence[Finished]) -> None:
        self._say_why(finished)
        self._store(finished)
        faults: list[BaseException] = []
        for one in finished:
            try:
                with store.results_are("written", self._out):
                    self._publish(one)
            # The fault may be of one student's folder, and what is done of the others is kept.
            except (GraderFault, KeyboardInterrupt) as fault:
                faults.append(fault)
        if faults:
            raise faults[0]

    def _publish(self, one: Finished) -> None:
        self._before_a_change()
        store.write_student(self._out, one.student, one.staged, one.has_folder)
        self._note(one, store.status_of_report(self._out, one.student))
        self.table.note_changes(one.changes)
        self.table.note_drawn([(folder_of(one.student), one.drawn_for)])
        self._add(one.student, one.summary.content)

    def _note(self, one: Known, of_report: Status | None) -> None:
        """Have the next run know a result."""
        self._ledger.note(one.student, one.summary, one.staff_notes, one.of_files, of_report)

    def _store(self, known: Sequence[Known]) -> None:
        if known:
            with self._to_go_on():
                self._opening.result().write(
                    [one.for_gradebook for one in known], [one.hand_ins[0] for one in known]
                )

    @contextmanager
    def _to_go_on(self) -> Iterator[None]:
        """Have a fault of the gradebook say how the run is finished."""
        try:
            yield
        except GraderFault as error:
            self._note_kept()
            raise GraderFault(
                f"{error} {count_of(len(self.done.reports), 'submission')} done so far; run the"
                " same command again, and it goes on from there."
            ) from error

    def _add(self, student: str, summary: str | bytes, has_row: bool = True) -> None:
        self.table.note_report(student, summary, has_row)
        self._progress.update()

    def expect_everybody(self) -> None:
        """Raise GraderFault unless there is one report for each student who handed in. Otherwise
        the table of the class would hide that somebody has none.
        """
        if names := self.table.unequal:
            raise GraderFault(
                f"{count_of(self.table.taken, 'student')} handed in, and {len(self.done.reports)}"
                " were graded."
                f" What differs: {', '.join(names)}. {_AS_BEFORE}"
            )

    # --- the whole class --------------------------------------------------------------------------

    def finish(self, records: Sequence[HandIn]) -> None:
        """Write what concerns the whole class, and note that this code has drawn all pages.

        records : of all entries of the download
        """
        done, table, rules = self.done, self.table, self._rules
        done.hand_ins = records
        write_if_other(self._out / HAND_INS, lambda: hand_ins.table(records))
        if not done.reports:
            return
        table.note_people(one for one in records if one.is_somebodys)
        for student in rules.course.excused:
            table.note_name(student)
        shown, levels = self._settle()
        if names := table.ungraded:
            raise GraderFault(f"No final grade was made for {', '.join(names)}. {_AS_BEFORE}")
        others = class_rows.others(self._out, table.has_row)
        if not self._ledger.has_tables(shown, others):
            damaged = self._note_others(others)
            self._opening.result().write_tables(table, done.standing, levels, damaged)
        if done.changes:
            write_changes(self._out, table.changes_with_grades())
        done.notes += unknown_students(
            table.has_report, lambda: (name for name, _ in table.summaries()), rules
        )
        store.remember_drawn(self._out, self._memory, table.all_drawn)
        self._ledger.replace(shown, others)

    def end(self) -> None:
        """Close what is open, whether the run was finished or not."""
        self._ledger.end()

    def _settle(self) -> tuple[str, set[str]]:
        """Make the final grades, write them into the gradebook, and draw the pages that show other
        ones.

        Returns a digest of all that the tables show, and the levels of the sandbox.
        """
        shown, levels = hashlib.sha256(), set()
        students, writer = self.table.unsettled(), self._opening.result()
        while some := [*islice(students, class_table.MANY)]:
            with self._to_go_on():
                marks = writer.marks([one.student for one in some])
            reports = [
                None if one.summary is None else report_of(one.student, one.summary) for one in some
            ]
            grades = [
                final_of(
                    report,
                    one.hand_in or HandIn(one.student),
                    marks.get(one.student, Marks()),
                    self._rules,
                )
                for one, report in zip(some, reports, strict=True)
            ]
            with self._to_go_on():
                writer.store(grades)
            self.table.note_grades(grades)
            for one, report, grade in zip(some, reports, grades, strict=True):
                key = cache.page_key(grade)
                self._draw_if_other(grade, one.page, key)
                self.done.standing.add(grade)
                if report:
                    levels.add(report.level)
                    if report.status == "not_judged":
                        self.done.waiting.append(one.student)
                shown.update(f"{one.student!r} {key} {one.summary!r}\n".encode())
        return shown.hexdigest(), levels

    def _draw_if_other(self, grade: Final, page: str | None, key: str) -> None:
        """Draw a page that other code has drawn, or whose grade is another one: marks, dates or
        points that staff set have changed, new points have made staff look again, or nbgrader has
        taken off a penalty of its own.
        """
        if grade.score is None or page == key:
            return
        report = store.load(self._out, grade.student)
        if report:
            self._before_a_change()
            store.draw_student(self._out, report, grade)
            self.table.note_drawn([(folder_of(grade.student), key)])

    def _before_a_change(self) -> None:
        """Before the first page is written: if this run is stopped, the next one draws them all."""
        if not self._has_changed:
            store.remember(self._out, self._memory)
            self._has_changed = True

    def _note_others(self, homes: Iterable[str]) -> list[Damaged]:
        """Read the reports that are not of this run; returns those that are damaged."""
        damaged = []
        for home in homes:
            one = class_rows.read_one(self._out, home)
            if isinstance(one, Row):
                self.table.note_other(one)
            else:
                damaged.append(one)
        return damaged
