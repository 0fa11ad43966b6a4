"""nbgrader's exchange, with students who leave anything in it."""

import errno
import logging
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.utils import notebook_hash

from cs231n_utils.exercises import ASSIGNMENT
from grader.gradebook import exchange, exchange_feedback, gradebook
from grader.intake import safe_files

SECRET = "what only staff may read"
WORK = {
    "cs231n_utils/softmax.py": b"def softmax_loss_naive(): ...",
    "2_svm.ipynb": b"{}",
    "submission_secret.txt": b"5e" * 64,
}
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can make files of another user")


class Course:
    """A course folder, and an exchange with an inbound folder, as nbgrader makes them."""

    def __init__(self, root):
        self.root = root / "course"
        self.root.mkdir(0o700)
        (self.root / "secret.txt").write_text(SECRET)
        self.inbound = root / "exchange" / "cs231n" / "inbound"
        self.inbound.mkdir(parents=True)
        self.config = gradebook.course_config()
        self.config.Exchange.root = str(root / "exchange")
        # All files are of the user who runs the tests.
        self.config.ExchangeCollect.check_owner = False
        self.config.CourseDirectory.merge(
            {"root": str(self.root), "assignment_id": ASSIGNMENT, "db_url": "sqlite://"}
        )

    def hand_in(
        self, student, files=WORK, time="2026-11-23 10:00:00.000000 UTC", letters="Kq_4x-3b"
    ):
        """What `nbgrader submit` leaves in the exchange."""
        entry = self.inbound / f"{student}+{ASSIGNMENT}+{time}+{letters}"
        for name, content in {"timestamp.txt": time.encode(), **files}.items():
            (entry / name).parent.mkdir(parents=True, exist_ok=True)
            (entry / name).write_bytes(content)
        entry.chmod(0o777)  # as the last step; after it nothing changes
        return entry

    def run(self, step, **options):
        """What an exchange class of nbgrader's logs while it runs."""
        log = logging.Logger("tests.exchange")  # noqa: LOG001 - a new one each time
        lines = []
        log.addFilter(lambda record: lines.append(record.getMessage()))
        one = getattr(ExchangeFactory(config=self.config), step)(
            coursedir=CourseDirectory(config=self.config), log=log
        )
        for name, value in options.items():
            setattr(one, name, value)
        one.start()
        return "\n".join(lines)

    def collect(self, **options):
        return self.run("Collect", **options)

    def submitted(self, student):
        return self.root / "submitted" / student / ASSIGNMENT

    def files(self, student):
        """What was collected of a student, but for the two files in which the collector states the
        time.
        """
        folder = self.submitted(student)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name not in (gradebook.TIME_FILE, gradebook.SEAL_FILE)
        }

    def holds_secret(self):
        return [
            path
            for path in (self.root / "submitted").rglob("*")
            if path.is_symlink() or (path.is_file() and SECRET.encode() in path.read_bytes())
        ]


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def changed(path):
    """When a file or folder last changed, as the collector notes it."""
    return datetime.fromtimestamp(path.stat().st_ctime_ns // 1000 / 1e6, UTC).replace(tzinfo=None)


def is_about(time, other):
    # Floating-point seconds of this century are that exact.
    return abs(time - other) < timedelta(microseconds=5)


def rewrite(path, content):
    """Write into a file until the file system's clock has moved on."""
    before = path.stat().st_ctime_ns
    while path.stat().st_ctime_ns == before:
        path.write_bytes(content)


def test_what_nbgrader_submit_left_is_collected_whole(course):
    course.hand_in("ann")
    log = course.collect()
    assert course.files("ann") == WORK
    assert "Collected: ann" in log and "left out" not in log and "skipped" not in log


def test_nobody_else_can_read_what_was_collected(course):
    course.hand_in("ann")
    course.collect()
    assert not [
        path
        for path in (course.root / "submitted" / "ann", *course.submitted("ann").rglob("*"))
        if path.stat().st_mode & 0o007
    ]


# --- what lies in a submission --------------------------------------------------------------------


def _socket(path, course):
    with socket.socket(socket.AF_UNIX) as one:
        here = os.getcwd()
        os.chdir(path.parent)  # a socket's path is short
        try:
            one.bind(path.name)
        finally:
            os.chdir(here)


def _sparse(path, course):
    path.touch()
    os.truncate(path, 1 << 40)


def _deep(path, course):
    (path / "/".join("abcdefghijkl")).mkdir(parents=True)


ODD = {
    "a link to a file of staff": (
        lambda path, course: path.symlink_to(course.root / "secret.txt"),
        "is a link",
    ),
    "a link to a folder of staff": (lambda path, course: path.symlink_to(course.root), "is a link"),
    "a link to itself": (lambda path, course: path.symlink_to(path), "is a link"),
    "a link to a device": (lambda path, course: path.symlink_to("/dev/zero"), "is a link"),
    "a link to nothing": (lambda path, course: path.symlink_to("nothing"), "is a link"),
    "a pipe": (lambda path, course: os.mkfifo(path), "is not an ordinary file"),
    "a socket": (_socket, "cannot be read"),
    "a huge file of zeros": (_sparse, "has 1099511627776 bytes, more than"),
    "folders without end": (_deep, "lies more than 8 folders deep"),
}


@pytest.mark.parametrize(
    "where",
    ["cs231n_utils/linear_svm.py", "1_gradient_check.ipynb", "submission_secret.txt", "a/b/c"],
)
@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_ordinary_file_is_left_out_and_named(course, kind, where):
    make, why = ODD[kind]
    work = {name: content for name, content in WORK.items() if name != where}
    entry = course.hand_in("eve", work)
    course.hand_in("zoe")
    (entry / where).parent.mkdir(parents=True, exist_ok=True)
    make(entry / where, course)
    log = course.collect()
    assert (course.files("eve"), course.files("zoe")) == (work, WORK)
    assert not course.holds_secret()
    assert any(line.startswith(f"eve: {where}") and why in line for line in log.splitlines()), log


@pytest.mark.parametrize("name", ["timestamp.txt", ".timestamp.hmac"])
@pytest.mark.parametrize("kind", ["a link to a file of staff", "a link to a device", "a pipe"])
def test_whatever_stands_for_the_time_is_not_looked_at(course, name, kind):
    entry = course.hand_in("eve")
    (entry / name).unlink(missing_ok=True)
    ODD[kind][0](entry / name, course)
    course.collect()
    assert gradebook.handed_in(course.submitted("eve")) and not course.holds_secret()


def test_a_name_that_would_act_on_a_terminal_is_left_out(course):
    course.hand_in("eve", {**WORK, "\x1b]0;owned\x07.py": b"", "\udcff.py": b""})
    log = course.collect()
    assert course.files("eve") == WORK
    assert "\x1b" not in log and "�]0;owned�.py has a name that cannot be shown" in log


def test_what_is_named_of_one_student_does_not_bury_the_others(course):
    entry = course.hand_in("eve")
    for k in range(1000):
        (entry / f"{k}.py").symlink_to("nothing")
    log = course.collect()
    assert (
        log.count("is a link") == exchange.MAX_NAMED
        and f"eve: {1000 - exchange.MAX_NAMED} more were left out" in log
    )


def test_a_folder_with_too_many_files_is_read_as_far_as_the_cap(course, monkeypatch):
    monkeypatch.setattr(safe_files, "MAX_ENTRIES", 20)
    course.hand_in("eve", {f"{folder}/{k}.py": b"" for folder in "abc" for k in range(30)})
    course.hand_in("zoe")
    log = course.collect()
    assert len(course.files("eve")) <= 20 and "holds too many files" in log
    assert course.files("zoe") == WORK


def test_files_beyond_the_size_of_a_submission_are_left_out(course):
    course.config.CourseDirectory.max_dir_size = 10  # kB
    course.hand_in("eve", {f"{k}.py": bytes(4000) for k in range(4)})
    log = course.collect()
    assert (
        sorted(course.files("eve")) == ["0.py", "1.py"]
        and "eve: 2.py has 4000 bytes, more than 2000" in log
    )


def test_what_the_course_ignores_is_not_collected_and_not_named(course):
    course.hand_in(
        "ann",
        {
            **WORK,
            "__pycache__/x.py": b"",
            "cifar-10-python.tar.gz": b"",
            "a/.ipynb_checkpoints/b.ipynb": b"",
        },
    )
    assert "left out" not in course.collect() and course.files("ann") == WORK


@needs_root
def test_a_hard_link_to_a_file_of_another_user_is_left_out(course):
    entry = course.hand_in("eve")
    for path in (entry, *entry.rglob("*")):
        os.chown(path, 1, 1)
    # As root; the kernel may forbid it to others.
    os.link(course.root / "secret.txt", entry / "helper.py")
    log = course.collect()
    assert course.files("eve") == WORK and "eve: helper.py belongs to another user (id 0)" in log


# --- what changes while it is read ----------------------------------------------------------------


def swap_before(monkeypatch, function, name, swap):
    """Have `swap` run just before the collector calls a function of safe_files for this name, after
    it has looked at it.
    """
    original = getattr(safe_files, function)

    def swapping(called, *arguments):
        if called == name:
            swap()
        return original(called, *arguments)

    for module in (safe_files, exchange):
        monkeypatch.setattr(module, function, swapping, raising=False)


@pytest.mark.parametrize("kind", ["a link to a file of staff", "a link to a device", "a pipe"])
def test_a_file_that_is_swapped_before_it_is_opened_is_left_out(course, monkeypatch, kind):
    path = course.hand_in("eve", {**WORK, "helper.py": b"mine"}) / "helper.py"
    course.hand_in("zoe")
    swap_before(
        monkeypatch, "open_file", "helper.py", lambda: (path.unlink(), ODD[kind][0](path, course))
    )
    assert f"eve: helper.py {ODD[kind][1]}" in course.collect()
    assert (course.files("eve"), course.files("zoe")) == (WORK, WORK)
    assert not course.holds_secret()


def test_a_file_that_is_swapped_after_it_is_opened_is_the_one_that_was_opened(course, monkeypatch):
    path = course.hand_in("eve", {"helper.py": b"mine"}) / "helper.py"

    def swapping(file, most):
        path.unlink()
        path.symlink_to(course.root / "secret.txt")
        return original(file, most)

    original = safe_files.read
    monkeypatch.setattr(safe_files, "read", swapping)
    course.collect()
    assert course.files("eve") == {"helper.py": b"mine"} and not course.holds_secret()


def test_a_folder_that_is_swapped_for_a_link_is_left_out(course, monkeypatch):
    entry = course.hand_in("eve")
    (course.root / "cs231n_utils").mkdir()
    (course.root / "cs231n_utils" / "softmax.py").write_text(SECRET)

    def swap():
        shutil.rmtree(entry / "cs231n_utils")
        (entry / "cs231n_utils").symlink_to(course.root / "cs231n_utils")

    swap_before(monkeypatch, "open_folder", "cs231n_utils", swap)
    assert "eve: cs231n_utils is not a folder, or a link to one" in course.collect()
    assert "cs231n_utils/softmax.py" not in course.files("eve") and not course.holds_secret()


@pytest.mark.parametrize(
    "make",
    [
        lambda entry, course: entry.symlink_to(course.root),
        lambda entry, course: entry.touch(),
        lambda entry, course: os.mkfifo(entry),
        lambda entry, course: None,
    ],
)
def test_a_submission_that_is_swapped_or_gone_is_skipped_and_named(course, monkeypatch, make):
    entry = course.hand_in("eve")
    course.hand_in("zoe")
    swap_before(
        monkeypatch, "open_folder", entry.name, lambda: (shutil.rmtree(entry), make(entry, course))
    )
    log = course.collect()
    assert f"{entry.name} " in log and "was skipped" in log
    assert course.files("zoe") == WORK and not course.submitted("eve").exists()


def test_a_file_that_grows_while_it_is_read_is_read_as_far_as_its_cap(tmp_path):
    (tmp_path / "small").touch()

    class Growing(BytesIO):
        def fileno(self):
            return descriptor

    descriptor = os.open(tmp_path / "small", os.O_RDONLY)
    try:
        growing = Growing(bytes(1_000_000))
        with pytest.raises(safe_files.Unreadable, match="has 101 bytes, more than 100"):
            safe_files.read(growing, 100)
        assert growing.tell() == 101
    finally:
        os.close(descriptor)


# --- whose it is, and what is no submission -------------------------------------------------------

SOME_TIME = "2026-11-23 10:00:00.000000 UTC"


@pytest.mark.parametrize(
    "name",
    [
        f"eve+{ASSIGNMENT}+no time at all",
        f"eve+{ASSIGNMENT}+",
        f"+{ASSIGNMENT}+{SOME_TIME}",
        f"..+{ASSIGNMENT}+{SOME_TIME}",
        f".hidden+{ASSIGNMENT}+{SOME_TIME}",
        f"<img src=x onerror=owned()>+{ASSIGNMENT}+{SOME_TIME}",
        f"\x1b[2J+{ASSIGNMENT}+{SOME_TIME}",
        f"eve\n+{ASSIGNMENT}+{SOME_TIME}",
    ],
)
def test_a_folder_with_a_name_that_nbgrader_submit_never_gives_is_skipped_and_named(course, name):
    (course.inbound / name).mkdir()
    (course.inbound / name / "evil.py").touch()
    course.hand_in("zoe")
    log = course.collect()
    assert course.files("zoe") == WORK
    assert os.listdir(course.root / "submitted") == ["zoe"] and sorted(os.listdir(course.root)) == [
        "secret.txt",
        "submitted",
    ]
    assert f"+{ASSIGNMENT}+" in log and "was skipped" in log and "\x1b" not in log


@pytest.mark.parametrize(
    "kind",
    [
        "a link to a folder of staff",
        "a link to a device",
        "a link to nothing",
        "a pipe",
        "a socket",
    ],
)
def test_what_is_no_folder_is_skipped_and_named(course, kind):
    ODD[kind][0](course.inbound / f"eve+{ASSIGNMENT}+{SOME_TIME}+x", course)
    course.hand_in("zoe")
    log = course.collect()
    assert course.files("zoe") == WORK and not course.submitted("eve").exists()
    assert f"eve+{ASSIGNMENT}+{SOME_TIME}+x is " in log and "was skipped" in log


@pytest.mark.parametrize(
    "student", ["ann", "ann+lee", "ann.lee@example.org", "Zoë O'Brien", "a+b+c"]
)
def test_a_students_name_may_be_what_it_is(course, student):
    course.hand_in(student)
    course.collect()
    assert course.files(student) == WORK


@pytest.mark.parametrize(
    "time, letters",
    [
        (SOME_TIME, "x"),
        ("2026-11-23T10:00:00+0100", "x"),
        ("2026-11-23 10:00:00 +03", "x"),
        ("23 Nov 2026 10:00", "x"),
        (SOME_TIME, "a+b+c"),
    ],
)
def test_a_course_may_write_times_as_it_likes(course, time, letters):
    course.hand_in("ann", time=time, letters=letters)
    course.collect()
    assert course.files("ann") == WORK


def test_submissions_of_other_assignments_are_passed_over(course):
    (course.inbound / f"ann+another+{SOME_TIME}+x").mkdir()
    log = course.collect()
    assert "No submissions" in log and "skipped" not in log


def test_one_student_can_be_collected_alone(course):
    course.hand_in("ann")
    course.hand_in("bob")
    course.config.CourseDirectory.student_id = "bob"
    course.collect()
    assert os.listdir(course.root / "submitted") == ["bob"]


def test_nobody_hands_in_as_somebody_else(course):
    course.config.ExchangeCollect.check_owner = True
    me = pwd.getpwuid(os.getuid()).pw_name
    course.hand_in(me)
    forged = course.hand_in("ann", {"evil.py": b""}, time="2030-01-01 00:00:00.000000 UTC")
    log = course.collect()
    assert os.listdir(course.root / "submitted") == [me]
    assert f"{forged.name} says that ann handed it in, but belongs to {me}" in log


@needs_root
def test_a_forged_hand_in_does_not_hide_the_students_own(course):
    course.config.ExchangeCollect.check_owner = True
    own = course.hand_in("daemon")
    for path in (own, *own.rglob("*")):
        os.chown(path, pwd.getpwnam("daemon").pw_uid, -1)
    nobody = course.hand_in("daemon", {"evil.py": b""}, time="2030-01-01 00:00:00.000000 UTC")
    os.chown(nobody, 123_456, -1)
    log = course.collect()
    assert course.files("daemon") == WORK
    assert "belongs to user 123456, who has no account" in log


def test_thousands_of_odd_entries_are_named_in_a_few_lines(course):
    for k in range(3000):
        (course.inbound / f"eve+{ASSIGNMENT}+{k} is no time").touch()
    course.hand_in("zoe")
    log = course.collect()
    assert (
        len(log.splitlines()) < 20
        and f"{3000 - exchange.MAX_NAMED} more folders or files were skipped" in log
    )
    assert course.files("zoe") == WORK


def test_without_the_courses_secret_nothing_is_collected(course, monkeypatch):
    def unusable():
        raise ValueError(".course_secret is empty.")

    monkeypatch.setattr(exchange, "course_secret", unusable)
    course.hand_in("ann")
    with pytest.raises(ExchangeError, match=r"Nothing was collected, because .*secret is empty"):
        course.collect()
    assert not course.submitted("ann").exists()


@pytest.mark.parametrize("step", ["cs231n", "inbound"])
def test_an_exchange_whose_folders_are_links_is_not_collected_from(course, step):
    folder = next(path for path in (course.inbound, course.inbound.parent) if path.name == step)
    folder.symlink_to(folder.rename(folder.parent.parent / "elsewhere"))
    with pytest.raises(ExchangeError, match="inbound: cannot be collected from"):
        course.collect()


@needs_root
def test_an_ordinary_user_beside_a_closed_course_reads_nothing_and_stops_nobody():
    """The hostile hand-ins are made by another user than the one who collects, and who alone may
    enter the course's folder.
    """
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # pytest's own is closed to others
        root = Path(folder)
        root.chmod(0o755)
        course = Course(root)
        course.config.ExchangeCollect.check_owner = True
        course.inbound.chmod(0o733)  # as nbgrader makes it
        me, eve = pwd.getpwuid(0).pw_name, "daemon"
        course.hand_in(me)
        entry = course.inbound / f"{eve}+{ASSIGNMENT}+2020-01-01 00:00:00.000000 UTC+x"
        script = """
            ! cat ../../../course/secret.txt && ! ls . && mkdir -p "$1/cs231n_utils" && cd "$1"
            echo mine > helper.py && ln -s "$2/course/secret.txt" cs231n_utils/softmax.py
            ln -s "$2/course" everything && ln -s /dev/zero zero.py && truncate -s 1T huge.ipynb
            mkfifo timestamp.txt submission_secret.txt && ln "$2/course/secret.txt" hard.py
            cd .. && mkdir "$3+$4+no time" && mkfifo "$3+$4+2026-11-23 10:00:00 UTC+pipe"
            mkdir "root+$4+2030-01-01 00:00:00.000000 UTC+forged"
            test -p "$1/submission_secret.txt"
            """
        subprocess.run(
            ["sh", "-c", script, "-", entry.name, root, eve, ASSIGNMENT],
            cwd=course.inbound,
            user=eve,
            group=eve,
            extra_groups=[],
            check=True,
            capture_output=True,
        )
        log = course.collect()
        assert (course.files(me), course.files(eve)) == (WORK, {"helper.py": b"mine\n"})
        assert is_about(gradebook.handed_in(course.submitted(eve)), changed(entry))
        assert not course.holds_secret()
        for named in (
            "cs231n_utils/softmax.py is a link",
            "everything is a link",
            "zero.py is a link",
            "huge.ipynb has",
            "submission_secret.txt is not an ordinary file",
            "no time has no time",
            "+pipe is not a folder",
            f"+forged says that root handed it in, but belongs to {eve}",
        ):
            assert named in log, named


# --- when it was handed in ------------------------------------------------------------------------


def test_the_time_that_counts_is_the_file_systems_and_not_the_students(course):
    entry = course.hand_in(
        "eve",
        {**WORK, "timestamp.txt": b"2020-01-01 00:00:00.000000 UTC", ".timestamp.hmac": b"0" * 64},
        time="2020-01-01 00:00:00.000000 UTC",
    )
    course.collect()
    time = gradebook.handed_in(course.submitted("eve"))
    assert is_about(time, changed(entry))
    assert (course.submitted("eve") / "timestamp.txt").read_text() == time.strftime(
        "%Y-%m-%d %H:%M:%S.%f UTC"
    )


def test_what_was_rewritten_later_in_place_was_handed_in_later(course):
    entry = course.hand_in("eve")
    before = changed(entry)
    rewrite(entry / "cs231n_utils" / "softmax.py", b"after the deadline")
    assert changed(entry) == before  # the folder shows nothing of it
    course.collect()
    assert is_about(
        gradebook.handed_in(course.submitted("eve")), changed(entry / "cs231n_utils" / "softmax.py")
    )


def hand_in_twice(course, student="ann"):
    """A first submission whose name says that it is the later one, and then a second."""
    first = course.hand_in(student, {"first.py": b""}, time="2030-01-01 00:00:00.000000 UTC")
    second = course.hand_in(student, {"second.py": b""}, time="2020-01-01 00:00:00.000000 UTC")
    while second.stat().st_ctime_ns == first.stat().st_ctime_ns:
        second.chmod(0o777)
    return first, second


def test_the_latest_submission_is_that_of_the_file_system(course):
    hand_in_twice(course)
    course.collect()
    assert list(course.files("ann")) == ["second.py"]


def test_the_latest_before_the_due_date_is_that_of_the_file_system(course, monkeypatch):
    first, _ = hand_in_twice(course)
    monkeypatch.setattr(
        exchange.CourseCollect, "_due", lambda self: changed(first) + timedelta(microseconds=5)
    )
    course.collect(before_duedate=True)
    assert list(course.files("ann")) == ["first.py"]


def test_who_is_late_altogether_is_collected_all_the_same(course, monkeypatch):
    hand_in_twice(course)
    monkeypatch.setattr(exchange.CourseCollect, "_due", lambda self: datetime(2020, 1, 1))
    course.collect(before_duedate=True)
    assert list(course.files("ann")) == ["second.py"]


@pytest.mark.parametrize("update", [False, True])
def test_a_newer_submission_replaces_the_older_one_if_that_was_asked_for(course, update):
    second = hand_in_twice(course)[1]
    second.rename(course.inbound / "away")
    course.collect()
    (course.inbound / "away").rename(second)
    rewrite(second / "second.py", b"")
    second.chmod(0o777)
    course.collect(update=update)
    assert list(course.files("ann")) == ["second.py" if update else "first.py"]
    assert "No newer submission" in course.collect(update=True) or not update


def test_an_update_replaces_what_has_no_time_of_ours(course):
    course.hand_in("ann")
    course.submitted("ann").mkdir(parents=True)
    (course.submitted("ann") / "timestamp.txt").write_text("2099-01-01 00:00:00.000000 UTC")
    course.collect(update=True)
    assert course.files("ann") == WORK


# --- where it is put ------------------------------------------------------------------------------


@pytest.mark.parametrize("link", [Path("ann"), Path("ann", ASSIGNMENT)])
def test_nothing_is_written_through_a_link_in_submitted(course, tmp_path, link):
    (tmp_path / "elsewhere").mkdir()
    (course.root / "submitted" / link).parent.mkdir(parents=True)
    (course.root / "submitted" / link).symlink_to(tmp_path / "elsewhere")
    course.hand_in("ann")
    course.hand_in("zoe")
    assert "is a link; remove the link" in course.collect(update=True)
    assert not os.listdir(tmp_path / "elsewhere") and course.files("zoe") == WORK


def test_a_full_disk_is_said_and_leaves_what_was_there(course, monkeypatch):
    course.hand_in("ann", {"old.py": b""})
    course.collect()
    entry = course.hand_in("ann", letters="later")
    rewrite(entry / "2_svm.ipynb", b"{}")
    entry.chmod(0o777)
    with monkeypatch.context() as patch:
        patch.setattr(
            Path,
            "write_bytes",
            lambda *arguments: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left")),
        )
        with pytest.raises(ExchangeError, match="cannot be written \\(No space left\\)"):
            course.collect(update=True)
    assert list(course.files("ann")) == ["old.py"]
    course.collect(update=True)
    assert course.files("ann") == WORK and os.listdir(course.root / "submitted" / "ann") == [
        ASSIGNMENT
    ]


def test_a_group_that_shares_the_course_can_change_what_was_collected(course):
    course.config.CourseDirectory.groupshared = True
    course.hand_in("ann")
    course.collect()
    modes = {
        path.stat().st_mode & 0o7777 for path in (course.root / "submitted" / "ann").rglob("*")
    }
    assert modes == {0o2770, 0o660}


# --- what is told without collecting --------------------------------------------------------------


def listed(course, **options):
    log = course.run("List", inbound=True, **options)
    return {
        name
        for name in ("ann", "eve", "zoe")
        if f"cs231n {name} {ASSIGNMENT} {SOME_TIME} (no feedback" in log
    }, log


@pytest.mark.parametrize("where", ["2_svm.ipynb", "submission_secret.txt"])
@pytest.mark.parametrize("kind", ODD)
def test_a_list_of_what_was_handed_in_opens_nothing(course, kind, where):
    ODD[kind][0](course.hand_in("eve", {}) / where, course)
    course.hand_in("zoe")
    assert listed(course)[0] == {"eve", "zoe"}


@pytest.mark.parametrize("kind", ["a link to a folder of staff", "a link to nothing", "a pipe"])
def test_what_is_no_submission_is_named_in_the_list_and_stops_neither_it_nor_removing(course, kind):
    ODD[kind][0](course.inbound / f"eve+{ASSIGNMENT}+{SOME_TIME}", course)
    (course.inbound / f"\x1b[2J+{ASSIGNMENT}+{SOME_TIME}").mkdir()
    course.hand_in("ann")
    names, log = listed(course)
    assert names == {"ann"} and "\x1b" not in log
    assert f"eve+{ASSIGNMENT}+{SOME_TIME} is not what `nbgrader submit` leaves" in log
    course.run("List", inbound=True, remove=True)
    assert len(os.listdir(course.inbound)) == 2 and (course.root / "secret.txt").exists()


# --- feedback -------------------------------------------------------------------------------------


def generated(course, student, secret=WORK["submission_secret.txt"]):
    """What generate_feedback leaves for a student."""
    folder = course.root / "feedback" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / "2_svm.html").write_text(f"for {student}")
    if secret is not None:
        (folder / "submission_secret.txt").write_bytes(secret)
    return folder


@pytest.mark.parametrize(
    "secret", [None, b"", b"short", b"5e" * 64 + b"\n", b"../" * 20, b"\xff" * 64, b"5" * 201]
)
def test_a_student_without_a_secret_is_named_and_stops_nobody(course, secret):
    generated(course, "ann", b"aa" * 64)
    generated(course, "eve", secret)
    generated(course, "zoe", b"bb" * 64)
    log = course.run("ReleaseFeedback")
    released = {
        path.stem: path.read_text() for path in (course.inbound.parent / "feedback").iterdir()
    }
    assert released == {
        notebook_hash(secret="aa" * 64, notebook_id="2_svm"): "for ann",
        notebook_hash(secret="bb" * 64, notebook_id="2_svm"): "for zoe",
    }
    assert "eve: feedback was not released" in log


@pytest.mark.parametrize(
    "kind", ["a link to a file of staff", "a link to a device", "a pipe", "a huge file of zeros"]
)
def test_a_secret_that_is_no_ordinary_file_is_none(course, kind):
    folder = generated(course, "eve", None)
    ODD[kind][0](folder / "submission_secret.txt", course)
    assert exchange_feedback.submission_secret(folder) is None


def test_feedback_is_withheld_from_whom_the_course_excludes(course):
    generated(course, "ann")
    course.config.CourseDirectory.student_id_exclude = "ann,bob"
    course.run("ReleaseFeedback")
    assert not os.listdir(course.inbound.parent / "feedback")
