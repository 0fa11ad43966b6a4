"""The three tools. Where an attack goes for what is around it, a neighbour who has it all right is
graded after the attacker.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from nbgrader.api import Gradebook, MissingEntry

from benchmarks.elsewhere import exam
from benchmarks.elsewhere.cases import Case
from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader.paths import COURSE
from grader.report import Report
from grader.results import store
from grader.topics.linear_svm import reference

ATTACKER, NEIGHBOUR = "attacker", "neighbour"  # graded in alphabetical order
# Seconds for one command of a stock tool; nbgrader needs a little over 90 to give up a loop in
# three cells.
LIMIT = 150
EXERCISE = "svm_loss_naive"


@dataclass(frozen=True)
class CaseResult:
    """What one tool gave for one case.

    points, neighbour : of the two students; None where the tool gave no score, or there is no
        neighbour
    why : the tool's own words on what went wrong
    left : processes that were still there afterwards
    seconds : wall time of the tool's command, the longer one where there are two; one that reached
        LIMIT was stopped
    """

    points: float | None
    neighbour: float | None
    why: str
    left: int = 0
    seconds: float = 0.0


class Nbgrader:
    """Stock nbgrader with its defaults: `nbgrader generate_assignment`, then `nbgrader autograde`
    for the class.
    """

    name = "nbgrader"

    def __init__(self, folder: Path, environment: Path) -> None:
        self._folder, self._course = folder, folder / "course"
        self._command = [str(environment / "bin" / "nbgrader")]
        _write(
            self._course,
            {
                "nbgrader_config.py": 'c = get_config()\nc.CourseDirectory.course_id = "stock"\n',
                "source/exam/exam.ipynb": exam.nbgrader_source(),
            },
        )
        _run([*self._command, "generate_assignment", exam.NAME], self._course)
        self._notebook = self._course / "release" / "exam" / "exam.ipynb"

    def grade(self, case: Case, key: str) -> CaseResult:
        root = self._folder / key
        shutil.copytree(self._course, root)
        places = {"@ROOT@": str(root), "@TESTS@": str(root / "source" / "exam" / "exam.ipynb")}
        for student, files in _class(case, places, self._notebook).items():
            _write(root / "submitted" / student / exam.NAME, files)
        log, seconds = _run([*self._command, "autograde", exam.NAME], root)
        left = _end_what_is_left(root)
        return CaseResult(
            self._points(root, ATTACKER),
            self._points(root, NEIGHBOUR),
            self._why(root, log),
            left,
            seconds,
        )

    def _points(self, root: Path, student: str) -> float | None:
        if not _autograded(root, student).exists():
            return None  # autograde gave up; the gradebook has a row, but nothing in it
        with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
            try:
                return book.find_submission(exam.NAME, student).score
            except MissingEntry:
                return None

    def _why(self, root: Path, log: str) -> str:
        if not _autograded(root, ATTACKER).exists():
            return _errors(log)
        cells = json.loads(_autograded(root, ATTACKER).read_text())["cells"]
        outputs = [(cell["id"], output) for cell in cells for output in cell.get("outputs", ())]
        return "; ".join(
            [
                *(
                    f"{name}: {output['ename']}: {output['evalue'].strip().partition(chr(10))[0]}"
                    for name, output in outputs
                    if output["output_type"] == "error"
                ),
                *(
                    f"{name}: something on stderr"
                    for name, output in outputs
                    if output.get("name") == "stderr"
                ),
            ]
        )


class Otter:
    """otter-grader with its defaults: `otter assign`, then `otter run` for each student."""

    name = "otter"

    def __init__(self, folder: Path, environment: Path) -> None:
        self._folder, home = folder, folder / "assignment"
        self._command = [str(environment / "bin" / "otter")]
        _write(home, {"exam.ipynb": exam.otter_source()})
        _run([*self._command, "assign", "exam.ipynb", "dist"], home)
        self._notebook = home / "dist" / "student" / "exam.ipynb"
        self._autograder = next((home / "dist" / "autograder").glob("*.zip"))

    def grade(self, case: Case, key: str) -> CaseResult:
        root = self._folder / key
        (root / "submitted").mkdir(parents=True)
        # Beside the submission, while it is graded.
        places = {"@ROOT@": str(root), "@TESTS@": "tests/*.py"}
        for student, files in _class(case, places, self._notebook).items():
            with zipfile.ZipFile(root / "submitted" / f"{student}.zip", "w") as archive:
                for name, content in files.items():
                    archive.writestr(name, content)
        log, seconds = self._run_otter(ATTACKER, root)
        if case.outside:
            seconds = max(seconds, self._run_otter(NEIGHBOUR, root)[1])
        left = _end_what_is_left(root)
        graded = _results(root, ATTACKER)
        why = _errors("\n".join(test["output"] for test in graded["tests"]) if graded else log)
        return CaseResult(
            self._points(root, ATTACKER), self._points(root, NEIGHBOUR), why, left, seconds
        )

    def _run_otter(self, student: str, root: Path) -> tuple[str, float]:
        out = root / "results" / student
        out.mkdir(parents=True)
        return _run(
            [
                *self._command,
                "run",
                f"submitted/{student}.zip",
                "-a",
                str(self._autograder),
                "-o",
                str(out),
            ],
            root,
        )

    def _points(self, root: Path, student: str) -> float | None:
        graded = _results(root, student)
        return None if graded is None else sum(test.get("score", 0) for test in graded["tests"])


class Ours:
    """`python -m grader grade` for everybody in one class, with the hidden checks of the same
    function.

    The point for right shapes, which zeros earn, is left out.
    """

    name = "ours"

    def __init__(self, folder: Path, cases: Sequence[Case]) -> None:
        places = {"@ROOT@": str(folder), "@TESTS@": reference.__file__}
        notebook = COURSE / "notebooks" / ASSIGNMENT / f"{EXERCISES[EXERCISE].notebook}.ipynb"
        for k, case in enumerate(cases):
            for student, files in _class(case, places, notebook).items():
                _write(folder / "submitted" / f"{student}_{k:02}" / ASSIGNMENT, files)
        self._log, self.seconds = _run(
            [
                sys.executable,
                "-m",
                "grader",
                "grade",
                str(folder / "submitted"),
                "--out",
                str(folder),
                "--exercise",
                EXERCISE,
            ],
            folder,
            COURSE,
        )
        self.left = _end_what_is_left(folder)
        self._reports = {
            path.name: store.load(folder, path.name) for path in (folder / "submitted").iterdir()
        }
        self.count = len(self._reports)
        self.level = self._report(f"{ATTACKER}_00").level
        with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
            self._scores = {
                student: book.find_grade(EXERCISE, notebook.stem, ASSIGNMENT, student).score
                for student in self._reports
            }

    def outcome(self, k: int) -> CaseResult:
        checks = self._report(f"{ATTACKER}_{k:02}").exercise(EXERCISE).checks
        failed = dict.fromkeys(check.message for check in checks if check.points < check.max_points)
        neighbour = f"{NEIGHBOUR}_{k:02}"
        return CaseResult(
            self._points(f"{ATTACKER}_{k:02}"),
            self._points(neighbour) if neighbour in self._reports else None,
            "; ".join(failed),
        )

    def _points(self, student: str) -> float | None:
        """From the gradebook, as with stock nbgrader."""
        report = self._report(student)
        if report.status == "not_judged":
            return None
        return self._scores[student] - sum(
            check.points for check in report.exercise(EXERCISE).checks if check.name == "shapes"
        )

    def _report(self, student: str) -> Report:
        report = self._reports[student]
        if report is None:
            raise SystemExit(f"Our grader left no report of {student}. It said:\n{self._log}")
        return report


def _class(case: Case, places: Mapping[str, str], notebook: Path) -> dict[str, dict[str, str]]:
    """Student -> files. `places` tells an attack where things lie, `notebook` is what the tool
    hands out.
    """

    def placed(text: str) -> str:
        for mark, place in places.items():
            text = text.replace(mark, place)
        return text

    given = notebook.read_text(encoding="utf-8")
    mine = exam.without_tests(given) if case.edits_notebook else given
    code = (exam.RIGHT if case.innocent else exam.WRONG) + "\n\n" + case.code
    files = {exam.MODULE: code, **case.files}
    attacker = {notebook.name: mine, **{name: placed(content) for name, content in files.items()}}
    neighbour = {notebook.name: given, exam.MODULE: exam.RIGHT}
    return {ATTACKER: attacker, NEIGHBOUR: neighbour} if case.outside else {ATTACKER: attacker}


def _autograded(root: Path, student: str) -> Path:
    return root / "autograded" / student / exam.NAME / "exam.ipynb"


def _results(root: Path, student: str) -> dict | None:
    path = root / "results" / student / "results.json"
    return json.loads(path.read_text()) if path.exists() else None


def _errors(text: str) -> str:
    """The lines that name an exception, or what doctest did not expect, each once."""
    lines = re.findall(
        r"^.*\b\w+(?:Error|Exit|Interrupt)\b:.*$|^ *Expected nothing$", text, re.MULTILINE
    )
    return "; ".join(dict.fromkeys(line.strip()[:90] for line in lines))


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def _run(command: list[str], root: Path, cwd: Path | None = None) -> tuple[str, float]:
    """Run a tool with `root` as its home, and as its working directory if no other is named.

    Returns what it printed, and the seconds it took.
    """
    (root / "tmp").mkdir(exist_ok=True)
    environment = {
        "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.defpath}",
        "HOME": str(root),
        "TMPDIR": str(root / "tmp"),
        "OPENBLAS_NUM_THREADS": "1",
    }
    start = time.perf_counter()
    with open(root / "log", "w+") as log:
        process = psutil.Popen(
            command,
            cwd=cwd or root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            process.wait(LIMIT)
        except psutil.TimeoutExpired:
            for each in [*process.children(recursive=True), process]:
                each.kill()
            process.wait()
        log.seek(0)
        return log.read(), time.perf_counter() - start


def _end_what_is_left(root: Path) -> int:
    """End the processes that have this case's folder in their command line, after a second for what
    they still do.
    """

    def left() -> list[psutil.Process]:
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if any(f"{root}/" in part for part in process.info["cmdline"] or ())
        ]

    if not left():
        return 0
    time.sleep(1)
    found = left()
    for process in found:
        process.kill()
    return len(found)
