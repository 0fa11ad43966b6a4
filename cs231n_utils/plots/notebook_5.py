"""The pictures of notebook 5: ways downhill, and what a trained classifier knows. Complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cs231n_utils.plots.base import (
    BLUE,
    MARKERS,
    ORANGE,
    SKY,
    STYLE,
    VERMILLION,
    heat_map,
    images,
    landscape,
    lines,
    new_axes,
)


def guesses(losses: Sequence[float], knowing_nothing: float) -> Figure:
    """Each try of a random search, the best so far, and the loss of weights that know nothing.

    losses : the loss of each try, in order
    """
    tries = np.arange(1, len(losses) + 1)
    fig, ax = new_axes(f"{len(losses)} guesses", "try (log scale)", "softmax loss")
    ax.semilogx(tries, losses, linestyle="none", marker=".", color=SKY, label="each try")
    best = np.minimum.accumulate(losses)
    ax.semilogx(tries, best, color=BLUE, marker="", label="best so far")
    ax.axhline(knowing_nothing, color=VERMILLION, linestyle="--", label="knowing nothing")
    ax.legend(frameon=False)
    return fig


def gradient_price(weights: np.ndarray, seconds: Mapping[str, Sequence[float]]) -> Figure:
    """Time of one gradient against the number of weights, a line for each way to compute it.

    weights : integer ndarray of shape (n,)
    seconds : for each way, n times; drawn in milliseconds
    """
    fig, ax = lines(
        weights,
        {name: 1e3 * np.asarray(values) for name, values in seconds.items()},
        "The price of one gradient",
        "number of weights D·C (log scale)",
        "milliseconds (log scale)",
        log="xy",
    )
    ax.set_xticks(weights, [str(count) for count in weights])
    ax.minorticks_off()
    return fig


def valley_path(axis: np.ndarray, heights: np.ndarray, visited: Sequence[np.ndarray]) -> Figure:
    """A landscape over two weights, and the path through the points that were visited.

    axis, heights : ndarrays of shape (n,) and (n, n), as in `landscape`
    visited : points of shape (2,), in order; none while there is no path yet
    """
    fig, ax = landscape(axis, heights, "Downhill in a narrow valley")
    if len(visited):
        ax.plot(*np.transpose(visited), color="white", marker="o", markeredgecolor="black")
    return fig


def full_batch(losses: Sequence[float], best_guess: float) -> Figure:
    """The loss before each step of gradient descent, with the best of a random search beside it."""
    steps = np.arange(len(losses))
    fig, ax = lines(
        steps,
        {"": np.asarray(losses)},
        "Full-batch gradient descent on the digits",
        "step",
        "softmax loss",
    )
    ax.axhline(best_guess, color=VERMILLION, linestyle="--")
    label = "best of the guesses"
    ax.text(steps[-1], best_guess - 0.05, label, color=VERMILLION, ha="right", va="top")
    ax.set_ylim(0, None)
    return fig


def agreement(sizes: Sequence[int], cosines: Mapping[str, Sequence[float]]) -> Figure:
    """How well the gradient over a batch agrees with the one over all examples.

    sizes : the batch sizes
    cosines : for each state of the weights, the mean cosine between both gradients for each size
    """
    fig, ax = lines(
        np.asarray(sizes),
        {name: np.asarray(values) for name, values in cosines.items()},
        "Does a glance point where the whole does?",
        "examples in the batch (log scale)",
        "mean cosine to the full gradient",
        log="x",
    )
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    ax.set_ylim(0, 1.03)
    return fig


def same_price(panels: Mapping[str, Mapping[str, Sequence[float]]], examples: int) -> Figure:
    """The loss on all training data after each pass, a line for each way to spend the passes.

    panels : title -> for each way, the loss before the first pass and after each
    examples : the gradients of single examples that a pass costs
    """
    with plt.rc_context(STYLE):
        fig, axes = plt.subplots(1, len(panels), figsize=(9.0, 3.8), sharey=True, squeeze=False)
    for ax, (title, curves) in zip(axes.flat, panels.items(), strict=True):
        for name, losses in curves.items():
            ax.plot(losses, label=name, markevery=2)
        ax.set(title=title, xlabel=f"passes ({examples} example gradients each)", yscale="log")
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.legend(frameon=False)
    axes[0, 0].set_ylabel("loss on all training data (log scale)")
    return fig


def learning_rates(curves: Mapping[str, Sequence[float]]) -> Figure:
    """The loss of the minibatch in each iteration, a line for each learning rate."""
    fig, ax = lines(
        np.arange(len(next(iter(curves.values())))),
        {name: np.asarray(losses) for name, losses in curves.items()},
        "The same model, other learning rates",
        "iteration",
        "loss of the minibatch (log scale)",
        log="y",
    )
    ax.set_yticks([1, 2, 3, 5], ["1", "2", "3", "5"])
    ax.minorticks_off()
    ax.legend(frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.18))
    return fig


def accuracy_grid(
    percent: np.ndarray, rates: Sequence[float], regs: Sequence[float], whose: str
) -> Figure:
    """The validation accuracy of each pair of learning rate and regularization strength.

    percent : ndarray of shape (len(rates), len(regs))
    whose : what the images show
    """
    fig, _ = heat_map(
        percent,
        [f"{rate:g}" for rate in rates],
        [f"{reg:g}" for reg in regs],
        f"{whose}: validation accuracy in %",
        "regularization strength λ",
        "learning rate η",
        ".1f",
    )
    return fig


def templates(
    rows: Sequence[np.ndarray], class_names: Sequence[str], image_shape: tuple[int, ...]
) -> Figure:
    """The weights of each class as an image; a row of images for each classifier, so that a class
    has one column. A single classifier gets two rows of larger images.

    rows : for each classifier, an ndarray of shape (C, pixels); each has colours of its own, from
        blue (against the class) over white (0) to red (for it)
    """
    return images(
        np.concatenate([weights / np.abs(weights).max() for weights in rows]),
        list(class_names) * len(rows),
        image_shape,
        cmap="RdBu_r",
        symmetric=True,
        columns=len(class_names) if len(rows) > 1 else -(-len(class_names) // 2),
        interpolation="bicubic",
    )


def confusions(counts: np.ndarray, class_names: Sequence[str]) -> Figure:
    """How many images of each class (row) were taken for each class (column).

    counts : integer ndarray of shape (C, C)
    """
    fig, ax = heat_map(
        counts,
        class_names,
        class_names,
        f"{counts.sum()} validation images",
        "predicted class",
        "true class",
        "d",
    )
    ax.tick_params(axis="x", rotation=45)  # "ankle boot" is wider than its column
    return fig


def valley_paths(
    axis: np.ndarray, heights: np.ndarray, paths: Mapping[str, Sequence[np.ndarray]]
) -> Figure:
    """A landscape over two weights, and several paths through it.

    axis, heights : ndarrays of shape (n,) and (n, n), as in `landscape`
    paths : for each name, points of shape (2,), in order
    """
    fig, ax = landscape(axis, heights, "Three ways down the same valley")
    looks = zip(("white", ORANGE, SKY), MARKERS, paths.items(), strict=False)
    for color, marker, (name, points) in looks:
        ax.plot(
            *np.transpose(points), color=color, marker=marker, markeredgecolor="black", label=name
        )
    legend = ax.legend(loc="lower right", fontsize=9, framealpha=0.9)
    legend.get_frame().set_facecolor("#cccccc")  # white lines show on it
    return fig


def schedules(losses: Mapping[str, Sequence[float]]) -> Figure:
    """The height above the lowest point in each step, a line for each way to choose the rate."""
    fig, _ = lines(
        np.arange(len(next(iter(losses.values())))),
        {name: np.asarray(values) for name, values in losses.items()},
        "Large steps first, small ones later",
        "step",
        "loss above the lowest (log scale)",
        log="y",
    )
    return fig
