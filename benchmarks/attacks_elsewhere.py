"""The same attacks against stock nbgrader, otter-grader and this grader: the points they gain.

Every attack is a function that returns zeros, and below it code that goes for the grader
(`elsewhere/inside.py` and `outside.py`). The exam asks for the SVM loss and its gradient, 10 points
in each tool, with hidden tests as each tool's documentation describes them (`elsewhere/exam.py`).
After an attack on what is around the process, a neighbour with a right solution is graded. A dash
means that there is no score: staff see that something went wrong, but not what the work is worth.

nbgrader and otter-grader come from PyPI into a throw-away environment, and run with their defaults;
otter by `otter run`, without the container that its documentation recommends. A container around
each submission (`otter grade`, Gradescope) keeps the machine and the neighbours safe, and can end
loops; but hidden tests still run in the student's process, and results are still files beside it,
so points are gained in the same way, except by the neighbour's answer and perhaps by a process left
behind. (otter's other test format, `ok_format: false`, forgives what students print.)

    python -m benchmarks.attacks_elsewhere [--explain] [--environment DIR]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from benchmarks.elsewhere import exam
from benchmarks.elsewhere.cases import INNOCENTS, Case
from benchmarks.elsewhere.environment import add_option, installed, versions
from benchmarks.elsewhere.inside import INSIDE
from benchmarks.elsewhere.outside import OUTSIDE
from benchmarks.elsewhere.tools import LIMIT, CaseResult, Nbgrader, Otter, Ours
from grader.report import format_points

TOOLS = ("nbgrader", "otter", "ours")
BASELINES = [Case("a right function", innocent=True), Case("zeros")]
SLOW = 60  # seconds; others take 5
TableRow = tuple[Case, Sequence[CaseResult]]  # the outcomes in the order of TOOLS


def main() -> None:
    parser = argparse.ArgumentParser(
        description="The same attacks against stock nbgrader, otter-grader and ours."
    )
    parser.add_argument(
        "--explain", action="store_true", help="print each tool's own words on each case"
    )
    add_option(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="elsewhere-") as scratch:
        folder = Path(scratch).resolve()
        rows = measure(folder, installed(options.environment or folder / "environment"))
    baselines, attacks, innocents = rows[:2], rows[2 : -len(INNOCENTS)], rows[-len(INNOCENTS) :]
    section(f"of {exam.MAXIMUM} points, without an attack", baselines)
    section("points gained by an attack on zeros", attacks)
    total("sum", [sum(earned(outcomes[k]) for _, outcomes in attacks) for k in range(3)])
    total(
        f"attacks that gain, of {len(attacks)}",
        [sum(earned(outcomes[k]) > 0 for _, outcomes in attacks) for k in range(3)],
    )
    lost = [
        (case, [replace(outcome, points=exam.MAXIMUM - earned(outcome)) for outcome in outcomes])
        for case, outcomes in innocents
    ]
    section("points lost by a right function that", lost)
    print()
    for case, outcomes in rows:
        remark(case, outcomes, options.explain)
    if [[outcome.points for outcome in outcomes] for _, outcomes in baselines] != [
        [exam.MAXIMUM] * 3,
        [0] * 3,
    ]:
        raise SystemExit(
            "\nWithout an attack, not all tools give full points to the right function and none to"
            " zeros: the table says nothing. Try --explain."
        )


def measure(folder: Path, environment: Path) -> list[TableRow]:
    """Grade every case with every tool."""
    cases = [*BASELINES, *INSIDE, *OUTSIDE, *INNOCENTS]
    ours = Ours(folder / "ours", cases)
    print(
        f"{versions(environment)}; ours at sandbox level {ours.level}: {ours.count} submissions"
        f" graded in {ours.seconds:.0f} s, {ours.left} processes left running.",
        flush=True,
    )
    stock: list[Nbgrader | Otter] = [
        Nbgrader(folder / "nbgrader", environment),
        Otter(folder / "otter", environment),
    ]
    # Two of them soon wait for the last attack, which never ends.
    with ThreadPoolExecutor(4) as pool:
        jobs = {
            (k, tool.name): pool.submit(tool.grade, cases[k], f"case_{k:02}")
            for k in reversed(range(len(cases)))
            for tool in stock
        }
    return [
        (case, [*(jobs[k, tool.name].result() for tool in stock), ours.outcome(k)])
        for k, case in enumerate(cases)
    ]


def earned(outcome: CaseResult) -> float:
    return outcome.points or 0


def section(title: str, rows: Sequence[TableRow]) -> None:
    print(f"\n{title:54}" + "".join(f"{name:>10}" for name in TOOLS))
    for case, outcomes in rows:
        cells = [
            "–" if outcome.points is None else format_points(outcome.points) for outcome in outcomes
        ]
        print(f"  {case.title:52}" + "".join(f"{cell:>10}" for cell in cells))


def total(title: str, figures: Sequence[float]) -> None:
    print(f"  {title:52}" + "".join(f"{format_points(figure):>10}" for figure in figures))


def remark(case: Case, outcomes: Sequence[CaseResult], explain: bool) -> None:
    """What the table does not say: neighbours harmed, processes left, commands that did not end.

    With --explain, it also says why.
    """
    for name, outcome in zip(TOOLS, outcomes, strict=True):
        found = []
        if case.outside and outcome.neighbour != exam.MAXIMUM:
            found.append(
                "the neighbour has"
                f" {'no score' if outcome.neighbour is None else format_points(outcome.neighbour)}"
            )
        if outcome.left:
            found.append(f"{outcome.left} process left running")
        if outcome.seconds > SLOW:
            found.append(
                f"{'stopped after' if outcome.seconds >= LIMIT else 'took'} {outcome.seconds:.0f} s"
            )
        if explain:
            found.append(outcome.why or "no complaint")
        if found:
            print(f"{case.title} | {name}: {'; '.join(found)}")


if __name__ == "__main__":
    main()
