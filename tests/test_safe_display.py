"""What a student's notebook keeps, and what it loses, before staff look at it."""

import base64

import nbformat
import pytest
from nbformat.v4 import new_output

from grader import safe_display, staff_pages
from grader.allowance import Allowance

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n and pixels").decode()
MISSING = "(an output that is not shown here: neither text nor an image)\n"


def kept(*outputs):
    return safe_display.safe_outputs(list(outputs), Allowance())


def rendered(source, **attachments):
    return staff_pages.safe_markdown({"cell": {"attachments": attachments}}, source)


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


@pytest.mark.parametrize("outputs", [None, 7, "x", {"a": 1}])
def test_outputs_that_are_no_list_are_none(outputs):
    assert safe_display.safe_outputs(outputs, Allowance()) == []


@pytest.mark.parametrize("output", [None, 7, [], {}, {"output_type": ["stream"]}, {"output_type": "stream", "text": {"a": 1}},
                                    {"output_type": "error", "traceback": 7, "ename": ["x"], "evalue": {}}])
def test_an_output_of_the_wrong_shape_becomes_a_valid_one(output):
    [left] = kept(output)
    nbformat.validate(left, "output", version=4)


def test_outputs_and_lines_of_tracebacks_are_capped():
    many = [new_output("stream", text="x")] * 1000
    assert len(kept(*many)) == safe_display.MAX_OUTPUTS
    [left] = kept(new_output("error", traceback=["x"] * 1000))
    assert len(left.traceback) == safe_display.MAX_LINES


def test_colours_stay_and_what_else_a_terminal_obeys_goes():
    [left] = kept({"output_type": "stream", "text": ["\x1b[1;31mred\x1b[0m\n", "\x1b]0;title\x07\x1b[2J\u202egnp\0\ud800\n"]})
    assert left.text == "\x1b[1;31mred\x1b[0m\n�]0;title��[2J�gnp��\n"


def test_of_a_progress_bar_the_last_state_stays():
    assert kept(new_output("stream", text="  0 %\r 50 %\r100 %\ndone\r\n"))[0].text == "100 %\ndone\n"


def test_the_source_of_a_cell_is_a_text_of_bounded_length():
    assert safe_display.safe_text(["a = 1\n", "\tb\x1b[2J"]) == "a = 1\n\tb�[2J"
    assert [safe_display.safe_text(odd) for odd in (None, 7, {"a": 1}, ["a", 7])] == [""] * 4
    assert len(safe_display.safe_text("x" * 1_000_000)) < safe_display.MAX_SOURCE + 100


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
