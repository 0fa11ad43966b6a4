"""The pictures of notebook 2 (and 3): hinges, margins, and what vectorizing saves. Complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from cs231n_utils.plots.base import BLUE, GREY, ORANGE, STYLE, VERMILLION, lines, new_axes


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


def hinge() -> Figure:
    """What one wrong class adds to the SVM loss, against its distance to the right class."""
    fig, ax = new_axes(
        "The hinge", "score of a wrong class − score of the right one", "added to the loss"
    )
    ax.axvspan(-1, 0, color=ORANGE, alpha=0.2, linewidth=0)
    ax.plot([-4, -1, 2], [0, 0, 3], color=BLUE, linewidth=2.5, marker="")
    ax.annotate("kink", (-1, 0), (-1.9, 0.7), arrowprops={"arrowstyle": "->"})
    ax.text(-0.94, 2.6, "right,\nbut not\nby enough")
    ax.text(0.1, 2.6, "wrong")
    ax.text(-3.9, 0.15, "good enough: costs nothing")
    return fig


def moving_score(moving: np.ndarray, losses: np.ndarray, others: Mapping[str, float]) -> Figure:
    """The loss of the cat image while the score of cat moves and the other scores stay.

    moving, losses : ndarrays of shape (n,), scores of cat and the loss with each
    others : the scores of the other classes; 1 above each, a dashed line
    """
    title = "The loss of the cat image as one score moves"
    fig, ax = lines(moving, {"your loss": losses}, title, "score of cat", "loss $L_i$")
    for other, score in others.items():
        ax.axvline(score + 1, color=GREY, linestyle="--", marker="")
        place: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "color": GREY}
        ax.text(score + 1.1, 0.86, f"1 above {other}", **place)
    return fig


def loss_of_random_weights(
    scales: np.ndarray, losses: np.ndarray, formula: str, expected: float
) -> Figure:
    """The loss against the size of random weights, beside its value for tiny ones.

    scales, losses : ndarrays of shape (n,)
    formula, expected : what theory says of tiny weights, such as "C − 1", and its value
    """
    title = "Random weights on the digits"
    curve = {"your loss": losses}
    fig, ax = lines(scales, curve, title, "size of the weights (log scale)", "loss", log="x")
    # Room for the words below, whatever the losses are.
    ax.set_ylim(0, 1.05 * max([expected + 1, *losses[np.isfinite(losses)]]))
    ax.axhline(expected, color=GREY, linestyle="--", marker="")
    ax.text(scales[0], expected + 0.6, f"{formula} = {expected:.4g}", color=GREY)
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
