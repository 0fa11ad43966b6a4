"""nbgrader's pages of students' notebooks, made safe: the filters of its templates, and the names
that it shows.

`nbgrader_config.py` puts the filters in place of nbconvert's. A student's work is shown in a box
(an HTML element) that it cannot leave: it draws nothing outside, chooses no width or height, has no
id, class or style of its own, and fetches nothing. Each filter takes time in proportion to its
input, within the page's `Allowance`.
"""

from __future__ import annotations

import re
import sys
from typing import Any
from urllib.parse import quote

import bleach
from bleach.css_sanitizer import CSSSanitizer
from jinja2 import pass_context
from markupsafe import Markup, escape
from nbconvert.filters import ansi2html, strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import Python3Lexer

from grader.gradebook import formulas
from grader.gradebook.allowance import MAX_CODE, MAX_PROSE, Allowance
from grader.gradebook.safe_display import shown_as_text

_BOX = "contain: paint inline-size; overflow: auto; max-height: 200em; overflow-wrap: anywhere"
_WRAPPED = "white-space: pre-wrap; overflow-wrap: anywhere"
_TAGS = frozenset(
    (
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    )
)
_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_PIXELS = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]*\Z")
_CODE_COLOUR = re.compile(r"(highlight|[a-z]{1,2}[0-9]?)\Z")  # the class names of highlighted code
_PYTHON = frozenset(("python", "python3", "py", "ipython", "ipython3"))
_CODE = re.compile(r"<(pre|code)\b.*?</\1>", re.DOTALL)  # where MathJax looks for no formulas
_HTML_TAG = re.compile(r"<[^<>]*>")


# --- prose ----------------------------------------------------------------------------------------


@pass_context
def safe_markdown(context: Any, source: str) -> str:
    """Markdown as HTML without scripts, forms, frames, ids or links into the server; replaces
    nbconvert's `markdown2html`.

    Ids are removed because Formgrader finds its score fields by id, and a heading of the same id
    would take the place of one.
    """
    if known := shown_as_text(source):
        return _as_text(*known)
    allowance = _allowance_of(context)
    if len(source) > MAX_PROSE:
        return _as_text(source, f"it has more than {MAX_PROSE:,} characters")
    if not allowance.spend(prose=len(source)):
        return _as_text(source, "the notebook has more formatted text than this page shows")
    try:
        renderer = _Renderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            exclude_anchor_links=True,
        )
        page = _clean(MarkdownWithMath(renderer=renderer).render(source))
    # For example an image that is not attached: one cell must not hide the whole notebook.
    except Exception:
        return _as_text(source, "it cannot be rendered")
    return _box(page, why=_why_no_formulas(page, allowance))


class _Renderer(IPythonRenderer):
    """Renders code in prose as Python or as plain text, because some of the hundreds of other
    languages take minutes to highlight.
    """

    def block_code(self, code: str, info: str | None = None) -> str:
        language = (info or "").split(maxsplit=1)[:1]
        return (
            _highlighted(code)
            if language and language[0].lower() in _PYTHON
            else f"<pre><code>{escape(code)}</code></pre>\n"
        )


def _why_no_formulas(page: str, allowance: Allowance) -> str:
    """Why the formulas of a rendered cell must stay as they were typed; "" if MathJax may draw
    them.
    """
    text = str(Markup(_HTML_TAG.sub("", _CODE.sub("", page))).unescape())
    found = formulas.find(text)
    if found.problem or not found.count:
        return found.problem
    if not allowance.spend(formulas=found.count, formula_text=len(text)):
        return "the notebook has more of them than this page shows"
    return ""


def _box(page: str, why: str = "") -> str:
    """Rendered text in a box. If there is a reason `why`, MathJax ignores its formulas."""
    if not why:
        return f'<div style="{_BOX}">{page}</div>'
    return (
        '<p class="tex2jax_ignore"><em>Formulas are shown as they were typed:'
        f' {escape(why)}.</em></p><div class="tex2jax_ignore" style="{_BOX}">{page}</div>'
    )


def _as_text(source: str, why: str) -> str:
    return (
        f'<p class="tex2jax_ignore"><em>Shown as text: {escape(why)}.</em></p>'
        f'<pre style="{_BOX}; {_WRAPPED}">{escape(source)}</pre>'
    )


# --- code and outputs -----------------------------------------------------------------------------


@pass_context
def safe_code(context: Any, source: str, language: str | None = None, metadata: Any = None) -> str:
    """Code as HTML; replaces nbconvert's `highlight_code`, whose lexer takes minutes for a few
    thousand blank lines.

    language, metadata : not used; the templates give them
    """
    if len(source) <= MAX_CODE and _allowance_of(context).spend(code=len(source)):
        return f'<div style="{_BOX}">{_highlighted(source)}</div>'
    return (
        "<p><em>Shown without colours: it is longer than these pages colour.</em></p>"
        f'<div class="highlight"><pre style="{_BOX}; {_WRAPPED}">{escape(source)}</pre></div>'
    )


def _highlighted(code: str) -> str:
    # Blanks at the ends of lines are invisible, but the lexer takes long for many of them.
    lines = "\n".join(line.rstrip() for line in code.split("\n"))
    return str(
        highlight(
            lines,
            Python3Lexer(),
            HtmlFormatter(cssclass="highlight hl-ipython3", prestyles=_WRAPPED),
        )
    )


@pass_context
def safe_colours(context: Any, text: str) -> str:
    """Printed text as HTML; replaces nbconvert's `ansi2html`, which is slow for many colours."""
    colours = text.count("\x1b[")
    page = (
        ansi2html(text)
        if _allowance_of(context).spend(colours=colours)
        else escape(strip_ansi(text))
    )
    return f'<span style="display: block; {_BOX}; {_WRAPPED}">{page}</span>'


def safe_html(page: Any) -> str:
    """The HTML of an output or a raw cell, made safe; replaces nbconvert's `clean_html`, which lets
    through the ids and classes of score fields.
    """
    return f'<div style="{_BOX}">{_clean(str(page))}</div>'


def safe_links(page: str) -> str:
    """The page, unchanged; replaces nbconvert's `strip_files_prefix`, which is not needed, since
    all links lead outside, and which takes minutes.
    """
    return page


def _clean(page: str) -> str:
    cleaned: str = bleach.clean(
        page,
        tags=_TAGS,
        attributes=_allowed,
        protocols=["http", "https", "mailto", "data"],
        css_sanitizer=CSSSanitizer(
            allowed_css_properties=["text-align", "white-space", "overflow-wrap"]
        ),
    )
    return cleaned


def _allowed(tag: str, name: str, value: str) -> bool:
    """Whether an attribute is kept: a link if it leads outside, an image if it carries its pixels,
    a class if it colours code.
    """
    if name == "href":
        return tag == "a" and bool(_LINK.match(value))
    if name == "src":
        return tag == "img" and bool(_PIXELS.match(value))
    if name == "class":
        return tag in ("div", "span", "pre", "code") and all(
            _CODE_COLOUR.match(part) or part in ("hl-ipython3", "tex2jax_ignore")
            for part in value.split()
        )
    return name in ("alt", "title") or (name == "style" and tag in ("td", "th", "pre"))


def _allowance_of(context: Any) -> Allowance:
    """The allowance of the page that is being made."""
    resources = context.get("resources")
    page = resources if resources is not None else {}
    # This is more than for a notebook, since staff's comments and our own cells are added.
    if "allowance" not in page:
        page["allowance"] = Allowance(prose=50_000, formulas=600, formula_text=40_000)
    allowance: Allowance = page["allowance"]
    return allowance


# --- names ----------------------------------------------------------------------------------------

# Characters with a meaning in HTML, scripts, addresses, templates or formulas.
_MEANS_SOMETHING = re.compile(r"""[\x00-\x1f"$&'<>`\\{}#?%/\x7f-\x9f\u2028\u2029]""")


def in_template(name: str) -> str:
    """A name for a template that escapes nothing and uses the name in text, links and scripts.

    Characters with a meaning in any of them are written as in an address, so that links lead to the
    right place.
    """
    return _MEANS_SOMETHING.sub(lambda found: quote(found[0], safe=""), name)


class EscapeNames(Preprocessor):
    """Escapes the names on Formgrader's page of a submission, which nbgrader's template does not
    escape.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        for key in ("student", "first_name", "last_name"):
            if resources.get(key):
                resources[key] = f'<span class="tex2jax_ignore">{escape(resources[key])}</span>'
        if resources.get("notebook_path"):
            resources["notebook_path"] = str(escape(resources["notebook_path"]))
        return nb, resources


def mend_formgrader() -> None:
    """If Formgrader runs in this process, have its templates get names from `in_template`, and have
    its lists sent as plain text.

    The lists of students are JSON, but Formgrader sends them as HTML, so that a link to one of them
    would run a script in a student's name.
    """
    base = sys.modules.get("nbgrader.server_extensions.formgrader.base")
    if base is not None:
        base.BaseHandler.render = _render
        base.BaseApiHandler.set_default_headers = _set_headers


def _render(handler: Any, template: str, **values: Any) -> str:
    for key in ("student_id", "assignment_id", "notebook_id"):
        if key in values:
            values[key] = in_template(values[key])
    page = handler.settings["nbgrader_jinja2_env"].get_template(template).render(**values)
    return str(page)


def _set_headers(handler: Any) -> None:
    super(
        sys.modules["nbgrader.server_extensions.formgrader.base"].BaseApiHandler, handler
    ).set_default_headers()
    # The type is not JSON, because Formgrader's scripts parse the text themselves.
    handler.set_header("Content-Type", "text/plain; charset=UTF-8")
    handler.set_header("X-Content-Type-Options", "nosniff")
