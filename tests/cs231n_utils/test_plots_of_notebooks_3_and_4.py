"""What the pictures of notebooks 3 and 4 make of the numbers that they are given."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cs231n_utils import plots
from cs231n_utils.plots import showing


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_scores_that_go_up_and_down_have_bars_of_two_colours_and_their_numbers():
    (ax,) = plots.pushes(("cat", "car"), np.array([0.87, -0.87])).axes
    assert len({bar.get_facecolor() for bar in ax.patches}) == 2
    assert [text.get_text() for text in ax.texts] == ["+0.870", "-0.870"]
    assert ax.yaxis_inverted()  # cat on top


def test_a_loss_that_is_not_finite_leaves_a_gap_without_a_warning():
    behind = np.linspace(0, 2000, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fig = plots.hopeless_class(behind, {"yours": np.where(behind < 900, behind, np.inf)})
        showing.png(fig)
    assert fig.axes[0].get_xlim() == fig.axes[0].get_ylim() == (0, 2000)


def test_the_line_of_exp_ends_where_exp_is_infinite_or_zero():
    s = np.linspace(-900, 900, 181)
    with np.errstate(over="ignore", under="ignore"):
        fig = plots.range_of_exp(s, np.exp(s))
    (line,) = fig.axes[0].lines
    assert (line.get_xdata()[0], line.get_xdata()[-1]) == (-740, 700)


def test_a_name_stands_at_the_loss_of_its_probability():
    p = np.linspace(0.001, 1, 1000)
    (ax,) = plots.log_loss(p, -np.log(p), {"a coin": 0.5}).axes
    assert [text.get_text() for text in ax.texts] == ["a coin: 0.69"]


def test_each_weight_is_named_after_where_it_starts():
    path = np.array([[2.0, -0.25], [1.9, -0.2], [1.8, -0.1]])
    said = showing.in_words(plots.weight_paths(path, "L2"))
    assert "Five weights under L2 alone" in said
    assert "Drawn: starts at 2, starts at -0.25." in said


def test_a_strength_of_zero_has_a_place_on_the_log_scale():
    regs = np.array([0, 1e-3, 1e-2])
    (ax,) = plots.accuracy_by_strength(regs, {"validation": np.ones(3)}).axes
    places = ax.transData.transform(np.column_stack([regs, np.ones(3)]))[:, 0]
    assert np.all(np.isfinite(places)) and np.all(np.diff(places) > 10)  # pixels


def test_every_training_pass_is_in_one_bar_over_its_number_of_blocks():
    (ax,) = plots.depths([40, 40, 41, 54, 27], expected=40.25, blocks=54).axes
    bars = {bar.get_x() + bar.get_width() / 2: bar.get_height() for bar in ax.patches}
    assert {at: height for at, height in bars.items() if height} == {27: 1, 40: 2, 41: 1, 54: 1}


def test_layers_without_normalization_are_dotted_beside_those_with_it():
    curves = {"a": np.ones(31), "b": np.ones(31)}
    without = {"a": np.logspace(0, -9, 31), "b": np.logspace(0, 9, 31)}
    (plain,) = plots.spread_by_layer(without).axes
    (ax,) = plots.spread_by_layer(curves, without=without).axes
    assert [line.get_linestyle() for line in plain.lines] == ["-", "-"]
    assert [line.get_linestyle() for line in ax.lines] == ["-", "-", ":", ":"]
    assert plain.get_title() != ax.get_title()
