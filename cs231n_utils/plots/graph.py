"""A computation as a graph: what is computed, and the local derivatives on the way. Complete."""

from __future__ import annotations

from typing import NamedTuple

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from cs231n_utils.plots.base import BLUE, GREEN, GREY, STYLE, VERMILLION


class _Node(NamedTuple):
    """A box with its formula, and where its middle is."""

    x: float
    y: float
    formula: str


class _Arrow(NamedTuple):
    """From one node to another, with a local derivative at (dx, dy) points from its middle."""

    start: str
    end: str
    path: str
    derivative: str
    dx: float
    dy: float


_NODES = {
    "x": _Node(0.0, 1.0, r"$x_i$"),
    "mean": _Node(1.3, 0.0, r"$\mu = \frac{1}{N}\Sigma_j\, x_j$"),
    "deviation": _Node(2.9, 1.0, r"$a_i = x_i - \mu$"),
    "variance": _Node(3.95, 0.0, r"$\sigma^2 = \frac{1}{N}\Sigma_j\, a_j^2$"),
    "spread": _Node(7.3, 0.0, r"$s = \sqrt{\sigma^2 + \varepsilon}$"),
    "normalized": _Node(8.2, 1.0, r"$\hat x_i = a_i\, /\, s$"),
    "scale": _Node(9.9, 0.0, r"$\gamma$"),
    "shift": _Node(11.0, 0.0, r"$\beta$"),
    "out": _Node(10.9, 1.0, r"$\mathrm{out}_i = \gamma\,\hat x_i + \beta$"),
}
_DIRECT, _BY_MEAN, _BY_VARIANCE, _ON = "direct", "through the mean", "through the variance", ""
_ARROWS = (
    _Arrow("x", "deviation", _DIRECT, "$1$", -6, 9),
    _Arrow("deviation", "normalized", _DIRECT, "$1/s$", 0, 9),
    _Arrow("x", "mean", _BY_MEAN, "$1/N$", -26, -4),
    _Arrow("mean", "deviation", _BY_MEAN, "$-1$", 19, -6),
    _Arrow("deviation", "variance", _BY_VARIANCE, "$2a_i/N$", 32, 2),
    _Arrow("variance", "spread", _BY_VARIANCE, "$1/(2s)$", -2, 11),
    _Arrow("spread", "normalized", _BY_VARIANCE, "$-a_i/s^2$", 34, -4),
    _Arrow("normalized", "out", _ON, r"$\gamma$", -8, 8),
    _Arrow("scale", "out", _ON, r"$\hat x_i$", -15, 0),
    _Arrow("shift", "out", _ON, "$1$", 11, -4),
)
_LOOKS = {  # colours, and a kind of line for those who see no colours
    _DIRECT: (BLUE, "-"),
    _BY_MEAN: (GREEN, "--"),
    _BY_VARIANCE: (VERMILLION, ":"),
    _ON: (GREY, "-"),
}

BATCHNORM_IN_WORDS = (
    "A graph. Each arrow has its local derivative, given here in brackets. x_i leads to the mean μ"
    " [1/N] and to the deviation a_i = x_i − μ [1]; μ leads to a_i, too [−1]. a_i leads to"
    " x̂_i = a_i / s [1/s] and to the variance σ² [2 a_i / N]; σ² leads to s = √(σ² + ε) [1/(2s)],"
    " and s to x̂_i [−a_i / s²]. x̂_i leads to out_i = γ x̂_i + β [γ], and so do γ [x̂_i] and β [1]."
)


def batchnorm_graph() -> Figure:
    """Batch normalization in training, for one feature, as a graph from x_i to out_i.

    Beside each arrow stands its local derivative: the factor that a gradient takes on its way back
    along the arrow. The looks of the arrows tell the three paths from x_i to x̂_i apart.
    BATCHNORM_IN_WORDS is the alternative text.
    """
    with plt.rc_context(STYLE):
        fig, ax = plt.subplots(figsize=(7.4, 3.1))
    ax.axis("off")
    ax.set(xlim=(-0.5, 12.2), ylim=(-0.4, 1.8))
    ax.set_title("Batch normalization of one feature: values go right, gradients come back left")
    boxes = {name: _box(ax, node) for name, node in _NODES.items()}
    for arrow in _ARROWS:
        _draw(ax, arrow, boxes)
    for path in (_DIRECT, _BY_MEAN, _BY_VARIANCE):
        color, style = _LOOKS[path]
        ax.plot([], [], color=color, linestyle=style, marker="", linewidth=2, label=path)
    ax.legend(frameon=False, loc="upper left", ncols=3, fontsize=10)
    return fig


def _box(ax: Axes, node: _Node) -> Text:
    frame = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": "black"}
    return ax.text(node.x, node.y, node.formula, fontsize=13, ha="center", va="center", bbox=frame)


def _draw(ax: Axes, arrow: _Arrow, boxes: dict[str, Text]) -> None:
    color, style = _LOOKS[arrow.path]
    start, end = _NODES[arrow.start], _NODES[arrow.end]
    ax.annotate(
        "",
        (end.x, end.y),
        (start.x, start.y),
        arrowprops={
            "arrowstyle": "-|>",
            "color": color,
            "linestyle": style,
            "linewidth": 2,
            # The arrow ends where the boxes begin.
            "patchA": boxes[arrow.start].get_bbox_patch(),
            "patchB": boxes[arrow.end].get_bbox_patch(),
        },
    )
    ax.annotate(
        arrow.derivative,
        ((start.x + end.x) / 2, (start.y + end.y) / 2),
        (arrow.dx, arrow.dy),
        textcoords="offset points",
        color=color,
        ha="center",
        va="center",
        fontsize=12,
    )
