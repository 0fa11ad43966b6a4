"""Runs and judges the hidden checks of one submission, and makes its report.

Checks are run by plain calls, because pytest's own protocol takes as long as the checks themselves.
A check fails with an AssertionError (`Mismatch`, `StudentFault` and `PartialCredit` are derived
from it). Any other exception is a grader fault: the check is run once more, and if that fails as
well, it is not judged. A check whose box was killed is run once more, too.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from cs231n_utils.exercises import EXERCISES
from grader.checks.batching import SideBySide
from grader.checks.callbacks import UNFINISHED
from grader.checks.expect import Diagnosed, picture_of
from grader.checks.misconception import Call
from grader.checks.seeds import seed_for
from grader.checks.session import FULL, OutOfPatience, Patience, Session
from grader.checks.student import FollowsFrom, PartialCredit, Student
from grader.diagnosis import hints
from grader.diagnosis.describe import describe
from grader.diagnosis.second_problem import second_problem
from grader.faults import BoxKilled, SandboxFault, StudentFault, kind_of
from grader.grading.discover import Case, HiddenCheck
from grader.intake.submission import Submission
from grader.report import MAX_MESSAGE, Check, ExerciseReport, Failure, Report, Verdict
from grader.sandbox.connection import Reply, Request
from grader.sandbox.inside.wire import Handle
from grader.sandbox.launch import Zygote
from grader.sandbox.runtime import VERSIONS


def grade_submission(
    submission: Submission,
    checks: Mapping[str, Sequence[HiddenCheck]],
    secret: str,
    zygote: Zygote,
    exercises: Sequence[str] | None = None,
    patience: Patience = FULL,
    before: Report | None = None,
) -> Report:
    """The report of one submission. In a first pass it lacks the exercises for which `patience` was
    not enough.

    checks : exercise -> its checks, as `discover.collect` returns them
    secret : the course's; together with the student's name it decides the inputs
    zygote : makes boxes with the kit's own files for those that were not handed in
    exercises : to grade, in this order; by default all that have checks
    before : the report of an earlier pass, whose exercises are kept
    """
    grading = _Grading(submission, checks, secret, Session(zygote, submission.files, patience))
    found = {exercise.name: exercise for exercise in before.exercises} if before else {}
    wanted = checks if exercises is None else exercises
    try:
        with suppress(OutOfPatience):
            for name in wanted:
                found[name] = found.get(name) or grading.report_of(name)
    finally:
        grading.session.close()
    seconds = grading.session.held + (before.seconds if before else 0.0)
    return Report(
        submission.student,
        zygote.level,
        tuple(found[name] for name in wanted if name in found),
        submission.notes,
        round(seconds, 3),
        VERSIONS,
    )


class _Grading:
    """One submission while it is graded: its session, and its reports so far."""

    def __init__(
        self,
        submission: Submission,
        checks: Mapping[str, Sequence[HiddenCheck]],
        secret: str,
        session: Session,
    ) -> None:
        self._student, self._checks, self._secret = submission.student, checks, secret
        self.session = session
        self._side_by_side = SideBySide()
        self._reports: dict[str, ExerciseReport] = {}

    def report_of(self, exercise: str) -> ExerciseReport:
        """The report of an exercise, which is graded at the first call and then remembered."""
        if exercise not in self._reports:
            self._reports[exercise] = self._grade_exercise(exercise)
        return self._reports[exercise]

    def _grade_exercise(self, exercise: str) -> ExerciseReport:
        session, checks = self.session, self._checks[exercise]
        session.next_exercise()
        seeds = {
            check.name: seed_for(self._secret, self._student, exercise, check.name)
            for check in checks
        }
        run = _runs_side_by_side(checks, session, seeds, self._side_by_side) or _runs_one_by_one(
            session, seeds
        )
        done: dict[str, Check] = {}
        for check in checks:
            done[check.name] = self._judge(check, exercise, seeds[check.name], run, done)
        return ExerciseReport(
            exercise,
            EXERCISES[exercise].notebook,
            tuple(done.values()),
            seconds=round(session.seconds, 3),
        )

    def _judge(
        self, check: HiddenCheck, exercise: str, seed: int, run: Run, done: Mapping[str, Check]
    ) -> Check:
        found = Check(
            check.name, check.title, Verdict.PASSED, check.points, check.points, seed=seed
        )
        for group in check.needs:
            if all(done[need].verdict is Verdict.FAILED for need in group):
                failure = Failure.not_tried(done[group[0]].title)
                return replace(found, verdict=Verdict.FAILED, points=0, failure=failure)
        for number in range(len(check.cases)):
            raised, student = run(check, number)
            if isinstance(raised, FollowsFrom) and self._has_lost_points(raised.exercise):
                continue
            if raised is not None:
                self.session.check_in_sync()  # describing the failure may need more calls
                return _failed(found, exercise, raised, student)
        return found

    def _has_lost_points(self, exercise: str) -> bool:
        """Whether an exercise has a failed check. To find out, an exercise that is not part of this
        run is graded, too.
        """
        return any(check.verdict is Verdict.FAILED for check in self.report_of(exercise).checks)


# --- running --------------------------------------------------------------------------------------

# What a case of a check raised, and the student as it has left it.
Ran = tuple[BaseException | None, Student]
Run = Callable[[HiddenCheck, int], Ran]  # (check, index of its case) -> what happened


def _runs_side_by_side(
    checks: Sequence[HiddenCheck],
    session: Session,
    seeds: Mapping[str, int],
    side_by_side: SideBySide,
) -> Run | None:
    """Run all cases of an exercise side by side. Returns None if anything has happened that must
    be charged to one of them alone, such as a killed box; the cases are then run one by one.
    """
    keys, jobs = [], []
    for check in checks:
        for number, case in enumerate(check.cases):
            keys.append((check.name, number))
            jobs.append(partial(_run_with, session, case, seeds[check.name] + number))
    try:
        with np.errstate(all="ignore"):  # a student's numbers may overflow or be NaN
            ran = dict(zip(keys, side_by_side.run(jobs, session.ask_in_one_trip), strict=True))
    except Exception:
        return None
    if any(_is_dubious(failure) for failure, _ in ran.values()):
        return None
    for _, student in ran.values():
        student.ask = session.ask  # describing a failure may need more calls
    return lambda check, number: ran[check.name, number]


def _runs_one_by_one(session: Session, seeds: Mapping[str, int]) -> Run:
    """Start with a new box, and run each case on its own at the moment it is judged."""
    session.close()

    def run(check: HiddenCheck, number: int) -> Ran:
        session.check_in_sync()  # no check suffers from what an earlier one did to the box
        case, seed = check.cases[number], seeds[check.name] + number
        with np.errstate(all="ignore"):
            ran = _run_with(session, case, seed, session.ask)
            if _is_dubious(ran[0]):  # grader fault, or a kill that may be transient: try once more
                ran = _run_with(session, case, seed, session.ask)
        return ran

    return run


def _is_dubious(failure: BaseException | None) -> bool:
    return failure is not None and (
        not isinstance(failure, AssertionError) or isinstance(failure, BoxKilled)
    )


def _run_with(session: Session, case: Case, seed: int, ask: Callable[[Request], Reply]) -> Ran:
    student = Student(session.files, ask)
    return _run(case, student, seed), student


def _run(case: Case, student: Student, seed: int) -> BaseException | None:
    """Run one case of a check on a new instance of its class, as pytest does; return what it
    raised.
    """
    given = {"student": student, "rng": np.random.default_rng(seed)}
    try:
        getattr(case.owner(), case.method)(
            **{name: given[name] for name in case.fixtures}, **case.parameters
        )
    except (KeyboardInterrupt, OutOfPatience, pytest.exit.Exception):
        raise
    except BaseException as failure:
        return failure
    return None


# --- what failed ----------------------------------------------------------------------------------


def _failed(check: Check, exercise: str, raised: BaseException, student: Student) -> Check:
    """The check as it is after its test has raised this."""
    if not isinstance(raised, AssertionError):
        detail = "".join(traceback.format_exception(raised))[-MAX_MESSAGE:]
        return replace(
            check, verdict=Verdict.NOT_JUDGED, points=0, failure=Failure.not_judged(detail)
        )
    subject = getattr(raised, "subject", "")
    mistake, hint = _explained(exercise, raised, subject, student)
    fraction = raised.fraction if isinstance(raised, PartialCredit) else 0.0
    return replace(
        check,
        verdict=Verdict.FAILED,
        points=round(fraction * check.max_points, 2),
        failure=Failure(
            kind_of(raised), exercise, subject, str(raised)[:MAX_MESSAGE], hint[:MAX_MESSAGE]
        ),
        mistake=mistake,
        picture=picture_of(raised, student.losses),
    )


def _again(student: Student, call: Call) -> Call | None:
    """The student's call on a second problem of another size; None if there is none."""
    args = second_problem(call.name, call.args)
    noted = student.last_call, student.other_calls
    if args is None or call.kwargs:
        return None
    try:
        if call.name.startswith("LinearClassifier."):
            student.classify(call.name.partition(".")[2], args[0], *args[2:])
        else:
            kept = [k for k, part in enumerate(_parts(call.result)) if isinstance(part, Handle)]
            keep = kept[0] if kept else None
            student.call(call.name, *args, keep=keep, echo=bool(call.args_after))
        return student.last_call
    except (StudentFault, SandboxFault):
        return Call(call.name, args, {}, UNFINISHED)  # which no mistake fits
    finally:
        student.last_call, student.other_calls = noted


def _parts(result: object) -> Sequence[object]:
    return result if isinstance(result, (tuple, list)) else ()


def _explained(
    exercise: str, raised: AssertionError, subject: str, student: Student
) -> tuple[str, str]:
    """The name of the known mistake that explains a failed check, or "", and a hint, or ""."""
    try:
        found = (
            hints.named(exercise, raised.mistake)
            if isinstance(raised, Diagnosed)
            else hints.explain(student.last_call, student.other_calls, partial(_again, student))
        )
        if found:
            return found.name, found.hint
        return "", "" if getattr(raised, "explained", False) else describe(subject, student)
    except Exception:  # unforeseen numbers: a missing hint is better than a check not judged
        return "", ""
