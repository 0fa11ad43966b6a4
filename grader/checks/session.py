"""One submission in the sandbox: its box, renewed for each exercise, and the time that it may hold
this process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from grader.faults import Kind, SandboxFault, StudentFault, WaitedTooLong
from grader.sandbox import connection
from grader.sandbox.connection import Box, Reply, Request
from grader.sandbox.launch import Zygote

EXERCISE_SECONDS = 30.0  # by the clock, for one exercise; honest code takes under one
SYNC_SECONDS = 1.0  # by the clock, for a box to show that it is alive and in sync
# Of the box, for what the checks of an exercise ask for at one time; honest code takes
# milliseconds.
TOGETHER_CPU_SECONDS = 1.0


@dataclass(frozen=True)
class Patience:
    """How long, by the clock, a submission may hold a process.

    seconds : for everything: starting boxes and sandboxes, loading, imports, calls, and the checks
        themselves
    final : whether the end of it is the student's fault. If not, the submission is finished another
        time: it may have slept, but the machine may also have been busy.
    """

    seconds: float
    final: bool


FIRST_PASS = Patience(6.0, final=False)  # a right submission takes a tenth of a second
FULL = Patience(90.0, final=True)


class OutOfPatience(BaseException):
    """The time of the first pass is over, which is nobody's fault. No `except Exception` may take
    it for one.
    """


class Session:
    """Starts a box when it is first needed, and a fresh one after each fault.

    files : what was handed in
    patience : for all exercises together
    """

    def __init__(
        self, zygote: Zygote, files: Mapping[str, bytes], patience: Patience = FULL
    ) -> None:
        self._zygote = zygote
        self.files = dict(files)
        self._patience = patience
        self._box: Box | None = None
        self._has_past = False  # whether the box may remember the exercise before
        self._began = self._exercise_began = time.monotonic()

    @property
    def held(self) -> float:
        """Seconds by the clock since this session began: whatever they were spent on, nobody else
        was graded here.
        """
        return time.monotonic() - self._began

    @property
    def seconds(self) -> float:
        """Seconds by the clock since this exercise began."""
        return time.monotonic() - self._exercise_began

    def next_exercise(self) -> None:
        """Leave behind what code of the last exercise has built up: its modules and objects, or
        else the whole box.
        """
        self._exercise_began = time.monotonic()
        self._has_past = self._box is not None

    def ask_together(self, requests: Sequence[Request]) -> list[Reply]:
        """The replies to requests that cross together, in the time of a quick call.

        Raises StudentFault; which request was at fault, it does not tell.
        """
        return self._ask(requests, cpu_limit=None if requests[0].timed else TOGETHER_CPU_SECONDS)

    def ask(self, request: Request) -> Reply:
        """The reply to a request that crosses alone. Raises StudentFault."""
        return self._ask([request])[0]

    def check_in_sync(self) -> None:
        """Check that the box is alive and in sync; otherwise the next request starts a new one."""
        if self._box is not None and self._box.alive:
            with suppress(StudentFault, SandboxFault):
                self._box.ask([], wall_limit=max(0.0, min(SYNC_SECONDS, self._left())))

    def _ask(self, requests: Sequence[Request], cpu_limit: float | None = None) -> list[Reply]:
        replies = self._round_trip(requests, cpu_limit)
        if not replies:  # the box cannot forget
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
        """Seconds by the clock until patience is over."""
        left = self._patience.seconds - self.held
        return min(left, EXERCISE_SECONDS - self.seconds) if self._patience.final else left

    def _require_time(self) -> None:
        if self._left() > 0:
            return
        if not self._patience.final:
            raise OutOfPatience
        together = (
            f"all calls of this exercise took more than {EXERCISE_SECONDS:g} s together"
            if self.held < self._patience.seconds
            else f"the calls of all exercises took more than {self._patience.seconds:g} s together"
        )
        raise StudentFault(
            f"{together}. Is there a loop that never ends, or a sleep?", Kind.ENDLESS
        )

    def _alive_box(self) -> Box:
        """The box with this student's files; loading them runs none of their code, so a failure
        there is ours.
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
        """End the box, and with it all state that student code has built up."""
        if self._box is not None:
            self._box.close()
            self._box = None
