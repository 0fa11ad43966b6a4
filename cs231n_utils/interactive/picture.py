"""One figure that is drawn again in a few milliseconds, as long as its axes stay the same."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imsave

from cs231n_utils.plots import STYLE

DOTS_PER_INCH = 90


class Picture:
    """One Axes in a figure of its own, outside of pyplot.

    What `moves` names is drawn again for each image; everything else, such as the axes and their
    numbers, is drawn once and kept as pixels.

    size : width and height in inches
    room : width left of the Axes and height below it, in inches, for the labels
    """

    def __init__(
        self,
        title: str,
        xlabel: str,
        ylabel: str,
        size: tuple[float, float],
        room: tuple[float, float] = (0.65, 0.55),
    ) -> None:
        width, height = size
        left, below = room
        with mpl.rc_context({**STYLE, "figure.constrained_layout.use": False}):
            self.figure = Figure(figsize=size, dpi=DOTS_PER_INCH)
            self.canvas = FigureCanvasAgg(self.figure)
            self.ax = self.figure.add_axes(
                (
                    left / width,
                    below / height,
                    1 - (left + 0.2) / width,
                    1 - (below + 0.4) / height,
                )
            )
            self.ax.set_title(title, fontsize=11)
            self.ax.set_xlabel(xlabel)
            self.ax.set_ylabel(ylabel)
        self._moving: list[Artist] = []
        self._background: Any = None

    def moves(self, artist: Any) -> Any:
        """Name an artist that changes from image to image; returns it."""
        artist.set_animated(True)
        self._moving.append(artist)
        self._moving.sort(key=lambda each: each.get_zorder())
        return artist

    def axes_changed(self) -> None:
        """Draw everything anew for the next image."""
        self._background = None

    def pixels(self) -> np.ndarray:
        """The picture as it is now: an array of bytes of shape (height, width, 4)."""
        if self._background is None:
            self.canvas.draw()
            self._background = self.canvas.copy_from_bbox(self.figure.bbox)
        self.canvas.restore_region(self._background)
        for artist in self._moving:
            self.figure.draw_artist(artist)
        return np.array(self.canvas.buffer_rgba())


def png(pixels: np.ndarray) -> bytes:
    """An image as a PNG file; compressed little, because somebody waits for it."""
    file = io.BytesIO()
    imsave(file, pixels, format="png", pil_kwargs={"compress_level": 1})
    return file.getvalue()


def side_by_side(pictures: Sequence[Picture]) -> bytes:
    """All pictures as one PNG file, from left to right; they have the same height."""
    return png(np.hstack([picture.pixels() for picture in pictures]))
