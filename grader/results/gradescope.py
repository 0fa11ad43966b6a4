"""Gradescope's `results.json`: what a student reads there, and what staff alone read.

What could not be judged must not look like a score of 0. Gradescope takes no file without a score,
and tells the student only that the autograder failed. But it shows no total to students while a
test is hidden from them. So each file that is not fully judged has such a test: it says to staff
why, and the student reads what is not judged, with no points beside it.

Source: the specifications at gradescope-autograders.readthedocs.io.
"""

from __future__ import annotations

from typing import Any

from cs231n_utils.exercises import EXERCISES, NOTEBOOKS
from grader.report import MAX_MESSAGE, Check, ExerciseReport, Report, Verdict, format_points
from grader.text import one_line, printable

_VISIBLE, _HIDDEN = "visible", "hidden"
_STAFF_TEST = "For staff: not judged"
_COSTS_NOTHING = (
    "Your work has arrived, and nothing of it is lost. It is not judged yet: the machine that"
    " grades could not do its part, which is no fault of yours and costs you nothing. If you see a"
    " score of 0 anywhere, it is not yours. Staff will have it graded; you need not hand in again."
)
_COSTS_NOTHING_IN_PART = (
    "Some checks could not be judged, which is no fault of yours and costs you nothing. Staff will"
    " look at them. The total is shown when they are judged."
)
_BY_PEOPLE = "The written questions are graded by people and are not part of this."


def results(report: Report) -> dict[str, Any]:
    """The content of the file for a submission that was graded."""
    tests = [
        _test(exercise, check, number)
        for exercise in report.exercises
        for number, check in enumerate(exercise.checks, 1)
    ]
    waiting = [
        f"{exercise.name}: {check.title}"
        for exercise in report.exercises
        for check in exercise.checks
        if check.verdict is Verdict.NOT_JUDGED
    ]
    if waiting:
        tests.append(
            _staff_test(
                "The points are a lower bound: the grader failed at what is listed here. Run the"
                " autograder again on this submission. If that does not help, the autograder's"
                " output names the errors.\n" + "\n".join(waiting)
            )
        )
    return _file(
        round(report.score, 2),
        _about(report),
        tests,
        report.status,
        execution_time=round(report.seconds, 1),
        extra_data={"sandbox_level": report.level},
    )


def not_judged(why: str) -> dict[str, Any]:
    """The content of the file for a submission on which nothing was run, or not to the end.

    why : for staff
    """
    return _file(0, _COSTS_NOTHING, [_staff_test(why)], "not_judged")


def _file(
    score: float, output: str, tests: list[dict[str, Any]], status: str, **more: Any
) -> dict[str, Any]:
    extra_data = {"status": status, **more.pop("extra_data", {})}
    return {
        "score": score,
        "output": output,
        "output_format": "text",
        "visibility": _VISIBLE,
        # The level of the sandbox is printed there, and errors of the grader with their traceback.
        "stdout_visibility": _HIDDEN,
        "tests": tests,
        "extra_data": extra_data,
        **more,
    }


def _about(report: Report) -> str:
    """What stands above the checks."""
    points = f"{format_points(report.score)} of {format_points(report.max_score)} points"
    lines = [f"{points} from the checks. {_BY_PEOPLE}"]
    if report.status == "not_judged":
        lines = [_COSTS_NOTHING_IN_PART, _BY_PEOPLE]
    lines += report.notes
    missed = (
        (exercise.name, check)
        for exercise in report.exercises
        for check in exercise.checks
        if check.verdict is Verdict.FAILED and check.tried
    )
    if found := next(missed, None):
        name, check = found
        file = EXERCISES[name].file
        where = "Save a better one" if file == name else f"Change it in {file}"
        lines.append(
            f'Next step: {name}. Not yet: “{check.title}” {where} and run check("{name}").'
        )
    if report.versions:
        lines.append(f"Your code ran with {report.versions}.")
    return _text("\n\n".join(lines), 20 * MAX_MESSAGE)


def _test(exercise: ExerciseReport, check: Check, number: int) -> dict[str, Any]:
    names = list(EXERCISES)
    notebook = NOTEBOOKS.index(exercise.notebook) + 1
    place = [name for name in names if EXERCISES[name].notebook == exercise.notebook]
    test: dict[str, Any] = {
        "number": f"{notebook}.{place.index(exercise.name) + 1}.{number}",
        "name": one_line(f"{exercise.name}: {check.title}"),
        "output": _message(check),
        "output_format": "text",
        "visibility": _VISIBLE,
    }
    if check.verdict is not Verdict.NOT_JUDGED:
        test |= {
            "score": round(check.points, 2),
            "max_score": check.max_points,
            "status": "passed" if check.verdict is Verdict.PASSED else "failed",
        }
    return test


def _message(check: Check) -> str:
    if check.failure is None:
        return ""
    hint = f"\nHint: {check.failure.hint}" if check.failure.hint else ""
    return _text(f"{check.failure.finding}{hint}", 2 * MAX_MESSAGE)


def _staff_test(why: str) -> dict[str, Any]:
    return {
        "name": _STAFF_TEST,
        "score": 0,
        "max_score": 0,
        "output": _text(why, 4 * MAX_MESSAGE),
        "output_format": "text",
        "visibility": _HIDDEN,
    }


def _text(text: str, most: int) -> str:
    return printable(text)[:most]
