"""What the zygote does before it forks: all of it works, and no box sees it."""

from __future__ import annotations

import os
from unittest import mock

import pytest

from grader.sandbox import runtime
from grader.sandbox.connection import pid_of
from grader.sandbox.inside import wire
from tests.support.in_sandbox import LEVELS, run, sandbox
from tests.support.local_student import module_of_a_box

LOOK_AROUND = """
import gc, os, random, signal, sys
numbers = np.random.rand(), random.random(), str({"a", "b", "c", "d"})
names = {name: sorted(vars(module)) for name, module in sorted(sys.modules.items())}
settings = np.get_printoptions(), np.geterr(), np.geterrcall(), gc.get_threshold(), list(os.environ)
signals = [str(signal.getsignal(number)) for number in signal.valid_signals()]
hooks = [type(hook).__name__ for hook in (*sys.meta_path, *sys.path_hooks)], len(sys.path)
return str((numbers, names, settings, signals, hooks, os.listdir("."))).replace(os.getcwd(), "here")
"""


def test_each_made_up_request_is_answered_as_a_box_answers_it():
    warm_up, frames = module_of_a_box("warm_up"), []
    with mock.patch.object(warm_up.Server, "_write", lambda self, frame: frames.append(frame)):
        warm_up.warm_up()
    answers = [wire.read_frame(lambda count, frame=frame: frame)[1] for frame in frames]
    assert len(answers) == warm_up._TIMES
    for replies in answers:
        assert [len(scripted_calls) for scripted_calls, _ in replies] == [2, 0, 0, 0]
        (number, array), (_, handle), few, many = [result for _, (kind, result, *_) in replies]
        assert (type(number), array.shape, type(handle)) == (float, (6, 6), wire.Handle)
        assert (len(few), len(many)) == (3, wire.MANY)


def test_what_is_computed_has_nothing_to_do_with_what_the_function_is_given():
    untouchable = [object() for _ in range(4)]
    assert module_of_a_box("warm_up")._function(*untouchable)[0] == 1.0


@pytest.mark.parametrize("level", LEVELS)
def test_a_box_is_as_it_would_be_without_it(level, tmp_path, monkeypatch):
    with sandbox(level) as zygote:
        seen = run(zygote, LOOK_AROUND)
        pid = pid_of(zygote._sandbox._zygote)
        assert len(os.listdir(f"/proc/{pid}/task")) == 1  # a fork copies one thread alone
    here = next(path for path in runtime.CODE if path.stem == "warm_up")
    idle = tmp_path / here.name
    idle.write_text(f"{here.read_text()}\n\ndef warm_up():\n    pass\n")
    code = [idle if path == here else path for path in runtime.CODE]
    monkeypatch.setattr(runtime, "CODE", code)
    with sandbox(level) as zygote:
        assert run(zygote, LOOK_AROUND) == seen
