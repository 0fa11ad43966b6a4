"""What a box runs: a server that takes requests, calls student code, and sends plain values back.

It runs inside the sandbox, in a fork of the zygote that confine.py has locked. Nothing here is
trusted: student code may change any of it and gains nothing, because the grader judges only the
numbers that arrive. It needs the standard library and numpy only.

The grader sends a frame (reset, list of (seed, request)); the answer is a frame with a list of
(scripted calls, reply). With `reset`, the server first forgets the exercise before; where it cannot
forget everything, the answer is an empty list, and the grader takes another box.

Requests are tuples:
    ("load", files)
    ("call", module, function, args, kwargs, options)
    ("calls", module, function, list of args, options)
    ("classify", method, W, loss, args, kwargs, scripts)
    ("read_npz", file, name)
Options of a call:
    "keep"     the index of a part of the result that stays here behind a handle
    "echo"     whether the arguments are sent back as they are afterwards
    "count"    whether Python-level work is counted
    "scripts"  (callback id, answers) for each callback whose answers do not depend on its arguments
Replies are tuples:
    ("ok", result, (args, kwargs) if echoed, events)
    ("error", kind, type name, builtin bases, text, where)
The result of "calls" is a list of results; with "echo" or "count", a list of (result, args if
echoed, events).

When student code calls a callback, the server sends ("callback", number of the request, (id, args),
scripted calls) in between, and waits for ("value", value). The scripted calls are the (id, args) of
calls that were answered from a script since the last message.
"""

from __future__ import annotations

import encodings.cp437  # noqa: F401  (NumPy reads a model with it; imported here, it is shared by all)
import functools
import importlib
import importlib.util
import itertools
import os
import sys
import types
import zipfile  # noqa: F401  (as encodings.cp437)
from collections.abc import Callable, Sequence
from typing import Any

import import_hook
import module_state
import numpy as np
import stand_ins
import stub_libraries
import to_box
import wire

PACKAGE = "cs231n_utils"
given = module_state.Given({})  # the zygote sets it
# The most calls that a script answers, and the most bytes of their arguments.
_MAX_SCRIPTED, _MAX_POINT = 200, 1 << 16
# The types of most arguments and results.
_PLAIN = frozenset({np.ndarray, np.float64, float, int})
_TEXT = 1000  # characters of an exception's text that are sent

Values = tuple[Any, ...]  # a request or its parts, arguments by position, or a reply
Named = dict[str, Any]  # arguments or options by name


class Server:
    """Answers the grader's requests about one student's files, and keeps the objects that handles
    stand for.
    """

    def __init__(self, fd: int, folder: str) -> None:
        self.fd = fd
        self.folder = folder
        self.kept: dict[int, object] = {}
        self.now = (0, 0)  # the sequence number of the frame, and the number of the request in it
        self.scripts: dict[int, _Script] = {}  # callback id -> its script, for this request
        self.scripted_calls: list[tuple[int, object]] = []  # those that are not sent yet
        self.start: module_state.State  # before any code of the student's ran

    def serve(self) -> None:
        """Answer requests until the grader closes the socket."""
        while True:
            sequence, (reset, requests) = to_box.read(self._read)
            replies = []
            if not reset or self._forgets():
                for number, (seed, request) in enumerate(requests):
                    self.now = (sequence, number)
                    replies.append(self._reply(seed, request))
            try:
                frame = wire.frame(sequence, replies)
            except wire.WireError:  # too large
                frame = wire.frame(sequence, [([], _UNSENDABLE)])
            self._write(frame)

    def _reply(self, seed: int, request: tuple[Any, ...]) -> wire.Encoded:
        """The reply, encoded at once: code that runs later may change the arrays in it."""
        self.scripts, self.scripted_calls = {}, []
        kind, *rest = request
        try:
            module_state.seed(seed)
            reply = getattr(self, f"_{kind}")(*rest)
        # Whatever student code raises, SystemExit and KeyboardInterrupt too.
        except BaseException as error:
            reply = ("error", *_describe(error, self.folder))
        try:
            return wire.encoded((self.scripted_calls, reply), 1)
        except Exception:  # too deep or too large to send
            return wire.encoded((self.scripted_calls, _UNSENDABLE), 1)

    def _load(self, files: dict[str, bytes]) -> Values:
        submission = module_state.Files(self.folder, files, given)
        sys.path.insert(0, self.folder)
        sys.meta_path.insert(0, submission)
        sys.meta_path += [stub_libraries.Finder(), module_state.Rest(submission)]
        import_hook.install(
            import_hook.Place(
                is_students=functools.partial(_is_below, f"{self.folder}/"),
                has=submission.has,
                is_own_module=lambda name: importlib.util.find_spec(name) is not None,
                only_what_grading_has=True,
            )
        )
        self.start = module_state.State(submission.folders)
        return ("ok", None, None, 0)

    def _forgets(self) -> bool:
        """Drop the student's modules and objects. Returns False if student code has changed
        something else as well, or has broken what this method needs.
        """
        try:
            self.kept.clear()
            for name in list(
                itertools.islice(
                    reversed(sys.modules), max(0, len(sys.modules) - self.start.modules)
                )
            ):
                if (getattr(sys.modules[name], "__file__", None) or "").startswith(self.folder):
                    del sys.modules[name]
            lasts: bool = self.start.lasts()
            return lasts
        except BaseException:
            return False

    def _call(
        self, module: str, function: str, args: Values, kwargs: Named, options: Named
    ) -> Values:
        target = self._find(module, function)
        self._take_scripts(options.get("scripts", ()))
        args = self._localized(args)
        kwargs = {key: self._localize(value) for key, value in kwargs.items()}
        result, events = (
            _counted(target, args, kwargs) if options.get("count") else (target(*args, **kwargs), 0)
        )
        return (
            "ok",
            self._sendable(result, options),
            (args, kwargs) if options.get("echo") else None,
            events,
        )

    def _calls(self, module: str, function: str, many: list[Values], options: Named) -> Values:
        target = self._find(module, function)
        results, more = [], options.get("echo") or options.get("count")
        as_now = wire.snapshot if len(many) >= wire.MANY else wire.encoded
        for args in many:
            args = self._localized(args)
            result, events = (
                _counted(target, args, {}) if options.get("count") else (target(*args), 0)
            )
            result = self._sendable(result, options)
            seen = (result, args if options.get("echo") else (), events) if more else result
            results.append(as_now(seen))  # at once, as in _reply
        return ("ok", results, None, 0)

    def _classify(
        self, method: str, W: object, loss: object, args: Values, kwargs: Named, scripts: list[Any]
    ) -> Values:
        """Call a method of the student's LinearClassifier; the grader evaluates its loss."""
        base: Any = self._find("linear_classifier", "LinearClassifier")
        self._take_scripts(scripts)
        callback = self._localize(loss)

        class Probe(base):
            def loss(self, X_batch: Any, y_batch: Any, reg: Any) -> Any:
                return callback(self.W, X_batch, y_batch, reg)

        model = Probe()
        model.W = W
        result = getattr(model, method)(*args, **kwargs)
        return ("ok", (result, model.W), None, 0)

    def _read_npz(self, file: str, name: str) -> Values:
        with np.load(os.path.join(self.folder, file), allow_pickle=False) as arrays:
            return ("ok", arrays[name] if name in arrays.files else sorted(arrays.files), None, 0)

    def _find(self, module: str, function: str) -> Any:
        name = f"{PACKAGE}.{module}"
        imported = sys.modules.get(name) or importlib.import_module(name)
        found = getattr(imported, function, None)
        if found is None:
            raise _Missing(f"{module}.py has no {function}")
        return found

    def _sendable(self, result: object, options: dict[str, Any]) -> object:
        """The result, with a handle for the part that stays here."""
        if not _is_plain(result):
            stub_libraries.refuse(result)
            stand_ins.refuse(result)
        keep = options.get("keep")
        if keep is None or not isinstance(result, (tuple, list)) or keep >= len(result):
            return result
        handle = wire.Handle(len(self.kept))
        self.kept[handle.id] = result[keep]
        return (*result[:keep], handle, *result[keep + 1 :])

    def _localized(self, args: Values) -> Values:
        return tuple([value if type(value) in _PLAIN else self._localize(value) for value in args])

    def _localize(self, value: Any) -> Any:
        """The argument that the student's function gets for a value from the wire."""
        if type(value) is wire.Handle:
            return self.kept[value.id]
        if type(value) is to_box.Rng:
            return np.random.default_rng(value.seed)
        if type(value) is to_box.Callback:
            now = self.now
            return lambda *args: self._callback(now, value.id, args)
        if type(value) is dict:
            return {key: self._localize(item) for key, item in value.items()}
        return value

    def _take_scripts(self, scripts: Sequence[tuple[int, list[Any]]]) -> None:
        self.scripts = {number: _Script(answers) for number, answers in scripts}

    def _callback(self, called_in: tuple[int, int], callback: int, args: tuple[Any, ...]) -> object:
        """The result of a callback: from its script, or else from the grader."""
        sequence, number = called_in
        # A callback that was kept from an earlier request: the grader will refuse the number 0.
        if called_in != self.now:
            sequence = 0
        elif callback in self.scripts:
            point = wire.snapshot(args)  # at once: student code may reuse its arrays
            answer = self.scripts[callback].answer(wire.key(point))
            if answer is not None:
                self.scripted_calls.append((callback, point))
                return answer
        self._write(
            wire.frame(sequence, ("callback", number, (callback, args), self.scripted_calls))
        )
        self.scripted_calls = []
        _, (_, value) = to_box.read(self._read)
        return value

    def _read(self, count: int) -> bytes:
        piece = os.read(self.fd, count)
        if not piece:
            os._exit(0)  # the grader is done with us
        return piece

    def _write(self, frame: bytes) -> None:
        rest = memoryview(frame)
        while rest:
            rest = rest[os.write(self.fd, rest) :]


def _is_plain(result: object) -> bool:
    """Whether a result is a number or an array, or a tuple of them."""
    return _PLAIN.issuperset(map(type, result if type(result) is tuple else (result,)))


def _is_below(folder: str, file: str) -> bool:
    return file.startswith(folder)


class _Script:
    """The answers of a callback, given in order, one for each new point; a point that comes again
    has the same answer again.
    """

    def __init__(self, answers: list[Any]) -> None:
        self._answers = iter(answers)
        self._by_point: dict[wire.Key, object] = {}
        self._calls = 0

    def answer(self, point: wire.Key) -> object:
        """The answer for a point; None if the script has no more answers, after too many calls, and
        for a point that is too large. The grader then answers.
        """
        self._calls += 1
        if self._calls > _MAX_SCRIPTED or sum(map(len, point)) > _MAX_POINT:
            return None
        if point not in self._by_point:
            self._by_point[point] = next(self._answers, None)
        return _copied(self._by_point[point])  # student code may change the arrays


def _copied(answer: Any) -> Any:
    """A copy of a number, an array, or a tuple of them."""
    if type(answer) is tuple:
        return tuple([_copied(part) for part in answer])
    return answer.copy() if type(answer) is np.ndarray else answer


_UNSENDABLE = ("error", "unsendable", "", (), "", "")


class _Missing(Exception):
    """The submission has no function of the requested name."""


def _counted(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[object, int]:
    """The result, and the Python-level work: the number of lines and calls, in any frame, that the
    interpreter reports.

    Student code can disturb this count, so the grader also looks at the CPU time, which it gets
    from the kernel.
    """
    events = 0

    def trace(frame: types.FrameType, event: str, arg: object) -> Any:
        nonlocal events
        events += 1
        return trace

    sys.settrace(trace)
    try:
        return function(*args, **kwargs), events
    finally:
        sys.settrace(None)


def _describe(error: BaseException, folder: str) -> tuple[str, str, tuple[str, ...], str, str]:
    """(kind, type name, builtin bases, text, where) of an exception; `where` is the deepest line of
    the student's own in its traceback.
    """
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
            text = f"{error.msg}: {error.text.strip()[:120]}" if error.text else error.msg
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
    # Messages name files as the student knows them; the folder has another name at each grading.
    bases = tuple(base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins")
    return (
        kind,
        type(error).__name__,
        bases,
        text.replace(f"{folder}/", "").replace(folder, "."),
        where,
    )


def _source_line(filename: str, number: int) -> str:
    with open(filename, encoding="utf-8", errors="replace") as file:
        for k, line in enumerate(file, start=1):
            if k == number:
                return f": {line.strip()[:120]}"
    return ""
