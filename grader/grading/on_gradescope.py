"""What runs in Gradescope's container: grades the one submission that lies there, and leaves
`results/results.json`.

    python -m grader.grading.on_gradescope /autograder

Below level B no student code is run. Whatever goes wrong, the file says "not judged" and costs
nothing: `run_autograder` puts such a file there before it starts this program.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cs231n_utils.exercises import ASSIGNMENT
from grader.checks.seeds import course_secret
from grader.faults import GraderFault
from grader.grading import pool
from grader.intake import reading
from grader.intake.finding import NotTaken, Part
from grader.intake.submission import Submission, as_text
from grader.intake.trees import OnDisk
from grader.pages.writing import write_whole
from grader.paths import SECRET_FILE
from grader.report import Report, Verdict
from grader.results import gradescope
from grader.sandbox.launch import SAFE, SandboxUnavailable, Zygote
from grader.sandbox.requirements import LEVELS
from grader.text import one_line, printable

METADATA = "submission_metadata.json"
# What `results.json` says until the program has replaced it.
NEVER_ENDED = (
    "The autograder did not start, or was ended before it had a result: a time limit, too little"
    " memory, or a setup that failed. Its output may say more. Run it again on this submission."
)


def main(arguments: list[str]) -> int:
    """Grade what lies in the folder that is the only argument, which is Gradescope's /autograder.

    Returns 0 in any case, since Gradescope reads the file.
    """
    folder = Path(arguments[0])
    try:
        found = gradescope.results(grade(folder, _secret()))
    except SandboxUnavailable as error:
        print(f"Not judged: {one_line(str(error))}")
        found = gradescope.not_judged(_refusal(error))
    except Exception as error:
        # Tracebacks quote hidden checks, so they are printed, which staff alone see, and the file
        # has the kind only.
        print(printable(traceback.format_exc()))
        found = gradescope.not_judged(
            f"The grader failed ({type(error).__name__}); its output has the error. Mend that, and"
            " run the autograder again on this submission."
        )
    write_whole(folder / "results" / "results.json", json.dumps(found, indent=1) + "\n")
    return 0


def grade(folder: Path, secret: str) -> Report:
    """The report of the submission in `folder`. Raises SandboxUnavailable before any student code
    runs where neither level A nor B is to be had.
    """
    level = _level()
    who = submitters((folder / METADATA).read_text(encoding="utf-8-sig"))
    print(f"Student: {one_line(who.student)}.")
    if who.others:
        print(
            f"A group of {len(who.others) + 1}: the inputs of the checks are those of"
            f" {one_line(who.student)}."
        )
    handed_in = read(folder / "submission", who.student)
    batches = pool.grade_in_processes([handed_in], 1, secret, level=level)
    report: Report
    (report,) = (report for reports in batches for report in reports)
    print(f"{report.score:g} of {report.max_score:g} points in {report.seconds:.1f} s.")
    _print_details(report)
    return report


def read(folder: Path, student: str) -> Submission:
    """What was handed in, wherever the kit lies in it; without files where nothing can be graded,
    with a note that says why.
    """
    try:
        done = reading.read(student, [Part(OnDisk(folder), folder.name)])
    except NotTaken as why:
        print(f"Nothing to grade: {one_line(str(why))}")
        reason = str(why).partition(". ")[0]  # what follows says to staff what to ask for
        return Submission(
            student,
            {},
            (
                f"Nothing to grade was found in what you handed in: {reason}. Hand in the folder"
                f" {ASSIGNMENT}, packed as .zip.",
            ),
        )
    for note in (*done.notes, *(f"{name}: {why}" for name, why in done.beside)):
        print(one_line(note))
    return done.submission


@dataclass(frozen=True)
class Submitters:
    """Who handed in.

    student : under whose name it is graded, which decides the inputs of the hidden checks
    others : the other members of a group
    """

    student: str
    others: tuple[str, ...] = ()


def submitters(metadata: str) -> Submitters:
    """Who handed in, from the text of Gradescope's metadata. Raises GraderFault."""
    try:
        users = json.loads(metadata)["users"]
        names = sorted({name for user in users if (name := _name(user))})
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise GraderFault(
            f"{METADATA} cannot be read ({type(error).__name__}); expected users with an e-mail"
            " address or an id."
        ) from error
    if not names:
        raise GraderFault(f"{METADATA} names nobody; expected users with an e-mail address or id.")
    # One submission of several people can be graded with the inputs of one of them only. The first
    # by name is the same one at every grading, in whatever order Gradescope lists the group.
    return Submitters(names[0], tuple(names[1:]))


def _name(user: Mapping[str, object]) -> str:
    """A student's name as `grade` takes it from Gradescope's export, so that the score is the same
    here and there: the e-mail address, else the student's id; where neither is known, what else
    Gradescope says.
    """
    for key in ("email", "sid", "name", "id"):
        value = user.get(key)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            # JSON can hold halves of letters, which no other file can.
            text = as_text(str(value).strip().encode("utf-8", "replace").decode())
            if text not in ("", "~", "null"):
                return text
    return ""


def _level() -> str:
    """The level of the sandbox, which is printed for staff."""
    zygote = Zygote(SAFE)
    try:
        with zygote:
            print(f"Sandbox level {zygote.level}: {LEVELS[zygote.level]}.")
    except SandboxUnavailable as error:
        reasons = (f"Level {level}: {why}" for level, why in zygote.missing.items())
        raise SandboxUnavailable(" ".join(reasons)) from error
    for better, why in zygote.missing.items():
        print(f"Not level {better}: {one_line(why)}")
    return zygote.level


def _refusal(error: SandboxUnavailable) -> str:
    """Why no student code was run, for staff."""
    return (
        "No student code was run, because Gradescope's container does not isolate it well enough"
        " here, and it would run beside the hidden checks. Export the submissions, and grade them"
        f" on another machine: python -m grader grade EXPORT.zip --out results.\n{error}"
    )


def _secret() -> str:
    # Without the file, a new secret would be made, and the class be graded with other inputs.
    if not SECRET_FILE.exists():
        raise GraderFault(
            f"{SECRET_FILE} is missing. Make the autograder again: python -m grader release"
            " --gradescope OUT.zip"
        )
    return course_secret()


def _print_details(report: Report) -> None:
    for exercise in report.exercises:
        for check in exercise.checks:
            if check.verdict is Verdict.NOT_JUDGED:
                last = (check.detail.strip().splitlines() or ["no reason is known"])[-1]
                print(f"Not judged: {exercise.name}, {check.name}: {one_line(last)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
