"""The database of the gradebook: what its URL may be, what is told of it, and patience while it
does not answer.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from grader.gradebook import database
from grader.gradebook.database import DatabaseFault, fault, in_one_transaction, url_of

PASSWORD = "s3cret"


@pytest.mark.parametrize(
    "url, told",
    [
        ("grades", "this is not the URL of a database"),
        ("postgresql://ann:s3cret", "this is not the URL of a database"),
        ("postgres://ann:s3cret@host/course", "no kind of database called postgres"),
        ("postgresql://ann:1@s3cret@host/course", "more than one @. Write %40"),
        (
            "postgresql+nodriver://ann:s3cret@host/course",
            "no kind of database called postgresql+nodriver",
        ),
        ("sqlite://", "keeps nothing"),
        ("sqlite:///:memory:", "keeps nothing"),
    ],
)
def test_a_wrong_url_is_told_without_the_password(url, told):
    with pytest.raises(DatabaseFault) as caught:
        url_of(url)
    assert told in str(caught.value) and str(caught.value).startswith("--db: ")
    error: BaseException | None = caught.value
    while error:  # nor in what a traceback would show
        assert PASSWORD not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_a_missing_driver_is_told(monkeypatch):
    for name in ("psycopg", "psycopg2"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        DatabaseFault,
        match=r"driver for postgresql is not installed .* pip install -e '\.\[postgres\]'",
    ):
        url_of("postgresql://ann:s3cret@host/course")


def test_an_sqlite_file_keeps_its_place_and_gets_patience(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    urls = [
        url_of("sqlite:///grades.db"),
        url_of(Path("grades.db")),
        url_of(f"sqlite:///{tmp_path}/grades.db?timeout=60"),
    ]
    assert {str(url) for url in urls} == {f"sqlite:///{tmp_path}/grades.db?timeout=60"}
    assert url_of("sqlite:///grades.db?timeout=5").query["timeout"] == "5"


def test_a_password_in_the_words_of_a_driver_is_hidden():
    url = url_of("sqlite:///grades.db?password=s3cret")
    error = OperationalError(
        "SELECT 1", {}, sqlite3.OperationalError(f"cannot connect with {PASSWORD}\nmore {PASSWORD}")
    )
    assert "cannot connect with ***. Next." in str(
        fault(url, error, "Next.")
    ) and PASSWORD not in str(fault(url, error))


@pytest.fixture
def session(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'some.db'}?timeout=0")
    with Session(engine) as session:
        session.execute(text("CREATE TABLE names (name TEXT UNIQUE)"))
        session.commit()
        yield session
    engine.dispose()


@pytest.fixture
def pauses(monkeypatch):
    taken = []
    monkeypatch.setattr(database.time, "sleep", taken.append)
    return taken


def add(session, *names):
    for name in names:
        session.execute(text("INSERT INTO names VALUES (:name)"), {"name": name})


def names(session):
    return sorted(session.scalars(text("SELECT name FROM names")))


def test_a_locked_file_is_tried_again_as_a_whole(session, pauses, monkeypatch):
    other = sqlite3.connect(session.bind.url.database)
    other.execute("BEGIN EXCLUSIVE")

    def sleep(seconds):
        pauses.append(seconds)
        if len(pauses) == 2:
            other.rollback()

    monkeypatch.setattr(database.time, "sleep", sleep)
    in_one_transaction(session, session.bind.url, lambda: add(session, "ada", "bob"))
    assert names(session) == ["ada", "bob"] and pauses == [0, 1]
    other.close()


def test_a_row_that_somebody_else_adds_meanwhile_is_found_by_the_next_try(session, pauses):
    def work():
        known = names(session)
        if not known:
            with sqlite3.connect(session.bind.url.database) as other:
                other.execute("INSERT INTO names VALUES ('ada')")
            other.close()
        add(session, *{"ada", "bob"}.difference(known))

    in_one_transaction(session, session.bind.url, work)
    assert names(session) == ["ada", "bob"] and pauses == [0]


def test_what_stays_locked_is_told_after_the_last_try(session, pauses, caplog):
    other = sqlite3.connect(session.bind.url.database)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseFault, match=r"some\.db cannot be used: database is locked\.$"):
        in_one_transaction(session, session.bind.url, lambda: add(session, "ada"))
    assert pauses == list(database.PAUSES)
    assert [record.getMessage().rpartition(". ")[2] for record in caplog.records] == [
        f"Trying again in {pause} s." for pause in database.PAUSES if pause
    ]
    other.close()


@pytest.mark.parametrize(
    "broken, error",
    [
        (
            lambda session: session.execute(text("INSERT INTO no_such_table VALUES (1)")),
            DatabaseFault,
        ),
        (lambda session: 1 / 0, ZeroDivisionError),
        (lambda session: add(session, "\udcff"), DatabaseFault),
    ],
)
def test_our_faults_leave_nothing_behind(session, pauses, broken, error):
    with pytest.raises(error):
        in_one_transaction(
            session, session.bind.url, lambda: (add(session, "ada"), broken(session))
        )
    assert names(session) == []
