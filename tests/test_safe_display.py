"""What a student's notebook keeps, and what it loses, before staff look at it."""

import base64

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grader import safe_display

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n and pixels").decode()
MISSING = "(an output that is not shown here: neither text nor an image)\n"


def kept(*outputs):
    cell = new_code_cell("1")
    cell.outputs = list(outputs)
    return safe_display.KeepSafeOutputs().preprocess_cell(cell, {}, 0)[0].outputs


def rendered(source, **attachments):
    return safe_display.safe_markdown({"cell": {"attachments": attachments}}, source)


def test_text_pictures_streams_and_tracebacks_stay():
    picture = new_output("display_data", data={"image/png": PNG, "text/plain": "<Figure>"})
    stream = new_output("stream", name="stderr", text="RuntimeWarning")
    error = new_output("error", ename="ValueError", evalue="no", traceback=["Traceback", "ValueError: no"])
    assert kept(picture, stream, error) == [picture, stream, error]


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/javascript", "text/markdown", "text/latex",
                                  "application/vnd.jupyter.widget-view+json"])
def test_what_a_browser_might_run_goes(kind):
    assert kept(new_output("display_data", data={kind: "<script>1</script>", "text/plain": "a table"})) == [
        new_output("display_data", data={"text/plain": "a table"})]
    [left] = kept(new_output("display_data", data={kind: "<script>1</script>"}))
    assert left.text == MISSING


@pytest.mark.parametrize("data", [{"image/png": "<script>"}, {"image/png": base64.b64encode(b"<svg>").decode()},
                                  {"image/png": ["a list"]}, {"text/plain": {"a": 1}}, "no bundle", None])
def test_an_image_is_what_it_says_or_goes(data):
    output = new_output("display_data")
    output.data = data
    assert [left.text for left in kept(output)] == [MISSING]


def test_a_huge_output_goes():
    assert kept(new_output("stream", text="x" * (safe_display.MAX_OUTPUT + 1)))[0].text == MISSING


def test_a_result_does_not_stay_a_result():
    [left] = kept(new_output("execute_result", data={"text/plain": "11"}))
    assert left.output_type == "display_data"


def test_metadata_stays_only_where_nbgrader_needs_it():
    nb = new_notebook(cells=[new_markdown_cell("", metadata={"tags": ["x"], "nbgrader": {"grade_id": "a"}})])
    nb.metadata = {"widgets": {"state": {}}, "kernelspec": {"no": "name"}}
    nb, _ = safe_display.KeepSafeOutputs()(nb, {})
    assert nb.cells[0].metadata == {"nbgrader": {"grade_id": "a"}}
    assert nb.metadata == {"language_info": {"name": "python"}}


def test_prose_formulas_code_tables_and_links_are_shown():
    page = rendered("# Title\n\n**bold**, $x < y$ and [a link](https://example.org)\n\n"
                    "```python\nreturn x < 3\n```\n\n|a|b|\n|-:|-|\n|1|2|\n")
    for part in ("<h1>Title</h1>", "<strong>bold</strong>", "$x &lt; y$", '<a href="https://example.org">a link</a>',
                 '<span class="k">return</span>', "<td", "text-align"):
        assert part in page


@pytest.mark.parametrize("source", [
    "<script>owned()</script>", "<img src=x onerror=owned()>", "<svg onload=owned()>", "<iframe src=page.html></iframe>",
    "<form action=/api><button>Go</button></form>", "<style>*{display:none}</style>", "<object data=page.html></object>",
    "[x](javascript:owned())", "[x](&#106;avascript:owned())", '<a href="data:text/html,owned()">x</a>', "[x](page.html)",
    "[x](/formgrader/api)", "![x](https://example.org/tracker.png)", "![x](/logout)",
    '<img src="data:image/svg+xml;base64,PHN2Zz4=">', "# svm_loss_naive", '<p id="svm_loss_naive" class="score">x</p>'])
def test_nothing_acts_or_leads_into_the_server(source):
    page = rendered(source)
    for live in ("<script", "<img src", "<svg", "<iframe", "<form", "<button", "<style", "<object", "href=", "id=",
                 'class="score"'):
        assert live not in page


def test_attached_pictures_are_shown_and_other_attachments_are_not():
    assert f"data:image/png;base64,{PNG}" in rendered("![p](attachment:p.png)", **{"p.png": {"image/png": PNG}})
    assert "data:" not in rendered("![p](attachment:p.svg)", **{"p.svg": {"image/svg+xml": "PHN2Zz4="}})


def test_a_cell_that_cannot_be_rendered_shows_its_source():
    assert rendered("![p](attachment:missing.png) <b>") == "<pre>![p](attachment:missing.png) &lt;b&gt;</pre>"


def test_only_still_files_are_left_to_be_served(tmp_path):
    (tmp_path / "sub.html").mkdir()
    for name in ("a.ipynb", "b.py", "page.html", "PAGE.HTML", "x.svg", "y.xhtml", "no_suffix", "sub.html/c.js", "d.npz"):
        (tmp_path / name).write_text("")
    safe_display.drop_active_files(tmp_path)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"a.ipynb", "b.py", "d.npz"}
