"""What a student waits for: the imports of a notebook, and the answer of check("svm_loss_naive").

In a kit that holds the reference solution, with a warm page cache, medians of some runs. The checks
of all exercises are called in a kernel, as JupyterLab starts one: the first after the setup cell,
and each again some seconds later, as a student does who has read the answer; then with functions
that return twice what is right. A fresh process is what a terminal has.

    python -m benchmarks.students_wait [--runs 3]
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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from benchmarks.measuring import environment, hand_in
from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader.kit.release import kit_files

EXERCISE = "svm_loss_naive"
FIRST, WARM = 1.0, 0.4  # seconds that the answer of check() may take
READING = 1.5  # seconds until a student calls check() again
TOP = 8  # rows of the import table
NOTEBOOK = f"{EXERCISES[EXERCISE].notebook}.ipynb"
_TIMED = "import time\nstart = time.perf_counter()\n{}\nprint(time.perf_counter() - start)"
# At the end of a student's file: its functions and methods return twice what is right.
_MISTAKE = """

def _doubled(value):
    if isinstance(value, (tuple, list)):
        return type(value)(map(_doubled, value))
    return value if value is None or isinstance(value, dict) else 2 * value


def _with_a_mistake(right):
    return lambda *args, **options: _doubled(right(*args, **options))


"""


@dataclass
class Waits:
    """Seconds that check() took in a notebook.

    first : of the first call after the setup cell, in each run
    warm : exercise -> of the calls after it
    """

    first: list[float] = field(default_factory=list)
    warm: dict[str, list[float]] = field(default_factory=dict)

    def medians(self) -> dict[str, float]:
        return {name: statistics.median(times) for name, times in self.warm.items()}


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


def setup_cell(kit: Path) -> str:
    """The setup cell of the exercise's notebook, without magics."""
    cells = json.loads((kit / NOTEBOOK).read_text(encoding="utf-8"))["cells"]
    sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    source = next(source for source in sources if "import check" in source)
    return "\n".join(line for line in source.splitlines() if not line.startswith("%"))


def imports(kit: Path, runs: int) -> None:
    imported = {
        "cs231n_utils": "import cs231n_utils",
        "cs231n_utils.check": "import cs231n_utils.check",
        "numpy": "import numpy",
        f"all of {NOTEBOOK}": setup_cell(kit),
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
    report = python(kit, "-X", "importtime", "-c", setup_cell(kit)).stderr
    rows = re.findall(r"^import time: +(\d+) \| +(\d+) \| +(\S+)$", report, re.MULTILINE)
    print(f"\n{'the longest of these, by themselves':44}{'own ms':>12}{'with what it imports':>22}")
    for own, cumulative, name in sorted(rows, key=lambda row: -int(row[0]))[:TOP]:
        print(f"{name:44}{int(own) / 1e3:12.1f}{int(cumulative) / 1e3:22.1f}")


@contextmanager
def notebook(kit: Path) -> Iterator[BlockingKernelClient]:
    """A kernel that works in the kit."""
    manager, client = start_new_kernel(
        cwd=str(kit), env=environment(PYTHONPATH=str(kit)), stderr=subprocess.DEVNULL
    )
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def seconds(client: BlockingKernelClient, code: str) -> float:
    """How long a cell takes, until its output is there."""
    output: list[Any] = []
    start = time.perf_counter()
    reply = client.execute_interactive(code, timeout=120, output_hook=output.append)
    took = time.perf_counter() - start
    if reply["content"]["status"] != "ok":
        raise SystemExit(f"{code} failed: {reply['content']}")
    if not any(message["msg_type"] == "display_data" for message in output):
        raise SystemExit(f"{code} showed nothing: {[message['content'] for message in output]}")
    return took


def in_notebooks(kit: Path, runs: int, exercises: Sequence[str]) -> Waits:
    """Each run has a kernel of its own, and begins with another exercise."""
    waits = Waits()
    setup = setup_cell(kit)
    for k in range(runs):
        with notebook(kit) as client:
            client.execute_interactive(setup, timeout=120, output_hook=lambda message: None)
            turn = k * len(exercises) // runs
            for place, name in enumerate((*exercises[turn:], *exercises[:turn])):
                took = seconds(client, f"check({name!r})")
                if place:
                    waits.warm.setdefault(name, []).append(took)
                else:
                    waits.first.append(took)
                time.sleep(READING)
    return waits


def make_mistakes(kit: Path) -> list[str]:
    """Have the functions in the kit return twice what is right; returns the exercises that do."""
    made = []
    for name, row in EXERCISES.items():
        path = kit / row.file
        if path.suffix == ".py":
            text = path.read_text(encoding="utf-8")
            if _MISTAKE not in text:
                text += _MISTAKE
            path.write_text(f"{text}{name} = _with_a_mistake({name})\n", encoding="utf-8")
            made.append(name)
    return made


def in_terminals(kit: Path, runs: int) -> list[float]:
    """Seconds of the command, with its start-up."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        python(kit, "-c", f"from cs231n_utils.check import main; main([{EXERCISE!r}])")
        times.append(time.perf_counter() - start)
    return times[1:]


@contextmanager
def solved_kit() -> Iterator[Path]:
    """A kit that holds the reference solution."""
    with tempfile.TemporaryDirectory(prefix="wait-") as scratch:
        hand_in(1, Path(scratch), kit_files())
        yield Path(scratch, "student00000", ASSIGNMENT)


def _print_waits(waits: Waits, what: str) -> None:
    print(f"\n{f'check(), {what}':44}{'median s':>12}{'fastest':>10}{'slowest':>10}{'in time':>10}")
    rows = [("the first in a notebook", waits.first, FIRST)]
    rows += [(name, waits.warm[name], WARM) for name in EXERCISES if name in waits.warm]
    for title, times, limit in rows:
        middle = statistics.median(times)
        print(
            f"{title:44}{middle:12.3f}{min(times):10.3f}{max(times):10.3f}"
            f"{'yes' if middle < limit else 'no':>10}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description="What a student waits for: imports, and the answers of check()."
    )
    parser.add_argument(
        "--runs",
        type=int,
        default=3,
        metavar="N",
        help="how often each is measured (default: %(default)s)",
    )
    runs = parser.parse_args().runs
    with solved_kit() as kit:
        imports(kit, runs)
        import_times(kit)
        times = in_terminals(kit, runs)
        print(f"\n{f'check {EXERCISE} in a terminal':44}{statistics.median(times):12.3f} s")
        _print_waits(in_notebooks(kit, runs, list(EXERCISES)), "right")
        _print_waits(in_notebooks(kit, runs, make_mistakes(kit)), "with a mistake")


if __name__ == "__main__":
    main()
