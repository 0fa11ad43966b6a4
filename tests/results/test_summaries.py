"""A summary gives back what the tables show of a report, whatever points are in it."""

from __future__ import annotations

import pytest

from cs231n_utils.exercises import EXERCISES
from grader.course.final import auto_score
from grader.pages import class_rows
from grader.report import Report
from grader.results.summaries import auto_total, contents, report_of, summary_of
from tests.support.course_copy import made_up_report

NAMES = tuple(EXERCISES)


@pytest.mark.parametrize(
    "report",
    [
        made_up_report("ann"),
        made_up_report("ann", 0.25),
        made_up_report("ann", 0.0, not_judged=NAMES[:2]),
        made_up_report("ann", exercises=NAMES[3:5]),
        Report("ann", "A", ()),
    ],
    ids=["all points", "some points", "not judged", "two exercises", "no exercise"],
)
def test_report_and_row_come_back(report):
    row = class_rows.row("ann", report)
    summary = summary_of(report, row, "")
    assert isinstance(summary.content, str)
    assert contents("ann", summary.content) == (report.points_only(), row)
    assert report_of("ann", summary.content) == report.points_only()
    assert auto_total(summary.content) == sum(auto_score(one) or 0.0 for one in report.exercises)


def test_a_report_that_cannot_be_one_comes_back_without_a_row():
    report = made_up_report("ann", -1.0)
    summary = summary_of(report, None, "")
    assert contents("ann", summary.content) == (report.points_only(), None)
    assert report_of("ann", summary.content) == report.points_only()
    assert auto_total(summary.content) == 0  # nbgrader takes no points below
