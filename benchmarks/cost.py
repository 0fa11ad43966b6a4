"""How much CPU time separates loops from whole arrays, and tried-out gradients from derived ones.

Every solution is graded in the sandbox as the only one of its class. Of the timed calls of its
checks, the table has

    vectorized    the CPU time of the fastest call with the most examples, in rounds of a Python
                  loop for each example
    analytic      the CPU time of the slowest call, in thousands of rounds of a Python loop (of each
                  check only what was tried)

as the median of some rounds, with the smallest and the largest; and what the solution loses.

    python -m benchmarks.cost [--rounds 3] [--busy 0] [--only TEXT]
"""

from __future__ import annotations

import argparse
import inspect
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from unittest import mock

from benchmarks.measuring import with_one_blas_thread
from grader.checks.student import Student
from grader.grading.pool import grade_batch
from grader.intake.submission import Submission
from grader.report import Verdict
from grader.topics import cost, linear_losses
from tests.support import costly_solutions as costly
from tests.support import right_solutions

JUDGED = [f"{loss}_loss_{way}" for loss in ("svm", "softmax") for way in ("naive", "vectorized")]
JUDGED += ["batchnorm_backward", "stochastic_depth_backward"]


class Measured:
    """CPU seconds of the timed calls in one grading, and of what they are compared with."""

    def __init__(self) -> None:
        self.per_example: dict[int, list[float]] = {}  # by the number of examples
        self.many_inputs: list[float] = []
        self.round: list[float] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        call, seconds_per_round = Student.call, cost.seconds_per_round

        def and_note(student, *args, **options):
            outcome = call(student, *args, **options)
            if options.get("timed"):
                if options.get("count"):
                    n = len(args[2])
                    self.per_example.setdefault(n, []).append(outcome.cpu_seconds / n)
                else:
                    self.many_inputs.append(outcome.cpu_seconds)
            return outcome

        def and_note_round():
            self.round.append(seconds_per_round())
            return self.round[-1]

        with ExitStack() as stack:
            stack.enter_context(mock.patch.object(Student, "call", and_note))
            for module in (cost, linear_losses):
                stack.enter_context(mock.patch.object(module, "seconds_per_round", and_note_round))
            yield

    def ratio(self) -> float | None:
        if not self.per_example:
            return None
        return min(self.per_example[max(self.per_example)]) / min(self.round)

    def rounds(self) -> float | None:
        if not self.many_inputs or not self.round:
            return None
        return max(self.many_inputs) / statistics.median(self.round) / 1000


def solutions() -> Iterator[tuple[str, str, Submission]]:
    """(name, exercise, submission) of right solutions, loops and gradients that are tried out."""
    for exercise in JUDGED:
        yield f"right: the reference, {exercise}", exercise, costly.handed_in("ann", exercise, "")
    for exercise, function in right_solutions.RIGHT:
        if (
            exercise in JUDGED
            and inspect.isfunction(function)
            and function.__qualname__ == function.__name__
        ):
            source = inspect.getsource(function).split("\n", 1)[1]  # without the decorator
            yield (
                f"right: {function.__name__}",
                exercise,
                costly.handed_in(
                    "ann", exercise, f"import math\n\n{source}\n{exercise} = {function.__name__}\n"
                ),
            )
    for loss in ("svm", "softmax"):
        for hiding in costly.HIDINGS:
            for traced in (True, False):
                yield (
                    f"loop: {loss}, {hiding}, {'traced' if traced else 'not traced'}",
                    f"{loss}_loss_vectorized",
                    costly.handed_in(
                        "ann", f"{loss}_loss_vectorized", costly.hidden_loop(loss, hiding, traced)
                    ),
                )
    for name, (exercise, source) in costly.TRIED_OUT.items():
        yield f"tried out: {name}", exercise, costly.handed_in("ann", exercise, source)


def measure(exercise: str, submission: Submission) -> tuple[Measured, str]:
    """The times, and the checks that are lost."""
    measured = Measured()
    with measured.listening():
        (report,) = grade_batch([submission], "the same for all", [exercise])
    lost = [check for check in report.exercises[0].checks if check.verdict is not Verdict.PASSED]
    points = report.exercises[0].max_points - report.exercises[0].points
    return measured, f"{points:g}: {', '.join(check.name for check in lost)}" if lost else "-"


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Run this many processes that do nothing but compute, while the block runs."""
    running = [
        subprocess.Popen([sys.executable, "-c", "while True: sum(k * k for k in range(1000))"])
        for _ in range(processes)
    ]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def _spread(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{statistics.median(known):7.1f} [{min(known):.1f}, {max(known):.1f}]" if known else "-"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=3,
        metavar="N",
        help="gradings of each solution (default: %(default)s)",
    )
    parser.add_argument(
        "--busy",
        type=int,
        default=0,
        metavar="N",
        help="processes that compute beside it (default: 0)",
    )
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="solutions with this text in their names"
    )
    options = parser.parse_args()
    with_one_blas_thread()
    print(f"{'':78}{'vectorized':>24}{'analytic':>26}   loses")
    with busy(options.busy):
        for name, exercise, submission in solutions():
            if options.only in name:
                done = [measure(exercise, submission) for _ in range(options.rounds)]
                ratios, rounds = (
                    _spread([one.ratio() for one, _ in done]),
                    _spread([one.rounds() for one, _ in done]),
                )
                lost = " or ".join(sorted({lost for _, lost in done}))
                print(f"{name:78}{ratios:>24}{rounds:>26}   {lost}", flush=True)


if __name__ == "__main__":
    main()
