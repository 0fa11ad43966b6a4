"""Finds a student's kit among the names of files: in any folder, of any spelling, or as single
files without folders. Looks at names only, and opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cs231n_utils.exercises import ASSIGNMENT, MODULES
from cs231n_utils.hand_in.rules import JUNK, MODEL_FILE, PACKAGE

# What systems leave behind, in a folder or a zip.
_LITTER = re.compile(
    r"\._.*|\.ds_store|thumbs\.db|desktop\.ini|__macosx|\.directory|~\$.*", re.IGNORECASE
)
# Downloads that were not finished, and files that lie in a cloud only.
_UNFINISHED = re.compile(
    r".+\.(crdownload|part|partial|download|opdownload|filepart|!ut|tmp|icloud)", re.IGNORECASE
)
# What browsers, systems and GitHub add to a name that exists: (1), - Copy, -main.
_ADDED = re.compile(
    r"( ?\(\d{1,3}\)|[-_ ]\W{0,3}(copy|kopie|copie|copia)( ?\d{1,3})?|[-_](main|master))$",
    re.IGNORECASE,
)
# What students add to the assignment's name themselves.
_EDITION = re.compile(
    r"version|attempt|final|new|old|backup|bak|solutions?|solved|submission|done|kit|v|\d"
)
MODULE_FILES = frozenset(f"{module}.py" for module in MODULES)
_PACKED = (".zip", ".tar", ".gz", ".tgz")
_KIT_FILES = MODULE_FILES | {MODEL_FILE}


def is_litter(name: str) -> bool:
    """Whether systems leave files of this name behind: they are nobody's work."""
    return bool(_LITTER.fullmatch(name))


def is_unfinished(name: str) -> bool:
    """Whether a browser calls a download so that it has not finished."""
    return bool(_UNFINISHED.fullmatch(name))


def plain(name: str) -> str:
    """A name without what browsers, systems and GitHub add to it, such as " (1)" and "-main"."""
    for _ in range(4):
        shorter = _ADDED.sub("", name) or name
        if shorter == name:
            break
        name = shorter
    return name


def version(name: str) -> int:
    """The number in brackets with which a browser tells files of one name apart; 0 if none."""
    found = re.search(r" ?\((\d{1,3})\)(?:\.[A-Za-z.]+)?$", name)
    return int(found[1]) if found else 0


def is_assignment(name: str) -> bool:
    """Whether a folder is called like the assignment, in any case and with any additions that name
    no student.
    """
    letters = _letters(plain(name)).lower()
    rest = letters.removeprefix(_ASSIGNMENT)
    return rest != letters and not _EDITION.sub("", rest)


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name)


_ASSIGNMENT = _letters(ASSIGNMENT)


def file_of_kit(name: str) -> str:
    """The path in the kit of a single file, by its name alone; "" if it is none of the files that
    students write.
    """
    stem, dot, suffix = name.rpartition(".")
    file = plain(stem) + dot + suffix
    if file in MODULE_FILES:
        return f"{PACKAGE}/{file}"
    return file if file == MODEL_FILE or file.endswith(".ipynb") else ""


@dataclass(frozen=True)
class Kit:
    """Where a student's work is among some files.

    prefix : the folder that holds the kit, with "/" at its end; "" if it is at the top
    package : how the folder `cs231n_utils` is spelled there; "" if there is none
    loose : path -> path in the kit, of single files of a kit that lie outside of any
    others : folders of other copies of the kit, which do not count
    several : folders that seem to be those of several students; then nothing else is set
    """

    prefix: str = ""
    package: str = ""
    loose: dict[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    several: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.package or self.loose)


def locate(names: Iterable[str]) -> Kit:
    """Find the kit among the names of files, with "/" between folders."""
    files = [name for name in names if not _is_junk(name)]
    roots = _roots(files)
    if not roots:
        return _loose(files)
    tops = _outermost(roots)
    if several := _students(tops):
        return Kit(several=several)
    prefix = min(tops, key=_rank)
    has = {name.rpartition("/")[2] for name in files if name.startswith(prefix)}
    loose = {
        name: kit_name
        for name in sorted(files)
        if not name.startswith(tuple(tops)) and (kit_name := file_of_kit(name.rpartition("/")[2]))
        if kit_name.rpartition("/")[2] not in has
    }
    return Kit(prefix, roots[prefix], loose, tuple(top for top in tops if top != prefix))


def _is_junk(name: str) -> bool:
    *folders, file = name.split("/")
    return is_litter(file) or any(
        folder in JUNK or (folder.startswith(".") and folder.strip(".")) for folder in folders
    )


def _roots(files: Iterable[str]) -> dict[str, str]:
    """The folders that hold a package with a module that students write, and the package's
    spelling there. Where there is none, folders with a package of the exact name.
    """
    found: dict[str, str] = {}
    for name in files:
        above, _, file = name.rpartition("/")
        outer, slash, package = above.rpartition("/")
        if file in MODULE_FILES and package.lower() == PACKAGE:
            root = outer + slash
            if found.get(root) != PACKAGE:
                found[root] = package
    if found:
        return found
    for name in files:
        before, mark, _ = f"/{name}".partition(f"/{PACKAGE}/")
        if mark:
            found.setdefault(f"{before}/"[1:], PACKAGE)
    return found


def _outermost(roots: Iterable[str]) -> list[str]:
    """The folders that lie in no other one: a copy within a kit is a part of it."""
    found: list[str] = []
    for root in sorted(roots, key=len):
        if not any(root.startswith(other) for other in found):
            found.append(root)
    return found


def _rank(root: str) -> tuple[bool, int, int, str]:
    """Which of several copies of one student counts: the one that is called like the assignment,
    of these the newest by its number, else the outermost.
    """
    name = root.rstrip("/").rpartition("/")[2]
    return not (root == "" or is_assignment(name)), -version(name), len(root), root


def _students(tops: Sequence[str]) -> tuple[str, ...]:
    """The folders of kits, if they seem to be those of several students."""
    if len(tops) < 2:
        return ()
    parts = [top.rstrip("/").split("/") for top in tops]
    common = 0
    while all(len(part) > common and part[common] == parts[0][common] for part in parts):
        common += 1
    different = [part[common] if len(part) > common else "" for part in parts]
    own = [name for name in different if name and not is_assignment(name)]
    return tuple(top.rstrip("/") for top in tops) if len(set(own)) > 1 else ()


def _loose(files: Sequence[str]) -> Kit:
    """A kit of single files, without the folder `cs231n_utils`."""
    folders: dict[str, set[str]] = {}
    for name in files:
        above, slash, file = name.rpartition("/")
        kit_name = file_of_kit(file)
        if kit_name.rpartition("/")[2] in _KIT_FILES:
            folders.setdefault(above + slash, set()).add(kit_name)
    if not folders:
        return Kit()
    repeated = [
        one
        for one in folders
        if any(folders[one] & folders[other] for other in folders if other != one)
    ]
    if several := _students(_outermost(repeated)):
        return Kit(several=several)
    best = min(folders, key=lambda folder: (-len(folders[folder]), len(folder), folder))
    inside = sorted(
        (name for name in files if name.startswith(best) and not name.endswith(_PACKED)),
        key=lambda name: (version(name), name),  # of several with one name the last counts
    )
    loose = {name: file_of_kit(name.rpartition("/")[2]) or name[len(best) :] for name in inside}
    for name in sorted(files):
        kit_name = file_of_kit(name.rpartition("/")[2])
        if kit_name and name not in loose and kit_name not in loose.values():
            loose[name] = kit_name
    return Kit(loose=loose)


def common_start(names: Sequence[str], mark: str) -> str:
    """What all of some names begin with, up to the last `mark` in it, which is left out."""
    low, high = min(names), max(names)
    same = next((k for k, letter in enumerate(low) if letter != high[k : k + 1]), len(low))
    return low[:same].rpartition(mark)[0]
