"""The cost of a submission, everything included, against the floor: the checks by plain calls.

The floor is `in_process.py`: the check functions collected once and called with the student's
functions, without isolation, without pytest, and without writing anything. Everything included is
`python -m grader grade --processes 1`, for each further submission. The cost of each part between
the two is measured by adding one part after the other:

    checks               the floor
    reports              our plugin runs them, and makes a report, on functions of the same process
    forks and loading    as often as grading does it: a process of the sandbox loads the files, and
                         imports a module
    requests             what else the sandbox adds: arguments, results and callbacks cross between
                         processes
    gradebook, pages     as written by the command
    the rest             reading what was handed in, the result cache, reports between processes,
                         progress

Collecting the checks and starting a sandbox happen once in a pool process, and are printed below
the table.

All grade the reference, in turn, in this run, in some rounds; figures are medians. CPU is that of
all processes. In the command, a process grades while another writes, so that the wall time of the
rest may be below 0.

    python -m benchmarks.floor [--rounds 3] [--batch 32]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from unittest import mock

from benchmarks.in_process import DirectStudent, run_checks
from benchmarks.measuring import Cost, grade_command, hand_in, run, spent, with_one_blas_thread
from benchmarks.sandbox_cost import measure, sandboxed, without_sandbox
from cs231n_utils.exercises import EXERCISES, MODULES
from cs231n_utils.hand_in.rules import MODEL_FILE
from grader.checks.session import Session
from grader.checks.student import Student
from grader.gradebook import gradebook
from grader.grading import one_submission, pool
from grader.intake.submission import Submission
from grader.kit import sample_class
from grader.pages import student_page
from grader.paths import COURSE
from grader.report import Report
from grader.results import store
from grader.sandbox.launch import SAFE, Zygote

REFERENCE = {module: import_module(f"grader.topics.{module}.reference") for module in MODULES}
Writer = Callable[[list[Report]], None]
START = "a sandbox"
FEW = 2  # submissions of the smaller class, whose time is taken off to leave out the start-up


class PluginsStudent(DirectStudent):
    """What the plugin takes for a `grader.checks.student.Student`."""

    def __init__(self, files: Mapping[str, bytes], ask: object) -> None:
        super().__init__(REFERENCE, files[MODEL_FILE])


def plugin_alone(submissions: Sequence[Submission]) -> list[Report]:
    # Which asks the session for nothing.
    with mock.patch.object(one_submission, "Student", PluginsStudent):
        return without_sandbox(submissions)


def checks(batch: Sequence[Submission]) -> Cost:
    before = spent()
    for each in batch:
        student = DirectStudent(REFERENCE, each.files[MODEL_FILE])
        for exercise in EXERCISES:
            run_checks(exercise, student, each.student)
    return spent() - before


def forks(count: int, files: Mapping[str, bytes]) -> Cost:
    before = spent()
    with Zygote(SAFE) as zygote:
        for _ in range(count):
            session = Session(zygote, files)
            Student(files, session.ask).rel_error(1.0, 2.0)
            session.close()
    return spent() - before


def forks_needed(submission: Submission) -> int:
    """How many processes of the sandbox grading this one takes."""
    with mock.patch.object(Zygote, "fork", autospec=True, side_effect=Zygote.fork) as fork:
        sandboxed([submission])
    return fork.call_count


def written(
    reports: Sequence[Report], write: Callable[[Path], contextlib.AbstractContextManager[Writer]]
) -> Cost:
    """What it costs to write these, in batches as the command does."""
    with tempfile.TemporaryDirectory(prefix="floor-") as folder, write(Path(folder)) as write_batch:
        before = spent()
        for start in range(0, len(reports), pool.BATCH):
            write_batch(list(reports[start : start + pool.BATCH]))
        return spent() - before


@contextlib.contextmanager
def into_gradebook(folder: Path) -> Iterator[Writer]:
    with gradebook.open_gradebook(folder / "gradebook.db") as book:
        yield lambda reports: gradebook.write(book, reports)


@contextlib.contextmanager
def as_pages(folder: Path) -> Iterator[Writer]:
    def write(reports: list[Report]) -> None:
        for report in reports:
            page = student_page.student_page(report).encode()
            staged = store.stage(staging, page, store.text_of(report).encode())
            store.write_student(folder, report.student, staged)
        store.write_class(folder, reports)

    with store.staging(folder) as staging:
        yield write


def command(folder: Path, count: int) -> Cost:
    """The whole command, on a class of that size."""
    if not (folder / str(count)).exists():
        hand_in(count, folder / str(count))
    with tempfile.TemporaryDirectory(dir=folder) as out:
        return run(grade_command(folder / str(count), Path(out), "--processes", "1"), COURSE)


def one_round(
    batch: Sequence[Submission], reports: Sequence[Report], boxes: int, folder: Path
) -> dict[str, Cost]:
    """Part -> what it costs for a submission; `reports` are those of the batch."""
    count = len(batch)
    files = batch[0].files
    with open(os.devnull, "w") as null, contextlib.redirect_stdout(null):
        floor = checks(batch) / count
        plugins = measure(plugin_alone, batch)
        start, all_of_them = measure(sandboxed, []), measure(sandboxed, batch)
    fork = (forks(16 * boxes, files) - forks(0, files)) / 16  # for a submission
    with_reports, with_sandbox = plugins / count, (all_of_them - start) / count
    parts = {
        "checks": floor,
        "reports": with_reports - floor,
        f"forks and loading ({boxes} a submission)": fork,
        "requests": with_sandbox - with_reports - fork,
        "gradebook": written(reports, into_gradebook) / count,
        "report and pages": written(reports, as_pages) / count,
    }
    everything = (command(folder, FEW + count) - command(folder, FEW)) / count
    rest = everything
    for part in parts.values():
        rest -= part
    return {**parts, "the rest": rest, "everything": everything, START: start}


def main() -> None:
    parser = argparse.ArgumentParser(
        description="The cost of a submission against the checks alone, and where it goes."
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=3,
        metavar="N",
        help="how often each part (default: %(default)s)",
    )
    parser.add_argument(
        "--batch",
        type=int,
        default=32,
        metavar="N",
        help="submissions at a time (default: %(default)s)",
    )
    options = parser.parse_args()
    files = sample_class.reference_files()
    batch = [Submission(f"student{k}", files) for k in range(options.batch)]
    with tempfile.TemporaryDirectory(prefix="floor-") as scratch:
        with open(os.devnull, "w") as null, contextlib.redirect_stdout(null):
            boxes = forks_needed(batch[0])
            reports = sandboxed(batch)
            checks(batch[:2])  # what is loaded and made once a process
        rounds = [one_round(batch, reports, boxes, Path(scratch)) for _ in range(options.rounds)]
    medians = {
        name: Cost(
            *(
                statistics.median(getattr(each[name], kind) for each in rounds)
                for kind in ("wall", "cpu")
            )
        )
        for name in rounds[0]
    }
    floor, everything = medians["checks"], medians["everything"]
    print(f"Medians of {options.rounds} rounds of {options.batch} submissions")
    print(
        f"{'a submission':40}{'CPU ms':>10}{'x floor':>9}{'share':>8}{'wall ms':>10}{'x floor':>9}"
    )
    start = medians.pop(START)
    for name, cost in medians.items():
        print(
            f"{name:40}{1e3 * cost.cpu:10.1f}{cost.cpu / floor.cpu:9.2f}"
            f"{cost.cpu / everything.cpu:8.0%}{1e3 * cost.wall:10.1f}{cost.wall / floor.wall:9.2f}"
        )
    print(f"Starting a sandbox, once a process: {1e3 * start.cpu:.0f} ms of CPU.")


if __name__ == "__main__":
    with_one_blas_thread()
    main()
