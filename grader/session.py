"""One submission in the sandbox: its worker, renewed for each exercise, and the time that its code may take."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from grader.sandbox import connection
from grader.sandbox.connection import Reply, Request, Worker
from grader.sandbox.faults import SandboxFault, StudentFault
from grader.sandbox.launch import Zygote

PATIENCE = 90.0  # seconds for all calls of one exercise together; honest code takes under one
SUBMISSION_PATIENCE = 300.0  # seconds for all exercises of a submission


class Session:
    """Starts a worker when it is first needed, and a fresh one after each fault.

    files : what was handed in
    seconds : that the calls of this exercise have taken
    """

    def __init__(self, zygote: Zygote, files: Mapping[str, bytes]) -> None:
        self._zygote = zygote
        self.files = dict(files)
        self._worker: Worker | None = None
        self._has_past = False  # whether the worker may remember the exercise before
        self._left = SUBMISSION_PATIENCE  # when this exercise began
        self.seconds = 0.0

    def next_exercise(self) -> None:
        """Leave behind what code of the last exercise has built up: its modules and objects, or else the whole worker."""
        self._left -= self.seconds
        self.seconds = 0.0
        self._has_past = self._worker is not None

    def ask(self, requests: Sequence[Request]) -> list[Reply]:
        """The replies to requests that cross together. Raises StudentFault; which request was at fault, it does not tell."""
        replies = self._ask(requests)
        if not replies:  # the worker cannot forget
            self.close()
            replies = self._ask(requests)
        return replies

    def ask_one(self, request: Request) -> Reply:
        """The reply to a request that crosses alone."""
        return self.ask([request])[0]

    def settle(self) -> None:
        """Find out whether the worker still answers, and only what it is asked: if not, the next request has a fresh one."""
        before = self.seconds
        if self._worker is not None and self._worker.alive:
            with suppress(StudentFault, SandboxFault):
                self._ask([])
                self.seconds = before  # it was no call of the student's code

    def _ask(self, requests: Sequence[Request]) -> list[Reply]:
        left = min(PATIENCE, self._left) - self.seconds
        if left <= 0:
            raise StudentFault(self._impatience())
        worker = self._alive_worker()
        anew, self._has_past = self._has_past, False
        started = time.monotonic()  # only now: starting a worker is ours
        try:
            return worker.ask(requests, anew, min(connection.WALL_LIMIT, left))
        except StudentFault:
            if time.monotonic() - started >= left:
                raise StudentFault(self._impatience()) from None
            raise
        finally:
            self.seconds += time.monotonic() - started

    def _alive_worker(self) -> Worker:
        """The worker with this student's files; loading them runs none of their code, so a failure there is ours."""
        if self._worker is None or not self._worker.alive:
            worker = self._zygote.fork()
            try:
                reply, = worker.ask([Request(("load", self.files))])
            except StudentFault as error:
                raise SandboxFault(f"loading the files: the worker {error}") from None
            if reply.value[0] != "ok":
                worker.close()
                raise SandboxFault(f"loading the files: {reply.value[1:]}")
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
