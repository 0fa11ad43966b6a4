"""A sample class: about a dozen students, each with a story, made from the kit and the reference
solutions.
"""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from cs231n_utils import data
from cs231n_utils.exercises import ASSIGNMENT, MODULES
from grader.paths import TOPICS
from grader.topics.softmax.reference import softmax_loss_vectorized

_ANSWER = (
    "A small step changes the loss by the gradient times the step; the penalty pulls every weight"
    " towards zero."
)

Files = dict[str, bytes]


def reference_files() -> Files:
    """The files that a student with all the right answers hands in, without notebooks."""
    files = {
        f"cs231n_utils/{module}.py": (TOPICS / module / "reference.py").read_bytes()
        for module in MODULES
    }
    return {**files, "best_model.npz": trained_model()}


@functools.cache
def trained_model() -> bytes:
    """best_model.npz of a softmax classifier trained on the digits; deterministic."""
    digits, rng = data.load("digits"), np.random.default_rng(231)
    W = np.zeros((digits.X_train.shape[1], len(digits.class_names)))
    for _ in range(1500):
        batch = rng.integers(0, len(digits.y_train), 200)
        W -= 0.5 * softmax_loss_vectorized(W, digits.X_train[batch], digits.y_train[batch], 1e-3)[1]
    file = io.BytesIO()
    np.savez(file, W=W)
    return file.getvalue()


def sample_class(kit: Mapping[str, bytes]) -> dict[str, Files]:
    """Student -> all files of the submission; `kit` is what `release.kit_files` gives."""
    solution = {**kit, **reference_files()}
    answered = _answered(solution)
    return {
        "reference": answered,
        "untouched": dict(kit),
        **{student: change(dict(kit), dict(answered)) for student, change in _STUDENTS.items()},
    }


def write_class(students: Mapping[str, Files], folder: Path) -> None:
    """Write `<student>/loss_and_optimization/...`, the layout of nbgrader's `submitted/`."""
    for student, files in students.items():
        for name, content in files.items():
            path = folder / student / ASSIGNMENT / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _answered(files: Files) -> Files:
    """The files, with an answer written into the question of each notebook."""
    result = dict(files)
    for name, content in files.items():
        if name.endswith(".ipynb"):
            notebook = json.loads(content)
            for cell in notebook["cells"]:
                tags = cell["metadata"].get("nbgrader", {})
                if tags.get("grade") and tags.get("solution"):
                    cell["source"] = _ANSWER
            result[name] = json.dumps(notebook, indent=1, ensure_ascii=False).encode()
    return result


def _module(name: str) -> str:
    return f"cs231n_utils/{name}.py"


def _edited(files: Files, module: str, *changes: tuple[str, str]) -> Files:
    """The files with every occurrence of each old text in one module replaced."""
    text = files[_module(module)].decode()
    for old, new in changes:
        if old not in text:
            raise ValueError(f"{module}: the reference no longer contains {old!r}")
        text = text.replace(old, new)
    return {**files, _module(module): text.encode()}


def _with_code(files: Files, module: str, code: str) -> Files:
    """The files with code at the end of one module, where it can redefine what stands above."""
    return {**files, _module(module): files[_module(module)] + b"\n\n" + code.encode()}


def _half_done(kit: Files, solution: Files) -> Files:
    done = ("gradient_check", "linear_svm")
    return {**kit, **{_module(name): solution[_module(name)] for name in done}}


def _no_average(kit: Files, solution: Files) -> Files:
    files = _edited(solution, "linear_svm", ("dW / N", "dW"), ("dscores / N", "dscores"))
    return _edited(
        files, "softmax", ("loss / N", "loss"), ("log_p[rows, y].mean()", "log_p[rows, y].sum()")
    )


def _half_penalty(kit: Files, solution: Files) -> Files:
    files = _edited(solution, "linear_svm", ("2 * reg * W", "reg * W"))
    files = _edited(files, "softmax", ("2 * reg * W", "reg * W"))
    return _edited(files, "regularization", ("np.sum(W * W), 2 * W", "0.5 * np.sum(W * W), W"))


def _unstable(kit: Files, solution: Files) -> Files:
    files = _edited(
        solution,
        "softmax",
        ("scores - np.max(scores)", "scores"),
        ("scores - scores.max(axis=1, keepdims=True)", "scores"),
    )
    return _edited(files, "gradient_check", ("(above - below) / (2 * h)", "(above - below) / h"))


def _loops(kit: Files, solution: Files) -> Files:
    files = _with_code(solution, "linear_svm", "svm_loss_vectorized = svm_loss_naive\n")
    return _with_code(files, "softmax", "softmax_loss_vectorized = softmax_loss_naive\n")


def _crash(kit: Files, solution: Files) -> Files:
    return _with_code(
        solution,
        "linear_svm",
        "def svm_loss_naive(W, X, y, reg):\n    import os\n    os._exit(0)\n",
    )


def _endless_loop(kit: Files, solution: Files) -> Files:
    return _with_code(
        solution,
        "optimization",
        "def gradient_descent(loss_fn, W, learning_rate, num_iters):\n"
        "    while np.abs(loss_fn(W)[1]).max() > 0:\n        pass\n",
    )


def _memory(kit: Files, solution: Files) -> Files:
    return _with_code(
        solution,
        "softmax",
        "def softmax_loss_vectorized(W, X, y, reg):\n"
        "    pairs = np.ones((80_000, 80_000))  # 51 GB\n    return pairs.sum(), pairs\n",
    )


def _cheat(kit: Files, solution: Files) -> Files:
    return _with_code(
        kit,
        "linear_svm",
        "import numpy.testing\n\n"
        "np.allclose = np.array_equal = lambda *args, **kwargs: True\n"
        "np.abs = lambda x: 0 * x\n"
        "numpy.testing.assert_allclose = lambda *args, **kwargs: None\n\n\n"
        "def svm_loss_naive(W, X, y, reg):\n    return 0.0, np.zeros_like(W)\n\n\n"
        "svm_loss_vectorized = svm_loss_naive\n",
    )


def _noisy(kit: Files, solution: Files) -> Files:
    files = _with_code(
        solution,
        "softmax",
        "import sys\nimport warnings\n\n_quiet = softmax_loss_vectorized\n\n\ndef"
        " softmax_loss_vectorized(W, X, y, reg):\n    print('W', W.shape, 'X', X.shape)\n   "
        " print('debug', file=sys.stderr)\n    warnings.warn('still testing', RuntimeWarning)\n   "
        " np.log(np.zeros(3))  # divide by zero\n    return _quiet(W, X, y, reg)\n",
    )
    return _edited(
        files,
        "regularization",
        ("np.sum(W * W), 2 * W", "[np.sum(W * W), 2.0 * np.asfortranarray(W)]"),
    )


def _renamed(kit: Files, solution: Files) -> Files:
    files = dict(solution)
    files["cs231n_utils/linearsvm.py"] = files.pop(_module("linear_svm"))
    return files


# Every story is one way in which real classes hand in.
_STUDENTS: dict[str, Callable[[Files, Files], Files]] = {
    "half_done": _half_done,
    "forgets_average": _no_average,
    "halves_penalty": _half_penalty,
    "overflows": _unstable,
    "loops": _loops,
    "crashes": _crash,
    "never_ends": _endless_loop,
    "wants_51_gb": _memory,
    "patches_numpy": _cheat,
    "prints_and_warns": _noisy,
    "renamed_a_file": _renamed,
}
