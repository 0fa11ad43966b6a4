"""What each level of the sandbox needs, and what to do if this machine lacks it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Mapping

from grader.faults import SandboxUnavailable
from grader.sandbox import runtime
from grader.sandbox.inside import confine

LEVELS = {
    "A": "bubblewrap (namespaces, a private root without network), Landlock and seccomp",
    "B": "Landlock and seccomp, without namespaces",
    "C": "limits on time and memory only: for code that you trust",
}
# Level B needs the Landlock of Linux 6.2: before, a process that may read a file may truncate it.
_LANDLOCK = 3


def check(level: str) -> None:
    """Raise SandboxUnavailable if this machine clearly lacks what a level needs."""
    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable(
            "hidden checks run only on Linux. Grade in a Linux container (Docker has one on every"
            " system), or on a Linux machine."
        )
    if level == "C":
        return
    if not confine.supported():
        raise SandboxUnavailable(
            "the list of system calls is for x86_64 and aarch64 processors, "
            f"and this is {platform.machine()}."
        )
    if level == "A" and shutil.which("bwrap") is None:
        raise SandboxUnavailable(
            "bubblewrap (command bwrap) is not installed. Install it: sudo apt-get install"
            " bubblewrap."
        )
    found, needed = confine.landlock_abi(), _LANDLOCK if level == "B" else 1
    if not found:
        raise SandboxUnavailable(
            "this kernel has Landlock switched off. Linux 5.13 or newer with lsm=landlock has it."
        )
    if found < needed:
        raise SandboxUnavailable(
            f"this kernel has Landlock of version {found}. Linux 6.2 or newer has version {needed}."
        )
    if os.getuid() == 0 and not runtime.root_has_other_users():
        raise SandboxUnavailable(
            "student code must not run as root, and root is the only user in this container. "
            "Start as an ordinary user, or give the container a range of users."
        )


def why_not(level: str, reason: str) -> str:
    """What bubblewrap, the zygote or a probe said, as a sentence that names the remedy."""
    said = reason.partition(". See ")[0] or "it gave no reason"
    if level != "A":
        return f"the sandbox did not start ({said})."
    if "namespace" in said or "uid map" in said or "mount" in said:
        return (
            f"this machine refuses user namespaces ({said}). Switch them on (on Ubuntu 24.04: sudo"
            " sysctl -w kernel.apparmor_restrict_unprivileged_userns=0); start a container with"
            " --privileged."
        )
    if "nknown option" in said:
        return (
            f"bubblewrap must be 0.5 or newer, and the installed one is older ({said}). Install a"
            " newer one."
        )
    if said.startswith("PermissionError"):
        return (
            f"student code runs as another user than root, who cannot read what is needed ({said})."
            " Make Python, numpy and the folder grader/sandbox readable for all: chmod -R a+rX."
        )
    return f"the sandbox did not start ({said})."


def nothing_left(missing: Mapping[str, str]) -> str:
    """Why hidden checks cannot run here: a sentence for each level."""
    reasons = " ".join(f"Level {level}: {reason}" for level, reason in missing.items())
    offer = "" if "C" in missing else " For code that you trust there is level C: --unsafe."
    return f"Hidden checks need a sandbox, and this machine has none. {reasons}{offer}"
