"""The kit and all feedback hold no line of a reference, a hidden check or a misconception."""

import ast
import io
import json
import tokenize

import numpy as np

from cs231n_utils.mistakes.results import RAISES
from cs231n_utils.mistakes.trials import TRIALS
from grader.diagnosis.hints import bank
from grader.kit import container, known_mistakes
from grader.paths import COURSE, REPORT
from grader.report import Report
from grader.results import gradescope
from grader.topics.linear_classifier import test_linear_classifier as classifier_checks

TOPICS = COURSE / "grader" / "topics"
HIDDEN = sorted(path for path in TOPICS.rglob("*.py") if path.stat().st_size)
# Below this length a line is a common word of the language, such as `return loss, dW`, and says
# nothing.
TELLING = 20


def code_lines(source: str) -> set[str]:
    """Lines that say something: no imports, signatures, decorators, comments or docstrings; white
    space folded.
    """
    silent: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        names_exercise = (
            isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "exercise"
        )
        if isinstance(node, (ast.Import, ast.ImportFrom)) or names_exercise:
            silent.update(range(node.lineno, node.end_lineno + 1))
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            silent.update(
                range(
                    min([node.lineno, *(mark.lineno for mark in node.decorator_list)]),
                    node.body[0].lineno,
                )
            )
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            silent.update(range(node.lineno, node.end_lineno + 1))
    by_line: dict[int, list[str]] = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in (
            tokenize.COMMENT,
            tokenize.NL,
            tokenize.NEWLINE,
            tokenize.INDENT,
            tokenize.DEDENT,
        ):
            by_line.setdefault(token.start[0], []).append(token.string)
    return {
        line
        for number, parts in by_line.items()
        if number not in silent
        and not (len(parts) <= 4 and parts[-1] == ",")  # one argument, on a line of its own
        and len(line := " ".join(part for text in parts for part in text.split())) >= TELLING
    }


def hidden_lines() -> dict[str, str]:
    """Telling line -> the hidden file that holds it."""
    return {
        line: path.relative_to(TOPICS).as_posix()
        for path in HIDDEN
        for line in code_lines(path.read_text(encoding="utf-8"))
    }


def lines_of_text(text: str) -> set[str]:
    """Every line of a text, tokenized like code where it can be: formatting hides nothing."""
    folded = set()
    for line in text.splitlines():
        try:
            parts = [
                token.string
                for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline)
                if token.type
                not in (
                    tokenize.COMMENT,
                    tokenize.NL,
                    tokenize.NEWLINE,
                    tokenize.ENDMARKER,
                )
            ]
        except (tokenize.TokenError, SyntaxError):
            parts = line.split()
        folded.add(" ".join(part for text in parts for part in text.split()))
    return folded


def readable(name: str, content: bytes) -> str:
    if name.endswith(".ipynb"):
        return "\n".join("".join(cell["source"]) for cell in json.loads(content)["cells"])
    return content.decode("utf-8")


def test_there_is_something_to_hide():
    assert len(hidden_lines()) > 300
    assert "scores = X @ W" not in hidden_lines(), "too short to tell anything"


def test_kit_holds_no_hidden_line(kit):
    hidden = hidden_lines()
    found = {
        (name, line, hidden[line])
        for name, content in kit.items()
        if not name.endswith(".npz")
        for line in lines_of_text(readable(name, content)) & hidden.keys()
    }
    assert found == set()


def test_known_mistakes_travel_as_numbers_and_hints(kit):
    """No code, right or wrong: the file has the names of exercises and parts, numbers, a few words
    for what is none, hints.
    """
    hints = {entry.hint for exercise in TRIALS for entry in bank(exercise)}
    words = {
        "nan",
        "inf",
        "-inf",
        RAISES,
        "NoneType",
        "of another step",
        "never finite",
        *(
            f"{RAISES} {name}"
            for name in (
                "AxisError",
                "IndexError",
                "TypeError",
                "UFuncTypeError",
                "ValueError",
                "ZeroDivisionError",
            )
        ),
    }

    def strange(value: object) -> list[object]:
        if isinstance(value, list):
            return [found for item in value for found in strange(item)]
        return [] if type(value) in (int, float) or value in words else [value]

    for exercise, what in json.loads(kit[known_mistakes.NAME]).items():
        assert what.keys() == {"right", "mistakes"}
        for mistake in what["mistakes"]:
            assert mistake.keys() == {"hint", "wrong"} and mistake["hint"] in hints
            assert mistake["wrong"].keys() <= what["right"].keys()
        values = [what["right"], *(mistake["wrong"] for mistake in what["mistakes"])]
        assert [
            found for parts in values for part in parts.values() for found in strange(part)
        ] == [], exercise


def test_kit_holds_no_hidden_file(kit):
    hidden_contents = {
        path.read_bytes() for path in TOPICS.rglob("*") if path.is_file() and path.stat().st_size
    }
    assert not hidden_contents & set(kit.values())
    assert not [
        name
        for name in kit
        if (name.startswith(("grader", "tests", ".")) and name != container.NAME)
        or "__pycache__" in name
    ]


def test_kit_holds_no_digit_of_the_holdout(kit):
    with np.load(classifier_checks.HOLDOUT) as arrays:
        kept = {image.tobytes() for image in arrays["images"]}
    with np.load(io.BytesIO(kit["datasets/digits.npz"])) as arrays:
        assert not kept & {image.tobytes() for image in arrays["images"]}


def test_feedback_holds_no_hidden_line(graded_class):
    hidden = hidden_lines()
    for path in sorted(graded_class.rglob("*")):
        if path.suffix in (".html", ".json", ".csv"):
            text = path.read_text(encoding="utf-8")
            assert not [line for line in hidden if line in text], path


def test_results_for_gradescope_hold_no_hidden_line_and_no_seed(graded_class):
    hidden = hidden_lines()
    reports = [
        Report.from_dict(json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(graded_class.glob(f"*/{REPORT}"))
    ]
    assert len(reports) > 10
    for report in reports:
        found = gradescope.results(report)
        texts = [found["output"], *(f"{test['name']}\n{test['output']}" for test in found["tests"])]
        lines = {line for text in texts for line in lines_of_text(text)}
        assert not lines & hidden.keys(), report.student
        assert not [line for line in hidden if line in json.dumps(found)], report.student
        seeds = {str(check.seed) for one in report.exercises for check in one.checks if check.seed}
        assert seeds and not [seed for seed in seeds if seed in json.dumps(found)], report.student
