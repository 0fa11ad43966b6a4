"""Hostile submissions between good ones: nobody gains a point, nobody else loses one, nothing is
left, all of it ends.

The cases are the folders of `tests/submissions/`; attack_cases.py says what is in them. They are
graded in classes, as `python -m grader grade` does it, and each case then looks at its own report
and at what its class has left behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader.grading import pool
from grader.grading.one_submission import MAX_MESSAGE
from grader.intake import submission
from grader.kit import sample_class
from grader.pages import student_page
from grader.paths import COURSE
from grader.report import Report
from tests.support import attack_cases
from tests.support.attack_cases import FAMILIES, MARK, Case, load_cases
from tests.support.downloads import take_in
from tests.support.in_sandbox import LEVELS, sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="hidden checks are graded on Linux only"
    ),
]

CASES = {case.name: case for case in load_cases()}
# Graded in every class: most attacks sit in linear_svm.py, and harm that they do elsewhere shows in
# the others.
WITNESSES = frozenset(
    {
        "rel_error",
        "svm_loss_naive",
        "svm_loss_vectorized",
        "l2_penalty",
        "LinearClassifier.predict",
        "best_model.npz",
    }
)
CLASSES = ("hostile", "scattered", "innocent")  # graded together
WORKERS = 2
BETWEEN = 5  # cases from one good neighbour to the next
SECRET = "the secret of this course"
TIME_LIMIT = 900  # seconds for a class; an end for one that would never end, not a measure of speed
ROOT = COURSE
OUTSIDE = [Path(name) for name in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/")]


@dataclass
class Graded:
    """What grading one class gave: reports by student, cases that this user cannot build, and the
    harm that was done.
    """

    reports: dict[str, Report]
    skipped: dict[str, str]
    harm: list[str] = field(default_factory=list)


# --- grading a class ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def graded(kit, tmp_path_factory) -> Callable[[str, str], Graded]:
    """A class, graded at a level when a test first asks for it: once, even if that fails."""
    small = {name: content for name, content in kit.items() if not name.startswith("datasets/")}

    @functools.cache
    def outcome(level: str, class_: str) -> Graded | BaseException:
        try:
            sandbox(level)
            return _grade_class(level, class_, tmp_path_factory.mktemp("attacks"), small)
        except (Exception, pytest.skip.Exception, pytest.fail.Exception) as error:
            return error

    def of(level: str, class_: str) -> Graded:
        found = outcome(level, class_)
        if isinstance(found, BaseException):
            raise found
        return found

    return of


def _class_of(case: Case) -> str:
    if case.innocent:
        return "innocent"
    return "hostile" if _touched(case) <= WITNESSES else "scattered"


def _touched(case: Case) -> set[str]:
    return {*case.points, *case.says}


def _grade_class(level: str, class_: str, folder: Path, kit: dict[str, bytes]) -> Graded:
    submitted, home = folder / "submitted", folder / "home"
    submitted.mkdir()
    home.mkdir()
    cases = [case for case in CASES.values() if _class_of(case) == class_]
    names, skipped = _hand_in(cases, submitted, kit)
    touched = set(EXERCISES) if class_ == "innocent" else WITNESSES.union(*map(_touched, cases))
    exercises = [name for name in EXERCISES if name in touched]
    # Links are not taken in; nbgrader's `autograde` reads them all the same.
    handed_in = {name: submission.read(submitted / name / ASSIGNMENT) for name in names} | take_in(
        submitted
    ).submissions
    before, marked = _contents(folder), _marked()
    with (
        pytest.MonkeyPatch.context() as patch,
        _orphans_come_here(),
        _time_limit(TIME_LIMIT),
        _temporary_folder() as temporary,
    ):
        patch.setattr(pool, "_handle", attack_cases.handle_impatiently)
        patch.setenv("HOME", str(home))
        patch.setenv("TMPDIR", str(temporary))
        running = _children(os.getpid())
        batches = pool.grade_in_processes(
            (handed_in[name] for name in names), WORKERS, SECRET, exercises, level
        )
        reports = {report.student: report for batch in batches for report in batch}
        left = [*_still_running(_children(os.getpid()) - running), *map(str, temporary.iterdir())]
    result = Graded(reports, skipped)
    full = sum(EXERCISES[name].points for name in exercises)
    result.harm += [
        f"{name} has {report.score} points of {full}"
        for name, report in reports.items()
        if name.startswith("neighbour") and report.score != full
    ]
    result.harm += [f"still running: {name}" for name in left]
    result.harm += [f"changed: {name}" for name in sorted(_different(before, _contents(folder)))]
    result.harm += [f"planted: {path}" for path in sorted(_marked() - marked)]
    return result


def _hand_in(
    cases: list[Case], submitted: Path, kit: dict[str, bytes]
) -> tuple[list[str], dict[str, str]]:
    """Write a class; students in the order in which they are graded, and the cases that cannot be
    built, with the reason.
    """
    good = attack_cases.base_files("reference", kit)
    neighbours = [f"neighbour_{k:02}" for k in range(1, len(cases) // BETWEEN + 3)]
    # First: some cases link to them.
    sample_class.write_class(dict.fromkeys(neighbours, good), submitted)
    order, skipped = [neighbours[0]], {}
    for k, case in enumerate(cases, start=1):
        try:
            attack_cases.write(case, submitted, kit)
        except attack_cases.CannotBuild as error:
            skipped[case.name] = str(error)
            continue
        order += [case.student, *([neighbours[k // BETWEEN]] if k % BETWEEN == 0 else [])]
    return [*order, neighbours[-1]], skipped


@contextlib.contextmanager
def _temporary_folder() -> Iterator[Path]:
    """One that students' user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


# --- what a class may leave behind: nothing -------------------------------------------------------


@contextlib.contextmanager
def _orphans_come_here() -> Iterator[None]:
    """Whatever outlives its parent becomes a child of this process, and is seen:
    PR_SET_CHILD_SUBREAPER.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(36, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(36, 0, 0, 0, 0)


@contextlib.contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    def end(*args: object) -> None:
        raise TimeoutError(f"a class is not graded after {seconds} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _children(pid: int) -> set[int]:
    """All processes below one."""
    found: set[int] = set()
    with contextlib.suppress(OSError):  # it, or one of its threads, has ended in the meantime
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, task.read_text().split()):
                found |= {child} | _children(child)
    return found


def _still_running(pids: set[int], patience: float = 5.0) -> list[str]:
    """The command lines of those that do not end by themselves within some seconds."""
    left = []
    for pid in pids:
        with contextlib.suppress(OSError):  # gone in the meantime
            command = (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode(errors="replace")
            )
            if "multiprocessing.resource_tracker" in command:
                continue  # Python's own, one for all pools, and it stays
            descriptor = os.pidfd_open(pid)
            poller = select.poll()
            poller.register(descriptor, select.POLLIN)
            if not poller.poll(patience * 1000):
                left.append(command or str(pid))
            os.close(descriptor)
    return left


def _contents(folder: Path) -> dict[str, str]:
    """Everything below a folder, by name: kind and permissions, and the checksum of what a file
    holds.
    """
    found = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        held = (
            hashlib.sha256(path.read_bytes()).hexdigest()
            if path.is_file() and not path.is_symlink()
            else ""
        )
        found[str(path.relative_to(folder))] = f"{status.st_mode:o} {held}"
    return found


def _different(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _marked() -> set[str]:
    """Names and contents with the mark, where attacks would like to leave them."""
    libraries = Path(np.__file__).parent.parent
    found = {
        str(path)
        for folder in [*OUTSIDE, libraries, Path.home(), Path.cwd()]
        if os.access(folder, os.R_OK)
        for path in folder.glob(f"*{MARK}*")
    }
    ours = [
        *ROOT.glob("*"),
        *(path for name in ("grader", "cs231n_utils") for path in (ROOT / name).rglob("*")),
    ]
    found |= {str(path) for path in ours if MARK in path.name}
    found |= {
        str(path)
        for path in ours
        if path.suffix in (".py", ".db", ".toml") and MARK.encode() in path.read_bytes()
    }
    segments = Path("/proc/sysvipc/shm")
    if segments.exists() and str(0x231A77) in segments.read_text().split():
        found.add("a System V memory segment")
    return found


def test_what_outlives_its_parent_is_seen():
    """The watch over processes is not blind."""
    # The first process ends after the second, which ends when the third one is there.
    orphan = (
        "import os, time; os.fork() and os.wait() or os.setsid() or os.fork() or time.sleep(60)"
    )
    with _orphans_come_here():
        before = _children(os.getpid())
        subprocess.run([sys.executable, "-c", orphan], check=True)
        left = _children(os.getpid()) - before
        try:
            assert any("time.sleep(60)" in name for name in _still_running(left, patience=0))
        finally:
            for pid in left:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)


def test_what_is_written_or_changed_is_seen(tmp_path, monkeypatch):
    """Nor is the watch over files."""
    (tmp_path / "a").write_text("a")
    before, marked = _contents(tmp_path), _marked()
    (tmp_path / "a").write_text("b")
    (tmp_path / f"{MARK}.pth").touch()
    monkeypatch.chdir(tmp_path)
    assert _different(before, _contents(tmp_path)) == {"a", f"{MARK}.pth"}
    assert _marked() - marked == {str(tmp_path / f"{MARK}.pth")}


# --- the corpus itself ----------------------------------------------------------------------------


def test_the_corpus_is_large_and_every_case_is_complete():
    assert len(CASES) >= 90
    assert {case.family for case in CASES.values()} == set(FAMILIES)
    for case in CASES.values():
        assert case.name.startswith(f"{case.family}_") and case.about.endswith(".")
        assert case.base in ("kit", "reference") and set(case.points) | set(case.says) <= set(
            EXERCISES
        )
        assert case.innocent == (case.family == "innocent") and not (case.innocent and case.points)
        assert all(case.most(name) <= EXERCISES[name].points for name in EXERCISES)
        assert (
            any((case.folder / part).exists() for part in ("append", "files", "build.py"))
            or case.student != case.name
        )


def test_every_student_is_another_one():
    assert len({case.student for case in CASES.values()}) == len(CASES)


# --- the verdicts ---------------------------------------------------------------------------------


def together(level: str, class_: str, *case: str) -> object:
    """Parameters of a test that needs a class: where tests run in many processes, one of them
    grades the classes of a level, one after the other. All at once they would get in each other's
    way, and some cases are judged by the time they take.
    """
    group = pytest.mark.xdist_group(f"attacks, {level}")
    return pytest.param(
        level, *(case or (class_,)), id="-".join([level, class_, *case]), marks=group
    )


@pytest.mark.parametrize(
    "level, class_", [together(level, class_) for level in LEVELS for class_ in CLASSES]
)
def test_nobody_else_is_harmed(graded, level, class_):
    result = graded(level, class_)
    assert result.harm == []
    wanted = {
        case.student
        for case in CASES.values()
        if _class_of(case) == class_ and case.name not in result.skipped
    }
    assert {name for name in result.reports if not name.startswith("neighbour")} == wanted


@pytest.mark.parametrize(
    "level, name",
    [together(level, _class_of(case), case.name) for level in LEVELS for case in CASES.values()],
)
def test_the_case_has_its_verdict(graded, level, name):
    case = CASES[name]
    if level not in case.levels:
        pytest.skip(f"level {level} does not promise this; see docs/security.md")
    result = graded(level, _class_of(case))
    if name in result.skipped:
        pytest.skip(result.skipped[name])
    report = result.reports[case.student]
    assert (report.level, report.status) == (level, "graded"), [
        check.detail for one in report.exercises for check in one.checks
    ]
    for exercise in report.exercises:
        messages = [check.message for check in exercise.checks if check.message]
        if exercise.name in case.points:
            assert exercise.points <= case.points[exercise.name], (exercise.name, messages)
        else:
            assert exercise.points == case.base_points(exercise.name), (exercise.name, messages)
        assert case.says.get(exercise.name, "") in " ".join(messages)
    assert case.notes in " ".join(report.notes), report.notes
    assert result.harm == []
    _expect_plain(report)


def _expect_plain(report: Report) -> None:
    """What the student reads is text, and gives nothing away."""
    for text in [
        *report.notes,
        *(check.message for exercise in report.exercises for check in exercise.checks),
    ]:
        assert text.isprintable() and len(text) <= MAX_MESSAGE
        assert not any(word in text for word in (SECRET, str(ROOT), "Traceback"))
    page = student_page.student_page(report).lower()
    assert not any(f"<{tag}" in page for tag in ("script", "img src=x", "a href='java"))
