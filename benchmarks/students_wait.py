"""What a student waits for: the imports of a notebook, and the answer of check("svm_loss_naive").

In a kit that holds the reference solution, with a warm page cache, medians of some runs; check()
also with a mistake in it, which it names. A fresh process is what a terminal or a restarted kernel
has; a warm one has imported it all, and checked before. (The checks themselves always run in a
Python of their own, so that edited files count.)

    python -m benchmarks.students_wait [--runs 7]
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import environment, hand_in
from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader.kit.release import kit_files

EXERCISE = "svm_loss_naive"
TARGET = 1.0  # seconds until check() has answered
TOP = 8  # rows of the import table
NOTEBOOK = f"{EXERCISES[EXERCISE].notebook}.ipynb"
_TIMED = "import time\nstart = time.perf_counter()\n{}\nprint(time.perf_counter() - start)"
_CHECKS = f"""import time
from cs231n_utils.check import check
for _ in range(3):
    start = time.perf_counter()
    check({EXERCISE!r})
    print("seconds", time.perf_counter() - start)
"""


def python(kit: Path, *arguments: str) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=kit,
        env=environment(PYTHONPATH=str(kit)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"python {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
    return done


def first_cell(kit: Path) -> str:
    """The first code cell of the exercise's notebook, without magics."""
    cells = json.loads((kit / NOTEBOOK).read_text(encoding="utf-8"))["cells"]
    source = "".join(next(cell["source"] for cell in cells if cell["cell_type"] == "code"))
    return "\n".join(line for line in source.splitlines() if not line.startswith("%"))


def imports(kit: Path, runs: int) -> None:
    imported = {
        "cs231n_utils": "import cs231n_utils",
        "cs231n_utils.check": "import cs231n_utils.check",
        "numpy": "import numpy",
        f"all of {NOTEBOOK}": first_cell(kit),
    }
    print(f"{'import, in a fresh process':44}{'median ms':>12}{'fastest':>10}{'slowest':>10}")
    for title, code in imported.items():
        times = [
            1e3 * float(python(kit, "-c", _TIMED.format(code)).stdout) for _ in range(runs + 1)
        ][1:]
        print(
            f"{title:44}{statistics.median(times):12.1f}{min(times):10.1f}{max(times):10.1f}",
            flush=True,
        )


def import_times(kit: Path) -> None:
    """The modules that take longest by themselves, from -X importtime."""
    report = python(kit, "-X", "importtime", "-c", first_cell(kit)).stderr
    rows = re.findall(r"^import time: +(\d+) \| +(\d+) \| +(\S+)$", report, re.MULTILINE)
    print(f"\n{'the longest of these, by themselves':44}{'own ms':>12}{'with what it imports':>22}")
    for own, cumulative, name in sorted(rows, key=lambda row: -int(row[0]))[:TOP]:
        print(f"{name:44}{int(own) / 1e3:12.1f}{int(cumulative) / 1e3:22.1f}")


def answers(kit: Path, runs: int, what: str) -> None:
    fresh, first, again = [], [], []
    for _ in range(runs + 1):
        start = time.perf_counter()
        python(kit, "-c", f"from cs231n_utils.check import main; main([{EXERCISE!r}])")
        fresh.append(time.perf_counter() - start)
        each = [
            float(line.split()[1])
            for line in python(kit, "-c", _CHECKS).stdout.splitlines()
            if line.startswith("seconds ")
        ]
        first.append(each[0])
        again.extend(each[1:])
    print(
        f"\n{f'check({EXERCISE!r}), {what}':44}{'median s':>12}{'fastest':>10}{'slowest':>10}"
        f"{f'under {TARGET:g} s':>12}"
    )
    for title, times in (
        ("command in a terminal, with its start-up", fresh[1:]),
        ("first call in a process", first[1:]),
        ("further calls in it", again[2:]),
    ):
        middle = statistics.median(times)
        print(
            f"{title:44}{middle:12.3f}{min(times):10.3f}{max(times):10.3f}"
            f"{'yes' if middle < TARGET else 'no':>12}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description="What a student waits for: imports, and the answers of check()."
    )
    parser.add_argument(
        "--runs",
        type=int,
        default=7,
        metavar="N",
        help="how often each is measured (default: %(default)s)",
    )
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="wait-") as scratch:
        hand_in(1, Path(scratch), kit_files())
        kit = Path(scratch, "student00000", ASSIGNMENT)
        imports(kit, runs)
        import_times(kit)
        answers(kit, runs, "right")
        solution = kit / EXERCISES[EXERCISE].file
        solution.write_text(
            solution.read_text(encoding="utf-8").replace("2 * reg * W", "reg * W"), encoding="utf-8"
        )
        answers(kit, runs, "with a mistake")


if __name__ == "__main__":
    main()
