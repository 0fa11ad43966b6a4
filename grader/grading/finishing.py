"""Makes the files of a student, and what the tables need of the report, where the report was made:
so the command only writes them, however many processes grade.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.course.final import Marks, Rules, final_of
from grader.intake.hand_ins import HandIn
from grader.intake.submission import Submission
from grader.pages import class_rows
from grader.pages.student_page import student_page
from grader.report import Report, folder_of
from grader.results import cache, store
from grader.results.changes import Change, changes
from grader.results.summaries import Summary, contents, summary_of


@dataclass(frozen=True, kw_only=True)
class Awaited(Submission):
    """A submission, with what the student's files are made of besides the report.

    key : of the submission, for `cache.is_current`
    earlier : the report.json of an earlier run; "" if there is none
    hand_in, marks : of which the final grade is made. The marks are those before the run, as far as
        they are known; a page with another grade is drawn again at the end.
    """

    key: str
    earlier: str
    hand_in: HandIn
    marks: Marks


@dataclass(frozen=True)
class Finished:
    """What is to be written about a student, as small as possible: it goes from process to process.

    graded : what was graded in this run, with points only, for the gradebook; None if that is all
        that is known of the student, and so in the summary
    summary : of all that is known, for the tables and the ledger
    drawn_for : `cache.page_key` of the final grade that is on the page
    page, text : the contents of feedback.html and report.json
    """

    student: str
    graded: Report | None
    summary: Summary
    changes: tuple[Change, ...]
    drawn_for: str
    page: bytes
    text: bytes

    @property
    def for_gradebook(self) -> Report:
        return self.graded or contents(self.student, self.summary.content)[0]


def finish(rules: Rules, one: Awaited, report: Report) -> Finished:
    """Make all that is to be written about a student whose submission has been graded."""
    graded = replace(
        report, exercises=tuple(replace(exercise, key=one.key) for exercise in report.exercises)
    )
    earlier = store.parse(one.earlier)
    whole = store.merge(earlier, graded)
    grade = final_of(whole, one.hand_in, one.marks, rules)
    return Finished(
        one.student,
        None if whole.exercises == graded.exercises else graded.points_only(),
        summary_of(whole, class_rows.row(folder_of(one.student), whole), one.key),
        tuple(changes(earlier, graded)),
        cache.page_key(grade),
        student_page(whole, grade).encode(),
        store.text_of(whole).encode(),
    )
