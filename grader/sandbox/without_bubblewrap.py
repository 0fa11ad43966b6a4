"""Levels B and C, the sandbox on a machine without bubblewrap: a plain process, and a folder on
disk.

At level B, Landlock and seccomp (confine.py) hold what is promised. There is no private root:
student code may see that a file exists, and read Python's own libraries, but nothing else. At level
C nothing but limits stands in its way. The folder lies with other temporary files: `code`, which is
ours, and `scratch`, where boxes have their own folders.
"""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from grader.faults import SandboxFault, SandboxUnavailable, StudentFault
from grader.paths import GRADER
from grader.sandbox import runtime
from grader.sandbox.inside.zygote import SCRATCH_FILES, SCRATCH_SIZE

_LOST = 4 * SCRATCH_SIZE  # bytes that the disk may lose during a box's life, whoever wrote them


@contextlib.contextmanager
def folder_of_a_run() -> Iterator[str]:
    """A folder for all sandboxes of a run: it goes with the run, or with the next one if that was
    killed.
    """
    import fcntl  # not on Windows, where requirements.py says why not

    for folder in Path(tempfile.gettempdir()).glob("grader-run-*"):
        with contextlib.suppress(OSError):  # in use, not ours, or gone
            # A FIFO would be waited for.
            descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(descriptor).st_uid == os.geteuid():  # root could remove anybody's
                    _remove(folder)
            finally:
                os.close(descriptor)
    while True:
        ours = tempfile.mkdtemp(prefix="grader-run-")
        # Another run took it for an old one before it was locked.
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(ours, os.O_RDONLY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.isdir(ours):
                break
            os.close(descriptor)
    try:
        os.chmod(ours, 0o711)  # students' code may be another user's
        yield ours
    finally:
        _remove(Path(ours))
        os.close(descriptor)


class Home:
    """The folder of one sandbox; `remove` ends it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="grader-"))
        self._code, self._scratch = self._folder / "code", self._folder / "scratch"
        try:
            self._folder.chmod(0o755)
            for folder in (self._code, self._scratch):
                folder.mkdir()
            for path in runtime.CODE:
                (self._code / path.name).write_bytes(path.read_bytes())
            # Root's boxes are another user.
            self._scratch.chmod(0o1777 if os.getuid() == 0 else 0o700)
        except BaseException:
            self.remove()
            raise

    def command(self, control_fd: int, level: str) -> list[str]:
        """Start a zygote in here. Raises SandboxUnavailable where student code could not run, or
        could read the grader.
        """
        readable = [
            *runtime.libraries(),
            *runtime.stdlib(),
            *runtime.numpy(),
            *runtime.python_libraries(),
        ]
        if level == "B":
            _refuse_if_readable(GRADER, readable)
        if os.getuid() == 0:
            for path in [*readable, runtime.PYTHON, self._code]:
                _refuse_if_closed(path)
        return runtime.zygote(self._code, control_fd, level, self._scratch, readable)

    def watch(self) -> Callable[[], None]:
        """The check for a new box: raises when there is more on disk than a file system in
        memory would take.
        """
        free = _free(self._scratch)

        def check() -> None:
            size = 0
            for count, more in enumerate(_sizes(str(self._scratch)), start=1):
                size += more
                if count > SCRATCH_FILES or size > SCRATCH_SIZE:
                    raise StudentFault(
                        f"wrote more than {SCRATCH_FILES:,} files, or {SCRATCH_SIZE >> 20} MB of"
                        " them."
                    )
            # What is deleted while it is open stands in no folder. Others fill the disk, too: so
            # nobody is to blame.
            if free - _free(self._scratch) > _LOST:
                raise SandboxFault(
                    f"the disk lost more than {_LOST >> 20} MB while this ran; student code can do"
                    " that with files that are deleted and still open"
                )

        return check

    def remove(self) -> None:
        """Remove the folder, whatever boxes have left in it."""
        _remove(self._folder)


def _remove(folder: Path) -> None:
    """Remove a folder of any depth, with folders in it that are closed: what these commands are
    good at.
    """
    for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        subprocess.run(
            [*command, "--", str(folder)],
            env={"PATH": os.defpath},
            stderr=subprocess.DEVNULL,
            check=False,
        )


def _sizes(folder: str) -> Iterator[int]:
    """Bytes on disk of everything below a folder that is there long enough to be looked at."""
    todo = [folder]
    while todo:
        try:
            with _listing(todo.pop()) as entries:
                for entry in entries:
                    # This one is gone; those behind it count.
                    with contextlib.suppress(FileNotFoundError):
                        yield entry.stat(follow_symlinks=False).st_blocks * 512
                        if entry.is_dir(follow_symlinks=False):
                            todo.append(entry.path)
        except FileNotFoundError:
            continue
        except OSError:
            raise StudentFault("made folders that cannot be listed.") from None


def _listing(folder: str) -> AbstractContextManager[Iterator[os.DirEntry]]:
    try:
        return os.scandir(folder)
    except PermissionError:  # a box, who may be the same user as we are, has closed it
        os.chmod(folder, 0o700)
        return os.scandir(folder)


def _free(folder: Path) -> int:
    """Bytes that can still be written to the file system of a folder."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def _refuse_if_readable(grader: Path, readable: list[Path]) -> None:
    for path in readable:
        # This grader, or another copy of it that was installed there.
        if grader.is_relative_to(path.resolve()) or any(
            any(path.glob(f"{folder}grader/topics"))
            for folder in ("", "*-packages/", "python3*/*-packages/")
        ):
            raise SandboxUnavailable(
                f"the grader is installed in {path}, which student code must be able to read. "
                "Run it from a folder or a virtual environment of its own."
            )


def _refuse_if_closed(path: Path) -> None:
    """Student code runs as another user than root: it must get there."""
    for folder in path.resolve().parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise SandboxUnavailable(
                f"only root may enter {folder}, and student code, which runs as another user, needs"
                f" {path}. Use a Python that all users can read, such as /usr/bin/python3, or start"
                " as another user."
            )
