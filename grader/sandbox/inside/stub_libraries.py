"""Libraries for pictures and progress bars are not in the sandbox; importing and using them must
not cost a student points.

Runs inside the sandbox: standard library and numpy only. What stands in for them is in stub_tqdm.py
and stub_matplotlib.py.
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
    """Answers the import of such a library, and of any part of it, with a stand-in that shows
    nothing.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.split(".")[0] in LIBRARIES:
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
    """Any module of tqdm has all names: which of them stands where differs between its versions."""

    def __getattr__(self, name: str) -> object:
        return getattr(stub_tqdm, name)
