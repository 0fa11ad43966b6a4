"""Student notebooks, shown to staff without letting them act.

Formgrader shows a submission in a page of the grader's own Jupyter server, where a script could do what the grader can.
`KeepSafeOutputs` keeps text and pixels of a notebook and drops the rest; `safe_markdown` renders prose for those pages;
`drop_active_files` keeps what lies beside the notebooks from being served there.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from pathlib import Path
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets import Bool

MAX_OUTPUT = 4_000_000  # characters of one output; a large figure has about 200,000
_IMAGES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}  # type -> how its files begin

_TAGS = frozenset((
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "img", "kbd", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th",
    "thead", "tr", "u", "ul"))
_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_PIXELS = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*\Z")
_CODE_COLOUR = re.compile(r"(highlight|[a-z]{1,2}[0-9]?)\Z")  # the class names of highlighted code
_STILL = frozenset((".ipynb", ".py", ".npz", ".txt", ".md", ".csv", ".png", ".jpg"))  # files no browser runs


class KeepSafeOutputs(Preprocessor):
    """In place of nbgrader's ClearOutput: what the student saw stays, as far as it is text or pixels."""

    enabled = Bool(True).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        # Widgets' state, malformed kernelspecs and the like; nbgrader puts the master's kernelspec in afterwards.
        nb.metadata = NotebookNode(language_info=NotebookNode(name="python"))
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        # Of a cell's metadata only nbgrader's is needed; tags, slideshow and the like go into the page's markup.
        cell.metadata = NotebookNode({key: cell.metadata[key] for key in ("nbgrader",) if key in cell.metadata})
        if "attachments" in cell:
            cell.attachments = NotebookNode({str(name): _safe_data(data) for name, data in cell.attachments.items()})
        if cell.cell_type == "code":
            cell.outputs = [safe for output in cell.outputs for safe in _safe_output(output)]
        return cell, resources


def _safe_output(output: NotebookNode) -> list[NotebookNode]:
    """The output rebuilt from its harmless parts; a sentence in its place when nothing is left."""
    kind = output.get("output_type")
    if kind == "stream" and _is_text(output.get("text")):
        return [new_output("stream", name="stderr" if output.get("name") == "stderr" else "stdout", text=output.text)]
    if kind == "error":
        lines = [line for line in output.get("traceback") or [] if _is_text(line)]
        return [new_output("error", ename=str(output.get("ename")), evalue=str(output.get("evalue")), traceback=lines)]
    if kind in ("display_data", "execute_result"):
        data = _safe_data(output.get("data"))
        if data:
            # All become display_data: as an execute_result, a student's number would be read as a score.
            return [new_output("display_data", data=data)]
    return [new_output("stream", name="stdout", text="(an output that is not shown here: neither text nor an image)\n")]


def _safe_data(data: Any) -> NotebookNode:
    """The parts of a mime bundle that are plain text, or images that are what they say."""
    if not isinstance(data, dict):
        return NotebookNode()
    return NotebookNode({kind: value for kind, value in data.items() if _is_text(value)
                         and (kind == "text/plain" or _is_image(value, _IMAGES.get(kind)))})


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_OUTPUT


def _is_image(value: str, begin: bytes | None) -> bool:
    if begin is None:
        return False
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


def drop_active_files(folder: Path) -> None:
    """Remove files that a browser might run (HTML, SVG, ...): Formgrader serves whatever lies in `folder`."""
    for path in folder.rglob("*"):
        if path.suffix not in _STILL and not path.is_dir():
            path.unlink()
