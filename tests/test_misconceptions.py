"""The gate: the hidden checks catch every known mistake, in its own exercise, and know of no check that catches none."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest
from in_sandbox import LEVELS, sandbox
from local_student import REFERENCE, REFERENCE_FILES, SECRET, grade_locally, model_file, solution, trained_weights

from cs231n_utils.exercises import EXERCISES
from grader import hints
from grader.report import Check, Report, Verdict
from grader.runner import grade_batch
from grader.submission import Submission

BANK = [entry for exercise in EXERCISES for entry in hints.bank(exercise)]
# Exercises that call one another or share a cache: where a mistake could reach.
FAMILIES = [
    ["eval_numerical_gradient", "rel_error", "grad_check_sparse"],
    ["svm_loss_naive", "svm_loss_vectorized"],
    ["softmax_loss_naive", "softmax_loss_vectorized"],
    ["l2_penalty", "l1_penalty", "elastic_net_penalty"],
    ["batchnorm_forward", "batchnorm_backward"],
    ["stochastic_depth_forward", "stochastic_depth_backward"],
    ["random_search", "gradient_descent"],
    ["LinearClassifier.train", "LinearClassifier.predict", "best_model.npz"],
]
# A backward pass is judged with the cache of the student's own forward pass, so a wrong forward pass may cost it points.
ALSO = {"batchnorm_forward": {"batchnorm_backward"}, "stochastic_depth_forward": {"stochastic_depth_backward"}}
# Plain functions that need nothing but NumPy: their source can stand in a student's file.
IN_THE_SANDBOX = [
    "eval_numerical_gradient: x not restored",
    "svm_loss_naive: label of another example",
    "softmax_loss_vectorized: explicit loop",
    "gradient_descent: W changed in place",
    "gradient_descent: history after the step",
    "LinearClassifier.train: update of a local variable",
]


def label(entry: hints.Misconception) -> str:
    return f"{entry.exercise}: {entry.name}"


def submission(entry: hints.Misconception) -> Submission:
    """The reference with the wrong implementation in the place of its function."""
    if entry.exercise.endswith(".npz"):
        return solution(label(entry), model=model_file(entry.wrong(trained_weights())))
    return solution(label(entry), {entry.exercise: entry.wrong})


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    """What each misconception gets, by label."""
    found = {}
    for family in FAMILIES:
        wrong = [submission(entry) for entry in BANK if entry.exercise in family]
        found.update({report.student: report for report in grade_locally(wrong, family)})
    return found


def tried_and_failed(report: Report, exercise: str) -> list[Check]:
    return [check for check in report.exercise(exercise).checks
            if check.verdict is Verdict.FAILED and not check.message.startswith("Not tried")]


@pytest.mark.parametrize("entry", BANK, ids=label)
def test_a_mistake_loses_points_where_it_is_made_and_nowhere_else(entry, reports):
    report = reports[label(entry)]
    assert report.status == "graded"
    lost = {exercise.name for exercise in report.exercises if exercise.points < exercise.max_points}
    assert entry.exercise in lost
    assert lost - {entry.exercise} <= ALSO.get(entry.exercise, set())


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_check_catches_a_mistake(exercise, reports):
    entries = hints.bank(exercise)
    caught = {check.name for entry in entries for check in tried_and_failed(reports[label(entry)], exercise)}
    assert caught == {check.name for check in reports[label(entries[0])].exercise(exercise).checks}


def test_every_exercise_has_known_mistakes():
    in_families = sorted(exercise for family in FAMILIES for exercise in family)
    assert in_families == sorted(EXERCISES) == sorted({entry.exercise for entry in BANK})


def test_names_are_short_and_unique_in_their_exercise():
    assert len({label(entry) for entry in BANK}) == len(BANK)
    assert all(0 < len(entry.name) <= 45 for entry in BANK)


@pytest.mark.parametrize("hint", sorted({entry.hint for entry in BANK}))
def test_a_hint_is_one_or_two_sentences_and_no_code(hint):
    sentences = re.split(r"(?<=[.?])\s+", hint)
    assert len(sentences) <= 2
    assert all(sentence[-1] in ".?" for sentence in sentences)
    assert not re.search(r"np\.|==|\[|@|\bdef\b|\breturn\b", hint)


def test_ideas_group_many_mistakes():
    ideas = {entry.idea for entry in BANK}
    assert len(ideas) < len(BANK) / 8


def source(entry: hints.Misconception) -> Submission:
    """The same solution as a student would write it, in a file."""
    file = EXERCISES[entry.exercise].file
    lines = f"\n\n{inspect.getsource(entry.wrong)}\n\n{entry.exercise} = {entry.wrong.__name__}\n"
    return Submission(label(entry), {**REFERENCE_FILES, file: REFERENCE_FILES[file] + lines.encode()})


@pytest.fixture(scope="module")
def sandboxed() -> dict[str, Report]:
    sandbox(*LEVELS)
    chosen = [entry for entry in BANK if label(entry) in IN_THE_SANDBOX]
    exercises = list(dict.fromkeys(entry.exercise for entry in chosen))
    return {report.student: report for report in grade_batch([source(entry) for entry in chosen], SECRET, exercises)}


@pytest.mark.parametrize("name", IN_THE_SANDBOX)
def test_the_sandbox_gives_the_same_points(name, sandboxed, reports):
    here = {exercise.name: [(check.name, check.points) for check in exercise.checks] for exercise in reports[name].exercises}
    for exercise in sandboxed[name].exercises:
        found = [(check.name, check.points) for check in exercise.checks]
        every = [(check.name, check.max_points) for check in exercise.checks]
        assert found == here.get(exercise.name, every)  # exercises of another family keep all points


# --- hints ---

# Judged by what is asked of a callback, or by no call of a function at all: there is no result to compare.
WITHOUT_HINTS = {"eval_numerical_gradient", "grad_check_sparse", "random_search", "gradient_descent",
                 "LinearClassifier.train", "LinearClassifier.predict", "best_model.npz"}
# Raises; gives the right result; shows only over many calls; coincides with others in tiny batches.
SILENT = {"arrays squeezed", "explicit loop", "probability of dropping", "generator ignored", "classes counted from the labels"}
NAMED = [entry for entry in BANK if entry.exercise not in WITHOUT_HINTS and entry.name not in SILENT]


def messages(report: Report, exercise: str) -> str:
    return " ".join(check.message for check in tried_and_failed(report, exercise))


@pytest.mark.parametrize("entry", NAMED, ids=label)
def test_a_message_names_the_mistake(entry, reports):
    assert entry.hint in messages(reports[label(entry)], entry.exercise)


@pytest.mark.parametrize("entry", BANK, ids=label)
def test_no_message_names_another_mistake(entry, reports):
    text = messages(reports[label(entry)], entry.exercise)
    assert [other.name for other in hints.bank(entry.exercise) if other.hint in text and other.hint != entry.hint] == []


@pytest.mark.parametrize("exercise", ["l1_penalty", "l2_penalty"])
def test_a_right_result_has_no_hint(exercise):
    W = np.array([[1.5, -2.0], [0.5, 3.0]])  # no zeros: some wrong implementations are right here
    right = getattr(REFERENCE["regularization"], exercise)
    assert hints.explain((exercise, (W,), {}, right(W), ())) is None


PENALTIES = [entry for entry in NAMED if entry.exercise.endswith("_vectorized") and "penalty" in entry.name]


@pytest.mark.parametrize("entry", PENALTIES, ids=label)
def test_a_mistake_in_the_penalty_leaves_the_credit_for_vectorization(entry, reports):
    assert "vectorized" not in [check.name for check in tried_and_failed(reports[label(entry)], entry.exercise)]
