"""`past`, `future` and `six`, and modules that Python 2 called otherwise, as far as course files
take something from them: each name is Python 3's own thing of that meaning.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import operator
import sys
from collections.abc import Callable
from typing import Any

# Modules by their names in Python 2, in `six.moves` and in `future.moves`.
RENAMED = {
    "BaseHTTPServer": "http.server",
    "ConfigParser": "configparser",
    "Queue": "queue",
    "SimpleHTTPServer": "http.server",
    "SocketServer": "socketserver",
    "StringIO": "io",
    "UserDict": "collections",
    "UserList": "collections",
    "UserString": "collections",
    "__builtin__": "builtins",
    "cPickle": "pickle",
    "cProfile": "cProfile",
    "cStringIO": "io",
    "copy_reg": "copyreg",
    "cookielib": "http.cookiejar",
    "exceptions": "builtins",
    "htmlentitydefs": "html.entities",
    "HTMLParser": "html.parser",
    "httplib": "http.client",
    "thread": "_thread",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
}
_MOVES = {
    **RENAMED,
    "_thread": "_thread",
    "builtins": "builtins",
    "configparser": "configparser",
    "copyreg": "copyreg",
    "html_entities": "html.entities",
    "html_parser": "html.parser",
    "http_client": "http.client",
    "http_cookies": "http.cookies",
    "pickle": "pickle",
    "queue": "queue",
    "socketserver": "socketserver",
    "urllib": "urllib",
    "urllib_error": "urllib.error",
    "urllib_parse": "urllib.parse",
    "urllib_request": "urllib.request",
}
_NAMES_IN_MODULES = {"StringIO": ("io", "StringIO"), "cStringIO": ("io", "StringIO")}
PACKAGES = ("past", "future", "six", "libfuturize", "libpasteurize")


def _to_list(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: list(function(*args))


def _compare(a: Any, b: Any) -> int:
    return int(a > b) - int(a < b)


def _old_div(a: Any, b: Any) -> Any:
    whole = isinstance(a, int) and isinstance(b, int)
    return a // b if whole else a / b


def _same(value: Any) -> Any:
    return value


def _with_metaclass(meta: Callable[..., type], *bases: type) -> type:
    return meta("WithMetaclass", bases, {})


def _add_metaclass(meta: Callable[..., type]) -> Callable[[type], type]:
    def derive(cls: type) -> type:
        members = {
            name: value
            for name, value in vars(cls).items()
            if name not in ("__dict__", "__weakref__")
        }
        return meta(cls.__name__, cls.__bases__, members)

    return derive


def _reraise(kind: type, value: BaseException | None = None, traceback: Any = None) -> None:
    raise (kind() if value is None else value).with_traceback(traceback)


def _raise_from(value: BaseException, cause: BaseException | None) -> None:
    raise value from cause


def _as_bytes(text: str | bytes, encoding: str = "utf-8", errors: str = "strict") -> bytes:
    return text.encode(encoding, errors) if isinstance(text, str) else text


def _as_text(text: str | bytes, encoding: str = "utf-8", errors: str = "strict") -> str:
    return text.decode(encoding, errors) if isinstance(text, bytes) else text


_LISTS = {name: _to_list(getattr(builtins, name)) for name in ("filter", "map", "range", "zip")}
_PAST = {
    **_LISTS,
    "apply": lambda function, args=(), kwargs=None: function(*args, **(kwargs or {})),
    "basestring": (str, bytes),
    "chr": chr,
    "cmp": _compare,
    "dict": dict,
    "intern": sys.intern,
    "long": int,
    "oct": oct,
    "raw_input": input,
    "reduce": functools.reduce,
    "reload": importlib.reload,
    "str": str,
    "unichr": chr,
    "unicode": str,
    "xrange": range,
}
_BUILTINS = {
    name: getattr(builtins, name)
    for name in [
        "ascii",
        "bytes",
        "chr",
        "dict",
        "filter",
        "hex",
        "input",
        "int",
        "isinstance",
        "list",
        "map",
        "max",
        "min",
        "next",
        "object",
        "oct",
        "open",
        "pow",
        "range",
        "round",
        "str",
        "super",
        "zip",
    ]
}
_ITERATING = {
    f"{kind}{what}": operator.methodcaller(what)
    for kind in ("iter", "view")
    for what in ("items", "keys", "values")
}
_BOTH = {
    **_ITERATING,
    "PY2": False,
    "PY3": True,
    "add_metaclass": _add_metaclass,
    "binary_type": bytes,
    "class_types": (type,),
    "integer_types": (int,),
    "python_2_unicode_compatible": _same,
    "raise_from": _raise_from,
    "reraise": _reraise,
    "string_types": (str,),
    "text_type": str,
    "with_metaclass": _with_metaclass,
}
_UTILS = {
    **_BOTH,
    "PYPY": False,
    "PY26": False,
    "PY27": False,
    **{f"l{name}": function for name, function in _LISTS.items()},
    "bchr": lambda number: bytes((number,)),
    "bytes_to_native_str": _as_text,
    "exec_": exec,
    "getexception": lambda: sys.exc_info()[1],
    "implements_iterator": _same,
    "listitems": lambda mapping: list(mapping.items()),
    "listvalues": lambda mapping: list(mapping.values()),
    "native": _same,
    "native_bytes": bytes,
    "native_str": str,
    "old_div": _old_div,
    "raise_": _reraise,
    "raise_with_traceback": lambda error, traceback=None: _reraise(type(error), error, traceback),
    "text_to_native_str": _as_text,
    "tobytes": _as_bytes,
}
_SIX = {
    **_BOTH,
    "MAXSIZE": sys.maxsize,
    "PY34": True,
    "advance_iterator": next,
    "b": lambda text: text.encode("latin-1"),
    "byte2int": operator.itemgetter(0),
    "callable": callable,
    "ensure_binary": _as_bytes,
    "ensure_str": _as_text,
    "ensure_text": _as_text,
    "exec_": exec,
    "get_function_code": operator.attrgetter("__code__"),
    "get_method_function": operator.attrgetter("__func__"),
    "indexbytes": operator.getitem,
    "int2byte": lambda number: bytes((number,)),
    "iterbytes": iter,
    "next": next,
    "print_": print,
    "u": _same,
    "unichr": chr,
    "wraps": functools.wraps,
}
_SIX_MOVES = {
    "filter": filter,
    "input": input,
    "intern": sys.intern,
    "map": map,
    "range": range,
    "reduce": functools.reduce,
    "reload_module": importlib.reload,
    "xrange": range,
    "zip": zip,
}
_ITERTOOLS = {"filterfalse": "filterfalse", "zip_longest": "zip_longest"}
_NO_CHANGES = ("install_aliases", "install_hooks", "remove_hooks", "enable_hooks", "hooks")

_TABLES: dict[str, dict[str, Any]] = {
    "past.builtins": _PAST,
    "past.builtins.misc": _PAST,
    "past.types": _PAST,
    "past.utils": {"old_div": _old_div, "PY2": False, "PY3": True},
    "future.builtins": _BUILTINS,
    "future.types": _BUILTINS,
    "future.utils": _UTILS,
    "future.standard_library": {name: lambda *args: None for name in _NO_CHANGES},
    "future.backports": {},
    "future.moves": {},
    "six": _SIX,
    "six.moves": _SIX_MOVES,
}


def names(module: str) -> list[str]:
    """What `from <module> import *` brings."""
    return sorted(_TABLES.get(module, ()))


def find(module: str, name: str, nothing: object) -> Any:
    """What `from <module> import <name>` gives, or `nothing`."""
    table = _TABLES.get(module, {})
    if name in table:
        return table[name]
    if module in ("six", "future") and name in ("StringIO", "BytesIO"):
        return getattr(importlib.import_module("io"), name)
    if module in ("six.moves", "future.moves"):
        if name in _NAMES_IN_MODULES and module == "six.moves":
            target, attribute = _NAMES_IN_MODULES[name]
            return getattr(importlib.import_module(target), attribute)
        if name in _ITERTOOLS:
            return getattr(importlib.import_module("itertools"), name)
        if name in ("UserDict", "UserList", "UserString"):
            return getattr(importlib.import_module("collections"), name)
        if name in _MOVES:
            return importlib.import_module(_MOVES[name])
    return nothing


def is_module(name: str) -> bool:
    """Whether this is one of the modules of `past`, `future` and `six` that have names here."""
    return name in _TABLES or name in PACKAGES


def renamed(name: str) -> Any:
    """The module that stands for one such as `six.moves.urllib.parse`, or `cPickle`; None for
    others.
    """
    for prefix in ("six.moves.", "future.moves."):
        if name.startswith(prefix):
            first, *rest = name.removeprefix(prefix).split(".")
            target = ".".join([_MOVES.get(first, first), *rest])
            try:
                return importlib.import_module(target)
            except ImportError:
                return None
    return importlib.import_module(RENAMED[name]) if name in RENAMED else None
