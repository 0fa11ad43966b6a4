"""Slips that show when our own code runs: the reference must pass every hidden check, and the kit's
known mistakes must be those of the bank.
"""

from __future__ import annotations

from cs231n_utils.exercises import EXERCISES
from cs231n_utils.mistakes.naming import KNOWN
from grader.diagnosis import hints
from grader.faults import ChecksFault
from grader.grading import discover, pool
from grader.intake.submission import Submission
from grader.kit import known_mistakes, sample_class
from grader.kit.course_files import HIDDEN
from grader.kit.slips import PAGE, Finding
from grader.paths import TOPICS
from grader.report import Check, Verdict
from grader.sandbox.launch import find_level


def run_reference() -> list[Finding]:
    """Run the hidden checks on the reference, in a sandbox if there is one; return findings."""
    try:
        checks = discover.collect(TOPICS)
        banks = {name: hints.bank(name) for name in EXERCISES}
        reference = Submission("reference", sample_class.reference_files())
    except ChecksFault as error:
        return [Finding(HIDDEN, f"{error} Correct that first.")]
    except Exception as error:  # whatever an author's module raises when it is imported
        return [
            Finding(
                HIDDEN,
                f"a module cannot be imported, {type(error).__name__}: {error}. Correct that"
                " first.",
            )
        ]
    found = [
        Finding(
            f"{HIDDEN}/{EXERCISES[name].module}/misconceptions.py",
            f"MISCONCEPTIONS has no entry for {name!r}; expected wrong implementations that"
            f" students really write. Add some, as {PAGE} says.",
        )
        for name, bank in banks.items()
        if not bank
    ]
    (report,) = pool.grade_batch([reference], "lint", levels=(find_level(unsafe=True)[0],))
    for exercise in report.exercises:
        cases = {check.name: check.cases[0].item for check in checks[exercise.name]}
        found += [
            Finding(
                f"grader/{cases[check.name].nodeid.partition('[')[0]}",
                f"the reference does not pass this check, but {_failing(check)} Correct the check"
                " or the reference.",
            )
            for check in exercise.checks
            if check.verdict is not Verdict.PASSED
        ]
    if not found and KNOWN.read_bytes() != known_mistakes.content():
        found.append(
            Finding(
                known_mistakes.NAME,
                "is not what the known mistakes do now. Write it again: python -m"
                " grader.kit.known_mistakes",
                kit_only=True,
            )
        )
    return found


def _failing(check: Check) -> str:
    """How the reference does not pass a check, as the end of a sentence."""
    if check.verdict is Verdict.FAILED:
        return f"fails it: {check.message}"
    return f"it cannot be judged: {check.detail.strip().splitlines()[-1]}."
