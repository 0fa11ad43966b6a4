"""The plugin calls checks by itself. What it reports is what pytest's own way of running a test
gives.
"""

from __future__ import annotations

import numpy as np
import pytest
from _pytest.runner import runtestprotocol

from cs231n_utils.exercises import EXERCISES
from grader.checks.student import Student
from grader.grading import discover, one_submission, pool
from grader.grading.pool import grade_batch
from grader.intake import submission
from grader.intake.submission import Submission
from grader.kit import sample_class
from grader.report import Report
from grader.sandbox.launch import Zygote
from tests.support import attack_cases
from tests.support.downloads import taken
from tests.support.in_sandbox import LEVELS, sandbox

pytestmark = pytest.mark.slow

CASES = [
    "ending_exit_0",
    "innocent_given_helpers",
    "innocent_helper_package",
    "lying_nan",
    "order_counts_calls",
    "order_state_between_exercises",
    "planting_numpy_module",
]
SAMPLES = ["reference", "untouched", "half_done", "forgets_average", "overflows", "renamed_a_file"]
SECRET = "secret"


class Protocol:
    """A pytest plugin that grades one submission inside its session, each case as pytest runs a
    test: fixtures, setup, call, teardown, a report of each.
    """

    def __init__(self, submission: Submission, zygote: Zygote) -> None:
        self._submission, self._zygote = submission, zygote
        self._student: Student | None = None
        self._seed = 0
        self._failure: BaseException | None = None
        self.report: Report | None = None

    @pytest.fixture
    def student(self) -> Student | None:
        return self._student

    @pytest.fixture
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self._seed)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        checks = {
            name: discover.checks_of([item for item in session.items if item.cls.exercise == name])
            for name in EXERCISES
        }
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(one_submission, "_run", self.run)
            self.report = one_submission.grade_submission(
                self._submission, checks, SECRET, self._zygote
            )
        return True

    def pytest_runtest_makereport(self, call: pytest.CallInfo) -> None:
        if call.excinfo is not None and self._failure is None:
            self._failure = call.excinfo.value

    def run(self, case: discover.Case, student: Student, seed: int) -> BaseException | None:
        self._student, self._seed, self._failure = student, seed, None
        case.item._initrequest()  # forget the fixtures of the last time
        runtestprotocol(case.item, log=False, nextitem=None)
        return self._failure


@pytest.fixture(scope="module")
def handed_in(kit, tmp_path_factory) -> list[Submission]:
    """Hostile and innocent ones of the corpus, some of the sample class, and nothing at all."""
    sandbox(*LEVELS)
    folder = tmp_path_factory.mktemp("fast") / "submitted"
    small = {name: content for name, content in kit.items() if not name.startswith("datasets/")}
    samples = sample_class.sample_class(kit)
    sample_class.write_class({name: samples[name] for name in SAMPLES}, folder)
    known = {case.name: case for case in attack_cases.load_cases()}
    for name in CASES:
        attack_cases.write(known[name], folder, small)
    return [*taken(folder), Submission("nothing", {})]


def plain(one: Submission) -> Report:
    """Its report by pytest's own protocol, in a session and a sandbox of its own; one check after
    the other, and a box for each exercise.
    """
    with Zygote(files=submission.given_files()) as zygote, pytest.MonkeyPatch.context() as patch:
        patch.setattr(one_submission, "_runs_side_by_side", lambda *args: None)
        protocol = Protocol(one, zygote)
        with discover.own_pytest_settings():
            pytest.main([*discover.PYTEST, str(pool.TOPICS)], plugins=[protocol])
    assert protocol.report is not None
    return protocol.report


def test_reports_are_those_of_pytests_own_protocol(handed_in):
    for one, report in zip(handed_in, grade_batch(handed_in, SECRET), strict=True):
        assert report == plain(one)  # in all but the time it took
