"""Which files of a hand-in grading reads, by name and size: the rule for packing and for grading.

Read is what student code may import or open: the student's modules, the model, and, in any folder,
Python files and small data files of the student's own.
"""

from __future__ import annotations

import sys

from cs231n_utils.exercises import MODULES
from cs231n_utils.imports.hidden_modules import IN_GRADING

PACKAGE = "cs231n_utils"
MODEL_FILE = "best_model.npz"
STUDENT_MODULES = frozenset(f"{PACKAGE}/{module}.py" for module in MODULES)
MAX_FILE = 2 << 20  # bytes; a student module has about 10 kB, a model for CIFAR-10 250 kB
MAX_TOTAL = 8 << 20  # bytes of all files
MAX_FILES = 100  # files that are read
MAX_ENTRIES = 2_000  # files and folders that are looked at
MAX_DEPTH = 3  # folders in folders
MAX_NAME = 120  # bytes; file systems take 255 for each part
DATA = (
    ".npy",
    ".npz",
    ".txt",
    ".csv",
    ".tsv",
    ".dat",
    ".json",
    ".jsonl",
    ".pkl",
    ".pickle",
    ".toml",
    ".yaml",
    ".yml",
    ".xml",
)
# Folders of installed or generated code. They hold nothing of the student's own, and could fill the
# caps.
JUNK = frozenset(("__pycache__", "__MACOSX", "node_modules", "site-packages", "dist-packages"))
ENVIRONMENT = "pyvenv.cfg"  # marks the folder of a virtual environment, whatever it is called
# A module of such a name beside the notebooks would hide one that grading, NumPy or the student
# needs.
_TAKEN_NAMES = sys.stdlib_module_names | {*IN_GRADING, PACKAGE}


def wanted(name: str) -> bool:
    """Whether student code might import or open a file of this name: Python files and data, but
    nothing that tools leave behind.

    name : the path inside the kit, with "/"
    """
    *folders, file = name.split("/")
    return (
        file.endswith((".py", *DATA))
        and name != "requirements.txt"
        and len(folders) <= MAX_DEPTH
        and not file.startswith("._")  # what a Mac puts beside each file
        and not any(
            folder in JUNK or (folder.startswith(".") and folder.strip(".")) for folder in folders
        )
    )


def accepted(name: str) -> bool:
    """Whether a name is harmless, and cannot be that of a folder that another file needs."""
    *folders, file = name.split("/")
    stem, _, suffix = file.rpartition(".")
    return (
        len(name.encode(errors="replace")) <= MAX_NAME
        and name.isprintable()
        and all(folder.strip() and "." not in folder for folder in folders)
        and (stem.isidentifier() if suffix == "py" else bool(stem.strip(". ")))
    )


def essential(name: str) -> bool:
    """Whether a file is the model or in the package; such files are read before all others."""
    return name == MODEL_FILE or name.startswith(f"{PACKAGE}/")


def hidden_library(name: str) -> str:
    """The library that a Python file beside the notebooks, or in a folder there, would hide; "" if
    it hides none.
    """
    first, _, rest = name.partition("/")
    module = first if rest else first.removesuffix(".py")
    is_helper = name.endswith(".py") and not (rest and first == PACKAGE)
    return module if is_helper and module in _TAKEN_NAMES else ""
