"""The pictures of notebook 4: penalties, and two regularizers that add no term. Complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from cs231n_utils.plots.base import BLUE, GREY, SKY, STYLE, VERMILLION, lines, new_axes


def polynomials(
    x: np.ndarray, y: np.ndarray, between: np.ndarray, curves: Mapping[str, np.ndarray]
) -> Figure:
    """Curves through measured points.

    x, y : ndarray of shape (n,), the measurements
    between, and each of the curves : ndarray of shape (m,)
    """
    fig, ax = lines(
        between, curves, "Degree 11, with and without a penalty", "x (no unit)", "y (no unit)"
    )
    ax.plot(x, y, "k.", markersize=11, label="measured")
    ax.set_ylim(-2, 3)
    ax.legend(frameon=False, loc="upper center", ncols=2)
    return fig


def weight_paths(path: np.ndarray, penalty: str) -> Figure:
    """Where weights go when a penalty acts alone.

    path : ndarray of shape (steps + 1, weights); penalty : its name
    """
    curves = {f"starts at {column[0]:g}": column for column in path.T}
    fig, ax = lines(
        np.arange(len(path)), curves, f"Five weights under {penalty} alone", "step", "weight"
    )
    ax.legend(frameon=False, ncols=2, loc="upper right")
    return fig


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
    axes[-1].set_ylim(0, 1.3 * max(size.max() for size in sizes.values()))  # room for the words
    fig.supylabel("largest |W| of the feature", fontsize=STYLE["axes.labelsize"])
    return fig


def accuracy_by_strength(regs: np.ndarray, curves: Mapping[str, np.ndarray]) -> Figure:
    """Accuracies against the regularization strength, 0 included.

    regs, and each of the curves : ndarray of shape (n,); regs[0] is 0, and regs rises
    """
    fig, ax = lines(
        regs,
        curves,
        "Fitting the errors less, and the digits better",
        "regularization strength λ (log scale, with 0 at its left end)",
        "accuracy (share right)",
    )
    ax.set_xscale("symlog", linthresh=regs[1])
    return fig


def spread_by_layer(
    curves: Mapping[str, np.ndarray], without: Mapping[str, np.ndarray] | None = None
) -> Figure:
    """The standard deviation of a signal after each layer, with and without normalization.

    curves, and without, which is dotted : ndarrays of shape (layers + 1,)
    """
    layers = np.arange(len(next(iter(curves.values()))))
    title = "A signal on its way through 30 linear layers"
    if without:
        title = "The same layers, each followed by batch normalization"
    fig, ax = lines(layers, curves, title, "layer", "standard deviation (log scale)", log="y")
    if without:
        highest = max(without.values(), key=lambda values: values[-1])
        ax.plot(layers, np.transpose(list(without.values())), color=GREY, linestyle=":", marker="")
        ax.text(24, highest[24], "without   ", color=GREY, ha="right", va="bottom")
    return fig


def running_average(of_batch: np.ndarray, running: np.ndarray, truth: float) -> Figure:
    """The mean of each batch, and the running mean behind it.

    of_batch, running : ndarray of shape (batches,)
    """
    fig, ax = lines(
        np.arange(1, len(running) + 1),
        {"mean of the batch": of_batch, "running mean": running},
        "The running mean follows slowly, and calmly",
        "batches seen",
        "mean (units of x)",
    )
    ax.axhline(truth, color=GREY, linestyle="--")
    ax.set_ylim(0, None)
    return fig


def three_paths_or_one(truth: np.ndarray, direct: np.ndarray, dx: np.ndarray) -> Figure:
    """Each entry of two gradients against the numerical one; the grey line is where they agree.

    truth, direct, dx : ndarray of one shape
    """
    fig, ax = new_axes(
        "Three paths, or one",
        "dx, numerically, in training mode",
        "dx by other means",
        size=(5.6, 4.6),
    )
    ax.axline((0, 0), slope=1, color=GREY)
    ax.plot(truth.ravel(), direct.ravel(), "s", color=VERMILLION, label="direct path only")
    ax.plot(truth.ravel(), dx.ravel(), "o", color=BLUE, label="your batchnorm_backward")
    ax.legend(frameon=False)
    return fig


def depths(counts: Sequence[float], expected: float, blocks: int) -> Figure:
    """How many blocks took part in each training pass, as a histogram.

    counts : one number a pass; expected : the mean of its distribution
    """
    fig, ax = new_axes(
        f"Depth of {len(counts)} training passes through {blocks} blocks",
        "blocks that took part",
        "passes",
    )
    # A bar is one block wide and stands over its number.
    ax.hist(
        counts, bins=list(np.arange(blocks // 2 - 2.5, blocks + 1.5)), color=SKY, edgecolor="white"
    )
    ax.axvline(expected, color=VERMILLION)
    place: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "va": "top"}
    ax.text(expected + 4, 0.9, "sum of the $p_l$", color=VERMILLION, **place)
    return fig


def average_of_passes(average: np.ndarray, target: float, error: np.ndarray) -> Figure:
    """The average output of more and more training passes, and the output in test mode.

    average : ndarray of shape (passes,); error : ndarray of that shape, two standard errors of it
    """
    passes = np.arange(1, len(average) + 1)
    fig, ax = lines(
        passes,
        {"average of training passes": average},
        "Training passes average to the test pass",
        "training passes (log scale)",
        "output (units of x)",
        log="x",
    )
    ax.axhline(target, color=VERMILLION, linestyle="--", label="test mode")
    ax.fill_between(
        passes, target - error, target + error, color=GREY, alpha=0.2, label="two standard errors"
    )
    ax.legend(frameon=False)
    return fig


def gates(arrived: np.ndarray) -> Figure:
    """Which blocks learn in which training pass.

    arrived : ndarray of shape (passes, blocks), the size of the gradient that arrives at the block
    """
    passes, blocks = arrived.shape
    fig, ax = new_axes("Light: the block learns. Dark: it sleeps", "block", "training pass")
    ax.imshow(arrived, cmap="cividis", aspect="auto", extent=(0.5, blocks + 0.5, passes + 0.5, 0.5))
    ax.grid(False)
    return fig
