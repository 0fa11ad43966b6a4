"""Grade a class into a folder: keeps the results of unchanged submissions, and writes new results
as they come.

The gradebook is written before a student's report, and the report holds the key by which the next
run recognizes an unchanged submission. So a run that was stopped anywhere is finished by running it
again, with nothing lost and nothing graded twice.
"""

from __future__ import annotations

import functools
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path

from tqdm import tqdm

from cs231n_utils.exercises import EXERCISES
from grader.checks.seeds import course_secret
from grader.faults import GraderFault
from grader.grading import pool
from grader.intake import hand_ins
from grader.intake.download import Student, SubmissionsNotFound, open_download
from grader.intake.entries import Course
from grader.intake.finding import NotTaken
from grader.intake.hand_ins import HandIn
from grader.intake.roster import Roster
from grader.intake.submission import Submission
from grader.pages import class_rows
from grader.pages.writing import write_whole
from grader.paths import HAND_INS
from grader.report import Report, folder_of
from grader.results import cache, store


@dataclass(frozen=True)
class Change:
    """Points of an exercise that differ from those of the run before."""

    student: str
    exercise: str
    before: float
    after: float


@dataclass
class Graded:
    """The outcome of a run.

    reports : of all students, in alphabetical order, with points only
    unchanged : how many submissions the run before had graded already
    hand_ins : what became of each entry of the download, and who of the roster has none
    known : (name, what it is) of the platform's own files in the download
    """

    reports: list[Report] = field(default_factory=list)
    unchanged: int = 0
    changes: list[Change] = field(default_factory=list)
    hand_ins: list[HandIn] = field(default_factory=list)
    known: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Machines:
    """Machines that grade in place of processes of this one.

    grade : as `pool.grade_in_processes`, without its argument `processes`
    batch : the most submissions that a process gets at a time
    """

    grade: Callable[..., Iterator[list[Report]]]
    processes: int
    batch: int


def grade_class(
    submitted: Path,
    out: Path,
    processes: int,
    exercises: Sequence[str],
    level: str,
    force: bool = False,
    database: str | None = None,
    machines: Machines | None = None,
    zone: tzinfo = UTC,
    roster: Roster | None = None,
) -> Graded:
    """Grade all submissions of a download into `out`; with `force`, unchanged submissions as well.

    submitted : the download, a folder or a zip
    database : URL of the gradebook's database, by default the file gradebook.db in `out`
    machines : by default, `processes` processes of this machine
    zone : the course's, for times that have none
    """
    # There, a report.json that a student handed in could pass for one that the grader wrote.
    if out.resolve() == submitted.resolve():
        raise SubmissionsNotFound(
            f"{out} holds the submissions. Give another folder for the results."
        )
    course, roster = Course(zone, course_secret()), roster or Roster()
    with open_download(submitted, course, out.resolve()) as download, store.open_folder(out):
        # Absolute, because nbgrader changes the working directory while it makes the gradebook.
        folder = Path(os.path.abspath(out))
        for student in download.students:
            student.note_times(roster.with_time)
        done = _grade_class(
            download.students, folder, processes, exercises, level, force, database, machines
        )
        done.hand_ins = roster.compare(download.hand_ins)
        done.known = download.known
        write_whole(folder / HAND_INS, hand_ins.table(done.hand_ins))
    if not done.reports:
        why = "; ".join(f"{one.source}: {one.note}" for one in done.hand_ins[:5])
        raise SubmissionsNotFound(f"Nothing in {submitted} can be graded. {why}")
    return done


def _grade_class(
    students: Sequence[Student],
    out: Path,
    processes: int,
    exercises: Sequence[str],
    level: str,
    force: bool,
    database: str | None,
    machines: Machines | None,
) -> Graded:
    with (
        ThreadPoolExecutor(1) as aside,
        tqdm(total=len(students), unit=" submissions", desc="grading") as progress,
    ):
        opening = aside.submit(_Writer, database or out / "gradebook.db")
        run = _Run(out, opening, exercises, level, force, progress)
        where = machines or Machines(
            functools.partial(pool.grade_in_processes, processes=processes), processes, pool.BATCH
        )
        batch = max(1, min(where.batch, -(-len(students) // (4 * where.processes))))
        try:
            for reports in where.grade(
                run.changed(students),
                secret=run.secret,
                exercises=exercises,
                level=level,
                batch=batch,
            ):
                run.write(reports)
        finally:
            if not opening.exception():
                opening.result().close()
    if not run.taken:
        return run.done
    run.done.reports.sort(key=lambda report: report.student)
    _expect_everybody(run.taken, run.done.reports)
    store.write_class(out, run.done.reports)
    opening.result().write_class_page(out, run.rows)
    run.remember_drawn()
    return run.done


def _expect_everybody(taken: Sequence[str], reports: Sequence[Report]) -> None:
    """Raise GraderFault unless there is one report for each student who handed in. Otherwise the
    table of the class would hide that somebody has none.
    """
    handed_in = Counter(taken)
    done = Counter(report.student for report in reports)
    if done != handed_in:
        names = ", ".join(sorted((handed_in - done) + (done - handed_in)))
        raise GraderFault(
            f"{len(taken)} students handed in, and {len(reports)} were graded. What differs:"
            f" {names}. grades.csv and the pages of the class are those of the run before; run the"
            " same command again."
        )


class _Writer:
    """Writes the gradebook and the class page.

    It is made in a thread of its own, beside the processes that grade: importing nbgrader and
    matplotlib, and opening the gradebook, take three seconds. Raises GraderFault.
    """

    def __init__(self, database: Path | str) -> None:
        from grader.gradebook import database as databases
        from grader.gradebook import gradebook
        from grader.pages import class_page

        self._gradebook, self._fault = gradebook, databases.DatabaseFault
        self._class_page = class_page
        try:
            self._book = gradebook.open_gradebook(database)
        except self._fault as error:
            raise GraderFault(str(error)) from error
        self._book.db.remove()  # this thread's session

    @functools.cached_property
    def _scores(self) -> dict[str, float]:
        """The scores in the gradebook before this run. They are read once, at the first use."""
        return self._gradebook.auto_scores(self._book)

    def knows(self, report: Report) -> bool:
        """Whether the gradebook had the score of this report before the run."""
        return self._scores.get(report.student) == self._gradebook.auto_total(report)

    def write(self, reports: Sequence[Report], hand_ins: Sequence[HandIn]) -> None:
        """Store the scores of reports, with the times at which their submissions were handed in.
        What only the student's side says about the time decides no penalty.
        """
        known = {
            report.student: one.handed_in.astimezone(UTC).replace(tzinfo=None)
            for report, one in zip(reports, hand_ins, strict=True)
            if one.handed_in and not one.claimed
        }
        try:
            self._gradebook.write(self._book, reports, known)
        except self._fault as error:
            raise GraderFault(str(error)) from error

    def write_class_page(self, out: Path, rows: Mapping[str, class_rows.Row]) -> None:
        self._class_page.write(out, rows=rows)

    def close(self) -> None:
        self._book.close()


class _Run:
    """The state of one run: what is being graded, and what is done."""

    def __init__(
        self,
        out: Path,
        opening: Future[_Writer],
        exercises: Sequence[str],
        level: str,
        force: bool,
        progress: tqdm,
    ) -> None:
        self._out, self._opening, self._exercises = out, opening, exercises
        self._level, self._force, self._progress = level, force, progress
        # student -> key, record, and the report of the run before
        self._being_graded: dict[str, tuple[str, HandIn, Report | None]] = {}
        self.taken: list[str] = []  # the students whose submissions could be read
        self.secret = course_secret()
        last, now = store.last_run(out), cache.circumstances(self.secret, level)
        # Why students who were graded before are graded again; "" if only their files changed.
        self._why = "" if force else cache.difference(last.graded_by, now)
        self._is_drawn = last.drawn_by == cache.drawing_version()
        is_whole = len(exercises) == len(EXERCISES) or last.graded_by is None
        self._memory = store.LastRun(now if is_whole else last.graded_by)
        self.done = Graded()
        # Folder of a student -> row, of the reports that this run has written. The class page reads
        # all other reports, which may be damaged.
        self.rows: dict[str, class_rows.Row] = {}

    def changed(self, students: Iterable[Student]) -> Iterator[Submission]:
        """Yield the submissions that must be graded. Each is read only when it is next."""
        for handed_in in students:
            student = handed_in.student
            earlier = store.load(self._out, student)
            try:
                one = handed_in.read()
            except NotTaken:  # the record says why
                self._progress.update()
                continue
            except Exception as error:  # a grader fault; notes report what a student did wrong
                self.taken.append(student)
                self._being_graded[student] = "", handed_in.hand_in, earlier
                self.write([pool.set_aside(Submission(student, {}), self._exercises, error)])
                continue
            self.taken.append(student)
            key = cache.key(one, self.secret, self._level)
            if earlier and not self._force and cache.is_current(earlier, key, self._exercises):
                self._keep(earlier, handed_in.hand_in)
            else:
                self._being_graded[student] = key, handed_in.hand_in, earlier
                self._say_why(earlier)
                yield one

    def _say_why(self, earlier: Report | None) -> None:
        """Say once on the terminal why submissions are graded again that would have been kept."""
        if self._why and earlier and len(earlier.exercises) >= len(self._exercises):
            count = self._progress.total
            who = f"All {count} are" if count > 1 else "The submission is"
            self._progress.write(f"{who} graded again: {self._why}.", file=sys.stderr)
            self._why = ""

    def _keep(self, report: Report, hand_in: HandIn) -> None:
        """Keep the report of an earlier run. Add it to the gradebook if it is not in there, and
        draw its page again if other code has drawn it.
        """
        if not self._opening.result().knows(report):
            self._store([report], [hand_in])
        if not self._is_drawn:
            store.draw_student(self._out, report)
        self.done.unchanged += 1
        self._add(report)

    def remember_drawn(self) -> None:
        """Note in the folder that this code has drawn all pages of the class."""
        store.remember(self._out, replace(self._memory, drawn_by=cache.drawing_version()))

    def write(self, reports: Sequence[Report]) -> None:
        """Store new reports, first in the gradebook, because the next run takes a student's report
        as a sign that both are written.
        """
        known = [self._being_graded.pop(report.student) for report in reports]
        self._store(reports, [hand_in for _, hand_in, _ in known])
        for report, (key, _, earlier) in zip(reports, known, strict=True):
            report = replace(
                report, exercises=tuple(replace(exercise, key=key) for exercise in report.exercises)
            )
            self.done.changes += _changes(earlier, report)
            report = store.merge(earlier, report)
            store.write_student(self._out, report)
            home = folder_of(report.student)
            self.rows[home] = class_rows.row(home, report)
            self._add(report)

    def _store(self, reports: Sequence[Report], hand_ins: Sequence[HandIn]) -> None:
        writer = self._opening.result()
        try:
            writer.write(reports, hand_ins)
        except GraderFault as error:
            raise GraderFault(
                f"{error} {len(self.done.reports)} submissions are done; run the same command"
                " again, and it goes on from there."
            ) from error

    def _add(self, report: Report) -> None:
        if not self.done.reports:  # if this run is stopped, the next one draws all pages
            store.remember(self._out, self._memory)
        self.done.reports.append(report.points_only())
        self._progress.update()


def _changes(earlier: Report | None, report: Report) -> list[Change]:
    before = (
        {exercise.name: exercise.points for exercise in earlier.exercises if exercise.judged}
        if earlier
        else {}
    )
    return [
        Change(report.student, exercise.name, before[exercise.name], exercise.points)
        for exercise in report.exercises
        if exercise.judged
        and exercise.name in before
        and abs(exercise.points - before[exercise.name]) > 1e-9
    ]
