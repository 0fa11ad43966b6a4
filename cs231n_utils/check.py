"""check("svm_loss_naive") says which visible checks pass, and what to try next where they fail.

In a terminal:  python -m cs231n_utils.check svm_loss_naive
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from difflib import get_close_matches

from cs231n_utils.exercises import EXERCISES
from cs231n_utils.notebook import in_notebook
from cs231n_utils.visible_checks import ahead
from cs231n_utils.visible_checks.launch import KIT, ExerciseResult, run
from cs231n_utils.visible_checks.table import as_html, as_text

TIMEOUT = 60.0  # seconds for one exercise; right answers need less than one


def check(name: str, timeout: float = TIMEOUT) -> None:
    """Run the visible checks of one exercise on the files as they are now, and show the results.

    The graded checks use other numbers, but they hold your functions to the same promises, with
    the same tolerances.

    Parameters
    ----------
    name : str, a name of `cs231n_utils.exercises`, such as "svm_loss_naive"
    timeout : float, seconds after which the checks are stopped

    Raises NotPassed where `nbgrader validate` runs the cell, which looks for errors only.
    """
    if name not in EXERCISES:
        print(_unknown(name))
        return
    result = run(name, timeout)
    if "NBGRADER_VALIDATING" in os.environ and not result.passed:
        raise NotPassed(as_text(result))
    _show(result)
    if in_notebook():
        ahead.start_next(KIT)


class NotPassed(AssertionError):
    """The checks of an exercise do not all pass; the text says which, and why."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in the place of a traceback."""
        return str(self).splitlines()


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m cs231n_utils.check",
        description=(
            "Run the visible checks of one exercise, or of all, on your files as they are now."
        ),
        epilog=(
            "Exit status: 0 if all checks pass, 1 if not, 2 for a name that does not exist, 130"
            f" after Ctrl-C. The exercises: {', '.join(EXERCISES)}."
        ),
    )
    parser.add_argument(
        "exercise", nargs="?", help="its name, such as svm_loss_naive; default: all of them"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=TIMEOUT,
        metavar="SECONDS",
        help="stop an exercise after this time (default: %(default)g)",
    )
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # some terminals lack some letters
    if options.exercise is not None and options.exercise not in EXERCISES:
        print(_unknown(options.exercise), file=sys.stderr)
        return 2
    names = list(EXERCISES) if options.exercise is None else [options.exercise]
    right = 0
    for name in names:
        result = run(name, options.timeout)
        _show(result)
        if result.interrupted:
            return 130
        right += result.passed
    if len(names) > 1:
        print(f"{right} of {len(names)} exercises pass all their visible checks.")
    return 0 if right == len(names) else 1


def _unknown(name: object) -> str:
    nearest, *_ = get_close_matches(str(name), EXERCISES, n=1, cutoff=0)
    return (
        f"There is no exercise {str(name)!r}. The nearest name is {nearest!r}; all of them:"
        f" {', '.join(EXERCISES)}."
    )


def _show(result: ExerciseResult) -> None:
    """Show an HTML table in a notebook, and text elsewhere."""
    if in_notebook():
        from IPython.display import display

        display({"text/html": as_html(result), "text/plain": as_text(result)}, raw=True)
    else:
        print(as_text(result, width=shutil.get_terminal_size().columns), flush=True)


if __name__ == "__main__":
    sys.exit(main())
elif in_notebook():
    ahead.start_next(KIT)  # while the notebook's first cell imports what it needs
