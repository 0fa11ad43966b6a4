"""Names and spellings of Python 2, and of other versions of NumPy, with what to write instead.

Type and text of an exception may be a student's invention: they are only compared with patterns,
and nothing of them enters the advice.
"""

from __future__ import annotations

import re

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
]

# Names that NumPy 2 has dropped, and what every version has.
_DROPPED = {
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "NaN": "np.nan",
    "NINF": "-np.inf",
    "PINF": "np.inf",
    "alltrue": "np.all",
    "asfarray": "np.asarray(a, dtype=float)",
    "asscalar": "a.item()",
    "bool": "bool",
    "byte_bounds": "np.lib.array_utils.byte_bounds",
    "cast": "np.asarray(a, dtype)",
    "complex": "complex",
    "complex_": "np.complex128",
    "cumproduct": "np.cumprod",
    "float": "float",
    "float_": "np.float64",
    "in1d": "np.isin",
    "infty": "np.inf",
    "int": "int",
    "int0": "np.intp",
    "longfloat": "np.longdouble",
    "mat": "np.asarray",
    "msort": "np.sort(a, axis=0)",
    "object": "object",
    "product": "np.prod",
    "row_stack": "np.vstack",
    "singlecomplex": "np.complex64",
    "sometrue": "np.any",
    "str": "str",
    "trapz": "np.sum((y[1:] + y[:-1]) / 2 * np.diff(x)), or np.trapezoid of NumPy 2",
    "unicode_": "np.str_",
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
_NUMPYS = re.compile(r"module 'numpy' has no attribute '(\w+)'|`np\.(\w+)`|'(\w+)' from 'numpy'")
_NAMED = re.compile(
    r"^name '(\w+)' is not defined|'dict' object has no attribute '(\w+)'"
    r"|^cannot import name '(\w+)' from '(?:itertools|string|collections)'"
)


def instead(type_name: str, text: str) -> str:
    """What to write in the place of an old name, or of a new one, after this exception; "" for
    others.
    """
    if type_name == "SyntaxError":
        for pattern, new in _PYTHON_2_SYNTAX:
            if re.search(pattern, text):
                return f"That is Python 2: write {new}."
        return ""
    if type_name in ("AttributeError", "ImportError") and (found := _NUMPYS.search(text)):
        name = found[1] or found[2] or found[3]
        if name in _DROPPED:
            return f"NumPy has dropped that name: write {_DROPPED[name]}."
        if name in _NEW:
            return f"That name is new in NumPy 2: write {_NEW[name]}, which every version has."
    if type_name in ("NameError", "AttributeError", "ImportError") and (
        found := _NAMED.search(text)
    ):
        name = found[1] or found[2] or found[3]
        if name in _PYTHON_2:
            return f"That is Python 2: write {_PYTHON_2[name]}."
    if type_name == "TypeError" and re.search(
        r"operand type\(s\) for >>: 'builtin_function_or_method'", text
    ):
        return "That is Python 2: write print(..., file=...)."
    return ""
