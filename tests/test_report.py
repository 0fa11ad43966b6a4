"""Reports: scores add up, and nothing is lost on the way through JSON."""

import json
from dataclasses import replace

import pytest

from grader.report import Check, ExerciseReport, Report, Verdict

PASSED = Check("value", "The value is right.", Verdict.PASSED, 2, 2, seed=2**53 - 1)
PARTLY = Check("accuracy", "Accuracy.", Verdict.FAILED, 1.5, 4, "accuracy is 0.845 – “nearly”.")
NOT_JUDGED = Check("shape", "The shape is right.", Verdict.NOT_JUDGED, 0, 1, "Not judged.", detail="KeyError")


def report(*checks: Check) -> Report:
    return Report("ann", "A", (ExerciseReport("rel_error", "1_gradient_check", checks[:1]),
                               ExerciseReport("best_model.npz", "5_optimization", checks[1:])), ("A note.",))


def test_scores_add_up():
    graded = report(PASSED, PARTLY)
    assert (graded.score, graded.max_score, graded.status) == (3.5, 6, "graded")
    assert (graded.exercise("best_model.npz").points, graded.exercise("rel_error").max_points) == (1.5, 2)


def test_one_check_that_waits_makes_the_report_wait():
    assert report(PASSED, PARTLY, NOT_JUDGED).status == "not_judged"
    assert not report(PASSED, NOT_JUDGED).exercise("best_model.npz").judged


@pytest.mark.parametrize("graded", [report(PASSED, PARTLY), report(PARTLY, PASSED, NOT_JUDGED)], ids=["graded", "waiting"])
def test_json_keeps_everything(graded):
    data = json.loads(json.dumps(graded.to_dict()))
    assert Report.from_dict(data) == graded
    assert (data["score"], data["max_score"], data["status"]) == (graded.score, graded.max_score, graded.status)
    assert data["exercises"][0]["checks"][0]["verdict"] in {"passed", "failed", "not_judged"}


def test_the_time_it_took_is_kept_and_makes_no_other_report():
    exercise = ExerciseReport("rel_error", "1_gradient_check", (PASSED,), "key", seconds=0.25)
    again = Report.from_dict(json.loads(json.dumps(Report("ann", "A", (exercise,)).to_dict())))
    assert again.exercise("rel_error").seconds == 0.25
    assert again == Report("ann", "A", (replace(exercise, seconds=3.5),))
    assert again != Report("ann", "A", (replace(exercise, key="another"),))


def test_a_verdict_is_its_word():
    assert [verdict.value for verdict in Verdict] == ["passed", "failed", "not_judged"]
