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
from datetime import UTC
from pathlib import Path

from tqdm import tqdm

from cs231n_utils.exercises import EXERCISES
from grader.checks.seeds import course_secret
from grader.course.final import Final, Marks, Rules, final_of, finals, unknown_students
from grader.faults import GraderFault
from grader.grading import pool
from grader.intake import submission
from grader.intake.hand_ins import HandIn
from grader.intake.submission import Submission
from grader.pages import class_rows
from grader.paths import GRADEBOOK
from grader.report import Report, folder_of
from grader.results import cache, store
from grader.results.changes import Change, changes, write_changes


@dataclass
class Graded:
    """The outcome of a run.

    reports : of all students, in alphabetical order, with points only
    unchanged : how many submissions the run before had graded already
    passed_over : names in the folder of submissions that belong to no submission
    grades : the final grades of the class, in alphabetical order
    notes : sentences for staff, about the course's rules and the gradebook
    """

    reports: list[Report] = field(default_factory=list)
    unchanged: int = 0
    changes: list[Change] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    grades: list[Final] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


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
    rules: Rules | None = None,
    own_gradebook: bool = True,
) -> Graded:
    """Grade all submissions of a folder into `out`; with `force`, unchanged submissions as well.

    database : URL of the gradebook's database
    machines : by default, `processes` processes of this machine
    rules : make the final grades; nobody is graded again because of them
    own_gradebook : without a `database`, whether the gradebook is the file gradebook.db in `out`,
        or else the one that goes with `out` (`gradebook.database_of`)
    """
    found = submission.find(submitted)
    # There, a report.json that a student handed in could pass for one that the grader wrote.
    if out.resolve() == submitted.resolve():
        raise submission.SubmissionsNotFound(
            f"{out} holds the submissions. Give another folder for the results."
        )
    with store.open_folder(out):
        # Absolute, because nbgrader changes the working directory while it makes the gradebook.
        paths, folder = [Path(os.path.abspath(path)) for path in found], Path(os.path.abspath(out))
        books = functools.partial(
            _Writer,
            folder,
            database or (folder / GRADEBOOK if own_gradebook else None),
            rules or Rules(),
        )
        done = _grade_class(paths, folder, processes, exercises, level, force, books, machines)
    done.passed_over = [
        name
        for name in submission.passed_over(submitted, found)
        if (submitted / name).resolve() not in (folder, *folder.parents)
    ]
    return done


def _grade_class(
    paths: Sequence[Path],
    out: Path,
    processes: int,
    exercises: Sequence[str],
    level: str,
    force: bool,
    open_books: Callable[[], _Writer],
    machines: Machines | None,
) -> Graded:
    with (
        ThreadPoolExecutor(1) as aside,
        tqdm(total=len(paths), unit=" submissions", desc="grading") as progress,
    ):
        opening = aside.submit(open_books)
        run = _Run(out, opening, exercises, level, force, progress)
        where = machines or Machines(
            functools.partial(pool.grade_in_processes, processes=processes), processes, pool.BATCH
        )
        batch = max(1, min(where.batch, -(-len(paths) // (4 * where.processes))))
        try:
            for reports in where.grade(
                run.changed(paths), secret=run.secret, exercises=exercises, level=level, batch=batch
            ):
                run.write(reports)
            _expect_everybody(paths, run.done.reports)
            run.finish()
        finally:
            if not opening.exception():
                opening.result().close()
    return run.done


def _expect_everybody(paths: Sequence[Path], reports: Sequence[Report]) -> None:
    """Raise GraderFault unless there is one report for each student who handed in. Otherwise the
    table of the class would hide that somebody has none.
    """
    handed_in = Counter(map(submission.student_of, paths))
    done = Counter(report.student for report in reports)
    if done != handed_in:
        names = ", ".join(sorted((handed_in - done) + (done - handed_in)))
        raise GraderFault(
            f"{len(paths)} students handed in, and {len(reports)} were graded. What differs:"
            f" {names}. grades.csv and the pages of the class are those of the run before; run the"
            " same command again."
        )


class _Writer:
    """Writes the gradebook, the final grades and the class page.

    It is made in a thread of its own, beside the processes that grade: importing nbgrader and
    matplotlib, and opening the gradebook, take three seconds. Raises GraderFault.
    """

    def __init__(self, out: Path, database: Path | str | None, rules: Rules) -> None:
        from grader.gradebook import database as databases
        from grader.gradebook import gradebook, totals
        from grader.pages import class_page

        self._gradebook, self._fault = gradebook, databases.DatabaseFault
        self._totals, self._class_page = totals, class_page
        self._out, self.rules = out, rules
        try:
            self._book = gradebook.open_gradebook(database or gradebook.database_of(out))
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

    def write(self, reports: Sequence[Report], paths: Sequence[Path]) -> None:
        """Store the scores of reports, with the times at which their submissions were handed in."""
        times = {
            report.student: self._gradebook.handed_in(path)
            for report, path in zip(reports, paths, strict=True)
        }
        known = {student: time for student, time in times.items() if time}
        try:
            self._gradebook.write(
                self._book, reports, known, late_penalties=self.rules.course.due is None
            )
        except self._fault as error:
            raise GraderFault(str(error)) from error

    def hand_in(self, path: Path) -> HandIn:
        """Who handed in the submission at a path, and when."""
        time = self._gradebook.handed_in(path)
        return HandIn(
            submission.student_of(path),
            handed_in=time and time.replace(tzinfo=UTC),
            source=path.name,
        )

    @functools.cached_property
    def marks(self) -> dict[str, Marks]:
        """What the gradebook had of each student before this run. It is read once."""
        return self.marks_now()

    def marks_now(self) -> dict[str, Marks]:
        try:
            return self._totals.read_marks(self._book)
        except self._fault as error:
            raise GraderFault(str(error)) from error

    def finish(
        self, reports: Sequence[Report], grades: Sequence[Final], rows: Mapping[str, class_rows.Row]
    ) -> None:
        """Write the final grades: into the gradebook, the table, the overview, the class page."""
        try:
            self._totals.store_grades(self._book, grades, self.rules)
        except self._fault as error:
            raise GraderFault(str(error)) from error
        store.write_class(self._out, reports, grades)
        self._class_page.write(self._out, rows=rows, grades=grades)

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
        # student -> key, path, and the report of the run before
        self._being_graded: dict[str, tuple[str, Path, Report | None]] = {}
        self.secret = course_secret()
        last, now = store.last_run(out), cache.circumstances(self.secret, level)
        # Why students who were graded before are graded again; "" if only their files changed.
        self._why = "" if force else cache.difference(last.graded_by, now)
        # Folder of a student -> key of the final grade that is on the page, if this code drew it.
        self._drawn = dict(last.drawn_for) if last.drawn_by == cache.drawing_version() else {}
        self._hand_ins: dict[str, HandIn] = {}
        is_whole = len(exercises) == len(EXERCISES) or last.graded_by is None
        self._memory = store.LastRun(now if is_whole else last.graded_by)
        self.done = Graded()
        # Folder of a student -> row, of the reports that this run has written. The class page reads
        # all other reports, which may be damaged.
        self.rows: dict[str, class_rows.Row] = {}

    def changed(self, paths: Iterable[Path]) -> Iterator[Submission]:
        """Yield the submissions that must be graded. Each is read only when it is next."""
        for path in paths:
            student = submission.student_of(path)
            earlier = store.load(self._out, student)
            try:
                one = submission.read(path)
            except Exception as error:  # a grader fault; notes report what a student did wrong
                self._being_graded[student] = "", path, earlier
                self.write([pool.set_aside(Submission(student, {}), self._exercises, error)])
                continue
            key = cache.key(one, self.secret, self._level)
            if earlier and not self._force and cache.is_current(earlier, key, self._exercises):
                self._keep(earlier, path)
            else:
                self._being_graded[student] = key, path, earlier
                self._say_why(earlier)
                yield one

    def _say_why(self, earlier: Report | None) -> None:
        """Say once on the terminal why submissions are graded again that would have been kept."""
        if self._why and earlier and len(earlier.exercises) >= len(self._exercises):
            count = self._progress.total
            who = f"All {count} are" if count > 1 else "The submission is"
            self._progress.write(f"{who} graded again: {self._why}.", file=sys.stderr)
            self._why = ""

    def _keep(self, report: Report, path: Path) -> None:
        """Keep the report of an earlier run. Add it to the gradebook if it is not in there, and
        draw its page again if other code has drawn it, or if the final grade is another one.
        """
        writer = self._opening.result()
        self._hand_ins[report.student] = writer.hand_in(path)
        if not writer.knows(report):
            self._store([report], [path])
        grade, home = self._grade(report), folder_of(report.student)
        if self._drawn.get(home) != (key := cache.page_key(grade)):
            store.draw_student(self._out, report, grade)
            self._drawn[home] = key
        self.done.unchanged += 1
        self._add(report)

    def _grade(self, report: Report) -> Final:
        """The final grade of a student, by what people had marked before this run."""
        writer, student = self._opening.result(), report.student
        marks = writer.marks.get(student, Marks())
        return final_of(report, self._hand_ins[student], marks, writer.rules)

    def finish(self) -> None:
        """Write what concerns the whole class, and note that this code has drawn all pages."""
        writer, done = self._opening.result(), self.done
        done.reports.sort(key=lambda report: report.student)
        done.grades = finals(done.reports, self._hand_ins, writer.marks_now(), writer.rules)
        self._draw_what_changed(done.grades)
        writer.finish(done.reports, done.grades, self.rows)
        write_changes(self._out, done.changes, done.grades)
        done.notes += unknown_students(done.grades, writer.rules)
        store.remember(
            self._out,
            replace(self._memory, drawn_by=cache.drawing_version(), drawn_for=self._drawn),
        )

    def _draw_what_changed(self, grades: Sequence[Final]) -> None:
        """Draw the pages whose grade is another one than when they were drawn in this run: new
        points have made staff look again, or nbgrader has taken off a penalty of its own.
        """
        for grade in grades:
            home, key = folder_of(grade.student), cache.page_key(grade)
            if home in self._drawn and self._drawn[home] != key:
                report = store.load(self._out, grade.student)
                if report and grade.score is not None:
                    store.draw_student(self._out, report, grade)
                    self._drawn[home] = key

    def write(self, reports: Sequence[Report]) -> None:
        """Store new reports, first in the gradebook, because the next run takes a student's report
        as a sign that both are written.
        """
        known = [self._being_graded.pop(report.student) for report in reports]
        writer = self._opening.result()
        _ = writer.marks  # as they were before anything is written
        self._store(reports, [path for _, path, _ in known])
        for report, (key, path, earlier) in zip(reports, known, strict=True):
            self._hand_ins[report.student] = writer.hand_in(path)
            report = replace(
                report, exercises=tuple(replace(exercise, key=key) for exercise in report.exercises)
            )
            self.done.changes += changes(earlier, report)
            report = store.merge(earlier, report)
            grade, home = self._grade(report), folder_of(report.student)
            store.write_student(self._out, report, grade)
            self._drawn[home] = cache.page_key(grade)
            self.rows[home] = class_rows.row(home, report)
            self._add(report)

    def _store(self, reports: Sequence[Report], paths: Sequence[Path]) -> None:
        writer = self._opening.result()
        try:
            writer.write(reports, paths)
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
