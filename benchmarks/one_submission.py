"""What one submission costs in `grade`, in our `nbgrader autograde`, and in the stock one.

`grade` has one process. All three grade the same submissions (the reference solution), in turn, in
this run. Stock nbgrader executes the notebooks in a kernel each, where the grade cells run the
visible checks; ours runs the hidden checks in the sandbox. Grading 1 submission, and then several,
tells the cost of start-up (imports, a new gradebook, the zygote) from that of a further submission.

    python -m benchmarks.one_submission [--more 5]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import grade_command, hand_in, run
from cs231n_utils.exercises import ASSIGNMENT
from grader.kit.release import kit_files
from grader.paths import COURSE

STOCK_CONFIG = """c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "notebooks"
c.Autograde.exclude_overwriting = {}
c.ExecutePreprocessor.timeout = 300
"""


def course(folder: Path, config: str, submitted: Path) -> None:
    """A course root with our notebooks and these submissions, ready for nbgrader autograde."""
    shutil.copytree(COURSE / "notebooks", folder / "notebooks")
    for name in (".devcontainer", "cs231n_utils", "grader", "datasets"):
        shutil.copytree(COURSE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.txt", "get_datasets.sh"):
        shutil.copy(COURSE / name, folder / name)
    (folder / "nbgrader_config.py").write_text(config)
    shutil.copytree(submitted, folder / "submitted")
    run([sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT], folder)


def main() -> None:
    parser = argparse.ArgumentParser(
        description="What one submission costs, against stock nbgrader."
    )
    parser.add_argument(
        "--more",
        type=int,
        default=5,
        metavar="N",
        help="submissions beyond the first (default: %(default)s)",
    )
    more = parser.parse_args().more
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for count in (1, 1 + more):
            root = Path(scratch, str(count))
            hand_in(count, root / "submitted", beside=kit_files())
            ours, stock = root / "ours", root / "stock"
            course(ours, (COURSE / "nbgrader_config.py").read_text(), root / "submitted")
            course(stock, STOCK_CONFIG, root / "submitted")
            autograde = [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT]
            grade = grade_command(root / "submitted", root / "results", "--processes", "1")
            rows.append([run(grade, COURSE), run(autograde, ours), run(autograde, stock)])
    each = [(many - one) / more for one, many in zip(*rows, strict=True)]
    print(f"{'':36}{'one submission':>20}{'each further one':>20}{'ratio':>8}")
    print(f"{'':36}" + f"{'wall s':>10}{'CPU s':>10}" * 2 + f"{'CPU':>8}")
    names = (
        "python -m grader grade --processes 1",
        "nbgrader autograde, sandboxed",
        "nbgrader autograde, stock",
    )
    for k, name in enumerate(names):
        figures = [rows[0][k].wall, rows[0][k].cpu, each[k].wall, each[k].cpu]
        print(
            f"{name:36}"
            + "".join(f"{figure:10.2f}" for figure in figures)
            + f"{each[k].cpu / each[0].cpu:8.1f}"
        )


if __name__ == "__main__":
    main()
