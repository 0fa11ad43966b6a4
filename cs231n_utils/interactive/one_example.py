"""The hinge loss and the log loss of one example, with a slider for each of its scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from cs231n_utils.interactive.panel import Panel, View, show
from cs231n_utils.interactive.picture import Picture
from cs231n_utils.interactive.scores import (
    LossFunction,
    hinge_terms,
    loss_of_scores,
    probabilities,
)
from cs231n_utils.plots import BLUE, ORANGE, VERMILLION

CLASSES = ("cat", "car", "frog")
SCORES = (3.2, 5.1, -1.7)  # the lecture's, for the image of a cat
LOWEST, HIGHEST = -6.0, 9.0


def one_example(SVM: LossFunction | None = None, softmax: LossFunction | None = None) -> None:
    """Show which classes pay for the scores of one example, and how much, with a slider for each.

    SVM, softmax : your loss functions f(W, X, y, reg) -> (loss, dW), one of them or both
    """
    show(OneExample(SVM, softmax), *(loss for loss in (SVM, softmax) if loss))


class OneExample(View):
    """Three scores and a right class; a picture of the scores, and one for each loss."""

    def __init__(self, svm: LossFunction | None, softmax: LossFunction | None) -> None:
        self.svm, self.softmax = svm, softmax
        self.scores = np.array(SCORES)
        self.label = 0
        self._draw_scores()
        self.pictures = [self._scores]
        if svm:
            self._hinge = _Bars("Hinge: what each class adds", "added to the loss", 16.0)
            self.pictures.append(self._hinge.picture)
        if softmax:
            self._log = _Bars("Log loss: what is believed", "probability", 1.35)
            self.pictures.append(self._log.picture)
        self._place()

    def draw(self) -> str:
        self._place()
        said = [f"The right class is {CLASSES[self.label]}."]
        if self.svm:
            adds = hinge_terms(self.svm, self.scores, self.label)
            total = loss_of_scores(self.svm, self.scores, self.label)
            numbers = [
                "the right class" if k == self.label else f"{value:.2f}"
                for k, value in enumerate(adds)
            ]
            self._hinge.draw(adds, numbers, self.label)
            said.append(hinge_in_words(adds, total, self.label))
        if self.softmax:
            believed = probabilities(self.softmax, self.scores)
            total = loss_of_scores(self.softmax, self.scores, self.label)
            self._log.draw(believed, [f"{value:.3f}" for value in believed], self.label)
            said.append(
                f"Log loss {total:.3f}: minus the logarithm of {believed[self.label]:.3f}, the"
                f" probability of {CLASSES[self.label]}."
            )
        return " ".join(said)

    def controls(self, panel: Panel) -> list[Any]:
        def setter(k: int) -> Any:
            return lambda value: self.scores.__setitem__(k, value)

        sliders = [
            panel.slider(f"score of {name}", score, (LOWEST, HIGHEST), 0.1, setter(k))
            for k, (name, score) in enumerate(zip(CLASSES, SCORES, strict=True))
        ]
        return [panel.row(*sliders, panel.choice("right class", CLASSES, self._choose))]

    def _choose(self, name: str) -> None:
        self.label = CLASSES.index(name)

    def _draw_scores(self) -> None:
        self._scores = Picture("The scores", "score", "", (3.0, 2.5), (0.6, 0.55))
        ax = self._scores.ax
        ax.set(xlim=(LOWEST - 0.5, HIGHEST + 0.5), ylim=(len(CLASSES) - 0.5, -0.5))
        ax.set_yticks(range(len(CLASSES)), CLASSES)
        self._margin = ax.axvspan(0, 1, color=ORANGE, alpha=0.25, linewidth=0, zorder=1)
        self._right = ax.plot([], [], color=BLUE, marker="*", markersize=15, linestyle="")[0]
        self._wrong = ax.plot([], [], color="black", marker="o", linestyle="")[0]
        for artist in (self._margin, self._right, self._wrong):
            self._scores.moves(artist)

    def _place(self) -> None:
        """Draw what needs no loss function: the scores, and the zone that the hinge forbids."""
        wrong = [k for k in range(len(CLASSES)) if k != self.label]
        self._right.set_data([self.scores[self.label]], [self.label])
        self._wrong.set_data(self.scores[wrong], wrong)
        begin = self.scores[self.label] - 1
        self._margin.set_x(begin)
        self._margin.set_width(max(0.0, HIGHEST + 1 - begin))
        self._margin.set_visible(self.svm is not None)


class _Bars:
    """A bar for each class, with its number beside it."""

    def __init__(self, title: str, xlabel: str, longest: float) -> None:
        self.picture = Picture(title, xlabel, "", (2.9, 2.5), (0.5, 0.55))
        ax = self.picture.ax
        ax.set(xlim=(0, longest), ylim=(len(CLASSES) - 0.5, -0.5))
        ax.set_yticks(range(len(CLASSES)), CLASSES)
        bars = ax.barh(range(len(CLASSES)), [0.0] * len(CLASSES), height=0.55, linewidth=0)
        self._bars = [self.picture.moves(bar) for bar in bars]
        self._numbers = [
            self.picture.moves(ax.text(0, k, "", va="center")) for k in range(len(CLASSES))
        ]
        self._longest = longest

    def draw(self, values: np.ndarray, numbers: list[str], label: int) -> None:
        """values : (C,); the right class has the colour of its star, and a star at its number."""
        for k, (bar, number) in enumerate(zip(self._bars, self._numbers, strict=True)):
            bar.set_width(values[k])
            bar.set_color(BLUE if k == label else VERMILLION)
            number.set_text(f"{numbers[k]} ★" if k == label else numbers[k])
            number.set_x(min(float(values[k]), self._longest * 0.78) + self._longest * 0.02)


def hinge_in_words(adds: np.ndarray, total: float, label: int) -> str:
    """Which classes pay, and how much; adds : (C,)."""
    pay = [f"{CLASSES[k]} {adds[k]:.2f}" for k in np.flatnonzero(adds > 0)]
    if not pay:
        return f"Hinge loss {total:.2f}: both other classes are 1 or more behind, nobody pays."
    free = [CLASSES[k] for k in range(len(adds)) if k != label and not adds[k] > 0]
    rest = f"; {free[0]} is at least 1 behind, and adds nothing" if free else ""
    return f"Hinge loss {total:.2f} = {' + '.join(pay)}{rest}."
