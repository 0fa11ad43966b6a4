"""What one submission costs: our `grade` with one worker, our `nbgrader autograde`, and stock `nbgrader autograde`.

All three grade the same submissions (the reference solution), in turn, in this run. Stock nbgrader executes the notebooks in
a kernel each, where the grade cells run the visible checks; ours runs the hidden checks in the sandbox. Start-up (imports,
a new gradebook, the zygote) is told apart by grading 1 submission, and then several.

    python -m benchmarks.one_submission [--more 5]
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cs231n_utils.exercises import ASSIGNMENT
from grader import demo
from grader.gradebook import COURSE
from grader.release import kit_files

STOCK_CONFIG = """c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "notebooks"
c.Autograde.exclude_overwriting = {}
c.ExecutePreprocessor.timeout = 300
"""


def measure(command: list[str], cwd: Path) -> tuple[float, float]:
    """(wall, CPU) seconds of a command and all its descendants."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(COURSE)}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def course(folder: Path, config: str, submitted: Path) -> None:
    """A course root with our notebooks and these submissions, ready for nbgrader autograde."""
    shutil.copytree(COURSE / "notebooks", folder / "notebooks")
    for name in ("cs231n_utils", "grader", "datasets"):
        shutil.copytree(COURSE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.txt", "get_datasets.sh"):
        shutil.copy(COURSE / name, folder / name)
    (folder / "nbgrader_config.py").write_text(config)
    shutil.copytree(submitted, folder / "submitted")
    measure([sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT], folder)


def main() -> None:
    parser = argparse.ArgumentParser(description="What one submission costs, against stock nbgrader.")
    parser.add_argument("--more", type=int, default=5, metavar="N", help="submissions beyond the first (default: %(default)s)")
    more = parser.parse_args().more
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for count in (1, 1 + more):
            root = Path(scratch, str(count))
            files = {**kit_files(), **demo.reference_files()}
            demo.write_class({f"student{k}": files for k in range(count)}, root / "submitted")
            ours, stock = root / "ours", root / "stock"
            course(ours, (COURSE / "nbgrader_config.py").read_text(), root / "submitted")
            course(stock, STOCK_CONFIG, root / "submitted")
            autograde = [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT]
            grade = [sys.executable, "-m", "grader", "grade", str(root / "submitted"), "--out", str(root / "results"),
                     "--workers", "1"]
            rows.append([measure(grade, COURSE), measure(autograde, ours), measure(autograde, stock)])
    each = [[(after - before) / more for before, after in zip(one, many, strict=True)] for one, many in zip(*rows, strict=True)]
    print(f"{'':36}{'one submission':>20}{'each further one':>20}{'ratio':>8}")
    print(f"{'':36}" + f"{'wall s':>10}{'CPU s':>10}" * 2 + f"{'CPU':>8}")
    names = ("python -m grader grade --workers 1", "nbgrader autograde, sandboxed", "nbgrader autograde, stock")
    for k, name in enumerate(names):
        figures = [*rows[0][k], *each[k]]
        print(f"{name:36}" + "".join(f"{figure:10.2f}" for figure in figures) + f"{each[k][1] / each[0][1]:8.1f}")


if __name__ == "__main__":
    main()
