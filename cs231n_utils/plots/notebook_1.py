"""The pictures of notebook 1: slopes, their cost, and how to read an error. Complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cs231n_utils.plots.base import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    SKY,
    VERMILLION,
    landscape,
    lines,
    new_axes,
)

ROUND_OFF = 1e-16  # the relative precision of float64, and less than any error shown


def secants(f: Callable[[Any], Any], x: float, h: float) -> Figure:
    """The curve f near x, with straight lines through x and x + h, and through x - h and x + h.

    f : takes a number or an array, and returns a number or an array of the same shape
    """
    fig, ax = new_axes(f"Two ways to a slope at x = {x:g}, with h = {h:g}", "x", "f(x)")
    grid = np.linspace(x - 1.3, x + 1.3, 200)
    ax.plot(grid, f(grid), color=GREY, marker="", linewidth=2.5, label="f")
    for name, left, color, style, marker in (
        ("one-sided: x and x + h", x, VERMILLION, "--", "s"),
        ("centred: x − h and x + h", x - h, BLUE, "-", "o"),
    ):
        ax.axline((left, f(left)), (x + h, f(x + h)), color=color, linestyle=style, marker="")
        ax.plot(
            [left, x + h],
            [f(left), f(x + h)],
            color=color,
            linestyle=style,
            marker=marker,
            markersize=8,
            label=name,
        )
    ax.legend(frameon=False, loc="upper left")
    return fig


def two_valleys(axis: np.ndarray, heights: np.ndarray, lowest: tuple[float, float]) -> Figure:
    """A loss over two weights, seen from above, with a star at its lowest place.

    axis, heights : as in `landscape`
    lowest : the weights (w_1, w_2) of the lowest place
    """
    fig, ax = landscape(axis, heights, "A loss over two weights")
    ax.plot(*lowest, color=VERMILLION, marker="*", markersize=14)
    return fig


def downhill(
    axis: np.ndarray, heights: np.ndarray, places: np.ndarray, gradients: np.ndarray
) -> Figure:
    """The same loss, with an arrow of one length along minus the gradient at each place.

    axis, heights : as in `landscape`
    places, gradients : ndarrays of shape (n, 2), weights and the gradient of the loss there
    """
    fig, ax = landscape(axis, heights, "Minus your gradient points downhill")
    lengths = np.linalg.norm(gradients, axis=1, keepdims=True)  # (n, 1)
    arrows = {"angles": "xy", "scale_units": "xy", "scale": 5, "pivot": "mid", "color": "white"}
    ax.quiver(*places.T, *(-gradients / (lengths + 1e-9)).T, **arrows)
    return fig


def one_sided_errors(steps: np.ndarray, one_sided: np.ndarray) -> Figure:
    """The relative error of a one-sided difference against the step.

    steps, one_sided : ndarrays of shape (n,)
    """
    curves = {"one-sided": one_sided}
    title = "Smaller steps help, until they hurt"
    fig, _ = lines(steps, curves, title, "step h", "relative error", log="xy")
    return fig


def errors_of_both(
    steps: np.ndarray, centred: np.ndarray, one_sided: np.ndarray, default: float
) -> Figure:
    """The relative errors of both differences against the step, and what theory says of the centred
    one.

    steps, centred, one_sided : ndarrays of shape (n,)
    default : the step that is used where none is given, marked in the picture
    """
    # A log axis has no place for 0.
    curves = {"centred (yours)": np.maximum(centred, ROUND_OFF), "one-sided": one_sided}
    title = "Truncation meets round-off"
    fig, ax = lines(steps, curves, title, "step h", "relative error", log="xy")
    large, small = steps[steps > default], steps[steps < default]
    ax.plot(large, large**2 / 6, color="black", linestyle=":", marker="", label="h² / 6")
    ax.plot(small, ROUND_OFF / small, color="black", linestyle="--", marker="", label="ε / h")
    ax.axvline(default, color=GREY, marker="")
    ax.text(1.2 * default, 0.2, "default step", color=GREY)
    ax.legend(frameon=False, loc="lower left")
    return fig


def error_ruler(errors: Mapping[str, float]) -> Figure:
    """Each named relative error as a point on a logarithmic ruler from "fine" to "wrong"."""
    fig, ax = new_axes(
        "How to read a relative error", "relative error (no unit, log scale)", "", size=(8.0, 3.2)
    )
    zones = (
        (1e-13, 1e-7, GREEN, "fine"),
        (1e-7, 1e-4, SKY, "look at\nthe slope"),
        (1e-4, 1e-2, ORANGE, "suspicious"),
        (1e-2, 2.0, VERMILLION, "wrong"),
    )
    for left, right, color, name in zones:
        ax.axvspan(left, right, color=color, alpha=0.25, linewidth=0)
        ax.text(
            np.sqrt(left * right), len(errors) - 0.35, name, ha="center", va="bottom", fontsize=10
        )
    ax.plot(
        np.maximum(list(errors.values()), 1e-13),
        range(len(errors)),
        color="black",
        marker="o",
        linestyle="none",
    )
    ax.set(xscale="log", xlim=(1e-13, 2.0), ylim=(-0.6, len(errors) + 0.6))
    ax.set_yticks(range(len(errors)), list(errors))
    return fig


def cost_of_a_gradient(evaluations: Mapping[str, tuple[float, float]]) -> Figure:
    """How often the loss is evaluated for one numerical gradient, for models of all sizes.

    evaluations : for each model, its number of weights and of evaluations of the loss
    """
    fig, ax = new_axes(
        "One numerical gradient", "number of weights (log)", "evaluations of the loss (log)"
    )
    for name, (weights, count) in evaluations.items():
        ax.loglog(weights, count, markersize=9)
        place: dict[str, Any] = {"textcoords": "offset points", "ha": "right"}
        ax.annotate(f"{name}: {count:,.0f}", (weights, count), (-12, 4), **place)
    ax.set(xlim=(1, 1e9), ylim=(1e2, 1e9))
    return fig


def who_finds_it(errors: np.ndarray, hit: np.ndarray) -> Figure:
    """The errors of many checks in the order drawn: those that met a faulty column, and the rest.

    errors : ndarray of shape (n,), relative errors
    hit : boolean ndarray of shape (n,), whether the check met the faulty column
    """
    title = "One column of ten is faulty: who finds it?"
    fig, ax = new_axes(title, "check number", "relative error (log scale)")
    for which, label in ((~hit, "in a right column"), (hit, "in the faulty column")):
        shown = np.maximum(errors[which], 1e-14)
        ax.semilogy(np.flatnonzero(which), shown, linestyle="none", label=label)
    ax.legend(frameon=False, loc="center right")
    return fig


def slopes_near_a_kink(places: np.ndarray, slopes: Mapping[str, np.ndarray]) -> Figure:
    """Slopes of the hinge around its kink at 0: the true one, and those with a finite step.

    places, and each of slopes : ndarray of shape (n,)
    """
    title = "Near a kink, the slope mixes both sides"
    fig, _ = lines(places, slopes, title, "x", "slope of the hinge")
    return fig
