"""The process that runs student code: it takes requests, calls what it is asked to, and sends plain values back.

Everything here happens inside the sandbox, in a fork of the zygote that `confine()` has locked. Nothing here is trusted:
student code may change any of it, and gains nothing, because the grader judges only the numbers that arrive.
Runs inside the sandbox: standard library and numpy only.

Requests (tuples): ("load", files), ("call", module, function, args, kwargs, options), ("classify", method, W, loss, args,
kwargs), ("read_npz", file, name). Options of a call: "keep": index of the result that stays here behind a handle; "echo":
send the arguments back as they are afterwards; "count": count Python-level work.
Replies: ("ok", result, (args, kwargs) if echoed, events), ("error", kind, type name, text, where), ("callback", id, args).
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import os
import random
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import wire

PACKAGE = "cs231n_utils"
_TEXT = 1000  # characters of an exception's text that are worth reading
# Libraries for pictures and progress are not in here; importing them must not cost a student points.
_INERT = ("matplotlib", "cycler", "IPython", "tqdm")


class Server:
    """Answers the grader's requests about one student's files, and keeps the objects that stay on this side."""

    def __init__(self, fd: int, folder: str) -> None:
        self.fd = fd
        self.folder = folder
        self.kept: dict[int, object] = {}

    def serve(self) -> None:
        """Answer requests until the grader closes the socket."""
        while True:
            sequence, request = self._receive()
            try:
                reply = self._answer(sequence, request)
            except BaseException as error:  # whatever student code raises, SystemExit and KeyboardInterrupt too
                reply = ("error", *_describe(error, self.folder))
            try:
                frame = wire.frame(sequence, reply)
            except Exception:  # too deep or too large to send
                frame = wire.frame(sequence, ("error", "unsendable", "", "", ""))
            self._write(frame)

    def _answer(self, sequence: int, request: tuple) -> tuple:
        kind, *rest = request
        return getattr(self, f"_{kind}")(sequence, *rest)

    def _load(self, sequence: int, files: dict[str, bytes]) -> tuple:
        for name, content in files.items():
            path = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        sys.path.insert(0, self.folder)
        sys.meta_path.append(_InertFinder())
        random.seed(0)  # same submission, same score: the global generators start from one state
        np.random.seed(0)
        return ("ok", None, None, 0)

    def _call(self, sequence: int, module: str, function: str, args: tuple, kwargs: dict, options: dict) -> tuple:
        target = self._find(module, function)
        args = tuple(self._localize(sequence, value) for value in args)
        kwargs = {key: self._localize(sequence, value) for key, value in kwargs.items()}
        events = _Events()
        with events if options.get("count") else contextlib.nullcontext():
            result = target(*args, **kwargs)
        keep = options.get("keep")
        if keep is not None and isinstance(result, (tuple, list)) and keep < len(result):
            result = (*result[:keep], self._keep(result[keep]), *result[keep + 1:])
        return ("ok", result, (args, kwargs) if options.get("echo") else None, events.count)

    def _classify(self, sequence: int, method: str, W: object, loss: object, args: tuple, kwargs: dict) -> tuple:
        """Call a method of the student's LinearClassifier, with its loss evaluated by the grader."""
        base: Any = self._find("linear_classifier", "LinearClassifier")
        callback = self._localize(sequence, loss)

        class Probe(base):
            def loss(self, X_batch, y_batch, reg):
                return callback(self.W, X_batch, y_batch, reg)

        model = Probe()
        model.W = W
        result = getattr(model, method)(*args, **kwargs)
        return ("ok", (result, model.W), None, 0)

    def _read_npz(self, sequence: int, file: str, name: str) -> tuple:
        with np.load(os.path.join(self.folder, file), allow_pickle=False) as arrays:
            return ("ok", arrays[name] if name in arrays.files else sorted(arrays.files), None, 0)

    def _find(self, module: str, function: str) -> Any:
        imported = importlib.import_module(f"{PACKAGE}.{module}")
        found = getattr(imported, function, None)
        if found is None:
            raise _Missing(f"{module}.py has no {function}")
        return found

    def _keep(self, value: object) -> wire.Handle:
        handle = wire.Handle(len(self.kept))
        self.kept[handle.id] = value
        return handle

    def _localize(self, sequence: int, value: Any) -> Any:
        """What the student's function gets for a value from the wire."""
        if type(value) is wire.Handle:
            return self.kept[value.id]
        if type(value) is wire.Rng:
            return np.random.default_rng(value.seed)
        if type(value) is wire.Callback:
            return lambda *args: self._callback(sequence, value.id, args)
        if type(value) is dict:
            return {key: self._localize(sequence, item) for key, item in value.items()}
        return value

    def _callback(self, sequence: int, number: int, args: tuple) -> object:
        self._write(wire.frame(sequence, ("callback", number, args)))
        _, (_, value) = self._receive()
        return value

    def _receive(self) -> tuple[int, tuple]:
        return wire.read_frame(self._read)

    def _read(self, count: int) -> bytes:
        piece = os.read(self.fd, count)
        if not piece:
            os._exit(0)  # the grader is done with us
        return piece

    def _write(self, frame: bytes) -> None:
        rest = memoryview(frame)
        while rest:
            rest = rest[os.write(self.fd, rest):]


class _Missing(Exception):
    """The submission lacks what it was asked for."""


class _Events:
    """Counts Python-level work: a line or a call, in any frame, as the interpreter reports it.

    Sound only for code that does not fight it; the grader also looks at the CPU time, which it reads itself.
    """

    def __init__(self) -> None:
        self.count = 0

    def _trace(self, frame: types.FrameType, event: str, arg: object) -> Any:
        self.count += 1
        return self._trace

    def __enter__(self) -> None:
        sys.settrace(self._trace)

    def __exit__(self, *exc: object) -> None:
        sys.settrace(None)


class _InertFinder(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    """Answers the import of a library for pictures with a module that accepts everything and does nothing."""

    def find_spec(self, name: str, path: Sequence[str] | None = None,
                  target: types.ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        if name.split(".")[0] in _INERT:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _InertModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__path__ = []


class _InertModule(types.ModuleType):
    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return _PROGRESS.get(name, _INERT_OBJECT)


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


_INERT_OBJECT = _Inert()
_PROGRESS = {
    "tqdm": lambda iterable=_INERT_OBJECT, *args, **kwargs: iterable,
    "trange": lambda *args, **kwargs: range(*args),
}


def _describe(error: BaseException, folder: str) -> tuple[str, str, str, str]:
    """(kind, type name, text, where): where is the deepest line of the student's own that was involved."""
    kinds: dict[type, str] = {_Missing: "missing", NotImplementedError: "unwritten"}
    kind = kinds.get(type(error), "raised")
    try:
        text = str(error)[:_TEXT]
    except BaseException:
        text = "(its text cannot be shown)"
    where = ""
    try:
        if isinstance(error, SyntaxError) and error.filename:
            where = f"{os.path.basename(error.filename)}, line {error.lineno}"
            text = error.msg
        deepest, step = None, error.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename.startswith(folder):
                deepest = step
            step = step.tb_next
        if deepest is not None:
            filename, number = deepest.tb_frame.f_code.co_filename, deepest.tb_lineno
            where = f"{os.path.basename(filename)}, line {number}{_source_line(filename, number)}"
    except BaseException:
        where = ""
    # Messages name files as the student knows them; the folder's name is another one at each grading.
    return kind, type(error).__name__, text.replace(f"{folder}/", ""), where


def _source_line(filename: str, number: int) -> str:
    with open(filename, encoding="utf-8", errors="replace") as file:
        for k, line in enumerate(file, start=1):
            if k == number:
                return f": {line.strip()[:120]}"
    return ""
