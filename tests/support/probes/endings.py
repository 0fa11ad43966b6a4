"""Ways in which student code ends or exhausts its process. Runs in the sandbox; the name says what
happens.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time

import numpy as np

PIECE = bytes(1 << 20)


def exit_status_0():
    os._exit(0)


def exit_status_3():
    os._exit(3)


def system_exit():
    sys.exit()


def keyboard_interrupt():
    raise KeyboardInterrupt


def segmentation_fault():
    ctypes.string_at(0)


def abort():
    os.abort()


def kill_itself():
    os.kill(os.getpid(), signal.SIGKILL)


def signal_without_a_name():
    os.kill(os.getpid(), 40)


def recursion():
    return 1 + recursion()


def recursion_in_c():
    sys.setrecursionlimit(10**9)
    x, y = [], []
    for _ in range(10**6):
        x, y = [x], [y]
    return x == y


def fifty_gigabytes_at_once():
    return np.ones(50 * 2**27)


def fifty_gigabytes_by_and_by():
    return [bytes(1 << 24) for _ in range(3_000)]


def a_huge_file():
    with open("x", "wb") as file:
        for _ in range(1_000):
            file.write(PIECE)


def many_open_files():
    return [open(os.devnull) for _ in range(1_000)]


def a_full_disk():
    for k in range(100):
        with open(f"{k}", "wb") as file:
            file.write(PIECE * 16)


def too_many_files():
    for k in range(5_000):
        with open(f"{k}", "w"):
            pass


def a_closed_connection():
    os.closerange(3, 99)
    while True:
        pass


def a_huge_result():
    return np.broadcast_to(0.0, (10**6, 10**6))


def a_deep_result():
    x = []
    for _ in range(99):
        x = [x]
    return x


def a_cyclic_result():
    x = []
    x.append(x)
    return x


class Exploding(BaseException):
    def __str__(self):
        raise self


def an_exception_that_explodes():
    raise Exploding


def a_nasty_text():
    raise ValueError("a\x1b[31m\n\n  b" + "c" * 10**6)


def a_path():
    from cs231n_utils.gradient_check import nothing  # noqa: F401


# --- without an end ---


def a_loop():
    while True:
        pass


def a_loop_that_catches_everything():
    while True:
        with contextlib.suppress(BaseException):
            a_loop()


def a_loop_in_c():
    return sum(iter(int, 1))


def a_sleep():
    time.sleep(60)


def a_sleep_that_takes_no_signals():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    time.sleep(60)


def a_stop():
    os.kill(os.getpid(), signal.SIGSTOP)


# --- what it may leave behind ---


def a_closed_folder():
    os.mkdir("closed", 0)
    return 1


def deep_folders():
    for _ in range(40):
        os.mkdir("deep")
        os.chdir("deep")
    return 1


def thousands_of_files():
    for k in range(2_000):
        with open(f"{k}", "w"):
            pass
    return 1
