"""What a case is, and the innocent ones: right functions that must keep their points."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """One submission: what stands below a function that returns zeros, or below a right one.

    title : what the row of the table says
    code : goes below the function; "@ROOT@" becomes the folder that the tool works in, "@TESTS@"
        the files of the hidden tests
    innocent : below the right function
    outside : goes for what is around the process; a neighbour who has it all right is graded after
        it
    files : name -> content, handed in beside the notebook
    edits_notebook : the student also replaces the tests in the notebook by `pass`
    """

    title: str
    code: str = ""
    innocent: bool = False
    outside: bool = False
    files: dict[str, str] = field(default_factory=dict)
    edits_notebook: bool = False


_RIGHT_BUT = """
right = svm_loss_naive

def svm_loss_naive(W, X, y, reg):
    {}
    return right(W, X, y, reg)
"""

INNOCENTS = [
    Case("prints the shapes", _RIGHT_BUT.format("print('W', W.shape)"), innocent=True),
    Case(
        "logs a warning",
        "import logging\n" + _RIGHT_BUT.format("logging.warning('W %s', W.shape)"),
        innocent=True,
    ),
    Case(
        "RuntimeWarning: divide by zero in log",
        "import numpy as np\n" + _RIGHT_BUT.format("np.log(np.zeros(3))"),
        innocent=True,
    ),
    Case(
        "works in a thread",
        """
from concurrent.futures import ThreadPoolExecutor
right = svm_loss_naive

def svm_loss_naive(*arguments):
    with ThreadPoolExecutor() as pool:
        return pool.submit(right, *arguments).result()
""",
        innocent=True,
    ),
    Case(
        "works in a process of its own",
        """
from concurrent.futures import ProcessPoolExecutor
right = svm_loss_naive

def call(*arguments):
    return right(*arguments)

def svm_loss_naive(*arguments):
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(call, *arguments).result()
""",
        innocent=True,
    ),
]
