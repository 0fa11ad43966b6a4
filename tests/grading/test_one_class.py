"""A class graded into a folder: only what changed is graded again, and whatever stops a run, the
next one finishes it.
"""

from __future__ import annotations

import csv
import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES
from grader.__main__ import main
from grader.checks import seeds
from grader.faults import GraderFault
from grader.gradebook import gradebook, totals
from grader.gradebook.database import DatabaseFault
from grader.grading import class_run, one_class, pool
from grader.intake import file_status, reading, submission
from grader.intake.download import SubmissionsNotFound
from grader.intake.submission import Submission
from grader.pages.class_rows import ResultsNotFound
from grader.report import Verdict
from grader.results import cache, class_table, store
from grader.results.changes import Change
from tests.support.clocks import later
from tests.support.course_copy import made_up_report, own_gradebook
from tests.support.downloads import kit, shaped, within, zipped

pytestmark = pytest.mark.slow

STUDENTS = ("ann", "bob", "cy")


@pytest.fixture
def submitted(tmp_path):
    folder = tmp_path / "submitted"
    for student in STUDENTS:
        package = folder / student / ASSIGNMENT / "cs231n_utils"
        package.mkdir(parents=True)
        (package / "softmax.py").write_text(f"# {student}\n")
    return folder


@pytest.fixture(autouse=True)
def files_are_old(monkeypatch):
    """Each run is some time after its files were written, so that the ledger knows them."""
    monkeypatch.setattr(file_status, "now", later)


class Class:
    """Grades with made-up points; keeps the names of those who were graded."""

    def __init__(self, submitted, out):
        self.submitted, self.out = submitted, out
        self.points = dict.fromkeys(STUDENTS, 1.0)
        self.graded: list[str] = []
        self.stop_after: int | None = None

    def grade(self, submissions, processes, secret, exercises, level, batch, handling):
        for one in map(handling.read, submissions):
            if not isinstance(one, Submission):
                yield [one]
                continue
            if len(self.graded) == self.stop_after:
                raise KeyboardInterrupt
            self.graded.append(one.student)
            yield [handling.finish(one, self.report(one.student, exercises))]

    def report(self, student, exercises):
        return made_up_report(student, self.points[student], exercises=tuple(exercises))

    def run(self, *exercises, level="A", force=False):
        self.graded.clear()
        return one_class.grade_class(
            self.submitted, self.out, 1, exercises or list(EXERCISES), level, force
        )


@pytest.fixture
def class_(submitted, tmp_path, monkeypatch):
    one = Class(submitted, tmp_path / "out")
    monkeypatch.setattr(pool, "grade_in_processes", one.grade)
    return one


def scores(class_):
    with gradebook.open_gradebook(class_.out / "gradebook.db") as book:
        return gradebook.auto_scores(book)


@pytest.fixture
def written(monkeypatch):
    """The students whose results were written to the gradebook together; no time passes."""
    written = []
    write = gradebook.write

    def note(book, reports, *more, **options):
        written.append([report.student for report in reports])
        write(book, reports, *more, **options)

    monkeypatch.setattr(gradebook, "write", note)
    monkeypatch.setattr(class_run, "time", SimpleNamespace(monotonic=lambda: 0.0))
    return written


def test_results_that_come_within_a_second_are_written_together(class_, written):
    class_.run()
    assert written == [["ann"], ["bob", "cy"]]


def test_many_results_are_written_without_waiting_for_the_second(class_, written, monkeypatch):
    monkeypatch.setattr(class_run, "_TOGETHER", 1)
    class_.run()
    assert written == [["ann"], ["bob"], ["cy"]]


def test_what_has_not_changed_is_not_graded_again(class_):
    first = class_.run()
    assert class_.graded == list(STUDENTS) and first.unchanged == 0
    again = class_.run()
    assert class_.graded == [] and again.unchanged == 3
    assert list(again.reports) == list(first.reports)


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
        monkeypatch.setattr(one_class, "course_secret", lambda: "another")
    class_.run(level="B" if change == "level" else "A")
    assert class_.graded == list(STUDENTS)


def test_other_code_of_pages_draws_everybody_again_and_grades_nobody(class_, monkeypatch):
    class_.run()
    page = class_.out / "ann" / "feedback.html"
    page.write_text("old")
    class_.run()
    assert page.read_text() == "old"
    monkeypatch.setattr(cache, "drawing_version", lambda: "another style sheet")
    class_.run()
    assert class_.graded == [] and page.read_text() != "old"
    page.write_text("old")
    class_.run()
    assert page.read_text() == "old"


def test_a_run_that_is_stopped_leaves_the_pages_to_the_next(class_, monkeypatch):
    class_.run()
    (class_.out / "cy" / "feedback.html").write_text("old")
    monkeypatch.setattr(cache, "drawing_version", lambda: "another style sheet")
    with monkeypatch.context() as patch:
        patch.setattr(store, "write_tables", stop)
        draw = store.draw_student
        patch.setattr(
            store, "draw_student", lambda *args: stop() if "cy" in str(args) else draw(*args)
        )
        with pytest.raises(KeyboardInterrupt):
            class_.run()
    class_.run()
    assert (class_.out / "cy" / "feedback.html").read_text() != "old"


def stop(*args):
    raise KeyboardInterrupt


def changed_files(monkeypatch):
    files = {**cache.scoring_files(), "grader/topics/softmax/test_softmax.py": "another"}
    monkeypatch.setattr(cache, "scoring_files", lambda: files)
    monkeypatch.setattr(cache, "version", lambda: "another")


def test_why_everybody_is_graded_again_is_said_in_one_line(class_, monkeypatch, capsys):
    class_.run()
    changed_files(monkeypatch)
    capsys.readouterr()
    class_.run()
    line = (
        "All 3 are graded again: grader/topics/softmax/test_softmax.py has changed since the last"
        " run."
    )
    assert class_.graded == list(STUDENTS) and capsys.readouterr().err.count(line) == 1
    class_.run()
    assert class_.graded == [] and "graded again" not in capsys.readouterr().err


def test_an_exercise_that_is_graded_alone_does_not_hide_why_the_others_are(
    class_, monkeypatch, capsys
):
    class_.run()
    changed_files(monkeypatch)
    class_.run("rel_error")
    assert "graded again: grader/topics" in capsys.readouterr().err
    class_.run()
    assert "graded again: grader/topics" in capsys.readouterr().err


def test_who_handed_in_anew_or_was_asked_for_is_no_reason_for_a_line(class_, submitted, capsys):
    class_.run()
    (submitted / "bob" / ASSIGNMENT / "cs231n_utils" / "softmax.py").write_text("# better\n")
    class_.run()
    class_.run(force=True)
    assert "graded again" not in capsys.readouterr().err


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
def test_a_run_that_ends_while_it_writes_a_page_leaves_that_student_to_the_next(
    class_, monkeypatch, page
):
    replace = os.replace

    def stop_at_bobs(staged, path):
        if str(path).endswith(f"/bob/{page}"):
            raise KeyboardInterrupt
        replace(staged, path)

    with monkeypatch.context() as patch:
        patch.setattr(store.os, "replace", stop_at_bobs)
        with pytest.raises(KeyboardInterrupt):
            class_.run()
    class_.run()
    assert class_.graded == ["bob"]
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


def test_where_all_kept_reports_are_damaged_the_run_says_so_instead_of_a_class_page(class_):
    class_.run()
    before = (class_.out / "class.html").stat()
    for path in class_.out.glob("*/report.json"):
        path.write_text(path.read_text().replace('"seconds": 0.0', '"seconds": -1', 1))
    with pytest.raises(ResultsNotFound, match=r"None of the 3 reports .* ann/report\.json is no "):
        class_.run()
    assert class_.graded == []
    assert (class_.out / "class.html").stat() == before


def test_a_gradebook_that_cannot_be_opened_stops_the_run_before_anything_is_written(class_):
    with pytest.raises(GraderFault, match="Is the folder there"):
        one_class.grade_class(
            class_.submitted,
            class_.out,
            1,
            ["rel_error"],
            "A",
            database=f"sqlite:///{class_.out}/no/such/book.db",
        )
    assert [path.name for path in class_.out.iterdir()] == [".lock"]


@pytest.mark.parametrize("name", ["read_marks", "store_grades"])
def test_if_the_database_fails_among_the_final_grades_the_same_command_goes_on(
    class_, monkeypatch, name
):
    monkeypatch.setattr(class_table, "MANY", 2)
    real, calls = getattr(totals, name), []

    def fail_at_the_second(book, students, *more):
        calls.append(students)
        if len(calls) == 2:
            raise DatabaseFault("The database cannot be used.")
        return real(book, students, *more)

    with monkeypatch.context() as patch:
        patch.setattr(totals, name, fail_at_the_second)
        with pytest.raises(GraderFault, match="3 submissions done so far; run the same command"):
            class_.run()
    assert not (class_.out / "grades.csv").exists()
    assert len(class_.run().grades) == len(STUDENTS) and class_.graded == []
    assert (class_.out / "grades.csv").exists()


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
    monkeypatch.setattr("grader.sandbox.launch.find_level", lambda unsafe: ("A", {}))
    arguments = [
        "grade",
        str(class_.submitted),
        "--out",
        str(class_.out),
        "--exercise",
        "softmax_loss_naive",
        "--force",
    ]
    assert main(arguments) == 0
    worth = EXERCISES["softmax_loss_naive"].points
    told = f"  bob  softmax_loss_naive  {worth:g} -> {0.75 * worth:g}  (-{0.25 * worth:g})"
    assert f"1 scores changed since the last run:\n{told}\n" in capsys.readouterr().out
    assert list(class_.run(force=True).changes) == [
        Change("bob", name, exercise.points, 0.75 * exercise.points)
        for name, exercise in EXERCISES.items()
        if name != "softmax_loss_naive"
    ]


def test_a_submission_that_we_cannot_read_is_set_aside_and_the_others_are_graded(
    class_, monkeypatch
):
    read = reading.read

    def broken(student, parts, is_sure):
        if student == "bob":
            raise RuntimeError("a fault of ours")
        return read(student, parts, is_sure)

    monkeypatch.setattr(reading, "read", broken)
    done = class_.run()
    assert class_.graded == ["ann", "cy"]
    assert {report.student: report.status for report in done.reports} == {
        "ann": "graded",
        "bob": "not_judged",
        "cy": "graded",
    }
    assert "a fault of ours" in store.load(class_.out, "bob").exercises[0].checks[0].detail


@pytest.mark.parametrize(
    "name",
    [
        "gradebook.db",
        "gradebook.db-journal",
        "grades.csv",
        "grades.tmp",
        "index.html",
        "class.html",
        "student.json",
        "\udcff" * 100,
    ],
)
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
    with pytest.raises(SubmissionsNotFound, match="Give another folder"):
        class_.run()


def test_two_students_never_share_a_report(class_):
    """As on a file system that takes Ann for ann."""
    class_.run()
    (class_.out / "ann").rename(class_.out / "Ann")
    assert store.load(class_.out, "Ann") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"student": "bob"}'])
def test_a_damaged_report_is_graded_anew(class_, text):
    class_.run()
    before = scores(class_)
    (class_.out / "bob" / "report.json").write_text(text)
    class_.run()
    assert class_.graded == ["bob"] and scores(class_) == before
    assert store.load(class_.out, "bob").score == class_.report("bob", EXERCISES).score


def test_the_class_page_is_that_of_the_last_run(class_):
    class_.run()
    before = (class_.out / "class.html").read_text(encoding="utf-8")
    class_.points["bob"] = 0.5
    class_.run(force=True)
    assert (class_.out / "class.html").read_text(encoding="utf-8") != before


# --- nobody is lost -------------------------------------------------------------------------------


def command(class_, *more):
    return main(
        [
            "grade",
            str(class_.submitted),
            "--out",
            str(class_.out),
            *own_gradebook(class_.out),
            *more,
        ]
    )


@pytest.fixture
def no_sandbox(monkeypatch):
    """The command looks for none."""
    monkeypatch.setattr("grader.sandbox.launch.find_level", lambda unsafe: ("A", {}))


def test_what_stands_among_the_submissions_and_is_none_is_named(
    class_, submitted, no_sandbox, capsys
):
    for name in (".dora", "eve"):
        (submitted / name / (ASSIGNMENT if name == ".dora" else "homework")).mkdir(parents=True)
    # Ann has a folder, too.
    for name in (".finn.zip", "ann.zip", "notes.txt", ".DS_Store", "._bob.zip"):
        (submitted / name).touch()
    class_.out = submitted / "results"
    assert command(class_) == 0
    told = capsys.readouterr()
    named = [line.split(": ")[1] for line in told.err.splitlines() if line.startswith("Not taken")]
    assert named == ["eve", ".dora", ".finn.zip", "notes.txt", "ann.zip (of ann)"]
    assert told.out.splitlines()[-1].startswith("Hand-ins: 3 taken, 5 not taken (1 of them repla")


def test_submissions_whose_names_all_begin_with_a_dot_are_named(tmp_path, capsys):
    (tmp_path / "submitted" / ".ann" / ASSIGNMENT).mkdir(parents=True)
    assert main(["grade", str(tmp_path / "submitted"), "--out", str(tmp_path / "out")]) == 2
    assert "(found: .ann)" in capsys.readouterr().err


@pytest.mark.parametrize("lost, named", [({"bob"}, "bob"), ({"ann", "cy"}, "ann, cy")])
def test_a_run_that_loses_students_fails_and_names_them(
    class_, monkeypatch, no_sandbox, capsys, lost, named
):
    grade = class_.grade
    monkeypatch.setattr(
        pool,
        "grade_in_processes",
        lambda *args, **kwargs: (
            [report for report in reports if report.student not in lost]
            for reports in grade(*args, **kwargs)
        ),
    )
    assert command(class_) == 1
    assert (
        f"grader: 3 students handed in, and {3 - len(lost)} were graded. What differs: {named}."
        in capsys.readouterr().err
    )
    assert not (class_.out / "grades.csv").exists()


def test_two_spellings_that_a_file_system_takes_for_one_never_overwrite_each_other(
    class_, submitted, no_sandbox, capsys
):
    """The second name is a link to the first one's folder, which is what such a file system makes
    of it.
    """
    class_.run()
    (submitted / "Ann" / ASSIGNMENT).mkdir(parents=True)
    class_.points["Ann"] = 0.5
    (class_.out / "Ann").symlink_to("ann")
    before = (class_.out / "ann" / "report.json").read_bytes()
    assert command(class_) == 1
    assert (
        "holds the results of 'ann', and 'Ann' would get the same folder" in capsys.readouterr().err
    )
    assert (class_.out / "ann" / "report.json").read_bytes() == before


# --- privacy --------------------------------------------------------------------------------------


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022])
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_results_are_for_their_owners_eyes_only(class_, umask, caplog):
    class_.run()
    assert {
        mode(path) for path in (class_.out, *(class_.out / student for student in STUDENTS))
    } == {0o700}
    assert mode(class_.out / "gradebook.db") == 0o600
    assert not caplog.records


def test_a_folder_that_others_can_look_into_stays_so_and_is_told(class_, caplog):
    class_.out.mkdir()
    class_.out.chmod(0o750)
    class_.run()
    assert (
        mode(class_.out) == mode(class_.out / "ann") == 0o750
        and mode(class_.out / "gradebook.db") == 0o600
    )
    (told,) = caplog.messages
    assert told.startswith(f"{class_.out}: other users of this machine can look into it (mode 750)")


def test_two_graders_never_write_to_one_folder(class_, no_sandbox, capsys):
    holder = (
        "import sys; from pathlib import Path; from grader.results import store\n"
        "with store.open_folder(Path(sys.argv[1])): print('has it', flush=True); sys.stdin.read()"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", holder, str(class_.out)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with first:
        assert first.stdout.readline() == b"has it\n"
        assert command(class_) == 1
        assert (
            f"grader: Another grader (process {first.pid}) writes to {class_.out}."
            in capsys.readouterr().err
        )
        first.kill()
    assert command(class_) == 0


# --- the course's secret --------------------------------------------------------------------------


@pytest.fixture
def secret_file(class_, monkeypatch, tmp_path, no_sandbox):
    """Where this course keeps its secret."""
    path = tmp_path / ".course_secret"
    monkeypatch.setattr(one_class, "course_secret", lambda: seeds.course_secret(path))
    return path


def test_a_new_secret_is_for_its_owners_eyes_only(class_, secret_file, umask, caplog):
    assert command(class_) == 0
    assert mode(secret_file) == 0o600 and len(secret_file.read_text().strip()) == 64
    assert not caplog.records


def test_a_secret_that_others_can_read_is_told_once(class_, secret_file, caplog):
    secret_file.write_text("0123456789abcdef\n")
    secret_file.chmod(0o640)
    assert command(class_) == command(class_) == 0
    (told,) = caplog.messages
    assert told.startswith(
        f"{secret_file}: other users of this machine can read the course's secret (mode 640)"
    )


@pytest.mark.parametrize(
    "content, told",
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\xff\xfe" * 20, "is not one line of text"),
        (b"\0" * 32, "is not one line of text"),
        (b"two lines\nof text, both long", "is not one line of text"),
        (b"x" * 2_000, "is not one line of text"),
        (b"0123456789abcde", "has 15 characters"),
    ],
)
def test_a_file_that_holds_no_secret_is_refused_with_the_reason(tmp_path, content, told):
    (tmp_path / "secret").write_bytes(content)
    with pytest.raises(
        seeds.SecretUnusable, match=rf"secret {told}.*\. Put the course's secret there again"
    ):
        seeds.course_secret(tmp_path / "secret")


@pytest.mark.parametrize("text", ["a passphrase of four words", "ein Geheimnis für Zoë"])
def test_any_line_of_text_that_is_long_enough_is_a_secret(tmp_path, text):
    (tmp_path / "secret").write_text(f"{text}\n", encoding="utf-8")
    assert seeds.course_secret(tmp_path / "secret") == text


@pytest.mark.parametrize(
    "make",
    [
        os.mkfifo,
        os.mkdir,
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.symlink_to(path.with_name("nowhere")),
    ],
    ids=["fifo", "folder", "link", "dangling link"],
)
def test_a_secret_that_is_no_file_is_refused_without_waiting_for_it(tmp_path, make):
    make(tmp_path / "secret")
    with pytest.raises(seeds.SecretUnusable, match="secret is not an ordinary file"):
        seeds.course_secret(tmp_path / "secret")
    assert not (tmp_path / "nowhere").exists()


def test_the_command_tells_in_one_sentence_that_there_is_no_secret(class_, secret_file, capsys):
    secret_file.touch()
    assert command(class_) == 1
    # Beside the progress bar's.
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("grader: ")]
    assert line.startswith(f"grader: {secret_file} is empty. ")


# --- downloads ------------------------------------------------------------------------------------


def table(path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_platforms_zip_and_its_roster_are_graded_and_everybody_is_in_a_table(
    class_, tmp_path, no_sandbox, capsys
):
    files = {
        "Ann Li_1_assignsubmission_file/kit.zip": zipped(kit("ann")),
        "Ben Ott_2_assignsubmission_file/kit.rar": b"x",
        "=cmd()_4_assignsubmission_file/softmax.py": b"# eve\n",
    }
    class_.submitted = shaped(files, "zip", tmp_path, "ML26-HW-1")
    class_.points = {"1": 1.0, "4": 1.0}
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_text(
        "Identifier,Full name,Last modified (submission)\n"
        'Participant 1,Ann Li,"Friday, 20 November 2026, 11:00 AM"\n'
        "Participant 2,Ben Ott,-\nParticipant 3,Cy,-\n"
    )
    assert command(class_, "--roster", str(worksheet)) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == (
        "Hand-ins: 2 taken, 1 not taken, 1 missing, 1 not on the roster. Each with its reason:"
        f" {class_.out / 'hand_ins.csv'}."
    )
    assert "On the roster, and handed in nothing: 3." in said.err
    rows = table(class_.out / "hand_ins.csv")
    assert [(row["student"], row["name"], row["taken"]) for row in rows] == [
        ("1", "Ann Li", "yes"),
        ("2", "Ben Ott", "no"),
        ("4", "'=cmd()", "yes"),
        ("3", "Cy", "no"),
    ]
    assert rows[0]["handed_in"] == "2026-11-20T11:00:00+00:00"
    # A .rar is for a person to look at, and nothing at all is nothing.
    grades = [
        (row["student"], row["name"], row["status"], row["total"])
        for row in table(class_.out / "grades.csv")
    ]
    assert grades == [
        ("1", "Ann Li", "waiting for marking", ""),
        ("2", "Ben Ott", "not judged", ""),
        ("3", "Cy", "missing", "0"),
        ("4", "'=cmd()", "waiting for marking", ""),
    ]
    with gradebook.open_gradebook(class_.out / "gradebook.db") as book:
        assert book.find_submission(ASSIGNMENT, "1").timestamp == datetime(2026, 11, 20, 11)


def test_a_roster_is_remembered_for_its_owner_until_another_is_given(
    class_, tmp_path, no_sandbox, capsys
):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("student,name\nann,Ann Li\nzoe,Zoe\n")
    second.write_text("student,name\nann,Ann Other\n")
    kept = class_.out / "roster.csv"
    assert command(class_, "--roster", str(first)) == 0
    assert kept.read_bytes() == first.read_bytes() and mode(kept) == 0o600
    first.unlink()
    capsys.readouterr()
    assert command(class_) == 0
    said = capsys.readouterr().err
    assert f"The roster is that of an earlier run, {kept}; --roster replaces it.\n" in said
    assert "On the roster, and handed in nothing: zoe." in said
    names = {row["student"]: row["name"] for row in table(class_.out / "grades.csv")}
    assert names["ann"] == "Ann Li" and names["zoe"] == "Zoe"
    assert command(class_, "--roster", str(second)) == 0
    assert "of an earlier run" not in capsys.readouterr().err
    assert command(class_) == 0
    names = {row["student"]: row["name"] for row in table(class_.out / "grades.csv")}
    assert names["ann"] == "Ann Other" and "zoe" not in names
    # The file that was kept may itself be given.
    assert command(class_, "--roster", str(kept)) == 0
    assert kept.read_bytes() == second.read_bytes()


def test_an_unreadable_roster_is_told_before_anything_is_graded(class_, no_sandbox, capsys):
    assert command(class_, "--roster", str(class_.submitted / "missing.csv")) == 2
    assert "cannot be read (No such file" in capsys.readouterr().err and class_.graded == []


def test_a_download_of_which_nothing_can_be_graded_says_why(class_, tmp_path, no_sandbox, capsys):
    class_.submitted = shaped({"ann/a.pdf": b"", "ben/": b""}, "folder", tmp_path, "pdfs")
    assert command(class_) == 2
    assert "ann: It holds no file of the kit (found: a.pdf)." in capsys.readouterr().err
    assert [row["taken"] for row in table(class_.out / "hand_ins.csv")] == ["no", "no"]


def test_an_unchanged_kit_is_not_graded_again_when_its_packing_changes(class_, tmp_path):
    class_.points = {"ann": 1.0}
    class_.submitted = shaped(within("ann", kit("x")), "folder", tmp_path, "first")
    class_.run()
    class_.submitted = shaped({"ann.zip": zipped(kit("x"))}, "zip", tmp_path, "second")
    assert class_.run().unchanged == 1 and class_.graded == []
