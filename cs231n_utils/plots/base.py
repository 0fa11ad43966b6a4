"""What all pictures share: one style, safe colours, common kinds. Complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito (2008): colours that differ under every common form of colour blindness. Markers
# repeat what the colour says.
BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#56B4E9",
    "#CC79A7",
)
GREY = "#666666"
MARKERS = ("o", "s", "^", "D", "v", "P")
STYLE = {
    "axes.grid": True,
    "axes.labelsize": 11,
    "axes.prop_cycle": cycler(color=(BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE), marker=MARKERS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "grid.alpha": 0.3,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
}


def new_axes(
    title: str, xlabel: str, ylabel: str, size: tuple[float, float] = (7.0, 3.8)
) -> tuple[Figure, Axes]:
    """One empty Axes in the common style."""
    with plt.rc_context(STYLE):
        fig, ax = plt.subplots(figsize=size)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return fig, ax


def lines(
    x: np.ndarray,
    curves: Mapping[str, np.ndarray],
    title: str,
    xlabel: str,
    ylabel: str,
    log: str = "",
) -> tuple[Figure, Axes]:
    """One line for each name in curves, over the same x.

    x, and each of the curves : ndarray of shape (n,)
    log : "", "x", "y" or "xy", the axes that are logarithmic
    """
    fig, ax = new_axes(title, xlabel, ylabel)
    every = max(1, len(x) // 12)  # a marker at each point would hide the lines
    for k, (name, values) in enumerate(curves.items()):
        ax.plot(
            x, values, label=name, markevery=(k * every // max(1, len(curves)), every), markersize=6
        )
    if "x" in log:
        ax.set_xscale("log")
    if "y" in log:
        ax.set_yscale("log")
    if len(curves) > 1:
        ax.legend(frameon=False)
    return fig, ax


def images(
    rows: np.ndarray,
    titles: Sequence[str],
    image_shape: tuple[int, ...],
    cmap: str = "gray",
    symmetric: bool = False,
    columns: int = 10,
    interpolation: str | None = None,
) -> Figure:
    """Each row as an image under its title.

    rows : ndarray of shape (N, pixels), each of which has the shape image_shape as an image
    symmetric : one colour scale for all images, with 0 in the middle
    """
    count = -(-len(rows) // columns)
    with plt.rc_context(STYLE):
        fig, axes = plt.subplots(
            count, columns, figsize=(9.0, count * (9.0 / columns + 0.3)), squeeze=False
        )
    limit = float(np.max(np.abs(rows))) if symmetric else None
    for ax in axes.flat:
        ax.axis("off")
    for ax, row, title in zip(axes.flat, rows, titles, strict=False):
        if limit and len(image_shape) == 3:  # colour images have no colour map: grey is the middle
            row = 0.5 + row / (2 * limit)
        bounds = {"vmin": -limit, "vmax": limit} if limit else {}
        ax.imshow(row.reshape(image_shape), cmap=cmap, interpolation=interpolation, **bounds)
        ax.set_title(title, fontsize=10)
    return fig


def landscape(axis: np.ndarray, heights: np.ndarray, title: str) -> tuple[Figure, Axes]:
    """The loss as a landscape seen from above.

    axis : ndarray of shape (n,), the values that both weights take
    heights : ndarray of shape (n, n); heights[i, j] is the loss at the weights (axis[j], axis[i])
    """
    fig, ax = new_axes(title, "weight $w_1$", "weight $w_2$", size=(6.0, 4.8))
    shades = ax.contourf(axis, axis, heights, levels=14, cmap="cividis")
    fig.colorbar(shades, label="loss (height of the ground)")
    ax.set_aspect("equal")  # otherwise directions would be distorted
    ax.grid(False)
    return fig, ax


def heat_map(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    xlabel: str,
    ylabel: str,
    fmt: str = "g",
) -> tuple[Figure, Axes]:
    """A table as a picture; each cell shows its number, so that nobody depends on the colours.

    values : ndarray of shape (len(rows), len(columns))
    """
    with plt.rc_context({**STYLE, "axes.grid": False}):
        fig, ax = plt.subplots(figsize=(1.8 + 0.62 * len(columns), 1.4 + 0.42 * len(rows)))
    ax.imshow(values, cmap="cividis", aspect="auto")
    middle = (np.min(values) + np.max(values)) / 2
    for (i, j), value in np.ndenumerate(values):
        ax.text(
            j,
            i,
            format(value, fmt),
            ha="center",
            va="center",
            color="black" if value > middle else "white",
        )
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return fig, ax
