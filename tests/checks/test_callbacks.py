"""What student code asks of the functions it is given: recorded while it runs, and played to known
mistakes afterwards.
"""

from __future__ import annotations

import numpy as np
import pytest

from grader.checks import callbacks
from grader.checks.callbacks import (
    UNFINISHED,
    EndOfRecord,
    OtherPoint,
    RecordingCallback,
    Replay,
    Tape,
)
from grader.checks.misconception import Call
from grader.diagnosis import hints

X = np.array([1.0, -2.0, 0.5])


def f(x: np.ndarray) -> float:
    return float(np.sum(x**3) + np.sum(x) ** 2)


def played(*points: np.ndarray, finished: bool = True) -> Replay:
    recorded = RecordingCallback(f)
    for point in points:
        recorded(point)
    return Replay(Tape(recorded.calls, finished))


# --- recording and replaying ---


def test_a_recorded_function_answers_as_before():
    recorded = RecordingCallback(lambda *args: sum(args))
    assert recorded(1, 2) == 3
    assert recorded.calls == [((1, 2), 3)] and recorded.complete


def test_a_replay_answers_in_any_order_and_again():
    replay = played(X, X + 1)
    assert [replay(X + 1), replay(X), replay(X)] == [f(X + 1), f(X), f(X)]
    assert replay.exhausted


def test_points_that_differ_by_rounding_are_the_same():
    h = 1e-5
    replay = played(X + h - 2 * h + h)
    assert replay(X) == pytest.approx(f(X)) and replay.exhausted


def test_another_point_ends_a_replay():
    for other in (X + 1e-9, X[:2], X.reshape(3, 1), None, "x"):
        with pytest.raises(OtherPoint):
            played(X)(other)
    with pytest.raises(OtherPoint):
        played(X)(X, X)


def test_points_that_were_not_asked_for_again_are_missed():
    replay = played(X, X + 1)
    replay(X)
    assert not replay.exhausted


def test_of_a_call_that_failed_the_record_ends_with_its_last_point():
    replay = played(X, finished=False)
    with pytest.raises(OtherPoint):
        replay(X + 1)
    replay(X)
    with pytest.raises(EndOfRecord):
        replay(X + 1)


def test_a_point_at_which_the_check_failed_has_no_answer():
    def check(x):
        raise AssertionError("not here")

    recorded = RecordingCallback(check)
    with pytest.raises(AssertionError, match="not here"):
        recorded(X)
    with pytest.raises(EndOfRecord):
        Replay(Tape(recorded.calls, finished=False))(X)


def test_a_record_has_bounds(monkeypatch):
    monkeypatch.setattr(callbacks, "MAX_CALLS", 3)
    recorded = RecordingCallback(f)
    for k in range(4):
        recorded(X + k)
    assert not recorded.complete
    monkeypatch.setattr(callbacks, "MAX_BYTES", 10)
    recorded = RecordingCallback(f)
    recorded(X)
    assert not recorded.complete and recorded.calls == []


def test_what_holds_no_numbers_is_not_kept():
    recorded = RecordingCallback(lambda *args: 0.0)
    recorded([X] * 1000, None)
    assert [type(value).__name__ for value in recorded.calls[0][0]] == ["Opaque", "Opaque"]


# --- hints ---


def call(student, *args, exercise: str = "eval_numerical_gradient"):
    """What hints get to know of a call of this function with f."""
    recorded = RecordingCallback(f)
    try:
        result = student(recorded, *args)
    except ValueError:
        result = UNFINISHED
    return Call(exercise, (recorded, *args), {}, result)


def one_sided(f, x, verbose=False, h=1e-5, stop_after=99):
    """As students write it: f(x) once, before the loop, and in place."""
    fx, grad = f(x), np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        old = x[ix]
        x[ix] = old + h
        grad[ix] = (f(x.copy()) - fx) / h
        x[ix] = old
        if ix[0] == stop_after:
            raise ValueError
    return grad


def test_a_known_mistake_may_be_written_in_another_way():
    assert hints.explain(call(one_sided, X.copy())).name == "forward difference"


def test_a_call_that_failed_in_the_middle_is_told_by_its_points():
    known = call(lambda f, x: one_sided(f, x, stop_after=2), X.copy())
    assert known.result is UNFINISHED
    assert hints.explain(known).name == "forward difference"


def test_a_call_that_failed_before_its_points_tell_anything_has_no_hint():
    assert hints.explain(call(lambda f, x: one_sided(f, x, stop_after=0), X.copy())) is None

    def first_point_only(f, x):
        f(x + 1e-5 * np.eye(3)[0])
        raise ValueError

    assert hints.explain(call(first_point_only, X.copy())) is None


def test_a_right_gradient_has_no_hint():
    def centred(f, x):
        return np.array([(f(x + e) - f(x - e)) / 2e-5 for e in 1e-5 * np.eye(3)])

    assert hints.explain(call(centred, X.copy())) is None


def test_more_points_than_are_kept_give_no_hint():
    def restless(f, x):
        return [f(x + k) for k in range(callbacks.MAX_CALLS + 1)] and x

    assert hints.explain(call(restless, X.copy())) is None


def test_a_step_of_a_search_is_told_with_the_draws_of_the_student():
    def keeps_the_last(f, shape, num_tries, scale, rng):
        # In a way that nobody foresees.
        tries = [np.random.default_rng(k).uniform(size=shape) for k in range(num_tries)]
        losses = [f(W) for W in tries]
        return tries[-1], min(losses), losses

    found = hints.explain(call(keeps_the_last, (3,), 5, 1.0, None, exercise="random_search"))
    assert found is not None and found.name in ("last W returned", "best W overwritten")
