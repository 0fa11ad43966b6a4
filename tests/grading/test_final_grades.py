"""A class graded under the rules of a course: a change of the rules, of marks or of points changes
the grades everywhere, and nobody is graded again.
"""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.__main__ import main
from grader.gradebook import gradebook
from grader.grading import pool
from grader.intake import file_status
from grader.intake.submission import Submission
from grader.kit import lint
from grader.report import folder_of
from grader.sandbox import launch
from tests.support.clocks import later
from tests.support.course_copy import made_up_report, own_gradebook

pytestmark = pytest.mark.slow

SVM = "svm_loss_naive"
COURSE_FILE = """# Autumn
timezone = "UTC"
due = 2026-11-20T23:59:00

[late]
percent_a_day = 10   # of 100
"""
TIMES = {"ann": "2026-11-20 10:00", "bob": "2026-11-22 10:00", "=1+1": "2026-11-24 10:00"}


class Course:
    """Three students with sealed hand-in times; made-up points; the names of those graded last."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out"
        self.rules = folder / "course.toml"
        self.rules.write_text(COURSE_FILE)
        self.shares = dict.fromkeys(TIMES, 0.5)
        self.graded: list[str] = []
        for student, time in TIMES.items():
            home = folder / "submitted" / student / ASSIGNMENT
            (home / "cs231n_utils").mkdir(parents=True)
            (home / "cs231n_utils" / "softmax.py").write_text(f"# {student}\n")
            at = datetime.fromisoformat(time)
            for name, content in gradebook.hand_in_time(at, student, ASSIGNMENT).items():
                (home / name).write_bytes(content)

    def grade_in_processes(self, submissions, processes, secret, exercises, level, batch, handling):
        for one in map(handling.read, submissions):
            if not isinstance(one, Submission):
                yield [one]
                continue
            self.graded.append(one.student)
            report = made_up_report(one.student, self.shares[one.student], exercises=exercises)
            yield [handling.finish(one, report)]

    def run(self, command: str, *more: str) -> None:
        self.graded.clear()
        where = {
            "grade": [str(self.folder / "submitted"), "--out", str(self.out)],
            "report": [str(self.out)],
        }
        books = own_gradebook(self.out) if command in where else ()
        arguments = [command, *where.get(command, ()), *more, "--course", str(self.rules), *books]
        assert main(arguments) == 0

    def rows(self) -> dict[str, dict[str, str]]:
        with open(self.out / "grades.csv", newline="") as file:
            return {row["student"].lstrip("'"): row for row in csv.DictReader(file)}

    def column(self, name: str) -> list[str]:
        return [self.rows()[student][name] for student in TIMES]

    def page(self, student: str) -> str:
        text = (self.out / folder_of(student) / "feedback.html").read_text()
        return " ".join(re.sub(r"<[^>]*>", "", text[text.index("<main>") :]).split())

    def book(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.out / 'gradebook.db'}", "cs231n")

    def mark(self, points: float) -> None:
        with self.book() as book:
            for submission in book.find_assignment(ASSIGNMENT).submissions:
                for notebook in submission.notebooks:
                    found = book.find_grade(
                        f"{notebook.name}_question",
                        notebook.name,
                        ASSIGNMENT,
                        submission.student_id,
                    )
                    found.manual_score, found.needs_manual_grade = points, False
            book.db.commit()

    def nbgraders_totals(self) -> list[float]:
        with self.book() as book:
            submissions = [book.find_submission(ASSIGNMENT, student) for student in TIMES]
            return [max(0.0, one.score - one.late_submission_penalty) for one in submissions]


@pytest.fixture
def course(tmp_path, monkeypatch) -> Course:
    monkeypatch.setattr(file_status, "now", later)  # so that the ledger knows the files
    one = Course(tmp_path)
    monkeypatch.setattr(pool, "grade_in_processes", one.grade_in_processes)
    monkeypatch.setattr(lint, "require_none", lambda kit: None)
    monkeypatch.setattr(launch, "find_level", lambda unsafe: ("A", {}))
    return one


HALF = 0.75 * MAX_SCORE  # of all points, as the made-up reports have them


def test_a_change_of_course_toml_changes_penalties_and_pages_and_grades_nobody(course):
    course.run("grade")
    assert course.graded == sorted(TIMES)
    assert course.column("days_late") == ["0", "2", "4"]
    assert course.column("penalty") == ["0", "20", "40"]
    assert "20 points are taken off" in course.page("bob")
    before = {path: path.read_bytes() for path in course.out.glob("*/report.json")}
    course.rules.write_text(COURSE_FILE.replace("= 10 ", "= 5 "))
    course.run("grade")
    assert course.graded == []
    assert course.column("penalty") == ["0", "10", "20"]
    assert "10 points are taken off" in course.page("bob")
    assert before == {path: path.read_bytes() for path in course.out.glob("*/report.json")}


def test_only_the_pages_that_show_another_grade_are_drawn_again(course):
    course.run("grade")
    pages = {path: path.stat().st_mtime_ns for path in course.out.glob("*/feedback.html")}
    course.run("extend", "bob", "2026-11-23")
    course.run("grade")
    drawn = [path for path, time in pages.items() if path.stat().st_mtime_ns != time]
    assert drawn == [course.out / "bob" / "feedback.html"]
    assert course.column("penalty") == ["0", "0", "40"]
    assert "# of 100" in course.rules.read_text() and "# Autumn" in course.rules.read_text()


def test_the_total_waits_for_marks_and_is_the_same_everywhere(course):
    course.run("grade")
    assert set(course.column("status")) == {"waiting for marking"}
    assert set(course.column("total")) == set(course.column("written")) == {""}
    assert "your final grade is open" in course.page("ann")
    course.mark(1.5)
    course.run("report")
    totals = [HALF + 7.5, HALF + 7.5 - 20, HALF + 7.5 - 40]
    assert set(course.column("status")) == {"graded"}
    assert course.column("total") == [f"{total:g}" for total in totals]
    assert course.nbgraders_totals() == pytest.approx(totals, abs=1e-9)
    overview = (course.out / "index.html").read_text()
    for student, total in zip(TIMES, totals, strict=True):
        assert f"Your final grade: {total:g} of 100 points." in course.page(student)
        assert f'<td class="points">{total:g}</td>' in overview
    assert f"graded is {sum(totals) / 3:.1f}" in (course.out / "class.html").read_text()


def test_the_student_reads_points_and_comment_of_each_written_answer(course):
    course.run("grade")
    assert "Written answers" not in course.page("bob")
    course.mark(1.5)
    with course.book() as book:
        found = book.find_comment("2_svm_question", "2_svm", ASSIGNMENT, "bob")
        found.manual_comment = "Say <b>why</b>\x1b\u202e."
        waits = book.find_grade("3_softmax_question", "3_softmax", ASSIGNMENT, "bob")
        waits.manual_score, waits.needs_manual_grade = None, True
        book.db.commit()
    course.run("report")
    section = course.page("bob").partition("Written answers ")[2]
    assert section.startswith(
        "1_gradient_check: 1.5 of 2 points 2_svm: 1.5 of 2 points Say &lt;b&gt;why&lt;/b&gt;��."
        " 4_regularization: 1.5"
    )
    assert "Say" not in course.page("ann")
    # A later comment alone draws the page again.
    with course.book() as book:
        book.find_comment("2_svm_question", "2_svm", ASSIGNMENT, "ann").manual_comment = "Good."
        book.db.commit()
    course.run("grade")
    assert course.graded == [] and "2_svm: 1.5 of 2 points Good." in course.page("ann")
    course.run("report", "--without-written")
    assert "Written answers" not in course.page("ann")


def test_sums_and_means_are_of_the_points_that_staff_have_set(course, capsys):
    course.run("grade")
    full = EXERCISES[SVM].points
    section = sum(row.points for row in EXERCISES.values() if row.notebook == "2_svm")
    assert f"2_svm: {0.75 * section:g} of {section}" in course.page("bob")
    course.run("override", "bob", SVM, "0", "--why", "x", "--by", "y")
    capsys.readouterr()
    course.run("grade")
    mean = f"{HALF - 0.75 * full / 3:.1f}"
    assert f"mean score {mean} of {MAX_SCORE}." in capsys.readouterr().out
    assert f"2_svm: {0.75 * (section - full):g} of {section}" in course.page("bob")
    page = " ".join(re.sub(r"<[^>]*>", " ", (course.out / "class.html").read_text()).split())
    assert re.search(rf"(mean score {mean}|{mean} mean score)", page)
    assert f"{0.5 * full:.2f}".rstrip("0").rstrip(".") + f" of {full}" in page


def test_without_the_written_questions_there_is_a_total_at_once(course):
    course.run("grade", "--without-written")
    assert course.column("total") == [f"{HALF:g}", f"{HALF - 18:g}", f"{HALF - 36:g}"]
    assert set(course.column("max_total")) == {f"{MAX_SCORE}"}
    assert course.nbgraders_totals() == pytest.approx([HALF, HALF - 18, HALF - 36], abs=1e-9)


def test_the_columns_stand_in_the_order_that_is_promised(course):
    course.run("grade")
    assert (course.out / "grades.csv").read_text().splitlines()[0] == (
        "student,name,email,handed_in,days_late,status,score,max_score,written,extra,penalty,total,"
        f"max_total,sandbox_level,{','.join(EXERCISES)},set_by_staff"
    )
    assert course.column("handed_in")[0] == "2026-11-20 10:00:00+00:00"


def test_points_of_staff_stay_through_a_regrade_and_are_taken_back(course, capsys):
    course.run("grade")
    course.mark(2)
    why = "Appeal: <b>a sign</b> was copied wrongly."
    course.run("override", "bob", SVM, "11", "--why", why, "--by", "Ada")
    course.run("grade")
    assert course.graded == []
    given = 0.75 * EXERCISES[SVM].points
    assert course.rows()["bob"][SVM] == "11"
    assert course.rows()["bob"]["set_by_staff"] == f"{SVM} 11: {why} (Ada)"
    assert course.column("total")[1] == f"{HALF + 11 - given + 10 - 20:g}"
    assert course.nbgraders_totals()[1] == HALF + 11 - given + 10 - 20
    assert "11 points, whatever the checks give. Appeal: &lt;b&gt;a sign" in course.page("bob")
    assert "staff have set 11" in course.page("bob")
    assert "points from the checks and from staff" in course.page("bob")
    class_page = (course.out / "class.html").read_text()
    assert "by Ada" in class_page and "<b>a sign" not in class_page
    course.shares["bob"] = 0.0
    course.run("grade", "--force")
    assert course.rows()["bob"][SVM] == "11"
    course.run("override", "bob", SVM, "--remove", "--by", "Ada")
    course.run("grade")
    assert course.rows()["bob"][SVM] == f"{EXERCISES[SVM].points / 2:g}"
    assert course.rows()["bob"]["set_by_staff"] == ""
    assert course.nbgraders_totals()[1] == MAX_SCORE / 2 + 10 - 20
    log = (course.folder / "overrides.jsonl").read_text()
    assert len(log.splitlines()) == 2 and "Appeal" in log


def test_whoever_has_other_points_than_before_is_on_a_list(course, capsys):
    course.run("grade")
    assert not (course.out / "changes.csv").exists()
    course.shares["=1+1"] = 1.0
    course.run("grade", "--exercise", SVM, "--force")
    with open(course.out / "changes.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["student"], row["exercise"], row["before"], row["after"]) for row in rows] == [
        ("'=1+1", SVM, "8.25", "11")
    ]
    assert rows[0]["difference"] == "2.75"
    assert "changes.csv" in capsys.readouterr().out


def test_a_name_in_course_toml_that_nobody_has_is_said(course, capsys):
    course.run("extend", "Bob", "2026-11-23")
    course.run("grade")
    assert "extensions names Bob, of whom there is no hand-in (did you mean bob?)" in (
        capsys.readouterr().err
    )


def test_whose_hand_in_time_is_not_known_is_said_where_there_is_a_due_time(course, capsys):
    course.run("grade")
    assert "handed in is not known" not in capsys.readouterr().err
    home = course.folder / "submitted" / "dee\x1b" / ASSIGNMENT / "cs231n_utils"
    home.mkdir(parents=True)
    (home / "softmax.py").write_text("# dee\n")
    course.shares["dee\x1b"] = 0.5
    says = (
        "When 1 student handed in is not known, so nothing is taken off: dee�. For Moodle, give its"
        " worksheet as --roster.\n"
    )
    for command in ("grade", "report"):
        course.run(command)
        assert says in capsys.readouterr().err
    course.rules.write_text(COURSE_FILE + '\n[handed_in]\n"dee\\u001b" = 2026-11-20\n')
    course.run("grade")
    assert "handed in is not known" not in capsys.readouterr().err
    course.rules.write_text("")
    course.run("grade")
    assert "handed in is not known" not in capsys.readouterr().err


def test_a_student_who_is_not_in_the_results_is_said_at_once_and_written_all_the_same(
    course, capsys
):
    course.out = course.folder / "results"
    roster = course.folder / "people.csv"
    roster.write_text("student,name,email\nbob,Robert Ott,rott@example.org\n")
    set_points = ("override", SVM, "0", "--why", "x", "--by", "y")
    for name in ("Bob", "robert ott", "rott@example.org", "rott"):
        course.run("override", name, *set_points[1:])  # nothing is known yet
    assert "is not among" not in capsys.readouterr().err
    course.run("grade", "--roster", str(roster))
    for name in ("Bob", "robert ott", "rott@example.org", "rott"):
        capsys.readouterr()
        for command in (("extend", name, "2026-11-23"), ("override", name, *set_points[1:])):
            course.run(*command)
            assert f"{name} is not among the students of {course.out} (did you mean bob?)" in (
                capsys.readouterr().err
            )
        assert f"{name}" in course.rules.read_text()
    course.run("extend", "xyz", "2026-11-23")
    assert f"xyz is not among the students of {course.out}. It is" in capsys.readouterr().err
    course.run("extend", "=1+1", "2026-11-23", "--results", str(course.out))
    assert "is not among" not in capsys.readouterr().err


def test_old_and_new_points_are_said(course, capsys):
    course.out = course.folder / "results"
    course.run("grade")
    reason = ("--why", "x", "--by", "y")
    for change, says in (
        (("0", *reason), "0 (before: 8.25)"),
        (("3", *reason), "3 (before: 0)"),
        (("--remove",), "the points of the checks, 8.25 (before: 3)"),
    ):
        capsys.readouterr()
        course.run("override", "bob", SVM, *change)
        assert f"bob, {SVM}: {says}. Run" in capsys.readouterr().out


def test_who_is_excused_has_no_total_and_no_penalty(course):
    course.rules.write_text(COURSE_FILE + '\n[excused]\nbob = "ill"\nzoe = true\n')
    course.run("grade")
    course.mark(2)
    course.run("report")
    assert course.rows()["bob"]["status"] == course.rows()["zoe"]["status"] == "excused"
    assert course.rows()["bob"]["total"] == "" and course.rows()["bob"]["penalty"] == "0"
    page = course.page("bob")
    assert "You are excused" in page and "ill" not in re.findall(r"\w+", page)
    assert "zoe" in (course.out / "index.html").read_text()


@pytest.mark.parametrize(
    "arguments, says",
    [
        (("extend", "bob", "tomorrow"), "expected a day, such as 2026-11-24"),
        (("extend", "bob", "2026-11-01"), "extensions.bob is 2026-11-01"),
        (("override", "bob", SVM), "give either POINTS or --remove"),
        (("override", "bob", SVM, "3"), "--why and --by are missing"),
        (("override", "bob", SVM, "12", "--why", "x", "--by", "y"), "a number from 0 to 11"),
        (("override", "bob", SVM, "nan", "--why", "x", "--by", "y"), "a number from 0 to 11"),
        (("override", "bob", SVM, "--remove"), "there is nothing to take back"),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(tmp_path, capsys, arguments, says):
    (tmp_path / "course.toml").write_text(COURSE_FILE)
    assert main([*arguments, "--course", str(tmp_path / "course.toml")]) == 2
    assert says in capsys.readouterr().err
    assert (tmp_path / "course.toml").read_text() == COURSE_FILE
    assert not (tmp_path / "overrides.jsonl").exists()


@pytest.mark.parametrize("command", [("grade", "x", "--out", "y"), ("report", "x")])
def test_wrong_settings_stop_a_command_before_it_does_anything(tmp_path, capsys, command):
    file = tmp_path / "course.toml"
    assert main([*command, "--course", str(file)]) == 2
    assert "there is no such file" in capsys.readouterr().err
    file.write_bytes(b"title = '\xff'")
    assert main([*command, "--course", str(file)]) == 2
    assert "this is not UTF-8" in capsys.readouterr().err
    file.write_text("titel = 3\n[late]\npercent_a_day = 'x'")
    assert main([*command, "--course", str(file)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_every_notebook_has_an_answer_to_mark(course):
    course.run("grade")
    with course.book() as book:
        waiting = book.find_submission(ASSIGNMENT, "ann").needs_manual_grade
        assert waiting and len(book.find_submission(ASSIGNMENT, "ann").notebooks) == len(NOTEBOOKS)
