"""Gradient descent in a narrow valley: the learning rate, the batch size and momentum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cs231n_utils.interactive.panel import Panel, View, show
from cs231n_utils.interactive.picture import Picture
from cs231n_utils.plots import GREY, ORANGE, VERMILLION

# W (D,) -> (loss, dW)
Descent = Callable[..., tuple[np.ndarray, list[float]]]

CURVATURES = np.array([1.0, 9.0])  # along the valley, and across it
START = np.array([-2.2, 1.2])
EXAMPLES = 40
STEPS = 40
EDGE = 2.5
SIZES = (1, 2, 5, 10, 20, EXAMPLES)


def valley(gradient_descent: Descent) -> None:
    """Show the path of your gradient descent in a valley nine times steeper across than along.

    gradient_descent : your function (loss_fn, W, learning_rate, num_iters) -> (W, loss_history)
    """
    show(Valley(gradient_descent), gradient_descent)


@dataclass(frozen=True)
class Settings:
    """How to descend.

    batch : examples in each step; with all of them, a step follows the exact gradient
    momentum : 0 for none; the part of the last step's velocity that the next one keeps
    draw : which random batches
    """

    rate: float = 0.19
    batch: int = EXAMPLES
    momentum: float = 0.0
    draw: int = 0


def limit(momentum: float = 0.0) -> float:
    """The learning rate from which on the steps across the valley grow: 2 / the largest curvature,
    and with momentum (1 + momentum) times as much.
    """
    return 2 * (1 + momentum) / float(CURVATURES.max())


def heights(w: np.ndarray) -> np.ndarray:
    """The loss above the lowest point; w : (..., 2) -> (...)."""
    return np.asarray(0.5 * np.sum(CURVATURES * w**2, axis=-1))


def path(gradient_descent: Descent, settings: Settings) -> np.ndarray:
    """Where the student's descent goes: (STEPS + 1, 2).

    Each example pulls towards a point of its own, and the mean of these points is (0, 0): so the
    mean of the gradients of all examples is that of `heights`. With momentum, the descent is handed
    a running sum in the place of the gradient, and steps along it as along any other.
    """
    rng = np.random.default_rng(settings.draw)
    pulls = rng.normal(size=(EXAMPLES, 2)) * (1.0, 0.35)
    pulls -= pulls.mean(axis=0)
    places: list[np.ndarray] = []
    velocity = np.zeros(2)

    def loss_fn(w: np.ndarray) -> tuple[float, np.ndarray]:
        nonlocal velocity
        places.append(np.array(w))
        drawn = pulls[rng.permutation(EXAMPLES)[: settings.batch]]
        away = w - drawn
        velocity = settings.momentum * velocity + CURVATURES * away.mean(axis=0)
        return float(heights(away).mean()), velocity.copy()

    end, _ = gradient_descent(loss_fn, START.copy(), settings.rate, STEPS)
    return np.array([*places, end])


class Valley(View):
    """The valley from above with a path in it, and the height of each of its points."""

    def __init__(self, gradient_descent: Descent) -> None:
        self.gradient_descent = gradient_descent
        self.settings = Settings()
        self._draw_map()
        self._draw_heights()
        self.pictures = [self._map, self._heights]

    def draw(self) -> str:
        places = path(self.gradient_descent, self.settings)
        outside = np.flatnonzero(np.abs(places).max(axis=1) > EDGE)
        until = outside[0] + 1 if len(outside) else len(places)  # to where it leaves the picture
        self._path.set_data(places[:until].T)
        self._end.set_data(places[-1:].T)
        above = heights(places)
        self._losses.set_data(range(len(above)), np.clip(above, 1e-9, 1e9))
        return in_words(self.settings, places)

    def controls(self, panel: Panel) -> list[Any]:
        def setter(name: str) -> Any:
            return lambda value: self._set(**{name: value})

        now = self.settings
        return [
            panel.row(
                panel.slider("learning rate η", now.rate, (0.01, 0.4), 0.01, setter("rate")),
                panel.steps("batch size", SIZES, setter("batch")),
                panel.slider("momentum", now.momentum, (0.0, 0.95), 0.05, setter("momentum")),
                panel.button("Other batches", lambda: self._set(draw=self.settings.draw + 1)),
            )
        ]

    def _set(self, **changed: Any) -> None:
        self.settings = Settings(**{**vars(self.settings), **changed})

    def _draw_map(self) -> None:
        self._map = Picture("The path, from above", "weight w₁", "weight w₂", (4.2, 4.0))
        ax = self._map.ax
        axis = np.linspace(-EDGE, EDGE, 101)
        ground = heights(np.stack(np.meshgrid(axis, axis), axis=-1))
        ax.contourf(axis, axis, ground, levels=14, cmap="cividis")
        ax.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE))
        ax.grid(visible=False)
        ax.plot(*START, color="white", marker="s", markersize=9, markeredgecolor="black")
        ax.plot(0, 0, color=ORANGE, marker="*", markersize=15, markeredgecolor="black")
        line = ax.plot([], [], color="white", marker="o", markersize=5, linewidth=1.5)[0]
        line.set_markeredgecolor("black")
        self._path = self._map.moves(line)
        end = ax.plot([], [], color=VERMILLION, marker="D", markersize=8, linestyle="")[0]
        end.set_markeredgecolor("black")
        self._end = self._map.moves(end)

    def _draw_heights(self) -> None:
        self._heights = Picture(
            "Loss above the lowest point", "step", "(log scale)", (3.4, 4.0), (0.75, 0.55)
        )
        ax = self._heights.ax
        ax.set(xlim=(0, STEPS), ylim=(1e-7, 1e7), yscale="log")
        begin = float(heights(START))
        ax.axhline(begin, color=GREY, linestyle="--", marker="", linewidth=1)
        ax.text(STEPS, begin * 1.5, "at the start", ha="right", color=GREY, fontsize=9)
        line = ax.plot([], [], color="black", marker="o", markersize=3, linewidth=1)[0]
        self._losses = self._heights.moves(line)


def in_words(settings: Settings, places: np.ndarray) -> str:
    """What a path shows; places : (STEPS + 1, 2)."""
    bound = limit(settings.momentum)
    factor = f"(1 + {settings.momentum:g}) · " if settings.momentum else ""
    times = f"{factor}2 / largest curvature = {factor}2 / {CURVATURES.max():g}"
    side = "below" if settings.rate < bound else "above"
    said = f"η = {settings.rate:.2f} is {side} the limit {times} = {bound:.3f}"
    far = float(np.linalg.norm(places[-1]))
    if settings.rate > bound:
        return (
            f"{said}: the path diverges. Its steps across the valley grow, and after"
            f" {len(places) - 1} of them it is {far:.3g} from the lowest point."
        )
    if settings.batch < EXAMPLES:
        rest = float(np.linalg.norm(places[len(places) // 2 :], axis=1).mean())
        return (
            f"{said}. Each step sees {settings.batch} of {EXAMPLES} examples: the path does not"
            f" come to rest, and in its second half is {rest:.2f} from the lowest point on average."
        )
    return f"{said}: after {len(places) - 1} steps the path is {far:.2g} from the lowest point."
