"""The step of a numerical gradient: secant and tangent under a magnifying glass; the error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cs231n_utils.interactive.panel import Panel, View, show
from cs231n_utils.interactive.picture import Picture
from cs231n_utils.plots import BLUE, GREY, VERMILLION

# f(x) = exp(x) at 1, where value and slope are both e.
AT = 1.0
SLOPE = float(np.exp(AT))
SMALLEST = -15.0  # the logarithm of the smallest step
REACH = 1.7  # how far the magnifying glass sees to either side, in steps


def step_size(eval_numerical_gradient: Callable[..., np.ndarray]) -> None:
    """Show the slope of exp(x) at 1 as your function finds it, with a slider for the step h.

    eval_numerical_gradient : your function (f, x, h=...) -> gradient
    """
    show(StepSize(eval_numerical_gradient), eval_numerical_gradient)


class StepSize(View):
    """A step h; the curve around 1 in units of h, and the error of two slopes against h."""

    def __init__(self, eval_numerical_gradient: Callable[..., np.ndarray]) -> None:
        self.slope_by = eval_numerical_gradient
        self.h = 10**-0.1
        self._steps = np.logspace(SMALLEST, 0, 61)
        self._draw_glass()
        self._draw_errors()
        self.pictures = [self._glass, self._errors]
        self._known = False
        self._place()

    def draw(self) -> str:
        if not self._known:  # once, as it takes 120 evaluations
            errors = [relative(centred(self.slope_by, h)) for h in self._steps]
            self._centred_curve.set_data(self._steps, np.maximum(errors, 1e-12))
            self._known = True
        self._place()
        slope = centred(self.slope_by, self.h)
        # The line through both points has the student's slope.
        middle = (_seen(-1.0, self.h) + _seen(1.0, self.h)) / 2
        u = np.array([-1.0, 1.0])
        self._secant.set_data(u, middle + slope * u)
        self._centred_now.set_data([self.h], [max(relative(slope), 1e-12)])
        return in_words(self.h, slope, one_sided(self.h))

    def controls(self, panel: Panel) -> list[Any]:
        return [panel.row(panel.power_slider("step h", self.h, (SMALLEST, 0.0), self._set))]

    def _set(self, h: float) -> None:
        self.h = h

    def _draw_glass(self) -> None:
        self._glass = Picture(
            "eˣ at x = 1, magnified by 1 / h", "(x − 1) / h", "(eˣ − e) / h", (3.6, 3.6)
        )
        ax = self._glass.ax
        ax.set(xlim=(-REACH, REACH), ylim=(-6.0, 9.0))
        u = np.array([-REACH, REACH])
        ax.plot(u, SLOPE * u, color="black", linestyle=":", marker="", label="tangent")
        self._curve = ax.plot([], [], color=GREY, linewidth=3, marker="", label="eˣ")[0]
        self._forward = ax.plot(
            [], [], color=VERMILLION, linestyle="--", marker="s", label="one-sided"
        )[0]
        self._secant = ax.plot([], [], color=BLUE, marker="o", label="centred (yours)")[0]
        for artist in (self._curve, self._forward, self._secant):
            self._glass.moves(artist)
        ax.legend(frameon=False, fontsize=9, loc="upper left")

    def _draw_errors(self) -> None:
        self._errors = Picture(
            "The error of the slope", "step h", "relative error", (3.7, 3.6), (0.8, 0.55)
        )
        ax = self._errors.ax
        ax.set(xscale="log", yscale="log", xlim=(10**SMALLEST / 2, 2), ylim=(5e-13, 3))
        errors = [relative(one_sided(h)) for h in self._steps]
        ax.plot(self._steps, np.maximum(errors, 1e-12), color=VERMILLION, linestyle="--", marker="")
        curve = ax.plot([], [], color=BLUE, marker="")[0]
        line = ax.axvline(self.h, color=GREY, linestyle="-", marker="", linewidth=1)
        forward = ax.plot([], [], color=VERMILLION, marker="s", linestyle="", markersize=9)[0]
        now = ax.plot([], [], color=BLUE, marker="o", linestyle="", markersize=9)[0]
        self._centred_curve, self._line, self._forward_now, self._centred_now = (
            self._errors.moves(artist) for artist in (curve, line, forward, now)
        )

    def _place(self) -> None:
        """Draw what needs nothing of the student's: the curve, and the one-sided difference."""
        u = np.linspace(-REACH, REACH, 401)
        self._curve.set_data(u, _seen(u, self.h))
        self._forward.set_data([0.0, 1.0], [0.0, _seen(1.0, self.h)])
        self._line.set_xdata([self.h, self.h])
        self._forward_now.set_data([self.h], [max(relative(one_sided(self.h)), 1e-12)])


def _seen(u: Any, h: float) -> Any:
    """The height of the curve above its height at 1, u steps to the right, in steps."""
    return (np.exp(AT + u * h) - np.exp(AT)) / h


def centred(eval_numerical_gradient: Callable[..., np.ndarray], h: float) -> float:
    """The slope of exp at 1, as the student's function finds it with the step h."""
    return float(eval_numerical_gradient(lambda x: np.exp(x[0]), np.array([AT]), h=h)[0])


def one_sided(h: float) -> float:
    """The slope of exp at 1 from the points 1 and 1 + h."""
    return float(_seen(1.0, h))


def relative(slope: float) -> float:
    """The relative error of a slope."""
    return abs(slope - SLOPE) / SLOPE


def in_words(h: float, slope: float, forward: float) -> str:
    """What two slopes with the step h show."""
    if h > 0.05:
        why = "the curve bends within a step: a smaller step helps"
    elif h > 3e-5:
        why = "the eye sees no bend within a step, but the slopes do: a smaller step still helps"
    elif h > 1e-6:
        why = "through the glass the curve is straight, and still smooth: about the best step"
    elif h > 1e-13:
        why = "the curve is straight, but round-off is divided by h: a larger step helps"
    else:
        why = "the curve is a staircase, because numbers are kept with 16 digits"
    return (
        f"h = {h:.1e}: your slope is {slope:.6f}, off by {relative(slope):.0e}; the one-sided one"
        f" is {forward:.6f}, off by {relative(forward):.0e}; the true one is {SLOPE:.6f}. Here"
        f" {why}."
    )
