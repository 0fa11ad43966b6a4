"""How a box begins an exercise: with the student's files as they were handed in, and with nothing
left of the exercise before.

Runs inside the sandbox: standard library and numpy only.
"""

from __future__ import annotations

import _random
import builtins
import contextlib
import ctypes
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import itertools
import math
import os
import random
import re
import sys
import types
import warnings
from collections.abc import Iterable, Sequence

import numpy as np
import to_box
import wire

_OF_THE_PACKAGE = "cs231n_utils/__init__.py"
# Modules that are shared by the code of all exercises.
_SHARED = (builtins, sys, os, io, math, random, warnings, np, np.linalg, np.random, wire, to_box)


class Given:
    """The files that are the same for all students.

    They are sorted in the zygote, before it forks: a box never goes through all of them, because
    in a fork the kernel copies the memory page of each object that is touched.

    modules, data : name -> content, of Python files and of all others
    code : name -> code, of the file that nearly every box imports, the package's own
    folders : folder of data -> a pattern that finds its name in a file, as a whole word, since
        `get_datasets` is another name than `datasets`
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.modules = {name: files[name] for name in files if name.endswith(".py")}
        self.data = {name: files[name] for name in files if name not in self.modules}
        self.code: dict[str, types.CodeType] = {}
        with contextlib.suppress(KeyError, SyntaxError, ValueError):  # then no box can import it
            code = compile(self.modules[_OF_THE_PACKAGE], "", "exec", dont_inherit=True)
            self.code[_OF_THE_PACKAGE] = code
        self.folders = {
            folder: re.compile(rb"\b%s\b" % re.escape(folder.encode()))
            for folder in {name.partition("/")[0] for name in self.data}
        }


class Files(importlib.abc.MetaPathFinder):
    """Finds modules among the submission's files, and among the given files where the student
    handed in none of that name.

    The student's own files are written to the folder at once, since student code may open them by
    path. A given module is written when it is first imported, which most never are. Given data is
    written together with the first file that names its folder, be it the student's or given.
    """

    def __init__(self, folder: str, files: dict[str, bytes], given: Given) -> None:
        self.folder = folder
        self.folders = {folder}  # folders that exist
        self._own, self._given = files, given
        self._written: set[str] = set()
        self._data_left = set(given.folders)  # whose files are not written yet
        # Name -> spec, of modules that were imported.
        self.specs: dict[str, importlib.machinery.ModuleSpec] = {}
        for name, content in files.items():
            self._write(name, content)
        _step_aside(files)

    def write_rest(self) -> None:
        """Write the given files that are not written yet."""
        for name, content in self._given.modules.items():
            if name not in self._written:
                self._write(name, content)

    def _write(self, name: str, content: bytes) -> None:
        """Write a file, and the given data that code in it may open."""
        path = f"{self.folder}/{name}"
        self._make_folder(path.rpartition("/")[0])
        with open(path, "wb") as file:
            file.write(content)
        self._written.add(name)
        for folder in list(self._data_left):
            # The first question is the quicker one, and the answer is almost always no.
            if folder.encode() in content and self._given.folders[folder].search(content):
                self._write_data(folder)

    def _make_folder(self, path: str) -> None:
        if path not in self.folders:
            self._make_folder(path.rpartition("/")[0])
            with contextlib.suppress(FileExistsError):  # student code may have made it
                os.mkdir(path)
            self.folders.add(path)

    def _write_data(self, folder: str) -> None:
        if folder not in self._data_left:  # data of another folder has named this one
            return
        self._data_left.remove(folder)
        for name, content in self._given.data.items():
            if name.partition("/")[0] == folder and name not in self._own:
                self._write(name, content)

    def has(self, name: str) -> bool:
        """Whether there is a Python file of this name, or a folder of them where the name ends in
        a slash.
        """
        if name.endswith("/"):
            modules = itertools.chain(self._own, self._given.modules)
            return any(file.startswith(name) and file.endswith(".py") for file in modules)
        return self._content(name) is not None

    def _content(self, name: str) -> bytes | None:
        """The content of a Python file; None where neither the student nor the kit has it."""
        own = self._own.get(name)
        return self._given.modules.get(name) if own is None else own

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name in self.specs:
            return self.specs[name]
        stem = name.replace(".", "/")
        for file in (f"{stem}/__init__.py", f"{stem}.py"):
            content = self._content(file)
            if content is not None:
                place = os.path.join(self.folder, file)
                if file not in self._written:
                    self._write(file, content)
                code = None if file in self._own else self._given.code.get(file)
                spec = importlib.util.spec_from_file_location(
                    name, place, loader=_Source(name, place, content, code)
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
    """Compiles a file at most once, from memory, even if the module is imported again for each
    exercise.

    code : what the zygote has compiled of this content, under another path
    """

    def __init__(
        self, name: str, path: str, content: bytes, code: types.CodeType | None = None
    ) -> None:
        super().__init__(name, path)
        self._content = content
        self._code = code and _placed(code, path)

    def get_code(self, fullname: str) -> types.CodeType:
        self._code = self._code or self.source_to_code(self._content, self.path)
        return self._code


def _placed(code: types.CodeType, path: str) -> types.CodeType:
    """The same code as if it came from another file."""
    constants = [
        _placed(each, path) if isinstance(each, types.CodeType) else each for each in code.co_consts
    ]
    return code.replace(co_filename=path, co_consts=tuple(constants))


class Rest(importlib.abc.MetaPathFinder):
    """Last-resort finder: writes all remaining files, for code that bypasses the package."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        self.files.write_rest()
        importlib.invalidate_caches()
        return importlib.machinery.PathFinder.find_spec(name, path, target)


def seed(number: int) -> None:
    """Seed the global generators of random numbers, so that the answer to a request depends on
    nothing before it: the same submission has the same score.

    Most code draws no numbers. The generators are then as the seed before has left them, which is
    quicker to see than a seed is set.
    """
    global _seeded
    if _bit_generator() is not _BIT_GENERATOR or (number, _positions()) != _seeded:
        random.seed(number)
        np.random.seed(number)
        _seeded = (number, _positions())


def _positions() -> list[bytes]:
    """Where the global generators are in their sequences, as it lies in memory."""
    return [place.raw for place in _PLACES]


# NumPy's global generator can be replaced, and what replaces it is not looked at.
_bit_generator = np.random.mtrand.get_bit_generator
_GENERATOR, _BIT_GENERATOR = random._inst, _bit_generator()
# A Mersenne Twister is 624 numbers and an index. A draw moves the index, or changes all numbers.
# Python and NumPy have the index at different ends.
_PLACE = ctypes.c_char * 64
_PLACES = [
    _PLACE.from_address(place)
    for generator, kind in (
        (_GENERATOR, _random.Random),
        (_BIT_GENERATOR, np.random.MT19937),
    )
    for place in (
        id(generator) + object.__basicsize__,
        id(generator) + kind.__basicsize__ - ctypes.sizeof(_PLACE),
    )
]
_seeded: tuple[int, list[bytes]] | None = None


class _Names:
    """What the names of a module stand for.

    A list of the values would do. But to put a value into a list is to count a reference in it,
    and in a fork the kernel copies each memory page that is written to, hundreds in this case. So
    the table of the names is compared as it lies in memory: it holds the addresses of all values.
    """

    def __init__(self, module: types.ModuleType) -> None:
        names = vars(module)
        self._values = list(names.values())  # held, so that no other object gets their addresses
        self._place = ctypes.c_void_p.from_address(id(names) + object.__basicsize__ + _TABLE)
        self._first = self._place.value or 0
        size = names.__sizeof__() - dict.__basicsize__ - _HEAD
        self._table = (ctypes.c_char * size).from_address(self._first + _HEAD)
        if not set(memoryview(self._table.raw).cast("P")).issuperset(map(id, self._values)):
            raise RuntimeError("this version of Python keeps the names of a module elsewhere")

    def table(self) -> bytes:
        """The table; empty if it has moved, which it does when it grows."""
        return self._table.raw if self._place.value == self._first else b""


# Offsets in bytes: of the table's address behind the head of a dict, and of the table's content.
_TABLE, _HEAD = 16, 32
_NAMES = [_Names(module) for module in _SHARED]
_SHARED_NAMES = [module.__name__ for module in _SHARED]


class State:
    """What code can change for the code that runs after it: settings, the contents of shared
    modules, and files.

    folders : in which files are looked at
    modules : how many modules are loaded; those that are imported later follow them in sys.modules
    """

    def __init__(self, folders: Iterable[str]) -> None:
        self.modules = len(sys.modules)
        self._folders = list(folders)
        self._names = [
            names if names.table() else _Names(module)
            for names, module in zip(_NAMES, _SHARED, strict=True)
        ]
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
            _bit_generator(),
            [names.table() for names in self._names],
            list(map(sys.modules.get, _SHARED_NAMES)),
        ]


def _lowest_free() -> int:
    """The descriptor that the next opened file will get. It changes when a file was left open, or
    one that was open before was closed.
    """
    fd = os.open(os.devnull, os.O_RDONLY)
    os.close(fd)
    return fd
