"""How a process ended, in words."""

from __future__ import annotations

import signal

# What Windows calls NTSTATUS, as an unsigned number of 32 bits.
_WINDOWS = {
    0xC0000005: "it used memory that is not its own (access violation)",
    0xC0000006: "it could not read a page of memory or of a file (in-page error)",
    0xC0000017: "no memory was left",
    0xC000001D: "this processor does not know an instruction in it (illegal instruction)",
    0xC0000094: "it divided whole numbers by zero in compiled code",
    0xC00000FD: "a function called itself too deeply (stack overflow)",
    0xC0000135: "a library (DLL) that it needs was not found",
    0xC0000139: "a library (DLL) that it needs is of another version",
    0xC000013A: "it was stopped by Ctrl-C, or its window was closed",
    0xC0000142: "a library (DLL) that it needs could not be started",
    0xC0000374: "its memory was damaged (heap corruption)",
    0xC0000409: "it stopped itself, as its memory was damaged (fail fast)",
    0xC000012D: "no memory was left (commit limit)",
    0x40010004: "it was stopped from outside",
    0x80000003: "it ran into a breakpoint of compiled code",
}
_MEMORY = "Does it need too much memory, or recurse too deeply?"
_LIBRARIES = "If other functions end this way, too: install Python's libraries again."


def in_words(status: int) -> str:
    """What to tell of a process that ended before its checks did.

    status : as `subprocess` gives it: on POSIX a signal's number times -1, or what was given to
        exit(); on Windows also one of Windows' own numbers, with a sign or without
    """
    of_windows = _WINDOWS.get(status & 0xFFFFFFFF)
    if of_windows:
        return (
            f"Python itself was ended here by Windows: {of_windows}; exit status"
            f" {status & 0xFFFFFFFF}. {_MEMORY} {_LIBRARIES}"
        )
    if -64 <= status < 0:
        return f"Python itself was killed here ({_signal(-status)}). {_MEMORY}"
    if status < 0 or status > 0xFFFF:
        return f"Python itself was ended here, with exit status {status & 0xFFFFFFFF:#x}. {_MEMORY}"
    return (
        f"Python ended here, with exit status {status}. Does your code call exit() or os._exit()?"
    )


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
