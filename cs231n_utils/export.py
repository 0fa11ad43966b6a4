"""python -m cs231n_utils.export: notebooks as pages that everybody can read. Complete.

`jupyter nbconvert --to html` makes such pages as well, with prompts, numbers and comments too pale
to read for some, code that a narrow window cuts, and controls that no kernel answers.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from pathlib import Path
from typing import Any

KIT = Path(__file__).resolve().parents[1]  # the folder that holds cs231n_utils
_WIDGET = "application/vnd.jupyter.widget-view+json"
# What nbconvert's own page lacks. Every colour has a contrast of 4.5 to its background.
_TEMPLATE = """{% extends 'lab/index.html.j2' %}
{% block html_head_js_requirejs %}{% endblock %}
{% block jupyter_widgets %}{% endblock %}
{% block html_head_css %}{{ super() }}<style>
:root {
  --jp-cell-prompt-not-active-opacity: 1;
  --jp-mirror-editor-comment-color: #2f6b6b;
  --jp-mirror-editor-number-color: #006b00;
  --jp-mirror-editor-operator-color: #7a1fd1;
}
body .jp-InputPrompt, body .jp-OutputPrompt { color: #5f5f5f; opacity: 1 }
.highlight .c1 { color: #2f6b6b }
.highlight :is(.mi, .mf, .mh, .mb, .mo, .il) { color: #006b00 }
.highlight .ow { color: #7a1fd1 }
body .highlight pre, body .jp-OutputArea-output pre {
  white-space: pre-wrap; word-break: normal; overflow-wrap: anywhere
}
.jp-RenderedHTMLCommon img { max-width: 100%; height: auto }
@media (max-width: 700px) {
  body.jp-Notebook { padding: 4px }
  .jp-InputPrompt, .jp-OutputPrompt, .jp-Collapser { display: none }
  .jp-RenderedHTMLCommon { overflow-wrap: break-word }
}
</style>{% endblock %}
"""


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m cs231n_utils.export",
        description="Write each notebook, as it was saved, as a page beside it: 2_svm.html.",
        epilog="Exit status: 0 if all pages were written, 1 if not.",
    )
    parser.add_argument(
        "notebook", nargs="*", type=Path, help="default: all notebooks of this folder"
    )
    notebooks = parser.parse_args(arguments).notebook or sorted(KIT.glob("*.ipynb"))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # some terminals lack some letters
    failed = False
    for path in notebooks:
        try:
            print(f"Written: {export(path)}")
        except ImportError:
            print("Pages need nbconvert, which comes with JupyterLab: pip install nbconvert")
            return 1
        except (OSError, ValueError) as error:
            print(f"{path} is left out: {error}")
            failed = True
    return 1 if failed or not notebooks else 0


def export(path: Path) -> Path:
    """Write a notebook as HTML beside it; returns the path of the page."""
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)
    except nbformat.ValidationError:
        raise ValueError("it is no notebook") from None
    target = path.with_suffix(".html")
    target.write_text(as_html(notebook, path.stem), encoding="utf-8")
    return target


def as_html(notebook: Any, name: str) -> str:
    """A notebook as one HTML page; only its formulas need a network, for MathJax.

    name : the title, where the notebook has no heading
    """
    from jinja2 import DictLoader
    from nbconvert import HTMLExporter

    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if _WIDGET not in out.get("data", {})]
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = re.search(r"^# (.+)", prose, re.MULTILINE)
    notebook.metadata["title"] = heading[1].strip() if heading else name
    exporter = HTMLExporter(
        template_file="page.html.j2", extra_loaders=[DictLoader({"page.html.j2": _TEMPLATE})]
    )
    page, _ = exporter.from_notebook_node(notebook)
    return str(page)


if __name__ == "__main__":
    sys.exit(main())
