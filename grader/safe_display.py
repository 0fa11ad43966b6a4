"""Student notebooks, shown to staff without letting them act.

Formgrader shows a submission in a page of the grader's own Jupyter server, where a script could do what the grader can.
`safe_text`, `safe_outputs` and `safe_attachments` keep text and pixels of a notebook, whatever else it holds in their place;
`safe_markdown` renders prose for those pages.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_output

from grader.feedback import printable

MAX_OUTPUT = 4_000_000  # characters of one output; a large figure has about 200,000
MAX_OUTPUTS = 100  # of one cell
MAX_LINES = 200  # of one traceback
MAX_SOURCE = 100_000  # characters of a cell
_COLOUR = re.compile(r"(\x1b\[[0-9;]{0,20}m)")
_IMAGES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}  # type -> how its files begin

_TAGS = frozenset((
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "img", "kbd", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th",
    "thead", "tr", "u", "ul"))
_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_PIXELS = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*\Z")
_CODE_COLOUR = re.compile(r"(highlight|[a-z]{1,2}[0-9]?)\Z")  # the class names of highlighted code


def safe_text(value: Any) -> str:
    """The source of a cell, or another text of a notebook, without what could act on a page or a terminal."""
    text = printable(_joined(value) or "")
    if len(text) > MAX_SOURCE:
        text = f"{text[:MAX_SOURCE]}\n\n(The rest is left out: these are {MAX_SOURCE} characters.)"
    return text


def safe_outputs(outputs: Any) -> list[NotebookNode]:
    """In place of nbgrader's ClearOutput: what the student saw stays, as far as it is text or pixels."""
    return [_safe_output(output) for output in (outputs if isinstance(outputs, list) else [])[:MAX_OUTPUTS]]


def safe_attachments(attachments: Any) -> NotebookNode:
    """Pictures in prose."""
    entries = attachments.items() if isinstance(attachments, dict) else ()
    return NotebookNode({printable(name): _safe_data(data) for name, data in entries})


def _safe_output(output: Any) -> NotebookNode:
    """The output rebuilt from its harmless parts; a sentence in its place when nothing is left."""
    output = output if isinstance(output, dict) else {}
    kind, text = output.get("output_type"), _joined(output.get("text"))
    if kind == "stream" and text is not None:
        return new_output("stream", name="stderr" if output.get("name") == "stderr" else "stdout", text=_coloured(text))
    if kind == "error":
        lines = output.get("traceback")
        lines = [_coloured(line) for line in lines[:MAX_LINES] if _is_text(line)] if isinstance(lines, list) else []
        return new_output("error", ename=safe_text(output.get("ename")), evalue=safe_text(output.get("evalue")), traceback=lines)
    if kind in ("display_data", "execute_result"):
        data = _safe_data(output.get("data"))
        if data:
            # All become display_data: as an execute_result, a student's number would be read as a score.
            return new_output("display_data", data=data)
    return new_output("stream", name="stdout", text="(an output that is not shown here: neither text nor an image)\n")


def _safe_data(data: Any) -> NotebookNode:
    """The parts of a mime bundle that are plain text, or images that are what they say."""
    safe = NotebookNode()
    for kind in ("text/plain", *_IMAGES):
        value = _joined(data.get(kind)) if isinstance(data, dict) else None
        if value is not None and kind == "text/plain":
            safe[kind] = _coloured(value)
        elif value is not None and _is_image(value, _IMAGES[kind]):
            safe[kind] = "".join(value.split())
    return safe


def _joined(value: Any) -> str | None:
    """A text, which notebooks keep as one or as the list of its lines; None for anything else, or far too long."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    return value if _is_text(value) else None


def _coloured(text: str) -> str:
    """A printed text: colours stay, which the pages turn into markup; other escapes and controls go.

    Of a line that was printed over itself, as progress bars are, the last state stays.
    """
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return "".join(part if _COLOUR.fullmatch(part) else printable(part) for part in _COLOUR.split(text))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_OUTPUT


def _is_image(value: str, begin: bytes) -> bool:
    try:
        return base64.b64decode("".join(value.split()), validate=True).startswith(begin)
    except (binascii.Error, ValueError):
        return False


@pass_context
def safe_markdown(context: Any, source: str) -> str:
    """Markdown as HTML, in place of nbconvert's `markdown2html`: no script, form, frame, id or link into the server.

    Ids go because Formgrader finds its score fields by id, and a heading named like one would take its place.
    """
    try:
        page = HTMLExporter(exclude_anchor_links=True).markdown2html(context, source)
    except Exception:  # such as an image that is not attached: one cell must not hide the whole notebook
        return f"<pre>{html.escape(source)}</pre>"
    return bleach.clean(page, tags=_TAGS, attributes=_allowed, protocols=["http", "https", "mailto", "data"],
                        css_sanitizer=CSSSanitizer(allowed_css_properties=["text-align"]))


def _allowed(tag: str, name: str, value: str) -> bool:
    """Whether an attribute stays. Links lead outside; images carry their own pixels; classes only colour code."""
    if name == "href":
        return tag == "a" and bool(_LINK.match(value))
    if name == "src":
        return tag == "img" and bool(_PIXELS.match(value))
    if name == "class":
        return tag in ("div", "span", "pre", "code") and all(_CODE_COLOUR.match(part) for part in value.split())
    return name in ("alt", "title") or (name == "style" and tag in ("td", "th"))
