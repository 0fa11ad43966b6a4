"""A class graded into a folder: only what changed is graded again, and whatever stops a run, the next one finishes it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from course_copy import made_up_report

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader import cache, gradebook, grading, results, runner, submission
from grader.__main__ import main
from grader.report import Verdict

STUDENTS = ("ann", "bob", "cy")


@pytest.fixture
def submitted(tmp_path):
    folder = tmp_path / "submitted"
    for student in STUDENTS:
        package = folder / student / ASSIGNMENT / "cs231n_utils"
        package.mkdir(parents=True)
        (package / "softmax.py").write_text(f"# {student}\n")
    return folder


class Class:
    """Grades with made-up points; keeps the names of those who were graded."""

    def __init__(self, submitted, out):
        self.submitted, self.out = submitted, out
        self.points = dict.fromkeys(STUDENTS, 1.0)
        self.graded: list[str] = []
        self.stop_after: int | None = None

    def grade(self, submissions, workers, secret, exercises, level, batch):
        for one in submissions:
            if len(self.graded) == self.stop_after:
                raise KeyboardInterrupt
            self.graded.append(one.student)
            yield [self.report(one.student, exercises)]

    def report(self, student, exercises):
        return made_up_report(student, self.points[student], exercises=tuple(exercises))

    def run(self, *exercises, level="A", force=False):
        self.graded.clear()
        return grading.grade_class(self.submitted, self.out, 1, exercises or list(EXERCISES), level, force)


@pytest.fixture
def class_(submitted, tmp_path, monkeypatch):
    one = Class(submitted, tmp_path / "out")
    monkeypatch.setattr(runner, "grade", one.grade)
    return one


def scores(class_):
    with gradebook.open_gradebook(class_.out / "gradebook.db") as book:
        return gradebook.auto_scores(book)


def test_what_has_not_changed_is_not_graded_again(class_):
    first = class_.run()
    assert class_.graded == list(STUDENTS) and first.unchanged == 0
    again = class_.run()
    assert class_.graded == [] and again.unchanged == 3
    assert again.reports == first.reports


def test_force_grades_everything_again(class_):
    class_.run()
    assert class_.run(force=True).unchanged == 0
    assert class_.graded == list(STUDENTS)


def test_who_handed_in_another_file_is_graded_again(class_, submitted):
    class_.run()
    (submitted / "bob" / ASSIGNMENT / "cs231n_utils" / "softmax.py").write_text("# better\n")
    class_.run()
    assert class_.graded == ["bob"]


def test_a_file_that_grading_does_not_read_changes_nothing(class_, submitted):
    class_.run()
    (submitted / "bob" / ASSIGNMENT / "2_svm.ipynb").write_text("{}")
    class_.run()
    assert class_.graded == []


@pytest.mark.parametrize("change", ["checks", "secret", "level"])
def test_other_checks_another_secret_or_level_grade_everybody_again(class_, monkeypatch, change):
    class_.run()
    if change == "checks":
        monkeypatch.setattr(cache, "version", lambda: "another")
    if change == "secret":
        monkeypatch.setattr(grading, "course_secret", lambda: "another")
    class_.run(level="B" if change == "level" else "A")
    assert class_.graded == list(STUDENTS)


def test_what_was_not_judged_is_graded_again(class_, monkeypatch):
    judged = class_.report

    def not_judged(student, exercises):
        report = judged(student, exercises)
        if student != "bob":
            return report
        first = report.exercises[0]
        checks = (replace(first.checks[0], verdict=Verdict.NOT_JUDGED), *first.checks[1:])
        return replace(report, exercises=(replace(first, checks=checks), *report.exercises[1:]))

    monkeypatch.setattr(class_, "report", not_judged)
    class_.run()
    monkeypatch.setattr(class_, "report", judged)
    class_.run()
    assert class_.graded == ["bob"]


@pytest.mark.parametrize("page", ["feedback.html", "report.json"])
def test_a_run_that_ends_while_it_writes_a_page_leaves_that_student_to_the_next(class_, monkeypatch, page):
    write = results.write_whole

    def stop_at_bobs(path, text):
        if path.parent.name == "bob" and path.name == page:
            raise KeyboardInterrupt
        write(path, text)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(results, "write_whole", stop_at_bobs)
        class_.run()
    class_.run()
    assert class_.graded == ["bob", "cy"]
    assert all((class_.out / student / "feedback.html").exists() for student in STUDENTS)


def test_a_kept_report_that_is_damaged_is_listed_on_the_class_page(class_):
    class_.run()
    path = class_.out / "bob" / "report.json"
    text = path.read_text()
    damaged = text.replace('"seconds": 0.0', '"seconds": -1', 1)
    assert damaged != text
    path.write_text(damaged)
    class_.run()
    assert class_.graded == []
    assert "bob/report.json" in (class_.out / "class.html").read_text()


def test_a_gradebook_that_cannot_be_opened_stops_the_run_before_anything_is_written(class_):
    with pytest.raises(runner.GraderFault, match="Is the folder there"):
        grading.grade_class(class_.submitted, class_.out, 1, ["rel_error"], "A", database=f"sqlite:///{class_.out}/no/such/book.db")
    assert [*class_.out.iterdir()] == []


@pytest.mark.parametrize("stop_after", range(3))
def test_a_run_that_was_stopped_is_continued(class_, stop_after):
    class_.stop_after = stop_after
    with pytest.raises(KeyboardInterrupt):
        class_.run()
    class_.stop_after = None
    done = class_.run()
    assert class_.graded == list(STUDENTS[stop_after:])
    assert [report.student for report in done.reports] == list(STUDENTS)
    assert scores(class_).keys() == set(STUDENTS)


def test_a_new_gradebook_gets_what_an_earlier_run_has_graded(class_):
    class_.run()
    before = scores(class_)
    (class_.out / "gradebook.db").unlink()
    class_.run()
    assert class_.graded == [] and scores(class_) == before


def test_one_exercise_is_graded_again_where_its_result_is_missing_or_old(class_, monkeypatch):
    class_.run("l2_penalty")
    class_.run("l1_penalty")
    assert class_.graded == list(STUDENTS)
    class_.run("l2_penalty", "l1_penalty")
    assert class_.graded == []
    class_.run()
    assert class_.graded == list(STUDENTS)


def test_changed_scores_are_told_by_student_and_exercise(class_, monkeypatch, capsys):
    class_.run()
    class_.points["bob"] = 0.5
    monkeypatch.setattr("grader.__main__.find_level", lambda unsafe: ("A", {}))
    arguments = ["grade", str(class_.submitted), "--out", str(class_.out), "--exercise", "softmax_loss_naive", "--force"]
    assert main(arguments) == 0
    worth = EXERCISES["softmax_loss_naive"].points
    told = f"  bob  softmax_loss_naive  {worth:g} -> {0.75 * worth:g}  (-{0.25 * worth:g})"
    assert f"1 scores changed since the last run:\n{told}\n" in capsys.readouterr().out
    assert class_.run(force=True).changes == [
        grading.Change("bob", name, exercise.points, 0.75 * exercise.points)
        for name, exercise in EXERCISES.items() if name != "softmax_loss_naive"]


def test_a_submission_that_we_cannot_read_is_set_aside_and_the_others_are_graded(class_, monkeypatch):
    read = submission.read

    def broken(path):
        if "bob" in path.parts:
            raise RuntimeError("a fault of ours")
        return read(path)

    monkeypatch.setattr(submission, "read", broken)
    done = class_.run()
    assert class_.graded == ["ann", "cy"]
    assert {report.student: report.status for report in done.reports} == {"ann": "graded", "bob": "not_judged", "cy": "graded"}
    assert "a fault of ours" in results.load(class_.out, "bob").exercises[0].checks[0].detail


@pytest.mark.parametrize("name", [
    "gradebook.db", "gradebook.db-journal", "grades.csv", "grades.tmp", "index.html", "class.html", "student.json",
    "\udcff" * 100])
def test_a_student_of_any_name_has_results_and_so_has_the_class(class_, submitted, name):
    package = submitted / name / ASSIGNMENT / "cs231n_utils"
    package.mkdir(parents=True)
    (package / "softmax.py").write_text("")
    student = submission.student_of(submitted / name / ASSIGNMENT)
    class_.points[student] = 1.0
    done = class_.run()
    assert student in {report.student for report in done.reports}
    assert (class_.out / "grades.csv").is_file() and (class_.out / "index.html").is_file()
    assert class_.run().unchanged == len(class_.points)


def test_results_never_go_where_the_submissions_are(class_):
    class_.out = class_.submitted
    with pytest.raises(submission.SubmissionsNotFound, match="Give another folder"):
        class_.run()


def test_two_students_never_share_a_report(class_):
    """As on a file system that takes Ann for ann."""
    class_.run()
    (class_.out / "ann").rename(class_.out / "Ann")
    assert results.load(class_.out, "Ann") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"student": "bob"}'])
def test_a_damaged_report_is_graded_anew(class_, text):
    class_.run()
    before = scores(class_)
    (class_.out / "bob" / "report.json").write_text(text)
    class_.run()
    assert class_.graded == ["bob"] and scores(class_) == before
    assert results.load(class_.out, "bob").score == class_.report("bob", EXERCISES).score


def test_the_class_page_is_that_of_the_last_run(class_):
    class_.run()
    before = (class_.out / "class.html").read_text(encoding="utf-8")
    class_.points["bob"] = 0.5
    class_.run(force=True)
    assert (class_.out / "class.html").read_text(encoding="utf-8") != before
