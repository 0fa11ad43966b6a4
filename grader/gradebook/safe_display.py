"""Parts of students' notebooks, made harmless for staff who open them, in nbgrader's pages or in
JupyterLab.

Formgrader shows a submission in a page of the staff's own Jupyter server, where a script could do
everything that staff can. So cells are rebuilt from text and pixels, within the limits of an
`Allowance`; a sentence takes the place of anything else in a cell. staff_pages.py turns the result
into HTML.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from grader.gradebook import formulas
from grader.gradebook.allowance import MAX_PROSE, Allowance
from grader.text import one_line, printable

MAX_OUTPUT = 100_000  # characters of one output; a printed table of the course has about 2,000
MAX_OUTPUTS = 100  # of one cell
MAX_LINES = 200  # of one traceback
MAX_ALTERNATIVE = 1000  # characters of a picture's alternative text
MAX_SOURCE = 100_000  # characters of a cell that is not graded
COLOUR = re.compile(r"(\x1b\[[0-9;]{0,20}m)")
# Mime type -> the first bytes of its files.
_IMAGES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
MAX_PIXELS = 30_000_000  # of one picture: a small file may ask the browser for gigabytes
NOT_SHOWN = "(an output that is not shown here: neither text nor an image)\n"
NO_ROOM = (
    "(The outputs that follow are left out: the notebook prints more than these pages show.)\n"
)

# What makes a browser or JupyterLab fetch something: an image that is not attached, and a tag with
# attributes. A space behind the first character makes it plain text, which stays readable in prose,
# code and formulas.
_IMAGE = re.compile(r"!(?=\[)(?!\[[^\[\]\n]{0,200}\]\(attachment:[^()\s]{1,200}\))")
_TAG = re.compile(
    r"<(?=[A-Za-z/!?])(?!/?(?:b|br|details|em|hr|i|kbd|s|strong|sub|summary|sup|u) ?/?>|https?://|mailto:)",
    re.IGNORECASE,
)
_DIAGRAM = re.compile(r"(?<=```|~~~)([ \t]*)(?=mermaid)", re.IGNORECASE)  # JupyterLab draws these

_AS_TEXT = re.compile(
    r"\*Shown as text: (?P<why>[^\n]{1,200})\.\*\n\n(?P<fence>`{3,})text\n(?P<text>.*)\n(?P=fence)",
    re.DOTALL,
)


def safe_text(value: Any, most: int | None = MAX_SOURCE) -> str:
    """The source of a cell, or another text of a notebook, without characters that could act on a
    page or a terminal.

    most : how many characters are kept; None for all of them
    """
    return _cut(printable(_joined(value) or ""), most)


def _cut(text: str, most: int | None) -> str:
    if most is None or len(text) <= most:
        return text
    return f"{text[:most]}\n\n(The rest is left out: these are {most} characters.)"


# --- prose ----------------------------------------------------------------------------------------


def safe_prose(source: str, allowance: Allowance) -> str:
    """Markdown that makes no browser fetch anything. Where it would take long to render, it becomes
    a block of plain text.
    """
    source = _DIAGRAM.sub(r"\1text-", _TAG.sub("< ", _IMAGE.sub("! ", source)))
    why = why_text(source, allowance)
    return as_text(source, why) if why else source


def why_text(source: str, allowance: Allowance) -> str:
    """Why Markdown must be shown as plain text, as the end of a sentence, or ""."""
    if len(source) > MAX_PROSE:
        return f"it has more than {MAX_PROSE:,} characters"
    # A renderer may turn &#36; into a dollar, and two backslashes into one, before MathJax looks
    # for formulas.
    resolved = html.unescape(source)
    found = [
        formulas.find(resolved),
        formulas.find(re.sub(r"\\\\(?=[A-Za-z]{2})", r"\\", resolved)),
    ]
    if why := found[0].problem or found[1].problem:
        return f"its formulas are not drawn, because {why}"
    count = max(one.count for one in found)
    if not allowance.spend(
        prose=len(source), formulas=count, formula_text=len(source) if count else 0
    ):
        return "the notebook has more formatted text or formulas than these pages show"
    return ""


def as_text(source: str, why: str) -> str:
    """Markdown that shows `source` as it was typed, below a sentence that says why. `shown_as_text`
    is the inverse.
    """
    longest = max((len(run) for run in re.findall(r"`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"*Shown as text: {one_line(why)}.*\n\n{fence}text\n{source}\n{fence}"


def shown_as_text(source: str) -> tuple[str, str] | None:
    """The arguments of `as_text` that led to this Markdown; None if it is not from there."""
    found = _AS_TEXT.fullmatch(source)
    return (found["text"], found["why"]) if found else None


def safe_attachments(attachments: Any, allowance: Allowance) -> NotebookNode:
    """The attachments of a cell that are safe pictures."""
    entries = attachments.items() if isinstance(attachments, dict) else ()
    safe = {printable(name): _safe_data(data, allowance) for name, data in entries}
    return NotebookNode({name: data for name, data in safe.items() if data})


# --- outputs --------------------------------------------------------------------------------------


def safe_outputs(outputs: Any, allowance: Allowance) -> list[NotebookNode]:
    """The outputs that the student saw, as far as they are text or pixels. nbgrader's ClearOutput,
    which this replaces, drops them all.
    """
    outputs = outputs if isinstance(outputs, list) else []
    safe: list[NotebookNode] = []
    for output in outputs[:MAX_OUTPUTS]:
        if not allowance.spend(outputs=1):
            break
        safe.append(_safe_output(output, allowance))
    if len(safe) < len(outputs):
        safe.append(new_output("stream", name="stdout", text=NO_ROOM))
    return safe


def _safe_output(output: Any, allowance: Allowance) -> NotebookNode:
    """The output, rebuilt from its harmless parts, or a sentence if none is left."""
    output = output if isinstance(output, dict) else {}
    kind, text = output.get("output_type"), _joined(output.get("text"))
    if kind == "stream" and text is not None:
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return new_output("stream", name=name, text=_printed(text, allowance))
    if kind == "error":
        lines = output.get("traceback")
        lines = [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
        if len(lines) > MAX_LINES:
            lines = [*lines[:MAX_LINES], "(The rest of the traceback is left out.)"]
        return new_output(
            "error",
            ename=safe_text(output.get("ename"), 1000),
            evalue=safe_text(output.get("evalue"), 10_000),
            traceback=_printed("\n".join(lines), allowance).split("\n") if lines else [],
        )
    if kind in ("display_data", "execute_result"):
        data = _safe_data(output.get("data"), allowance)
        if data:
            metadata = _alternatives(output.get("metadata"), data, allowance)
            # Always display_data: nbgrader would read a number in an execute_result as a score.
            return new_output("display_data", data=data, metadata=metadata)
    return new_output("stream", name="stdout", text=NOT_SHOWN)


def _safe_data(data: Any, allowance: Allowance) -> NotebookNode:
    """The parts of a mime bundle that are plain text, or images of the type that they claim."""
    safe = NotebookNode()
    for kind in ("text/plain", *_IMAGES):
        value = _joined(data.get(kind)) if isinstance(data, dict) else None
        if value is not None and kind == "text/plain":
            safe[kind] = _printed(value, allowance)
        elif value is not None and (image := _image(value, kind, allowance)):
            safe[kind] = image
    return safe


def _alternatives(metadata: Any, data: NotebookNode, allowance: Allowance) -> NotebookNode:
    """The alternative texts of the pictures, which their notebook gave them."""
    safe = NotebookNode()
    for kind in _IMAGES.keys() & data.keys():
        said = metadata.get(kind) if isinstance(metadata, dict) else None
        alt = said.get("alt") if isinstance(said, dict) else None
        if isinstance(alt, str):
            alt = one_line(alt[:MAX_ALTERNATIVE])
            if allowance.spend(output=len(alt)):
                safe[kind] = NotebookNode({"alt": alt})
    return safe


def _joined(value: Any) -> str | None:
    """A text, which a notebook holds as a string or as a list of lines; None for others."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    return value if isinstance(value, str) else None


def _printed(text: str, allowance: Allowance) -> str:
    """A printed text with its colours, which the pages turn into markup, and without other escapes
    and controls.

    Of a line that was overwritten, as by a progress bar, only the last state is kept.
    """
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    text = _cut(text, MAX_OUTPUT)
    if not allowance.spend(output=len(text) + 1):
        return NO_ROOM
    colours = len(COLOUR.findall(text))
    if not allowance.spend(colours=colours):
        return (
            printable(COLOUR.sub("", text))
            + "\n(The colours are left out: the notebook has more than these pages show.)\n"
        )
    return "".join(
        part if COLOUR.fullmatch(part) else printable(part) for part in COLOUR.split(text)
    )


# --- pictures -------------------------------------------------------------------------------------


def _image(value: str, kind: str, allowance: Allowance) -> str | None:
    """The picture in base64, if it is of this type and a browser can hold its pixels; else None."""
    value = "".join(value.split())
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not content.startswith(_IMAGES[kind]):
        return None
    pixels = _pixels_of_png(content) if kind == "image/png" else _pixels_of_jpeg(content)
    return (
        value
        if pixels is not None and pixels <= MAX_PIXELS and allowance.spend(pixels=pixels)
        else None
    )


def _pixels_of_png(content: bytes) -> int:
    return int.from_bytes(content[16:20], "big") * int.from_bytes(content[20:24], "big")


def _pixels_of_jpeg(content: bytes) -> int | None:
    """Height times width in pixels, from the first frame header; None if other things than segments
    come before that.
    """
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # those three hold tables
            return int.from_bytes(content[place + 5 : place + 7], "big") * int.from_bytes(
                content[place + 7 : place + 9], "big"
            )
        # This is no segment, or the image data begins before any header.
        if marker < 0xC0 or 0xD0 <= marker <= 0xDA or marker == 0xFF:
            return None
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return None
