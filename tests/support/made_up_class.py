"""A class of any size, made up from the reports of a small one: each student takes the exercises of
various of its students.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cs231n_utils.exercises import EXERCISES, NOTEBOOKS
from grader.diagnosis import hints
from grader.report import ExerciseReport, Failure, Kind, Report, Verdict

# The share of students who stop before each notebook, and who do not.
_STOPS = (0.05, 0.07, 0.05, 0.06, 0.07, 0.7)
_NOT_JUDGED = (
    'Traceback (most recent call last):\n  File "grader/grading/one_submission.py"\nSandboxFault:'
    " the sandbox ended"
)


def made_up_class(samples: Sequence[Report], size: int, seed: int = 231) -> Iterator[Report]:
    """`size` reports, the same for the same samples and seed. The mistakes that explain a failure
    are made up, too.
    """
    random_ = random.Random(seed)
    by_name = {report.student: report for report in samples}
    wrong = {
        name: [report for report in samples if report.exercise(name).points < row.points]
        for name, row in EXERCISES.items()
    }
    for number in range(size):
        skill = random_.betavariate(2.4, 1)
        begun = NOTEBOOKS[: random_.choices(range(len(_STOPS)), _STOPS)[0]]
        exercises = []
        for name, row in EXERCISES.items():
            source = (
                by_name["untouched"]
                if row.notebook not in begun
                else (
                    by_name["reference"]
                    if random_.random() < skill
                    else random_.choice(wrong[name])
                )
            )
            exercises.append(_explained(source.exercise(name), random_))
        yield Report(f"student{number:04d}", random_.choices("AB", (99, 1))[0], tuple(exercises))


def _explained(exercise: ExerciseReport, random_: random.Random) -> ExerciseReport:
    """The exercise with a mistake to explain its first wrong number, and now and then with a check
    that was not judged.
    """
    names = [entry.name for entry in hints.bank(exercise.name)]
    checks = list(exercise.checks)
    for k, check in enumerate(checks):
        if check.failure and check.failure.kind is Kind.WRONG:
            name = names[min(int(random_.expovariate(0.6)), len(names) - 1)]
            checks[k] = replace(check, mistake=name)
            break
    if random_.random() < 0.0003:
        failure = Failure.not_judged(_NOT_JUDGED)
        checks[0] = replace(checks[0], verdict=Verdict.NOT_JUDGED, points=0, failure=failure)
    return replace(
        exercise,
        checks=tuple(checks),
        seconds=round(exercise.seconds * random_.uniform(0.8, 1.6), 3),
    )
