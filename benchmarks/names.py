"""Does a student's score depend on the student's name? Every wrong and every right solution that
the repository has is graded under many names.

Name and secret decide the inputs of the hidden checks, and nothing else. A solution with two scores
has points by lot: some check sees its fault on some inputs only. Solutions run in the processes of
this benchmark, without a sandbox. The checks `analytic` and `vectorized` look at CPU time as well;
where one of them differs, run again on an idle machine before it counts.

    python -m benchmarks.names [--names 200] [--processes 2] [--only TEXT]

Gradients that are tried out weight by weight take seconds: they are graded under SLOW_NAMES names.
200 names take about 15 minutes on two cores, 10 names one minute.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.support.under_names import MEASURED, Scores, candidates, scores

SLOW_NAMES = 10  # for gradients that are tried out: seconds each, and none of them by lot so far


def shares(counts: Counter[float]) -> str:
    """Points, and under how many names."""
    return ", ".join(f"{points:g} under {names}" for points, names in sorted(counts.items()))


def described(found: Scores) -> str:
    """A candidate with two scores: its scores, and the checks that differ."""
    one = candidates()[found.candidate]
    lines = [f"{one.source}: {one.label}: {shares(found.totals)}"]
    for (exercise, check), counts in found.differing.items():
        note = " (looks at CPU time)" if check in MEASURED else ""
        where = f"{exercise}: {check}" if len(one.exercises) > 1 else check
        lines.append(f"    {where}{note}: {shares(counts)}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Does a score depend on the student's name?")
    parser.add_argument("--names", type=int, default=200, metavar="N", help="default: %(default)s")
    parser.add_argument("--processes", type=int, default=2, help="default: %(default)s")
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="solutions with TEXT in the name"
    )
    arguments = parser.parse_args()
    names = [f"student {k}" for k in range(arguments.names)]
    chosen = [
        k for k, one in enumerate(candidates()) if arguments.only in f"{one.source}: {one.label}"
    ]
    chosen.sort(key=lambda k: not candidates()[k].is_slow)  # the longest first
    under = [names[:SLOW_NAMES] if candidates()[k].is_slow else names for k in chosen]
    start = time.monotonic()
    with ProcessPoolExecutor(arguments.processes) as pool:
        found = list(pool.map(scores, chosen, under))
    by_source = Counter(candidates()[one.candidate].source for one in found)
    two = [one for one in found if len(one.totals) > 1]
    two_by_source = Counter(candidates()[one.candidate].source for one in two)
    print(f"{'':24}{'solutions':>12}{'with two scores':>18}")
    for source, count in by_source.items():
        print(f"{source:24}{count:12}{two_by_source[source]:18}")
    print(f"{'all':24}{len(found):12}{len(two):18}")
    hidden = [one for one in found if one.differing and len(one.totals) == 1]
    print(
        f"\n{len(found)} solutions × {len(names)} names = {sum(map(len, under))} gradings in"
        f" {time.monotonic() - start:.0f} s: {len(two)} with two scores, and {len(hidden)} with one"
        " score that different checks make up."
    )
    for one in [*two, *hidden]:
        print(described(one))


if __name__ == "__main__":
    main()
