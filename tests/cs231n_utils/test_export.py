"""python -m cs231n_utils.export: which pages it writes, and what it leaves out of them."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cs231n_utils import export


@pytest.fixture
def notebook(tmp_path):
    """A notebook with a heading, a picture in words, and controls that no kernel answers."""
    picture = {"image/png": "AAAA", "text/html": '<img alt="Two valleys" src="data:,">'}
    controls = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "CTRL"}
    outputs = [new_output("display_data", data=data) for data in (controls, picture)]
    cells = [
        new_code_cell("# Not this one", outputs=outputs),
        new_markdown_cell("# Slopes & more\n\n## Part 1"),
    ]
    path = tmp_path / "1_slopes.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_a_page_lies_beside_its_notebook_and_has_its_heading_for_a_title(notebook, capsys):
    before = notebook.read_bytes()
    assert export.main([str(notebook)]) == 0
    page = notebook.with_suffix(".html")
    assert capsys.readouterr().out == f"Written: {page}\n"
    text = page.read_text(encoding="utf-8")
    assert "<title>Slopes &amp; more</title>" in text and '<html lang="en">' in text
    assert 'alt="Two valleys"' in text and "CTRL" not in text
    assert notebook.read_bytes() == before


def test_a_file_that_is_no_notebook_is_named_and_the_others_are_written(notebook, capsys):
    other = notebook.with_name("2_no.ipynb")
    other.write_text("{}")
    missing = notebook.with_name("3_missing.ipynb")
    assert export.main([str(other), str(missing), str(notebook)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"{other} is left out: ")
    assert said[1].startswith(f"{missing} is left out: ")
    assert said[-1] == f"Written: {notebook.with_suffix('.html')}"
