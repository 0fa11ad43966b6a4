"""What students leave in their files is told with what to do, in the same words by check and by
grading, without a path of the machine that grades.
"""

import shutil
import sys

import numpy as np
import pytest

from cs231n_utils.advice import (
    encodings,
    every_version,
    exceptions,
    left_in_files,
    misnamed,
    newer_python,
)
from cs231n_utils.exercises import ASSIGNMENT, MODULES
from cs231n_utils.visible_checks.launch import run
from grader.checks.student import StudentFault
from grader.intake import submission
from grader.intake.submission import MODEL_FILE, given_files
from grader.paths import COURSE
from tests.support.in_sandbox import LEVELS, Alone, reference_files, sandbox
from tests.support.left_in_files import MODELS, NAMES, NEWER, OF_NUMPY_1, RIGHT, SOURCES

FILE = "cs231n_utils/gradient_check.py"
newer = pytest.mark.skipif(sys.version_info < (3, 12), reason="needs tokens of f-strings")
# NumPy reads the others, and their hidden check says what they hold.
UNREADABLE = [
    kind for kind, (_, words) in MODELS.items() if "(" not in words and "zip" not in words
]
KINDS = [
    kind
    for kind in SOURCES
    if not (kind in NEWER and sys.version_info >= (3, 12))
    and not (kind in OF_NUMPY_1 and np.__version__.startswith("1."))
]


@pytest.fixture
def kit(tmp_path):
    """A student's folder, as it is handed in."""
    folder = tmp_path / "ann" / ASSIGNMENT
    shutil.copytree(
        COURSE / "cs231n_utils",
        folder / "cs231n_utils",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return folder


@pytest.fixture(scope="module")
def zygote():
    with sandbox(*LEVELS) as zygote:
        yield zygote


def told_by_check(kit, exercise="rel_error"):
    outcome = run(exercise, 60.0, kit)
    assert not outcome.passed
    return " ".join([outcome.sentence, *(row.message for row in outcome.rows)])


def told_by_grading(zygote, files, exercise="rel_error"):
    one = Alone(zygote, {**given_files(), **reference_files(), **files})
    try:
        with pytest.raises(StudentFault) as fault:
            one.load_model() if exercise == MODEL_FILE else one.rel_error(1.0, 2.0)
    finally:
        one.close()
    return str(fault.value)


@pytest.mark.parametrize("kind", KINDS)
def test_check_says_what_was_left_in_a_file(kit, kind):
    content, words = SOURCES[kind]
    (kit / FILE).write_bytes(content)
    assert words in told_by_check(kit)


@pytest.mark.parametrize("kind", KINDS)
def test_grading_says_what_was_left_in_a_file_and_no_path(zygote, kit, kind):
    content, words = SOURCES[kind]
    (kit / FILE).write_bytes(content)
    notes = submission.read(kit).notes
    told = " ".join([told_by_grading(zygote, {FILE: content}), *notes])
    assert words in told
    assert not any(place in told for place in ("/tmp", "/lib/python", "site-packages", str(COURSE)))


@pytest.mark.parametrize("kind", MODELS)
def test_check_says_what_a_model_is_instead(kit, kind, monkeypatch):
    content, words = MODELS[kind]
    (kit / MODEL_FILE).write_bytes(content)
    monkeypatch.chdir(kit)
    assert words in told_by_check(kit, MODEL_FILE)


@pytest.mark.parametrize("kind", UNREADABLE)
def test_grading_says_what_a_model_is_instead(zygote, kind):
    content, words = MODELS[kind]
    assert words in told_by_grading(zygote, {MODEL_FILE: content}, MODEL_FILE)


@pytest.mark.parametrize("name", ["best_model.npy", "best_model.npz.npz", "best_model (1).npz"])
def test_a_misnamed_model_is_found(zygote, kit, name, monkeypatch):
    (kit / name).write_bytes(b"")
    monkeypatch.chdir(kit)
    assert f"Found: {name}." in told_by_check(kit, MODEL_FILE)
    one = Alone(zygote, {name: b""})
    with pytest.raises(StudentFault) as fault:
        one.load_model()
    one.close()
    assert f"Found: {name}." in str(fault.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_misnamed_file_is_found(kit, name):
    (kit / FILE).rename(kit / "cs231n_utils" / name)
    for told in (told_by_check(kit), " ".join(submission.read(kit).notes)):
        assert NAMES[name] in told


@pytest.mark.parametrize("wanted", MODULES)
def test_no_other_exercise_is_taken_for_a_misnamed_file(wanted):
    others = [f"cs231n_utils/{module}.py" for module in MODULES if module != wanted]
    assert misnamed.nearest(f"cs231n_utils/{wanted}.py", others) == ""


@pytest.mark.parametrize(
    "text",
    [
        "invalid syntax: retrun 0.5",
        "invalid syntax: x = 5 5",
        "invalid syntax: a = b % c d",
        "invalid syntax: scores[i] ? 1 : 0",
        "'(' was never closed: loss = (1",
        "expected ':': if not x",
        "invalid syntax: else if x > 0:",
    ],
)
def test_an_ordinary_slip_is_nothing_left_behind(text):
    assert left_in_files.advice("SyntaxError", text) == ""


@pytest.mark.parametrize("letter", ["a", "a ", "%", "=", "<", "(a b)", "a1 ", "f'{", "! ", ">>> "])
def test_hostile_texts_take_no_time(letter):
    for kind in ("SyntaxError", "TypeError", "AttributeError", "NameError"):
        exceptions.advice(kind, f"invalid syntax: {letter * 700}", (3, 11), "Grading")


def test_what_a_newer_python_takes_is_told_with_both_versions():
    told = newer_python.advice("SyntaxError", "invalid syntax: type X = int", (3, 11), "Grading")
    assert told.startswith("That needs Python 3.12 or newer. Grading runs Python 3.11, and nothing")
    assert newer_python.advice("SyntaxError", "invalid syntax: type X = ", (3, 12), "check") == ""


@newer
@pytest.mark.parametrize("kind", [kind for kind in NEWER if kind != "batched"])
def test_check_warns_of_what_only_a_newer_python_takes(kit, kind):
    content, _ = SOURCES[kind]
    (kit / FILE).write_bytes(content)
    notes = run("rel_error", 60.0, kit).notes
    assert any("needs Python 3.12 or newer" in note and "Python 3.11" in note for note in notes)


@pytest.mark.parametrize(
    "line",
    [
        "a = f'{x!r:>{10}}' f\"{x['a']}\" f'''{x['a']}'''",
        "a = f'{{}} \\n {1}'",
        "a = rf'\\d{1}'",
        "a = f'{x:%H\\n}'",
        "a = f'{x:{\"a\"}}'",
        "try:\n    pass\nexcept* ValueError:\n    pass",
    ],
)
def test_syntax_that_every_version_takes_gets_no_note(line):
    compile(line, "file", "exec")
    assert every_version.notes("f.py", line.encode()) == []


def test_a_name_that_not_every_numpy_has_gets_a_note(kit):
    name, instead = ("concat", "np.concatenate") if "concat" in dir(np) else ("in1d", "np.isin")
    (kit / FILE).write_text(RIGHT.replace("return 0.0", f"np.{name}\n    return 0.0"))
    (note,) = run("rel_error", 60.0, kit).notes
    assert f"line 5 uses np.{name}" in note and f"write {instead}." in note


def test_a_file_in_another_encoding_that_this_python_reads_gets_a_note():
    (note,) = every_version.notes("f.py", "# Köpfe\n".encode("latin-1"))
    assert "f.py is not saved as UTF-8 (line 1 holds other bytes)" in note
    assert encodings.fault("# coding: latin-1\n# Köpfe\n".encode("latin-1")) == ""
    assert encodings.fault("Köpfe\n".encode("utf-8-sig")) == ""
