"""What a student's notebook keeps, and what it loses, before staff look at it."""

import base64
import re

import nbformat
import pytest
from nbformat.v4 import new_output

from grader.gradebook import safe_display
from grader.gradebook.allowance import Allowance

MISSING = safe_display.NOT_SHOWN


def png(width=640, height=480):
    """The beginning of a picture of this size."""
    return (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
        + width.to_bytes(4, "big")
        + height.to_bytes(4, "big")
        + b"\x08\x02\0\0\0"
    )


def jpeg(width=640, height=480):
    """As `png`, with a comment before the frame header."""
    return (
        b"\xff\xd8\xff\xfe\0\x06abcd\xff\xc0\0\x11\x08"
        + height.to_bytes(2, "big")
        + width.to_bytes(2, "big")
        + b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"
    )


def text_of(content):
    return base64.b64encode(content).decode()


PNG = text_of(png())


def kept(*outputs):
    return safe_display.safe_outputs(list(outputs), Allowance())


def test_text_pictures_streams_and_tracebacks_stay():
    picture = new_output("display_data", data={"image/png": PNG, "text/plain": "<Figure>"})
    stream = new_output("stream", name="stderr", text="RuntimeWarning")
    error = new_output(
        "error", ename="ValueError", evalue="no", traceback=["Traceback", "ValueError: no"]
    )
    assert kept(picture, stream, error) == [picture, stream, error]


def test_a_picture_keeps_its_alternative_text_on_one_line_and_no_other_metadata():
    alt = {"alt": 'Two "losses"\n<b>\x1b[2J', "width": 9, "onload": "alert(1)"}
    picture = new_output(
        "display_data",
        data={"image/png": PNG, "text/html": "<img>"},
        metadata={"image/png": alt, "text/html": {"alt": "x"}, "needs_background": "light"},
    )
    (safe,) = kept(picture)
    assert safe.data == {"image/png": PNG}
    assert list(safe.metadata) == ["image/png"] and list(safe.metadata["image/png"]) == ["alt"]
    said = safe.metadata["image/png"]["alt"]
    assert said.startswith('Two "losses"') and said.isprintable()


@pytest.mark.parametrize("metadata", [[], {"image/png": "alt"}, {"image/png": {"alt": ["x"]}}])
def test_an_alternative_text_that_is_none_goes(metadata):
    picture = {"output_type": "display_data", "data": {"image/png": PNG}, "metadata": metadata}
    assert kept(picture) == [new_output("display_data", data={"image/png": PNG})]


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "image/svg+xml",
        "application/javascript",
        "text/markdown",
        "text/latex",
        "application/vnd.jupyter.widget-view+json",
    ],
)
def test_what_a_browser_might_run_goes(kind):
    assert kept(
        new_output("display_data", data={kind: "<script>1</script>", "text/plain": "a table"})
    ) == [new_output("display_data", data={"text/plain": "a table"})]
    [left] = kept(new_output("display_data", data={kind: "<script>1</script>"}))
    assert left.text == MISSING


@pytest.mark.parametrize(
    "data",
    [
        {"image/png": "<script>"},
        {"image/png": text_of(b"<svg>")},
        {"image/png": ["a list"]},
        {"text/plain": {"a": 1}},
        "no bundle",
        None,
    ],
)
def test_an_image_is_what_it_says_or_goes(data):
    output = new_output("display_data")
    output.data = data
    assert [left.text for left in kept(output)] == [MISSING]


@pytest.mark.parametrize("kind, content", [("image/png", png), ("image/jpeg", jpeg)])
def test_a_picture_that_a_browser_cannot_hold_goes(kind, content):
    def shown(*sizes):
        return [
            "data" in left
            for left in kept(
                *(
                    new_output("display_data", data={kind: text_of(content(*size))})
                    for size in sizes
                )
            )
        ]

    assert shown((6000, 4000), (40_000, 40_000), (640, 480)) == [True, False, True]
    assert sum(shown(*[(6000, 4000)] * 20)) == Allowance().pixels // (6000 * 4000)


def test_of_a_huge_output_the_beginning_stays_and_it_says_so():
    [left] = kept(new_output("stream", text="x" * 4_000_000))
    assert left.text.startswith("xxx") and left.text.endswith(
        "(The rest is left out: these are 100000 characters.)"
    )


def test_a_result_does_not_stay_a_result():
    [left] = kept(new_output("execute_result", data={"text/plain": "11"}))
    assert left.output_type == "display_data"


@pytest.mark.parametrize("outputs", [None, 7, "x", {"a": 1}])
def test_outputs_that_are_no_list_are_none(outputs):
    assert safe_display.safe_outputs(outputs, Allowance()) == []


@pytest.mark.parametrize(
    "output",
    [
        None,
        7,
        [],
        {},
        {"output_type": ["stream"]},
        {"output_type": "stream", "text": {"a": 1}},
        {"output_type": "error", "traceback": 7, "ename": ["x"], "evalue": {}},
    ],
)
def test_an_output_of_the_wrong_shape_becomes_a_valid_one(output):
    [left] = kept(output)
    nbformat.validate(left, "output", version=4)


def test_outputs_and_lines_of_tracebacks_are_capped():
    many = [new_output("stream", text="x")] * 1000
    *_, last = shown = kept(*many)
    assert len(shown) == safe_display.MAX_OUTPUTS + 1 and last.text == safe_display.NO_ROOM
    [left] = kept(new_output("error", traceback=["x"] * 1000))
    assert len(left.traceback) == safe_display.MAX_LINES + 1 and "left out" in left.traceback[-1]


@pytest.mark.parametrize(
    "name, output",
    [
        ("output", new_output("stream", text="word " * 10_000)),
        ("output", new_output("display_data", data={"text/plain": "x" * 90_000})),
        ("output", new_output("error", traceback=["x" * 1_000] * 90)),
        ("colours", new_output("stream", text="\x1b[31mred\x1b[0m" * 200)),
        ("outputs", new_output("stream", text="x")),
    ],
)
def test_all_outputs_of_a_notebook_together_are_bounded_and_it_says_so(name, output):
    allowance = Allowance()
    cells = [safe_display.safe_outputs([output] * 90, allowance) for _ in range(20)]
    assert sum(len(str(left)) for cell in cells for left in cell) < 2 * Allowance().output
    assert str(cells).count("\\x1b") <= Allowance().colours and sum(
        map(len, cells)
    ) <= Allowance().outputs + len(cells)
    assert "left out" in str(cells[-1]) and "left out" not in str(cells[0][0])
    assert getattr(allowance, name) < getattr(Allowance(), name) / 10


def test_colours_stay_and_what_else_a_terminal_obeys_goes():
    [left] = kept(
        {
            "output_type": "stream",
            "text": ["\x1b[1;31mred\x1b[0m\n", "\x1b]0;title\x07\x1b[2J\u202egnp\0\ud800\n"],
        }
    )
    assert left.text == "\x1b[1;31mred\x1b[0m\n�]0;title��[2J�gnp��\n"


def test_of_a_progress_bar_the_last_state_stays():
    assert (
        kept(new_output("stream", text="  0 %\r 50 %\r100 %\ndone\r\n"))[0].text == "100 %\ndone\n"
    )


def test_the_source_of_a_cell_is_a_text_of_bounded_length():
    assert safe_display.safe_text(["a = 1\n", "\tb\x1b[2J"]) == "a = 1\n\tb�[2J"
    assert [safe_display.safe_text(odd) for odd in (None, 7, {"a": 1}, ["a", 7])] == [""] * 4
    assert len(safe_display.safe_text("x" * 1_000_000)) < safe_display.MAX_SOURCE + 100


# --- prose ----------------------------------------------------------------------------------------


def prose(source, allowance=None):
    return safe_display.safe_prose(source, allowance or Allowance())


@pytest.mark.parametrize(
    "source",
    [
        "![x](https://a.org/x.png)",
        "![x][r]\n\n[r]: https://a.org/x.png",
        "![r]",
        "![a ![b](c)](d)",
        "[![x](y)](z)",
        "![x]( y)",
        "![x](attachment:a.png) ![](y)",
        "![attachment:a](b)",
        "![a](attachment:b)(c) ![a](attachment:b c)",
    ],
)
def test_an_image_that_is_not_attached_becomes_a_link(source):
    kept_images = re.findall(r"!\[[^]]*\]\([^()]*\)|!\[", prose(source))
    assert all(re.fullmatch(r"!\[\w*\]\(attachment:[^() ]+\)", image) for image in kept_images)
    assert prose(source).replace("! [", "![") == source


@pytest.mark.parametrize(
    "source",
    [
        "<img src=x>",
        "<IMG\nsrc=x>",
        "<style>@import url(x)</style>",
        "<div style='background:url(x)'>",
        "<link href=x>",
        "<video poster=x>",
        "<b onclick=x>",
        "</b onclick=x>",
        "<svg/onload=x>",
        "<!-- x -->",
        "<?x?>",
        "<br\tid=x>",
        "<b\n>",
        "<bad>",
        "<input class=score>",
        "<https:x>",
        "<div",
    ],
)
def test_tags_become_text(source):
    assert prose(source) == source.replace("<", "< ")


@pytest.mark.parametrize(
    "source",
    [
        "a <b>bold</b> H<sub>2</sub>O<br/>x<br />",
        "<details><summary>Answer</summary>\n\nTwo lines.\n\n</details>",
        "<https://a.org>",
        "1 < 2, $a < b$",
        "![p](attachment:image.png)",
        "[a](https://b.org)",
        "*a* `x![1]`".replace("![", "["),
        "```python\nx = 1\n```",
        "a & b, 5 %, 3!",
    ],
)
def test_ordinary_prose_stays_as_it_is(source):
    assert prose(source) == source


def test_a_diagram_is_not_drawn():
    assert prose("```mermaid\ngraph TD\n```") == "```text-mermaid\ngraph TD\n```"
    assert prose("~~~~ \tMermaid\nx") == "~~~~ \ttext-Mermaid\nx"


@pytest.mark.parametrize(
    "source, why",
    [
        ("x" * 10_001, "10,000 characters"),
        ("$" + "{" * 900 + "}" * 900 + "$", "20 deep"),
        (r"$\def\a{\a\a}\a$", r"\def is not"),
        (r"\$\\def\\a{\\a\\a}\\a\$", r"\def is not"),
        (r"&#36;&#92;def\a{\a}&#36;", r"\def is not"),
        ("$x$ " * 600, "formulas than these pages show"),
    ],
)
def test_what_is_too_much_to_render_is_kept_to_the_last_character_as_text(source, why):
    text, said = safe_display.shown_as_text(prose(source))
    assert text == source and why in said


@pytest.mark.parametrize(
    "source", ["a```b````c", "~~~\n", "`", "x\n```\n*Shown as text: y.*\n\n```text\nz\n```", ""]
)
def test_text_leaves_its_block_by_no_fence_of_its_own(source):
    assert safe_display.shown_as_text(safe_display.as_text(source, "why not")) == (
        source,
        "why not",
    )
    fence = safe_display.as_text(source, "x").splitlines()[-1]
    assert fence not in source


def test_formatted_prose_of_a_notebook_is_bounded():
    allowance = Allowance()
    shown = [prose("word " * 1_900, allowance) for _ in range(20)]
    assert (
        sum(safe_display.shown_as_text(one) is None for one in shown) == Allowance().prose // 9_500
    )
    assert all("word " * 1_900 in one for one in shown)
