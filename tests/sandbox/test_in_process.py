"""The floor that grading is measured against: every hidden check, by plain calls, finds the
reference right and a stub wrong.
"""

import importlib

import pytest

from benchmarks import floor, in_process
from cs231n_utils.exercises import EXERCISES, MAX_SCORE, MODULES
from grader.intake.submission import Submission
from grader.kit import sample_class
from tests.support.local_student import REFERENCE, model_file


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_reference_passes_and_a_stub_does_not(exercise):
    assert in_process.run_checks(exercise, in_process.DirectStudent(REFERENCE, model_file())) > 0
    if exercise != "best_model.npz":
        kit = {name: importlib.import_module(f"cs231n_utils.{name}") for name in MODULES}
        with pytest.raises((NotImplementedError, AssertionError)):
            in_process.run_checks(exercise, in_process.DirectStudent(kit, b""))


def test_the_plugin_on_plain_calls_gives_all_points():
    (report,) = floor.plugin_alone([Submission("ann", sample_class.reference_files())])
    assert report.score == MAX_SCORE
