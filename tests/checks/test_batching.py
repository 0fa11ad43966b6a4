"""Checks that run side by side share round trips, and each sees what it would see alone."""

from __future__ import annotations

import contextlib
import weakref

import numpy as np
import pytest
from greenlet import getcurrent, greenlet

from grader.checks.batching import SideBySide
from grader.faults import StudentFault
from grader.grading import discover, one_submission, pool
from grader.intake.submission import Submission, given_files
from grader.report import Verdict
from grader.sandbox.connection import Box, Reply, Request
from grader.sandbox.launch import Zygote
from tests.support.in_sandbox import LEVELS, reference_files, sandbox


class Answers:
    """Answers a request ("add", n) with n + 1, and keeps what shared a round trip."""

    def __init__(self) -> None:
        self.round_trips: list[list[int]] = []

    def __call__(self, requests):
        numbers = [request.message[1] for request in requests]
        self.round_trips.append(numbers)
        return [Reply(("ok", number + 1, None, 0), [], 0.0) for number in numbers]


def counter(start: int, times: int, timed: bool = False):
    """A job that asks so many times, each time for the number after the last one."""

    def job(ask) -> int:
        number = start
        for _ in range(times):
            number = ask(Request(("add", number), timed=timed)).value[1]
        return number

    return job


def test_what_is_asked_for_at_one_time_shares_a_round_trip():
    ask = Answers()
    assert SideBySide().run(
        [counter(0, 2), counter(10, 0), counter(20, 1), counter(30, 3)], ask
    ) == [
        2,
        10,
        21,
        33,
    ]
    assert ask.round_trips == [[0, 20, 30], [1, 31], [32]]


def test_a_timed_request_travels_alone():
    ask = Answers()
    assert SideBySide().run([counter(0, 1), counter(10, 2, timed=True), counter(20, 1)], ask) == [
        1,
        12,
        21,
    ]
    assert ask.round_trips == [[0, 20], [10], [11]]


def test_no_jobs_ask_for_nothing():
    assert SideBySide().run([], Answers()) == []


@pytest.mark.parametrize("fails", ["the round trip", "a job"])
def test_a_failure_ends_all_jobs_and_passes_through(fails):
    ended = []

    def other(ask) -> None:
        try:
            ask(Request(("add", 1)))
            ask(Request(("add", 1)))
        finally:
            ended.append("other")

    def failing(ask) -> None:
        ask(Request(("add", 1)))
        raise StudentFault("a job")

    def ask(requests):
        if fails == "the round trip":
            raise StudentFault("the round trip")
        return Answers()(requests)

    with pytest.raises(StudentFault, match=fails):
        SideBySide().run([other, failing], ask)
    assert ended == ["other"]


def test_each_job_has_its_own_numpy_settings():
    def job(over: str):
        def run(ask) -> tuple[str, str]:
            with np.errstate(over=over):
                ask(Request(("add", 1)))
                inside = np.geterr()["over"]
            return inside, np.geterr()["over"]

        return run

    with np.errstate(over="call"):
        assert SideBySide().run([job("raise"), job("ignore")], Answers()) == [
            ("raise", "call"),
            ("ignore", "call"),
        ]


def test_later_jobs_run_where_earlier_ones_have_returned():
    def job(ask) -> weakref.ref[greenlet]:
        ask(Request(("add", 1)))
        return weakref.ref(getcurrent())

    side_by_side = SideBySide()
    first, second = side_by_side.run([job, job], Answers()), side_by_side.run([job], Answers())
    assert set(second) < set(first)
    del side_by_side
    assert {greenlet() for greenlet in first} == {None}, "and end with the last of them"


# --- the hidden checks ----------------------------------------------------------------------------


@contextlib.contextmanager
def round_trips(monkeypatch):
    """How many requests share each round trip, in order."""
    found: list[int] = []
    ask = Box.ask

    def counted(self, requests, *args, **kwargs):
        if requests and requests[0].message[0] != "load":
            found.append(len(requests))
        return ask(self, requests, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(Box, "ask", counted)
        yield found


def graded(files: dict[str, bytes], exercise: str):
    """The report of one exercise."""
    checks = discover.collect(pool.TOPICS)
    with Zygote(LEVELS, given_files()) as zygote:
        report = one_submission.grade_submission(
            Submission("ann", files), {exercise: checks[exercise]}, "secret", zygote
        )
    return report.exercise(exercise)


@pytest.fixture(autouse=True, scope="module")
def _sandbox():
    sandbox(*LEVELS)


def test_the_checks_of_an_exercise_share_round_trips(monkeypatch):
    with round_trips(monkeypatch) as together:
        assert all(
            check.verdict is Verdict.PASSED
            for check in graded(reference_files(), "svm_loss_naive").checks
        )
    assert together == [8]  # one for each check


FIRST_CALL = """

_right_loss, _calls = svm_loss_naive, []


def svm_loss_naive(W, X, y, reg):
    _calls.append(reg)
    if {condition}:
        {does}
    return _right_loss(W, X, y, reg)
"""


def with_added(condition: str, does: str) -> dict[str, bytes]:
    files = reference_files()
    files["cs231n_utils/linear_svm.py"] += FIRST_CALL.format(
        condition=condition, does=does
    ).encode()
    return files


@pytest.mark.parametrize(
    "does",
    [
        "import os; os._exit(0)",
        "import ctypes; ctypes.string_at(0)",
        "import sys; sys.modules['worker'].os.write(3, b'x' * 99)",
    ],
)
def test_a_crash_costs_the_check_in_which_it_happens(does):
    found = graded(with_added("reg == 0.3", does), "svm_loss_naive")
    assert {check.name for check in found.checks if check.verdict is Verdict.FAILED} == {
        "penalty",
        "penalty_gradient",
    }


def test_an_exception_costs_its_own_check_and_nothing_is_done_again(monkeypatch):
    with round_trips(monkeypatch) as together:
        found = graded(with_added("reg == 0.3", "raise ValueError('odd')"), "svm_loss_naive")
    assert {check.name for check in found.checks if check.verdict is Verdict.FAILED} == {
        "penalty",
        "penalty_gradient",
    }
    # Of the two that raised, the call before it and itself, one by one.
    assert together == [8, 2, 2]


def test_a_loop_costs_little_before_checks_run_one_by_one(monkeypatch):
    limits = []  # on the box's computing
    ask = Box.ask

    def noted(self, requests, reset=False, wall_limit=None, cpu_limit=None):
        limits.append((len(requests), cpu_limit))
        return ask(self, requests, reset, wall_limit, cpu_limit)

    monkeypatch.setattr(Box, "ask", noted)
    monkeypatch.setattr("grader.checks.session.ONE_TRIP_CPU_SECONDS", 0.2)
    monkeypatch.setattr("grader.sandbox.connection.CPU_LIMIT", 0.3)
    found = graded(with_added("reg == 0.3", "while True: pass"), "svm_loss_naive")
    assert {check.name for check in found.checks if check.verdict is Verdict.FAILED} == {
        "penalty",
        "penalty_gradient",
    }
    together, alone = limits.index((8, 0.2)), [limit for number, limit in limits if number == 1]
    assert set(alone) == {None} and together < len(limits) - len(alone)
