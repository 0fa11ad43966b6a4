"""Blackboard, “Assignment File Download”: a flat zip, with the files of each attempt and a receipt
(`….txt`), which has the name. Source: jeroendoggen/blackboard-analysis-tools.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from grader.intake import kits, times
from grader.intake.entries import Clock, Entry, Layout, Level, Platform, with_time
from grader.intake.finding import ASK, Part
from grader.intake.hand_ins import HandIn
from grader.intake.submission import as_text
from grader.intake.trees import Node

NAME = "blackboard"
_FILE = re.compile(
    r"(?P<who>.+)_attempt_(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_(?P<file>.+)|\.txt)",
    re.DOTALL,
)
# The first line of a receipt, as “Name: Ann Li (annli)”, in any language.
_RECEIPT = re.compile(r"[^\n:]+:\s*(?P<name>[^\n]*?)\s*\((?P<user>[^()\n]+)\)\s*(?:\n|$)")
_MAX_RECEIPT = 4096  # bytes; all behind the first line is partly the student's own text


@dataclass
class _Attempt:
    """The files of one attempt."""

    files: list[tuple[Node, str]] = field(default_factory=list)
    receipt: Node | None = None
    user: str = ""
    name: str = ""


def _match(node: Node) -> re.Match[str] | None:
    # A browser or an instructor may have unpacked what students packed.
    return _FILE.fullmatch(node.name) if node.is_file or node.is_folder else None


def _recognizes(level: Level) -> bool:
    return level.share(_match) > 0.5


def _take(level: Level, clock: Clock) -> Layout:
    found = Layout()
    attempts: dict[tuple[str, str], _Attempt] = {}
    for node in level.entries:
        match = _match(node)
        if not match:
            found.refuse(
                as_text(node.name),
                "It is not called as Blackboard calls files, so it is not known whose it is."
                " Download the submissions again.",
                NAME,
            )
            continue
        attempt = attempts.setdefault((match["who"], match["time"]), _Attempt())
        if match["file"]:
            attempt.files.append((node, match["file"]))
        else:
            attempt.receipt = node
    _name(attempts)
    for (_, time), attempt in sorted(attempts.items(), key=lambda pair: pair[0][1]):
        sources = [node for node, _ in attempt.files] + [attempt.receipt] * bool(attempt.receipt)
        hand_in = HandIn(
            attempt.user,
            name=attempt.name,
            platform=NAME,
            platform_id=attempt.user,
            attachment_id=f"attempt_{time}",
            source="; ".join(as_text(node.name) for node in sources if node),
        )
        if not attempt.files:
            why = f"The attempt has a receipt and no file. {ASK}"
            found.refuse(hand_in.source, why, NAME, attempt.user)
            continue
        parts = tuple(Part(node, file) for node, file in attempt.files)
        found.entries.append(Entry(with_time(hand_in, times.parse(time, clock.zone)), parts))
    return found


def _name(attempts: dict[tuple[str, str], _Attempt]) -> None:
    """Find out the user of each attempt. Column and user name may both hold "_": the receipt says
    where the user name begins, or else what all names begin with is the column.
    """
    starts = {who for who, _ in attempts}
    for (who, _), attempt in attempts.items():
        said = _receipt(attempt.receipt)
        if said and who.endswith(f"_{said['user']}"):
            attempt.user, attempt.name = as_text(said["user"]), as_text(said["name"])
            starts.discard(who)
            starts.add(who.removesuffix(said["user"]))
    column = kits.common_start(list(starts), "_") if len(starts) > 1 else ""
    for (who, _), attempt in attempts.items():
        if not attempt.user:
            rest = who.removeprefix(f"{column}_") if column else who.rpartition("_")[2]
            attempt.user = as_text(rest or who)


def _receipt(node: Node | None) -> re.Match[str] | None:
    if node is None:
        return None
    try:
        text = node.read(_MAX_RECEIPT).decode("utf-8-sig", "replace")
    except Exception:  # hostile bytes can raise many kinds; the name alone must do
        return None
    return _RECEIPT.match(text.replace("\r\n", "\n"))


PLATFORM = Platform(NAME, _recognizes, _take)
