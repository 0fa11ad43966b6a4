"""What the zygote does before it forks: all of it works, and no box sees it."""

from __future__ import annotations

from unittest import mock

import pytest

from grader.sandbox import runtime
from grader.sandbox.inside import wire
from tests.support.in_sandbox import LEVELS, run, sandbox
from tests.support.local_student import module_of_a_box

LOOK_AROUND = """
import gc, os, random, sys, warnings
numbers = np.random.rand(), random.random(), str({"a", "b", "c", "d"})
names = sorted(sys.modules), dir(np), dir(np.random), len(sys.path), os.listdir(".")
state = sys.getrecursionlimit(), np.geterr(), warnings.filters, list(os.environ), gc.get_threshold()
return str((numbers, names, state)).replace(os.getcwd(), "here")"""


def test_each_made_up_request_is_answered_as_a_box_answers_it():
    warm_up, frames = module_of_a_box("warm_up"), []
    with mock.patch.object(warm_up.Server, "_write", lambda self, frame: frames.append(frame)):
        warm_up.warm_up()
    answers = [wire.read_frame(lambda count, frame=frame: frame)[1] for frame in frames]
    assert len(answers) == warm_up._TIMES
    for replies in answers:
        assert [len(scripted_calls) for scripted_calls, _ in replies] == [2, 0, 0, 0]
        (loss, dW), (_, handle), few, many = [result for _, (kind, result, *_) in replies]
        assert (type(loss), dW.shape, type(handle)) == (float, (5, 4), wire.Handle)
        assert (len(few), len(many)) == (3, wire.MANY)


@pytest.mark.parametrize("level", LEVELS)
def test_a_box_is_as_it_would_be_without_it(level, tmp_path, monkeypatch):
    with sandbox(level) as zygote:
        seen = run(zygote, LOOK_AROUND)
    nothing = tmp_path / "warm_up.py"
    nothing.write_text("def warm_up():\n    pass\n")
    code = [nothing if path.name == nothing.name else path for path in runtime.CODE]
    monkeypatch.setattr(runtime, "CODE", code)
    with sandbox(level) as zygote:
        assert run(zygote, LOOK_AROUND) == seen
