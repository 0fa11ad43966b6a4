"""The pytest plugin that turns hidden checks into reports.

pytest collects the checks once; `pytest_runtestloop` then runs them for one submission after the other, by plain calls:
pytest's own protocol would cost as much again as the checks. A check is a test method of a class with

    exercise = "svm_loss_naive"          the exercise it belongs to
    points = {"shapes": 1, "loss": 2}    what each test method (without "test_") is worth

It may ask for `student`, the submission under test, and for `rng`, random numbers that are the same at every grading of
this student; fixtures of other kinds are not there. Its docstring's first line is the title that students read. A
parametrized check is one check: it passes when all of its cases pass. `@needs("shapes")` skips a check, with no points,
when one that it builds on has failed.

A check fails on AssertionError (`Mismatch`, `StudentFault`, `PartialCredit` are all of that kind). Any other exception is
our fault: the check is run once more, and then is not judged. A killed worker is tried once more, too.
"""

from __future__ import annotations

import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from cs231n_utils.exercises import EXERCISES
from grader import hints
from grader.report import Check, ExerciseReport, Report, Verdict
from grader.sandbox.faults import WorkerKilled
from grader.sandbox.launch import SAFE, Zygote
from grader.seeds import seed_for
from grader.student import SUBMISSION_PATIENCE, PartialCredit, Student
from grader.submission import Submission, given_files

MAX_MESSAGE = 2_000  # characters
NOT_JUDGED = "Not judged, and it costs you nothing: staff will look at it."


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


class Grading:
    """Grades the submissions inside one pytest session and hands each report to `emit`."""

    def __init__(self, submissions: Iterable[Submission], secret: str, emit: Callable[[Report], None],
                 exercises: Sequence[str] = tuple(EXERCISES), levels: Sequence[str] = SAFE) -> None:
        self._submissions = submissions
        self._secret = secret
        self._emit = emit
        self._exercises = exercises
        self._levels = levels
        self._given = given_files()
        self._checks: dict[str, list[HiddenCheck]] = {}

    # --- pytest's hooks ---

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "needs(*checks): skip, without points, when one of these checks failed")

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        for name in self._exercises:
            self._checks[name] = _checks([item for item in items if item.cls.exercise == name])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} errors during collection")
        with Zygote(self._levels) as zygote:
            for submission in self._submissions:
                self._emit(self._grade(submission, zygote))
        return True

    # --- grading ---

    def _grade(self, submission: Submission, zygote: Zygote) -> Report:
        files = {**self._given, **submission.files}
        exercises, patience = [], SUBMISSION_PATIENCE
        for name, checks in self._checks.items():
            # A fresh process an exercise: no state crosses from one to another.
            student = Student(zygote, files, patience)
            done: dict[str, Check] = {}
            try:
                for check in checks:
                    seed = seed_for(self._secret, submission.student, name, check.name)
                    done[check.name] = _judge(check, name, student, seed, done)
            finally:
                student.close()
            exercises.append(ExerciseReport(name, EXERCISES[name].notebook, tuple(done.values())))
            patience -= student.seconds
        return Report(submission.student, zygote.level, tuple(exercises), submission.notes)


def _judge(check: HiddenCheck, exercise: str, student: Student, seed: int, done: Mapping[str, Check]) -> Check:
    found = Check(check.name, check.title, Verdict.PASSED, check.points, check.points, "", seed)
    blocking = [done[need] for need in check.needs if done[need].verdict is Verdict.FAILED]
    if blocking:
        reason = f"Not tried: it builds on “{blocking[0].title}”, which is not passed yet."
        return replace(found, verdict=Verdict.FAILED, points=0, message=reason)
    for number, case in enumerate(check.cases):
        failure = _run(case, student, seed + number)
        if failure is not None and (not isinstance(failure, AssertionError) or isinstance(failure, WorkerKilled)):
            failure = _run(case, student, seed + number)  # ours, or perhaps not theirs, and a passing one
        if failure is not None:
            return _failed(found, exercise, failure, student)
    return found


def _failed(check: Check, exercise: str, failure: BaseException, student: Student) -> Check:
    if not isinstance(failure, AssertionError):
        detail = "".join(traceback.format_exception(failure))[-MAX_MESSAGE:]
        return replace(check, verdict=Verdict.NOT_JUDGED, points=0, message=NOT_JUDGED, detail=detail)
    mistake = hints.explain(student.last_call)
    text = f"{exercise}: {failure}" + (f" {mistake.hint}" if mistake else "")
    fraction = failure.fraction if isinstance(failure, PartialCredit) else 0.0
    return replace(check, verdict=Verdict.FAILED, points=round(fraction * check.max_points, 2), message=text[:MAX_MESSAGE],
                   mistake=mistake.name if mistake else "")


def _run(case: pytest.Function, student: Student, seed: int) -> BaseException | None:
    """Run one case of a check on a fresh instance of its class, as pytest does; return what it raised."""
    values = {"student": student, "rng": np.random.default_rng(seed), **_parameters(case)}
    try:
        getattr(case.cls(), case.originalname)(**{name: values[name] for name in case.fixturenames})
    except (KeyboardInterrupt, pytest.exit.Exception):
        raise
    except BaseException as failure:
        return failure
    return None


def _parameters(case: pytest.Function) -> Mapping[str, object]:
    return case.callspec.params if hasattr(case, "callspec") else {}


def _checks(items: Sequence[pytest.Function]) -> list[HiddenCheck]:
    """The checks of one exercise, in the order of its points table, which must name every check, and no other."""
    cases: dict[str, list[pytest.Function]] = defaultdict(list)
    for item in items:
        unknown = set(item.fixturenames) - {"student", "rng"} - set(_parameters(item))
        if unknown:
            raise pytest.UsageError(f"{item.nodeid} needs the fixtures {', '.join(sorted(unknown))}; hidden checks have only "
                                    "`student`, `rng` and their own parameters")
        cases[item.originalname.removeprefix("test_")].append(item)
    points = items[0].cls.points if items else {}
    if set(points) != set(cases):
        raise pytest.UsageError(f"points {sorted(points)} and checks {sorted(cases)} differ")
    return [_check(name, worth, cases[name]) for name, worth in points.items()]


def _check(name: str, points: float, cases: Sequence[pytest.Function]) -> HiddenCheck:
    title = (cases[0].function.__doc__ or name).strip().splitlines()[0]
    needs = tuple(need for mark in cases[0].iter_markers("needs") for need in mark.args)
    return HiddenCheck(name, title, points, needs, tuple(cases))
