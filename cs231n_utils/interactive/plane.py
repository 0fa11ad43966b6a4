"""A linear classifier of points in the plane: scores, losses and gradient steps, by hand or not."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch

from cs231n_utils.interactive.nine_points import (
    LABELS,
    POINTS,
    SIGNS,
    in_words,
    look,
    table,
)
from cs231n_utils.interactive.panel import Panel, View, show
from cs231n_utils.interactive.picture import Picture
from cs231n_utils.interactive.scores import LossFunction
from cs231n_utils.plots import BLUE, GREEN, ORANGE

COLOURS, MARKERS = (BLUE, ORANGE, GREEN), ("o", "s", "^")
EDGE = 2.0  # of the picture, in both directions
LARGEST, STEP = 5.0, 0.1  # entry of W on a slider, and the steps of the slider
STILL_STEPS = 60


def plane(SVM: LossFunction | None = None, softmax: LossFunction | None = None) -> None:
    """Show nine points, a W of shape (3, 3), and what your loss says; W moves by hand or by steps.

    SVM, softmax : your vectorized loss functions f(W, X, y, reg) -> (loss, dW), one or both
    """
    losses = {name: loss for name, loss in (("SVM", SVM), ("softmax", softmax)) if loss}
    show(Plane(losses), *losses.values(), still=_Trained(losses))


class Plane(View):
    """A W that is moved by sliders, by steps along minus the gradient, or drawn at random."""

    def __init__(self, losses: dict[str, LossFunction]) -> None:
        self.losses = losses
        self.name = next(iter(losses))
        self.reg, self.rate = 0.01, 0.3
        self._rng = np.random.default_rng(4)
        self.W = np.zeros((3, 3))
        self.history: list[float] = []
        self._draw_plane()
        self._draw_history()
        self.pictures = [self._plane, self._curve]
        self.randomize()
        self._place()

    # --- what the controls do

    def randomize(self) -> None:
        """Draw all nine numbers anew."""
        self.W = self._rng.normal(size=(3, 3)).round(1)
        self.history = []

    def step(self) -> None:
        """One step along minus the gradient of all points and of the penalty."""
        if not self._in_bounds():
            return
        loss = self.losses[self.name]
        before, gradient = loss(self.W.copy(), POINTS.copy(), LABELS.copy(), self.reg)
        self.history = self.history or [float(before)]
        self.W = self.W - self.rate * np.asarray(gradient, dtype=float)
        self.history.append(float(loss(self.W.copy(), POINTS.copy(), LABELS.copy(), self.reg)[0]))

    def set_weight(self, row: int, column: int, value: float) -> None:
        """Move one number by hand."""
        self.W = self.W.copy()
        self.W[row, column] = value
        self.history = []

    def _in_bounds(self) -> bool:
        return bool(np.abs(self.W).max() < 1e6)  # not with NaN either

    # --- pictures

    def draw(self) -> str:
        if not self._in_bounds():
            return "The steps were too large: W has left every bound. Press Random, and step less."
        self._seen = look(self.name, self.losses[self.name], self.W, self.reg)
        self._place()
        return in_words(self.name, self._seen, len(self.history) - 1)

    def table(self) -> str:
        return table(self.name, self._seen)

    def _draw_plane(self) -> None:
        self._plane = picture = Picture("Which score is largest?", "x₁", "x₂", (4.3, 4.2))
        ax = picture.ax
        ax.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE))
        middle = (np.arange(160) + 0.5) / 80 * EDGE - EDGE
        x, y = np.meshgrid(middle, middle)
        self._grid = np.stack([x, y, np.ones_like(x)], axis=-1)  # (160, 160, 3)
        tints = np.array([to_rgb(colour) for colour in COLOURS])
        self._tints = (255 * (0.68 + 0.32 * tints)).astype(np.uint8)
        extent = (-EDGE, EDGE, -EDGE, EDGE)
        blank = np.zeros((160, 160, 3), dtype=np.uint8)
        regions = ax.imshow(blank, extent=extent, origin="lower", interpolation="nearest", zorder=0)
        self._regions = picture.moves(regions)
        self._lines, self._arrows = [], []
        for k, colour in enumerate(COLOURS):
            line = ax.plot([], [], color=colour, linewidth=2.5, marker="", zorder=2)[0]
            arrow = FancyArrowPatch((0, 0), (1, 1), arrowstyle="-|>", mutation_scale=18)
            arrow.set(color=colour, linewidth=2.5, zorder=3)
            ax.add_patch(arrow)
            name = ax.text(0, 0, f"s{'₀₁₂'[k]} > 0", ha="center", va="center", zorder=3.5)
            name.set_bbox({"boxstyle": "round,pad=0.15", "fc": "white", "ec": colour})
            self._lines.append(picture.moves(line))
            self._arrows.append((picture.moves(arrow), picture.moves(name)))
        for k, (colour, marker) in enumerate(zip(COLOURS, MARKERS, strict=True)):
            own = POINTS[np.equal(LABELS, k)]
            dots = ax.plot(own[:, 0], own[:, 1], color=colour, marker=marker, linestyle="")[0]
            dots.set(markersize=10, markeredgecolor="black", zorder=4)
            picture.moves(dots)
        wrong = ax.plot([], [], color="black", marker="o", linestyle="", markersize=19)[0]
        wrong.set(markerfacecolor="none", markeredgewidth=2, zorder=6)
        self._wrong = picture.moves(wrong)

    def _draw_history(self) -> None:
        self._curve = picture = Picture(
            "Loss, step by step", "step", "loss", (3.1, 4.2), (0.75, 0.55)
        )
        picture.ax.set(xlim=(0, 100), ylim=(1e-2, 30), yscale="log")
        self._losses = picture.moves(
            picture.ax.plot([], [], color="black", marker="o", markersize=3, linewidth=1)[0]
        )

    def _place(self) -> None:
        """Draw what needs no loss function: regions, and a line with an arrow for each class."""
        winner = (self._grid @ self.W).argmax(axis=-1)
        self._regions.set_data(self._tints[winner])
        for column, line, (arrow, name) in zip(self.W.T, self._lines, self._arrows, strict=True):
            ends = segment(column)
            line.set_data(ends.T)
            arrow.set_visible(len(ends) > 0)
            name.set_visible(len(ends) > 0)
            if len(ends) > 0:
                begin = ends.mean(axis=0)
                towards = column[:2] / np.linalg.norm(column[:2])
                arrow.set_positions(begin, begin + 0.6 * towards)
                name.set_position(begin + 0.82 * towards)
        missed = POINTS[(POINTS @ self.W).argmax(axis=1) != LABELS]
        self._wrong.set_data(missed[:, 0], missed[:, 1])
        self._losses.set_data(range(len(self.history)), self.history)
        steps = 100 * max(1, -(-(len(self.history) - 1) // 100))
        if self._curve.ax.get_xlim()[1] != steps:
            self._curve.ax.set_xlim(0, steps)
            self._curve.axes_changed()

    # --- controls

    def controls(self, panel: Panel) -> list[Any]:
        sliders = [[self._weight(panel, row, column) for row in range(3)] for column in range(3)]

        def moved(act: Any) -> Any:
            def then() -> None:
                act()
                for row, column in np.ndindex(3, 3):
                    panel.move(sliders[column][row], on_slider(float(self.W[row, column])))

            return then

        columns = [
            panel.column(
                f'<b>class {k} <span style="color: {COLOURS[k]}">{SIGNS[k]}</span></b>', *sliders[k]
            )
            for k in range(3)
        ]
        loss = [panel.choice("loss", [*self.losses], self._choose)] if len(self.losses) > 1 else []
        buttons = [
            panel.button("Step", moved(self.step)),
            *panel.run_button("Run", moved(self.step)),
            panel.button("Random", moved(self.randomize)),
        ]
        rate = panel.power_slider("learning rate η", self.rate, (-3, 1), self._set_rate)
        reg = panel.slider("penalty λ", self.reg, (0, 0.5), 0.01, self._set_reg)
        return [panel.row(*columns), panel.row(*loss, rate, reg), panel.row(*buttons)]

    def _weight(self, panel: Panel, row: int, column: int) -> Any:
        return panel.slider(
            f"W[{row}, {column}], {('x₁', 'x₂', 'bias')[row]}",
            on_slider(float(self.W[row, column])),
            (-LARGEST, LARGEST),
            STEP,
            lambda value: self.set_weight(row, column, value),
        )

    def _choose(self, name: str) -> None:
        self.name, self.history = name, []

    def _set_rate(self, rate: float) -> None:
        self.rate = rate

    def _set_reg(self, reg: float) -> None:
        self.reg, self.history = reg, []


class _Trained(Plane):
    """As it looks after some steps, for the still picture."""

    def draw(self) -> str:
        for _ in range(STILL_STEPS):
            self.step()
        return super().draw()


def on_slider(weight: float) -> float:
    """Where a slider shows a weight: at the nearest of its steps."""
    steps = round(float(np.clip(np.nan_to_num(weight), -LARGEST, LARGEST)) / STEP)
    return round(steps * STEP, 1)


def segment(column: np.ndarray) -> np.ndarray:
    """The part of the line w₁ x₁ + w₂ x₂ + b = 0 that lies in the picture: its two ends, an array
    of shape (2, 2), or one of shape (0, 2) where there is none.

    column : (3,), the weights (w₁, w₂, b) of a class
    """
    normal, bias = column[:2], column[2]
    length = float(np.hypot(*normal))
    nowhere = np.empty((0, 2))
    if not length > 1e-9:
        return nowhere
    nearest = -bias * normal / length**2
    along = np.array([-normal[1], normal[0]]) / length
    low, high = -np.inf, np.inf
    for start, speed in zip(nearest, along, strict=True):
        if abs(speed) < 1e-12:
            if abs(start) > EDGE:
                return nowhere
            continue
        first, last = sorted(((-EDGE - start) / speed, (EDGE - start) / speed))
        low, high = max(low, first), min(high, last)
    if not low < high:
        return nowhere
    return np.array([nearest + low * along, nearest + high * along])
