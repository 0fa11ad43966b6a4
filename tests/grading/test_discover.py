"""What pytest collects as hidden checks: a slip in one of them stops the run with one sentence."""

from __future__ import annotations

import pytest

from grader.faults import ChecksFault
from grader.grading import discover
from grader.paths import TOPICS

MADE_UP = """
import pytest

class TestRelError:
    exercise = "rel_error"
    points = {"value": 1, "zero": 1}

    def test_value(self, student, rng):
        pass

    @pytest.mark.needs("value")
    def test_zero(self, student, rng):
        pass
"""


def collected(tmp_path, before: str = "", after: str = ""):
    assert before in MADE_UP
    (tmp_path / "test_made_up.py").write_text(MADE_UP.replace(before, after, 1))
    return discover.collect(tmp_path)


def test_checks_come_in_the_order_of_their_points_with_title_and_needs(tmp_path):
    value, zero = collected(tmp_path)["rel_error"]
    assert (value.name, value.points, value.needs) == ("value", 1, ())
    assert (zero.name, zero.points, zero.needs) == ("zero", 1, (("value",),))


def test_a_check_may_build_on_any_of_several(tmp_path):
    zero = '    @pytest.mark.needs("value")\n    def test_zero'
    three = """
    def test_other(self, student, rng):
        pass

    @pytest.mark.needs_any("value", "other")
    def test_zero"""
    points = '"value": 1, "zero": 1', '"value": 1, "other": 1, "zero": 1'
    (tmp_path / "test_made_up.py").write_text(MADE_UP.replace(*points).replace(zero, three))
    assert discover.collect(tmp_path)["rel_error"][-1].needs == (("value", "other"),)


@pytest.mark.parametrize(
    "before, after, message",
    [
        (
            "student, rng",
            "student, tmp_path",
            r"test_made_up.py::TestRelError::test_value needs the fixtures .*\btmp_path\b",
        ),
        (
            'needs("value")',
            'needs("valeu")',
            "TestRelError::test_zero needs 'valeu'; expected one of the checks before it in"
            " `points`: value",
        ),
        (
            "    def test_value",
            '    @pytest.mark.needs("zero")\n    def test_value',
            "test_value needs 'zero'; expected one of .*: there is none",
        ),
        (
            '"rel_error"',
            '"rel_eror"',
            "TestRelError::test_value belongs to the exercise 'rel_eror'; expected a name of",
        ),
        ('"zero": 1', '"one": 1', r"points \['one', 'value'\] and checks \['value', 'zero'\]"),
    ],
)
def test_a_slip_stops_the_run_with_one_sentence(tmp_path, before, after, message):
    with pytest.raises(ChecksFault, match=message) as caught:
        collected(tmp_path, before, after)
    assert "KeyError" not in str(caught.value) and "\n" not in str(caught.value)


def test_every_hidden_check_is_collected_once():
    checks = [check for some in discover.collect(TOPICS).values() for check in some]
    assert len({check.cases[0].item.nodeid for check in checks}) == len(checks) > 0
