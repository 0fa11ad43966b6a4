"""Throughput of `grade`, stock `nbgrader autograde` and `otter run`, with the same hidden checks.

All grade the reference solution, in this run. In the other tools, each exercise is a test of its
own with the same points as ours. It runs our hidden checks in the kernel, by plain calls
(`in_process.py`), which is the cheapest way there is: 19 grade cells in five notebooks for
nbgrader, and one question with 19 tests in one notebook for otter, which takes one notebook a
submission. Both execute what is handed in, so they are measured twice: on the notebooks of the
assignment, with everything that students see and plot in them, and on notebooks that hold only the
tests.

Ours grades with one process a core, and is measured with all its start-up. nbgrader does nothing in
parallel; it is measured without its start-up, as what each further submission takes. otter is one
command a submission. The ratio of CPU seconds says what would be left of the difference if the
others ran side by side.

    python -m benchmarks.throughput [--ours 1000] [--others 3] [--environment DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from benchmarks.elsewhere import exam
from benchmarks.elsewhere.environment import add_option, installed, versions
from benchmarks.measuring import Cost, grade_command, hand_in, run
from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.kit import sample_class
from grader.kit.release import kit_files
from grader.paths import COURSE
from grader.results import store

# Behind the submission's own folder, whose cs231n_utils is the one to be imported.
SETUP = (
    f"import sys\n\nsys.path.append({str(COURSE)!r})\nfrom benchmarks.in_process import check_here"
)
# Give all points.
SETTINGS = {"learning_rate": 1.0, "reg": 1e-4, "num_iters": 1_500, "batch_size": 200}
CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "stock"\n'


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Submissions a second, against stock nbgrader and otter-grader."
    )
    parser.add_argument(
        "--ours",
        type=int,
        default=1_000,
        metavar="N",
        help="submissions for our grader (default: %(default)s)",
    )
    parser.add_argument(
        "--others",
        type=int,
        default=3,
        metavar="N",
        help="for each other tool (default: %(default)s)",
    )
    add_option(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="throughput-") as scratch:
        folder = Path(scratch).resolve()
        environment = installed(options.environment or folder / "environment")
        kit = kit_files()
        print(f"{versions(environment)}; {len(os.sched_getaffinity(0))} cores", flush=True)
        rows = {
            f"python -m grader grade, {options.ours:,} submissions": ours(
                folder / "ours", kit, options.ours
            ),
            **{
                f"{name}, {what}": measure(
                    folder / f"{name} {what}", environment, kit, options.others, whole
                )
                for what, whole in (("whole notebooks", True), ("tests only", False))
                for name, measure in (("nbgrader autograde", nbgrader), ("otter run", otter))
            },
        }
    first = next(iter(rows.values()))
    print(f"\n{'':44}{'a submission':>20}{'a second':>10}{'ours is better by':>20}")
    print(f"{'':44}{'wall s':>10}{'CPU s':>10}{'':10}{'throughput':>12}{'CPU':>8}")
    for name, cost in rows.items():
        print(
            f"{name:44}{cost.wall:10.3f}{cost.cpu:10.3f}{1 / cost.wall:10.2f}"
            f"{cost.wall / first.wall:12.1f}{cost.cpu / first.cpu:8.1f}"
        )


def ours(folder: Path, kit: Mapping[str, bytes], count: int) -> Cost:
    hand_in(count, folder / "submitted", kit)
    cost = run(grade_command(folder / "submitted", folder / "results"), COURSE)
    _require(
        "ours",
        {
            path.name: (
                report.score if (report := store.load(folder / "results", path.name)) else None
            )
            for path in (folder / "submitted").iterdir()
        },
    )
    return cost / count


def nbgrader(
    folder: Path, environment: Path, kit: Mapping[str, bytes], more: int, whole: bool
) -> Cost:
    """What each submission after the first one costs."""
    costs = []
    for count in (1, 1 + more):
        root = folder / str(count)
        _write(
            root,
            {
                "nbgrader_config.py": CONFIG.encode(),
                **{
                    f"source/{ASSIGNMENT}/{name}.ipynb": (
                        exam.nbgrader_source(SETUP, _tests(name), _cells(name, whole)).encode()
                    )
                    for name in NOTEBOOKS
                },
            },
        )
        program = str(environment / "bin" / "nbgrader")
        run([program, "generate_assignment", ASSIGNMENT], root, **_home(root, environment))
        released = {
            path.name: path.read_bytes() for path in (root / "release" / ASSIGNMENT).iterdir()
        }
        hand_in(count, root / "submitted", {**kit, **released})
        costs.append(run([program, "autograde", ASSIGNMENT], root, **_home(root, environment)))
        with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
            _require(
                "nbgrader",
                {one.student_id: one.score for one in book.assignment_submissions(ASSIGNMENT)},
            )
        _require_outputs(root / "autograded")
    return (costs[1] - costs[0]) / more


def otter(
    folder: Path, environment: Path, kit: Mapping[str, bytes], count: int, whole: bool
) -> Cost:
    program = str(environment / "bin" / "otter")
    tests = {name: test for notebook in NOTEBOOKS for name, test in _tests(notebook).items()}
    cells = [cell for notebook in NOTEBOOKS for cell in _cells(notebook, whole)]
    _write(folder, {"exam.ipynb": exam.otter_source(SETUP, tests, cells).encode()})
    run([program, "assign", "exam.ipynb", "dist"], folder, **_home(folder, environment))
    files = {
        **{name: content for name, content in kit.items() if not name.endswith(".ipynb")},
        **sample_class.reference_files(),
        "exam.ipynb": (folder / "dist" / "student" / "exam.ipynb").read_bytes(),
    }
    with zipfile.ZipFile(folder / "student.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    grading = next((folder / "dist" / "autograder").glob("*.zip"))
    costs = []
    for k in range(count):
        out = folder / f"results{k}"
        out.mkdir()
        command = [program, "run", "student.zip", "-a", str(grading), "-o", str(out)]
        costs.append(run(command, folder, **_home(folder, environment)))
        graded = json.loads((out / "results.json").read_text())
        _require("otter", {"student": sum(test.get("score", 0) for test in graded["tests"])})
    return Cost(sum(cost.wall for cost in costs), sum(cost.cpu for cost in costs)) / count


def _cells(notebook: str, whole: bool) -> list[NotebookNode]:
    """What students find in a notebook of the assignment, apart from its tests; nothing unless
    `whole`.

    One cell trains the model that is handed in, with settings that students choose.
    """
    cells = (
        nbformat.read(COURSE / "notebooks" / ASSIGNMENT / f"{notebook}.ipynb", as_version=4).cells
        if whole
        else []
    )
    for cell in cells:
        cell.id = f"{notebook}-{cell.id}"  # its own among those of all notebooks
        cell.source = re.sub(r"^settings = {.*}", f"settings = {SETTINGS}", cell.source)
    return [cell for cell in cells if "nbgrader" not in cell.metadata]


def _tests(notebook: str) -> exam.Tests:
    """A hidden test for each exercise of a notebook."""
    return {
        f"hidden_{each.grade_id}": (each.points, f'check_here("{each.name}")\n')
        for each in EXERCISES.values()
        if each.notebook == notebook
    }


def _home(root: Path, environment: Path) -> dict[str, str]:
    """The tool's own programs first, and nothing of the user's settings."""
    return {
        "HOME": str(root),
        "PYTHONPATH": "",
        "PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _require(tool: str, scores: Mapping[str, float | None]) -> None:
    """Everybody has it all right: a tool that finds something else has not run the same checks."""
    if set(scores.values()) != {MAX_SCORE}:
        raise SystemExit(
            f"{tool} gives {sorted(set(map(str, scores.values())))}; expected {MAX_SCORE} for"
            " everybody."
        )


def _require_outputs(folder: Path) -> None:
    """A cell that raises ends early, and would be measured too cheap."""
    for path in folder.rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", ()):
                if output.output_type == "error":
                    raise SystemExit(f"{path.name}: a cell raised {output.ename}: {output.evalue}")


if __name__ == "__main__":
    main()
