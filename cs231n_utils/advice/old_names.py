"""Names and spellings of Python 2, and of other versions of NumPy, with what to write instead.

Type and text of an exception may be a student's invention: they are only compared with patterns,
and nothing of them enters the advice.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

import numpy as np

_PYTHON_2 = {
    "basestring": "str",
    "cPickle": "pickle",
    "cmp": "(a > b) - (a < b)",
    "execfile": "exec(open(name).read())",
    "file": "open",
    "has_key": "key in dictionary",
    "ifilter": "filter",
    "imap": "map",
    "iteritems": "items",
    "iterkeys": "keys",
    "itervalues": "values",
    "izip": "zip",
    "izip_longest": "zip_longest",
    "long": "int",
    "raw_input": "input",
    "reduce": "from functools import reduce",
    "reload": "from importlib import reload",
    "unichr": "chr",
    "unicode": "str",
    "xrange": "range",
}
# What the text of a SyntaxError, with the line behind it, holds, and what Python 3 writes.
_PYTHON_2_SYNTAX = [
    (r"Missing parentheses in call to 'print'|: print\b *(>>|[^(=.\s])", "print(...)"),
    (r"Missing parentheses in call to 'exec'", "exec(...)"),
    (r": except +[\w.]+ *, *[a-z_]\w* *:", "except SomeError as error:"),
    (r": except *\(.*\) *, *\w+ *:", "except (SomeError, OtherError) as error:"),
    (r": raise +[\w.]+ *, *\S", "raise SomeError(text)"),
    (r"leading zeros in decimal integer literals", "0o755"),
    (r": [^#\"']*<>", "!="),
    (r"invalid decimal literal: .*\b\d+[lL]\b", "the number without L"),
    (r": [^#\"']*\b[uU][rR][\"']", "r in front of the quotes, without u"),
    (r"invalid syntax: [^#\"']*`[^`]*`", "repr(...)"),
    (r"Lambda expression parameters cannot be parenthesized", "lambda pair: pair[0] + pair[1]"),
    (
        r"Function parameters cannot be parenthesized",
        "one name, and take it apart in the first line",
    ),
]
_MODULES_OF_PYTHON_2 = {
    ("os", "getcwdu"): "os.getcwd",
    ("string", "join"): "separator.join(list)",
    ("string", "letters"): "string.ascii_letters",
    ("string", "lowercase"): "string.ascii_lowercase",
    ("string", "maketrans"): "str.maketrans",
    ("string", "uppercase"): "string.ascii_uppercase",
    ("sys", "maxint"): "sys.maxsize",
    ("time", "clock"): "time.perf_counter",
}
_METHODS_OF_PYTHON_2 = {
    "decode": "the text as it is: only bytes are decoded",
    "func_code": "__code__",
    "func_defaults": "__defaults__",
    "func_name": "__name__",
    "im_func": "__func__",
    "im_self": "__self__",
    "next": "next(iterator)",
}
# For the type and the text of exceptions where Python 2 gave lists, and whole numbers.
_MEANINGS = [
    (
        r"'(dict_keys|dict_values|dict_items|map|zip|filter|range)' object (is not subscriptable"
        r"|does not support item|has no len)|has no attribute 'sort'.*(dict_|range)"
        r"|of type '(map|zip|filter)' has no len|: '(range|dict_keys|map|zip)' and 'list'"
        r"|can only concatenate list \(not \"(range|dict_\w+|map|zip)\"\)",
        "In Python 3 that is no list (in Python 2 it was one): write list(...) around it.",
    ),
    (
        r"indices must be integers or slices, not float|slice indices must be integers",
        "In Python 3, / gives a float even for whole numbers: write // for a place in a list.",
    ),
    (
        r"'float' object cannot be interpreted as an integer",
        "A count must be a whole number: // divides without a rest, / gives a float.",
    ),
    (
        r"'cmp' is an invalid keyword|sort\(\) takes no positional arguments",
        "That is Python 2: write key=... in the place of cmp.",
    ),
]

# Names that NumPy 2 has dropped, and what every version has.
_DROPPED = {
    "AxisError": "np.exceptions.AxisError",
    "ComplexWarning": "np.exceptions.ComplexWarning",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "NINF": "-np.inf",
    "NaN": "np.nan",
    "PINF": "np.inf",
    "RankWarning": "np.exceptions.RankWarning",
    "VisibleDeprecationWarning": "np.exceptions.VisibleDeprecationWarning",
    "alltrue": "np.all",
    "asfarray": "np.asarray(a, dtype=float)",
    "asscalar": "a.item()",
    "bool": "bool",
    "byte_bounds": "np.lib.array_utils.byte_bounds",
    "cast": "np.asarray(a, dtype)",
    "cfloat": "np.complex128",
    "clongfloat": "np.clongdouble",
    "complex": "complex",
    "complex_": "np.complex128",
    "cumproduct": "np.cumprod",
    "disp": "print",
    "find_common_type": "np.result_type",
    "float": "float",
    "float_": "np.float64",
    "in1d": "np.isin",
    "infty": "np.inf",
    "int": "int",
    "int0": "np.intp",
    "issctype": "issubclass(t, np.generic)",
    "issubclass_": "issubclass",
    "issubsctype": "np.issubdtype",
    "longcomplex": "np.clongdouble",
    "longfloat": "np.longdouble",
    "mat": "np.asarray",
    "math": "math.log, with import math at the top",
    "maximum_sctype": "the type itself, such as np.float64",
    "msort": "np.sort(a, axis=0)",
    "obj2sctype": "np.dtype(t).type",
    "object": "object",
    "product": "np.prod",
    "rank": "a.ndim",
    "recfromcsv": "np.genfromtxt",
    "recfromtxt": "np.genfromtxt",
    "round_": "np.round",
    "row_stack": "np.vstack",
    "safe_eval": "ast.literal_eval",
    "sctype2char": "np.dtype(t).char",
    "sctypes": "the types themselves, such as np.float64",
    "set_string_function": "np.set_printoptions",
    "singlecomplex": "np.complex64",
    "sometrue": "np.any",
    "source": "inspect.getsource",
    "str": "str",
    "string_": "np.bytes_",
    "trapz": "np.sum((y[1:] + y[:-1]) / 2 * np.diff(x)), or np.trapezoid of NumPy 2",
    "typeDict": "np.dtype(name)",
    "unicode_": "np.str_",
    "who": "print(a.shape)",
}
# Names that NumPy 1 does not have yet, and what every version has.
_NEW = {
    "acos": "np.arccos",
    "asin": "np.arcsin",
    "astype": "a.astype(dtype)",
    "atan": "np.arctan",
    "atan2": "np.arctan2",
    "bitwise_count": "bin(number).count('1')",
    "concat": "np.concatenate",
    "cumulative_prod": "np.cumprod",
    "cumulative_sum": "np.cumsum",
    "isdtype": "np.issubdtype",
    "long": "np.int64",
    "matrix_transpose": "np.swapaxes(a, -1, -2)",
    "matvec": "np.einsum",
    "permute_dims": "np.transpose",
    "pow": "np.power",
    "trapezoid": "np.sum((y[1:] + y[:-1]) / 2 * np.diff(x))",
    "unique_values": "np.unique",
    "unstack": "tuple(a)",
    "vecdot": "np.sum(a * b, axis=-1)",
    "vecmat": "np.einsum",
}
# What arrays had, or never had, and what to write.
_OF_ARRAYS = {
    "append": "np.append(a, b), which gives a new array, or a list",
    "cpu": "the array itself",
    "detach": "the array itself",
    "itemset": "a[index] = value",
    "newbyteorder": "a.view(a.dtype.newbyteorder())",
    "numpy": "the array itself",
    "permute": "np.transpose(a, axes)",
    "tostring": "a.tobytes()",
    "unsqueeze": "a[:, None] or a[None, :]",
}
_NUMPYS = re.compile(r"module 'numpy' has no attribute '(\w+)'|`np\.(\w+)`|'(\w+)' from 'numpy'")
_PARTS_OF_NUMPY = re.compile(r"^module 'numpy\.([\w.]+)' has no attribute '(\w+)'")
_ARRAYS = re.compile(r"^'numpy\.ndarray' object has no attribute '(\w+)'")
_NAMED = re.compile(
    r"^name '(\w+)' is not defined|'dict' object has no attribute '(\w+)'"
    r"|^cannot import name '(\w+)' from '(?:itertools|string|collections)'"
)
_IN_MODULES = re.compile(
    r"^module '(\w+)' has no attribute '(\w+)'|^cannot import name '(\w+)' from '(\w+)'"
)
_METHODS = re.compile(
    r"^'(?:str|function|method|generator|\w*iterator|\w*reader|_io\.\w+|enumerate|zip|map|filter)'"
    r" object has no attribute '(\w+)'"
)


def instead(type_name: str, text: str) -> str:
    """What to write in the place of an old name, or of a new one, after this exception; "" for
    others.
    """
    if type_name == "SyntaxError":
        new = next((new for pattern, new in _PYTHON_2_SYNTAX if re.search(pattern, text)), "")
        return f"That is Python 2: write {new}." if new else ""
    if type_name == "TypeError":
        if re.search(r"operand type\(s\) for >>: 'builtin_function_or_method'", text):
            return "That is Python 2: write print(..., file=...)."
        return next((new for pattern, new in _MEANINGS if re.search(pattern, text)), "")
    if type_name not in ("AttributeError", "ImportError", "NameError"):
        return ""
    return (type_name != "NameError" and _of_numpy(text)) or _of_python_2(text)


def in_some_numpy(name: str) -> str:
    """What every NumPy has in the place of np.<name>, if some versions lack that name; else ""."""
    if name in dir(np):
        return _DROPPED.get(name, _NEW.get(name, ""))
    return ""


def _of_numpy(text: str) -> str:
    """Advice on a name that NumPy lacks. Names that are proposed are NumPy's own."""
    if found := _NUMPYS.search(text):
        name = found[1] or found[2] or found[3]
        if name in _DROPPED:
            return f"NumPy has dropped that name: write {_DROPPED[name]}."
        if name in _NEW:
            return f"That name is new in NumPy 2: write {_NEW[name]}, which every version has."
        near = get_close_matches(name, _public(np), n=1, cutoff=0.8)
        return f"NumPy has no such function. Did you mean np.{near[0]}?" if near else ""
    if found := _PARTS_OF_NUMPY.search(text):
        part: object = np
        for step in found[1].split("."):
            part = getattr(part, step, None)
        near = get_close_matches(found[2], _public(part), n=1, cutoff=0.7)
        if found[1].startswith(("lib", "core", "_core")) and found[2] in _public(np):
            return f"That part of NumPy is not for use: write np.{found[2]}."
        return f"Did you mean np.{found[1]}.{near[0]}?" if near and part is not None else ""
    if found := _ARRAYS.search(text):
        name = found[1]
        if name in _OF_ARRAYS:
            return f"Arrays have no such method: write {_OF_ARRAYS[name]}."
        if name in _public(np):
            return f"That is a function of NumPy, and no method of arrays: write np.{name}(a)."
        near = get_close_matches(name, _public(np.ndarray), n=1, cutoff=0.7)
        return f"Did you mean .{near[0]}?" if near else ""
    return ""


def _public(owner: object) -> list[str]:
    return [name for name in dir(owner) if not name.startswith("_")]


def _of_python_2(text: str) -> str:
    new = ""
    if found := _NAMED.search(text):
        new = _PYTHON_2.get(found[1] or found[2] or found[3], "")
    elif found := _IN_MODULES.search(text):
        new = _MODULES_OF_PYTHON_2.get((found[1] or found[4], found[2] or found[3]), "")
    elif found := _METHODS.search(text):
        new = _METHODS_OF_PYTHON_2.get(found[1], "")
    return f"That is Python 2: write {new}." if new else ""
