"""How a box begins an exercise: with the student's files as they were handed in, and with nothing
left of the exercise before.

Runs inside the sandbox: standard library and numpy only.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import math
import os
import random
import re
import sys
import types
import warnings
from collections.abc import Sequence

import numpy as np
import wire

# Modules that are shared by the code of all exercises.
_SHARED = (builtins, sys, os, io, math, random, warnings, np, np.linalg, np.random, wire)


class Files(importlib.abc.MetaPathFinder):
    """Finds modules among the submission's files, and among the given files where the student
    handed in none of that name.

    The student's own files are written to the folder at once, since student code may open them by
    path. A given module is written when it is first imported, which most never are. Given data is
    written together with the first file that names its folder, be it the student's or given.
    """

    def __init__(self, folder: str, files: dict[str, bytes], given: dict[str, bytes]) -> None:
        self.folder = folder
        self.folders = {folder}  # folders that exist
        self.sources = {
            name: content for name, content in {**given, **files}.items() if name.endswith(".py")
        }
        # Given modules that are not written yet.
        self.left = {name for name in given if name.endswith(".py") and name not in files}
        # Given data that is not written yet.
        self.data = {
            name: content
            for name, content in given.items()
            if not (name.endswith(".py") or name in files)
        }
        for content in files.values():
            self.write_data_for(content)
        # Name -> spec, of modules that were imported.
        self.specs: dict[str, importlib.machinery.ModuleSpec] = {}
        for name, content in files.items():
            self.write(name, content)
        _step_aside(files)

    def write(self, name: str, content: bytes) -> None:
        path = os.path.join(self.folder, name)
        parent = os.path.dirname(path)
        if parent not in self.folders:
            os.makedirs(parent, exist_ok=True)
            self.folders.add(parent)
        with open(path, "wb") as file:
            file.write(content)
        self.left.discard(name)

    def write_data_for(self, content: bytes) -> None:
        """Write the given data that a file with this content may open: it names the folder."""
        for name in list(self.data):
            # A whole word: `get_datasets` is another name.
            if re.search(rb"\b%s\b" % re.escape(name.partition("/")[0].encode()), content):
                self.write(name, self.data.pop(name))

    def has(self, name: str) -> bool:
        """Whether there is a file of this name, or a folder where the name ends in a slash."""
        if name.endswith("/"):
            return any(file.startswith(name) for file in self.sources)
        return name in self.sources

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name in self.specs:
            return self.specs[name]
        stem = name.replace(".", "/")
        for file in (f"{stem}/__init__.py", f"{stem}.py"):
            if file in self.sources:
                place = os.path.join(self.folder, file)
                if file in self.left:
                    self.write(file, self.sources[file])
                    self.write_data_for(self.sources[file])
                spec = importlib.util.spec_from_file_location(
                    name, place, loader=_Source(name, place, self.sources[file])
                )
                if spec is not None:
                    self.specs[name] = spec
                return spec
        return None


def _step_aside(files: dict[str, bytes]) -> None:
    """Free the name of a module of the sandbox's own if the student handed in a module of that name
    beside the notebooks.
    """
    here = os.path.dirname(__file__)
    for name in (file.removesuffix(".py") for file in files if "/" not in file):
        if os.path.dirname(getattr(sys.modules.get(name), "__file__", None) or "") == here:
            del sys.modules[name]


class _Source(importlib.machinery.SourceFileLoader):
    """Compiles a file once, from memory, even if the module is imported again for each exercise."""

    def __init__(self, name: str, path: str, content: bytes) -> None:
        super().__init__(name, path)
        self._content = content
        self._code: types.CodeType | None = None

    def get_code(self, fullname: str) -> types.CodeType:
        self._code = self._code or self.source_to_code(self._content, self.path)
        return self._code


class Rest(importlib.abc.MetaPathFinder):
    """Last-resort finder: writes all remaining files, for code that bypasses the package."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        for file in list(self.files.left):
            self.files.write(file, self.files.sources[file])
            self.files.write_data_for(self.files.sources[file])
        importlib.invalidate_caches()
        return importlib.machinery.PathFinder.find_spec(name, path, target)


def seed(number: int) -> None:
    """Seed the global generators of random numbers, so that the answer to a request depends on
    nothing before it: the same submission has the same score.
    """
    random.seed(number)
    np.random.seed(number)


class State:
    """What code can change for the code that runs after it: settings, the contents of shared
    modules, and files.

    Few objects are compared, because in a fork the kernel copies the memory page of each when it is
    first touched.

    modules : how many modules are loaded; those that are imported later follow them in sys.modules
    """

    def __init__(self, folder: str) -> None:
        self.modules = len(sys.modules)
        self._folders = [parent for parent, _, _ in os.walk(folder)]
        self._seen = self._look()

    def lasts(self) -> bool:
        """Whether everything is unchanged. Lists compare the identity of items first, so that no
        comparison of an unchanged object's own is called.
        """
        return self._look() == self._seen

    def _look(self) -> list[object]:
        files = [
            name
            for folder in self._folders
            for name in os.listdir(folder)
            if not name.endswith(".py")
        ]
        environment = os.environ._data.copy()  # type: ignore[attr-defined]  # bytes: quicker
        return [
            sorted(files),
            _lowest_free(),
            os.getcwd(),
            environment,
            list(sys.path),
            list(sys.meta_path),
            list(warnings.filters),
            np.geterr(),
            np.geterrcall(),
            sys.gettrace(),
            sys.getprofile(),
            sys.getrecursionlimit(),
            *(list(vars(module).values()) for module in _SHARED),
            *(sys.modules.get(module.__name__) for module in _SHARED),
        ]


def _lowest_free() -> int:
    """The descriptor that the next opened file will get. It changes when a file was left open, or
    one that was open before was closed.
    """
    fd = os.open(os.devnull, os.O_RDONLY)
    os.close(fd)
    return fd
