"""What decides a result and what draws a page are apart, and what differs is said in one line."""

from __future__ import annotations

import pytest

from grader.paths import COURSE
from grader.results import cache
from tests.test_import_graph import GRAPH


def imported_by(module: str) -> set[str]:
    """All modules of ours that a module imports, directly or not."""
    found, waiting = set(), [module]
    while waiting:
        one = waiting.pop()
        if one in GRAPH and one not in found:
            found.add(one)
            waiting += GRAPH[one]
    return found


def file_of(module: str) -> str:
    path = module.replace(".", "/")
    return f"{path}.py" if (COURSE / f"{path}.py").is_file() else f"{path}/__init__.py"


def test_all_that_a_grading_process_imports_decides_a_result():
    rooms = {"grader", "grader.grading"}  # their signs, which hold no code
    imported = {file_of(module) for module in imported_by("grader.grading.pool") - rooms}
    assert len(imported) > 30
    assert imported <= cache.scoring_files().keys()


@pytest.mark.parametrize(
    "name",
    [
        "grader/topics/softmax/test_softmax.py",
        "grader/topics/linear_classifier/holdout.npz",
        "grader/diagnosis/hints.py",
        "grader/sandbox/inside/worker.py",
        "cs231n_utils/exercises.py",
        "datasets/digits.npz",
    ],
)
def test_checks_messages_sandbox_and_data_decide_a_result(name):
    assert name in cache.scoring_files()


@pytest.mark.parametrize(
    "name",
    [
        "grader/sandbox/doctor.py",
        "grader/pages/student_page.py",
        "grader/pages/templates/feedback.css",
        "grader/gradebook/gradebook.py",
        "grader/grading/one_class.py",
        "grader/kit/release.py",
        "grader/results/store.py",
        "grader/__main__.py",
    ],
)
def test_pages_gradebook_kit_doctor_and_command_line_decide_nothing(name):
    assert (COURSE / name).is_file() and name not in cache.scoring_files()


NOW = {
    "python": "3.11.7",
    "numpy": "2.1.0",
    "level": "A",
    "secret": "digest",
    "files": {"a.py": "1", "b.py": "1", "c.py": "1", "d.py": "1"},
}


@pytest.mark.parametrize(
    "before, says",
    [
        (NOW, ""),
        (None, "they were graded by an earlier version of the grader"),
        ({**NOW, "numpy": "1.26.0"}, "NumPy was 1.26.0 and is 2.1.0 since the last run"),
        ({**NOW, "python": "3.10.1"}, "Python was 3.10.1 and is 3.11.7 since the last run"),
        ({**NOW, "level": "B"}, "the sandbox's level was B and is A since the last run"),
        ({**NOW, "secret": "other"}, "the course's secret is another one since the last run"),
        ({**NOW, "files": {**NOW["files"], "b.py": "0"}}, "b.py has changed since the last run"),
        (
            {**NOW, "files": {"e.py": "1"}},
            "a.py, b.py, c.py and 2 more have changed since the last run",
        ),
        (
            {**NOW, "level": "B", "files": {**NOW["files"], "b.py": "0"}},
            "the sandbox's level was B and is A; b.py has changed since the last run",
        ),
    ],
)
def test_what_differs_is_named(before, says):
    assert cache.difference(before, NOW) == says


def test_circumstances_do_not_hold_the_secret():
    secret = "a secret of the course"
    found = cache.circumstances(secret, "A")
    assert secret not in str(found)
    assert found == cache.circumstances(secret, "A") != cache.circumstances("another one", "A")
