"""The pictures of notebook 2 (and 3): margins, and the time that vectorizing saves. Complete."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from cs231n_utils.plots.base import BLUE, ORANGE, STYLE, VERMILLION, new_axes


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
