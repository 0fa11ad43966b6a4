"""Grade a class into a folder: keeps the results of unchanged submissions, and writes new results
as they come.

The gradebook is written before a student's report, and the report holds the key by which the next
run recognizes an unchanged submission. So a run that was stopped anywhere is finished by running it
again, with nothing lost and nothing graded twice.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from grader.checks.seeds import course_secret
from grader.course.final import Rules
from grader.grading import pool
from grader.grading.class_run import ClassRun, Graded
from grader.grading.handling import Handling, Outcome
from grader.grading.writer import Writer
from grader.intake.download import SubmissionsNotFound, open_download
from grader.intake.entries import Clock
from grader.intake.hand_ins import HandIn
from grader.intake.roster import Roster
from grader.intake.students import Student
from grader.paths import GRADEBOOK
from grader.results import store


@dataclass(frozen=True)
class Machines:
    """Machines that grade in place of processes of this one.

    grade : as `pool.grade_in_processes`, without its argument `processes`
    batch : the most submissions that a process gets at a time
    """

    grade: Callable[..., Iterator[list[Outcome]]]
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
    roster: Roster | None = None,
) -> Graded:
    """Grade all submissions of a download into `out`; with `force`, unchanged submissions as well.

    submitted : the download, a folder or a zip
    database : URL of the gradebook's database
    machines : by default, `processes` processes of this machine
    rules : make the final grades; nobody is graded again because of them
    own_gradebook : without a `database`, whether the gradebook is the file gradebook.db in `out`,
        or else the one that goes with `out` (`gradebook.database_of`)
    """
    # There, a report.json that a student handed in could pass for one that the grader wrote.
    if out.resolve() == submitted.resolve():
        raise SubmissionsNotFound(
            f"{out} holds the submissions. Give another folder for the results."
        )
    rules, roster = rules or Rules(), roster or Roster()
    secret = course_secret()
    clock = Clock(rules.course.zone, secret)
    with (
        open_download(submitted, clock, out.resolve(), roster.with_time) as download,
        store.open_folder(out) as staging,
    ):
        # Absolute, because nbgrader changes the working directory while it makes the gradebook.
        folder = Path(os.path.abspath(out))
        books = functools.partial(
            Writer, folder, database or (folder / GRADEBOOK if own_gradebook else None), rules
        )
        done = _grade_class(
            download.students,
            Handling(folder, staging.absolute(), rules, secret, level, tuple(exercises), force),
            processes,
            books,
            machines,
            lambda: roster.compare(download.hand_ins),
        )
        done.known = download.known
    if not done.reports:
        why = "; ".join(f"{one.source}: {one.note}" for one in done.hand_ins[:5])
        raise SubmissionsNotFound(f"Nothing in {submitted} can be graded. {why}")
    return done


def _grade_class(
    students: Sequence[Student],
    handling: Handling,
    processes: int,
    open_books: Callable[[], Writer],
    machines: Machines | None,
    compared: Callable[[], Sequence[HandIn]],
) -> Graded:
    """Grade these students, and write all results.

    compared : gives the records of all entries, once everything is read
    """
    with (
        ThreadPoolExecutor(1) as aside,
        tqdm(total=len(students), unit=" submissions", desc="grading") as progress,
    ):
        opening = aside.submit(open_books)
        run = ClassRun(handling, opening, progress, reads_here=machines is not None)
        where = machines or Machines(
            functools.partial(pool.grade_in_processes, processes=processes), processes, pool.BATCH
        )
        batch = max(1, min(where.batch, -(-len(students) // (4 * where.processes))))
        try:
            try:
                for outcomes in where.grade(
                    run.changed(students),
                    secret=handling.secret,
                    exercises=handling.exercises,
                    level=handling.level,
                    batch=batch,
                    handling=handling,
                ):
                    run.take(outcomes)
            finally:  # if grading was stopped, what is done is kept
                run.write()
            run.expect_everybody()
            records = compared()
            with store.results_are("written", handling.folder):
                run.finish(records)
        finally:
            run.end()
            if not opening.exception():
                opening.result().close()
    return run.done
