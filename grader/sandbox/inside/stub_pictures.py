"""An object of a picture library that is not in the sandbox. It accepts every use and draws
nothing.

It can be called, indexed, unpacked into any number of names, computed with, formatted and derived
from; the results are such objects again. It does not pass for a number: if a student's function
returns one, the message names the line that it came from. Runs inside the sandbox: standard library
and numpy only.
"""

from __future__ import annotations

import abc
import linecache
import opcode
import os
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

_HERE = os.path.dirname(__file__)


class PictureLibraryError(Exception):
    """A function returned an object of a library that has only a stand-in here."""


def refuse(result: object) -> None:
    """Raise PictureLibraryError if a result, or one of several, is a picture."""
    for value in result if type(result) is tuple else (result,):
        if isinstance(value, Picture):
            file, number = value._place
            line = linecache.getline(file, number).strip()[:120]
            raise PictureLibraryError(
                f"the result comes from a picture library ({os.path.basename(file)}, line {number}:"
                f" {line}), of which grading has only a stand-in that draws nothing"
            )


class _Class(abc.ABCMeta):
    """The type of all stand-in classes: any attribute that they lack is a picture, too."""

    def __getattr__(cls, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        return Picture()


class Picture(metaclass=_Class):
    """Stands for any object of a picture library, and accepts every use."""

    _place: tuple[str, int] = ("", 0)  # the file and line that made it

    def __init__(self, *args: object, **kwargs: object) -> None:
        vars(self).update(kwargs)
        self.set(**kwargs)
        self._place = _caller()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name.startswith("set_"):
            return _setter(name[4:]).__get__(self)
        if name.startswith("get_") and name[3:] in vars(self):
            return lambda *args, **kwargs: vars(self)[name[3:]]
        return Picture()

    def set(self, **values: object) -> None:
        for name, value in values.items():
            _setter(name)(self, value)

    def __call__(self, *args: Any, **kwargs: object) -> Any:
        """Another picture; used as a decorator, it leaves the function or class as it is."""
        if len(args) == 1 and not kwargs and isinstance(args[0], (types.FunctionType, type)):
            return args[0]
        return Picture()

    # --- as a container

    def __iter__(self) -> Iterator[Any]:
        """As many pictures as there are names on the left of `=`; none in a loop, so that every
        loop ends.
        """
        return iter([Picture() for _ in range(_names_to_fill(sys._getframe(1)))])

    def __next__(self) -> Picture:
        return Picture()

    def __getitem__(self, key: object) -> Any:
        return Picture()

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __delitem__(self, key: object) -> None:
        pass

    def __contains__(self, item: object) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Picture:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    # --- as a number

    def __float__(self) -> float:
        return 0.0

    def __int__(self) -> int:
        return 0

    __index__ = __int__

    def __complex__(self) -> complex:
        return 0j

    def __round__(self, digits: int | None = None) -> float:
        return 0 if digits is None else 0.0

    def __format__(self, spec: str) -> str:
        for value in (0.0, 0):
            try:
                return format(value, spec) if spec else str(self)
            except ValueError:
                continue
        return format(str(self), spec)

    def __array_ufunc__(self, *args: object, **kwargs: object) -> Picture:
        return Picture()

    def __array_function__(self, *args: object, **kwargs: object) -> Picture:
        return Picture()


def _computed(self: Picture, *others: object, **options: object) -> Picture:
    return Picture()


def _compared(self: Picture, other: object) -> bool:
    """False for every comparison, so that a loop with such a condition ends."""
    return False


def _setter(name: str) -> Callable[..., Any]:
    """The method `set_<name>`, which keeps its values as `_<name>` for `get_<name>`."""

    def keep(self: Picture, *values: object, **more: object) -> None:
        if values:
            vars(self)[f"_{name}"] = values[0] if len(values) == 1 else values

    return keep


_TWO_SIDED = (
    "add",
    "sub",
    "mul",
    "matmul",
    "truediv",
    "floordiv",
    "mod",
    "divmod",
    "pow",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
)
# Methods that classes derived from matplotlib's may call by super(), which does not use
# __getattr__; and the names that `import *` gives.
DRAWING = (
    "annotate",
    "arrow",
    "axhline",
    "axhspan",
    "axis",
    "axvline",
    "axvspan",
    "cla",
    "clear",
    "clf",
    "clim",
    "colorbar",
    "contour",
    "contourf",
    "draw",
    "errorbar",
    "figlegend",
    "figtext",
    "fill",
    "fill_between",
    "grid",
    "hlines",
    "imsave",
    "imshow",
    "ioff",
    "ion",
    "legend",
    "margins",
    "matshow",
    "pause",
    "pcolor",
    "pcolormesh",
    "quiver",
    "rc",
    "remove",
    "savefig",
    "scatter",
    "show",
    "spy",
    "stem",
    "streamplot",
    "suptitle",
    "switch_backend",
    "table",
    "text",
    "tick_params",
    "tight_layout",
    "vlines",
    "xticks",
    "yticks",
)
_SETTABLE = (
    "aspect",
    "facecolor",
    "label",
    "title",
    "xlabel",
    "xlim",
    "xscale",
    "xticks",
    "ylabel",
    "ylim",
    "yscale",
    "yticks",
)

for _methods, _function in [
    ([f"__{name}__" for name in _TWO_SIDED], _computed),
    ([f"__r{name}__" for name in _TWO_SIDED], _computed),
    (["__neg__", "__pos__", "__abs__", "__invert__"], _computed),
    (["__lt__", "__le__", "__gt__", "__ge__"], _compared),
    (DRAWING, _computed),
]:
    for _name in _methods:
        setattr(Picture, _name, _function)
for _name in _SETTABLE:
    setattr(Picture, f"set_{_name}", _setter(_name))


def _caller() -> tuple[str, int]:
    """The file and the line that use these stand-ins."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None and os.path.dirname(frame.f_code.co_filename) == _HERE:
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)


def _names_to_fill(frame: types.FrameType) -> int:
    """The number of names into which the running line unpacks something; 0 if it does not."""
    code, at = frame.f_code.co_code, frame.f_lasti
    if code[at] == opcode.opmap["UNPACK_SEQUENCE"]:
        return code[at + 1]
    if code[at] == opcode.opmap["UNPACK_EX"]:  # first, *rest, last
        behind = code[at - 1] if code[at - 2] == opcode.EXTENDED_ARG else 0
        return code[at + 1] + behind
    return 0
