"""How well this machine can isolate student code: each level of the sandbox tried, with what is
missing.
"""

from __future__ import annotations

import os

from grader.sandbox.launch import SAFE, SandboxUnavailable, Zygote
from grader.sandbox.probes import PROMISED
from grader.sandbox.requirements import LEVELS


def examine() -> str:
    """A report with a line for each level, for which it starts a sandbox of each."""
    lines, works = [], []
    for level, what in LEVELS.items():
        zygote = Zygote((level,))
        try:
            with zygote:
                works.append(level)
                lines.append(f"{level}  yes  {what}.")
                if level in PROMISED:
                    lines.append(
                        f"        {len(PROMISED[level])} probes in a box: all refused."
                        f" {_more(zygote)}"
                    )
        except SandboxUnavailable:
            lines.append(f"{level}  no   {what}.\n        {zygote.missing[level]}")
    return "\n".join([_verdict(works), "", *lines])


def _verdict(works: list[str]) -> str:
    if not works:
        return "Hidden checks cannot run on this machine."
    if works[0] not in SAFE:
        return "This machine grades at level C only, and only if told so: --unsafe."
    return f"This machine grades at level {works[0]}."


def _more(zygote: Zygote) -> str:
    user = "as a user of its own" if os.getuid() == 0 else "as your user"
    group = "a" if zygote.in_control_group else "no"
    return f"Student code runs {user}; {group} control group bounds it as a whole."
