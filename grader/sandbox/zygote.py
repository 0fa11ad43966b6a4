"""The parent of all workers: a warm Python with numpy that forks a locked worker whenever the grader asks for one.

Theory of operation. The grader starts one zygote under bubblewrap (launch.py) and keeps a control socket to it. For each
worker it sends one byte and one end of a socket pair; the zygote forks, and answers with the worker's pidfd. The child
keeps nothing but its own socket, locks itself (confine.py) and serves (worker.py). When the grader has killed a worker, or
sees it gone, it asks for the exit status; the zygote reaps it and removes its folder. Student code never runs in the
zygote, which stays single-threaded so that forking is safe. Runs inside the sandbox: standard library and numpy only.

    zygote.py CONTROL_FD UID SITE_PACKAGES READABLE...
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
import sys

SCRATCH = "/scratch"  # not /tmp: Python itself may be installed below it
FORK, REAP, READY = b"F", b"R", b"!"


def main() -> None:
    control_fd, uid, site_packages, *readable = sys.argv[1:]
    sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), site_packages]
    if os.getuid() == 0:  # started by root: leave its uid for good, before anything else
        os.setgroups([])
        os.setresgid(int(uid), int(uid), int(uid))
        os.setresuid(int(uid), int(uid), int(uid))
    import confine
    import numpy.linalg
    import numpy.random  # noqa: F401  (numpy loads it lazily; warm it here, once)
    import worker

    control = socket.socket(fileno=int(control_fd))
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    children: dict[int, str] = {}
    control.send(READY)
    while True:
        message, ancillary, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            os._exit(0)
        if message[:1] == FORK:
            folder = f"{SCRATCH}/{os.urandom(8).hex()}"
            os.mkdir(folder, 0o700)
            pid = os.fork()
            if pid == 0:
                _run_worker(confine, worker, control, ancillary[0], folder, readable)
            children[pid] = folder
            os.close(ancillary[0])
            pidfd = os.pidfd_open(pid)
            socket.send_fds(control, [struct.pack("<i", pid)], [pidfd])
            os.close(pidfd)
        elif message[:1] == REAP:
            pid = struct.unpack("<i", message[1:5])[0]
            os.kill(pid, signal.SIGKILL)  # a no-op for one that has ended by itself: not reaped, so the pid is still its own
            status = os.waitpid(pid, 0)[1]
            shutil.rmtree(children.pop(pid))
            control.send(struct.pack("<i", status))


def _run_worker(confine, worker, control: socket.socket, fd: int, folder: str, readable: list[str]) -> None:
    # Until READY is written a failure is ours; from then on it is the student's.
    try:
        control.close()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(HOME=folder, TMPDIR=folder)
        os.closerange(3, fd)
        os.closerange(fd + 1, 256)
        sys.dont_write_bytecode = True
        confine.confine(readable, folder)
        os.write(fd, READY)
        worker.Worker(fd, folder).serve()
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
