"""The sandbox has no libraries for pictures and progress bars, but a student who imports and uses
them must not lose points for that: stand-ins take their place.

Runs inside the sandbox: standard library and numpy only. The stand-ins are in stub_tqdm.py and
stub_matplotlib.py.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import types
from collections.abc import Sequence

import stub_matplotlib
import stub_tqdm
from stub_pictures import refuse

__all__ = ["LIBRARIES", "Finder", "refuse"]

LIBRARIES = (
    "matplotlib",
    "mpl_toolkits",
    "pylab",
    "matplotlib_inline",
    "cycler",
    "IPython",
    "ipywidgets",
    "seaborn",
    "tqdm",
)


class Finder(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    """Finds a stand-in that shows nothing for each of these libraries and for all their modules."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.split(".", 1)[0] in LIBRARIES:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return (
            _ProgressBars(spec.name)
            if spec.name.split(".")[0] == "tqdm"
            else stub_matplotlib.Module(spec.name)
        )

    def exec_module(self, module: types.ModuleType) -> None:
        module.__path__ = []


class _ProgressBars(types.ModuleType):
    """Any module of tqdm, with all names of tqdm: versions differ in which module has which."""

    def __getattr__(self, name: str) -> object:
        return getattr(stub_tqdm, name)
