"""Levels B and C, for a machine without bubblewrap: a plain process, and a folder on disk.

At level B, Landlock and seccomp (confine.py) keep the promises. There is no private root: student
code may see that a file exists, and may read Python's own libraries, but nothing else. At level C
it meets only limits. The folder lies in the system's temporary folder; in it are `code`, a copy of
`inside/`, and `scratch`, which holds a folder for each box.
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
    """A folder for all sandboxes of a run. It is removed at the end of the run, or by the next run
    if this one is killed.
    """
    import fcntl  # not on Windows, where requirements.py says why not

    for folder in Path(tempfile.gettempdir()).glob("grader-run-*"):
        with contextlib.suppress(OSError):  # in use, another user's, or gone
            # O_DIRECTORY, since opening a FIFO would wait for its other end.
            descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(descriptor).st_uid == os.geteuid():  # root could remove anybody's
                    _remove(folder)
            finally:
                os.close(descriptor)
    while True:
        made = tempfile.mkdtemp(prefix="grader-run-")
        # The new folder is gone if another run took it for an old one before it was locked.
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(made, os.O_RDONLY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.isdir(made):
                break
            os.close(descriptor)
    try:
        os.chmod(made, 0o711)  # student code may run as another user
        yield made
    finally:
        _remove(Path(made))
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
            # Boxes that root starts run as another user.
            self._scratch.chmod(0o1777 if os.getuid() == 0 else 0o700)
        except BaseException:
            self.remove()
            raise

    def command(self, control_fd: int, level: str) -> list[str]:
        """The command that starts a zygote in this folder. Raises SandboxUnavailable where student
        code could not run, or could read the grader.
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
        """The check for a new box. It raises a fault when boxes have written more to disk than
        the file system in memory of level A would take.
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
            # A file that was deleted while it is open is in no folder, but takes space. Other
            # programs fill the disk as well, so this is not called the student's fault.
            if free - _free(self._scratch) > _LOST:
                raise SandboxFault(
                    f"the disk lost more than {_LOST >> 20} MB while this ran; student code can do"
                    " that with files that are deleted and still open"
                )

        return check

    def remove(self) -> None:
        """Remove the folder with everything that boxes have left in it."""
        _remove(self._folder)


def _remove(folder: Path) -> None:
    """Remove a folder of any depth, even if folders in it are closed to their owner. The two
    commands do that better than `shutil.rmtree`.
    """
    for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        subprocess.run(
            [*command, "--", str(folder)],
            env={"PATH": os.defpath},
            stderr=subprocess.DEVNULL,
            check=False,
        )


def _sizes(folder: str) -> Iterator[int]:
    """The bytes on disk of each file and folder below a folder; skips what vanishes meanwhile."""
    todo = [folder]
    while todo:
        try:
            with _listing(todo.pop()) as entries:
                for entry in entries:
                    # This entry is gone by now; go on with the next one.
                    with contextlib.suppress(FileNotFoundError):
                        yield entry.stat(follow_symlinks=False).st_blocks * 512
                        if entry.is_dir(follow_symlinks=False):
                            todo.append(entry.path)
        except FileNotFoundError:
            continue
        except OSError:
            raise StudentFault("made folders that cannot be listed.") from None


def _listing(folder: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
    try:
        return os.scandir(folder)
    except PermissionError:  # a box that runs as our user may have closed it
        os.chmod(folder, 0o700)
        return os.scandir(folder)


def _free(folder: Path) -> int:
    """The bytes that are free on the file system of a folder."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def _refuse_if_readable(grader: Path, readable: list[Path]) -> None:
    for path in readable:
        # This grader or another copy of it may be installed in there.
        if grader.is_relative_to(path.resolve()) or any(
            any(path.glob(f"{folder}grader/topics"))
            for folder in ("", "*-packages/", "python3*/*-packages/")
        ):
            raise SandboxUnavailable(
                f"the grader is installed in {path}, which student code must be able to read. "
                "Run it from a folder or a virtual environment of its own."
            )


def _refuse_if_closed(path: Path) -> None:
    """Raise SandboxUnavailable if student code, which is not root's, could not reach a path."""
    for folder in path.resolve().parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise SandboxUnavailable(
                f"only root may enter {folder}, and student code, which runs as another user, needs"
                f" {path}. Use a Python that all users can read, such as /usr/bin/python3, or start"
                " as another user."
            )
