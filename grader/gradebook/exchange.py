"""nbgrader's exchange: a folder in which all students of the machine can write, and from which
staff collect submissions.

`CourseCollect` replaces nbgrader's collect, which follows links with the rights of staff, waits for
pipes, and stops for the whole class at one odd name. Here only ordinary files count that belong to
the student. Everything else is left out and named, and all other students are collected. A file is
opened once and read from the open file, so that nobody can exchange it meanwhile. The hand-in time
comes from the file system alone.

`CourseList` replaces nbgrader's list, which opens the files that it lists. exchange_feedback.py
returns feedback to students.
"""

from __future__ import annotations

import fnmatch
import os
import pwd
import re
import shutil
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange.default import ExchangeCollect, ExchangeList

from grader.checks.seeds import course_secret
from grader.gradebook.gradebook import hand_in_time, handed_in
from grader.intake.safe_files import Tree, Unreadable, open_folder
from grader.intake.times import SEAL_FILE, TIME_FILE, TIME_FORMAT
from grader.text import one_line

MAX_NAMED = 5  # things of one student that are named; beyond that, their number is given
_MAX_PATH = 300  # characters of a path that are shown; a student can make folders in folders
# A student's name becomes a folder and is shown on nbgrader's pages, so it is neither path nor
# markup.
_STUDENT = re.compile(r"\w[\w.,@+' -]*")


@dataclass(frozen=True)
class _Entry:
    """A folder in inbound/, named `<student>+<assignment>+<time>+<random letters>`, with facts from
    the file system.

    owner : id of the user whose folder it is
    time : when the folder last changed, in UTC
    """

    name: str
    student: str
    owner: int
    time: datetime


class CourseCollect(ExchangeCollect):
    """nbgrader's collect, for an exchange in which students may have left anything."""

    def init_src(self) -> None:
        """Choose each student's latest submission, or the latest that is in time if that is set."""
        if not self.coursedir.course_id:
            self.fail("No course id specified. Re-run with --course flag.")
        try:
            course_secret()  # no time can be sealed without it
        except (OSError, ValueError) as error:
            self.fail(f"Nothing was collected, because the course's secret cannot be used: {error}")
        # User id -> how many entries of this user are not collected.
        self._skipped: Counter[int] = Counter()
        due = self._due() if self.before_duedate else None
        latest: dict[str, _Entry] = {}
        in_time: dict[str, _Entry] = {}
        with self._inbound() as inbound:
            for entry in self._entries(inbound):
                for chosen in (latest, in_time) if due and entry.time <= due else (latest,):
                    chosen[entry.student] = max(
                        entry,
                        chosen.get(entry.student, entry),
                        key=lambda one: (one.time, one.name),
                    )
        self._chosen = [entry for _, entry in sorted((latest | in_time).items())]

    def copy_files(self) -> None:
        """Collect the chosen submissions, and name everything else that was found."""
        if not self._chosen:
            self.log.warning(
                "No submissions of '%s' for course '%s' to collect",
                self.coursedir.assignment_id,
                self.coursedir.course_id,
            )
        with self._inbound() as inbound:
            for entry in self._chosen:
                try:
                    self._collect(entry, inbound)
                except Unreadable as why:
                    self._skip(entry.owner, entry.name, str(why))
                except OSError as error:
                    self._skip(entry.owner, entry.name, f"cannot be read ({error.strerror})")
        for owner, number in self._skipped.items():
            if number > MAX_NAMED:
                self.log.error(
                    "%s: %d more folders or files were skipped.", _login(owner), number - MAX_NAMED
                )

    @contextmanager
    def _inbound(self) -> Iterator[int]:
        """Open the folder into which students submit, and return its descriptor. Staff choose the
        exchange's root, which may therefore be a link.
        """
        descriptor = -1
        try:
            descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
            for name in (self.coursedir.course_id, "inbound"):
                parent, descriptor = descriptor, open_folder(name, descriptor)
                os.close(parent)
        except (OSError, Unreadable) as error:
            if descriptor >= 0:
                os.close(descriptor)
            why = error.strerror if isinstance(error, OSError) else error
            self.fail(
                f"{self.root}/{self.coursedir.course_id}/inbound: cannot be collected from ({why})."
            )
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _due(self) -> datetime | None:
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            try:
                due: datetime | None = book.find_assignment(self.coursedir.assignment_id).duedate
                return due
            except MissingEntry:
                return None

    def _entries(self, inbound: int) -> Iterator[_Entry]:
        """The submissions of this assignment. Names every entry that cannot be a student's own."""
        with os.scandir(inbound) as found:
            for one in found:
                student, mark, rest = one.name.partition(f"+{self.coursedir.assignment_id}+")
                if not mark or not fnmatch.fnmatchcase(student, self.coursedir.student_id or "*"):
                    continue
                try:
                    status = one.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                why = self._why_not(student, rest, status)
                if why:
                    self._skip(status.st_uid, one.name, why)
                else:
                    yield _Entry(one.name, student, status.st_uid, _time(status.st_ctime_ns))

    def _why_not(self, student: str, rest: str, status: os.stat_result) -> str:
        """Why an entry is not collected, or ""."""
        if not stat.S_ISDIR(status.st_mode):
            return "is a link" if stat.S_ISLNK(status.st_mode) else "is not a folder"
        if not _STUDENT.fullmatch(student):
            return "does not begin with a name that a student can have"
        # The name must hold a date. Which one, and in which form, does not matter.
        if len(re.findall(r"\d", rest)) < 8:
            return "has no time in its name, as `nbgrader submit` puts it there"
        owner = _login(status.st_uid)
        if self.check_owner and student != owner:
            return (
                f"says that {student} handed it in, but belongs to {owner} (where students have no"
                " accounts of their own, set c.ExchangeCollect.check_owner = False)"
            )
        return ""

    def _skip(self, owner: int, name: str, why: str) -> None:
        self._skipped[owner] += 1
        if self._skipped[owner] <= MAX_NAMED:
            self.log.error(
                "%s %s, and was skipped. If it is a student's work, have it submitted again with"
                " `nbgrader submit`.",
                one_line(name),
                why,
            )

    def _collect(self, entry: _Entry, inbound: int) -> None:
        """Collect one student's files, if the options ask for them. Raises OSError or Unreadable if
        the submission cannot be read.
        """
        folder = Path(
            self.coursedir.format_path(
                self.coursedir.submitted_directory, entry.student, self.coursedir.assignment_id
            )
        )
        if folder.is_symlink() or folder.parent.is_symlink():
            raise Unreadable(
                f"cannot be collected, because {folder} or the folder above it is a link; remove"
                " the link"
            )
        if folder.exists():
            known = handed_in(folder)
            newer = self.update and (known is None or entry.time > known)
            if not newer and not (self.before_duedate and entry.time != known):
                self.log.info(
                    (
                        "No newer submission to collect: %s"
                        if self.update
                        else "Submission already exists, use --update to update: %s"
                    ),
                    entry.student,
                )
                return
        tree = Tree(
            self._is_wanted, 1000 * self.coursedir.max_file_size, 1000 * self.coursedir.max_dir_size
        )
        source = open_folder(entry.name, inbound)
        try:
            status = os.fstat(source)
            if status.st_uid != entry.owner or status.st_dev != os.fstat(inbound).st_dev:
                raise Unreadable("was exchanged for another folder, or is a file system of its own")
            tree.read(source)
        finally:
            os.close(source)
        time = _time(tree.changed)
        try:
            self._put({**tree.files, **hand_in_time(time, entry.student, folder.name)}, folder)
        except OSError as error:
            self.fail(f"{folder} cannot be written ({error.strerror}).")
        self.log.info("Collected: %s, handed in %s", entry.student, time.strftime(TIME_FORMAT))
        for name, why in tree.left_out[:MAX_NAMED]:
            self.log.error(
                "%s: %s %s, and was left out. If it is part of the work, have it submitted again as"
                " an ordinary file within the limits of nbgrader_config.py.",
                entry.student,
                one_line(name[:_MAX_PATH]),
                why,
            )
        if len(tree.left_out) > MAX_NAMED:
            self.log.error(
                "%s: %d more were left out.", entry.student, len(tree.left_out) - MAX_NAMED
            )

    def _is_wanted(self, path: str, is_folder: bool) -> bool:
        """Whether the course's settings accept a file. A student's own copy of the files in which
        the collector notes the time is never accepted.
        """
        name = path.rpartition("/")[2]
        return (
            path not in (TIME_FILE, SEAL_FILE)
            and not any(fnmatch.fnmatch(name, each) for each in self.coursedir.ignore)
            and (is_folder or any(fnmatch.fnmatch(name, each) for each in self.coursedir.include))
        )

    def _put(self, files: Mapping[str, bytes], folder: Path) -> None:
        """Replace the contents of a folder by these files: by all of them or, if this is stopped,
        by none.
        """
        folder_mode, file_mode = (0o2770, 0o660) if self.coursedir.groupshared else (0o750, 0o640)
        if not folder.parent.exists():
            folder.parent.mkdir(parents=True)
            folder.parent.chmod(folder_mode)  # whatever the umask is
        scratch = folder.with_name(f".{folder.name}.new")
        if scratch.exists():
            shutil.rmtree(scratch)
        scratch.mkdir(0o700)
        for name, content in files.items():
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for path in (*scratch.rglob("*"), scratch):
            path.chmod(folder_mode if path.is_dir() else file_mode)
        if folder.exists():
            shutil.rmtree(folder)
        scratch.replace(folder)


class CourseList(ExchangeList):
    """nbgrader's list, which tells of submissions in the exchange only what their names say, and
    opens none of their files.
    """

    assignments: list[str]  # paths

    def init_dest(self) -> None:
        super().init_dest()
        if self.inbound:
            self.assignments = [path for path in self.assignments if self._is_submission(path)]

    def _is_submission(self, path: str) -> bool:
        """Whether an entry has the form of a submission, so that it can be listed and removed as
        one. Names every entry that has not.
        """
        name = os.path.basename(path)
        is_one = (
            name.isprintable()
            and name.count("+") >= 2
            and os.path.isdir(path)
            and not os.path.islink(path)
        )
        if not is_one:
            self.log.error(
                "%s is not what `nbgrader submit` leaves, and was passed over.", one_line(name)
            )
        return is_one

    def parse_assignments(self) -> list[dict[str, Any]]:
        if not self.inbound:
            own: list[dict[str, Any]] = super().parse_assignments()
            return own
        groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for path in self.assignments:
            info = self.parse_assignment(path)
            group = info["course_id"], info["student_id"], info["assignment_id"]
            groups[group].append(
                {
                    **info,
                    "path": path,
                    "status": "removed" if self.remove else "submitted",
                    "notebooks": [],
                    "has_local_feedback": False,
                    "has_exchange_feedback": False,
                    "feedback_updated": False,
                    "local_feedback_path": None,
                }
            )
        return [
            {
                "course_id": course,
                "student_id": student,
                "assignment_id": assignment,
                "status": submissions[0]["status"],
                "submissions": sorted(submissions, key=lambda info: info["timestamp"]),
            }
            for (course, student, assignment), submissions in sorted(groups.items())
        ]


def _time(nanoseconds: int) -> datetime:
    """A time in nanoseconds since 1970 as nbgrader stores times: in UTC, without a time zone, exact
    to microseconds.
    """
    seconds, rest = divmod(nanoseconds, 10**9)
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, microsecond=rest // 1000)


def _login(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}, who has no account"
