"""Libraries for pictures and progress bars are not in the sandbox; importing and using them must not cost a student points.

Runs inside the sandbox: standard library only.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import types
from collections.abc import Iterator, Sequence

LIBRARIES = ("matplotlib", "cycler", "IPython", "tqdm")


class Finder(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    """Answers the import of a library for pictures with a module that accepts everything and does nothing."""

    def find_spec(self, name: str, path: Sequence[str] | None = None,
                  target: types.ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        if name.split(".")[0] in LIBRARIES:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__path__ = []


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return _PROGRESS.get(name, _OBJECT)


class _Inert:
    """Takes every use of a figure or a progress bar and does nothing."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: object, **kwargs: object) -> object:
        return self

    def __getitem__(self, key: object) -> object:
        return self

    def __add__(self, other: object) -> object:  # of property cycles
        return self

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __iter__(self) -> Iterator:
        return iter((self, self))  # fig, axes = plt.subplots()

    def __enter__(self) -> object:
        return self

    def __exit__(self, *exc: object) -> None:
        pass


_OBJECT = _Inert()
_PROGRESS = {
    "tqdm": lambda iterable=_OBJECT, *args, **kwargs: iterable,
    "trange": lambda *args, **kwargs: range(*args),
}
