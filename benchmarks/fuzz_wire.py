"""Hostile traffic from box to grader: whatever bytes arrive, the grader has a value or a
verdict, in bounded time and memory.

Frames are valid ones that were damaged: bits flipped, pieces cut, doubled, exchanged between
frames, lengths and counts that lie, nests too deep, shapes too large, tags at random. They meet
three layers of the grader:

    decoder   wire.read_frame alone; it may give a value or raise WireError
    student   a whole call, `student.svm_loss_naive(...)`, over a socket, with callbacks: a value or
              a StudentFault
    largest   the decoder again, with frames as large as the caps let through, in each type that can
              be large

Anything else is a crash, and a frame that takes longer than ten seconds hangs. Same seed, same
frames.

    python -m benchmarks.fuzz_wire [--count 1000000] [--calls 20000] [--seed 0]

Exit status 1 after a crash or a hang.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import cast
from unittest import mock

import numpy as np

from benchmarks.hostile_frames import SEQUENCE, damaged, largest_frames, valid_bodies
from grader.checks.session import Session
from grader.checks.student import Student
from grader.faults import StudentFault
from grader.sandbox import connection
from grader.sandbox.connection import Box
from grader.sandbox.inside import wire
from grader.sandbox.launch import Zygote

HANG = 10  # seconds; the largest body takes under one
FILES = {"cs231n_utils/linear_svm.py": b""}


class Hang(BaseException):
    """No `except Exception` on the way may take it for something else."""


@dataclass
class Tally:
    """What became of the frames of one layer."""

    name: str
    tried: int = 0
    decoded: int = 0
    refused: int = 0
    cut: int = 0  # the frame ends before the length it announces, as on a closed socket
    hung: int = 0
    crashes: list[str] = field(default_factory=list)
    longest: float = 0.0  # seconds

    def count(self, attempt: Callable[[], object], *refusals: type[BaseException]) -> None:
        """Try one frame; `refusals` are what it may raise."""
        self.tried += 1
        start = time.perf_counter()
        try:
            with _time_limit():
                attempt()
            self.decoded += 1
        except EOFError:
            self.cut += 1
        except Hang:
            self.hung += 1
        except refusals:
            self.refused += 1
        except BaseException as error:
            self.crashes.append(f"{type(error).__name__}: {error}")
        self.longest = max(self.longest, time.perf_counter() - start)

    def show(self) -> None:
        print(
            f"{self.name:9}{self.tried:10,}{self.decoded:10,}{self.refused:10,}{self.cut:10,}{len(self.crashes):9,}{self.hung:7,}"
            f"{1000 * self.longest:13.1f}{_peak():9.0f}",
            flush=True,
        )
        for text in sorted(set(self.crashes))[:20]:
            print(f"          crash: {text[:200]}")


@contextmanager
def _time_limit() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _end(number: int, at: FrameType | None) -> None:
    raise Hang


def _peak() -> float:
    """MB that this process had at most, ever."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- layers ---------------------------------------------------------------------------------------


def decode(pieces: Iterable[bytes]) -> object:
    """What the decoder makes of a frame that arrives like this, before the socket is closed."""
    coming, rest = iter(pieces), b""

    def read(count: int) -> bytes:
        nonlocal rest
        rest = rest or next(coming, b"")
        if not rest:
            raise EOFError
        taken, rest = rest[:count], rest[count:]
        return taken

    return wire.read_frame(read)


class HostileZygote:
    """Gives boxes that load the files as they should, and then answer with damaged frames."""

    def __init__(self, rng: random.Random, bodies: list[bytes]) -> None:
        self._rng, self._bodies = rng, bodies
        # A process for the grader to look after.
        self._process = subprocess.Popen(["sleep", "infinity"])
        self._theirs: socket.socket | None = None

    def fork(self) -> Box:
        ours, self._theirs = socket.socketpair()
        self._theirs.sendall(wire.frame(SEQUENCE, [([], ("ok", None, None, 0))]))
        return Box(ours, os.pidfd_open(self._process.pid), self._reap)

    def _reap(self) -> int:
        return signal.SIGKILL

    def answer(self) -> None:
        """Send a damaged frame; hang up behind it, as the end of a box does, when it may be
        incomplete.
        """
        assert self._theirs is not None
        self._theirs.setblocking(False)
        frame = damaged(self._rng, self._bodies)
        self._theirs.send(frame)
        length, _ = wire.HEADER.unpack_from(frame)
        if length > len(frame) - wire.HEADER.size:
            self._theirs.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def call(session: Session, zygote: HostileZygote) -> None:
    """One call; whatever the box asks the callback for, the next frame is damaged as well."""

    def loss(*arguments: object) -> float:
        zygote.answer()
        return 1.0

    session._alive_box()
    zygote.answer()
    try:
        Student(FILES, session.ask).call("svm_loss_naive", np.zeros((5, 3)), loss)
    finally:
        session.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Hostile frames against the grader's side of the wire."
    )
    parser.add_argument(
        "--count",
        type=int,
        default=1_000_000,
        metavar="N",
        help="frames for the decoder (default: %(default)s)",
    )
    parser.add_argument(
        "--calls",
        type=int,
        default=20_000,
        metavar="N",
        help="calls through a socket (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="(default: %(default)s)")
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, _end)
    rng, bodies = random.Random(options.seed), valid_bodies()
    print(f"peak memory before: {_peak():.0f} MB")
    print(
        f"{'layer':9}{'tried':>10}{'decoded':>10}{'refused':>10}{'cut off':>10}{'crashes':>9}"
        f"{'hangs':>7}{'longest ms':>13}{'peak MB':>9}"
    )

    decoder = Tally("decoder")
    for _ in range(options.count):
        frame, size = damaged(rng, bodies), rng.choice((1, 13, 1 << 16))
        pieces = [frame[start : start + size] for start in range(0, len(frame), size)]
        decoder.count(partial(decode, pieces), wire.WireError)
    decoder.show()

    student = Tally("student")
    zygote = HostileZygote(rng, bodies)
    with (
        mock.patch("secrets.randbits", return_value=SEQUENCE),
        mock.patch.object(connection, "_LAST_BREATH", 0.0),
    ):  # the process stays, so nothing is worth waiting for
        for _ in range(options.calls):
            student.count(partial(call, Session(cast(Zygote, zygote), FILES), zygote), StudentFault)
    zygote.close()
    student.show()

    largest = Tally("largest")
    for parts in largest_frames():
        largest.count(partial(decode, parts), wire.WireError)
    largest.show()
    if any(tally.crashes or tally.hung for tally in (decoder, student, largest)):
        sys.exit(1)


if __name__ == "__main__":
    main()
