"""Stand-ins for matplotlib, cycler, IPython and the like, which count and draw nothing.

As in the library are how many figures, axes, lines and bars there are, their data, the numbers of a
histogram, and what was set. All else is a `Picture`. Runs inside the sandbox: standard library and
numpy only.
"""

from __future__ import annotations

import importlib
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from stub_pictures import DRAWING, Picture


class _Object(Picture):
    """A picture that is neither a container nor a number, as in the library, so that NumPy makes
    arrays of objects of it.
    """

    def __len__(self) -> int:
        raise TypeError(f"object of type '{type(self).__name__}' has no len()")


class Line2D(_Object):
    def __init__(self, xdata: Any = (), ydata: Any = (), **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.set_data(xdata, ydata)

    def set_data(self, x: Any, y: Any) -> None:
        self.set(xdata=x, ydata=y)

    def get_data(self, orig: bool = True) -> tuple[Any, Any]:
        return self.get_xdata(), self.get_ydata()


class Rectangle(_Object):
    """A bar; `get_height()` returns the height with which it was drawn."""


class Axes(_Object):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.lines: list[Line2D] = []
        self.patches: list[Rectangle] = []
        self.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0), title="", xlabel="", ylabel="")

    def plot(self, *args: Any, **kwargs: Any) -> list[Line2D]:
        """Lines as of plot(x, y, "r-", x, y): one for each column of each y."""
        data = [np.asarray(arg) for arg in args if not isinstance(arg, (str, Picture))]
        pairs = [(data[k], data[k + 1]) for k in range(0, len(data) - 1, 2)]
        if len(data) % 2:
            pairs.append((np.arange(len(np.atleast_1d(data[-1]))), data[-1]))
        drawn = []
        for x, y in pairs:
            x, y = np.atleast_1d(x), np.atleast_1d(y)
            for column in range(y.shape[1] if y.ndim == 2 else 1):
                shown = [
                    part[:, column % part.shape[1]] if part.ndim == 2 else part for part in (x, y)
                ]
                drawn.append(Line2D(*shown, **kwargs))
        self.lines += drawn
        return drawn

    semilogx = semilogy = loglog = step = plot

    def hist(
        self,
        x: Any,
        bins: Any = None,
        range: Any = None,
        density: bool = False,
        weights: Any = None,
        **kwargs: object,
    ) -> tuple[Any, np.ndarray, Any]:
        data = [np.asarray(x)] if np.ndim(x) == 1 or np.ndim(x) == 0 else list(np.asarray(x).T)
        edges = np.histogram_bin_edges(
            np.concatenate([np.atleast_1d(one) for one in data]),
            10 if bins is None else bins,
            range,
        )
        counts = [
            np.histogram(one, edges, density=density, weights=weights)[0].astype(float)
            for one in data
        ]
        bars = [self.bar(edges[:-1], one) for one in counts]
        return (counts[0], edges, bars[0]) if len(data) == 1 else (np.array(counts), edges, bars)

    def bar(self, x: Any, height: Any, width: Any = 0.8, **kwargs: object) -> list[Rectangle]:
        places, heights, widths = np.broadcast_arrays(
            np.asarray(x), np.asarray(height), np.asarray(width)
        )
        drawn = [
            Rectangle(x=place, height=float(tall), width=float(wide))
            for place, tall, wide in zip(
                places.ravel(), heights.ravel(), widths.ravel(), strict=True
            )
        ]
        self.patches += drawn
        return drawn

    def barh(self, y: Any, width: Any, height: Any = 0.8, **kwargs: object) -> list[Rectangle]:
        return self.bar(y, height, width)

    def pie(self, x: Any, **kwargs: object) -> tuple[list[Picture], ...]:
        return tuple(
            [_Object() for _ in np.ravel(x)] for _ in range(3 if "autopct" in kwargs else 2)
        )

    def get_legend_handles_labels(self) -> tuple[list[Line2D], list[object]]:
        labelled = [line for line in self.lines if "_label" in vars(line)]
        return labelled, [line.get_label() for line in labelled]

    def twinx(self) -> Axes:
        axes: Axes = _class("Axes")()
        return axes

    twiny = inset_axes = twinx


class Figure(_Object):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.axes: list[Axes] = []
        self.places: dict[tuple[Any, ...], Axes] = {}  # by the arguments of `subplot`

    def add_subplot(self, *args: object, **kwargs: object) -> Axes:
        self.axes.append(_class("Axes")(figure=self))
        return self.axes[-1]

    add_axes = add_subplot

    def gca(self) -> Axes:
        return self.axes[-1] if self.axes else self.add_subplot()

    def delaxes(self, ax: Axes) -> None:
        self.axes.remove(ax)

    def clear(self, *args: object, **kwargs: object) -> None:
        self.axes.clear()

    clf = clear

    def subplots(
        self, nrows: int = 1, ncols: int = 1, *, squeeze: bool = True, **kwargs: object
    ) -> Any:
        """The axes: an array of shape (nrows, ncols), without the axes of length 1 if `squeeze`."""
        grid = np.empty((nrows, ncols), dtype=object)
        for place in np.ndindex(nrows, ncols):
            grid[place] = self.add_subplot()
        if squeeze:
            return grid.item() if grid.size == 1 else grid.squeeze()
        return grid

    def subplot_mosaic(self, mosaic: Any, **kwargs: object) -> dict[Any, Axes]:
        rows = mosaic.strip().splitlines() if isinstance(mosaic, str) else mosaic
        names = dict.fromkeys(
            name
            for row in rows
            for name in (row.strip() if isinstance(row, str) else row)
            if name != "."
        )
        return {name: self.add_subplot() for name in names}


class Colormap(Picture):
    """Gives black as (R, G, B, A), or an array of shape (..., 4) for an array."""

    N = 256

    def __call__(self, X: Any = 0.0, *args: object, **kwargs: object) -> Any:
        colours = np.zeros((*np.shape(X), 4))
        colours[..., 3] = 1
        return colours if np.ndim(X) else tuple(colours.tolist())


class _Colormaps(Picture):
    def __getattr__(self, name: str) -> Any:
        return (
            super().__getattr__(name)
            if name.startswith("_")
            else _class(name)
            if name[0].isupper()
            else Colormap()
        )

    def __getitem__(self, key: object) -> Colormap:
        return Colormap()

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return Colormap()


class Cycler:
    """A list of settings to be used in turn, such as colours. `+` joins two lists item by item, `*`
    gives all pairs.
    """

    def __init__(self, settings: list[dict[str, Any]]) -> None:
        self._settings = settings

    @property
    def keys(self) -> set[str]:
        return set(self._settings[0]) if self._settings else set()

    def by_key(self) -> dict[str, list[Any]]:
        return {key: [one[key] for one in self._settings] for key in self.keys}

    def concat(self, other: Cycler) -> Cycler:
        return Cycler(self._settings + other._settings)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(dict, iter(self._settings))

    def __call__(self) -> Iterator[dict[str, Any]]:
        while True:
            yield from self

    def __len__(self) -> int:
        return len(self._settings)

    def __getitem__(self, key: slice) -> Cycler:
        return Cycler(self._settings[key])

    def __add__(self, other: Cycler) -> Cycler:
        return Cycler(
            [{**one, **two} for one, two in zip(self._settings, other._settings, strict=True)]
        )

    def __mul__(self, other: Any) -> Cycler:
        return Cycler(
            self._settings * other
            if isinstance(other, int)
            else [{**one, **two} for one in self._settings for two in other._settings]
        )

    __rmul__ = __mul__


def cycler(*args: Any, **kwargs: Any) -> Cycler:
    """cycler(color=[...], linestyle=[...]), cycler("color", [...]) or cycler(another)."""
    if len(args) == 1:
        return Cycler(list(args[0]))
    columns = {args[0]: args[1]} if args else kwargs
    return Cycler(
        [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    )


class _Settings(dict[str, Any]):
    """rcParams: the values that were set, and a picture for every other key."""

    def __missing__(self, key: object) -> Any:
        return Picture()


_COLOURS = (
    "#1f77b4",
    "#ff7f0e",
    "#2ca02c",
    "#d62728",
    "#9467bd",
    "#8c564b",
    "#e377c2",
    "#7f7f7f",
    "#bcbd22",
    "#17becf",
)
_SETTINGS = _Settings(
    {"figure.figsize": [6.4, 4.8], "figure.dpi": 100.0, "axes.prop_cycle": cycler(color=_COLOURS)}
)


# --- the modules ----------------------------------------------------------------------------------

_figures: dict[int, Figure] = {}  # number -> open figure; the last one is the current one


def figure(num: Any = None, *args: object, **kwargs: object) -> Figure:
    num = getattr(num, "number", num)
    number = num if isinstance(num, int) else max(_figures, default=0) + 1
    found = (
        _figures.pop(number) if number in _figures else _class("Figure")(number=number, **kwargs)
    )
    _figures[number] = found
    return found


def gcf() -> Figure:
    return [*_figures.values()][-1] if _figures else figure()


def gca(*args: object, **kwargs: object) -> Axes:
    return gcf().gca()


def close(fig: Any = None) -> None:
    if fig == "all":
        _figures.clear()
    for number in [
        number
        for number, one in _figures.items()
        if one is (gcf() if fig is None else fig) or number == fig
    ]:
        del _figures[number]


def subplots(
    nrows: int = 1, ncols: int = 1, *args: object, squeeze: bool = True, **kwargs: object
) -> tuple[Figure, Any]:
    made = figure()
    return made, made.subplots(nrows, ncols, squeeze=squeeze)


def subplot_mosaic(mosaic: Any, **kwargs: object) -> tuple[Figure, dict[Any, Axes]]:
    made = figure()
    return made, made.subplot_mosaic(mosaic)


def subplot(*args: object, **kwargs: object) -> Axes:
    """The axes at this place of the current figure; made at the first call."""
    places = gcf().places
    if args not in places:
        places[args] = gcf().add_subplot()
    return places[args]


def _of_the_axes(name: str) -> Callable[..., Any]:
    """The function of pyplot that calls this method of the current axes."""
    return lambda *args, **kwargs: getattr(gca(), name)(*args, **kwargs)


def _setting(name: str) -> Callable[..., Any]:
    """The function of pyplot that sets this property of the current axes, or returns it if it is
    called without arguments.
    """
    return lambda *args, **kwargs: getattr(gca(), f"{'set' if args else 'get'}_{name}")(
        *args, **kwargs
    )


def _display(*objects: object, **kwargs: object) -> Picture | None:
    return Picture() if kwargs.get("display_id") else None


_PYPLOT: dict[str, Any] = {
    "figure": figure,
    "gcf": gcf,
    "gca": gca,
    "close": close,
    "subplots": subplots,
    "subplot_mosaic": subplot_mosaic,
    "subplot": subplot,
    "axes": lambda *args, **kwargs: gcf().add_axes(),
    "get_fignums": lambda: sorted(_figures),
    "fignum_exists": lambda num: num in _figures,
    "isinteractive": lambda: False,
    "get_backend": lambda: "agg",
    **{
        name: _of_the_axes(name)
        for name in (
            "plot",
            "semilogx",
            "semilogy",
            "loglog",
            "step",
            "hist",
            "bar",
            "barh",
            "pie",
            "twinx",
            "twiny",
        )
    },
    **{
        name: _setting(name)
        for name in ("title", "xlabel", "ylabel", "xlim", "ylim", "xscale", "yscale")
    },
}
_KNOWN: dict[str, Any] = {
    "__version__": "3.10.0",
    "rcParams": _SETTINGS,
    "rcParamsDefault": _SETTINGS,
    "cycler": cycler,
    "Cycler": Cycler,
    "cm": _Colormaps(),
    "colormaps": _Colormaps(),
    "get_cmap": _Colormaps(),
    "get_backend": _PYPLOT["get_backend"],
    "to_rgb": lambda *args: (0.0, 0.0, 0.0),
    "to_rgba": lambda *args: (0.0, 0.0, 0.0, 1.0),
    "to_hex": lambda *args: "#000000",
    "display": _display,
    "clear_output": lambda *args, **kwargs: None,
}
_classes: dict[str, type] = {
    one.__name__: one for one in (Axes, Figure, Line2D, Rectangle, Colormap)
}


def _class(name: str) -> Any:
    """The stand-in class of this name, the same in all modules; exceptions can be caught by it."""
    if name not in _classes:
        base: Any = (
            Warning
            if name.endswith("Warning")
            else Exception
            if name.endswith(("Error", "Exception"))
            else _Shown
        )
        _classes[name] = type(base)(name, (base,), {})
    return _classes[name]


class _Shown(Picture):
    """An object such as HTML("..."), whose first argument is its `data`."""

    def __init__(self, data: object = None, *args: object, **kwargs: object) -> None:
        super().__init__(data=data, **kwargs)


# Of matplotlib, as attributes of it; every other lower-case name is a picture.
_PARTS = (
    "animation",
    "axes",
    "cbook",
    "collections",
    "colors",
    "dates",
    "figure",
    "gridspec",
    "image",
    "lines",
    "patches",
    "pyplot",
    "style",
    "text",
    "ticker",
    "transforms",
)


class Module(types.ModuleType):
    """Stands in for a module of such a library, and has every name."""

    def __getattr__(self, name: str) -> object:
        if self.__name__ == "matplotlib" and name in _PARTS:
            return importlib.import_module(f"matplotlib.{name}")
        if self.__name__ in ("matplotlib.pyplot", "pylab") and (
            name in _PYPLOT or name == "__all__"
        ):
            return _PYPLOT.get(name, [*_PYPLOT, *DRAWING])  # what `import *` gives
        if self.__name__ == "matplotlib.cm" and name.islower() and not name.startswith("_"):
            return getattr(_KNOWN["cm"], name)
        if name in _KNOWN:
            return _KNOWN[name]
        if name.startswith("_"):
            raise AttributeError(name)
        return _class(name) if name[0].isupper() else Picture()
