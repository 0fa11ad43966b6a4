"""Repairs a kit of the assignment: replaces given files and given cells of notebooks, and touches
no function and no answer.

Put repair.zip into the kit's folder, close the notebooks, and run there:

    python repair.zip

(Unpacked, it is `python repair.py`.) What it replaces is kept in before_repair_….zip. It may run
twice: the second time it finds nothing to do.
"""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

if __package__:
    from cs231n_utils.hand_in import given
else:  # in the zip, where it lies beside this file
    import given  # type: ignore[import-not-found,no-redef]

_EDITED = "Left as it is, since you have edited it: "


def main() -> int:
    """Repair the kit in this folder, or in the one that is named; returns the exit status."""
    here = Path(__file__).resolve()
    places = [Path(sys.argv[1])] if len(sys.argv) > 1 else [Path.cwd(), *here.parents[:3]]
    kit = next((place for place in places if _is_kit(place)), None)
    if kit is None:
        print(
            "No kit is here: expected a folder with notebooks and cs231n_utils in it. Put this file"
            f" into your kit's folder, and run: python {here.parent.name}"
        )
        return 2
    plan = json.loads(_data("repair.json"))
    contents = {name: _data(f"files/{name}") for name in plan["files"]}
    try:
        return repair(kit.resolve(), plan, contents)
    except OSError as error:
        print(
            f"{error.filename or kit}: {error.strerror}. Close the programs that have it open, and"
            " run this again: it goes on where it stopped."
        )
        return 1


def _is_kit(place: Path) -> bool:
    return (place / "cs231n_utils" / "exercises.py").is_file() and any(place.glob("1_*.ipynb"))


def _data(name: str) -> bytes:
    """A file beside this one, in the zip or unpacked."""
    loader: Any = globals()["__loader__"]
    data: bytes = loader.get_data(os.path.join(os.path.dirname(__file__), *name.split("/")))
    return data


def repair(kit: Path, plan: Mapping[str, Any], contents: Mapping[str, bytes]) -> int:
    """Do what a plan says, as repair.py of the grader writes it; returns the exit status.

    contents : name -> the new content of a file
    """
    came = given.read(kit)
    said: list[str] = []
    writes: dict[str, bytes | None] = {}  # None: the file goes
    for name, digests in plan["files"].items():
        now = _read(kit / name)
        if now is None or not given.is_as_given(name, now, {name: digests["new"]}):
            writes[name] = contents[name]
            if now is not None and not _is_old(now, digests["old"], came.get(name)):
                said.append(f"{name} was not as it came: your version is kept, see below.")
    for name, old in plan["gone"].items():
        now = _read(kit / name)
        if now is not None and _is_old(now, old, came.get(name)):
            writes[name] = None
    writes |= _notebooks(kit, plan, came, said)
    if not writes:
        _say([*said, "Nothing to do: this kit is repaired already."])
        return 0
    backup = _back_up(kit, plan["version"], writes)
    # The list comes last: a repair that was stopped finds the same cells unedited again.
    for name in sorted(writes, key=lambda name: name == given.NAME):
        _write(kit / name, writes[name])
    files = [name for name, content in writes.items() if content is not None]
    removed = [name for name, content in writes.items() if content is None]
    _say(
        [
            f"Replaced: {', '.join(files)}." if files else "",
            f"Removed: {', '.join(removed)}." if removed else "",
            *said,
            f"What was there before is in {backup.name}." if backup else "",
            "No function and no answer of yours was touched. If a notebook is open, reload it"
            " (File, Reload Notebook from Disk), and restart its kernel.",
        ]
    )
    return 0


def _is_old(content: bytes, *digests: str | None) -> bool:
    """Whether a file is as it came, by the older kit or by the kit's own list."""
    return any(digest and given.is_as_given("", content, {"": digest}) for digest in digests)


# --- notebooks ------------------------------------------------------------------------------------


def _notebooks(
    kit: Path, plan: Mapping[str, Any], came: Mapping[str, str], said: list[str]
) -> dict[str, bytes | None]:
    """The notebooks that change, with their new contents."""
    changed: dict[str, bytes | None] = {}
    entries = (*plan["cells"], *plan["gone cells"])
    for name in sorted({entry["notebook"] for entry in entries} | plan["order"].keys()):
        content = _read(kit / name)
        if content is None:
            said.append(f"{name} is not in this folder, so nothing in it was repaired.")
            continue
        try:
            notebook = json.loads(content)
            done = [
                _repair_cell(notebook, entry, came, said)
                for entry in plan["cells"]
                if entry["notebook"] == name
            ] + [
                _remove_cell(notebook, entry, came, said)
                for entry in plan["gone cells"]
                if entry["notebook"] == name
            ]
            moved = _put_in_order(notebook, plan["order"].get(name, []))
        except (ValueError, TypeError, LookupError, AttributeError):
            said.append(f"{name} cannot be read as a notebook, so nothing in it was repaired.")
            continue
        count = sum(done)
        if count or moved:
            text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
            changed[name] = text.encode()
        if count:
            said.append(f"In {name}, {count} {'cell is' if count == 1 else 'cells are'} new.")
        if moved:
            said.append(f"In {name}, cells stand in another order.")
    return changed


def _repair_cell(
    notebook: Mapping[str, Any], entry: Mapping[str, Any], came: Mapping[str, str], said: list[str]
) -> bool:
    """Put a cell in the place of its older self, if nobody has edited that; whether it changed."""
    cells, new = notebook["cells"], entry["cell"]
    olds = _olds(entry, new["id"], came)
    place = _find(cells, new["id"], olds)
    if place is None:
        if given.cell_digest(new) in olds:
            return False  # the student has deleted it, and it is as it was
        after = None if entry["after"] is None else _find(cells, entry["after"], set())
        at = len(cells) if after is None and entry["after"] else 0 if after is None else after + 1
        cells.insert(at, _fitting(new, notebook))
        return True
    now = cells[place]
    digest = given.cell_digest(now)
    marks = [cell["metadata"].get("nbgrader") for cell in (now, new)]
    if given.is_answer(now) or (digest == given.cell_digest(new) and marks[0] == marks[1]):
        return False
    if digest not in olds and digest != given.cell_digest(new):
        said.append(
            f"{_EDITED}a cell of {entry['notebook']} ({new['id']}). Its new text:\n\n"
            + "\n".join(f"    {line}" for line in given.text(new).splitlines())
            + "\n"
        )
        return False
    cells[place] = _fitting(new, notebook, now)
    return True


def _remove_cell(
    notebook: Mapping[str, Any], entry: Mapping[str, Any], came: Mapping[str, str], said: list[str]
) -> bool:
    """Take a cell out that the assignment no longer has, if nobody has edited it."""
    cells = notebook["cells"]
    olds = _olds(entry, entry["id"], came)
    place = _find(cells, entry["id"], olds)
    if place is None or given.is_answer(cells[place]):
        return False
    if given.cell_digest(cells[place]) not in olds:
        said.append(
            f"{_EDITED}a cell of {entry['notebook']} ({entry['id']}), which the assignment no"
            " longer has."
        )
        return False
    del cells[place]
    return True


def _put_in_order(notebook: dict[str, Any], order: Sequence[str]) -> bool:
    """Put the cells with these ids into this order, each with the student's own cells that follow
    it; whether any has moved.
    """
    rank = {name: place for place, name in enumerate(order)}
    groups: list[tuple[int, list[dict[str, Any]]]] = [(-1, [])]
    for cell in notebook["cells"]:
        names = (cell.get("id"), cell["metadata"].get("id"))
        place = next((rank[name] for name in names if name in rank), None)
        if place is None:
            groups[-1][1].append(cell)
        else:
            groups.append((place, [cell]))
    cells = [cell for _, group in sorted(groups, key=lambda group: group[0]) for cell in group]
    moved: bool = cells != notebook["cells"]
    notebook["cells"] = cells
    return moved


def _olds(entry: Mapping[str, Any], name: str, came: Mapping[str, str]) -> set[str]:
    """The digests that a cell had in the older kit, and in this one as it came."""
    found = {entry["old"], came.get(f"{entry['notebook']}#{name}")}
    return {digest for digest in found if digest}


def _find(cells: list[dict[str, Any]], name: str, olds: set[str]) -> int | None:
    """Where a cell is: by its id, which some programs drop or keep elsewhere, or by its text."""
    for place, cell in enumerate(cells):
        if name in (cell.get("id"), cell["metadata"].get("id")):
            return place
    for place, cell in enumerate(cells):
        if given.cell_digest(cell) in olds and not given.is_answer(cell):
            return place
    return None


def _fitting(
    new: Mapping[str, Any], notebook: Mapping[str, Any], now: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A new cell for a notebook of whatever version, with the id of the cell in whose place it
    comes.
    """
    cell = dict(new)
    if now is not None and "id" in now:
        cell["id"] = now["id"]
    if (notebook.get("nbformat", 4), notebook.get("nbformat_minor", 5)) < (4, 5):
        cell.pop("id")
    return cell


# --- files ----------------------------------------------------------------------------------------


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write(path: Path, content: bytes | None) -> None:
    """Replace a file, such that it is the old one or the new one at any moment; None removes it."""
    if content is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(content)
    if path.suffix == ".sh":
        unfinished.chmod(0o755)
    unfinished.replace(path)


def _back_up(kit: Path, version: str, names: Mapping[str, bytes | None]) -> Path | None:
    """Keep the files of these names in a new zip; None if none of them is there."""
    present = {name: content for name in sorted(names) if (content := _read(kit / name))}
    if not present:
        return None
    numbers = ("", *(f"_{number}" for number in range(2, 1000)))
    paths = (kit / f"before_repair_{version}{number}.zip" for number in numbers)
    path = next(path for path in paths if not path.exists())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in present.items():
            out.writestr(name, content)
    return path


def _say(sentences: list[str]) -> None:
    for sentence in filter(None, sentences):
        letters = sys.stdout.encoding or "utf-8"  # some terminals lack some letters
        print(sentence.encode(letters, "replace").decode(letters))


if __name__ == "__main__":
    sys.exit(main())
