"""What students leave in their files: a file for each kind, and what they are told of it, by check
and by grading alike.
"""

from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np

RIGHT = "import numpy as np\n\n\ndef rel_error(x, y):\n    return 0.0\n"


def _above(lines: str) -> bytes:
    return f"{lines}\n{RIGHT}".encode()


def _inside(*lines: str) -> bytes:
    body = "".join(f"    {line}\n" for line in lines)
    return f"import numpy as np\n\n\ndef rel_error(x, y):\n{body}    return 0.0\n".encode()


_COMMAND = "is a command of notebooks"
_TERMINAL = "is a command for a terminal"
_MERGE = "is the mark of a merge that is not finished"
_KEYBOARD = "input() waits for a keyboard"
_BREAKPOINT = "A breakpoint() or set_trace() stands right before that line"
_LOOKS_LIKE = "That character only looks like one of Python's"
_SPACES = "Use four spaces a level and no tab"
_NEEDS = "That needs Python 3.12 or newer."

# Kind -> the content of the file that holds rel_error, and words of what is said.
SOURCES: dict[str, tuple[bytes, str]] = {
    "line magic": (_above("%matplotlib inline"), _COMMAND),
    "cell magic": (_above("%%time"), _COMMAND),
    "magic in a function": (_inside("t = %timeit -o np.sum(x)"), _COMMAND),
    "help": (_above("np.sum?"), _COMMAND),
    "shell": (_above("!pip install numpy"), _TERMINAL),
    "shell with a result": (_above("files = !ls"), _TERMINAL),
    "pip": (_above("python -m pip install numpy"), _TERMINAL),
    "a notebook's prompt": (_above("In [3]: import os"), "begins with the prompt"),
    "a terminal's prompt": (_above(">>> import os"), "begins with the prompt"),
    "output": (_above("iteration 100 / 1500: loss 2.302585"), "reads like printed output"),
    "output of an array": (_above("array([[1., 2.]])"), "made by np.array(...)"),
    "Out": (_above("Out[3]: array([1])"), "lines that are a notebook's output"),
    "a notebook": (b'{"cells": [], "execution_count": null}', "Python writes None"),
    "Markdown": (_above("```python"), "marks code in a chat or in Markdown"),
    "a web page": (b"<!DOCTYPE html>\n<html></html>\n", "The file holds a web page"),
    "get_ipython": (_above("get_ipython().run_line_magic('time', '')"), "in notebooks only"),
    "input": (_inside("n = input('how many? ')"), _KEYBOARD),
    "input at import": (_above("n = input()"), _KEYBOARD),
    "breakpoint": (_inside("breakpoint()"), _BREAKPOINT),
    "pdb": (_inside("import pdb; pdb.set_trace()"), _BREAKPOINT),
    "a merge": (_above("<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> theirs"), _MERGE),
    "a merge in a block": (_inside("if x:\n<<<<<<< HEAD\n        x = 1"), _MERGE),
    "the end of a merge": (_above(">>>>>>> 1a2b3c4"), _MERGE),
    "UTF-16": (RIGHT.encode("utf-16"), "saved as UTF-16"),
    "UTF-16 without a mark": (RIGHT.encode("utf-16-le"), "saved as UTF-16"),
    "zero bytes": (RIGHT.encode() + bytes(3), "UTF-8"),
    "Latin-1": (_inside("print('Köpfe')").decode().encode("latin-1"), "not saved as UTF-8"),
    "an unknown encoding": (b"# coding: utf8mb4\n" + RIGHT.encode(), "name an encoding"),
    "curly quotes": (_inside("print(“x”)"), _LOOKS_LIKE),
    "a minus of a word processor": (_inside("x = 1 − 2"), _LOOKS_LIKE),
    "full-width brackets": (_inside("print（1）"), _LOOKS_LIKE),
    "tabs": (_inside("x = 1", "if y:").replace(b"    if y:", b"\tif y:\n\t\tpass"), _SPACES),
    "a block that ends elsewhere": (_inside("if x:", "    y = 1", "  z = 2"), _SPACES),
    "a circular import": (_above("from cs231n_utils.gradient_check import g"), "import each other"),
    "np.product": (_inside("np.product(x)"), "write np.prod."),
    "np.float": (_inside("np.float(x)"), "write float."),
    "np.math": (_inside("np.math.log(2)"), "math.log, with import math"),
    "np.lib": (_inside("np.lib.pad(x, 1)"), "write np.pad."),
    "np.AxisError": (_inside("np.AxisError"), "np.exceptions.AxisError"),
    "a method that arrays lack": (_inside("np.ones(3).exp()"), "write np.exp(a)."),
    "tostring": (_inside("np.ones(3).tolisst()"), "Did you mean .tolist?"),
    "a misspelt name": (_inside("np.maxium(x, 0)"), "Did you mean np.maximum?"),
    "print": (_inside("print x"), "That is Python 2: write print(...)."),
    "backticks": (_inside("s = `x`"), "That is Python 2: write repr(...)."),
    "<>": (_inside("if x <> y: pass"), "That is Python 2: write !=."),
    "except E, e": (
        _inside("try:\n        pass\n    except ValueError, e:\n        pass"),
        "That is Python 2: write except SomeError as error:",
    ),
    "a tuple argument": (_above("f = lambda (a, b): a"), "That is Python 2: write lambda pair"),
    "sys.maxint": (_inside("import sys; sys.maxint"), "That is Python 2: write sys.maxsize."),
    "next": (_inside("iter([1]).next()"), "That is Python 2: write next(iterator)."),
    "keys as a list": (_inside("{1: 2}.keys()[0]"), "write list(...) around it"),
    "range as a list": (_inside("r = range(3) + [1]"), "write list(...) around it"),
    "/ as a place": (_inside("[1, 2][2 / 2]"), "write // for a place"),
    "/ as a count": (_inside("range(4 / 2)"), "// divides without a rest"),
    "quotes in an f-string": (_inside("s = f'{x['a']}'"), _NEEDS),
    "an f-string of two lines": (_inside("s = f'{x\n}'"), _NEEDS),
    "a comment in an f-string": (_inside("s = f'''{x # x\n}'''"), _NEEDS),
    "type": (_above("type X = int"), _NEEDS),
    "generics": (_above("def f[T](x: T) -> T: return x"), _NEEDS),
    "batched": (_inside("from itertools import batched; batched([x], 1)"), "came with Python 3.12"),
}
# What only a newer Python than 3.11 takes: of these, newer ones say what 3.11 does.
NEWER = ("quotes in an f-string", "an f-string of two lines", "a comment in an f-string")
NEWER += ("type", "generics", "batched")
# Names that NumPy 1 still has.
OF_NUMPY_1 = ("np.product", "np.math", "np.lib", "np.AxisError")


def _saved(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _array(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _zip(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


W = np.ones((65, 10))
# Kind -> the content of best_model.npz, and words of what is said.
MODELS: dict[str, tuple[bytes, str]] = {
    "np.save": (_array(W), "is one array of np.save, under another name"),
    "a pickle": (pickle.dumps({"W": W}), "is a pickle"),
    "a zip of a text": (_zip("W.txt", b"1 2"), "is a zip file of other files (W.txt)"),
    "a zip of the model": (_zip("best_model.npz", _saved(W=W)), "is a zip file of other files"),
    "PyTorch's": (_zip("archive/data.pkl", b""), "is a zip file of other files"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(99), "is an HDF5 file"),
    "text": (b"1.0 2.0\n3.0 4.0\n", "is plain text"),
    "a web page": (b"\n<!DOCTYPE html>", "is a web page"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\n", "is what Git LFS puts"),
    "nothing": (b"", "is empty"),
    "other bytes": (bytes(range(200, 240)), "is a file of another kind"),
    "objects": (_saved(W=np.array([None])), "holds Python objects in W"),
    "cut off": (_saved(W=W)[:2000], "is cut off or damaged"),
    "another name": (_saved(weights=W), "has no array W (found: weights)"),
}
# How a student's file may be called, and words of what is said.
NAMES: dict[str, str] = {
    "gradient_check.py.txt": "Rename it to cs231n_utils/gradient_check.py",
    "gradient_check (1).py": "Rename it to cs231n_utils/gradient_check.py",
    "gradient_check - Copy.py": "Rename it to cs231n_utils/gradient_check.py",
    "gradientcheck.py": "Rename it to cs231n_utils/gradient_check.py",
    "Gradient_Check.py": "Rename it to cs231n_utils/gradient_check.py",
    "gradient_chek.py": "Rename it to cs231n_utils/gradient_check.py",
    "gradient_check.py.py": "Rename it to cs231n_utils/gradient_check.py",
    "gradient_check": "Rename it to cs231n_utils/gradient_check.py",
    "gradient_check.ipynb": "copy your functions out of its cells",
    "gradient_check.pyc": "gradient_check.py itself is needed",
    "../gradient_check.py": "Move it to cs231n_utils/gradient_check.py",
}
