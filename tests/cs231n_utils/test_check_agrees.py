"""check() and grading agree: what is right, in whatever form, passes the visible checks and the
hidden ones, and a known mistake that costs points fails a visible one.
"""

import contextlib
import importlib
import inspect
import io
import re
import warnings

import numpy as np
import pytest

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from cs231n_utils.visible_checks.launch import run
from grader.diagnosis import hints
from grader.grading.pool import grade_batch
from tests.support import attack_cases, local_student
from tests.support.attack_cases import Case, load_cases
from tests.support.downloads import taken
from tests.support.in_sandbox import LEVELS, sandbox

pytestmark = pytest.mark.slow

INNOCENT = [case for case in load_cases() if case.innocent and (case.folder / "append").exists()]


def concerned(case: Case) -> list[str]:
    """The exercises whose functions the code of a case defines; or else the first one of its
    module.
    """
    found = []
    for path in sorted((case.folder / "append").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        names = [
            name
            for name, exercise in EXERCISES.items()
            if exercise.module == path.stem and exercise.file.endswith(".py")
        ]
        defined = [
            name
            for name in names
            if re.search(rf"(def |as |^){name.split('.')[-1]}\b", source, re.MULTILINE)
        ]
        found += defined or names[:1]
    return found


@pytest.fixture(scope="module")
def handed_in(kit, tmp_path_factory):
    """The folder of the class, and the report of each student."""
    folder = tmp_path_factory.mktemp("innocent")
    sandbox(*LEVELS)
    for case in INNOCENT:
        attack_cases.write(case, folder, kit)
    reports = grade_batch(taken(folder), "secret")
    return folder, {report.student: report for report in reports}


@pytest.mark.parametrize("case", INNOCENT, ids=[case.name for case in INNOCENT])
def test_right_work_of_any_form_passes_in_both(handed_in, case, monkeypatch):
    folder, reports = handed_in
    monkeypatch.chdir(folder / case.student / ASSIGNMENT)  # as in its notebooks
    for name in concerned(case):
        outcome = run(name, 60.0, folder / case.student / ASSIGNMENT)
        assert outcome.passed, (
            name,
            outcome.sentence,
            [row for row in outcome.rows if row.verdict != "pass"],
        )
        assert reports[case.student].exercise(name).points == EXERCISES[name].points


# Where loops are allowed, its numbers are right, and only grading measures the time.
SLOW = "gradient tried out"


class Functions:
    """What a visible check takes for the student's functions: the reference with one replaced."""

    def __init__(self, exercise, wrong):
        self.exercise, self.wrong = exercise, wrong

    def __getattr__(self, name):
        owner, _, method = self.exercise.partition(".")
        if name == owner and not method:
            return self.wrong
        module = next(one.module for one in EXERCISES.values() if one.name.split(".")[0] == name)
        found = getattr(local_student.REFERENCE[module], name)
        return type(name, (found,), {method: self.wrong}) if name == owner else found


def visible_checks_of(exercise):
    module = importlib.import_module(
        f"cs231n_utils.visible_checks.test_{EXERCISES[exercise].module}"
    )
    classes = [cls for _, cls in inspect.getmembers(module, inspect.isclass)]
    (cls,) = [
        cls
        for cls in classes
        if cls.__module__ == module.__name__ and vars(cls).get("exercise") == exercise
    ]
    return [getattr(cls(), name) for name in dir(cls) if name.startswith("test_")]


def passes(check, student):
    """Whether a visible check passes on functions of this process."""
    given = {"student": student, "rng": np.random.default_rng(231), "say": lambda note: None}
    np.random.seed(231)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            check(**{name: given[name] for name in inspect.signature(check).parameters})
        except Exception:
            return False
    return True


@pytest.mark.parametrize("exercise", [name for name in EXERCISES if not name.endswith(".npz")])
def test_a_known_mistake_that_costs_points_fails_a_visible_check(exercise):
    checks, unseen = visible_checks_of(exercise), {}
    for entry in hints.bank(exercise):
        if entry.name == SLOW and not exercise.endswith("_vectorized"):
            continue
        student = Functions(exercise, entry.wrong)
        if all(passes(check, student) for check in checks):
            unseen[entry.name] = local_student.mistaken(entry)
    reports = local_student.grade_locally([*unseen.values()], [exercise])
    costs = {
        name
        for name, report in zip(unseen, reports, strict=True)
        if report.score < report.max_score
    }
    assert not costs
