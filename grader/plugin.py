"""The pytest plugin that turns hidden checks into reports.

pytest collects the checks once; `pytest_runtestloop` then runs them for one submission after the other. A check is a test
method of a class with

    exercise = "svm_loss_naive"          the exercise it belongs to
    points = {"shapes": 1, "loss": 2}    what each test method (without "test_") is worth

Its docstring's first line is the title that students read. A parametrized check is one check: it passes when all of its
cases pass. `@needs("shapes")` skips a check, with no points, when one that it builds on has failed.

A check fails on AssertionError (`Mismatch`, `StudentFault`, `PartialCredit` are all of that kind). Any other exception is
our fault: the check is run once more, and then is not judged.
"""

from __future__ import annotations

import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from _pytest.runner import runtestprotocol  # the way re-running plugins run an item a second time

from cs231n_utils.exercises import EXERCISES
from grader import hints
from grader.report import Check, ExerciseReport, Report, Verdict
from grader.sandbox.launch import SAFE, Zygote
from grader.seeds import seed_for
from grader.student import PartialCredit, Student
from grader.submission import Submission, given_files

MAX_MESSAGE = 2_000  # characters
NOT_JUDGED = "Not judged, and it costs you nothing: staff will look at it."


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
        self._checks: dict[str, dict[str, list[pytest.Function]]] = {}
        self._student: Student | None = None
        self._seed = (0, 0)  # of the check, and the number of its case
        self._failure: BaseException | None = None

    # --- what checks ask for ---

    @pytest.fixture
    def student(self) -> Student:
        """The submission under test."""
        assert self._student is not None
        return self._student

    @pytest.fixture
    def rng(self) -> np.random.Generator:
        """Random numbers for this student and check, the same at every grading."""
        return np.random.default_rng(self._seed)

    # --- pytest's hooks ---

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "needs(*checks): skip, without points, when one of these checks failed")

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        by_exercise: dict[str, dict[str, list[pytest.Function]]] = defaultdict(lambda: defaultdict(list))
        for item in items:
            by_exercise[item.cls.exercise][item.originalname.removeprefix("test_")].append(item)
        for name in self._exercises:
            self._checks[name] = {check: by_exercise[name][check] for check in _points(by_exercise[name])}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} errors during collection")
        with Zygote(self._levels) as zygote:
            for submission in self._submissions:
                self._emit(self._grade(submission, zygote))
        return True

    def pytest_runtest_makereport(self, call: pytest.CallInfo) -> None:
        if call.excinfo is not None and self._failure is None:
            self._failure = call.excinfo.value

    # --- grading ---

    def _grade(self, submission: Submission, zygote: Zygote) -> Report:
        files = {**self._given, **submission.files}
        exercises = []
        for name, checks in self._checks.items():
            self._student = Student(zygote, files)  # a fresh process an exercise: no state crosses from one to another
            try:
                done: dict[str, Check] = {}
                for check, items in checks.items():
                    done[check] = self._judge(submission.student, name, check, items, done)
                exercises.append(ExerciseReport(name, EXERCISES[name].notebook, tuple(done.values())))
            finally:
                self._student.close()
        return Report(submission.student, zygote.level, tuple(exercises), submission.notes)

    def _judge(self, student: str, exercise: str, name: str, items: list[pytest.Function], done: dict[str, Check]) -> Check:
        first = items[0]
        title = (first.function.__doc__ or name).strip().splitlines()[0]
        worth = first.cls.points[name]
        seed = seed_for(self._secret, student, exercise, name)
        blocking = [done[need] for mark in first.iter_markers("needs") for need in mark.args
                    if done[need].verdict is Verdict.FAILED]
        if blocking:
            reason = f"Not tried: it builds on “{blocking[0].title}”, which is not passed yet."
            return Check(name, title, Verdict.FAILED, 0, worth, reason, seed)
        for number, item in enumerate(items):
            self._seed = (seed, number)
            failure = self._run(item)
            if failure is not None and not isinstance(failure, AssertionError):
                failure = self._run(item)  # ours, and perhaps a passing one
            if failure is not None:
                return self._failed(Check(name, title, Verdict.FAILED, 0, worth, "", seed), exercise, failure)
        return Check(name, title, Verdict.PASSED, worth, worth, "", seed)

    def _failed(self, check: Check, exercise: str, failure: BaseException) -> Check:
        if not isinstance(failure, AssertionError):
            detail = "".join(traceback.format_exception(failure))[-MAX_MESSAGE:]
            return replace(check, verdict=Verdict.NOT_JUDGED, message=NOT_JUDGED, detail=detail)
        assert self._student is not None
        text = " ".join(filter(None, (f"{exercise}: {failure}", hints.explain(self._student.last_call))))
        fraction = failure.fraction if isinstance(failure, PartialCredit) else 0.0
        return replace(check, points=round(fraction * check.max_points, 2), message=text[:MAX_MESSAGE])

    def _run(self, item: pytest.Function) -> BaseException | None:
        """Run one test item, again if need be; return what it raised."""
        self._failure = None
        item._initrequest()  # forget the fixtures of the last submission
        runtestprotocol(item, log=False, nextitem=None)
        return self._failure


def _points(checks: dict[str, list[pytest.Function]]) -> dict[str, float]:
    """The points table of an exercise's class, which also gives the order; it must name every check, and no other."""
    table = next(iter(checks.values()))[0].cls.points if checks else {}
    if set(table) != set(checks):
        raise pytest.UsageError(f"points {sorted(table)} and checks {sorted(checks)} differ")
    return table
