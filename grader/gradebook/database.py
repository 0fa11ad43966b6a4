"""The database of the gradebook: which one a URL names, and what to do when it does not answer.

A URL may hold a password, so messages give only a database's kind, host and name.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, ProgrammingError
from sqlalchemy.orm import Session, scoped_session

_log = logging.getLogger("grader.gradebook.database")
# Seconds between tries: a server that is restarted is back within a minute.
PAUSES = (0, 1, 4, 15, 40)
_NEXT = "Expected postgresql://user:password@host/database or sqlite:///file."


class DatabaseFault(Exception):
    """The database cannot be used; the message says which one, why, and what to do."""


def url_of(database: Path | str) -> URL:
    """The URL of a database that is given as an SQLite file or as any URL that nbgrader takes, with
    a time-out added.
    """
    if isinstance(database, Path):
        url = URL.create("sqlite", database=str(database))
    elif database.startswith("sqlite") or database.count("@") <= 1:
        try:
            url = make_url(database)
            url.get_dialect().import_dbapi()
        except (ArgumentError, ValueError) as error:
            if isinstance(error, NoSuchModuleError):
                raise DatabaseFault(
                    f"--db: there is no kind of database called {database.split(':')[0]}. {_NEXT}"
                ) from None
            # The error quotes the URL.
            raise DatabaseFault(f"--db: this is not the URL of a database. {_NEXT}") from None
        except ImportError as error:
            raise DatabaseFault(
                f"--db: the driver for {url.drivername} is not installed ({error}). {_driver(url)}"
            ) from error
    else:  # read on, it would take the end of the password for the name of the host
        raise DatabaseFault(
            "--db: this URL has more than one @. Write %40 for an @ in the user name or the"
            " password."
        )
    # Another writer, such as Formgrader, may hold an SQLite file for longer than the driver's own 5
    # seconds.
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise DatabaseFault(
                "--db: sqlite:// without a file keeps nothing. Expected sqlite:///file."
            )
        # The path must be absolute, because nbgrader changes the working directory.
        url = url.set(database=str(Path(url.database).resolve()))
        return url.update_query_dict({"timeout": "60", **url.query})
    if url.get_backend_name() == "postgresql" and "psycopg" in url.get_driver_name():
        return url.update_query_dict({"connect_timeout": "10", **url.query})
    return url


def _driver(url: URL) -> str:
    if url.drivername == "postgresql":
        return "Run: python -m pip install -e '.[postgres]'"
    return "Install the Python package that SQLAlchemy's documentation names for it."


def fault(url: URL, error: Exception, next_step: str = "") -> DatabaseFault:
    """The first line of a driver's error, which names the cause, without passwords."""
    cause = str(getattr(error, "orig", None) or error).strip().split("\n")[0].rstrip(".")
    secrets = [url.password, *(value for name, value in url.query.items() if "pass" in name)]
    for secret in filter(None, secrets):
        cause = cause.replace(str(secret), "***")
    shown = URL.create(url.drivername, host=url.host, port=url.port, database=url.database)
    return DatabaseFault(f"The database {shown} cannot be used: {cause}. {next_step}".rstrip())


def in_one_transaction(
    session: Session | scoped_session[Session], url: URL, work: Callable[[], None]
) -> None:
    """Do `work` and commit it, all or nothing; try again from the beginning while the database does
    not answer.

    A commit may have succeeded although its answer was lost, so `work` must find out by itself what
    is already there.
    """
    for pause in (*PAUSES, None):
        try:
            work()
            session.commit()
            return
        except DBAPIError as error:
            session.rollback()
            # These errors would come again.
            if pause is None or isinstance(error, (DataError, ProgrammingError)):
                raise fault(url, error) from error
            if pause:
                _log.warning("%s Trying again in %d s.", fault(url, error), pause)
            time.sleep(pause)
        except UnicodeError as error:
            session.rollback()
            raise fault(url, error, "The name of a folder is no text; rename it.") from error
        except BaseException:
            session.rollback()
            raise
