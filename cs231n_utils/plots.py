"""The pictures of the notebooks: one message each, labelled axes, safe colours. Complete.

Every function returns its Figure; nothing appears until `show(fig, "what to see")` puts it into the
cell, once, with the sentence under it. The functions draw what the notebook computed, and do not
judge it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from IPython.display import display
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


def show(fig: Figure, sentence: str) -> None:
    """Display the figure once and print, under it, the sentence that says what to see."""
    display(fig)
    plt.close(fig)  # or the inline backend would draw it a second time at the end of the cell
    # JupyterLab would break a longer line in the middle of a word.
    print(textwrap.fill(sentence, 90))


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


def margins(scores: np.ndarray, y: np.ndarray, class_names: Sequence[str]) -> Figure:
    """One panel an example: its scores, and what each wrong class adds to the hinge loss.

    scores : ndarray of shape (N, C); y : integer ndarray of shape (N,)
    """
    low, high = np.min(scores) - 1.5, np.max(scores) + 1.5
    with plt.rc_context(STYLE):
        fig, axes = plt.subplots(
            1, len(scores), figsize=(3.1 * len(scores), 3.1), sharey=True, sharex=True
        )
    for ax, row, label in zip(axes, scores, y, strict=True):
        bound = row[label] - 1
        ax.axvspan(bound, high, color=ORANGE, alpha=0.2, linewidth=0)
        wrong = np.delete(np.arange(len(row)), label)
        ax.hlines(wrong, bound, np.maximum(row[wrong], bound), color=VERMILLION, linewidth=4)
        ax.plot(row, range(len(row)), color="black", linestyle="none", marker="o")
        ax.plot(row[label], label, color=BLUE, linestyle="none", marker="*", markersize=15)
        ax.set(title=f"an image of a {class_names[label]}", xlabel="score", xlim=(low, high))
        ax.set_yticks(range(len(row)), class_names)
    axes[0].set_ylabel("class")
    axes[0].set_ylim(len(class_names) - 0.6, -0.4)  # the first class on top, as in a table
    return fig


def speedup(sizes: Sequence[int], naive: Sequence[float], vectorized: Sequence[float]) -> Figure:
    """Time of one loss and gradient against the number of examples, for both versions.

    naive, vectorized : seconds for one call, for each of sizes; drawn in milliseconds
    """
    fig, ax = new_axes(
        "The same numbers, in less time",
        "examples N (log scale)",
        "milliseconds a call (log scale)",
    )
    ax.loglog(sizes, 1e3 * np.asarray(naive), color=VERMILLION, marker="s", label="naive: loops")
    ax.loglog(sizes, 1e3 * np.asarray(vectorized), color=BLUE, marker="o", label="vectorized")
    ax.set_xticks(sizes, [str(n) for n in sizes])
    ax.minorticks_off()
    ax.legend(frameon=False)
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


def penalty_shapes(
    axis: np.ndarray,
    data_loss: np.ndarray,
    penalties: Mapping[str, np.ndarray],
    best: Mapping[str, tuple[float, float]],
) -> Figure:
    """A panel for each penalty: level lines of data loss and penalty, and the best point for both.

    axis : ndarray of shape (n,), the values that both weights take
    data_loss, and each of the penalties : ndarray of shape (n, n), as heights in `landscape`
    best : for each penalty, the weights (w_1, w_2) with the smallest sum of both
    """
    with plt.rc_context(STYLE):
        fig, axes = plt.subplots(
            1, len(penalties), figsize=(3.3 * len(penalties), 3.7), sharey=True, squeeze=False
        )
    for ax, (name, penalty) in zip(axes.flat, penalties.items(), strict=True):
        ax.contour(axis, axis, data_loss, levels=10, colors=GREY, linewidths=0.8, alpha=0.6)
        ax.contour(axis, axis, penalty, levels=8, colors=BLUE, linewidths=1.2)
        ax.plot(*best[name], marker="*", markersize=16, color=VERMILLION, linestyle="none")
        ax.axhline(0, color="black", linewidth=0.8)
        ax.axvline(0, color="black", linewidth=0.8)
        ax.set(
            title=f"{name}\n★ at ({best[name][0]:.2f}, {best[name][1]:.2f})", xlabel="weight $w_1$"
        )
        ax.set_aspect("equal")
        ax.grid(False)  # level lines are lines enough
    axes[0, 0].set_ylabel("weight $w_2$")
    for color, label in ((GREY, "data loss"), (BLUE, "penalty")):
        axes[0, 0].plot([], [], color=color, marker="", label=label)
    axes[0, 0].legend(loc="lower left", fontsize=9)
    return fig


def feature_weights(sizes: Mapping[str, np.ndarray], first_noise: int) -> Figure:
    """A panel for each penalty: how large the weights of each feature are.

    sizes : for each penalty, an ndarray of shape (features,)
    first_noise : features from this index on are noise, those before it are pixels
    """
    with plt.rc_context(STYLE):
        fig, axes = plt.subplots(
            len(sizes), 1, figsize=(8.0, 1.7 * len(sizes)), sharex=True, sharey=True
        )
    for ax, (name, size) in zip(axes, sizes.items(), strict=True):
        index = np.arange(len(size))
        for part, color, label in (
            (index < first_noise, BLUE, "pixels"),
            (index >= first_noise, VERMILLION, "noise"),
        ):
            ax.vlines(index[part], 0, size[part], color=color, linewidth=2)
            place = {"ha": "center", "va": "top", "transform": ax.get_xaxis_transform()}
            ax.text(index[part].mean(), 0.97, label, color=color, **place)
        ax.set_title(name)
    axes[-1].set_xlabel("feature number")
    fig.supylabel("largest |W| of the feature", fontsize=STYLE["axes.labelsize"])
    return fig


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
