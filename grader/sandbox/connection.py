"""The grader's end of one box: requests, callbacks, one total deadline, and how the box
ended.
"""

from __future__ import annotations

import os
import secrets
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeGuard

from cs231n_utils.imports.libraries import CPU_SECONDS, WALL_SECONDS
from grader.faults import (
    BoxKilled,
    ComputedTooLong,
    Kind,
    SandboxFault,
    StudentFault,
    WaitedTooLong,
    reading_a_reply,
)
from grader.sandbox.inside import to_box, wire

CPU_LIMIT = CPU_SECONDS  # of the box's own CPU for one call; honest calls take milliseconds
# Seconds by the clock for one round trip. This limit ends code that sleeps or waits; CPU_LIMIT ends
# code that computes.
WALL_LIMIT = WALL_SECONDS
MAX_CALLBACKS = 100_000  # in one round trip
_TICK = 0.1  # seconds between two looks at the box's CPU time
_LAST_BREATH = 2.0  # seconds that a box may take to end after its socket has closed

_ENDINGS: dict[int, str] = {
    signal.SIGSEGV: (
        "crashed the Python process (SIGSEGV). Recursion without an end, or ctypes, can do that."
    ),
    signal.SIGABRT: (
        "crashed the Python process (SIGABRT). Memory that is damaged, or os.abort(), can do that."
    ),
    signal.SIGKILL: (
        "ended the Python process (SIGKILL). The kernel does that when memory runs out."
    ),
}


class Request(NamedTuple):
    """A request to the box.

    message : one of the tuples that worker.py lists
    callbacks : the functions among the arguments, by the number under which they are sent
    calls : how many calls of student code the request stands for; a request that is sent alone has
        the time of so many
    seed : for the global generators of random numbers
    timed : whether it is sent alone, so that the CPU time of the reply is that of this request
    cpu_limit : seconds of computing; by default CPU_LIMIT for each of the calls
    """

    message: tuple[Any, ...]
    callbacks: Sequence[Callable[..., Any]] = ()
    calls: int = 1
    seed: int = 0
    timed: bool = False
    cpu_limit: float | None = None


class Reply(NamedTuple):
    """The answer to a request.

    value : ("ok", result, echo, events) or ("error", kind, type name, builtin bases, text, where)
    scripted_calls : calls that the box answered from a script and the check has not seen yet; pass
        them to `replay_to_check`
    cpu_seconds : CPU time of the box for all requests of the same round trip
    """

    value: tuple[Any, ...]
    scripted_calls: Sequence[object]
    cpu_seconds: float


class Box:
    """A connection to one locked process with one student's files; ends with `close`.

    reap : kills the process if need be, removes its files and returns its wait status, or None if
        the whole sandbox is gone
    check : called again and again during a request; raises StudentFault when the box has used too
        much of something that the kernel does not bound
    """

    def __init__(
        self,
        connection: socket.socket,
        pidfd: int,
        reap: Callable[[], int | None],
        check: Callable[[], None] | None = None,
    ) -> None:
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
        """The CPU time of the box in seconds, as the kernel counts it, whatever the box says."""
        try:
            return time.clock_gettime(self._clock)
        except OSError:  # no such process, though nobody has reaped it: its sandbox is gone
            self.close()
            raise SandboxFault("the sandbox ended") from None

    def ask(
        self,
        requests: Sequence[Request],
        reset: bool = False,
        wall_limit: float | None = None,
        cpu_limit: float | None = None,
    ) -> list[Reply]:
        """Have the requests answered in order, in one round trip, and evaluate callbacks meanwhile.

        reset : whether the box first forgets what student code has built up; a box that cannot
            forget answers nothing, and the result is []
        wall_limit : seconds by the clock for the round trip; by default WALL_LIMIT
        cpu_limit : seconds of computing for the round trip; by default what a single request
            allows, or CPU_LIMIT for several

        All requests of one round trip have the time of one call. Raises StudentFault when the box
        dies, runs out of time or breaks the protocol, at whichever request; the box is then closed.
        An exception of a callback is passed on, because callbacks are parts of checks.
        """
        sequence = secrets.randbits(64)  # a reply written ahead of its request cannot know it
        try:
            if cpu_limit is None:
                alone = requests[0] if len(requests) == 1 else None
                cpu_limit = (alone.cpu_limit or CPU_LIMIT * alone.calls) if alone else CPU_LIMIT
            deadline = _Deadline(self, cpu_limit, WALL_LIMIT if wall_limit is None else wall_limit)
            self._send(
                to_box.frame(sequence, (reset, [(one.seed, one.message) for one in requests])),
                deadline,
            )
            for _ in range(MAX_CALLBACKS):
                received = self._receive(sequence, deadline)
                if type(received) is list:
                    return self._replies(received, requests, reset, deadline)
                with reading_a_reply():
                    answer = to_box.frame(sequence, ("value", _answer(received, requests)))
                self._send(answer, deadline)
            raise StudentFault(
                f"called the function it was given more than {MAX_CALLBACKS} times. "
                "Is there a loop that never ends?",
                Kind.ENDLESS,
            )
        except BaseException:
            self.close()
            raise

    def _replies(
        self, received: list[Any], requests: Sequence[Request], reset: bool, deadline: _Deadline
    ) -> list[Reply]:
        if not (len(received) == len(requests) or (reset and not received)) or not all(
            map(_is_reply, received)
        ):
            raise StudentFault(_NO_KNOWN_FORM)
        spent = self.cpu_seconds() - deadline.cpu_began
        return [Reply(value, calls, spent) for calls, value in received]

    def _send(self, frame: bytes, deadline: _Deadline) -> None:
        rest = memoryview(frame)
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
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
            raise StudentFault(
                f"sent back something that is not a plain value ({error})."
            ) from None
        return received

    def _ending(self) -> Exception:
        """Close the box, and return the exception that says what ended the connection."""
        # The socket closes a moment before the process ends.
        by_itself = bool(self._ended.poll(_LAST_BREATH * 1000))
        status = self.close()
        if status is None:
            return SandboxFault("the sandbox ended")
        if not by_itself:
            return StudentFault("closed its connection to the grader.", Kind.ENDED)
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            fault = BoxKilled if number == signal.SIGKILL else StudentFault
            ending = _ENDINGS.get(number) or f"ended the Python process (signal {number})."
            return fault(ending, Kind.ENDED)
        return StudentFault(
            f"ended the Python process (exit status {os.waitstatus_to_exitcode(status)}). "
            "A graded function returns its result; it must not call exit().",
            Kind.ENDED,
        )

    def close(self) -> int | None:
        """Kill the process if need be, remove its files, and return its wait status. A second call
        does nothing and returns None.
        """
        if not self.alive:
            return None
        self.alive = False
        self._socket.close()
        try:
            return self._reap()
        finally:
            os.close(self._pidfd)


class _Deadline:
    """The limits of one round trip: on the box's CPU time, and a wider one on wall time.

    cpu_began : the box's CPU time when the round trip began, in seconds
    """

    def __init__(self, box: Box, cpu_limit: float, wall_limit: float) -> None:
        self._box = box
        self._cpu_limit, self._wall_limit = cpu_limit, wall_limit
        self.cpu_began = box.cpu_seconds()
        self._cpu_end = self.cpu_began + cpu_limit
        self._wall_end = time.monotonic() + wall_limit

    def wait(self, ready: select.poll) -> None:
        """Return when the socket is ready, or closed. Raises StudentFault when the time is over."""
        while True:
            left = self._wall_end - time.monotonic()
            if left <= 0:
                raise WaitedTooLong(
                    f"did not return within {self._wall_limit:g} s. Is there a loop that never"
                    " ends, or a sleep? It may stand outside of functions, too, and then holds up"
                    " the import of its file."
                )
            if self._box.cpu_seconds() > self._cpu_end:
                raise ComputedTooLong(
                    f"did not return within {self._cpu_limit:g} s of computing. Is there a loop"
                    " that never ends? It may stand outside of functions, too, and then holds up"
                    " the import of its file."
                )
            is_ready = ready.poll(min(left, _TICK) * 1000)
            if self._box.check is not None:
                # This comes after the wait, so that what a short call leaves is charged to it.
                self._box.check()
            if is_ready:
                return


def replay_to_check(
    scripted_calls: Sequence[object], callbacks: Sequence[Callable[..., Any]]
) -> None:
    """Make the calls that the box has answered from scripts, so that the check sees them, too."""
    if not scripted_calls:
        return
    with reading_a_reply():
        for each in scripted_calls:
            function, arguments = _call_of(each, callbacks)
            function(*arguments)


def _answer(received: object, requests: Sequence[Request]) -> object:
    """The result of the callback that student code waits for. Calls before it that were answered
    from scripts are replayed first.
    """
    if not (
        _has_form(received, str, int, tuple, list)
        and received[0] == "callback"
        and 0 <= received[1] < len(requests)
    ):
        raise StudentFault(_NO_KNOWN_FORM)
    _, number, call, scripted_calls = received
    callbacks = requests[number].callbacks
    replay_to_check(scripted_calls, callbacks)
    function, arguments = _call_of(call, callbacks)
    return function(*arguments)


def _call_of(
    call: object, callbacks: Sequence[Callable[..., Any]]
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The function that the number in (number, arguments) stands for, and the arguments."""
    # _has_form(call, int, tuple) says the same, but is too slow for hundreds of calls a submission.
    if not (
        type(call) is tuple
        and len(call) == 2
        and type(call[0]) is int
        and type(call[1]) is tuple
        and 0 <= call[0] < len(callbacks)
    ):
        raise StudentFault(_NO_KNOWN_FORM)
    return callbacks[call[0]], call[1]


def _is_reply(received: Any) -> bool:
    # As in _call_of, _has_form would be too slow for most replies.
    if not (
        type(received) is tuple
        and len(received) == 2
        and type(received[0]) is list
        and type(received[1]) is tuple
    ):
        return False
    value = received[1]
    if len(value) == 4:
        return type(value[0]) is str and value[0] == "ok" and type(value[3]) is int
    return (
        _has_form(value, str, str, str, tuple, str, str)
        and value[0] == "error"
        and all(type(name) is str for name in value[3])
    )


def _has_form(value: Any, *types: type) -> TypeGuard[tuple[Any, ...]]:
    """Whether a value is a tuple of items of exactly these types; `object` stands for any type.

    Student code may have put anything in any place. So types are checked before values are
    compared: a comparison with an array gives an array, which is neither true nor false.
    """
    return (
        type(value) is tuple
        and len(value) == len(types)
        and all(
            kind is object or type(item) is kind for item, kind in zip(value, types, strict=True)
        )
    )


_NO_KNOWN_FORM = "sent back something that is not a plain value (a reply of no known form)."


def pid_of(pidfd: int) -> int:
    """The pid, in our own namespace, of the process that a pidfd refers to."""
    with open(f"/proc/self/fdinfo/{pidfd}") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pid:"))
