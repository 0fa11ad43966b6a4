"""Formgrader browsed, and scored by hand in, while a class is written into the gradebook that it
shows.

A Jupyter server runs in a copy of the course, as for an instructor. Readers ask it for Formgrader's
pages and the data behind them over and over, and one gives manual scores; meanwhile this process
writes made-up reports in batches, at the rate of grading or as fast as it goes. An error is an
answer other than 200, anything in the server's log at level ERROR, or an exception of the writer's.
In the end, every manual score must be there.

    python -m benchmarks.formgrader_while_grading [--submissions N] [--rate N] [--readers N] [--db
    URL]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook

from benchmarks.measuring import environment
from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, NOTEBOOKS
from grader.gradebook import gradebook
from grader.paths import COURSE
from grader.report import Check, ExerciseReport, Report, Verdict

BATCH = 16
EXERCISE = "svm_loss_naive"  # the one that is also scored by hand
PAGES = [
    "gradebook",
    f"gradebook/{ASSIGNMENT}",
    *(f"gradebook/{ASSIGNMENT}/{notebook}" for notebook in NOTEBOOKS),
    "manage_assignments",
    f"manage_submissions/{ASSIGNMENT}",
    "manage_students",
    "api/assignments",
    f"api/assignment/{ASSIGNMENT}",
    f"api/notebooks/{ASSIGNMENT}",
    f"api/submissions/{ASSIGNMENT}",
    *(f"api/submitted_notebooks/{ASSIGNMENT}/{notebook}" for notebook in NOTEBOOKS),
    "api/students",
]
PERSONAL = [
    "manage_students/{0}",
    "manage_students/{0}/" + ASSIGNMENT,
    f"api/submission/{ASSIGNMENT}/{{0}}",
    "api/student_submissions/{0}",
    f"api/student_notebook_submissions/{{0}}/{ASSIGNMENT}",
]


@dataclass
class Seen:
    """What a reader met: seconds of each answer, and what was wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Formgrader browsed while a class is written into its gradebook."
    )
    parser.add_argument("--submissions", type=int, default=500, metavar="N")
    parser.add_argument(
        "--rate",
        type=float,
        default=30,
        metavar="N",
        help="submissions a second; 0: as fast as it goes",
    )
    parser.add_argument("--readers", type=int, default=2, metavar="N")
    parser.add_argument(
        "--db", metavar="URL", help="database of the gradebook (default: an SQLite file)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="formgrader-") as scratch:
        course = copy_course(Path(scratch) / "course", options.db)
        with gradebook.open_gradebook(options.db or course / "gradebook.db", course) as book:
            gradebook.write(book, [report("first", 1.0)], course=course)
            list_in_formgrader(course, ["first"])
            with server(course, Path(scratch)) as (address, log):
                measure(options, book, course, address, log)


def measure(
    options: argparse.Namespace,
    book: Gradebook,
    course: Path,
    address: str,
    log: list[str],
) -> None:
    written, over = ["first"], threading.Event()
    by_hand: dict[str, float] = {}
    seen = [Seen() for _ in range(options.readers + 1)]
    threads = [
        threading.Thread(target=browse, args=(address, written, over, one, k))
        for k, one in enumerate(seen[:-1])
    ]
    threads.append(
        threading.Thread(target=score_by_hand, args=(address, written, over, seen[-1], by_hand))
    )
    for thread in threads:
        thread.start()
    batches: list[float] = []
    failed = ""
    begin = time.perf_counter()
    try:
        for turn, share in enumerate((0.5, 1.0)):  # all new, then all changed
            for k in range(0, options.submissions, BATCH):
                names = [f"student{j:05}" for j in range(k, min(k + BATCH, options.submissions))]
                start = time.perf_counter()
                gradebook.write(book, [report(name, share) for name in names], course=course)
                batches.append(time.perf_counter() - start)
                if turn == 0:
                    list_in_formgrader(course, names)
                    written += names
                if options.rate:
                    time.sleep(max(0.0, len(names) / options.rate - batches[-1]))
    except Exception as error:
        failed = f"{type(error).__name__}: {error}"
    seconds = time.perf_counter() - begin
    over.set()
    for thread in threads:
        thread.join()

    answers = [second for one in seen for second in one.seconds]
    errors = [error for one in seen for error in one.errors]
    logged = [line for line in log if line.startswith(("[E ", "[C "))]
    lost = [name for name, score in by_hand.items() if manual_score(book, name) != score]
    print(
        f"written: {len(written) - 1} submissions twice in {seconds:.1f} s, {len(batches)} batches,"
        f" the slowest in {max(batches):.2f} s, the median in {statistics.median(batches):.3f} s;"
        f" errors: {failed or 0}"
    )
    print(
        f"read: {len(answers)} pages by {options.readers} readers and a scorer, the slowest in"
        f" {max(answers):.2f} s, the median in {statistics.median(answers):.3f} s; errors:"
        f" {len(errors)}; errors in the server's log: {len(logged)}"
    )
    print(f"scored by hand meanwhile: {len(by_hand)}; lost: {len(lost)}")
    for line in [*errors[:5], *logged[:5]]:
        print(f"  {line.strip()}")
    sys.exit(bool(failed or errors or logged or lost))


def list_in_formgrader(course: Path, students: list[str]) -> None:
    """Formgrader lists submissions whose notebooks lie in autograded/."""
    for student in students:
        folder = course / "autograded" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        for notebook in NOTEBOOKS:
            (folder / f"{notebook}.ipynb").touch()


def report(student: str, share: float) -> Report:
    """A report in which each exercise earns a share of its points."""
    return Report(
        student,
        "A",
        tuple(
            ExerciseReport(
                name,
                row.notebook,
                (Check("all", "All.", Verdict.FAILED, share * row.points, row.points),),
            )
            for name, row in EXERCISES.items()
        ),
    )


def manual_score(book: Gradebook, student: str) -> float | None:
    row = EXERCISES[EXERCISE]
    return book.find_grade(row.grade_id, row.notebook, ASSIGNMENT, student).manual_score


def browse(address: str, written: list[str], over: threading.Event, seen: Seen, begin: int) -> None:
    k = 7 * begin  # readers look at different pages
    while not over.is_set():
        pages = [*PAGES, *(page.format(written[k % len(written)]) for page in PERSONAL)]
        ask(f"{address}/formgrader/{pages[k % len(pages)]}", seen)
        k += 1


def score_by_hand(
    address: str, written: list[str], over: threading.Event, seen: Seen, by_hand: dict[str, float]
) -> None:
    """Open a notebook of the student who was written last, and save a score and a comment, as
    Formgrader's page does.
    """
    row = EXERCISES[EXERCISE]
    while not over.wait(0.2):
        student = written[-1]
        notebooks = (
            ask(
                f"{address}/formgrader/api/student_notebook_submissions/{student}/{ASSIGNMENT}",
                seen,
            )
            or []
        )
        notebook = next((one["id"] for one in notebooks if one["name"] == row.notebook), None)
        for grade in (
            ask(f"{address}/formgrader/api/grades?submission_id={notebook}", seen) or []
            if notebook
            else []
        ):
            if grade["name"] == row.grade_id:
                score = len(by_hand) % 10 + 0.5
                if ask(
                    f"{address}/formgrader/api/grade/{grade['id']}", seen, {"manual_score": score}
                ):
                    by_hand[student] = score


def ask(url: str, seen: Seen, put: dict | None = None) -> list | dict | None:
    """The answer, as data if it is JSON."""
    data = json.dumps(put).encode() if put is not None else None
    start = time.perf_counter()
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data, method="PUT" if data else "GET"), timeout=120
        ) as answer:
            content = answer.read()
    except OSError as error:  # an answer that says that it failed, or none
        seen.errors.append(f"{url}: {error}")
        return None
    seen.seconds.append(time.perf_counter() - start)
    return json.loads(content) if "/api/" in url else None


def copy_course(to: Path, url: str | None) -> Path:
    """The parts of the course that Formgrader needs, and its gradebook's URL in the settings."""
    for name in ("notebooks", "cs231n_utils", "datasets", "grader"):
        shutil.copytree(
            COURSE / name, to / name, ignore=shutil.ignore_patterns("__pycache__", "cifar-10*")
        )
    shutil.copy2(COURSE / "nbgrader_config.py", to)
    exchange = to / "exchange"  # without one, Formgrader logs an error for each page
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    with (to / "nbgrader_config.py").open("a") as settings:
        settings.write(
            f"c.Exchange.root = {str(exchange)!r}\n"
            + (f"c.CourseDirectory.db_url = {url!r}\n" if url else "")
        )
    return to


@contextmanager
def server(course: Path, scratch: Path) -> Iterator[tuple[str, list[str]]]:
    """The address of a Jupyter server for the course, and its log, which grows."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    apart = {
        name: str(scratch / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyter_server",
            "--no-browser",
            f"--port={port}",
            "--ip=127.0.0.1",
            "--IdentityProvider.token=",
            "--ServerApp.disable_check_xsrf=True",
            *(["--allow-root"] if os.getuid() == 0 else []),
        ],
        cwd=course,
        env=environment(**apart),
        stderr=subprocess.PIPE,
        text=True,
    )
    log: list[str] = []
    ready = threading.Event()

    def follow() -> None:
        assert process.stderr
        for line in process.stderr:
            log.append(line)
            if "is running at" in line:
                ready.set()
        ready.set()

    threading.Thread(target=follow, daemon=True).start()
    try:
        ready.wait()
        while not listening(port):
            if process.poll() is not None:
                raise SystemExit("The Jupyter server ended:\n" + "".join(log[-20:]))
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", log
    finally:
        process.terminate()
        process.wait()


def listening(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    main()
