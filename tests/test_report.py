"""Reports: scores add up, JSON loses nothing on the way, and each student has a folder."""

import json
import os
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.report import (
    Check,
    ExerciseReport,
    Failure,
    Kind,
    LossCurve,
    Report,
    Verdict,
    folder_of,
)

NEARLY = Failure(
    Kind.PARTIAL, "best_model.npz", "accuracy", "accuracy is 0.845 – “nearly”.", "Train on."
)
PASSED = Check("value", "The value is right.", Verdict.PASSED, 2, 2, seed=2**53 - 1)
PARTLY = Check("accuracy", "Accuracy.", Verdict.FAILED, 1.5, 4, NEARLY)
NOT_JUDGED = Check(
    "shape", "The shape is right.", Verdict.NOT_JUDGED, 0, 1, Failure.not_judged("KeyError")
)


def report(*checks: Check) -> Report:
    return Report(
        "ann",
        "A",
        (
            ExerciseReport("rel_error", "1_gradient_check", checks[:1]),
            ExerciseReport("best_model.npz", "5_optimization", checks[1:]),
        ),
        ("A note.",),
    )


def test_scores_add_up():
    graded = report(PASSED, PARTLY)
    assert (graded.score, graded.max_score, graded.status) == (3.5, 6, "graded")
    assert (graded.exercise("best_model.npz").points, graded.exercise("rel_error").max_points) == (
        1.5,
        2,
    )


def test_one_check_that_waits_makes_the_report_wait():
    assert report(PASSED, PARTLY, NOT_JUDGED).status == "not_judged"
    assert not report(PASSED, NOT_JUDGED).exercise("best_model.npz").judged


@pytest.mark.parametrize(
    "graded",
    [report(PASSED, PARTLY), report(PARTLY, PASSED, NOT_JUDGED)],
    ids=["graded", "waiting"],
)
def test_json_keeps_everything(graded):
    data = json.loads(json.dumps(graded.to_dict()))
    assert Report.from_dict(data) == graded
    assert (data["score"], data["max_score"], data["status"]) == (
        graded.score,
        graded.max_score,
        graded.status,
    )
    assert data["exercises"][0]["checks"][0]["verdict"] in {"passed", "failed", "not_judged"}


def as_before(check: Check) -> dict:
    """A check as the version wrote it that kept a message, a hint and a detail, and no failure."""
    plain = report(check).to_dict()["exercises"][0]["checks"][0]
    failure = plain.pop("failure") or {"hint": "", "detail": ""}
    return {**plain, "hint": failure["hint"], "detail": failure["detail"]}


def test_a_report_of_an_earlier_version_has_its_texts_as_they_are():
    old = report(PARTLY, PASSED, NOT_JUDGED).to_dict()
    old["exercises"][0]["checks"] = [as_before(PARTLY)]
    old["exercises"][1]["checks"] = [as_before(PASSED), as_before(NOT_JUDGED)]
    read = Report.from_dict(json.loads(json.dumps(old)))
    partly, passed, waiting = (check for exercise in read.exercises for check in exercise.checks)
    assert partly.message == PARTLY.message == f"best_model.npz: {NEARLY.finding} {NEARLY.hint}"
    assert passed == PASSED and partly.failure and partly.failure.kind is Kind.UNKNOWN
    assert (waiting.message, waiting.detail) == (NOT_JUDGED.message, "KeyError")
    assert read.score == 3.5 and Report.from_dict(read.to_dict()) == read


def test_the_time_it_took_is_kept_and_makes_no_other_report():
    exercise = ExerciseReport("rel_error", "1_gradient_check", (PASSED,), "key", seconds=0.25)
    again = Report.from_dict(json.loads(json.dumps(Report("ann", "A", (exercise,)).to_dict())))
    assert again.exercise("rel_error").seconds == 0.25
    assert again == Report("ann", "A", (replace(exercise, seconds=3.5),))
    assert again != Report("ann", "A", (replace(exercise, key="another"),))


def test_a_verdict_is_its_word():
    assert [verdict.value for verdict in Verdict] == ["passed", "failed", "not_judged"]


# --- the folders of the results -------------------------------------------------------------------

DIGEST = folder_of("index.html")
NAMES = st.one_of(
    st.text(),
    st.text(st.characters(categories=["Cs", "L", "P"])),
    st.from_regex(
        r"\A(\.|gradebook\.db|grades\.|index\.html|class\.html|student-)[a-f0-9.-]{0,70}(\.tmp|\.csv)?\Z"
    ),
    st.sampled_from(
        [
            "ann",
            "Ann",
            "ann.",
            "ann ",
            "Zoe\u0308",
            "Zo\u00eb",
            "\udcc3\udcab",
            "\u00eb",
            "x" * 256,
            "x" * 257,
        ]
    ),
)


@given(st.lists(NAMES, unique=True, min_size=2, max_size=8))
@example(["index.html", DIGEST])
@example(["index.html", folder_of(DIGEST), DIGEST])
@example(["gradebook.db-evil", "student-8029d3d9987186ee"])
@example(["\udcc3\udcab", "\u00eb"])
@example(["x" * 300 + "\udcff", "x" * 300 + r"\udcff"])
def test_no_two_students_share_a_folder(names):
    folders = [os.fsencode(folder_of(name)) for name in names]
    assert len({*folders}) == len(names)
    for folder in folders:
        assert (
            0 < len(folder) <= 255
            and b"/" not in folder
            and b"\0" not in folder
            and not folder.startswith(b".")
        )
        assert not re.search(
            rb"^(gradebook\.db|grades\.|index\.html|class\.html)|\.(csv|html|tmp)$",
            folder,
            re.IGNORECASE,
        )


@pytest.mark.parametrize(
    "name",
    [
        "ann",
        "Ann",
        "ann.smith",
        "Smith, Ann",
        "student-1",
        "student-8029d3d9987186ee",
        "Zoë",
        "Zoe\u0308",
        "李",
        "12345678",
        "ann ",
        "x" * 255,
    ],
)
def test_ordinary_names_are_the_names_of_the_folders(name):
    assert folder_of(name) == name


def test_a_curve_in_a_report_of_an_earlier_version_is_read():
    curve = LossCurve((2.0, 1.0), 9)
    data = json.loads(json.dumps(report(PASSED, replace(PARTLY, picture=curve)).to_dict()))
    picture = data["exercises"][1]["checks"][0]["picture"]
    picture["asked"] = picture.pop("calls")
    assert Report.from_dict(data).exercise("best_model.npz").checks[0].picture == curve
