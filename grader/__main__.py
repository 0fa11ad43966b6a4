"""The command line: python -m grader release | grade | report | lint | demo | doctor."""

from __future__ import annotations

import argparse
import functools
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cs231n_utils.exercises import EXERCISES, MAX_SCORE
from grader.checks.seeds import SecretUnusable
from grader.faults import GraderFault
from grader.intake import submission
from grader.kit import lint
from grader.pages import class_rows
from grader.paths import CLASS_PAGE, FEEDBACK_PAGE, OVERVIEW, REPORT, TABLE
from grader.report import Report, format_points
from grader.results import store
from grader.sandbox.launch import SandboxUnavailable, find_level
from grader.sandbox.requirements import LEVELS
from grader.text import one_line

if TYPE_CHECKING:
    from grader.grading import one_class
    from grader.kit.repair import Repair

# Imported where it is needed is what takes long: pytest, with `grading`, 0.12 s; nbgrader and
# matplotlib, with `release` and `class_page`, a second.
_DONE, _GRADER_FAILED, _WRONG_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 whatever students did, 1 when the grader failed, 2 for wrong
    usage.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options) or _DONE
    except lint.Slips as slips:
        for line in str(slips).splitlines():
            print(f"grader: {one_line(line)}", file=sys.stderr)
        print(
            "grader: nothing was done, because of the above. `python -m grader lint` looks again.",
            file=sys.stderr,
        )
        return _GRADER_FAILED
    except (submission.SubmissionsNotFound, class_rows.ResultsNotFound) as error:
        print(f"grader: {one_line(str(error))}", file=sys.stderr)
        return _WRONG_USAGE
    except (SandboxUnavailable, GraderFault, store.FolderTaken, SecretUnusable) as error:
        print(f"grader: {one_line(str(error))}", file=sys.stderr)
        return _GRADER_FAILED
    except OSError as error:
        print(
            f"grader: {one_line(str(error.filename or 'a file'))}: {error.strerror}",
            file=sys.stderr,
        )
        return _GRADER_FAILED
    except KeyboardInterrupt:
        print(
            "grader: stopped. What is graded so far is written; run the same command to grade"
            " again.",
            file=sys.stderr,
        )
        return _GRADER_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m grader",
        description=(
            "Release the assignment to students, and grade what they hand in. Student code runs in"
            " a sandbox; the hidden checks never share a process with it."
        ),
        epilog=(
            "Exit status: 0 when the command did its work, whatever students handed in; 2 for wrong"
            " usage; 1 when the grader itself failed."
        ),
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    release = commands.add_parser(
        "release",
        help="write the student kit",
        description=(
            "Write the student kit, a folder and a zip, and fill nbgrader's release/ folder. Or"
            " write a repair for kits that students have: a small zip that replaces given files and"
            " given cells, and touches no function and no answer."
        ),
    )
    what = release.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="DIR", help="where the kit goes")
    what.add_argument(
        "--repair",
        type=Path,
        metavar="ZIP",
        help="write a repair instead; students run it in their kit's folder: python repair.zip",
    )
    what.add_argument(
        "--lite",
        type=Path,
        metavar="DIR",
        help="build a static site instead, in which the kit runs in a browser (JupyterLite)",
    )
    release.add_argument(
        "--since",
        type=Path,
        metavar="KIT",
        help="the kit that students have, folder or zip: the repair holds what has changed since",
    )
    release.add_argument(
        "--kit-url",
        metavar="URL",
        help="where students get the kit's zip; the kit's README tells Colab to fetch it there",
    )
    release.set_defaults(run=_release)

    grade = commands.add_parser(
        "grade",
        help="grade submissions",
        description="Grade submissions with the hidden checks.",
        epilog=(
            "DIR gets grades.csv, index.html, class.html, gradebook.db (nbgrader's), and for each"
            " student a folder with report.json and feedback.html."
        ),
    )
    grade.add_argument(
        "submitted",
        type=Path,
        metavar="SUBMITTED",
        help=(
            "folder that holds <student>/loss_and_optimization/, <student>.zip or <student>.tar.gz"
        ),
    )
    grade.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where the results go"
    )
    grade.add_argument(
        "--exercise",
        choices=list(EXERCISES),
        metavar="NAME",
        help=(
            "grade this exercise only, keep the other results that are in DIR, and say whose score"
            " changed"
        ),
    )
    grade.add_argument(
        "--db",
        metavar="URL",
        help=(
            "database of the gradebook, such as postgresql://host/name "
            "(default: the file gradebook.db in DIR)"
        ),
    )
    elsewhere = grade.add_mutually_exclusive_group()
    elsewhere.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="grade on the Dask workers of this scheduler, such as tls://host:8786",
    )
    elsewhere.add_argument(
        "--cluster",
        choices=["local", "slurm", "kubernetes"],
        help="start a Dask cluster of --processes Dask workers, grade on it, and end it",
    )
    grade.add_argument(
        "--force",
        action="store_true",
        help="grade everybody again, also where nothing has changed since the last run",
    )
    _add_processes(grade)
    _add_unsafe(grade)
    grade.set_defaults(run=_grade)

    report = commands.add_parser(
        "report",
        help="draw all pages again",
        description=(
            "Draw all pages again from the reports that grading left: each student's feedback, the"
            " overview, and one page on the whole class with scores, exercises, frequent mistakes,"
            " who needs a hand, crashes, and what could not be judged. Nothing is graded. `grade`"
            " draws them, too."
        ),
    )
    report.add_argument("folder", type=Path, metavar="DIR", help="the output folder of `grade`")
    report.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="draw the class page alone, into this file, and leave DIR as it is",
    )
    report.set_defaults(run=_report)

    check_course = commands.add_parser(
        "lint",
        help="look for slips in the exercises",
        description=(
            "Look for an author's slips: rows, stubs, hidden checks, grade cells and visible checks"
            " that do not agree, and checks that the reference does not pass. `release` and `grade`"
            " begin with it."
        ),
        epilog="Exit status: 0 without findings, 1 with some.",
    )
    check_course.set_defaults(run=_lint)

    sample_class = commands.add_parser(
        "demo",
        help="make a sample class and grade it",
        description="Make a sample class of a dozen submissions, grade it, and print a table.",
    )
    sample_class.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where submissions and results go"
    )
    _add_processes(sample_class)
    _add_unsafe(sample_class)
    sample_class.set_defaults(run=_demo)

    doctor = commands.add_parser(
        "doctor",
        help="say how well this machine can isolate student code",
        description="Try the levels of the sandbox, and say what is missing for the next one.",
    )
    doctor.set_defaults(run=_doctor)
    return parser


def _add_processes(command: argparse.ArgumentParser) -> None:
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    command.add_argument(
        "--processes",
        "--workers",  # its name in earlier versions
        type=_positive,
        default=cores,
        metavar="N",
        help="processes that grade at the same time (default: %(default)s, one for each core)",
    )


def _add_unsafe(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--unsafe",
        action="store_true",
        help=(
            "where there is no sandbox, grade without one: student code could then do anything that"
            " you can"
        ),
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is too small; expected 1 or more")
    return number


def _release(options: argparse.Namespace) -> None:
    from grader.kit.lite import lite
    from grader.kit.release import ReleaseError, release
    from grader.kit.repair import repair

    lint.require_none(kit=True)
    try:
        if options.repair:
            _print_repair(repair(options.repair, options.since, kit_url=options.kit_url))
            return
        if options.since:
            raise GraderFault("--since belongs to --repair: a kit is always written whole.")
        if options.lite:
            count = lite(options.lite, kit_url=options.kit_url)
            print(f"A site with {count} files of the kit is in {options.lite}.")
            return
        done = release(options.out, kit_url=options.kit_url)
    except ReleaseError as error:
        raise GraderFault(str(error)) from error
    print(f"The kit of {done.files} files is in {done.folder} and {done.archive}.")
    print(f"nbgrader hands it out from {done.nbgrader_folder}.")


def _print_repair(done: Repair) -> None:
    print(
        f"The repair is in {done.archive}: {len(done.files)} files and {len(done.cells)} cells."
        f" Students put it into their kit's folder and run: python {done.archive.name}"
    )
    if done.not_repaired:
        print(
            f"Not repaired, as students write there: {', '.join(done.not_repaired)}. Tell them what"
            " has changed."
        )


def _grade(options: argparse.Namespace) -> None:
    from grader.grading import one_class

    lint.require_none(kit=False)
    exercises = [options.exercise] if options.exercise else list(EXERCISES)
    level = _level(options.unsafe)
    with _machines(options) as machines:
        done = one_class.grade_class(
            options.submitted,
            options.out,
            options.processes,
            exercises,
            level,
            options.force,
            options.db,
            machines,
        )
    reports = done.reports
    mean = sum(report.score for report in reports) / len(reports)
    waiting = [report.student for report in reports if report.status == "not_judged"]
    kept = f" ({done.unchanged} unchanged, not graded again)" if done.unchanged else ""
    print(f"{len(reports)} submissions{kept}, mean score {mean:.1f} of {reports[0].max_score:g}.")
    _print_changes(done.changes, list_all=bool(options.exercise))
    if waiting:
        print(
            f"Not judged in part, through no fault of the student: {_some(waiting)}. Grade again,"
            f" or look at {REPORT}."
        )
    if done.passed_over:
        print(
            f"Passed over, and not graded: {_some(done.passed_over)}. Expected"
            f" {submission.EXPECTED}.",
            file=sys.stderr,
        )
    print(
        f"Overview: {options.out / OVERVIEW}. Class: {options.out / CLASS_PAGE}. Table:"
        f" {options.out / TABLE}."
    )


@contextmanager
def _machines(options: argparse.Namespace) -> Iterator[one_class.Machines | None]:
    """The cluster that was asked for, if any."""
    if not (options.scheduler or options.cluster):
        yield None
        return
    from grader.grading import one_class

    try:
        from grader.grading import cluster
    except ModuleNotFoundError as error:
        raise GraderFault(
            f"Grading on a cluster needs Dask, and its package {error.name} is not installed."
            " Install it: pip install -e '.[cluster]'"
        ) from error
    with cluster.connect(options.scheduler, options.cluster, options.processes) as client:
        size = options.processes if options.cluster else cluster.workers(client)
        yield one_class.Machines(
            functools.partial(cluster.grade_on_cluster, client=client), size, cluster.BATCH
        )


def _report(options: argparse.Namespace) -> None:
    from grader.pages import class_page

    out, students, damaged = class_page.write(options.folder, options.out)
    if options.out is None:
        with store.open_folder(options.folder):
            store.draw_again(options.folder)
    for report in damaged[:20]:
        print(
            f"Damaged, and listed on the page: {one_line(report.path)} {one_line(report.reason)}.",
            file=sys.stderr,
        )
    if len(damaged) > 20:
        print(
            f"And {len(damaged) - 20} more. Grade again to have them written again.",
            file=sys.stderr,
        )
    print(
        f"Class page of {students} {'student' if students == 1 else 'students'}:"
        f" {one_line(str(out))}."
    )
    if options.out is None:
        overview = one_line(str(options.folder / OVERVIEW))
        print(f"Overview: {overview}. The feedback pages are drawn, too.")


def _demo(options: argparse.Namespace) -> None:
    from grader.grading import one_class
    from grader.kit import sample_class
    from grader.kit.release import kit_files

    level = _level(options.unsafe)
    submitted = options.out / "submitted"
    sample_class.write_class(sample_class.sample_class(kit_files()), submitted)
    done = one_class.grade_class(submitted, options.out, options.processes, list(EXERCISES), level)
    reports = [report for one in done.reports if (report := store.load(options.out, one.student))]
    width = max(len(report.student) for report in reports)
    print(f"\n{'student':{width}}  score of {MAX_SCORE}")
    for report in sorted(reports, key=lambda report: (-report.score, report.student)):
        print(
            f"{one_line(report.student):{width}}  {format_points(report.score):>5} "
            f" {_first_message(report)}"
        )
    print(
        f"\nOverview: {options.out / OVERVIEW}. Class: {options.out / CLASS_PAGE}. "
        f"Feedback pages: {options.out}/<student>/{FEEDBACK_PAGE}."
    )


def _lint(options: argparse.Namespace) -> int:
    found = lint.examine()
    for finding in found:
        print(one_line(str(finding)))
    count = f"{len(found) or 'no'} {'finding' if len(found) == 1 else 'findings'}"
    print(f"{len(EXERCISES)} exercises, {count}.")
    return _GRADER_FAILED if found else _DONE


def _doctor(options: argparse.Namespace) -> None:
    from grader.sandbox import doctor

    print(doctor.examine())


def _level(unsafe: bool) -> str:
    """The level of the sandbox; a note says so if it is not the best one."""
    level, missing = find_level(unsafe)
    if missing:
        print(
            f"Sandbox level {level}: {LEVELS[level]}. Not level A: {missing['A']}", file=sys.stderr
        )
    return level


def _some(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return ", ".join(map(one_line, names[:20])) + more


def _print_changes(changes: Sequence[one_class.Change], list_all: bool) -> None:
    """Who has other points than before; all of them for one exercise, and else some."""
    if not changes:
        return
    shown = changes if list_all else changes[:20]
    print(f"{len(changes)} scores changed since the last run:")
    for change in shown:
        print(
            f"  {one_line(change.student)}  {change.exercise}  {format_points(change.before)} ->"
            f" {format_points(change.after)}  ({change.after - change.before:+.4g})"
        )
    if len(shown) < len(changes):
        print(f"  and {len(changes) - len(shown)} more")


def _first_message(report: Report) -> str:
    messages = (
        check.message for exercise in report.exercises for check in exercise.checks if check.message
    )
    text = one_line(next(messages, ""))
    return text if len(text) <= 90 else text[:89] + "…"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stop as for Ctrl-C
    sys.exit(main())
