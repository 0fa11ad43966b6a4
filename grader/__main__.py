"""The command line: python -m grader release | grade | collect | report | lint | demo | doctor, and
those of `commands/`.
"""

from __future__ import annotations

import argparse
import atexit
import functools
import gc
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from cs231n_utils.exercises import EXERCISES, MAX_SCORE
from grader.commands import alike, giving_back, marking, options_of_rules, releasing
from grader.faults import GraderFault, SandboxUnavailable, Slips, WrongFiles, WrongUsage
from grader.paths import (
    CHANGES,
    CLASS_PAGE,
    FEEDBACK_PAGE,
    HAND_INS,
    OVERVIEW,
    REPORT,
    ROSTER,
    TABLE,
)
from grader.text import count_of, one_line

if TYPE_CHECKING:
    from grader.grading import one_class
    from grader.intake.roster import Person
    from grader.report import Report
    from grader.results.changes import Change

# Here and in `commands/`, what a command works with is imported in its function: otherwise --help
# and all other commands would wait for it. Each process that grades imports this file, too.
_DONE, _GRADER_FAILED, _WRONG_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 whatever students did, 1 when the grader failed, 2 for wrong
    usage.
    """
    # Nobody needs the memory back when the process ends, and to look for all cycles in what is
    # imported takes 0.3 s.
    atexit.register(gc.freeze)
    options = _parser().parse_args(arguments)
    try:
        return options.run(options) or _DONE
    except Slips as slips:
        _say(*str(slips).splitlines())
        _say("nothing was done, because of the above. `python -m grader lint` looks again.")
        return _GRADER_FAILED
    except WrongFiles as error:
        _say(*str(error).splitlines())
        return _WRONG_USAGE
    except WrongUsage as error:
        _say(str(error))
        return _WRONG_USAGE
    except (SandboxUnavailable, GraderFault) as error:
        _say(str(error))
        return _GRADER_FAILED
    except OSError as error:
        _say(f"{error.filename or 'a file'}: {error.strerror}")
        return _GRADER_FAILED
    except KeyboardInterrupt:
        _say("stopped. What is graded so far is written; run the same command to grade again.")
        return _GRADER_FAILED


def _say(*lines: str) -> None:
    """Why a command did not end well: each line for itself, on standard error."""
    for line in lines:
        print(f"grader: {one_line(line)}", file=sys.stderr)


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

    releasing.add_commands(commands)

    grade = commands.add_parser(
        "grade",
        help="grade submissions",
        description="Grade submissions with the hidden checks.",
        epilog=(
            "DIR gets grades.csv, hand_ins.csv (what became of each entry of the download),"
            " index.html, class.html, changes.csv where scores changed, and for each student a"
            " folder with report.json and feedback.html."
        ),
    )
    grade.add_argument(
        "submitted",
        type=Path,
        metavar="DOWNLOAD",
        help=(
            "what a learning platform hands out, as a zip or a folder, or a folder that holds"
            " <student>/loss_and_optimization/, <student>.zip or <student>.tar.gz"
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
        "--roster",
        type=Path,
        metavar="FILE",
        help=(
            "CSV with a column student, and any of name, email and id, or the gradebook file that"
            " a platform exported: says who handed in nothing, and who is unknown. Later runs into"
            " DIR use it, too"
        ),
    )
    options_of_rules.add_options(grade)
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

    collect = commands.add_parser(
        "collect",
        help="write a download in nbgrader's layout",
        description=(
            "Write what a learning platform hands out as <student>/<assignment>/, the layout of"
            " nbgrader's submitted/, with timestamp.txt. Nothing is graded, and `grade` does not"
            " need it."
        ),
    )
    collect.add_argument(
        "download", type=Path, metavar="DOWNLOAD", help="a zip or a folder, as for `grade`"
    )
    collect.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="such as submitted/ of the course"
    )
    options_of_rules.add_course(collect)
    collect.set_defaults(run=_collect)

    report = commands.add_parser(
        "report",
        help="draw all pages again",
        description=(
            "Draw all pages again from the reports that grading left: each student's feedback, the"
            " overview, and one page on the whole class with scores, exercises, frequent mistakes,"
            " who needs a hand, crashes, and what could not be judged; and write grades.csv with"
            " the dates, marks and points that hold now. Nothing is graded. `grade` does so, too."
        ),
    )
    report.add_argument("folder", type=Path, metavar="DIR", help="the output folder of `grade`")
    report.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="draw the class page alone, into this file, and leave DIR as it is",
    )
    options_of_rules.add_options(report)
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

    options_of_rules.add_commands(commands)
    marking.add_commands(commands)
    alike.add_commands(commands)
    giving_back.add_commands(commands)

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


def _grade(options: argparse.Namespace) -> None:
    # Beside what is imported here: a sandbox takes 0.2 s to show its level, most of it in a process
    # of its own.
    aside = ThreadPoolExecutor(1)
    finding = aside.submit(_find_level, options.unsafe)
    with _no_collections():
        from grader.commands import rules
        from grader.grading import one_class
        from grader.intake import hand_ins, roster
        from grader.kit import lint
        from grader.pages.writing import write_private

    course_rules = rules.of(options)
    lint.require_none(kit=False)
    aside.submit(_import_gradebook)
    aside.shutdown(wait=False)
    people, content = _people(options.roster, options.out, course_rules.course.zone)
    exercises = [options.exercise] if options.exercise else list(EXERCISES)
    level = _best(*finding.result())
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
            course_rules,
            own_gradebook=False,
            roster=roster.Roster(people),
        )
    if options.roster:
        write_private(options.out / ROSTER, content)
    standing, waiting = done.standing, done.waiting
    mean = standing.points / standing.scored
    most = next(iter(done.reports)).max_score
    kept = f" ({done.unchanged} unchanged, not graded again)" if done.unchanged else ""
    print(f"{count_of(len(done.reports), 'submission')}{kept}, mean score {mean:.1f} of {most:g}.")
    _print_changes(done.changes, list_all=bool(options.exercise))
    if done.changes:
        print(f"To write to them: {options.out / CHANGES}.")
    rules.print_notes(standing, done.notes, course_rules)
    if waiting:
        print(
            "Not judged in part, through no fault of the student:"
            f" {hand_ins.some(waiting)}. Grade again, or look at {REPORT}."
        )
    for line in hand_ins.remarks(done.hand_ins, done.known):
        print(line, file=sys.stderr)
    print(
        f"Overview: {options.out / OVERVIEW}. Class: {options.out / CLASS_PAGE}. Table:"
        f" {options.out / TABLE}."
    )
    print(
        f"{hand_ins.summary(done.hand_ins)} Each with its reason:"
        f" {one_line(str(options.out / HAND_INS))}."
    )


def _import_gradebook() -> None:
    """Import nbgrader, in a thread: that takes most of a second, in which one sandbox can show its
    level, and another one grade the first submissions.
    """
    # Who needs it next meets the same error, and reports it.
    with suppress(Exception), _no_collections():
        from grader.gradebook import gradebook, totals  # noqa: F401


@contextmanager
def _no_collections() -> Iterator[None]:
    """Keep Python from looking for garbage in what it imports, now and later: there is none, and
    looking through all of it several times takes 0.4 s.
    """
    if "nbgrader" in sys.modules:  # by an earlier command of this process
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _people(given: Path | None, out: Path, zone: tzinfo) -> tuple[Sequence[Person], bytes]:
    """The people of the course, and the content of the file that names them: the one that was
    given, or else the one that an earlier run into `out` was given.
    """
    from grader.intake import roster

    file = given or out / ROSTER
    if given is None:
        if not file.exists():
            return [], b""
        print(
            f"The roster is that of an earlier run, {one_line(str(file))}; --roster replaces it.",
            file=sys.stderr,
        )
    content = roster.content_of(file)
    return roster.people_in(content, file, zone), content


def _collect(options: argparse.Namespace) -> None:
    from grader.checks.seeds import course_secret
    from grader.course.files import load_rules
    from grader.intake import collecting, hand_ins
    from grader.intake.download import open_download
    from grader.intake.entries import Clock

    collecting.refuse_inside(options.download, options.out)
    secret = course_secret()
    clock = Clock(load_rules(options.course).course.zone, secret)
    with open_download(options.download, clock, options.out.resolve()) as download:
        done = collecting.collect(download, options.out, secret)
        records, known = download.hand_ins, download.known
    for line in hand_ins.remarks(records, known):
        print(line, file=sys.stderr)
    if done.kept:
        print(
            f"There already, and left as they are: {hand_ins.some(done.kept)}. Remove a folder to"
            " have it written again.",
            file=sys.stderr,
        )
    print(hand_ins.summary(records))
    print(f"Written: {count_of(done.written, 'submission')}, to {one_line(str(options.out))}.")


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
    from grader.commands import rules
    from grader.course.final import Standing, unknown_students
    from grader.gradebook import refresh
    from grader.pages import class_page, class_rows
    from grader.report import folder_of
    from grader.results import store

    course_rules = rules.of(options)
    rows = {folder_of(row.student): row for row in class_rows.read(options.folder)[0]}
    if options.out is None:
        with store.open_folder(options.folder):
            grades = refresh.draw_again(options.folder, options.db, course_rules)
    else:
        grades = refresh.final_grades(options.folder, options.db, course_rules)
    out, students, damaged = class_page.write(options.folder, options.out, rows, grades)
    names = {grade.student for grade in grades if grade.score is not None}
    notes = unknown_students(names.__contains__, lambda: names, course_rules)
    rules.print_notes(Standing(grades), notes, course_rules)
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
    print(f"Class page of {count_of(students, 'student')}: {one_line(str(out))}.")
    if options.out is None:
        overview = one_line(str(options.folder / OVERVIEW))
        print(
            f"Overview: {overview}. Table: {one_line(str(options.folder / TABLE))}. The feedback"
            " pages are drawn, too."
        )


def _demo(options: argparse.Namespace) -> None:
    from grader.grading import one_class
    from grader.kit import sample_class
    from grader.kit.release import kit_files
    from grader.report import format_points
    from grader.results import store

    level = _best(*_find_level(options.unsafe))
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
    from grader.kit import lint

    found = lint.examine()
    for finding in found:
        print(one_line(str(finding)))
    count = f"{len(found) or 'no'} {'finding' if len(found) == 1 else 'findings'}"
    print(f"{len(EXERCISES)} exercises, {count}.")
    return _GRADER_FAILED if found else _DONE


def _doctor(options: argparse.Namespace) -> None:
    from grader.sandbox import doctor

    print(doctor.examine())


def _find_level(unsafe: bool) -> tuple[str, dict[str, str]]:
    from grader.sandbox.launch import find_level

    return find_level(unsafe)


def _best(level: str, missing: Mapping[str, str]) -> str:
    """The level of the sandbox; a note says so if it is not the best one.

    missing : for each better level, why this machine does not have it
    """
    from grader.sandbox.requirements import LEVELS

    if missing:
        print(
            f"Sandbox level {level}: {LEVELS[level]}. Not level A: {missing['A']}", file=sys.stderr
        )
    return level


def _print_changes(changes: Sequence[Change], list_all: bool) -> None:
    """Who has other points than before; all of them for one exercise, and else some."""
    from grader.report import format_points

    if not changes:
        return
    count = len(changes)
    shown = count if list_all else min(20, count)
    print(f"{count} scores changed since the last run:")
    for change in islice(changes, shown):
        print(
            f"  {one_line(change.student)}  {change.exercise}  {format_points(change.before)} ->"
            f" {format_points(change.after)}  ({change.after - change.before:+.4g})"
        )
    if shown < count:
        print(f"  and {count - shown} more")


def _first_message(report: Report) -> str:
    messages = (
        check.message for exercise in report.exercises for check in exercise.checks if check.message
    )
    text = one_line(next(messages, ""))
    return text if len(text) <= 90 else text[:89] + "…"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stop as for Ctrl-C
    sys.exit(main())
