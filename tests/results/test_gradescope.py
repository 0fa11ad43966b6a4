"""results.json: of the shape that Gradescope specifies, with nothing in it that students must not
read, and never a 0 for what was not judged.
"""

import json
from dataclasses import replace

import pytest

from cs231n_utils.exercises import EXERCISES
from grader.report import Check, ExerciseReport, Failure, Kind, LossCurve, Report, Verdict
from grader.results import gradescope
from tests.support.course_copy import made_up_report

VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
FILE = {
    "score": (int, float),
    "execution_time": (int, float),
    "output": str,
    "output_format": str,
    "visibility": str,
    "stdout_visibility": str,
    "tests": list,
    "extra_data": dict,
}
TEST = {
    "score": (int, float),
    "max_score": (int, float),
    "status": str,
    "name": str,
    "number": str,
    "output": str,
    "output_format": str,
    "visibility": str,
}


def expect_shape(found: dict) -> dict:
    """The file as Gradescope reads it, after a look at all its keys, types and words."""
    read = json.loads(json.dumps(found, allow_nan=False))
    for part, keys in [(read, FILE), *((test, TEST) for test in read["tests"])]:
        assert part.keys() <= keys.keys()
        assert all(isinstance(part[key], keys[key]) for key in part)
        assert part["visibility"] in VISIBILITIES
        assert part["output_format"] in FORMATS
        assert part.get("status", "passed") in ("passed", "failed")
    assert read.keys() >= {"score", "output", "tests"}, "without a score the file is refused"
    assert read["stdout_visibility"] == "hidden"
    return read


def of_students(found: dict) -> list[dict]:
    return [test for test in found["tests"] if test["visibility"] == "visible"]


def of_staff(found: dict) -> list[dict]:
    return [test for test in found["tests"] if test["visibility"] == "hidden"]


def report_of(check: Check) -> Report:
    name = next(iter(EXERCISES))
    return Report("ann", "B", (ExerciseReport(name, EXERCISES[name].notebook, (check,)),))


@pytest.mark.parametrize("share", [0.0, 0.333, 1.0])
def test_every_check_stands_there_with_its_points_and_the_total_is_theirs(share):
    report = made_up_report("ann", share)
    found = expect_shape(gradescope.results(report))
    assert found["score"] == round(report.score, 2)
    assert sum(test["max_score"] for test in found["tests"]) == report.max_score
    assert len({test["number"] for test in found["tests"]}) == 2 * len(EXERCISES)
    assert of_staff(found) == [], "a hidden test would hide the total"
    passed = [test for test in found["tests"] if test["status"] == "passed"]
    assert len(passed) == len(EXERCISES) * (2 if share == 1 else 1)


def test_a_failed_check_has_its_title_finding_and_hint():
    failure = Failure(Kind.WRONG, "rel_error", "dW", "dW is wrong in 3 of 20 entries.", "Try X.T.")
    check = Check("gradient", "The gradient is right.", Verdict.FAILED, 0.5, 2.0, failure)
    (test,) = expect_shape(gradescope.results(report_of(check)))["tests"]
    assert test["name"].endswith(": The gradient is right.")
    assert test["output"] == "dW is wrong in 3 of 20 entries.\nHint: Try X.T."
    assert (test["score"], test["max_score"], test["status"]) == (0.5, 2.0, "failed")


def test_what_stands_above_names_the_next_step_and_what_was_passed_over():
    found = gradescope.results(made_up_report("ann", 0.0, notes=("There is no softmax.py.",)))
    first = next(iter(EXERCISES))
    assert f"Next step: {first}. Not yet: “The second half is right.”" in found["output"]
    assert f'check("{first}")' in found["output"]
    assert "There is no softmax.py." in found["output"]


def test_seeds_details_pictures_and_names_of_mistakes_stay_here():
    failure = Failure(Kind.WRONG, finding="It is wrong.", detail="a traceback")
    check = Check(
        "loss",
        "It is right.",
        Verdict.FAILED,
        0,
        2,
        failure,
        424242,
        "a_mistake",
        LossCurve((0.125,), 1),
    )
    text = json.dumps(gradescope.results(report_of(check)))
    assert not [word for word in ("424242", "a traceback", "a_mistake", "0.125") if word in text]


def test_what_is_not_judged_has_no_points_and_staff_alone_read_which():
    name = list(EXERCISES)[3]
    found = expect_shape(gradescope.results(made_up_report("ann", not_judged=(name,))))
    (waiting,) = [test for test in of_students(found) if "score" not in test]
    assert waiting["name"].startswith(name)
    assert "max_score" not in waiting and "status" not in waiting
    assert "costs you nothing" in waiting["output"]
    assert "costs you nothing" in found["output"]
    assert " points from the checks" not in found["output"], "a lower bound is no score"
    (staff,) = of_staff(found)
    assert name in staff["output"]
    assert "A box died." not in json.dumps(found), "an error may quote a hidden check"
    assert found["extra_data"]["status"] == "not_judged"


def test_a_submission_on_which_nothing_ran_shows_the_student_no_0_and_staff_the_reason():
    found = expect_shape(gradescope.not_judged("Landlock is switched off."))
    assert "nothing of it is lost" in found["output"]
    assert "Landlock" not in found["output"]
    assert of_students(found) == []
    (staff,) = of_staff(found)
    assert staff["output"] == "Landlock is switched off."
    assert staff["max_score"] == 0


def test_the_level_is_kept_and_is_in_no_text_that_students_read():
    found = gradescope.results(replace(made_up_report("ann"), level="B"))
    assert found["extra_data"]["sandbox_level"] == "B"
    assert "level" not in found["output"].lower()


def test_what_a_student_wrote_acts_in_no_text():
    failure = Failure(Kind.RAISED, finding="raised \x1b[31mX\u202e", hint="\x07")
    check = Check("loss", "It is right.", Verdict.FAILED, 0, 2, failure)
    found = gradescope.results(replace(report_of(check), notes=("\x1b]0;x",)))
    assert not [sign for sign in "\x1b\u202e\x07" if sign in str(found)]


def test_long_messages_are_cut():
    failure = Failure(Kind.RAISED, finding="x" * 10**6)
    check = Check("loss", "It is right.", Verdict.FAILED, 0, 2, failure)
    assert len(json.dumps(gradescope.results(report_of(check)))) < 10_000
