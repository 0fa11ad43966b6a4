"""The grader's end of one worker: requests, callbacks, one total deadline, and how the worker ended."""

from __future__ import annotations

import os
import secrets
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.sandbox import wire
from grader.sandbox.faults import SandboxFault, StudentFault, WorkerKilled

CPU_LIMIT = 3.0  # seconds of the worker's own CPU for one call; honest calls take milliseconds
WALL_LIMIT = 20.0  # seconds for one crossing, for code that sleeps or for a machine under load
MAX_CALLBACKS = 100_000  # in one crossing
_TICK = 0.1  # seconds between two looks at the worker's CPU time
_LAST_BREATH = 2.0  # seconds between the end of a worker's socket and its own

_ENDINGS: dict[int, str] = {
    signal.SIGSEGV: "crashed the Python process (SIGSEGV). Recursion without an end, or ctypes, can do that.",
    signal.SIGABRT: "crashed the Python process (SIGABRT). Memory that is damaged, or os.abort(), can do that.",
    signal.SIGKILL: "ended the Python process (SIGKILL). The kernel does that when memory runs out.",
}


@dataclass(frozen=True)
class Request:
    """What the worker is asked for.

    message : as worker.py lists them
    callbacks : what functions among the arguments stand for, by their number
    calls : of student code that it stands for; alone, it has the time of so many
    seed : of the global generators of random numbers
    timed : crosses alone, so that the time of the reply is its own
    """

    message: tuple
    callbacks: Sequence[Callable] = ()
    calls: int = 1
    seed: int = 0
    timed: bool = False


@dataclass(frozen=True)
class Reply:
    """What came back.

    value : ("ok", result, echo, events) or ("error", kind, type name, text, where)
    asked : what was asked of callbacks whose answers were told, and of nobody yet: for `listen`
    cpu_seconds : of all that crossed together
    """

    value: tuple
    asked: Sequence[object]
    cpu_seconds: float


class Worker:
    """A connection to one locked process with one student's files; ends with `close`.

    reap : kills the process if need be, removes its files and returns its wait status; None when the whole sandbox is gone
    check : raises StudentFault when the worker has taken what the kernel does not bound; asked again and again during a call
    """

    def __init__(self, connection: socket.socket, pidfd: int, reap: Callable[[], int | None],
                 check: Callable[[], None] | None = None) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._pidfd = pidfd
        self._reap = reap
        self.check = check
        self._clock = (~pid_of(pidfd) << 3) | 2  # as clock_getcpuclockid(3) makes it
        self._readable, self._writable, self._ended = select.poll(), select.poll(), select.poll()
        self._readable.register(connection, select.POLLIN)
        self._writable.register(connection, select.POLLOUT)
        self._ended.register(pidfd, select.POLLIN)
        self.alive = True

    def cpu_seconds(self) -> float:
        """CPU time that the kernel accounts to the worker; nothing the worker says enters into it."""
        try:
            return time.clock_gettime(self._clock)
        except OSError:  # no such process, though nobody has reaped it: its sandbox is gone
            self.close()
            raise SandboxFault("the sandbox ended") from None

    def ask(self, requests: Sequence[Request], anew: bool = False, wall_limit: float | None = None) -> list[Reply]:
        """Have the requests answered in order, in one crossing, and evaluate the callbacks that are asked for on the way.

        anew : forget first what student code has built up; where that is not enough, nothing is answered: []

        Requests that cross together have the time of one call. Raises StudentFault when the worker dies, runs out of time
        or breaks the protocol, whichever request that was at; it is then closed.
        An exception of a callback passes through: callbacks are checks, and may fail.
        """
        sequence = secrets.randbits(64)  # a reply written ahead of its request cannot know it
        try:
            before = self.cpu_seconds()
            deadline = _Deadline(self, CPU_LIMIT * (requests[0].calls if len(requests) == 1 else 1),
                                 WALL_LIMIT if wall_limit is None else wall_limit)
            self._send(wire.frame(sequence, (anew, [(one.seed, one.message) for one in requests])), deadline)
            for _ in range(MAX_CALLBACKS):
                received = self._receive(sequence, deadline)
                if type(received) is list:
                    return self._replies(received, requests, anew, before)
                function, arguments = _question(received, requests)
                self._send(wire.frame(sequence, ("value", function(*arguments))), deadline)
            raise StudentFault(f"called the function it was given more than {MAX_CALLBACKS} times. "
                               "Is there a loop that never ends?")
        except BaseException:
            self.close()
            raise

    def _replies(self, received: list, requests: Sequence[Request], anew: bool, before: float) -> list[Reply]:
        if not (len(received) == len(requests) or (anew and not received)) or not all(map(_is_reply, received)):
            raise StudentFault(_NO_KNOWN_FORM)
        spent = self.cpu_seconds() - before
        return [Reply(value, asked, spent) for asked, value in received]

    def _send(self, frame: bytes, deadline: _Deadline) -> None:
        rest = memoryview(frame)
        while rest:
            try:
                rest = rest[self._socket.send(rest):]
            except BlockingIOError:
                deadline.wait(self._writable)
            except OSError:
                raise self._ending() from None

    def _receive(self, sequence: int, deadline: _Deadline) -> object:
        def read(count: int) -> bytes:
            deadline.wait(self._readable)
            try:
                piece = self._socket.recv(count)
            except OSError:
                piece = b""
            if not piece:
                raise self._ending()
            return piece

        try:
            echoed, received = wire.read_frame(read)
            if echoed != sequence:
                raise wire.WireError("a reply to no request")
        except wire.WireError as error:
            raise StudentFault(f"sent back something that is not a plain value ({error}).") from None
        return received

    def _ending(self) -> Exception:
        """Close, and say what ended the connection."""
        by_itself = bool(self._ended.poll(_LAST_BREATH * 1000))  # the socket goes a moment before the process
        status = self.close()
        if status is None:
            return SandboxFault("the sandbox ended")
        if not by_itself:
            return StudentFault("closed its connection to the grader.")
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            kind = WorkerKilled if number == signal.SIGKILL else StudentFault
            return kind(_ENDINGS.get(number) or f"ended the Python process (signal {number}).")
        return StudentFault(f"ended the Python process (exit status {os.waitstatus_to_exitcode(status)}). "
                            "A graded function returns its result; it must not call exit().")

    def close(self) -> int | None:
        """Kill the worker if need be, remove its files, and return its wait status; safe to call twice."""
        if not self.alive:
            return None
        self.alive = False
        self._socket.close()
        try:
            return self._reap()
        finally:
            os.close(self._pidfd)


class _Deadline:
    """One total bound for a call: on the worker's CPU time, and a wider one on wall time."""

    def __init__(self, worker: Worker, cpu_limit: float, wall_limit: float) -> None:
        self._worker = worker
        self._cpu_limit, self._wall_limit = cpu_limit, wall_limit
        self._cpu_end = worker.cpu_seconds() + cpu_limit
        self._wall_end = time.monotonic() + wall_limit

    def wait(self, ready: select.poll) -> None:
        """Return when the socket is ready (or closed); raise StudentFault when the time is over."""
        while True:
            left = self._wall_end - time.monotonic()
            if left <= 0:
                raise StudentFault(f"did not return within {self._wall_limit:g} s. Is there a loop that never ends, "
                                   "or a sleep?")
            if self._worker.cpu_seconds() > self._cpu_end:
                raise StudentFault(f"did not return within {self._cpu_limit:g} s of computing. "
                                   "Is there a loop that never ends?")
            is_ready = ready.poll(min(left, _TICK) * 1000)
            if self._worker.check is not None:
                self._worker.check()  # after the wait, so that what a short call leaves behind counts for that call
            if is_ready:
                return


def listen(asked: Sequence[object], callbacks: Sequence[Callable]) -> None:
    """Have the callbacks judge what the worker has asked of them where it knew the answers."""
    for each in asked:
        function, arguments = _asked(each, callbacks)
        function(*arguments)


def _question(received: object, requests: Sequence[Request]) -> tuple[Callable, tuple]:
    """The callback that is asked now, and the arguments; what was asked before it is judged before it."""
    if not (type(received) is tuple and len(received) == 4 and received[0] == "callback" and type(received[1]) is int
            and 0 <= received[1] < len(requests) and type(received[3]) is list):
        raise StudentFault(_NO_KNOWN_FORM)
    _, number, question, asked = received
    callbacks = requests[number].callbacks
    listen(asked, callbacks)
    return _asked(question, callbacks)


def _asked(asked: object, callbacks: Sequence[Callable]) -> tuple[Callable, tuple]:
    """The function that (number, arguments) asks for, and the arguments."""
    if type(asked) is tuple and len(asked) == 2:
        number, arguments = asked
        if type(number) is int and 0 <= number < len(callbacks) and type(arguments) is tuple:
            return callbacks[number], arguments
    raise StudentFault(_NO_KNOWN_FORM)


def _is_reply(received: object) -> bool:
    if not (type(received) is tuple and len(received) == 2 and type(received[0]) is list and type(received[1]) is tuple):
        return False
    kind, *parts = received[1] or ("",)
    if kind == "ok":
        return len(parts) == 3 and type(parts[2]) is int
    return kind == "error" and len(parts) == 4 and all(type(part) is str for part in parts)


_NO_KNOWN_FORM = "sent back something that is not a plain value (a reply of no known form)."


def pid_of(pidfd: int) -> int:
    """The pid, in our namespace, of the process behind a pidfd."""
    with open(f"/proc/self/fdinfo/{pidfd}") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pid:"))
