"""Files that have nearly the name that they should have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

# What systems, browsers and editors add to a name.
_COPIES = re.compile(
    r"( ?\(\d+\)| ?- ?(copy|kopie|copie|copia)|[ _-](copy\d*|final|old|new|v?\d+))+$"
)
_ENOUGH = 0.8  # how alike two names are at least, as SequenceMatcher says


def nearest(wanted: str, found: Iterable[str]) -> str:
    """The file that is most likely meant to be `wanted`, or "".

    wanted, found : paths inside the assignment's folder, with "/"; no file of another exercise
    """
    stem, _, suffix = wanted.rpartition("/")[2].rpartition(".")
    rated = [(_likeness(stem, suffix, name), name != wanted, name) for name in found]
    score, _, best = max(rated, default=(0.0, False, ""), key=lambda row: (row[0], row[2]))
    return best if score >= _ENOUGH else ""


def next_step(wanted: str, found: str) -> str:
    """What to do with the file that `nearest` returned, as a sentence."""
    last = wanted.rpartition("/")[2]
    if found.endswith(".ipynb"):
        return f"That is a notebook: copy your functions out of its cells into {last}."
    if found.endswith((".pyc", ".pyo")):
        return f"That is what Python makes of {last}, and holds no text: {last} itself is needed."
    if found.lower().endswith(f"{last.lower()}.txt") or found.endswith(".txt"):
        return f"Rename it to {wanted}; to see the ending .txt, let the system show all endings."
    if found.rpartition("/")[2] == last:
        return f"Move it to {wanted}."
    if found.endswith(".npy"):
        return f'Save it again, with np.savez("{last}", W=model.W).'
    return f"Rename it to {wanted}."


def _likeness(stem: str, suffix: str, path: str) -> float:
    """How likely it is that a file is a misnamed `stem.suffix`: 0 to 1."""
    name = path.rpartition("/")[2].lower()
    bare = name.rstrip("~").removesuffix(".bak").removesuffix(".txt").removesuffix(".npy")
    while bare.endswith((f".{suffix}", ".pyc", ".pyo", ".ipynb")):
        bare = bare.rpartition(".")[0]
    bare = _COPIES.sub("", re.sub(r"^(copy of |\._?|_)", "", bare))
    bare = re.sub(r"\.cpython-\d+$", "", bare)
    alike = SequenceMatcher(None, _letters(stem), _letters(bare)).ratio()
    # With the right ending, and in the right folder, it is a little more likely.
    return alike - 0.01 * (not name.endswith(f".{suffix}")) - 0.001 * path.count("/")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
