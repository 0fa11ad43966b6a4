"""Where an import in a student's file leads. An import costs nothing by itself: what grading does
not have is imported as a stand-in, and fails where a function uses it.

The hook stands in the place of `builtins.__import__`, and looks at imports of student files only:
everybody else's go to Python as ever, and find no stand-in, as none is put into `sys.modules`.
Notebooks, `check()` and grading install it with what differs between them, see `Place`. Runs in the
sandbox, too: standard library and NumPy only.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import sys
import time
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

if __package__:
    from cs231n_utils.imports import course_names, python_2_modules
    from cs231n_utils.imports.libraries import HAS, INSTALLED, KNOWN, PICTURES
    from cs231n_utils.imports.source_facts import Source
    from cs231n_utils.imports.stand_ins import (
        NOTHING,
        Missing,
        NotInGrading,
        NotInThisAssignment,
        StandIn,
        Surroundings,
    )
else:  # in the sandbox, where they lie beside this file, and cs231n_utils is the student's
    import course_names  # type: ignore[no-redef]
    import python_2_modules  # type: ignore[no-redef]
    from libraries import HAS, INSTALLED, KNOWN, PICTURES  # type: ignore[no-redef]
    from source_facts import Source  # type: ignore[no-redef]
    from stand_ins import (  # type: ignore[no-redef]
        NOTHING,
        Missing,
        NotInGrading,
        NotInThisAssignment,
        StandIn,
        Surroundings,
    )

PACKAGE = "cs231n_utils"
_PYTHONS = frozenset((*sys.stdlib_module_names, *INSTALLED))
_OUR_MODULES = (
    "gradient_check",
    "linear_svm",
    "softmax",
    "regularization",
    "optimization",
    "linear_classifier",
    "models",
    "data",
    "plots",
)


@dataclass(frozen=True)
class Place:
    """What differs between notebooks, `check()` and grading.

    is_students : whether a file's code is the student's
    has : whether the student has a file of this name, such as "six.py", or a folder, such as "six/"
    is_own_module : whether Python finds the student's own module under a name, wherever it lies
    only_what_grading_has : False in notebooks, where installed libraries may be used
    """

    is_students: Callable[[str], bool]
    has: Callable[[str], bool]
    is_own_module: Callable[[str], bool]
    only_what_grading_has: bool


class Hook:
    """Replaces `builtins.__import__`: imports of student code lead where they would in grading."""

    def __init__(self, place: Place, python: Callable[..., Any]) -> None:
        self.place = place
        self._python = python
        self._sources: dict[str, Source] = {}
        Surroundings.importing = self._importing
        Surroundings.decorates = self._decorates

    def __call__(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if globals is None or not self.place.is_students(globals.get("__file__") or ""):
            return self._python(name, globals, locals, fromlist, level)
        wanted = _Wanted(name, globals, tuple(fromlist or ()), level, sys._getframe(1))
        return self._relative(wanted) if level else self._absolute(wanted)

    # --- kinds of imports

    def _absolute(self, wanted: _Wanted) -> Any:
        top, place = wanted.top, self.place
        if top in _PYTHONS or top == PACKAGE:
            return self._pythons(wanted, complete=top != PACKAGE)
        if top in PICTURES:
            return self._picture(wanted)
        if self._has(top):
            return self._own(wanted, wanted.name)
        if not place.only_what_grading_has and importlib.util.find_spec(top) is not None:
            return self._by_python(wanted)
        if top == "cs231n":
            return self._course(wanted, wanted.name)
        if python_2_modules.is_module(top) or python_2_modules.renamed(top) is not None:
            return self._python_2(wanted)
        if top == "classifiers":
            return self._course(wanted, f"cs231n.{wanted.name}")
        if place.has(f"{PACKAGE}/{top}.py") and wanted.name == top:
            return importlib.import_module(f"{PACKAGE}.{top}")
        if top not in KNOWN and place.is_own_module(top):
            return self._by_python(wanted)
        return self._library(wanted)

    def _relative(self, wanted: _Wanted) -> Any:
        """Import `.x` or `..classifiers.x`.

        The importing file counts as one of `cs231n.classifiers`, from which students bring code.
        """
        course = "cs231n.classifiers" if wanted.level == 1 else "cs231n"
        course = f"{course}.{wanted.name}" if wanted.name else course
        package = wanted.globals.get("__package__") or ""
        inside = wanted.level <= len(package.split(".")) if package else False
        if package not in (PACKAGE, "") and inside:  # a package of the student's own
            full = importlib.util.resolve_name("." * wanted.level + wanted.name, package)
            return self._own(wanted, full)
        if package != PACKAGE or not inside:
            return self._course(wanted, course)
        if not wanted.name or self._has(f"{PACKAGE}/{wanted.top}"):
            module = self._by_python(wanted)
            return module if wanted.name else self._with_course_names(wanted, module, course)
        if wanted.top in course_names.MODULES:
            return self._course(wanted, course)
        full = f"{PACKAGE}.{wanted.name}"
        return self._unknown(wanted, full, wanted.top)

    def _pythons(self, wanted: _Wanted, complete: bool) -> Any:
        """Import a module of Python or NumPy; a name that this version lacks raises when used."""
        try:
            module = self._by_python(wanted)
        except ModuleNotFoundError as error:
            if not complete or not wanted.is_told_by(error) or self._may_fail(wanted):
                raise
            return self._stand_in(wanted, _same_fault(error))
        missing = [name for name in wanted.fromlist if name != "*" and not hasattr(module, name)]
        if not missing or not complete or self._may_fail(wanted):
            return module

        def told(name: str) -> Exception:
            return ImportError(f"cannot import name {name!r} from {wanted.name!r}", name=name)

        return StandIn(
            wanted.name, lambda name: getattr(module, name, NOTHING), told, _no_more_names
        )

    def _picture(self, wanted: _Wanted) -> Any:
        """Import a library of pictures or progress bars.

        Where it is not installed, a stand-in is imported, whose use raises.
        """
        try:
            with time_for_pictures:
                return self._by_python(wanted)
        except ModuleNotFoundError as error:
            if not wanted.is_told_by(error) or self._may_fail(wanted):
                raise
        sentence = (
            f"{wanted.top} is not installed here; grading has a stand-in for it that shows nothing."
            f" Try python -m pip install {wanted.top}"
        )
        return self._stand_in(wanted, lambda name: NotInGrading(sentence))

    def _own(self, wanted: _Wanted, full: str) -> Any:
        """Import a module of the student's own.

        If a package `cs231n` lacks it, the import goes where it would without the package.
        """
        try:
            return self._by_python(wanted)
        except ModuleNotFoundError as error:
            if not full.startswith("cs231n.") or error.name != full or self._may_fail(wanted):
                raise
        return self._course(wanted, full)

    def _library(self, wanted: _Wanted) -> Any:
        top = wanted.top
        if top not in KNOWN and not self._installed(top):
            return self._unknown(wanted, wanted.name, top)
        if self._may_fail(wanted):
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)

        def told(name: str) -> Exception:
            full = f"{wanted.name}.{name}".removesuffix(".")
            return NotInGrading(f"{full}: grading does not have {top}. It has {HAS}")

        return self._stand_in(wanted, told)

    def _unknown(self, wanted: _Wanted, full: str, part: str) -> Any:
        """Import a module that nobody knows: a misspelt name raises at once, others when used."""
        text = f"No module named {full!r}"
        near = [*_OUR_MODULES, *INSTALLED, *PICTURES]
        if match := get_close_matches(part, near, n=1, cutoff=0.75):
            raise ModuleNotFoundError(f"{text}. Did you mean: {match[0]!r}?", name=full)
        if self._may_fail(wanted):
            raise ModuleNotFoundError(text, name=full)
        return self._stand_in(wanted, lambda name: ModuleNotFoundError(text, name=full))

    # --- what stands for CS231n's names, and for Python 2's

    def _course(self, wanted: _Wanted, full: str) -> Any:
        if wanted.fromlist or wanted.level:
            return self._course_module(full)
        return self._course_module("cs231n" if wanted.top == "cs231n" else "cs231n.classifiers")

    def _course_module(self, full: str) -> StandIn:
        """The module `cs231n.…`: it has what the student's or the kit's of that name has."""
        last = full.rpartition(".")[2]
        target: Any = None
        fault: Exception | None = None
        own = next(
            (path for path in (f"{PACKAGE}/{last}", last) if self.place.has(f"{path}.py")), None
        )
        if own is not None:
            try:
                target = importlib.import_module(own.replace("/", "."))
            except Exception as error:  # it costs what uses it
                fault = error

        def find(name: str) -> object:
            found = _held(target, name)
            if found is not NOTHING:
                return found
            for module in course_names.HERE.get(name, ()):
                found = _held(_loaded(f"{PACKAGE}.{module}"), name)
                if found is not NOTHING:
                    return found
            if name in course_names.MODULES or self.place.has(f"{PACKAGE}/{name}.py"):
                return self._course_module(f"{full}.{name}")
            return NOTHING

        def told(name: str) -> Exception:
            if fault is not None:
                return fault
            if own is not None and name.partition(".")[0] not in course_names.HERE:
                missing = f"{own}.py has no {name}"
                return NotInThisAssignment(f"{missing}. {course_names.sentence(f'{full}.{name}')}")
            return NotInThisAssignment(course_names.sentence(f"{full}.{name}"))

        def star(frame: types.FrameType) -> list[str]:
            public = getattr(target, "__all__", None) or [
                name for name in dir(target) if not name.startswith("_")
            ]
            if target is not None:
                ready = not getattr(target.__spec__, "_initializing", False)
                return list(public) if ready else [*public, *self._undefined(frame)]
            return self._undefined(frame)

        return StandIn(full, find, told, star)

    def _with_course_names(self, wanted: _Wanted, package: Any, course: str) -> Any:
        """What `from . import x` takes names from.

        These are the student's package and, for what it lacks, the module `course` of CS231n.
        """
        if all(name == "*" or hasattr(package, name) for name in wanted.fromlist):
            return package
        if self._may_fail(wanted):
            return package
        beside = self._course_module(course)

        def find(name: str) -> object:
            found = getattr(package, name, NOTHING)
            return found if found is not NOTHING else beside._find(name)

        return StandIn(course, find, beside._told, _no_more_names)

    def _python_2(self, wanted: _Wanted) -> Any:
        def module(full: str) -> Any:
            there = python_2_modules.renamed(full)
            if there is not None:
                return there

            def find(name: str) -> object:
                found = python_2_modules.find(full, name, NOTHING)
                if found is NOTHING and python_2_modules.is_module(f"{full}.{name}"):
                    return module(f"{full}.{name}")
                return found

            def told(name: str) -> Exception:
                return NotInGrading(
                    f"{full}.{name}: of {wanted.top}, grading has the names that lead from Python 2"
                    " to 3, and not this one"
                )

            return StandIn(full, find, told, lambda frame: python_2_modules.names(full))

        return module(wanted.name if wanted.fromlist else wanted.top)

    # --- helpers

    def _by_python(self, wanted: _Wanted) -> Any:
        return self._python(
            wanted.name, wanted.globals, None, wanted.fromlist or None, wanted.level
        )

    def _stand_in(self, wanted: _Wanted, told: Callable[[str], Exception]) -> StandIn:
        name = wanted.name if wanted.fromlist else wanted.top

        def star(frame: types.FrameType) -> list[str]:
            names = self._undefined(frame)
            stars.update(names)
            return names

        stars: set[str] = set()

        def tell(key: str) -> Exception:
            fault = told(key)
            if key.partition(".")[0] in stars:
                return type(fault)(
                    f"{key} is not defined; it may be a name of {name}, which is imported with *."
                    f" {told('')}"
                )
            return fault

        return StandIn(name, lambda key: NOTHING, tell, star)

    def _has(self, stem: str) -> bool:
        has = self.place.has
        return has(f"{stem}.py") or has(f"{stem}/__init__.py") or has(f"{stem}/")

    def has_in_grading(self, top: str) -> bool:
        """Whether a module is found in grading without this hook."""
        given = top in _PYTHONS or top in PICTURES or top == PACKAGE
        return given or self._has(top) or (top not in KNOWN and self.place.is_own_module(top))

    def _installed(self, top: str) -> bool:
        """Whether Python finds a module of this name on this machine."""
        try:
            return importlib.util.find_spec(top) is not None
        except (ImportError, ValueError):
            return False

    def _source(self, frame: types.FrameType) -> Source:
        file = frame.f_code.co_filename
        if file not in self._sources:
            self._sources[file] = Source(file)
        return self._sources[file]

    def _students_frames(self, frame: types.FrameType | None) -> list[types.FrameType]:
        found = []
        while frame is not None:
            if self.place.is_students(frame.f_code.co_filename):
                found.append(frame)
            frame = frame.f_back
        return found

    def _may_fail(self, wanted: _Wanted) -> bool:
        """Whether the student provides for the import's failing, here or in a file that imports
        this one.
        """
        return any(
            self._source(frame).may_fail(frame.f_lineno)
            for frame in self._students_frames(wanted.frame)
        )

    def _undefined(self, frame: types.FrameType) -> list[str]:
        return sorted(self._source(frame).undefined() - set(frame.f_globals))

    def _importing(self, frame: types.FrameType) -> bool:
        return any(one.f_code.co_name == "<module>" for one in self._students_frames(frame))

    def _decorates(self, frame: types.FrameType) -> bool:
        return self.place.is_students(frame.f_code.co_filename) and self._source(frame).decorates(
            frame.f_lineno
        )


@dataclass(frozen=True)
class _Wanted:
    """One import: the arguments of `__import__`, and the frame that it stands in."""

    name: str
    globals: Mapping[str, Any]
    fromlist: tuple[str, ...]
    level: int
    frame: types.FrameType

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]

    def is_told_by(self, error: ImportError) -> bool:
        """Whether this module is the one that was not found, and no other that it imports."""
        return bool(error.name) and f"{self.name}.".startswith(f"{error.name}.")


class _TimeForPictures:
    """How long importing libraries of pictures has taken so far: grading has stand-ins for them,
    which take no time.
    """

    def __init__(self) -> None:
        self._before = (0.0, 0.0)  # seconds of computing, and by the clock
        self._since: tuple[float, float] | None = None

    def __enter__(self) -> None:
        self._since = (time.process_time(), time.monotonic())

    def __exit__(self, *error: object) -> None:
        self._before, self._since = self.seconds(), None

    def seconds(self) -> tuple[float, float]:
        """(CPU seconds, wall-clock seconds) spent on these imports so far."""
        computing, clock = self._before
        if self._since is None:
            return computing, clock
        return (
            computing + time.process_time() - self._since[0],
            clock + time.monotonic() - self._since[1],
        )


time_for_pictures = _TimeForPictures()


def _same_fault(error: Exception) -> Callable[[str], Exception]:
    return lambda name: error


def _no_more_names(frame: types.FrameType) -> list[str]:
    return []


def _held(module: Any, name: str) -> Any:
    """The attribute of a module; NOTHING if it lacks it, or imported a stand-in under that name."""
    found = getattr(module, name, NOTHING)
    return NOTHING if isinstance(found, Missing) else found


def _loaded(module: str) -> Any:
    """A module, or None where it cannot be imported."""
    try:
        return importlib.import_module(module)
    except Exception:
        return None


def install(place: Place) -> Hook:
    """Put a hook into the place of Python's own `__import__`, or of a hook before."""
    before = builtins.__import__
    hook = Hook(place, before._python if isinstance(before, Hook) else before)
    builtins.__import__ = hook
    return hook


# --- in the kit ---------------------------------------------------------------------------------

# Of the package: no student's.
_MACHINERY = ("advice", "imports", "interactive", "mistakes", "visible_checks")


def install_in_kit(only_what_grading_has: bool) -> None:
    """For the files of the kit that this file lies in: those of its package and beside the
    notebooks; as grading would have it, also those in folders beside them.
    """
    kit = Path(__file__).resolve().parents[2]
    package = kit / PACKAGE
    known: dict[str, bool] = {}

    def judged(file: str) -> bool:
        path = Path(file)
        if not file.endswith(".py") or "site-packages" in path.parts:
            return False
        path = path.resolve()
        if package in path.parents:
            return path.relative_to(package).parts[0] not in _MACHINERY
        return kit in path.parents if only_what_grading_has else path.parent == kit

    def is_students(file: str) -> bool:
        if file not in known:
            known[file] = judged(file)
        return known[file]

    def has(name: str) -> bool:
        path = kit / name
        return path.is_dir() if name.endswith("/") else path.is_file()

    def is_own_module(top: str) -> bool:
        spec = importlib.util.find_spec(top)
        places = [spec.origin or "", *(spec.submodule_search_locations or ())] if spec else []
        return any(
            kit in Path(place).resolve().parents and "site-packages" not in Path(place).parts
            for place in places
            if place
        )

    hook = install(Place(is_students, has, is_own_module, only_what_grading_has))
    if only_what_grading_has:
        _find_what_grading_has(hook)


def _find_what_grading_has(hook: Hook) -> None:
    """Let the student's calls of `importlib` find no installed library that grading has not."""
    find_spec, import_module = importlib.util.find_spec, importlib.import_module

    def hidden(name: str, frame: types.FrameType) -> bool:
        top = name.partition(".")[0]
        return (
            bool(top)
            and hook.place.is_students(frame.f_code.co_filename)
            and not hook.has_in_grading(top)
        )

    def find(name: str, package: str | None = None) -> Any:
        return None if hidden(name, sys._getframe(1)) else find_spec(name, package)

    def load(name: str, package: str | None = None) -> Any:
        if hidden(name, sys._getframe(1)):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return import_module(name, package)

    importlib.util.find_spec, importlib.import_module = find, load
