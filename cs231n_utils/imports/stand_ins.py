"""Modules and names that are not there. While a student's file is being imported they take every
use, so that an import costs nothing by itself; in a call of a function they raise, with a sentence
that names them.

Runs in the sandbox, too. Imports the standard library and NumPy only.
"""

from __future__ import annotations

import opcode
import sys
import types
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

NOTHING = object()  # for a name that is not found, as None may be one's value
# What these make of a function is another function.
_REPLACING = ("numba.vectorize", "numba.guvectorize", "numba.stencil", "numba.cuda")


class NotInGrading(ImportError):
    """Raised when student code uses a library, or a part of one, that grading does not have."""


class NotInThisAssignment(ImportError):
    """Raised when student code uses a name of CS231n's files that this assignment lacks."""


class Surroundings:
    """What stand-ins ask about the code that uses them; `import_hook.py` sets both.

    importing : whether a student's file is being imported, by the frame that asks
    decorates : whether the frame's line is a decorator
    """

    importing: Callable[[types.FrameType], bool] = staticmethod(lambda frame: False)
    decorates: Callable[[types.FrameType], bool] = staticmethod(lambda frame: False)


def _user() -> types.FrameType:
    """The frame of the code that uses a stand-in: the innermost one outside this file."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename == __file__ and frame.f_back is not None:
        frame = frame.f_back
    return frame


class StandIn(types.ModuleType):
    """Takes the place of a module that Python does not find.

    find : what it has under a name, or NOTHING
    told : the exception that the use of any other name raises
    star : names that `import *` brings, beside those that nothing in the importing file defines
    """

    def __init__(
        self,
        name: str,
        find: Callable[[str], object],
        told: Callable[[str], Exception],
        star: Callable[[types.FrameType], list[str]],
    ) -> None:
        super().__init__(name)
        self.__dict__.update(_find=find, _told=told, _star=star, __path__=[])

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return self._star(sys._getframe(1))
        if _is_pythons(name):
            raise AttributeError(name)
        found = self._find(name)
        if found is not NOTHING:
            return found
        return Missing(f"{self.__name__}.{name}", self._told, name, self._find)


class Missing:
    """Takes the place of a name that a module lacks; any use of it raises.

    name : as messages write it
    told : the exception that its use raises, for its `key`
    find : looks the key up once more when it is called: in a circle of imports it may be there by
        then
    """

    __slots__ = ("_find", "_key", "_name", "_told")

    def __init__(
        self,
        name: str,
        told: Callable[[str], Exception],
        key: str,
        find: Callable[[str], object] = lambda name: NOTHING,
    ) -> None:
        for slot, value in zip(self.__slots__, (find, key, name, told), strict=True):
            object.__setattr__(self, slot, value)

    def __getattr__(self, name: str) -> Any:
        if _is_pythons(name):
            raise AttributeError(name)
        return Missing(f"{self._name}.{name}", self._told, f"{self._key}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        found = self._find(self._key)
        if found is not NOTHING:
            return found(*args, **kwargs)
        if Surroundings.decorates(_user()) and not self._name.startswith(_REPLACING):
            if len(args) == 1 and not kwargs and isinstance(args[0], (types.FunctionType, type)):
                return args[0]
            return self
        return _used(self)

    # --- where types are expected

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        """The base of a class that derives from this name: one that says so where it is needed."""
        first = next(base for base in bases if isinstance(base, Missing))
        return (_base_class(self),) if first is self else ()

    def __instancecheck__(self, value: object) -> bool:
        return False

    __subclasscheck__ = __instancecheck__

    # --- as a container

    def __iter__(self) -> Iterator[Missing]:
        """Yields itself once for each name on the left of `=`; nothing in a loop."""
        _used(self)
        return iter([self] * _names_to_fill(_user()))

    def __next__(self) -> Missing:
        _used(self)
        raise StopIteration

    def __contains__(self, item: object) -> bool:
        _used(self)
        return False

    def __enter__(self) -> Missing:
        return _used(self)

    def __exit__(self, *error: object) -> None:
        pass

    # --- as a number, an array, a path or a text

    def __bool__(self) -> bool:
        _used(self)
        return False

    def __float__(self) -> float:
        _used(self)
        return float("nan")

    def __complex__(self) -> complex:
        return complex(float(self))

    def __int__(self) -> int:
        _used(self)
        return 0

    __len__ = __index__ = __int__

    def __array__(self, *args: object, **kwargs: object) -> np.ndarray:
        # Only here: it is NumPy that calls this, and a terminal that says --help has no use for it.
        import numpy as np

        _used(self)
        held = np.empty((), dtype=object)
        held[()] = self
        return held

    def __fspath__(self) -> str:
        _used(self)
        return ""

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"<{self._name}, which is not there>"

    __hash__ = object.__hash__


def refuse(result: object) -> None:
    """Raise if a result is a missing name, or is a tuple with one: what its use would raise."""
    for value in result if type(result) is tuple else (result,):
        if isinstance(value, Missing):
            raise value._told(value._key)


def absent(value: object) -> str:
    """What a name in a file would have been, such as "scipy.special"; "" for all that is there."""
    if isinstance(value, StandIn):
        return value.__name__
    return value._name if type(value) is Missing else ""


def _is_pythons(name: str) -> bool:
    """Whether Python itself, or a library, asks for a name to learn what an object can do."""
    return name.startswith("__") and name != "__version__"


def _used(missing: Missing, *others: object, **options: object) -> Missing:
    if Surroundings.importing(_user()):
        return missing
    raise missing._told(missing._key)


def _compared(missing: Missing, other: object) -> bool:
    _used(missing)
    return False


def _set(missing: Missing, *names_and_values: object) -> None:
    _used(missing)


_TWO_SIDED = [
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
]
for _methods, _function in [
    ([f"__{name}__" for name in _TWO_SIDED], _used),
    ([f"__r{name}__" for name in _TWO_SIDED], _used),
    (["__neg__", "__pos__", "__abs__", "__invert__", "__round__", "__getitem__"], _used),
    (["__array_ufunc__", "__array_function__"], _used),
    (["__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"], _compared),
    (["__setattr__", "__delattr__", "__setitem__", "__delitem__"], _set),
]:
    for _name in _methods:
        setattr(Missing, _name, _function)


def _base_class(missing: Missing) -> type:
    def tell(instance: object, *args: object, **kwargs: object) -> Any:
        return _used(missing)

    def get(instance: object, name: str) -> Any:
        if _is_pythons(name):
            raise AttributeError(name)
        return _used(missing)

    members: dict[str, Any] = {
        "__init__": lambda self, *args, **kwargs: None,
        "__init_subclass__": lambda cls, **options: None,
        "__call__": tell,
        "__getattr__": get,
    }
    return type(missing._name.rpartition(".")[2], (), members)


def _names_to_fill(frame: types.FrameType) -> int:
    """Into how many names the frame's running line unpacks something; 0 if it does not."""
    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at + 1] if code[at] == opcode.opmap["UNPACK_SEQUENCE"] else 0
