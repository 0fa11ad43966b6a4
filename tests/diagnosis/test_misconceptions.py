"""The gate: the hidden checks catch every known mistake, in its own exercise, and know of no check
that catches none.
"""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

from cs231n_utils.exercises import EXERCISES, MODULES
from grader.checks.misconception import Call, Misconception
from grader.diagnosis import hints
from grader.diagnosis.replay import same
from grader.grading.pool import grade_batch
from grader.intake.submission import Submission
from grader.report import Check, Report, Verdict
from grader.sandbox.inside.to_box import Rng
from grader.sandbox.inside.wire import Handle, Opaque
from tests.support import named
from tests.support.in_sandbox import LEVELS, sandbox
from tests.support.local_student import REFERENCE, REFERENCE_FILES, SECRET, grade_locally, mistaken

BANK = [entry for exercise in EXERCISES for entry in hints.bank(exercise)]
# Exercises of one module may call one another or share a cache: where a mistake could reach.
FAMILIES = [[name for name, row in EXERCISES.items() if row.module == module] for module in MODULES]
# A backward pass is judged with the cache of the student's own forward pass, so a wrong forward
# pass may cost it points.
ALSO = {
    "batchnorm_forward": {"batchnorm_backward"},
    "stochastic_depth_forward": {"stochastic_depth_backward"},
}
# Every known mistake is graded for these: half a minute of computing.
grades_the_bank = pytest.mark.slow
# Plain functions that need nothing but NumPy: their source can stand in a student's file.
IN_THE_SANDBOX = [
    "eval_numerical_gradient: x not restored",
    "svm_loss_naive: label of another example",
    "softmax_loss_vectorized: explicit loop",
    "gradient_descent: W changed in place",
    "gradient_descent: history after the step",
    "LinearClassifier.train: update of a local variable",
]


def label(entry: Misconception) -> str:
    return f"{entry.exercise}: {entry.name}"


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    """What each misconception gets, by label."""
    found = {}
    for family in FAMILIES:
        wrong = [mistaken(entry) for entry in BANK if entry.exercise in family]
        found.update({report.student: report for report in grade_locally(wrong, family)})
    return found


def tried_and_failed(report: Report, exercise: str) -> list[Check]:
    return [
        check
        for check in report.exercise(exercise).checks
        if check.verdict is Verdict.FAILED and check.tried
    ]


@grades_the_bank
@pytest.mark.parametrize("entry", BANK, ids=label)
def test_a_mistake_loses_points_where_it_is_made_and_nowhere_else(entry, reports):
    report = reports[label(entry)]
    assert report.status == "graded"
    lost = {exercise.name for exercise in report.exercises if exercise.points < exercise.max_points}
    assert entry.exercise in lost
    assert lost - {entry.exercise} <= ALSO.get(entry.exercise, set())


@grades_the_bank
@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_check_catches_a_mistake(exercise, reports):
    entries = hints.bank(exercise)
    caught = {
        check.name
        for entry in entries
        for check in tried_and_failed(reports[label(entry)], exercise)
    }
    assert caught == {check.name for check in reports[label(entries[0])].exercise(exercise).checks}


def test_every_exercise_has_known_mistakes():
    assert sorted(EXERCISES) == sorted({entry.exercise for entry in BANK})


def test_names_are_short_and_unique_in_their_exercise():
    assert len({label(entry) for entry in BANK}) == len(BANK)
    assert all(0 < len(entry.name) <= 45 for entry in BANK)


@pytest.mark.parametrize("hint", sorted({entry.hint for entry in BANK}))
def test_a_hint_is_one_or_two_sentences_and_no_code(hint):
    sentences = re.split(r"(?<=[.?])\s+", hint)
    assert len(sentences) <= 2
    assert all(sentence[-1] in ".?" for sentence in sentences)
    assert not re.search(r"np\.|==|\[|@|\bdef\b|\breturn\b", hint)


def test_concepts_group_many_mistakes():
    concepts = {entry.concept for entry in BANK}
    assert len(concepts) < len(BANK) / 8


# So that annotations of wrong functions may name what stands in the bank.
LATE = b"from __future__ import annotations\n\n"


def source(entry: Misconception) -> Submission:
    """The same solution as a student would write it, in a file."""
    file = EXERCISES[entry.exercise].file
    lines = f"\n\n{inspect.getsource(entry.wrong)}\n\n{entry.exercise} = {entry.wrong.__name__}\n"
    return Submission(
        label(entry),
        {**REFERENCE_FILES, file: LATE + REFERENCE_FILES[file] + lines.encode()},
    )


@pytest.fixture(scope="module")
def sandboxed() -> dict[str, Report]:
    sandbox(*LEVELS)
    chosen = [entry for entry in BANK if label(entry) in IN_THE_SANDBOX]
    exercises = list(dict.fromkeys(entry.exercise for entry in chosen))
    return {
        report.student: report
        for report in grade_batch([source(entry) for entry in chosen], SECRET, exercises)
    }


@grades_the_bank
@pytest.mark.parametrize("name", IN_THE_SANDBOX)
def test_the_sandbox_gives_the_same_points(name, sandboxed, reports):
    here = {
        exercise.name: [(check.name, check.points) for check in exercise.checks]
        for exercise in reports[name].exercises
    }
    for exercise in sandboxed[name].exercises:
        found = [(check.name, check.points) for check in exercise.checks]
        every = [(check.name, check.max_points) for check in exercise.checks]
        # Exercises of another family keep all points.
        assert found == here.get(exercise.name, every)


# --- hints ---


def messages(report: Report, exercise: str) -> str:
    return " ".join(check.message for check in tried_and_failed(report, exercise))


@grades_the_bank
@pytest.mark.parametrize("entry", BANK, ids=label)
def test_a_mistake_is_named_and_no_other(entry, reports):
    report = reports[label(entry)]
    assert named.outcome(entry, report) in {"itself", "an equivalent"}
    assert entry.hint in messages(report, entry.exercise)


@pytest.mark.slow
def test_other_problems_are_named_alike():
    found = named.confusion(BANK, ["another secret"])
    assert {
        key: dict(counts) for key, counts in found.items() if counts["another"] or counts["silent"]
    } == {}


@pytest.mark.slow
@pytest.mark.parametrize("exercise", ["svm_loss_vectorized", "softmax_loss_vectorized"])
def test_two_independent_mistakes_are_both_named(exercise):
    counts = named.pairs_of(exercise, np.random.default_rng(0))
    assert counts["another"] == 0
    assert counts["itself"] > 0.95 * counts.total() > 200


@pytest.mark.slow
def test_right_solutions_get_no_hint_even_if_a_check_failed():
    looked, said = named.hints_for_right_solutions(["a secret"])
    assert said == []
    assert looked > 200 and named.NUMBER_OF_RIGHT > 20


@pytest.mark.parametrize("exercise", ["l1_penalty", "l2_penalty"])
def test_a_right_result_has_no_hint(exercise):
    W = np.array([[1.5, -2.0], [0.5, 3.0]])  # no zeros: some wrong implementations are right here
    right = getattr(REFERENCE["regularization"], exercise)
    assert hints.explain(Call(exercise, (W,), {}, right(W))) is None


def test_a_mistake_must_fit_all_calls_that_were_made_together():
    size_of_the_sum, absolute_value_missing = np.array([[1.0, 2.0]]), np.array([[-2.0, 1.0]])
    calls = [
        Call("l1_penalty", (W,), {}, (abs(W.sum()), np.sign(W)))
        for W in (absolute_value_missing, size_of_the_sum)
    ]
    assert hints.explain(calls[0]).name == hints.explain(calls[0], calls).name == "size of the sum"
    calls[1] = calls[1]._replace(result=(-3.0, np.sign(size_of_the_sum)))
    assert hints.explain(calls[0], calls) is None


def test_what_is_known_of_all_calls_explains_a_check_that_looks_at_all_of_them():
    x, residual = np.ones((2, 3)), np.full((2, 3), 0.5)
    params = [{"mode": "train", "survival_prob": 0.7, "rng": Rng(seed)} for seed in range(20)]
    gates = [np.random.default_rng(seed).random() for seed in range(20)]
    dropped = [
        Call(
            "stochastic_depth_forward",
            (x, residual, param),
            {},
            (x + (u >= 0.7) * residual, Handle(0)),
        )
        for param, u in zip(params, gates, strict=True)
    ]
    assert hints.explain(None, dropped).name == "probability of dropping"
    right = [
        call._replace(result=(x + (u < 0.7) * residual, Handle(0)))
        for call, u in zip(dropped, gates, strict=True)
    ]
    assert hints.explain(None, right) is None
    assert hints.explain(None, [*dropped[:19], right[19]]) is None
    assert hints.explain(None) is None


@pytest.mark.parametrize(
    "result",
    [
        None,
        3.0,
        "text",
        (1.0,),
        (1.0, None),
        (np.zeros(2), np.zeros((5, 4))),
        Opaque("set"),
        (np.nan, np.full((5, 4), np.inf)),
        (1 + 1j, np.zeros((5, 4))),
        (10**400, [[]]),
        {},
        [],
    ],
)
def test_results_of_any_form_are_no_known_mistake(result):
    W, X, y = np.eye(5, 4), np.arange(35.0).reshape(7, 5), np.arange(7) % 4
    assert hints.explain(Call("svm_loss_naive", (W, X, y, 0.1), {}, result)) is None


@pytest.mark.parametrize(
    "a, b",
    [
        ([1.0, 2.0], np.array([1.0, 2.0])),
        (np.float64(3), 3),
        (np.array(3.0), 3.0),
        (np.nan, np.nan),
        ((1, None), [1, None]),
        (np.array([1.0, np.inf]), np.array([1.0, np.inf])),
        (1.0, 1 + 1e-12),
        (np.zeros((0, 2)), np.zeros((0, 2))),
    ],
)
def test_results_are_the_same_whatever_holds_their_numbers(a, b):
    assert same(a, b) and same(b, a)


@pytest.mark.parametrize(
    "a, b",
    [
        (np.array([1, 2]), np.array([1.0, 2.0])),
        (np.nan, 0.0),
        (None, 0.0),
        ("a", "b"),
        (np.zeros(2), np.zeros((1, 2))),
        ((1.0, 2.0), (1.0,)),
        (1.0, 1 + 1e-6),
        (np.array([np.inf, 1.0]), np.array([-np.inf, 1.0])),
        ([None], np.zeros(1)),
    ],
)
def test_results_differ_in_type_shape_or_any_number(a, b):
    assert not same(a, b) and not same(b, a)


PENALTIES = [
    entry for entry in BANK if entry.exercise.endswith("_vectorized") and "penalty" in entry.name
]


@grades_the_bank
@pytest.mark.parametrize("entry", PENALTIES, ids=label)
def test_a_mistake_in_the_penalty_leaves_the_credit_for_vectorization(entry, reports):
    assert "vectorized" not in [
        check.name for check in tried_and_failed(reports[label(entry)], entry.exercise)
    ]
