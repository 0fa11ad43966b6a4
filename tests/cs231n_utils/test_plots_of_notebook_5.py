"""The pictures of notebook 5 show what they are given, and where."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cs231n_utils import plots


@pytest.fixture(autouse=True)
def no_figure_left():
    yield
    plt.close("all")


def test_a_valley_without_a_path_is_only_a_landscape():
    axis = np.linspace(-1, 1, 5)
    heights = np.add.outer(axis**2, axis**2)
    assert not plots.valley_path(axis, heights, []).axes[0].lines
    visited = [np.array([-1.0, 0.5]), np.array([0.0, 0.25])]
    [path] = plots.valley_path(axis, heights, visited).axes[0].lines
    np.testing.assert_array_equal(path.get_xydata(), visited)


def test_several_paths_are_told_apart_by_more_than_colour():
    axis = np.linspace(-1, 1, 5)
    points = [np.zeros(2), np.ones(2)]
    fig = plots.valley_paths(
        axis, np.add.outer(axis, axis), dict.fromkeys(("plain", "momentum", "Adam"), points)
    )
    paths = fig.axes[0].lines
    assert [path.get_label() for path in paths] == ["plain", "momentum", "Adam"]
    assert len({path.get_marker() for path in paths}) == 3


def test_methods_at_the_same_price_share_one_scale_in_all_panels():
    curves = {"full batch": [2.0, 1.0], "batches of 20": [2.0, 0.1]}
    left, right = plots.same_price({"one rate": curves, "own rates": curves}, 1000).axes
    assert left.get_title() == "one rate"
    assert [line.get_label() for line in left.lines] == list(curves)
    assert left.get_ylim() == right.get_ylim()


def test_templates_of_small_weights_are_as_bright_as_those_of_large_ones():
    weights = np.array([[1.0, -0.5, 0.0, 0.25]] * 2)
    fig = plots.templates([weights, 100 * weights], ["boot", "bag"], (2, 2))
    shown = [ax.images[0].get_array() for ax in fig.axes]
    assert [ax.get_title() for ax in fig.axes] == ["boot", "bag"] * 2
    for image in shown:
        np.testing.assert_array_equal(image, weights[0].reshape(2, 2))


def test_one_classifier_gets_larger_images_and_two_stand_below_each_other():
    names = [f"class {k}" for k in range(10)]
    for classifiers, columns in ((1, 5), (2, 10)):
        fig = plots.templates([np.ones((10, 4))] * classifiers, names, (2, 2))
        assert fig.axes[0].get_gridspec().get_geometry() == (2, columns)


def test_a_confusion_stands_in_the_row_of_what_is_shown():
    counts = np.array([[5, 2], [0, 7]])
    ax = plots.confusions(counts, ["coat", "shirt"]).axes[0]
    numbers = {text.get_position()[::-1]: text.get_text() for text in ax.texts}
    assert numbers == {(0, 0): "5", (0, 1): "2", (1, 0): "0", (1, 1): "7"}
    assert ax.get_ylabel() == "true class"
    assert ax.get_title() == "14 validation images"
