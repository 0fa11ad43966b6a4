"""Imports never cost what they do not decide, in grading."""

import textwrap

import pytest

from cs231n_utils.exercises import EXERCISES
from grader.checks.student import StudentFault
from grader.grading.pool import grade_batch
from grader.intake.submission import Submission, given_files
from tests.support.import_headers import HEADERS, USES
from tests.support.in_sandbox import LEVELS, Alone, reference_files, sandbox

FILE = "cs231n_utils/gradient_check.py"


@pytest.fixture(scope="module", params=LEVELS)
def level(request):
    sandbox(request.param)
    return request.param


@pytest.fixture(scope="module")
def reports(level):
    """The report of rel_error below each header."""
    files = reference_files()
    submissions = [
        Submission(name, {**files, FILE: textwrap.dedent(lines).encode() + b"\n" + files[FILE]})
        for name, lines in HEADERS.items()
    ]
    graded = grade_batch(submissions, "secret", ["rel_error"], (level,))
    return {report.student: report for report in graded}


@pytest.mark.parametrize("name", HEADERS)
def test_an_import_that_nothing_uses_costs_nothing(reports, name):
    found = reports[name].exercise("rel_error")
    assert found.points == EXERCISES["rel_error"].points, [check.message for check in found.checks]


@pytest.fixture(scope="module")
def zygote(level):
    with sandbox(level) as zygote:
        yield zygote


def asked(zygote, source, *args, **more):
    """What rel_error of this file returns, from a box of its own."""
    files = {f"cs231n_utils/{name}.py": text.encode() for name, text in more.items()}
    one = Alone(zygote, {**given_files(), **reference_files(), FILE: source.encode(), **files})
    try:
        return one.rel_error(*args)
    finally:
        one.close()


@pytest.mark.parametrize("name", USES)
def test_what_uses_it_fails_there_and_is_told(zygote, name):
    lines, use, told = USES[name]
    with pytest.raises(StudentFault) as fault:
        asked(zygote, f"{lines}\n\n\ndef rel_error(x, y):\n    return {use}\n", 1.0, 1.0)
    assert told in str(fault.value)
    assert "gradient_check.py, line" in str(fault.value)


def test_cs231ns_names_lead_to_the_students_own_module(zygote):
    source = (
        "from cs231n.classifiers.softmax import mine as a\nfrom ..classifiers.softmax import mine\n"
        "import softmax\nfrom cs231n_utils import softmax as own\n"
        "def rel_error(x, y):\n    return [a is mine is own.mine, softmax is own]\n"
    )
    assert asked(zygote, source, 1, 1, softmax="def mine():\n    return 1\n") == [True, True]


def test_classes_that_a_file_lacks_are_the_kits(zygote):
    source = (
        "from cs231n.classifiers.linear_classifier import LinearSVM\n"
        "def rel_error(x, y):\n    return LinearSVM.__module__\n"
    )
    assert asked(zygote, source, 1, 1) == "cs231n_utils.models"


def test_modules_that_import_each_other_by_cs231ns_names_find_each_other(zygote):
    source = (
        "from cs231n.classifiers.softmax import other\ndef mine():\n    return 2\n"
        "def rel_error(x, y):\n    return other()\n"
    )
    softmax = "from cs231n.gradient_check import mine\ndef other():\n    return mine() + 1\n"
    assert asked(zygote, source, 1, 1, softmax=softmax) == 3


def test_a_fault_in_another_file_costs_what_uses_that_file(zygote):
    source = (
        "from cs231n.classifiers.softmax import softmax_loss_naive\n"
        "def rel_error(x, y):\n    return softmax_loss_naive() if x else 5\n"
    )
    assert asked(zygote, source, 0, 1, softmax="1 / 0\n") == 5
    with pytest.raises(StudentFault, match="ZeroDivisionError"):
        asked(zygote, source, 1, 1, softmax="1 / 0\n")


@pytest.mark.parametrize("body", ["return scale", "return x, scale"])
def test_a_result_of_such_a_library_is_told(zygote, body):
    source = f"import torch\nscale = torch.ones(3)\ndef rel_error(x, y):\n    {body}\n"
    with pytest.raises(StudentFault, match=r"torch\.ones: grading does not have torch"):
        asked(zygote, source, 1, 1)


def test_a_value_is_never_of_a_type_that_is_not_there(zygote):
    source = "import torch\ndef rel_error(x, y):\n    return isinstance(x, (torch.Tensor, str))\n"
    assert asked(zygote, source, 1, 1) is False


def test_a_students_own_file_of_that_name_comes_first(zygote):
    files = {
        **given_files(),
        FILE: b"import six\n\n\ndef rel_error(x, y):\n    return six.NUMBER\n",
    }
    one = Alone(zygote, {**files, "six.py": b"NUMBER = 6\n"})
    assert one.rel_error(1, 1) == 6
    one.close()


def test_an_exercise_starts_anew_with_cs231ns_names_too(zygote):
    source = (
        "from cs231n.classifiers import softmax\n"
        "def rel_error(x, y):\n    softmax.calls += 1\n    return softmax.calls\n"
    )
    files = {"cs231n_utils/softmax.py": b"calls = 0\n", FILE: source.encode()}
    one = Alone(zygote, {**given_files(), **files})
    assert [one.rel_error(1, 1), one.rel_error(1, 1)] == [1, 2]
    one.session.next_exercise()
    assert one.rel_error(1, 1) == 1
    one.close()
