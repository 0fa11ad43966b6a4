"""How a picture gets into a cell: with an alternative text, and a sentence under it. Complete.

Whoever does not see a picture hears its alternative text: what is drawn. The sentence says what to
see in it.
"""

from __future__ import annotations

import html
import sys
import textwrap
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib.pyplot as plt
from IPython.core.pylabtools import print_figure
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

LINE = 90  # characters
MOST = 20  # names in a list; nobody listens to more


def show(fig: Figure, sentence: str, alt: str | None = None) -> None:
    """Display the figure once and, under it, the sentence that says what to see.

    alt : the alternative text, where titles, labels and names of curves do not say what is drawn
    """
    put(png(fig), alt or in_words(fig) or sentence)
    plt.close(fig)  # or the inline backend would draw it a second time at the end of the cell
    say(sentence)


def say(sentence: str) -> None:
    """Put a sentence into the cell, as HTML as well: a narrow window would break printed lines in
    the middle of words.
    """
    printed = textwrap.fill(sentence, LINE)
    if _in_ipython():
        data = {"text/html": paragraph(sentence), "text/plain": printed}
        display(data, metadata={}, raw=True)
    else:
        print(printed)


def paragraph(sentence: str) -> str:
    """A sentence as HTML, no wider than one likes to read."""
    return f'<p style="max-width: 45em; line-height: 1.4">{html.escape(sentence)}</p>'


def png(fig: Figure) -> bytes:
    """The figure as a PNG file, cropped as pictures in notebooks are."""
    return b64decode(print_figure(fig, "png", bbox_inches="tight", base64=True))


def put(content: bytes, alt: str, **options: Any) -> Any:
    """Display a PNG file with its alternative text; returns what `display` returns.

    It is displayed as HTML as well, because pages take the alternative text from there alone.
    Formgrader and other readers without HTML take the PNG file. A terminal gets the text.
    """
    if not _in_ipython():
        return print(f"({alt})")
    data, metadata = bundle(content, alt)
    return display(data, metadata=metadata, raw=True, **options)


def bundle(content: bytes, alt: str) -> tuple[dict[str, str], dict[str, Any]]:
    """A PNG file for a cell's output: its data by type, and what is said about them."""
    data = b64encode(content).decode()
    return (
        {"image/png": data, "text/html": as_html(data, alt), "text/plain": alt},
        {"image/png": {"alt": alt}},
    )


def as_html(data: str, alt: str) -> str:
    """A PNG file in base64 as HTML; decoded at once, so that it does not flicker when replaced."""
    return (
        f'<img decoding="sync" alt="{html.escape(alt)}" style="max-width: 100%; height: auto"'
        f' src="data:image/png;base64,{data}">'
    )


def _in_ipython() -> bool:
    ipython = sys.modules.get("IPython")
    return bool(ipython and ipython.get_ipython())


# --- in words -------------------------------------------------------------------------------------


def in_words(*figures: Figure) -> str:
    """What figures show, in words: titles, labels of the axes, names of the curves, marks."""
    parts: list[str] = []
    for figure in figures:
        suptitle = getattr(figure, "_suptitle", None)
        parts += [_plain(suptitle.get_text())] if suptitle else []
        bare, told = [], []
        for ax in figure.axes:
            words = list(_of_axes(ax))
            if len(words) == 1 and not ax.axison and len(figure.axes) > 1:
                bare += words  # images side by side, each with its title alone
            else:
                told += words
        parts += told
        if bare:
            parts.append(f"{len(bare)} images: {_listed(bare)}")
    return " ".join(
        part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part
    )


def _of_axes(ax: Axes) -> Iterator[str]:
    if ax.get_label() == "<colorbar>":
        label = ax.get_ylabel() or ax.get_xlabel()
        if label:
            yield f"Colours: {_plain(label)}"
        return
    if title := _plain(ax.get_title()):
        yield title
    axes = [
        f"{name}: {_plain(label)}"
        for name, label in (("x axis", ax.get_xlabel()), ("y axis", ax.get_ylabel()))
        if label
    ]
    if axes and ax.axison:
        yield "; ".join(axes)
    _, names = ax.get_legend_handles_labels()
    if names := [_plain(name) for name in names if name]:
        yield f"Drawn: {_listed(names)}"
    marks = [_plain(text.get_text()) for text in ax.texts]
    if any(marks) and len(marks) <= MOST:  # more are the numbers of a table
        yield f"Marked: {_listed([mark for mark in marks if mark])}"


def _plain(text: str) -> str:
    """A label on one line, without the signs that make Matplotlib set a formula."""
    return " ".join(text.replace("$", "").replace("\\", "").split())


def _listed(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    rest = len(unique) - MOST
    return ", ".join(unique[:MOST]) + (f", and {rest} more" if rest > 0 else "")
