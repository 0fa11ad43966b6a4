"""The made-up wrong solutions are wrong: each loses points, and its source stands alone."""

from __future__ import annotations

import random

import numpy as np
import pytest

from cs231n_utils.exercises import EXERCISES
from tests.support.beginners_faults import BEGINNERS_FAULTS
from tests.support.local_student import (
    REFERENCE,
    grade_locally,
    model_file,
    solution,
    trained_weights,
)
from tests.support.more_unknown_mistakes import UNKNOWN

KINDS = {"broadcasting", "axis", "transposed", "index", "dtype", "in place"}


def points_lost(exercise, function):
    handed_in = (
        solution("ann", model=model_file(function(trained_weights())))
        if exercise == "best_model.npz"
        else solution("ann", {exercise: function})
    )
    report = grade_locally([handed_in], [exercise])[0].exercise(exercise)
    return report.max_points - report.points


@pytest.mark.parametrize("unknown", UNKNOWN, ids=lambda unknown: unknown.name)
def test_an_unknown_mistake_loses_points(unknown):
    assert points_lost(unknown.exercise, unknown.function) > 0


@pytest.mark.parametrize(
    "unknown",
    [one for one in UNKNOWN if one.exercise != "best_model.npz"],
    ids=lambda unknown: unknown.name,
)
def test_the_source_of_an_unknown_mistake_stands_alone(unknown):
    names = {"np": np, "random": random, "LinearClassifier": type("LinearClassifier", (), {})}
    exec(unknown.source, names)
    owner, _, method = unknown.exercise.rpartition(".")
    written = getattr(names[owner], method) if owner else names[method]
    assert written.__name__ == unknown.function.__name__


def test_unknown_mistakes_are_in_every_exercise_and_most_have_several_faults():
    missing = set(EXERCISES) - {one.exercise for one in UNKNOWN}
    assert not missing, (
        f"write a wrong function of {missing}, with @faults, in tests/support/unknown_mistakes.py"
    )
    assert sum(len(one.faults) > 1 for one in UNKNOWN) > 60


@pytest.mark.parametrize("fault", BEGINNERS_FAULTS, ids=lambda fault: fault.name)
def test_a_beginners_fault_loses_points(fault):
    assert hasattr(REFERENCE[EXERCISES[fault.exercise].module], fault.exercise)
    names = {"np": np}
    exec(fault.source, names)
    assert points_lost(fault.exercise, names[fault.exercise]) > 0


def test_beginners_faults_are_of_every_kind():
    assert {fault.kind for fault in BEGINNERS_FAULTS} == KINDS
