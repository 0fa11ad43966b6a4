"""The student, as hidden checks see one.

`student.svm_loss_naive(W, X, y, reg)` runs the student's function in the sandbox, and returns plain
values. Arguments are sent by value. A function among them stays here: the box has a stand-in that
sends each call of it back to the grader, so that a check sees every point for which student code
asks. Whatever goes wrong in the box raises `StudentFault` with a sentence for the student.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from cs231n_utils.advice import misnamed, model_files
from cs231n_utils.exercises import EXERCISES
from cs231n_utils.hand_in.rules import MODEL_FILE
from grader.checks.advice import advice
from grader.checks.callbacks import UNFINISHED, RecordingCallback, ScriptedCallback
from grader.checks.misconception import Call, Raised
from grader.faults import ComputedTooLong, Kind, StudentFault, reading_a_reply, unreadable
from grader.sandbox.connection import Reply, Request, replay_to_check
from grader.sandbox.inside.to_box import Callback, Rng
from grader.sandbox.inside.wire import Handle, Opaque
from grader.text import folded, legible, without_places

__all__ = [
    "CallResult",
    "ComputedTooLong",
    "FollowsFrom",
    "Handle",
    "Opaque",
    "PartialCredit",
    "Rng",
    "ScriptedCallback",
    "Student",
    "StudentFault",
    "StudentRaised",
]


class PartialCredit(AssertionError):
    """Raised by a check that is met in part; the text says what is missing.

    fraction : the share of its points that the check keeps, 0 to 1
    """

    kind = Kind.PARTIAL

    def __init__(self, fraction: float, message: str) -> None:
        super().__init__(message)
        self.fraction = min(max(0.0, fraction), 1.0)  # in this order NaN becomes 0


class FollowsFrom(AssertionError):
    """Raised by a check whose result is wrong, but follows from another exercise's wrong result.

    exercise : the other exercise. If it has lost points itself, the check is passed, so that one
        mistake costs points only once. If not, its function gives something else here than in its
        own checks: then the check fails, with the text.
    """

    def __init__(self, exercise: str, message: str) -> None:
        super().__init__(message)
        self.exercise = exercise


class StudentRaised(StudentFault):
    """Student code raised an exception, or is missing. Its box can go on.

    message : the text for the student, or a function that gives it, since nobody reads it where a
        check expects the exception. The function looks at shapes and labels of the call's
        arguments, so a check must not change those of arrays that it has sent.
    raised : the exception, for the hints; None if a function is missing, not written yet, or has
        returned what cannot be sent
    bases : the exception's base classes among Python's own, such as ("ValueError", "Exception",
        "BaseException", "object")
    """

    def __init__(
        self,
        message: str | Callable[[], str],
        raised: Raised | None,
        bases: tuple[str, ...] = (),
        kind: Kind = Kind.FAULT,
    ) -> None:
        super().__init__("", kind)
        self._message = message
        self.raised = raised
        self.bases = bases

    def __str__(self) -> str:
        if callable(self._message):
            try:
                self._message = self._message()
            # As in `reading_a_reply`, any exception: student code may have invented what the text
            # is made of. The check has failed all the same, and only its text is lost.
            except Exception as error:
                self._message = unreadable(error)
        return self._message


class CallResult(NamedTuple):
    """What one call gave.

    result : the returned value
    args, kwargs : the arguments as they are after the call; empty without the option `echo`
    events : the number of lines and calls that Python executed; 0 without the option `count`
    cpu_seconds : CPU time of the box during the round trip, in seconds, as the kernel accounts it;
        it is that of this call alone with the option `timed`
    """

    result: object
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    events: int
    cpu_seconds: float


class Student:
    """A submission as one run of a check sees it.

    files : what was handed in
    ask : sends a request to the sandbox and returns its reply, as `Session.ask`
    last_call, other_calls : what `hints.explain` takes: the call that the check looks at, and those
        that were sent with it
    losses : the losses that a check's callback gave, for the curve on the feedback page
    """

    def __init__(self, files: Mapping[str, bytes], ask: Callable[[Request], Reply]) -> None:
        self._files = files
        self.ask = ask
        self._requests = 0  # how many were sent
        self.losses: list[float] = []
        self.last_call: Call | None = None
        self.other_calls: list[Call] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name not in EXERCISES:
            raise AttributeError(name)
        return lambda *args, **kwargs: self.call(name, *args, **kwargs).result

    def call(
        self,
        name: str,
        /,
        *args: object,
        keep: int | None = None,
        echo: bool = False,
        count: bool = False,
        timed: bool = False,
        cpu_limit: float | None = None,
        **kwargs: object,
    ) -> CallResult:
        """Call the function of an exercise.

        keep : index of a result that stays in the box, and comes as a `Handle`
        echo, count, timed : whether CallResult is to have args and kwargs, events, cpu_seconds
        cpu_limit : CPU seconds after which the call raises ComputedTooLong
        """
        module = EXERCISES[name].module
        args = tuple(map(_recording, args))
        kwargs = {key: _recording(value) for key, value in kwargs.items()}
        callbacks: list[RecordingCallback] = []
        options = _options(keep, echo, count)
        sent_args = tuple(_stand_in(value, callbacks) for value in args)
        sent_kwargs = {key: _stand_in(value, callbacks) for key, value in kwargs.items()}
        if scripts := _scripts(callbacks):
            options["scripts"] = scripts
        message = ("call", module, name, sent_args, sent_kwargs, options)
        self.last_call = Call(name, args, kwargs, UNFINISHED) if callbacks else None
        self.other_calls = []
        try:
            found = self._request(name, message, callbacks, args, timed=timed, cpu_limit=cpu_limit)
        except StudentRaised as fault:
            self._note(name, args, kwargs, fault)
            raise
        if echo and not (len(found.args) == len(args) and found.kwargs.keys() == kwargs.keys()):
            raise StudentFault(_NO_ARGUMENTS)
        self.last_call = Call(name, args, kwargs, found.result, found.args)
        return found

    def calls(
        self,
        name: str,
        many: Iterable[tuple[Any, ...]],
        keep: int | None = None,
        echo: bool = False,
        count: bool = False,
    ) -> Iterator[CallResult]:
        """Call a function once for each tuple of arguments, in a single round trip.

        If one call raises, all are made again one by one, so that each call before it still gets
        its result. `last_call` is always the call whose result was yielded last.
        """
        many = list(many)
        self.last_call, self.other_calls = None, []
        message = ("calls", EXERCISES[name].module, name, many, _options(keep, echo, count))
        try:
            found = self._request(name, message, calls=len(many)).result
        except StudentRaised:
            for args in many:
                yield self.call(name, *args, keep=keep, echo=echo, count=count)
            return
        if not (type(found) is list and len(found) == len(many)):
            raise StudentFault(_NOT_PLAIN)
        if not (echo or count):
            found = [(result, (), 0) for result in found]
        elif not all(map(_is_result, found)):
            raise StudentFault(_NOT_PLAIN)
        elif echo and any(
            len(after) != len(args) for (_, after, _), args in zip(found, many, strict=True)
        ):
            raise StudentFault(_NO_ARGUMENTS)
        self.other_calls = [
            Call(name, args, {}, result, after)
            for args, (result, after, _) in zip(many, found, strict=True)
        ]
        for call, (result, after, events) in zip(self.other_calls, found, strict=True):
            self.last_call = call
            yield CallResult(result, after, {}, events, 0.0)

    def classify(
        self,
        method: str,
        W: object,
        *args: object,
        loss: Callable[..., Any] | None = None,
        **kwargs: object,
    ) -> tuple[Any, ...]:
        """Call LinearClassifier.<method> on an instance with the weights W, of shape (D, C).

        loss : stands in for the instance's own loss; it is called with (W, X, y, reg)

        Returns (result, the instance's W afterwards).
        """
        name = f"LinearClassifier.{method}"
        callback = RecordingCallback(loss or _no_loss)
        call_args = (W, callback, *args)
        self.last_call, self.other_calls = Call(name, call_args, kwargs, UNFINISHED), []
        message = ("classify", method, W, Callback(0), args, kwargs, _scripts([callback]))
        try:
            result = self._request(name, message, [callback], args).result
        except StudentRaised as fault:
            self._note(name, call_args, kwargs, fault)
            raise
        if not (type(result) is tuple and len(result) == 2):
            raise StudentFault(_NOT_PLAIN)
        self.last_call = Call(name, call_args, kwargs, result)
        return result

    def load_model(self) -> object:
        """Array W of the student's best_model.npz, or the names of its arrays if there is no W."""
        self.last_call, self.other_calls = None, []
        if MODEL_FILE not in self._files:
            found = misnamed.nearest(MODEL_FILE, self._files)
            raise StudentFault(
                f"the file is missing. Found: {legible(found)}."
                f" {legible(misnamed.next_step(MODEL_FILE, found))}"
                if found
                else "the file is missing. The last part of 5_optimization.ipynb saves it; hand it"
                " in beside the notebooks."
            )
        # What a file is stands in its first bytes; NumPy reads it in the box.
        if fault := model_files.fault(self._files[MODEL_FILE][: model_files.NEEDED]):
            raise StudentFault(f"the file {fault}")
        W = self._request(MODEL_FILE, ("read_npz", MODEL_FILE, "W")).result
        self.last_call = Call(MODEL_FILE, (), {}, W)
        return W

    def _request(
        self,
        name: str,
        message: tuple[Any, ...],
        callbacks: Sequence[RecordingCallback] = (),
        args: tuple[Any, ...] = (),
        calls: int = 1,
        timed: bool = False,
        cpu_limit: float | None = None,
    ) -> CallResult:
        """Send a request and read the reply.

        args : the arguments of a single call, whose shapes explain an exception
        calls : how many calls the request stands for
        """
        file = EXERCISES[name].file
        if file not in self._files:
            raise StudentFault(f"{file} is missing from what was handed in.", Kind.MISSING_FILE)
        self._requests += 1
        reply = self.ask(Request(message, callbacks, calls, self._requests, timed, cpu_limit))
        replay_to_check(reply.scripted_calls, callbacks)
        with reading_a_reply():
            if reply.value[0] == "error":
                raise _fault(name, args, *reply.value[1:])
            _, result, echo, events = reply.value
            after, named_after = echo if _is_echo(echo) else ((), {})
            return CallResult(result, after, named_after, events, reply.cpu_seconds)

    def _note(
        self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], fault: StudentRaised
    ) -> None:
        """Keep a call that raised an exception for the hints."""
        if fault.raised is not None:
            self.last_call = Call(name, args, kwargs, fault.raised)


def _options(keep: int | None, echo: bool, count: bool) -> dict[str, object]:
    """The options of a call, as the box takes them: only those that are set."""
    options: dict[str, object] = {
        option: True for option, wanted in (("echo", echo), ("count", count)) if wanted
    }
    return options if keep is None else {**options, "keep": keep}


def _recording(value: object) -> object:
    return RecordingCallback(value) if callable(value) else value


def _stand_in(value: object, callbacks: list[RecordingCallback]) -> object:
    """What is sent in the place of an argument; a callback is added to `callbacks`."""
    if not isinstance(value, RecordingCallback):
        return value
    callbacks.append(value)
    return Callback(len(callbacks) - 1)


def _scripts(callbacks: Sequence[RecordingCallback]) -> list[tuple[int, list[Any]]]:
    return [
        (number, callback.script) for number, callback in enumerate(callbacks) if callback.script
    ]


def _is_result(value: object) -> bool:
    """Whether the value is (result, arguments afterwards, events)."""
    return (
        type(value) is tuple
        and len(value) == 3
        and type(value[1]) is tuple
        and type(value[2]) is int
    )


def _is_echo(value: object) -> bool:
    """Whether the value is (arguments afterwards, keyword arguments afterwards)."""
    return (
        type(value) is tuple
        and len(value) == 2
        and type(value[0]) is tuple
        and type(value[1]) is dict
    )


def _no_loss(*args: object) -> object:
    raise StudentFault("called self.loss, which this method does not need.")


# Exceptions, by their names, of which the class page speaks in particular.
_KINDS = {
    "MemoryError": Kind.OUT_OF_MEMORY,
    "SyntaxError": Kind.NOT_PYTHON,
    "IndentationError": Kind.NOT_PYTHON,
    "TabError": Kind.NOT_PYTHON,
}
# What np.load raises for a zip file that it cannot read.
_UNREADABLE = ("BadZipFile", "EOFError", "OSError", "ValueError", "error")
_NOT_PLAIN = "sent back something that is not a plain value."
_NO_ARGUMENTS = (
    "sent back a result without the arguments as they are afterwards, which were asked for."
)


def _fault(
    name: str,
    args: tuple[Any, ...],
    kind: str,
    type_name: str,
    bases: tuple[str, ...],
    text: str,
    where: str,
) -> StudentRaised:
    """What the box says went wrong. Student code may have invented all of it."""
    message = partial(_explain, name, args, kind, type_name, text, where)
    if kind != "raised":
        return StudentRaised(message, None)
    raised = Raised(folded(type_name, 500), folded(text, 500))
    return StudentRaised(message, raised, bases, _KINDS.get(raised.type_name, Kind.RAISED))


def _explain(
    name: str, args: tuple[Any, ...], kind: str, type_name: str, text: str, where: str
) -> str:
    type_name, where = folded(type_name, 60), folded(where, 250)
    text = folded(without_places(text), 500)
    place = f" ({where})" if where else ""
    if kind == "unwritten":
        return text.removeprefix(f"{name}: ") or "not written yet."
    if kind == "missing":
        return f"{text}. Give it back its name, or start from the kit's file."
    if kind == "unsendable":
        return "returned something too large or too deeply nested to be judged."
    if name == MODEL_FILE and type_name in _UNREADABLE:
        return f"the file {model_files.unreadable(text)}"
    help_ = advice(name, type_name, text, args)
    return (
        "raised"
        f" {type_name}{': ' if text else ''}{text.rstrip('.')}{place}.{' ' if help_ else ''}{help_}"
    )
