"""A gradebook in PostgreSQL: the rows that SQLite gets, none lost or doubled when the server goes
away, and no password shown.

The tests start a server of their own, on a socket in a temporary folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from cs231n_utils.exercises import ASSIGNMENT, MAX_SCORE
from grader.__main__ import main
from grader.course import overrides
from grader.course.final import Rules, finals
from grader.course.overrides import Overrides
from grader.course.settings import parse
from grader.gradebook import database, gradebook, totals
from grader.grading import pool
from grader.intake.hand_ins import HandIn
from tests.grading.test_one_class import STUDENTS, Class, submitted  # noqa: F401 - a fixture
from tests.support.course_copy import copy_course, made_up_report
from tests.support.gradebook_rows import rows

pytestmark = pytest.mark.slow

PASSWORD = "Nobody:reads/this"
TWO_BATCHES = [
    [made_up_report("ada"), made_up_report("bob", 0.5)],
    [made_up_report("cy", 0.2), made_up_report("dee")],
]


class Server:
    """A PostgreSQL server in `folder`, with a user `staff`. It refuses to run as root, and runs as
    `postgres` then.
    """

    def __init__(self, programs: Path, folder: Path):
        self.programs, self.folder, self.databases = programs, folder, 0
        password = folder / "password"
        password.write_text(PASSWORD)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
            shutil.chown(password, "postgres")
        self._run(
            "initdb",
            "--auth=scram-sha-256",
            "--username=staff",
            f"--pwfile={password}",
            "--no-sync",
            "--locale=C.UTF-8",
        )
        with (folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = ''\nunix_socket_directories = '{folder}'\nfsync = off\n"
            )

    def start(self) -> None:
        if not (self.folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}")

    def stop(self) -> None:
        """As in a crash: connections break, and what was not committed is lost."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def _run(self, program: str, *arguments: str) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*as_user, self.programs / program, f"--pgdata={self.folder / 'data'}", *arguments],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )

    def url(self, name: str, password: str = PASSWORD) -> str:
        return f"postgresql://staff:{password}@/{name}?host={self.folder}"

    def new_database(self, like: str = "template1") -> str:
        """The URL of a database: an empty one, or a copy of another."""
        import psycopg

        self.databases += 1
        with psycopg.connect(
            host=str(self.folder),
            user="staff",
            password=PASSWORD,
            dbname="postgres",
            autocommit=True,
        ) as connection:
            connection.execute(f"CREATE DATABASE course{self.databases} TEMPLATE {like}")
        return self.url(f"course{self.databases}")


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    try:
        import psycopg  # noqa: F401
    except ImportError:
        programs = None
    if programs is None or not (programs / "initdb").exists():
        reason = (
            "needs a server and its driver: sudo apt-get install postgresql && python -m pip"
            " install -e '.[postgres]'"
        )
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    # Not pytest's: another user must reach it.
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = Server(programs, Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def server(running) -> Iterator[Server]:
    """The server, running again after the test whatever became of it."""
    yield running
    running.start()


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    return copy_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def filled(running, course) -> str:
    """The name of a database with the assignment in it."""
    gradebook.open_gradebook(running.new_database(), course).close()
    return f"course{running.databases}"


@pytest.fixture
def book(server, filled) -> Iterator[Gradebook]:
    with Gradebook(server.new_database(like=filled), "cs231n") as book:
        yield book


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    """Pauses between tries, which take no time here."""
    taken: list[float] = []
    monkeypatch.setattr(database.time, "sleep", taken.append)
    return taken


def test_an_assignment_that_it_knows_is_not_registered_again(server, filled, course, monkeypatch):
    def ask(*arguments):
        raise AssertionError("nbgrader was asked")

    monkeypatch.setattr(gradebook, "generate_assignment", ask)
    with gradebook.open_gradebook(server.new_database(like=filled), course) as book:
        assert book.find_assignment(ASSIGNMENT).notebooks


def test_the_rows_are_those_of_sqlite(server, course, tmp_path):
    found = []
    for place in (server.new_database(), tmp_path / "gradebook.db"):
        with gradebook.open_gradebook(place, course) as book:
            book.update_or_create_assignment(ASSIGNMENT, duedate=datetime(2030, 1, 1))
            for batch in TWO_BATCHES:
                gradebook.write(
                    book,
                    batch,
                    {"ada": datetime(2030, 1, 2, 3, 4, 5), "cy": datetime(2029, 1, 1)},
                    course,
                )
        with gradebook.open_gradebook(place, course) as book:
            gradebook.write(
                book, [made_up_report("bob", 0.7, not_judged=("svm_loss_naive",))], course=course
            )
            gradebook.write(
                book, [made_up_report("dee", 0.1, exercises=("rel_error",))], course=course
            )
            found.append((rows(book), gradebook.auto_scores(book)))
    assert found[0] == found[1]
    assert len(found[0][0]["submission"]) == 4


def test_dates_penalties_and_points_of_staff_are_those_of_sqlite(server, course, tmp_path):
    late = HandIn("ada", handed_in=datetime(2030, 1, 3, tzinfo=UTC))
    entry = overrides.new("bob", "svm_loss_naive", 3.5, "Appeal.", "Ada", datetime(2030, 1, 4))
    settings = (
        'timezone = "UTC"\ndue = 2030-01-01\n[late]\npercent_a_day = 7.5\n'
        "[extensions]\nbob = 2030-01-05\n"
    )
    rules = Rules(parse(settings), Overrides((entry,)))
    found = []
    for place in (server.new_database(), tmp_path / "gradebook.db"):
        with gradebook.open_gradebook(place, course) as book:
            reports = [report for batch in TWO_BATCHES for report in batch]
            gradebook.write(book, reports, course=course, late_penalties=False)
            hand_ins = {"ada": late, "none": HandIn("none")}
            grades = finals(reports, hand_ins, totals.read_marks(book), rules)
            totals.store_grades(book, grades, rules)
            of_bob = book.find_submission(ASSIGNMENT, "bob").extension
            tables = rows(book)
            tables.pop("submission")  # of an extension, each database has its own form
            found.append((tables, totals.read_marks(book), of_bob))
    for ours, theirs in zip(found[0][0].items(), found[1][0].items(), strict=True):
        assert ours == theirs
    assert found[0][1:] == found[1][1:]
    assert found[0][2] == timedelta(days=4)
    marks = found[0][1]
    assert marks["ada"].penalty == 15 and marks["bob"].by_hand == {"svm_loss_naive": 3.5}


def stop_between_batches(server, book, monkeypatch):
    server.stop()


def stop_in_a_batch(server, book, monkeypatch):
    add = gradebook.add_submissions

    def add_and_stop(*arguments):
        monkeypatch.setattr(gradebook, "add_submissions", add)
        add(*arguments)
        server.stop()

    monkeypatch.setattr(gradebook, "add_submissions", add_and_stop)


def stop_after_the_commit(server, book, monkeypatch):
    """The rows are there, but the answer is lost with the connection."""
    commit = book.db.commit

    def commit_and_stop():
        del book.db.commit
        commit()
        server.stop()
        book.check_course("cs231n")

    book.db.commit = commit_and_stop


@pytest.mark.parametrize("stop", [stop_between_batches, stop_in_a_batch, stop_after_the_commit])
def test_a_server_that_comes_back_has_lost_and_doubled_nothing(
    server, book, course, tmp_path, monkeypatch, pauses, caplog, stop
):
    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            server.start()

    monkeypatch.setattr(database.time, "sleep", sleep)
    gradebook.write(book, TWO_BATCHES[0], course=course)
    stop(server, book, monkeypatch)
    gradebook.write(book, TWO_BATCHES[1], course=course)
    found = rows(book)
    assert pauses == list(database.PAUSES[:3])
    assert "Trying again in 4 s" in caplog.text and "reads" not in caplog.text
    with gradebook.open_gradebook(tmp_path / "gradebook.db", course) as undisturbed:
        gradebook.write(
            undisturbed, [report for batch in TWO_BATCHES for report in batch], course=course
        )
        assert found == rows(undisturbed)


@pytest.fixture
def class_(submitted, tmp_path, monkeypatch):  # noqa: F811 - the fixture
    one = Class(submitted, tmp_path / "out")
    monkeypatch.setattr(pool, "grade_in_processes", one.grade)
    monkeypatch.setattr("grader.sandbox.launch.find_level", lambda unsafe: ("A", {}))
    return one


def grade(class_, url):
    class_.graded.clear()
    return main(["grade", str(class_.submitted), "--out", str(class_.out), "--db", url])


def test_a_server_that_stays_away_stops_the_run_and_another_run_completes_it(
    server, class_, pauses, capsys, monkeypatch
):
    url = server.new_database()
    write = gradebook.write

    def write_and_stop(*arguments, **more):
        write(*arguments, **more)
        server.stop()

    monkeypatch.setattr(gradebook, "write", write_and_stop)
    assert grade(class_, url) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith(
        f"grader: The database postgresql:///course{server.databases} cannot be used: "
    )
    assert told.endswith(
        "1 submission done so far; run the same command again, and it goes on from there."
    )
    assert pauses == list(database.PAUSES)

    monkeypatch.setattr(gradebook, "write", write)
    server.start()
    assert grade(class_, url) == 0
    assert class_.graded == list(STUDENTS[1:])
    assert not (class_.out / "gradebook.db").exists()
    with gradebook.open_gradebook(url) as book:
        assert gradebook.auto_scores(book) == dict.fromkeys(STUDENTS, MAX_SCORE)


def refused(class_, url, capsys) -> str:
    assert grade(class_, url) == 1
    told = "".join(capsys.readouterr())
    assert told.splitlines()[-1].startswith("grader: "), told
    assert not [*class_.out.glob("*/report.json")]
    return told


def test_a_server_that_is_away_at_the_start_is_told(server, class_, capsys):
    url = server.new_database()
    server.stop()
    told = refused(class_, url, capsys)
    assert f"The database postgresql:///course{server.databases} cannot be used: " in told
    assert "Check the URL, and that the server runs." in told and "reads" not in told


def test_a_wrong_password_is_told_and_not_shown(server, class_, capsys):
    told = refused(class_, server.url("postgres", "Wrong:and/secret"), capsys)
    assert 'password authentication failed for user "staff"' in told and "secret" not in told


def test_a_database_that_is_not_there_is_told(server, class_, capsys):
    assert 'database "elsewhere" does not exist' in refused(class_, server.url("elsewhere"), capsys)


def test_a_name_that_postgres_cannot_hold_stops_at_once(book, pauses):
    with pytest.raises(
        database.DatabaseFault, match=r"value too long for type character varying\(128\)"
    ):
        gradebook.write(book, [made_up_report("ada"), made_up_report("b" * 129)])
    assert gradebook.auto_scores(book) == {} and pauses == []
