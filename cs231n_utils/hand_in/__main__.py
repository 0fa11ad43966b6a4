"""python -m cs231n_utils.hand_in: say what is written and what is missing, and pack the hand-in."""

from __future__ import annotations

import argparse
import io
import platform
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from cs231n_utils.advice import encodings, every_version, model_files
from cs231n_utils.exercises import EXERCISES, NOTEBOOKS
from cs231n_utils.hand_in import given, packing, rules, trying
from cs231n_utils.imports.libraries import PYTHON

KIT = Path(__file__).resolve().parents[2]  # the folder that holds cs231n_utils
_MODEL = "best_model.npz"
_WIDTH = 100
_NAMED = 8  # names in one sentence


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    argparse.ArgumentParser(
        prog="python -m cs231n_utils.hand_in",
        description=(
            "Look at your files as they are now, say what is written and what is missing, and pack"
            f" {packing.ARCHIVE}: all that grading reads, and nothing else. Save the notebooks"
            " first."
        ),
        epilog="Exit status: 0 if the file was written, 1 if not, 130 after Ctrl-C.",
    ).parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # some terminals lack some letters
    try:
        return hand_in(KIT)
    except KeyboardInterrupt:
        print("Stopped by you. Nothing was packed.")
        return 130


def hand_in(kit: Path = KIT) -> int:
    """Look at a kit and pack it; returns 0 if the zip was written, else 1."""
    packed = packing.pack(kit)
    if not packed.files and not packed.notebooks:
        print(f"{kit} holds nothing to hand in: neither notebooks nor modules. Is it your folder?")
        return 1
    tried = trying.try_files(packed.files, kit)
    archive = kit / packing.ARCHIVE
    try:
        packing.write(packed, archive)
    except OSError as error:
        print(
            f"{archive} cannot be written ({error.strerror}). Close programs that have it open, or"
            " make room, and run this again."
        )
        return 1
    _show("", [_state(tried), _answers(packed), _versions(kit)])
    _show(
        "Look at this before you hand in:",
        [*packed.missing, *tried.problems, *packed.problems.values(), *_about_contents(packed)],
    )
    _show("", [*_what_travels(packed, archive), *_what_stays(packed)])
    _show("", [f"Hand in this file, as it is: {archive}"])
    return 0


# --- sentences ------------------------------------------------------------------------------------


def _state(tried: trying.Tried) -> str:
    """How many functions are written, and which are not."""
    functions = [row for row in EXERCISES.values() if row.file != row.name]
    written = f"Written: {len(tried.written)} of {len(functions)} functions."
    if tried.written:
        written += " `python -m cs231n_utils.check` says whether they are right."
    by_file: dict[str, list[str]] = {}
    for row in functions:
        if row.name in tried.not_written:
            by_file.setdefault(row.file, []).append(row.name)
    if not by_file:
        return written
    rest = "; ".join(f"{', '.join(names)} in {file}" for file, names in by_file.items())
    return f"{written} Not written yet: {rest}."


def _answers(packed: packing.Packed) -> str:
    answered = sum(book.is_answered for book in packed.notebooks.values())
    without = [name for name, book in packed.notebooks.items() if not book.is_answered]
    sentence = f"Answered: {answered} of {len(NOTEBOOKS)} written questions."
    if not without:
        return sentence
    return (
        f"{sentence} No answer yet in {', '.join(without)}; if you wrote one, save the notebook"
        " into this folder and run this again."
    )


def _versions(kit: Path) -> str:
    version = given.version(kit)
    kits = f", and version {version} of the assignment" if version else ""
    return (
        f"Here are Python {platform.python_version()} and NumPy {np.__version__}{kits}. Grading has"
        f" Python {PYTHON[0]}.{PYTHON[1]} or newer and NumPy, and no other library."
    )


def _about_contents(packed: packing.Packed) -> Iterator[str]:
    """Sentences on what stands in the files that travel."""
    for name, book in packed.notebooks.items():
        if book.problem:
            yield f"{name} {book.problem}"
    for name, content in packed.files.items():
        # Of a module that Python cannot read, `trying` has told.
        if name.endswith(".py") and not (
            name in rules.STUDENT_MODULES and encodings.fault(content)
        ):
            yield from every_version.notes(name, content)
    if model := packed.files.get(_MODEL):
        yield from _about_model(model)
    elif _MODEL in packed.files:
        yield f"{_MODEL} {model_files.fault(b'')}"
    if packed.changed:
        yield (
            f"Not as it was given: {_some(packed.changed)}. Your functions import it as you hand it"
            " in."
        )


def _about_model(content: bytes) -> Iterator[str]:
    if fault := model_files.fault(content[: model_files.NEEDED]):
        yield f"{_MODEL} {fault}"
        return
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            if "W" not in arrays:
                yield f"{_MODEL} {model_files.without_W([*arrays])}"
            else:
                arrays["W"]  # reads it
    # A damaged zip can raise many kinds.
    except Exception as error:
        yield f"{_MODEL} {model_files.unreadable(str(error))}"


def _what_travels(packed: packing.Packed, archive: Path) -> Iterator[str]:
    modules = len(rules.STUDENT_MODULES & packed.files.keys())
    parts = [f"{modules} of your {len(rules.STUDENT_MODULES)} modules"]
    if packed.own:
        count = len(packed.own)
        parts.append(
            f"{count} {'file' if count == 1 else 'files'} of your own ({_some(packed.own)})"
        )
    if rules.MODEL_FILE in packed.files:
        parts.append("the model")
    parts.append(f"{len(packed.notebooks)} of {len(NOTEBOOKS)} notebooks")
    size = archive.stat().st_size
    yield f"Packed into {archive.name} ({size / 1000:.0f} kB): {_list(parts)}."
    if packed.notebooks:
        yield "What you wrote in them travels; pictures and other outputs stay in your own copies."


def _what_stays(packed: packing.Packed) -> Iterator[str]:
    if packed.left:
        yield f"Not packed, as grading reads no such files: {_some(packed.left)}."


def _some(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    shown = [name if name.isprintable() else ascii(name) for name in names[:_NAMED]]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(shown) + more


def _list(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _show(title: str, sentences: Iterable[str]) -> None:
    """Print sentences, each on lines of its own; below a title as a list."""
    texts = [" ".join(sentence.split()) for sentence in sentences]
    if not texts:
        return
    if title:
        print(title)
    for text in texts:
        print(
            textwrap.fill(
                text,
                _WIDTH,
                initial_indent="  - " if title else "",
                subsequent_indent="    " if title else "",
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
    print()


if __name__ == "__main__":
    sys.exit(main())
