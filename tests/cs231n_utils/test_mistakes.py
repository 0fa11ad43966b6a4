"""check() names the known mistakes from numbers: the same as the grader does, offline, and nothing
it is not sure of.
"""

import functools
import itertools
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from cs231n_utils.exercises import EXERCISES
from cs231n_utils.mistakes import naming, results
from cs231n_utils.mistakes.naming import KNOWN, explain, hints, known
from cs231n_utils.mistakes.trials import RTOL, TRIALS, observe
from cs231n_utils.visible_checks.launch import run
from cs231n_utils.visible_checks.table import as_html, as_text
from grader.diagnosis.hints import bank
from grader.kit import known_mistakes
from tests.support.in_sandbox import ROOT
from tests.support.local_student import REFERENCE, REFERENCE_FILES
from tests.support.right_solutions import PAIRS, RIGHT

BANK = [entry for exercise in TRIALS for entry in bank(exercise)]
# Not named, because their numbers say nothing about them: right in the trial, or like another
# mistake with another hint.
RIGHT_NUMBERS = {"explicit loop", "gradient tried out", "errors in order of size"}
SAME_NUMBERS = {
    "gradient one step late",
    "last step left out",
    "no update",
    "update of a local variable",
}
SILENT = RIGHT_NUMBERS | SAME_NUMBERS


def label(entry):
    return f"{entry.exercise}: {entry.name}"


def named(exercise, function):
    return hints(exercise, known_mistakes.stand_in(exercise, function))


@pytest.fixture(scope="module", autouse=True)
def known_is_read_once():
    """For all tests in this process; those that start another one read the file as students do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(naming, "known", functools.cache(known))
        yield


# The numbers of the known mistakes


def test_the_file_in_the_repository_is_current():
    assert KNOWN.read_bytes() == known_mistakes.content(), (
        "the bank has changed since: python -m grader.kit.known_mistakes"
    )


def test_the_file_is_small_and_is_where_the_kit_has_it():
    assert KNOWN == ROOT / known_mistakes.NAME
    assert KNOWN.stat().st_size < 200_000


def test_every_function_has_a_trial():
    assert TRIALS.keys() == EXERCISES.keys() - {"best_model.npz"}


def test_numbers_are_rounded_to_what_every_machine_agrees_on():
    rounded = known_mistakes._nested(np.array([12345.678912345, -1e-17, np.nan, -np.inf]))
    assert rounded == [12345.68, 0.0, "nan", "-inf"]
    assert known_mistakes._nested(np.array(1e-12)) == 0.0


@pytest.mark.parametrize("W, X, y", results.PROBLEMS)
def test_inputs_stay_away_from_the_kinks_of_the_hinge(W, X, y):
    scores = X @ W
    margins = scores - scores[np.arange(len(y)), y][:, None] + 1
    assert np.abs(margins).min() > 1e-3 > RTOL


# What is named


@pytest.mark.parametrize("entry", [entry for entry in BANK if entry.name not in SILENT], ids=label)
def test_a_mistake_is_named(entry):
    assert named(entry.exercise, entry.wrong) == [entry.hint]


@pytest.mark.parametrize("entry", [entry for entry in BANK if entry.name in SILENT], ids=label)
def test_where_numbers_cannot_tell_nothing_else_is_named(entry):
    assert named(entry.exercise, entry.wrong) in ([], [entry.hint])


@pytest.mark.parametrize("exercise", TRIALS)
def test_the_reference_gets_no_hint(exercise):
    assert named(exercise, None) == []


@pytest.mark.parametrize(
    "exercise, function", RIGHT, ids=lambda value: getattr(value, "__name__", None)
)
def test_other_right_solutions_get_no_hint(exercise, function):
    assert named(exercise, function) == []


@pytest.mark.parametrize(
    "exercise, pair", [(exercise, pair) for pair in PAIRS for exercise in pair]
)
def test_right_pairs_get_no_hint(exercise, pair):
    assert hints(exercise, SimpleNamespace(**pair)) == []


def fails(*args, **kwargs):
    raise ValueError("no")


def ends(*args, **kwargs):
    raise SystemExit


def gives_zero(*args, **kwargs):
    return 0.0


def gives_words(*args, **kwargs):
    return "loss", "dW"


def gives_its_arguments(*args, **kwargs):
    return args


@pytest.mark.parametrize("function", [fails, ends, gives_zero, gives_words, gives_its_arguments])
@pytest.mark.parametrize("exercise", TRIALS)
def test_what_resembles_no_known_mistake_gets_no_hint(exercise, function):
    assert named(exercise, function) == []


def wants_a_batch(W, X, y, reg):
    if len(X) == 1:
        raise ValueError("one example is no batch")
    return REFERENCE["linear_svm"].svm_loss_vectorized(W, X, y, reg)


def wants_a_small_batch(
    self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
):
    assert batch_size <= len(X)
    return REFERENCE["linear_classifier"].LinearClassifier.train(
        self, X, y, learning_rate, reg, num_iters, batch_size, verbose
    )


@pytest.mark.parametrize(
    "exercise, function, resembled",
    [
        ("svm_loss_vectorized", wants_a_batch, "arrays squeezed"),
        ("LinearClassifier.train", wants_a_small_batch, "drawn without replacement"),
    ],
)
def test_an_exception_of_another_type_is_another_mistake(exercise, function, resembled):
    (entry,) = [entry for entry in bank(exercise) if entry.name == resembled]
    theirs, its = (
        observe(exercise, known_mistakes.stand_in(exercise, each))
        for each in (function, entry.wrong)
    )

    def raising(seen):
        return [
            (part, k)
            for part, values in seen.items()
            for k, value in enumerate(values)
            if isinstance(value, str) and value.startswith(results.RAISES)
        ]

    assert raising(theirs) == raising(its) != []
    assert named(exercise, entry.wrong) == [entry.hint]
    assert named(exercise, function) == []


def content(outcome):
    """Parts and values, to be looked up."""
    return tuple(
        (part, *(value if isinstance(value, str) else value.tobytes() for value in values))
        for part, values in outcome.items()
    )


@pytest.mark.parametrize(
    "exercise", ["svm_loss_naive", "softmax_loss_vectorized", "rel_error", "grad_check_sparse"]
)
def test_two_mistakes_in_different_parts_are_both_named(exercise):
    """Where a known mistake does what the two do, it is named instead; where other two do, only
    what they have in common.
    """
    what = known(exercise)
    alone = {content(mistake.wrong) for mistake in what.mistakes}
    both_named = []
    for a, b in itertools.combinations(what.mistakes, 2):
        wrong = {
            part: (a.wrong | b.wrong)[part] for part in what.right if part in a.wrong | b.wrong
        }
        if a.wrong.keys() & b.wrong.keys() or content(wrong) in alone:
            continue
        found = set(explain(what.right | wrong, what))
        assert found <= {a.hint, b.hint}
        both_named.append(found == {a.hint, b.hint})
    assert np.mean(both_named) > 0.9


def test_the_first_wrong_part_must_be_explained():
    what = known("svm_loss_naive")
    half = next(
        mistake
        for mistake in what.mistakes
        if mistake.hint.startswith("The gradient of the penalty is half")
    )
    unknown = [np.full_like(values, 7.0) for values in what.right["data loss"]]
    assert explain(what.right | half.wrong, what) == [half.hint]
    assert explain(what.right | half.wrong | {"data loss": unknown}, what) == []
    assert explain(what.right | half.wrong | {"W afterwards": unknown}, what) == [half.hint]


def test_nothing_is_printed(capsys):
    named("grad_check_sparse", None)  # which prints a line for each comparison
    assert capsys.readouterr() == ("", "")


# What a student sees


def kit_with(folder, edits, exercise):
    """A solved kit, with texts of the exercise's file replaced."""
    for part in ("cs231n_utils", "datasets"):
        shutil.copytree(
            ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "cifar-10*")
        )
    for name, content in REFERENCE_FILES.items():
        (folder / name).write_bytes(content)
    file = folder / EXERCISES[exercise].file
    for right, wrong in edits.items():
        assert right in file.read_text()
        file.write_text(file.read_text().replace(right, wrong))
    return folder


HALF = {"2 * reg * W": "reg * W"}
LABELS_HINT = (
    "dW is the same whatever the labels are. Where does the right class enter the gradient?"
)
HALF_HINT = (
    "The gradient of the penalty is half of what it should be. What is the derivative of a square?"
)
SUM_HINT = (
    "The data loss is N times too large: a sum over the examples. What turns a sum into an average?"
)


@pytest.mark.parametrize(
    "exercise, edits, expected",
    [
        ("svm_loss_naive", HALF, [HALF_HINT]),
        ("svm_loss_naive", HALF | {"loss / N": "loss"}, [SUM_HINT, HALF_HINT]),
        (
            "softmax_loss_vectorized",
            {"dscores[rows, y] -= 1": "pass"},
            [LABELS_HINT],
        ),
        (
            "batchnorm_backward",
            {"dx_hat = dout * gamma": "dx_hat = dout"},
            ["dx does not depend on gamma. What does the forward pass multiply by?"],
        ),
        (
            "LinearClassifier.train",
            {"self.W - learning_rate": "self.W + learning_rate"},
            ["The steps go uphill. The gradient points to where the loss grows."],
        ),
        ("svm_loss_naive", {}, []),
        ("svm_loss_naive", {"margin = ": "margin = 0.9 + 0.1 * "}, []),
    ],
)
def test_the_hint_stands_once_below_all_checks_of_its_function(tmp_path, exercise, edits, expected):
    outcome = run(exercise, 60.0, kit_with(tmp_path / "kit", edits, exercise))
    assert outcome.passed is not bool(edits)
    assert outcome.hints == tuple(expected)
    text, html = as_text(outcome, width=1000), as_html(outcome)
    for hint in expected:
        subject = f"Hint for {exercise}:"
        assert text.count(f"{subject} {hint}") == 1
        assert html.count(f"<strong>{subject}</strong> {hint}") == 1


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b'{"svm_loss_naive": {"right": {}}}', b"\xff\xfe"]
)
def test_checks_do_without_a_file_that_is_missing_or_damaged(tmp_path, content):
    kit = kit_with(tmp_path / "kit", HALF, "svm_loss_naive")
    if content is None:
        (kit / known_mistakes.NAME).unlink()
    else:
        (kit / known_mistakes.NAME).write_bytes(content)
    outcome = run("svm_loss_naive", 60.0, kit)
    assert [row.verdict for row in outcome.rows].count("fail") == 1
    assert not outcome.hints
    assert outcome.printed == ""


@pytest.mark.parametrize(
    "statement", ["while W.shape == (3, 5): pass", "if W.shape == (3, 5): import os; os._exit(0)"]
)
def test_a_trial_that_comes_to_no_end_costs_the_hint_only(tmp_path, statement):
    assert (3, 5) in [W.shape for W, _, _ in results.PROBLEMS]
    kit = kit_with(
        tmp_path / "kit",
        HALF | {"scores = X @ W": f"{statement}\n    scores = X @ W"},
        "svm_loss_vectorized",
    )
    runner = kit / "cs231n_utils" / "visible_checks" / "runner.py"
    assert "HINT_SECONDS = 3.0" in runner.read_text()
    runner.write_text(runner.read_text().replace("HINT_SECONDS = 3.0", "HINT_SECONDS = 0.01"))
    outcome = run("svm_loss_vectorized", 60.0, kit)
    assert [row.verdict for row in outcome.rows].count("fail") == 1
    assert not outcome.hints
