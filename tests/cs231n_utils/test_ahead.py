"""The process that waits for the next check: it judges the files of that moment, or is not used."""

import json
import os
import select
import shutil
import subprocess
import sys

import pytest

from cs231n_utils import check as check_module
from cs231n_utils.exercises import MODULES
from cs231n_utils.visible_checks import ahead
from cs231n_utils.visible_checks.launch import run
from grader.paths import COURSE

NAME = "l2_penalty"
RIGHT = "import numpy as np\n\n\ndef l2_penalty(W):\n    return np.vdot(W, W), W + W\n"


@pytest.fixture
def kit(tmp_path):
    """A student's folder, with stubs."""
    folder = tmp_path / "kit"
    shutil.copytree(
        COURSE / "cs231n_utils",
        folder / "cs231n_utils",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return folder


@pytest.fixture(autouse=True)
def nobody_waits_afterwards():
    yield
    ahead._end_waiting()


@pytest.fixture
def started(monkeypatch):
    """The processes that were started."""
    processes = []
    original = ahead.start

    def remembered(*arguments, **more):
        processes.append(original(*arguments, **more))
        return processes[-1]

    monkeypatch.setattr(ahead, "start", remembered)
    return processes


def outcome_of(kit, code):
    (kit / "cs231n_utils" / "regularization.py").write_text(code)
    return run(NAME, 60, kit)


def test_the_process_that_waits_checks_the_files_of_the_moment(kit, started):
    ahead.start_next(kit)
    assert not outcome_of(kit, RIGHT.replace("W + W", "W")).passed
    assert len(started) == 1
    ahead.start_next(kit)
    assert outcome_of(kit, RIGHT).passed
    assert len(started) == 2


def test_one_process_waits_and_checks_once(kit, started):
    ahead.start_next(kit)
    ahead.start_next(kit)
    assert len(started) == 1
    assert outcome_of(kit, RIGHT).passed
    assert outcome_of(kit, RIGHT).passed
    assert len(started) == 2


def test_a_helper_that_came_while_the_process_waited_is_found(kit, started):
    ahead.start_next(kit)
    (kit / "cs231n_utils" / "my_helper.py").write_text("def double(W):\n    return 2 * W\n")
    code = RIGHT.replace("W + W", "double(W)").replace(
        "import numpy as np\n", "import numpy as np\nfrom cs231n_utils.my_helper import double\n"
    )
    assert outcome_of(kit, code).passed


def edit_a_visible_check(kit):
    path = kit / "cs231n_utils" / "visible_checks" / "tools.py"
    path.write_text(path.read_text() + "\n")


def add_a_file_that_hides_a_module(kit):
    (kit / "random.py").write_text("x = 1\n")


@pytest.mark.parametrize("change", [edit_a_visible_check, add_a_file_that_hides_a_module])
def test_where_something_else_has_changed_another_process_checks(kit, started, change):
    ahead.start_next(kit)
    change(kit)
    assert outcome_of(kit, RIGHT).passed
    assert len(started) == 2
    assert started[0].returncode is not None


def test_in_another_folder_and_environment_another_process_checks(kit, started, monkeypatch):
    ahead.start_next(kit)
    monkeypatch.setenv("SOME_SETTING", "1")
    assert outcome_of(kit, RIGHT).passed
    ahead.start_next(kit)
    monkeypatch.chdir(kit)
    assert outcome_of(kit, RIGHT).passed
    assert len(started) == 4


def test_a_process_that_has_ended_is_replaced(kit, started):
    ahead.start_next(kit)
    started[0].kill()
    started[0].wait()
    assert outcome_of(kit, RIGHT).passed
    assert len(started) == 2


def test_a_file_that_hides_a_module_is_named_though_it_came_later(kit):
    ahead.start_next(kit)
    add_a_file_that_hides_a_module(kit)
    assert any("random.py" in note for note in outcome_of(kit, RIGHT).notes)


@pytest.mark.parametrize("is_ahead", [False, True])
def test_a_function_that_reads_finds_no_input(kit, is_ahead):
    if is_ahead:
        ahead.start_next(kit)
    code = RIGHT.replace("    return", "    assert sys.stdin.read() == ''\n    return")
    code = f"import sys\n{code}"
    assert outcome_of(kit, code).passed


def test_nothing_of_the_students_is_imported_ahead(kit):
    program = (
        "import sys, json; sys.path[0] = sys.argv[1]; from cs231n_utils.visible_checks import"
        " runner; runner.import_ahead(); print(json.dumps([module.__file__ for module in"
        " sys.modules.values() if getattr(module, '__file__', None)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(kit)], capture_output=True, text=True, check=True
    )
    own = {file for file in json.loads(done.stdout) if file.startswith(str(kit))}
    package = kit / "cs231n_utils"
    known = {str(path) for pattern in ahead.IMPORTED for path in package.glob(pattern)}
    assert own
    assert own <= known - {str(package / f"{module}.py") for module in MODULES}


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")
def test_a_process_that_waits_ends_with_the_notebook(kit):
    program = (
        "import sys; sys.path[0] = sys.argv[1]; from pathlib import Path; from"
        " cs231n_utils.visible_checks import ahead; ahead.start_next(Path(sys.argv[1]));"
        " print(ahead._waiting[0].process.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(kit)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as notebook:
        waiting = os.pidfd_open(int(notebook.stdout.readline()))
        notebook.kill()
    try:
        assert select.select([waiting], [], [], 60)[0]
    finally:
        os.close(waiting)


def test_a_notebook_has_a_process_wait_after_each_check(kit, started, monkeypatch, capsys):
    monkeypatch.setattr(check_module, "in_notebook", lambda: True)
    monkeypatch.setattr(check_module, "_show", lambda result: None)
    monkeypatch.setattr(check_module, "KIT", kit)
    check_module.check(NAME)
    assert len(ahead._waiting) == 1 == len(started) - 1


def test_nothing_waits_where_no_notebook_is(started, capsys):
    check_module.check(NAME)
    assert not ahead._waiting
    assert capsys.readouterr().out
