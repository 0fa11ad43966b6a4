"""Short student files for the sandbox's tests."""

from __future__ import annotations

from pathlib import Path

from grader.sandbox.launch import Zygote
from grader.student import Student
from grader.submission import given_files

ROOT = Path(__file__).parent.parent
TOPICS = ROOT / "grader" / "topics"
MODULES = ("gradient_check", "linear_svm", "softmax", "regularization", "optimization", "linear_classifier")


def student(zygote: Zygote, body: str, **more: str) -> Student:
    """A student whose rel_error(x, y) has this body; `more` are further files of the package, by module name."""
    lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    own = {"gradient_check": f"import numpy as np\n\ndef rel_error(x=None, y=None):\n{lines}\n", **more}
    return Student(zygote, {**given_files(), **{f"cs231n_utils/{name}.py": text.encode() for name, text in own.items()}})


def run(zygote: Zygote, body: str, *args: object) -> object:
    """What rel_error(*args) with this body returns, from a worker of its own."""
    one = student(zygote, body)
    try:
        return one.rel_error(*args)
    finally:
        one.close()


def reference_files() -> dict[str, bytes]:
    """A submission in which every function is right; without a trained model."""
    return {f"cs231n_utils/{name}.py": (TOPICS / name / "reference.py").read_bytes() for name in MODULES}
