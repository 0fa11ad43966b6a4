"""Twenty hostile submissions between twenty good ones: is anybody harmed, is anything left?

Each round is the real `python -m grader grade` with two processes and the real deadlines. The
hostile ones are a choice from `tests/submissions/`: they end or exhaust their process, lie about
results, reach for the machine, plant files. Afterwards the good ones must have all points, the
hostile ones no more than their case allows, and nothing may be left: no process (orphans are
adopted and seen), no mount, no file in the places that programs write to. Exit status 1 if anything
is off.

    python -m benchmarks.hostile_class [--rounds 10]

Run it where nothing else writes to /tmp and /dev/shm, or grades, meanwhile: whatever appears
counts.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib

from benchmarks.measuring import grade_command
from cs231n_utils.exercises import EXERCISES, MAX_SCORE
from grader.checks.seeds import course_secret
from grader.kit import sample_class
from grader.kit.release import kit_files
from grader.paths import COURSE
from grader.results import store
from grader.sandbox import cgroup
from tests.support import attack_cases, process_watch

HOSTILE = (
    "ending_exit_0",
    "ending_loop",
    "ending_segmentation_fault",
    "ending_sleep",
    "ending_keyboard_interrupt",
    "exhausting_daemon",
    "exhausting_disk",
    "exhausting_forks",
    "exhausting_memory_by_and_by",
    "exhausting_stdout",
    "lying_array_subclass",
    "lying_numpy_patched",
    "lying_reply_ahead",
    "reaching_gradebook",
    "reaching_home_and_tmp",
    "reaching_signals",
    "planting_conftest",
    "planting_numpy_module",
    "planting_zip_traversal",
    "reading_hidden_checks",
)
PROCESSES = 2
# Names that appear there count.
PUBLIC = (*map(Path, ("/", "/tmp", "/var/tmp", "/dev/shm", "/run")), Path.home())
_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Round:
    """What one grading of the class gave."""

    seconds: float
    good: int  # submissions with all points
    judged: int  # hostile submissions with a report in which everything is judged
    gained: float  # points of hostile submissions beyond what their cases allow
    processes: list[str]
    files: list[str]
    mounts: list[str]

    @property
    def clean(self) -> bool:
        return self.good == self.judged == len(HOSTILE) and not (
            self.gained or self.processes or self.files or self.mounts
        )


def hand_in(submitted: Path) -> dict[str, attack_cases.Case]:
    """Write the class, good and hostile in turn; returns student -> case, for the hostile ones."""
    kit = {
        name: content for name, content in kit_files().items() if not name.startswith("datasets/")
    }
    known = {case.name: case for case in attack_cases.load_cases()}
    cases = {}
    for k, name in enumerate(HOSTILE, start=1):
        case = replace(known[name], student=f"{k:02}b_{name}")
        sample_class.write_class(
            {f"{k:02}a_good": attack_cases.base_files("reference", kit)}, submitted
        )
        attack_cases.write(case, submitted, kit)
        cases[case.student] = case
    return cases


def grade(submitted: Path, out: Path, home: Path) -> float:
    """Run the command; returns the seconds it took."""
    environment = {
        **os.environ,
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "MPLCONFIGDIR": matplotlib.get_configdir(),
    }
    command = grade_command(submitted, out, "--processes", str(PROCESSES))
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=COURSE, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")
    return time.perf_counter() - start


def one_round(submitted: Path, cases: dict, scratch: Path) -> Round:
    """Grade the class into a folder of its own, and look around."""
    home, out = scratch / "home", scratch / "out"
    (home / "tmp").mkdir(parents=True)
    files, mounts, running = _files(submitted, home), _mounts(), _processes()
    seconds = grade(submitted, out, home)
    _let_orphans_end(running)
    reports = {
        student: store.load(out, student)
        for student in (*cases, *(f"{k:02}a_good" for k in range(1, len(cases) + 1)))
    }
    good = sum(
        report is not None and report.score == MAX_SCORE
        for student, report in reports.items()
        if student not in cases
    )
    gained = sum(
        max(0.0, report.exercise(name).points - cases[student].most(name))
        for student, report in reports.items()
        if student in cases and report is not None
        for name in EXERCISES
    )
    judged = sum(
        report is not None and report.status == "graded"
        for student, report in reports.items()
        if student in cases
    )
    left = sorted(_files(submitted, home) - files)
    return Round(
        seconds,
        good,
        judged,
        gained,
        sorted(set(_processes()) - set(running)),
        left,
        sorted(_mounts() - mounts),
    )


def _processes() -> dict[str, int]:
    """Name -> pid of everything that runs below this process, adopted orphans among it."""
    found = {}
    for pid in process_watch.descendants(os.getpid()):
        found[f"{pid} {process_watch.told(pid, 'cmdline').replace(chr(0), ' ')}"] = pid
    return found


def _let_orphans_end(running: dict[str, int], patience: float = 5.0) -> None:
    """Processes that end with the command need a moment; take in those that have ended."""
    end = time.monotonic() + patience
    while set(_processes()) - set(running) and time.monotonic() < end:
        if not os.waitpid(-1, os.WNOHANG)[0]:
            time.sleep(0.01)


def _mounts() -> set[str]:
    return set(Path("/proc/self/mountinfo").read_text().splitlines())


def _files(submitted: Path, home: Path) -> set[str]:
    """What could show that something was written or made.

    Names in public places and of control groups; names, sizes and times in the course, the class
    and the home folder.
    """
    found = {str(path) for place in PUBLIC if os.access(place, os.R_OK) for path in place.iterdir()}
    found |= {str(path) for parent in cgroup._parents() for path in parent.glob("grader-*")}
    for root in (submitted, home, COURSE):
        for path in root.rglob("*"):
            if not {".git", "__pycache__"} & set(path.parts):
                status = path.lstat()
                found.add(f"{path} {status.st_size} {status.st_mtime_ns if path.is_file() else ''}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Hostile submissions between good ones, graded together."
    )
    parser.add_argument(
        "--rounds", type=int, default=10, metavar="N", help="how often (default: %(default)s)"
    )
    wanted = parser.parse_args().rounds
    # What outlives its parent becomes a child of this process.
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    course_secret()  # made on first use, and then it is no file that was left
    print(f"{len(HOSTILE)} hostile and {len(HOSTILE)} good submissions, {PROCESSES} processes")
    print(
        "round   wall s   good with all points   hostile judged   points gained   processes left  "
        " files left   mounts left"
    )
    rounds = []
    with tempfile.TemporaryDirectory() as scratch:
        submitted = Path(scratch, "submitted")
        cases = hand_in(submitted)
        for k in range(1, wanted + 1):
            done = one_round(submitted, cases, Path(scratch, str(k)))
            rounds.append(done)
            print(
                f"{k:5}{done.seconds:9.1f}{f'{done.good} of {len(HOSTILE)}':>23}{done.judged:17}"
                f"{done.gained:16g}{len(done.processes):17}{len(done.files):13}{len(done.mounts):14}",
                flush=True,
            )
            for name in (*done.processes, *done.files, *done.mounts):
                print(f"      left: {name}")
    clean = sum(one.clean for one in rounds)
    print(f"{clean} of {wanted} rounds clean.")
    if clean != wanted:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
