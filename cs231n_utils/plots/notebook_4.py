"""The pictures of notebook 4: penalties, and what they do to weights. Complete."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from cs231n_utils.plots.base import BLUE, GREY, STYLE, VERMILLION


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
