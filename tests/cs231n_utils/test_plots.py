"""A picture's alternative text, and how it gets into a cell."""

import base64

import numpy as np
import pytest

from cs231n_utils import plots
from cs231n_utils.plots import showing


@pytest.fixture
def shown(monkeypatch):
    """What was displayed: data and metadata of each output."""
    outputs = []
    monkeypatch.setattr(showing, "_in_ipython", lambda: True)
    monkeypatch.setattr(
        showing, "display", lambda data, metadata, raw: outputs.append((data, metadata))
    )
    return outputs


def test_titles_labels_names_and_marks_are_the_alternative_text(shown, capsys):
    fig, ax = plots.lines(
        np.arange(3.0), {"SVM": np.ones(3), "softmax": np.ones(3)}, 'Two "losses"', "step", "$L_i$"
    )
    ax.text(1, 1, "from\nhere")
    plots.show(fig, "They are the same.")
    (data, metadata), (line, _) = shown
    alt = 'Two "losses". x axis: step; y axis: L_i. Drawn: SVM, softmax. Marked: from here.'
    assert data["text/plain"] == metadata["image/png"]["alt"] == alt
    assert f'alt="{alt.replace(chr(34), "&quot;")}"' in data["text/html"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert line["text/plain"] == "They are the same."
    assert ">They are the same.</p>" in line["text/html"]
    assert capsys.readouterr().out == ""


def test_images_side_by_side_are_counted_and_their_titles_listed():
    fig = plots.images(np.zeros((12, 4)), [f"y = {k % 3}" for k in range(12)], (2, 2))
    assert showing.in_words(fig) == "12 images: y = 0, y = 1, y = 2."


def test_every_panel_and_the_colours_are_told():
    axis = np.linspace(0, 1, 5)
    fig, _ = plots.landscape(axis, np.outer(axis, axis), "A loss")
    assert showing.in_words(fig) == (
        "A loss. x axis: weight w_1; y axis: weight w_2. Colours: loss (height of the ground)."
    )


def test_the_numbers_of_a_table_are_left_out():
    fig, _ = plots.heat_map(np.eye(6), [*"abcdef"], [*"abcdef"], "Who is who?", "predicted", "true")
    assert showing.in_words(fig) == "Who is who? x axis: predicted; y axis: true."


def test_words_of_ones_own_take_the_place_of_labels(shown):
    fig, _ = plots.new_axes("", "", "")
    plots.show(fig, "Three boxes.", alt="W and X lead to the scores, the scores to the loss.")
    plots.show(plots.new_axes("", "", "")[0], "Nothing to read in it.")
    assert [data["text/plain"] for data, _ in shown[::2]] == [
        "W and X lead to the scores, the scores to the loss.",
        "Nothing to read in it.",
    ]


def test_a_terminal_gets_the_text(capsys):
    plots.show(plots.new_axes("Title", "x", "y")[0], "Flat.")
    assert capsys.readouterr().out == "(Title. x axis: x; y axis: y.)\nFlat.\n"
