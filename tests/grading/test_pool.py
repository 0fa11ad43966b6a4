"""Grading through pytest and the sandbox: one fault costs one check, ours costs nothing, and nobody
notices the neighbours.
"""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE
from grader.checks.session import FIRST_PASS, FULL, Patience
from grader.faults import ChecksFault, SandboxFault, SandboxUnavailable
from grader.grading import pool
from grader.grading.pool import grade_batch, grade_in_processes
from grader.intake.submission import Submission
from grader.report import Report, Verdict
from grader.sandbox import connection, launch
from tests.support import grading_processes, process_watch
from tests.support.in_sandbox import ROOT, reference_files

pytestmark = pytest.mark.slow

WITHOUT_MODEL = MAX_SCORE - EXERCISES["best_model.npz"].points

# What one function does in place of its work, and what its student reads about it.
FAULTS = {
    "exits": ("import os; os._exit(0)", "ended the Python process (exit status 0)"),
    "loops": ("while True: pass", "did not return within"),
    "allocates": ("return np.ones(50 * 2**27)", "raised MemoryError"),
    "crashes": ("import ctypes; ctypes.string_at(0)", "crashed the Python process (SIGSEGV)"),
    "leaves": ("raise SystemExit", "raised SystemExit"),
    "sends": ("return np.broadcast_to(0.0, (10**6, 10**6))", "too large"),
}
NOISE = """

def _noisy(function):
    import functools, sys, warnings

    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        print("hello", function.__name__)
        print("x" * 10_000, file=sys.stderr)
        warnings.warn("careful", RuntimeWarning)
        np.float64(1) / np.float64(0)
        return function(*args, **kwargs)

    return wrapped


for _name, _value in list(globals().items()):
    is_theirs = isinstance(_value, type(_noisy)) and _value.__module__ == __name__
    if is_theirs and _value is not _noisy:
        globals()[_name] = _noisy(_value)
"""


def with_added(module: str, code: str, student: str) -> Submission:
    files = reference_files()
    files[f"cs231n_utils/{module}.py"] += code.encode()
    return Submission(student, files)


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    """By student: the reference, the same with noise, and one with a fault in elastic_net_penalty
    for each kind of fault.
    """
    class_ = [Submission("reference", reference_files())]
    class_ += [
        with_added(
            "regularization", f"\n\ndef elastic_net_penalty(*args, **kwargs):\n    {body}\n", name
        )
        for name, (body, _) in FAULTS.items()
    ]
    noisy = {name: text + NOISE.encode() for name, text in reference_files().items()}
    class_ += [
        Submission("noisy", noisy),
        Submission("empty", {}),
        Submission("reference again", reference_files()),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "CPU_LIMIT", 0.5)
        return {report.student: report for report in grade_batch(class_, "secret")}


def lost(report: Report) -> set[str]:
    return {exercise.name for exercise in report.exercises if exercise.points < exercise.max_points}


@pytest.mark.parametrize("name", ["reference", "reference again", "noisy"])
def test_right_answers_have_all_points_whatever_they_print(reports, name):
    assert lost(reports[name]) == {"best_model.npz"}
    assert (reports[name].score, reports[name].max_score, reports[name].level) == (
        WITHOUT_MODEL,
        MAX_SCORE,
        "A",
    )


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_only_its_own_exercise(reports, name):
    report = reports[name]
    assert lost(report) == {"elastic_net_penalty", "best_model.npz"} and report.status == "graded"
    messages = [check.message for check in report.exercise("elastic_net_penalty").checks]
    assert all(FAULTS[name][1] in message or "Not tried" in message for message in messages)
    assert any(FAULTS[name][1] in message for message in messages)


def test_a_fault_in_one_case_costs_only_the_checks_of_that_case():
    code = """

_right = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    import os
    return os._exit(0) if reg == 0.3 else _right(W, X, y, reg)
"""
    (report,) = grade_batch([with_added("linear_svm", code, "ann")], "secret", ["svm_loss_naive"])
    verdicts = {check.name: check.verdict for check in report.exercise("svm_loss_naive").checks}
    assert verdicts["loss"] is verdicts["gradient"] is Verdict.PASSED
    assert verdicts["penalty"] is verdicts["penalty_gradient"] is Verdict.FAILED


def test_a_submission_that_never_ends_has_one_limit_for_all_exercises():
    loops = "\n\ndef rel_error(*args):\n    while True:\n        pass\n"
    (report,) = grade_batch(
        [with_added("gradient_check", loops, "ann")],
        "secret",
        ["rel_error", "l2_penalty"],
        patience=Patience(0.3, final=True),
    )
    for exercise in report.exercises:
        assert exercise.points == 0
        assert (
            "the calls of all exercises took more than 0.3 s together."
            in exercise.checks[0].message
        )


def test_an_empty_submission_has_no_points_and_says_what_is_missing(reports):
    assert reports["empty"].score == 0
    assert all(
        "is missing" in check.message or "Not tried" in check.message
        for exercise in reports["empty"].exercises
        for check in exercise.checks
    )


def test_the_same_submission_has_the_same_report():
    submissions = [
        with_added(
            "softmax", "\n\ndef softmax_loss_naive(W, X, y, reg):\n    return 0.5, W\n", "ann"
        )
    ] * 2
    first, second = grade_batch(submissions, "secret", ["softmax_loss_naive"])
    assert first == second
    (other,) = grade_batch(submissions[:1], "another secret", ["softmax_loss_naive"])
    assert {check.seed for check in other.exercises[0].checks}.isdisjoint(
        check.seed for check in first.exercises[0].checks
    )


# --- faults of ours, in checks made for these tests -----------------------------------------------

CHECKS = '''
import os, signal
from pathlib import Path

calls = []

def descendants(pid):
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            # A resource tracker is multiprocessing's, and belongs to another test.
            if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes():
                yield from descendants(child)
                yield child

class TestRelError:
    exercise = "rel_error"
    points = {"first": 1, "second": 1}

    def test_first(self, student):
        """The first."""
        calls.append(1)
        FIRST

    def test_second(self, student):
        """The second."""
        assert student.rel_error(1, 1) == 0
'''


def graded_with(monkeypatch, tmp_path: Path, first: str, times: int = 1) -> list[Report]:
    folder = tmp_path / "topics"
    folder.mkdir()
    (folder / "test_made_up.py").write_text(CHECKS.replace("FIRST", first))
    monkeypatch.setattr(pool, "TOPICS", folder)
    return grade_batch([Submission("ann", reference_files())] * times, "secret", ["rel_error"])


def verdicts(report: Report) -> list[str]:
    return [check.verdict.value for check in report.exercises[0].checks]


def test_a_bug_of_ours_costs_no_points_and_does_not_stop_the_rest(monkeypatch, tmp_path):
    reports = graded_with(monkeypatch, tmp_path, "{}['nothing']", times=2)
    for report in reports:
        assert verdicts(report) == ["not_judged", "passed"] and report.status == "not_judged"
        check = report.exercises[0].checks[0]
        assert (
            check.message.startswith("Not judged, and it costs you nothing")
            and "KeyError" in check.detail
        )


def test_a_bug_that_does_not_come_back_is_forgotten(monkeypatch, tmp_path):
    (report,) = graded_with(monkeypatch, tmp_path, "assert len(calls) != 1 or {}['nothing']")
    assert verdicts(report) == ["passed", "passed"]


KILL = (
    "student.rel_error(1, 1); "
    "{when}[os.kill(pid, signal.SIGKILL) for pid in descendants(os.getpid())]; "
    "student.rel_error(1, 1)"
)


def test_a_zygote_that_dies_is_replaced(monkeypatch, tmp_path):
    (report,) = graded_with(monkeypatch, tmp_path, KILL.format(when="len(calls) == 1 and "))
    assert verdicts(report) == ["passed", "passed"]


def test_a_zygote_that_dies_every_time_is_not_the_students_fault(monkeypatch, tmp_path):
    (report,) = graded_with(monkeypatch, tmp_path, KILL.format(when=""))
    assert verdicts(report) == ["not_judged", "passed"]


def test_no_worker_at_all_is_not_the_students_fault(monkeypatch):
    def fork(zygote: launch.Zygote) -> None:
        raise SandboxFault("no worker")

    monkeypatch.setattr(launch.Zygote, "fork", fork)
    (report,) = grade_batch([Submission("ann", reference_files())], "secret", ["rel_error"])
    assert set(verdicts(report)) == {"not_judged"}


def test_checks_that_cannot_be_collected_stop_the_run(monkeypatch, tmp_path):
    with pytest.raises(ChecksFault, match="cannot be collected"):
        graded_with(monkeypatch, tmp_path, "return )")


def test_a_machine_without_a_sandbox_stops_the_run(monkeypatch):
    def refuse(level: str) -> None:
        raise SandboxUnavailable("install it")

    monkeypatch.setattr(launch.requirements, "check", refuse)
    with pytest.raises(SandboxUnavailable, match="install it"):
        grade_batch([Submission("ann", {})], "secret")


def test_the_machines_pytest_settings_are_kept_out(monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    (report,) = grade_batch([Submission("ann", reference_files())], "secret", ["rel_error"])
    assert report.status == "graded"
    assert os.environ["PYTEST_ADDOPTS"] == "--no-such-option"


# --- many processes -------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_whoever_ends_a_process_is_set_aside_and_the_others_are_graded(
    monkeypatch, tmp_path, workers
):
    monkeypatch.setattr(pool, "_handle", grading_processes.handle)
    names = ["always", *(f"s{k}" for k in range(6)), "once", "raises"]
    batches = grade_in_processes(
        (Submission(name, {}) for name in names), workers, str(tmp_path), level="A", batch=3
    )
    reports = {report.student: report for batch in batches for report in batch}
    assert sorted(reports) == sorted(names)
    set_aside = {name for name, report in reports.items() if report.status == "not_judged"}
    assert set_aside == {"always", "raises"}
    assert reports["always"].max_score == MAX_SCORE and reports["always"].score == 0
    assert "a fault of ours" in reports["raises"].exercises[0].checks[0].detail


@pytest.mark.parametrize("workers", [1, 2])
def test_whoever_is_slow_is_finished_when_all_others_are_graded(monkeypatch, tmp_path, workers):
    monkeypatch.setattr(pool, "_handle", grading_processes.handle)
    names = ["slow", *(f"s{k}" for k in range(6))]
    batches = list(
        grade_in_processes(
            (Submission(name, {}) for name in names), workers, str(tmp_path), level="A", batch=1
        )
    )
    order = [report.student for batch in batches for report in batch]
    assert sorted(order) == sorted(names) and order.index("slow") >= len(names) - workers
    (slow,) = (report for batch in batches for report in batch if report.student == "slow")
    assert [exercise.name for exercise in slow.exercises] == list(EXERCISES)
    assert slow.seconds == FIRST_PASS.seconds + FULL.seconds


def test_what_a_first_pass_has_found_stays(monkeypatch):
    files = with_added("softmax", "\nimport time\ntime.sleep(60)\n", "ann")
    exercises = ["rel_error", "softmax_loss_naive", "l2_penalty"]
    (first,) = grade_batch([files], "secret", exercises, patience=Patience(0.5, final=False))
    assert [exercise.name for exercise in first.exercises] == ["rel_error"] and first.seconds >= 0.5
    monkeypatch.setattr(connection, "WALL_LIMIT", 0.5)
    (second,) = grade_batch([files], "secret", exercises, before=[first])
    assert [(exercise.name, exercise.points > 0) for exercise in second.exercises] == [
        ("rel_error", True),
        ("softmax_loss_naive", False),
        ("l2_penalty", True),
    ]
    assert second.exercises[0] is first.exercises[0] and second.seconds > first.seconds


STUCK = """
from pathlib import Path
from grader.grading.pool import grade_in_processes
from grader.intake.submission import read

if __name__ == "__main__":
    list(grade_in_processes([read(Path({path!r}))], 1, "secret", ["rel_error"]))
"""


def test_killing_the_command_leaves_nothing_running(tmp_path):
    """Not the pool's process, not bubblewrap, not the zygote, not the worker with the student's
    endless loop.
    """
    root = tmp_path / "ann" / ASSIGNMENT / "cs231n_utils"
    root.mkdir(parents=True)
    (root / "gradient_check.py").write_text("import time\ntime.sleep(60)\n")
    script = tmp_path / "stuck.py"
    script.write_text(STUCK.format(path=str(root.parent)))
    command = subprocess.Popen(
        [sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path
    )
    with command:
        # Below the pool's process, bubblewrap, and the zygote.
        while not process_watch.boxes(command.pid):
            assert command.poll() is None
            select.select([], [], [], 0.05)
        descriptors = [os.pidfd_open(pid) for pid in process_watch.descendants(command.pid)]
        command.kill()
    try:
        for descriptor in descriptors:
            poller = select.poll()
            poller.register(descriptor, select.POLLIN)
            assert poller.poll(10_000), "a process outlives the grade command"
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
