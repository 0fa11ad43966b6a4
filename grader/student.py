"""The student, as hidden checks see one: `student.svm_loss_naive(W, X, y, reg)` runs in the sandbox and gives plain values.

Arguments cross by value; a function among them crosses as a callback, which the grader evaluates, so that a check sees
every point that student code asks for. Whatever goes wrong over there raises `StudentFault` with a sentence for the student.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cs231n_utils.exercises import EXERCISES
from grader.advice import advice
from grader.callbacks import UNFINISHED, Recorded, Told
from grader.replay import Raised
from grader.sandbox import connection
from grader.sandbox.connection import Worker
from grader.sandbox.faults import SandboxFault, StudentFault
from grader.sandbox.launch import Zygote
from grader.sandbox.wire import Callback, Handle, Opaque, Rng
from grader.submission import MODEL_FILE

__all__ = ["Handle", "Opaque", "Outcome", "PartialCredit", "Rng", "Student", "StudentFault", "Told"]

PATIENCE = 90.0  # seconds for all calls of one exercise together; honest code takes under one
SUBMISSION_PATIENCE = 300.0  # seconds for all exercises of a submission


class PartialCredit(AssertionError):
    """Raised by a check that is met in part: `fraction` of its points stay, the text says what is missing."""

    def __init__(self, fraction: float, message: str) -> None:
        super().__init__(message)
        self.fraction = min(max(0.0, fraction), 1.0)  # in this order NaN becomes 0


class _Raised(StudentFault):
    """Student code raised an exception; its worker is as before."""

    def __init__(self, message: str, raised: Raised | None) -> None:
        super().__init__(message)
        self.raised = raised


@dataclass(frozen=True)
class Outcome:
    """What one call gave.

    result : the returned value
    args, kwargs : the arguments as they are after the call, when asked for with `echo`
    events : Python-level steps (lines and calls), when asked for with `count`
    cpu_seconds : CPU time of the worker during the call, as the kernel accounts it
    """

    result: object
    args: tuple
    kwargs: dict
    events: int
    cpu_seconds: float


class Student:
    """One submission in the sandbox; starts a worker when it is first needed, and a fresh one after each fault."""

    def __init__(self, zygote: Zygote, files: Mapping[str, bytes]) -> None:
        self._zygote = zygote
        self._files = dict(files)
        self._worker: Worker | None = None
        self._has_past = False  # whether the worker may remember the exercise before
        self._left = SUBMISSION_PATIENCE  # when this exercise began
        self.seconds = 0.0  # that the calls of this exercise have taken
        self.losses: list[float] = []  # that a check's own callback gave, for the curve on the feedback page
        # What hints.explain takes: the call that a check looks at, and those that crossed together with it.
        self.last_call: tuple[str, tuple, dict, object, tuple] | None = None
        self.together: list[tuple[str, tuple, dict, object, tuple]] = []

    def next_exercise(self) -> None:
        """Leave behind what code of the last exercise has built up: its modules and objects, or else the whole worker."""
        self._left -= self.seconds
        self.seconds = 0.0
        self.losses = []
        self.last_call, self.together = None, []
        self._has_past = self._worker is not None

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name not in EXERCISES:
            raise AttributeError(name)
        return lambda *args, **kwargs: self.call(name, *args, **kwargs).result

    def call(self, name: str, /, *args: object, keep: int | None = None, echo: bool = False, count: bool = False,
             **kwargs: object) -> Outcome:
        """Call the function of an exercise. The result with index `keep` stays in the worker and comes as a `Handle`."""
        module = EXERCISES[name].module
        args = tuple(map(_recorded, args))
        kwargs = {key: _recorded(value) for key, value in kwargs.items()}
        callbacks: list[Recorded] = []
        options: dict[str, object] = {} if keep is None else {"keep": keep}
        options |= {option: True for option, wanted in (("echo", echo), ("count", count)) if wanted}
        crossing = tuple(_cross(value, callbacks) for value in args)
        named = {key: _cross(value, callbacks) for key, value in kwargs.items()}
        if told := _told(callbacks):
            options["told"] = told
        message = ("call", module, name, crossing, named, options)
        self.last_call, self.together = (name, args, kwargs, UNFINISHED, ()) if callbacks else None, []
        try:
            outcome = self._request(name, message, callbacks, args)
        except _Raised as fault:
            self._note(name, args, kwargs, fault)
            raise
        self.last_call = (name, args, kwargs, outcome.result, outcome.args)
        return outcome

    def calls(self, name: str, many: Iterable[tuple], keep: int | None = None, echo: bool = False) -> Iterator[Outcome]:
        """Many calls of one function, a tuple of arguments each; they cross together, which costs less.

        When one of them raises, they are made again one by one, so that what fails is the call that raises, and no other.
        `last_call` follows the outcomes as they are looked at.
        """
        many = list(many)
        self.last_call, self.together = None, []
        options = ({} if keep is None else {"keep": keep}) | ({"echo": True} if echo else {})
        try:
            found = self._request(name, ("calls", EXERCISES[name].module, name, many, options), calls=len(many)).result
        except _Raised:
            for args in many:
                yield self.call(name, *args, keep=keep, echo=echo)
            return
        if not (type(found) is list and len(found) == len(many)):
            raise StudentFault(_NOT_PLAIN)
        if not all(type(pair) is tuple and len(pair) == 2 and type(pair[1]) is tuple for pair in found):
            raise StudentFault(_NOT_PLAIN)
        self.together = [(name, args, {}, *pair) for args, pair in zip(many, found, strict=True)]
        for call in self.together:
            self.last_call = call
            yield Outcome(*call[3:], {}, 0, 0.0)

    def classify(self, method: str, W: object, *args: object, loss: Callable | None = None, **kwargs: object) -> tuple:
        """Call LinearClassifier.<method> on an instance with these weights; its `loss` is ours: loss(W, X, y, reg).

        Returns (result, the instance's W afterwards).
        """
        name = f"LinearClassifier.{method}"
        callback = Recorded(loss or _no_loss)
        self.last_call, self.together = (name, (W, callback, *args), kwargs, UNFINISHED, ()), []
        message = ("classify", method, W, Callback(0), args, kwargs, _told([callback]))
        try:
            result = self._request(name, message, [callback], args).result
        except _Raised as fault:
            self._note(name, (W, callback, *args), kwargs, fault)
            raise
        if not (type(result) is tuple and len(result) == 2):
            raise StudentFault(_NOT_PLAIN)
        self.last_call = (name, (W, callback, *args), kwargs, result, ())
        return result

    def load_model(self) -> object:
        """Array W of the student's best_model.npz, or the list of array names when there is no W."""
        self.last_call, self.together = None, []
        if MODEL_FILE not in self._files:
            raise StudentFault("the file is missing. The last part of 5_optimization.ipynb saves it; hand it in "
                               "beside the notebooks.")
        W = self._request(MODEL_FILE, ("read_npz", MODEL_FILE, "W")).result
        self.last_call = (MODEL_FILE, (), {}, W, ())
        return W

    def _request(self, name: str, message: tuple, callbacks: Sequence[Recorded] = (), args: tuple = (),
                 calls: int = 1) -> Outcome:
        """Send a request, which stands for so many calls; with the `args` of a single one, what it raises is explained better."""
        file = EXERCISES[name].file
        if file not in self._files:
            raise StudentFault(f"{file} is missing from what was handed in.")
        left = min(PATIENCE, self._left) - self.seconds
        if left <= 0:
            raise StudentFault(self._impatience())
        worker = self._alive_worker()
        started = time.monotonic()  # only now: starting a worker is ours
        try:
            reply, spent = self._ask(worker, message, callbacks, min(connection.WALL_LIMIT, left), calls)
        except StudentFault:
            if time.monotonic() - started >= left:
                raise StudentFault(self._impatience()) from None
            raise
        finally:
            self.seconds += time.monotonic() - started
        if reply[0] == "ok" and len(reply) == 4 and type(reply[3]) is int:
            after, named_after = reply[2] if _is_echo(reply[2]) else ((), {})
            return Outcome(reply[1], after, named_after, reply[3], spent)
        if reply[0] == "error" and len(reply) == 5 and all(type(part) is str for part in reply):
            raise _Raised(_explain(name, args, *reply[1:]), Raised(*map(_clean, reply[2:4])) if reply[1] == "raised" else None)
        self.close()
        raise StudentFault(_NOT_PLAIN)

    def _note(self, name: str, args: tuple, kwargs: dict, fault: _Raised) -> None:
        """Keep the call that raised for the hints."""
        if fault.raised is not None:
            self.last_call = (name, args, kwargs, fault.raised, ())

    def _ask(self, worker: Worker, message: tuple, callbacks: Sequence[Recorded], wall_limit: float,
             calls: int) -> tuple[tuple, float]:
        """The worker's reply, and the CPU time that it took; at the start of an exercise, with forgetting the one before.

        Where forgetting fails, or is not enough, a fresh worker is asked: what code of another exercise has done costs nothing.
        """
        if self._has_past:
            self._has_past = False
            before = worker.cpu_seconds()
            try:
                reply = worker.request(("renewed", message), callbacks, wall_limit, calls)
                if reply != ("changed",):
                    return reply, worker.cpu_seconds() - before
            except StudentFault:
                if any(callback.asked for callback in callbacks):  # it was past forgetting
                    raise
            self.close()
            worker = self._alive_worker()
        before = worker.cpu_seconds()
        reply = worker.request(message, callbacks, wall_limit, calls)
        return reply, worker.cpu_seconds() - before

    def _alive_worker(self) -> Worker:
        """The worker with this student's files; loading them runs none of their code, so a failure there is ours."""
        if self._worker is None or not self._worker.alive:
            worker = self._zygote.fork()
            try:
                reply = worker.request(("load", self._files))
            except StudentFault as error:
                raise SandboxFault(f"loading the files: the worker {error}") from None
            if reply[0] != "ok":
                worker.close()
                raise SandboxFault(f"loading the files: {reply[1:]}")
            self._worker, self._has_past = worker, False
        return self._worker

    def _impatience(self) -> str:
        together = (f"all calls of this exercise took more than {PATIENCE:g} s together" if self._left >= PATIENCE else
                    f"the calls of all exercises took more than {SUBMISSION_PATIENCE:g} s together")
        return f"{together}. Is there a loop that never ends, or a sleep?"

    def close(self) -> None:
        """End the worker, and with it all state that student code has built up."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None


def _recorded(value: object) -> object:
    return Recorded(value) if callable(value) else value


def _cross(value: object, callbacks: list[Recorded]) -> object:
    if not isinstance(value, Recorded):
        return value
    callbacks.append(value)
    return Callback(len(callbacks) - 1)


def _told(callbacks: Sequence[Recorded]) -> list[tuple[int, list]]:
    return [(number, callback.answers) for number, callback in enumerate(callbacks) if callback.answers]


def _is_echo(value: object) -> bool:
    return (type(value) is tuple and len(value) == 2 and type(value[0]) is tuple and type(value[1]) is dict)


def _no_loss(*args: object) -> object:
    raise StudentFault("called self.loss, which this method does not need.")


_NOT_PLAIN = "sent back something that is not a plain value."


def _explain(name: str, args: tuple, kind: str, type_name: str, text: str, where: str) -> str:
    """A sentence for what the worker says went wrong. All of it may be the student's invention."""
    type_name, text, where = _clean(type_name, 60), _clean(text, 500), _clean(where, 250)
    place = f" ({where})" if where else ""
    if kind == "unwritten":
        return text.removeprefix(f"{name}: ") or "not written yet."
    if kind == "missing":
        return f"{text}. Give it back its name, or start from the kit's file."
    if kind == "unsendable":
        return "returned something too large or too deeply nested to be judged."
    help_ = advice(name, type_name, text, args)
    return f"raised {type_name}{': ' if text else ''}{text.rstrip('.')}{place}.{' ' if help_ else ''}{help_}"


def _clean(text: str, limit: int = 500) -> str:
    """Text on one line, printable and short."""
    line = " ".join(text[:4 * limit].split())
    return "".join(letter if letter.isprintable() else "?" for letter in line[:limit])
