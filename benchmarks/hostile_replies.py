"""Replies with an odd value in one field: every field, every value, every exercise, with a right
and with a wrong function.

Each is a submission that is graded in the real sandbox (tests/support/hostile_replies.py says how).
Counted are those after which a check is not judged, those that have more points than the same
function without the odd value, and exceptions outside of a check.

    python -m benchmarks.hostile_replies [--exercise NAME]
"""

from __future__ import annotations

import argparse
from collections import Counter

from cs231n_utils.exercises import EXERCISES
from tests.support import hostile_replies


def main() -> None:
    parser = argparse.ArgumentParser(description="Odd values in every field of a reply.")
    parser.add_argument(
        "--exercise",
        choices=[name for name in EXERCISES if not name.endswith(".npz")],
        action="append",
    )
    chosen = parser.parse_args().exercise or [
        name for name in EXERCISES if not name.endswith(".npz")
    ]
    print(f"{len(hostile_replies.FIELDS)} fields, {len(hostile_replies.VALUES)} values")
    total: Counter[str] = Counter()
    with hostile_replies.Grader() as grader:
        for exercise in chosen:
            counts: Counter[str] = Counter()
            for right in (True, False):
                base = grader.report(hostile_replies.submission(exercise, right), exercise)
                for field, value, one in hostile_replies.cases(exercise, right):
                    counts["tried"] += 1
                    try:
                        faults = grader.faults(one, exercise, base)
                    except Exception as error:
                        counts["exceptions"] += 1
                        faults = [repr(error)]
                    counts["not judged"] += any("not judged" in fault for fault in faults)
                    counts["gained"] += any("points" in fault for fault in faults)
                    for fault in faults:
                        print(
                            f"  {exercise}, {'right' if right else 'wrong'}, {field}, {value}:"
                            f" {fault}"
                        )
            total += counts
            print(f"{exercise:32}", _row(counts), flush=True)
    print(f"{'all':32}", _row(total))


def _row(counts: Counter[str]) -> str:
    return ", ".join(
        f"{counts[name]:,} {name}" for name in ("tried", "not judged", "exceptions", "gained")
    )


if __name__ == "__main__":
    main()
