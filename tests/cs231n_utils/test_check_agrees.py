"""check() and grading agree: what is right, in whatever form, passes the visible checks and the
hidden ones.
"""

import re

import pytest

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from cs231n_utils.visible_checks.launch import run
from grader.grading.pool import grade_batch
from tests.support import attack_cases
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
