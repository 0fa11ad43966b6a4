"""The pictures to move: what is drawn from which numbers, and what stands where nothing moves."""

import base64
import importlib
import io
import re

import numpy as np
import pytest
from matplotlib.image import imread

from cs231n_utils import interactive
from cs231n_utils.interactive import panel, picture
from cs231n_utils.interactive.nine_points import LABELS, POINTS, look, table
from cs231n_utils.interactive.one_example import OneExample
from cs231n_utils.interactive.plane import EDGE, Plane, on_slider, segment
from cs231n_utils.interactive.scores import hinge_terms, probabilities
from cs231n_utils.interactive.step_size import SLOPE, StepSize, centred, one_sided
from cs231n_utils.interactive.valley import EXAMPLES, START, Settings, Valley, limit, path
from cs231n_utils.plots import showing
from cs231n_utils.trial import trouble
from grader import topics

STUBS = importlib.import_module("cs231n_utils.softmax")
SVM = topics.reference("svm_loss_vectorized")
SOFTMAX = topics.reference("softmax_loss_vectorized")
DESCENT = topics.reference("gradient_descent")
SLOPES = topics.reference("eval_numerical_gradient")
CAT = np.array([3.2, 5.1, -1.7])


# Scores of one example


def test_the_parts_of_the_hinge_loss_are_those_of_the_lecture():
    assert hinge_terms(SVM, CAT, 0) == pytest.approx([0, 2.9, 0])
    assert hinge_terms(SVM, np.array([2.2, 2.5, -3.1]), 2) == pytest.approx([6.3, 6.6, 0])


def test_the_probabilities_are_those_of_the_lecture():
    assert probabilities(SOFTMAX, CAT) == pytest.approx([0.13, 0.869, 0.001], abs=1e-3)


def test_who_pays_is_told_for_the_scores_as_they_are():
    view = OneExample(SVM, SOFTMAX)
    said = view.draw()
    assert "Hinge loss 2.90 = car 2.90; frog is at least 1 behind" in said
    assert "Log loss 2.040: minus the logarithm of 0.130, the probability of cat." in said
    view.scores[0] = 6.1
    assert "Hinge loss 0.00" in view.draw() and "nobody pays" in view.draw()
    view.scores[:], view.label = (3.2, 5.1, -1.7), 2
    assert "Hinge loss 13.70 = cat 5.90 + car 7.80." in view.draw()


# The plane


def test_a_line_is_where_the_score_is_zero_and_ends_at_the_edge():
    for column in np.random.default_rng(0).normal(size=(50, 3)):
        for end in segment(column):
            assert np.append(end, 1.0) @ column == pytest.approx(0, abs=1e-9)
            assert np.abs(end).max() == pytest.approx(EDGE)


@pytest.mark.parametrize(
    "column", [(0, 0, 1), (0, 0, 0), (1, 0, 5), (0, 1, -5), (1, 1, 9), (np.nan, 1, 0)]
)
def test_a_line_outside_the_picture_is_none(column):
    assert segment(np.array(column, dtype=float)).shape == (0, 2)


@pytest.mark.parametrize("name, loss", [("SVM", SVM), ("softmax", SOFTMAX)])
def test_the_losses_of_the_points_make_up_the_loss(name, loss):
    W = np.random.default_rng(1).normal(size=(3, 3))
    seen = look(name, loss, W, reg=0.5)
    assert seen.of_points == pytest.approx(seen.each.mean())
    assert seen.loss - seen.of_points == pytest.approx(0.5 * np.sum(W**2))
    own = np.arange(len(LABELS)), LABELS
    if name == "SVM":
        assert seen.parts.sum(axis=1) == pytest.approx(seen.each)
    else:
        assert -np.log(seen.parts[own]) == pytest.approx(seen.each)
    html = table(name, seen)
    assert html.count("<tr>") == 1 + len(POINTS) and f"<td>{seen.each[4]:.2f}</td>" in html


def test_a_step_follows_the_students_gradient_and_is_drawn():
    view = Plane({"SVM": SVM})
    before = view.W
    view.step()
    assert np.array_equal(view.W, before - view.rate * SVM(before, POINTS, LABELS, view.reg)[1])
    assert view.history == [SVM(W, POINTS, LABELS, view.reg)[0] for W in (before, view.W)]
    assert "SVM loss after 1 step:" in view.draw()
    view.set_weight(0, 1, 2.5)
    assert view.W[0, 1] == 2.5 and view.history == []


def test_the_ground_has_the_colour_of_the_largest_score():
    view = Plane({"SVM": SVM})
    view.W = np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, -9.0]])
    view.draw()
    ground = view._regions.get_array()
    assert (ground[:, :80] == view._tints[1]).all() and (ground[:, 80:] == view._tints[0]).all()


def test_too_large_steps_end_in_a_sentence_and_random_begins_again():
    view = Plane({"softmax": SOFTMAX})
    view.rate, view.reg = 10.0, 0.5
    for _ in range(60):
        view.step()
    assert "too large" in view.draw()
    view.randomize()
    assert "softmax loss:" in view.draw()


def test_a_slider_shows_a_weight_at_one_of_its_steps():
    assert [on_slider(w) for w in (0.26, -7.0, np.nan, np.inf, 0.0)] == [0.3, -5.0, 0.0, 5.0, 0.0]


# The valley


def test_the_path_is_the_students_and_ends_where_the_formula_says():
    places = path(DESCENT, Settings(rate=0.1))
    steps = len(places) - 1
    assert places[0] == pytest.approx(START)
    assert places[-1] == pytest.approx(START * (1 - 0.1 * np.array([1.0, 9.0])) ** steps)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_steps_grow_above_the_limit_and_shrink_below(momentum):
    bound = limit(momentum)
    for factor, grows in ((0.97, False), (1.03, True)):
        across = np.abs(path(DESCENT, Settings(factor * bound, momentum=momentum))[:, 1])
        assert (across[-8:].max() > across[:8].max()) == grows


def test_batches_shake_the_path_and_all_examples_do_not():
    far = [
        np.linalg.norm(path(DESCENT, Settings(batch=size))[20:], axis=1).mean()
        for size in (1, 10, EXAMPLES)
    ]
    assert far[0] > 2 * far[1] > 4 * far[2]
    one, other = (path(DESCENT, Settings(batch=5, draw=draw)) for draw in (0, 1))
    assert not np.allclose(one, other)


def test_the_limit_is_named():
    view = Valley(DESCENT)
    assert "η = 0.19 is below the limit 2 / largest curvature = 2 / 9 = 0.222" in view.draw()
    view.settings = Settings(rate=0.25)
    assert "above the limit" in view.draw() and "diverges" in view.draw()


# The step size


def test_slopes_are_those_of_the_students_function_and_of_the_formula():
    assert centred(SLOPES, 0.1) == pytest.approx((np.exp(1.1) - np.exp(0.9)) / 0.2)
    assert one_sided(0.1) == pytest.approx((np.exp(1.1) - np.exp(1.0)) / 0.1)
    view = StepSize(SLOPES)
    assert "your slope is 3.013290, off by 1e-01" in view.draw()
    view.h = 1e-5
    assert f"the true one is {SLOPE:.6f}" in view.draw() and "best step" in view.draw()
    view.h = 1e-15
    assert "staircase" in view.draw()


# Pictures


def test_an_image_changes_with_its_moving_parts_alone_and_comes_back():
    view = Valley(DESCENT)
    view.draw()
    before = [each.pixels() for each in view.pictures]
    view.settings = Settings(rate=0.05)
    view.draw()
    moved = [each.pixels() for each in view.pictures]
    view.settings = Settings()
    view.draw()
    for first, second, again in zip(
        before, moved, (each.pixels() for each in view.pictures), strict=True
    ):
        assert not np.array_equal(first, second) and np.array_equal(first, again)


@pytest.mark.parametrize(
    "view",
    [
        Plane({"SVM": SVM}),
        Plane({"SVM": SVM, "softmax": SOFTMAX}),
        OneExample(SVM, None),
        OneExample(None, SOFTMAX),
        OneExample(SVM, SOFTMAX),
        Valley(DESCENT),
        StepSize(SLOPES),
    ],
    ids=lambda view: type(view).__name__,
)
def test_all_pictures_of_a_view_fit_beside_each_other(view):
    image = imread(io.BytesIO(picture.side_by_side(view.pictures)))
    assert image.shape[0] >= 200 and 500 <= image.shape[1] <= 900


# Where nothing moves


@pytest.fixture
def shown(monkeypatch):
    """What was displayed: the data of each output, by its type."""
    outputs = []
    monkeypatch.setattr(showing, "_in_ipython", lambda: True)
    monkeypatch.setattr(showing, "display", lambda data, **_: outputs.append(data))
    return outputs


def test_outside_of_a_notebook_a_still_picture_has_a_line_and_an_alternative_text(shown):
    interactive.valley(DESCENT)
    data, said = shown
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "2 / 9 = 0.222" in said["text/html"]
    alternative = (
        "The path, from above. x axis: weight w₁; y axis: weight w₂. Loss above the lowest point."
        " x axis: step; y axis: (log scale). Marked: at the start."
    )
    assert alternative == data["text/plain"]
    assert f'alt="{alternative}"' in data["text/html"]


def test_the_still_plane_is_a_trained_one(shown):
    interactive.plane(SVM=SVM)
    assert "SVM loss after 60 steps" in shown[1]["text/plain"]


def test_without_ipywidgets_the_line_says_how_to_get_them(shown, monkeypatch):
    monkeypatch.setattr(panel, "widgets", None)
    monkeypatch.setattr(panel, "in_notebook", lambda: True)
    interactive.one_example(SVM=SVM)
    _, said = shown
    assert "python -m pip install ipywidgets" in said["text/html"]


def test_what_is_not_written_yet_is_told_in_one_sentence_under_the_picture(shown):
    interactive.plane(softmax=STUBS.softmax_loss_vectorized)
    _, said = shown
    assert said["text/plain"] == (
        "Nothing to show yet. softmax_loss_vectorized: write me (3_softmax.ipynb, part 4)"
    )


def test_a_wrong_function_is_told_in_one_sentence_before_anything_moves(shown):
    def softmax_loss_vectorized(W, X, y, reg):
        loss, dW = SOFTMAX(W, X, y, reg)
        return loss, 2 * dW

    interactive.one_example(SVM=SVM, softmax=softmax_loss_vectorized)
    _, said = shown
    assert said["text/plain"].startswith("softmax_loss_vectorized (notebook 3) fails its checks; ")


@pytest.mark.parametrize(
    "fault", [lambda *_: None, lambda *_: (np.nan, np.nan), lambda: 0, lambda *_: 1 / 0]
)
def test_whatever_a_function_does_instead_is_told_the_same_way(fault):
    def gradient_descent(*arguments):
        return fault(*arguments)

    assert "gradient_descent (notebook 5) fails its checks; " in trouble(gradient_descent)


def test_right_functions_give_no_trouble_and_leave_no_trace(capsys):
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    assert trouble(SVM, SOFTMAX, DESCENT, SLOPES) == ""
    assert np.array_equal(np.random.get_state()[1], before)
    assert capsys.readouterr().out == ""


# Widgets


@pytest.fixture
def live():
    """Makes the panel of a view, as in a notebook."""
    pytest.importorskip("ipywidgets")
    return panel.Panel


def controls(root, kind):
    found = [root] if type(root).__name__ == kind else []
    return found + [one for child in getattr(root, "children", ()) for one in controls(child, kind)]


def test_a_slider_moves_the_picture_and_the_sentence(live):
    view = Valley(DESCENT)
    shown = live(view)
    image, said = shown._images[0].value, shown._said.value
    rate = controls(shown.root, "FloatSlider")[0]
    rate.value = 0.3
    assert view.settings.rate == 0.3
    assert shown._images[0].value != image and shown._said.value != said
    assert "diverges" in shown._said.value
    assert re.search(r'alt="[^"]+"', shown._images[0].value)


def test_sliders_follow_a_step_without_counting_as_moves_by_hand(live):
    view = Plane({"SVM": SVM})
    shown = live(view)
    step = next(one for one in controls(shown.root, "Button") if one.description == "Step")
    step.click()
    step.click()
    assert len(view.history) == 3
    values = [one.value for one in controls(shown.root, "FloatSlider")][:9]
    assert values == [on_slider(weight) for weight in view.W.T.ravel()]


def test_every_control_has_a_label(live):
    for view in (
        Plane({"SVM": SVM, "softmax": SOFTMAX}),
        OneExample(SVM, SOFTMAX),
        Valley(DESCENT),
        StepSize(SLOPES),
    ):
        root = live(view).root
        for kind in ("FloatSlider", "FloatLogSlider", "SelectionSlider", "Dropdown", "Button"):
            assert all(one.description for one in controls(root, kind))


def test_an_exception_while_moving_is_told_and_stops_the_run(live):
    calls = []

    def broken_later(W, X, y, reg):
        calls.append(1)
        if len(calls) > 100:
            raise ValueError("<b>shapes</b>")
        return SVM(W, X, y, reg)

    shown = live(Plane({"SVM": broken_later}))
    run = controls(shown.root, "ToggleButton")[0]
    run.value = True
    clock = controls(shown.root, "Play")[0]
    for tick in range(1, 20):
        clock.value = tick
    assert "ValueError: &lt;b&gt;shapes&lt;/b&gt; (test_interactive.py, line" in shown._said.value
    assert not run.value
