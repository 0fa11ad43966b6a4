"""What student code must not reach: each function returns the attempts that were not refused. Runs
in the sandbox.
"""

import ctypes
import errno
import fcntl
import os
import resource
import signal
import socket
import sys
import threading

import numpy as np

_libc = ctypes.CDLL(None, use_errno=True)


def _syscall(number, *args):
    if _libc.syscall(number, *args) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def _not_refused(**attempts):
    done = []
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, ValueError, RuntimeError):  # what Python makes of a refusal
            continue
        done.append(name)
    return done


def network():
    return _not_refused(
        tcp=socket.socket,
        unix=lambda: socket.socket(socket.AF_UNIX),
        pair=socket.socketpair,
        netlink=lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    )


def processes_and_threads():
    return _not_refused(
        fork=os.fork,
        exec=lambda: os.execv(sys.executable, ["python"]),
        spawn=lambda: os.posix_spawn(sys.executable, ["python"], {}),
        thread=threading.Thread(target=print).start,
        clone3=lambda: _syscall(435, 0, 0),
    )


def signals_to_others():
    parent = os.getppid()
    return _not_refused(
        init=lambda: os.kill(1, 0),
        everyone=lambda: os.kill(-1, signal.SIGTERM),
        group=lambda: os.kill(0, 0),
        parent=lambda: os.kill(parent, signal.SIGKILL),
        killpg=lambda: os.killpg(0, 0),
        pidfd_open=lambda: _syscall(434, parent, 0),
        pidfd_send_signal=lambda: _syscall(424, 3, 9, 0, 0),
        owner_of_a_file=lambda: fcntl.fcntl(0, fcntl.F_SETOWN, parent),
        signal_of_a_file=lambda: fcntl.fcntl(0, fcntl.F_SETSIG, signal.SIGKILL),
        sigqueue=lambda: _syscall(129, parent, 9, 0),
        tkill=lambda: _syscall(200, parent, 9),
        their_limits=lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE),
    )


def the_memory_of_others():
    parent = os.getppid()
    return _not_refused(
        ptrace=lambda: _syscall(101, 16, parent, 0, 0),
        process_vm_readv=lambda: _syscall(310, parent, 0, 0, 0, 0, 0),
        kcmp=lambda: _syscall(312, parent, parent, 0, 0, 0),
        perf=lambda: _syscall(298, 0, 0, 0, 0, 0),
    )


def more_rights():
    return _not_refused(
        setuid=lambda: os.setuid(0),
        limits=lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)),
        priority=lambda: os.setpriority(0, 0, -1),
        prctl=lambda: _syscall(157, 22, 0),
        personality=lambda: _syscall(135, 0x0400000),
        user_namespace=lambda: _syscall(272, 0x10000000),
        mount=lambda: _syscall(165, b"none", b"/", b"tmpfs", 0, 0),
        chroot=lambda: os.chroot("."),
        seccomp=lambda: _syscall(317, 1, 0, 0),
    )


def what_outlives_a_process():
    return _not_refused(
        memfd=lambda: _syscall(319, b"x", 0),
        shared_memory=lambda: _syscall(29, 1, 4096, 0o1600),
        keyring=lambda: _syscall(250, 0, 0),
        message_queue=lambda: _syscall(240, b"/x", 66, 0o600, 0),
        semaphores=lambda: _syscall(64, 1, 1, 0o1600),
    )


def kernel_interfaces():
    return _not_refused(
        io_uring=lambda: _syscall(425, 8, 0),
        bpf=lambda: _syscall(321, 0, 0, 0),
        userfaultfd=lambda: _syscall(323, 0),
        pipe=os.pipe,
        eventfd=lambda: _syscall(290, 0, 0),
        timer=lambda: _syscall(222, 0, 0, 0),
        inotify=lambda: _syscall(294, 0),
        ioctl=lambda: fcntl.ioctl(0, 0x5412, b"x"),
    )


def writing_elsewhere():
    return _not_refused(
        **{
            f"in {folder}": lambda folder=folder: open(f"{folder}/x", "w")
            for folder in (
                "",
                "/scratch",
                "/sandbox",
                "/usr/lib",
                "/dev",
                os.path.dirname(os.__file__),
                os.path.dirname(np.__file__),
            )
        },
        our_code=lambda: open("/sandbox/wire.py", "a"),
        numpy=lambda: open(np.__file__, "a"),
        folder=lambda: os.mkdir("/scratch/x"),
        link=lambda: os.symlink("/", "x"),
        hard_link=lambda: os.link("/sandbox/wire.py", "x"),
        fifo=lambda: os.mkfifo("x"),
        device=lambda: os.mknod("x", 0o020666, 0),
        mode=lambda: os.chmod("cs231n_utils", 0o777),
        attribute=lambda: os.setxattr(".", "user.x", b"x"),
    )


def listing_elsewhere():
    return _not_refused(
        scratch=lambda: os.listdir("/scratch"),
        root=lambda: os.listdir("/"),
        dev=lambda: os.listdir("/dev"),
    )


def _a_neighbour(folder):
    return _not_refused(
        list=lambda: os.listdir(folder),
        read=lambda: open(f"{folder}/secret.txt"),
        write=lambda: open(f"{folder}/new", "w"),
        remove=lambda: os.rmdir(folder),
        take=lambda: os.rename(folder, "mine"),
        enter=lambda: os.listdir(os.chdir(folder)),
    )


def _answered(numbers):
    """The system calls that do anything else than say EPERM; with arguments that none of them
    takes.
    """
    return [
        number
        for number in numbers
        if _libc.syscall(number, *[-1] * 6) >= 0 or ctypes.get_errno() != errno.EPERM
    ]


def _existing(paths):
    return [path for path in paths if os.path.lexists(path)]


def _readable(paths):
    return _not_refused(**{path: lambda path=path: open(path).close() for path in paths})


def _listed(folders):
    """What folders hold, as far as it shows."""
    found = []
    for folder in folders:
        try:
            found += os.listdir(folder)
        except OSError:
            found += [
                name
                for name in ("pytest", "_pytest", "pip", "grader")
                if os.path.lexists(f"{folder}/{name}")
            ]
    return found


def _descriptors():
    """The open ones, and whether each is a device."""
    found = []
    for fd in range(256):
        try:
            found.append((fd, os.fstat(fd).st_rdev > 0))
        except OSError:
            continue
    return found
