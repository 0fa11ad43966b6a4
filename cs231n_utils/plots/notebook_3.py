"""The pictures of notebook 3: log-probabilities, their gradient, and overflow. Complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cs231n_utils.plots.base import BLUE, GREY, ORANGE, VERMILLION, lines, new_axes


def log_loss(p: np.ndarray, loss: np.ndarray, named: Mapping[str, float]) -> Figure:
    """The loss of one example against the probability of its right class, with named points on it.

    p, loss : ndarray of shape (n,), with p rising
    named : what to call the point at a probability
    """
    fig, ax = new_axes("The loss of one example", "probability of the right class p", "−log p")
    ax.plot(p, loss, color=BLUE, marker="")
    for says, at in named.items():
        height = float(np.interp(at, p, loss))
        ax.plot(at, height, color=VERMILLION, marker="D")
        ax.annotate(
            f"{says}: {height:.2f}",
            (at, height),
            (-4, 14),
            textcoords="offset points",
            ha="right" if at > 0.9 else "left",  # or the words would leave the picture
        )
    return fig


def pushes(class_names: Sequence[str], push: np.ndarray) -> Figure:
    """A bar for each class: in which direction a gradient step moves its score, and how strongly.

    push : ndarray of shape (C,), minus the gradient with respect to the scores
    """
    fig, ax = new_axes(
        "The cat image: which way does each score go?", "minus your gradient, −∂L/∂s", "class"
    )
    ax.barh(class_names, push, color=[BLUE if value > 0 else VERMILLION for value in push])
    ax.axvline(0, color="black", marker="", linewidth=1)
    for row, value in enumerate(push):
        ax.annotate(
            f"{value:+.3f}",
            (value, row),
            (6 if value >= 0 else -6, 0),
            textcoords="offset points",
            ha="left" if value >= 0 else "right",
            va="center",
        )
    ax.set_xlim(-1.2, 1.2)
    ax.invert_yaxis()  # the first class on top, as in a table
    return fig


def range_of_exp(s: np.ndarray, powers: np.ndarray) -> Figure:
    """The logarithm of exp(s), where exp(s) is neither infinite nor 0 as a float64.

    s : ndarray of shape (n,), rising; powers : ndarray of shape (n,), exp(s) as it was computed
    """
    usable = np.isfinite(powers) & (powers > 0)
    first, last = s[usable][0], s[usable][-1]
    fig, ax = new_axes("exp(s), as float64 knows it", "score s", "log₁₀ of exp(s)")
    ax.plot(s[usable], np.log10(powers[usable]), color=BLUE, marker="", linewidth=2.5)
    ax.set_xlim(s[0], s[-1])
    for left, right, color, says in (
        (s[0], first, ORANGE, "exactly 0"),
        (last, s[-1], VERMILLION, "infinite"),
    ):
        ax.axvspan(left, right, color=color, alpha=0.25, linewidth=0)
        ax.text((left + right) / 2, 0, says, ha="center", va="center", rotation=90)
    return fig


def hopeless_class(behind: np.ndarray, curves: Mapping[str, np.ndarray]) -> Figure:
    """The loss against how far the score of the right class is behind; gaps where it is not finite.

    behind, and each of the curves : ndarray of shape (n,), starting at 0
    """
    fig, ax = lines(
        behind,
        curves,
        "A hopeless right class",
        "how far the right class is behind, s",
        "your loss",
    )
    ax.set(xlim=(0, behind[-1]), ylim=(0, behind[-1]))
    return fig


def moving_right_score(
    moving: np.ndarray, curves: Mapping[str, np.ndarray], wins_at: float
) -> Figure:
    """The losses of one example while the score of its right class moves.

    moving, and each of the curves : ndarray of shape (n,)
    wins_at : the score from which on the right class has the largest of all
    """
    fig, ax = lines(
        moving, curves, "One example, one moving score", "score of the right class", "loss $L_i$"
    )
    ax.axvline(wins_at, color=GREY, linestyle=":", marker="")
    place: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "va": "top"}
    ax.text(wins_at + 0.1, 0.9, "from here on the\nright class wins", color=GREY, **place)
    return fig


def pull_of_losses(moving: np.ndarray, curves: Mapping[str, np.ndarray]) -> Figure:
    """How hard each loss pulls at the score of the right class while that score moves.

    moving, and each of the curves : ndarray of shape (n,)
    """
    return lines(
        moving, curves, "How hard each loss pulls", "score s of the right class", "−∂L/∂s"
    )[0]
