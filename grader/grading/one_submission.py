"""Hidden checks: pytest collects them, once a process, and they turn a submission into a report.

They run by plain calls: pytest's own protocol would cost as much again as the checks. A check is a
test method of a class with

    exercise = "svm_loss_naive"          the exercise it belongs to
    points = {"shapes": 1, "loss": 2}    what each test method (without "test_") is worth

It may ask for `student`, the submission under test, and for `rng`, random numbers that are the same
at every grading of this student; fixtures of other kinds are not there. Its docstring's first line
is the title that students read. A parametrized check is one check: it passes when all of its cases
pass. `@needs("shapes")` skips a check, with no points, when one that it builds on has failed.

A check fails on AssertionError (`Mismatch`, `StudentFault`, `PartialCredit` are all of that kind).
Any other exception is our fault: the check is run once more, and then is not judged. A killed box
is tried once more, too.
"""

from __future__ import annotations

import functools
import os
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from cs231n_utils.exercises import EXERCISES
from grader.checks.batching import side_by_side
from grader.checks.expect import Proven, picture_of
from grader.checks.seeds import seed_for
from grader.checks.session import FULL, OutOfPatience, Patience, Session
from grader.checks.student import FollowsFrom, PartialCredit, Student
from grader.diagnosis import hints
from grader.diagnosis.describe import describe
from grader.faults import BoxKilled
from grader.intake.submission import Submission
from grader.paths import GRADER
from grader.report import NOT_TRIED, Check, ExerciseReport, Report, Verdict
from grader.sandbox.connection import Reply, Request
from grader.sandbox.launch import Zygote

MAX_MESSAGE = 2_000  # characters
NOT_JUDGED = "Not judged, and it costs you nothing: staff will look at it."
PYTEST = [
    "--import-mode=importlib",
    "--assert=plain",
    "--capture=no",
    "--noconftest",
    "-c",
    os.devnull,
    f"--rootdir={GRADER}",  # modules have their names from where they lie below it
    *(
        f"-pno:{name}"
        for name in (
            "cacheprovider",
            "terminal",
            "logging",
            "warnings",
            "faulthandler",
            "unraisableexception",
            "threadexception",
            "junitxml",
            "doctest",
            "stepwise",
            "pastebin",
            "debugging",
            "nose",
        )
    ),
]


class GraderFault(Exception):
    """The grader itself failed."""


class ChecksFault(GraderFault):
    """The hidden checks cannot be collected: nothing can be graded."""


@dataclass(frozen=True)
class HiddenCheck:
    """A check as pytest has collected it.

    title : the sentence that students read
    needs : names of the checks that it builds on
    cases : pytest's items, one for each set of its parameters
    """

    name: str
    title: str
    points: float
    needs: tuple[str, ...]
    cases: tuple[pytest.Function, ...]


def grade(
    submission: Submission,
    checks: Mapping[str, Sequence[HiddenCheck]],
    secret: str,
    zygote: Zygote,
    exercises: Sequence[str] | None = None,
    patience: Patience = FULL,
    before: Report | None = None,
) -> Report:
    """The report of one submission. It lacks the exercises for which `patience` was not enough, if
    that is not final.

    checks : by exercise, as `collect` has them
    secret : of the course; with the student's name it decides the inputs
    zygote : of sandboxes in which the kit's own files stand where none was handed in
    exercises : to grade, in this order; by default all that have checks
    before : what an earlier pass has found, which stays
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
    )


class _Grading:
    """One submission while it is graded: its session, and what is found so far."""

    def __init__(
        self,
        submission: Submission,
        checks: Mapping[str, Sequence[HiddenCheck]],
        secret: str,
        session: Session,
    ) -> None:
        self._student, self._checks, self._secret = submission.student, checks, secret
        self.session = session
        self._reports: dict[str, ExerciseReport] = {}

    def report_of(self, exercise: str) -> ExerciseReport:
        """The report of an exercise, which is graded when it is first asked for."""
        if exercise not in self._reports:
            self._reports[exercise] = self._grade(exercise)
        return self._reports[exercise]

    def _grade(self, exercise: str) -> ExerciseReport:
        session, checks = self.session, self._checks[exercise]
        session.next_exercise()
        seeds = {
            check.name: seed_for(self._secret, self._student, exercise, check.name)
            for check in checks
        }
        run = _runs_side_by_side(checks, session, seeds) or _runs_one_by_one(session, seeds)
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
        found = Check(check.name, check.title, Verdict.PASSED, check.points, check.points, "", seed)
        blocking = [done[need] for need in check.needs if done[need].verdict is Verdict.FAILED]
        if blocking:
            reason = f"{NOT_TRIED}it builds on “{blocking[0].title}”, which is not passed yet."
            return replace(found, verdict=Verdict.FAILED, points=0, message=reason)
        for number in range(len(check.cases)):
            failure, student = run(check, number)
            if isinstance(failure, FollowsFrom) and self._has_lost_points(failure.exercise):
                continue
            if failure is not None:
                self.session.check_in_sync()  # what describes the failure may ask for more
                return _failed(found, exercise, failure, student)
        return found

    def _has_lost_points(self, exercise: str) -> bool:
        """Whether an exercise has a failed check. One that is not part of this run is graded for
        the answer alone.
        """
        return any(check.verdict is Verdict.FAILED for check in self.report_of(exercise).checks)


# --- running --------------------------------------------------------------------------------------

# What a case of a check raised, and the student as it has left it.
Ran = tuple[BaseException | None, Student]
Run = Callable[[HiddenCheck, int], Ran]  # case number so-and-so of a check


def _runs_side_by_side(
    checks: Sequence[HiddenCheck], session: Session, seeds: Mapping[str, int]
) -> Run | None:
    """Run all cases of an exercise at once; None when anything has happened that one of them alone
    must answer for.
    """
    keys, jobs = [], []
    for check in checks:
        for number, case in enumerate(check.cases):
            keys.append((check.name, number))
            jobs.append(partial(_run_with, session, case, seeds[check.name] + number))
    try:
        with np.errstate(all="ignore"):
            ran = dict(zip(keys, side_by_side(jobs, session.ask_together), strict=True))
    except Exception:
        return None
    if any(_is_dubious(failure) for failure, _ in ran.values()):
        return None
    for _, student in ran.values():
        student.ask = session.ask  # for descriptions of what failed
    return lambda check, number: ran[check.name, number]


def _runs_one_by_one(session: Session, seeds: Mapping[str, int]) -> Run:
    """Run a case when it is asked for, beginning with a fresh box."""
    session.close()

    def run(check: HiddenCheck, number: int) -> Ran:
        session.check_in_sync()  # no check pays for what one before it has done
        ran = _run_with(session, check.cases[number], seeds[check.name] + number, session.ask)
        if _is_dubious(ran[0]):  # grader fault, or a kill that may be transient: try once more
            ran = _run_with(session, check.cases[number], seeds[check.name] + number, session.ask)
        return ran

    return run


def _is_dubious(failure: BaseException | None) -> bool:
    return failure is not None and (
        not isinstance(failure, AssertionError) or isinstance(failure, BoxKilled)
    )


def _run_with(
    session: Session, case: pytest.Function, seed: int, ask: Callable[[Request], Reply]
) -> Ran:
    student = Student(session.files, ask)
    return _run(case, student, seed), student


def _run(case: pytest.Function, student: Student, seed: int) -> BaseException | None:
    """Run one case of a check on a fresh instance of its class, as pytest does; return what it
    raised.
    """
    values = {"student": student, "rng": np.random.default_rng(seed), **_parameters(case)}
    try:
        with np.errstate(all="ignore"):  # the numbers are a student's
            getattr(case.cls(), case.originalname)(
                **{name: values[name] for name in case.fixturenames}
            )
    except (KeyboardInterrupt, OutOfPatience, pytest.exit.Exception):
        raise
    except BaseException as failure:
        return failure
    return None


def _parameters(case: pytest.Function) -> Mapping[str, object]:
    return case.callspec.params if hasattr(case, "callspec") else {}


# --- what failed ----------------------------------------------------------------------------------


def _failed(check: Check, exercise: str, failure: BaseException, student: Student) -> Check:
    if not isinstance(failure, AssertionError):
        detail = "".join(traceback.format_exception(failure))[-MAX_MESSAGE:]
        return replace(
            check, verdict=Verdict.NOT_JUDGED, points=0, message=NOT_JUDGED, detail=detail
        )
    mistake, hint = _explained(exercise, failure, student)
    text = f"{exercise}: {failure}" + (f" {hint}" if hint else "")
    fraction = failure.fraction if isinstance(failure, PartialCredit) else 0.0
    return replace(
        check,
        verdict=Verdict.FAILED,
        points=round(fraction * check.max_points, 2),
        message=text[:MAX_MESSAGE],
        mistake=mistake,
        hint=hint,
        picture=picture_of(failure, student.losses),
    )


def _explained(exercise: str, failure: BaseException, student: Student) -> tuple[str, str]:
    """The name of the known mistake in the student's last call, or "", and what to say about the
    call.
    """
    try:
        found = (
            hints.named(exercise, failure.mistake)
            if isinstance(failure, Proven)
            else hints.explain(student.last_call, student.together)
        )
        return (found.name, found.hint) if found else ("", describe(str(failure), student))
    except Exception:  # numbers that nobody thought of: a sentence of help is not worth a grading
        return "", ""


# --- collecting -----------------------------------------------------------------------------------


@functools.cache
def collect(topics: Path) -> Mapping[str, Sequence[HiddenCheck]]:
    """Exercise -> its checks, from the test files of this folder; raises ChecksFault."""
    collection = _Collection()
    with own_pytest_settings():
        status = pytest.main([*PYTEST, str(topics)], plugins=[collection])
    if collection.failures or not collection.checks:
        told = "; ".join(collection.failures) or f"pytest ended with status {int(status)}"
        raise ChecksFault(f"The hidden checks cannot be collected: {told}")
    return collection.checks


class _Collection:
    """A pytest plugin that keeps what was collected, and why something was not, and runs nothing."""

    def __init__(self) -> None:
        self.checks: dict[str, list[HiddenCheck]] = {}
        self.failures: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line(
            "markers", "needs(*checks): skip, without points, when one of these checks failed"
        )

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        for name in EXERCISES:
            self.checks[name] = checks_of([item for item in items if item.cls.exercise == name])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failures.append(str(report.longrepr))

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo) -> bool:
        told = isinstance(excinfo.value, ChecksFault)
        self.failures.append(str(excinfo.value) if told else f"{excinfo.typename}: {excinfo.value}")
        return True  # it is told above, and not printed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        return True


@contextmanager
def own_pytest_settings() -> Iterator[None]:
    """Keep out what this machine's environment has pytest load or do."""
    kept = {
        name: os.environ.pop(name, None)
        for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    }
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update({name: value for name, value in kept.items() if value is not None})


def checks_of(items: Sequence[pytest.Function]) -> list[HiddenCheck]:
    """The checks of one exercise, in the order of its points table, which must name every check,
    and no other.
    """
    cases: dict[str, list[pytest.Function]] = defaultdict(list)
    for item in items:
        unknown = set(item.fixturenames) - {"student", "rng"} - set(_parameters(item))
        if unknown:
            raise ChecksFault(
                f"{item.nodeid} needs the fixtures {', '.join(sorted(unknown))}; hidden checks have"
                " only `student`, `rng` and their own parameters"
            )
        cases[item.originalname.removeprefix("test_")].append(item)
    points = items[0].cls.points if items else {}
    if set(points) != set(cases):
        raise ChecksFault(f"points {sorted(points)} and checks {sorted(cases)} differ")
    return [_check(name, worth, cases[name]) for name, worth in points.items()]


def _check(name: str, points: float, cases: Sequence[pytest.Function]) -> HiddenCheck:
    title = " ".join((cases[0].function.__doc__ or name).strip().partition("\n\n")[0].split())
    needs = tuple(need for mark in cases[0].iter_markers("needs") for need in mark.args)
    return HiddenCheck(name, title, points, needs, tuple(cases))
