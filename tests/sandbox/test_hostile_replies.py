"""No value in any field of a reply makes a check not judged, reaches past the check, or gains a
point.

A sample of what `python -m benchmarks.hostile_replies` tries in full: every field, every value, and
every exercise occurs.
"""

from __future__ import annotations

from itertools import islice

import pytest

from cs231n_utils.exercises import EXERCISES
from tests.support.hostile_replies import FIELDS, VALUES, Grader, cases, submission
from tests.support.in_sandbox import LEVELS, sandbox

pytestmark = pytest.mark.slow

FUNCTIONS = [name for name in EXERCISES if not name.endswith(".npz")]
STEP = 41  # no divisor of the numbers of fields and values: a sample meets all of both


@pytest.fixture(scope="module")
def grader():
    sandbox(*LEVELS)
    with Grader() as started:
        yield started


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
@pytest.mark.parametrize("exercise", FUNCTIONS)
def test_an_odd_reply_is_the_fault_of_who_sent_it_and_gains_nothing(grader, exercise, right):
    base = grader.report(submission(exercise, right), exercise)
    start = (2 * FUNCTIONS.index(exercise) + right) % STEP
    for field, value, one in islice(cases(exercise, right), start, None, STEP):
        assert grader.faults(one, exercise, base) == [], (field, value)


def test_the_sample_meets_every_field_and_every_value():
    both = [(field, value) for field in FIELDS for value in VALUES]
    met = [pair for start in range(2 * len(FUNCTIONS)) for pair in both[start % STEP :: STEP]]
    assert {field for field, _ in met} == set(FIELDS) and {value for _, value in met} == set(VALUES)
