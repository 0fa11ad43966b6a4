"""The parent of all boxes: a warm Python with numpy that forks a locked box whenever the grader
asks for one.

Theory of operation. The grader starts one zygote (launch.py) and keeps a control socket to it. For
each box it sends one byte and one end of a socket pair; the zygote forks, and answers with the
box's pidfd. The child locks itself (confine.py), keeps nothing but its own socket, and serves
(worker.py). When the grader has killed a box, or sees that it has ended, it asks for the exit
status; the zygote reaps the box and removes its folder. Files that are the same for all boxes are
given to the zygote once.

Student code never runs in the zygote, which stays single-threaded so that forking is safe. All
boxes end with the zygote, and it ends when the grader closes the control socket or dies. Any error
in here ends it, too: the grader notices, and starts another. Runs inside the sandbox: standard
library and numpy only.

    zygote.py CONTROL_FD LEVEL UID SCRATCH SITE_PACKAGES READABLE...

UID is the user to become if root has started it, SCRATCH the folder that holds the boxes' folders,
and READABLE a path that boxes may read.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

FORK, REAP, GIVE, READY = b"F", b"R", b"G", b"!"
FORKED = struct.Struct("<i")  # a box's pid in here
ENDED = struct.Struct("<i?")  # a box's wait status, and whether its folder was removed
SCRATCH_SIZE, SCRATCH_FILES = 128 << 20, 4_096  # bytes; files and folders
# The most files and folders that are removed one by one, and how deep they may lie. Beyond that,
# the grader starts a new sandbox.
_MAX_LEFT, _MAX_DEPTH = 1_000, 6

_libc = ctypes.CDLL(None, use_errno=True)
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_CAPABILITY_VERSION = 0x20080522


def main() -> None:
    control_fd, level, uid, scratch, site_packages, *readable = sys.argv[1:]
    if level == "A":
        _mount(scratch)
    _drop_privileges(int(uid))
    sys.path.insert(0, site_packages)
    # Python's modules have nothing to put right in a fork: this process has one thread and holds no
    # lock, and a box seeds its generators of random numbers itself.
    os.register_at_fork = lambda **hooks: None
    import resource  # noqa: F401  (what each box needs is imported here, once)

    import confine
    import module_state
    import numpy.linalg
    import numpy.random  # noqa: F401  (numpy loads both lazily)
    import to_box
    import warm_up
    import worker

    sys.path.remove(site_packages)  # numpy finds its own; nothing else in there is for students
    warm_up.warm_up()
    lock = confine.Lock(level, readable)
    control = socket.socket(fileno=int(control_fd))
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.environ.clear()
    folders: dict[int, str] = {}  # of each living box
    # Where a box finds other names in this cache, the kernel copies the pages of these names, too.
    sys._clear_type_cache()
    gc.collect()
    gc.freeze()  # what is shared with the boxes stays shared
    socket.send_fds(control, [READY], [os.pidfd_open(os.getpid())])
    while True:
        message, received, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            os._exit(0)
        if message[:1] == FORK:
            folder = f"{scratch}/{os.urandom(8).hex()}"
            os.mkdir(folder, 0o700)
            pid = os.fork()
            if pid == 0:
                _run_box(lock, worker, control.fileno(), received[0], folder)
            folders[pid] = folder
            os.close(received[0])
            pidfd = os.pidfd_open(pid)
            socket.send_fds(control, [FORKED.pack(pid)], [pidfd])
            os.close(pidfd)
        elif message[:1] == GIVE:
            _, files = to_box.read(functools.partial(os.read, received[0]))
            worker.given = module_state.Given(files)
            os.close(received[0])
        elif message[:1] == REAP:
            (pid,) = FORKED.unpack(message[1:])
            folder = folders.pop(pid)
            # Does nothing if it has ended by itself: until it is reaped, the pid stays its own.
            os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
            control.send(ENDED.pack(status, _removed(folder)))


def _mount(scratch: str) -> None:
    """Mount a file system in memory for the boxes' files, with caps on bytes and files."""
    options = f"size={SCRATCH_SIZE},nr_inodes={SCRATCH_FILES},mode=1777".encode()
    if _libc.mount(
        b"tmpfs", scratch.encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, options
    ):
        sys.exit(f"mount: {os.strerror(ctypes.get_errno())}")


def _drop_privileges(uid: int) -> None:
    """Give up all capabilities and, if root has started this, root's uid, for good."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    if _libc.capset(struct.pack("<Ii", _CAPABILITY_VERSION, 0), bytes(24)):
        sys.exit(f"capset: {os.strerror(ctypes.get_errno())}")


def _run_box(
    lock: Callable[[str], None], worker: ModuleType, control: int, fd: int, folder: str
) -> None:
    try:
        os.close(control)
        os.chdir(folder)
        os.environ["HOME"] = os.environ["TMPDIR"] = folder
        try:
            lock(folder)
        # Until READY is written, a failure is the grader's; from then on it is the student's.
        except Exception as error:
            os.write(fd, str(error).encode()[:1_000])
            os._exit(1)
        os.closerange(0, fd)
        os.closerange(fd + 1, 256)
        for _ in range(3):
            # Each box opens its own streams, since a fork would share the flags of an open file.
            os.open(os.devnull, os.O_RDWR)
        os.write(fd, READY)
        worker.Server(fd, folder).serve()
    finally:
        os._exit(1)


def _removed(folder: str) -> bool:
    """Remove the folder of a box. Returns False where that would take long, or is refused."""
    try:
        _remove(folder, _MAX_DEPTH, iter(range(_MAX_LEFT)))
    except OSError:
        return False
    return True


def _remove(folder: str, depth: int, budget: Iterator[int]) -> None:
    os.chmod(folder, 0o700)  # a box may have made it unreadable
    with os.scandir(folder) as entries:
        for entry in entries:
            if depth == 0 or next(budget, None) is None:
                raise OSError("too much")
            if entry.is_dir(follow_symlinks=False):
                _remove(entry.path, depth - 1, budget)
            else:
                os.unlink(entry.path)
    os.rmdir(folder)


if __name__ == "__main__":
    main()
