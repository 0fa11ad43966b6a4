"""Files beside the notebooks that have the name of one of Python's modules, such as a scratch file
random.py: Python would import them in the place of its own, for everybody.

Here, as in grading, such names lead to Python's modules all the same, and `check` says which file
to rename. This file imports only what Python has loaded before it looks at any folder.
"""

import sys
from importlib.machinery import PathFinder
from os import listdir, path

# Beside Python's own: libraries whose names grading keeps free, too, and what the notebooks and the
# checks are made of.
IN_GRADING = ("numpy", "matplotlib", "cycler", "tqdm", "IPython")
_HERE = (
    "ipykernel",
    "traitlets",
    "pytest",
    "_pytest",
    "pluggy",
    "iniconfig",
    "packaging",
    "pygments",
)
PACKAGE = path.dirname(path.dirname(path.abspath(__file__)))
KIT = path.dirname(PACKAGE)


def _is_taken(name: str) -> bool:
    return name in sys.stdlib_module_names or name in IN_GRADING or name in _HERE


def files() -> dict[str, str]:
    """Module -> the file, as seen from the kit's folder, that hides or would hide it."""
    try:
        names = sorted(listdir(KIT))
    except OSError:
        return {}
    found = {}
    for name in names:
        module = name.removesuffix(".py")
        if _is_taken(module) and (
            name.endswith(".py") or path.isfile(path.join(KIT, name, "__init__.py"))
        ):
            found[module] = name if name.endswith(".py") else f"{name}/"
    return found


def sentences() -> list[str]:
    """For each such file: which module it hides, and to rename it."""
    return [
        f"{file} beside the notebooks hides {_owner(module)} {module}. Rename it;"
        f" {'check passes' if module in _HERE else 'check and grading pass'} it over."
        for module, file in files().items()
    ]


def _owner(module: str) -> str:
    return "Python's module" if module in sys.stdlib_module_names else "the library"


class _PythonsOwn:
    """Finds modules of Python and of libraries everywhere but in the kit's folders."""

    @staticmethod
    def find_spec(name: str, parts: object = None, target: object = None) -> object:
        if parts is not None or not _is_taken(name):
            return None
        return PathFinder.find_spec(name, [entry for entry in sys.path if not _is_the_kits(entry)])


def _is_the_kits(entry: object) -> bool:
    places = (path.normcase(path.realpath(place)) for place in (KIT, PACKAGE))
    return path.normcase(path.realpath(str(entry))) in places


def find_pythons_own() -> None:
    """Let names that such files hide lead to Python's modules, also where one is imported."""
    hidden = files()
    if not hidden:
        return
    sys.meta_path.insert(0, _PythonsOwn)  # type: ignore[arg-type]
    for module, file in hidden.items():
        folder = path.dirname(getattr(sys.modules.get(module), "__file__", None) or path.devnull)
        if _is_the_kits(folder) or folder == path.join(KIT, module):
            del sys.modules[module]
            print(f"Restart the kernel after renaming {file}: this notebook has imported it.")
    print(*sentences(), sep="\n")
