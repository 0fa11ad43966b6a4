"""What the pictures of notebooks 1 and 2 draw, from given numbers."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.quiver import Quiver

from cs231n_utils import plots

AXIS = np.linspace(-1.0, 1.0, 5)
BOWL = AXIS[:, None] ** 2 + AXIS**2  # (5, 5)


@pytest.fixture(autouse=True)
def figures_are_closed():
    yield
    plt.close("all")


def drawn(figure, label):
    """The numbers of the curve with this label."""
    (line,) = (line for line in figure.axes[0].lines if line.get_label() == label)
    return np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)


def words(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_star_marks_the_lowest_place():
    (star,) = plots.two_valleys(AXIS, BOWL, (0.5, -0.5)).axes[0].lines
    assert (star.get_marker(), *star.get_xydata()[0]) == ("*", 0.5, -0.5)


def test_arrows_have_one_length_and_point_against_the_gradient():
    places = np.array([[0.5, 0.0], [0.0, -1.0], [0.0, 0.0]])
    figure = plots.downhill(AXIS, BOWL, places, 2 * places)
    (arrows,) = (one for one in figure.axes[0].collections if isinstance(one, Quiver))
    assert np.array_equal(arrows.get_offsets(), places)
    assert np.allclose(np.stack([arrows.U, arrows.V], axis=1), [[-1, 0], [0, 1], [0, 0]])


def test_an_error_of_0_has_its_place_on_the_log_axis():
    steps = np.logspace(-9, -1, 9)
    figure = plots.errors_of_both(steps, np.zeros(9), steps / 2, default=1e-5)
    assert np.all(drawn(figure, "centred (yours)")[1] > 0)
    x, y = drawn(figure, "h² / 6")
    assert np.all(x > 1e-5) and np.allclose(y, x**2 / 6)
    assert figure.axes[0].get_yscale() == "log" and words(figure) == ["default step"]


def test_each_model_stands_at_its_number_of_weights_and_of_evaluations():
    figure = plots.cost_of_a_gradient({"small": (650, 1300), "large": (60_000_000, 120_000_000)})
    points = [tuple(line.get_xydata()[0]) for line in figure.axes[0].lines]
    assert points == [(650, 1300), (60_000_000, 120_000_000)]
    assert words(figure) == ["small: 1,300", "large: 120,000,000"]


def test_checks_that_met_the_faulty_column_are_told_apart():
    errors, hit = np.array([0.0, 0.1, 1e-9]), np.array([False, True, False])
    figure = plots.who_finds_it(errors, hit)
    assert drawn(figure, "in the faulty column")[0].tolist() == [1]
    x, y = drawn(figure, "in a right column")
    assert x.tolist() == [0, 2] and np.all(y > 0)


def test_no_zone_of_the_ruler_allows_for_kinks():
    figure = plots.error_ruler({"right": 0.0, "wrong": 1.0})
    assert words(figure) == ["fine", "look at\nthe slope", "suspicious", "wrong"]


def test_the_hinge_is_flat_up_to_its_kink_and_then_has_slope_1():
    x, y = plots.hinge().axes[0].lines[0].get_xydata().T
    assert y == pytest.approx(np.maximum(0, x + 1))


@pytest.mark.parametrize("loss", [2.5, np.nan, np.inf])
def test_a_loss_that_is_no_number_leaves_room_for_the_words(loss):
    numbers = np.linspace(0.1, 1.0, 3)
    moving = plots.moving_score(numbers, np.full(3, loss), {"car": 5.1, "frog": -1.7})
    assert words(moving) == ["1 above car", "1 above frog"]
    assert [line.get_xdata()[0] for line in moving.axes[0].lines[1:]] == [5.1 + 1, -1.7 + 1]
    random = plots.loss_of_random_weights(numbers, np.full(3, loss), "C − 1", 9)
    assert words(random) == ["C − 1 = 9"] and random.axes[0].get_ylim()[1] > 9.6
    for figure in (moving, random):
        figure.canvas.draw()  # a warning would be an error


def test_times_are_drawn_in_milliseconds():
    figure = plots.speedup([10, 100], [0.1, 1.0], [0.001, 0.002])
    assert drawn(figure, "naive: loops")[1] == pytest.approx([100, 1000])
    assert drawn(figure, "vectorized")[1] == pytest.approx([1, 2])
