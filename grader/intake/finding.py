"""Finds the kit in one student's part of a download, wherever it lies and however it is packed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import IO

from cs231n_utils.exercises import ASSIGNMENT
from cs231n_utils.hand_in.rules import JUNK, MAX_FILE, PACKAGE
from grader.intake import archives, kits
from grader.intake.archives import Member
from grader.intake.kits import Kit
from grader.intake.safe_files import Unreadable
from grader.intake.submission import Intake, list_archive
from grader.intake.trees import InZip, Kind, Node, OnDisk
from grader.text import legible

MAX_WALKED = 2_000  # files and folders of one student in which the kit is looked for
MAX_DEPTH = 8  # folders in folders
MAX_NESTED = 3  # archives in archives
MAX_ARCHIVES = 20  # in one archive or folder
ASK = f"Ask for the folder {ASSIGNMENT}, packed as .zip."


class NotTaken(Exception):
    """Nothing can be graded; the text says why, and what would help. `legible` already."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file or folder that a student handed in.

    name : as the student called it
    """

    node: Node
    name: str


@dataclass
class Found:
    """A student's kit, to be read while the download is open.

    folder : the kit's folder, if it lies on a disk
    members : all other files, of the kit or not; `kit` tells which are
    notes : what staff should know of how the kit was found
    beside : (name, why) of what was handed in beside the kit and does not count
    """

    intake: Intake = field(default_factory=Intake)
    kit: Kit = field(default_factory=Kit)
    folder: OnDisk | None = None
    members: list[Member] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    beside: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def found(
    parts: Sequence[Part], is_sure: bool = True, with_notebooks: bool = False
) -> Iterator[Found]:
    """Find the kit in what a student handed in. Raises NotTaken.

    is_sure : whether all of it is known to be this student's
    with_notebooks : whether notebooks will be read, which grading does not need
    """
    with ExitStack() as opened:
        yield _find(parts, opened, is_sure, with_notebooks)


def _find(parts: Sequence[Part], opened: ExitStack, is_sure: bool, with_notebooks: bool) -> Found:
    try:
        files, folders = _walk(parts)
    except (OSError, Unreadable) as error:
        why = getattr(error.__cause__ or error, "strerror", error)
        raise NotTaken(f"It cannot be read ({legible(str(why))}). {ASK}") from error
    kit = kits.locate(files)
    _refuse_several(kit)
    packed = [
        (path, node)
        for path, node in files.items()
        if node.is_archive and not kits.is_litter(node.name)
    ]
    packed.sort(key=lambda pair: kits.version(pair[1].name))  # stable: else in the given order
    if kit.package:
        one = _kit_in_folder(kit, files, folders)
        for path, node in packed:
            if not path.startswith(kit.prefix) or kits.is_assignment(_stem(path)):
                one.beside.append((path, f"The folder beside it counts.{_newer(node, one.folder)}"))
        return one
    readable = [(path, node) for path, node in packed if archives.is_read(node.name)]
    readable = readable[-MAX_ARCHIVES:]
    if readable and not _is_complete(kit):
        one = _kit_in_archives(readable, opened, is_sure, with_notebooks)
        if bool(one.kit) or not kit.loose:
            one.beside += [
                (path, _REFUSED) for path, node in packed if (path, node) not in readable
            ]
            _add_loose(one, kit, files)
            return one
    if kit.loose:
        one = Found(kit=kit, members=[_member(path, files[path]) for path in kit.loose])
        one.notes.append(
            f"Handed in as {len(kit.loose)} single {'file' if len(kit.loose) == 1 else 'files'}."
        )
        one.beside += [(path, "The single files beside it count.") for path, _ in packed]
        return one
    return _without_a_kit(files, folders)


def _is_complete(kit: Kit) -> bool:
    return {name.rpartition("/")[2] for name in kit.loose.values()} >= kits.MODULE_FILES


def _refuse_several(kit: Kit) -> None:
    if kit.several:
        names = ", ".join(legible(name) for name in kit.several[:5])
        more = f" and {len(kit.several) - 5} more" if len(kit.several) > 5 else ""
        raise NotTaken(
            f"It holds {len(kit.several)} kits, as of several students: {names}{more}. If they are,"
            " grade it as a download of its own; if not, ask for one kit."
        )


# --- folders --------------------------------------------------------------------------------------


def _walk(parts: Sequence[Part]) -> tuple[dict[str, Node], dict[str, Node]]:
    """The files and the folders of a student, by their paths; the outer ones come first. Links and
    the like count as files. Raises OSError or Unreadable if a part cannot be listed.
    """
    files: dict[str, Node] = {}
    folders: dict[str, Node] = {}
    waiting: deque[tuple[str, Node]] = deque()
    if len(parts) == 1 and parts[0].node.is_folder:
        waiting.append(("", parts[0].node))
    for part in parts:
        if not waiting or part is not parts[0]:
            _sort_in(part.name, part.node, files, waiting)
    left = MAX_WALKED
    while waiting and left > 0:
        path, node = waiting.popleft()
        folders[path] = node
        if isinstance(node, InZip):
            for name, member in node.members:
                folder = name.endswith("/")
                (folders if folder else files)[path + name] = InZip(
                    name.rpartition("/")[2], (), None if folder else member
                )
            continue
        is_package = node.name.lower() == PACKAGE
        for entry in node.listing()[:left]:
            left -= 1
            if entry.is_folder and (is_package or _is_passed_over(entry.name)):
                continue
            _sort_in(path + entry.name, entry, files, waiting)
    return files, folders


def _sort_in(
    path: str, node: Node, files: dict[str, Node], waiting: deque[tuple[str, Node]]
) -> None:
    if not node.is_folder:
        files[path] = node
    elif path.count("/") < MAX_DEPTH:
        waiting.append((f"{path}/", node))


def _is_passed_over(folder: str) -> bool:
    return folder in JUNK or folder.startswith(".")


def _kit_in_folder(kit: Kit, files: dict[str, Node], folders: dict[str, Node]) -> Found:
    folder = folders.get(kit.prefix)
    one = Found(kit=kit)
    if isinstance(folder, OnDisk):
        one.folder = folder
        one.kit = replace(kit, prefix="\0")  # no member has such a name: single files alone follow
        one.members = [_member(path, files[path]) for path in kit.loose]
    else:
        one.members = [_member(path, node) for path, node in files.items()]
    if kit.loose:
        one.notes.append(_added(kit))
    _note_others(kit, one)
    return one


def _note_others(kit: Kit, one: Found) -> None:
    if kit.others:
        names = ", ".join(legible(name.rstrip("/")) for name in kit.others[:3])
        one.notes.append(
            f"Of several copies of the kit, {legible(kit.prefix.rstrip('/')) or 'the outer one'}"
            f" counts, and not {names}."
        )


def _added(kit: Kit) -> str:
    names = ", ".join(legible(name) for name in sorted(kit.loose.values())[:6])
    return f"Taken from beside the kit, which lacks it: {names}."


def _member(path: str, node: Node) -> Member:
    """A single file, as if it were in an archive."""
    if isinstance(node, InZip) and node.member:
        return replace(node.member, name=path)
    if node.kind is Kind.LINK:
        return Member(path, 0, bytes, "is a link")
    try:
        with node.open() as file:
            content = file.read(MAX_FILE + 1)
    except (OSError, Unreadable) as error:
        return Member(path, 0, bytes, f"cannot be read ({legible(str(error))})")
    return Member(path, len(content), lambda: content)


def _newer(node: Node, folder: OnDisk | None) -> str:
    """A sentence, if an archive on a disk is newer than the folder that counts."""
    times = [one.modified() for one in (node, folder) if isinstance(one, OnDisk)]
    if len(times) == 2 and None not in times and times[0] > times[1]:  # type: ignore[operator]
        return " But it is newer: if it is the one that should count, remove the folder."
    return ""


# --- archives -------------------------------------------------------------------------------------

_REFUSED = f"It is of a kind that is not read. {ASK}"


def _kit_in_archives(
    packed: Sequence[tuple[str, Node]], opened: ExitStack, is_sure: bool, with_notebooks: bool
) -> Found:
    """The kit in the last archive that has one; if none has, what can be said of the last one."""
    inside = {
        path: _kit_in_archive(node.name, node.open, opened, with_notebooks) for path, node in packed
    }
    kits_of = {path: one for path, one in inside.items() if one.kit}
    if not is_sure:
        _refuse_archives_of_several(list(kits_of))
    counts = next(reversed(kits_of or inside))
    one = inside[counts]
    if one.kit:
        one.beside += [(path, f"{legible(counts)} counts.") for path in inside if path != counts]
    return one


def _refuse_archives_of_several(paths: Sequence[str]) -> None:
    """Raise NotTaken if several archives with kits are called like several students."""
    names = {kits.plain(_stem(path)): path for path in paths}
    own = tuple(path for name, path in names.items() if not kits.is_assignment(name))
    if len(own) > 1:
        _refuse_several(Kit(several=own))


def _kit_in_archive(
    name: str,
    open_it: Callable[[], IO[bytes]],
    opened: ExitStack,
    with_notebooks: bool,
    depth: int = 1,
) -> Found:
    one = Found()
    try:
        file = opened.enter_context(open_it())
    except (OSError, Unreadable) as error:
        one.intake.note_unreadable(name, error)
        return one
    except Exception as error:  # hostile bytes can raise many kinds
        one.intake.notes.append(f"{legible(name)} cannot be read ({legible(str(error))}). {ASK}")
        return one
    one.members = list_archive(file, name, one.intake, with_notebooks)
    one.kit = kits.locate(member.name for member in one.members)
    _refuse_several(one.kit)
    _note_others(one.kit, one)
    if one.kit:
        return one
    if depth >= MAX_NESTED:
        return one
    nested: dict[str, Found] = {}
    for member in one.members:
        inner = member.name.rpartition("/")[2]
        if archives.is_read(inner) and not kits.is_litter(inner) and len(nested) < MAX_ARCHIVES:
            open_inner = partial(archives.copied, member)
            nested[member.name] = _kit_in_archive(
                inner, open_inner, opened, with_notebooks, depth + 1
            )
    with_kit = [path for path, within in nested.items() if within.kit]
    _refuse_archives_of_several(with_kit)
    if with_kit:
        within = nested[max(with_kit, key=kits.version)]
        within.notes.append(f"The kit is packed twice: in an archive in {legible(name)}.")
        return within
    one.intake.notes += [note for within in nested.values() for note in within.intake.notes]
    return one


def _add_loose(one: Found, kit: Kit, files: dict[str, Node]) -> None:
    """Add single files that lie beside an archive and that its kit lacks."""
    there = {member.name.rpartition("/")[2] for member in one.members}
    extra = {
        path: name
        for path, name in kit.loose.items()
        if kits.file_of_kit(path.rpartition("/")[2]) and name.rpartition("/")[2] not in there
    }
    if extra:
        one.members += [_member(path, files[path]) for path in extra]
        one.kit = replace(one.kit, loose={**one.kit.loose, **extra})
        one.notes.append(_added(Kit(loose=extra)))


# --- no kit ---------------------------------------------------------------------------------------


def _without_a_kit(files: dict[str, Node], folders: dict[str, Node]) -> Found:
    """What is taken all the same, so that the student is told what is missing. Raises NotTaken if
    nothing in it looks like work on the assignment.
    """
    home = next((path for path in folders if _is_home(path)), "")
    names = [path for path in files if not kits.is_litter(path.rpartition("/")[2])]
    if home or any(path.endswith((".py", ".ipynb")) for path in names):
        folder = folders.get(home)
        if isinstance(folder, OnDisk):
            return Found(folder=folder)
        members = [_member(path, node) for path, node in files.items()]
        return Found(kit=Kit(prefix=home), members=members)
    raise NotTaken(why_not({path: files[path] for path in names}))


def _is_home(path: str) -> bool:
    return kits.is_assignment(path.rstrip("/").rpartition("/")[2])


def why_not(files: dict[str, Node]) -> str:
    """Why nothing among these files can be graded, and what would help."""
    if not files:
        return f"It is empty. {ASK}"
    for path, node in files.items():
        name = legible(path)
        if node.kind is Kind.LINK:
            return f"{name} is a link, which grading never follows. Put the files themselves there."
        if node.kind is not Kind.FILE:
            return f"{name} is no ordinary file, or is packed in an unusual way. {ASK}"
        if kits.is_unfinished(node.name):
            return f"{name} is a download that was not finished. Download it again."
    for path, node in files.items():
        if node.is_archive:
            kind = archives.suffix(node.name)
            return f"{legible(path)} is of a kind that is not read ({kind}). {ASK}"
    names = ", ".join(legible(path) for path in list(files)[:3])
    more = f" and {len(files) - 3} more" if len(files) > 3 else ""
    return f"It holds no file of the kit (found: {names}{more}). {ASK}"


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.removesuffix(archives.suffix(name))


def names(parts: Sequence[Part]) -> list[str]:
    """The paths of the files in what a student handed in, without opening any. Raises OSError or
    Unreadable.
    """
    return list(_walk(parts)[0])
