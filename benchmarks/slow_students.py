"""Who waits for four students in a class of 40 whose code is slow?

Their code sleeps, restarts its box, or is slow to show that it is in sync. The class is graded with
`python -m grader grade` and two processes, without the four, and then with four of each kind,
spread over the class. The table says when the last result of the others was written and when the
run ended, both compared with the class without the four, and the longest time that a submission
held a process, in seconds, from its report. All of the others must have all points.

    python -m benchmarks.slow_students [--kind NAME]
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import grade_command
from cs231n_utils.exercises import EXERCISES, MAX_SCORE
from grader.kit import sample_class
from grader.kit.release import kit_files
from grader.paths import COURSE
from grader.results import store
from tests.support import attack_cases

CLASS, SLOW, PROCESSES = 40, 4, 2
CASES = ("exhausting_slow_to_show_sync", "exhausting_restarts")
SLEEPER = "a sleep of 19 s at import, in every module"


def main() -> None:
    kinds = (*CASES, SLEEPER)
    parser = argparse.ArgumentParser(description="A class of 40 with four slow students.")
    parser.add_argument("--kind", choices=kinds, action="append")
    chosen = parser.parse_args().kind or kinds
    kit = {
        name: content for name, content in kit_files().items() if not name.startswith("datasets/")
    }
    good = attack_cases.base_files("reference", kit)
    with tempfile.TemporaryDirectory(prefix="slow-students-") as scratch:
        last, end, _ = graded(Path(scratch) / "without", good, good)
        print(
            f"{'without them':48}last result of the others {last:6.1f} s, end {end:6.1f} s",
            flush=True,
        )
        for number, kind in enumerate(chosen):
            others_last, with_end, held = graded(
                Path(scratch) / str(number), good, slow_files(kind, good, kit)
            )
            print(
                f"{kind:48}last result of the others {others_last:6.1f} s"
                f" ({others_last - last:+.1f}), end {with_end:6.1f} s ({with_end - end:+.1f}), held"
                f" at most {held:.1f} s",
                flush=True,
            )


def slow_files(kind: str, good: dict[str, bytes], kit: dict[str, bytes]) -> dict[str, bytes]:
    if kind == SLEEPER:
        modules = {
            exercise.file for exercise in EXERCISES.values() if exercise.file.endswith(".py")
        }
        sleep = b"\n\nimport time\ntime.sleep(19)\n"
        return {
            name: content + sleep if name in modules else content for name, content in good.items()
        }
    return attack_cases.files_of({case.name: case for case in attack_cases.load_cases()}[kind], kit)


def graded(
    folder: Path, good: dict[str, bytes], slow: dict[str, bytes]
) -> tuple[float, float, float]:
    """Seconds until the last result of the others, until the end, and the most that a submission
    held a process.
    """
    submitted, out = folder / "submitted", folder / "results"
    slow_ones = {f"s{k * CLASS // SLOW:02}" for k in range(SLOW)}
    names = [f"s{k:02}" for k in range(CLASS)]
    sample_class.write_class(
        {name: slow if name in slow_ones else good for name in names}, submitted
    )
    started = time.time()
    command = grade_command(submitted, out, "--processes", str(PROCESSES))
    subprocess.run(command, cwd=COURSE, check=True, capture_output=True)
    end = time.time() - started
    reports = {name: report for name in names if (report := store.load(out, name))}
    if len(reports) < CLASS or any(
        reports[name].score != MAX_SCORE for name in set(names) - slow_ones
    ):
        raise SystemExit("Somebody else has lost points, or has no report.")
    last = (
        max((out / name / "report.json").stat().st_mtime for name in set(names) - slow_ones)
        - started
    )
    return last, end, max(report.seconds for report in reports.values())


if __name__ == "__main__":
    main()
