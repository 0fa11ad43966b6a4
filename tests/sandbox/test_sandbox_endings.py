"""How student code may end, loop, exhaust its means or lie on the wire: always a sentence for the
student, in bounded time.
"""

import os

import numpy as np
import pytest

from grader.checks.expect import Mismatch
from grader.faults import StudentFault
from grader.sandbox import connection
from grader.sandbox.launch import Zygote
from tests.support.in_sandbox import LEVELS, probe, probes, run, sandbox, student

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=LEVELS)
def zygote(request):
    with sandbox(request.param) as started:
        yield started


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(connection, "CPU_LIMIT", 0.3)
    monkeypatch.setattr(connection, "WALL_LIMIT", 1.5)


def fault(zygote: Zygote, file: str, name: str, *args: object) -> str:
    """The message that a probe earns."""
    with pytest.raises(StudentFault) as caught:
        probe(zygote, file, name, *args)
    return str(caught.value)


ENDINGS = {
    "exit_status_0": "ended the Python process (exit status 0)",
    "exit_status_3": "ended the Python process (exit status 3)",
    "system_exit": "raised SystemExit",
    "keyboard_interrupt": "raised KeyboardInterrupt",
    "segmentation_fault": "crashed the Python process (SIGSEGV)",
    "abort": "crashed the Python process (SIGABRT)",
    "kill_itself": "ended the Python process (SIGKILL)",
    "signal_without_a_name": "ended the Python process (signal 40)",
    "recursion": "raised RecursionError",
    "recursion_in_c": (
        "crashed the Python process (SIGSEGV)",
        "raised RecursionError",
        "raised MemoryError",
    ),
    "fifty_gigabytes_at_once": "raised MemoryError: Unable to allocate 50.0 GiB",
    "fifty_gigabytes_by_and_by": "raised MemoryError",
    "a_huge_file": "raised OSError: [Errno 27] File too large",
    "many_open_files": "raised OSError: [Errno 24] Too many open files",
    "a_full_disk": "raised OSError: [Errno 28] No space left on device",
    "too_many_files": "raised OSError: [Errno 28] No space left on device",
    "a_closed_connection": "closed its connection to the grader.",
    "a_huge_result": "returned something too large or too deeply nested",
    "a_deep_result": "returned something too large or too deeply nested",
    "a_cyclic_result": "returned something too large or too deeply nested",
    "an_exception_that_explodes": (
        "raised Exploding: (its text cannot be shown) (gradient_check.py, line "
    ),
    "a_nasty_text": "raised ValueError: a?[31m bccc",
    "a_path": (
        "raised ImportError: cannot import name 'nothing' from 'cs231n_utils.gradient_check' "
        "(cs231n_utils/gradient_check.py) ("
    ),
}
AT_LEVEL_B = {
    "a_full_disk": "wrote more than 4,096 files, or 128 MB of them",
    "too_many_files": "wrote more than 4,096 files",
}
ENDLESS = {
    "a_loop": "of computing",
    "a_loop_that_catches_everything": "of computing",
    "a_loop_in_c": "of computing",
    "a_sleep": "or a sleep?",
    "a_sleep_that_takes_no_signals": "or a sleep?",
    "a_stop": "or a sleep?",
}
LEFT = ["a_closed_folder", "deep_folders", "thousands_of_files"]


def test_every_ending_is_tried():
    assert {*ENDINGS, *ENDLESS, *LEFT} == set(probes("endings"))


@pytest.mark.parametrize("name", ENDINGS)
def test_each_ending_is_the_students_fault_and_is_named(zygote, name):
    text = fault(zygote, "endings", name)
    assert text.startswith(
        AT_LEVEL_B.get(name, ENDINGS[name]) if zygote.level == "B" else ENDINGS[name]
    ), text
    assert len(text) < 1_000 and text.isprintable() and "/scratch" not in text
    assert run(zygote, "return 1") == 1


@pytest.mark.parametrize("name", ENDLESS)
def test_what_has_no_end_is_ended(zygote, impatient, name):
    assert ENDLESS[name] in fault(zygote, "endings", name)
    assert run(zygote, "return 1") == 1


@pytest.mark.parametrize("name", LEFT)
def test_whatever_a_worker_leaves_behind_is_gone(zygote, name):
    assert probe(zygote, "endings", name) == 1
    scratch, links = run(
        zygote,
        "import os\nscratch = os.path.dirname(os.getcwd())\nreturn scratch,"
        " os.stat(scratch).st_nlink",
    )
    if zygote.level == "A":
        assert links == 3  # ".", ".." and the folder of who looks
    else:
        assert not os.path.exists(scratch) or os.listdir(scratch) == []


def test_an_error_at_import_is_told_with_its_line(zygote):
    one = student(zygote, "return 1", gradient_check="def rel_error(:\n")
    with pytest.raises(StudentFault, match=r"^raised SyntaxError: .* \(gradient_check.py, line 1"):
        one.rel_error(1, 2)
    one.close()


def test_calls_that_take_long_together_end(zygote, monkeypatch):
    monkeypatch.setattr("grader.checks.session.EXERCISE_SECONDS", 0.5)
    one = student(zygote, "import time\ntime.sleep(0.2)")
    with pytest.raises(StudentFault, match="or a sleep"):  # noqa: PT012 - in one of them
        for _ in range(10):
            one.rel_error(1, 2)
    one.close()


# --- on the wire ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", probes("forgeries"))
def test_forged_replies_are_the_students_fault(zygote, impatient, name):
    text = fault(zygote, "forgeries", name)
    assert text.startswith("sent back something that is not a plain value"), text


def test_a_reply_in_drops_meets_the_total_deadline(zygote, impatient):
    assert "did not return within" in fault(zygote, "forgeries", "_drops")


def test_a_worker_that_never_reads_meets_the_deadline(zygote, impatient):
    assert "did not return within" in fault(
        zygote, "forgeries", "_never_reads", lambda: np.zeros(1 << 20)
    )


def test_a_callback_without_end_ends(zygote, monkeypatch):
    monkeypatch.setattr(connection, "MAX_CALLBACKS", 50)
    with pytest.raises(StudentFault, match="more than 50 times"):
        run(zygote, "while True:\n    x(1)", lambda *args: 1.0)


def test_what_a_check_says_of_a_call_passes_through(zygote):
    def on_call(*args: object) -> None:
        raise Mismatch("x is wrong.")

    with pytest.raises(Mismatch, match=r"^x is wrong\.$"):
        run(zygote, "return x(1)", on_call)
    assert run(zygote, "return 1") == 1


def test_what_a_callback_stumbles_over_is_the_fault_of_who_sent_it(zygote):
    with pytest.raises(
        StudentFault, match=r"^sent back something that cannot be read \(ZeroDivisionError\)\.$"
    ):
        run(zygote, "return x(0)", lambda value: 1 / value)
    assert run(zygote, "return 1") == 1
