"""check(): what a student sees for every state that their files can be in; and that nothing
disturbs it.
"""

import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from cs231n_utils import check as check_module
from cs231n_utils.exercises import EXERCISES
from cs231n_utils.visible_checks import ahead, launch
from cs231n_utils.visible_checks.launch import CheckResult, ExerciseResult, run
from cs231n_utils.visible_checks.table import as_html, as_text, clean
from grader.paths import COURSE

ROOT = COURSE
NAME = "l2_penalty"
RIGHT = "import numpy as np\n\n\ndef l2_penalty(W):\n    return np.vdot(W, W), W + W\n"
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals and pipes")


@pytest.fixture
def kit(tmp_path):
    """A student's folder, with stubs."""
    folder = tmp_path / "kit"
    shutil.copytree(
        ROOT / "cs231n_utils", folder / "cs231n_utils", ignore=shutil.ignore_patterns("__pycache__")
    )
    return folder


def outcome_of(kit, code, timeout=60.0):
    """The outcome of checking l2_penalty with this code as the student's file."""
    (kit / "cs231n_utils" / "regularization.py").write_text(code)
    return run(NAME, timeout, kit)


def body(line, before=""):
    return (
        f"import numpy as np\n{before}\n\ndef l2_penalty(W):\n    {line}\n    return np.vdot(W, W),"
        " W + W\n"
    )


def command_line(kit, *arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "cs231n_utils.check", *arguments],
        cwd=kit,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


# What a file can be like


def test_a_right_function_passes(kit):
    outcome = outcome_of(kit, RIGHT)
    assert outcome.passed
    assert [row.verdict for row in outcome.rows] == ["pass"] * 3
    assert outcome.printed == ""


def test_an_edited_file_counts_in_the_next_call(kit):
    assert not outcome_of(kit, RIGHT.replace("W + W", "W")).passed
    assert outcome_of(kit, RIGHT).passed


def test_the_checks_leave_no_files_behind(kit):
    before = sorted(kit.rglob("*"))
    outcome_of(kit, RIGHT)
    assert sorted(kit.rglob("*")) == before


@pytest.mark.parametrize(
    "code, sentence",
    [
        (
            RIGHT.replace("(W):", "(W)"),
            (
                "SyntaxError: expected ':'\nin cs231n_utils/regularization.py, line 4: def"
                " l2_penalty(W)"
            ),
        ),
        (
            "import numpy as np\n\nlimit = 2 * lambda_\n",
            (
                "NameError: name 'lambda_' is not defined\nin cs231n_utils/regularization.py, line"
                " 3: limit = 2 * lambda_"
            ),
        ),
        (
            "import nummpy\n",
            (
                "ModuleNotFoundError: No module named 'nummpy'. Did you mean: 'numpy'?\nin"
                " cs231n_utils/regularization.py, line 1"
            ),
        ),
        ("raise SystemExit(0)\n", "cannot be imported. SystemExit: 0"),
        ("\0", "holds 1 zero byte"),
        ("l3_penalty = None\n", "cs231n_utils/regularization.py has no function l2_penalty"),
        (
            "def l2_penalty(W):\n    raise NotImplementedError('l2_penalty: write me')\n",
            "l2_penalty: write me",
        ),
    ],
)
def test_a_file_that_cannot_be_checked_gets_one_sentence(kit, code, sentence):
    outcome = outcome_of(kit, code)
    assert sentence in outcome.sentence
    assert outcome.rows == () and not outcome.passed


def test_a_missing_file_gets_one_sentence(kit):
    (kit / "cs231n_utils" / "regularization.py").unlink()
    assert (
        run(NAME, 60.0, kit).sentence
        == "cs231n_utils/regularization.py does not exist. Was it renamed or moved?"
    )


@pytest.mark.parametrize(
    "line, message",
    [
        (
            "1 / 0",
            "ZeroDivisionError: division by zero\nin cs231n_utils/regularization.py, line 5: 1 / 0",
        ),
        ("exit(3)", "SystemExit: 3\nin cs231n_utils/regularization.py, line 5: exit(3)"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt\nin cs231n_utils/regularization.py, line 5"),
        (
            "assert W is None",
            "AssertionError\nin cs231n_utils/regularization.py, line 5: assert W is None",
        ),
        ("raise Exception('x' * 10**6)", "x …\nin cs231n_utils"),
        ("l2_penalty(W)", "RecursionError: "),
        (
            "raise NotImplementedError('l2_penalty: write me')",
            "The line that raises NotImplementedError is still there",
        ),
        ("from _pytest import outcomes; outcomes.exit('no')", "grading does not have _pytest"),
        ("raise __import__('sys').modules['pytest'].exit.Exception('no')", "Exit: no"),
        ("raise __import__('sys').modules['pytest'].skip.Exception('no')", "Skipped: no"),
    ],
)
def test_an_exception_shows_the_students_own_line(kit, line, message):
    outcome = outcome_of(kit, body(line))
    assert [row.verdict for row in outcome.rows] == ["fail"] * 3
    assert message in outcome.rows[0].message
    assert len(outcome.rows[0].message) < 1000


def test_an_exception_that_cannot_be_shown(kit):
    before = "class Odd(Exception):\n    def __str__(self):\n        raise ValueError\n"
    assert (
        "Odd: (its text cannot be shown)"
        in outcome_of(kit, body("raise Odd", before)).rows[0].message
    )


def test_wrong_arguments_are_told(kit):
    message = outcome_of(kit, "def l2_penalty():\n    return 1.0\n").rows[0].message
    assert message == "TypeError: l2_penalty() takes 0 positional arguments but 1 was given"


def test_a_check_that_needs_an_unwritten_function_waits(kit):
    file = kit / "cs231n_utils" / "linear_svm.py"
    file.write_text(
        file.read_text().replace('raise NotImplementedError("svm_loss_vectorized', 'return ("')
    )
    outcome = run("svm_loss_vectorized", 60.0, kit)
    row = next(row for row in outcome.rows if row.verdict == "waits")
    assert (
        row.message
        == "Needs another function first. svm_loss_naive: write me (2_svm.ipynb, part 2)"
    )


# What must not disturb


@pytest.mark.parametrize(
    "line",
    [
        "print('noise'); import sys; print('more', file=sys.stderr)",
        "import warnings; warnings.warn('careful'); np.log(np.zeros(1))",
        "import sys; sys.stdout.close(); sys.stderr.close()",
        "import sys; sys.stdout = sys.stderr = None",
        "import sys; sys.stdout = 'no stream'",
        'import os; os.write(1, b\'{"event": "fail", "text": "forged"}\\n\\xff\\xfe\')',
        "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start()",
    ],
)
def test_noise_costs_nothing(kit, line):
    assert outcome_of(kit, body(line)).passed


def test_a_flood_of_prints_is_cut(kit):
    outcome = outcome_of(kit, body("print('x' * 10**6); 1 / 0"))
    assert 0 < len(outcome.printed) <= launch.KEPT_PRINTS


def test_settings_around_the_kit_are_not_ours(kit, monkeypatch):
    (kit / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    monkeypatch.chdir(kit)
    (kit / "tests").mkdir()
    for folder in (kit, kit.parent, kit / "tests", kit / "cs231n_utils"):
        (folder / "conftest.py").write_text("raise RuntimeError('not ours')\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    assert outcome_of(kit, body("import warnings; warnings.warn('careful')")).passed


# What does not come to an end


def test_an_endless_loop_is_stopped(kit):
    outcome = outcome_of(kit, body("while True: pass"), timeout=3.0)
    *_, last = [row for row in outcome.rows if row.verdict != "not run"]
    assert (last.verdict, last.message) == (
        "fail",
        "Still running after 3 seconds, so it was stopped here. Does a loop never end?",
    )


def test_an_endless_import_is_stopped(kit):
    outcome = outcome_of(kit, "while True: pass\n", timeout=2.0)
    assert (
        outcome.rows[-1].message.startswith("Still running after 2 seconds")
        or "did not run" in outcome.sentence
    )


@posix
def test_what_a_stopped_function_has_started_ends_with_it(kit, monkeypatch):
    readers = []
    original = launch._LastBytes

    def remembered(pipe):
        readers.append(original(pipe))
        return readers[-1]

    monkeypatch.setattr(launch, "_LastBytes", remembered)
    # The child holds our pipe open for as long as it lives.
    outcome_of(kit, body("import subprocess; subprocess.run(['sleep', '600'])"), timeout=3.0)
    readers[0]._thread.join(30)
    assert not readers[0]._thread.is_alive()


def test_the_end_of_python_costs_the_check_it_happened_in(kit):
    code = body("import os; W.ndim == 1 and os._exit(0)")
    outcome = outcome_of(kit, code)
    assert [row.verdict for row in outcome.rows] == ["pass", "pass", "fail"]
    assert "Python ended here, with exit status 0" in outcome.rows[2].message
    outcome = outcome_of(kit, code.replace("W.ndim == 1 and", ""))
    assert [row.verdict for row in outcome.rows] == ["fail", "not run", "not run"]


@posix
def test_a_crash_is_named(kit):
    message = (
        outcome_of(kit, body("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"))
        .rows[0]
        .message
    )
    assert "SIGSEGV" in message


def test_the_running_check_is_named():
    log = [
        {"event": "start", "text": "Importing"},
        {"event": "plan", "text": "", "titles": ["a", "b", "c"]},
        {"event": "start", "text": "a"},
        {"event": "pass", "text": ""},
        {"event": "start", "text": "b"},
    ]
    rows = launch._gathered(NAME, log, "too long", "").rows
    assert rows == (
        CheckResult("a", "pass"),
        CheckResult("b", "fail", "too long"),
        CheckResult("c", "not run"),
    )


def test_a_broken_python_is_told():
    result = launch._gathered(
        NAME, [], "died", "Traceback ...\nModuleNotFoundError: No module named 'numpy'\n"
    )
    assert (
        result.sentence
        == "l2_penalty: the checks did not run. ModuleNotFoundError: No module named 'numpy'"
    )


def test_the_stop_button_leaves_nothing_running(kit, monkeypatch):
    started = []
    original = ahead.start

    def remembered(*arguments, **more):
        started.append(original(*arguments, **more))
        return started[-1]

    def stop(self, seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(ahead, "start", remembered)
    monkeypatch.setattr(launch._LastBytes, "wait_for_end", stop)
    outcome = outcome_of(kit, body("while True: pass"))
    assert outcome.interrupted and not outcome.passed
    assert outcome.sentence.startswith("l2_penalty: stopped by you.")
    assert started[0].poll() is not None


@posix
def test_ctrl_c_in_the_terminal(kit, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (kit / "cs231n_utils" / "regularization.py").write_text(
        body(f"open({str(pipe)!r}, 'w').close()\n    while True: pass")
    )
    with subprocess.Popen(
        [sys.executable, "-m", "cs231n_utils.check", NAME],
        cwd=kit,
        text=True,
        # as in a terminal; a test run in the background may have been started
        # deaf to Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        with open(pipe):  # opens when the student's function does
            pass
        process.send_signal(signal.SIGINT)
        printed, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "")
    assert (
        " ".join(printed.split())
        == "l2_penalty: stopped by you. Running at that moment: R is right for W = [[1, -2], [3,"
        " 0]]."
    )


# The command line and the function


def test_exit_statuses(kit):
    unfilled = command_line(kit, NAME)
    assert (unfilled.returncode, unfilled.stderr) == (1, "")
    assert unfilled.stdout == "l2_penalty: write me (4_regularization.ipynb, part 1)\n"
    (kit / "cs231n_utils" / "regularization.py").write_text(RIGHT)
    right = command_line(kit, NAME)
    assert (right.returncode, right.stderr) == (0, "")
    assert right.stdout.startswith("l2_penalty: 3 of 3 checks pass.")
    unknown = command_line(kit, "l2_penality")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "There is no exercise 'l2_penality'. The nearest name is 'l2_penalty'" in unknown.stderr
    assert command_line(kit, "--help").returncode == 0


def test_all_exercises(monkeypatch, capsys):
    monkeypatch.setattr(
        check_module,
        "run",
        lambda name, timeout: ExerciseResult(name, rows=(CheckResult("a", "pass"),)),
    )
    assert check_module.main([]) == 0
    number = len(EXERCISES)
    assert (
        f"{number} of {number} exercises pass all their visible checks." in capsys.readouterr().out
    )
    monkeypatch.setattr(
        check_module,
        "run",
        lambda name, timeout: ExerciseResult(name, sentence=f"{name}: write me"),
    )
    assert check_module.main([]) == 1
    printed = capsys.readouterr().out
    assert all(f"{name}: write me" in printed for name in EXERCISES)


def test_the_function_returns_nothing_and_names_the_nearest_exercise(capsys):
    assert check_module.check("svm_loss") is None
    assert "The nearest name is 'svm_loss_naive'" in capsys.readouterr().out
    assert check_module.check(test_exit_statuses) is None
    assert "There is no exercise" in capsys.readouterr().out


# The table

HOSTILE = ExerciseResult(
    NAME,
    rows=(
        CheckResult("first", "pass", "<script>alert(1)</script>"),
        CheckResult(
            "second", "fail", "\x1b[31mred\x1b[0m \x1b]0;title\x07 a\rb\x00 \u202eback <b>"
        ),
        CheckResult("third", "fail", "\x1b[31mred\x1b[0m \x1b]0;title\x07 a\rb\x00 \u202eback <b>"),
        CheckResult("fourth", "not run"),
    ),
    printed="</pre><script>\x1b[2J",
)


def test_html_is_escaped_and_stands_alone():
    html = as_html(HOSTILE)
    assert "<script" not in html and "<b>" not in html and "&lt;script&gt;" in html
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", html)
    assert "http" not in html and "src=" not in html
    assert html.count('<th scope="col"') == 3 and html.count('<th scope="row"') == 4
    for word in (">pass<", ">FAIL<", ">not run<"):
        assert word in html


def test_no_column_for_messages_where_there_are_none():
    html = as_html(
        ExerciseResult(NAME, rows=(CheckResult("first", "pass"), CheckResult("second", "pass")))
    )
    assert html.count('<th scope="col"') == 2 and html.count("<td") == 2
    assert "What to know" not in html


def test_text_is_clean():
    text = as_text(HOSTILE, width=60)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
    assert text.splitlines()[0] == "l2_penalty: 1 of 4 checks pass."
    assert "  FAIL     second" in text and "red  ab back <b>" in text
    assert text.count("red  ab") == 1 and "As above." in text
    assert max(map(len, text.splitlines())) <= 60


def test_a_message_that_comes_again_further_down_says_which_row_has_it():
    rows = [CheckResult(*row) for row in zip("abcd", ["fail"] * 4, "mnmm", strict=True)]
    lines = as_text(ExerciseResult(NAME, rows=tuple(rows)), width=80).splitlines()
    assert [line.strip() for line in lines if "above" in line] == ['As above, at "a"', "As above."]


def test_line_breaks_survive_cleaning():
    assert clean("a\r\nb\nc") == "a\nb\nc"


def test_prints_are_shown_only_in_search_of_a_fault():
    assert "noise" in as_text(
        ExerciseResult(NAME, rows=(CheckResult("a", "fail", "x"),), printed="noise")
    )
    assert "noise" not in as_text(
        ExerciseResult(NAME, rows=(CheckResult("a", "pass"),), printed="noise")
    )
