"""The two figures of the class page, as SVG. The same numbers give the same file, and the figures
can be read without colours.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from cs231n_utils.exercises import EXERCISES, NOTEBOOKS
from grader.pages.class_rows import OUTCOMES

_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "class",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "hatch.linewidth": 0.6,
    "axes.edgecolor": "#57606a",
    "text.color": "#1b1f24",
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_WIDTH = 4.6  # inches: half of a wide window, or the whole of a telephone's
_FILL = {
    "full": ("#009e73", ""),
    "part": ("#f0e442", "////"),
    "none": ("#ffffff", ""),
    "not judged": ("#cc79a7", "xxxx"),
}


def scores(bins: Sequence[tuple[float, float, int]], median: float) -> str:
    """A histogram as a data URL. `bins` are (lowest score, highest score, number of students)."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure((_WIDTH, 2.9), layout="constrained")
        axes = figure.add_subplot()
        left = [low for low, _, _ in bins]
        counts = [count for _, _, count in bins]
        axes.bar(
            left,
            counts,
            [high - low for low, high, _ in bins],
            align="edge",
            facecolor="#56b4e9",
            edgecolor="#57606a",
            linewidth=0.6,
        )
        for low, high, count in bins:
            if count:
                axes.annotate(
                    f"{count}",
                    ((low + high) / 2, count),
                    (0, 1.5),
                    textcoords="offset points",
                    ha="center",
                    va="bottom",
                    fontsize=7,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
                )
        axes.axvline(median, color="#d55e00", linestyle="--", linewidth=1.2)
        right = median > bins[-1][1] / 2
        axes.annotate(
            f"median {median:g}",
            (median, 1),
            (-4 if right else 4, 2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="right" if right else "left",
            color="#8a3800",
        )
        axes.set(
            xlabel="score in points",
            ylabel="students",
            xlim=(0, bins[-1][1]),
            xticks=range(0, int(bins[-1][1]) + 1, 10),
        )
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        return _address(figure)


def exercises(shares: Mapping[str, Mapping[str, float]]) -> str:
    """A bar for each exercise with the share of each outcome, in the order of the notebooks, as a
    data URL.
    """
    lines = len(EXERCISES) + 1.25 * len(NOTEBOOKS) + 1
    with matplotlib.rc_context(_STYLE):
        figure = Figure((_WIDTH, 0.26 * lines))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(-61, 101), ylim=(lines, 0))
        axes.set_axis_off()
        y = 0.4
        for notebook in NOTEBOOKS:
            y += 1.25
            axes.text(-2, y, notebook, ha="right", va="center", fontweight="bold")
            for name in (name for name, row in EXERCISES.items() if row.notebook == notebook):
                y += 1
                axes.text(-2, y, name, ha="right", va="center", fontsize=8)
                _bar(axes, y, shares.get(name, {}))
        axes.legend(
            [Patch(**_look(outcome)) for outcome in OUTCOMES],
            OUTCOMES,
            loc="upper right",
            ncols=len(OUTCOMES),
            frameon=False,
            borderpad=0,
            borderaxespad=0.1,
            handlelength=1.4,
            columnspacing=1.2,
        )
        return _address(figure)


def _bar(axes: Axes, y: float, shares: Mapping[str, float]) -> None:
    left = 0.0
    for outcome, share in shares.items():
        if not share:
            continue
        width = 100 * share
        axes.barh(y, width, height=0.74, left=left, **_look(outcome))
        if width >= 10:
            axes.text(
                left + width / 2,
                y,
                f"{width:.0f} %",
                ha="center",
                va="center",
                fontsize=7.5,
                bbox={"facecolor": _FILL[outcome][0], "edgecolor": "none", "pad": 1},
            )
        left += width


def _look(outcome: str) -> dict[str, Any]:
    color, hatch = _FILL[outcome]
    return {"facecolor": color, "hatch": hatch, "edgecolor": "#57606a", "linewidth": 0.6}


def _address(figure: Figure) -> str:
    file = io.BytesIO()
    figure.savefig(
        file, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
    )
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()
