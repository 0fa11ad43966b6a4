"""The pictures of notebook 1: slopes, and how to read an error. Complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cs231n_utils.plots.base import BLUE, GREEN, GREY, ORANGE, SKY, VERMILLION, new_axes


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


def error_ruler(errors: Mapping[str, float]) -> Figure:
    """Each named relative error as a point on a logarithmic ruler from "fine" to "wrong"."""
    fig, ax = new_axes(
        "How to read a relative error", "relative error (no unit, log scale)", "", size=(8.0, 3.2)
    )
    zones = (
        (1e-13, 1e-7, GREEN, "fine"),
        (1e-7, 1e-4, SKY, "fine only\nnear a kink"),
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
