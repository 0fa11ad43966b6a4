"""The student as checks see one: results, handles, arguments afterwards, counted work, and
sentences for what went wrong.
"""

import contextlib
import io
import sys
import tracemalloc

import numpy as np
import pytest

from grader.checks.callbacks import UNFINISHED
from grader.checks.expect import Mismatch, expect
from grader.checks.misconception import Call, Raised
from grader.checks.session import FIRST_PASS, FULL, OutOfPatience, Patience, Session
from grader.checks.student import (
    Handle,
    Opaque,
    PartialCredit,
    Rng,
    ScriptedCallback,
    Student,
    StudentFault,
    StudentRaised,
)
from grader.grading.pool import grade_batch
from grader.intake.submission import MODEL_FILE, Submission, given_files
from grader.sandbox import connection
from grader.sandbox.inside import to_box
from grader.sandbox.launch import Zygote
from tests.support.in_sandbox import ROOT, Alone, reference_files, student


@pytest.fixture(scope="module")
def zygote():
    with Zygote() as started:
        yield started


@pytest.fixture
def make(zygote):
    """Makes students, and closes them in the end."""
    made: list[Alone] = []

    def one(body: str = "return x", **more: str) -> Alone:
        made.append(student(zygote, body, **more))
        return made[-1]

    yield one
    for each in made:
        each.close()


@pytest.fixture
def reference(zygote):
    one = Alone(zygote, {**given_files(), **reference_files()})
    yield one
    one.close()


def test_a_call_gives_plain_values(make):
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(make().rel_error(x, x), x)
    assert make("return {1, 2}").rel_error(1, 2) == Opaque("set")


def test_only_exercises_are_functions_of_a_student(make):
    with pytest.raises(AttributeError):
        _ = make().something_else


def test_arguments_are_seen_as_they_are_afterwards(make):
    outcome = make("x += 1; y['seen'] = True").call("rel_error", np.zeros(2), {}, echo=True)
    assert outcome.args[0].tolist() == [1, 1] and outcome.args[1] == {"seen": True}
    assert make().call("rel_error", 1, 2).args == ()


def test_the_graders_own_arguments_do_not_change(make):
    x = np.zeros(2)
    make("x += 1").rel_error(x, 1)
    assert x.tolist() == [0, 0]


@pytest.mark.parametrize("index", [0, 1])
def test_an_object_can_stay_in_the_box(make, index):
    one = make("return (object(), object()) if y is None else type(y).__name__")
    result = one.call("rel_error", 1, None, keep=index).result
    assert result[1 - index] == Opaque("object") and isinstance(result[index], Handle)
    assert one.rel_error(1, result[index]) == "object"


def test_many_calls_share_a_round_trip(make):
    one = make("return (x, [y]) if x else 1 / 0")
    outcomes = one.calls("rel_error", [(1, "a"), (2, "b")], keep=1)
    first, handle = next(outcomes).result
    assert first == 1 and isinstance(handle, Handle)
    assert one.last_call is not None and one.last_call.args == (1, "a")
    assert next(outcomes).result[0] == 2
    assert one.last_call.args == (2, "b")
    assert one.rel_error(3, handle) == (3, [["a"]])


def test_of_many_results_each_is_what_its_call_returned(make):
    reuses = (
        "import builtins\nbuffer = vars(builtins).setdefault('buffer', np.zeros(1))\nbuffer[0] ="
        " x\nreturn buffer"
    )
    assert [
        float(outcome.result[0]) for outcome in make(reuses).calls("rel_error", [(1, 0), (2, 0)])
    ] == [1, 2]


def test_of_many_calls_arguments_are_seen_as_they_are_afterwards(make):
    outcomes = make("x += y").calls("rel_error", [(np.zeros(1), 1), (np.zeros(1), 2)], echo=True)
    assert [float(outcome.args[0][0]) for outcome in outcomes] == [1, 2]


def test_of_many_calls_only_the_one_that_raises_fails(make):
    one = make("return 1 / x, y")
    outcomes = one.calls("rel_error", [(1, "a"), (0, "b"), (2, "c")], keep=1)
    assert next(outcomes).result[0] == 1
    with pytest.raises(StudentFault, match=r"^raised ZeroDivisionError"):
        next(outcomes)
    raised = Raised("ZeroDivisionError", "division by zero")
    assert one.last_call == Call("rel_error", (0, "b"), {}, raised)


def test_of_many_calls_each_has_its_share_of_computing(make, monkeypatch):
    monkeypatch.setattr(connection, "CPU_LIMIT", 0.4)
    body = (
        "import time; end = time.process_time() + 0.25\nwhile time.process_time() < end:"
        " pass\nreturn x"
    )
    assert [outcome.result for outcome in make(body).calls("rel_error", [(1, 0), (2, 0)])] == [1, 2]


def test_of_many_calls_one_that_never_ends_ends_them(make, monkeypatch):
    monkeypatch.setattr(connection, "CPU_LIMIT", 0.25)
    with pytest.raises(StudentFault, match=r"^did not return within"):
        next(make("while not x: pass").calls("rel_error", [(1, 0), (0, 0)]))


@pytest.mark.parametrize(
    "raises, is_one",
    [
        ("class Mine(ValueError): pass\nraise Mine('x')", True),
        ("raise UnicodeError('x')", True),
        ("class ValueErrorNot(Exception): pass\nraise ValueErrorNot('x')", False),
        ("class ValueError(Exception): pass\nraise ValueError('x')", False),
        ("raise TypeError('ValueError')", False),
    ],
)
def test_an_exception_is_what_it_derives_from_and_not_what_it_is_called(make, raises, is_one):
    with pytest.raises(StudentRaised) as caught:
        make(raises).rel_error(1, 2)
    assert ("ValueError" in caught.value.bases) == is_one


def test_an_exception_that_cannot_be_put_into_words_is_still_the_students(make, monkeypatch):
    def advice(*args):
        raise RecursionError

    monkeypatch.setattr("grader.checks.student.advice", advice)
    with pytest.raises(StudentRaised, match=r"cannot be read \(RecursionError\)") as caught:
        make("raise ValueError").rel_error(1, 2)
    assert "ValueError" in caught.value.bases


@pytest.mark.parametrize(
    "echo",
    [
        "None",
        "()",
        "((1,), {})",
        "((1, 2, 3), {})",
        "((1, 2), {'a': 1})",
        "([1, 2], {})",
        "((1, 2), [])",
    ],
)
def test_arguments_that_are_not_sent_back_are_a_fault(make, echo):
    one = make(f"import sys\nsys.modules['worker'].Server._call = lambda *_: ('ok', 0, {echo}, 0)")
    one.rel_error(1, 2)
    with pytest.raises(StudentFault, match="without the arguments"):
        one.call("rel_error", 1, 2, echo=True)


@pytest.mark.parametrize(
    "answer",
    [
        "[]",
        "'no list'",
        "[1, 2]",
        "[(1, (), 0), (2, (), 0), (3, (), 0)]",
        "[(1, (), 0), (2, 3, 0)]",
        "[(1, (), 0), (2, ())]",
        "[(1, (), 0), (2, (), 'x')]",
    ],
)
def test_many_results_that_are_not_as_many_are_the_students_fault(make, answer):
    one = make(
        f"import sys\nsys.modules['worker'].Server._calls = lambda *_: ('ok', {answer}, None, 0)"
    )
    one.rel_error()
    with pytest.raises(StudentFault, match="not a plain value"):
        list(one.calls("rel_error", [(1, 0), (0, 0)], count=True))


def test_a_generator_is_made_anew_from_its_seed(make):
    assert make("return y.random()").rel_error(1, Rng(7)) == np.random.default_rng(7).random()
    assert (
        make("return y['rng'].random()").rel_error(1, {"rng": Rng(7)})
        == np.random.default_rng(7).random()
    )


def test_a_function_is_evaluated_by_the_grader(make):
    seen = []
    assert (
        make("return x(y) + x(2 * y)").rel_error(lambda value: seen.append(value) or value + 1, 3)
        == 11
    )
    assert seen == [3, 6]


@pytest.mark.parametrize(
    "body",
    [
        "for _ in range(len(x)): pass",
        "[v for v in x]",
        "sum(v for v in x)",
        "list(map(lambda v: v, x))",
        "np.vectorize(lambda v: v)(x)",
        "np.apply_along_axis(lambda v: v, 0, x[None])",
        "exec('for v in x: pass')",
        "while len(x) > 0: x = x[1:]",
    ],
    ids=lambda body: body.split("(")[0].split(" ")[0],
)
def test_work_that_grows_with_the_input_is_counted(make, body):
    one = make(body)
    steps = {n: one.call("rel_error", np.ones(n), count=True).events for n in (50, 50, 550)}
    assert steps[550] - steps[50] >= 500


def test_whole_array_work_does_not_grow(make):
    one = make("return np.sum(x * x, axis=0) + np.mean(x)")
    steps = {n: one.call("rel_error", np.ones(n), count=True).events for n in (50, 50, 550)}
    assert steps[550] == steps[50]


def test_cpu_time_is_the_kernels(make):
    busy = (
        "for _ in range(4 * 10**6): pass\nimport time\ntime.process_time = time.perf_counter ="
        " lambda: 0"
    )
    assert (
        make(busy).call("rel_error").cpu_seconds
        > 5 * make("return 1").call("rel_error").cpu_seconds
    )


def test_the_classifiers_loss_is_the_graders(reference):
    X, W = np.eye(3), np.ones((3, 2))
    history, after = reference.classify(
        "train",
        W,
        X,
        np.zeros(3, int),
        loss=lambda W, X, y, reg: (0.5, np.ones_like(W)),
        num_iters=4,
        learning_rate=0.25,
    )
    assert history == [0.5] * 4 and after.tolist() == np.zeros((3, 2)).tolist()
    predicted, _ = reference.classify("predict", np.eye(3), X)
    assert predicted.tolist() == [0, 1, 2]


def test_state_does_not_cross_from_one_student_object_to_the_next(make):
    body = "import builtins\nbuiltins.seen = getattr(builtins, 'seen', 0) + 1\nreturn builtins.seen"
    one, two = make(body), make(body)
    assert [one.rel_error(), one.rel_error(), two.rel_error()] == [1, 2, 1]


def test_after_a_fault_there_is_a_new_box(make):
    one = make(
        "import os, builtins\nif x: os._exit(0)\nbuiltins.seen = getattr(builtins, 'seen', 0) +"
        " 1\nreturn builtins.seen"
    )
    assert one.rel_error(0) == 1
    with pytest.raises(StudentFault):
        one.rel_error(1)
    assert one.rel_error(0) == 1


def test_hints_are_told_what_was_asked_of_a_function_even_if_the_call_fails(make):
    one = make("x(1); x(2)\nif y: raise ValueError\nreturn 5")
    one.rel_error(lambda value: 10 * value, False)
    assert (
        one.last_call is not None
        and one.last_call.result == 5
        and one.last_call.args[0].calls == [((1,), 10), ((2,), 20)]
    )
    with pytest.raises(StudentFault):
        one.rel_error(lambda value: 10 * value, True)
    assert one.last_call.result == Raised("ValueError", "")
    assert one.last_call.args[0].calls == [((1,), 10), ((2,), 20)]


def test_hints_are_told_that_a_call_did_not_end(make):
    one = make("x(1); import os; os._exit(0)")
    with pytest.raises(StudentFault):
        one.rel_error(lambda value: 10 * value)
    assert one.last_call.result is UNFINISHED
    assert one.last_call.args[0].calls == [((1,), 10)]


def test_hints_are_told_which_calls_were_made_together(make):
    one = make("return x")
    next(one.calls("rel_error", [(1, "a"), (2, "b")]))
    assert [(call.name, call.args) for call in one.other_calls] == [
        ("rel_error", (1, "a")),
        ("rel_error", (2, "b")),
    ]
    one.rel_error(3, 4)
    assert one.other_calls == []


def test_hints_are_told_what_a_classifier_asked_of_its_loss(reference):
    reference.classify(
        "train",
        np.ones((3, 2)),
        np.eye(3),
        np.zeros(3, int),
        loss=lambda W, X, y, reg: (0.5, np.ones_like(W)),
        num_iters=4,
    )
    assert reference.last_call is not None
    call = reference.last_call
    (W, loss, _, _), (history, after) = call.args, call.result
    assert (call.name, call.kwargs) == ("LinearClassifier.train", {"num_iters": 4})
    assert history == [0.5] * 4
    assert W.shape == after.shape == (3, 2)
    assert [args[0].shape for args, _ in loss.calls] == [(3, 2)] * 4


def test_hints_are_told_the_last_call_and_what_it_raised(make):
    one = make("if x < 0: raise ValueError('no  \\n' + 'o' * 2000)\nreturn x")
    one.rel_error(3, 4)
    assert one.last_call == Call("rel_error", (3, 4), {}, 3)
    with pytest.raises(StudentFault):
        one.rel_error(-1, 4)
    assert one.last_call == Call("rel_error", (-1, 4), {}, Raised("ValueError", f"no {'o' * 497}"))


@pytest.mark.parametrize("body", ["raise NotImplementedError", "import os; os._exit(0)"])
def test_where_nothing_was_raised_hints_are_told_nothing(make, body):
    one = make(body)
    with pytest.raises(StudentFault):
        one.rel_error(1, 2)
    assert one.last_call is None


def test_calls_that_take_long_together_are_called_so(make, monkeypatch):
    monkeypatch.setattr("grader.checks.session.EXERCISE_SECONDS", 0.3)
    one = make("while True: pass")
    for _ in range(2):
        with pytest.raises(
            StudentFault,
            match=r"^all calls of this exercise took more than 0\.3 s together\. Is there a loop",
        ):
            one.rel_error(1, 2)
    assert one.session.seconds >= 0.3


def with_patience(make, body: str, patience: Patience) -> Alone:
    one = make(body)
    one.session = Session(one.session._zygote, one.session.files, patience)
    one.ask = one.session.ask
    return one


def test_what_other_exercises_have_taken_is_gone(make):
    one = with_patience(make, "while True: pass", Patience(0.2, final=True))
    with pytest.raises(StudentFault):
        one.rel_error(1, 2)
    one.session.next_exercise()
    with pytest.raises(
        StudentFault, match=r"^the calls of all exercises took more than 0\.2 s together\."
    ):
        one.rel_error(1, 2)


def test_the_end_of_a_first_pass_is_nobodys_fault(make):
    one = with_patience(
        make, "import time\nwhile True: time.sleep(0.01)", Patience(0.3, final=False)
    )
    for _ in range(2):
        with pytest.raises(OutOfPatience):
            one.rel_error(1, 2)


@pytest.mark.parametrize(
    "does",
    [
        "import os; os._exit(0)",  # a new box for each call
        # And a new sandbox.
        "import os\nd = os.environ['HOME']\nfor _ in range(9): d += '/d'; os.mkdir(d)\nos._exit(0)",
        # Slow to show that it is in sync.
        (
            "import sys, time\nserver = sys.modules['worker'].Server\nwrite = server._write\n"
            "server._write = lambda self, frame: "
            "(time.sleep(5) if len(frame) == 17 else None, write(self, frame))"
        ),
    ],
    ids=["restarts of boxes", "restarts of sandboxes", "the check of being in sync"],
)
def test_all_time_counts(make, monkeypatch, does):
    monkeypatch.setattr("grader.checks.session.SYNC_SECONDS", 0.2)
    one = with_patience(make, does, Patience(1.0, final=False))
    with pytest.raises(OutOfPatience):  # noqa: PT012 - some time on the way
        while True:
            with contextlib.suppress(StudentFault):
                one.rel_error(1, 2)
            one.session.check_in_sync()
    assert one.session.held >= 1.0


def test_a_first_pass_is_short_and_both_together_are_bounded():
    assert not FIRST_PASS.final and FULL.final and FIRST_PASS.seconds + FULL.seconds < 110


def test_a_box_that_has_ended_after_its_reply_costs_nothing_once_it_is_checked(make):
    one = make(
        "import os, sys\nserver = sys.modules['worker'].Server\nwrite = server._write\n"
        "def last(self, frame):\n    write(self, frame)\n    os._exit(0)\n"
        "if y: server._write = last\nreturn x"
    )
    assert one.rel_error(1, True) == 1
    one.session.check_in_sync()
    assert one.rel_error(2, True) == 2
    one.session.check_in_sync()
    box = one.session._alive_box()
    one.session.check_in_sync()
    assert one.rel_error(3, False) == 3 and one.session._box is box


def test_a_sandbox_that_has_ended_is_no_fault_while_its_box_is_checked(zygote):
    one = student(zygote, "return x")
    assert one.rel_error(1, 2) == 1
    zygote.stop()
    one.session.check_in_sync()
    assert one.rel_error(1, 2) == 1
    one.close()


STATE = """global calls
import os, sys, numpy as np
calls = globals().get("calls", 0) + 1
{change}
return calls, np.random.random()"""
CHANGES = [
    "np.seterr(all='raise')",
    "np.planted = 1",
    "for k in range(2_000): setattr(np, f'planted_{k}', k)",
    "np.sum = sum",
    "del np.sum",
    "sys.modules['math'] = np",
    "os.open(os.devnull, os.O_RDONLY)",
    "import builtins; builtins.planted = 1",
    "open('left', 'w').close()",
    "os.environ['PLANTED'] = '1'",
    "os.mkdir('sub'); os.chdir('sub')",
    "sys.setrecursionlimit(500)",
    "import warnings; warnings.simplefilter('error')",
    "sys.path.insert(0, '/')",
    "np.random.set_bit_generator(np.random.MT19937(1_000))",
]


def test_the_same_box_is_reset_for_each_exercise(make):
    one = make(STATE.format(change="pass"))
    assert [one.rel_error(1, 2)[0], one.rel_error(1, 2)[0]] == [1, 2]
    box = one.session._box
    one.session.next_exercise()
    assert [one.rel_error(1, 2)[0], one.rel_error(1, 2)[0]] == [1, 2]  # its modules are new
    assert one.session._box is box


def test_random_numbers_of_a_call_depend_on_nothing_but_its_number_in_the_check(make):
    one = make(STATE.format(change="pass"))
    drawn = [one.rel_error(1, 2)[1], one.rel_error(1, 2)[1]]
    assert drawn[0] != drawn[1]
    again = Student(one.session.files, one.session.ask)
    assert [again.rel_error(1, 2)[1], again.rel_error(1, 2)[1]] == drawn


@pytest.mark.parametrize(
    "draw",
    [
        "random.random()",
        "random.gauss(0, 1)",
        "random.getrandbits(32 * 624)",  # all numbers of the generator, so that it begins anew
        "random.seed(1_000)",
        "np.random.rand()",
        "np.random.randn()",
        "np.random.bytes(4 * 624)",
        "np.random.seed(1_000)",
        "np.random.set_bit_generator(np.random.MT19937(1_000))",
    ],
)
def test_a_call_finds_the_generators_as_if_nothing_had_been_drawn(make, draw):
    numbers = "random.random(), random.gauss(0, 1), np.random.rand(), np.random.randn()"
    one = make(f"import random, numpy as np\nreturn ({draw}, 0)[1] if x else ({numbers})")
    first_calls = [Student(one.session.files, one.session.ask) for _ in range(4)]
    undrawn = first_calls[0].rel_error(0, 0)
    first_calls[1].rel_error(1, 0)
    assert [each.rel_error(0, 0) for each in first_calls[2:]] == [undrawn, undrawn]


@pytest.mark.parametrize("change", CHANGES)
def test_what_reaches_beyond_its_modules_costs_the_box(make, change):
    one = make(STATE.format(change=change))
    assert one.rel_error(1, 2)[0] == 1
    box = one.session._box
    one.session.next_exercise()
    assert one.rel_error(1, 2)[0] == 1
    assert one.session._box is not box


@pytest.mark.parametrize(
    "change",
    [
        "sys.modules['worker'].Server._forgets = lambda *args: 1 / 0",
        "sys.modules['worker'].Server._forgets = lambda *args: os._exit(0)",
        "sys.modules['planted'] = type('Planted', (), {'__file__': 7})()",
        "sys.modules['to_box'].loads = lambda *args: 1 / 0",
        "import marshal; marshal.loads = marshal.dumps = lambda *args: 1 / 0",
        "sys.addaudithook(lambda event, args: 1 / (not event.startswith('marshal')))",
    ],
)
def test_an_exercise_pays_nothing_for_what_the_one_before_has_left(change):
    files = reference_files()
    files["cs231n_utils/gradient_check.py"] += f"""

_right = rel_error


def rel_error(x, y):
    import os, sys
    {change}
    return _right(x, y)
""".encode()
    (report,) = grade_batch(
        [Submission("ann", files)], "secret", ["rel_error", "grad_check_sparse", "l2_penalty"]
    )
    assert all(exercise.points == exercise.max_points for exercise in report.exercises)


class Answers(ScriptedCallback):
    """Takes whole numbers, of which one is not allowed, and answers from a script."""

    def __init__(self, answers: list, wrong: int = -1) -> None:
        super().__init__(answers)
        self.points: list = []
        self.wrong = wrong

    def on_call(self, *args: int) -> None:
        self.points += args
        expect(args != (self.wrong,), f"{args[0]} is wrong.")


def test_scripted_answers_take_no_round_trip_and_the_check_hears_of_every_call(make, monkeypatch):
    sent = []
    frame = to_box.frame
    monkeypatch.setattr(to_box, "frame", lambda *args: sent.append(args) or frame(*args))
    asked = Answers([10, 20, 30])
    one = make("return [x(1), x(2), x(1), x(3)]")
    assert one.rel_error(asked) == [10, 20, 10, 30]
    assert (asked.points, asked.given) == ([1, 2, 1, 3], [10, 20, 10, 30])
    assert [[message[0] for _, message in requests] for _, (_, requests) in sent] == [
        ["load"],
        ["call"],
    ]


def test_after_the_last_scripted_answer_the_grader_is_asked(make):
    asked = Answers([10, 20])
    assert make("return [x(1), x(2), x(3), x(1), x(4)]").rel_error(asked) == [10, 20, 20, 10, 20]
    assert asked.points == [1, 2, 3, 1, 4]


def test_a_scripted_answer_is_the_same_whatever_is_done_to_it(make):
    assert make("x(1).fill(7)\nreturn x(1)").rel_error(Answers([np.zeros(2)])).tolist() == [0, 0]


def test_of_large_points_only_little_is_kept():
    class Silent(ScriptedCallback):
        def on_call(self, *args: object) -> None:
            pass

    asked = Silent([1.0])
    tracemalloc.start()
    try:
        for k in range(20):
            asked(np.full(100_000, float(k)))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 100_000


@pytest.mark.parametrize(
    "end",
    ["return 1", "raise ValueError", "return type('T', (dict,), {'items': lambda self: 1 / 0})()"],
)
def test_a_wrong_call_is_told_and_not_how_the_function_ended(make, end):
    with pytest.raises(Mismatch, match=r"^2 is wrong\.$"):
        make(f"x(1); x(2)\n{end}").rel_error(Answers([10, 20], wrong=2))


def test_a_limit_is_told_as_it_is(make, monkeypatch):
    monkeypatch.setattr(connection, "CPU_LIMIT", 0.25)
    with pytest.raises(StudentFault, match=r"^did not return within 0\.25 s of computing\."):
        make("while True: pass").rel_error(1, 2)


@pytest.mark.parametrize(
    "how",
    [
        "from cs231n_utils.more import found",
        "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nfrom more import found",
        "from cs231n_utils.expect import expect\nfrom .more import found",
    ],
    ids=["by the package", "by the path", "beside a given helper"],
)
def test_a_helper_is_found_however_it_is_asked_for(make, how):
    one = make(
        gradient_check=(
            f"{how}\n\ndef rel_error(x, y):\n    return found,"
            " __file__.endswith('gradient_check.py')\n"
        ),
        more="found = 'here'\n",
    )
    assert one.rel_error(1, 2) == ("here", True)


@pytest.mark.parametrize(
    "text, told",
    [
        ("{0} it is", ". it is"),
        ("{0}/cs231n_utils/x.py", "cs231n_utils/x.py"),
        ("in '{0}'", "in '.'"),
    ],
)
def test_the_folder_of_the_box_has_no_name_in_texts(make, text, told):
    one = make(f"import os\nraise ValueError({text!r}.format(os.getcwd()))")
    with pytest.raises(StudentFault) as caught:
        one.rel_error(1, 2)
    assert str(caught.value).startswith(f"raised ValueError: {told} (")


STUB = (ROOT / "cs231n_utils" / "gradient_check.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "source, message",
    [
        (STUB, "write me (1_gradient_check.ipynb, part 1)"),
        (
            "",
            (
                "gradient_check.py has no rel_error. Give it back its name, or start from the kit's"
                " file."
            ),
        ),
        (
            "def rel_error(x, y):\n    return 1 / 0\n",
            (
                "raised ZeroDivisionError: division by zero (gradient_check.py, line 2: return 1 /"
                " 0). What is the divisor when there is one example, or when both values are 0?"
            ),
        ),
        (
            "def rel_error(x):\n    pass\n",
            (
                "raised TypeError: rel_error() takes 1 positional argument but 2 were given."
                " Compare the call with the line that begins with def, or with the function's help."
                " The first line of the exercise stays as it came."
            ),
        ),
        (
            "import nothing\n\n\ndef rel_error(x, y):\n    return nothing.at_all(x)\n",
            (
                "raised ModuleNotFoundError: No module named 'nothing' (gradient_check.py, line 5:"
                " return nothing.at_all(x)). Only NumPy and Python's own modules are there, and the"
                " files that were handed in."
            ),
        ),
        (
            "def rel_error(x, y):\n    raise RuntimeError('odd')\n",
            "raised RuntimeError: odd (gradient_check.py, line 2: raise RuntimeError('odd')).",
        ),
        (
            "def rel_error(x, y:\n    pass\n",
            (
                "raised SyntaxError: '(' was never closed: def rel_error(x, y: (gradient_check.py,"
                " line 1). Often a bracket, a comma or a colon is missing in that line or in the"
                " one before. Nothing in the file can run before that. Grading runs Python"
                f" {sys.version_info[0]}.{sys.version_info[1]}."
            ),
        ),
        (
            (
                "import matplotlib.pyplot as plt\n\n\ndef rel_error(x, y):\n    figure ="
                " plt.figure()\n    return figure.dpi * 2\n"
            ),
            (
                "raised PictureLibraryError: the result comes from a picture library"
                " (gradient_check.py, line 6: return figure.dpi * 2), of which grading has only a"
                " stand-in that draws nothing. Take it out of functions that are graded."
            ),
        ),
        ("raise SystemExit\n", "raised SystemExit (gradient_check.py, line 1: raise SystemExit)."),
    ],
    ids=[
        "unwritten",
        "renamed",
        "raises",
        "other arguments",
        "no such library",
        "without help",
        "no Python",
        "a picture",
        "exit at import",
    ],
)
def test_what_went_wrong_is_a_sentence(make, source, message):
    with pytest.raises(StudentFault) as caught:
        make(gradient_check=source).rel_error(1, 2)
    assert str(caught.value) == message


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python takes it")
def test_what_a_newer_python_takes_is_told_with_both_versions(make):
    with pytest.raises(StudentFault) as caught:
        make(
            gradient_check="type Losses = list[float]\n\n\ndef rel_error(x, y):\n    return 1.0\n"
        ).rel_error(1, 2)
    assert (
        str(caught.value)
        == "raised SyntaxError: invalid syntax: type Losses = list[float] (gradient_check.py, line"
        " 1). That needs Python 3.12 or newer. Grading runs Python"
        f" {sys.version_info[0]}.{sys.version_info[1]}, and nothing in the file can run there."
        " Leave the word type out: a name for a type is set like any other."
    )


@pytest.mark.parametrize(
    "body",
    [
        (
            "from tqdm import tqdm\nwith tqdm(total=3) as bar:\n    bar.update(3)\nreturn"
            " plt.gcf().dpi"
        ),
        "return 2.0, plt.gca()",
        "return [plt.gca()][0]",
        "return np.ones(3) * plt.gca().bbox.width",
        "return np.sqrt(plt.gca().bbox.width)",
        "width, height = plt.gcf().get_size_inches()\nreturn width / height",
    ],
)
def test_a_result_of_a_picture_library_is_told_with_its_line(make, body):
    with pytest.raises(
        StudentFault,
        match=r"comes from a picture library \(gradient_check\.py, line \d+: .*(plt|width)",
    ):
        make("import matplotlib.pyplot as plt\n" + body).rel_error(1, 2)


def test_null_bytes_are_the_students_fault(make):
    one = make()
    one._files["cs231n_utils/gradient_check.py"] = b"x = '\0'"
    with pytest.raises(StudentFault, match=r"^raised (SyntaxError|ValueError): .*null bytes"):
        one.rel_error(1, 2)


def test_a_mark_at_the_beginning_and_windows_line_ends_are_fine(make):
    one = make()
    one._files["cs231n_utils/gradient_check.py"] = (
        b"\xef\xbb\xbfdef rel_error(x, y):\r\n    return x\r\n"
    )
    assert one.rel_error(1, 2) == 1


def test_a_missing_file_is_named(zygote):
    one = Alone(zygote, given_files())
    with pytest.raises(StudentFault, match=r"^cs231n_utils/gradient_check.py is missing"):
        one.rel_error(1, 2)
    with pytest.raises(StudentFault, match=r"The last part of 5_optimization\.ipynb saves it"):
        one.load_model()


def saved(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def test_a_model_is_read(zygote):
    for arrays, found in (({"W": np.eye(2)}, np.eye(2)), ({"weights": 1}, ["weights"])):
        one = Alone(zygote, {MODEL_FILE: saved(**arrays)})
        np.testing.assert_array_equal(one.load_model(), found)
        one.close()


@pytest.mark.parametrize(
    "content, told",
    [
        (b"", "is empty"),
        (b"garbage", "is plain text"),
        (saved(W=np.array([None])), "holds Python objects in W"),
        (saved(W=np.eye(2))[:-30], "is cut off or damaged"),
    ],
    ids=["empty", "garbage", "objects", "cut"],
)
def test_a_model_that_cannot_be_read_is_the_students_fault(zygote, content, told):
    one = Alone(zygote, {MODEL_FILE: content})
    try:
        with pytest.raises(StudentFault, match=rf"^the file .*{told}"):
            one.load_model()
    finally:
        one.close()


@pytest.mark.parametrize(
    "fraction, kept", [(0.25, 0.25), (-1.0, 0.0), (2.0, 1.0), (float("nan"), 0.0)]
)
def test_partial_credit_stays_between_nothing_and_all(fraction, kept):
    assert PartialCredit(fraction, "nearly").fraction == kept


def test_files_given_to_the_zygote_stand_in_every_folder_unless_the_submission_has_its_own():
    files = {
        "cs231n_utils/gradient_check.py": (
            b"""from cs231n_utils import expect, data
from cs231n_utils.more import C

def rel_error(x, y):
    return [expect.A, data.B, C]
"""
        ),
        "cs231n_utils/data.py": b"B = 5",
    }
    kit = {
        "cs231n_utils/expect.py": b"A = 1",
        "cs231n_utils/data.py": b"B = 2",
        "cs231n_utils/more/__init__.py": b"C = 3",
    }
    with Zygote(files=kit) as zygote:
        for _ in range(2):
            one = Alone(zygote, files)
            assert one.rel_error(1, 2) == [1, 5, 3]
            one.close()
