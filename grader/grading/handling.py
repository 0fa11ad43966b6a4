"""What is done with a student's work before and after it is graded, in the process that grades it:
the work is read there, and the student's page and report are written there, beside their place.

So the command keeps the books, and hardly touches what students hand in or get back, however many
processes grade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.course.final import Marks, Rules, final_of
from grader.grading import pool
from grader.intake import file_status
from grader.intake.file_status import Status
from grader.intake.finding import NotTaken
from grader.intake.hand_ins import HandIn
from grader.intake.students import Student
from grader.intake.submission import Submission
from grader.pages import class_rows
from grader.pages.student_page import student_page
from grader.report import Report, folder_of
from grader.results import cache, store
from grader.results.changes import Change, changes
from grader.results.summaries import Summary, contents, summary_of


@dataclass(frozen=True, kw_only=True)
class Awaited(Submission):
    """A submission that is not read yet, so it has no files and no notes.

    handed_in : reads it
    marks : of the gradebook before the run, as far as they are known; a page with another grade is
        drawn again at the end
    """

    handed_in: Student
    marks: Marks


@dataclass(frozen=True, kw_only=True)
class Changed(Submission):
    """A submission that was read, and must be graded.

    key : for `cache.is_current`
    earlier : the student's report.json of an earlier run; "" if there is none
    hand_ins : one record for each entry of the student's in the download; the first one counts
    staff_notes : what reading has found for staff
    of_files : the status of the files before they were read; None if a further change might not
        show
    marks : as of `Awaited`
    """

    key: str
    earlier: str
    hand_ins: tuple[HandIn, ...]
    staff_notes: tuple[str, ...]
    of_files: Status | None
    marks: Marks


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a submission, as small as possible: it goes from process to process.

    hand_ins : as of `Changed`
    """

    student: str
    hand_ins: tuple[HandIn, ...]


class Refused(Outcome):
    """Nothing can be graded; the records say why."""


@dataclass(frozen=True, kw_only=True)
class Known(Outcome):
    """There is a report.

    staff_notes, of_files : as of `Changed`
    summary : of all that is known of the student, for the tables and the ledger
    graded : what was graded in this run, with points only, for the gradebook; None if the summary
        holds the same
    """

    staff_notes: tuple[str, ...]
    of_files: Status | None
    summary: Summary
    graded: Report | None = None

    @property
    def for_gradebook(self) -> Report:
        return self.graded or contents(self.student, self.summary.content)[0]


@dataclass(frozen=True, kw_only=True)
class Kept(Known):
    """The submission has not changed, so the report of an earlier run is kept.

    of_report : the status of report.json before it was read; None if a further change might not
        show
    has_row : whether the report can be on the class page as it is
    """

    of_report: Status | None
    has_row: bool


@dataclass(frozen=True, kw_only=True)
class Finished(Known):
    """The submission was graded.

    changes : the points that an earlier run had given otherwise
    was_complete : whether an earlier report has all the exercises of this run
    has_folder : whether the student's folder of results is known to be the student's
    drawn_for : `cache.page_key` of the final grade that is on the page
    staged : page and report, as `store.stage` has named them
    """

    changes: tuple[Change, ...]
    was_complete: bool
    has_folder: bool
    drawn_for: str
    staged: str


@dataclass(frozen=True)
class Handling:
    """Reads submissions, and makes all that is to be written of their reports.

    folder : of the results, open
    staging : in which to stage files, as `store.open_folder` has given it
    rules : make the final grades
    secret, level, exercises : with which the run grades
    force : whether unchanged submissions are graded as well
    """

    folder: Path
    staging: Path
    rules: Rules
    secret: str
    level: str
    exercises: Sequence[str]
    force: bool = False

    def read(self, one: Submission) -> Submission | Outcome:
        """Read a submission; the outcome, if nothing needs to be graded. What was read already is
        given back.
        """
        if not isinstance(one, Awaited):
            return one
        handed_in = one.handed_in
        of_files = file_status.settled(handed_in.status())
        of_report = file_status.settled(store.status_of_report(self.folder, one.student))
        text, earlier = store.load_with_text(self.folder, one.student)
        try:
            submission = handed_in.read()
        except NotTaken:  # the records say why
            return Refused(student=one.student, hand_ins=tuple(handed_in.hand_ins))
        except Exception as error:  # a grader fault; notes report what a student did wrong
            return self.finish(one, pool.set_aside(one, self.exercises, error))
        # What lies beside the kit is found by reading only.
        is_alone = len(handed_in.hand_ins) == 1
        changed = Changed(
            submission.student,
            submission.files,
            submission.notes,
            key=cache.key(submission, self.secret, self.level),
            earlier=text,
            hand_ins=tuple(handed_in.hand_ins),
            staff_notes=handed_in.notes,
            of_files=of_files if is_alone else None,
            marks=one.marks,
        )
        is_current = earlier and cache.is_current(earlier, changed.key, self.exercises)
        if earlier and is_current and not self.force:
            return _kept(changed, earlier, of_report)
        return changed

    def finish(self, one: Submission, report: Report) -> Finished:
        """Make all that is to be written about a student.

        one : as `read` has given it, or not read, if that cannot be done
        """
        if isinstance(one, Awaited):
            one = Changed(
                one.student,
                {},
                key="",
                earlier=store.load_with_text(self.folder, one.student)[0],
                hand_ins=tuple(one.handed_in.hand_ins),
                staff_notes=(),
                of_files=None,
                marks=one.marks,
            )
        assert isinstance(one, Changed)
        graded = replace(
            report, exercises=tuple(replace(exercise, key=one.key) for exercise in report.exercises)
        )
        earlier = store.parse(one.earlier)
        whole = store.merge(earlier, graded)
        grade = final_of(whole, one.hand_ins[0], one.marks, self.rules)
        page, text = student_page(whole, grade).encode(), store.text_of(whole).encode()
        return Finished(
            student=one.student,
            hand_ins=one.hand_ins,
            staff_notes=one.staff_notes,
            of_files=one.of_files,
            summary=summary_of(whole, class_rows.row(folder_of(one.student), whole), one.key),
            graded=None if whole.exercises == graded.exercises else graded.points_only(),
            changes=tuple(changes(earlier, graded)),
            was_complete=bool(earlier and len(earlier.exercises) >= len(self.exercises)),
            has_folder=earlier is not None,
            drawn_for=cache.page_key(grade),
            staged=store.stage(self.staging, page, text),
        )


def _kept(one: Changed, report: Report, of_report: Status | None) -> Kept:
    # The class page reads a report that cannot be one again, and says what is wrong.
    row = class_rows.row(folder_of(one.student), report) if class_rows.is_sound(report) else None
    return Kept(
        student=one.student,
        hand_ins=one.hand_ins,
        staff_notes=one.staff_notes,
        of_files=one.of_files,
        summary=summary_of(report, row, one.key),
        of_report=of_report,
        has_row=row is not None,
    )
