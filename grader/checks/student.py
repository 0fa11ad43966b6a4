"""The student, as hidden checks see one: `student.svm_loss_naive(W, X, y, reg)` runs in the sandbox
and gives plain values.

Arguments cross by value; a function among them crosses as a callback, which the grader evaluates,
so that a check sees every point that student code asks for. Whatever goes wrong over there raises
`StudentFault` with a sentence for the student.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cs231n_utils.exercises import EXERCISES
from grader.checks.advice import advice
from grader.checks.callbacks import UNFINISHED, RecordingCallback, ScriptedCallback
from grader.checks.misconception import Call, Raised
from grader.faults import ComputedTooLong, StudentFault, reading_a_reply
from grader.intake.submission import MODEL_FILE
from grader.sandbox.connection import Reply, Request, replay_to_check
from grader.sandbox.inside.wire import Callback, Handle, Opaque, Rng
from grader.text import folded

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
    """Raised by a check that is met in part: `fraction` of its points stay, the text says what is
    missing.
    """

    def __init__(self, fraction: float, message: str) -> None:
        super().__init__(message)
        self.fraction = min(max(0.0, fraction), 1.0)  # in this order NaN becomes 0


class FollowsFrom(AssertionError):
    """Raised by a check whose result is not the right one, but follows from what the function of
    another exercise gave.

    exercise : the other one. Where it has lost points itself, the check is passed, so that one slip
        is charged once. Where it has not, its function gives something else here than in its own
        checks: then the check fails, with the text.
    """

    def __init__(self, exercise: str, message: str) -> None:
        super().__init__(message)
        self.exercise = exercise


class StudentRaised(StudentFault):
    """Student code raised an exception, or is not there; its box is as before.

    raised : for the hints; None where a function is missing, unwritten, or sends back too much
    bases : names of Python's own exceptions that it is one of, such as ("ValueError", "Exception",
        "BaseException", "object")
    """

    def __init__(self, message: str, raised: Raised | None, bases: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.raised = raised
        self.bases = bases


@dataclass(frozen=True)
class CallResult:
    """What one call gave.

    result : the returned value
    args, kwargs : the arguments as they are after the call, when asked for with `echo`
    events : Python-level steps (lines and calls), when asked for with `count`
    cpu_seconds : CPU time of the box during the call, as the kernel accounts it, when asked for
        with `timed`
    """

    result: object
    args: tuple
    kwargs: dict
    events: int
    cpu_seconds: float


class Student:
    """A submission as one run of a check sees it.

    files : what was handed in
    ask : gives the sandbox's reply to a request, as `Session.ask`
    """

    def __init__(self, files: Mapping[str, bytes], ask: Callable[[Request], Reply]) -> None:
        self._files = files
        self.ask = ask
        self._requests = 0  # so far
        # That a check's own callback gave, for the curve on the feedback page.
        self.losses: list[float] = []
        # What hints.explain takes: the call that a check looks at, and those of its round trip.
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
        """Call the function of an exercise. The result with index `keep` stays in the box and comes
        as a `Handle`.

        cpu_limit : seconds of computing, for a call that is `timed`, after which it raises
            ComputedTooLong
        """
        module = EXERCISES[name].module
        args = tuple(map(_recording, args))
        kwargs = {key: _recording(value) for key, value in kwargs.items()}
        callbacks: list[RecordingCallback] = []
        options = _options(keep, echo, count)
        sent = tuple(_sent(value, callbacks) for value in args)
        named = {key: _sent(value, callbacks) for key, value in kwargs.items()}
        if scripts := _scripts(callbacks):
            options["scripts"] = scripts
        message = ("call", module, name, sent, named, options)
        self.last_call, self.other_calls = (
            (Call(name, args, kwargs, UNFINISHED) if callbacks else None),
            [],
        )
        try:
            outcome = self._request(
                name, message, callbacks, args, timed=timed, cpu_limit=cpu_limit
            )
        except StudentRaised as fault:
            self._note(name, args, kwargs, fault)
            raise
        if echo and not (len(outcome.args) == len(args) and outcome.kwargs.keys() == kwargs.keys()):
            raise StudentFault(_NO_ARGUMENTS)
        self.last_call = Call(name, args, kwargs, outcome.result, outcome.args)
        return outcome

    def calls(
        self,
        name: str,
        many: Iterable[tuple],
        keep: int | None = None,
        echo: bool = False,
        count: bool = False,
    ) -> Iterator[CallResult]:
        """Many calls of one function, a tuple of arguments each; they cross together, which costs
        less.

        When one of them raises, they are made again one by one, so that what fails is the call that
        raises, and no other. `last_call` follows the outcomes as they are looked at.
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
        self, method: str, W: object, *args: object, loss: Callable | None = None, **kwargs: object
    ) -> tuple:
        """Call LinearClassifier.<method> on an instance with these weights; its `loss` is ours:
        loss(W, X, y, reg).

        Returns (result, the instance's W afterwards).
        """
        name = f"LinearClassifier.{method}"
        callback = RecordingCallback(loss or _no_loss)
        self.last_call, self.other_calls = Call(name, (W, callback, *args), kwargs, UNFINISHED), []
        message = ("classify", method, W, Callback(0), args, kwargs, _scripts([callback]))
        try:
            result = self._request(name, message, [callback], args).result
        except StudentRaised as fault:
            self._note(name, (W, callback, *args), kwargs, fault)
            raise
        if not (type(result) is tuple and len(result) == 2):
            raise StudentFault(_NOT_PLAIN)
        self.last_call = Call(name, (W, callback, *args), kwargs, result)
        return result

    def load_model(self) -> object:
        """Array W of the student's best_model.npz; the names of its arrays if there is no W."""
        self.last_call, self.other_calls = None, []
        if MODEL_FILE not in self._files:
            raise StudentFault(
                "the file is missing. The last part of 5_optimization.ipynb saves it; hand it in "
                "beside the notebooks."
            )
        W = self._request(MODEL_FILE, ("read_npz", MODEL_FILE, "W")).result
        self.last_call = Call(MODEL_FILE, (), {}, W)
        return W

    def _request(
        self,
        name: str,
        message: tuple,
        callbacks: Sequence[RecordingCallback] = (),
        args: tuple = (),
        calls: int = 1,
        timed: bool = False,
        cpu_limit: float | None = None,
    ) -> CallResult:
        """Send a request, which stands for so many calls; with the `args` of a single one, what it
        raises is explained better.
        """
        file = EXERCISES[name].file
        if file not in self._files:
            raise StudentFault(f"{file} is missing from what was handed in.")
        self._requests += 1
        reply = self.ask(Request(message, callbacks, calls, self._requests, timed, cpu_limit))
        replay_to_check(reply.scripted_calls, callbacks)
        with reading_a_reply():
            if reply.value[0] == "error":
                raise _fault(name, args, *reply.value[1:])
            _, result, echo, events = reply.value
            after, named_after = echo if _is_echo(echo) else ((), {})
            return CallResult(result, after, named_after, events, reply.cpu_seconds)

    def _note(self, name: str, args: tuple, kwargs: dict, fault: StudentRaised) -> None:
        """Keep the call that raised for the hints."""
        if fault.raised is not None:
            self.last_call = Call(name, args, kwargs, fault.raised)


def _options(keep: int | None, echo: bool, count: bool) -> dict[str, object]:
    """Of a call, as they cross: those that are asked for."""
    options: dict[str, object] = {
        option: True for option, wanted in (("echo", echo), ("count", count)) if wanted
    }
    return options if keep is None else {**options, "keep": keep}


def _recording(value: object) -> object:
    return RecordingCallback(value) if callable(value) else value


def _sent(value: object, callbacks: list[RecordingCallback]) -> object:
    """What stands for an argument in a message; a callback is appended, and sent as its number."""
    if not isinstance(value, RecordingCallback):
        return value
    callbacks.append(value)
    return Callback(len(callbacks) - 1)


def _scripts(callbacks: Sequence[RecordingCallback]) -> list[tuple[int, list]]:
    return [
        (number, callback.script) for number, callback in enumerate(callbacks) if callback.script
    ]


def _is_result(value: object) -> bool:
    """Whether it is (result, arguments afterwards, events)."""
    return (
        type(value) is tuple
        and len(value) == 3
        and type(value[1]) is tuple
        and type(value[2]) is int
    )


def _is_echo(value: object) -> bool:
    return (
        type(value) is tuple
        and len(value) == 2
        and type(value[0]) is tuple
        and type(value[1]) is dict
    )


def _no_loss(*args: object) -> object:
    raise StudentFault("called self.loss, which this method does not need.")


_NOT_PLAIN = "sent back something that is not a plain value."
_NO_ARGUMENTS = (
    "sent back a result without the arguments as they are afterwards, which were asked for."
)


def _fault(
    name: str, args: tuple, kind: str, type_name: str, bases: tuple[str, ...], text: str, where: str
) -> StudentRaised:
    """What the box says went wrong. All of it may be the student's invention."""
    message = _explain(name, args, kind, type_name, text, where)
    if kind != "raised":
        return StudentRaised(message, None)
    return StudentRaised(message, Raised(folded(type_name, 500), folded(text, 500)), bases)


def _explain(name: str, args: tuple, kind: str, type_name: str, text: str, where: str) -> str:
    type_name, text, where = folded(type_name, 60), folded(text, 500), folded(where, 250)
    place = f" ({where})" if where else ""
    if kind == "unwritten":
        return text.removeprefix(f"{name}: ") or "not written yet."
    if kind == "missing":
        return f"{text}. Give it back its name, or start from the kit's file."
    if kind == "unsendable":
        return "returned something too large or too deeply nested to be judged."
    help_ = advice(name, type_name, text, args)
    return (
        "raised"
        f" {type_name}{': ' if text else ''}{text.rstrip('.')}{place}.{' ' if help_ else ''}{help_}"
    )
