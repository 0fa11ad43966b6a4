"""One submission in the sandbox: its box, reset for each exercise, and its limits on time."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from grader.faults import Kind, SandboxFault, StudentFault, WaitedTooLong
from grader.sandbox import connection
from grader.sandbox.connection import Box, Reply, Request
from grader.sandbox.launch import Zygote

EXERCISE_SECONDS = 30.0  # wall-clock time of one exercise; honest code takes less than a second
SYNC_SECONDS = 1.0  # wall-clock time in which a box must show that it is alive and in sync
# CPU time of the box for one round trip with requests of several checks; honest code takes
# milliseconds.
ONE_TRIP_CPU_SECONDS = 1.0


@dataclass(frozen=True)
class Patience:
    """The wall-clock time that a submission may take in a grading process.

    seconds : the limit on everything: starting sandboxes and boxes, loading files, imports, calls,
        and the checks themselves
    final : whether exceeding the limit is the student's fault. If not, the submission is finished
        in a later pass: its code may have slept, but the machine may also have been busy.
    """

    seconds: float
    final: bool


FIRST_PASS = Patience(6.0, final=False)  # a right submission takes a tenth of a second
FULL = Patience(90.0, final=True)


class OutOfPatience(BaseException):
    """The time of the first pass is over, which is nobody's fault.

    It is no Exception, so that no `except Exception` of a check can stop it.
    """


class Session:
    """The box of one submission, which is started when it is needed, and again after each fault.

    files : what was handed in
    patience : the limit on the time of all exercises together
    """

    def __init__(
        self, zygote: Zygote, files: Mapping[str, bytes], patience: Patience = FULL
    ) -> None:
        self._zygote = zygote
        self.files = dict(files)
        self._patience = patience
        self._box: Box | None = None
        self._has_past = False  # whether the box may still hold state of the exercise before
        self._began = self._exercise_began = time.monotonic()

    @property
    def held(self) -> float:
        """Wall-clock seconds since this session began.

        All of them count, because this process has graded nobody else in that time.
        """
        return time.monotonic() - self._began

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since this exercise began."""
        return time.monotonic() - self._exercise_began

    def next_exercise(self) -> None:
        """Begin an exercise: before the next request, the state of the last exercise is removed.

        The box resets its modules and objects; if it cannot, it is replaced by a new one.
        """
        self._exercise_began = time.monotonic()
        self._has_past = self._box is not None

    def ask_in_one_trip(self, requests: Sequence[Request]) -> list[Reply]:
        """The replies to requests that are sent in one round trip, with a short limit on CPU time.

        Raises StudentFault, which does not say which of the requests was at fault.
        """
        return self._ask(requests, cpu_limit=None if requests[0].timed else ONE_TRIP_CPU_SECONDS)

    def ask(self, request: Request) -> Reply:
        """The reply to a single request. Raises StudentFault."""
        return self._ask([request])[0]

    def check_in_sync(self) -> None:
        """Check that the box is alive and in sync; otherwise the next request starts a new one."""
        if self._box is not None and self._box.alive:
            with suppress(StudentFault, SandboxFault):
                self._box.ask([], wall_limit=max(0.0, min(SYNC_SECONDS, self._left())))

    def _ask(self, requests: Sequence[Request], cpu_limit: float | None = None) -> list[Reply]:
        replies = self._round_trip(requests, cpu_limit)
        if not replies:  # the box could not be reset
            self.close()
            replies = self._round_trip(requests, cpu_limit)
        return replies

    def _round_trip(self, requests: Sequence[Request], cpu_limit: float | None) -> list[Reply]:
        self._require_time()
        box = self._alive_box()
        reset, self._has_past = self._has_past, False
        try:
            return box.ask(
                requests, reset, min(connection.WALL_LIMIT, max(0.0, self._left())), cpu_limit
            )
        except WaitedTooLong:
            self._require_time()
            raise

    def _left(self) -> float:
        """Wall-clock seconds until patience is over."""
        left = self._patience.seconds - self.held
        return min(left, EXERCISE_SECONDS - self.seconds) if self._patience.final else left

    def _require_time(self) -> None:
        if self._left() > 0:
            return
        if not self._patience.final:
            raise OutOfPatience
        too_long = (
            f"all calls of this exercise took more than {EXERCISE_SECONDS:g} s together"
            if self.held < self._patience.seconds
            else f"the calls of all exercises took more than {self._patience.seconds:g} s together"
        )
        raise StudentFault(
            f"{too_long}. Is there a loop that never ends, or a sleep?", Kind.ENDLESS
        )

    def _alive_box(self) -> Box:
        """A box that is alive and holds this student's files.

        Loading the files runs none of their code, so a failure there is the grader's fault.
        """
        if self._box is None or not self._box.alive:
            box = self._zygote.fork()
            try:
                (reply,) = box.ask([Request(("load", self.files))])
            except StudentFault as error:
                raise SandboxFault(f"loading the files: the box {error}") from None
            if reply.value[0] != "ok":
                box.close()
                raise SandboxFault(f"loading the files: {reply.value[1:]}")
            self._box, self._has_past = box, False
        return self._box

    def close(self) -> None:
        """End the box, and with it all state that student code has left there."""
        if self._box is not None:
            self._box.close()
            self._box = None
